#pragma once
/*
 * parse/feed_item: what the readers of each format collect, and the mention that is made of it.
 *
 * Owner:  raw texts and all that comes of them lie in the collector's arena; the job is borrowed.
 * Bounds: ANSWER_ITEMS_MAX items (more are counted), MENTION_*_MAX bytes a text (cut at a code point).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "mention/answer.h"
#include "mention/mention.h"
#include "parse/identity.h"

struct arena;
struct job_feed;

enum { FEED_RAW_MAX_BYTES = 4 * 1024 * 1024 }; /* of one text with its markup */

enum text_kind {
	TEXT_PLAIN, /* to the letter */
	TEXT_GUESS, /* RSS's titles: plain by the book, HTML by custom */
	TEXT_HTML,   /* by custom: perhaps escaped once too often */
	TEXT_MARKUP, /* HTML to the letter */
};

struct raw_text {
	const char *s; /* NULL: absent */
	size_t len;
	enum text_kind kind;
	bool cut;
};

struct raw_author {
	const char *name, *email, *uri;
};

struct raw_item {
	struct raw_text title, content, summary, second, caption; /* second: another summary beside the first */
	struct raw_author author;
	struct raw_author outlet; /* whose item it was before this feed had it */
	const char *guid;
	const char *link, *link_original; /* absolute */
	const char *parent, *repeats, *version, *country, *handle, *lang, *kind;
	int64_t published_ms, updated_ms, created_ms; /* TIME_NONE */
	int64_t followers;
	enum verified verified;
	struct mention_counts counts;
	double rating;
	bool given; /* id is the item's own */
	uint8_t id[MENTION_ID_BYTES];
};

struct feed_item {
	struct mention m;
	struct identity_item identity;
};

struct collector {
	const struct job_feed *job;
	struct arena *a;
	struct feed_facts facts;
	struct raw_author author; /* of the whole feed */
	struct feed_item *items;  /* on the heap */
	size_t n, cap;
	size_t left;             /* above the bounds, not looked at */
	struct buf markup, text; /* scratch */
};

void collector_init(struct collector *c, const struct job_feed *job, struct arena *a);
void collector_done(struct collector *c);

void raw_item_init(struct raw_item *raw);
/* Makes a mention of it, unless there is nothing in it at all. */
void collector_add(struct collector *c, const struct raw_item *raw);
/* What the feed says of all its items, once it is known: language, author. Then which are new, into ret. */
void collector_answer(struct collector *c, struct answer *ret);

/* The text as a person reads it, in the arena, without leading and trailing space; NULL where nothing is left. */
const char *text_clean(struct collector *c, const struct raw_text *raw, size_t max_bytes, bool *ret_cut);
/* "mail (Name)", "Name <mail>", "Name" and "mail" to their parts. */
void author_split(struct arena *a, const char *s, struct raw_author *ret);
/* "es-MX" → "es"; NULL for what is no language tag. */
const char *lang_primary(struct arena *a, const char *tag);
