/* Who is on call: a year with changes of the clock, minute by minute, against tables written by hand; absences, quiet hours, gaps.
 * FAULTS T1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "alert/rota.h"

enum { MON_FRI = 0x3E, SAT_SUN = 0x41, FRI_SAT = 0x60, SUN = 1, H = 60 };

static int64_t utc(const char *text)
{
	int y, mo, d, h, mi;

	assert_int_equal(sscanf(text, "%d-%d-%d %d:%d", &y, &mo, &d, &h, &mi), 5);
	return clock_days_from_civil(y, mo, d) * DAY_MS + h * HOUR_MS + mi * MINUTE_MS;
}

static int64_t day(int month, int d)
{
	return clock_days_from_civil(2026, month, d);
}

/* --- the house: three people, four kinds of shifts --- */

enum { ANA, LUIS, EVA, PEOPLE };

static const struct reach_config mail[] = {{.name = "correo", .address = "x@example.com"}};

struct house {
	struct person_config people[PEOPLE];
	struct away_config ana_away[1], luis_away[1], eva_away[1];
	struct who_config ana[1], luis[1], eva[1], both[2], on_call[1];
	struct shift_config shifts[4];
	struct rota_config rota;
	struct rotas *rotas;
};

static void open_house(struct house *h, const char *timezone)
{
	static const char *const names[] = {"ana", "luis", "eva"};
	size_t i;

	memset(h, 0, sizeof(*h));
	for (i = 0; i < PEOPLE; i++)
		h->people[i] = (struct person_config){.name = names[i], .reach = mail, .n_reach = 1};
	h->ana[0].person = h->both[0].person = &h->people[ANA];
	h->luis[0].person = h->both[1].person = &h->people[LUIS];
	h->eva[0].person = &h->people[EVA];
	h->on_call[0].rota = &h->rota;
	h->shifts[0] = (struct shift_config){.hours = {MON_FRI, 7 * H, 15 * H}, .who = h->ana, .n_who = 1};
	h->shifts[1] = (struct shift_config){.hours = {MON_FRI, 15 * H, 23 * H}, .who = h->luis, .n_who = 1};
	h->shifts[2] = (struct shift_config){.hours = {SAT_SUN, 9 * H, 21 * H},
					     .who = h->both,
					     .n_who = 2,
					     .rotate = ROTATE_WEEKLY,
					     .since_day = day(1, 5)};
	h->shifts[3] = (struct shift_config){.hours = {FRI_SAT, 23 * H, 3 * H}, .who = h->eva, .n_who = 1};
	h->rota = (struct rota_config){
		.name = "cm", .shifts = h->shifts, .n_shifts = 4, .otherwise = h->luis, .n_otherwise = 1};
	h->rotas = rotas_new(&(struct rotas_setup){h->people, PEOPLE, &h->rota, 1, timezone});
}

/* Ana is away for two weeks of July, and Luis stands in; he is away for three days of them, and Eva stands in; she is away for
 * one of these, and names Ana. */
static void go_on_holiday(struct house *h, const char *timezone)
{
	h->ana_away[0] =
		(struct away_config){.from_day = day(7, 6), .to_day = day(7, 19), .stand_in = &h->people[LUIS]};
	h->luis_away[0] =
		(struct away_config){.from_day = day(7, 13), .to_day = day(7, 15), .stand_in = &h->people[EVA]};
	h->eva_away[0] =
		(struct away_config){.from_day = day(7, 14), .to_day = day(7, 14), .stand_in = &h->people[ANA]};
	h->people[ANA].away = h->ana_away;
	h->people[LUIS].away = h->luis_away;
	h->people[EVA].away = h->eva_away;
	h->people[ANA].n_away = h->people[LUIS].n_away = h->people[EVA].n_away = 1;
	rotas_free(h->rotas);
	h->rotas = rotas_new(&(struct rotas_setup){h->people, PEOPLE, &h->rota, 1, timezone});
}

/* --- the tables: all in UTC, as somebody with a calendar would write them. A later row wins; where none holds it is Luis --- */

