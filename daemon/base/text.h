#pragma once
/*
 * base/text: what people read, in their language, out of the catalogues conf/lang/{en,es}.yaml.
 *
 * The catalogues are compiled in (conf/lang/generate makes text_catalogue.{h,c} at build time), so that an error about a
 * missing file can still be told. `error-key: 'unknown key "{key}"'` becomes TEXT_ERROR_KEY, and its placeholders are
 * filled from the arguments in the order in which they first stand in en.yaml. '{n} {n|hit|hits}' is "1 hit", "2 hits".
 */
#include <stddef.h>

#include "base/err.h"
#include "text_catalogue.h" /* enum text_id, enum text_lang */

struct buf;

/* The language of a tag such as "es", "es_MX.UTF-8", "en"; any other is English. NULL asks the environment: LC_ALL,
 * LC_MESSAGES, LANG. */
enum text_lang text_lang_of(const char *tag);

void text_put(struct buf *b, enum text_lang lang, enum text_id id, const char *const args[], size_t n_args);

/* text_print(stdout, lang, TEXT_X, "a", "b"): with a newline where the text has none of its own. */
#define TEXT_ARGS(...) (const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL}
/* A new string, to be freed. args ends with NULL. */
char *text_make(enum text_lang lang, enum text_id id, const char *const args[]) must_use;
#define TEXT(lang, id, ...) text_make((lang), (id), TEXT_ARGS(__VA_ARGS__))

/* The template as it stands, placeholders and all: for texts without placeholders. */
const char *text_raw(enum text_lang lang, enum text_id id);

/* "8.5", "8,5": one digit behind it. A new string, to be freed. */
char *text_decimal(enum text_lang lang, double value) must_use;

/* What the system's error number means to a person. The text may have one placeholder: strerrordesc_np(). */
enum text_id text_of_errno(int error);
char *text_errno(enum text_lang lang, int error) must_use; /* a new string, to be freed */
