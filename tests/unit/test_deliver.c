/* Deliveries step by step: cards folded by story and capped, quiet hours, absences, digests by the wall's clock, and what is kept.
 * FAULTS D3, T1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "alert/deliver.h"
#include "alert/filter.h"
#include "alert/rota.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/wire.h"

enum { ANA, LUIS, PEOPLE, KEPT_MAX_BYTES = 4 << 20 };

static int64_t utc(const char *text)
{
	int y, mo, d, h, mi;

	assert_int_equal(sscanf(text, "%d-%d-%d %d:%d", &y, &mo, &d, &h, &mi), 5);
	return clock_days_from_civil(y, mo, d) * DAY_MS + h * HOUR_MS + mi * MINUTE_MS;
}

/* --- a house: Ana gets complaints as they come, both get a digest --- */

struct house {
	struct arena *arena;
	struct person_config people[PEOPLE];
	struct hours quiet[1];
	struct away_config away[1];
	struct who_config ana[1], both[2];
	struct deliver_config v[2];
	int at_min[2];
	struct rotas *rotas;
	struct deliver *d;
	struct deliver_setup setup;
	uint64_t mentions;
};

static void configure(struct house *h, int64_t now_ms)
{
	rotas_free(h->rotas);
	h->rotas = rotas_new(&(struct rotas_setup){h->people, PEOPLE, NULL, 0, "America/Mexico_City"});
	h->setup = (struct deliver_setup){h->v, 2, h->rotas, h->people, PEOPLE, "America/Mexico_City"};
	deliver_configure(h->d, &h->setup, now_ms);
}

static void open_house(struct house *h)
{
	struct condition_fault fault;
	struct filter *f;

	memset(h, 0, sizeof(*h));
	h->arena = arena_new(1 << 20);
	h->people[ANA].name = "ana";
	h->people[LUIS].name = "luis";
	h->ana[0].person = h->both[0].person = &h->people[ANA];
	h->both[1].person = &h->people[LUIS];
	h->quiet[0] = (struct hours){HOURS_EVERY_DAY, 22 * 60, 7 * 60};
	assert_int_equal(filter_parse("intent == complaint", h->arena, &fault, &f), 0);
	h->v[0] = (struct deliver_config){.name = "quejas",
					  .when = f,
					  .to = h->ana,
					  .n_to = 1,
					  .every = DELIVER_NOW,
					  .cap = 3,
					  .gather_ms = 20000};
	h->at_min[0] = 8 * 60 + 30;
	h->v[1] = (struct deliver_config){.name = "resumen",
					  .to = h->both,
					  .n_to = 1,
					  .every = DELIVER_DAILY,
					  .at_min = h->at_min,
					  .n_at = 1,
					  .days = HOURS_EVERY_DAY};
	h->d = deliver_new();
}

static void close_house(struct house *h)
{
	deliver_free(h->d);
	rotas_free(h->rotas);
	arena_free(h->arena);
}

static struct mention *said(struct house *h, uint64_t story, int64_t followers)
{
	static const char *complaint[] = {"complaint"};
	static struct hit hit = {.topic = "acme", .role = "brand", .intents = complaint, .n_intents = 1};
	static struct mention m;

	mention_init(&m);
	h->mentions++;
	memcpy(m.id, &h->mentions, sizeof(h->mentions));
	m.author.followers = followers;
	m.place.story = story;
	m.hits = &hit;
	m.n_hits = 1;
	return &m;
}

static void hit(struct house *h, uint64_t story, int64_t followers, int64_t now_ms)
{
	deliver_hit(h->d, said(h, story, followers), now_ms);
}

/* --- cards --- */

