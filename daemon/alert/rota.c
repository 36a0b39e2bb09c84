#include "alert/rota.h"

#include <string.h>

enum { PER_WEEK = 7, PER_FORTNIGHT = 14, PER_YEAR = 12 };

struct loaded {
	const char *name;
	struct zone *zone; /* NULL: UTC */
};

struct rotas {
	struct rotas_setup setup;
	struct loaded *zones;
	size_t n_zones;
	const struct zone **person_zone, **rota_zone; /* by number in the setup */
	int64_t *edges;                               /* of everybody's absences, ascending */
	size_t n_edges;
};

/* --- making it --- */

static const struct zone *load(struct rotas *r, const char *name)
{
	size_t i;

	if (!name)
		return NULL;
	for (i = 0; i < r->n_zones; i++)
		if (strcmp(r->zones[i].name, name) == 0)
			return r->zones[i].zone;
	r->zones = xreallocarray(r->zones, r->n_zones + 1, sizeof(*r->zones));
	r->zones[i] = (struct loaded){.name = name};
	if (zone_load(name, &r->zones[i].zone) != 0)
		r->zones[i].zone = NULL;
	r->n_zones++;
	return r->zones[i].zone;
}

static int by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void find_edges(struct rotas *r)
{
	size_t i, k, n = 0;

	for (i = 0; i < r->setup.n_people; i++)
		n += 2 * r->setup.people[i].n_away;
	r->edges = xcalloc(n + 1, sizeof(*r->edges));
	for (i = 0; i < r->setup.n_people; i++)
		for (k = 0; k < r->setup.people[i].n_away; k++) {
			const struct away_config *a = &r->setup.people[i].away[k];

			r->edges[r->n_edges++] = hours_day_begins(r->person_zone[i], a->from_day);
			r->edges[r->n_edges++] = hours_day_begins(r->person_zone[i], a->to_day + 1);
		}
	qsort(r->edges, r->n_edges, sizeof(*r->edges), by_time);
}

struct rotas *rotas_new(const struct rotas_setup *setup)
{
	struct rotas *r = NEW(struct rotas);
	const char *name;
	size_t i;

	r->setup = *setup;
	r->person_zone = xcalloc(setup->n_people + 1, sizeof(struct zone *));
	r->rota_zone = xcalloc(setup->n_rotas + 1, sizeof(struct zone *));
	for (i = 0; i < setup->n_people; i++) {
		name = setup->people[i].timezone;
		r->person_zone[i] = load(r, name ? name : setup->timezone);
	}
	for (i = 0; i < setup->n_rotas; i++) {
		name = setup->rotas[i].timezone;
		r->rota_zone[i] = load(r, name ? name : setup->timezone);
	}
	find_edges(r);
	return r;
}

struct rotas *rotas_free(struct rotas *r)
{
	size_t i;

	if (!r)
		return NULL;
	for (i = 0; i < r->n_zones; i++)
		zone_free(r->zones[i].zone);
	free(r->zones);
	free(r->person_zone);
	free(r->rota_zone);
	free(r->edges);
	free(r);
	return NULL;
}

static const struct zone *zone_of(const struct rotas *r, const struct person_config *p)
{
	return r->person_zone[p - r->setup.people];
}

static const struct zone *zone_of_rota(const struct rotas *r, const struct rota_config *rota)
{
	return r->rota_zone[rota - r->setup.rotas];
}

/* --- absences --- */

static const struct away_config *away_at(const struct rotas *r, const struct person_config *p, int64_t wall_ms)
{
	struct zone_time t;
	int64_t day;
	size_t i;

	if (!p->n_away)
		return NULL;
	zone_local(zone_of(r, p), wall_ms, &t);
	day = hours_day(&t);
	for (i = 0; i < p->n_away; i++)
		if (day >= p->away[i].from_day && day <= p->away[i].to_day)
			return &p->away[i];
	return NULL;
}

const struct person_config *rotas_stand_in(const struct rotas *r, const struct person_config *p, int64_t wall_ms)
{
	const struct away_config *away;
	int steps;

	for (steps = 0; steps < ROTA_CHAIN_MAX && p; steps++) { /* a circle is as long as any */
		away = away_at(r, p, wall_ms);
		if (!away)
			return p;
		p = away->stand_in;
	}
	return NULL;
}

/* --- who --- */

