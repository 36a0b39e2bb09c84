#include "alert/card.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "alert/notice_object.h"
#include "alert/page.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"

enum { NAMES_MAX_BYTES = 400, WORD_MAX_BYTES = 80, WORD_POINTS_MAX = 40 };

/* --- read --- */

static const char *said(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* Adds a name once: "a, b". */
static void add_name(struct buf *b, const char *name)
{
	const char *at = buf_str(b);
	size_t len = strlen(name);

	if (!len || b->len + len + 2 > NAMES_MAX_BYTES)
		return;
	for (; *at; at += strcspn(at, ","), at += *at ? 2 : 0)
		if (strncmp(at, name, len) == 0 && (at[len] == ',' || !at[len]))
			return;
	buf_printf(b, "%s%s", b->len ? ", " : "", name);
}

static void add_names(struct buf *b, const json_t *names)
{
	const json_t *one;
	size_t i;

	json_array_foreach(names, i, one) if (json_string_value(one)) add_name(b, json_string_value(one));
}

/* What stands at code points [from, to) of a text; a long one is left out. */
static void add_word(struct buf *b, const char *text, json_int_t from, json_int_t to)
{
	const char *s = text, *end = text ? text + strlen(text) : NULL, *begin;
	cleanup(buf_done) struct buf clean = BUF_INIT(WORD_MAX_BYTES + 16);
	cleanup(freep) char *word = NULL;
	json_int_t i;

	if (!text || from < 0 || to <= from || to - from > WORD_POINTS_MAX)
		return;
	for (i = 0; i < from && s < end; i++)
		utf8_next(&s, end);
	for (begin = s; i < to && s < end; i++)
		utf8_next(&s, end);
	word = xstrndup(begin, (size_t)(s - begin));
	notice_clean(&clean, word, WORD_MAX_BYTES, false);
	add_name(b, buf_str(&clean));
}

static void add_words(struct buf *b, const json_t *m, const json_t *spans)
{
	const json_t *one;
	size_t i;

	json_array_foreach(spans, i, one)
	{
		const char *in = said(one, "in");
		const json_t *at = json_object_get(one, "at");

		if (i == CARD_WORDS_MAX)
			break;
		if (in && (strcmp(in, "title") == 0 || strcmp(in, "text") == 0))
			add_word(b, said(m, in), json_integer_value(json_array_get(at, 0)),
				 json_integer_value(json_array_get(at, 1)));
	}
}

static const char *what_was_said(const json_t *m, struct arena *a)
{
	const char *title = said(m, "title"), *text = said(m, "text");
	cleanup(buf_done) struct buf b = BUF_INIT(2 * CARD_TEXT_MAX_BYTES);
	bool both = title && *title && text && *text && strncmp(text, title, strlen(title)) != 0;
	cleanup(freep) char *whole = both ? xasprintf("%s. %s", title, text) : NULL;

	notice_clean(&b,
		     both              ? whole
		     : text && *text   ? text
		     : title && *title ? title
				       : "…",
		     CARD_TEXT_MAX_BYTES, false);
	return arena_strdup(a, buf_str(&b));
}

static void fill(const json_t *m, struct arena *a, struct card *ret)
{
	const json_t *author = json_object_get(m, "author"), *hits = json_object_get(m, "hits"), *one;
	const json_t *followers = json_object_get(author, "followers");
	cleanup(buf_done) struct buf topics = BUF_INIT(NAMES_MAX_BYTES), rules = BUF_INIT(NAMES_MAX_BYTES),
				     intents = BUF_INIT(NAMES_MAX_BYTES), words = BUF_INIT(NAMES_MAX_BYTES);
	size_t i;

	json_array_foreach(hits, i, one)
	{
		if (said(one, "topic"))
			add_name(&topics, said(one, "topic"));
		add_names(&rules, json_object_get(one, "rules"));
		add_words(&words, m, json_object_get(one, "spans"));
	}
	add_names(&intents, json_object_get(m, "intents"));
	*ret = (struct card){
		.text = what_was_said(m, a),
		.url = arena_strdup(a, said(m, "url")),
		.author = arena_strdup(a, said(author, "name") ? said(author, "name") : said(author, "handle")),
		.source = arena_strdup(a, said(m, "source")),
		.tone = arena_strdup(a, said(json_object_get(m, "sentiment"), "label")),
		.topics = arena_strdup(a, buf_str(&topics)),
		.rules = arena_strdup(a, buf_str(&rules)),
		.intents = arena_strdup(a, buf_str(&intents)),
		.words = arena_strdup(a, buf_str(&words)),
		.followers = json_is_number(followers) ? json_number_value(followers) : -1,
		.times = 1};
}

int card_parse(const char *json, struct arena *a, struct card *ret)
{
	json_t *root = json_loads(json, 0, NULL);
	const json_t *m = json_object_get(root, "mention") ? json_object_get(root, "mention") : root;
	bool right = said(m, "id") != NULL;

	if (right)
		fill(m, a, ret);
	json_decref(root);
	return right ? 0 : CARD_E_FORMAT;
}

/* --- in words --- */

static enum text_id tone_text(const char *tone)
{
	return strcmp(tone, "negative") == 0   ? TEXT_CARD_NEGATIVE
	       : strcmp(tone, "positive") == 0 ? TEXT_CARD_POSITIVE
					       : TEXT_CARD_NEUTRAL;
}

static void add_part(struct buf *b, const char *sign, const char *words)
{
	if (words && *words)
		buf_printf(b, "%s%s", b->len ? sign : "", words);
}

char *card_who(const struct card *c, enum text_lang lang)
{
	cleanup(buf_done) struct buf b = BUF_INIT(PAGE_LINE_MAX_BYTES);
	cleanup(freep) char *reach = NULL, *times = NULL;
	char n[32];

	add_part(&b, ", ", c->author);
	snprintf(n, sizeof(n), "%.0f", c->followers);
	if (c->followers >= 0)
		add_part(&b, ", ", reach = TEXT(lang, TEXT_INCIDENT_REACH, n));
	add_part(&b, ", ", c->source);
	if (c->tone)
		add_part(&b, " · ", text_raw(lang, tone_text(c->tone)));
	snprintf(n, sizeof(n), "%u", c->times);
	if (c->times > 1)
		add_part(&b, " · ", times = TEXT(lang, TEXT_CARD_TIMES, n));
	return buf_steal(&b);
}

/* A name of a rule or an intent as a person says it, where the catalogue knows it. */
static char *intents_text(const char *intents, enum text_lang lang)
{
	static const struct {
		const char *name;
		enum text_id text;
	} known[] = {{"complaint", TEXT_CARD_COMPLAINT}, {"support", TEXT_CARD_SUPPORT},
		     {"question", TEXT_CARD_QUESTION},   {"purchase", TEXT_CARD_PURCHASE},
		     {"praise", TEXT_CARD_PRAISE},       {"suggestion", TEXT_CARD_SUGGESTION}};
	cleanup(buf_done) struct buf b = BUF_INIT(NAMES_MAX_BYTES * 2);
	size_t len, i;

	for (; *intents; intents += len, intents += *intents ? 2 : 0) {
		len = strcspn(intents, ",");
		for (i = 0; i < ARRAY_LEN(known); i++)
			if (strlen(known[i].name) == len && strncmp(intents, known[i].name, len) == 0)
				break;
		buf_puts(&b, b.len ? ", " : "");
		if (i < ARRAY_LEN(known))
			buf_puts(&b, text_raw(lang, known[i].text));
		else
			buf_put(&b, intents, len);
	}
	return buf_steal(&b);
}

char *card_why(const struct card *c, enum text_lang lang)
{
	cleanup(buf_done) struct buf b = BUF_INIT(PAGE_LINE_MAX_BYTES);
	cleanup(freep) char *intents = intents_text(c->intents, lang), *rules = NULL, *words = NULL;

	buf_printf(&b, "%s: ", c->topics);
	add_part(&b, "", intents);
	if (*c->rules)
		add_part(&b, *intents ? "; " : "", rules = TEXT(lang, TEXT_CARD_RULES, c->rules));
	if (*c->words)
		add_part(&b, *intents || *c->rules ? "; " : "", words = TEXT(lang, TEXT_CARD_WORDS, c->words));
	if (b.len == strlen(c->topics) + 2)
		b.len -= 2;
	b.data[b.len] = '\0';
	return buf_steal(&b);
}

void card_put(const struct card *c, enum text_lang lang, struct page *p)
{
	cleanup(freep) char *who = card_who(c, lang), *why = card_why(c, lang);

	page_said(p, c->text, *who ? who : NULL, why, c->url);
}
