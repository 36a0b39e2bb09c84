#include "match/lint_worlds.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "match/expr.h"
#include "match/fields.h"
#include "match/lint.h"

enum { VARS_MAX = 16, VALUES_MAX = 24 };

enum var_kind {
	VAR_PATTERN, /* how often it is found */
	VAR_RULE,    /* 0 or 1, and so are near, before and all that has no better kind */
	VAR_NEAR,
	VAR_NUMBER, /* a fact's number */
	VAR_WORD,   /* which of the words that are named */
	VAR_TEST,   /* a whole comparison */
};

#define ABSENT (-1.0) /* of numbers and words: no fact is below 0 */

struct var {
	enum var_kind kind;
	uint32_t number;              /* of a pattern, a rule; a field */
	const struct expr_node *node; /* of a near, a test */
	uint32_t a, b;                /* the patterns of a near */
	double values[VALUES_MAX];
	const char *words[VALUES_MAX]; /* that values number */
	size_t n, n_words, at;
};

struct world {
	struct var vars[VARS_MAX];
	size_t n;
	bool many; /* too many for us */
};

struct half {
	const struct expr *e;
	struct world *w;
};

/* --- what can differ --- */

static void value_add(struct world *w, struct var *v, double value)
{
	size_t i;

	if (value < 0 && value != ABSENT)
		return;
	for (i = 0; i < v->n; i++)
		if (v->values[i] == value)
			return;
	if (v->n == VALUES_MAX)
		w->many = true;
	else
		v->values[v->n++] = value;
}

static struct var *var_add(struct world *w, struct var v)
{
	if (w->n == VARS_MAX) {
		w->many = true;
		return NULL;
	}
	w->vars[w->n] = v;
	return &w->vars[w->n++];
}

static struct var *var_find(const struct world *w, enum var_kind kind, uint32_t number)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (w->vars[i].kind == kind && w->vars[i].number == number)
			return (struct var *)&w->vars[i];
	return NULL;
}

static struct var *var_of(struct world *w, enum var_kind kind, uint32_t number, double first)
{
	struct var *v = var_find(w, kind, number);

	if (!v) {
		v = var_add(w, (struct var){.kind = kind, .number = number});
		if (v)
			value_add(w, v, first);
	}
	return v;
}

static void around(struct world *w, struct var *v, double value)
{
	if (!v)
		return;
	value_add(w, v, value - 1);
	value_add(w, v, value - 0.5); /* a rating */
	value_add(w, v, value);
	value_add(w, v, value + 0.5);
	value_add(w, v, value + 1);
}

static void word_add(struct world *w, struct var *v, const char *word)
{
	size_t i;

	for (i = 0; i < v->n_words; i++)
		if (!strcmp(v->words[i], word))
			return;
	if (v->n_words == VALUES_MAX) {
		w->many = true;
		return;
	}
	v->words[v->n_words++] = word;
	value_add(w, v, (double)v->n_words); /* words are numbered from 1; 0 is another one */
}

/* One text, of which it can be said which of some values it is: not those whose values hold one another. */
static bool by_words(const struct expr_test *t)
{
	return field_type(t->field) == FACT_WORD && t->field != FACT_SITE && t->field != FACT_AUTHOR && !t->file;
}

static bool same_test(const struct expr_node *a, const struct expr_node *b)
{
	const struct expr_test *x = a->test, *y = b->test;
	size_t i;

	if (a->kind != b->kind || x->field != y->field)
		return false;
	if (a->kind == EXPR_KNOWN)
		return true;
	if (x->sign != y->sign || x->number != y->number || x->n_values != y->n_values || !x->file != !y->file ||
	    (x->file && strcmp(x->file, y->file) != 0))
		return false;
	for (i = 0; i < x->n_values; i++)
		if (strcmp(x->values[i].text, y->values[i].text) != 0)
			return false;
	return true;
}

static struct var *test_var(const struct world *w, const struct expr_node *node)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (w->vars[i].kind == VAR_TEST && same_test(w->vars[i].node, node))
			return (struct var *)&w->vars[i];
	return NULL;
}

static void fact_seen(struct world *w, const struct expr_node *node)
{
	const struct expr_test *t = node->test;
	enum field_type type = field_type(t->field);
	struct var *v;
	size_t i;

	if (type == FACT_NUMBER || type == FACT_YES_NO) {
		v = var_of(w, VAR_NUMBER, t->field, ABSENT);
		if (v)
			value_add(w, v, 0);
		if (v && type == FACT_YES_NO)
			value_add(w, v, 1);
		else if (node->kind == EXPR_FIELD && t->sign != EXPR_IN)
			around(w, v, t->number);
		for (i = 0; v && node->kind == EXPR_FIELD && i < t->set.n && t->set.numbers; i++)
			value_add(w, v, t->set.numbers[i]);
	} else if (by_words(t)) {
		v = var_of(w, VAR_WORD, t->field, ABSENT);
		if (v)
			value_add(w, v, 0);
		for (i = 0; v && node->kind == EXPR_FIELD && i < t->set.n; i++)
			word_add(w, v, t->set.words[i]);
	} else if (!test_var(w, node)) {
		v = var_add(w, (struct var){.kind = VAR_TEST, .node = node, .number = UINT32_MAX});
		if (v)
			value_add(w, v, 0);
		if (v)
			value_add(w, v, 1);
	}
}

static struct var *near_var(const struct world *w, const struct expr *e, const struct expr_node *node)
{
	uint32_t a = e->nodes[node->child].number, b = e->nodes[e->nodes[node->child].next].number;
	size_t i;

	for (i = 0; i < w->n; i++) {
		const struct var *v = &w->vars[i];

		if (v->kind == VAR_NEAR && v->node->kind == node->kind && v->node->number == node->number &&
		    v->a == a && v->b == b)
			return (struct var *)v;
	}
	return NULL;
}