static void add(struct rota_set *set, const struct person_config *p)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		if (set->v[i] == p)
			return;
	if (p && set->n < ROTA_SET_MAX)
		set->v[set->n++] = p;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* How many turns lie between a shift's first one and the one that begins on a day. */
static int64_t turn(const struct shift_config *s, int64_t day)
{
	int64_t since = s->since_day, year, since_year;
	int month, since_month, d, since_d;

	if (s->rotate == ROTATE_DAILY)
		return day - since;
	if (s->rotate == ROTATE_WEEKLY)
		return floor_div(day - since, PER_WEEK);
	if (s->rotate == ROTATE_FORTNIGHTLY)
		return floor_div(day - since, PER_FORTNIGHT);
	clock_civil_from_days(day, &year, &month, &d);
	clock_civil_from_days(since, &since_year, &since_month, &since_d);
	return (year - since_year) * PER_YEAR + month - since_month;
}

static void add_turn(const struct rotas *r, const struct shift_config *s, int64_t day, int64_t wall_ms,
		     struct rota_set *set)
{
	int64_t n = (int64_t)s->n_who, first = turn(s, day) % n;
	const struct person_config *p = NULL;
	int64_t i;

	for (i = 0; i < n && !p; i++)
		p = rotas_stand_in(r, s->who[(first + n + i) % n].person, wall_ms);
	add(set, p);
}

static void add_shift(const struct rotas *r, const struct shift_config *s, int64_t day, int64_t wall_ms,
		      struct rota_set *set)
{
	size_t i;

	if (s->rotate != ROTATE_NEVER && s->n_who) {
		add_turn(r, s, day, wall_ms, set);
		return;
	}
	for (i = 0; i < s->n_who; i++)
		add(set, rotas_stand_in(r, s->who[i].person, wall_ms));
}

void rota_at(const struct rotas *r, const struct rota_config *rota, int64_t wall_ms, struct rota_set *ret)
{
	struct zone_time t;
	int64_t day;
	size_t i;

	*ret = (struct rota_set){.n = 0};
	zone_local(zone_of_rota(r, rota), wall_ms, &t);
	for (i = 0; i < rota->n_shifts; i++)
		if (hours_hold(&rota->shifts[i].hours, &t, &day))
			add_shift(r, &rota->shifts[i], day, wall_ms, ret);
	ret->by = ret->n ? ROTA_BY_SHIFT : ROTA_BY_NOBODY;
	if (ret->n)
		return;
	for (i = 0; i < rota->n_otherwise; i++)
		add(ret, rotas_stand_in(r, rota->otherwise[i].person, wall_ms));
	if (ret->n)
		ret->by = ROTA_BY_OTHERWISE;
}

/* --- when that changes --- */

static void sooner(int64_t *at_ms, int64_t than_ms)
{
	if (than_ms < *at_ms)
		*at_ms = than_ms;
}

static void next_edge(const struct rotas *r, int64_t wall_ms, int64_t *at_ms)
{
	size_t from = 0, to = r->n_edges;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (r->edges[middle] <= wall_ms)
			from = middle + 1;
		else
			to = middle;
	}
	if (from < r->n_edges)
		sooner(at_ms, r->edges[from]);
}

/* Nothing of a rota changes before. */
static void next_mark(const struct rotas *r, const struct rota_config *rota, int64_t wall_ms, int64_t *at_ms)
{
	const struct zone *z = zone_of_rota(r, rota);
	size_t i;

	for (i = 0; i < rota->n_shifts; i++) {
		sooner(at_ms, hours_next(z, wall_ms, rota->shifts[i].hours.from_min));
		sooner(at_ms, hours_next(z, wall_ms, rota->shifts[i].hours.to_min));
	}
	next_edge(r, wall_ms, at_ms);
}

static bool same(const struct rota_set *a, const struct rota_set *b)
{
	return a->n == b->n && a->by == b->by && memcmp(a->v, b->v, a->n * sizeof(*a->v)) == 0;
}

int64_t rota_next(const struct rotas *r, const struct rota_config *rota, int64_t wall_ms, int64_t until_ms)
{
	struct rota_set now, then;

	rota_at(r, rota, wall_ms, &now);
	while (wall_ms < until_ms) {
		int64_t mark_ms = until_ms;

		next_mark(r, rota, wall_ms, &mark_ms);
		wall_ms = mark_ms;
		rota_at(r, rota, wall_ms, &then);
		if (!same(&now, &then))
			break;
	}
	return wall_ms < until_ms ? wall_ms : until_ms;
}

