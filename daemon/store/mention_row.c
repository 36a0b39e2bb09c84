#include "store/mention_row.h"

#include <errno.h>
#include <libdeflate.h>
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/wire.h"

enum {
	FLAG_OWN = 1,
	FLAG_SUSPECT = 2,
	FLAG_BASELINE = 4,
	FLAG_CUT = 8,
	FLAG_GUID_IS_URL = 16, /* as most feeds have it: kept once */
	FLAG_VERIFIED = 32,
	FLAG_UNVERIFIED = 64,
	HITS_VERSION = 1, /* mention_hits_put() */
	HITS_VERSION_INTENTS =
		2, /* and mention_intents_put(): where there are some, so that a program of before reads the rest */
	HITS_VERSION_LIMITED = 3, /* and mention_limited_put(), the same */
	HITS_VERSION_MORE = 4,    /* and mention_more_put(), the same; without a hit, too */
	HITS_VERSION_TONE = 5,    /* and, behind a byte that says whether there is more, mention_sentiment_put() */
	HITS_VERSION_PARTS =
		6, /* all up to mention_limited_put(), a byte of what follows (PART_…), and that, in its order */
	PART_MORE = 1,
	PART_TONE = 2,
	PART_PLACE = 4,
	PART_ALL = PART_MORE | PART_TONE | PART_PLACE,
	PACKED_BYTES = 512, /* about, without the text */
	HITS_BYTES = 256,   /* about, of a hit with its places */
};

void mention_row_normalise(struct mention *m)
{
	int64_t *const counts[] = {&m->counts.likes, &m->counts.shares, &m->counts.replies, &m->counts.views,
				   &m->author.followers};
	size_t i;

	for (i = 0; i < ARRAY_LEN(counts); i++) {
		if (*counts[i] < 0)
			*counts[i] = COUNT_NONE;
	}
	m->rating = isnan(m->rating) ? (double)NAN : m->rating + 0.0; /* SQLite keeps -0.0 as 0 */
}

uint32_t mention_row_pack(int64_t stream, const struct mention *m, struct buf *b)
{
	struct mention uncounted = *m;

	uncounted.counts = (struct mention_counts){COUNT_NONE, COUNT_NONE, COUNT_NONE, COUNT_NONE};
	uncounted.print = NULL; /* not of the row */
	buf_reset(b);
	(void)buf_reserve(b, PACKED_BYTES + (m->text ? strlen(m->text) : 0));
	wire_put_i64(b, stream);
	mention_put(b, &uncounted);
	return libdeflate_crc32(0, b->data, b->len);
}

uint32_t mention_row_crc(int64_t stream, const struct mention *m)
{
	cleanup(buf_done) struct buf b = BUF_INIT(MENTION_ROW_PACKED_MAX_BYTES);

	return mention_row_pack(stream, m, &b);
}

static int64_t flags_of(const struct mention *m, bool guid_is_url)
{
	const int64_t verified[] = {[VERIFIED_NO] = FLAG_UNVERIFIED, [VERIFIED_YES] = FLAG_VERIFIED};

	return verified[m->author.verified] | (m->own ? FLAG_OWN : 0) | (m->date_suspect ? FLAG_SUSPECT : 0) |
	       (m->baseline ? FLAG_BASELINE : 0) | (m->cut ? FLAG_CUT : 0) | (guid_is_url ? FLAG_GUID_IS_URL : 0);
}

