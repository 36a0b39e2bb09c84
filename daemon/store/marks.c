/* store/marks: many polls that found nothing, in one transaction (store/store.h). */
#include <string.h>

#include "base/arena.h"
#include "store/db.h"
#include "store/state.h"

enum { NAMES_MAX_BYTES = 64 << 20, ROWS_PART = 16 /* no index and no blob: so many are as one row of a mention */ };

struct marks_request {
	struct request request;
	struct source_mark *v; /* it and its names are in texts */
	size_t n;
	struct arena *texts;
	store_done_cb *cb;
	void *arg;
};

static int write_marks(struct request *req, struct writer *w)
{
	struct marks_request *p = REQUEST_OF(req, struct marks_request);
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < p->n; i++) {
		cleanup(query_end) struct query q = query_begin(w->db, SQL_SOURCE_MARK);

		query_put_text(&q, p->v[i].name);
		query_put_time(&q, p->v[i].ok_ms);
		query_put_time(&q, p->v[i].next_ms);
		r = query_run(&q);
	}
	return r;
}

static void finish_marks(struct request *req)
{
	struct marks_request *p = REQUEST_OF(req, struct marks_request);

	p->cb(p->arg, req->r);
}

static void drop_marks(struct request *req)
{
	struct marks_request *p = REQUEST_OF(req, struct marks_request);

	arena_free(p->texts);
	free(p);
}

void store_marks(struct store *s, const struct source_mark *v, size_t n, store_done_cb *cb, void *arg)
{
	static const struct request_class class = {.write = write_marks, .finish = finish_marks, .drop = drop_marks};
	struct marks_request *p = NEW(struct marks_request);
	size_t i;

	p->request = (struct request){.class = &class, .rows = 1 + n / ROWS_PART};
	p->texts = arena_new(NAMES_MAX_BYTES);
	p->v = ARENA_ARRAY(p->texts, struct source_mark, n);
	p->n = n;
	for (i = 0; i < n; i++) {
		p->v[i] = v[i];
		p->v[i].name = arena_strdup(p->texts, v[i].name);
	}
	p->cb = cb;
	p->arg = arg;
	engine_post(s->engine, &p->request);
}
