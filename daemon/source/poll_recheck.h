#pragma once
/*
 * source/poll_recheck: what the files share that ask for the counts of hits once more; nobody else includes it.
 *
 *   poll_recheck.c  what is due, what may be spent, which are next
 *   poll_lookup.c   asks for them, reads what is said, finds the one that is refused
 *   poll_judge.c    what has changed, and what that gains
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mention/again.h"
#include "pool/pool.h"

struct answer;
struct arena;
struct poll;

enum {
	RECHECK_REQUESTS_MAX = 10, /* of one poll */
	RECHECK_SORT_MAX =
		14, /* … and so many more to find an id that its platform refuses: twice the halvings of PLATFORM_IDS_MAX */
	RECHECK_TEXTS_MAX_BYTES = 64 << 20,
};

struct poll_recheck {
	struct arena *arena; /* of due */
	struct again_ask ask;
	struct again_due due;
	size_t at, n;  /* of due: the batch that is asked for */
	size_t upto;   /* of due: what was refused together ends there, and is asked for in parts; <= at: nothing was */
	size_t within; /* … the least part of it that was: it holds one that is; <= at: none is known to */
	size_t sorted; /* requests that came of that */
	struct mention *then; /* of the batch those whose counts have changed, as the log has them */
	size_t n_changed;
	int status;    /* of the answer that is being read */
	bool reserved; /* what the batch may cost is set aside */
	bool over;     /* the commit that runs is the last */
	size_t changed, refused;
};

/* poll_recheck.c */
void poll_recheck_settle(struct poll *p, int64_t items);
void poll_recheck_give_up(struct poll *p, const char *class_name, const char *detail);
void poll_recheck_batch_done(struct poll *p);
void poll_recheck_next(struct poll *p);

/* poll_lookup.c */
void poll_lookup_ask(struct poll *p); /* for the batch */
/* The answer to a job; NULL: it was none, and that is done with. */
struct answer *poll_lookup_answer(struct poll *p, enum pool_outcome outcome, const char *bytes, size_t len,
				  struct arena *arena);

/* poll_judge.c: takes what it needs of answer, and goes on with poll_recheck_batch_done(). */
void poll_judge_counts(struct poll *p, const struct answer *answer);