enum { EACH = -1, EVEN /* of the weeks since 5 January */ };
#define NOBODY ""
struct row {
	const char *from, *to; /* of spans that begin in between; days 0: this very span */
	int days;
	const char *at;
	int minutes, week;
	const char *who;
};

static const struct row santiago[] = {
	/* UTC−3 until 4 April, 24:00 */
	{"2025-12-25 00:00", "2026-04-05 03:00", MON_FRI, "10:00", 480, EACH, "ana"},
	{"2025-12-25 00:00", "2026-04-05 03:00", SAT_SUN, "12:00", 720, EVEN, "ana"},
	{"2025-12-25 00:00", "2026-04-05 03:00", SAT_SUN, "02:00", 240, EACH, "eva"},
	{"2026-04-05 02:00", "2026-04-05 07:00", 0, NULL, 0, EACH, "eva"}, /* its hour from 23 to 24 comes twice */
	/* UTC−4 until 6 September, 0:00 */
	{"2026-04-05 03:00", "2026-09-06 03:00", MON_FRI, "11:00", 480, EACH, "ana"},
	{"2026-04-05 03:00", "2026-09-06 03:00", SAT_SUN, "13:00", 720, EVEN, "ana"},
	{"2026-04-06 00:00", "2026-09-06 03:00", SAT_SUN, "03:00", 240, EACH, "eva"},
	{"2026-09-06 03:00", "2026-09-06 06:00", 0, NULL, 0, EACH, "eva"}, /* its hour from 0 to 1 never comes */
	{"2026-09-06 04:00", "2027-01-08 00:00", MON_FRI, "10:00", 480, EACH, "ana"},
	{"2026-09-06 04:00", "2027-01-08 00:00", SAT_SUN, "12:00", 720, EVEN, "ana"},
	{"2026-09-07 00:00", "2027-01-08 00:00", SAT_SUN, "02:00", 240, EACH, "eva"},
	/* July */
	{"2026-07-06 04:00", "2026-07-13 04:00", 0, NULL, 0, EACH, "luis"},
	{"2026-07-13 04:00", "2026-07-14 04:00", 0, NULL, 0, EACH, "eva"},
	{"2026-07-14 04:00", "2026-07-15 04:00", 0, NULL, 0, EACH, NOBODY},
	{"2026-07-15 04:00", "2026-07-16 04:00", 0, NULL, 0, EACH, "eva"},
	{"2026-07-16 04:00", "2026-07-20 04:00", 0, NULL, 0, EACH, "luis"},
	{"2026-07-10 00:00", "2026-07-20 00:00", SAT_SUN, "03:00", 240, EACH, "eva"},
	{NULL},
};
static const struct row madrid[] = {
	{"2025-12-25 00:00", "2026-03-29 01:00", MON_FRI, "06:00", 480, EACH, "ana"},
	{"2025-12-25 00:00", "2026-03-29 01:00", SAT_SUN, "08:00", 720, EVEN, "ana"},
	{"2025-12-25 00:00", "2026-03-28 12:00", FRI_SAT, "22:00", 240, EACH, "eva"},
	{"2026-03-28 22:00", "2026-03-29 01:00", 0, NULL, 0, EACH, "eva"}, /* 2:00 is 3:00 */
	{"2026-03-29 01:00", "2026-10-25 01:00", MON_FRI, "05:00", 480, EACH, "ana"},
	{"2026-03-29 01:00", "2026-10-25 01:00", SAT_SUN, "07:00", 720, EVEN, "ana"},
	{"2026-03-29 01:00", "2026-10-25 01:00", FRI_SAT, "21:00", 240, EACH, "eva"},
	{"2026-10-24 21:00", "2026-10-25 02:00", 0, NULL, 0, EACH, "eva"}, /* 3:00 is 2:00 */
	{"2026-10-25 01:00", "2027-01-08 00:00", MON_FRI, "06:00", 480, EACH, "ana"},
	{"2026-10-25 01:00", "2027-01-08 00:00", SAT_SUN, "08:00", 720, EVEN, "ana"},
	{"2026-10-25 01:00", "2027-01-08 00:00", FRI_SAT, "22:00", 240, EACH, "eva"},
	{NULL},
};
static const struct row new_york[] = {
	{"2025-12-25 00:00", "2026-03-08 07:00", MON_FRI, "12:00", 480, EACH, "ana"},
	{"2025-12-25 00:00", "2026-03-08 07:00", SAT_SUN, "14:00", 720, EVEN, "ana"},
	{"2025-12-25 00:00", "2026-03-08 00:00", SAT_SUN, "04:00", 240, EACH, "eva"},
	{"2026-03-08 04:00", "2026-03-08 07:00", 0, NULL, 0, EACH, "eva"}, /* 2:00 is 3:00 */
	{"2026-03-08 07:00", "2026-11-01 06:00", MON_FRI, "11:00", 480, EACH, "ana"},
	{"2026-03-08 07:00", "2026-11-01 06:00", SAT_SUN, "13:00", 720, EVEN, "ana"},
	{"2026-03-08 07:00", "2026-11-01 06:00", SAT_SUN, "03:00", 240, EACH, "eva"},
	{"2026-11-01 03:00", "2026-11-01 08:00", 0, NULL, 0, EACH, "eva"}, /* 2:00 is 1:00 */
	{"2026-11-01 06:00", "2027-01-08 00:00", MON_FRI, "12:00", 480, EACH, "ana"},
	{"2026-11-01 06:00", "2027-01-08 00:00", SAT_SUN, "14:00", 720, EVEN, "ana"},
	{"2026-11-01 06:00", "2027-01-08 00:00", SAT_SUN, "04:00", 240, EACH, "eva"},
	{NULL},
};

