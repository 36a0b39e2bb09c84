/* Who is told of an incident, and when: steps, quiet hours, people without a channel, repeats; kept and found again. FAULTS O8, D3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "alert/crisis.h"
#include "alert/rota.h"
#include "base/buf.h"

enum { ANA, LUIS, EVA, NADIE /* without a channel */, PEOPLE };
#define NOON_MS (INT64_C(20000) * DAY_MS + 12 * HOUR_MS)

static const struct reach_config mail[] = {{.name = "correo", .address = "x@example.com"}};
static const struct hours night[] = {{HOURS_EVERY_DAY, 22 * 60, 7 * 60}};

struct world {
	struct person_config people[PEOPLE];
	struct who_config who[PEOPLE];
	struct step_config steps[SEVERITIES][3];
	struct escalation_config policy;
	struct rotas *rotas;
	struct escalation_by by;
	struct escalation s;
	struct escalation_actions a;
	int64_t now_ms, ahead_ms;
	bool dead[PEOPLE];
};

static bool works(void *arg, const struct person_config *p)
{
	const struct world *w = arg;

	return !w->dead[p - w->people];
}

/* Ana at once, Luis after 15 minutes, Eva after 30; each level alike, told again every 30. */
static int setup(void **state)
{
	static const char *const names[] = {"ana", "luis", "eva", "nadie"};
	struct world *w = NEW(struct world);
	size_t i, level;

	for (i = 0; i < PEOPLE; i++) {
		w->people[i] = (struct person_config){.name = names[i], .reach = mail, .n_reach = i != NADIE};
		w->who[i].person = &w->people[i];
	}
	for (level = 0; level < SEVERITIES; level++) {
		for (i = 0; i < 3; i++)
			w->steps[level][i] = (struct step_config){
				.after_ms = (int64_t)i * 15 * MINUTE_MS, .notify = &w->who[i], .n_notify = 1};
		w->policy.levels[level] = (struct level_config){w->steps[level], 3};
	}
	w->policy.repeat_ms = 30 * MINUTE_MS;
	w->rotas = rotas_new(&(struct rotas_setup){w->people, PEOPLE, NULL, 0, "UTC"});
	w->by = (struct escalation_by){.policy = &w->policy,
				       .rotas = w->rotas,
				       .people = w->people,
				       .n_people = PEOPLE,
				       .reachable = works,
				       .arg = w};
	w->now_ms = HOUR_MS;
	w->ahead_ms = NOON_MS - HOUR_MS;
	escalation_init(&w->s);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	rotas_free(w->rotas);
	free(w);
	return 0;
}

static void step(struct world *w, struct escalation_event e)
{
	w->a.n = 0;
	w->by.wall_ms = w->now_ms + w->ahead_ms;
	escalation_step(&w->s, &e, &w->by, w->now_ms, &w->a);
}

static void starts(struct world *w, enum severity severity)
{
	step(w,
	     (struct escalation_event){.kind = ESCALATION_EV_START, .severity = severity, .reason = INCIDENT_BEGINS});
}

static void event(struct world *w, enum escalation_event_kind kind, const char *person)
{
	step(w, (struct escalation_event){.kind = kind, .person = person, .reason = INCIDENT_RECEDES});
}

/* To the next wait's end, which is so far away. */
static void wait_for(struct world *w, int64_t ms)
{
	assert_int_equal(escalation_due(&w->s), w->now_ms + ms);
	w->now_ms += ms - 1;
	event(w, ESCALATION_EV_DUE, NULL);
	assert_int_equal(w->a.n, 0);
	w->now_ms++;
	event(w, ESCALATION_EV_DUE, NULL);
}

/* That and nothing else: "ana:begins luis:begins", "nobody". */
static void said(const struct world *w, const char *want)
{
	struct buf b = BUF_INIT(1 << 16);
	size_t i;

	for (i = 0; i < w->a.n; i++)
		if (w->a.v[i].kind == ESCALATION_NOBODY)
			buf_printf(&b, "%snobody", i ? " " : "");
		else
			buf_printf(&b, "%s%s:%s", i ? " " : "", w->s.told[w->a.v[i].told].person,
				   incident_reason_names[w->a.v[i].reason]);
	assert_string_equal(buf_str(&b), want);
	buf_done(&b);
}

