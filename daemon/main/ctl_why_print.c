#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "main/ctl_output.h"
#include "main/ctl_terminal.h"
#include "main/ctl_why.h"

enum { VERDICT = 4, STEP = 2, LINE_MAX_BYTES = 64 * 1024, CONTEXTS_SHOWN = 3, DEPTH_MAX = 200 };

static const char GOOD[] = "\033[32m", BAD[] = "\033[31m", BOLD[] = "\033[1m", PLAIN[] = "\033[0m";

static bool is(const json_t *node, const char *key, const char *value)
{
	const char *s = said_in(node, key);

	return s && strcmp(s, value) == 0;
}

static bool flag(const json_t *node, const char *key)
{
	return json_is_true(json_object_get(node, key));
}

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

static void say(const struct why_view *v, size_t indent, enum text_id id, const char *const args[])
{
	cleanup(freep) char *text = text_make(v->c->lang, id, args);

	why_line(v, indent, STEP, text);
}
#define SAY(v, indent, id, ...) say((v), (indent), (id), TEXT_ARGS(__VA_ARGS__))

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
	return !is(node, "kind", "and") && !is(node, "kind", "or") && !is(node, "kind", "not");
}

static void put_leaf(const struct why_view *v, size_t indent, const json_t *node, bool negated, bool brief)
{
	cleanup(freep) char *part = why_part(v, node, negated, brief);

	verdict_line(v, indent, flag(node, "held") != negated, part);
	if (v->full)
		put_contexts(v, indent + VERDICT + STEP, node);
}

static enum text_id heading(const json_t *node, bool negated)
{
	if (is(node, "kind", "and"))
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
		if (!flag(part, "held"))
			continue;
		*ret_only = part;
		n++;
	}
	return n;
}

/* A `not` is told with what it negates: "not toon: …", "none of these: …". */
static void put_node(const struct why_view *v, size_t indent, const json_t *node, bool brief, unsigned depth)
{
	bool held = flag(node, "held"), negated = false;
	const json_t *only;

	while (is(node, "kind", "not") && depth++ < DEPTH_MAX) {
		node = json_array_get(json_object_get(node, "parts"), 0);
		negated = !negated;
	}
	if (is_leaf(node)) {
		put_leaf(v, indent, node, negated, brief);
		return;
	}
	if (!v->full && !negated && is(node, "kind", "or") && held && deciding(node, &only) == 1) {
		put_node(v, indent, only, brief, depth + 1);
		return;
	}
	verdict_line(v, indent, held, text_raw(v->c->lang, heading(node, negated)));
	put_parts(v, indent + VERDICT, node, depth);
}

static void put_parts(const struct why_view *v, size_t indent, const json_t *node, unsigned depth)
{
	bool decided = is(node, "kind", "or") && flag(node, "held");
	json_t *part;
	size_t i;

	if (depth > DEPTH_MAX)
		return;
	json_array_foreach(json_object_get(node, "parts"), i, part)
	{
		bool idle = decided && !flag(part, "held");

		if (v->full || !idle)
			put_node(v, indent, part, idle, depth + 1);
	}
}

/* What a whole asks for with `and` needs no heading: each of its parts is asked for. */
static void put_tree(const struct why_view *v, size_t indent, const json_t *condition)
{
	const json_t *tree = json_object_get(condition, "tree");

	if (is(tree, "kind", "and"))
		put_parts(v, indent, tree, 0);
	else
		put_node(v, indent, tree, false, 0);
}

/* --- what is missing --- */

static void put_misses(const struct why_view *v, size_t indent, const json_t *node, bool negated, unsigned depth)
{
	json_t *part;
	size_t i;

	if (flag(node, "miss")) {
		cleanup(freep) char *said = why_part(v, node, negated, false);

		verdict_line(v, indent, false, said);
		return;
	}
	if (is_leaf(node) || depth > DEPTH_MAX)
		return;
	json_array_foreach(json_object_get(node, "parts"), i, part)
		put_misses(v, indent, part, negated != is(node, "kind", "not"), depth + 1);
}

static size_t count_misses(const json_t *node, unsigned depth)
{
	size_t n = flag(node, "miss"), i;
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
		return flag(node, "held") == negated;
	if (depth < DEPTH_MAX)
		json_array_foreach(json_object_get(node, "parts"), i, part) n +=
			count_failing(part, negated != is(node, "kind", "not"), depth + 1);
	return n;
}

