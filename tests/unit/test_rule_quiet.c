/* main/rule_quiet: a rule is told to have gone quiet by its own rhythm, while what it finds in goes on; once, each day, and when
 * it is over. */
#include "main/rule_quiet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/wire.h"

#define START (INT64_C(20000) * DAY_MS)
enum { SOURCE = 7, OTHER = 8 };

struct told {
	char text[1024];
	struct rule_quiet_one last;
};

static void on_say(void *arg, enum rule_quiet_say say, const struct rule_quiet_one *one)
{
	static const char *const names[] = {"begins", "lasts", "finds", "ended"};
	struct told *t = arg;
	size_t n = strlen(t->text);

	snprintf(t->text + n, sizeof(t->text) - n, "%s %s|", one->rule, names[say]);
	t->last = *one;
}

/* What is said from then on to then, looked at each hour. */
static const char *looked(struct rule_quiet *q, int64_t from_ms, int64_t to_ms, struct told *t)
{
	int64_t at;

	*t = (struct told){.text = ""};
	for (at = from_ms; at <= to_ms; at += HOUR_MS)
		rule_quiet_look(q, at, on_say, t);
	return t->text;
}

/* Each day from 8 to 20 o'clock, every two hours, so many mentions, one of which meets the rule. Returns the last one's time. */
static int64_t live(struct rule_quiet *q, const char *rule, uint64_t source, int64_t from_ms, int days, size_t texts)
{
	int64_t at = from_ms;
	struct told t;
	int d, h;

	for (d = 0; d < days; d++) {
		for (h = 8; h <= 20; h += 2) {
			at = from_ms + d * DAY_MS + h * HOUR_MS;
			rule_quiet_texts(q, source, texts);
			rule_quiet_found(q, rule, source, at);
			assert_string_equal(looked(q, at, at, &t), "");
		}
	}
	return at;
}

static void test_told_once_daily_and_over(void **state)
{
	cleanup(rule_quiet_freep) struct rule_quiet *q = rule_quiet_new();
	int64_t last = live(q, "robo", SOURCE, START, 20, 4), at;
	struct told t;

	(void)state;
	rule_quiet_texts(q, SOURCE, 40);
	/* its longest silence are twelve hours, a night, of which a day has faded a little */
	assert_string_equal(looked(q, last, last + 23 * HOUR_MS, &t), "");
	assert_string_equal(looked(q, last + 24 * HOUR_MS, last + 40 * HOUR_MS, &t), "robo begins|");
	assert_int_equal(t.last.since_ms, last);
	assert_true(t.last.usual_a_day > 6 && t.last.usual_a_day < 8);
	assert_string_equal(looked(q, last + 41 * HOUR_MS, last + 80 * HOUR_MS, &t), "robo lasts|robo lasts|");
	at = last + 81 * HOUR_MS;
	rule_quiet_found(q, "robo", SOURCE, at);
	assert_string_equal(looked(q, at, at + HOUR_MS, &t), "robo finds|");
	assert_int_equal(t.last.since_ms, last);
	assert_string_equal(looked(q, at + 2 * HOUR_MS, at + 100 * HOUR_MS, &t), "");
}

static void test_what_it_finds_in_must_go_on(void **state)
{
	cleanup(rule_quiet_freep) struct rule_quiet *q = rule_quiet_new();
	int64_t last = live(q, "robo", SOURCE, START, 20, 10);
	struct told t;

	(void)state;
	rule_quiet_texts(q, OTHER, 10000); /* it never found anything there */
	rule_quiet_texts(q, SOURCE, 49);   /* five times ten would be enough */
	assert_string_equal(looked(q, last, last + 5 * DAY_MS, &t), "");
	rule_quiet_texts(q, SOURCE, 1);
	assert_string_equal(looked(q, last + 5 * DAY_MS, last + 5 * DAY_MS, &t), "robo begins|");
}

static void test_few_texts_are_no_proof(void **state)
{
	cleanup(rule_quiet_freep) struct rule_quiet *q = rule_quiet_new();
	int64_t last = live(q, "robo", SOURCE, START, 20, 1);
	struct told t;

	(void)state;
	rule_quiet_texts(q, SOURCE, RULE_QUIET_TEXTS - 1);
	assert_string_equal(looked(q, last, last + 5 * DAY_MS, &t), "");
	rule_quiet_texts(q, SOURCE, 1);
	assert_string_equal(looked(q, last + 5 * DAY_MS, last + 5 * DAY_MS, &t), "robo begins|");
}

static void test_a_crisis_is_no_rhythm(void **state)
{
	cleanup(rule_quiet_freep) struct rule_quiet *q = rule_quiet_new();
	int64_t last = live(q, "robo", SOURCE, START, 13, 4);
	struct told t;
	int d;

	(void)state;
	rule_quiet_texts(q, SOURCE, 100000);
	assert_string_equal(looked(q, last, last + 20 * DAY_MS, &t), "");
	for (d = 0; d < 4; d++) { /* on four days only, over a month: nor is that one */
		rule_quiet_found(q, "fraude", SOURCE, START + d * 10 * DAY_MS);
		rule_quiet_found(q, "fraude", SOURCE, START + d * 10 * DAY_MS + HOUR_MS);
	}
	rule_quiet_texts(q, SOURCE, 100000);
	assert_string_equal(looked(q, START + 31 * DAY_MS, START + 55 * DAY_MS, &t), "");
}

