#pragma once
/*
 * base/diag: what a person must mend: findings with file, line and column, told in that person's language.
 *
 * All findings of a run are collected, not only the first (at most DIAG_MAX are kept, all are counted). A finding keeps
 * the number of its text and its arguments, so that it can be rendered late, when the language is known, or in another
 * process (diag_write, diag_read).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/text.h"

enum { DIAG_MAX = 500, DIAG_ARGS = 4 };

enum diag_severity { DIAG_ERROR, DIAG_WARNING, DIAG_NOTE };

struct diag_pos {
	const char *file; /* as the user named it; NULL: no file */
	uint32_t line, column; /* from 1; 0: unknown. Columns count code points */
};

struct finding {
	enum diag_severity severity;
	struct diag_pos pos;
	char *key; /* the key in question, "sources[2].every"; NULL: none */
	enum text_id text;
	char *args[DIAG_ARGS]; /* NULL behind the last */
	char *guess;           /* did you mean; NULL: no near miss */
};

struct diag;

struct diag *diag_new(void) must_use;
struct diag *diag_free(struct diag *d); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct diag, diag_free)

/* Everything is copied. key and guess may be NULL. d may be NULL: then nobody listens. */
void diag_add(struct diag *d, enum diag_severity severity, struct diag_pos pos, const char *key, const char *guess,
	      enum text_id text, const char *const args[]);
#define diag_error(d, pos, key, guess, text, ...)                                                                      \
	diag_add((d), DIAG_ERROR, (pos), (key), (guess), (text), TEXT_ARGS(__VA_ARGS__))
#define diag_warning(d, pos, key, guess, text, ...)                                                                    \
	diag_add((d), DIAG_WARNING, (pos), (key), (guess), (text), TEXT_ARGS(__VA_ARGS__))
#define diag_note(d, pos, key, guess, text, ...)                                                                       \
	diag_add((d), DIAG_NOTE, (pos), (key), (guess), (text), TEXT_ARGS(__VA_ARGS__))

size_t diag_count(const struct diag *d, enum diag_severity severity); /* those past DIAG_MAX too */
size_t diag_len(const struct diag *d);                                /* those kept */
const struct finding *diag_at(const struct diag *d, size_t i);
void diag_forget_notes(struct diag *d); /* who asks for something else needs no advice */
void diag_sort(struct diag *d); /* by file, line, column; stable */

/* "conf/escuchad.yaml:12:7: error: sources[2].every: …", control characters escaped, no newline. */
void diag_render(struct buf *b, const struct finding *f, enum text_lang lang);
void diag_print(const struct diag *d, FILE *to, enum text_lang lang);
void diag_json(struct buf *b, const struct diag *d, enum text_lang lang); /* an array of objects */

/* Over the border between the two programs; diag_read appends, and returns DIAG_E_FORMAT for what diag_write did not write. */
enum { DIAG_E_FORMAT = 1 };
void diag_write(struct buf *b, const struct diag *d);
int diag_read(struct diag *d, const char *bytes, size_t len) must_use;