static void gathers_and_folds(void **state)
{
	const int64_t t = utc("2026-07-01 18:00");
	struct deliver_send s;
	struct house h;

	(void)state;
	open_house(&h);
	configure(&h, t);
	hit(&h, 7, 100, t);
	hit(&h, 8, 50, t + 1000);
	hit(&h, 7, 900, t + 2000); /* the same story, by somebody more people hear */
	assert_false(deliver_due(h.d, t + 19999, &s));
	assert_true(deliver_next(h.d) == t + 20000);
	assert_true(deliver_due(h.d, t + 20000, &s));
	assert_int_equal(s.kind, DELIVER_CARDS);
	assert_string_equal(s.person->name, "ana");
	assert_string_equal(s.delivery->name, "quejas");
	assert_int_equal(s.n, 2);
	assert_int_equal(s.items[0].times, 2);
	assert_int_equal(s.items[0].id[0], 3);
	assert_int_equal(s.items[1].id[0], 2);
	assert_int_equal(s.more + s.again, 0);
	assert_false(deliver_due(h.d, t + 20000, &s));

	hit(&h, 8, 10, t + 30000); /* told already: it is said with the next one */
	assert_false(deliver_due(h.d, t + 60000, &s));
	hit(&h, 0, 10, t + 40000);
	assert_true(deliver_due(h.d, t + 60000, &s));
	assert_int_equal(s.n, 1);
	assert_int_equal(s.again, 1);
	close_house(&h);
}

static void passes_over_what_is_no_news(void **state)
{
	const int64_t t = utc("2026-07-01 18:00");
	struct deliver_send s;
	struct mention *m;
	struct house h;

	(void)state;
	open_house(&h);
	configure(&h, t);
	m = said(&h, 1, 0);
	m->baseline = true;
	deliver_hit(h.d, m, t);
	m = said(&h, 2, 0);
	m->own = true;
	deliver_hit(h.d, m, t);
	m = said(&h, 3, 0);
	m->place.uncounted = UNCOUNTED_IGNORED;
	deliver_hit(h.d, m, t);
	m = said(&h, 4, 0);
	m->n_hits = 0;
	deliver_hit(h.d, m, t);
	assert_false(deliver_due(h.d, t + HOUR_MS, &s));
	m = said(&h, 5, 0);
	m->place.uncounted = UNCOUNTED_SYNDICATED; /* in no count, and yet to be read */
	deliver_hit(h.d, m, t);
	assert_true(deliver_due(h.d, t + HOUR_MS, &s));
	close_house(&h);
}

/* Three an hour: what is beyond is counted, and then comes as one message with the most telling of it. */
static void caps_an_hour(void **state)
{
	const int64_t t = utc("2026-07-01 18:00");
	struct deliver_send s;
	struct house h;
	uint64_t i;

	(void)state;
	open_house(&h);
	configure(&h, t);
	for (i = 1; i <= 40; i++)
		hit(&h, i, (int64_t)i, t);
	assert_true(deliver_due(h.d, t + 20000, &s));
	assert_int_equal(s.n, 3);
	assert_int_equal(s.more, 37);
	assert_int_equal(s.items[2].id[0], 40);
	for (i = 41; i <= 50; i++)
		hit(&h, i, (int64_t)i, t + 5 * MINUTE_MS);
	assert_false(deliver_due(h.d, t + 10 * MINUTE_MS, &s));
	assert_true(deliver_next(h.d) == t + HOUR_MS + 0 ||
		    deliver_next(h.d) <= t + 20000 + HOUR_MS); /* the hour began with its first look */
	assert_true(deliver_due(h.d, t + 20000 + HOUR_MS, &s));
	assert_int_equal(s.kind, DELIVER_HELD);
	assert_int_equal(s.held, DELIVER_BY_CAP);
	assert_int_equal(s.n, 3);
	assert_int_equal(s.more, 7);
	assert_int_equal(s.items[0].id[0], 48);
	assert_false(deliver_due(h.d, t + 3 * HOUR_MS, &s));
	close_house(&h);
}

