#include "store/growth.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "mention/series.h"
#include "store/mention_row.h"
#include "store/state.h"
#include "store/stream_id.h"

double growth_of(const struct growth_point *v, size_t n)
{
	double most = -1;
	size_t i, from = 0;

	for (i = 1; i < n; i++) {
		int64_t ms = v[i].at_ms - v[from].at_ms, gained = v[i].interactions - v[from].interactions;
		double per_hour;

		if (ms < GROWTH_LEAST_MS)
			continue;
		per_hour = gained > 0 ? (double)gained * HOUR_MS / (double)ms : 0;
		most = per_hour > most ? per_hour : most;
		from = i;
	}
	return most;
}

struct growth_request {
	struct request request;
	char *topic;
	int64_t since_ms;
	struct growth growth;
	store_growth_cb *cb;
	void *arg;
};

/* One post's points, as they come. */
struct post {
	int64_t mention;
	struct growth_point points[STORE_COUNTS_MAX + 1];
	size_t n;
	uint8_t id[MENTION_ID_BYTES];
};

/* A post is read only where it would be the fastest: its tone is none of what the question finds. */
static int post_end(struct growth_request *p, struct reader *rd, const struct post *post)
{
	cleanup(arena_freep) struct arena *a = NULL;
	double per_hour = growth_of(post->points, post->n);
	struct mention_row row;
	int r;

	if (per_hour <= p->growth.per_hour && (per_hour <= p->growth.negative || per_hour <= 0))
		return 0;
	a = arena_new(MENTION_TEXT_MAX_BYTES);
	r = mention_row_find(rd->db, NULL, post->mention, a, &row);
	if (r != 0 || !series_counts(&row.m))
		return r < 0 ? r : 0;
	if (per_hour > p->growth.per_hour) {
		p->growth.per_hour = per_hour;
		memcpy(p->growth.id, post->id, sizeof(p->growth.id));
	}
	if (series_tone(&row.m) == SERIES_NEGATIVE && per_hour > p->growth.negative)
		p->growth.negative = per_hour;
	return 0;
}

static void post_add(struct post *post, struct query *q, int64_t since_ms)
{
	struct growth_point now;
	const void *key;
	size_t len;

	now.at_ms = query_get_int(q);
	now.interactions = query_get_int(q);
	if (post->n && now.at_ms <= since_ms) /* of those before, the last */
		post->n = 0;
	if (post->n < ARRAY_LEN(post->points))
		post->points[post->n++] = now;
	key = query_get_blob(q, &len);
	if (len == sizeof(post->id))
		memcpy(post->id, key, len);
}

static int read_growth(struct request *req, struct reader *rd)
{
	struct growth_request *p = REQUEST_OF(req, struct growth_request);
	cleanup(query_end) struct query q = query_begin(rd->db, SQL_GROWTH);
	cleanup(freep) struct post *post = NEW(struct post);
	int r, ended = 0;

	p->growth = (struct growth){.per_hour = -1, .negative = -1};
	query_put_text(&q, p->topic);
	query_put_int(&q, stream_id_pack((struct stream_id){.ms = p->since_ms - GROWTH_BACK_DAYS * DAY_MS}));
	while (ended == 0 && (r = query_next(&q)) > 0) {
		int64_t mention = query_get_int(&q);

		if (mention != post->mention) {
			ended = post_end(p, rd, post);
			post->mention = mention;
			post->n = 0;
		}
		post_add(post, &q, p->since_ms);
	}
	if (ended == 0 && r == 0)
		ended = post_end(p, rd, post);
	return ended < 0 ? ended : r;
}

static void finish_growth(struct request *req)
{
	struct growth_request *p = REQUEST_OF(req, struct growth_request);

	p->cb(p->arg, req->r, req->r == 0 ? &p->growth : NULL);
}

static void drop_growth(struct request *req)
{
	free(REQUEST_OF(req, struct growth_request)->topic);
	free(req);
}

void store_growth(struct store *s, const char *topic, int64_t since_ms, store_growth_cb *cb, void *arg)
{
	static const struct request_class class = {.read = read_growth, .finish = finish_growth, .drop = drop_growth};
	struct growth_request *p = NEW(struct growth_request);

	p->request.class = &class;
	p->topic = xstrdup(topic);
	p->since_ms = since_ms;
	p->cb = cb;
	p->arg = arg;
	engine_post(s->engine, &p->request);
}
