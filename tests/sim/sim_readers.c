/* pool/plan with processes that are none. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "mention/job.h"
#include "pool/plan.h"
#include "pool/pool.h"
#include "sim.h"
#include "sim_keep.h"

enum { SIGNAL_9 = 9 /* a wait status */, JOB_MS = 2000, ARENA_BYTES = 1 << 20, HELD_MAX = 30 * 60 * 1000 };

struct sim_process {
	struct sim *sim;
	struct sim_process *next, *nursery; /* nursery NULL: it is one */
	uint64_t id, job;
	bool up, condemned; /* condemned: told to go */
	struct sim_event event;
	struct plan_event says; /* when the event comes */
};

struct sim_job {
	struct sim *sim;
	struct sim_job *next;
	uint64_t number;
	pool_fn *fn;
	void *arg;
	struct buf payload, answer;
	unsigned sends, nursery_deaths;
	struct sim_process *holder;
	enum pool_outcome outcome;
	bool over; /* its answer is on its way, or it was cancelled */
	int64_t since_ms;
	struct sim_event event;
};

static void happen(struct sim *s, struct plan_event e);

/* --- processes --- */

static struct sim_process *process(struct sim *s, uint64_t id)
{
	struct sim_process *p;

	for (p = s->pool.first; p; p = p->next) {
		if (p->id == id)
			return p;
	}
	return NULL;
}

static struct sim_job *job_of(struct sim *s, uint64_t number)
{
	struct sim_job *j;

	for (j = s->pool.jobs; j; j = j->next) {
		if (j->number == number)
			return j;
	}
	return NULL;
}

static void bury(struct sim_process *p)
{
	struct sim *s = p->sim;
	struct sim_process **at;
	struct sim_job *j;

	for (j = s->pool.jobs; j; j = j->next) {
		if (j->holder == p)
			j->holder = NULL;
	}
	for (at = &s->pool.first; *at != p; at = &(*at)->next)
		;
	*at = p->next;
	sim_not(s, &p->event);
	free(p);
}

static void bury_readers(struct sim *s, const struct sim_process *nursery)
{
	struct sim_process *p = s->pool.first, *next;

	for (; p; p = next) {
		next = p->next;
		if (p->nursery != nursery)
			continue;
		if (p->job && job_of(s, p->job))
			job_of(s, p->job)->nursery_deaths++;
		bury(p);
	}
}

static void on_process(void *arg)
{
	struct sim_process *p = arg;
	struct sim *s = p->sim;
	struct plan_event e = p->says;

	if (e.kind == PLAN_READER_ANSWERED)
		p->job = 0;
	if (e.kind == PLAN_READER_UP) {
		p->up = true;
		happen(s, (struct plan_event){.kind = PLAN_READER_FORKED, .reader = p->id});
	}
	if (e.kind == PLAN_NURSERY_GONE)
		bury_readers(s, p);
	if (e.kind == PLAN_NURSERY_GONE || e.kind == PLAN_READER_EXITED)
		bury(p);
	happen(s, e);
}

static void says(struct sim_process *p, int64_t wait_ms, struct plan_event e)
{
	p->says = e;
	sim_at(p->sim, &p->event, wait_ms);
}

static bool sick(struct sim *s)
{
	return !s->calm && (int64_t)s->pool.sick_until_ms > s->clock.steady_ms && sim_one_in(s, 3);
}

static struct sim_process *begin(struct sim *s, uint64_t id, struct sim_process *nursery)
{
	struct sim_process *p = NEW(struct sim_process);

	*p = (struct sim_process){
		.sim = s, .id = id, .nursery = nursery, .next = s->pool.first, .event = {.fn = on_process, .arg = p}};
	s->pool.first = p;
	return p;
}

