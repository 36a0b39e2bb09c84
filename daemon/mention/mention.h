#pragma once
/*
 * mention/mention: the record that every stage shares: one post, comment, review, article, message or e-mail, and the
 * hits that it is.
 *
 * Owner:  the arena that it was made in. All texts are valid UTF-8 without NUL; NULL is an absent fact, never invented.
 * Shape:  the JSON form is DESIGN §5's contract (mention_json); wire bytes are for the border between the two programs.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

struct arena;
struct buf;
struct wire_in;

enum {
	MENTION_ID_BYTES = 16,
	MENTION_TEXT_MAX_BYTES =
		256 * 1024, /* title and text each; what is longer was cut, and cut says so (FAULTS P16) */
	MENTION_FIELD_MAX_BYTES = 8 * 1024, /* every other text */
	MENTION_HITS_MAX = 256,             /* topics of one mention */
	MENTION_SPANS_MAX = 64,             /* spans of one hit */
	MENTION_NAMES_MAX = 256,            /* rules, tags and intents of one hit */
	MENTION_LIMITED_MAX = 16,           /* patterns of one hit that were given up */
	MENTION_TONE_WORDS_MAX = 5,         /* words that decided its tone */
	MENTION_TONE_WORD_MAX_BYTES = 256,  /* each: a longer one was cut */
};
#define MENTION_COUNT_MAX INT64_C(1000000000000000) /* what is more is cut to it: sums and JSON numbers stay exact */
#define COUNT_NONE        INT64_C(-1)               /* a count that is not known */

struct mention_counts {
	int64_t likes, shares, replies, views; /* COUNT_NONE: unknown */
};

enum verified { VERIFIED_UNKNOWN, VERIFIED_NO, VERIFIED_YES };

struct mention_author {
	const char *name, *handle, *url;
	int64_t followers;      /* COUNT_NONE: unknown */
	enum verified verified; /* the platform's tick; JSON's author.verified, true or false */
};

/* What a pattern matched: code points [from, to) of the original title or text. */
enum span_in { SPAN_TITLE, SPAN_TEXT, SPAN_AUTHOR, SPAN_URL };
struct span {
	enum span_in in;
	uint32_t from, to;
	const char *pattern;
};

struct hit {
	const char *topic;  /* [a-z0-9_-]+ */
	const char *role;   /* brand | competitor | industry */
	const char **rules; /* names, never empty; so are tags and patterns */
	size_t n_rules;
	const char **tags;
	size_t n_tags;
	const char **intents; /* what its author wants, as the topic's rules tell: complaint, purchase … */
	size_t n_intents;
	struct span *spans;
	size_t n_spans;
	const char **limited; /* patterns given up on this mention: what rests on them is not known (FAULTS P11) */
	size_t n_limited;
};

/* Whether it praises or complains, as enrich/tone judges. */
struct mention_sentiment {
	const char *label;  /* negative | neutral | positive; NULL: not known, and the rest is empty */
	double score;       /* from -1, the worst, to 1, the best; in hundredths */
	const char **words; /* those that decided, as they stand in title and text, in their order; each once */
	size_t n_words;
	bool by_hand; /* a person said so */
	bool by_model; /* a model of tone did, not the lexicon alone; never with by_hand */
};

/* Why a hit is in no count, though it is kept and told like every other. */
enum uncounted {
	UNCOUNTED_NOT,        /* it counts */
	UNCOUNTED_REPEAT,     /* its author has said so before, in the same story */
	UNCOUNTED_SYNDICATED, /* an article that another site has, too */
	UNCOUNTED_IGNORED,    /* its author is one of the configuration's voices.ignore */
};

/* What the log found a hit to be, among those that it has. */
struct mention_place {
	uint64_t story; /* its number; 0: not known, and the rest is unset */
	bool leader;    /* the story's first */
	bool vip;       /* its author is one of voices.vip */
	enum uncounted uncounted;
};

