#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "main/ctl_output.h"
#include "main/ctl_why.h"

enum { STEP = 2, LINE_MAX_BYTES = 64 * 1024 };

static const char BOLD[] = "\033[1m", PLAIN[] = "\033[0m";

static void say(const struct why_view *v, size_t indent, enum text_id id, const char *const args[])
{
	cleanup(freep) char *text = text_make(v->c->lang, id, args);

	why_line(v, indent, STEP, text);
}
#define SAY(v, indent, id, ...) say((v), (indent), (id), TEXT_ARGS(__VA_ARGS__))

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
	if (why_flag(rule, "met"))
		why_tree(v, 3 * STEP, rule);
	else
		why_misses(v, 3 * STEP, rule);
}

static void put_rules_of(const struct why_view *v, const json_t *topic, bool met, enum text_id head)
{
	bool first = true;
	json_t *rule;
	size_t i;

	json_array_foreach(json_object_get(topic, "rules"), i, rule)
	{
		if (why_flag(rule, "met") != met)
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

	if (why_flag(rule, "met"))
		SAY(v, STEP, TEXT_CTL_WHY_RULE_MET, called);
	else if (why_flag(rule, "held"))
		SAY(v, STEP, TEXT_CTL_WHY_RULE_MOOT, called, name);
	else
		SAY(v, STEP, TEXT_CTL_WHY_RULE_UNMET, called);
	if (of)
		SAY(v, 2 * STEP, TEXT_CTL_WHY_RULE_OF, of);
	put_when(v, 2 * STEP, "", rule);
	why_tree(v, 3 * STEP, rule);
	/* where the tree says no elsewhere, too: under an `or` of which something else came nearer */
	if (!why_flag(rule, "held") && why_flag(rule, "touched") && why_hides_misses(rule)) {
		SAY(v, 2 * STEP, TEXT_CTL_WHY_MISSING);
		why_misses(v, 3 * STEP, rule);
	}
}

/* --- topics --- */

static char *role_of(const struct why_view *v, const json_t *topic)
{
	enum text_id id = why_is(topic, "role", "brand")        ? TEXT_CTL_WHY_BRAND
			  : why_is(topic, "role", "competitor") ? TEXT_CTL_WHY_COMPETITOR
								: TEXT_CTL_WHY_INDUSTRY;

	return xstrdup(text_raw(v->c->lang, id));
}

static void put_head(const struct why_view *v, const json_t *topic)
{
	cleanup(freep) char *role = role_of(v, topic);
	const char *name = said_in(topic, "topic");
	enum text_id id = why_flag(topic, "own")          ? TEXT_CTL_WHY_OWN
			  : !why_flag(topic, "held")      ? TEXT_CTL_WHY_NO_HIT
			  : why_is(topic, "by", "source") ? TEXT_CTL_WHY_BY_SOURCE
							  : TEXT_CTL_WHY_HIT;

	buf_puts(v->out, v->c->colour ? BOLD : "");
	SAY(v, 0, id, name, role);
	buf_puts(v->out, v->c->colour ? PLAIN : "");
}

static void put_about(const struct why_view *v, const json_t *topic)
{
	const json_t *about = json_object_get(topic, "about");

	if (why_is(topic, "any", "rules"))
		SAY(v, STEP, TEXT_CTL_WHY_ANY_RULES);
	if (why_is(topic, "any", "patterns"))
		SAY(v, STEP, TEXT_CTL_WHY_ANY_PATTERNS);
	if (!about)
		return;
	if (!said_in(topic, "any"))
		put_when(v, STEP, "about: ", about);
	why_tree(v, 2 * STEP, about);
}

/* Nothing that the topic is about was found: it is named at the end, with the others. */
static bool is_far(const json_t *topic)
{
	const json_t *about = json_object_get(topic, "about");
	json_t *rule;
	size_t i;

	if (why_flag(topic, "held") || why_flag(topic, "own"))
		return false;
	if (about)
		return !why_flag(about, "touched");
	json_array_foreach(json_object_get(topic, "rules"), i, rule) if (why_flag(rule, "touched")) return false;
	return true;
}

static void put_topic(const struct why_view *v, const json_t *topic, bool one_rule)
{
	bool held = why_flag(topic, "held");
	json_t *rule;
	size_t i;

	put_head(v, topic);
	if (!why_flag(topic, "own") && !why_is(topic, "by", "source"))
		put_about(v, topic);
	if (one_rule)
		json_array_foreach(json_object_get(topic, "rules"), i, rule) put_rule_full(v, topic, rule);
	else if (held || why_is(topic, "any", "rules"))
		put_rules(v, topic);
}

/* What its words say: of a hit, since of others they are not judged. */
static void put_tone(const struct why_view *v, const json_t *reasons, bool parted)
{
	const json_t *tone = json_object_get(reasons, "sentiment");
	const char *lang = said_in(reasons, "lang"), *label = said_in(tone, "label");
	struct buf words = BUF_INIT(LINE_MAX_BYTES);
	json_t *word;
	size_t i;

	if (parted && (lang || label))
		buf_putc(v->out, '\n');
	if (lang)
		SAY(v, 0, TEXT_CTL_WHY_LANG, lang);
	json_array_foreach(json_object_get(tone, "words"), i, word)
	{
		buf_puts(&words, i ? ", " : "");
		text_clean(&words, json_string_value(word), json_string_length(word));
	}
	if (label && words.len)
		SAY(v, 0, TEXT_CTL_WHY_TONE, text_raw(v->c->lang, tone_text(label)), buf_str(&words));
	else if (label)
		SAY(v, 0, TEXT_CTL_WHY_TONE_NONE, text_raw(v->c->lang, tone_text(label)));
	if (why_is(tone, "by", "model"))
		SAY(v, 0, TEXT_CTL_WHY_TONE_MODEL);
	buf_done(&words);
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
	put_tone(v, reasons, !first);
	if (far.len && !first)
		buf_putc(v->out, '\n');
	if (far.len)
		SAY(v, 0, TEXT_CTL_WHY_FAR, buf_str(&far));
	buf_done(&far);
}
