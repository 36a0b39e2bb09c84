/* What came with hits is kept as it came, for a while: of what stands behind an incident it is the evidence (store/evidence). It is compressed by
 * one of the loop's threads; what is behind those is not kept, and counted. */
#include "base/clock.h"
#include "base/log.h"
#include "main/app_inside.h"
#include "mention/answer.h"
#include "source/poll.h"
#include "store/evidence.h"

struct coming {
	struct app *app;
	struct evidence_answer *answer;
};

static void on_noted(void *arg, int r)
{
	if (r < 0)
		app_log_failed(arg, "evidence.note", r);
}

static void prepare(void *arg)
{
	const struct coming *c = arg;

	evidence_answer_prepare(c->answer);
}

static void drop(void *arg)
{
	struct coming *c = arg;

	evidence_answer_free(c->answer);
	free(c);
}

static void prepared(void *arg)
{
	struct coming *c = arg;

	if (c->app->store)
		store_evidence_note(c->app->store, TAKE(c->answer), on_noted, c->app);
	drop(c);
}

static bool has_hits(const struct answer *a)
{
	size_t i;

	for (i = 0; i < a->n_mentions; i++)
		if (a->mentions[i].n_hits && !a->mentions[i].own)
			return true;
	return false;
}

void app_evidence_came(void *arg, const struct poll_came *came)
{
	static const struct loop_work_ops ops = {.run = prepare, .done = prepared, .drop = drop};
	const struct evidence_about about = {.source = came->source,
					     .url = came->url,
					     .status = came->status,
					     .at_ms = clock_wall_ms(),
					     .content_type = came->content_type,
					     .etag = came->etag,
					     .last_modified = came->last_modified};
	struct app *a = arg;
	struct coming *c;
	struct loop_work *work;
	size_t i, h;
	int r;

	if (a->once || !has_hits(came->answer))
		return;
	c = NEW(struct coming);
	*c = (struct coming){.app = a, .answer = evidence_answer_new(&about, came->body)};
	for (i = 0; i < came->answer->n_mentions; i++) {
		const struct mention *m = &came->answer->mentions[i];

		for (h = 0; !m->own && h < m->n_hits; h++)
			evidence_answer_add(c->answer, m->hits[h].topic, m->id);
	}
	r = loop_work_start(a->loop, &ops, c, &work);
	if (r == 0)
		return;
	LOG_LIMITED("evidence.not_kept", LOG_S("source", came->source), LOG_I("result", r));
	drop(c);
}
