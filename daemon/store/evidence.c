#include "store/evidence.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "store/scrub.h"
#include "store/state.h"

enum { FORGET_ROWS = 64 };

/* --- what came --- */

struct answer_hit {
	char topic[65];
	uint8_t key[MENTION_ID_BYTES];
};

struct evidence_answer {
	struct buf about, body;
	int64_t at_ms;
	struct answer_hit *hits;
	size_t n, cap;
	/* once it was prepared */
	void *packed;
	size_t packed_len, size;
	uint8_t about_hash[EVIDENCE_HASH_BYTES], body_hash[EVIDENCE_HASH_BYTES];
};

struct evidence_answer *evidence_answer_new(const struct evidence_about *about, struct buf *body)
{
	struct evidence_answer *a = NEW(struct evidence_answer);
	cleanup(buf_done) struct buf url = BUF_INIT(EVIDENCE_ABOUT_MAX_BYTES);
	struct evidence_about bare = *about;

	if (about->url)
		evidence_url(about->url, &url);
	bare.url = about->url && !url.full ? buf_str(&url) : NULL;
	buf_init(&a->about, EVIDENCE_ABOUT_MAX_BYTES);
	evidence_about_put(&bare, &a->about);
	a->at_ms = about->at_ms;
	a->body = *body;
	*body = (struct buf)BUF_INIT(0);
	return a;
}

struct evidence_answer *evidence_answer_free(struct evidence_answer *a)
{
	if (!a)
		return NULL;
	buf_done(&a->about);
	buf_done(&a->body);
	free(a->hits);
	free(a->packed);
	free(a);
	return NULL;
}

void evidence_answer_add(struct evidence_answer *a, const char *topic, const uint8_t key[MENTION_ID_BYTES])
{
	struct answer_hit *h;

	if (a->n == EVIDENCE_HITS_MAX || strlen(topic) >= sizeof(h->topic))
		return;
	a->hits = GROW(a->hits, a->n, &a->cap);
	h = &a->hits[a->n++];
	memcpy(h->topic, topic, strlen(topic) + 1);
	memcpy(h->key, key, sizeof(h->key));
}

void evidence_answer_prepare(struct evidence_answer *a)
{
	a->size = a->body.len;
	hash_sha256(&(struct hash_part){buf_str(&a->about), a->about.len}, 1, a->about_hash);
	hash_sha256(&(struct hash_part){buf_str(&a->body), a->body.len}, 1, a->body_hash);
	a->packed = evidence_pack(buf_str(&a->body), a->body.len, &a->packed_len);
	buf_done(&a->body);
}

/* --- the chain --- */

static int last_link(struct writer *w, uint8_t ret[EVIDENCE_HASH_BYTES])
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_EVIDENCE_LAST);
	const void *bytes;
	size_t len;
	int r = query_next(&q);

	memset(ret, 0, EVIDENCE_HASH_BYTES);
	if (r <= 0)
		return r;
	bytes = query_get_blob(&q, &len);
	if (len == EVIDENCE_HASH_BYTES) /* else the chain is broken there, which evidence_verify() says */
		memcpy(ret, bytes, len);
	return 0;
}

static int add_link(struct writer *w, int64_t answer, const struct evidence_link *l)
{
	cleanup(query_end) struct query add = query_begin(w->db, SQL_EVIDENCE_ADD);
	cleanup(query_end) struct query held = query_begin(w->db, SQL_ANSWER_HELD);
	uint8_t before[EVIDENCE_HASH_BYTES], link[EVIDENCE_HASH_BYTES];
	int r = last_link(w, before);

	if (r < 0)
		return r;
	evidence_chain(before, l, link);
	query_put_int(&add, l->incident);
	query_put_int(&add, l->at_ms);
	query_put_int(&add, answer);
	query_put_int(&add, l->size);
	query_put_blob(&add, l->about, sizeof(l->about));
	query_put_blob(&add, l->body, sizeof(l->body));
	query_put_blob(&add, link, sizeof(link));
	r = query_run(&add);
	if (r < 0)
		return r;
	query_put_int(&held, answer);
	return query_run(&held);
}

