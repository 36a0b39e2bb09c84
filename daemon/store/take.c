#include "store/take.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "mention/mention.h"
#include "store/author.h"
#include "store/bins.h"
#include "store/forget.h"
#include "store/mention_row.h"
#include "store/recent.h"
#include "store/search.h"
#include "store/story.h"
#include "store/stream_id.h"
#include "store/writer.h"

static const struct hit *topic_in(const struct mention *m, const char *topic)
{
	size_t i;

	for (i = 0; i < m->n_hits; i++) {
		if (strcmp(m->hits[i].topic, topic) == 0)
			return &m->hits[i];
	}
	return NULL;
}

/* Adds to `to` the hits of topics that it hasn't, without spans where the texts differ, which they would point into.
 * Returns how many. */
static size_t join_hits(struct mention *to, const struct mention *from, bool same_text, struct arena *a)
{
	struct hit *v = ARENA_ARRAY(a, struct hit, to->n_hits + from->n_hits);
	size_t n = to->n_hits, i;

	if (n > 0)
		memcpy(v, to->hits, n * sizeof(*v));
	for (i = 0; i < from->n_hits && n < MENTION_HITS_MAX; i++) {
		if (topic_in(to, from->hits[i].topic))
			continue;
		v[n] = from->hits[i];
		if (!same_text)
			v[n].n_spans = 0;
		n++;
	}
	i = n - to->n_hits;
	to->hits = v;
	to->n_hits = n;
	return i;
}

/* What its topics find a row of the stream by, as far as it isn't there. */
int take_index_hits(struct writer *w, const struct mention_row *row)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < row->m.n_hits; i++) {
		cleanup(query_end) struct query q = query_begin(w->db, SQL_HIT_ADD);
		int64_t topic;

		r = writer_name(w, row->m.hits[i].topic, &topic);
		if (r < 0)
			return r;
		query_put_int(&q, topic);
		query_put_int(&q, row->stream);
		r = query_run(&q);
		if (r == 0 && db_changes(w->db) > 0)
			r = tally_use(&w->tally, w->db, topic);
	}
	return r;
}

/* The same for a row that is new: there is nothing yet, but its topics may not be told apart. */
static int index_new(struct writer *w, const struct mention_row *row)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < row->m.n_hits; i++) {
		const char *topic = row->m.hits[i].topic;
		int64_t name;

		if (topic_in(&row->m, topic) != &row->m.hits[i])
			continue; /* named before */
		r = writer_name(w, topic, &name);
		if (r == 0)
			r = stream_rows_add_hit(&w->stream_rows, w->db, name, row->stream);
		if (r == 0)
			r = tally_use(&w->tally, w->db, name);
	}
	return r;
}

/* What entered, with the hits that it has there: the request's own, since what row holds goes. */
static void note_entered(const struct mention *m, const struct mention_place *place, struct poll_result *result)
{
	struct mention *entered = ARENA_NEW(result->arena, struct mention);
	struct hit *hits = ARENA_ARRAY(result->arena, struct hit, m->n_hits);

	*entered = *m;
	if (m->n_hits)
		memcpy(hits, m->hits, m->n_hits * sizeof(*hits));
	entered->hits = hits;
	entered->place = *place;
	result->entered[result->n_entered++] = entered;
}