static void begin_nursery(struct sim *s, uint64_t id)
{
	struct sim_process *p = begin(s, id, NULL);

	if (s->pool.serves && sick(s)) { /* without a first one escuchad ends, and is started again */
		if (sim_one_in(s, 2))
			says(p, 50, (struct plan_event){.kind = PLAN_NURSERY_GONE, .nursery = id, .status = SIGNAL_9});
		return; /* or it hangs */
	}
	says(p, 50 + (int64_t)sim_roll(s, 400), (struct plan_event){.kind = PLAN_NURSERY_READY, .nursery = id});
}

static void begin_reader(struct sim *s, uint64_t id, uint64_t nursery)
{
	struct sim_process *p, *of = process(s, nursery);
	unsigned n = 0;

	PROMISE(s, of, "a reader of a nursery that is gone");
	for (p = s->pool.first; p; p = p->next)
		n += p->nursery == of && !p->condemned;
	PROMISE(s, n < READERS, "%u readers already, and one more", n);
	p = begin(s, id, of);
	if (sick(s))
		says(p, 2, (struct plan_event){.kind = PLAN_READER_EXITED, .reader = id, .status = PLAN_STATUS_NONE});
	else
		says(p, 2, (struct plan_event){.kind = PLAN_READER_UP, .reader = id});
}

/* --- a reader's work --- */

static void read_items(const struct job_feed *job, struct arena *a, struct answer *ret)
{
	const char *at = job->body, *end = at + job->body_len;
	size_t site = strtoul(job->source + 1, NULL, 10), i;

	ret->identity = job->identity;
	ret->items = ARENA_ARRAY(a, struct item_mark, SHOWN);
	ret->mentions = ARENA_ARRAY(a, struct mention, SHOWN);
	while (at < end) {
		struct item_mark *item = &ret->items[ret->n_items++];
		struct mention *m = &ret->mentions[ret->n_mentions];

		mention_init(m);
		keep_item_id(site, strtoul(at, NULL, 10), m->id);
		m->text = "acme";
		m->seen_ms = job->seen_ms;
		memcpy(item->key.id, m->id, MENTION_ID_BYTES);
		item->state = ITEM_NEW;
		for (i = 0; i < job->n_seen; i++) {
			if (memcmp(job->seen[i].id, m->id, MENTION_ID_BYTES) == 0)
				item->state = ITEM_KNOWN;
		}
		ret->n_mentions += item->state == ITEM_NEW;
		at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
	}
}

/* False: it kills its reader. */
static bool read_job(struct sim_job *j)
{
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	struct answer answer = {.status = ANSWER_OK};
	struct job_feed job;

	PROMISE(j->sim, job_feed_get(j->payload.data, j->payload.len, a, &job) == 0, "a job that nobody can read");
	if (job.body_len >= 3 && memcmp(job.body, "die", 3) == 0)
		return false;
	if (job.body_len >= 3 && memcmp(job.body, "bad", 3) == 0)
		answer = (struct answer){.status = ANSWER_NOT_A_FEED, .why = "no feed"};
	else
		read_items(&job, a, &answer);
	buf_done(&j->answer);
	j->answer = (struct buf)BUF_INIT(1 << 20);
	answer_put(&j->answer, &answer);
	return true;
}

static void send(struct sim *s, uint64_t number, uint64_t reader)
{
	struct sim_process *p = process(s, reader);
	struct sim_job *j = job_of(s, number);

	PROMISE(s, p && p->up && !p->condemned, "job %llu goes to a reader that is not there",
		(unsigned long long)number);
	PROMISE(s, j, "a job that was never submitted");
	PROMISE(s, !p->job, "reader %llu has two jobs", (unsigned long long)reader);
	PROMISE(s, !j->holder || j->holder->condemned, "job %llu is with two readers", (unsigned long long)number);
	PROMISE(s, ++j->sends <= PLAN_STRIKES_MAX + j->nursery_deaths, "job %llu is tried %u times",
		(unsigned long long)number, j->sends);
	p->job = number;
	j->holder = p;
	if (!read_job(j) || (sick(s) && sim_one_in(s, 2)))
		says(p, 5, (struct plan_event){.kind = PLAN_READER_EXITED, .reader = reader, .status = SIGNAL_9});
	else if (sick(s) && sim_one_in(s, 2))
		says(p, 5, (struct plan_event){.kind = PLAN_READER_BROKEN, .reader = reader});
	else if (!sick(s)) /* else it hangs */
		says(p, 1 + (int64_t)sim_roll(s, 50),
		     (struct plan_event){.kind = PLAN_READER_ANSWERED, .reader = reader, .job = number});
}

