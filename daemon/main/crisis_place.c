#include "main/crisis_place.h"

#include <stdio.h>
#include <string.h>

#include "mention/catalogue.h"
#include "stats/topic.h"

bool crisis_is_same_event(struct topic *t, const struct topic *other, int64_t now_ms)
{
	size_t all, shared = topic_shared(t, other, now_ms, &all);

	return all && shared && incident_place(&shared, 1, all) == 0;
}

const char *crisis_facet_name(const struct incident *in, const char *topic, const char *alert,
			      char out[FACET_NAME_SIZE])
{
	bool own = strcmp(in->topic, topic) == 0;

	snprintf(out, FACET_NAME_SIZE, "%s%s%s", own ? "" : topic, own ? "" : ":", alert);
	return out;
}

static size_t of_topic(const struct crisis_places *all, const char *topic)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		if (all->v[i]->state != INCIDENT_CLOSED && strcmp(all->v[i]->topic, topic) == 0)
			break;
	return i;
}

/* The one that a brand's alerts have joined. */
static size_t joined(const struct crisis_places *all, const char *topic)
{
	size_t len = strlen(topic), i, f;

	for (i = 0; i < all->n; i++) {
		const struct incident *in = all->v[i];

		for (f = 0; f < in->n_facets && in->state != INCIDENT_CLOSED; f++)
			if (strncmp(in->facets[f].alert, topic, len) == 0 && in->facets[f].alert[len] == ':')
				return i;
	}
	return all->n;
}

/* Closed by hand, and has the same matter still. */
static size_t that_absorbs(const struct crisis_places *all, const char *topic, const struct incident_event *e)
{
	char facet[FACET_NAME_SIZE];
	struct incident_event named = *e;
	size_t i;

	for (i = 0; i < all->n; i++) {
		named.alert = crisis_facet_name(all->v[i], topic, e->alert, facet);
		if (incident_absorbs(all->v[i], &named))
			break;
	}
	return i;
}

static bool is_brand(const struct catalogue *c, const char *topic)
{
	const struct catalogue_topic *known = catalogue_topic(c, topic);

	return known && strcmp(known->role, "brand") == 0;
}

/* An open incident of another brand whose mentions are those of this one's, too. */
static size_t of_same_event(const struct crisis_places *all, struct topic *t, int64_t now_ms)
{
	size_t i;

	if (!is_brand(all->catalogue, topic_name(t)))
		return all->n;
	for (i = 0; i < all->n; i++) {
		const struct incident *in = all->v[i];
		struct topic *o;

		if (in->state == INCIDENT_CLOSED || !is_brand(all->catalogue, in->topic))
			continue;
		o = all->topic(all->arg, in->topic);
		if (o && o != t && crisis_is_same_event(t, o, now_ms))
			break;
	}
	return i;
}

size_t crisis_place(const struct crisis_places *all, struct topic *t, const struct incident_event *e, int64_t now_ms)
{
	size_t i = of_topic(all, topic_name(t));

	if (i == all->n)
		i = joined(all, topic_name(t));
	if (i == all->n)
		i = that_absorbs(all, topic_name(t), e);
	if (i == all->n && e->met && !e->late)
		i = of_same_event(all, t, now_ms);
	return i;
}
