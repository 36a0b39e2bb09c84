#include "store/ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/utf8.h"
#include "store/mention_row.h"
#include "store/state.h"
#include "store/stream_id.h"

enum { ROW_MAX_BYTES = 64 * 1024, TEXT_SHOWN_BYTES = 280 };

struct ledger_request {
	struct request request;
	struct store_ledger_filter filter;
	struct arena *arena; /* the filter's texts, and the rows */
	struct store_row *rows;
	size_t n, cap;
	store_rows_cb *cb;
	void *arg;
};

static void row_add(struct ledger_request *p, const struct buf *json)
{
	p->rows = GROW(p->rows, p->n, &p->cap);
	p->rows[p->n++] = (struct store_row){.json = arena_memdup0(p->arena, buf_str(json), json->len), .topics = ""};
}

static void story_json(struct json *j, const char *key, uint64_t story)
{
	char hex[17];

	snprintf(hex, sizeof(hex), "%016" PRIx64, story);
	json_text(j, key, hex);
}

/* --- stories --- */

/* What its leader says, where it is there: q stands at its address. */
static void leader_json(struct json *j, struct query *q, struct arena *a)
{
	const char *url = query_get_copy(q, a), *title = query_get_copy(q, a), *text = query_get_copy(q, a);
	const char *source = query_get_copy(q, a);
	char id[2 * MENTION_ID_BYTES + 1];
	size_t len;
	const void *key = query_get_blob(q, &len);

	if (len != MENTION_ID_BYTES)
		return;
	hash_hex(key, MENTION_ID_BYTES, id);
	json_text(j, "leader", id);
	json_text(j, "source", source);
	json_text(j, "title", title);
	json_text(j, "url", url);
	json_text(j, "text", text ? arena_memdup0(a, text, utf8_cut(text, strlen(text), TEXT_SHOWN_BYTES)) : NULL);
}

static void story_row(struct json *j, struct query *q, struct arena *a)
{
	static const char *const counts[] = {"mentions", "counted",         "authors",
					     "sources",  "potential_reach", "reach_known"};
	int64_t first, last;
	size_t i;

	json_begin_object(j, NULL);
	story_json(j, "story", (uint64_t)query_get_int(q));
	first = query_get_int(q);
	last = query_get_int(q);
	for (i = 0; i < ARRAY_LEN(counts); i++)
		json_int(j, counts[i], query_get_int(q));
	json_time(j, "first", first, false);
	json_time(j, "last", last, false);
	leader_json(j, q, a);
	json_end_object(j);
}

static int read_stories(struct request *req, struct reader *rd)
{
	struct ledger_request *p = REQUEST_OF(req, struct ledger_request);
	cleanup(query_end) struct query q = query_begin(rd->db, SQL_STORIES);
	cleanup(buf_done) struct buf b = BUF_INIT(ROW_MAX_BYTES);
	int r;

	query_put_int(&q, p->filter.since_ms == TIME_NONE ? INT64_MIN : p->filter.since_ms);
	query_put_int(&q, (int64_t)p->filter.limit);
	while ((r = query_next(&q)) > 0 && !arena_full(p->arena)) {
		cleanup(arena_freep) struct arena *a = arena_new(4 * MENTION_TEXT_MAX_BYTES);
		struct json j = JSON_OUT(&b);

		buf_reset(&b);
		story_row(&j, &q, a);
		if (!b.full)
			row_add(p, &b);
	}
	return r < 0 ? r : 0;
}

/* --- authors --- */

struct line {
	uint64_t voice;
	struct mention m; /* its platform and author */
	int64_t mentions, tones[3], interactions, first_ms, last_ms;
};

static const char *const tone_names[] = {"negative", "neutral", "positive"};

