#include "pool/pool.h"

#include <errno.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "loop/loop.h"
#include "mention/job.h"
#include "pool/inside.h"
#include "pool/terms.h"

enum {
	STALL_MS = 1000, /* a tick this late says that we stood still, not the readers */
	SECOND_LOOK_MS = 50,
};

/* --- jobs --- */

static struct job **job_at(struct pool *p, uint64_t number)
{
	struct job **at = &p->jobs[number % JOB_BUCKETS];

	while (*at && (*at)->number != number)
		at = &(*at)->next;
	return at;
}

struct job *pool_job(const struct pool *p, uint64_t number)
{
	struct job *job = p->jobs[number % JOB_BUCKETS];

	while (job && job->number != number)
		job = job->next;
	return job;
}

static struct job *job_take(struct pool *p, uint64_t number)
{
	struct job **at = job_at(p, number), *job = *at;

	if (!job)
		return NULL;
	*at = job->next;
	p->n_jobs--;
	p->jobs_bytes -= job->payload.len;
	return job;
}

/* Takes the job. Calls out last: the callback may submit, cancel or reload. */
static void job_end(struct job *job, enum pool_outcome outcome, const char *bytes, size_t len)
{
	pool_fn *fn = job->fn;
	void *arg = job->arg;

	buf_done(&job->payload);
	free(job->source);
	free(job);
	if (fn)
		fn(arg, outcome, bytes, len);
}

/* --- rules --- */

static void rules_free(struct rules *r)
{
	arena_free(r->arena);
	free(r);
}

static void rules_add(struct pool *p, uint64_t generation, const char *const *paths, size_t n)
{
	struct rules *r = NEW(struct rules);
	size_t i;

	r->generation = generation;
	r->arena = arena_new(SIZE_MAX);
	r->paths = ARENA_ARRAY(r->arena, const char *, n);
	for (i = 0; i < n; i++)
		r->paths[i] = arena_strdup(r->arena, paths[i]);
	r->n = n;
	r->maps = map_sources_copy(p->maps, p->n_maps, r->arena);
	r->n_maps = p->n_maps;
	r->lexicon = arena_strdup(r->arena, p->lexicon);
	r->next = p->rules;
	p->rules = r;
}

void pool_maps(struct pool *p, const struct map_source *v, size_t n)
{
	struct arena *arena = arena_new(SIZE_MAX);

	p->maps = map_sources_copy(v, n, arena);
	p->n_maps = n;
	arena_free(p->maps_arena);
	p->maps_arena = arena;
}

void pool_lexicon(struct pool *p, const char *folder)
{
	free(p->lexicon);
	p->lexicon = folder ? xstrdup(folder) : NULL;
}

/* All up to this generation, but the one that served last: it may have to be loaded again. */
static void rules_forget(struct pool *p, uint64_t up_to, uint64_t kept)
{
	struct rules **at = &p->rules, *r;

	while ((r = *at)) {
		if (r->generation > up_to || r->generation == kept) {
			at = &r->next;
			continue;
		}
		*at = r->next;
		rules_free(r);
	}
}

/* --- patterns that are switched off --- */

static void off_forget(struct pool *p)
{
	while (p->n_off)
		buf_done(&p->off[--p->n_off]);
}

bool pool_off(struct pool *p, uint64_t generation, const char *topic, const char *pattern)
{
	struct buf b = BUF_INIT(LINK_INLINE_BYTES); /* copied with each frame: nothing is borrowed */

	if (generation != p->serving || p->n_off == POOL_OFF_MAX)
		return false;
	off_put(&b, topic, pattern);
	if (b.full) {
		buf_done(&b);
		return false;
	}
	p->off[p->n_off++] = b;
	return true;
}

/* --- what the plan says --- */

static void serves(struct pool *p, const struct plan_action *a)
{
	const struct nursery *n = crew_nursery(p, a->nursery);

	if (p->serving != a->generation) /* rules that are loaded anew are tried anew */
		off_forget(p);
	p->serving = a->generation;
	rules_forget(p, a->generation, p->serving);
	if (!n)
		return;
	LOG_INFO("rules.serve", LOG_I("generation", (int64_t)a->generation));
	p->ops->on_ready(p->arg, a->generation, n->findings, n->catalogue, n->catalogue_len);
}

