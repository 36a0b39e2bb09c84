/* Words that are said more than they used to be: what is new and frequent, not what is always said, nor what is rare. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "alert/rose.h"
#include "mention/mention.h"

static void say(struct rose *r, const char *text, bool now, int times)
{
	struct mention m;

	mention_init(&m);
	m.text = text;
	while (times-- > 0)
		rose_add(r, &m, now);
}

static void what_is_new_rises(void **state)
{
	struct rose *r = rose_new();
	const char *words[ROSE_MAX];
	size_t n, i;

	(void)state;
	say(r, "la tienda de acme abre siempre temprano", false, 60);
	say(r, "buenos zapatos en la tienda", false, 40);
	say(r, "la tienda de acme sufre un RETRASO enorme, retraso retraso https://retrasos.example/camino", true, 12);
	say(r, "la tienda de acme abre siempre temprano", true, 12);
	say(r, "una rareza", true, ROSE_LEAST - 1);
	n = rose_pick(r, words);
	assert_true(n >= 2 && n <= ROSE_MAX);
	for (i = 0; i < n; i++)
		if (strcmp(words[i], "retraso") != 0 && strcmp(words[i], "sufre") != 0 &&
		    strcmp(words[i], "enorme") != 0)
			fail_msg("%s", words[i]);
	rose_free(r);
}

static void nothing_rises_without_a_before(void **state)
{
	struct rose *r = rose_new();
	const char *words[ROSE_MAX];

	(void)state;
	assert_int_equal(rose_pick(r, words), 0);
	say(r, "retraso enorme", true, 50);
	assert_int_equal(rose_pick(r, words), 0);
	say(r, "retraso enorme", false, 50);
	assert_int_equal(rose_pick(r, words), 0);
	rose_free(r);
}

static void words_are_bounded(void **state)
{
	struct rose *r = rose_new();
	const char *words[ROSE_MAX];
	char text[64];
	int i;

	(void)state;
	say(r, "siempre igual", false, 100);
	say(r, "apagón", true, 5);
	for (i = 0; i < 3 * ROSE_WORDS_MAX; i++) {
		snprintf(text, sizeof(text), "palabra%d", i);
		say(r, text, i % 2, 1);
	}
	assert_true(rose_pick(r, words) >= 1);
	assert_string_equal(words[0], "apagón");
	for (i = 0; i < 2 * ROSE_WORDS_MAX; i++) { /* each twice: no room can be made */
		snprintf(text, sizeof(text), "doble%d", i);
		say(r, text, false, 2);
	}
	say(r, "última", true, 5);
	assert_true(rose_pick(r, words) >= 1);
	assert_string_equal(words[0], "apagón");
	memset(text, 'x', sizeof(text) - 1); /* longer than a word */
	text[sizeof(text) - 1] = '\0';
	say(r, text, true, 50);
	assert_true(rose_pick(r, words) >= 1 && words[0][0] != 'x');
	rose_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_new_rises),
		cmocka_unit_test(nothing_rises_without_a_before),
		cmocka_unit_test(words_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
