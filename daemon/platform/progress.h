#pragma once
/*
 * platform/progress: what is kept of a platform's source between polls, as bytes that nobody else reads: where it goes on, what it
 * has spent, who it is (sealed). Committed with what the poll found.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/auth.h"
#include "platform/budget.h"

struct arena;
struct buf;
struct params;

enum { PROGRESS_MAX_BYTES = 80 * 1024, PROGRESS_AGAIN_MAX = 8 /* steps of one source */ };

/* Of what came so long ago the counts were read again, up to that id of the stream. */
struct progress_again {
	int64_t age_ms, at_ms;
	uint64_t at_seq;
};

struct progress {
	uint64_t signature; /* params_signature(): of other parameters, nothing of it holds but what was spent */
	const char *cursor; /* NULL: none */
	int64_t since_ms;   /* when the last whole poll began; TIME_NONE */
	bool behind;        /* the last poll was halted, or ended between two pages (platform/course) */
	struct budget_spent spent;
	struct auth_token token;
	struct budget_spent spent_lookup; /* where lookups are counted apart */
	struct progress_again again[PROGRESS_AGAIN_MAX];
	size_t n_again;
};

void progress_put(struct buf *b, const struct params *params, const struct progress *p);
/* Always leaves something in ret: what can't be read begins anew. False: it was asked for something else before, or for nothing. */
bool progress_get(const struct params *params, const char *bytes, size_t len, struct arena *a, struct progress *ret);