static void refused(struct pool *p, const struct plan_action *a)
{
	rules_forget(p, a->generation, p->serving);
	tell_refused(p, a);
}

static void set_aside(struct pool *p, const struct plan_action *a)
{
	struct job *job = job_take(p, a->job);
	struct buf why = BUF_INIT(512);

	tell_set_aside(p, a, job, &why);
	job_end(job, POOL_SET_ASIDE, buf_str(&why), why.len);
	buf_done(&why);
}

static void act(struct pool *p, const struct plan_action *a)
{
	switch (a->kind) {
	case PLAN_SPAWN:
		crew_spawn(p, a->nursery, a->generation);
		break;
	case PLAN_END:
		crew_end(p, a->nursery);
		break;
	case PLAN_KILL_NURSERY:
		crew_kill_nursery(p, a->nursery);
		break;
	case PLAN_FORK:
		crew_fork(p, a->nursery, a->reader);
		break;
	case PLAN_SEND:
		crew_send(p, a->reader, pool_job(p, a->job));
		break;
	case PLAN_CLOSE:
		crew_close(p, a->reader);
		break;
	case PLAN_KILL:
		crew_kill(p, a->reader);
		break;
	case PLAN_DROP:
		crew_drop(p, a->reader);
		break;
	case PLAN_DONE:
		job_end(job_take(p, a->job), POOL_DONE, p->answer->bytes, p->answer->len);
		break;
	case PLAN_FORGET:
		job_end(job_take(p, a->job), POOL_ENDED, NULL, 0); /* cancelled: nobody is called */
		break;
	case PLAN_SET_ASIDE:
		set_aside(p, a);
		break;
	case PLAN_SERVES:
		serves(p, a);
		break;
	case PLAN_REFUSED:
		refused(p, a);
		break;
	case PLAN_TELL:
		tell_event(p, a);
		break;
	}
}

static void due_set(struct pool *p)
{
	int64_t now_ms = clock_steady_ms();

	p->due_ms = plan_due(p->plan);
	if (p->due_ms == TIME_NONE)
		loop_timer_stop(p->due);
	else
		loop_timer_set(p->due, p->due_ms > now_ms ? p->due_ms - now_ms : 0);
}

/* Every event, those that come up on the way too. Actions may call out, and so only add events, never step. */
static void steps(struct pool *p)
{
	size_t i, k;

	if (p->stepping)
		return;
	p->stepping = true;
	for (i = 0; i < p->n_events; i++) {
		const struct plan_event e = p->events[i]; /* the array may grow below */
		const struct plan_actions actions = plan_step(p->plan, &e, clock_steady_ms());

		for (k = 0; k < actions.n; k++)
			act(p, &actions.v[k]);
		if (e.kind == PLAN_NURSERY_GONE)
			crew_forget(p, e.nursery);
	}
	p->n_events = 0;
	p->stepping = false;
	due_set(p);
}

static void event_add(struct pool *p, const struct plan_event *e)
{
	p->events = GROW(p->events, p->n_events, &p->cap_events);
	p->events[p->n_events++] = *e;
}

void pool_happened(struct pool *p, const struct plan_event *e)
{
	event_add(p, e);
	steps(p);
}

/* From outside: seen in the loop's next turn, or later in this one if we are calling out. */
static void asked(struct pool *p, const struct plan_event *e)
{
	event_add(p, e);
	if (!p->stepping)
		loop_timer_set(p->turn, 0);
}

static void on_turn(void *arg)
{
	steps(arg);
}

/* A tick that comes much too late means that this process stood still (stopped, suspended, starved): what the readers
 * did meanwhile waits in their sockets, and is heard before anyone is judged. */
static void on_due(void *arg)
{
	struct pool *p = arg;
	const struct plan_event e = {.kind = PLAN_TICK};

	if (!p->late && clock_steady_ms() - p->due_ms > STALL_MS) {
		p->late = true;
		loop_timer_set(p->due, SECOND_LOOK_MS);
		return;
	}
	p->late = false;
	pool_happened(p, &e);
}

/* --- the API --- */

int pool_new(struct loop *loop, const struct pool_config *config, const struct pool_ops *ops, void *arg,
	     struct pool **ret)
{
	struct plan_config plan = {.readers = config->readers, .patience = terms_patience(config->patience)};
	struct pool *p;