static void one_step_after_another(void **state)
{
	struct world *w = *state;

	starts(w, SEVERITY_WARNING);
	said(w, "ana:begins");
	event(w, ESCALATION_EV_HAS, "ana");
	wait_for(w, 15 * MINUTE_MS);
	said(w, "luis:begins");
	event(w, ESCALATION_EV_HAS, "luis");
	wait_for(w, 15 * MINUTE_MS);
	said(w, "eva:begins");
	wait_for(w, 30 * MINUTE_MS); /* her message is on its way still */
	said(w, "ana:repeats luis:repeats");
	event(w, ESCALATION_EV_STOP, NULL);
	assert_int_equal(escalation_due(&w->s), TIME_NONE);
}

static void info_is_not_repeated(void **state)
{
	struct world *w = *state;

	starts(w, SEVERITY_INFO);
	w->now_ms += 30 * MINUTE_MS;
	event(w, ESCALATION_EV_DUE, NULL);
	said(w, "luis:begins eva:begins");
	assert_int_equal(escalation_due(&w->s), TIME_NONE);
}

static void who_stands_twice_is_told_once(void **state)
{
	struct world *w = *state;

	w->steps[SEVERITY_CRITICAL][1].notify = w->who; /* Ana again, and all the others */
	w->steps[SEVERITY_CRITICAL][1].n_notify = PEOPLE;
	starts(w, SEVERITY_CRITICAL);
	said(w, "ana:begins");
	wait_for(w, 15 * MINUTE_MS);
	said(w, "luis:begins eva:begins");
	starts(w, SEVERITY_CRITICAL); /* it is worse: a reason of its own */
	said(w, "ana:begins");
}

static void nobody_to_be_told_is_the_next_ones_turn(void **state)
{
	struct world *w = *state;

	w->dead[ANA] = true;
	starts(w, SEVERITY_WARNING);
	said(w, "luis:begins");
	event(w, ESCALATION_EV_NOT, "luis"); /* and it turns out that his don't work, either */
	said(w, "eva:begins");
	event(w, ESCALATION_EV_NOT, "eva");
	said(w, "nobody");
	wait_for(w, 30 * MINUTE_MS);
	said(w, "luis:repeats eva:repeats");
	event(w, ESCALATION_EV_NOT, "eva");
	said(w, ""); /* Luis may have it */
	event(w, ESCALATION_EV_NOT, "luis");
	said(w, "nobody");
	w->dead[LUIS] = w->dead[EVA] = true;
	wait_for(w, 30 * MINUTE_MS);
	said(w, "nobody"); /* once a round */
}

static void a_step_that_is_not_at_once(void **state)
{
	struct world *w = *state;

	w->steps[SEVERITY_WARNING][0].after_ms = 5 * MINUTE_MS;
	starts(w, SEVERITY_WARNING);
	said(w, "");
	wait_for(w, 5 * MINUTE_MS);
	said(w, "ana:begins");
}

static void nobody_is_meant(void **state)
{
	struct world *w = *state;

	w->policy.levels[SEVERITY_INFO].n = 0;
	starts(w, SEVERITY_INFO);
	said(w, "");
	assert_int_equal(escalation_due(&w->s), TIME_NONE);
}

static void quiet_hours_hold(void **state)
{
	struct world *w = *state;

	w->people[ANA].quiet = night;
	w->people[ANA].n_quiet = 1;
	w->ahead_ms += 11 * HOUR_MS; /* 23:00 */
	starts(w, SEVERITY_WARNING);
	said(w, "");
	wait_for(w, 15 * MINUTE_MS);
	said(w, "luis:begins");
	w->now_ms += 3 * HOUR_MS;
	event(w, ESCALATION_EV_DUE, NULL);
	event(w, ESCALATION_EV_STOP, NULL); /* Luis took it */
	event(w, ESCALATION_EV_TELL, NULL);
	said(w, "luis:recedes eva:recedes");
	wait_for(w, 4 * HOUR_MS + 45 * MINUTE_MS); /* 7:00 */
	said(w, "ana:held");                       /* one message of it all */
	assert_int_equal(escalation_due(&w->s), TIME_NONE);
}

static void critical_pierces(void **state)
{
	struct world *w = *state;

	w->people[ANA].quiet = night;
	w->people[ANA].n_quiet = 1;
	w->ahead_ms += 11 * HOUR_MS;
	starts(w, SEVERITY_WARNING);
	said(w, "");
	starts(w, SEVERITY_CRITICAL);
	said(w, "ana:begins");
	event(w, ESCALATION_EV_STOP, NULL);
	assert_int_equal(escalation_due(&w->s), TIME_NONE); /* nothing is held back any more */
}

