#include "store/sql.h"

#define SQL_TEXT(name, text) [SQL_##name] = text,
const char *const sql_text[SQLS] = {SQL_TABLE(SQL_TEXT)};
