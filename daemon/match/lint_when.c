/* Conditions: one that can never hold, or always does (lint_worlds.c), one that is said twice, a match near itself. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/yaml.h"
#include "match/lint_inside.h"
#include "match/lint_worlds.h"

/* --- what is said of it --- */

static bool only_this(void *arg, const struct expr_node *node)
{
	return node->kind == EXPR_PATTERN && node->number == *(uint32_t *)arg;
}

bool lint_alone(const struct lint *l, uint32_t pattern)
{
	if (l->t->has_about)
		return l->t->about.n && expr_eval(&l->t->about, only_this, &pattern);
	return !l->t->n_rules;
}

static struct diag_pos place(const struct lint *l, const struct yaml_node *node, size_t at)
{
	return yaml_pos_at(l->def->doc, node, at);
}

/* near(a, a, 5): a match is near itself. */
static void selves(struct lint *l, const struct expr *e, const struct yaml_node *node, const char *key)
{
	size_t i;

	for (i = 0; i < e->n; i++) {
		const struct expr_node *n = &e->nodes[i], *a, *b;

		if (n->kind != EXPR_NEAR && n->kind != EXPR_BEFORE)
			continue;
		a = &e->nodes[n->child];
		b = &e->nodes[a->next];
		if (a->kind == b->kind && a->number == b->number)
			LINT_WARN(l, place(l, node, b->at), key, TEXT_LINT_NEAR_SELF, l->rs->patterns[a->number].name);
	}
}

/* What says where a mention comes from is as good as a pattern. */
static bool about_of_something(const struct expr *e)
{
	size_t i;

	for (i = 0; i < e->n; i++) {
		const struct expr_node *n = &e->nodes[i];

		if (n->kind == EXPR_PATTERN || n->kind == EXPR_RULE)
			return true;
		if (n->kind == EXPR_FIELD && (n->test->field == FACT_SOURCE || n->test->field == FACT_SITE ||
					      n->test->field == FACT_AUTHOR || n->test->field == FACT_PLATFORM))
			return true;
	}
	return false;
}

static void about(struct lint *l)
{
	const struct expr *e = &l->t->about;
	const struct yaml_node *node = l->def->about_node;
	struct lint_tally t;

	if (!l->t->has_about || !e->n || !node)
		return;
	selves(l, e, node, "about");
	if (!about_of_something(e)) {
		LINT_WARN(l, node->pos, "about", TEXT_LINT_ABOUT_NO_PATTERN);
		return;
	}
	if (!lint_worlds(e, NULL, &t))
		return;
	if (!t.some)
		LINT_WARN(l, node->pos, "about", TEXT_LINT_NEVER);
	else if (t.all || t.first)
		LINT_WARN(l, node->pos, "about", TEXT_LINT_ABOUT_ALL);
}

static void rule(struct lint *l, size_t i)
{
	const struct expr *e = &l->rs->rules[l->t->rules + i].when, *about = l->t->has_about ? &l->t->about : NULL;
	const struct yaml_node *node = l->def->rules[i].when_node;
	char key[LINT_KEY_BYTES];
	struct lint_tally t;

	if (!e->n || !node)
		return;
	snprintf(key, sizeof(key), "rules[%zu].when", i);
	selves(l, e, node, key);
	if (!lint_worlds(e, about && about->n ? about : NULL, &t) && !lint_worlds(e, about = NULL, &t))
		return;
	if (!t.some)
		LINT_WARN(l, node->pos, key, TEXT_LINT_NEVER);
	else if (t.all)
		LINT_WARN(l, node->pos, key, TEXT_LINT_ALWAYS);
	else if (about && t.with && !t.both)
		LINT_WARN(l, node->pos, key, TEXT_LINT_NEVER_ABOUT);
}

/* --- rules that are one --- */

struct form {
	const char *text;
	size_t at;
};

static int by_text(const void *a, const void *b)
{
	const struct form *x = a, *y = b;
	int order = strcmp(x->text, y->text);

	return order ? order : (x->at > y->at) - (x->at < y->at);
}

/* The condition with no more blanks than it needs. */
static char *form_of(const char *s)
{
	char *to = xmalloc(strlen(s) + 1), *start = to;

	for (; *s; s++) {
		bool blank = isspace((unsigned char)*s) != 0, sign = to > start && strchr("(),[]<>=!", to[-1]);

		if (!blank && to > start && to[-1] == ' ' && strchr("(),[]<>=!", *s))
			to--;
		if (!blank)
			*to++ = *s;
		else if (to > start && to[-1] != ' ' && !sign)
			*to++ = ' ';
	}
	while (to > start && to[-1] == ' ')
		to--;
	*to = '\0';
	return start;
}

static void twins(struct lint *l)
{
	size_t n = l->t->n_rules, i, k;
	cleanup(freep) struct form *v = xcalloc(n + 1, sizeof(*v));
	size_t n_forms = 0;

	for (i = 0; i < n && i < l->def->n_rules; i++)
		if (l->def->rules[i].when && l->def->rules[i].name)
			v[n_forms++] = (struct form){form_of(l->def->rules[i].when), i};
	qsort(v, n_forms, sizeof(*v), by_text);
	for (i = 1, k = 0; i < n_forms; i++) {
		char key[LINT_KEY_BYTES];

		if (strcmp(v[i].text, v[k].text) != 0) {
			k = i;
			continue;
		}
		snprintf(key, sizeof(key), "rules[%zu].when", v[i].at);
		LINT_WARN(l, l->def->rules[v[i].at].when_node->pos, key, TEXT_LINT_TWIN, l->def->rules[v[k].at].name);
	}
	for (i = 0; i < n_forms; i++)
		free((char *)v[i].text);
}

void lint_conditions(struct lint *l)
{
	size_t i;

	about(l);
	for (i = 0; i < l->t->n_rules && i < l->def->n_rules; i++)
		rule(l, i);
	twins(l);
}
