/* store/evidence: what there is of it, and whether the chain holds. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "store/evidence.h"
#include "store/state.h"

enum { ARENA_MAX_BYTES = 16 << 20, CHAIN_ROWS = 256 };

bool evidence_hash_get(struct query *q, uint8_t ret[EVIDENCE_HASH_BYTES])
{
	size_t len;
	const void *bytes = query_get_blob(q, &len);

	if (len != EVIDENCE_HASH_BYTES)
		return false;
	memcpy(ret, bytes, len);
	return true;
}

/* --- verify --- */

static bool is_of(const void *bytes, size_t len, const uint8_t hash[EVIDENCE_HASH_BYTES])
{
	uint8_t now[EVIDENCE_HASH_BYTES];

	hash_sha256(&(struct hash_part){bytes, len}, 1, now);
	return memcmp(now, hash, sizeof(now)) == 0;
}

/* What is still there is what was taken. */
static bool parts_hold(struct query *q, const struct evidence_link *l)
{
	size_t about_len, len;
	const void *about = query_get_blob(q, &about_len);
	const void *packed;
	cleanup(freep) void *body = NULL;

	if (about && !is_of(about, about_len, l->about))
		return false;
	packed = query_get_blob(q, &len);
	if (!packed)
		return true;
	body = evidence_unpack(packed, len, (size_t)l->size);
	return body && is_of(body, (size_t)l->size, l->body);
}

/* The next link; before is the one before it, then this one. */
static bool link_holds(struct query *q, uint8_t before[EVIDENCE_HASH_BYTES])
{
	struct evidence_link l = {.incident = query_get_int(q)};
	uint8_t link[EVIDENCE_HASH_BYTES], said[EVIDENCE_HASH_BYTES];
	bool whole;

	l.at_ms = query_get_int(q);
	l.size = query_get_int(q);
	whole = evidence_hash_get(q, l.about);
	whole = evidence_hash_get(q, l.body) && whole;
	whole = evidence_hash_get(q, said) && whole;
	if (!whole)
		return false;
	evidence_chain(before, &l, link);
	memcpy(before, said, sizeof(said)); /* a break is told once, where it is */
	return memcmp(link, said, sizeof(link)) == 0 && parts_hold(q, &l);
}

int evidence_verify(struct db *db, int64_t *ret_broken, int64_t *ret_first)
{
	uint8_t before[EVIDENCE_HASH_BYTES] = {0};
	int64_t last = 0;
	size_t n;
	int r;

	*ret_broken = *ret_first = 0;
	do {
		cleanup(query_end) struct query q = query_begin(db, SQL_EVIDENCE_CHAIN);

		query_put_int(&q, last);
		query_put_int(&q, CHAIN_ROWS);
		for (n = 0; (r = query_next(&q)) > 0; n++) {
			int64_t id = query_get_int(&q);
			bool holds = id == last + 1; /* none was taken out */

			holds = link_holds(&q, before) && holds;
			last = id;
			if (!holds && !*ret_first)
				*ret_first = id;
			*ret_broken += !holds;
		}
	} while (r == 0 && n == CHAIN_ROWS);
	return r;
}

/* --- questions --- */

struct list_request {
	struct request request;
	struct arena *arena;
	int64_t incident, id;
	struct evidence_row *rows;
	size_t n;
	char *body;
	size_t len;
	store_evidence_cb *cb;
	store_evidence_body_cb *body_cb;
	void *arg;
};