static void paint(const char **minutes, size_t n, int64_t from_ms, int64_t span_min, const char *who)
{
	int64_t i = (from_ms - utc("2026-01-01 00:00")) / MINUTE_MS, end = i + span_min;

	for (; i < end; i++)
		if (i >= 0 && i < (int64_t)n)
			minutes[i] = who;
}

static void paint_row(const char **minutes, size_t n, const struct row *row)
{
	int64_t from = utc(row->from), to = utc(row->to), day_ms, week;
	int hour, minute;

	if (!row->days) {
		paint(minutes, n, from, (to - from) / MINUTE_MS, row->who);
		return;
	}
	assert_int_equal(sscanf(row->at, "%d:%d", &hour, &minute), 2);
	for (day_ms = from - from % DAY_MS; day_ms < to; day_ms += DAY_MS) {
		int64_t at = day_ms + hour * HOUR_MS + minute * MINUTE_MS;
		int weekday = (int)((day_ms / DAY_MS + 4) % 7);

		week = (day_ms - utc("2025-12-22 00:00")) / (7 * DAY_MS); /* a Monday, an even number of weeks before */
		if (at >= from && at < to && row->days >> weekday & 1 && (row->week == EACH || row->week == week % 2))
			paint(minutes, n, at, row->minutes, row->who);
	}
}

static void check_year(const struct house *h, const struct row *table)
{
	enum { MINUTES = 365 * 24 * 60 };
	const char **minutes = xcalloc(MINUTES, sizeof(*minutes));
	int64_t at = utc("2026-01-01 00:00"), next = at, i;
	struct rota_set set = {.n = 0};
	unsigned seen = 0;

	paint(minutes, MINUTES, at, MINUTES, "luis");
	for (; table->from; table++)
		paint_row(minutes, MINUTES, table);
	for (i = 0; i < MINUTES; i++, at += MINUTE_MS) {
		bool changed = i == 0 || strcmp(minutes[i], minutes[i - 1]) != 0;

		rota_at(h->rotas, &h->rota, at, &set);
		if (set.n > 1 || strcmp(set.n ? set.v[0]->name : NOBODY, minutes[i]) != 0) {
			char text[CLOCK_RFC3339_SIZE];

			fail_msg("%s: %s, by the table %s", clock_rfc3339(at, 0, text),
				 set.n ? set.v[0]->name : "nobody", minutes[i]);
		}
		if (changed && i)
			assert_true(next <=
				    at); /* a shift's end counts as a change where the same one goes on otherwise */
		if (next <= at) {
			assert_int_equal(next, at);
			next = rota_next(h->rotas, &h->rota, at, at + 400 * DAY_MS);
			assert_true(next > at);
			seen++;
		}
	}
	assert_in_range(seen, 900, 1200);
	free(minutes);
}