/* row->stream was just given: the mention is in the outbox from now on. m: as it was matched, of which row is made. */
static int enter_stream(struct writer *w, const struct mention_row *row, const struct mention *m,
			const struct story_found *story, int64_t now_ms, struct poll_result *result)
{
	const int state = w->config.outbox ? STREAM_PENDING : STREAM_KEPT;
	struct entry entry;
	int r;

	r = stream_rows_add(&w->stream_rows, w->db,
			    &(struct stream_row){.id = row->stream,
						 .mention = row->id,
						 .state = state == STREAM_PENDING
								  ? STREAM_BY_MARK
								  : state, /* above the mark, as the newest */
						 .crc = mention_row_pack(row->stream, &row->m, &w->scratch)});
	if (r < 0)
		return r;
	if (state == STREAM_PENDING && w->recent && entry_make(row->stream, &row->m, &w->scratch, &entry))
		recent_add(w->recent, row->stream, entry);
	if (w->scratch.cap > WRITER_SCRATCH_BYTES)
		buf_done(&w->scratch);
	tally_rows(&w->tally, state, 1);
	note_entered(m, &row->m.place, result);
	result->hits++;
	result->last = stream_id_unpack(row->stream);
	r = index_new(w, row);
	if (r == 0)
		r = story_put(w, row, story, now_ms);
	if (r == 0)
		r = bins_count(w->bins, w->db, &row->m);
	return r < 0 ? r : author_said(w, &row->m, story->speaker, now_ms);
}

static int keep_version(struct writer *w, const struct mention_row *row, int64_t now_ms)
{
	cleanup(query_end) struct query add = query_begin(w->db, SQL_VERSION_ADD);
	cleanup(query_end) struct query thin = query_begin(w->db, SQL_VERSION_THIN);
	int r;

	query_put_int(&add, row->id);
	query_put_int(&add, now_ms);
	query_put_text(&add, row->m.title);
	query_put_text(&add, row->m.text);
	r = query_run(&add);
	if (r < 0)
		return r;
	query_put_int(&thin, row->id);
	query_put_int(&thin, STORE_VERSIONS_MAX);
	return query_run(&thin);
}

/* The row takes over what an edit may change; not where, when and as what it was first seen. */
static int edit(struct writer *w, struct mention_row *row, const struct mention *m, int64_t now_ms, struct arena *a)
{
	struct mention old = row->m;
	bool searchable = row->id <= w->search_mark;
	int r = keep_version(w, row, now_ms);

	if (r == 0 && searchable)
		r = search_drop(w->db, row->id, &old);
	row->m.title = m->title;
	row->m.text = m->text;
	row->m.url = m->url;
	row->m.lang = m->lang;
	row->m.country = m->country;
	row->m.author = m->author;
	row->m.rating = m->rating;
	row->m.version = m->version;
	row->m.cut = m->cut;
	row->m.own = m->own;
	row->m.hits = m->hits;
	row->m.n_hits = m->n_hits;
	if (!row->m.sentiment.by_hand && m->n_hits)
		row->m.sentiment = m->sentiment; /* of the new words, as far as they were judged */
	mention_row_normalise(&row->m);
	(void)join_hits(&row->m, &old, false, a);
	if (r == 0 && searchable)
		r = search_put(w->db, row->id, &row->m);
	return r;
}

/* Writes a row that has changed, and lets it enter the stream if it hasn't and now has a hit. */
int take_put_changed(struct writer *w, struct mention_row *row, const struct mention *m, int64_t now_ms,
		     struct poll_result *result)
{
	bool enters = row->stream == 0 && row->m.n_hits > 0;
	struct story_found story;
	int r;

	if (enters) {
		row->stream = writer_next_stream(w, now_ms);
		row->m.baseline = m->baseline;
		r = story_find(w, &row->m, m->print, now_ms, &story);
		if (r < 0)
			return r;
	}
	if (w->recent)
		recent_forget(w->recent, row->stream);
	r = mention_row_set(w->db, row);
	if (r < 0 || row->stream == 0)
		return r;
	if (enters)
		return enter_stream(w, row, m, &story, now_ms, result);
	r = take_index_hits(w, row);
	if (r == 0) {
		cleanup(query_end) struct query q = query_begin(w->db, SQL_STREAM_SET_CRC);

		query_put_int(&q, mention_row_crc(row->stream, &row->m));
		query_put_int(&q, row->stream);
		r = query_run(&q);
	}
	return r;
}

