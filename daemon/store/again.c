#include "store/again.h"

#include <string.h>

#include "base/arena.h"
#include "mention/mention.h"
#include "store/mention_row.h"
#include "store/state.h"
#include "store/stream_id.h"

struct again_request {
	struct request request;
	struct again_ask ask;
	char *source;
	struct again_due due;
	struct arena *arena;
	store_again_cb *cb;
	void *arg;
};

static bool is_there(const struct again_due *due, const uint8_t *id)
{
	size_t i;

	for (i = 0; i < due->n; i++)
		if (memcmp(due->v[i].id, id, MENTION_ID_BYTES) == 0)
			return true;
	return false;
}

/* What one step has due; its mark goes as far as was looked. */
static int read_step(struct again_request *p, struct reader *rd, size_t step)
{
	const struct again_step *s = &p->ask.steps[step];
	const int64_t to = stream_id_pack((struct stream_id){.ms = p->ask.now_ms - s->age_ms});
	cleanup(query_end) struct query q = query_begin(rd->db, SQL_AGAIN_DUE);
	int64_t from = stream_id_pack(s->mark), last = from;
	size_t looked = 0;
	int r = 0;

	query_put_int(&q, from);
	query_put_int(&q, to);
	query_put_text(&q, p->ask.source);
	query_put_int(&q, (int64_t)p->ask.limit);
	while (p->due.n < p->ask.limit && !arena_full(p->arena) && (r = query_next(&q)) > 0) {
		struct mention_row row;

		looked++;
		r = mention_row_read(&q, p->arena, &row);
		if (r < 0)
			return r;
		if (r == MENTION_ROW_E_DAMAGED) /* the outbox tells of it */
			continue;
		last = row.stream;
		if (!row.m.baseline && row.m.guid && !is_there(&p->due, row.m.id))
			p->due.v[p->due.n++] = row.m;
	}
	if (r < 0)
		return r;
	if (looked < p->ask.limit && p->due.n < p->ask.limit && !arena_full(p->arena))
		last = to > from ? to : from; /* all there was */
	p->due.marks[step] = stream_id_unpack(last);
	return 0;
}

static int read_again(struct request *req, struct reader *rd)
{
	struct again_request *p = REQUEST_OF(req, struct again_request);
	size_t i;
	int r = 0;

	p->due.v = ARENA_ARRAY(p->arena, struct mention, p->ask.limit);
	for (i = p->ask.n_steps; r == 0 && i-- > 0;) /* the longest first: what is due to several is asked for once */
		r = read_step(p, rd, i);
	return r;
}

static void finish_again(struct request *req)
{
	struct again_request *p = REQUEST_OF(req, struct again_request);

	p->cb(p->arg, req->r, req->r == 0 ? &p->due : NULL, &p->arena);
}

static void drop_again(struct request *req)
{
	struct again_request *p = REQUEST_OF(req, struct again_request);

	arena_free(p->arena);
	free(p->source);
	free(p);
}

void store_again(struct store *s, const struct again_ask *ask, store_again_cb *cb, void *arg)
{
	static const struct request_class class = {.read = read_again, .finish = finish_again, .drop = drop_again};
	struct again_request *p = NEW(struct again_request);

	p->request.class = &class;
	p->ask = *ask;
	if (!p->ask.limit || p->ask.limit > AGAIN_MENTIONS_MAX)
		p->ask.limit = AGAIN_MENTIONS_MAX;
	p->ask.source = p->source = xstrdup(ask->source);
	p->arena = arena_new(STORE_ROWS_MAX_BYTES);
	p->cb = cb;
	p->arg = arg;
	engine_post(s->engine, &p->request);
}
