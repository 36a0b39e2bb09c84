#include "match/explain_node.h"

#include "base/json.h"
#include "base/mem.h"
#include "match/explain.h"
#include "match/explain_miss.h"
#include "match/pattern.h"
#include "match/topic.h"
#include "mention/mention.h"

static const char *const kinds[] = {
	[EXPR_NAME] = "pattern", [EXPR_PATTERN] = "pattern", [EXPR_RULE] = "rule",   [EXPR_NOT] = "not",
	[EXPR_AND] = "and",      [EXPR_OR] = "or",           [EXPR_NEAR] = "near",   [EXPR_BEFORE] = "before",
	[EXPR_COUNT] = "count",  [EXPR_KNOWN] = "known",     [EXPR_FIELD] = "field",
};

static void put_spans(struct json *j, const struct expr_verdict *v)
{
	static const char *const where[] = {"title", "text", "author", "url"}; /* enum span_in */
	size_t i;

	if (!v->n_spans)
		return;
	json_begin_array(j, "spans");
	for (i = 0; i < v->n_spans; i++) {
		const struct span *s = &v->spans[i];

		json_begin_object(j, NULL);
		json_text(j, "in", where[s->in]);
		json_begin_array(j, "at");
		json_int(j, NULL, s->from);
		json_int(j, NULL, s->to);
		json_end_array(j);
		json_text(j, "pattern", s->pattern);
		json_end_object(j);
	}
	json_end_array(j);
}

/* What was looked for, of a pattern that was not found. */
static void put_sought(struct json *j, const struct topic_pattern *p)
{
	size_t i;

	if (!p->words) {
		json_text(j, "regex", pattern_shown(p->code));
		return;
	}
	json_begin_array(j, "list");
	for (i = 0; i < p->n_words && i < EXPLAIN_LIST_MAX; i++)
		json_text_n(j, NULL, p->words[i].s, p->words[i].len);
	json_end_array(j);
	json_int(j, "list_n", (int64_t)p->n_words);
}

static void put_near(struct json *j, const struct explained *x, const struct expr_node *node,
		     const struct expr_verdict *v)
{
	size_t i;

	json_begin_array(j, "names");
	for (i = 0; i < 2; i++)
		json_text_n(j, NULL, x->e->text + node[1 + i].at, node[1 + i].len);
	json_end_array(j);
	json_int(j, "at_most", node->number);
	if (v->number != EXPR_FAR)
		json_int(j, "words", v->number);
	else if (v[1].held && v[2].held)
		json_bool(j, "order", true);
}

static void put_facts(struct json *j, const struct explained *x, const struct expr_node *node,
		      const struct expr_verdict *v)
{
	switch (node->kind) {
	case EXPR_PATTERN:
	case EXPR_COUNT:
		json_int(j, "count", v->number);
		break;
	case EXPR_NEAR:
	case EXPR_BEFORE:
		put_near(j, x, node, v);
		break;
	case EXPR_KNOWN:
	case EXPR_FIELD:
		json_text(j, "field", field_text(node->test->field));
		if (v->absent)
			json_bool(j, "absent", true);
		json_text(j, "actual", v->actual);
		break;
	default:
		break;
	}
	if (v->tried != EXPR_TRIED)
		json_text(j, "tried", v->tried == EXPR_OFF ? "off" : "gave_up");
	put_spans(j, v);
	if (node->kind == EXPR_PATTERN && !v->held)
		put_sought(j, &x->rs->patterns[node->number]);
}

static bool parts_say_more(const struct expr_node *node)
{
	/* near and before tell of both of their patterns where they stand; of one that isn't there its part does */
	return node->kind == EXPR_NOT || node->kind == EXPR_AND || node->kind == EXPR_OR || node->kind == EXPR_NEAR ||
	       node->kind == EXPR_BEFORE || node->kind == EXPR_COUNT;
}

/* As deep as the condition: EXPR_DEPTH_MAX, and its operators between. */
static void put_node(struct json *j, const char *key, const struct explained *x, uint16_t i, const bool missed[])
{
	const struct expr_node *node = &x->e->nodes[i];
	uint16_t child;

	json_begin_object(j, key);
	json_text(j, "kind", kinds[node->kind]);
	if (expr_is_leaf(node))
		json_text_n(j, "text", x->e->text + node->at, node->len);
	json_bool(j, "held", x->v[i].held);
	if (missed[i])
		json_bool(j, "miss", true);
	put_facts(j, x, node, &x->v[i]);
	if (parts_say_more(node)) {
		json_begin_array(j, "parts");
		for (child = node->child; child != EXPR_NONE; child = x->e->nodes[child].next)
			put_node(j, NULL, x, child, missed);
		json_end_array(j);
	}
	json_end_object(j);
}

void explain_place(struct json *j, struct diag_pos at)
{
	json_text(j, "file", at.file);
	if (at.line)
		json_int(j, "line", at.line);
}

void explain_condition(struct json *j, const struct explained *x)
{
	cleanup(freep) bool *missed = xcalloc(x->e->n + 1, sizeof(*missed));

	miss_mark(x->e, x->v, missed);
	json_text(j, "when", x->e->text);
	json_bool(j, "held", x->v[x->e->root].held);
	json_bool(j, "touched", miss_touched(x->e, x->v));
	json_double(j, "distance", miss_distance(x->e, x->v));
	explain_place(j, x->at);
	put_node(j, "tree", x, x->e->root, missed);
}
