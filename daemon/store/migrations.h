#pragma once
/*
 * store/migrations: what each version of the log added to the one before, as SQL. One that was released is never edited:
 * what it lacks is the next one's.
 *
 * Static; for store/schema alone.
 */
#include <stddef.h>

size_t migrations_count(void);
/* From version n to n + 1; n < migrations_count(). */
const char *migration_sql(size_t n);