static int note_sighting(struct writer *w, int64_t mention, int64_t source, int64_t now_ms, struct poll_result *result)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_SIGHTING_ADD);
	int r;

	query_put_int(&q, mention);
	query_put_int(&q, source);
	query_put_int(&q, now_ms);
	r = query_run(&q);
	if (r == 0)
		result->doubles += db_changes(w->db);
	return r;
}

/* A row, as its own source shows it now, or another one in the same words. */
static int update(struct writer *w, struct mention_row *row, const struct mention *m, bool same_text, int64_t now_ms,
		  struct arena *a, struct poll_result *result)
{
	const struct mention before = row->m;
	const bool counted = row->stream != 0;
	int r = 0;

	if (!same_text) {
		r = edit(w, row, m, now_ms, a);
		result->edited++;
	} else if (join_hits(&row->m, m, true, a) == 0) {
		return 0;
	}
	if (r == 0)
		r = take_put_changed(w, row, m, now_ms, result);
	return r < 0 || !counted ? r : bins_count_gained(w->bins, w->db, &row->m, &before, now_ms);
}

static bool same_words(const struct mention *a, const struct mention *b)
{
	return mention_content_hash(a) == mention_content_hash(b);
}

/* Has it been in the stream before, and been let go since? */
static int find_past(struct writer *w, const uint8_t *key, int64_t now_ms, bool *ret)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_PAST_SHOWN);
	int r;

	*ret = false;
	if (!w->past)
		return 0;
	query_put_int(&q, now_ms);
	query_put_blob(&q, key, MENTION_ID_BYTES);
	r = query_run(&q);
	*ret = r == 0 && db_changes(w->db) > 0;
	return r;
}

/* A new row, under the next number. */
static int add_row(struct writer *w, struct mention_row *row)
{
	int r;

	row->id = w->tally.last_mention + 1;
	r = mention_row_add(w->db, row);
	if (r != 0)
		return r;
	row->id = tally_mention(&w->tally);
	return tally_use(&w->tally, w->db, row->source);
}

/* m, of the topics that known has not, under a key that is its source's alone. False: there are none. */
static bool apart(const struct mention *m, const struct mention *known, struct arena *a, struct mention *ret)
{
	char key[2 * MENTION_ID_BYTES + 1];
	size_t i;

	*ret = *m;
	ret->hits = ARENA_ARRAY(a, struct hit, m->n_hits);
	ret->n_hits = 0;
	for (i = 0; i < m->n_hits; i++)
		if (!topic_in(known, m->hits[i].topic))
			ret->hits[ret->n_hits++] = m->hits[i];
	hash_hex(m->id, MENTION_ID_BYTES, key);
	mention_identity(m->source, key, ret->id);
	return ret->n_hits > 0;
}

/* Another source than its first shows it, in other words. */
static int take_apart(struct writer *w, const struct mention *m, const struct mention_row *known, int64_t source,
		      int64_t now_ms, struct arena *a, struct poll_result *result)
{
	struct mention_row row = {.source = source}, own;
	int64_t before = w->last_stream;
	struct story_found story;
	bool past = false;
	int r;

	if (!apart(m, &known->m, a, &row.m))
		return 0;
	r = find_past(w, row.m.id, now_ms, &past);
	if (r < 0 || past)
		return r;
	row.stream = writer_next_stream(w, now_ms);
	r = story_find(w, &row.m, m->print, now_ms, &story);
	if (r == 0)
		r = add_row(w, &row);
	if (r == 0) {
		result->new_mentions++;
		return enter_stream(w, &row, &row.m, &story, now_ms, result);
	}
	w->last_stream = before; /* not used */
	if (r == MENTION_ROW_E_KNOWN)
		r = mention_row_find(w->db, row.m.id, 0, a, &own);
	if (r != 0 || own.source != source)
		return r < 0 ? r : 0;
	return update(w, &own, &row.m, same_words(&row.m, &own.m), now_ms, a, result);
}

