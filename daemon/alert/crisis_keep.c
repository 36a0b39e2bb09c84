/* An incident and its escalation as bytes. The first byte of each says which version it is. */
#include "alert/escalation.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/wire.h"

enum {
	INCIDENT_VERSION_FIRST = 1,
	INCIDENT_VERSION = 2 /* and how long it lingers */,
	VERSION = 1,
	ARENA_MAX_BYTES = 64 * 1024
};
#define FAR_MS (INT64_C(1) << 52) /* from 1970: no clock of ours shows it */

static void put_time(struct buf *b, int64_t steady_ms, int64_t ahead_ms)
{
	wire_put_i64(b, steady_ms == TIME_NONE ? TIME_NONE : steady_ms + ahead_ms);
}

void incident_put(const struct incident *i, int64_t ahead_ms, struct buf *b)
{
	const int64_t times[] = {i->opened_ms, i->raise_ms,    i->ask_ms,  i->answer_ms,
				 i->under_ms,  i->receding_ms, i->deaf_ms, i->linger_ms};
	size_t k;

	wire_put_u8(b, INCIDENT_VERSION);
	wire_put_u64(b, i->id);
	wire_put_text(b, i->topic);
	wire_put_u8(b, (uint8_t)i->state);
	wire_put_u8(b, (uint8_t)i->end);
	wire_put_u8(b, (uint8_t)i->severity);
	wire_put_u8(b, (uint8_t)i->peak);
	wire_put_text(b, i->owner);
	wire_put_u8(b, (uint8_t)i->owned);
	wire_put_u8(b, i->asked);
	wire_put_u8(b, i->raised);
	wire_put_f64(b, i->window);
	for (k = 0; k < ARRAY_LEN(times); k++)
		put_time(b, times[k], ahead_ms);
	wire_put_u32(b, (uint32_t)i->n_facets);
	for (k = 0; k < i->n_facets; k++) {
		wire_put_text(b, i->facets[k].alert);
		wire_put_u8(b, (uint8_t)i->facets[k].severity);
		put_time(b, i->facets[k].unmet_ms, ahead_ms);
		put_time(b, i->facets[k].settled_ms, ahead_ms);
		wire_put_i64(b, i->facets[k].settle_ms);
		wire_put_f64(b, i->facets[k].size);
		wire_put_f64(b, i->facets[k].told_size);
	}
}

/* --- back --- */

struct back {
	struct wire_in *in;
	struct arena *arena;
	int64_t ahead_ms, now_ms, down_ms;
};

static void get_text(const struct back *g, char *to, size_t size)
{
	const char *s = wire_get_text(g->in, g->arena);

	if (!s || strlen(s) >= size)
		g->in->bad = true;
	snprintf(to, size, "%s", s && !g->in->bad ? s : "");
}

static void get_name(const struct back *g, char to[INCIDENT_NAME_SIZE])
{
	get_text(g, to, INCIDENT_NAME_SIZE);
}

static uint8_t get_below(const struct back *g, uint8_t bound)
{
	uint8_t v = wire_get_u8(g->in);

	if (v >= bound)
		g->in->bad = true;
	return v < bound ? v : 0;
}

/* Any number may stand there. */
static int64_t get_steady(const struct back *g)
{
	int64_t wall_ms = wire_get_i64(g->in);

	if (wall_ms == TIME_NONE)
		return TIME_NONE;
	return wall_ms < -FAR_MS || wall_ms > FAR_MS ? g->now_ms : wall_ms - g->ahead_ms;
}

/* Since when: never in the future, and the time when nobody listened does not count. */
static int64_t get_since(const struct back *g)
{
	int64_t at_ms = get_steady(g);

	if (at_ms == TIME_NONE)
		return TIME_NONE;
	at_ms += g->down_ms;
	return at_ms < g->now_ms ? at_ms : g->now_ms;
}

/* Until when: no later than such a wait is long. */
static int64_t get_until(const struct back *g, int64_t most_ms)
{
	int64_t at_ms = get_steady(g);

	return at_ms == TIME_NONE || at_ms < g->now_ms + most_ms ? at_ms : g->now_ms + most_ms;
}

static void get_facets(const struct back *g, struct incident *i)
{
	size_t k;

	i->n_facets = wire_get_count(g->in, 4 + 1 + 5 * 8);
	if (i->n_facets > INCIDENT_FACETS_MAX) {
		g->in->bad = true;
		i->n_facets = 0;
	}
	for (k = 0; k < i->n_facets; k++) {
		struct facet *f = &i->facets[k];

		get_text(g, f->alert, sizeof(f->alert));
		f->severity = (enum severity)get_below(g, SEVERITIES);
		f->unmet_ms = get_since(g);
		f->settled_ms = get_since(g);
		f->settle_ms = wire_get_i64(g->in);
		f->size = wire_get_f64(g->in);
		f->told_size = wire_get_f64(g->in);
		if (f->settle_ms < 0 || f->settle_ms > FAR_MS)
			g->in->bad = true;
	}
}

