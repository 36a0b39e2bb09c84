/* The life of an incident, step by step: severity up and down, who took it, growth, recovery; kept and found again. FAULTS T1, T2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "alert/incident.h"
#include "base/buf.h"
#include "base/wire.h"

#define AHEAD_MS INT64_C(1790000000000)

struct world {
	struct incident i;
	struct incident_actions a;
	int64_t now_ms;
};

/* --- what happens --- */

static void step(struct world *w, struct incident_event e)
{
	w->a.n = 0;
	incident_step(&w->i, &e, w->now_ms, &w->a);
}

static struct incident_event met_event(const char *alert, enum severity severity, double size)
{
	return (struct incident_event){.kind = INCIDENT_EV_JUDGED,
				       .alert = alert,
				       .severity = severity,
				       .met = true,
				       .size = size,
				       .window = size};
}

static void met(struct world *w, const char *alert, enum severity severity, double size)
{
	step(w, met_event(alert, severity, size));
}

static void unmet(struct world *w, const char *alert, double window)
{
	step(w, (struct incident_event){.kind = INCIDENT_EV_JUDGED, .alert = alert, .settled = true, .window = window});
}

static void taken(struct world *w, const char *who, enum severity severity)
{
	step(w, (struct incident_event){.kind = INCIDENT_EV_TAKEN, .who = who, .severity = severity});
}

static void passed(struct world *w, const char *who)
{
	step(w, (struct incident_event){.kind = INCIDENT_EV_PASSED, .who = who});
}

static void delivered(struct world *w, enum severity severity)
{
	step(w, (struct incident_event){.kind = INCIDENT_EV_DELIVERED, .severity = severity});
}

static void heard(struct world *w, bool is)
{
	step(w, (struct incident_event){.kind = INCIDENT_EV_HEARD, .met = is});
}

static void plain(struct world *w, enum incident_event_kind kind)
{
	step(w, (struct incident_event){.kind = kind});
}

static void opens(struct world *w, enum severity severity, double size)
{
	struct incident_event e = met_event("share", severity, size);

	memset(w, 0, sizeof(*w));
	w->now_ms = 1000 * HOUR_MS;
	incident_open(&w->i, 7, "acme", &e, w->now_ms, &w->a);
}

/* To the next wait's end, which is so far away; and what comes of it. */
static void wait_for(struct world *w, int64_t ms)
{
	assert_int_equal(incident_due(&w->i), w->now_ms + ms);
	w->now_ms += ms - 1;
	plain(w, INCIDENT_EV_DUE);
	assert_int_equal(w->a.n, 0);
	w->now_ms++;
	plain(w, INCIDENT_EV_DUE);
}

static void did(const struct world *w, size_t k, enum incident_action_kind kind, enum incident_reason reason)
{
	assert_true(k < w->a.n);
	assert_int_equal(w->a.v[k].kind, kind);
	assert_int_equal(w->a.v[k].reason, reason);
}

/* --- severity --- */

static void it_begins(void **state)
{
	struct world w;

	(void)state;
	opens(&w, SEVERITY_WARNING, 30);
	assert_int_equal(w.a.n, 1);
	did(&w, 0, INCIDENT_START, INCIDENT_BEGINS);
	assert_int_equal(w.i.state, INCIDENT_OPEN);
	assert_int_equal(incident_due(&w.i), TIME_NONE); /* nobody has it yet: the escalation waits, not this */
	met(&w, "words", SEVERITY_INFO, 30);             /* a further alert joins it */
	assert_int_equal(w.a.n, 0);
	assert_int_equal(w.i.n_facets, 2);
}

