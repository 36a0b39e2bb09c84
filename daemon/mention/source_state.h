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
	const char *name;     /* the key: [a-z0-9_-]+, or LIST/hash for a feed of a list */
	const char *platform;
	const char *address;  /* where it is asked now (a permanent redirect followed up, a list's entry); NULL: as configured */
	const char *title;    /* what it calls itself */
	const char *etag, *last_modified; /* opaque, to be sent back to the letter */
	uint64_t body_hash;   /* of the last body that was read; 0: none */
	enum identity_policy identity;
	bool baselined;       /* its first poll is committed */
	bool gone;            /* 410: not asked any more */
	int64_t polled_ms, ok_ms, new_ms; /* last asked; last answered well; last showed something new */
	int64_t next_ms;      /* when it is due */
	uint32_t failures;    /* in a row */
	const char *error;    /* class of the last failure ("timeout", "tls", "http_404", "ssrf_blocked"); NULL: none */
	const char *error_detail;
};

/* One poll's outcome, committed as one transaction: the state, and what the answer found. */
struct poll_outcome {
	struct source_state state;
	const struct answer *answer; /* NULL: nothing was read (304, an equal body, a failure) */
	int64_t now_ms;              /* wall time of the poll: last_shown of the keys */
	bool more;                   /* the answer is one part of what the source shows: no key is let go yet */
};

/* What became of it. */
struct poll_result {
	size_t new_mentions, edited, hits, doubles; /* doubles: known already through another source */
	struct stream_id last;                      /* of its hits; {0, 0}: none */
	const struct mention *const *entered;       /* these hits, as they were matched; borrowed for the answer's callback */
	size_t n_entered;
};