/* Room for further links of an incident. */
static int room_of(struct writer *w, int64_t incident, int64_t *ret)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_EVIDENCE_COUNT);
	int r;

	query_put_int(&q, incident);
	r = query_next(&q);
	*ret = r > 0 ? EVIDENCE_OF_ONE_MAX - query_get_int(&q) : 0;
	if (*ret > EVIDENCE_TAKEN_MAX)
		*ret = EVIDENCE_TAKEN_MAX;
	return r < 0 ? r : 0;
}

int evidence_take(struct writer *w, int64_t incident, const char *topic, int64_t now_ms)
{
	struct {
		int64_t answer;
		struct evidence_link link;
	} v[EVIDENCE_TAKEN_MAX];
	cleanup(query_end) struct query q = query_begin(w->db, SQL_ANSWER_OF_TOPIC);
	int64_t room;
	size_t n = 0;
	int r = room_of(w, incident, &room);

	if (r < 0 || room <= 0)
		return r;
	query_put_text(&q, topic);
	query_put_int(&q, now_ms - EVIDENCE_LATE_MS);
	query_put_int(&q, incident);
	query_put_int(&q, room);
	while (n < EVIDENCE_TAKEN_MAX && (r = query_next(&q)) > 0) {
		v[n].answer = query_get_int(&q);
		v[n].link = (struct evidence_link){.incident = incident, .at_ms = now_ms, .size = query_get_int(&q)};
		n += evidence_hash_get(&q, v[n].link.about) && evidence_hash_get(&q, v[n].link.body);
	}
	while (r >= 0 && n > 0) { /* the newest came first: in the order in which they came */
		n--;
		r = add_link(w, v[n].answer, &v[n].link);
	}
	return r < 0 ? r : 0;
}

/* --- note --- */

struct note_request {
	struct request request;
	struct evidence_answer *answer;
	store_evidence_done_cb *cb;
	void *arg;
};

static int add_hits(struct writer *w, int64_t id, const struct evidence_answer *a)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < a->n; i++) {
		cleanup(query_end) struct query q = query_begin(w->db, SQL_ANSWER_HIT);

		query_put_int(&q, id);
		query_put_text(&q, a->hits[i].topic);
		query_put_blob(&q, a->hits[i].key, sizeof(a->hits[i].key));
		r = query_run(&q);
	}
	return r;
}

/* A clock that was ahead left rows of the future. */
static int drop_late(struct writer *w, int64_t now_ms)
{
	cleanup(query_end) struct query old = query_begin(w->db, SQL_ANSWER_OLD);
	cleanup(query_end) struct query crowd = query_begin(w->db, SQL_ANSWER_CROWD);
	int r;

	query_put_int(&old, now_ms - EVIDENCE_LATE_MS);
	query_put_int(&old, now_ms + EVIDENCE_LATE_MS);
	r = query_run(&old);
	if (r < 0)
		return r;
	query_put_int(&crowd, EVIDENCE_LATE_ROWS);
	query_put_int(&crowd, EVIDENCE_LATE_BYTES);
	return query_run(&crowd);
}

/* Incidents that opened just now, before this came. */
static int take_into_new(struct writer *w, int64_t id, const struct evidence_answer *a, int64_t now_ms)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_EVIDENCE_OPEN);
	struct evidence_link l = {.at_ms = now_ms, .size = (int64_t)a->size};
	int r;

	memcpy(l.about, a->about_hash, sizeof(l.about));
	memcpy(l.body, a->body_hash, sizeof(l.body));
	query_put_int(&q, id);
	query_put_int(&q, now_ms - EVIDENCE_AFTER_MS);
	while ((r = query_next(&q)) > 0) {
		int64_t room;

		l.incident = query_get_int(&q);
		r = room_of(w, l.incident, &room);
		if (r == 0 && room > 0)
			r = add_link(w, id, &l);
		if (r < 0)
			return r;
	}
	return r;
}