/* Its key is in the log, or it is the mention `id` under another key. */
static int take_known(struct writer *w, const struct mention *m, int64_t id, int64_t source, int64_t now_ms,
		      struct poll_result *result)
{
	cleanup(arena_freep) struct arena *a = arena_new(MENTION_TEXT_MAX_BYTES);
	struct mention_row row;
	bool same_text;
	int r = stream_rows_flush(&w->stream_rows, w->db);

	if (r == 0)
		r = mention_row_find(w->db, id ? NULL : m->id, id, a, &row);
	if (r != 0)
		return r < 0 ? r : 0; /* a damaged row is left as it is: the outbox tells of it */
	same_text = same_words(m, &row.m);
	if (row.source != source) {
		r = note_sighting(w, row.id, source, now_ms, result);
		if (r < 0)
			return r;
		if (!same_text)
			return take_apart(w, m, &row, source, now_ms, a, result);
	}
	return update(w, &row, m, same_text, now_ms, a, result);
}

/* The mention whose alias that key is; 0: none. */
static int find_alias(struct writer *w, const uint8_t *key, int64_t *ret)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_ALIAS_FIND);
	int r;

	*ret = 0;
	if (!w->aliases)
		return 0;
	query_put_blob(&q, key, MENTION_ID_BYTES);
	r = query_next(&q);
	*ret = r > 0 ? query_get_int(&q) : 0;
	return r < 0 ? r : 0;
}

static int put_keys(struct writer *w, enum sql sql, const uint8_t *key, const uint8_t *old)
{
	cleanup(query_end) struct query q = query_begin(w->db, sql);

	query_put_blob(&q, key, MENTION_ID_BYTES);
	query_put_blob(&q, old, MENTION_ID_BYTES);
	return query_run(&q);
}

int take_moved(struct writer *w, const uint8_t *key, const uint8_t *old)
{
	int r;

	if (memcmp(key, old, MENTION_ID_BYTES) == 0)
		return 0;
	r = put_keys(w, SQL_ALIAS_ADD, key, old);
	w->aliases |= r == 0 && db_changes(w->db) > 0;
	return r < 0 ? r : put_keys(w, SQL_PAST_MOVED, key, old);
}

int take_mention(struct writer *w, const struct mention *m, int64_t now_ms, struct poll_result *result)
{
	struct mention_row row = {.m = *m};
	int64_t before = w->last_stream, alias = 0;
	struct story_found story;
	bool past = false;
	int r = writer_name(w, m->source ? m->source : "", &row.source);

	if (r == 0)
		r = find_alias(w, m->id, &alias);
	if (r == 0 && m->n_hits > 0)
		r = find_past(w, m->id, now_ms, &past);
	if (r == 0 && !past)
		r = forget_is_asked(w, m, &past);
	if (r < 0 || past)
		return r;
	mention_row_normalise(&row.m);
	row.m.place = (struct mention_place){.story = 0}; /* no reader's to say; nor that a person judged it */
	row.m.sentiment.by_hand = false;
	if (row.m.seen_ms == TIME_NONE)
		row.m.seen_ms = now_ms;
	if (!row.m.source)
		row.m.source = "";
	if (alias)
		return take_known(w, &row.m, alias, row.source, now_ms, result);
	if (m->n_hits > 0) {
		row.stream = writer_next_stream(w, now_ms);
		r = story_find(w, &row.m, m->print, now_ms, &story);
	}
	if (r == 0)
		r = add_row(w, &row);
	if (r == MENTION_ROW_E_KNOWN) {
		w->last_stream = before; /* not used */
		return take_known(w, &row.m, 0, row.source, now_ms, result);
	}
	if (r < 0)
		return r;
	result->new_mentions++;
	return row.stream ? enter_stream(w, &row, &row.m, &story, now_ms, result) : 0;
}

static int64_t newer(int64_t now, int64_t before)
{
	return now >= 0 ? now : before;
}

