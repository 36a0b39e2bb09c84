#pragma once
/*
 * main/rule_quiet: which rules of a topic have stopped finding anything, though what they found it in goes on. A page that is
 * built anew, a word that nobody says any more: the sources are heard, and yet one is deaf.
 *
 * A rule is quiet when it has found nothing for much longer than it ever did (source/rhythm), and in that time the sources in
 * which it used to find have brought RULE_QUIET_TIMES as many mentions as it usually takes to find one. Only of a rule that
 * has shown that it has a rhythm: over RULE_QUIET_LEARN_MS, on RULE_QUIET_DAYS days. One that speaks in crises alone has none.
 * Told once, again each day while it lasts, and when it is over: it finds something, it is gone, or it was quiet for so
 * long that this is what is usual now (RULE_QUIET_FORGET_MS): then it is learnt anew.
 *
 * A pure step: (what is known, an event, now) → (what is known, what is to be told).
 *
 * Owner:  the caller. Blocks: never. Bounds: RULE_QUIET_RULES_MAX rules of a topic are watched, those beyond are not.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

struct buf;
struct rule_quiet;
struct wire_in;

enum {
	RULE_QUIET_RULES_MAX = 1000,
	RULE_QUIET_NAME_BYTES = 104, /* SCHEMA_NAME_MAX and some */
	RULE_QUIET_SOURCES = 4,      /* the last ones that it found something in */
	RULE_QUIET_DAYS = 5,
	RULE_QUIET_TIMES = 5,  /* so many times what it usually takes to find something … */
	RULE_QUIET_TEXTS = 30, /* … and never fewer mentions than that */
};
#define RULE_QUIET_LEAST_MS  (12 * INT64_C(3600000))      /* no silence is too long before */
#define RULE_QUIET_LEARN_MS  (14 * 24 * INT64_C(3600000)) /* from the first find to the last: a crisis is over sooner */
#define RULE_QUIET_AGAIN_MS  (24 * INT64_C(3600000))
#define RULE_QUIET_FORGET_MS (14 * 24 * INT64_C(3600000)) /* since it was told first */

enum rule_quiet_say {
	RULE_QUIET_BEGINS,
	RULE_QUIET_LASTS,
	RULE_QUIET_FINDS, /* it is over: the rule has found something */
	RULE_QUIET_ENDED, /* it is over: the rule is gone, or its silence is what is usual now */
};

struct rule_quiet_one {
	const char *rule;
	int64_t since_ms;   /* wall: it has found nothing since */
	double usual_a_day; /* what it found until then */
};
typedef void rule_quiet_cb(void *arg, enum rule_quiet_say say, const struct rule_quiet_one *one);

struct rule_quiet *rule_quiet_new(void) must_use;
struct rule_quiet *rule_quiet_free(struct rule_quiet *q); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct rule_quiet, rule_quiet_free)

/* A source, by the hash of its name, has brought n new mentions, hits or not. */
void rule_quiet_texts(struct rule_quiet *q, uint64_t source, size_t n);
/* One of them met that rule. After rule_quiet_texts(). */
void rule_quiet_found(struct rule_quiet *q, const char *rule, uint64_t source, int64_t now_ms);
/* What is to be told now; on_say may not call back. */
void rule_quiet_look(struct rule_quiet *q, int64_t now_ms, rule_quiet_cb *on_say, void *arg);
/* These are its rules; others are forgotten. */
void rule_quiet_keep(struct rule_quiet *q, const char *const *rules, size_t n, rule_quiet_cb *on_say, void *arg);
/* Those that are quiet, in no order. */
void rule_quiet_each(const struct rule_quiet *q, void (*on_one)(void *arg, const struct rule_quiet_one *one),
		     void *arg);

void rule_quiet_put(const struct rule_quiet *q, struct buf *b);
enum { RULE_QUIET_E_FORMAT = 1 };
/* Into a new one. RULE_QUIET_E_FORMAT: of another version or damaged, nothing was taken: it is learnt anew. */
int rule_quiet_get(struct rule_quiet *q, struct wire_in *in) must_use;