static void get_row(struct query *q, struct arena *arena, struct evidence_row *ret)
{
	const void *about;
	size_t len;
	bool there, body, forgotten;

	*ret = (struct evidence_row){.id = query_get_int(q)};
	ret->taken_ms = query_get_int(q);
	ret->size = query_get_int(q);
	(void)evidence_hash_get(q, ret->body);
	(void)evidence_hash_get(q, ret->link);
	there = query_get_int(q) != 0;
	about = query_get_blob(q, &len);
	body = query_get_int(q) != 0;
	if (about && evidence_about_get(about, len, arena, &ret->about) != 0)
		ret->about = (struct evidence_about){.source = NULL};
	forgotten = query_get_int(q) != 0;
	ret->state = !there ? EVIDENCE_GONE : forgotten ? EVIDENCE_FORGOTTEN : body ? EVIDENCE_KEPT : EVIDENCE_TOO_LONG;
}

int evidence_rows(struct db *db, int64_t incident, struct arena *a, struct evidence_row rows[EVIDENCE_OF_ONE_MAX],
		  size_t *ret_n)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_EVIDENCE_LIST);
	size_t n = 0;
	int r;

	query_put_int(&q, incident);
	query_put_int(&q, EVIDENCE_OF_ONE_MAX);
	while ((r = query_next(&q)) > 0 && n < EVIDENCE_OF_ONE_MAX)
		get_row(&q, a, &rows[n++]);
	*ret_n = n;
	return r < 0 ? r : 0;
}

int evidence_body(struct db *db, int64_t incident, int64_t id, char **ret, size_t *ret_len)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_EVIDENCE_BODY);
	uint8_t hash[EVIDENCE_HASH_BYTES];
	const void *packed;
	size_t len;
	int r;

	*ret = NULL;
	query_put_int(&q, incident);
	query_put_int(&q, id);
	r = query_next(&q);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	*ret_len = (size_t)query_get_int(&q);
	if (!evidence_hash_get(&q, hash))
		return -EBADMSG;
	packed = query_get_blob(&q, &len);
	if (!packed)
		return 0;
	*ret = evidence_unpack(packed, len, *ret_len);
	return *ret && is_of(*ret, *ret_len, hash) ? 0 : -EBADMSG;
}

static int read_list(struct request *req, struct reader *rd)
{
	struct list_request *p = REQUEST_OF(req, struct list_request);

	p->rows = ARENA_ARRAY(p->arena, struct evidence_row, EVIDENCE_OF_ONE_MAX);
	return evidence_rows(rd->db, p->incident, p->arena, p->rows, &p->n);
}

static int read_body(struct request *req, struct reader *rd)
{
	struct list_request *p = REQUEST_OF(req, struct list_request);

	return evidence_body(rd->db, p->incident, p->id, &p->body, &p->len);
}

static void finish_list(struct request *req)
{
	struct list_request *p = REQUEST_OF(req, struct list_request);

	if (p->cb)
		p->cb(p->arg, req->r, p->rows, req->r == 0 ? p->n : 0);
	else
		p->body_cb(p->arg, req->r, req->r == 0 ? p->body : NULL, req->r == 0 && p->body ? p->len : 0);
}

static void drop_list(struct request *req)
{
	struct list_request *p = REQUEST_OF(req, struct list_request);

	arena_free(p->arena);
	free(p->body);
	free(p);
}

void store_evidence(struct store *s, int64_t incident, store_evidence_cb *cb, void *arg)
{
	static const struct request_class class = {
		.read = read_list, .finish = finish_list, .drop = drop_list, .patient = true};
	struct list_request *p = NEW(struct list_request);

	*p = (struct list_request){.request = {.class = &class},
				   .arena = arena_new(ARENA_MAX_BYTES),
				   .incident = incident,
				   .cb = cb,
				   .arg = arg};
	engine_post(s->engine, &p->request);
}

void store_evidence_body(struct store *s, int64_t incident, int64_t id, store_evidence_body_cb *cb, void *arg)
{
	static const struct request_class class = {
		.read = read_body, .finish = finish_list, .drop = drop_list, .patient = true};
	struct list_request *p = NEW(struct list_request);

	*p = (struct list_request){
		.request = {.class = &class}, .incident = incident, .id = id, .body_cb = cb, .arg = arg};
	engine_post(s->engine, &p->request);
}
