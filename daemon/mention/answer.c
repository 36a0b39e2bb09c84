#include "mention/answer.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "base/wire.h"
#include "mention/frame.h"

enum {
	FLAG_CHANGED = 1,
	FLAG_RECOVERED = 2,
	ITEM_BYTES = SEEN_KEY_BYTES + 1 + 4 * 8,
	MENTION_MIN_BYTES = 100,
	LIMIT_BYTES = 3 * 4,
	FACT_BYTES = 2 * 4
};

void seen_key_put(struct buf *b, const struct seen_key *k)
{
	buf_put(b, k->id, sizeof(k->id));
	wire_put_u64(b, k->content);
	wire_put_u64(b, k->counts);
}

static void id_get(struct wire_in *in, uint8_t ret[MENTION_ID_BYTES])
{
	const char *id = wire_get_raw(in, MENTION_ID_BYTES);

	if (id)
		memcpy(ret, id, MENTION_ID_BYTES);
}

void seen_key_get(struct wire_in *in, struct seen_key *ret)
{
	*ret = (struct seen_key){.content = 0};
	id_get(in, ret->id);
	ret->content = wire_get_u64(in);
	ret->counts = wire_get_u64(in);
}

static void counts_put(struct buf *b, const struct mention_counts *c)
{
	wire_put_i64(b, mention_count(c->likes));
	wire_put_i64(b, mention_count(c->shares));
	wire_put_i64(b, mention_count(c->replies));
	wire_put_i64(b, mention_count(c->views));
}

static void counts_get(struct wire_in *in, struct mention_counts *c)
{
	c->likes = mention_count_get(in);
	c->shares = mention_count_get(in);
	c->replies = mention_count_get(in);
	c->views = mention_count_get(in);
}

/* Cut, where its text is longer than a field may be. */
static void fact_put(struct buf *b, const char *fact)
{
	if (fact)
		wire_put_bytes(b, fact, utf8_cut(fact, strlen(fact), MENTION_FIELD_MAX_BYTES));
	else
		wire_put_text(b, NULL);
}

size_t answer_max_bytes(size_t job_len)
{
	const size_t most = FRAME_MAX_BYTES;

	return job_len < (most - ANSWER_BASE_BYTES) / ANSWER_GROWTH ? ANSWER_BASE_BYTES + ANSWER_GROWTH * job_len
								    : most;
}

void answer_put(struct buf *b, const struct answer *a)
{
	size_t i;

	wire_put_u8(b, (uint8_t)a->status);
	wire_put_text(b, a->why);
	fact_put(b, a->feed.format);
	fact_put(b, a->feed.title);
	fact_put(b, a->feed.lang);
	fact_put(b, a->feed.link);
	fact_put(b, a->feed.hub);
	wire_put_u32(b, a->feed.ttl_s);
	wire_put_u32(b, a->feed.skip_hours);
	wire_put_u8(b, a->feed.skip_days);
	wire_put_u8(b, (uint8_t)a->identity);
	wire_put_u8(b, (uint8_t)(a->identity_changed * FLAG_CHANGED | a->recovered * FLAG_RECOVERED));
	wire_put_u64(b, a->items_left);
	wire_put_u32(b, (uint32_t)a->n_items);
	for (i = 0; i < a->n_items; i++) {
		seen_key_put(b, &a->items[i].key);
		wire_put_u8(b, (uint8_t)a->items[i].state);
		counts_put(b, &a->items[i].counts);
		if (a->items[i].state == ITEM_MOVED)
			buf_put(b, a->items[i].old, MENTION_ID_BYTES);
	}
	wire_put_u32(b, (uint32_t)a->n_mentions);
	for (i = 0; i < a->n_mentions; i++)
		mention_put(b, &a->mentions[i]);
	wire_put_u32(b, (uint32_t)a->n_limits);
	for (i = 0; i < a->n_limits; i++) {
		wire_put_text(b, a->limits[i].topic);
		wire_put_text(b, a->limits[i].pattern);
		wire_put_u32(b, a->limits[i].count);
	}
	wire_put_u32(b, (uint32_t)a->n_facts);
	for (i = 0; i < a->n_facts; i++) {
		wire_put_text(b, a->facts[i].name);
		fact_put(b, a->facts[i].value);
	}
	wire_put_u64(b, a->passed_over);
}

/* A fact of the feed, of what a field may have. */
static const char *fact_get(struct wire_in *in, struct arena *arena)
{
	const char *fact = wire_get_text(in, arena);

	if (fact && strlen(fact) > MENTION_FIELD_MAX_BYTES)
		in->bad = true;
	return fact;
}