	if (plan.readers < POOL_READERS_MIN)
		plan.readers = POOL_READERS_MIN;
	if (plan.readers > POOL_READERS_MAX)
		plan.readers = POOL_READERS_MAX;
	p = NEW(struct pool);
	p->program = spawn_program(config->program);
	if (access(p->program, X_OK) < 0) {
		int r = -errno;

		free(p->program);
		free(p);
		return r;
	}
	p->loop = loop;
	p->ops = ops;
	p->arg = arg;
	p->config = *config;
	p->config.patience = plan.patience;
	p->plan = plan_new(&plan);
	p->due = loop_timer_new(loop, on_due, p);
	p->turn = loop_timer_new(loop, on_turn, p);
	pool_maps(p, config->maps, config->n_maps);
	pool_lexicon(p, config->lexicon);
	p->tried = config->tried ? xstrdup(config->tried) : NULL;
	pool_reload(p, config->rules, config->n_rules);
	*ret = p;
	return 0;
}

struct pool *pool_free(struct pool *p)
{
	struct job *job;
	size_t i;

	if (!p)
		return NULL;
	p->ending = p->stepping = true; /* what callbacks ask for now is not heard */
	crew_free(p);
	for (i = 0; i < JOB_BUCKETS; i++)
		while ((job = p->jobs[i])) {
			job_take(p, job->number);
			job_end(job, POOL_ENDED, NULL, 0);
		}
	rules_forget(p, UINT64_MAX, 0);
	free(p->lexicon);
	free(p->tried);
	arena_free(p->maps_arena);
	off_forget(p);
	plan_free(p->plan);
	loop_timer_free(p->due);
	loop_timer_free(p->turn);
	free(p->events);
	free(p->program);
	free(p);
	return NULL;
}

uint64_t pool_submit(struct pool *p, enum frame_type type, struct buf *payload, const char *source,
		     enum pool_priority priority, pool_fn *fn, void *arg)
{
	struct plan_event e = {.kind = PLAN_SUBMIT, .priority = priority, .fresh = type == FRAME_OPML};
	struct job *job;

	if (p->ending || payload->full || payload->len > FRAME_MAX_BYTES || p->n_jobs >= POOL_JOBS_MAX ||
	    payload->len > POOL_WAITING_MAX_BYTES - p->jobs_bytes) {
		buf_done(payload);
		return 0;
	}
	job = NEW(struct job);
	job->number = e.job = ++p->last_job;
	job->type = type;
	job->payload = *payload;
	*payload = (struct buf)BUF_INIT(payload->max);
	job->source = xstrdup(source);
	job->fn = fn;
	job->arg = arg;
	*job_at(p, job->number) = job;
	p->n_jobs++;
	p->jobs_bytes += job->payload.len;
	e.time_ms = terms_time_ms(type, job->payload.len, p->config.patience);
	asked(p, &e);
	return job->number;
}

void pool_cancel(struct pool *p, uint64_t number)
{
	const struct plan_event e = {.kind = PLAN_CANCEL, .job = number};
	struct job *job = pool_job(p, number);

	if (!job)
		return;
	job->fn = NULL;
	asked(p, &e);
}

uint64_t pool_reload(struct pool *p, const char *const *rules, size_t n_rules)
{
	const struct plan_event e = {.kind = PLAN_LOAD, .generation = ++p->last_generation};

	rules_add(p, e.generation, rules, n_rules);
	asked(p, &e);
	return e.generation;
}

void pool_status(const struct pool *p, struct pool_status *ret)
{
	struct plan_status s;
	const struct nursery *n;

	plan_status(p->plan, &s);
	n = crew_nursery(p, s.nursery);
	*ret = (struct pool_status){
		.readers = s.readers,
		.busy = s.busy,
		.waiting = s.waiting,
		.waiting_bytes = p->jobs_bytes,
		.generation = s.generation,
		.loading = s.loading,
		.done = s.done,
		.set_aside = s.set_aside,
		.strikes = s.strikes,
		.reader_deaths = s.reader_deaths,
		.nursery_restarts = s.nursery_restarts,
		.nursery = n ? n->process.pid : 0,
	};
}
