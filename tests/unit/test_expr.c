/* match/expr through its header: what a condition means, and what it may not say. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "match/expr.h"

enum { ARENA_BYTES = 1 << 20 };

/* Names a to z are patterns 0 to 25, r-a to r-z rules; what is true is given as a set of bits. */
static bool bind(void *arg, const char *name, bool only_pattern, struct expr_node *node)
{
	bool rule = !strncmp(name, "r-", 2);

	(void)arg;
	if (only_pattern && rule)
		return false;
	if (rule)
		name += 2;
	if (*name < 'a' || *name > 'z' || name[1])
		return false;
	node->kind = rule ? EXPR_RULE : EXPR_PATTERN;
	node->number = (uint32_t)(*name - 'a');
	return true;
}

static void no_unknown(void *arg, const char *name, bool only_pattern, size_t at)
{
	(void)arg;
	(void)only_pattern;
	fail_msg("unknown %s at %zu", name, at);
}

struct world {
	uint32_t truth, taken;
	unsigned asked;
};

static bool leaf(void *arg, const struct expr_node *node)
{
	struct world *w = arg;

	w->asked++;
	return w->truth >> node->number & 1;
}

static void verdict(void *arg, const struct expr_node *node, struct expr_verdict *ret)
{
	ret->held = leaf(arg, node);
}

static const struct {
	const char *text;
	uint32_t truth; /* bit 0 is a */
	bool want;
	unsigned asked;
} cases[] = {
	{"a", 1, true, 1},
	{"not a", 1, false, 1},
	{"not not a", 1, true, 1},
	{"a or b and c", 1, true, 1}, /* and binds tighter */
	{"(a or b) and c", 1, false, 2},
	{"not a or b", 3, true, 2}, /* not binds tightest */
	{"not (a or b)", 2, false, 2},
	{"a and b and c and d", 0xF, true, 4},
	{"a and b and c and d", 0xD, false, 2}, /* asks no more than it must */
	{"a or b or c", 2, true, 2},
	{"a and not b", 1, true, 2},
	{"\n a\tand\r\n( r-b )", 3, true, 2},
	{"((((a))))", 1, true, 1},
};

static void conditions_mean_what_they_say(void **state)
{
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct world w = {.truth = cases[i].truth};
		struct expr_verdict v[EXPR_NODES_MAX];
		struct expr_fault f;
		struct expr e;

		assert_int_equal(expr_parse(cases[i].text, strlen(cases[i].text), a, &f, &e), 0);
		assert_true(expr_bind(&e, a, bind, no_unknown, NULL));
		if (expr_eval(&e, leaf, &w) != cases[i].want || w.asked != cases[i].asked)
			fail_msg("%s asked %u", cases[i].text, w.asked);
		assert_int_equal(expr_explain(&e, verdict, &w, v), cases[i].want);
		assert_int_equal(v[e.root].held, cases[i].want);
	}
}