static void a_year_in_santiago(void **state)
{
	struct house h;

	(void)state;
	open_house(&h, "America/Santiago");
	go_on_holiday(&h, "America/Santiago");
	check_year(&h, santiago);
	rotas_free(h.rotas);
}

static void a_year_in_madrid(void **state)
{
	struct house h;

	(void)state;
	open_house(&h, "Europe/Madrid");
	check_year(&h, madrid);
	rotas_free(h.rotas);
}

static void a_year_in_new_york(void **state)
{
	struct house h;

	(void)state;
	open_house(&h, "America/New_York");
	check_year(&h, new_york);
	rotas_free(h.rotas);
}

/* --- turns --- */

static void turns(void **state)
{
	static const struct {
		int rotate;
		const char *at, *who;
	} cases[] = {
		{ROTATE_DAILY, "2026-01-07 12:00", "ana"},       {ROTATE_DAILY, "2026-01-08 12:00", "luis"},
		{ROTATE_DAILY, "2026-01-06 12:00", "eva"},       {ROTATE_WEEKLY, "2026-01-13 12:00", "ana"},
		{ROTATE_WEEKLY, "2026-01-14 12:00", "luis"},     {ROTATE_WEEKLY, "2026-01-06 12:00", "eva"},
		{ROTATE_FORTNIGHTLY, "2026-01-20 12:00", "ana"}, {ROTATE_FORTNIGHTLY, "2026-01-21 12:00", "luis"},
		{ROTATE_MONTHLY, "2026-01-31 12:00", "ana"},     {ROTATE_MONTHLY, "2026-02-01 12:00", "luis"},
		{ROTATE_MONTHLY, "2025-12-31 12:00", "eva"},     {ROTATE_MONTHLY, "2027-01-01 12:00", "ana"},
	};
	struct who_config who[3];
	struct rota_set set;
	struct house h;
	size_t i;

	(void)state;
	open_house(&h, "UTC");
	for (i = 0; i < 3; i++)
		who[i] = (struct who_config){.person = &h.people[i]};
	h.shifts[0] = (struct shift_config){
		.hours = {HOURS_EVERY_DAY, 0, HOURS_DAY_MIN}, .who = who, .n_who = 3, .since_day = day(1, 7)};
	h.rota.n_shifts = 1;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		h.shifts[0].rotate = cases[i].rotate;
		rota_at(h.rotas, &h.rota, utc(cases[i].at), &set);
		assert_int_equal(set.n, 1);
		assert_string_equal(set.v[0]->name, cases[i].who);
	}
	h.shifts[0].rotate = ROTATE_NEVER; /* all of them */
	rota_at(h.rotas, &h.rota, utc("2026-01-07 12:00"), &set);
	assert_int_equal(set.n, 3);
	rotas_free(h.rotas);
}

/* Nobody stands in for Ana: in a rotating shift the next one does, in a plain one it is otherwise. */
static void away_without_a_stand_in(void **state)
{
	struct rota_set set;
	struct house h;

	(void)state;
	open_house(&h, "UTC");
	h.ana_away[0] = (struct away_config){.from_day = day(1, 9), .to_day = day(1, 10)};
	h.people[ANA].away = h.ana_away;
	h.people[ANA].n_away = 1;
	rota_at(h.rotas, &h.rota, utc("2026-01-10 12:00"), &set); /* a Saturday of hers */
	assert_ptr_equal(set.v[0], &h.people[LUIS]);
	assert_int_equal(set.by, ROTA_BY_SHIFT);
	rota_at(h.rotas, &h.rota, utc("2026-01-11 12:00"), &set);
	assert_ptr_equal(set.v[0], &h.people[ANA]);
	rota_at(h.rotas, &h.rota, utc("2026-01-09 12:00"), &set);
	assert_ptr_equal(set.v[0], &h.people[LUIS]);
	assert_int_equal(set.by, ROTA_BY_OTHERWISE);
	assert_null(rotas_stand_in(h.rotas, &h.people[ANA], utc("2026-01-09 00:00")));
	assert_ptr_equal(rotas_stand_in(h.rotas, &h.people[ANA], utc("2026-01-08 23:59")), &h.people[ANA]);
	rotas_free(h.rotas);
}

