/* store/poll: one poll's outcome in one transaction (store/store.h). */
#include "store/store.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/wire.h"
#include "store/deaf.h"
#include "store/inbox.h"
#include "store/raise.h"
#include "store/seen.h"
#include "store/sources.h"
#include "store/state.h"
#include "store/take.h"

enum {
	SEEN_DAYS_PART = 36500,
	HAND_MADE_MAX_BYTES = 8 << 20,
	SEEN_MAX_BYTES = 1 + STORE_SEEN_MAX * (SEEN_KEY_BYTES + 4)
};

struct poll_request {
	struct request request;
	struct poll_outcome outcome; /* its texts are in texts, its answer in answer_arena */
	struct answer answer;
	struct mention *hand_made; /* store_add(): this alone */
	struct arena *texts, *answer_arena;
	struct poll_result result;
	store_poll_cb *cb;
	void *arg;
};

/* More keys than are kept of a source: what it shows of the others comes as new. The log knows it by its mention, and what
 * retention lets go of that by its key (store/schema). */
static int note_crowded(struct writer *w, int64_t source, const char *name, size_t lost)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_SOURCE_CROWDED);

	LOG_LIMITED("store.seen_full", LOG_S("source", name), LOG_I("lost", (int64_t)lost),
		    LOG_I("max", STORE_SEEN_MAX));
	query_put_int(&q, source);
	return query_run(&q);
}

/* The keys that the answer showed, into the source's blob; written only if that changes it. */
static int write_seen(struct writer *w, int64_t source, const struct poll_outcome *o)
{
	const struct answer *answer = o->answer;
	cleanup(arena_freep) struct arena *a = arena_new(SEEN_MAX_BYTES);
	cleanup(buf_done) struct buf blob = BUF_INIT(SEEN_MAX_BYTES);
	cleanup(query_end) struct query load = query_begin(w->db, SQL_SEEN_LOAD);
	cleanup(query_end) struct query put = query_begin(w->db, SQL_SEEN_PUT);
	struct seen_entry *old = NULL, *now;
	size_t n_old = 0, n_now, len, lost;
	int r;

	query_put_int(&load, source);
	r = query_next(&load);
	if (r < 0)
		return r;
	if (r > 0) {
		const void *bytes = query_get_blob(&load, &len);

		if (!seen_get(bytes, len, a, &old, &n_old))
			LOG_LIMITED("store.seen_damaged", LOG_I("source", source));
	}
	now = ARENA_ARRAY(a, struct seen_entry, n_old + answer->n_items);
	if (!seen_merge(old, n_old, answer->items, answer->n_items, o->now_ms,
			o->more ? SEEN_DAYS_PART : STORE_SEEN_DAYS, STORE_SEEN_MAX, now, &n_now, &lost))
		return 0;
	if (lost > 0) {
		r = note_crowded(w, source, o->state.name, lost);
		if (r < 0)
			return r;
	}
	seen_put(&blob, now, n_now);
	query_put_int(&put, source);
	query_put_blob(&put, blob.data, blob.len);
	return query_run(&put);
}

/* New mentions and edits follow the items in their order; counts stand with the item. */
static int write_items(struct writer *w, const struct answer *answer, const char *name, int64_t source, int64_t now_ms,
		       struct arena *a, struct poll_result *result)
{
	size_t i, next = 0;
	int r = 0;

	result->entered = ARENA_ARRAY(a, const struct mention *, answer->n_mentions);
	result->gained = ARENA_ARRAY(a, struct poll_gain, answer->n_mentions);
	result->arena = a;
	for (i = 0; r == 0 && i < answer->n_items; i++) {
		const struct item_mark *item = &answer->items[i];

		if (item->state == ITEM_NEW || item->state == ITEM_EDITED || item->state == ITEM_JUDGED) {
			struct mention m;

			if (next == answer->n_mentions)
				return -EINVAL;
			m = answer->mentions[next++];
			m.source = name; /* the answer's own word on it is not asked for */
			r = item->state == ITEM_JUDGED ? raise_mention(w, &m, source, now_ms, result)
						       : take_mention(w, &m, now_ms, result);
		}
		result->counted += item->state == ITEM_JUDGED || item->state == ITEM_COUNTED;
		if (r == 0 && (item->state == ITEM_COUNTED || item->state == ITEM_EDITED))
			r = take_counts(w, item->key.id, source, &item->counts, now_ms);
		if (r == 0 && item->state == ITEM_MOVED)
			r = take_moved(w, item->key.id, item->old);
	}
	return r;
}