static const struct {
	const char *text;
	enum text_id want;
	size_t at;
	const char *found, *guess;
} refused[] = {
	{"", TEXT_EXPR_EMPTY, 0, NULL, NULL},
	{" \n", TEXT_EXPR_EMPTY, 0, NULL, NULL},
	{"a and", TEXT_EXPR_WANT_OPERAND_END, 5, NULL, NULL},
	{"and a", TEXT_EXPR_WANT_OPERAND, 0, "and", NULL},
	{"a or or b", TEXT_EXPR_WANT_OPERAND, 5, "or", NULL},
	{"()", TEXT_EXPR_WANT_OPERAND, 1, ")", NULL},
	{"a b", TEXT_EXPR_WANT_OPERATOR, 2, "b", NULL},
	{"a y b", TEXT_EXPR_WANT_OPERATOR, 2, "y", "and"},
	{"a o b", TEXT_EXPR_WANT_OPERATOR, 2, "o", "or"},
	{"a and no b", TEXT_EXPR_WANT_OPERAND, 6, "no", "not"},
	{"no b", TEXT_EXPR_WANT_OPERAND, 0, "no", "not"},
	{"sin b", TEXT_EXPR_WANT_OPERAND, 0, "sin", "not"},
	{"no (a or b)", TEXT_EXPR_NO_CALL, 0, "no", "not"},
	{"a adn b", TEXT_EXPR_WANT_OPERATOR, 2, "adn", "and"},
	{"a nad b", TEXT_EXPR_WANT_OPERATOR, 2, "nad", "and"},
	{"a ro b", TEXT_EXPR_WANT_OPERATOR, 2, "ro", "or"},
	{"a pero b", TEXT_EXPR_WANT_OPERATOR, 2, "pero", "and"},
	{"a no b", TEXT_EXPR_WANT_OPERATOR, 2, "no", "and not"},
	{"a ni b", TEXT_EXPR_WANT_OPERATOR, 2, "ni", "and not"},
	{"a sin b", TEXT_EXPR_WANT_OPERATOR, 2, "sin", "and not"},
	{"a - b", TEXT_EXPR_WANT_OPERATOR, 2, "-", "and not"},
	{"a Y b", TEXT_EXPR_SIGN, 2, "Y", "and"},
	{"a O b", TEXT_EXPR_SIGN, 2, "O", "or"},
	{"a or NO b", TEXT_EXPR_SIGN, 5, "NO", "not"},
	{"NOT a", TEXT_EXPR_SIGN, 0, "NOT", "not"},
	{"cerca(a, b, 2)", TEXT_EXPR_NO_CALL, 0, "cerca", "near"},
	{"seguidores > 100", TEXT_EXPR_NO_FACT, 0, "seguidores", "followers"},
	{"país == MX", TEXT_EXPR_SIGN, 0, "país", "country"},
	{"known(idioma)", TEXT_EXPR_NO_FACT, 6, "idioma", "lang"},
	{"a (b)", TEXT_EXPR_NO_CALL, 0, "a", NULL},
	{"neer(a, b, 2)", TEXT_EXPR_NO_CALL, 0, "neer", "near"},
	{"a not b", TEXT_EXPR_NOT_OPERATOR, 2, NULL, NULL},
	{"(a or b", TEXT_EXPR_PAREN_OPEN, 0, NULL, NULL},
	{"a and (b))", TEXT_EXPR_PAREN_CLOSE, 9, NULL, NULL},
	{"a AND b", TEXT_EXPR_SIGN, 2, "AND", "and"},
	{"a && b", TEXT_EXPR_SIGN, 2, "&&", "and"},
	{"!a", TEXT_EXPR_SIGN, 0, "!", "not"},
	{"a | b", TEXT_EXPR_SIGN, 2, "|", "or"},
	{"a, b", TEXT_EXPR_SIGN, 1, ",", "and"},
	{"Name and a", TEXT_EXPR_SIGN, 0, "Name", "name"},
	{"niño", TEXT_EXPR_SIGN, 0, "niño", NULL},
	{"a.b", TEXT_EXPR_SIGN, 1, ".", NULL},
	{"a and 'b'", TEXT_EXPR_QUOTED, 6, "'b'", NULL},
	{"a and 'b", TEXT_EXPR_QUOTE, 6, NULL, NULL},
	{"a and \"b", TEXT_EXPR_QUOTE, 6, NULL, NULL},
	{"near", TEXT_EXPR_FORM, 4, "near(name, theft, 12)", NULL},
	{"near(a, b)", TEXT_EXPR_FORM, 9, "near(name, theft, 12)", NULL},
	{"near(a b 2)", TEXT_EXPR_FORM, 7, "near(name, theft, 12)", NULL},
	{"near(a, not b, 2)", TEXT_EXPR_FORM, 8, "near(name, theft, 12)", NULL},
	{"near(a, b, c)", TEXT_EXPR_WHOLE, 11, "1000", NULL},
	{"near(a, b, 1001)", TEXT_EXPR_WHOLE, 11, "1000", NULL},
	{"near(a, b, -1)", TEXT_EXPR_WHOLE, 11, "1000", NULL},
	{"before(a, b, 2", TEXT_EXPR_FORM, 14, "before(name, theft, 12)", NULL},
	{"a and count(b)", TEXT_EXPR_FORM, 14, "count(name) >= 3", NULL},
	{"count(b) in [2]", TEXT_EXPR_FORM, 9, "count(name) >= 3", NULL},
	{"count(b) >= 1001", TEXT_EXPR_WHOLE, 12, "1000", NULL},
	{"count(b) >= ", TEXT_EXPR_FORM, 12, "count(name) >= 3", NULL},
	{"count b >= 2", TEXT_EXPR_FORM, 6, "count(name) >= 3", NULL},
	{"known(follower)", TEXT_EXPR_NO_FACT, 6, "follower", "followers"},
	{"known(followers, likes)", TEXT_EXPR_FORM, 15, "known(followers)", NULL},
	{"a == b", TEXT_EXPR_NO_FACT, 0, "a", NULL},
	{"langs in [es]", TEXT_EXPR_NO_FACT, 0, "langs", "lang"},
	{"10 <= likes", TEXT_EXPR_NO_FACT, 0, "10", NULL},
	{"verified", TEXT_EXPR_FIELD_ALONE, 0, "verified == true", NULL},
	{"lang and a", TEXT_EXPR_FIELD_ALONE, 0, "lang in [es, pt]", NULL},
	{"verified == yes", TEXT_EXPR_YES_NO, 12, "yes", NULL},
	{"verified > true", TEXT_EXPR_YES_NO, 9, "verified", NULL},
	{"verified in [true]", TEXT_EXPR_FORM, 9, "verified == true", NULL},
	{"lang > 3", TEXT_EXPR_WORD_SIGN, 5, "lang", NULL},
	{"followers == es", TEXT_EXPR_NUMBER, 13, "es", NULL},
	{"followers >= 10k", TEXT_EXPR_NUMBER, 13, "10k", "10000"},
	{"followers >= 10.000", TEXT_EXPR_NUMBER, 13, "10.000", "10000"},
	{"followers >= 1.000.000", TEXT_EXPR_NUMBER, 13, "1.000.000", "1000000"},
	{"followers >= 10,000 and a", TEXT_EXPR_NUMBER, 13, "10,000", "10000"},
	{"followers >= 10 000", TEXT_EXPR_NUMBER, 13, "10 000", "10000"},
	{"followers >= 10_000", TEXT_EXPR_NUMBER, 13, "10_000", "10000"},
	{"followers >= 2M", TEXT_EXPR_NUMBER, 13, "2M", "2000000"},
	{"followers >= 4.5", TEXT_EXPR_NUMBER, 13, "4.5", NULL},
	{"followers >= 10,00", TEXT_EXPR_NUMBER, 13, "10,00", NULL},
	{"followers in [10.000, 5]", TEXT_EXPR_NUMBER, 14, "10.000", "10000"},
	{"rating < 2,5", TEXT_EXPR_NUMBER_RATING, 9, "2,5", "2.5"},
	{"followers >= -1", TEXT_EXPR_NUMBER, 13, "-1", NULL},
	{"followers >= 1234567890123456", TEXT_EXPR_NUMBER, 13, "1234567890123456", NULL},
	{"rating >= 4.", TEXT_EXPR_NUMBER_RATING, 10, "4.", NULL},
	{"rating >= 4.5.1", TEXT_EXPR_NUMBER_RATING, 10, "4.5.1", NULL},
	{"followers => 10", TEXT_EXPR_COMPARE_SIGN, 10, "=>", ">="},
	{"lang = es", TEXT_EXPR_COMPARE_SIGN, 5, "=", "=="},
	{"lang <> es", TEXT_EXPR_COMPARE_SIGN, 5, "<>", "!="},
	{"lang !! es", TEXT_EXPR_COMPARE_SIGN, 5, "!!", NULL},
	{"lang in es", TEXT_EXPR_BRACKETS, 8, "lang in [es, pt]", NULL},
	{"lang in []", TEXT_EXPR_FORM, 9, "lang in [es, pt]", NULL},
	{"lang in [es pt]", TEXT_EXPR_FORM, 12, "lang in [es, pt]", NULL},
	{"lang in [es,]", TEXT_EXPR_FORM, 12, "lang in [es, pt]", NULL},
	{"lang in [es, 'pt]", TEXT_EXPR_QUOTE, 13, NULL, NULL},
	{"lang ==", TEXT_EXPR_FORM, 7, "lang in [es, pt]", NULL},
	{"lang == ''", TEXT_EXPR_NO_VALUE, 8, "", NULL},
	{"lang not in [es]", TEXT_EXPR_NOT_IN, 5, "lang in [es, pt]", NULL},
	{"tags != crisis", TEXT_EXPR_CARRIED_SIGN, 5, "tags", NULL},
	{"site == 'acme example'", TEXT_EXPR_NO_VALUE, 8, "acme example", NULL},
	{"site == acme", TEXT_EXPR_NO_VALUE, 8, "acme", NULL},
	{"author == @", TEXT_EXPR_NO_VALUE, 10, "@", NULL},
	{"site in {files: x}", TEXT_EXPR_FORM, 9, "site in {file: lists/site.txt}", NULL},
	{"site in {file x}", TEXT_EXPR_FORM, 14, "site in {file: lists/site.txt}", NULL},
	{"site in {file: x", TEXT_EXPR_FORM, 16, "site in {file: lists/site.txt}", NULL},
	{"1 < likes < 5", TEXT_EXPR_NO_FACT, 0, "1", NULL},
	{"likes < 5 < 7", TEXT_EXPR_WANT_OPERATOR, 10, "<", NULL},
};

