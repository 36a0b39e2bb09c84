#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "match/expr_guess.h"
#include "match/expr_parser.h"

enum { VALUES_MAX = EXPR_MAX_BYTES / 2 };

static const struct {
	const char *name;
	enum expr_kind kind;
	const char *form; /* how it is written, for whoever wrote it otherwise */
} calls[] = {
	{"near", EXPR_NEAR, "near(name, theft, 12)"},
	{"before", EXPR_BEFORE, "before(name, theft, 12)"},
	{"count", EXPR_COUNT, "count(name) >= 3"},
	{"known", EXPR_KNOWN, "known(followers)"},
};

static size_t call_find(const char *text, const struct token *name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(calls) && !token_is(text, name, calls[i].name); i++)
		;
	return i;
}

bool leaf_is_call(const char *text, const struct token *name)
{
	return call_find(text, name) < ARRAY_LEN(calls);
}

/* --- small parts --- */

/* Takes a token of that kind; else fails with the form that was meant. */
static bool take(struct parser *p, enum token_kind kind, const char *form)
{
	if (p->token.kind != kind) {
		parser_fail(p, TEXT_EXPR_FORM, p->token.at, form, NULL);
		return false;
	}
	parser_advance(p);
	return true;
}

static uint16_t take_name(struct parser *p, const char *form)
{
	struct token name = p->token;

	return take(p, TOKEN_NAME, form) ? parser_node(p, EXPR_NAME, name.at, name.len) : EXPR_NONE;
}

/* A whole number from 0 to max, of words or of matches. */
static bool take_whole(struct parser *p, unsigned max, const char *form, double *ret)
{
	struct token t = p->token;

	if (t.kind != TOKEN_NAME) {
		parser_fail(p, TEXT_EXPR_FORM, t.at, form, NULL);
		return false;
	}
	if (!field_number(FACT_LIKES, parser_token_text(p, &t), ret) || *ret > max) {
		parser_fail_max(p, TEXT_EXPR_WHOLE, t.at, max);
		return false;
	}
	parser_advance(p);
	return true;
}

static bool take_sign(struct parser *p, enum expr_sign *ret)
{
	static const struct {
		const char *written;
		enum expr_sign sign;
	} signs[] = {{"==", EXPR_EQ}, {"!=", EXPR_NE}, {">=", EXPR_GE},
		     {">", EXPR_GT},  {"<=", EXPR_LE}, {"<", EXPR_LT}};
	static const char *const meant[][2] = {{"=", "=="},  {"=>", ">="},  {"=<", "<="},
					       {"<>", "!="}, {"===", "=="}, {"!==", "!="}};
	const struct token *t = &p->token;
	size_t i;

	for (i = 0; i < ARRAY_LEN(signs); i++) {
		if (!token_is(p->text, t, signs[i].written))
			continue;
		*ret = signs[i].sign;
		parser_advance_value(p);
		return true;
	}
	for (i = 0; i < ARRAY_LEN(meant) && !token_is(p->text, t, meant[i][0]); i++)
		;
	parser_fail(p, TEXT_EXPR_COMPARE_SIGN, t->at, parser_token_text(p, t),
		    i < ARRAY_LEN(meant) ? meant[i][1] : NULL);
	return false;
}

static struct expr_test *test_of(struct parser *p, uint16_t node)
{
	return p->failed ? NULL : (p->e->nodes[node].test = ARENA_NEW(p->a, struct expr_test));
}

/* The node spans from where it began to the last token taken. */
static uint16_t finish(struct parser *p, uint16_t node)
{
	if (p->failed)
		return EXPR_NONE;
	p->e->nodes[node].len = (uint16_t)(p->end - p->e->nodes[node].at);
	return node;
}

/* --- calls --- */

static uint16_t call_near(struct parser *p, uint16_t node, const char *form)
{
	uint16_t a, b;
	double words = 0;

	a = take_name(p, form);
	if (p->failed || !take(p, TOKEN_COMMA, form))
		return EXPR_NONE;
	b = take_name(p, form);
	if (p->failed || !take(p, TOKEN_COMMA, form) || !take_whole(p, EXPR_WORDS_MAX, form, &words) ||
	    !take(p, TOKEN_CLOSE, form))
		return EXPR_NONE;
	p->e->nodes[node].child = a;
	p->e->nodes[a].next = b;
	p->e->nodes[node].number = (uint32_t)words;
	return finish(p, node);
}

static uint16_t call_count(struct parser *p, uint16_t node, const char *form)
{
	uint16_t name = take_name(p, form);
	struct expr_test *test = test_of(p, node);

	if (p->failed || !take(p, TOKEN_CLOSE, form))
		return EXPR_NONE;
	if (p->token.kind != TOKEN_SIGN)
		return parser_fail(p, TEXT_EXPR_FORM, p->token.at, form, NULL);
	if (!take_sign(p, &test->sign))
		return EXPR_NONE;
	p->token = token_read(p->text, p->len, p->token.from); /* the number, which is no value of a field */
	if (!take_whole(p, EXPR_COUNT_MAX, form, &test->number))
		return EXPR_NONE;
	p->e->nodes[node].child = name;
	return finish(p, node);
}