static void a_false_alarm_wakes_nobody(void **state)
{
	struct world *w = *state;

	w->people[ANA].quiet = night;
	w->people[ANA].n_quiet = 1;
	w->ahead_ms += 11 * HOUR_MS;
	starts(w, SEVERITY_INFO);
	event(w, ESCALATION_EV_STOP, NULL);
	assert_int_equal(escalation_due(&w->s), w->now_ms + 8 * HOUR_MS);
	event(w, ESCALATION_EV_DISCARD, NULL);
	assert_int_equal(escalation_due(&w->s), TIME_NONE);
}

static void the_clock_is_set(void **state)
{
	struct world *w = *state;

	w->people[ANA].quiet = night;
	w->people[ANA].n_quiet = 1;
	w->ahead_ms += 11 * HOUR_MS;
	starts(w, SEVERITY_INFO);
	event(w, ESCALATION_EV_STOP, NULL);
	w->ahead_ms -= HOUR_MS; /* it is 22:00 */
	event(w, ESCALATION_EV_CLOCK, NULL);
	said(w, "");
	assert_int_equal(escalation_due(&w->s), w->now_ms + 9 * HOUR_MS);
	w->ahead_ms += 9 * HOUR_MS; /* it is 7:00 */
	event(w, ESCALATION_EV_CLOCK, NULL);
	said(w, "ana:held");
}

static void the_steps_go_on(void **state)
{
	struct world *w = *state;

	starts(w, SEVERITY_WARNING);
	event(w, ESCALATION_EV_STOP, NULL);
	w->now_ms += 75 * MINUTE_MS;
	step(w, (struct escalation_event){.kind = ESCALATION_EV_RESUME, .reason = INCIDENT_LAPSED});
	said(w, "luis:lapsed");
	wait_for(w, 15 * MINUTE_MS);
	said(w, "eva:lapsed");
	event(w, ESCALATION_EV_HAS, "ana");
	event(w, ESCALATION_EV_STOP, NULL);
	step(w, (struct escalation_event){.kind = ESCALATION_EV_RESUME, .reason = INCIDENT_LAPSED});
	said(w, "ana:lapsed"); /* all steps are past: everybody whom no message is on its way to */
}

static void a_person_is_no_more(void **state)
{
	struct world *w = *state;

	w->people[ANA].quiet = night;
	w->people[ANA].n_quiet = 1;
	w->ahead_ms += 11 * HOUR_MS;
	starts(w, SEVERITY_INFO);
	event(w, ESCALATION_EV_STOP, NULL);
	w->people[ANA].name = "otra";
	w->now_ms += 8 * HOUR_MS;
	event(w, ESCALATION_EV_DUE, NULL);
	said(w, "");
	assert_int_equal(escalation_due(&w->s), TIME_NONE);
}

static void as_many_people_as_there_is_room_for(void **state)
{
	enum { CROWD = ESCALATION_PEOPLE_MAX + 20 };
	struct world *w = *state;
	struct person_config *people = xcalloc(CROWD, sizeof(*people));
	struct who_config *who = xcalloc(CROWD, sizeof(*who));
	size_t i;

	for (i = 0; i < CROWD; i++) {
		people[i] = (struct person_config){.name = xasprintf("p%zu", i), .reach = mail, .n_reach = 1};
		who[i].person = &people[i];
	}
	for (i = 0; i < 3; i++)
		w->steps[SEVERITY_CRITICAL][i] = (struct step_config){.notify = who + i * 40, .n_notify = 40};
	rotas_free(w->rotas);
	w->by.rotas = w->rotas = rotas_new(&(struct rotas_setup){people, CROWD, NULL, 0, "UTC"});
	w->by.people = people;
	w->by.n_people = CROWD;
	w->by.reachable = NULL;
	starts(w, SEVERITY_CRITICAL);
	assert_int_equal(w->a.n, ESCALATION_PEOPLE_MAX);
	assert_int_equal(w->s.n, ESCALATION_PEOPLE_MAX);
	for (i = 0; i < CROWD; i++)
		free((char *)people[i].name);
	free(people);
	free(who);
}

