#include "alert/deliver.h"

#include <stdio.h>
#include <string.h>

#include "alert/filter.h"
#include "alert/rota.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/wire.h"
#include "base/zone.h"

enum { VERSION = 1, GET_MAX_BYTES = 4 << 20, LOOKS_AHEAD = 12 /* a week of days, and changes of the clock */ };
#define LOOK_AGAIN_MS HOUR_MS      /* whether somebody stands in for who is away */
#define TOLD_MS       (3 * DAY_MS) /* as long as a story may go on */

struct told {
	uint64_t story;
	int64_t at_ms;
};

/* One delivery to one person. */
struct lane {
	const struct deliver_config *of; /* NULL: to be dropped */
	const struct person_config *person;
	struct zone *zone;
	int64_t due_ms;  /* TIME_NONE: nothing waits */
	int64_t from_ms; /* of a digest: where the last one ended */
	/* of cards */
	int64_t hour_ms; /* the hour that n_hour counts began */
	uint32_t n_hour, held;
	struct deliver_item items[DELIVER_ITEMS_MAX];
	size_t n;
	uint64_t more, again;
	struct told told[DELIVER_TOLD_MAX]; /* the newest last */
	size_t n_told;
};

struct deliver {
	struct deliver_setup setup;
	struct lane **v;
	size_t n;
};

struct deliver *deliver_new(void)
{
	return NEW(struct deliver);
}

static struct lane *lane_free(struct lane *l)
{
	if (l)
		zone_free(l->zone);
	free(l);
	return NULL;
}

struct deliver *deliver_free(struct deliver *d)
{
	size_t i;

	for (i = 0; d && i < d->n; i++)
		lane_free(d->v[i]);
	if (d)
		free(d->v);
	free(d);
	return NULL;
}

/* --- when a digest is due --- */

/* The wall shows the minute at at_ms, or is set over it then; not a second time on one day. */
static bool shows(const struct zone *z, int64_t at_ms, int64_t since_ms, int minute)
{
	struct zone_time now, before, since;
	int shown;

	zone_local(z, at_ms, &now);
	zone_local(z, at_ms - SECOND_MS, &before);
	zone_local(z, since_ms, &since);
	shown = now.hour * 60 + now.minute;
	if (hours_day(&since) == hours_day(&now) && since.hour * 60 + since.minute >= minute && since_ms < at_ms &&
	    since.offset_s != now.offset_s)
		return false;
	return shown == minute ||
	       (shown > minute && before.hour * 60 + before.minute < minute && hours_day(&before) == hours_day(&now));
}

/* The first of its times behind since_ms, by the person's clock. */
static int64_t next_time(const struct lane *l, int64_t since_ms)
{
	int64_t best_ms = TIME_NONE, ms;
	struct zone_time t;
	size_t i;
	int tries;

	for (i = 0; i < l->of->n_at; i++) {
		ms = since_ms;
		for (tries = 0; tries < LOOKS_AHEAD; tries++) {
			ms = hours_next(l->zone, ms, l->of->at_min[i]);
			zone_local(l->zone, ms, &t);
			if (l->of->days >> t.weekday & 1 && shows(l->zone, ms, since_ms, l->of->at_min[i]))
				break;
		}
		if (best_ms == TIME_NONE || ms < best_ms)
			best_ms = ms;
	}
	return best_ms;
}

/* --- who gets what --- */

static struct lane *find_lane(const struct deliver *d, const struct deliver_config *of, const struct person_config *p)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		if (d->v[i]->of == of && d->v[i]->person == p)
			return d->v[i];
	return NULL;
}

