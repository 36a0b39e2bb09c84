#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "main/ctl_output.h"
#include "main/ctl_why.h"
#include "mention/mention.h"

enum { PART_MAX_BYTES = 16 * 1024, FOUND_SHOWN = 3, CONTEXT = 40, DIGITS = 3 };

bool why_is(const json_t *node, const char *key, const char *value)
{
	const char *s = said_in(node, key);

	return s && strcmp(s, value) == 0;
}

bool why_flag(const json_t *node, const char *key)
{
	return json_is_true(json_object_get(node, key));
}

static json_int_t number(const json_t *node, const char *key)
{
	return json_integer_value(json_object_get(node, key));
}

static char *say(const struct why_view *v, enum text_id id, const char *const args[])
{
	return text_make(v->c->lang, id, args);
}
#define SAY(v, id, ...) say((v), (id), TEXT_ARGS(__VA_ARGS__))

/* --- places in the mention --- */

/* The text that a span is of; NULL: the mention has none. *ret_label: what it is called to a person, none for the text. */
static const char *text_of(const struct why_view *v, const json_t *span, enum text_id *ret_label)
{
	const struct mention *m = v->m;
	const struct {
		const char *in, *text;
		enum text_id label;
	} texts[] = {{"title", m->title, TEXT_CTL_WHY_IN_TITLE},
		     {"author", m->author.name, TEXT_CTL_WHY_IN_AUTHOR},
		     {"url", m->url, TEXT_CTL_WHY_IN_URL}};
	size_t i;

	*ret_label = TEXT_CTL_WHY_IN_TEXT;
	for (i = 0; i < ARRAY_LEN(texts); i++) {
		if (!why_is(span, "in", texts[i].in))
			continue;
		*ret_label = texts[i].label;
		return texts[i].text;
	}
	return m->text;
}

/* Past n code points, or at the end. */
static const char *skip(const char *s, size_t n)
{
	const char *end = s + strlen(s);

	while (n-- && s < end)
		(void)utf8_next(&s, end);
	return s;
}

struct range {
	size_t from, to;
};

static struct range range_of(const json_t *span)
{
	const json_t *at = json_object_get(span, "at");
	json_int_t from = json_integer_value(json_array_get(at, 0)), to = json_integer_value(json_array_get(at, 1));

	if (from < 0 || to < from || to > MENTION_TEXT_MAX_BYTES)
		return (struct range){0, 0};
	return (struct range){(size_t)from, (size_t)to};
}

static void put_slice(struct buf *b, const char *text, size_t from, size_t to)
{
	const char *begin = skip(text, from), *end = skip(begin, to - from);

	text_clean(b, begin, (size_t)(end - begin));
}

/* The words of a place, in quotes, with the text that they stand in where that is not the usual one. To be freed. */
static char *quoted(const struct why_view *v, const json_t *span)
{
	struct buf b = BUF_INIT(PART_MAX_BYTES);
	enum text_id label;
	const char *text = text_of(v, span, &label);
	struct range range = range_of(span);
	char *words, *labelled;

	if (text)
		put_slice(&b, text, range.from, range.to);
	words = SAY(v, TEXT_CTL_WHY_QUOTED, buf_str(&b));
	buf_done(&b);
	if (label == TEXT_CTL_WHY_IN_TEXT)
		return words;
	labelled = SAY(v, label, words);
	free(words);
	return labelled;
}

static bool is_blank(const char *s)
{
	return *s == ' ' || *s == '\n' || *s == '\t';
}

/* Where the text around a place begins and ends: at most CONTEXT off, and between words where there are blanks. */
static struct range around(const char *text, struct range range)
{
	struct range ret = {range.from > CONTEXT ? range.from - CONTEXT : 0, range.to};
	const char *s = skip(text, ret.from), *end = text + strlen(text);
	size_t at;

	for (at = ret.from; ret.from && at < range.from && !is_blank(s); at++)
		(void)utf8_next(&s, end);
	if (at < range.from)
		ret.from = at + (ret.from > 0);
	s = skip(text, range.to);
	for (at = range.to; s < end && at < range.to + CONTEXT; at++) {
		if (is_blank(s))
			ret.to = at;
		(void)utf8_next(&s, end);
	}
	if (s == end || ret.to == range.to)
		ret.to = at;
	return ret;
}