/* Whoever took it knows. */
static void the_others_are_told_who_took_it(void **state)
{
	static struct crisis c;
	static struct crisis_actions a;
	struct world *w = *state;
	struct incident_event first = {
		.kind = INCIDENT_EV_JUDGED, .alert = "share", .severity = SEVERITY_CRITICAL, .met = true, .size = 30};
	struct crisis_event e = {.kind = CRISIS_EV_INCIDENT,
				 .incident = {.kind = INCIDENT_EV_TAKEN, .who = "ana", .severity = SEVERITY_CRITICAL}};

	w->steps[SEVERITY_CRITICAL][0] = (struct step_config){.notify = w->who, .n_notify = PEOPLE};
	w->by.wall_ms = w->now_ms + w->ahead_ms;
	crisis_open(&c, 7, "acme", &first, &w->by, w->now_ms, &a);
	assert_int_equal(a.tell.n, 3);
	crisis_step(&c, &e, &w->by, w->now_ms, &a);
	w->a = a.tell;
	w->s = c.escalation;
	said(w, "luis:taken eva:taken");
	e.incident.kind = INCIDENT_EV_CLOSED;
	crisis_step(&c, &e, &w->by, w->now_ms, &a);
	w->a = a.tell;
	w->s = c.escalation;
	said(w, "ana:ends luis:ends eva:ends");
}

/* --- a change of shift --- */

struct office {
	struct who_config who[3], on_call;
	struct shift_config shifts[3];
	struct rota_config rota;
};

/* Ana 7:00 to 15:00; luis 16:00 to 23:00, with eva from 18:00; nobody at other times. The warning's first step is whoever is on call. */
static void with_shifts(struct world *w, struct office *o)
{
	size_t i;

	for (i = 0; i < 3; i++) {
		static const int from[] = {7, 16, 18}, to[] = {15, 23, 23};

		o->who[i] = w->who[i];
		o->shifts[i] = (struct shift_config){
			.hours = {HOURS_EVERY_DAY, from[i] * 60, to[i] * 60}, .who = &o->who[i], .n_who = 1};
	}
	o->rota = (struct rota_config){.name = "cm", .shifts = o->shifts, .n_shifts = 3, .nobody = true};
	o->on_call = (struct who_config){.rota = &o->rota};
	w->steps[SEVERITY_WARNING][0].notify = &o->on_call;
	w->policy.levels[SEVERITY_WARNING].n = 1;
	rotas_free(w->rotas);
	w->by.rotas = w->rotas = rotas_new(&(struct rotas_setup){w->people, PEOPLE, &o->rota, 1, "UTC"});
}

/* To the hour of the first day. */
static void at(struct world *w, int64_t hour, const char *owner)
{
	w->now_ms = NOON_MS - 12 * HOUR_MS + hour * HOUR_MS - w->ahead_ms;
	event(w, ESCALATION_EV_DUE, owner);
}

static void who_comes_on_shift_is_told_who_has_it(void **state)
{
	struct world *w = *state;
	struct office o;

	with_shifts(w, &o);
	starts(w, SEVERITY_WARNING);
	said(w, "ana:begins");
	event(w, ESCALATION_EV_STOP, "ana");
	at(w, 15, "ana"); /* nobody comes yet */
	said(w, "");
	at(w, 16, "ana");
	said(w, "luis:shift");
	at(w, 16, "ana"); /* once */
	said(w, "");
	at(w, 18, "ana"); /* luis knows */
	said(w, "eva:shift");
	at(w, 23, "ana");
	said(w, "");
	at(w, 24 + 7, "ana"); /* it is she herself */
	said(w, "");
	assert_int_equal(escalation_due(&w->s), w->now_ms + 8 * HOUR_MS);
	event(w, ESCALATION_EV_STOP, NULL); /* it is over */
	assert_int_equal(escalation_due(&w->s), TIME_NONE);
	at(w, 24 + 16, NULL);
	said(w, "");
}

static void who_has_it_stays_on_shift(void **state)
{
	struct world *w = *state;
	struct office o;

	with_shifts(w, &o);
	at(w, 17, NULL);
	starts(w, SEVERITY_WARNING);
	said(w, "luis:begins");
	event(w, ESCALATION_EV_STOP, "luis");
	at(w, 18, "luis"); /* eva comes, and luis is there */
	said(w, "");
}

static void a_shift_that_began_while_nothing_ran(void **state)
{
	struct world *w = *state;
	struct office o;

	with_shifts(w, &o);
	starts(w, SEVERITY_WARNING);
	event(w, ESCALATION_EV_STOP, "ana");
	w->dead[LUIS] = true;
	at(w, 19, "ana");
	said(w, "eva:shift");
}

