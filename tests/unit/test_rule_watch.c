/* main/rule_watch: what gives up often goes, whoever counts it; one source alone silences nobody. FAULTS P11. */
#include "main/rule_watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "mention/answer.h"

static const struct rule_watched *off[RULE_WATCH_PATTERNS];

static size_t judged(struct rule_watch *w, const char *source, size_t texts, const char *pattern, unsigned times)
{
	const struct answer_limit limit = {"acme", pattern, times};

	return rule_watch_judged(w, source, texts, &limit, times > 0, 10, off);
}

static const char *const sources[] = {"uno", "dos", "tres", "cuatro"};

static void test_often_and_from_several(void **state)
{
	cleanup(freep) struct rule_watch *w = NEW(struct rule_watch);
	unsigned i;

	(void)state;
	for (i = 0; i < RULE_WATCH_OFF - 1; i++)
		assert_int_equal(judged(w, sources[i % 3], 1, "evil", 1), 0);
	assert_int_equal(judged(w, "uno", 1, "other", 1), 0);
	assert_int_equal(judged(w, "uno", 1, "evil", 1), 1);
	assert_string_equal(off[0]->pattern, "evil");
	assert_int_equal(off[0]->times, RULE_WATCH_OFF);
	assert_int_equal(judged(w, "uno", 1, "evil", 1), 0); /* once */
	rule_watch_begin(w);
	assert_int_equal(judged(w, "uno", 1, "evil", 1), 0);
	assert_false(w->v[0].off);
}

static void test_one_source_alone_silences_nobody(void **state)
{
	cleanup(freep) struct rule_watch *w = NEW(struct rule_watch);
	const struct answer_limit limit = {"acme", "evil", 16};
	unsigned i;

	(void)state;
	for (i = 0; i < 1000; i++)
		assert_int_equal(judged(w, i % 2 ? "uno" : "dos", 16, "evil", 16), 0);
	assert_int_equal(judged(w, "tres", 16, "evil", 1), 1);
	rule_watch_begin(w);
	assert_int_equal(rule_watch_judged(w, "uno", 16, &limit, 1, 1, off), 0); /* there is but one to hear */
	assert_int_equal(rule_watch_judged(w, "uno", 16, &limit, 1, 1, off), 1);
}

static void test_seldom_stays(void **state)
{
	cleanup(freep) struct rule_watch *w = NEW(struct rule_watch);
	unsigned i;

	(void)state;
	for (i = 0; i < 10 * RULE_WATCH_OFF; i++) { /* one in 50 texts: 20 in two spans */
		assert_int_equal(judged(w, sources[i % 4], 1, "slow", 1), 0);
		assert_int_equal(judged(w, sources[i % 4], 49, NULL, 0), 0);
	}
	assert_int_equal(w->v[0].times, 10 * RULE_WATCH_OFF);
}

/* A reader that was taken over says four thousand million. */
static void test_no_more_than_texts(void **state)
{
	cleanup(freep) struct rule_watch *w = NEW(struct rule_watch);
	unsigned i;

	(void)state;
	for (i = 0; i < 3; i++)
		assert_int_equal(judged(w, sources[i], 2, "evil", UINT32_MAX), 0);
	assert_int_equal(w->v[0].times, 6);
}

static void test_bounds(void **state)
{
	cleanup(freep) struct rule_watch *w = NEW(struct rule_watch);
	char name[2 * RULE_WATCH_NAME_BYTES];
	unsigned i;

	(void)state;
	for (i = 0; i < RULE_WATCH_PATTERNS + 10; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		assert_int_equal(judged(w, "uno", 1, name, 1), 0);
	}
	assert_string_equal(w->v[RULE_WATCH_PATTERNS - 1].pattern, "p63");
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (i = 0; i < 3; i++)
		assert_int_equal(judged(w, "uno", RULE_WATCH_SPAN, NULL, 0), 0); /* all are quiet now */
	assert_int_equal(judged(w, "uno", 1, name, 1), 0);                       /* too long to be watched */
	assert_int_equal(judged(w, "uno", 1, "new", 1), 0);
	assert_string_equal(w->v[0].pattern, "new");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_often_and_from_several),
		cmocka_unit_test(test_one_source_alone_silences_nobody),
		cmocka_unit_test(test_seldom_stays),
		cmocka_unit_test(test_no_more_than_texts),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
