#pragma once
/*
 * mention/answer: what a reader makes of one job, as it travels back to escuchad and on to the log.
 *
 * Owner: the arena that answer_get() was given. escuchad treats the bytes as hostile.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "mention/mention.h"

enum {
	ANSWER_ITEMS_MAX = 10000, /* items of one feed that are looked at (FAULTS P16); more are counted in items_left */
	ANSWER_WHY_MAX = 1024,    /* bytes of why */
	ANSWER_LIMITS_MAX = 64,   /* patterns that reached a limit and are named */
	ANSWER_FACTS_MAX = 31,    /* of a map; MENTION_FIELD_MAX_BYTES each */
	ANSWER_BASE_BYTES = 4 * 1024 * 1024, /* an answer may be so large, */
	ANSWER_GROWTH = 32,                  /* and so many times its job: texts grow to thrice, their hits to more */
};

/* One key that a source has shown: what it is known by, and what it looked like when it was last seen. */
struct seen_key {
	uint8_t id[MENTION_ID_BYTES];
	uint64_t content; /* mention_content_hash() */
	uint64_t counts;  /* mention_counts_hash() */
};
enum { SEEN_KEY_BYTES = 32 };
void seen_key_put(struct buf *b, const struct seen_key *k);
void seen_key_get(struct wire_in *in, struct seen_key *ret);

/* How a source's items are told apart. FAULTS F13: guids that change at each fetch make it fall to the next. */
enum identity_policy { IDENTITY_GUID, IDENTITY_LINK, IDENTITY_HASH };

enum item_state {
	ITEM_KNOWN,   /* shown before, unchanged */
	ITEM_NEW,     /* its mention follows in mentions */
	ITEM_EDITED,  /* known, with another title or text; its mention follows */
	ITEM_COUNTED, /* known, with other counts */
	ITEM_MOVED,   /* known under another key: identity_policy changed; nothing follows; old is that key */
	ITEM_JUDGED,  /* no reader says so: known, with other counts, by which it was judged again; its mention follows, with the
		       * hits that they gained it */
};

struct item_mark {
	struct seen_key key; /* as it looks now */
	enum item_state state;
	struct mention_counts counts; /* COUNTED, NEW and EDITED */
	uint8_t old[MENTION_ID_BYTES]; /* MOVED: what it was known by until now; the log's mention keeps it */
};

enum answer_status {
	ANSWER_OK,
	ANSWER_NOT_A_FEED, /* HTML page, captive portal, empty: why says which */
	ANSWER_MALFORMED,  /* nothing could be saved of it */
	ANSWER_REFUSED,    /* hostile or not to be read: DTD with entities, UTF-7, too deep, too large */
	ANSWER_STATUSES,
};

/* What a feed says of itself, MENTION_FIELD_MAX_BYTES each; times in seconds, 0: not said. */
struct feed_facts {
	const char *format; /* rss | atom | rdf | json */
	const char *title, *lang, *link, *hub;
	uint32_t ttl_s;         /* <ttl>, sy:updatePeriod and updateFrequency, the longer */
	uint32_t skip_hours;    /* bit h: hour h (UTC) is skipped */
	uint8_t skip_days;      /* bit 0: Sunday */
};

/* A pattern that gave up on some texts of this job (FAULTS P11): told, never silently "no match". */
struct answer_limit {
	const char *topic, *pattern;
	uint32_t count; /* fields in which it gave up */
};

/* What a map's programs say of the whole document: how to go on, what the platform complains of (mention/map). */
struct answer_fact {
	const char *name;  /* the program's */
	const char *value; /* never empty */
};

struct answer {
	enum answer_status status;
	const char *why; /* for the log: what was wrong or saved, English, no foreign text but quoted and cut; NULL: nothing */
	struct feed_facts feed;
	enum identity_policy identity; /* the policy for the next fetch */
	bool identity_changed;         /* by this answer: told once */
	bool recovered;                /* malformed, and saved as far as it goes */
	size_t items_left;             /* above ANSWER_ITEMS_MAX, not looked at */
	struct item_mark *items;       /* in the feed's order */
	size_t n_items;
	struct mention *mentions; /* of the items NEW and EDITED, in their order; with hits */
	size_t n_mentions;
	struct answer_limit *limits;
	size_t n_limits;
	struct answer_fact *facts; /* of a map, in its programs' order; those that are none are left out */
	size_t n_facts;
	size_t passed_over; /* values that a sieve stopped (job_feed.sieve): no items, and not kept */
};

const char *answer_fact(const struct answer *a, const char *name); /* NULL: none */

/* The longest answer to a job of that length: a reader says ANSWER_REFUSED rather than more, escuchad takes no more. */
size_t answer_max_bytes(size_t job_len);

void answer_put(struct buf *b, const struct answer *a);
enum { ANSWER_E_FORMAT = 1 };
int answer_get(const char *bytes, size_t len, struct arena *arena, struct answer *ret) must_use;