static uint16_t fail_field(struct parser *p, const struct token *name)
{
	return parser_fail(p, TEXT_EXPR_NO_FACT, name->at, parser_token_text(p, name),
			   guess_fact(p->text + name->at, name->len, p->a));
}

static uint16_t call_known(struct parser *p, uint16_t node, const char *form)
{
	struct token name = p->token;
	enum field_name field = field_find(p->text + name.at, name.len);
	struct expr_test *test = test_of(p, node);

	if (!take(p, TOKEN_NAME, form))
		return EXPR_NONE;
	if (field == FACTS)
		return fail_field(p, &name);
	test->field = field;
	if (!take(p, TOKEN_CLOSE, form))
		return EXPR_NONE;
	return finish(p, node);
}

uint16_t leaf_call(struct parser *p, struct token name)
{
	size_t i = call_find(p->text, &name);
	const char *form = calls[i].form;
	uint16_t node = parser_node(p, calls[i].kind, name.at, name.len);

	if (p->failed || !take(p, TOKEN_OPEN, form))
		return EXPR_NONE;
	if (calls[i].kind == EXPR_COUNT)
		return call_count(p, node, form);
	return calls[i].kind == EXPR_KNOWN ? call_known(p, node, form) : call_near(p, node, form);
}

uint16_t leaf_fail(struct parser *p, const struct token *name)
{
	if (p->token.kind != TOKEN_OPEN)
		return fail_field(p, name);
	return parser_fail(p, TEXT_EXPR_NO_CALL, name->at, parser_token_text(p, name),
			   guess_call(p->text + name->at, name->len, p->a));
}

/* --- comparisons --- */

/* A comparison of the field as it may stand, for whoever wrote another. */
static const char *form_of(struct parser *p, enum field_name field)
{
	const char *name = field_text(field);

	switch (field) {
	case FACT_LANG:
		return "lang in [es, pt]";
	case FACT_COUNTRY:
		return "country in [MX, CO]";
	case FACT_SITE:
		return "site in [acme.example]";
	case FACT_RATING:
		return "rating <= 2";
	case FACT_TAGS:
		return "tags in [crisis]";
	case FACT_INTENT:
		return "intent in [complaint]";
	case FACT_SENTIMENT:
		return "sentiment == negative";
	default:
		if (field_type(field) == FACT_YES_NO)
			return arena_printf(p->a, "%s == true", name);
		if (field_type(field) == FACT_NUMBER)
			return arena_printf(p->a, "%s >= 1000", name);
		return arena_printf(p->a, "%s == '%s'", name,
				    field == FACT_AUTHOR || field == FACT_REPEATS ? "@acme" : "…");
	}
}

static void fail_number(struct parser *p, enum field_name field, size_t from, size_t to)
{
	const char *found = arena_memdup0(p->a, p->text + from, to - from);
	bool whole = field != FACT_RATING;

	parser_fail(p, whole ? TEXT_EXPR_NUMBER : TEXT_EXPR_NUMBER_RATING, from, found,
		    guess_number(found, to - from, whole, p->a));
}

/* Behind a number, more of it: 10,000 and 10 000 are two tokens and one mistake. In a list a comma parts two numbers. */
static size_t number_end(const struct parser *p, const struct token *t)
{
	size_t to = t->to;

	while (to + 1 < p->len && (p->text[to] == ',' || p->text[to] == ' ') && isdigit((unsigned char)p->text[to + 1]))
		for (to++; to < p->len && isdigit((unsigned char)p->text[to]); to++)
			;
	return to;
}

/* One value of the field at the token: written as it is for words, a number for the rest. */
static bool take_value(struct parser *p, enum field_name field, struct expr_value *ret, double *ret_number)
{
	struct token t = p->token;
	const char *s = arena_memdup0(p->a, p->text + t.at, t.len);

	*ret = (struct expr_value){s, (uint16_t)t.from};
	if (t.kind == TOKEN_QUOTE)
		parser_fail(p, TEXT_EXPR_QUOTE, t.at, NULL, NULL);
	else if (t.kind != TOKEN_VALUE && t.kind != TOKEN_TEXT)
		parser_fail(p, TEXT_EXPR_FORM, t.at, form_of(p, field), NULL);
	else if (field_type(field) == FACT_NUMBER && !field_number(field, s, ret_number))
		fail_number(p, field, t.from, t.to);
	else if (field_type(field) == FACT_YES_NO && strcmp(s, "true") != 0 && strcmp(s, "false") != 0)
		parser_fail(p, TEXT_EXPR_YES_NO, t.from, s, NULL);
	else if ((field_type(field) == FACT_WORD || field_type(field) == FACT_CARRIED) &&
		 !field_normal(field, s, t.len, p->a))
		parser_fail(p, TEXT_EXPR_NO_VALUE, t.from, s, NULL);
	if (p->failed)
		return false;
	if (field_type(field) == FACT_YES_NO)
		*ret_number = !strcmp(s, "true");
	parser_advance(p);
	return true;
}

