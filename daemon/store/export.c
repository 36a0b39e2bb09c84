#include "store/export.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "mention/pseudonym.h"
#include "store/mention_row.h"
#include "store/logkey.h"
#include "store/state.h"
#include "store/stream_id.h"

/* Ids follow the time at which a row was written, seen what a clock said before: one that was set may lie behind by so much. */
enum { ROW_MAX_BYTES = 64 << 20, SLACK_MS = 86400000 };
enum { EXPORT_E_KEY = 1 };

static const char KEY[] = "shared";

struct export_request {
	struct request request;
	struct engine *engine;
	struct store_export_filter filter; /* its texts are our own */
	char *topic, *rule, *sentiment;
	struct pseudonym *names;
	struct store_export page;
	struct store_row *rows;
	size_t cap;
	struct arena *arena;
	store_export_cb *cb;
	void *arg;
};

/* --- which --- */

static bool hit_meets(const struct hit *h, const struct export_request *p)
{
	return (!p->topic || !strcmp(h->topic, p->topic)) &&
	       (!p->rule || mention_names_have(h->rules, h->n_rules, p->rule));
}

static bool meets(const struct mention *m, const struct export_request *p)
{
	const struct store_export_filter *f = &p->filter;
	size_t i;

	if ((f->since_ms != TIME_NONE && m->seen_ms < f->since_ms) ||
	    (f->until_ms != TIME_NONE && m->seen_ms >= f->until_ms))
		return false;
	if (p->sentiment && (!m->sentiment.label || strcmp(m->sentiment.label, p->sentiment) != 0))
		return false;
	if (!p->topic && !p->rule)
		return true;
	for (i = 0; i < m->n_hits; i++)
		if (hit_meets(&m->hits[i], p))
			return true;
	return false;
}

static bool is_past(const struct mention *m, const struct store_export_filter *f)
{
	return f->until_ms != TIME_NONE && m->seen_ms - SLACK_MS >= f->until_ms;
}

/* --- where it begins --- */

/* The first row, about, that was seen at or after ms: ids grow as time does, so that halving finds it. */
static int first_seen(struct db *db, int64_t ms, int64_t *ret)
{
	int64_t low = 0, high, at;
	int r = db_number(db, "SELECT coalesce(max(id), 0) FROM mention", &high);

	while (r == 0 && low < high) {
		cleanup(query_end) struct query q = query_begin(db, SQL_EXPORT_SEEN);

		at = low + (high - low) / 2;
		query_put_int(&q, at);
		r = query_next(&q);
		if (r < 0)
			return r;
		if (r > 0 && query_get_int(&q) < ms)
			low = at + 1;
		else
			high = at;
		r = 0;
	}
	*ret = low > 0 ? low - 1 : 0;
	return r;
}

static int begin_at(struct db *db, const struct store_export_filter *f, int64_t *ret)
{
	bool begun = f->after.ms || f->after.seq;
	int64_t since_ms = f->since_ms > SLACK_MS ? f->since_ms - SLACK_MS : 0;

	if (f->all && !begun && since_ms)
		return first_seen(db, since_ms, ret);
	if (f->all)
		*ret = (int64_t)f->after.seq;
	else
		*ret = stream_id_pack(begun ? f->after : (struct stream_id){.ms = since_ms});
	return 0;
}

/* --- a page --- */

static struct stream_id cursor_of(const struct export_request *p, const struct mention_row *row)
{
	return p->filter.all ? (struct stream_id){.seq = (uint64_t)row->id} : stream_id_unpack(row->stream);
}

static void add_row(struct export_request *p, const struct mention_row *row, struct buf *b)
{
	struct json j = JSON_OUT(b);

	buf_reset(b);
	mention_json(&j, NULL, &row->m);
	if (b->full)
		return;
	p->rows = GROW(p->rows, p->page.n, &p->cap);
	p->rows[p->page.n++] = (struct store_row){
		.id = cursor_of(p, row), .json = arena_memdup0(p->arena, buf_str(b), b->len), .topics = ""};
}

static int read_page(struct export_request *p, struct query *q)
{
	cleanup(buf_done) struct buf b = BUF_INIT(ROW_MAX_BYTES);
	size_t looked = 0;
	int r;

	while ((r = query_next(q)) > 0) {
		cleanup(arena_freep) struct arena *a = arena_new(MENTION_TEXT_MAX_BYTES);
		struct mention_row row = {.id = 0};

		r = mention_row_read(q, a, &row);
		if (r < 0)
			return r;
		if (p->filter.all ? row.id : row.stream)
			p->page.next = cursor_of(p, &row);
		p->page.more = ++looked == p->filter.limit;
		if (r == MENTION_ROW_E_DAMAGED)
			continue; /* it is told by who sends it, and by fsck */
		if (is_past(&row.m, &p->filter)) {
			p->page.more = false;
			break;
		}
		if (meets(&row.m, p)) {
			if (p->names)
				pseudonym_mention(p->names, a, &row.m);
			add_row(p, &row, &b);
		}
		if (arena_full(p->arena)) {
			p->page.more = true;
			break;
		}
	}
	if (stream_id_cmp(p->page.next, p->filter.after) <= 0)
		p->page.more = false; /* rows that have lost even their ids: nobody gets past them this way */
	return r < 0 ? r : 0;
}