int incident_get(struct wire_in *in, int64_t ahead_ms, int64_t now_ms, int64_t down_ms, struct incident *ret)
{
	cleanup(arena_freep) struct arena *arena = arena_new(ARENA_MAX_BYTES);
	struct back g = {in, arena, ahead_ms, now_ms, down_ms};
	uint8_t version = wire_get_u8(in);
	struct incident i;

	memset(&i, 0, sizeof(i));
	if (version < INCIDENT_VERSION_FIRST || version > INCIDENT_VERSION)
		return INCIDENT_E_FORMAT;
	i.id = wire_get_u64(in);
	get_name(&g, i.topic);
	i.state = (enum incident_state)get_below(&g, INCIDENT_STATES);
	i.end = (enum incident_end)get_below(&g, INCIDENT_MERGED + 1);
	i.severity = (enum severity)get_below(&g, SEVERITIES);
	i.peak = (enum severity)get_below(&g, SEVERITIES);
	get_name(&g, i.owner);
	i.owned = (enum severity)get_below(&g, SEVERITIES);
	i.asked = get_below(&g, 2);
	i.raised = get_below(&g, 2);
	i.window = wire_get_f64(in);
	i.opened_ms = get_since(&g);
	i.raise_ms = get_until(&g, INCIDENT_RAISE_MS);
	i.ask_ms = get_until(&g, INCIDENT_ASK_MS);
	i.answer_ms = get_until(&g, INCIDENT_ANSWER_MS);
	i.under_ms = get_since(&g);
	i.receding_ms = get_since(&g);
	i.deaf_ms = get_since(&g);
	i.linger_ms = version == INCIDENT_VERSION_FIRST ? TIME_NONE : get_until(&g, INCIDENT_LINGER_MS);
	get_facets(&g, &i);
	if (in->bad)
		return INCIDENT_E_FORMAT;
	*ret = i;
	return 0;
}

/* --- escalation --- */

void escalation_put(const struct escalation *s, int64_t ahead_ms, struct buf *b)
{
	size_t k;

	wire_put_u8(b, VERSION);
	wire_put_u8(b, (uint8_t)s->state);
	wire_put_u8(b, (uint8_t)s->severity);
	wire_put_u8(b, (uint8_t)s->reason);
	wire_put_u32(b, s->round);
	wire_put_u32(b, (uint32_t)s->step);
	wire_put_u8(b, s->nobody);
	put_time(b, s->started_ms, ahead_ms);
	put_time(b, s->due_ms, ahead_ms);
	wire_put_u32(b, (uint32_t)s->n);
	for (k = 0; k < s->n; k++) {
		const struct told *t = &s->told[k];

		wire_put_text(b, t->person);
		wire_put_u8(b, (uint8_t)t->state);
		wire_put_u8(b, (uint8_t)t->severity);
		wire_put_u32(b, t->round);
		put_time(b, t->told_ms, ahead_ms);
		put_time(b, t->until_ms, ahead_ms);
	}
}

static void get_told(const struct back *g, struct escalation *s)
{
	size_t k;

	s->n = wire_get_count(g->in, 4 + 1 + 1 + 4 + 8 + 8);
	if (s->n > ESCALATION_PEOPLE_MAX) {
		g->in->bad = true;
		s->n = 0;
	}
	for (k = 0; k < s->n; k++) {
		struct told *t = &s->told[k];

		get_name(g, t->person);
		t->state = (enum told_state)get_below(g, TOLD_STATES);
		t->severity = (enum severity)get_below(g, SEVERITIES);
		t->round = wire_get_u32(g->in);
		t->told_ms = get_since(g);
		t->until_ms = get_until(g, ESCALATION_HOLD_MAX_MS);
		if (t->state == TOLD_HELD && t->until_ms == TIME_NONE)
			g->in->bad = true;
	}
}

int escalation_get(struct wire_in *in, int64_t ahead_ms, int64_t now_ms, struct escalation *ret)
{
	cleanup(arena_freep) struct arena *arena = arena_new(ARENA_MAX_BYTES);
	struct back g = {in, arena, ahead_ms, now_ms, 0};
	struct escalation s;

	memset(&s, 0, sizeof(s));
	if (wire_get_u8(in) != VERSION)
		return ESCALATION_E_FORMAT;
	s.state = (enum escalation_state)get_below(&g, ESCALATION_STOPPED + 1);
	s.severity = (enum severity)get_below(&g, SEVERITIES);
	s.reason = (enum incident_reason)get_below(&g, INCIDENT_REASONS);
	s.round = wire_get_u32(in);
	s.step = wire_get_u32(in);
	s.nobody = get_below(&g, 2);
	s.started_ms = get_since(&g);
	s.due_ms = get_until(&g, ESCALATION_WAIT_MAX_MS);
	get_told(&g, &s);
	if (in->bad)
		return ESCALATION_E_FORMAT;
	*ret = s;
	return 0;
}