static void line_json(struct json *j, const struct ledger_request *p, const struct line *l)
{
	const struct mention_author *a = &l->m.author;
	size_t i;

	json_begin_object(j, NULL);
	json_begin_object(j, "author");
	json_text(j, "name", a->name);
	json_text(j, "handle", voice_handle(&l->m));
	json_text(j, "url", a->url);
	if (a->followers >= 0)
		json_int(j, "followers", a->followers);
	if (a->verified)
		json_bool(j, "verified", a->verified == VERIFIED_YES);
	json_end_object(j);
	json_text(j, "platform", l->m.platform);
	json_int(j, "mentions", l->mentions);
	for (i = 0; i < ARRAY_LEN(tone_names); i++)
		json_int(j, tone_names[i], l->tones[i]);
	json_int(j, "interactions", l->interactions);
	json_int(j, "influence", voice_influence(a->followers, l->interactions, l->mentions));
	json_time(j, "first", l->first_ms, false);
	json_time(j, "last", l->last_ms, false);
	if (voice_among(&p->filter.vip, &l->m))
		json_bool(j, "vip", true);
	if (voice_among(&p->filter.ignore, &l->m))
		json_bool(j, "ignored", true);
	json_end_object(j);
}

static void line_add(struct ledger_request *p, const struct line *l)
{
	cleanup(buf_done) struct buf b = BUF_INIT(ROW_MAX_BYTES);
	struct json j = JSON_OUT(&b);

	line_json(&j, p, l);
	if (!b.full && !arena_full(p->arena))
		row_add(p, &b);
}

/* A row of SQL_AUTHORS. */
static struct line line_read(struct query *q, struct arena *a)
{
	struct line l = {.voice = (uint64_t)query_get_int(q)};
	int64_t verified;
	size_t i;

	mention_init(&l.m);
	l.m.platform = query_get_copy(q, a);
	l.m.author.handle = query_get_copy(q, a);
	l.m.author.name = query_get_copy(q, a);
	l.m.author.url = query_get_copy(q, a);
	verified = query_get_count(q);
	l.m.author.verified = verified < 0 ? VERIFIED_UNKNOWN : verified ? VERIFIED_YES : VERIFIED_NO;
	l.mentions = query_get_int(q);
	for (i = 0; i < ARRAY_LEN(l.tones); i++)
		l.tones[i] = query_get_int(q);
	l.m.author.followers = query_get_count(q);
	l.interactions = query_get_int(q);
	l.first_ms = query_get_int(q);
	l.last_ms = query_get_int(q);
	return l;
}

static int read_all(struct ledger_request *p, struct db *db)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_AUTHORS);
	int r;

	query_put_int(&q, p->filter.since_ms == TIME_NONE ? INT64_MIN : p->filter.since_ms);
	query_put_int(&q, (int64_t)p->filter.limit);
	while ((r = query_next(&q)) > 0 && !arena_full(p->arena)) {
		cleanup(arena_freep) struct arena *a = arena_new(ROW_MAX_BYTES);
		struct line l = line_read(&q, a);

		line_add(p, &l);
	}
	return r < 0 ? r : 0;
}

/* --- authors of a topic --- */

/* By a number that is not 0: a table with free places, and what is in it, in the order in which it came. */
struct counted {
	uint64_t number;
	int64_t n;
};

struct topic {
	struct arena *texts;
	struct line *lines;
	struct counted *stories;
	size_t n_lines, cap_lines, n_stories, cap_stories;
	size_t *slots, *story_slots; /* place + 1; 2 × LEDGER_HITS_MAX of them, so that some are free */
	int64_t mentions, counted, unnamed, first_heard;
	bool more;
};

enum { SLOTS = 1 << 17 };
_Static_assert(SLOTS > 2 * LEDGER_HITS_MAX, "some are free");

static size_t *slot_of(size_t *slots, const void *v, size_t item_size, uint64_t number)
{
	size_t i = (size_t)(number * UINT64_C(0x9e3779b97f4a7c15) >> 40) % SLOTS;

	/* each item begins with its number */
	while (slots[i] && memcmp((const char *)v + (slots[i] - 1) * item_size, &number, sizeof(number)) != 0)
		i = (i + 1) % SLOTS;
	return &slots[i];
}

static struct line *line_of(struct topic *t, const struct mention *m, uint64_t voice)
{
	size_t *slot = slot_of(t->slots, t->lines, sizeof(*t->lines), voice);
	struct line *l;

