/* store/outbox: what becomes of rows on their way to the stream (store/store.h); outbox_read.c reads them. */
#include "store/store.h"

#include "store/outbox_kind.h"
#include "store/state.h"
#include "store/stream_id.h"

enum { ROWS_PART = 16 /* ids: a mark is one number, mostly */ };

/* A request's own copy, as the table has them; to be freed. */
static int64_t *pack_ids(const struct stream_id *ids, size_t n)
{
	int64_t *packed = xmalloc((n + 1) * sizeof(*packed));
	size_t i;

	for (i = 0; i < n; i++)
		packed[i] = stream_id_pack(ids[i]);
	return packed;
}

/* What is said of rows by their ids. */
struct ids_request {
	struct request request;
	enum outbox_stream which;
	int64_t *ids;
	size_t n, done;
	store_done_cb *on_done;   /* of those that were sent */
	store_count_cb *on_count; /* of those that are dropped */
	void *arg;
};

static void ids_post(struct store *s, const struct request_class *class, const struct stream_id *ids, size_t n,
		     struct ids_request request)
{
	struct ids_request *p = NEW(struct ids_request);

	*p = request;
	p->request = (struct request){.class = class, .rows = 1 + n / ROWS_PART};
	p->ids = pack_ids(ids, n);
	p->n = n;
	engine_post(s->engine, &p->request);
}

static void ids_drop(struct request *req)
{
	free(REQUEST_OF(req, struct ids_request)->ids);
	free(req);
}

/* --- sent --- */

/* Rows change their state: *n of them did. */
static void tally_move(struct writer *w, enum outbox_stream which, int from, int to, size_t n)
{
	outbox_count(w, which, from, -(int64_t)n);
	outbox_count(w, which, to, (int64_t)n);
}

/* Behind the mark, are these the first that wait? */
static int are_next(struct writer *w, const struct ids_request *p, bool *ret)
{
	cleanup(query_end) struct query q = query_begin(w->db, outbox_kind(p->which)->ids_between);
	size_t i = 0;
	int r;

	query_put_int(&q, w->tally.sent[p->which]);
	query_put_int(&q, p->ids[p->n - 1]);
	while ((r = query_next(&q)) > 0 && i < p->n && query_get_int(&q) == p->ids[i])
		i++;
	*ret = r == 0 && i == p->n;
	return r < 0 ? r : 0;
}

/* The mark moves on; those that it passes wait all the same. */
static int move_mark(struct writer *w, enum outbox_stream which, int64_t to)
{
	cleanup(query_end) struct query q = query_begin(w->db, outbox_kind(which)->waits_between);

	query_put_int(&q, w->tally.sent[which]);
	query_put_int(&q, to);
	tally_set_sent(&w->tally, which, to);
	return query_run(&q);
}

/* If it is in that state. */
static int set_state(struct writer *w, enum outbox_stream which, int64_t id, int from, int to, size_t *ret_n)
{
	cleanup(query_end) struct query q = query_begin(w->db, outbox_kind(which)->set_state);
	int r;

	query_put_int(&q, to);
	query_put_int(&q, id);
	query_put_int(&q, from);
	r = query_run(&q);
	*ret_n = r == 0 ? db_changes(w->db) : 0;
	return r;
}

/* In whatever order they are, and whatever has become of them since they were read. */
static int note_each(struct writer *w, const struct ids_request *p)
{
	int64_t last = 0;
	size_t i, n;
	int r = 0;

	for (i = 0; i < p->n; i++)
		last = p->ids[i] > last ? p->ids[i] : last;
	if (last > w->tally.sent[p->which])
		r = move_mark(w, p->which, last);
	for (i = 0; r == 0 && i < p->n; i++) {
		r = set_state(w, p->which, p->ids[i], STREAM_AGAIN, STREAM_BY_MARK, &n);
		tally_move(w, p->which, STREAM_PENDING, STREAM_SENT, n);
	}
	return r;
}

/* A group goes as it was read, mostly: then the mark alone moves. */
static int write_sent(struct request *req, struct writer *w)
{
	struct ids_request *p = REQUEST_OF(req, struct ids_request);
	bool next = false;
	int r = p->n > 0 ? are_next(w, p, &next) : 0;

	if (r < 0 || !next)
		return r < 0 ? r : note_each(w, p);
	tally_move(w, p->which, STREAM_PENDING, STREAM_SENT, p->n);
	tally_set_sent(&w->tally, p->which, p->ids[p->n - 1]);
	return 0;
}

static void finish_sent(struct request *req)
{
	struct ids_request *p = REQUEST_OF(req, struct ids_request);

	p->on_done(p->arg, req->r);
}

void store_outbox_sent(struct store *s, enum outbox_stream which, const struct stream_id *ids, size_t n,
		       store_done_cb *cb, void *arg)
{
	static const struct request_class class = {
		.write = write_sent, .finish = finish_sent, .drop = ids_drop, .gathers = true};

	ids_post(s, &class, ids, n, (struct ids_request){.which = which, .on_done = cb, .arg = arg});
}

/* --- dropped --- */

static int leave(struct writer *w, enum outbox_stream which, int64_t id, int state, int stored, size_t *dropped)
{
	size_t n;
	int r = set_state(w, which, id, stored, STREAM_KEPT, &n);

	tally_move(w, which, state, STREAM_KEPT, n);
	*dropped += n;
	return r;
}