/* An absence counts by the person's own clock. */
static void away_far_away(void **state)
{
	struct house h;

	(void)state;
	open_house(&h, "America/Santiago");
	h.people[LUIS].timezone = "Asia/Kathmandu";
	go_on_holiday(&h, "America/Santiago");
	assert_ptr_equal(rotas_stand_in(h.rotas, &h.people[LUIS], utc("2026-07-12 18:14")), &h.people[LUIS]);
	assert_ptr_equal(rotas_stand_in(h.rotas, &h.people[LUIS], utc("2026-07-12 18:15")), &h.people[EVA]);
	rotas_free(h.rotas);
}

/* --- quiet hours --- */

static void quiet_hours(void **state)
{
	static const struct hours nights[] = {{HOURS_EVERY_DAY, 22 * H, 7 * H}, {SUN, 0, HOURS_DAY_MIN}};
	static const struct {
		int who;
		const char *at, *until; /* NULL: not quiet */
	} cases[] = {
		{ANA, "2026-01-05 23:00", "2026-01-06 07:00"},
		{ANA, "2026-01-05 12:00", NULL},
		{LUIS, "2026-01-05 22:30", NULL}, /* is on shift until 23:00 */
		{LUIS, "2026-01-05 23:00", "2026-01-06 07:00"},
		{EVA, "2026-01-09 22:30", "2026-01-09 23:00"}, /* until her own shift begins */
		{EVA, "2026-01-10 01:00", NULL},
		{EVA, "2026-01-10 03:00", "2026-01-10 07:00"},
		{ANA, "2026-01-10 23:00", "2026-01-11 09:00"}, /* the night, then Sunday, then her shift */
		{LUIS, "2026-01-10 23:00", "2026-01-12 07:00"},
	};
	struct house h;
	size_t i;

	(void)state;
	open_house(&h, "UTC");
	for (i = 0; i < PEOPLE; i++) {
		h.people[i].quiet = nights;
		h.people[i].n_quiet = 2;
	}
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t want = cases[i].until ? utc(cases[i].until) : TIME_NONE;

		assert_int_equal(rotas_quiet_until(h.rotas, &h.people[cases[i].who], utc(cases[i].at)), want);
	}
	rotas_free(h.rotas);
}

static void quiet_without_end(void **state)
{
	static const struct hours always[] = {{HOURS_EVERY_DAY, 0, HOURS_DAY_MIN}};
	int64_t at = utc("2026-01-05 12:00");
	struct house h;

	(void)state;
	open_house(&h, "UTC");
	h.people[EVA].quiet = always;
	h.people[EVA].n_quiet = 1;
	h.rota.n_shifts = 0;
	assert_int_equal(rotas_quiet_until(h.rotas, &h.people[EVA], at), at + ROTA_QUIET_MAX_MS);
	rotas_free(h.rotas);
}

/* --- steps and gaps --- */