static struct lane *lane_of(struct deliver *d, const struct deliver_config *of, const struct person_config *p,
			    int64_t now_ms)
{
	struct lane *l = find_lane(d, of, p);

	if (l || d->n == DELIVER_LANES_MAX)
		return l;
	l = NEW(struct lane);
	l->of = of;
	l->person = p;
	if (zone_load(p->timezone ? p->timezone : d->setup.timezone, &l->zone) != 0)
		l->zone = NULL;
	l->from_ms = now_ms;
	l->hour_ms = now_ms;
	l->due_ms = of->every == DELIVER_NOW ? TIME_NONE : next_time(l, now_ms);
	d->v = xreallocarray(d->v, d->n + 1, sizeof(*d->v));
	return d->v[d->n++] = l;
}

static const struct deliver_config *find_delivery(const struct deliver_setup *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (strcmp(s->v[i].name, name) == 0)
			return &s->v[i];
	return NULL;
}

static bool is_named(const struct deliver_config *of, const struct person_config *p)
{
	size_t i;

	for (i = 0; i < of->n_to; i++)
		if (of->to[i].person == p)
			return true;
	return false;
}

/* The same person in another configuration, who may have stood in for who is named; NULL: a digest is for those alone. */
static const struct person_config *find_person(const struct deliver_setup *s, const struct deliver_config *of,
					       const char *name)
{
	size_t i;

	for (i = 0; i < s->n_people; i++)
		if (strcmp(s->people[i].name, name) == 0)
			return of->every == DELIVER_NOW || is_named(of, &s->people[i]) ? &s->people[i] : NULL;
	return NULL;
}

/* A lane goes on under another configuration, with what waits; a digest's times may be others now. */
static bool move_lane(struct lane *l, const struct deliver_setup *to, int64_t now_ms)
{
	const struct deliver_config *of = find_delivery(to, l->of->name);
	const struct person_config *p = of ? find_person(to, of, l->person->name) : NULL;

	if (!p || of->every != l->of->every)
		return false;
	l->of = of;
	l->person = p;
	zone_free(l->zone);
	l->zone = NULL;
	if (zone_load(p->timezone ? p->timezone : to->timezone, &l->zone) != 0)
		l->zone = NULL;
	if (of->every == DELIVER_DAILY && l->due_ms > now_ms)
		l->due_ms = next_time(l, now_ms);
	return true;
}

/* Who stood in for somebody has a lane of their own; it goes on while something waits there. */
void deliver_configure(struct deliver *d, const struct deliver_setup *setup, int64_t now_ms)
{
	size_t i, k, n = 0;

	for (i = 0; i < d->n; i++) {
		if (move_lane(d->v[i], setup, now_ms))
			d->v[n++] = d->v[i];
		else
			lane_free(d->v[i]);
	}
	d->n = n;
	d->setup = *setup;
	for (i = 0; i < setup->n; i++)
		for (k = 0; setup->v[i].every == DELIVER_DAILY && k < setup->v[i].n_to; k++)
			if (setup->v[i].to[k].person)
				lane_of(d, &setup->v[i], setup->v[i].to[k].person, now_ms);
}

/* --- hits --- */

bool deliver_is_news(const struct mention *m)
{
	return !m->baseline && !m->own && m->place.uncounted != UNCOUNTED_IGNORED;
}

const struct hit *deliver_matches(const struct deliver_config *v, const struct mention *m)
{
	size_t i;

	for (i = 0; i < m->n_hits; i++)
		if (!v->when || filter_holds(v->when, m, &m->hits[i]))
			return &m->hits[i];
	return NULL;
}

static bool was_told(const struct lane *l, uint64_t story, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < l->n_told; i++)
		if (l->told[i].story == story && now_ms - l->told[i].at_ms < TOLD_MS)
			return true;
	return false;
}

static void note_told(struct lane *l, uint64_t story, int64_t now_ms)
{
	if (l->n_told == DELIVER_TOLD_MAX)
		memmove(&l->told[0], &l->told[1], --l->n_told * sizeof(l->told[0]));
	l->told[l->n_told++] = (struct told){story, now_ms};
}