static int write_poll(struct request *req, struct writer *w)
{
	struct poll_request *p = REQUEST_OF(req, struct poll_request);
	const struct poll_outcome *o = &p->outcome;
	int64_t now_ms = clock_wall_ms(), source;
	size_t i;
	int r;

	p->result = (struct poll_result){.hits = 0};
	if (p->hand_made) {
		p->result.entered = ARENA_ARRAY(p->texts, const struct mention *, 1);
		p->result.arena = p->texts;
		r = take_mention(w, p->hand_made, now_ms, &p->result);
		return r < 0 ? r : stream_rows_flush(&w->stream_rows, w->db);
	}
	if (!o->state.name)
		return -EINVAL;
	r = writer_name(w, o->state.name, &source);
	if (r == 0)
		r = source_write(w->db, source, &o->state);
	for (i = 0; r == 0 && i < o->n_deaf; i++)
		r = deaf_write(w->db, source, &o->deaf[i]);
	if (r == 0 && o->answer && o->answer->status == ANSWER_OK)
		r = write_seen(w, source, o);
	if (r == 0 && o->answer)
		r = write_items(w, o->answer, o->state.name, source, now_ms, p->texts, &p->result);
	if (r == 0 && o->inbox)
		r = inbox_drop(w, o->state.name, o->inbox);
	return r < 0 ? r : stream_rows_flush(&w->stream_rows, w->db);
}

static void finish_poll(struct request *req)
{
	struct poll_request *p = REQUEST_OF(req, struct poll_request);

	p->cb(p->arg, req->r, req->r == 0 ? &p->result : NULL);
}

static void drop_poll(struct request *req)
{
	struct poll_request *p = REQUEST_OF(req, struct poll_request);

	arena_free(p->texts);
	arena_free(p->answer_arena);
	free(p);
}

static const struct request_class poll_class = {
	.write = write_poll, .finish = finish_poll, .drop = drop_poll, .grows = true, .gathers = true};

static struct poll_request *poll_request_new(store_poll_cb *cb, void *arg)
{
	struct poll_request *p = NEW(struct poll_request);

	p->request = (struct request){.class = &poll_class, .rows = 1};
	p->texts = arena_new(HAND_MADE_MAX_BYTES);
	p->cb = cb;
	p->arg = arg;
	return p;
}

void store_poll(struct store *s, const struct poll_outcome *outcome, struct arena *answer_arena, store_poll_cb *cb,
		void *arg)
{
	struct poll_request *p = poll_request_new(cb, arg);
	size_t i;

	p->outcome = *outcome;
	source_state_copy(&p->outcome.state, p->texts);
	for (i = 0; i < outcome->n_deaf; i++)
		deaf_mark_copy(&p->outcome.deaf[i], p->texts);
	p->answer_arena = answer_arena;
	if (outcome->answer) {
		p->answer = *outcome->answer;
		p->outcome.answer = &p->answer;
		p->request.rows += 3 * p->answer.n_mentions + p->answer.n_items / 16;
	}
	engine_post(s->engine, &p->request);
}

void store_add(struct store *s, const struct mention *m, store_poll_cb *cb, void *arg)
{
	struct poll_request *p = poll_request_new(cb, arg);
	cleanup(buf_done) struct buf b = BUF_INIT(HAND_MADE_MAX_BYTES);
	struct wire_in in;

	mention_put(&b, m);
	in = (struct wire_in)WIRE_IN(b.data, b.len);
	p->hand_made = ARENA_NEW(p->texts, struct mention);
	mention_get(&in, p->texts, p->hand_made);
	if (b.full || !wire_done(&in))
		p->hand_made = NULL; /* past a bound: no name, -EINVAL */
	engine_post(s->engine, &p->request);
}