static void whoever_took_a_warning_has_no_critical(void **state)
{
	struct world w;

	(void)state;
	opens(&w, SEVERITY_WARNING, 30);
	taken(&w, "ana", SEVERITY_WARNING);
	did(&w, 0, INCIDENT_STOP, INCIDENT_TAKEN_BY);
	did(&w, 1, INCIDENT_TELL, INCIDENT_TAKEN_BY);
	met(&w, "words", SEVERITY_CRITICAL, 31);
	did(&w, 0, INCIDENT_START, INCIDENT_RISES);
	assert_int_equal(w.i.state, INCIDENT_OPEN);
	taken(&w, "ana", SEVERITY_WARNING); /* an answer to the first message, which came late */
	assert_int_equal(w.a.n, 0);
	assert_int_equal(w.i.state, INCIDENT_OPEN);
	taken(&w, "luis", SEVERITY_CRITICAL);
	assert_int_equal(w.i.state, INCIDENT_ACKNOWLEDGED);
	assert_string_equal(w.i.owner, "luis");
}

static void a_warning_that_nobody_takes_is_critical(void **state)
{
	struct world w;

	(void)state;
	opens(&w, SEVERITY_WARNING, 30);
	delivered(&w, SEVERITY_WARNING);
	w.now_ms += MINUTE_MS;
	delivered(&w, SEVERITY_WARNING); /* to another one: the first counts */
	w.now_ms -= MINUTE_MS;
	wait_for(&w, INCIDENT_RAISE_MS);
	did(&w, 0, INCIDENT_START, INCIDENT_RISES);
	assert_int_equal(w.i.severity, SEVERITY_CRITICAL);
	taken(&w, "ana", SEVERITY_CRITICAL);
	met(&w, "share", SEVERITY_WARNING, 30); /* stays so, as long as the warning stands */
	assert_int_equal(w.i.under_ms, TIME_NONE);
}

static void info_never_rises_by_time(void **state)
{
	struct world w;

	(void)state;
	opens(&w, SEVERITY_INFO, 30);
	delivered(&w, SEVERITY_INFO);
	assert_int_equal(incident_due(&w.i), TIME_NONE);
}

static void it_falls_a_level_at_a_time(void **state)
{
	struct world w;

	(void)state;
	opens(&w, SEVERITY_CRITICAL, 30);
	met(&w, "volume", SEVERITY_INFO, 30);
	taken(&w, "ana", SEVERITY_CRITICAL);
	w.i.ask_ms = TIME_NONE;
	unmet(&w, "share", 30);
	wait_for(&w, INCIDENT_DOWN_MS);
	assert_int_equal(w.i.severity, SEVERITY_WARNING);
	assert_int_equal(w.i.state, INCIDENT_ACKNOWLEDGED); /* the volume lasts */
	wait_for(&w, INCIDENT_DOWN_MS);
	assert_int_equal(w.i.severity, SEVERITY_INFO);
	assert_int_equal(incident_due(&w.i), TIME_NONE);
	assert_int_equal(w.i.peak, SEVERITY_CRITICAL);
	met(&w, "share", SEVERITY_CRITICAL, 30); /* as bad as when she took it: she is told, and nobody else */
	assert_int_equal(w.a.n, 1);
	did(&w, 0, INCIDENT_TELL_OWNER, INCIDENT_GREW);
	assert_int_equal(w.i.state, INCIDENT_ACKNOWLEDGED);
}

/* --- who has it --- */

static void still_on_it(void **state)
{
	struct world w;

	(void)state;
	opens(&w, SEVERITY_CRITICAL, 30);
	taken(&w, "ana", SEVERITY_CRITICAL);
	wait_for(&w, INCIDENT_ASK_MS);
	did(&w, 0, INCIDENT_TELL_OWNER, INCIDENT_ASKED);
	taken(&w, "ana", SEVERITY_CRITICAL); /* yes */
	assert_int_equal(w.a.n, 0);
	assert_int_equal(incident_due(&w.i), TIME_NONE); /* one question */
}

static void no_answer(void **state)
{
	struct world w;

	(void)state;
	opens(&w, SEVERITY_CRITICAL, 30);
	taken(&w, "ana", SEVERITY_CRITICAL);
	wait_for(&w, INCIDENT_ASK_MS);
	wait_for(&w, INCIDENT_ANSWER_MS);
	did(&w, 0, INCIDENT_RESUME, INCIDENT_LAPSED);
	assert_int_equal(w.i.state, INCIDENT_OPEN);
	assert_string_equal(w.i.owner, "");
}