static void a_mistake_has_its_words_and_place(void **state)
{
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(refused); i++) {
		struct expr e = {.n = 77};
		struct expr_fault f;

		assert_int_equal(expr_parse(refused[i].text, strlen(refused[i].text), a, &f, &e), EXPR_E_INVALID);
		if (f.text != refused[i].want || f.at != refused[i].at)
			fail_msg("%s: text %d (not %d) at %zu", refused[i].text, f.text, refused[i].want, f.at);
		if (refused[i].found && (!f.found || strcmp(f.found, refused[i].found) != 0))
			fail_msg("%s: found %s", refused[i].text, f.found);
		if (!refused[i].guess != !f.guess || (f.guess && strcmp(f.guess, refused[i].guess) != 0))
			fail_msg("%s: guess %s", refused[i].text, f.guess);
		assert_int_equal(e.n, 77); /* written on success alone */
	}
}

/* The tree, and of each leaf what it asks. */
static void show_node(struct buf *b, const struct expr *e, uint16_t i)
{
	static const char *const signs[] = {"==", "!=", ">=", ">", "<=", "<", "in"};
	static const char *const kinds[] = {"name", "pattern", "rule",  "not",   "and",  "or",
					    "near", "before",  "count", "known", "field"};
	const struct expr_node *node = &e->nodes[i];
	uint16_t child;
	size_t k;

	buf_printf(b, "(%s@%u+%u", kinds[node->kind], node->at, node->len);
	if (node->kind == EXPR_NEAR || node->kind == EXPR_BEFORE)
		buf_printf(b, " %u", node->number);
	if (node->kind == EXPR_KNOWN || node->kind == EXPR_FIELD)
		buf_printf(b, " %s", field_text(node->test->field));
	if (node->kind == EXPR_COUNT || node->kind == EXPR_FIELD)
		buf_printf(b, " %s %g", signs[node->test->sign], node->test->number);
	for (k = 0; node->test && k < node->test->n_values; k++)
		buf_printf(b, " '%s'@%u", node->test->values[k].text, node->test->values[k].at);
	if (node->test && node->test->file)
		buf_printf(b, " file '%s'@%u", node->test->file, node->test->file_at);
	for (child = node->child; child != EXPR_NONE; child = e->nodes[child].next)
		show_node(b, e, child);
	buf_puts(b, ")");
}

