#include "store/story.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/wire.h"
#include "mention/print.h"
#include "mention/voice.h"
#include "store/keep.h"
#include "store/mention_row.h"
#include "store/writer.h"

enum { PRINT_MAX_BYTES = 1024, TOPICS_SHIFT = 32 };
enum part { PART_VOICE, PART_SOURCE };

/* Its first mention's, so that a log that is made anew gives the same. Never 0. */
static uint64_t story_number(const struct mention *leader)
{
	uint64_t number = 0;
	size_t i;

	for (i = 0; i < sizeof(number); i++)
		number = number << 8 | leader->id[i];
	return number ? number : 1;
}

static struct story_topics topics_of(struct writer *w, const struct mention *m)
{
	struct story_topics topics = {.n = 0};
	size_t i;

	for (i = 0; i < m->n_hits && m->n_hits <= STORY_TOPICS_MAX; i++)
		topics.v[topics.n++] = (uint32_t)(writer_name_digest(w, m->hits[i].topic) >> TOPICS_SHIFT);
	return topics;
}

static int has_part(struct writer *w, int64_t story, enum part kind, uint64_t what, bool *ret)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_STORY_PART);
	int r;

	query_put_int(&q, story);
	query_put_int(&q, kind);
	query_put_int(&q, (int64_t)what);
	r = query_next(&q);
	*ret = r > 0;
	return r < 0 ? r : 0;
}

/* Whether the story of a leader has the voice and the source of *f, and how many articles count there. */
static int look_at_story(struct writer *w, const struct story_leader *leader, struct story_found *f,
			 int64_t *ret_articles)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_STORY_BEGAN);
	uint64_t voice = leader->began.voice, source = leader->began.source;
	bool known = false;
	int r;

	query_put_int(&q, f->id);
	r = query_next(&q);
	if (r < 0)
		return r;
	f->second = r == 0;
	*ret_articles = leader->began.article;
	if (!f->second) {
		voice = (uint64_t)query_get_int(&q);
		source = (uint64_t)query_get_int(&q);
		*ret_articles = query_get_int(&q);
	}
	r = f->voice == voice || f->second ? 0 : has_part(w, f->id, PART_VOICE, f->voice, &known);
	f->new_voice = f->voice != voice && !known;
	known = false;
	if (r == 0 && f->source != source && !f->second)
		r = has_part(w, f->id, PART_SOURCE, f->source, &known);
	f->new_source = f->source != source && !known;
	return r;
}

static void join_leader(struct story_found *f, const struct story_leader *leader)
{
	f->id = leader->id;
	f->first_ms = leader->first_ms;
	f->began = leader->began;
}

int story_find(struct writer *w, struct mention *m, const struct print *print, int64_t now_ms, struct story_found *ret)
{
	const struct story_topics topics = topics_of(w, m);
	const struct story_leader *leader = print ? story_index_find(w->stories, print, &topics, now_ms) : NULL;
	struct mention_place *place = &m->place;
	int64_t articles = 0;
	int r = 0;

	*ret = (struct story_found){
		.speaker = voice_of(m), .new_voice = true, .new_source = true, .print = print, .topics = topics};
	*place = (struct mention_place){
		.story = leader ? leader->story : story_number(m), .leader = !leader, .vip = voice_among(&w->vip, m)};
	if (print) {
		ret->voice = voice_in_story_of(m, ret->speaker);
		ret->source = writer_name_digest(w, m->source ? m->source : "");
	}
	if (leader) {
		join_leader(ret, leader);
		r = look_at_story(w, leader, ret, &articles);
	}
	if (voice_among(&w->ignore, m))
		place->uncounted = UNCOUNTED_IGNORED;
	else if (!ret->new_voice)
		place->uncounted = UNCOUNTED_REPEAT;
	else if (articles && voice_is_article(m))
		place->uncounted = UNCOUNTED_SYNDICATED;
	return r;
}