/* The 25 columns that SQL_MENTION_ADD and SQL_MENTION_SET have alike. hits must live until the statement ran. */
static void put_columns(struct query *q, const struct mention_row *row, const struct buf *hits)
{
	const struct mention *m = &row->m;
	bool guid_is_url = m->guid && m->url && strcmp(m->guid, m->url) == 0;

	query_put_blob(q, m->id, sizeof(m->id));
	query_put_time(q, row->stream ? row->stream : TIME_NONE);
	query_put_int(q, m->seen_ms);
	query_put_time(q, m->published_ms);
	query_put_int(q, row->source);
	query_put_int(q, flags_of(m, guid_is_url));
	query_put_count(q, m->counts.likes);
	query_put_count(q, m->counts.shares);
	query_put_count(q, m->counts.replies);
	query_put_count(q, m->counts.views);
	query_put_real(q, m->rating);
	query_put_count(q, m->author.followers);
	query_put_text(q, m->platform);
	query_put_text(q, m->kind);
	query_put_text(q, m->lang);
	query_put_text(q, m->country);
	query_put_text(q, m->author.name);
	query_put_text(q, m->author.handle);
	query_put_text(q, m->author.url);
	query_put_text(q, guid_is_url ? NULL : m->guid);
	query_put_text(q, m->url);
	query_put_text(q, m->parent);
	query_put_text(q, m->title);
	query_put_blob(q, hits->data, hits->len);
	query_put_text(q, m->text);
}

/* False: past a bound. */
static bool hits_put(struct buf *b, const struct mention *m)
{
	unsigned version = HITS_VERSION;
	size_t i;

	if (m->n_hits > MENTION_HITS_MAX || m->sentiment.n_words > MENTION_TONE_WORDS_MAX)
		return false;
	for (i = 0; i < m->n_hits; i++) {
		const struct hit *h = &m->hits[i];

		if (h->n_rules > MENTION_NAMES_MAX || h->n_tags > MENTION_NAMES_MAX ||
		    h->n_intents > MENTION_NAMES_MAX || h->n_spans > MENTION_SPANS_MAX ||
		    h->n_limited > MENTION_LIMITED_MAX)
			return false;
		if (h->n_limited)
			version = HITS_VERSION_LIMITED;
		else if (h->n_intents && version == HITS_VERSION)
			version = HITS_VERSION_INTENTS;
	}
	if (mention_has_more(m))
		version = HITS_VERSION_MORE;
	if (m->sentiment.label)
		version = HITS_VERSION_TONE;
	if (mention_has_place(m))
		version = HITS_VERSION_PARTS;
	if (m->n_hits > 0 || version >= HITS_VERSION_MORE) {
		(void)buf_reserve(b, HITS_BYTES);
		wire_put_u8(b, (uint8_t)version);
		mention_hits_put(b, m);
	}
	if (version >= HITS_VERSION_INTENTS)
		mention_intents_put(b, m);
	if (version >= HITS_VERSION_LIMITED)
		mention_limited_put(b, m);
	if (version == HITS_VERSION_TONE)
		wire_put_u8(b, mention_has_more(m));
	if (version == HITS_VERSION_PARTS)
		wire_put_u8(b, (uint8_t)((mention_has_more(m) ? PART_MORE : 0) | (m->sentiment.label ? PART_TONE : 0) |
					 PART_PLACE));
	if (mention_has_more(m))
		mention_more_put(b, m);
	if (m->sentiment.label)
		mention_sentiment_put(b, &m->sentiment);
	if (version == HITS_VERSION_PARTS)
		mention_place_put(b, m);
	return !b->full;
}

int mention_row_add(struct db *db, const struct mention_row *row)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_MENTION_ADD);
	cleanup(buf_done) struct buf hits = BUF_INIT(MENTION_ROW_HITS_MAX_BYTES);
	int r;

	if (!hits_put(&hits, &row->m))
		return -EINVAL;
	query_put_int(&q, row->id);
	put_columns(&q, row, &hits);
	r = query_run(&q);
	if (r < 0)
		return r;
	return db_changes(db) == 0 ? MENTION_ROW_E_KNOWN : 0;
}

int mention_row_set(struct db *db, const struct mention_row *row)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_MENTION_SET);
	cleanup(buf_done) struct buf hits = BUF_INIT(MENTION_ROW_HITS_MAX_BYTES);

	if (!hits_put(&hits, &row->m))
		return -EINVAL;
	put_columns(&q, row, &hits);
	query_put_int(&q, row->id);
	return query_run(&q);
}

