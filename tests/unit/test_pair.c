/* alert/pair: a code is right once, for an hour, for one person, and nobody guesses it. FAULTS A7. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "alert/pair.h"

enum { ANA = 1, OTHER = 2, STRANGERS = 1000 };

static struct pair pair;

static int setup(void **state)
{
	(void)state;
	memset(&pair, 0, sizeof(pair));
	return 0;
}

/* Another for each seed. */
static void begin(const char *person, uint8_t seed, int64_t now_ms, char code[PAIR_CODE_SIZE])
{
	const uint8_t chance[PAIR_CODE_LEN] = {seed, (uint8_t)(seed >> 5), 7, 9, 11, 13, 31, 255};

	pair_begin(&pair, person, chance, now_ms, code);
}

static enum pair_heard hear(uint64_t chat, const char *text, int64_t now_ms)
{
	const char *person = NULL;
	enum pair_heard heard = pair_hear(&pair, chat, text, now_ms, &person);

	assert_int_equal(person != NULL, heard == PAIR_RIGHT);
	return heard;
}

static void a_code_is_read_as_people_write_it(void **state)
{
	static const struct {
		const char *before, *after;
		bool dash, small;
		enum pair_heard heard;
	} cases[] = {
		{"", "", true, false, PAIR_RIGHT},
		{"", "", false, true, PAIR_RIGHT},
		{" ", " \n", true, true, PAIR_RIGHT},
		{"/start ", "", false, false, PAIR_RIGHT},
		{"/start@our_bot ", "", true, false, PAIR_RIGHT},
		{"/pair ", "", true, false, PAIR_RIGHT},
		{"code ", "", true, false, PAIR_NO_CODE},
		{"", "A", true, false, PAIR_NO_CODE},
		{"", ".", true, false, PAIR_NO_CODE},
		{"\xc3\xb1", "", true, false, PAIR_NO_CODE},
	};
	char code[PAIR_CODE_SIZE];
	size_t i, k;

	(void)state;
	begin("ana", 3, 0, code);
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[64];
		size_t n = (size_t)snprintf(text, sizeof(text), "%s", cases[i].before);

		for (k = 0; code[k]; k++)
			if (cases[i].dash || code[k] != '-')
				text[n++] = cases[i].small ? (char)tolower((unsigned char)code[k]) : code[k];
		snprintf(text + n, sizeof(text) - n, "%s", cases[i].after);
		assert_int_equal(hear(ANA, text, 0), cases[i].heard);
	}
	assert_int_equal(hear(ANA, "", 0), PAIR_NO_CODE);
	assert_int_equal(hear(ANA, "/start", 0), PAIR_HELLO);
}

static void it_lasts_an_hour_and_is_used_once(void **state)
{
	char first[PAIR_CODE_SIZE], code[PAIR_CODE_SIZE];
	const char *person;

	(void)state;
	begin("ana", 3, 0, first);
	begin("ana", 4, 1, code); /* in the place of the first */
	assert_string_not_equal(first, code);
	assert_int_equal(hear(ANA, first, 1), PAIR_WRONG);
	assert_int_equal(hear(ANA, code, PAIR_CODE_MS), PAIR_RIGHT);
	assert_int_equal(hear(ANA, code, PAIR_CODE_MS + 1), PAIR_WRONG);
	begin("ana", 5, 0, code);
	begin("luis", 6, 0, first);
	assert_int_equal(pair_hear(&pair, ANA, first, 0, &person), PAIR_RIGHT);
	assert_string_equal(person, "luis");
	pair_used(&pair, "ana");
	assert_int_equal(hear(ANA, code, 0), PAIR_WRONG);
	assert_int_equal(hear(ANA, first, 0), PAIR_RIGHT); /* luis' stands until it is used */
}

/* Words of eight letters are no codes while nobody waits for one. */
static void words_are_no_guesses(void **state)
{
	char code[PAIR_CODE_SIZE];

	(void)state;
	assert_int_equal(hear(ANA, "resuelta", 0), PAIR_NO_CODE);
	assert_int_equal(hear(ANA, "ABCD-EFGH", 0), PAIR_WRONG);
	begin("ana", 3, 0, code);
	assert_int_equal(hear(ANA, "resuelta", 0), PAIR_WRONG);
	assert_int_equal(hear(ANA, "resuelto ya", 0), PAIR_NO_CODE);
}

static void a_chat_that_guesses_is_not_heard_for_an_hour(void **state)
{
	char code[PAIR_CODE_SIZE];
	int i;

	(void)state;
	begin("ana", 3, 0, code);
	for (i = 0; i < PAIR_TRIES_MAX; i++)
		assert_int_equal(hear(ANA, "ABCD-2345", i), PAIR_WRONG);
	assert_int_equal(hear(ANA, code, 10), PAIR_HELD);
	assert_int_equal(hear(OTHER, code, 10), PAIR_RIGHT);
	begin("ana", 4, PAIR_CODE_MS - 1, code);
	assert_int_equal(hear(ANA, code, PAIR_CODE_MS - 1), PAIR_HELD);
	assert_int_equal(hear(ANA, code, PAIR_CODE_MS), PAIR_RIGHT);
	for (i = 0; i < PAIR_TRIES_MAX; i++)
		assert_int_equal(hear(OTHER, "/start", PAIR_CODE_MS), PAIR_HELLO);
	assert_int_equal(hear(OTHER, "/start", PAIR_CODE_MS), PAIR_HELD);
}

static void many_chats_that_guess_make_a_code_void(void **state)
{
	char code[PAIR_CODE_SIZE];
	int i;

	(void)state;
	begin("ana", 3, 0, code);
	for (i = 1; i < PAIR_WRONG_MAX; i++)
		assert_int_equal(hear(STRANGERS + (uint64_t)i, "ABCD-2345", 0), PAIR_WRONG);
	assert_int_equal(hear(ANA, code, 0), PAIR_RIGHT);
	assert_int_equal(hear(STRANGERS, "ABCD-2345", 0), PAIR_WRONG);
	assert_int_equal(hear(ANA, code, 0), PAIR_WRONG);
}

static void past_the_bound_the_oldest_code_goes(void **state)
{
	char first[PAIR_CODE_SIZE], second[PAIR_CODE_SIZE], code[PAIR_CODE_SIZE], name[16];
	int i;

	(void)state;
	begin("p0", 0, 0, first);
	begin("p1", 1, 1, second);
	for (i = 2; i <= PAIR_CODES_MAX; i++) {
		snprintf(name, sizeof(name), "p%d", i);
		begin(name, (uint8_t)i, i, code);
	}
	assert_int_equal(hear(ANA, first, i), PAIR_WRONG);
	assert_int_equal(hear(ANA, second, i), PAIR_RIGHT);
	assert_int_equal(hear(ANA, code, i), PAIR_RIGHT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_code_is_read_as_people_write_it, setup),
		cmocka_unit_test_setup(it_lasts_an_hour_and_is_used_once, setup),
		cmocka_unit_test_setup(words_are_no_guesses, setup),
		cmocka_unit_test_setup(a_chat_that_guesses_is_not_heard_for_an_hour, setup),
		cmocka_unit_test_setup(many_chats_that_guess_make_a_code_void, setup),
		cmocka_unit_test_setup(past_the_bound_the_oldest_code_goes, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