static void near_seen(struct world *w, const struct expr *e, const struct expr_node *node)
{
	const struct expr_node *a = &e->nodes[node->child], *b = &e->nodes[a->next];
	struct var *v = near_var(w, e, node);

	if (v)
		return;
	v = var_add(w,
		    (struct var){.kind = VAR_NEAR, .number = UINT32_MAX, .node = node, .a = a->number, .b = b->number});
	if (v) {
		value_add(w, v, 0);
		value_add(w, v, 1);
	}
}

static void node_seen(struct world *w, const struct expr *e, const struct expr_node *node)
{
	struct var *v;

	switch (node->kind) {
	case EXPR_PATTERN:
	case EXPR_RULE:
		v = var_of(w, node->kind == EXPR_PATTERN ? VAR_PATTERN : VAR_RULE, node->number, 0);
		if (v)
			value_add(w, v, 1);
		break;
	case EXPR_COUNT:
		v = var_of(w, VAR_PATTERN, e->nodes[node->child].number, 0);
		if (v) {
			value_add(w, v, 1);
			value_add(w, v, node->test->number - 1);
			value_add(w, v, node->test->number);
			value_add(w, v, node->test->number + 1);
		}
		break;
	case EXPR_NEAR:
	case EXPR_BEFORE:
		near_seen(w, e, node);
		break;
	case EXPR_FIELD:
	case EXPR_KNOWN:
		fact_seen(w, node);
		break;
	case EXPR_NAME: /* not bound: the topic is broken */
		w->many = true;
		break;
	case EXPR_NOT:
	case EXPR_AND:
	case EXPR_OR:
		break;
	}
}

static void expr_seen(struct world *w, const struct expr *e)
{
	size_t i;

	for (i = 0; i < e->n; i++)
		node_seen(w, e, &e->nodes[i]);
}

/* --- what holds there --- */

static double now(const struct var *v)
{
	return v ? v->values[v->at] : 0;
}

static bool word_holds(const struct var *v, const struct expr_test *t)
{
	double value = now(v);
	size_t i;
	bool in = false;

	if (value == ABSENT)
		return false;
	for (i = 0; i < t->set.n && value > 0 && !in; i++)
		in = !strcmp(t->set.words[i], v->words[(size_t)value - 1]);
	return t->sign == EXPR_NE ? !in : in;
}

static bool fact_holds(const struct world *w, const struct expr_node *node)
{
	const struct expr_test *t = node->test;
	enum field_type type = field_type(t->field);
	bool number = type == FACT_NUMBER || type == FACT_YES_NO;
	const struct var *v;
	size_t i;

	if (!number && !by_words(t))
		return now(test_var(w, node)) > 0;
	v = var_find(w, number ? VAR_NUMBER : VAR_WORD, t->field);
	if (node->kind == EXPR_KNOWN)
		return now(v) != ABSENT;
	if (!number)
		return word_holds(v, t);
	if (now(v) == ABSENT)
		return false;
	if (t->sign != EXPR_IN)
		return expr_compare(now(v), t->sign, t->number);
	for (i = 0; i < t->set.n && t->set.numbers; i++)
		if (t->set.numbers[i] == now(v))
			return true;
	return false;
}

static bool holds(void *arg, const struct expr_node *node)
{
	const struct half *h = arg;

	switch (node->kind) {
	case EXPR_PATTERN:
		return now(var_find(h->w, VAR_PATTERN, node->number)) > 0;
	case EXPR_RULE:
		return now(var_find(h->w, VAR_RULE, node->number)) > 0;
	case EXPR_COUNT:
		return expr_compare(now(var_find(h->w, VAR_PATTERN, h->e->nodes[node->child].number)), node->test->sign,
				    node->test->number);
	case EXPR_NEAR:
	case EXPR_BEFORE:
		return now(near_var(h->w, h->e, node)) > 0;
	default:
		return fact_holds(h->w, node);
	}
}

static bool eval(struct world *w, const struct expr *e)
{
	struct half h = {e, w};

	return expr_eval(e, holds, &h);
}

/* Two near one another are both found. */
static bool possible(const struct world *w)
{
	size_t i;

	for (i = 0; i < w->n; i++) {
		const struct var *v = &w->vars[i], *a, *b;

		if (v->kind != VAR_NEAR || !now(v))
			continue;
		a = var_find(w, VAR_PATTERN, v->a);
		b = var_find(w, VAR_PATTERN, v->b);
		if ((a && !now(a)) || (b && !now(b)))
			return false;
	}
	return true;
}

static bool next(struct world *w)
{
	size_t i;

	for (i = 0; i < w->n; i++) {
		if (++w->vars[i].at < w->vars[i].n)
			return true;
		w->vars[i].at = 0;
	}
	return false;
}

static bool few(const struct world *w)
{
	size_t n = 1, i;

	for (i = 0; i < w->n && n <= LINT_WORLDS_MAX; i++)
		n *= w->vars[i].n;
	return !w->many && n <= LINT_WORLDS_MAX;
}

bool lint_worlds(const struct expr *e, const struct expr *with, struct lint_tally *ret)
{
	cleanup(freep) struct world *w = NEW(struct world);
	bool first = true;

	*ret = (struct lint_tally){.all = true};
	expr_seen(w, e);
	if (with)
		expr_seen(w, with);
	if (!few(w))
		return false;
	do {
		bool here, there;

		if (!possible(w))
			continue;
		here = eval(w, e);
		there = with && eval(w, with);
		ret->some |= here;
		ret->all &= here;
		ret->first |= first && here;
		ret->with |= there;
		ret->both |= here && there;
		first = false;
	} while (next(w));
	return true;
}
