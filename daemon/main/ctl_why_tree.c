#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "main/ctl_output.h"
#include "main/ctl_terminal.h"
#include "main/ctl_why.h"

enum { VERDICT = 4, STEP = 2, CONTEXTS_SHOWN = 3, DEPTH_MAX = 200 };

static const char GOOD[] = "\033[32m", BAD[] = "\033[31m", PLAIN[] = "\033[0m";

static void blanks(const struct why_view *v, size_t n)
{
	while (n--)
		buf_putc(v->out, ' ');
}

void why_line(const struct why_view *v, size_t indent, size_t hang, const char *text)
{
	blanks(v, indent);
	text_wrap(v->out, text, indent, indent + hang, v->width);
}

/* "yes" or "no" in front of a line. */
static void verdict_line(const struct why_view *v, size_t indent, bool held, const char *text)
{
	const char *word = text_raw(v->c->lang, held ? TEXT_CTL_WHY_YES : TEXT_CTL_WHY_NO);

	blanks(v, indent);
	buf_printf(v->out, "%s%s%s", v->c->colour ? (held ? GOOD : BAD) : "", word, v->c->colour ? PLAIN : "");
	blanks(v, VERDICT > text_width(word) ? VERDICT - text_width(word) : 1);
	text_wrap(v->out, text, indent + VERDICT, indent + VERDICT + STEP, v->width);
}

/* --- a condition's tree --- */

static void put_contexts(const struct why_view *v, size_t indent, const json_t *node)
{
	json_t *span;
	size_t i;

	json_array_foreach(json_object_get(node, "spans"), i, span)
	{
		cleanup(freep) char *context = i < CONTEXTS_SHOWN ? why_context(v, span) : NULL;

		if (context)
			why_line(v, indent, STEP, context);
	}
}

static bool is_leaf(const json_t *node)
{
	return !why_is(node, "kind", "and") && !why_is(node, "kind", "or") && !why_is(node, "kind", "not");
}

static void put_leaf(const struct why_view *v, size_t indent, const json_t *node, bool negated, bool brief)
{
	cleanup(freep) char *part = why_part(v, node, negated, brief);

	verdict_line(v, indent, why_flag(node, "held") != negated, part);
	if (v->full)
		put_contexts(v, indent + VERDICT + STEP, node);
}

static enum text_id heading(const json_t *node, bool negated)
{
	if (why_is(node, "kind", "and"))
		return negated ? TEXT_CTL_WHY_NOT_ALL : TEXT_CTL_WHY_ALL;
	return negated ? TEXT_CTL_WHY_NONE : TEXT_CTL_WHY_SOME;
}

static void put_parts(const struct why_view *v, size_t indent, const json_t *node, unsigned depth);

/* How many parts made an `or` hold; in short, the others are not told. *ret_only is the last of them. */
static size_t deciding(const json_t *node, const json_t **ret_only)
{
	json_t *part;
	size_t i, n = 0;

	json_array_foreach(json_object_get(node, "parts"), i, part)
	{
		if (!why_flag(part, "held"))
			continue;
		*ret_only = part;
		n++;
	}
	return n;
}

/* A `not` is told with what it negates: "not toon: …", "none of these: …". */
static void put_node(const struct why_view *v, size_t indent, const json_t *node, bool brief, unsigned depth)
{
	bool held = why_flag(node, "held"), negated = false;
	const json_t *only;

	while (why_is(node, "kind", "not") && depth++ < DEPTH_MAX) {
		node = json_array_get(json_object_get(node, "parts"), 0);
		negated = !negated;
	}
	if (is_leaf(node)) {
		put_leaf(v, indent, node, negated, brief);
		return;
	}
	if (!v->full && !negated && why_is(node, "kind", "or") && held && deciding(node, &only) == 1) {
		put_node(v, indent, only, brief, depth + 1);
		return;
	}
	verdict_line(v, indent, held, text_raw(v->c->lang, heading(node, negated)));
	put_parts(v, indent + VERDICT, node, depth);
}

static void put_parts(const struct why_view *v, size_t indent, const json_t *node, unsigned depth)
{
	bool decided = why_is(node, "kind", "or") && why_flag(node, "held");
	json_t *part;
	size_t i;

	if (depth > DEPTH_MAX)
		return;
	json_array_foreach(json_object_get(node, "parts"), i, part)
	{
		bool idle = decided && !why_flag(part, "held");

		if (v->full || !idle)
			put_node(v, indent, part, idle, depth + 1);
	}
}

/* What a whole asks for with `and` needs no heading: each of its parts is asked for. */
void why_tree(const struct why_view *v, size_t indent, const json_t *condition)
{
	const json_t *tree = json_object_get(condition, "tree");

	if (why_is(tree, "kind", "and"))
		put_parts(v, indent, tree, 0);
	else
		put_node(v, indent, tree, false, 0);
}

/* --- what is missing --- */

static void put_misses(const struct why_view *v, size_t indent, const json_t *node, bool negated, unsigned depth)
{
	json_t *part;
	size_t i;

	if (why_flag(node, "miss")) {
		cleanup(freep) char *said = why_part(v, node, negated, false);

		verdict_line(v, indent, false, said);
		return;
	}
	if (is_leaf(node) || depth > DEPTH_MAX)
		return;
	json_array_foreach(json_object_get(node, "parts"), i, part)
		put_misses(v, indent, part, negated != why_is(node, "kind", "not"), depth + 1);
}

static size_t count_misses(const json_t *node, unsigned depth)
{
	size_t n = why_flag(node, "miss"), i;
	json_t *part;

	if (!is_leaf(node) && depth < DEPTH_MAX)
		json_array_foreach(json_object_get(node, "parts"), i, part) n += count_misses(part, depth + 1);
	return n;
}

/* The lines of a tree that say "no". */
static size_t count_failing(const json_t *node, bool negated, unsigned depth)
{
	size_t n = 0, i;
	json_t *part;

	if (is_leaf(node))
		return why_flag(node, "held") == negated;
	if (depth < DEPTH_MAX)
		json_array_foreach(json_object_get(node, "parts"), i, part) n +=
			count_failing(part, negated != why_is(node, "kind", "not"), depth + 1);
	return n;
}

void why_misses(const struct why_view *v, size_t indent, const json_t *condition)
{
	put_misses(v, indent, json_object_get(condition, "tree"), false, 0);
}

bool why_hides_misses(const json_t *condition)
{
	const json_t *tree = json_object_get(condition, "tree");

	return count_failing(tree, false, 0) > count_misses(tree, 0);
}
