/* One mention as an example: what is shown of it, cut around its first match, and the words that were matched. */
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/utf8.h"
#include "main/ctl_backtest_count.h"
#include "main/ctl_backtest_run.h"
#include "mention/mention.h"

enum { BEFORE_CP = 40, JSON_MAX_BYTES = 1024 * 1024, WORDS_MAX_BYTES = 4096 };

static const char *text_in(const struct mention *m, enum span_in in)
{
	switch (in) {
	case SPAN_TITLE:
		return m->title;
	case SPAN_TEXT:
		return m->text;
	case SPAN_AUTHOR:
		return m->author.name;
	case SPAN_URL:
		return m->url;
	}
	return NULL;
}

/* The byte at which code point n of s begins. */
static const char *at_cp(const char *s, const char *end, size_t n)
{
	while (n-- && s < end)
		(void)utf8_next(&s, end);
	return s;
}

static void put_word(struct buf *b, const char *from, size_t len)
{
	bool cut = len > COUNT_EXAMPLE_WORD_BYTES;

	if (b->len)
		buf_puts(b, ", ");
	buf_put(b, from, utf8_cut(from, len, COUNT_EXAMPLE_WORD_BYTES));
	if (cut)
		buf_puts(b, "…");
}

/* What each span stands on, each text once. */
static char *matched_words(const struct mention *m, const struct hit *hit)
{
	struct buf b = BUF_INIT(WORDS_MAX_BYTES);
	const char *said[COUNT_EXAMPLE_WORDS];
	size_t lens[COUNT_EXAMPLE_WORDS], n = 0, i, k;

	for (i = 0; i < hit->n_spans && n < COUNT_EXAMPLE_WORDS; i++) {
		const struct span *span = &hit->spans[i];
		const char *text = text_in(m, span->in), *end = text ? text + strlen(text) : NULL, *from;
		size_t len;

		if (!text)
			continue;
		from = at_cp(text, end, span->from);
		len = (size_t)(at_cp(from, end, span->to - span->from) - from);
		for (k = 0; k < n && !(lens[k] == len && strncasecmp(said[k], from, len) == 0); k++)
			;
		if (k < n || len == 0)
			continue;
		said[n] = from;
		lens[n++] = len;
		put_word(&b, from, len);
	}
	return buf_steal(&b);
}

/* The hit's spans moved by `by` code points, and those that are not in what is left, [0, n), dropped. */
static void move_spans(struct hit *hit, enum span_in in, size_t by, size_t add, size_t n)
{
	size_t i, left = 0;

	for (i = 0; i < hit->n_spans; i++) {
		struct span span = hit->spans[i];

		if (span.in == in) {
			if (span.from < by || span.to - by + add > n)
				continue;
			span.from = (uint32_t)(span.from - by + add);
			span.to = (uint32_t)(span.to - by + add);
		}
		hit->spans[left++] = span;
	}
	hit->n_spans = left;
}

/* A long text becomes what stands around the first match in it. *ret is to be freed; NULL: it stays as it is. */
static char *excerpt(const char *text, enum span_in in, struct hit *hit)
{
	size_t len = text ? strlen(text) : 0, first = SIZE_MAX, from_cp = 0, i;
	const char *from = text, *end = text + len;
	char *cut;

	if (len <= COUNT_EXAMPLE_TEXT_BYTES)
		return NULL;
	for (i = 0; i < hit->n_spans; i++)
		if (hit->spans[i].in == in && hit->spans[i].from < first)
			first = hit->spans[i].from;
	if (first != SIZE_MAX && first > BEFORE_CP)
		from_cp = first - BEFORE_CP;
	from = at_cp(text, end, from_cp);
	len = utf8_cut(from, (size_t)(end - from), COUNT_EXAMPLE_TEXT_BYTES);
	cut = xasprintf("%s%.*s%s", from_cp ? "…" : "", (int)len, from, from + len < end ? "…" : "");
	move_spans(hit, in, from_cp, from_cp ? 1 : 0, utf8_count(from, len) + 1);
	return cut;
}

struct backtest_example *backtest_example_new(const struct mention *m, const struct backtest_hits *hits,
					      const char *topic)
{
	struct backtest_example *e = NEW(struct backtest_example);
	cleanup(freep) char *title = NULL, *text = NULL;
	cleanup(freep) struct span *spans = NULL;
	struct buf b = BUF_INIT(JSON_MAX_BYTES);
	struct json j = JSON_OUT(&b);
	struct mention shown = *m;
	struct hit hit = {.topic = NULL};
	char id[2 * MENTION_ID_BYTES + 1];
	size_t i;

	for (i = 0; i < hits->n; i++)
		if (strcmp(hits->v[i].topic, topic) == 0)
			hit = hits->v[i];
	e->words = matched_words(m, &hit);
	spans = xcalloc(hit.n_spans + 1, sizeof(*spans));
	if (hit.n_spans)
		memcpy(spans, hit.spans, hit.n_spans * sizeof(*spans));
	hit.spans = spans;
	title = excerpt(m->title, SPAN_TITLE, &hit);
	text = excerpt(m->text, SPAN_TEXT, &hit);
	shown.title = title ? title : m->title;
	shown.text = text ? text : m->text;
	shown.hits = &hit;
	shown.n_hits = hit.topic ? 1 : 0;
	mention_json(&j, NULL, &shown);
	e->json = buf_steal(&b);
	hash_hex(m->id, MENTION_ID_BYTES, id);
	e->id = xstrdup(id);
	return e;
}

void backtest_example_free(struct backtest_example *e)
{
	if (!e)
		return;
	free(e->id);
	free(e->json);
	free(e->words);
	free(e);
}