char *why_context(const struct why_view *v, const json_t *span)
{
	struct buf b = BUF_INIT(PART_MAX_BYTES);
	enum text_id label;
	const char *text = text_of(v, span, &label);
	struct range range = range_of(span);
	struct range wide;

	if (!text)
		return NULL;
	wide = around(text, range);
	buf_puts(&b, wide.from ? "…" : "");
	put_slice(&b, text, wide.from, range.from);
	buf_putc(&b, '[');
	put_slice(&b, text, range.from, range.to);
	buf_putc(&b, ']');
	put_slice(&b, text, range.to, wide.to);
	buf_puts(&b, *skip(text, wide.to) ? "…" : "");
	if (label != TEXT_CTL_WHY_IN_TEXT) {
		char *labelled = SAY(v, label, buf_str(&b));

		buf_done(&b);
		return labelled;
	}
	return buf_steal(&b);
}

/* --- patterns --- */

/* What was found, each wording once: "«Acme», «acme» (title) …". To be freed. */
static char *found_words(const struct why_view *v, const json_t *node)
{
	const json_t *spans = json_object_get(node, "spans"), *span;
	char *seen[FOUND_SHOWN];
	struct buf b = BUF_INIT(PART_MAX_BYTES);
	size_t i, k, n = 0;

	json_array_foreach(spans, i, span)
	{
		char *words = quoted(v, span);

		for (k = 0; k < n && strcmp(seen[k], words) != 0; k++)
			;
		if (k < n || n == FOUND_SHOWN) {
			free(words);
			if (k < n)
				continue;
			buf_puts(&b, " …");
			break;
		}
		buf_printf(&b, "%s%s", n ? ", " : "", words);
		seen[n++] = words;
	}
	while (n)
		free(seen[--n]);
	return buf_steal(&b);
}

static char *found(const struct why_view *v, const json_t *node)
{
	cleanup(freep) char *words = found_words(v, node);
	cleanup(freep) char *times = xasprintf("%lld", (long long)number(node, "count"));

	if (!*words)
		return SAY(v, TEXT_CTL_WHY_FOUND_ACCOUNT);
	return number(node, "count") > 1 ? SAY(v, TEXT_CTL_WHY_FOUND_TIMES, times, words)
					 : SAY(v, TEXT_CTL_WHY_FOUND, words);
}

static char *not_found(const struct why_view *v, const json_t *node, bool brief)
{
	const json_t *list = json_object_get(node, "list"), *word;
	json_int_t left = number(node, "list_n") - (json_int_t)json_array_size(list);
	struct buf b = BUF_INIT(PART_MAX_BYTES);
	char *said;
	size_t i;

	if (brief || !json_array_size(list))
		return SAY(v, TEXT_CTL_WHY_NOT_FOUND);
	json_array_foreach(list, i, word)
	{
		buf_puts(&b, i ? ", " : "");
		text_clean(&b, json_string_value(word), json_string_length(word));
	}
	if (left > 0) {
		cleanup(freep) char *more = xasprintf("%lld", (long long)left);

		said = SAY(v, TEXT_CTL_WHY_NOT_FOUND_MORE, buf_str(&b), more);
	} else {
		said = SAY(v, json_array_size(list) > 1 ? TEXT_CTL_WHY_NOT_FOUND_LIST : TEXT_CTL_WHY_NOT_FOUND_WORD,
			   buf_str(&b));
	}
	buf_done(&b);
	return said;
}

/* NULL: it was tried, and its outcome is known. */
static char *untried(const struct why_view *v, const json_t *node)
{
	if (why_flag(node, "held") || !said_in(node, "tried"))
		return NULL;
	return SAY(v, why_is(node, "tried", "off") ? TEXT_CTL_WHY_OFF : TEXT_CTL_WHY_GAVE_UP);
}

static char *pattern_said(const struct why_view *v, const json_t *node, bool brief)
{
	return number(node, "count") > 0 ? found(v, node) : not_found(v, node, brief);
}

static char *count_said(const struct why_view *v, const json_t *node)
{
	cleanup(freep) char *times = xasprintf("%lld", (long long)number(node, "count"));
	cleanup(freep) char *words = found_words(v, node);

	return *words ? SAY(v, TEXT_CTL_WHY_COUNT_WORDS, times, words) : SAY(v, TEXT_CTL_WHY_COUNT, times);
}

/* --- near, before --- */

/* Of each pattern that is missing. */
static char *near_missing(const struct why_view *v, const json_t *node)
{
	struct buf b = BUF_INIT(PART_MAX_BYTES);
	json_t *part;
	size_t i;

	json_array_foreach(json_object_get(node, "parts"), i, part)
	{
		cleanup(freep) char *said = NULL;

		if (why_flag(part, "held"))
			continue;
		said = why_part(v, part, false, false);
		buf_printf(&b, "%s%s", b.len ? "; " : "", said);
	}
	return buf_steal(&b);
}