static void leaves_are_read_with_their_places(void **state)
{
	static const char *const table[][2] = {
		{"near(a,b,0)", "(near@0+11 0(name@5+1)(name@7+1))"},
		{"not before( a , b , 1000 )", "(not@0+3(before@4+22 1000(name@12+1)(name@16+1)))"},
		{"count(a)>=2 and b", "(and@12+3(count@0+11 >= 2(name@6+1))(name@16+1))"},
		{"count(a) == 0", "(count@0+13 == 0(name@6+1))"},
		{"known(lang)", "(known@0+11 lang)"},
		{"lang==es", "(field@0+8 lang == 0 'es'@6)"},
		{"lang in [es, 'pt' , \"p b\"]", "(field@0+26 lang in 0 'es'@9 'pt'@13 'p b'@20)"},
		{"followers >= 10000", "(field@0+18 followers >= 10000 '10000'@13)"},
		{"rating<=4.3", "(field@0+11 rating <= 4.3 '4.3'@8)"},
		{"rating in [1, 2]", "(field@0+16 rating in 0 '1'@11 '2'@14)"},
		{"verified != true", "(field@0+16 verified != 1 'true'@12)"},
		{"site in {file: lists/a b.txt}", NULL},
		{"site in {file: 'lists/a b.txt'} or a",
		 "(or@32+2(field@0+31 site in 0 file 'lists/a b.txt'@15)(name@35+1))"},
		{"site in {file:x.txt}", "(field@0+20 site in 0 file 'x.txt'@14)"},
		{"author in [@Acme_MX, ñandú]", "(field@0+29 author in 0 '@Acme_MX'@11 'ñandú'@21)"},
		{"site == https://acme.example/x", "(field@0+30 site == 0 'https://acme.example/x'@8)"},
		{"tags == crisis", "(field@0+14 tags == 0 'crisis'@8)"},
	};
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	struct buf b = BUF_INIT(4096);
	struct expr_fault f;
	struct expr e;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		int r = expr_parse(table[i][0], strlen(table[i][0]), a, &f, &e);

		buf_reset(&b);
		if (!r)
			show_node(&b, &e, e.root);
		if (r != (table[i][1] ? 0 : EXPR_E_INVALID) || (!r && strcmp(buf_str(&b), table[i][1]) != 0))
			fail_msg("%s: %d %s", table[i][0], r, buf_str(&b));
	}
	buf_done(&b);
}

