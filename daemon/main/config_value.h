#pragma once
/*
 * main/config_value: values that more than one part of the configuration has.
 */
#include "base/schema.h"

extern const char *const config_languages[]; /* by enum text_lang; NULL at the end */
schema_decode_fn config_decode_timezone;     /* const char *: a name of the tz database */
schema_decode_fn config_decode_date;         /* int64_t: days since 1970-01-01 */
