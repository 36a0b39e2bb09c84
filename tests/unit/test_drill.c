/* alert/drill: who took how long to answer. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "alert/drill.h"

static void each_has_their_first_times(void **state)
{
	static const struct drill_line lines[] = {
		{1000, "opened", "ana"}, /* whoever opens it has not answered */
		{1000, "told", "ana"},	 {1000, "told", "luis"},   {3000, "delivered", "ana"}, {4000, "note", "eva"},
		{5000, "nobody", NULL},	 {61000, "said", "ana"},   {61000, "taken", "ana"},    {70000, "delivered", "ana"},
		{80000, "told", "luis"}, {500, "delivered", "luis"}, {90000, "over", NULL},
	};
	struct drill_person v[DRILL_PEOPLE_MAX];

	(void)state;
	assert_int_equal(drill_people(lines, sizeof(lines) / sizeof(lines[0]), v), 2);
	assert_string_equal(v[0].name, "ana");
	assert_int_equal(v[0].told_ms, 1000);
	assert_int_equal(v[0].arrived_ms, 3000);
	assert_int_equal(v[0].answered_ms, 61000);
	assert_string_equal(v[1].name, "luis");
	assert_int_equal(v[1].told_ms, 1000);
	assert_int_equal(v[1].arrived_ms, 1000); /* the clock was set back */
	assert_int_equal(v[1].answered_ms, TIME_NONE);
}

static void no_more_than_there_is_room_for(void **state)
{
	static char names[DRILL_PEOPLE_MAX + 1][8];
	struct drill_line lines[DRILL_PEOPLE_MAX + 1];
	struct drill_person v[DRILL_PEOPLE_MAX];
	size_t i;

	(void)state;
	for (i = 0; i <= DRILL_PEOPLE_MAX; i++) {
		snprintf(names[i], sizeof(names[i]), "p%zu", i);
		lines[i] = (struct drill_line){1, "told", names[i]};
	}
	assert_int_equal(drill_people(lines, DRILL_PEOPLE_MAX + 1, v), DRILL_PEOPLE_MAX);
	assert_string_equal(v[DRILL_PEOPLE_MAX - 1].name, names[DRILL_PEOPLE_MAX - 1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_has_their_first_times),
		cmocka_unit_test(no_more_than_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