static void words_of_conditions_are_no_names(void **state)
{
	static const char *const reserved[] = {"and",    "or",    "not",   "in",   "near",
					       "before", "count", "known", "lang", "kind"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(reserved); i++)
		assert_true(expr_reserved(reserved[i]));
	assert_false(expr_reserved("name"));
	assert_false(expr_reserved("near-miss"));
}

static void a_comparison_with_nothing_is_false(void **state)
{
	enum expr_sign sign;

	(void)state;
	for (sign = EXPR_EQ; sign <= EXPR_LT; sign++)
		assert_false(expr_compare((double)NAN, sign, 1));
	assert_true(expr_compare(1, EXPR_NE, 2) && !expr_compare(1, EXPR_NE, 1) && expr_compare(1, EXPR_GE, 1));
	assert_true(expr_compare(1, EXPR_LT, 2) && expr_compare(2, EXPR_GT, 1) && expr_compare(2, EXPR_LE, 2));
}

static void repeat(struct buf *b, const char *s, size_t n)
{
	while (n--)
		buf_puts(b, s);
}

/* Each bound at its last place, and one past it. */
static void bounds_are_reached(void **state)
{
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	struct buf b = BUF_INIT(1 << 16);
	struct expr_fault f;
	struct expr e;
	size_t over, i;

	(void)state;
	for (over = 0; over < 2; over++) {
		buf_reset(&b);
		repeat(&b, "(", EXPR_DEPTH_MAX + over);
		buf_puts(&b, "a");
		repeat(&b, ")", EXPR_DEPTH_MAX + over);
		assert_int_equal(expr_parse(b.data, b.len, a, &f, &e), over);
		buf_reset(&b);
		repeat(&b, "not ", EXPR_DEPTH_MAX + over);
		buf_puts(&b, "a");
		assert_int_equal(expr_parse(b.data, b.len, a, &f, &e), over);
		assert_int_equal(f.text, over ? TEXT_EXPR_DEEP : 0);
		buf_reset(&b);
		buf_puts(&b, "a");
		repeat(&b, " ", EXPR_MAX_BYTES - 1 + over);
		assert_int_equal(expr_parse(b.data, b.len, a, &f, &e), over);
		assert_int_equal(f.text, over ? TEXT_EXPR_LONG : 0);
		buf_reset(&b);
		for (i = 0; i < 31; i++) { /* 31 times 32 nodes, one of the "or", and 7 more: 1,000 */
			repeat(&b, "not ", 31);
			buf_puts(&b, "a or ");
		}
		repeat(&b, "a or ", 6 + over);
		buf_puts(&b, "a");
		assert_true(b.len <= EXPR_MAX_BYTES);
		assert_int_equal(expr_parse(b.data, b.len, a, &f, &e), over);
		assert_int_equal(f.text, over ? TEXT_EXPR_LARGE : 0);
		if (!over)
			assert_int_equal(e.n, EXPR_NODES_MAX);
	}
	buf_done(&b);
}

static void collect(void *arg, const struct expr_node *node)
{
	((struct world *)arg)->taken |= 1U << node->number;
}

static void support_is_what_made_it_hold(void **state)
{
	static const struct {
		const char *text;
		uint32_t truth, want;
	} table[] = {
		{"a and b", 3, 3},
		{"a or b", 3, 3},
		{"a or b", 2, 2},
		{"a and not b", 1, 1},
		{"a and not (b and c)", 3, 1},
		{"(a and b) or (a and c)", 5, 5},
		{"not a", 0, 0},
	};
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		struct world w = {.truth = table[i].truth};
		struct expr_fault f;
		struct expr e;

		assert_int_equal(expr_parse(table[i].text, strlen(table[i].text), a, &f, &e), 0);
		assert_true(expr_bind(&e, a, bind, no_unknown, NULL));
		assert_true(expr_eval(&e, leaf, &w));
		expr_support(&e, leaf, &w, collect);
		assert_int_equal(w.taken, table[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conditions_mean_what_they_say),
		cmocka_unit_test(a_mistake_has_its_words_and_place),
		cmocka_unit_test(leaves_are_read_with_their_places),
		cmocka_unit_test(words_of_conditions_are_no_names),
		cmocka_unit_test(a_comparison_with_nothing_is_false),
		cmocka_unit_test(bounds_are_reached),
		cmocka_unit_test(support_is_what_made_it_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