/* --- rules --- */

char *why_place(const json_t *what)
{
	static const char remark[] = " (shipped)";
	const char *file = said_in(what, "file"), *slash = file ? strrchr(file, '/') : NULL, *end;
	json_int_t line = json_integer_value(json_object_get(what, "line"));
	struct buf b = BUF_INIT(LINE_MAX_BYTES);

	if (!file)
		return NULL;
	file = slash ? slash + 1 : file;
	end = strstr(file, remark);
	text_clean(&b, file, end ? (size_t)(end - file) : strlen(file));
	if (line > 0)
		buf_printf(&b, ":%lld", (long long)line);
	return buf_steal(&b);
}

static void put_when(const struct why_view *v, size_t indent, const char *before, const json_t *condition)
{
	cleanup(freep) char *place = why_place(condition);
	const char *when = said_in(condition, "when");
	struct buf b = BUF_INIT(LINE_MAX_BYTES);

	buf_puts(&b, before);
	if (when)
		text_clean(&b, when, strlen(when));
	if (place)
		buf_printf(&b, " (%s)", place);
	why_line(v, indent, STEP, buf_str(&b));
	buf_done(&b);
}

/* "fraud-near #crisis #legal, pack fraud". To be freed. */
static char *rule_called(const struct why_view *v, const json_t *rule)
{
	const char *name = said_in(rule, "rule"), *pack = said_in(rule, "pack");
	struct buf b = BUF_INIT(LINE_MAX_BYTES);
	json_t *tag;
	size_t i;

	buf_puts(&b, name ? name : "-");
	json_array_foreach(json_object_get(rule, "tags"), i, tag) buf_printf(&b, " #%s", json_string_value(tag));
	if (pack) {
		cleanup(freep) char *of = TEXT(v->c->lang, TEXT_CTL_WHY_PACK, pack);

		buf_printf(&b, ", %s", of);
	}
	return buf_steal(&b);
}

static void put_rule_short(const struct why_view *v, const json_t *rule)
{
	cleanup(freep) char *called = rule_called(v, rule), *before = xasprintf("%s: ", called);

	put_when(v, 2 * STEP, before, rule);
	if (flag(rule, "met"))
		put_tree(v, 3 * STEP, rule);
	else
		put_misses(v, 3 * STEP, json_object_get(rule, "tree"), false, 0);
}

static void put_rules_of(const struct why_view *v, const json_t *topic, bool met, enum text_id head)
{
	bool first = true;
	json_t *rule;
	size_t i;

	json_array_foreach(json_object_get(topic, "rules"), i, rule)
	{
		if (flag(rule, "met") != met)
			continue;
		if (first)
			SAY(v, STEP, head);
		first = false;
		put_rule_short(v, rule);
	}
}

static void put_rules(const struct why_view *v, const json_t *topic)
{
	json_int_t left = json_integer_value(json_object_get(topic, "left"));
	cleanup(freep) char *n = xasprintf("%lld", (long long)left);

	if (json_integer_value(json_object_get(topic, "met")))
		put_rules_of(v, topic, true, TEXT_CTL_WHY_RULES_MET);
	else
		SAY(v, STEP, TEXT_CTL_WHY_RULES_NONE);
	put_rules_of(v, topic, false, TEXT_CTL_WHY_NEAREST);
	if (left > 0 && json_array_size(json_object_get(topic, "rules")))
		SAY(v, STEP, TEXT_CTL_WHY_LEFT, n);
}