/* A name that a limit needs. */
static const char *name_get(struct wire_in *in, struct arena *arena)
{
	const char *name = wire_get_text(in, arena);

	if (!name || strlen(name) > MENTION_FIELD_MAX_BYTES)
		in->bad = true;
	return name;
}

static void limits_get(struct wire_in *in, struct arena *arena, struct answer *a)
{
	size_t i;

	a->n_limits = wire_get_count(in, LIMIT_BYTES);
	if (a->n_limits > ANSWER_LIMITS_MAX) {
		in->bad = true;
		return;
	}
	a->limits = ARENA_ARRAY(arena, struct answer_limit, a->n_limits);
	for (i = 0; i < a->n_limits; i++) {
		a->limits[i].topic = name_get(in, arena);
		a->limits[i].pattern = name_get(in, arena);
		a->limits[i].count = wire_get_u32(in);
	}
}

static void facts_get(struct wire_in *in, struct arena *arena, struct answer *a)
{
	size_t i;

	a->n_facts = wire_get_count(in, FACT_BYTES);
	if (a->n_facts > ANSWER_FACTS_MAX) {
		in->bad = true;
		return;
	}
	a->facts = ARENA_ARRAY(arena, struct answer_fact, a->n_facts);
	for (i = 0; i < a->n_facts; i++) {
		a->facts[i].name = name_get(in, arena);
		a->facts[i].value = fact_get(in, arena);
		if (!a->facts[i].value || !*a->facts[i].value)
			in->bad = true;
	}
}

const char *answer_fact(const struct answer *a, const char *name)
{
	size_t i;

	for (i = 0; i < a->n_facts; i++)
		if (strcmp(a->facts[i].name, name) == 0)
			return a->facts[i].value;
	return NULL;
}

int answer_get(const char *bytes, size_t len, struct arena *arena, struct answer *ret)
{
	struct wire_in in = WIRE_IN(bytes, len);
	struct answer a = {.status = wire_get_u8(&in)};
	unsigned flags;
	size_t i, due = 0;

	a.why = wire_get_text(&in, arena);
	a.feed.format = fact_get(&in, arena);
	a.feed.title = fact_get(&in, arena);
	a.feed.lang = fact_get(&in, arena);
	a.feed.link = fact_get(&in, arena);
	a.feed.hub = fact_get(&in, arena);
	a.feed.ttl_s = wire_get_u32(&in);
	a.feed.skip_hours = wire_get_u32(&in);
	a.feed.skip_days = wire_get_u8(&in);
	a.identity = wire_get_u8(&in);
	flags = wire_get_u8(&in);
	a.identity_changed = flags & FLAG_CHANGED;
	a.recovered = flags & FLAG_RECOVERED;
	a.items_left = wire_get_u64(&in);
	a.n_items = wire_get_count(&in, ITEM_BYTES);
	if (in.bad || a.status >= ANSWER_STATUSES || a.identity > IDENTITY_HASH || a.n_items > ANSWER_ITEMS_MAX ||
	    (a.why && strlen(a.why) > ANSWER_WHY_MAX))
		return ANSWER_E_FORMAT;
	a.items = ARENA_ARRAY(arena, struct item_mark, a.n_items);
	for (i = 0; i < a.n_items; i++) {
		seen_key_get(&in, &a.items[i].key);
		a.items[i].state = wire_get_u8(&in);
		counts_get(&in, &a.items[i].counts);
		if (a.items[i].state > ITEM_MOVED)
			return ANSWER_E_FORMAT;
		if (a.items[i].state == ITEM_MOVED)
			id_get(&in, a.items[i].old);
		due += a.items[i].state == ITEM_NEW || a.items[i].state == ITEM_EDITED;
	}
	a.n_mentions = wire_get_count(&in, MENTION_MIN_BYTES);
	if (in.bad || a.n_mentions != due)
		return ANSWER_E_FORMAT;
	a.mentions = ARENA_ARRAY(arena, struct mention, a.n_mentions);
	for (i = 0; i < a.n_mentions && !in.bad; i++)
		mention_get(&in, arena, &a.mentions[i]);
	limits_get(&in, arena, &a);
	facts_get(&in, arena, &a);
	a.passed_over = wire_get_u64(&in);
	if (!wire_done(&in))
		return ANSWER_E_FORMAT;
	for (i = 0, due = 0; i < a.n_items; i++) { /* a mention is the one that its mark names */
		if (a.items[i].state != ITEM_NEW && a.items[i].state != ITEM_EDITED)
			continue;
		if (memcmp(a.items[i].key.id, a.mentions[due++].id, MENTION_ID_BYTES) != 0)
			return ANSWER_E_FORMAT;
	}
	*ret = a;
	return 0;
}