static void passed_on(void **state)
{
	struct world w;

	(void)state;
	opens(&w, SEVERITY_CRITICAL, 30);
	taken(&w, "ana", SEVERITY_CRITICAL);
	passed(&w, "luis");
	did(&w, 1, INCIDENT_TELL_OWNER, INCIDENT_ASKED);
	assert_string_equal(w.i.owner, "luis");
	taken(&w, "luis", SEVERITY_CRITICAL);
	did(&w, 1, INCIDENT_TELL, INCIDENT_TAKEN_BY);
	assert_int_equal(incident_due(&w.i), w.now_ms + INCIDENT_ASK_MS);
	passed(&w, "eva");
	wait_for(&w, INCIDENT_ANSWER_MS);
	did(&w, 0, INCIDENT_RESUME, INCIDENT_LAPSED);
}

static void growth(void **state)
{
	struct world w;

	(void)state;
	opens(&w, SEVERITY_WARNING, 4);
	met(&w, "share", SEVERITY_WARNING, 40); /* nobody has it: repeats tell that */
	assert_int_equal(w.a.n, 0);
	taken(&w, "ana", SEVERITY_WARNING);
	met(&w, "share", SEVERITY_WARNING, 79);
	assert_int_equal(w.a.n, 0);
	met(&w, "share", SEVERITY_WARNING, 80);
	assert_int_equal(w.a.n, 1);
	did(&w, 0, INCIDENT_TELL_OWNER, INCIDENT_GREW);
	met(&w, "share", SEVERITY_WARNING, 20);
	met(&w, "share", SEVERITY_WARNING, 100); /* less than twice what she knows of */
	assert_int_equal(w.a.n, 0);
	opens(&w, SEVERITY_WARNING, 3);
	taken(&w, "ana", SEVERITY_WARNING);
	met(&w, "share", SEVERITY_WARNING, INCIDENT_GROWTH_LEAST - 1);
	assert_int_equal(w.a.n, 0);
	met(&w, "share", SEVERITY_WARNING, INCIDENT_GROWTH_LEAST);
	assert_int_equal(w.a.n, 1);
}

/* --- recovery --- */

static void it_recedes_and_closes(void **state)
{
	struct world w;

	(void)state;
	opens(&w, SEVERITY_WARNING, 30);
	unmet(&w, "share", 25);
	wait_for(&w, INCIDENT_DOWN_MS);
	did(&w, 0, INCIDENT_STOP, INCIDENT_RECEDES);
	did(&w, 1, INCIDENT_TELL, INCIDENT_RECEDES);
	assert_int_equal(w.i.state, INCIDENT_RECEDING);
	wait_for(&w, INCIDENT_RECEDE_MS);
	did(&w, 1, INCIDENT_TELL, INCIDENT_ENDS);
	did(&w, 2, INCIDENT_REARM, INCIDENT_ENDS);
	assert_int_equal(w.i.end, INCIDENT_OVER);
	met(&w, "share", SEVERITY_CRITICAL, 100); /* another one's */
	assert_int_equal(w.a.n, 0);
	assert_int_equal(incident_due(&w.i), TIME_NONE);
}

static void few_mentions_are_no_recovery(void **state)
{
	struct world w;

	(void)state;
	opens(&w, SEVERITY_INFO, 30);
	unmet(&w, "share", INCIDENT_CLOSE_MENTIONS - 1);
	wait_for(&w, INCIDENT_DOWN_MS);
	assert_int_equal(w.a.n, 1); /* of info nobody is told again */
	wait_for(&w, INCIDENT_QUIET_MS - INCIDENT_DOWN_MS);
	assert_int_equal(w.i.state, INCIDENT_CLOSED);
}

