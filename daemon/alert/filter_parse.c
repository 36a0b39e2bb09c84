/* The condition of a delivery, read: its parts, with values in the form that is compared. */
#include <stdlib.h>
#include <string.h>

#include "alert/filter_inside.h"
#include "base/arena.h"
#include "base/suggest.h"

/* complaint, 'a b', "a b"; false: told. */
static bool take_value(struct condition_reader *r, const struct test *test, const char **ret)
{
	char room[FILTER_VALUE_MAX_BYTES];
	const char *from, *end;
	size_t n;

	condition_blanks(r);
	from = r->p;
	if (*from == '\'' || *from == '"') {
		end = strchr(from + 1, *from);
		n = end ? (size_t)(end - from - 1) : 0;
		from++;
		r->p = end ? end + 1 : r->p;
	} else {
		n = strcspn(from, " \t\n,[](){}'\"=<>!");
		r->p += n;
	}
	n = n && n < FILTER_VALUE_MAX_BYTES / 2 ? filter_normal(test->fact, from, n, room) : 0;
	if (!n) {
		condition_fail(r, from, TEXT_FILTER_WANT_VALUE, NULL);
		return false;
	}
	*ret = arena_memdup0(r->arena, room, n);
	return true;
}

static bool take_number(struct condition_reader *r, struct test *test)
{
	const char *from;
	char *end;

	condition_blanks(r);
	from = r->p;
	if (test->fact == FILTER_VERIFIED) {
		test->number = condition_take_word(r, "true");
		return test->number > 0 || condition_take_word(r, "false") ||
		       condition_fail(r, from, TEXT_FILTER_WANT_YES_NO, NULL);
	}
	test->number = strtod(from, &end);
	if (*from < '0' || *from > '9' || strspn(from, "0123456789.") != (size_t)(end - from) ||
	    condition_is_word(*end)) {
		condition_fail(r, from, TEXT_WHEN_WANT_NUMBER, NULL);
		return false;
	}
	r->p = end;
	return true;
}

static bool list(struct condition_reader *r, struct test *test)
{
	if (!condition_take(r, "["))
		return condition_fail(r, r->p, TEXT_FILTER_WANT_LIST, NULL);
	if (test->fact >= FILTER_WORDS)
		return condition_fail(r, r->p, TEXT_FILTER_NO_LIST, NULL);
	test->values = ARENA_ARRAY(r->arena, const char *, FILTER_VALUES_MAX);
	do {
		if (test->n_values == FILTER_VALUES_MAX)
			return condition_fail(r, r->p, TEXT_WHEN_LONG, NULL);
		if (!take_value(r, test, &test->values[test->n_values++]))
			return false;
	} while (condition_take(r, ","));
	return condition_take(r, "]") || condition_fail(r, r->p, TEXT_FILTER_WANT_LIST_END, NULL);
}

static bool comparison(struct condition_reader *r, struct test *test)
{
	const char *from = r->p;

	if (condition_take_word(r, "in"))
		return list(r, test);
	if (!condition_take_sign(r, &test->sign))
		return condition_fail(r, r->p, TEXT_FILTER_WANT_SIGN, NULL);
	if (test->sign > SIGN_NE && (test->fact < FILTER_WORDS || test->fact == FILTER_VERIFIED)) {
		r->p = from;
		condition_blanks(r);
		return condition_fail(r, r->p, TEXT_FILTER_NO_ORDER, NULL);
	}
	if (test->fact >= FILTER_WORDS)
		return take_number(r, test);
	test->values = ARENA_ARRAY(r->arena, const char *, 1);
	return take_value(r, test, &test->values[test->n_values++]);
}

/* The fact that is named here; FILTER_FACTS: told. */
static enum filter_fact take_fact(struct condition_reader *r)
{
	const char *from, *name;
	size_t len, i;

	condition_blanks(r);
	from = r->p;
	len = condition_token(from);
	name = arena_memdup0(r->arena, from, len);
	if (!len || condition_is_joint(name) || strcmp(name, "in") == 0) {
		condition_fail(r, from, len ? TEXT_FILTER_WANT_FACT : TEXT_WHEN_ENDS, NULL);
		return FILTER_FACTS;
	}
	for (i = 0; i < FILTER_FACTS && strcmp(filter_names[i], name) != 0; i++)
		;
	if (i == FILTER_FACTS)
		condition_fail(r, from, condition_is_word(*from) ? TEXT_FILTER_NO_FACT : TEXT_FILTER_WANT_FACT,
			       suggest(name, filter_names, FILTER_FACTS, sizeof(*filter_names)));
	else
		r->p += len;
	return (enum filter_fact)i;
}

static bool read_test(struct condition_reader *r, uint16_t number, void *arg)
{
	struct filter *f = arg;
	struct test *test = &f->tests[number];
	const char *from = r->p;
	bool asks = condition_take_word(r, "known") && condition_take(r, "(");

	if (!asks)
		r->p = from;
	*test = (struct test){.asks = asks, .fact = take_fact(r)};
	if (test->fact == FILTER_FACTS)
		return false;
	if (!asks)
		return comparison(r, test);
	return condition_take(r, ")") || condition_fail(r, r->p, TEXT_WHEN_WANT_CLOSE, NULL);
}

int filter_parse(const char *text, struct arena *a, struct condition_fault *ret_fault, struct filter **ret)
{
	struct filter *f = ARENA_NEW(a, struct filter);
	int r = condition_parse(text, a, read_test, f, ret_fault, &f->condition);

	if (r == 0)
		*ret = f;
	return r;
}