/* The place of the item that least is lost by: of the smallest reach, the newest of those. */
static size_t least(const struct lane *l)
{
	size_t i, at = 0;

	for (i = 1; i < l->n; i++)
		if (l->items[i].reach <= l->items[at].reach)
			at = i;
	return at;
}

static void add_item(struct lane *l, const struct deliver_item *item)
{
	size_t at;

	if (l->n == DELIVER_ITEMS_MAX) {
		l->more++;
		at = least(l);
		if (l->items[at].reach >= item->reach)
			return;
		memmove(&l->items[at], &l->items[at + 1], (--l->n - at) * sizeof(l->items[0]));
	}
	l->items[l->n++] = *item;
}

static void take(struct lane *l, const struct deliver_item *item, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (l->items[i].story != item->story)
			continue;
		l->items[i].times++;
		if (item->reach > l->items[i].reach) { /* whom most people hear tells it */
			l->items[i].reach = item->reach;
			memcpy(l->items[i].id, item->id, sizeof(item->id));
		}
		return;
	}
	if (was_told(l, item->story, now_ms)) {
		l->again++;
		return;
	}
	note_told(l, item->story, now_ms);
	add_item(l, item);
	if (l->due_ms == TIME_NONE)
		l->due_ms = now_ms + l->of->gather_ms;
}

static void deliver_one(struct deliver *d, const struct deliver_config *v, const struct deliver_item *item,
			int64_t now_ms)
{
	struct rota_set set;
	struct lane *l;
	size_t i;

	rotas_resolve(d->setup.rotas, v->to, v->n_to, now_ms, &set);
	if (!set.n) /* nobody is there, and nobody stands in: it waits for those who are named */
		for (i = 0; i < v->n_to; i++)
			if (v->to[i].person && set.n < ROTA_SET_MAX)
				set.v[set.n++] = v->to[i].person;
	for (i = 0; i < set.n; i++) {
		l = lane_of(d, v, set.v[i], now_ms);
		if (l)
			take(l, item, now_ms);
	}
}

bool deliver_hit(struct deliver *d, const struct mention *m, int64_t now_ms)
{
	struct deliver_item item = {.story = m->place.story,
				    .reach = m->author.followers > 0 ? (double)m->author.followers : 0,
				    .times = 1};
	bool any = false;
	size_t i;

	if (!deliver_is_news(m))
		return false;
	memcpy(item.id, m->id, sizeof(item.id));
	if (!item.story)
		memcpy(&item.story, m->id, sizeof(item.story));
	for (i = 0; i < d->setup.n; i++)
		if (d->setup.v[i].every == DELIVER_NOW && deliver_matches(&d->setup.v[i], m)) {
			deliver_one(d, &d->setup.v[i], &item, now_ms);
			any = true;
		}
	return any;
}

/* --- what is due --- */

int64_t deliver_next(const struct deliver *d)
{
	int64_t ms = TIME_NONE;
	size_t i;

	for (i = 0; i < d->n; i++)
		if (d->v[i]->due_ms != TIME_NONE && (ms == TIME_NONE || d->v[i]->due_ms < ms))
			ms = d->v[i]->due_ms;
	return ms;
}

/* Who gets it now; NULL: it waits. */
static const struct person_config *now_for(const struct deliver *d, struct lane *l, int64_t now_ms)
{
	const struct person_config *p = rotas_stand_in(d->setup.rotas, l->person, now_ms);
	int64_t quiet_ms;

	if (!p) {
		l->held |= DELIVER_BY_AWAY;
		l->due_ms = now_ms + LOOK_AGAIN_MS;
		return NULL;
	}
	quiet_ms = rotas_quiet_until(d->setup.rotas, p, now_ms);
	if (quiet_ms == TIME_NONE)
		return p;
	l->held |= DELIVER_BY_QUIET;
	l->due_ms = quiet_ms > now_ms ? quiet_ms : now_ms + MINUTE_MS;
	return NULL;
}

