#include "store/inbox.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "store/state.h"

/* --- put --- */

struct put_request {
	struct request request;
	char *source;
	void *body;
	size_t len;
	enum store_inbox what;
	store_inbox_cb *cb;
	void *arg;
};

/* Rows that lie so far in the future were noted by a clock that was wrong. */
static int forget_old(struct writer *w, int64_t now_ms)
{
	cleanup(query_end) struct query digests = query_begin(w->db, SQL_INBOX_FORGET);
	cleanup(query_end) struct query bodies = query_begin(w->db, SQL_INBOX_OLD);
	int r;

	query_put_int(&digests, now_ms - STORE_INBOX_AGAIN_MS);
	query_put_int(&digests, now_ms + STORE_INBOX_AGAIN_MS);
	r = query_run(&digests);
	if (r < 0)
		return r;
	query_put_int(&bodies, now_ms - STORE_INBOX_DAYS * DAY_MS);
	return query_run(&bodies);
}

static int has_room(struct writer *w, const struct put_request *p, bool *ret)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_INBOX_COUNT);
	int64_t rows, bytes;
	int r;

	query_put_text(&q, p->source);
	r = query_next(&q);
	if (r < 0)
		return r;
	rows = query_get_int(&q);
	bytes = query_get_int(&q);
	*ret = !rows || (rows < STORE_INBOX_ROWS && bytes + (int64_t)p->len <= STORE_INBOX_BYTES);
	return 0;
}

/* Whether it came before; if not, it has now. */
static int note(struct writer *w, const struct put_request *p, int64_t now_ms, bool *ret_again)
{
	const struct hash_part parts[] = {{p->source, strlen(p->source) + 1}, {p->body, p->len}};
	cleanup(query_end) struct query q = query_begin(w->db, SQL_INBOX_NOTE);
	uint8_t digest[32];
	int r;

	hash_sha256(parts, ARRAY_LEN(parts), digest);
	query_put_blob(&q, digest, sizeof(digest));
	query_put_int(&q, now_ms);
	r = query_run(&q);
	*ret_again = r == 0 && !db_changes(w->db);
	return r;
}

static int put(struct writer *w, const struct put_request *p, int64_t now_ms)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_INBOX_PUT);

	query_put_text(&q, p->source);
	query_put_int(&q, now_ms);
	query_put_int(&q, (int64_t)p->len);
	query_put_blob(&q, p->body, p->len);
	return query_run(&q);
}

static int write_put(struct request *req, struct writer *w)
{
	struct put_request *p = REQUEST_OF(req, struct put_request);
	int64_t now_ms = clock_wall_ms();
	bool room = false, again = false;
	int r;

	if (!p->body)
		return -EINVAL;
	r = forget_old(w, now_ms);
	if (r == 0)
		r = has_room(w, p, &room);
	if (r < 0)
		return r;
	p->what = STORE_INBOX_FULL;
	if (!room) /* not noted: when there is room, it is welcome */
		return 0;
	r = note(w, p, now_ms, &again);
	p->what = again ? STORE_INBOX_AGAIN : STORE_INBOX_TAKEN;
	return r < 0 || again ? r : put(w, p, now_ms);
}

static void finish_put(struct request *req)
{
	struct put_request *p = REQUEST_OF(req, struct put_request);

	p->cb(p->arg, req->r, p->what);
}

static void drop_put(struct request *req)
{
	struct put_request *p = REQUEST_OF(req, struct put_request);

	free(p->source);
	free(p->body);
	free(p);
}

void store_inbox_put(struct store *s, const char *source, const void *body, size_t len, store_inbox_cb *cb, void *arg)
{
	static const struct request_class class = {
		.write = write_put, .finish = finish_put, .drop = drop_put, .grows = true};
	struct put_request *p = NEW(struct put_request);

	*p = (struct put_request){.request = {.class = &class, .rows = 1}, .len = len, .cb = cb, .arg = arg};
	p->source = xstrdup(source);
	if (len && len <= STORE_INBOX_MAX_BYTES)
		p->body = memcpy(xmalloc(len), body, len);
	engine_post(s->engine, &p->request);
}

/* --- next --- */

struct next_request {
	struct request request;
	char *source;
	int64_t after, id, at_ms;
	void *body; /* NULL: none */
	size_t len;
	store_inbox_next_cb *cb;
	void *arg;
};

static int read_next(struct request *req, struct reader *rd)
{
	struct next_request *n = REQUEST_OF(req, struct next_request);
	cleanup(query_end) struct query q = query_begin(rd->db, SQL_INBOX_NEXT);
	const void *bytes;
	int r;

	query_put_text(&q, n->source);
	query_put_int(&q, n->after);
	r = query_next(&q);
	if (r <= 0)
		return r;
	n->id = query_get_int(&q);
	bytes = query_get_blob(&q, &n->len);
	n->at_ms = query_get_int(&q);
	n->body = n->len ? memcpy(xmalloc(n->len), bytes, n->len) : NULL;
	return 0;
}

static void finish_next(struct request *req)
{
	struct next_request *n = REQUEST_OF(req, struct next_request);

	n->cb(n->arg, req->r, n->id, n->at_ms, n->body, n->len);
}

static void drop_next(struct request *req)
{
	struct next_request *n = REQUEST_OF(req, struct next_request);

	free(n->source);
	free(n->body);
	free(n);
}

void store_inbox_next(struct store *s, const char *source, int64_t after, store_inbox_next_cb *cb, void *arg)
{
	static const struct request_class class = {.read = read_next, .finish = finish_next, .drop = drop_next};
	struct next_request *n = NEW(struct next_request);

	*n = (struct next_request){.request = {.class = &class}, .after = after, .cb = cb, .arg = arg};
	n->source = xstrdup(source);
	engine_post(s->engine, &n->request);
}

/* --- read --- */

int inbox_drop(struct writer *w, const char *source, int64_t id)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_INBOX_DROP);

	query_put_int(&q, id);
	query_put_text(&q, source);
	return query_run(&q);
}