static void deaf_is_no_recovery(void **state)
{
	struct world w;

	(void)state;
	opens(&w, SEVERITY_WARNING, 30);
	unmet(&w, "share", 0);
	w.now_ms += HOUR_MS;
	heard(&w, false);
	assert_int_equal(incident_due(&w.i), TIME_NONE);
	w.now_ms += 10 * HOUR_MS;
	plain(&w, INCIDENT_EV_DUE);
	assert_int_equal(w.i.state, INCIDENT_OPEN);
	heard(&w, true);
	wait_for(&w, INCIDENT_DOWN_MS - HOUR_MS);
	assert_int_equal(w.i.state, INCIDENT_RECEDING);
	heard(&w, false);
	w.now_ms += 10 * HOUR_MS;
	heard(&w, true);
	w.now_ms += 2 * HOUR_MS; /* a level down, on its way */
	plain(&w, INCIDENT_EV_DUE);
	assert_int_equal(incident_due(&w.i), w.now_ms + 2 * HOUR_MS);
}

static void an_own_closing_condition(void **state)
{
	struct world w;

	(void)state;
	opens(&w, SEVERITY_WARNING, 30);
	w.i.facets[0].settle_ms = 30 * MINUTE_MS;
	step(&w, (struct incident_event){.kind = INCIDENT_EV_JUDGED, .alert = "share"}); /* neither met nor settled */
	assert_int_equal(incident_due(&w.i), w.i.under_ms + INCIDENT_DOWN_MS);
	unmet(&w, "share", 30);
	wait_for(&w, 30 * MINUTE_MS);
	assert_int_equal(w.i.state, INCIDENT_RECEDING);
}

static void it_comes_back(void **state)
{
	struct world w;

	(void)state;
	opens(&w, SEVERITY_WARNING, 30);
	taken(&w, "ana", SEVERITY_WARNING);
	taken(&w, "ana", SEVERITY_WARNING);
	w.i.ask_ms = TIME_NONE;
	unmet(&w, "share", 30);
	wait_for(&w, INCIDENT_DOWN_MS);
	assert_int_equal(w.i.state, INCIDENT_RECEDING);
	met(&w, "share", SEVERITY_WARNING, 30); /* she has it still */
	assert_int_equal(w.a.n, 1);
	did(&w, 0, INCIDENT_TELL_OWNER, INCIDENT_BACK);
	assert_int_equal(w.i.state, INCIDENT_ACKNOWLEDGED);
	opens(&w, SEVERITY_WARNING, 30);
	unmet(&w, "share", 30);
	wait_for(&w, INCIDENT_DOWN_MS);
	met(&w, "share", SEVERITY_WARNING, 30); /* nobody has */
	did(&w, 0, INCIDENT_START, INCIDENT_BACK);
	assert_int_equal(w.i.state, INCIDENT_OPEN);
}

static void late_ones(void **state)
{
	struct incident_event e = met_event("share", SEVERITY_WARNING, 30);
	struct world w = {.now_ms = HOUR_MS};

	(void)state;
	e.late = true;
	incident_open(&w.i, 1, "acme", &e, w.now_ms, &w.a); /* over before it was heard of */
	did(&w, 0, INCIDENT_START, INCIDENT_BEGINS);
	wait_for(&w, INCIDENT_DOWN_MS);
	assert_int_equal(w.i.state, INCIDENT_RECEDING);
	opens(&w, SEVERITY_WARNING, 30);
	step(&w, e); /* of one that is met just now: nothing is over */
	assert_int_equal(incident_due(&w.i), TIME_NONE);
	e.severity = SEVERITY_CRITICAL;
	e.alert = "words";
	step(&w, e);
	did(&w, 0, INCIDENT_START, INCIDENT_RISES);
}

/* --- closed by hand, and still met --- */

static bool absorbs(const struct world *w, const char *alert, enum severity severity, double size)
{
	const struct incident_event e = met_event(alert, severity, size);

	return incident_absorbs(&w->i, &e);
}

