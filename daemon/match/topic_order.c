#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/yaml.h"
#include "match/topic_compile.h"

enum { UNSEEN, OPEN, CLOSED };

struct walk {
	struct compile *c;
	uint8_t *state;  /* of each rule of the topic */
	uint8_t *height; /* how many rules stand below it */
	uint8_t *late;   /* the first field that it or one below it asks for and that is known late; FACTS */
	uint32_t path[TOPIC_CHAIN_MAX]; /* the open ones, outermost first */
	size_t depth;
};

/* "a > b > a", from the rule where the circle closes. */
static const char *circle_path(const struct walk *w, uint32_t closes)
{
	struct arena *a = w->c->rs->arena;
	const struct topic_rule *rules = &w->c->rs->rules[w->c->t->rules];
	const char *path = NULL;
	size_t i;

	for (i = 0; i < w->depth; i++) {
		if (path)
			path = arena_printf(a, "%s > %s", path, rules[w->path[i]].name);
		else if (w->path[i] == closes)
			path = rules[closes].name;
	}
	return arena_printf(a, "%s > %s", path, rules[closes].name);
}

/* A finding about a node of a rule's condition. */
static void rule_wrong(struct compile *c, uint32_t rule, const struct expr_node *node, enum text_id text,
		       const char *arg)
{
	const struct yaml_node *when = c->def->rules[rule].when_node;
	char key[KEY_BYTES];

	snprintf(key, sizeof(key), "rules[%u].when", rule);
	WRONG(c, yaml_pos_at(c->def->doc, when, node->at), key, NULL, text, arg);
}

static void walk(struct walk *w, uint32_t i);

/* Rule i rests on the rule below, by its name or by what that carries. False: the chain is too long, and told. */
static bool step(struct walk *w, uint32_t i, const struct expr_node *node, uint32_t below)
{
	struct compile *c = w->c;

	if (below >= c->t->n_rules) /* a pack's, which was checked with its pack */
		return true;
	if (w->state[below] == OPEN) {
		rule_wrong(c, i, node, TEXT_EXPR_CIRCLE, circle_path(w, below));
		return true;
	}
	if (w->state[below] == UNSEEN && w->depth < TOPIC_CHAIN_MAX)
		walk(w, below);
	if (w->height[below] + 1 > w->height[i])
		w->height[i] = (uint8_t)(w->height[below] + 1);
	if (w->late[i] == FACTS)
		w->late[i] = w->late[below];
	if (w->state[below] == UNSEEN || w->height[i] >= TOPIC_CHAIN_MAX) {
		rule_wrong(c, i, node, TEXT_EXPR_CHAIN, arena_printf(c->rs->arena, "%d", TOPIC_CHAIN_MAX));
		return false;
	}
	return true;
}

/* The field that a node asks for and that is known late; FACTS: none. */
static enum field_name late_of(const struct expr_node *node)
{
	bool asks = node->kind == EXPR_FIELD || node->kind == EXPR_KNOWN;

	return asks && field_late(node->test->field) ? node->test->field : FACTS;
}

static void walk(struct walk *w, uint32_t i)
{
	struct compile *c = w->c;
	const struct expr *e = &c->rs->rules[c->t->rules + i].when;
	bool going = true;
	size_t k, r;

	w->state[i] = OPEN;
	w->path[w->depth++] = i;
	for (k = 0; k < e->n && going; k++) {
		const struct expr_node *node = &e->nodes[k];

		if (w->late[i] == FACTS)
			w->late[i] = (uint8_t)late_of(node);
		if (node->kind == EXPR_RULE)
			going = step(w, i, node, node->number - c->t->rules);
		for (r = 0; node->test && r < node->test->n_rules && going; r++)
			going = step(w, i, node, node->test->rules[r] - c->t->rules);
	}
	w->state[i] = CLOSED;
	w->depth--;
}

/* `about` comes before language, tone and intent are known. */
static void about_check(struct walk *w)
{
	struct compile *c = w->c;
	const struct expr *e = &c->t->about;
	size_t k;

	for (k = 0; k < e->n; k++) {
		const struct expr_node *node = &e->nodes[k];
		struct diag_pos pos = yaml_pos_at(c->def->doc, c->def->about_node, node->at);
		uint32_t rule = node->number - c->t->rules;

		if (late_of(node) != FACTS)
			WRONG(c, pos, "about", NULL, TEXT_EXPR_EARLY, field_text(late_of(node)));
		else if (node->kind == EXPR_RULE && w->late[rule] != FACTS)
			WRONG(c, pos, "about", NULL, TEXT_EXPR_EARLY_RULE, c->rs->rules[node->number].name,
			      field_text((enum field_name)w->late[rule]));
	}
}

/* Without `about` the rules come as early. */
static void rules_check(struct compile *c)
{
	uint32_t i;
	size_t k;

	for (i = 0; i < c->t->n_rules; i++) {
		const struct expr *e = &c->rs->rules[c->t->rules + i].when;

		for (k = 0; k < e->n; k++)
			if (late_of(&e->nodes[k]) != FACTS)
				rule_wrong(c, i, &e->nodes[k], TEXT_EXPR_EARLY_RULES,
					   field_text(late_of(&e->nodes[k])));
	}
}

void topic_order_check(struct compile *c)
{
	size_t n = c->t->n_rules + 1;
	struct walk w = {.c = c, .state = xcalloc(n, 1), .height = xcalloc(n, 1), .late = xcalloc(n, 1)};
	uint32_t i;

	for (i = 0; i < c->t->n_rules; i++)
		w.late[i] = FACTS;
	for (i = 0; i < c->t->n_rules; i++)
		if (w.state[i] == UNSEEN)
			walk(&w, i);
	if (c->t->has_about)
		about_check(&w);
	else
		rules_check(c);
	free(w.state);
	free(w.height);
	free(w.late);
}
