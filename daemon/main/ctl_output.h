#pragma once
/*
 * main/ctl_output: what people read on a terminal: columns by display width, local times, words in colour.
 *
 * Whatever comes from outside is cleaned before it is shown: no control, no escape sequence, no bidirectional override
 * reaches the terminal. Blocks: writes to standard output.
 */
#include <stddef.h>
#include <stdint.h>

#include "main/ctl.h"

struct buf;
struct json_t;

enum { TABLE_COLUMNS_MAX = 10, TABLE_ROWS_MAX = 200 * 1000, TABLE_CELL_MAX_BYTES = 4096 };

struct table;
struct table *table_new(size_t n_columns) must_use;
struct table *table_free(struct table *t); /* NULL is fine; returns NULL */
/* n_columns texts, copied and cleaned; NULL is "-". Past TABLE_ROWS_MAX it does nothing. */
void table_row(struct table *t, const char *const cells[]);
#define TABLE_ROW(t, ...) table_row((t), (const char *const[]){__VA_ARGS__})
/* The first row is the head where there are more than two columns. The last column is not padded; on a terminal it is wrapped
 * to what is left, or, where that is too little (a phone's 40 columns), the cells of a row stand below each other. */
void table_print(const struct table *t, struct buf *out);

size_t text_width(const char *s);                          /* columns on a terminal; what can't be shown has none */
void text_clean(struct buf *b, const char *s, size_t len); /* line breaks and tabs become a space */

/* "2026-11-22 10:00:00" in c's zone, of RFC 3339; "-" for NULL or what is no time. To be freed. */
char *local_time(const struct ctl *c, const char *rfc3339) must_use;
void local_zone(const struct ctl *c);                       /* once, before local_time() */
int rfc3339_parse(const char *s, int64_t *ret_ms) must_use; /* 1: it is no time as escuchad writes them */

/* "2 d 3 h", "3 h 20 min", "25 min". To be freed. */
char *time_for(const struct ctl *c, int64_t ms) must_use;

/* What a tone's label is called: negative, neutral or positive. */
enum text_id tone_text(const char *label);
/* One hit or mention for people, over some lines; its words marked where c->colour. */
void hit_print(const struct ctl *c, const struct json_t *hit, struct buf *out);

/* A text of an answer; NULL where it has none. */
const char *said_in(const struct json_t *object, const char *key);
/* A source of status' "deaf": its name, since when, if it was ever heard, and why. To be freed. */
char *deaf_words(const struct ctl *c, const struct json_t *deaf) must_use;

/* What the items of a source, or of one of status' "lacking", used to have, in words; NULL: they have it. To be freed. */
char *lacking_words(const struct ctl *c, const struct json_t *source) must_use;

void json_print(const struct json_t *json); /* on one line */
void findings_print(const struct json_t *findings); /* of a reload's answer, on standard error, a line each */