static void is_bounded(void **state)
{
	const int64_t t = utc("2026-07-01 18:00");
	struct deliver_send s;
	struct house h;
	uint64_t i;

	(void)state;
	open_house(&h);
	h.v[0].cap = DELIVER_CAP_MAX;
	configure(&h, t);
	for (i = 1; i <= DELIVER_ITEMS_MAX + 5; i++)
		hit(&h, i, 0, t);
	assert_true(deliver_due(h.d, t + MINUTE_MS, &s));
	assert_int_equal(s.n, DELIVER_CARDS_MAX);
	assert_int_equal(s.more, DELIVER_ITEMS_MAX + 5 - DELIVER_CARDS_MAX);
	/* the oldest stories are forgotten past the bound, and told again */
	for (i = 1; i <= DELIVER_TOLD_MAX + 1; i++)
		hit(&h, 1000 + i, 0, t + 2 * MINUTE_MS);
	assert_true(deliver_due(h.d, t + 3 * MINUTE_MS, &s));
	hit(&h, 1001, 0, t + 4 * MINUTE_MS);
	hit(&h, 1002, 0, t + 4 * MINUTE_MS);
	assert_true(deliver_due(h.d, t + 5 * MINUTE_MS, &s));
	assert_int_equal(s.n + s.again, 2);
	assert_true(s.n >= 1);
	close_house(&h);
}

/* --- time --- */

static void waits_for_the_morning(void **state)
{
	const int64_t night = utc("2026-07-01 05:00"), morning = utc("2026-07-01 13:00"); /* 23:00 and 7:00 in Mexico */
	struct deliver_send s;
	struct house h;
	uint64_t i;

	(void)state;
	open_house(&h);
	h.v[0].cap = 20;
	h.people[ANA].quiet = h.quiet;
	h.people[ANA].n_quiet = 1;
	configure(&h, night);
	for (i = 1; i <= 8; i++)
		hit(&h, i, (int64_t)(10 - i), night + (int64_t)i * MINUTE_MS);
	assert_false(deliver_due(h.d, night + HOUR_MS, &s));
	assert_true(deliver_next(h.d) == morning);
	assert_true(deliver_due(h.d, morning, &s));
	assert_int_equal(s.kind, DELIVER_HELD);
	assert_int_equal(s.held, DELIVER_BY_QUIET);
	assert_int_equal(s.n, DELIVER_HELD_CARDS);
	assert_int_equal(s.more, 8 - DELIVER_HELD_CARDS);
	assert_int_equal(s.items[0].id[0], 1);
	close_house(&h);
}

static void goes_to_who_stands_in(void **state)
{
	const int64_t t = utc("2026-07-08 18:00");
	struct deliver_send s;
	struct house h;

	(void)state;
	open_house(&h);
	h.away[0] = (struct away_config){.from_day = clock_days_from_civil(2026, 7, 6),
					 .to_day = clock_days_from_civil(2026, 7, 9),
					 .stand_in = &h.people[LUIS]};
	h.people[ANA].away = h.away;
	h.people[ANA].n_away = 1;
	configure(&h, t);
	hit(&h, 1, 0, t);
	configure(&h, t + 1); /* a reload drops nothing of who stands in */
	assert_true(deliver_due(h.d, t + MINUTE_MS, &s));
	assert_string_equal(s.person->name, "luis");
	h.away[0].stand_in = NULL; /* nobody: it waits for her */
	configure(&h, t + MINUTE_MS);
	hit(&h, 2, 0, t + MINUTE_MS);
	assert_false(deliver_due(h.d, utc("2026-07-09 20:00"), &s));
	assert_true(deliver_due(h.d, utc("2026-07-10 08:00"), &s));
	assert_int_equal(s.kind, DELIVER_DIGEST); /* as do the digests of those days */
	assert_true(deliver_due(h.d, utc("2026-07-10 08:00"), &s));
	assert_string_equal(s.person->name, "ana");
	assert_int_equal(s.held, DELIVER_BY_AWAY);
	assert_int_equal(s.n, 1);
	close_house(&h);
}

