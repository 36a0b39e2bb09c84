#include "source/fields.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/wire.h"
#include "mention/answer.h"
#include "mention/source_state.h"

const char *fields_name(enum fields_field field)
{
	static const char *const names[] = {[FIELD_AUTHOR] = "author",
					    [FIELD_DATE] = "date",
					    [FIELD_TEXT] = "text",
					    [FIELD_ADDRESS] = "url",
					    [FIELD_COUNTS] = "counts"};

	return names[field];
}

const char *fields_names(uint8_t gone, char names[FIELDS_NAMES_MAX_BYTES])
{
	size_t n = 0;
	int i;

	names[0] = '\0';
	for (i = 0; i < FIELDS; i++)
		if (gone & 1 << i)
			n += (size_t)snprintf(names + n, FIELDS_NAMES_MAX_BYTES - n, "%s%s", n ? "," : "",
					      fields_name((enum fields_field)i));
	return names;
}

/* --- what a poll has shown --- */

static bool is_there(const char *text)
{
	return text && *text;
}

void fields_count(struct fields_seen *seen, const struct answer *answer)
{
	size_t i;

	for (i = 0; i < answer->n_mentions; i++) {
		const struct mention *m = &answer->mentions[i];
		const struct mention_counts *c = &m->counts;

		seen->items++;
		seen->had[FIELD_AUTHOR] += is_there(m->author.name) || is_there(m->author.handle);
		seen->had[FIELD_DATE] += m->published_ms != TIME_NONE && !m->date_suspect;
		seen->had[FIELD_TEXT] += is_there(m->text) || is_there(m->title);
		seen->had[FIELD_ADDRESS] += is_there(m->url);
		seen->had[FIELD_COUNTS] += c->likes != COUNT_NONE || c->shares != COUNT_NONE ||
					   c->replies != COUNT_NONE || c->views != COUNT_NONE;
	}
}

/* --- a step --- */

static void learn(struct field_known *k, size_t items, size_t had)
{
	size_t all = k->all + items, with = k->had + had;

	while (all > FIELDS_MEMORY) {
		all /= 2;
		with /= 2;
	}
	k->all = (uint16_t)all;
	k->had = (uint16_t)with;
}

static void see(struct field_known *k, size_t items, size_t had, int64_t now_ms)
{
	if (had) {
		learn(k, items + k->missing, had);
		k->missing = 0;
		return;
	}
	if (!k->missing)
		k->since_ms = now_ms;
	k->missing = items < (size_t)(UINT8_MAX - k->missing) ? (uint8_t)(k->missing + items) : UINT8_MAX;
}

static bool is_gone(const struct field_known *k)
{
	return k->all >= FIELDS_LEARN && k->had * 100 > k->all * FIELDS_PERCENT && k->missing >= FIELDS_MISSING;
}

/* A bit of each that is gone; since: when the first of them went. */
static uint8_t look(struct fields *f, int64_t now_ms, int64_t *since_ms)
{
	uint8_t gone = 0;
	int i;

	*since_ms = now_ms;
	for (i = 0; i < FIELDS; i++) {
		struct field_known *k = &f->v[i];

		if (!is_gone(k))
			continue;
		if (now_ms - k->since_ms >= FIELDS_FORGET_MS) {
			*k = (struct field_known){.all = 0};
			continue;
		}
		gone |= (uint8_t)(1 << i);
		if (k->since_ms < *since_ms)
			*since_ms = k->since_ms;
	}
	return gone;
}

enum fields_say fields_step(struct fields *f, const struct fields_seen *seen, int64_t now_ms, int64_t *ret_since_ms)
{
	uint8_t before = f->gone;
	int64_t line_ms = f->line_ms, since_ms;
	int i;

	for (i = 0; i < FIELDS && seen->items; i++)
		see(&f->v[i], seen->items, seen->had[i], now_ms);
	f->gone = look(f, now_ms, &since_ms);
	if (f->told_ms > now_ms) /* the clock was set back */
		f->told_ms = now_ms;
	*ret_since_ms = before ? line_ms : since_ms;
	if (!f->gone) {
		f->told_ms = f->line_ms = 0;
		return before ? FIELDS_SAY_BACK : FIELDS_SAY_NOTHING;
	}
	if (!before)
		f->line_ms = since_ms;
	if (!(f->gone & ~before) && now_ms - f->told_ms < FIELDS_AGAIN_MS)
		return FIELDS_SAY_NOTHING;
	f->told_ms = now_ms;
	return f->gone & ~before ? FIELDS_SAY_GONE : FIELDS_SAY_STILL;
}

bool fields_mark(const struct fields *before, const struct fields *after, int64_t now_ms,
		 char names[FIELDS_NAMES_MAX_BYTES], struct deaf_mark *ret)
{
	if (before->gone == after->gone && before->told_ms == after->told_ms)
		return false;
	if (after->gone)
		*ret = (struct deaf_mark){.kind = "field",
					  .from_ms = after->line_ms,
					  .to_ms = TIME_NONE,
					  .why = "field",
					  .detail = fields_names(after->gone, names)};
	else
		*ret = (struct deaf_mark){.kind = "field",
					  .from_ms = before->line_ms,
					  .to_ms = now_ms > before->line_ms ? now_ms : before->line_ms};
	return true;
}

/* --- kept --- */

void fields_put(struct buf *b, const struct fields *f)
{
	int i;

	for (i = 0; i < FIELDS; i++) {
		wire_put_i64(b, f->v[i].since_ms);
		wire_put_u32(b, (uint32_t)f->v[i].all << 16 | f->v[i].had);
		wire_put_u8(b, f->v[i].missing);
	}
	wire_put_u8(b, f->gone);
	wire_put_i64(b, f->told_ms);
	wire_put_i64(b, f->line_ms);
}

bool fields_get(struct wire_in *in, struct fields *ret)
{
	struct fields f = {.gone = 0};
	int i;

	for (i = 0; i < FIELDS; i++) {
		uint32_t both;

		f.v[i].since_ms = wire_get_i64(in);
		both = wire_get_u32(in);
		f.v[i].all = (uint16_t)(both >> 16);
		f.v[i].had = (uint16_t)both;
		f.v[i].missing = wire_get_u8(in);
		if (f.v[i].had > f.v[i].all || f.v[i].all > FIELDS_MEMORY)
			return false;
	}
	f.gone = wire_get_u8(in);
	f.told_ms = wire_get_i64(in);
	f.line_ms = wire_get_i64(in);
	if (in->bad || f.gone >> FIELDS || (f.gone != 0) != (f.told_ms != 0))
		return false;
	*ret = f;
	return true;
}
