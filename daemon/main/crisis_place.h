#pragma once
/*
 * main/crisis_place: which incident an alert belongs to: its topic's own, one that its alerts have joined, one that was closed
 * by hand and is the same matter, or another brand's of which the same is said. Pure.
 *
 * Owner: everything is borrowed for the call. Blocks: never.
 * Bounds: CRISES_MAX incidents at once; further alerts open none.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/incident.h"

struct catalogue;
struct topic;

enum { CRISES_MAX = 500 };

struct crisis_places {
	const struct incident *v[CRISES_MAX];
	size_t n;
	const struct catalogue *catalogue;
	struct topic *(*topic)(void *arg, const char *name); /* NULL: there is none */
	void *arg;
};
/* Of v; n: it belongs to none. t: the topic whose alert it is. */
size_t crisis_place(const struct crisis_places *all, struct topic *t, const struct incident_event *e, int64_t now_ms);

/* Whether the mentions of two topics are mostly the same, within the hour. */
bool crisis_is_same_event(struct topic *t, const struct topic *other, int64_t now_ms);
/* "alert", or "topic:alert" where the incident is another topic's. Returns out. */
const char *crisis_facet_name(const struct incident *in, const char *topic, const char *alert,
			      char out[FACET_NAME_SIZE]);
