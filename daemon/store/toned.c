#include "store/toned.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "store/author.h"
#include "store/mention_row.h"
#include "store/recent.h"
#include "store/state.h"

enum { LABEL_BYTES = 12, ROW_MAX_BYTES = 8 * MENTION_TEXT_MAX_BYTES };

/* --- one is set right --- */

struct tone_request {
	struct request request;
	uint8_t id[MENTION_ID_BYTES];
	char label[LABEL_BYTES], was[LABEL_BYTES];
	store_tone_cb *cb;
	void *arg;
};

/* An example, as the mention said it first; what it had by itself stays, however often it is set right. */
static int keep_example(struct writer *w, const struct mention *m, const char *label)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_TONED_ADD);

	query_put_blob(&q, m->id, MENTION_ID_BYTES);
	query_put_int(&q, clock_wall_ms());
	query_put_text(&q, label);
	query_put_text(&q, m->sentiment.by_hand ? NULL : m->sentiment.label);
	query_put_text(&q, m->lang);
	query_put_text(&q, m->title);
	query_put_text(&q, m->text);
	query_put_int(&q, (int64_t)voice_of(m));
	return query_run(&q);
}

/* The row as it is told from now on; on its way to Redis it goes with it. */
static int put(struct writer *w, const struct mention_row *row)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_STREAM_SET_CRC);
	int r = mention_row_set(w->db, row);

	if (r < 0 || !row->stream)
		return r;
	if (w->recent)
		recent_forget(w->recent, row->stream);
	query_put_int(&q, mention_row_crc(row->stream, &row->m));
	query_put_int(&q, row->stream);
	return query_run(&q);
}

static int write_tone(struct request *req, struct writer *w)
{
	struct tone_request *p = REQUEST_OF(req, struct tone_request);
	cleanup(arena_freep) struct arena *a = arena_new(MENTION_TEXT_MAX_BYTES);
	struct mention_row row;
	int r = mention_row_find(w->db, p->id, 0, a, &row);

	if (r != 0)
		return r == MENTION_ROW_E_NONE ? -ENOENT : r < 0 ? r : -EBADMSG;
	snprintf(p->was, sizeof(p->was), "%s", row.m.sentiment.label ? row.m.sentiment.label : "");
	r = keep_example(w, &row.m, p->label);
	if (r == 0 && row.stream)
		r = author_toned(w, &row.m, row.m.sentiment.label, p->label);
	if (r == 0)
		r = author_known(w, &row.m, clock_wall_ms());
	if (r < 0)
		return r;
	row.m.sentiment = (struct mention_sentiment){
		.label = p->label, .score = (p->label[0] == 'p') - (p->label[2] == 'g'), .by_hand = true};
	return put(w, &row);
}

static void finish_tone(struct request *req)
{
	struct tone_request *p = REQUEST_OF(req, struct tone_request);

	p->cb(p->arg, req->r, req->r == 0 && *p->was ? p->was : NULL);
}

static void drop_tone(struct request *req)
{
	free(req);
}

void store_tone(struct store *s, const uint8_t id[MENTION_ID_BYTES], const char *label, store_tone_cb *cb, void *arg)
{
	static const struct request_class class = {.write = write_tone, .finish = finish_tone, .drop = drop_tone};
	struct tone_request *p = NEW(struct tone_request);

	*p = (struct tone_request){.request = {.class = &class, .rows = 3}, .cb = cb, .arg = arg};
	memcpy(p->id, id, MENTION_ID_BYTES);
	snprintf(p->label, sizeof(p->label), "%s", label);
	engine_post(s->engine, &p->request);
}

/* --- examples --- */

struct toned_request {
	struct request request;
	uint8_t after[MENTION_ID_BYTES];
	bool has_after;
	size_t limit, n, cap;
	struct store_row *rows;
	struct arena *arena;
	store_rows_cb *cb;
	void *arg;
};

static void example_json(struct json *j, struct query *q)
{
	char hex[2 * MENTION_ID_BYTES + 1] = "";
	static const char *const texts[] = {"label", "was", "lang", "title", "text"};
	size_t len, i;
	const void *key = query_get_blob(q, &len);

	if (len == MENTION_ID_BYTES)
		hash_hex(key, MENTION_ID_BYTES, hex);
	json_begin_object(j, NULL);
	json_text(j, "id", hex);
	for (i = 0; i < ARRAY_LEN(texts); i++)
		json_text(j, texts[i], query_get_text(q));
	json_end_object(j);
}

static int read_toned(struct request *req, struct reader *rd)
{
	struct toned_request *p = REQUEST_OF(req, struct toned_request);
	cleanup(query_end) struct query q = query_begin(rd->db, SQL_TONED);
	cleanup(buf_done) struct buf b = BUF_INIT(ROW_MAX_BYTES);
	int r;

	query_put_blob(&q, p->after, p->has_after ? sizeof(p->after) : 0);
	query_put_int(&q, (int64_t)p->limit);
	while ((r = query_next(&q)) > 0 && !arena_full(p->arena)) {
		struct json j = JSON_OUT(&b);

		buf_reset(&b);
		example_json(&j, &q);
		if (b.full)
			continue;
		p->rows = GROW(p->rows, p->n, &p->cap);
		p->rows[p->n++] = (struct store_row){.json = arena_memdup0(p->arena, buf_str(&b), b.len), .topics = ""};
	}
	return r < 0 ? r : 0;
}

static void finish_toned(struct request *req)
{
	struct toned_request *p = REQUEST_OF(req, struct toned_request);

	p->cb(p->arg, req->r, p->rows, req->r == 0 ? p->n : 0);
}

static void drop_toned(struct request *req)
{
	struct toned_request *p = REQUEST_OF(req, struct toned_request);

	arena_free(p->arena);
	free(p->rows);
	free(p);
}

void store_toned(struct store *s, const uint8_t *after, size_t limit, store_rows_cb *cb, void *arg)
{
	static const struct request_class class = {
		.read = read_toned, .finish = finish_toned, .drop = drop_toned, .patient = true};
	struct toned_request *p = NEW(struct toned_request);

	*p = (struct toned_request){.request = {.class = &class}, .has_after = after != NULL, .cb = cb, .arg = arg};
	if (after)
		memcpy(p->after, after, sizeof(p->after));
	p->limit = limit && limit < STORE_ROWS_MAX ? limit : STORE_ROWS_MAX;
	p->arena = arena_new(STORE_ROWS_MAX_BYTES);
	engine_post(s->engine, &p->request);
}