static void a_shift_while_nobody_has_it_or_the_clock_is_set(void **state)
{
	struct world *w = *state;
	struct office o;

	with_shifts(w, &o);
	starts(w, SEVERITY_WARNING);
	event(w, ESCALATION_EV_STOP, ""); /* it recedes, untaken */
	at(w, 16, "");
	said(w, "");
	w->ahead_ms += 1 * HOUR_MS;
	event(w, ESCALATION_EV_CLOCK, "ana");
	said(w, "");
	assert_int_equal(escalation_due(&w->s), w->now_ms + 1 * HOUR_MS); /* it is five o'clock now */
	at(w, 18, "ana");
	said(w, "eva:shift");
}

static void kept_and_found(void **state)
{
	static struct crisis c, back;
	static struct crisis_actions a;
	struct world *w = *state;
	struct incident_event first = {
		.kind = INCIDENT_EV_JUDGED, .alert = "share", .severity = SEVERITY_WARNING, .met = true, .size = 30};
	struct buf b = BUF_INIT(CRISIS_MAX_BYTES), again = BUF_INIT(CRISIS_MAX_BYTES);
	size_t len;

	w->by.wall_ms = w->now_ms + w->ahead_ms;
	crisis_open(&c, 7, "acme", &first, &w->by, w->now_ms, &a);
	crisis_put(&c, w->ahead_ms, &b);
	assert_int_equal(crisis_get(buf_str(&b), b.len, w->ahead_ms, w->now_ms, 0, &back), 0);
	crisis_put(&back, w->ahead_ms, &again);
	assert_int_equal(again.len, b.len);
	assert_memory_equal(buf_str(&again), buf_str(&b), b.len);
	assert_int_equal(crisis_due(&back), crisis_due(&c));
	for (len = 0; len < b.len; len++)
		assert_int_equal(crisis_get(buf_str(&b), len, w->ahead_ms, w->now_ms, 0, &back), CRISIS_E_FORMAT);
	buf_putc(&b, 'x');
	assert_int_equal(crisis_get(buf_str(&b), b.len, w->ahead_ms, w->now_ms, 0, &back), CRISIS_E_FORMAT);
	buf_done(&b);
	buf_done(&again);
}

/* A message that arrived is what the warning's half hour counts from. */
static void delivered_counts(void **state)
{
	static struct crisis c;
	static struct crisis_actions a;
	struct world *w = *state;
	struct incident_event first = {
		.kind = INCIDENT_EV_JUDGED, .alert = "share", .severity = SEVERITY_WARNING, .met = true, .size = 30};
	struct crisis_event e = {.kind = CRISIS_EV_HAS, .person = "ana"};

	w->by.wall_ms = w->now_ms + w->ahead_ms;
	crisis_open(&c, 7, "acme", &first, &w->by, w->now_ms, &a);
	assert_int_equal(a.tell.n, 1);
	w->now_ms += MINUTE_MS;
	crisis_step(&c, &e, &w->by, w->now_ms, &a);
	w->now_ms += INCIDENT_RAISE_MS;
	e.kind = CRISIS_EV_DUE;
	crisis_step(&c, &e, &w->by, w->now_ms, &a);
	assert_int_equal(c.incident.severity, SEVERITY_CRITICAL);
	assert_int_equal(c.escalation.severity, SEVERITY_CRITICAL);
	assert_int_equal(a.tell.v[0].reason, INCIDENT_RISES);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_step_after_another),
		TEST(info_is_not_repeated),
		TEST(who_stands_twice_is_told_once),
		TEST(nobody_to_be_told_is_the_next_ones_turn),
		TEST(a_step_that_is_not_at_once),
		TEST(nobody_is_meant),
		TEST(quiet_hours_hold),
		TEST(critical_pierces),
		TEST(a_false_alarm_wakes_nobody),
		TEST(the_clock_is_set),
		TEST(the_steps_go_on),
		TEST(a_person_is_no_more),
		TEST(as_many_people_as_there_is_room_for),
		TEST(the_others_are_told_who_took_it),
		TEST(who_comes_on_shift_is_told_who_has_it),
		TEST(who_has_it_stays_on_shift),
		TEST(a_shift_that_began_while_nothing_ran),
		TEST(a_shift_while_nobody_has_it_or_the_clock_is_set),
		TEST(kept_and_found),
		TEST(delivered_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