static int put_part(struct writer *w, int64_t story, enum part kind, uint64_t what)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_STORY_PART_ADD);

	query_put_int(&q, story);
	query_put_int(&q, kind);
	query_put_int(&q, (int64_t)what);
	return query_run(&q);
}

/* What a mention adds to its story: whether it counts, as an article too, and the followers that a new voice brings. */
static struct story_began adds_of(const struct mention *m, const struct story_found *f)
{
	bool counts = !m->place.uncounted;
	bool reaches = f->new_voice && m->place.uncounted != UNCOUNTED_IGNORED && m->author.followers >= 0;

	return (struct story_began){.voice = f->voice,
				    .source = f->source,
				    .reach = reaches ? m->author.followers : 0,
				    .counted = counts,
				    .article = counts && voice_is_article(m),
				    .known = reaches};
}

/* Behind the fingerprint, which ended there once. */
static void topics_put(const struct story_topics *topics, struct buf *b)
{
	wire_put_u32(b, topics->n);
	wire_put_u32s(b, topics->v, topics->n);
}

static void topics_get(struct wire_in *in, struct story_topics *ret)
{
	uint32_t i;

	*ret = (struct story_topics){.n = 0};
	if (wire_done(in))
		return;
	ret->n = wire_get_u32(in);
	in->bad |= ret->n > STORY_TOPICS_MAX;
	for (i = 0; i < ret->n && !in->bad; i++)
		ret->v[i] = wire_get_u32(in);
}

/* It is in the index as soon as its fingerprint is in the log. */
static int begin(struct writer *w, const struct mention_row *row, const struct story_found *f, int64_t now_ms)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_STORY_PRINT_ADD);
	cleanup(buf_done) struct buf b = BUF_INIT(PRINT_MAX_BYTES);
	const struct story_leader leader = {.story = row->m.place.story,
					    .id = row->id,
					    .first_ms = now_ms,
					    .began = adds_of(&row->m, f),
					    .topics = f->topics,
					    .print = *f->print};
	int r;

	print_put(&b, f->print);
	topics_put(&f->topics, &b);
	query_put_int(&q, leader.id);
	query_put_int(&q, leader.first_ms);
	query_put_int(&q, (int64_t)leader.story);
	query_put_int(&q, (int64_t)leader.began.voice);
	query_put_int(&q, (int64_t)leader.began.source);
	query_put_int(&q, leader.began.reach);
	query_put_int(&q, leader.began.counted);
	query_put_int(&q, leader.began.article);
	query_put_int(&q, leader.began.known);
	query_put_blob(&q, b.data, b.len);
	r = query_run(&q);
	if (r == 0)
		story_index_add(w->stories, &leader);
	return r;
}

/* The row, now that there are two. */
static int put_second(struct writer *w, const struct mention_row *row, const struct story_found *f,
		      const struct story_began *adds, int64_t now_ms)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_STORY_ADD);

	query_put_int(&q, f->id);
	query_put_int(&q, (int64_t)row->m.place.story);
	query_put_int(&q, f->first_ms);
	query_put_int(&q, now_ms > f->first_ms ? now_ms : f->first_ms);
	query_put_int(&q, f->began.counted + adds->counted);
	query_put_int(&q, 1 + f->new_voice);
	query_put_int(&q, 1 + f->new_source);
	query_put_int(&q, f->began.article + adds->article);
	query_put_int(&q, f->began.reach + adds->reach);
	query_put_int(&q, f->began.known + adds->known);
	query_put_int(&q, (int64_t)f->began.voice);
	query_put_int(&q, (int64_t)f->began.source);
	return query_run(&q);
}

static int put_next(struct writer *w, const struct story_found *f, const struct story_began *adds, int64_t now_ms)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_STORY_JOIN);

	query_put_int(&q, f->id);
	query_put_int(&q, now_ms);
	query_put_int(&q, adds->counted);
	query_put_int(&q, f->new_voice);
	query_put_int(&q, f->new_source);
	query_put_int(&q, adds->article);
	query_put_int(&q, adds->reach);
	query_put_int(&q, adds->known);
	return query_run(&q);
}