/* 8:30 on the wall, whatever is done to the clock: New York changes on 8 March and 1 November. */
static void digests_by_the_wall(void **state)
{
	static const struct {
		const char *now, *due;
	} cases[] =
		{
			{"2026-03-06 20:00", "2026-03-07 13:30"}, {"2026-03-07 13:30", "2026-03-08 12:30"},
			{"2026-03-08 12:30", "2026-03-09 12:30"}, {"2026-10-31 12:30", "2026-11-01 13:30"},
			{"2026-11-01 13:30", "2026-11-02 13:30"},
		},
	  edges[] = {
		  {"2026-03-08 06:00", "2026-03-08 07:00"}, /* 2:30 is left out: when the wall is set over it */
		  {"2026-03-08 07:00", "2026-03-09 06:30"},
		  {"2026-10-31 20:00", "2026-11-01 05:30"},
		  {"2026-11-01 05:30", "2026-11-02 06:30"}, /* 1:30 comes twice, and counts once */
	  };
	struct deliver_send s;
	struct house h;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		open_house(&h);
		h.people[ANA].timezone = "America/New_York";
		configure(&h, utc(cases[i].now));
		assert_true(deliver_next(h.d) == utc(cases[i].due));
		assert_false(deliver_due(h.d, utc(cases[i].due) - 1, &s));
		assert_true(deliver_due(h.d, utc(cases[i].due), &s));
		assert_int_equal(s.kind, DELIVER_DIGEST);
		assert_true(s.from_ms == utc(cases[i].now) && s.to_ms == utc(cases[i].due));
		assert_false(deliver_due(h.d, utc(cases[i].due), &s));
		close_house(&h);
	}
	for (i = 0; i < ARRAY_LEN(edges); i++) {
		open_house(&h);
		h.at_min[0] = i < 2 ? 2 * 60 + 30 : 60 + 30;
		h.people[ANA].timezone = "America/New_York";
		configure(&h, utc(edges[i].now));
		if (deliver_next(h.d) != utc(edges[i].due))
			fail_msg("%s: %lld min off", edges[i].now,
				 (long long)(deliver_next(h.d) - utc(edges[i].due)) / 60000);
		close_house(&h);
	}
}

static void digests_on_its_days(void **state)
{
	struct deliver_send s;
	struct house h;

	(void)state;
	open_house(&h);
	h.at_min[1] = 18 * 60;
	h.v[1].n_at = 2;
	h.v[1].days = 1 << 1; /* Mondays: 2026-07-06 */
	configure(&h, utc("2026-07-01 18:00"));
	assert_true(deliver_next(h.d) == utc("2026-07-06 14:30"));
	assert_true(deliver_due(h.d, utc("2026-07-06 14:30"), &s));
	assert_true(deliver_next(h.d) == utc("2026-07-07 00:00"));
	assert_true(deliver_due(h.d, utc("2026-07-07 00:01"), &s));
	assert_true(s.from_ms == utc("2026-07-06 14:30"));
	assert_true(deliver_next(h.d) == utc("2026-07-13 14:30"));
	/* three weeks of silence are one digest, of a week */
	assert_true(deliver_due(h.d, utc("2026-07-28 10:00"), &s));
	assert_true(s.from_ms == utc("2026-07-21 10:00"));
	assert_false(deliver_due(h.d, utc("2026-07-28 10:00"), &s));
	close_house(&h);
}

/* Who stands in for somebody and has a digest already does not get a second one. */
static void one_digest_each(void **state)
{
	struct deliver_send s;
	struct house h;
	int n = 0;

	(void)state;
	open_house(&h);
	h.v[1].n_to = 2;
	h.away[0] = (struct away_config){.from_day = clock_days_from_civil(2026, 7, 1),
					 .to_day = clock_days_from_civil(2026, 7, 9),
					 .stand_in = &h.people[LUIS]};
	h.people[ANA].away = h.away;
	h.people[ANA].n_away = 1;
	configure(&h, utc("2026-07-04 00:00"));
	while (deliver_due(h.d, utc("2026-07-04 14:30"), &s))
		n++;
	assert_int_equal(n, 1);
	n = 0;
	while (deliver_due(h.d, utc("2026-07-10 14:30"), &s)) /* she is back */
		n++;
	assert_int_equal(n, 2);
	close_house(&h);
}