	if (!*slot) {
		t->lines = GROW(t->lines, t->n_lines, &t->cap_lines);
		l = &t->lines[t->n_lines++];
		*l = (struct line){.voice = voice, .first_ms = m->seen_ms, .last_ms = m->seen_ms};
		mention_init(&l->m);
		l->m.platform = arena_strdup(t->texts, m->platform);
		l->m.author = m->author;
		l->m.author.name = arena_strdup(t->texts, m->author.name);
		l->m.author.handle = arena_strdup(t->texts, m->author.handle);
		l->m.author.url = arena_strdup(t->texts, m->author.url);
		l->m.url = arena_strdup(t->texts, m->url);
		*slot = t->n_lines;
	}
	return &t->lines[*slot - 1];
}

static void hit_add(struct topic *t, const struct mention *m)
{
	const int64_t counts[] = {m->counts.likes, m->counts.shares, m->counts.replies};
	uint64_t voice = voice_of(m);
	struct line *l;
	size_t i, *slot = slot_of(t->story_slots, t->stories, sizeof(*t->stories), m->place.story);

	t->mentions++;
	t->counted += m->place.uncounted == UNCOUNTED_NOT;
	if (m->place.story && !*slot) {
		t->stories = GROW(t->stories, t->n_stories, &t->cap_stories);
		t->stories[t->n_stories++] = (struct counted){m->place.story, 0};
		*slot = t->n_stories;
	}
	if (m->place.story)
		t->stories[*slot - 1].n++;
	if (!voice) {
		t->unnamed++;
		return;
	}
	l = line_of(t, m, voice);
	l->mentions++;
	for (i = 0; i < ARRAY_LEN(l->tones); i++)
		l->tones[i] += m->sentiment.label && strcmp(m->sentiment.label, tone_names[i]) == 0;
	for (i = 0; i < ARRAY_LEN(counts); i++)
		l->interactions += counts[i] > 0 ? counts[i] : 0;
	if (m->author.followers > l->m.author.followers)
		l->m.author.followers = m->author.followers;
	l->first_ms = m->seen_ms < l->first_ms ? m->seen_ms : l->first_ms;
	l->last_ms = m->seen_ms > l->last_ms ? m->seen_ms : l->last_ms;
}

static int read_hits(struct ledger_request *p, struct db *db, struct topic *t)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_HITS_NEWEST_TOPIC);
	int64_t since =
		p->filter.since_ms == TIME_NONE ? 0 : stream_id_pack((struct stream_id){.ms = p->filter.since_ms});
	int r;

	query_put_text(&q, p->filter.topic);
	query_put_int(&q, LEDGER_HITS_MAX + 1);
	while ((r = query_next(&q)) > 0) {
		cleanup(arena_freep) struct arena *a = arena_new(MENTION_TEXT_MAX_BYTES);
		struct mention_row row;

		r = mention_row_read(&q, a, &row);
		if (r < 0 || row.stream < since)
			break;
		t->more = t->mentions == LEDGER_HITS_MAX;
		if (t->more)
			break;
		if (r == 0) /* a damaged one is left out: the outbox tells of it */
			hit_add(t, &row.m);
	}
	return r < 0 ? r : 0;
}

/* Whose first hit of all lies in this time. */
static int read_first_heard(struct ledger_request *p, struct db *db, struct topic *t)
{
	size_t i;
	int r = 0;

	for (i = 0; r >= 0 && i < t->n_lines; i++) {
		cleanup(query_end) struct query q = query_begin(db, SQL_AUTHOR_FIRST);

		query_put_int(&q, (int64_t)t->lines[i].voice);
		r = query_next(&q);
		if (r > 0 && p->filter.since_ms != TIME_NONE && query_get_int(&q) >= p->filter.since_ms)
			t->first_heard += t->lines[i].mentions;
	}
	return r < 0 ? r : 0;
}

static int by_mentions(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->mentions != y->mentions)
		return x->mentions < y->mentions ? 1 : -1;
	if (x->last_ms != y->last_ms)
		return x->last_ms < y->last_ms ? 1 : -1;
	return x->voice < y->voice ? -1 : x->voice > y->voice;
}

static double share(int64_t n, const struct topic *t)
{
	return t->mentions ? (double)(n * 1000 / t->mentions) / 1000 : 0;
}

