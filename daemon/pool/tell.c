/* What a pool says: to the log, and to whoever owns it. */
#include "base/diag.h"
#include "base/log.h"
#include "pool/inside.h"

enum { WHY_MAX_BYTES = 256 };

const char *pool_event_name(enum pool_event_kind kind)
{
	static const char *const names[] = {
		[POOL_READER_DIED] = "reader.died",     [POOL_READER_LATE] = "reader.late",
		[POOL_READER_BROKEN] = "reader.broken", [POOL_JOB_SET_ASIDE] = "reader.set_aside",
		[POOL_NURSERY_DIED] = "nursery.died",   [POOL_NURSERY_LATE] = "nursery.late",
	};

	return names[kind];
}

static void why_put(struct buf *b, const struct pool *p, enum plan_told told, int status)
{
	switch (told) {
	case PLAN_LATE:
		buf_puts(b, "its time was up");
		break;
	case PLAN_BROKEN:
		buf_puts(b, "its answer was not of the agreed form");
		if (p->broken)
			buf_printf(b, ": %s", p->broken);
		break;
	case PLAN_RULES:
		buf_puts(b, "the rules are wrong");
		break;
	case PLAN_DIED:
		spawn_status_put(b, status);
		break;
	}
}

static void tell(struct pool *p, const struct pool_event *e)
{
	LOG_LIMITED(pool_event_name(e->kind), LOG_S("source", e->source), LOG_S("why", e->why),
		    LOG_I("strikes", e->strikes));
	if (p->ops->on_event)
		p->ops->on_event(p->arg, e);
}

void tell_event(struct pool *p, const struct plan_action *a)
{
	static const enum pool_event_kind of_reader[] = {
		[PLAN_DIED] = POOL_READER_DIED, [PLAN_LATE] = POOL_READER_LATE, [PLAN_BROKEN] = POOL_READER_BROKEN};
	const struct job *job = a->job ? pool_job(p, a->job) : NULL;
	struct buf why = BUF_INIT(WHY_MAX_BYTES);
	struct pool_event e = {.source = job ? job->source : NULL, .strikes = a->strikes};

	if (a->nursery)
		e.kind = a->told == PLAN_LATE ? POOL_NURSERY_LATE : POOL_NURSERY_DIED;
	else
		e.kind = of_reader[a->told];
	why_put(&why, p, a->told, a->status);
	e.why = buf_str(&why);
	tell(p, &e);
	buf_done(&why);
}

void tell_set_aside(struct pool *p, const struct plan_action *a, const struct job *job, struct buf *why)
{
	struct pool_event e = {.kind = POOL_JOB_SET_ASIDE, .source = job->source, .strikes = a->strikes};

	buf_printf(why, "%u readers were lost on it; the last: ", a->strikes);
	why_put(why, p, a->told, a->status);
	e.why = buf_str(why);
	tell(p, &e);
}

void tell_refused(struct pool *p, const struct plan_action *a)
{
	const struct nursery *n = crew_nursery(p, a->nursery);
	cleanup(diag_freep) struct diag *made = diag_new();
	struct buf why = BUF_INIT(WHY_MAX_BYTES);
	struct buf seconds = BUF_INIT(WHY_MAX_BYTES);
	const struct diag_pos nowhere = {.file = NULL};

	if (n && n->stranger)
		buf_puts(&why, "escuchad-reader is of another build");
	else
		why_put(&why, p, a->told, a->status);
	if (a->told == PLAN_LATE) {
		buf_printf(&seconds, "%u", PLAN_LOAD_MS / 1000 * p->config.patience);
		diag_error(made, nowhere, NULL, NULL, TEXT_POOL_RULES_LATE, buf_str(&seconds));
	} else {
		diag_error(made, nowhere, NULL, NULL, TEXT_POOL_RULES_DIED, buf_str(&why));
	}
	LOG_LIMITED("rules.refused", LOG_S("why", buf_str(&why)), LOG_I("generation", (int64_t)a->generation));
	p->ops->on_failed(p->arg, a->generation, n && n->findings ? n->findings : made);
	buf_done(&why);
	buf_done(&seconds);
}