/* The items with the largest reach, in the order in which they came; the others go by number. */
static void take_most_telling(struct lane *l, size_t most)
{
	while (l->n > most) {
		size_t at = least(l);

		l->more++;
		memmove(&l->items[at], &l->items[at + 1], (--l->n - at) * sizeof(l->items[0]));
	}
}

/* All that waits goes: by name as far as there is room, the rest by number. */
static void fill_cards(struct lane *l, struct deliver_send *ret)
{
	size_t room = (size_t)l->of->cap - l->n_hour, most = l->held ? DELIVER_HELD_CARDS : DELIVER_CARDS_MAX;

	ret->kind = l->held ? DELIVER_HELD : DELIVER_CARDS;
	ret->held = l->held;
	take_most_telling(l, room < most ? room : most);
	memcpy(ret->items, l->items, l->n * sizeof(ret->items[0]));
	ret->n = l->n;
	ret->more = l->more;
	ret->again = l->again;
	l->n_hour += (uint32_t)l->n;
	l->n = 0;
	l->more = l->again = 0;
	l->held = 0;
	l->due_ms = TIME_NONE;
}

static bool cards_due(struct deliver *d, struct lane *l, int64_t now_ms, struct deliver_send *ret)
{
	ret->person = now_for(d, l, now_ms);
	if (!ret->person)
		return false;
	if (now_ms - l->hour_ms >= HOUR_MS || now_ms < l->hour_ms) {
		l->hour_ms = now_ms;
		l->n_hour = 0;
	}
	if (l->n_hour >= (uint32_t)l->of->cap) {
		l->held |= DELIVER_BY_CAP;
		l->due_ms = l->hour_ms + HOUR_MS;
		return false;
	}
	fill_cards(l, ret);
	return true;
}

static bool digest_due(struct deliver *d, struct lane *l, int64_t now_ms, struct deliver_send *ret)
{
	ret->person = now_for(d, l, now_ms);
	if (!ret->person)
		return false;
	if (ret->person != l->person && is_named(l->of, ret->person)) { /* they have their own */
		l->due_ms = next_time(l, now_ms);
		return false;
	}
	ret->kind = DELIVER_DIGEST;
	ret->held = l->held;
	ret->from_ms = l->from_ms > now_ms || now_ms - l->from_ms > DELIVER_DIGEST_MAX_MS
			       ? now_ms - (l->from_ms > now_ms ? DAY_MS : DELIVER_DIGEST_MAX_MS)
			       : l->from_ms;
	ret->to_ms = l->from_ms = now_ms;
	l->held = 0;
	l->due_ms = next_time(l, now_ms);
	return true;
}

bool deliver_due(struct deliver *d, int64_t now_ms, struct deliver_send *ret)
{
	size_t i;

	for (i = 0; i < d->n; i++) {
		struct lane *l = d->v[i];

		if (l->due_ms == TIME_NONE)
			continue;
		if (l->due_ms - now_ms > DELIVER_WAIT_MAX_MS) /* the clock was set back */
			l->due_ms = l->of->every == DELIVER_DAILY ? next_time(l, now_ms) : now_ms;
		if (l->due_ms > now_ms)
			continue;
		*ret = (struct deliver_send){.delivery = l->of};
		if (l->of->every == DELIVER_DAILY ? digest_due(d, l, now_ms, ret) : cards_due(d, l, now_ms, ret))
			return true;
	}
	return false;
}

/* --- kept --- */

