#pragma once
/*
 * stats/events: what was said of one topic, as far back as anybody asks, and how many, by how many people, in how many stories
 * that was between two instants. Exact: distinct people are counted by their hash, never estimated.
 *
 * Owner:  whoever called events_new(). Blocks: never. Events may come out of order by as much as what is kept.
 * Bounds: EVENTS_MAX; beyond, the oldest are forgotten early, and events_since_ms() says up to where.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

enum { EVENTS_MAX = 1 << 20, EVENT_NAMES_MAX = 256 };

enum event_tone { EVENT_NEUTRAL, EVENT_NEGATIVE, EVENT_POSITIVE };

struct event {
	int64_t at_ms;   /* wall */
	uint64_t author; /* hash; of nobody known: something of its own, so that strangers are several */
	uint64_t story;
	double reach;
	enum event_tone tone;
	const uint16_t *names; /* of what it met: intents, tags, rules, as numbers of the caller's */
	bool again;     /* it was counted before, and these names are what it met since: it counts for them alone */
	size_t n_names; /* EVENT_NAMES_MAX; further ones are not kept */
};

struct events *events_new(void) must_use;
struct events *events_free(struct events *e); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct events, events_free)

void events_add(struct events *e, const struct event *event); /* copied */
void events_forget(struct events *e, int64_t before_ms);      /* whole bins of five minutes */
int64_t events_since_ms(const struct events *e);              /* from where on all are there */
size_t events_len(const struct events *e);

/* How many mentions of e in that time are of another topic's, too: the same voice at the same instant. *ret_all: of how many. */
size_t events_shared(struct events *e, const struct events *other, int64_t from_ms, int64_t until_ms, size_t *ret_all);

enum { EVENTS_ALL = -1, EVENTS_NEGATIVE = -2, EVENTS_POSITIVE = -3 }; /* else: a name's number */
struct events_count {
	uint64_t mentions; /* all of them */
	uint64_t matching; /* those of what was asked for; so are the rest */
	uint64_t authors, stories;
	double reach;
	int64_t last_ms; /* INT64_MIN: none */
};
/* From from_ms up to, and without, until_ms. */
void events_count(struct events *e, int of, int64_t from_ms, int64_t until_ms, struct events_count *ret);

/* Mentions in each of n steps, of which the last ends at until_ms; oldest first. What is not kept any more is 0. */
void events_steps(const struct events *e, int64_t until_ms, int64_t step_ms, size_t n, uint32_t *ret_all,
		  uint32_t *ret_negative);