static int join(struct writer *w, const struct mention_row *row, const struct story_found *f, int64_t now_ms)
{
	const struct story_began adds = adds_of(&row->m, f);
	int r = f->second ? put_second(w, row, f, &adds, now_ms) : put_next(w, f, &adds, now_ms);

	if (r == 0 && f->new_voice)
		r = put_part(w, f->id, PART_VOICE, f->voice);
	if (r == 0 && f->new_source)
		r = put_part(w, f->id, PART_SOURCE, f->source);
	return r;
}

int story_put(struct writer *w, const struct mention_row *row, const struct story_found *found, int64_t now_ms)
{
	if (found->id)
		return join(w, row, found, now_ms);
	return found->print ? begin(w, row, found, now_ms) : 0;
}

/* --- the index, and what is over --- */

static bool leader_read(struct query *q, struct story_leader *ret)
{
	cleanup(arena_freep) struct arena *a = arena_new(PRINT_MAX_BYTES);
	const void *bytes;
	struct wire_in in;
	size_t len;

	ret->id = query_get_int(q);
	ret->first_ms = query_get_int(q);
	ret->story = (uint64_t)query_get_int(q);
	ret->began.voice = (uint64_t)query_get_int(q);
	ret->began.source = (uint64_t)query_get_int(q);
	ret->began.reach = query_get_int(q);
	ret->began.counted = query_get_int(q);
	ret->began.article = query_get_int(q);
	ret->began.known = query_get_int(q);
	bytes = query_get_blob(q, &len);
	in = (struct wire_in)WIRE_IN((const char *)bytes, len);
	ret->print = *print_get(&in, a);
	topics_get(&in, &ret->topics);
	return wire_done(&in);
}

int story_load(struct writer *w)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_STORY_LEADERS);
	struct story_leader leader;
	size_t damaged = 0;
	int r;

	story_index_clear(w->stories);
	query_put_int(&q, clock_wall_ms() - STORY_MS);
	query_put_int(&q, STORIES_MAX);
	while ((r = query_next(&q)) > 0) {
		if (leader_read(&q, &leader))
			story_index_add(w->stories, &leader);
		else
			damaged++;
	}
	if (damaged)
		LOG_WARN("store.story_damaged", LOG_I("stories", (int64_t)damaged));
	return r;
}

/* Up to so many rows that are older; more: there may be others. */
static int drop_before(struct writer *w, enum sql sql, int64_t before_ms, bool *ret_more)
{
	cleanup(query_end) struct query q = query_begin(w->db, sql);
	int r;

	query_put_int(&q, before_ms);
	query_put_int(&q, KEEP_BATCH_ROWS);
	r = query_run(&q);
	*ret_more |= r == 0 && db_changes(w->db) == KEEP_BATCH_ROWS;
	return r;
}

static int drop_parts(struct writer *w, bool *ret_more)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_STORY_PART_OLD);
	int r;

	query_put_int(&q, KEEP_BATCH_ROWS);
	r = query_run(&q);
	*ret_more |= r == 0 && db_changes(w->db) == KEEP_BATCH_ROWS;
	return r;
}

int story_sweep(struct writer *w, int64_t now_ms, bool *ret_more)
{
	int r = drop_before(w, SQL_STORY_PRINT_OLD, now_ms - STORY_MS, ret_more);

	if (r == 0)
		r = drop_parts(w, ret_more);
	if (r < 0 || w->config.keep_hits_ms <= 0)
		return r;
	r = drop_before(w, SQL_STORY_OLD, now_ms - w->config.keep_hits_ms, ret_more);
	return r < 0 ? r : drop_before(w, SQL_AUTHOR_OLD, now_ms - w->config.keep_hits_ms, ret_more);
}
