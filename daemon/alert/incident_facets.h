#pragma once
/*
 * alert/incident_facets: the alerts of one incident, and since when they are no longer met. For alert/incident alone. Pure.
 */
#include <stdbool.h>
#include <stdint.h>

struct facet;
struct incident;
struct incident_event;

struct facet *facets_find(struct incident *i, const char *alert); /* NULL: it has none of that name */
void facets_judged(struct incident *i, const struct incident_event *e, int64_t now_ms);

/* The severity that the worst one that is met asks for; -1: none is. */
int facets_standing(const struct incident *i);
int64_t facets_calm_since(const struct incident *i); /* since when none is met; TIME_NONE: one is */
int64_t facets_recede_at(const struct incident *i);  /* when all are settled; TIME_NONE: not as things are */

/* Its sources are heard, or not: what was not heard was no recovery. */
void facets_heard(struct incident *i, bool is_heard, int64_t now_ms);
/* Who is told now, is told of so much. */
void facets_told(struct incident *i);