void deliver_put(const struct deliver *d, struct buf *b)
{
	size_t i, k;

	wire_put_u8(b, VERSION);
	wire_put_u32(b, (uint32_t)d->n);
	for (i = 0; i < d->n; i++) {
		const struct lane *l = d->v[i];

		wire_put_text(b, l->of->name);
		wire_put_text(b, l->person->name);
		wire_put_u8(b, (uint8_t)l->of->every);
		wire_put_i64(b, l->due_ms);
		wire_put_i64(b, l->from_ms);
		wire_put_i64(b, l->hour_ms);
		wire_put_u32(b, l->n_hour);
		wire_put_u32(b, l->held);
		wire_put_u64(b, l->more);
		wire_put_u64(b, l->again);
		wire_put_u32(b, (uint32_t)l->n);
		for (k = 0; k < l->n; k++) {
			wire_put_bytes(b, l->items[k].id, MENTION_ID_BYTES);
			wire_put_u64(b, l->items[k].story);
			wire_put_f64(b, l->items[k].reach);
			wire_put_u32(b, l->items[k].times);
		}
		wire_put_u32(b, (uint32_t)l->n_told);
		for (k = 0; k < l->n_told; k++) {
			wire_put_u64(b, l->told[k].story);
			wire_put_i64(b, l->told[k].at_ms);
		}
	}
}

static void get_item(struct wire_in *in, struct deliver_item *item)
{
	size_t len;
	const char *id = wire_get_bytes(in, &len);

	if (in->bad || len != MENTION_ID_BYTES) {
		in->bad = true;
		return;
	}
	memcpy(item->id, id, MENTION_ID_BYTES);
	item->story = wire_get_u64(in);
	item->reach = wire_get_f64(in);
	item->times = wire_get_u32(in);
}

static uint32_t get_bounded(struct wire_in *in, uint32_t max)
{
	uint32_t n = wire_get_u32(in);

	if (n > max)
		in->bad = true;
	return in->bad ? 0 : n;
}

static void get_lane(struct wire_in *in, struct lane *l)
{
	size_t k;

	l->due_ms = wire_get_i64(in);
	l->from_ms = wire_get_i64(in);
	l->hour_ms = wire_get_i64(in);
	l->n_hour = wire_get_u32(in);
	l->held = wire_get_u32(in);
	l->more = wire_get_u64(in);
	l->again = wire_get_u64(in);
	l->n = get_bounded(in, DELIVER_ITEMS_MAX);
	for (k = 0; k < l->n; k++)
		get_item(in, &l->items[k]);
	l->n_told = get_bounded(in, DELIVER_TOLD_MAX);
	for (k = 0; k < l->n_told; k++) {
		l->told[k].story = wire_get_u64(in);
		l->told[k].at_ms = wire_get_i64(in);
	}
}

/* What it says of a lane that is there. Others are read over: nobody is told by them any more. */
static void take_lane(struct deliver *d, const struct lane *l, const char *name, const char *person, int every,
		      int64_t now_ms)
{
	const struct deliver_config *of = name ? find_delivery(&d->setup, name) : NULL;
	const struct person_config *p = of && person ? find_person(&d->setup, of, person) : NULL;
	struct lane *mine = p && of->every == every ? lane_of(d, of, p, now_ms) : NULL, kept;

	if (!mine)
		return;
	kept = *l;
	kept.of = of;
	kept.person = p;
	kept.zone = mine->zone;
	*mine = kept;
}

int deliver_get(struct deliver *d, struct wire_in *in, int64_t now_ms)
{
	cleanup(arena_freep) struct arena *a = arena_new(GET_MAX_BYTES);
	const struct wire_in from = *in;
	int pass;

	for (pass = 0; pass < 2; pass++) { /* first whether all of it can be read */
		uint32_t n, i;

		*in = from;
		if (wire_get_u8(in) != VERSION)
			return DELIVER_E_FORMAT;
		n = get_bounded(in, DELIVER_LANES_MAX);
		for (i = 0; i < n && !in->bad; i++) {
			struct lane l = {.n = 0};
			const char *name = wire_get_text(in, a), *person = wire_get_text(in, a);
			int every = wire_get_u8(in);

			get_lane(in, &l);
			if (pass == 1)
				take_lane(d, &l, name, person, every, now_ms);
		}
		if (!wire_done(in))
			return DELIVER_E_FORMAT;
	}
	return 0;
}
