#pragma once
/*
 * mention/body_job: FRAME_BODY: a document of escuchad's own (a notice), of which a program of a map makes what is sent to a
 * channel. A reader does it, since libjq aborts on some data, and a notice quotes strangers.
 *
 * Bounds: BODY_JOB_MAX_BYTES of a document; what is made is JSON of at most BODY_MADE_MAX_BYTES.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct arena;
struct buf;

enum { BODY_JOB_MAX_BYTES = 512 * 1024, BODY_MADE_MAX_BYTES = 512 * 1024, BODY_WHY_MAX_BYTES = 300 };

struct job_body {
	const char *map, *program; /* of the load's */
	const char *ctx;           /* $ctx: a JSON object, never with a secret in it */
	const char *document;      /* JSON */
};
void job_body_put(struct buf *b, const struct job_body *job);
int job_body_get(const char *bytes, size_t len, struct arena *a, struct job_body *ret) must_use; /* ANSWER_E_FORMAT */

/* FRAME_MADE: JSON, or (made false) why there is none, in short English. */
void body_made_put(struct buf *b, bool made, const char *text, size_t len);
int body_made_get(const char *bytes, size_t len, bool *ret_made, const char **ret_text, size_t *ret_len) must_use;