/* --- jobs --- */

static void job_free(struct sim_job *j)
{
	struct sim_job **at;

	for (at = &j->sim->pool.jobs; *at != j; at = &(*at)->next)
		;
	*at = j->next;
	sim_not(j->sim, &j->event);
	buf_done(&j->payload);
	buf_done(&j->answer);
	free(j);
}

static void on_job(void *arg)
{
	static const char why[] = "killed by signal 9";
	struct sim_job *j = arg;

	if (j->outcome == POOL_DONE)
		j->fn(j->arg, POOL_DONE, buf_str(&j->answer), j->answer.len);
	else
		j->fn(j->arg, POOL_SET_ASIDE, why, sizeof(why) - 1);
	job_free(j);
}

static void end(struct sim *s, uint64_t number, enum pool_outcome outcome)
{
	struct sim_job *j = job_of(s, number);

	PROMISE(s, j && !j->over, "job %llu ends twice", (unsigned long long)number);
	PROMISE(s, outcome != POOL_SET_ASIDE || j->sends >= PLAN_STRIKES_MAX, "job %llu is set aside after %u tries",
		(unsigned long long)number, j->sends);
	sim_trace(s, "job %llu %s after %u tries", (unsigned long long)number,
		  outcome == POOL_DONE ? "done" : "set aside", j->sends);
	s->pool.done += outcome == POOL_DONE;
	s->pool.aside += outcome != POOL_DONE;
	j->over = true;
	j->outcome = outcome;
	sim_at(s, &j->event, 0);
}

uint64_t pool_submit(struct pool *p, enum frame_type type, struct buf *payload, const char *source,
		     enum pool_priority priority, pool_fn *fn, void *arg)
{
	struct sim *s = (struct sim *)p;
	struct sim_job *j;
	uint64_t number;

	(void)type;
	(void)source;
	if (sick(s) && sim_one_in(s, 4)) { /* it is full */
		buf_done(payload);
		return 0;
	}
	j = NEW(struct sim_job);
	number = ++s->pool.n_jobs;
	*j = (struct sim_job){.sim = s,
			      .next = s->pool.jobs,
			      .number = number,
			      .fn = fn,
			      .arg = arg,
			      .payload = *payload,
			      .answer = BUF_INIT(0),
			      .since_ms = s->clock.steady_ms,
			      .event = {.fn = on_job, .arg = j}};
	*payload = (struct buf)BUF_INIT(0);
	s->pool.jobs = j;
	sim_dice(s, 2000);
	happen(s, (struct plan_event){
			  .kind = PLAN_SUBMIT, .job = number, .priority = (unsigned)priority, .time_ms = JOB_MS});
	return number;
}

void pool_cancel(struct pool *p, uint64_t number)
{
	struct sim *s = (struct sim *)p;
	struct sim_job *j = job_of(s, number);

	if (!j)
		return;
	if (j->over) {
		job_free(j);
		return;
	}
	happen(s, (struct plan_event){.kind = PLAN_CANCEL, .job = number});
}

/* --- plan --- */