static int take_key(struct export_request *p, struct db *db)
{
	uint8_t key[LOGKEY_BYTES];
	int r = logkey_read(db, KEY, key);

	_Static_assert((int)LOGKEY_BYTES == (int)PSEUDONYM_KEY_BYTES, "one key");
	if (r == LOGKEY_E_NONE)
		return EXPORT_E_KEY;
	if (r == 0)
		pseudonym_key(p->names, key);
	explicit_bzero(key, sizeof(key));
	return r;
}

static int read_export(struct request *req, struct reader *rd)
{
	struct export_request *p = REQUEST_OF(req, struct export_request);
	int64_t after = 0;
	int r = p->names ? take_key(p, rd->db) : 0;

	if (r == 0)
		r = begin_at(rd->db, &p->filter, &after);
	if (r == 0) {
		cleanup(query_end) struct query q =
			query_begin(rd->db, p->filter.all ? SQL_EXPORT_ALL : SQL_HITS_SINCE);

		query_put_int(&q, after);
		query_put_int(&q, (int64_t)p->filter.limit);
		r = read_page(p, &q);
	}
	return r;
}

static void drop_export(struct request *req)
{
	struct export_request *p = REQUEST_OF(req, struct export_request);

	arena_free(p->arena);
	pseudonym_free(p->names);
	free(p->rows);
	free(p->topic);
	free(p->rule);
	free(p->sentiment);
	free(p);
}

/* --- the first time there is no key yet: the writer makes one, and the question is put again --- */

struct key_request {
	struct request request;
	struct export_request *question; /* NULL: it is on its way again */
};

static int write_key(struct request *req, struct writer *w)
{
	(void)req;
	return logkey_make(w->db, KEY);
}

static void finish_key(struct request *req)
{
	struct key_request *k = REQUEST_OF(req, struct key_request);
	struct export_request *question = k->question;

	if (req->r < 0) {
		question->cb(question->arg, req->r, NULL);
		return;
	}
	k->question = NULL;
	engine_post(question->engine, &question->request);
}

static void drop_key(struct request *req)
{
	struct key_request *k = REQUEST_OF(req, struct key_request);

	if (k->question)
		drop_export(&k->question->request);
	free(k);
}

static void make_key(struct export_request *p)
{
	static const struct request_class class = {
		.write = write_key, .finish = finish_key, .drop = drop_key, .grows = true};
	struct key_request *k = NEW(struct key_request);
	struct export_request *again = NEW(struct export_request);

	*again = *p; /* what answers is dropped when we return: it hands on all that it owns */
	p->arena = NULL;
	p->names = NULL;
	p->rows = NULL;
	p->topic = p->rule = p->sentiment = NULL;
	again->request = (struct request){.class = p->request.class};
	*k = (struct key_request){.request = {.class = &class, .rows = 1}, .question = again};
	engine_post(again->engine, &k->request);
}

static void finish_export(struct request *req)
{
	struct export_request *p = REQUEST_OF(req, struct export_request);

	p->page.rows = p->rows;
	if (req->r == EXPORT_E_KEY)
		make_key(p);
	else
		p->cb(p->arg, req->r, req->r == 0 ? &p->page : NULL);
}

static char *copy(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

void store_export(struct store *s, const struct store_export_filter *filter, struct pseudonym *names,
		  store_export_cb *cb, void *arg)
{
	static const struct request_class class = {
		.read = read_export, .finish = finish_export, .drop = drop_export, .patient = true};
	struct export_request *p = NEW(struct export_request);

	*p = (struct export_request){.request = {.class = &class},
				     .engine = s->engine,
				     .filter = *filter,
				     .names = names,
				     .cb = cb,
				     .arg = arg};
	if (!p->filter.limit || p->filter.limit > STORE_EXPORT_LOOKS_MAX)
		p->filter.limit = STORE_EXPORT_LOOKS_MAX;
	p->topic = copy(filter->topic);
	p->rule = copy(filter->rule);
	p->sentiment = copy(filter->sentiment);
	p->filter.topic = p->filter.rule = p->filter.sentiment = NULL;
	p->arena = arena_new(STORE_EXPORT_ROWS_MAX_BYTES);
	engine_post(s->engine, &p->request);
}