static int write_note(struct request *req, struct writer *w)
{
	const struct evidence_answer *a = REQUEST_OF(req, struct note_request)->answer;
	cleanup(query_end) struct query q = query_begin(w->db, SQL_ANSWER_ADD);
	int64_t now_ms = clock_wall_ms(), id;
	int r;

	query_put_int(&q, a->at_ms);
	query_put_int(&q, (int64_t)a->size);
	query_put_blob(&q, a->about.data, a->about.len);
	query_put_blob(&q, a->about_hash, sizeof(a->about_hash));
	query_put_blob(&q, a->packed, a->packed_len);
	query_put_blob(&q, a->body_hash, sizeof(a->body_hash));
	r = query_run(&q);
	if (r < 0)
		return r;
	id = db_last_id(w->db);
	r = add_hits(w, id, a);
	if (r == 0)
		r = take_into_new(w, id, a, now_ms);
	return r == 0 && id % EVIDENCE_LOOK_EVERY == 0 ? drop_late(w, now_ms) : r;
}

static void finish_note(struct request *req)
{
	struct note_request *p = REQUEST_OF(req, struct note_request);

	p->cb(p->arg, req->r);
}

static void drop_note(struct request *req)
{
	evidence_answer_free(REQUEST_OF(req, struct note_request)->answer);
	free(req);
}

void store_evidence_note(struct store *s, struct evidence_answer *a, store_evidence_done_cb *cb, void *arg)
{
	static const struct request_class class = {
		.write = write_note, .finish = finish_note, .drop = drop_note, .grows = true, .gathers = true};
	struct note_request *p = NEW(struct note_request);

	*p = (struct note_request){.request = {.class = &class, .rows = 1 + a->n + a->packed_len / 4096},
				   .answer = a,
				   .cb = cb,
				   .arg = arg};
	engine_post(s->engine, &p->request);
}

/* --- let go --- */

int evidence_sweep(struct writer *w, int64_t now_ms)
{
	cleanup(query_end) struct query expired = query_begin(w->db, SQL_ANSWER_EXPIRED);
	cleanup(query_end) struct query crowd = query_begin(w->db, SQL_ANSWER_HELD_CROWD);
	int r = drop_late(w, now_ms);

	if (r < 0)
		return r;
	if (w->config.keep_evidence_ms > 0) {
		query_put_int(&expired, now_ms - w->config.keep_evidence_ms);
		r = query_run(&expired);
	}
	if (r < 0)
		return r;
	query_put_int(&crowd, EVIDENCE_HELD_BYTES);
	return query_run(&crowd);
}

static int forget_answer(struct writer *w, int64_t id)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_ANSWER_FORGET);

	query_put_int(&q, id);
	query_put_int(&q, clock_wall_ms());
	return query_run(&q);
}

int evidence_forget_mention(struct writer *w, int64_t mention)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_ANSWER_OF_MENTION);
	int r;

	query_put_int(&q, mention);
	while ((r = query_next(&q)) > 0) {
		r = forget_answer(w, query_get_int(&q));
		if (r < 0)
			return r;
	}
	return r;
}

static bool row_names(struct query *q, const char *who)
{
	int64_t size = query_get_int(q);
	size_t about_len, len;
	const void *about = query_get_blob(q, &about_len);
	const void *packed;
	cleanup(freep) void *body = NULL;

	if (about && evidence_names(about, about_len, who))
		return true;
	packed = query_get_blob(q, &len);
	body = packed ? evidence_unpack(packed, len, (size_t)size) : NULL;
	return body && evidence_names(body, (size_t)size, who);
}

int evidence_forget_named(struct writer *w, const char *who, int64_t *after, bool *ret_more)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_ANSWER_NEXT);
	int64_t found[FORGET_ROWS];
	size_t n = 0, looked = 0, i;
	int r;

	query_put_int(&q, *after);
	query_put_int(&q, FORGET_ROWS);
	while (looked < FORGET_ROWS && (r = query_next(&q)) > 0) {
		*after = query_get_int(&q);
		looked++;
		if (row_names(&q, who))
			found[n++] = *after;
	}
	query_end(&q);
	*ret_more = looked == FORGET_ROWS;
	for (i = 0; r >= 0 && i < n; i++)
		r = forget_answer(w, found[i]);
	return r < 0 ? r : 0;
}