static void obey(struct sim *s, const struct plan_action *a)
{
	struct sim_process *p =
		process(s, a->kind == PLAN_END || a->kind == PLAN_KILL_NURSERY ? a->nursery : a->reader);

	switch (a->kind) {
	case PLAN_SPAWN:
		begin_nursery(s, a->nursery);
		break;
	case PLAN_END:
	case PLAN_KILL_NURSERY:
		if (p)
			says(p, 2,
			     (struct plan_event){.kind = PLAN_NURSERY_GONE, .nursery = p->id, .status = SIGNAL_9});
		break;
	case PLAN_FORK:
		begin_reader(s, a->reader, a->nursery);
		break;
	case PLAN_SEND:
		send(s, a->job, a->reader);
		break;
	case PLAN_CLOSE:
	case PLAN_KILL:
		if (!p)
			break;
		p->condemned = true;
		says(p, 1, (struct plan_event){.kind = PLAN_READER_EXITED, .reader = p->id, .status = SIGNAL_9});
		break;
	case PLAN_DONE:
		end(s, a->job, POOL_DONE);
		break;
	case PLAN_SET_ASIDE:
		end(s, a->job, POOL_SET_ASIDE);
		break;
	case PLAN_FORGET:
		if (job_of(s, a->job))
			job_free(job_of(s, a->job));
		break;
	case PLAN_TELL:
		s->pool.deaths++;
		break;
	case PLAN_SERVES:
		s->pool.serves = true;
		break;
	case PLAN_DROP:
	case PLAN_REFUSED:
		break;
	}
}

static void happen(struct sim *s, struct plan_event e)
{
	struct plan_actions got = plan_step(s->pool.plan, &e, s->clock.steady_ms);
	int64_t due;
	size_t i;

	for (i = 0; i < got.n; i++) /* nothing of it calls back at once */
		obey(s, &got.v[i]);
	due = plan_due(s->pool.plan);
	if (due == TIME_NONE)
		sim_not(s, &s->pool.tick);
	else
		sim_at(s, &s->pool.tick, due - s->clock.steady_ms);
}

static void on_tick(void *arg)
{
	happen(arg, (struct plan_event){.kind = PLAN_TICK});
}

void pool_begin(struct sim *s)
{
	const struct plan_config config = {.readers = READERS};

	s->pool.plan = plan_new(&config);
	s->pool.serves = false;
	s->pool.tick = (struct sim_event){.fn = on_tick, .arg = s};
	happen(s, (struct plan_event){.kind = PLAN_LOAD, .generation = 1});
}

void pool_end(struct sim *s)
{
	while (s->pool.jobs)
		job_free(s->pool.jobs);
	while (s->pool.first)
		bury(s->pool.first);
	sim_not(s, &s->pool.tick);
	s->pool.plan = plan_free(s->pool.plan);
}

void pool_kill_some(struct sim *s)
{
	struct sim_process *p = s->pool.first;
	uint64_t skip = sim_roll(s, READERS + 1);

	for (; p && skip; skip--)
		p = p->next;
	if (!p || p->condemned)
		return;
	sim_trace(s, "%s %llu is killed", p->nursery ? "reader" : "nursery", (unsigned long long)p->id);
	if (!p->nursery && !p->event.place) /* one that still loads for the first time is not started again */
		says(p, 0, (struct plan_event){.kind = PLAN_NURSERY_GONE, .nursery = p->id, .status = SIGNAL_9});
	else if (p->nursery)
		says(p, 0, (struct plan_event){.kind = PLAN_READER_EXITED, .reader = p->id, .status = SIGNAL_9});
}

void pool_rest(struct sim *s)
{
	const struct sim_job *j;

	for (j = s->pool.jobs; j; j = j->next)
		PROMISE(s,
			s->clock.steady_ms - j->since_ms < HELD_MAX ||
				s->clock.steady_ms - s->web.woke_ms < HELD_MAX || /* nobody works in their sleep */
				s->pool.sick_until_ms + HELD_MAX > (uint64_t)s->clock.steady_ms,
			"job %llu is not done in %d minutes", (unsigned long long)j->number, HELD_MAX / 60000);
}