/* The i-th of the two, in the words of the text, or by its name where the text is the author's handle. */
static char *near_side(const struct why_view *v, const json_t *node, size_t i)
{
	const json_t *spans = json_object_get(node, "spans");
	const char *name = json_string_value(json_array_get(json_object_get(node, "names"), i));

	return json_array_size(spans) == 2 ? quoted(v, json_array_get(spans, i)) : xstrdup(name ? name : "-");
}

static char *near_said(const struct why_view *v, const json_t *node)
{
	cleanup(freep) char *a = near_side(v, node, 0), *b = near_side(v, node, 1);
	cleanup(freep) char *words = xasprintf("%lld", (long long)number(node, "words"));
	cleanup(freep) char *most = xasprintf("%lld", (long long)number(node, "at_most"));

	if (why_flag(node, "order"))
		return SAY(v, why_is(node, "kind", "near") ? TEXT_CTL_WHY_NEAR_TEXTS : TEXT_CTL_WHY_BEFORE_ORDER);
	if (!json_object_get(node, "words"))
		return near_missing(v, node);
	if (!why_flag(node, "held"))
		return SAY(v, TEXT_CTL_WHY_NEAR_FAR, words, a, b, most);
	return strcmp(words, "0") == 0 ? SAY(v, TEXT_CTL_WHY_NEAR_NONE, a, b) : SAY(v, TEXT_CTL_WHY_NEAR, words, a, b);
}

/* --- facts --- */

/* "12,400" or, in Spanish, "12 400": blanks that don't break, and none in four digits. */
static char *grouped(enum text_lang lang, const char *digits)
{
	size_t n = strlen(digits), i, least = lang == TEXT_ES ? DIGITS + 2 : DIGITS + 1;
	struct buf b = BUF_INIT(PART_MAX_BYTES);

	for (i = 0; i < n; i++) {
		if (i && n >= least && (n - i) % DIGITS == 0)
			buf_puts(&b, lang == TEXT_ES ? "\u00a0" : ",");
		buf_putc(&b, digits[i]);
	}
	return buf_steal(&b);
}

static char *fact_said(const struct why_view *v, const json_t *node)
{
	const char *actual = said_in(node, "actual");
	struct buf b = BUF_INIT(PART_MAX_BYTES);
	char *said;

	if (why_is(node, "field", "tags") || why_is(node, "field", "intent")) {
		if (!actual)
			return SAY(v, TEXT_CTL_WHY_CARRIED_NONE);
	} else if (!actual) {
		return SAY(v, TEXT_CTL_WHY_ABSENT);
	} else if (strspn(actual, "0123456789") == strlen(actual) && !why_is(node, "field", "author")) {
		return grouped(v->c->lang, actual);
	}
	text_clean(&b, actual, strlen(actual));
	said = SAY(v, TEXT_CTL_WHY_QUOTED, buf_str(&b));
	buf_done(&b);
	return said;
}

/* --- any of them --- */

static char *sentence(const struct why_view *v, const json_t *node, bool brief)
{
	char *said = untried(v, node);

	if (said)
		return said;
	if (why_is(node, "kind", "pattern"))
		return pattern_said(v, node, brief);
	if (why_is(node, "kind", "count"))
		return count_said(v, node);
	if (why_is(node, "kind", "near") || why_is(node, "kind", "before"))
		return near_said(v, node);
	if (why_is(node, "kind", "rule"))
		return SAY(v, why_flag(node, "held") ? TEXT_CTL_WHY_RULE_HOLDS : TEXT_CTL_WHY_RULE_FAILS);
	return fact_said(v, node);
}

char *why_part(const struct why_view *v, const json_t *node, bool negated, bool brief)
{
	cleanup(freep) char *said = sentence(v, node, brief || negated);
	const char *text = said_in(node, "text");
	bool in_parentheses = negated && why_is(node, "kind", "field");
	struct buf b = BUF_INIT(PART_MAX_BYTES);

	buf_puts(&b, negated ? "not " : "");
	buf_puts(&b, in_parentheses ? "(" : "");
	if (text)
		text_clean(&b, text, strlen(text));
	buf_printf(&b, "%s: %s", in_parentheses ? ")" : "", said);
	return buf_steal(&b);
}
