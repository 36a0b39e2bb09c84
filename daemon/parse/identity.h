#pragma once
/*
 * parse/identity: which of a feed's items are new, by keys that survive the next fetch (DESIGN §5, FAULTS F13).
 *
 * Steps:  an absolute-URI guid; the normalised link (both with an empty scope, so that two feeds agree); any other guid
 *         (scope: the feed's address); a hash of title and text (the same scope). IDENTITY_LINK trusts no guid, and
 *         IDENTITY_HASH nothing but the words.
 * Guards: a key that several different items of one feed carry is none for any of them: those go on to the next step. If
 *         on a later fetch nearly all looks new while the texts are known, the guids (or links) change at each fetch:
 *         the policy falls to the next that gives other keys, and nothing is told again.
 * Owner:  items are the caller's; nothing is kept. Pure: the same in, the same out. Linear in items and seen keys.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mention/answer.h"

struct job_feed;

enum {
	IDENTITY_MOVED_MIN = 3,    /* items of known text under unknown keys, at the least, before a policy falls */
	IDENTITY_NEW_PERCENT = 80, /* and more than that part of all items under unknown keys */
};

struct identity_item {
	/* in */
	const char *guid;     /* to the letter; NULL */
	const char *link;     /* absolute; NULL */
	bool empty;           /* neither title nor text: a hash of them says nothing */
	bool given;           /* key.id is the item's own already (an import) */
	int64_t published_ms; /* of backfill */
	/* in and out: content and counts in, id out */
	struct seen_key key;
	/* out */
	enum item_state state;
	uint8_t old[MENTION_ID_BYTES]; /* MOVED: the key that it was known by */
	bool twin;                     /* the same item stands before it in this feed: not to be told at all */
};

/* job: address, identity, first, not_before_ms and the seen keys. Returns the policy of the next fetch; it differs from
 * job->identity where that one had to fall. */
enum identity_policy identity_assign(const struct job_feed *job, struct identity_item *v, size_t n);