struct print;
struct mention {
	uint8_t id[MENTION_ID_BYTES];
	const char *source, *platform, *kind, *guid, *url;
	const char *title, *text; /* plain text */
	const char *lang, *country;
	struct mention_author author;
	int64_t published_ms, seen_ms; /* wall; published is seen's where the source gives none, and then suspect */
	struct mention_counts counts;
	double rating;       /* NaN: unknown */
	const char *version; /* of what a review speaks of */
	const char *parent;  /* the platform's id of what it answers, quotes or shares */
	const char *repeats; /* whom a share or a quote repeats: the handle of that post's author, without @ */
	bool own, date_suspect, baseline, cut;
	struct mention_sentiment sentiment;
	struct hit *hits;
	size_t n_hits;
	struct mention_place place;
	const struct print *print; /* mention/print.h: on the way to the log alone; NULL: none */
};

void mention_init(struct mention *m); /* everything absent */

bool mention_names_have(const char *const *v, size_t n, const char *name); /* of rules, tags, intents */

/* DESIGN §5: the first 16 bytes of SHA-256(scope, NUL, key). */
void mention_identity(const char *scope, const char *key, uint8_t ret_id[MENTION_ID_BYTES]);

/* What makes two versions of one mention differ, as far as a reader sees: title and text, white space folded. */
uint64_t mention_content_hash(const struct mention *m);
/* The same of its counts, so that a change is seen; 0 while none is known. */
uint64_t mention_counts_hash(const struct mention_counts *c);

struct json;
void mention_json(struct json *j, const char *key,
		  const struct mention *m); /* one object, DESIGN §5's fields in its order */
void mention_sentiment_json(struct json *j, const char *key, const struct mention_sentiment *s); /* no label: nothing */
void mention_hits_json(struct json *j, const char *key, const struct mention *m); /* the array "hits" alone */
/* The intents of all its hits, each once, at most MENTION_NAMES_MAX; as JSON's "intents" has them. */
size_t mention_intents(const struct mention *m, const char *ret[MENTION_NAMES_MAX]);

/* The hits alone, and then their intents, for a blob of the log: the end of what mention_put() writes. Bounds are checked by
 * the gets. Apart, since the first logs had hits without intents. */
void mention_hits_put(struct buf *b, const struct mention *m);
void mention_hits_get(struct wire_in *in, struct arena *a, struct mention *ret);
void mention_intents_put(struct buf *b, const struct mention *m);
void mention_intents_get(struct wire_in *in, struct arena *a, struct mention *ret); /* behind mention_hits_get() */
/* The same of the patterns that were given up, behind the intents. */
void mention_limited_put(struct buf *b, const struct mention *m);
void mention_limited_get(struct wire_in *in, struct arena *a, struct mention *ret);

/* Version and repeats, behind those: only where mention_has_more() says so. */
bool mention_has_more(const struct mention *m);
void mention_more_put(struct buf *b, const struct mention *m);
void mention_more_get(struct wire_in *in, struct arena *a, struct mention *ret);

/* The tone, behind those: only where there is a label. The get checks the bounds above. */
void mention_sentiment_put(struct buf *b, const struct mention_sentiment *s);
void mention_sentiment_get(struct wire_in *in, struct arena *a, struct mention_sentiment *ret);

/* The place, and whether its tone was said by hand, behind those: only where mention_has_place() says so. */
bool mention_has_place(const struct mention *m);
void mention_place_put(struct buf *b, const struct mention *m);
void mention_place_get(struct wire_in *in, struct mention *ret);
const char *uncounted_name(enum uncounted u); /* repeat, syndicated, ignored; NULL: it counts */

/* Absent, or from 0 to MENTION_COUNT_MAX: a count as it may go over the border. */
int64_t mention_count(int64_t count);
int64_t mention_count_get(struct wire_in *in);

void mention_put(struct buf *b, const struct mention *m);
/* Bounds are checked here: a mention past them sets in->bad. So do a count that mention_count() would change, a time
 * outside the years 1 to 9999, a rating that is no number and a hit without its names: a reader that foreign bytes took
 * over may write anything. */
void mention_get(struct wire_in *in, struct arena *a, struct mention *ret);
