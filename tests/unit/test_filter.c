/* Conditions of deliveries: what is right and what is not, judged over known and absent facts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "alert/filter.h"
#include "base/arena.h"
#include "mention/mention.h"

enum { ARENA_MAX_BYTES = 1 << 20 };

static int setup(void **state)
{
	*state = arena_new(ARENA_MAX_BYTES);
	return 0;
}

static int teardown(void **state)
{
	arena_free(*state);
	return 0;
}

/* A complaint about acme, by @Ana_Pérez with 1,200 followers; nothing is known of country, likes and tick. */
static struct hit hit_of_acme(void)
{
	static const char *rules[] = {"double-charge"}, *tags[] = {"crisis", "legal"}, *intents[] = {"complaint"};

	return (struct hit){.topic = "acme",
			    .role = "brand",
			    .rules = rules,
			    .n_rules = 1,
			    .tags = tags,
			    .n_tags = 2,
			    .intents = intents,
			    .n_intents = 1};
}

static struct mention complaint(void)
{
	struct mention m;

	mention_init(&m);
	m.source = "toots";
	m.platform = "mastodon-stream";
	m.url = "https://www.Blog.example.com:8443/a?b#c";
	m.lang = "es-MX";
	m.kind = "post";
	m.author.handle = "Ana_PÉREZ";
	m.author.followers = 1200;
	m.rating = 4.5;
	m.sentiment.label = "negative";
	return m;
}

static void judges(void **state)
{
	static const struct {
		const char *text;
		bool holds;
	} cases[] = {
		{"intent in [complaint, support]", true},
		{"intent == complaint", true},
		{"intent != complaint", false},
		{"intent == purchase", false},
		{"intent != purchase", true},
		{"tags == legal and tags == crisis", true},
		{"tags in [legal]", true},
		{"rule == double-charge", true},
		{"rule == 'double-charge'", true},
		{"role == brand", true},
		{"role == competitor or topic == acme", true},
		{"role == competitor or topic == other", false},
		{"topic == ACME", true},
		{"lang == es", true},
		{"lang == es-mx", true},
		{"lang in [en, pt]", false},
		{"country == MX", false}, /* not known */
		{"country != MX", false},
		{"not (country == MX)", true},
		{"not country == MX", true},
		{"known(country)", false},
		{"not known(country)", true},
		{"known(followers) and known( intent )", true},
		{"known(likes)", false},
		{"site == example.com", true},
		{"site == 'https://blog.example.com/x'", true},
		{"site == ample.com", false},
		{"author == '@ana_pérez'", true},
		{"author == ana_perez", false}, /* not folded: as in the rules */
		{"sentiment == negative", true},
		{"followers >= 1200", true},
		{"followers > 1200", false},
		{"followers < 1000 or rating == 4.5", true},
		{"likes >= 0", false},
		{"verified == true", false},
		{"verified == false", false},
		{"not verified == true", true},
		{"source == toots and (platform == feed or platform == mastodon-stream) and kind == post", true},
		{"role == competitor and topic == acme or kind == post", true}, /* and binds tighter */
		{"not role == competitor and topic == acme", true},
	};
	const struct mention m = complaint();
	const struct hit h = hit_of_acme();
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct condition_fault fault = {.found = ""};
		struct filter *f = NULL;

		if (filter_parse(cases[i].text, *state, &fault, &f) != 0)
			fail_msg("%s: at %zu \"%s\": %s", cases[i].text, fault.at, fault.found,
				 text_raw(TEXT_EN, fault.text));
		if (filter_holds(f, &m, &h) != cases[i].holds)
			fail_msg("%s: %d was expected", cases[i].text, cases[i].holds);
		assert_string_equal(filter_text(f), cases[i].text);
	}
}

static void knows_a_tick(void **state)
{
	struct mention m = complaint();
	const struct hit h = hit_of_acme();
	struct condition_fault fault;
	struct filter *f;

	m.author.verified = VERIFIED_YES;
	assert_int_equal(filter_parse("verified == true and verified != false", *state, &fault, &f), 0);
	assert_true(filter_holds(f, &m, &h));
	m.author.verified = VERIFIED_NO;
	assert_false(filter_holds(f, &m, &h));
}