static int put_counts(struct writer *w, enum sql sql, int64_t id, int64_t at, const struct mention_counts *c,
		      bool judged)
{
	cleanup(query_end) struct query q = query_begin(w->db, sql);

	query_put_int(&q, id);
	query_put_int(&q, at);
	query_put_count(&q, c->likes);
	query_put_count(&q, c->shares);
	query_put_count(&q, c->replies);
	query_put_count(&q, c->views);
	query_put_int(&q, judged);
	return query_run(&q);
}

static int set_counts(struct writer *w, int64_t id, const struct mention_counts *c)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_MENTION_SET_COUNTS);

	query_put_count(&q, c->likes);
	query_put_count(&q, c->shares);
	query_put_count(&q, c->replies);
	query_put_count(&q, c->views);
	query_put_int(&q, id);
	return query_run(&q);
}

/* Past the bound every second change goes: the curve stays, coarser. */
static int thin_counts(struct writer *w, int64_t id)
{
	cleanup(query_end) struct query count = query_begin(w->db, SQL_COUNTS_N);
	cleanup(query_end) struct query thin = query_begin(w->db, SQL_COUNTS_THIN);
	int r;

	query_put_int(&count, id);
	r = query_next(&count);
	if (r < 0 || query_get_int(&count) <= STORE_COUNTS_MAX)
		return r < 0 ? r : 0;
	query_put_int(&thin, id);
	return query_run(&thin);
}

/* What its author is kept by follows, if it is a hit. */
static int move_author(struct writer *w, int64_t id, const struct mention_counts *from, const struct mention_counts *to)
{
	cleanup(arena_freep) struct arena *a = arena_new(MENTION_TEXT_MAX_BYTES);
	struct mention_row row;
	int r = mention_row_find(w->db, NULL, id, a, &row);

	if (r != 0)
		return r < 0 ? r : 0;
	return row.stream ? author_moved(w, &row.m, from, to) : 0;
}

static int change_counts(struct writer *w, const uint8_t *key, int64_t source, const struct mention_counts *counts,
			 int64_t now_ms, bool judged)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_MENTION_COUNTS);
	struct mention_counts old, now;
	int64_t id, seen_ms, stream;
	int r;

	query_put_blob(&q, key, MENTION_ID_BYTES);
	query_put_int(&q, source);
	r = query_next(&q);
	if (r <= 0)
		return r;
	id = query_get_int(&q);
	seen_ms = query_get_int(&q);
	old.likes = query_get_count(&q);
	old.shares = query_get_count(&q);
	old.replies = query_get_count(&q);
	old.views = query_get_count(&q);
	stream = query_get_int(&q);
	query_end(&q);
	now.likes = newer(counts->likes, old.likes);
	now.shares = newer(counts->shares, old.shares);
	now.replies = newer(counts->replies, old.replies);
	now.views = newer(counts->views, old.views);
	if (memcmp(&now, &old, sizeof(now)) == 0)
		return 0;
	if (w->recent)
		recent_forget(w->recent, stream);
	r = put_counts(w, SQL_COUNTS_FIRST, id, seen_ms, &old, false);
	if (r == 0)
		r = put_counts(w, SQL_COUNTS_ADD, id, now_ms, &now, judged);
	if (r == 0)
		r = set_counts(w, id, &now);
	if (r == 0 && stream)
		r = move_author(w, id, &old, &now);
	if (r == 0)
		r = thin_counts(w, id);
	return r;
}

int take_counts(struct writer *w, const uint8_t *key, int64_t source, const struct mention_counts *counts,
		int64_t now_ms)
{
	return change_counts(w, key, source, counts, now_ms, false);
}

int take_judged_counts(struct writer *w, const uint8_t *key, int64_t source, const struct mention_counts *counts,
		       int64_t now_ms)
{
	return change_counts(w, key, source, counts, now_ms, true);
}

int take_find(struct writer *w, const uint8_t *key, struct arena *a, struct mention_row *ret)
{
	int64_t alias;
	int r = find_alias(w, key, &alias);

	return r < 0 ? r : mention_row_find(w->db, alias ? NULL : key, alias, a, ret);
}