/* What follows the limited patterns, as the version says, or the byte behind them. */
static unsigned parts_get(struct wire_in *in, unsigned version)
{
	unsigned parts;

	if (version < HITS_VERSION_TONE)
		return version == HITS_VERSION_MORE ? PART_MORE : 0;
	parts = wire_get_u8(in);
	if (version == HITS_VERSION_TONE)
		return PART_TONE | (parts ? PART_MORE : 0);
	if (parts & ~(unsigned)PART_ALL)
		in->bad = true;
	return parts;
}

static bool hits_get(const char *bytes, size_t len, struct arena *a, struct mention *m)
{
	struct wire_in in = WIRE_IN(bytes, len);
	unsigned version, parts;

	if (len == 0)
		return true;
	version = wire_get_u8(&in);
	if (version < HITS_VERSION || version > HITS_VERSION_PARTS)
		return false;
	mention_hits_get(&in, a, m);
	if (version >= HITS_VERSION_INTENTS)
		mention_intents_get(&in, a, m);
	if (version >= HITS_VERSION_LIMITED)
		mention_limited_get(&in, a, m);
	parts = parts_get(&in, version);
	if (parts & PART_MORE)
		mention_more_get(&in, a, m);
	if (parts & PART_TONE)
		mention_sentiment_get(&in, a, &m->sentiment);
	if (parts & PART_PLACE)
		mention_place_get(&in, m);
	return wire_done(&in);
}

int mention_row_read(struct query *q, struct arena *a, struct mention_row *ret)
{
	struct mention *m = &ret->m;
	const void *bytes;
	size_t len;
	int64_t flags;

	mention_init(m);
	ret->id = query_get_int(q);
	bytes = query_get_blob(q, &len);
	if (len != MENTION_ID_BYTES)
		return MENTION_ROW_E_DAMAGED;
	memcpy(m->id, bytes, MENTION_ID_BYTES);
	ret->stream = query_get_int(q);
	m->seen_ms = query_get_int(q);
	m->published_ms = query_get_time(q);
	ret->source = query_get_int(q);
	m->source = query_get_copy(q, a);
	flags = query_get_int(q);
	m->counts.likes = query_get_count(q);
	m->counts.shares = query_get_count(q);
	m->counts.replies = query_get_count(q);
	m->counts.views = query_get_count(q);
	m->rating = query_get_real(q);
	m->author.followers = query_get_count(q);
	m->platform = query_get_copy(q, a);
	m->kind = query_get_copy(q, a);
	m->lang = query_get_copy(q, a);
	m->country = query_get_copy(q, a);
	m->author.name = query_get_copy(q, a);
	m->author.handle = query_get_copy(q, a);
	m->author.url = query_get_copy(q, a);
	m->guid = query_get_copy(q, a);
	m->url = query_get_copy(q, a);
	m->parent = query_get_copy(q, a);
	m->title = query_get_copy(q, a);
	bytes = query_get_blob(q, &len);
	m->text = query_get_copy(q, a);
	m->own = flags & FLAG_OWN;
	m->date_suspect = flags & FLAG_SUSPECT;
	m->baseline = flags & FLAG_BASELINE;
	m->cut = flags & FLAG_CUT;
	if (flags & (FLAG_VERIFIED | FLAG_UNVERIFIED))
		m->author.verified = flags & FLAG_VERIFIED ? VERIFIED_YES : VERIFIED_NO;
	if (flags & FLAG_GUID_IS_URL)
		m->guid = m->url;
	return hits_get(bytes, len, a, m) ? 0 : MENTION_ROW_E_DAMAGED;
}

int mention_row_find(struct db *db, const uint8_t *key, int64_t id, struct arena *a, struct mention_row *ret)
{
	cleanup(query_end) struct query q = query_begin(db, key ? SQL_MENTION_FIND : SQL_MENTION_BY_ID);
	int r;

	if (key)
		query_put_blob(&q, key, MENTION_ID_BYTES);
	else
		query_put_int(&q, id);
	r = query_next(&q);
	if (r < 0)
		return r;
	return r > 0 ? mention_row_read(&q, a, ret) : MENTION_ROW_E_NONE;
}
