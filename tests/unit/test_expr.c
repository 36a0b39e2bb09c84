/* match/expr through its header: what a condition means, and what it may not say. */
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
	{"a (b)", TEXT_EXPR_LATER, 0, "a", NULL},
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
	{"near(a, b, 12)", TEXT_EXPR_LATER, 0, "near", NULL},
	{"a and count(b) >= 2", TEXT_EXPR_LATER, 6, "count", NULL},
	{"followers >= 10000 and a", TEXT_EXPR_LATER, 0, "followers", NULL},
	{"a and lang in [es]", TEXT_EXPR_LATER, 6, "lang", NULL},
	{"a == b", TEXT_EXPR_LATER, 2, "==", NULL},
	{"a and 'b'", TEXT_EXPR_LATER, 6, "'", NULL},
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
		if (refused[i].found)
			assert_string_equal(f.found, refused[i].found);
		if (refused[i].guess)
			assert_string_equal(f.guess, refused[i].guess);
		else
			assert_null(f.guess);
		assert_int_equal(e.n, 77); /* written on success alone */
	}
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
		cmocka_unit_test(bounds_are_reached),
		cmocka_unit_test(support_is_what_made_it_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