static bool take_file(struct parser *p, struct expr_test *test, const char *form)
{
	struct token t;

	parser_advance(p);
	if (!token_is(p->text, &p->token, "file")) {
		parser_fail(p, TEXT_EXPR_FORM, p->token.at, form, NULL);
		return false;
	}
	parser_advance(p);
	if (p->token.kind == TOKEN_COLON)
		parser_advance_value(p);
	t = p->token;
	if ((t.kind != TOKEN_VALUE && t.kind != TOKEN_TEXT) || !t.len) {
		parser_fail(p, TEXT_EXPR_FORM, t.at, form, NULL);
		return false;
	}
	test->file = arena_memdup0(p->a, p->text + t.at, t.len);
	test->file_at = (uint16_t)t.from;
	parser_advance(p);
	return take(p, TOKEN_MAP_END, form);
}

static bool take_list(struct parser *p, struct expr_test *test)
{
	struct expr_value values[VALUES_MAX];
	double numbers[VALUES_MAX];
	size_t n = 0;

	do {
		parser_advance_value(p);
		if (!take_value(p, test->field, &values[n], &numbers[n]))
			return false;
		n++; /* never past VALUES_MAX: a value and its comma take two bytes */
	} while (p->token.kind == TOKEN_COMMA);
	if (!take(p, TOKEN_LIST_END, form_of(p, test->field)))
		return false;
	test->values = memcpy(ARENA_ARRAY(p->a, struct expr_value, n), values, n * sizeof(*values));
	test->n_values = n;
	if (field_type(test->field) == FACT_NUMBER) {
		test->set.numbers = memcpy(ARENA_ARRAY(p->a, double, n), numbers, n * sizeof(*numbers));
		test->set.n = n;
	}
	return true;
}

/* in [es, pt], in {file: lists/sites.txt} */
static bool take_in(struct parser *p, struct expr_test *test)
{
	const char *field = field_text(test->field);
	size_t at = p->token.at;

	test->sign = EXPR_IN;
	if (field_type(test->field) == FACT_YES_NO) {
		parser_fail(p, TEXT_EXPR_FORM, at, form_of(p, test->field), NULL);
		return false;
	}
	parser_advance(p);
	if (p->token.kind == TOKEN_LIST)
		return take_list(p, test);
	if (p->token.kind == TOKEN_MAP && field_type(test->field) == FACT_WORD)
		return take_file(p, test, arena_printf(p->a, "%s in {file: lists/%s.txt}", field, field));
	parser_fail(p, TEXT_EXPR_BRACKETS, p->token.at, form_of(p, test->field), NULL);
	return false;
}

/* Which signs go with which field. */
static bool sign_fits(struct parser *p, const struct expr_test *test, size_t at)
{
	const char *field = field_text(test->field);
	bool equal = test->sign == EXPR_EQ || test->sign == EXPR_NE;

	if (field_type(test->field) == FACT_CARRIED && test->sign != EXPR_EQ)
		parser_fail(p, TEXT_EXPR_CARRIED_SIGN, at, field, NULL);
	else if (field_type(test->field) == FACT_WORD && !equal)
		parser_fail(p, TEXT_EXPR_WORD_SIGN, at, field, NULL);
	else if (field_type(test->field) == FACT_YES_NO && !equal)
		parser_fail(p, TEXT_EXPR_YES_NO, at, field, NULL);
	return !p->failed;
}

static bool take_compare(struct parser *p, struct expr_test *test)
{
	size_t at = p->token.at;
	struct expr_value *value = ARENA_NEW(p->a, struct expr_value);

	if (!take_sign(p, &test->sign) || !sign_fits(p, test, at))
		return false;
	if (field_type(test->field) == FACT_NUMBER && number_end(p, &p->token) > p->token.to) {
		fail_number(p, test->field, p->token.from, number_end(p, &p->token));
		return false;
	}
	if (!take_value(p, test->field, value, &test->number))
		return false;
	test->values = value;
	test->n_values = 1;
	return true;
}

uint16_t leaf_field(struct parser *p, struct token name, enum field_name field)
{
	uint16_t node = parser_node(p, EXPR_FIELD, name.at, name.len);
	struct expr_test *test = test_of(p, node);
	struct token behind = token_read(p->text, p->len, p->token.to);

	if (p->failed)
		return EXPR_NONE;
	test->field = field;
	if (p->token.kind == TOKEN_NOT && behind.kind == TOKEN_IN)
		return parser_fail(p, TEXT_EXPR_NOT_IN, p->token.at, form_of(p, field), NULL);
	if (p->token.kind != TOKEN_SIGN && p->token.kind != TOKEN_IN)
		return parser_fail(p, TEXT_EXPR_FIELD_ALONE, name.at, form_of(p, field), NULL);
	if (!(p->token.kind == TOKEN_IN ? take_in(p, test) : take_compare(p, test)))
		return EXPR_NONE;
	return finish(p, node);
}