static void a_false_alarm_is_not_told_again(void **state)
{
	struct buf b = BUF_INIT(1 << 16);
	struct wire_in in;
	struct incident back;
	struct world w;

	(void)state;
	opens(&w, SEVERITY_WARNING, 30);
	assert_false(absorbs(&w, "share", SEVERITY_WARNING, 30)); /* it is open: it takes it itself */
	plain(&w, INCIDENT_EV_FALSE_ALARM);
	assert_int_equal(incident_due(&w.i), w.now_ms + INCIDENT_LINGER_MS);
	assert_true(absorbs(&w, "share", SEVERITY_WARNING, 59));
	assert_false(absorbs(&w, "share", SEVERITY_WARNING, 60));  /* it has doubled */
	assert_false(absorbs(&w, "share", SEVERITY_CRITICAL, 30)); /* it is worse */
	assert_false(absorbs(&w, "words", SEVERITY_WARNING, 30));  /* it is another */
	incident_put(&w.i, AHEAD_MS, &b);
	in = (struct wire_in)WIRE_IN(buf_str(&b), b.len);
	assert_int_equal(incident_get(&in, AHEAD_MS, w.now_ms, 0, &back), 0);
	assert_memory_equal(&back, &w.i, sizeof(back));
	met(&w, "share", SEVERITY_WARNING, 40);
	assert_int_equal(w.a.n, 0);
	unmet(&w, "share", 30);
	assert_int_equal(incident_due(&w.i), TIME_NONE);
	assert_false(absorbs(&w, "share", SEVERITY_WARNING, 30)); /* the day's second one */
	opens(&w, SEVERITY_WARNING, 30);
	plain(&w, INCIDENT_EV_CLOSED);
	wait_for(&w, INCIDENT_LINGER_MS);
	assert_false(absorbs(&w, "share", SEVERITY_WARNING, 30));
	opens(&w, SEVERITY_WARNING, 30);
	unmet(&w, "share", 30);
	plain(&w, INCIDENT_EV_CLOSED); /* nothing is met: nothing lingers */
	assert_int_equal(incident_due(&w.i), TIME_NONE);
	buf_done(&b);
}

/* --- by hand --- */

static void by_hand(void **state)
{
	static const enum incident_event_kind ends[] = {INCIDENT_EV_CLOSED, INCIDENT_EV_FALSE_ALARM,
							INCIDENT_EV_MERGED};
	static const enum incident_end how[] = {INCIDENT_BY_HAND, INCIDENT_FALSE_ALARM, INCIDENT_MERGED};
	struct incident_event e = {
		.kind = INCIDENT_EV_TAKEN, .alert = "by-hand", .who = "ana", .severity = SEVERITY_CRITICAL};
	struct world w;
	size_t k;

	(void)state;
	for (k = 0; k < ARRAY_LEN(ends); k++) {
		opens(&w, SEVERITY_WARNING, 30);
		plain(&w, ends[k]);
		assert_int_equal(w.i.end, how[k]);
		assert_int_equal(w.a.n, ends[k] == INCIDENT_EV_MERGED ? 2 : 3);
	}
	memset(&w, 0, sizeof(w));
	w.now_ms = HOUR_MS;
	incident_open(&w.i, 1, "acme", &e, w.now_ms, &w.a);
	assert_int_equal(w.i.state, INCIDENT_ACKNOWLEDGED);
	assert_int_equal(w.a.n, 2);
	did(&w, 0, INCIDENT_START, INCIDENT_BEGINS);
	did(&w, 1, INCIDENT_STOP, INCIDENT_TAKEN_BY);
	w.i.ask_ms = TIME_NONE;
	wait_for(&w, INCIDENT_BY_HAND_MS);
	assert_int_equal(w.i.state, INCIDENT_RECEDING);
}

static void merged(void **state)
{
	struct world a, b;

	(void)state;
	opens(&a, SEVERITY_WARNING, 30);
	opens(&b, SEVERITY_CRITICAL, 60);
	met(&b, "words", SEVERITY_WARNING, 60);
	a.a.n = 0;
	incident_take_over(&a.i, &b.i, a.now_ms, &a.a);
	did(&a, 0, INCIDENT_START, INCIDENT_RISES);
	assert_int_equal(a.i.n_facets, 2);
	assert_int_equal(a.i.severity, SEVERITY_CRITICAL);
}