/* --- quiet hours --- */

bool rotas_on_shift(const struct rotas *r, const struct person_config *p, int64_t wall_ms)
{
	struct rota_set set;
	size_t i, k;

	for (i = 0; i < r->setup.n_rotas; i++) {
		rota_at(r, &r->setup.rotas[i], wall_ms, &set);
		for (k = 0; set.by == ROTA_BY_SHIFT && k < set.n; k++)
			if (set.v[k] == p)
				return true;
	}
	return false;
}

static bool is_quiet(const struct rotas *r, const struct person_config *p, int64_t wall_ms)
{
	struct zone_time t;
	size_t i;

	if (!p->n_quiet)
		return false;
	zone_local(zone_of(r, p), wall_ms, &t);
	for (i = 0; i < p->n_quiet; i++)
		if (hours_hold(&p->quiet[i], &t, NULL))
			return !rotas_on_shift(r, p, wall_ms);
	return false;
}

int64_t rotas_quiet_until(const struct rotas *r, const struct person_config *p, int64_t wall_ms)
{
	int64_t until_ms = wall_ms + ROTA_QUIET_MAX_MS;
	size_t i;

	if (!is_quiet(r, p, wall_ms))
		return TIME_NONE;
	while (wall_ms < until_ms && is_quiet(r, p, wall_ms)) {
		int64_t mark_ms = until_ms;

		for (i = 0; i < p->n_quiet; i++) {
			sooner(&mark_ms, hours_next(zone_of(r, p), wall_ms, p->quiet[i].from_min));
			sooner(&mark_ms, hours_next(zone_of(r, p), wall_ms, p->quiet[i].to_min));
		}
		for (i = 0; i < r->setup.n_rotas; i++)
			next_mark(r, &r->setup.rotas[i], wall_ms, &mark_ms);
		wall_ms = mark_ms;
	}
	return wall_ms;
}

/* --- steps --- */

void rotas_resolve(const struct rotas *r, const struct who_config *who, size_t n_who, int64_t wall_ms,
		   struct rota_set *ret)
{
	struct rota_set on;
	size_t i, k;

	*ret = (struct rota_set){.n = 0};
	for (i = 0; i < n_who; i++) {
		if (!who[i].rota) {
			add(ret, rotas_stand_in(r, who[i].person, wall_ms));
			continue;
		}
		rota_at(r, who[i].rota, wall_ms, &on);
		if (on.by == ROTA_BY_SHIFT)
			ret->by = ROTA_BY_SHIFT;
		for (k = 0; k < on.n; k++)
			add(ret, on.v[k]);
	}
	if (ret->n && ret->by == ROTA_BY_NOBODY)
		ret->by = ROTA_BY_OTHERWISE;
}

static bool reaches(const struct rotas *r, const struct level_config *level, int64_t wall_ms)
{
	struct rota_set set;
	size_t i, k;

	for (i = 0; i < level->n; i++) {
		rotas_resolve(r, level->steps[i].notify, level->steps[i].n_notify, wall_ms, &set);
		for (k = 0; k < set.n; k++)
			if (set.v[k]->n_reach)
				return true;
	}
	return false;
}

static int64_t level_mark(const struct rotas *r, const struct level_config *level, int64_t wall_ms, int64_t until_ms)
{
	size_t i, k;

	next_edge(r, wall_ms, &until_ms);
	for (i = 0; i < level->n; i++)
		for (k = 0; k < level->steps[i].n_notify; k++)
			if (level->steps[i].notify[k].rota)
				next_mark(r, level->steps[i].notify[k].rota, wall_ms, &until_ms);
	return until_ms;
}

bool rotas_gap(const struct rotas *r, const struct level_config *level, int64_t from_ms, int64_t until_ms,
	       struct rota_gap *ret)
{
	int64_t at_ms = from_ms;

	while (at_ms < until_ms && reaches(r, level, at_ms))
		at_ms = level_mark(r, level, at_ms, until_ms);
	if (at_ms >= until_ms)
		return false;
	ret->from_ms = at_ms;
	while (at_ms < until_ms && !reaches(r, level, at_ms))
		at_ms = level_mark(r, level, at_ms, until_ms);
	ret->to_ms = at_ms;
	return true;
}