static void steps_and_their_gaps(void **state)
{
	struct house h;
	struct step_config steps[2];
	struct level_config level = {steps, 1};
	struct rota_gap gap;
	struct rota_set set;

	(void)state;
	open_house(&h, "America/Santiago");
	go_on_holiday(&h, "America/Santiago");
	steps[0] = (struct step_config){.notify = h.on_call, .n_notify = 1};
	steps[1] = (struct step_config){.notify = h.ana, .n_notify = 1};
	assert_true(rotas_gap(h.rotas, &level, utc("2026-01-01 00:00"), utc("2027-01-01 00:00"), &gap));
	assert_int_equal(gap.from_ms, utc("2026-07-14 04:00"));
	assert_int_equal(gap.to_ms, utc("2026-07-15 04:00"));
	assert_false(rotas_gap(h.rotas, &level, gap.to_ms, utc("2027-01-01 00:00"), &gap));

	h.people[EVA].n_reach = 0; /* then her night shifts reach nobody, but for the second step's */
	assert_true(rotas_gap(h.rotas, &level, utc("2026-01-01 00:00"), utc("2027-01-01 00:00"), &gap));
	assert_int_equal(gap.from_ms, utc("2026-01-03 02:00"));
	assert_int_equal(gap.to_ms, utc("2026-01-03 06:00"));
	level.n = 2;
	assert_true(rotas_gap(h.rotas, &level, utc("2026-01-01 00:00"), utc("2027-01-01 00:00"), &gap));
	assert_int_equal(gap.from_ms, utc("2026-07-13 04:00"));

	rotas_resolve(h.rotas, h.both, 2, utc("2026-07-06 12:00"), &set); /* Luis for both, once */
	assert_int_equal(set.n, 1);
	assert_ptr_equal(set.v[0], &h.people[LUIS]);
	rotas_resolve(h.rotas, h.on_call, 1, utc("2026-07-14 12:00"), &set);
	assert_int_equal(set.n, 0);
	rotas_free(h.rotas);
}

/* More people at once than there is room for. */
static void no_more_than_there_is_room_for(void **state)
{
	enum { CROWD = ROTA_SET_MAX + 10 };
	struct person_config *people = xcalloc(CROWD, sizeof(*people));
	struct who_config *who = xcalloc(CROWD, sizeof(*who));
	struct rotas *r;
	struct rota_set set;
	size_t i;

	(void)state;
	for (i = 0; i < CROWD; i++)
		who[i].person = &people[i];
	r = rotas_new(&(struct rotas_setup){people, CROWD, NULL, 0, "UTC"});
	rotas_resolve(r, who, CROWD, 0, &set);
	assert_int_equal(set.n, ROTA_SET_MAX);
	rotas_free(r);
	free(people);
	free(who);
}

/* A long chain of stand-ins ends. */
static void a_chain_without_end(void **state)
{
	enum { CHAIN = ROTA_CHAIN_MAX + 1 };
	struct person_config people[CHAIN] = {{.name = "x"}};
	struct away_config away[CHAIN];
	struct rotas *r;
	size_t i;

	(void)state;
	for (i = 0; i < CHAIN; i++) {
		away[i] = (struct away_config){.from_day = 0, .to_day = 1, .stand_in = &people[(i + 1) % CHAIN]};
		people[i] = (struct person_config){.away = &away[i], .n_away = 1};
	}
	people[ROTA_CHAIN_MAX - 1].n_away = 0;
	r = rotas_new(&(struct rotas_setup){people, CHAIN, NULL, 0, "UTC"});
	assert_ptr_equal(rotas_stand_in(r, &people[0], HOUR_MS), &people[ROTA_CHAIN_MAX - 1]);
	people[ROTA_CHAIN_MAX - 1].n_away = 1;
	people[ROTA_CHAIN_MAX].n_away = 0;
	assert_null(rotas_stand_in(r, &people[0], HOUR_MS)); /* past the bound */
	rotas_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_year_in_santiago),
		cmocka_unit_test(a_year_in_madrid),
		cmocka_unit_test(a_year_in_new_york),
		cmocka_unit_test(turns),
		cmocka_unit_test(away_without_a_stand_in),
		cmocka_unit_test(away_far_away),
		cmocka_unit_test(quiet_hours),
		cmocka_unit_test(quiet_without_end),
		cmocka_unit_test(steps_and_their_gaps),
		cmocka_unit_test(no_more_than_there_is_room_for),
		cmocka_unit_test(a_chain_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