static void test_a_weekend_is_part_of_it(void **state)
{
	cleanup(rule_quiet_freep) struct rule_quiet *q = rule_quiet_new();
	int64_t at = START;
	struct told t;
	int week;

	(void)state;
	for (week = 0; week < 5; week++) {
		at = live(q, "robo", SOURCE, START + week * 7 * DAY_MS, 5, 4);
		rule_quiet_texts(q, SOURCE, 400);
		/* the first ones are not known to be so: that is what two weeks are for */
		assert_string_equal(looked(q, at, at + 60 * HOUR_MS, &t), "");
	}
	assert_string_equal(looked(q, at, at + 5 * DAY_MS, &t), "robo begins|");
}

static void test_it_is_not_waited_for_for_ever(void **state)
{
	cleanup(rule_quiet_freep) struct rule_quiet *q = rule_quiet_new();
	int64_t last = live(q, "robo", SOURCE, START, 20, 4);
	struct told t;
	const char *end;

	(void)state;
	rule_quiet_texts(q, SOURCE, 1000);
	looked(q, last, last + 60 * DAY_MS, &t);
	assert_int_equal(strncmp(t.text, "robo begins|robo lasts|", 23), 0);
	end = strstr(t.text, "robo ended|");
	assert_non_null(end);
	assert_string_equal(end, "robo ended|");
}

static void test_rules_that_go(void **state)
{
	cleanup(rule_quiet_freep) struct rule_quiet *q = rule_quiet_new();
	int64_t last = live(q, "robo", SOURCE, START, 20, 4);
	static const char *const both[] = {"otra", "robo"};
	struct told t;

	(void)state;
	live(q, "otra", SOURCE, START + 21 * DAY_MS, 1, 4);
	rule_quiet_texts(q, SOURCE, 100);
	assert_string_equal(looked(q, last + 3 * DAY_MS, last + 3 * DAY_MS, &t), "robo begins|");
	t.text[0] = '\0';
	rule_quiet_keep(q, both, 2, on_say, &t);
	assert_string_equal(t.text, "");
	rule_quiet_keep(q, both, 1, on_say, &t);
	assert_string_equal(t.text, "robo ended|");
	rule_quiet_keep(q, NULL, 0, on_say, &t);
	assert_string_equal(t.text, "robo ended|"); /* nobody waited for the other one */
}

static void count(void *arg, const struct rule_quiet_one *one)
{
	(void)one;
	(*(int *)arg)++;
}

static void test_it_survives(void **state)
{
	cleanup(rule_quiet_freep) struct rule_quiet *q = rule_quiet_new(), *again = rule_quiet_new();
	int64_t last = live(q, "robo", SOURCE, START, 20, 4);
	struct buf b = BUF_INIT(64 * 1024);
	struct wire_in in;
	struct told t;
	size_t cut;
	int n = 0;

	(void)state;
	rule_quiet_texts(q, SOURCE, 100);
	assert_string_equal(looked(q, last + 3 * DAY_MS, last + 3 * DAY_MS, &t), "robo begins|");
	rule_quiet_put(q, &b);
	for (cut = 0; cut < b.len; cut++) {
		cleanup(rule_quiet_freep) struct rule_quiet *bad = rule_quiet_new();

		in = (struct wire_in)WIRE_IN(buf_str(&b), cut);
		assert_int_equal(rule_quiet_get(bad, &in), RULE_QUIET_E_FORMAT);
		rule_quiet_each(bad, count, &n);
	}
	assert_int_equal(n, 0);
	in = (struct wire_in)WIRE_IN(buf_str(&b), b.len);
	assert_int_equal(rule_quiet_get(again, &in), 0);
	assert_true(wire_done(&in));
	rule_quiet_each(again, count, &n);
	assert_int_equal(n, 1);
	assert_string_equal(looked(again, last + 3 * DAY_MS, last + 95 * HOUR_MS, &t), ""); /* it was told */
	assert_string_equal(looked(again, last + 96 * HOUR_MS, last + 97 * HOUR_MS, &t), "robo lasts|");
	buf_done(&b);
}

static void test_bounds(void **state)
{
	cleanup(rule_quiet_freep) struct rule_quiet *q = rule_quiet_new();
	char name[RULE_QUIET_NAME_BYTES + 1];
	struct buf b = BUF_INIT(1 << 20), same = BUF_INIT(1 << 20);
	uint64_t i;

	(void)state;
	for (i = 0; i < RULE_QUIET_RULES_MAX; i++) {
		snprintf(name, sizeof(name), "r%zu", (size_t)i);
		rule_quiet_found(q, name, SOURCE + i, START);
		rule_quiet_found(q, "r0", SOURCE + i, START); /* of many sources the last ones are known */
	}
	rule_quiet_put(q, &b);
	rule_quiet_found(q, "one-more", SOURCE, START);
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	rule_quiet_found(q, name, SOURCE, START);
	rule_quiet_put(q, &same);
	assert_int_equal(b.len, same.len);
	assert_memory_equal(buf_str(&b), buf_str(&same), b.len);
	buf_done(&b);
	buf_done(&same);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_told_once_daily_and_over),
		cmocka_unit_test(test_what_it_finds_in_must_go_on),
		cmocka_unit_test(test_few_texts_are_no_proof),
		cmocka_unit_test(test_a_crisis_is_no_rhythm),
		cmocka_unit_test(test_a_weekend_is_part_of_it),
		cmocka_unit_test(test_it_is_not_waited_for_for_ever),
		cmocka_unit_test(test_rules_that_go),
		cmocka_unit_test(test_it_survives),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
