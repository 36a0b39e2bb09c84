/* alert/links: what a signed link says, and that nobody else can make one (FAULTS A7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "alert/links.h"
#include "base/clock.h"
#include "base/mem.h"

static const uint8_t key[LINK_KEY_BYTES] = "thirty-two bytes of a secret, so", other[LINK_KEY_BYTES] = "another";
enum { NOW = 1700000000 };
static const int64_t now_ms = INT64_C(1000) * NOW;

static struct link sample(void)
{
	return (struct link){.incident = 17,
			     .verb = VERB_FALSE_ALARM,
			     .made_ms = now_ms,
			     .until_ms = now_ms + LINK_DAYS * DAY_MS,
			     .person = "ana"};
}

static void what_is_said_comes_back(void **state)
{
	struct link l = sample(), got;
	char text[LINK_TEXT_SIZE];

	(void)state;
	link_make(key, &l, text);
	assert_int_equal(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
			 strlen(text));
	assert_int_equal(link_read(key, text, now_ms, &got), 0);
	assert_int_equal(got.incident, 17);
	assert_int_equal(got.verb, VERB_FALSE_ALARM);
	assert_string_equal(got.person, "ana");
	assert_int_equal(got.made_ms, now_ms);
	assert_int_equal(got.until_ms, now_ms + LINK_DAYS * DAY_MS);
	assert_memory_equal(got.mark, l.mark, LINK_MARK_BYTES);
}

static void the_longest_name(void **state)
{
	struct link l = sample(), got;
	char text[LINK_TEXT_SIZE];

	(void)state;
	memset(l.person, 'x', sizeof(l.person) - 1);
	link_make(key, &l, text);
	assert_true(strlen(text) < LINK_TEXT_SIZE);
	assert_int_equal(link_read(key, text, now_ms, &got), 0);
	assert_string_equal(got.person, l.person);
}

/* FAULTS A7 */
static void whatever_is_changed_is_none_of_ours(void **state)
{
	struct link l = sample(), got = {.incident = 5};
	char text[LINK_TEXT_SIZE], changed[LINK_TEXT_SIZE + 1];
	size_t i, len;

	(void)state;
	link_make(key, &l, text);
	len = strlen(text);
	assert_int_equal(link_read(other, text, now_ms, &got), LINK_E_WRONG);
	for (i = 0; i < len; i++) { /* each digit; and cut there */
		memcpy(changed, text, len + 1);
		changed[i] = changed[i] == 'A' ? 'B' : 'A';
		assert_int_equal(link_read(key, changed, now_ms, &got), LINK_E_WRONG);
		memcpy(changed, text, len + 1);
		changed[i] = '\0';
		assert_int_equal(link_read(key, changed, now_ms, &got), LINK_E_WRONG);
	}
	memcpy(changed, text, len + 1);
	memcpy(changed + len, "A", 2);
	assert_int_equal(link_read(key, changed, now_ms, &got), LINK_E_WRONG);
	assert_int_equal(link_read(key, "", now_ms, &got), LINK_E_WRONG);
	assert_int_equal(link_read(key, "../../etc/passwd", now_ms, &got), LINK_E_WRONG);
	memset(changed, 'A', LINK_TEXT_SIZE);
	changed[LINK_TEXT_SIZE] = '\0';
	assert_int_equal(link_read(key, changed, now_ms, &got), LINK_E_WRONG);
	assert_int_equal(got.incident, 5);
}

static void it_runs_out(void **state)
{
	struct link l = sample(), got;
	char text[LINK_TEXT_SIZE];

	(void)state;
	link_make(key, &l, text);
	assert_int_equal(link_read(key, text, l.until_ms - 1, &got), 0);
	assert_int_equal(link_read(key, text, l.until_ms, &got), LINK_E_OLD);
	assert_string_equal(got.person, "ana");
}

static void two_messages_have_two(void **state)
{
	struct link a = sample(), b = sample();
	char first[LINK_TEXT_SIZE], second[LINK_TEXT_SIZE];

	(void)state;
	b.made_ms++;
	link_make(key, &a, first);
	link_make(key, &b, second);
	assert_string_not_equal(first, second);
	assert_memory_not_equal(a.mark, b.mark, LINK_MARK_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_said_comes_back),
		cmocka_unit_test(the_longest_name),
		cmocka_unit_test(whatever_is_changed_is_none_of_ours),
		cmocka_unit_test(it_runs_out),
		cmocka_unit_test(two_messages_have_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
