#pragma once
/*
 * mention/source_state: what is kept of a source between polls: written by source/, stored by store/, which may not see
 * each other.
 *
 * Texts are borrowed, or of the arena that the record was read into; NULL: not known. Times are wall milliseconds,
 * TIME_NONE: never.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mention/answer.h"
#include "mention/outbox_row.h"

struct source_state {
	const char *name; /* the key: [a-z0-9_-]+, or LIST/hash for a feed of a list */
	const char *platform;
	const char *
		address; /* where it is asked now (a permanent redirect followed up, a list's entry); NULL: as configured */
	const char *title;                /* what it calls itself */
	const char *etag, *last_modified; /* opaque, to be sent back to the letter */
	uint64_t body_hash;               /* of the last body that was read; 0: none */
	enum identity_policy identity;
	bool baselined;                   /* its first poll is committed */
	bool gone;                        /* 410: not asked any more */
	int64_t polled_ms, ok_ms, new_ms; /* last asked; last answered well; last showed something new */
	int64_t next_ms;                  /* when it is due */
	uint32_t failures;                /* in a row */
	const char *error; /* class of the last failure ("timeout", "tls", "http_404", "ssrf_blocked"); NULL: none */
	const char *error_detail;
	const char *habits; /* what source/ has learnt of it and wants to know again: its own bytes (source/habits) */
	size_t habits_len;
};

/* Of a poll that ended well and found nothing else than the one before: when it was, and when the next is due. */
struct source_mark {
	const char *name;
	int64_t ok_ms, next_ms;
};

/* One line of the coverage ledger: a time in which something was not heard. The same kind and from_ms again is the same line:
 * with to_ms it is over, and stays so at the first end that it was given. */
struct deaf_mark {
	/* "unreachable", "silent", "changed", "field" of a source; "rule" of a rule; "down", "asleep", "paused" of escuchad */
	const char *kind;
	int64_t from_ms, to_ms;   /* wall; TIME_NONE: it isn't over */
	const char *why, *detail; /* class and detail, as of error above; NULL: the kind says it all */
};
enum { DEAF_MARKS_MAX = 3 }; /* of one poll: a kind that is over, another that begins; a field */

/* One poll's outcome, committed as one transaction: the state, and what the answer found. */
struct poll_outcome {
	struct source_state state;
	const struct answer *answer; /* NULL: nothing was read (304, an equal body, a failure) */
	int64_t now_ms;              /* wall time of the poll: last_shown of the keys */
	bool more;                   /* the answer is one part of what the source shows: no key is let go yet */
	struct deaf_mark deaf[DEAF_MARKS_MAX];
	size_t n_deaf;
	int64_t inbox; /* what was sent to us and is read with this: its row goes (store/inbox); 0: nothing was */
};

/* A hit that met more by what its counts became: m has the hits that it gained, each with the names that it had not. */
struct poll_gain {
	const struct mention *m;
	size_t n_new; /* the first so many hits are of topics that it was no mention of */
};

/* What became of it. */
struct poll_result {
	size_t new_mentions, edited, hits, doubles; /* doubles: known already through another source */
	size_t raised;  /* hits that met further rules by what their counts became, and entered the stream once more */
	size_t counted; /* items whose counts are told; they may be as they were */
	struct poll_gain *gained; /* those that were raised; borrowed as entered is */
	size_t n_gained;
	struct stream_id last;          /* of its hits; {0, 0}: none */
	const struct mention **entered; /* these hits, as they entered; borrowed for the answer's callback */
	size_t n_entered;
	struct arena *arena; /* the log's: of what entered */
};