static void refuses(void **state)
{
	static const struct {
		const char *text;
		enum text_id fault;
		size_t at;
		const char *found, *guess;
	} cases[] = {
		{"", TEXT_WHEN_ENDS, 0, "", NULL},
		{"intent", TEXT_FILTER_WANT_SIGN, 6, "", NULL},
		{"intents == complaint", TEXT_FILTER_NO_FACT, 0, "intents", "intent"},
		{"complaint", TEXT_FILTER_NO_FACT, 0, "complaint", NULL},
		{"and", TEXT_FILTER_WANT_FACT, 0, "and", NULL},
		{"intent = complaint", TEXT_FILTER_WANT_SIGN, 7, "=", NULL},
		{"intent >= complaint", TEXT_FILTER_NO_ORDER, 7, ">", NULL},
		{"verified > true", TEXT_FILTER_NO_ORDER, 9, ">", NULL},
		{"verified == yes", TEXT_FILTER_WANT_YES_NO, 12, "yes", NULL},
		{"followers >= many", TEXT_WHEN_WANT_NUMBER, 13, "many", NULL},
		{"followers >= 10k", TEXT_WHEN_WANT_NUMBER, 13, "10k", NULL},
		{"followers in [1, 2]", TEXT_FILTER_NO_LIST, 14, "1", NULL},
		{"intent in complaint", TEXT_FILTER_WANT_LIST, 10, "complaint", NULL},
		{"intent in [complaint", TEXT_FILTER_WANT_LIST_END, 20, "", NULL},
		{"intent in []", TEXT_FILTER_WANT_VALUE, 11, "]", NULL},
		{"intent == ''", TEXT_FILTER_WANT_VALUE, 11, "'", NULL},
		{"(intent == complaint", TEXT_WHEN_WANT_CLOSE, 0, "(", NULL},
		{"intent == complaint adn role == brand", TEXT_WHEN_WANT_AND, 20, "adn", "and"},
		{"known(intent", TEXT_WHEN_WANT_CLOSE, 12, "", NULL},
		{"ñandú == 1", TEXT_FILTER_WANT_FACT, 0, "ñ", NULL},
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct condition_fault fault = {.found = ""};
		struct filter *f = (void *)1;

		if (filter_parse(cases[i].text, *state, &fault, &f) != CONDITION_E_INVALID)
			fail_msg("%s: was taken", cases[i].text);
		if (fault.text != cases[i].fault || fault.at != cases[i].at || strcmp(fault.found, cases[i].found) != 0)
			fail_msg("%s: at %zu \"%s\": %s", cases[i].text, fault.at, fault.found,
				 text_raw(TEXT_EN, fault.text));
		assert_true(!cases[i].guess || (fault.guess && strcmp(fault.guess, cases[i].guess) == 0));
		assert_ptr_equal(f, (void *)1);
	}
}

/* Each bound is met, and one more is refused. */
static void is_bounded(void **state)
{
	char text[3 * CONDITION_MAX_BYTES];
	struct condition_fault fault;
	struct filter *f;
	size_t n, i;
	int depth;

	for (depth = CONDITION_DEPTH_MAX - 1; depth <= CONDITION_DEPTH_MAX; depth++) {
		n = 0;
		for (i = 0; i < (size_t)depth; i++)
			text[n++] = '(';
		n += (size_t)snprintf(text + n, sizeof(text) - n, "role==brand");
		for (i = 0; i < (size_t)depth; i++)
			text[n++] = ')';
		text[n] = '\0';
		assert_int_equal(filter_parse(text, *state, &fault, &f),
				 depth < CONDITION_DEPTH_MAX ? 0 : CONDITION_E_INVALID);
	}
	for (i = FILTER_VALUES_MAX; i <= FILTER_VALUES_MAX + 1; i++) {
		size_t k;

		n = (size_t)snprintf(text, sizeof(text), "lang in [");
		for (k = 0; k < i; k++)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%sv%zu", k ? "," : "", k);
		snprintf(text + n, sizeof(text) - n, "]");
		assert_int_equal(filter_parse(text, *state, &fault, &f),
				 i == FILTER_VALUES_MAX ? 0 : CONDITION_E_INVALID);
	}
	n = 0;
	for (i = 0; i < CONDITION_NODES_MAX; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%srole==b", i ? " or " : "");
	assert_true(n <= CONDITION_MAX_BYTES);
	assert_int_equal(filter_parse(text, *state, &fault, &f), CONDITION_E_INVALID);
	assert_int_equal(fault.text, TEXT_WHEN_LONG);
	memset(text, ' ', CONDITION_MAX_BYTES + 1);
	snprintf(text + CONDITION_MAX_BYTES - 10, 20, "role==brand");
	assert_int_equal(filter_parse(text, *state, &fault, &f), CONDITION_E_INVALID);
	memset(text, 'x', FILTER_VALUE_MAX_BYTES);
	snprintf(text, 10, "topic == ");
	text[9] = 'x';
	text[FILTER_VALUE_MAX_BYTES] = '\0';
	assert_int_equal(filter_parse(text, *state, &fault, &f), CONDITION_E_INVALID);
}

static void note(void *arg, enum filter_fact fact, const char *value)
{
	char *b = arg;

	snprintf(b + strlen(b), 200 - strlen(b), "%s=%s ", filter_names[fact], value);
}

static void names_its_values(void **state)
{
	struct condition_fault fault;
	struct filter *f;
	char b[200] = "";

	assert_int_equal(filter_parse("topic == acme", *state, &fault, &f), 0);
	filter_each(f, note, b);
	assert_string_equal(b, "topic=acme ");
	b[0] = '\0';
	assert_int_equal(filter_parse("intent in [Complaint, support] and not (followers > 3 or tags == legal)", *state,
				      &fault, &f),
			 0);
	filter_each(f, note, b);
	assert_string_equal(b, "intent=complaint intent=support tags=legal ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(judges, setup, teardown),
		cmocka_unit_test_setup_teardown(knows_a_tick, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses, setup, teardown),
		cmocka_unit_test_setup_teardown(is_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(names_its_values, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
