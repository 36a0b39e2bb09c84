#include "alert/incident_facets.h"

#include <stdio.h>
#include <string.h>

#include "alert/incident.h"

/* --- facets --- */

struct facet *facets_find(struct incident *i, const char *alert)
{
	size_t k;

	for (k = 0; k < i->n_facets; k++)
		if (strncmp(i->facets[k].alert, alert, FACET_NAME_SIZE - 1) == 0)
			return &i->facets[k];
	return NULL;
}

/* A new one, or the place of the one that is unmet the longest; NULL: all are met. */
static struct facet *facet_place(struct incident *i)
{
	struct facet *oldest = NULL;
	size_t k;

	if (i->n_facets < INCIDENT_FACETS_MAX)
		return &i->facets[i->n_facets++];
	for (k = 0; k < i->n_facets; k++)
		if (i->facets[k].unmet_ms != TIME_NONE && (!oldest || i->facets[k].unmet_ms < oldest->unmet_ms))
			oldest = &i->facets[k];
	return oldest;
}

void facets_judged(struct incident *i, const struct incident_event *e, int64_t now_ms)
{
	struct facet *f = facets_find(i, e->alert);
	bool met = e->met && !e->late;

	if (f ? e->late : !e->met)
		return;
	if (!f) {
		f = facet_place(i);
		if (!f)
			return;
		*f = (struct facet){.severity = e->severity, .unmet_ms = TIME_NONE, .settled_ms = TIME_NONE};
		snprintf(f->alert, sizeof(f->alert), "%s", e->alert);
		f->told_size = e->size;
	}
	if (e->met) {
		f->severity = e->severity;
		f->size = e->size;
		f->settle_ms = e->settle_ms;
	}
	if (met)
		f->unmet_ms = TIME_NONE;
	else if (f->unmet_ms == TIME_NONE)
		f->unmet_ms = now_ms;
	if (met || !(e->settled || e->late))
		f->settled_ms = TIME_NONE;
	else if (f->settled_ms == TIME_NONE)
		f->settled_ms = now_ms;
}

/* What the worst alert that is met asks for; -1: none is. */
int facets_standing(const struct incident *i)
{
	int worst = -1;
	size_t k;

	for (k = 0; k < i->n_facets; k++)
		if (i->facets[k].unmet_ms == TIME_NONE && (int)i->facets[k].severity > worst)
			worst = (int)i->facets[k].severity;
	return i->raised && worst == SEVERITY_WARNING ? SEVERITY_CRITICAL : worst;
}

/* --- the clocks of recovery --- */

/* Since when nothing is met. */
int64_t facets_calm_since(const struct incident *i)
{
	int64_t since_ms = i->opened_ms;
	size_t k;

	for (k = 0; k < i->n_facets; k++) {
		if (i->facets[k].unmet_ms == TIME_NONE)
			return TIME_NONE;
		if (i->facets[k].unmet_ms > since_ms)
			since_ms = i->facets[k].unmet_ms;
	}
	return since_ms;
}

/* When every facet will have been settled for its time; TIME_NONE: not as things are. */
int64_t facets_recede_at(const struct incident *i)
{
	int64_t at_ms = i->opened_ms;
	size_t k;

	for (k = 0; k < i->n_facets; k++) {
		const struct facet *f = &i->facets[k];
		int64_t settled_ms = f->settled_ms == TIME_NONE
					     ? TIME_NONE
					     : f->settled_ms + (f->settle_ms ? f->settle_ms : INCIDENT_DOWN_MS);

		if (settled_ms == TIME_NONE)
			return TIME_NONE;
		if (settled_ms > at_ms)
			at_ms = settled_ms;
	}
	return at_ms;
}

static void move(int64_t *since_ms, int64_t by_ms)
{
	if (*since_ms != TIME_NONE)
		*since_ms += by_ms;
}

/* Heard again: what was not heard was no recovery. */
void facets_heard(struct incident *i, bool is_heard, int64_t now_ms)
{
	int64_t deaf_ms = i->deaf_ms;
	size_t k;

	if (is_heard == (deaf_ms == TIME_NONE))
		return;
	i->deaf_ms = is_heard ? TIME_NONE : now_ms;
	if (!is_heard)
		return;
	move(&i->under_ms, now_ms - (i->under_ms > deaf_ms ? i->under_ms : deaf_ms));
	move(&i->receding_ms, now_ms - (i->receding_ms > deaf_ms ? i->receding_ms : deaf_ms));
	for (k = 0; k < i->n_facets; k++) {
		struct facet *f = &i->facets[k];

		move(&f->unmet_ms, now_ms - (f->unmet_ms > deaf_ms ? f->unmet_ms : deaf_ms));
		move(&f->settled_ms, now_ms - (f->settled_ms > deaf_ms ? f->settled_ms : deaf_ms));
	}
}

/* Who is told now, is told of so much. */
void facets_told(struct incident *i)
{
	size_t k;

	for (k = 0; k < i->n_facets; k++)
		if (i->facets[k].size > i->facets[k].told_size)
			i->facets[k].told_size = i->facets[k].size;
}
