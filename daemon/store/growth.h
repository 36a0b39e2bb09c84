#pragma once
/*
 * store/growth: how fast the fastest single post of a topic gains likes, shares and replies, by the counts that were read again.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mention/mention.h"

struct store;

enum {
	GROWTH_LEAST_MS = 60 * 1000, /* two looks nearer than that say nothing of an hour */
	GROWTH_BACK_DAYS = 2,        /* hits that entered the stream longer before are not looked at */
};

/* What likes, shares and replies came to at a time. */
struct growth_point {
	int64_t at_ms, interactions;
};
/* Interactions an hour between the two neighbours, in their order, that are furthest apart in pace; 0: it gains none, below 0: not
 * known. Pure. */
double growth_of(const struct growth_point *v, size_t n);

struct growth {
	double per_hour; /* below 0: nothing is known, and there is no id */
	double negative; /* the same, of the negative ones */
	uint8_t id[MENTION_ID_BYTES];
};
typedef void store_growth_cb(void *arg, int r, const struct growth *growth);
/* Of the topic's hits that count (series_counts()), by looks since since_ms and the last one before it. topic: copied. */
void store_growth(struct store *s, const char *topic, int64_t since_ms, store_growth_cb *cb, void *arg);