static int write_drop(struct request *req, struct writer *w)
{
	struct ids_request *p = REQUEST_OF(req, struct ids_request);
	size_t i;
	int r = 0;

	p->done = 0; /* a group that failed is written again, one by one */
	for (i = 0; r == 0 && i < p->n; i++) {
		r = leave(w, p->which, p->ids[i], STREAM_PENDING, writer_stored_pending(w, p->which, p->ids[i]),
			  &p->done);
		if (r == 0)
			r = leave(w, p->which, p->ids[i], STREAM_ASIDE, STREAM_ASIDE, &p->done);
	}
	return r;
}

static void finish_drop(struct request *req)
{
	struct ids_request *p = REQUEST_OF(req, struct ids_request);

	p->on_count(p->arg, req->r, req->r == 0 ? p->done : 0);
}

void store_outbox_drop(struct store *s, enum outbox_stream which, const struct stream_id *ids, size_t n,
		       store_count_cb *cb, void *arg)
{
	static const struct request_class class = {.write = write_drop, .finish = finish_drop, .drop = ids_drop};

	ids_post(s, &class, ids, n, (struct ids_request){.which = which, .on_count = cb, .arg = arg});
}

/* --- a new id --- */

struct new_id_request {
	struct request request;
	enum outbox_stream which;
	int64_t old, above, now;
	store_id_cb *cb;
	void *arg;
};

static int write_new_id(struct request *req, struct writer *w)
{
	struct new_id_request *p = REQUEST_OF(req, struct new_id_request);
	int64_t *last = writer_last_id(w, p->which), before = *last;
	int r;

	if (p->above > *last && stream_id_unpack(p->above).ms < clock_wall_ms() + STORE_ID_AHEAD_DAYS * DAY_MS)
		*last = p->above;
	p->now = writer_next_id(w, p->which, clock_wall_ms());
	r = outbox_kind(p->which)->move(w, p->old, p->now);
	if (r < 0)
		*last = before;
	return r;
}

static void finish_new_id(struct request *req)
{
	struct new_id_request *p = REQUEST_OF(req, struct new_id_request);

	p->cb(p->arg, req->r, req->r == 0 ? stream_id_unpack(p->now) : (struct stream_id){.ms = 0});
}

static void drop_plain(struct request *req)
{
	free(req);
}

void store_outbox_new_id(struct store *s, enum outbox_stream which, struct stream_id old, struct stream_id above,
			 store_id_cb *cb, void *arg)
{
	static const struct request_class class = {.write = write_new_id, .finish = finish_new_id, .drop = drop_plain};
	struct new_id_request *p = NEW(struct new_id_request);

	p->request = (struct request){.class = &class, .rows = 4};
	p->which = which;
	p->old = stream_id_pack(old);
	p->above = stream_id_pack(above);
	p->cb = cb;
	p->arg = arg;
	engine_post(s->engine, &p->request);
}

/* --- rewind --- */

struct rewind_request {
	struct request request;
	enum outbox_stream which;
	int64_t to, not_before;
	size_t set_back, left_before;
	store_rewind_cb *cb;
	void *arg;
};

static int count_sent(struct writer *w, enum outbox_stream which, int64_t after, int64_t up_to, size_t *ret)
{
	cleanup(query_end) struct query q = query_begin(w->db, outbox_kind(which)->sent_between);
	int r;

	query_put_int(&q, after);
	query_put_int(&q, up_to < w->tally.sent[which] ? up_to : w->tally.sent[which]);
	r = query_next(&q);
	*ret = r > 0 ? (size_t)query_get_int(&q) : 0;
	return r < 0 ? r : 0;
}

/* The mark goes back to the last that was sent up to there: of what lies behind, all waits. */
static int set_mark_back(struct writer *w, enum outbox_stream which, int64_t to)
{
	cleanup(query_end) struct query last = query_begin(w->db, outbox_kind(which)->sent_up_to);
	cleanup(query_end) struct query behind = query_begin(w->db, outbox_kind(which)->waits_behind);
	int r;

	query_put_int(&last, to);
	r = query_next(&last);
	if (r < 0)
		return r;
	tally_set_sent(&w->tally, which, r > 0 ? query_get_int(&last) : 0);
	query_put_int(&behind, w->tally.sent[which]);
	return query_run(&behind);
}

static int write_rewind(struct request *req, struct writer *w)
{
	struct rewind_request *p = REQUEST_OF(req, struct rewind_request);
	const int64_t before = p->not_before - 1, to = p->to > before ? p->to : before;
	int r = count_sent(w, p->which, p->to, before, &p->left_before);

	if (r == 0)
		r = count_sent(w, p->which, to, INT64_MAX, &p->set_back);
	if (r < 0 || to >= w->tally.sent[p->which])
		return r;
	tally_move(w, p->which, STREAM_SENT, STREAM_PENDING, p->set_back);
	return set_mark_back(w, p->which, to);
}

static void finish_rewind(struct request *req)
{
	struct rewind_request *p = REQUEST_OF(req, struct rewind_request);
	bool done = req->r == 0;

	p->cb(p->arg, req->r, done ? p->set_back : 0, done ? p->left_before : 0);
}

void store_outbox_rewind(struct store *s, enum outbox_stream which, struct stream_id to, int64_t not_before_ms,
			 store_rewind_cb *cb, void *arg)
{
	static const struct request_class class = {.write = write_rewind, .finish = finish_rewind, .drop = drop_plain};
	struct rewind_request *p = NEW(struct rewind_request);

	p->request = (struct request){.class = &class, .rows = 1};
	p->which = which;
	p->to = stream_id_pack(to);
	p->not_before = stream_id_pack((struct stream_id){.ms = not_before_ms});
	p->cb = cb;
	p->arg = arg;
	engine_post(s->engine, &p->request);
}
