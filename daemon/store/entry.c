#include "store/entry.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/mem.h"
#include "mention/mention.h"
#include "store/stream_id.h"

enum { USUAL_BYTES = 1024 }; /* about, without the text */

/* Where its texts begin in the block. */
struct places {
	size_t mention, topics, rules, tags, published, sentiment;
};

/* Each name once, comma-joined, in the order in which they come, from `from` on. A name has no comma in it. */
static void join_name(struct buf *b, size_t from, const char *name)
{
	const size_t len = strlen(name);
	const char *at = b->data + from, *end = b->data + b->len;

	while (at < end) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		const size_t n = (size_t)((comma ? comma : end) - at);

		if (n == len && memcmp(at, name, n) == 0)
			return;
		at += n + 1;
	}
	if (b->len > from)
		buf_putc(b, ',');
	buf_put(b, name, len);
}

static size_t put_topics(struct buf *b, const struct mention *m)
{
	const size_t from = b->len;
	size_t i;

	for (i = 0; i < m->n_hits; i++)
		join_name(b, from, m->hits[i].topic);
	buf_putc(b, '\0');
	return from;
}

static size_t put_rules(struct buf *b, const struct mention *m)
{
	const size_t from = b->len;
	size_t i, k;

	for (i = 0; i < m->n_hits; i++) {
		for (k = 0; k < m->hits[i].n_rules; k++)
			join_name(b, from, m->hits[i].rules[k]);
	}
	buf_putc(b, '\0');
	return from;
}

static size_t put_tags(struct buf *b, const struct mention *m)
{
	const size_t from = b->len;
	size_t i, k;

	for (i = 0; i < m->n_hits; i++) {
		for (k = 0; k < m->hits[i].n_tags; k++)
			join_name(b, from, m->hits[i].tags[k]);
	}
	buf_putc(b, '\0');
	return from;
}

static size_t put_mention_id(struct buf *b, const struct mention *m)
{
	char key[2 * MENTION_ID_BYTES + 1];
	const size_t from = b->len;

	hash_hex(m->id, MENTION_ID_BYTES, key);
	buf_put(b, key, sizeof(key));
	return from;
}

static size_t put_published(struct buf *b, const struct mention *m)
{
	char text[CLOCK_RFC3339_SIZE];
	const size_t from = b->len;

	buf_puts(b, clock_rfc3339(m->published_ms, m->published_ms % 1000 != 0, text));
	buf_putc(b, '\0');
	return from;
}

static size_t put_sentiment(struct buf *b, const struct mention *m)
{
	const size_t from = b->len;

	buf_puts(b, m->sentiment.label);
	buf_putc(b, '\0');
	return from;
}

bool entry_make(int64_t stream, const struct mention *m, struct buf *scratch, struct entry *ret)
{
	const bool dated = m->published_ms != TIME_NONE;
	struct json j = JSON_OUT(scratch);
	struct places at;
	char *block;

	buf_reset(scratch);
	(void)buf_reserve(scratch, USUAL_BYTES + (m->text ? strlen(m->text) : 0));
	mention_json(&j, NULL, m);
	buf_putc(scratch, '\0');
	at.topics = put_topics(scratch, m);
	at.rules = put_rules(scratch, m);
	at.tags = put_tags(scratch, m);
	at.mention = put_mention_id(scratch, m);
	at.published = dated ? put_published(scratch, m) : 0;
	at.sentiment = m->sentiment.label ? put_sentiment(scratch, m) : 0;
	if (scratch->full)
		return false;
	block = xmalloc(scratch->len);
	memcpy(block, scratch->data, scratch->len);
	*ret = (struct entry){
		.row = {.id = stream_id_unpack(stream),
			.mention = block + at.mention,
			.json = block,
			.topics = block + at.topics,
			.rules = block + at.rules,
			.tags = block + at.tags,
			.sentiment = m->sentiment.label ? block + at.sentiment : NULL,
			.published = dated ? block + at.published : NULL},
		.block = block,
		.bytes = scratch->len,
	};
	return true;
}

void entry_done(struct entry *e)
{
	free(e->block);
	*e = (struct entry){.block = NULL};
}