static void sum_add(struct ledger_request *p, const struct topic *t)
{
	cleanup(buf_done) struct buf b = BUF_INIT(ROW_MAX_BYTES);
	struct json j = JSON_OUT(&b);
	const struct counted *largest = NULL;
	size_t i;

	for (i = 0; i < t->n_stories; i++)
		if (!largest || t->stories[i].n > largest->n)
			largest = &t->stories[i];
	json_begin_object(&j, NULL);
	json_text(&j, "topic", p->filter.topic);
	json_time(&j, "since", p->filter.since_ms, false);
	json_int(&j, "mentions", t->mentions);
	json_int(&j, "counted", t->counted);
	json_int(&j, "authors", (int64_t)t->n_lines);
	json_int(&j, "unnamed", t->unnamed);
	if (p->filter.since_ms != TIME_NONE)
		json_double(&j, "first_heard", share(t->first_heard, t));
	if (largest && largest->n > 1) {
		json_begin_object(&j, "largest_story");
		story_json(&j, "story", largest->number);
		json_double(&j, "share", share(largest->n, t));
		json_end_object(&j);
	}
	json_double(&j, "loudest", share(t->n_lines ? t->lines[0].mentions : 0, t));
	if (t->more)
		json_bool(&j, "more", true);
	json_end_object(&j);
	row_add(p, &b);
}

static int read_topic(struct ledger_request *p, struct db *db)
{
	struct topic t = {.texts = arena_new(STORE_ROWS_MAX_BYTES * 4)};
	size_t i;
	int r;

	t.slots = xcalloc(SLOTS, sizeof(*t.slots));
	t.story_slots = xcalloc(SLOTS, sizeof(*t.story_slots));
	r = read_hits(p, db, &t);
	if (r == 0)
		r = read_first_heard(p, db, &t);
	if (r == 0) {
		if (t.n_lines)
			qsort(t.lines, t.n_lines, sizeof(*t.lines), by_mentions);
		sum_add(p, &t);
		for (i = 0; i < t.n_lines && i < p->filter.limit; i++)
			line_add(p, &t.lines[i]);
	}
	free(t.lines);
	free(t.stories);
	free(t.slots);
	free(t.story_slots);
	arena_free(t.texts);
	return r;
}

static int read_authors(struct request *req, struct reader *rd)
{
	struct ledger_request *p = REQUEST_OF(req, struct ledger_request);

	return p->filter.topic ? read_topic(p, rd->db) : read_all(p, rd->db);
}

/* --- the requests --- */

static void finish(struct request *req)
{
	struct ledger_request *p = REQUEST_OF(req, struct ledger_request);

	p->cb(p->arg, req->r, p->rows, req->r == 0 ? p->n : 0);
}

static void drop(struct request *req)
{
	struct ledger_request *p = REQUEST_OF(req, struct ledger_request);

	arena_free(p->arena);
	free(p->rows);
	free(p);
}

static void post(struct store *s, const struct request_class *class, const struct store_ledger_filter *filter,
		 store_rows_cb *cb, void *arg)
{
	struct ledger_request *p = NEW(struct ledger_request);

	*p = (struct ledger_request){.request = {.class = class}, .filter = *filter, .cb = cb, .arg = arg};
	p->arena = arena_new(STORE_ROWS_MAX_BYTES);
	p->filter.topic = arena_strdup(p->arena, filter->topic);
	p->filter.vip = writer_names_copy(p->arena, &filter->vip);
	p->filter.ignore = writer_names_copy(p->arena, &filter->ignore);
	if (!filter->limit || filter->limit > STORE_ROWS_MAX)
		p->filter.limit = STORE_ROWS_MAX;
	engine_post(s->engine, &p->request);
}

void store_stories(struct store *s, const struct store_ledger_filter *filter, store_rows_cb *cb, void *arg)
{
	static const struct request_class class = {
		.read = read_stories, .finish = finish, .drop = drop, .patient = true};

	post(s, &class, filter, cb, arg);
}

void store_authors(struct store *s, const struct store_ledger_filter *filter, store_rows_cb *cb, void *arg)
{
	static const struct request_class class = {
		.read = read_authors, .finish = finish, .drop = drop, .patient = true};

	post(s, &class, filter, cb, arg);
}