static void a_clock_set_back_waits_for_no_week(void **state)
{
	struct deliver_send s;
	struct house h;

	(void)state;
	open_house(&h);
	configure(&h, utc("2030-01-01 00:00"));
	hit(&h, 1, 0, utc("2030-01-01 00:00"));
	assert_true(deliver_due(h.d, utc("2026-07-01 18:00"), &s));
	assert_int_equal(s.n, 1);
	assert_false(deliver_due(h.d, utc("2026-07-01 18:00"), &s));
	assert_true(deliver_next(h.d) == utc("2026-07-02 14:30"));
	assert_true(deliver_due(h.d, utc("2026-07-02 14:30"), &s));
	assert_true(s.from_ms == utc("2026-07-01 14:30"));
	close_house(&h);
}

/* --- kept --- */

static void is_kept(void **state)
{
	const int64_t t = utc("2026-07-01 05:00");
	struct buf a = BUF_INIT(KEPT_MAX_BYTES), b = BUF_INIT(KEPT_MAX_BYTES);
	struct wire_in in;
	struct deliver_send s;
	struct deliver *d;
	struct house h;
	size_t n;
	uint64_t i;

	(void)state;
	open_house(&h);
	h.people[ANA].quiet = h.quiet;
	h.people[ANA].n_quiet = 1;
	configure(&h, t);
	for (i = 1; i <= 5; i++)
		hit(&h, i, (int64_t)i, t);
	assert_false(deliver_due(h.d, t + MINUTE_MS, &s));
	deliver_put(h.d, &a);
	d = deliver_new();
	deliver_configure(d, &h.setup, t + HOUR_MS);
	in = (struct wire_in)WIRE_IN(a.data, a.len);
	assert_int_equal(deliver_get(d, &in, t + HOUR_MS), 0);
	deliver_put(d, &b);
	assert_true(b.len == a.len);
	assert_true(deliver_due(d, utc("2026-07-01 13:00"), &s));
	assert_int_equal(s.n, 3);
	assert_int_equal(s.more, 2);
	assert_int_equal(s.held, DELIVER_BY_QUIET);
	deliver_free(d);

	for (n = 0; n < a.len; n++) { /* cut anywhere, nothing is taken */
		d = deliver_new();
		deliver_configure(d, &h.setup, t);
		in = (struct wire_in)WIRE_IN(a.data, n);
		assert_int_equal(deliver_get(d, &in, t), DELIVER_E_FORMAT);
		assert_false(deliver_due(d, utc("2026-07-01 13:00"), &s));
		deliver_free(d);
	}
	h.v[0].name = "otras"; /* what waits for a delivery that is gone is gone */
	d = deliver_new();
	deliver_configure(d, &h.setup, t);
	in = (struct wire_in)WIRE_IN(a.data, a.len);
	assert_int_equal(deliver_get(d, &in, t), 0);
	assert_false(deliver_due(d, utc("2026-07-01 13:00"), &s));
	deliver_free(d);
	buf_done(&a);
	buf_done(&b);
	close_house(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gathers_and_folds),
		cmocka_unit_test(passes_over_what_is_no_news),
		cmocka_unit_test(caps_an_hour),
		cmocka_unit_test(is_bounded),
		cmocka_unit_test(waits_for_the_morning),
		cmocka_unit_test(goes_to_who_stands_in),
		cmocka_unit_test(digests_by_the_wall),
		cmocka_unit_test(digests_on_its_days),
		cmocka_unit_test(one_digest_each),
		cmocka_unit_test(a_clock_set_back_waits_for_no_week),
		cmocka_unit_test(is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