/* One rule, whole; then those that it rests on. */
static void put_rule_full(const struct why_view *v, const json_t *topic, const json_t *rule)
{
	cleanup(freep) char *called = rule_called(v, rule);
	const char *of = said_in(rule, "of"), *name = said_in(topic, "topic");

	if (flag(rule, "met"))
		SAY(v, STEP, TEXT_CTL_WHY_RULE_MET, called);
	else if (flag(rule, "held"))
		SAY(v, STEP, TEXT_CTL_WHY_RULE_MOOT, called, name);
	else
		SAY(v, STEP, TEXT_CTL_WHY_RULE_UNMET, called);
	if (of)
		SAY(v, 2 * STEP, TEXT_CTL_WHY_RULE_OF, of);
	put_when(v, 2 * STEP, "", rule);
	put_tree(v, 3 * STEP, rule);
	/* where the tree says no elsewhere, too: under an `or` of which something else came nearer */
	if (!flag(rule, "held") && flag(rule, "touched") &&
	    count_failing(json_object_get(rule, "tree"), false, 0) > count_misses(json_object_get(rule, "tree"), 0)) {
		SAY(v, 2 * STEP, TEXT_CTL_WHY_MISSING);
		put_misses(v, 3 * STEP, json_object_get(rule, "tree"), false, 0);
	}
}

/* --- topics --- */

static char *role_of(const struct why_view *v, const json_t *topic)
{
	enum text_id id = is(topic, "role", "brand")        ? TEXT_CTL_WHY_BRAND
			  : is(topic, "role", "competitor") ? TEXT_CTL_WHY_COMPETITOR
							    : TEXT_CTL_WHY_INDUSTRY;

	return xstrdup(text_raw(v->c->lang, id));
}

static void put_head(const struct why_view *v, const json_t *topic)
{
	cleanup(freep) char *role = role_of(v, topic);
	const char *name = said_in(topic, "topic");
	enum text_id id = flag(topic, "own")          ? TEXT_CTL_WHY_OWN
			  : !flag(topic, "held")      ? TEXT_CTL_WHY_NO_HIT
			  : is(topic, "by", "source") ? TEXT_CTL_WHY_BY_SOURCE
						      : TEXT_CTL_WHY_HIT;

	buf_puts(v->out, v->c->colour ? BOLD : "");
	SAY(v, 0, id, name, role);
	buf_puts(v->out, v->c->colour ? PLAIN : "");
}

static void put_about(const struct why_view *v, const json_t *topic)
{
	const json_t *about = json_object_get(topic, "about");

	if (is(topic, "any", "rules"))
		SAY(v, STEP, TEXT_CTL_WHY_ANY_RULES);
	if (is(topic, "any", "patterns"))
		SAY(v, STEP, TEXT_CTL_WHY_ANY_PATTERNS);
	if (!about)
		return;
	if (!said_in(topic, "any"))
		put_when(v, STEP, "about: ", about);
	put_tree(v, 2 * STEP, about);
}

/* Nothing that the topic is about was found: it is named at the end, with the others. */
static bool is_far(const json_t *topic)
{
	const json_t *about = json_object_get(topic, "about");
	json_t *rule;
	size_t i;

	if (flag(topic, "held") || flag(topic, "own"))
		return false;
	if (about)
		return !flag(about, "touched");
	json_array_foreach(json_object_get(topic, "rules"), i, rule) if (flag(rule, "touched")) return false;
	return true;
}

static void put_topic(const struct why_view *v, const json_t *topic, bool one_rule)
{
	bool held = flag(topic, "held");
	json_t *rule;
	size_t i;

	put_head(v, topic);
	if (!flag(topic, "own") && !is(topic, "by", "source"))
		put_about(v, topic);
	if (one_rule)
		json_array_foreach(json_object_get(topic, "rules"), i, rule) put_rule_full(v, topic, rule);
	else if (held || is(topic, "any", "rules"))
		put_rules(v, topic);
}

void why_print(const struct why_view *v, const json_t *reasons, bool one_rule)
{
	const json_t *topics = json_object_get(reasons, "topics");
	struct buf far = BUF_INIT(LINE_MAX_BYTES);
	bool alone = json_array_size(topics) == 1, first = true;
	json_t *topic;
	size_t i;

	json_array_foreach(topics, i, topic)
	{
		const char *name = said_in(topic, "topic");

		if (!one_rule && !alone && is_far(topic)) {
			buf_printf(&far, "%s%s", far.len ? ", " : "", name ? name : "-");
			continue;
		}
		if (!first)
			buf_putc(v->out, '\n');
		first = false;
		put_topic(v, topic, one_rule);
	}
	if (far.len && !first)
		buf_putc(v->out, '\n');
	if (far.len)
		SAY(v, 0, TEXT_CTL_WHY_FAR, buf_str(&far));
	buf_done(&far);
}