static void facets_beyond_the_bound(void **state)
{
	char alert[16];
	struct world w;
	size_t k;

	(void)state;
	opens(&w, SEVERITY_WARNING, 30);
	for (k = 1; k < INCIDENT_FACETS_MAX + 5; k++) {
		snprintf(alert, sizeof(alert), "alert-%zu", k);
		met(&w, alert, SEVERITY_WARNING, 30);
		if (k == 3)
			unmet(&w, alert, 30);
	}
	assert_int_equal(w.i.n_facets, INCIDENT_FACETS_MAX);
	assert_string_equal(w.i.facets[3].alert, "alert-32"); /* in the place of one that was not met */
	met(&w, "one-more", SEVERITY_CRITICAL, 30);
	did(&w, 0, INCIDENT_START, INCIDENT_RISES);
}

static void which_one_it_belongs_to(void **state)
{
	static const size_t shared[] = {2, 3, 1};

	(void)state;
	assert_int_equal(incident_place(shared, 3, 10), 1); /* 30 % */
	assert_int_equal(incident_place(shared, 3, 11), 3); /* less: a new one */
	assert_int_equal(incident_place(shared, 3, 0), 1);  /* quiet: there are none to share */
	assert_int_equal(incident_place(NULL, 0, 10), 0);
}

/* --- kept --- */

static void kept_and_found(void **state)
{
	struct buf b = BUF_INIT(1 << 16);
	struct wire_in in;
	struct world w;
	struct incident back;
	size_t len;

	(void)state;
	opens(&w, SEVERITY_CRITICAL, 30);
	met(&w, "words", SEVERITY_WARNING, 35);
	taken(&w, "ana", SEVERITY_CRITICAL);
	unmet(&w, "share", 30);
	incident_put(&w.i, AHEAD_MS, &b);
	in = (struct wire_in)WIRE_IN(buf_str(&b), b.len);
	assert_int_equal(incident_get(&in, AHEAD_MS, w.now_ms, 0, &back), 0);
	assert_true(wire_done(&in));
	assert_memory_equal(&back, &w.i, sizeof(back));
	for (len = 0; len < b.len; len++) { /* cut anywhere */
		in = (struct wire_in)WIRE_IN(buf_str(&b), len);
		assert_int_equal(incident_get(&in, AHEAD_MS, w.now_ms, 0, &back), INCIDENT_E_FORMAT);
	}

	/* the clock was set by two days while nobody looked: waits are as long as they ever are, and what was, was */
	in = (struct wire_in)WIRE_IN(buf_str(&b), b.len);
	assert_int_equal(incident_get(&in, AHEAD_MS - 2 * DAY_MS, w.now_ms, 0, &back), 0);
	assert_int_equal(back.ask_ms, w.now_ms + INCIDENT_ASK_MS);
	assert_int_equal(back.under_ms, w.now_ms);
	/* eight hours down are no recovery */
	in = (struct wire_in)WIRE_IN(buf_str(&b), b.len);
	assert_int_equal(incident_get(&in, AHEAD_MS, w.now_ms + 8 * HOUR_MS, 8 * HOUR_MS, &back), 0);
	assert_int_equal(back.under_ms, w.now_ms + 8 * HOUR_MS);
	assert_int_equal(back.ask_ms, w.i.ask_ms); /* people's time went on */
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_begins),
		cmocka_unit_test(whoever_took_a_warning_has_no_critical),
		cmocka_unit_test(a_warning_that_nobody_takes_is_critical),
		cmocka_unit_test(info_never_rises_by_time),
		cmocka_unit_test(it_falls_a_level_at_a_time),
		cmocka_unit_test(still_on_it),
		cmocka_unit_test(no_answer),
		cmocka_unit_test(passed_on),
		cmocka_unit_test(growth),
		cmocka_unit_test(a_false_alarm_is_not_told_again),
		cmocka_unit_test(it_recedes_and_closes),
		cmocka_unit_test(few_mentions_are_no_recovery),
		cmocka_unit_test(deaf_is_no_recovery),
		cmocka_unit_test(an_own_closing_condition),
		cmocka_unit_test(it_comes_back),
		cmocka_unit_test(late_ones),
		cmocka_unit_test(by_hand),
		cmocka_unit_test(merged),
		cmocka_unit_test(facets_beyond_the_bound),
		cmocka_unit_test(which_one_it_belongs_to),
		cmocka_unit_test(kept_and_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
