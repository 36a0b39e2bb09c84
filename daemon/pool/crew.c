/* The processes of a pool: what they send becomes the plan's events, what the plan says becomes frames and signals. */
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/log.h"
#include "base/wire.h"
#include "loop/loop.h"
#include "mention/build.h"
#include "mention/job.h"
#include "pool/border.h"
#include "pool/inside.h"
#include "pool/terms.h"

static struct reader *reader_of(const struct pool *p, uint64_t id)
{
	struct reader *r = p->readers;

	while (r && r->id != id)
		r = r->next;
	return r;
}

struct nursery *crew_nursery(const struct pool *p, uint64_t id)
{
	struct nursery *n = p->nurseries;

	while (n && n->id != id)
		n = n->next;
	return n;
}

/* --- nurseries --- */

static void nursery_free(struct nursery *n)
{
	struct nursery **at = &n->pool->nurseries;

	while (*at && *at != n)
		at = &(*at)->next;
	if (*at)
		*at = n->next;
	loop_watch_free(n->watch);
	link_free(n->link);
	words_free(n->words);
	spawn_end(&n->process);
	buf_done(&n->load);
	diag_free(n->findings);
	border_free(n->border);
	free(n);
}

static void gone(struct nursery *n, int status)
{
	struct pool *p = n->pool;
	const struct plan_event e = {.kind = PLAN_NURSERY_GONE, .nursery = n->id, .status = status};

	n->watch = loop_watch_free(n->watch);
	pool_happened(p, &e); /* then crew_forget() */
}

void crew_forget(struct pool *p, uint64_t nursery)
{
	struct nursery *n = crew_nursery(p, nursery);

	if (n)
		nursery_free(n);
}

static void on_process_end(int fd, unsigned what, void *arg)
{
	struct nursery *n = arg;
	int status;

	(void)fd;
	(void)what;
	if (spawn_reap(&n->process, &status))
		gone(n, status);
}

/* FRAME_READY or FRAME_FAILED. false: not as a nursery of ours writes it. */
static bool loaded(struct nursery *n, const struct frame *f)
{
	struct plan_event e = {.kind = PLAN_NURSERY_FAILED, .nursery = n->id};
	const char *findings = f->bytes;
	size_t len = f->len;

	if (f->type == FRAME_READY) {
		e.kind = PLAN_NURSERY_READY;
		if (ready_get(f->bytes, f->len, &findings, &len, &n->catalogue, &n->catalogue_len))
			return false;
		border_free(n->border);
		n->border = border_new(n->catalogue, n->catalogue_len);
		if (!n->border)
			return false;
	}
	diag_free(n->findings);
	n->findings = diag_new();
	if (diag_read(n->findings, findings, len))
		return false;
	if (e.kind == PLAN_NURSERY_READY && n->pool->ops->accept &&
	    !n->pool->ops->accept(n->pool->arg, n->generation, n->catalogue, n->catalogue_len, n->findings))
		e.kind = PLAN_NURSERY_FAILED;
	pool_happened(n->pool, &e);
	n->catalogue = NULL; /* its bytes go with the frame */
	n->catalogue_len = 0;
	return true;
}

/* FRAME_FORKED or FRAME_EXITED. */
static bool reader_told(struct nursery *n, const struct frame *f)
{
	struct pool *p = n->pool;
	struct wire_in in = WIRE_IN(f->bytes, f->len);
	struct plan_event e = {.kind = PLAN_READER_FORKED, .reader = f->number};
	struct reader *r = reader_of(p, f->number);
	uint32_t pid = wire_get_u32(&in);

	if (f->type == FRAME_EXITED || !pid)
		e.kind = PLAN_READER_EXITED;
	e.status = f->type == FRAME_EXITED ? (int)wire_get_u32(&in) : PLAN_STATUS_NONE;
	if (!wire_done(&in))
		return false;
	if (!r || r->nursery != n->id)
		return true; /* we have forgotten it */
	r->pid = f->type == FRAME_EXITED ? 0 : (pid_t)pid;
	pool_happened(p, &e);
	return true;
}

/* Its first frame. What a nursery of another build says would be misread, and it would misread us: nothing else is asked of it. */
static void introduced(struct nursery *n, const struct frame *f)
{
	const struct plan_event e = {.kind = PLAN_NURSERY_FAILED, .nursery = n->id};

	n->ours = f->type == FRAME_BUILD && build_is_ours(f->bytes, f->len);
	if (n->ours)
		return;
	n->stranger = true;
	n->findings = diag_new();
	diag_error(n->findings, (struct diag_pos){.file = NULL}, NULL, NULL, TEXT_POOL_OTHER_BUILD, n->pool->program);
	LOG_ERROR("nursery.other_build", LOG_I("pid", n->process.pid), LOG_S("ours", build_id()));
	spawn_kill(&n->process);
	pool_happened(n->pool, &e);
}

static void on_nursery_frame(void *arg, const struct frame *f)
{
	struct nursery *n = arg;
	bool ok = false;

	if (n->stranger)
		return; /* on its way out */
	if (!n->ours) {
		introduced(n, f);
		return;
	}
	if (f->type == FRAME_READY || f->type == FRAME_FAILED)
		ok = loaded(n, f);
	else if (f->type == FRAME_FORKED || f->type == FRAME_EXITED)
		ok = reader_told(n, f);
	if (!ok) {
		LOG_ERROR("nursery.broken", LOG_I("pid", n->process.pid), LOG_I("frame", f->type));
		spawn_kill(&n->process);
	}
}

/* Its process is about to end, and is the one to be waited for; a nursery that only closed its socket is of no use. */
static void on_nursery_end(void *arg, enum link_end how)
{
	struct nursery *n = arg;

	(void)how;
	spawn_kill(&n->process);
}

static void load_send(struct nursery *n, const struct rules *rules)
{
	const struct job_load load = {
		.paths = rules->paths,
		.n_paths = rules->n,
		.maps = rules->maps,
		.n_maps = rules->n_maps,
		.lexicon = rules->lexicon,
		.tried = n->pool->tried,
		.reader_memory_bytes = n->pool->config.reader_memory_bytes,
		.no_prefilter = n->pool->config.no_prefilter,
	};

	job_load_put(&n->load, &load);
	link_send(n->link, FRAME_LOAD, 0, buf_str(&n->load), n->load.len, -1);
}

static const struct rules *rules_of(const struct pool *p, uint64_t generation)
{
	const struct rules *rules = p->rules;

	while (rules && rules->generation != generation)
		rules = rules->next;
	return rules;
}

static int start(struct pool *p, struct nursery *n)
{
	static const struct link_ops ops = {.on_frame = on_nursery_frame, .on_end = on_nursery_end};
	int fd, r;

	r = spawn_nursery(p->program, &n->process);
	if (r < 0)
		return r;
	n->watch = loop_watch_new(p->loop, n->process.pidfd, on_process_end, n);
	r = loop_watch_set(n->watch, LOOP_READ);
	if (r < 0)
		return r;
	n->words = words_new(p->loop, n->process.said, n->process.pid);
	fd = n->process.fd;
	n->process.fd = -1;
	return link_new(p->loop, fd, &ops, n, &n->link);
}

void crew_spawn(struct pool *p, uint64_t nursery, uint64_t generation)
{
	struct nursery *n = NEW(struct nursery);
	int r;

	n->pool = p;
	n->id = nursery;
	n->generation = generation;
	n->process = (struct nursery_process)NURSERY_PROCESS_NONE;
	buf_init(&n->load, FRAME_MAX_BYTES);
	n->next = p->nurseries;
	p->nurseries = n;
	r = start(p, n);
	if (r < 0) {
		LOG_ERROR("nursery.unstartable", LOG_S("program", p->program), LOG_S("error", strerror(-r)));
		n->findings = diag_new();
		spawn_finding(n->findings, p->program, r);
		gone(n, PLAN_STATUS_NONE);
		return;
	}
	LOG_INFO("nursery.started", LOG_I("pid", n->process.pid), LOG_I("generation", (int64_t)generation));
	load_send(n, rules_of(p, generation));
}

void crew_end(struct pool *p, uint64_t nursery)
{
	struct nursery *n = crew_nursery(p, nursery);

	if (n)
		n->link = link_free(n->link); /* it sees the end of its socket, and ends */
}

void crew_kill_nursery(struct pool *p, uint64_t nursery)
{
	struct nursery *n = crew_nursery(p, nursery);

	if (n)
		spawn_kill(&n->process);
}

/* --- readers --- */

static void reader_free(struct reader *r)
{
	struct reader **at = &r->pool->readers;

	while (*at && *at != r)
		at = &(*at)->next;
	if (*at)
		*at = r->next;
	link_free(r->link);
	free(r);
}

struct judged {
	const struct nursery *nursery;
	const struct job *job;
};

static void on_judged(void *arg, const struct answer *answer)
{
	const struct judged *j = arg;
	const struct pool *p = j->nursery->pool;

	if (p->ops->on_judged)
		p->ops->on_judged(p->arg, j->nursery->generation, j->job->source, answer);
}

static bool terms_kept(const struct reader *r, const struct job *job, const struct frame *f, bool *ret_suspect)
{
	const struct nursery *n = crew_nursery(r->pool, r->nursery);
	struct judged judged = {n, job};
	const struct terms_job terms = {.type = job->type,
					.payload = &job->payload,
					.border = n ? n->border : NULL,
					.on_answer = on_judged,
					.arg = &judged};

	r->pool->broken = terms.border ? terms_broken(&terms, f, ret_suspect) : "an answer with no rules behind it";
	return !r->pool->broken;
}

/* What it says counts if it was to be said: that it is up, once; an answer to the job that it holds, once it has all of
 * that job, whose bytes go with the answer. */
static void on_reader_frame(void *arg, const struct frame *f)
{
	struct reader *r = arg;
	struct pool *p = r->pool;
	const struct job *job = r->job ? pool_job(p, r->job) : NULL;
	struct plan_event e = {.kind = PLAN_READER_BROKEN, .reader = r->id};

	if (f->type == FRAME_UP && f->number == 0 && f->len == 0 && !r->up) {
		e.kind = PLAN_READER_UP;
		r->up = true;
	} else if (job && f->number == job->number && !link_sending(r->link) && terms_kept(r, job, f, &e.suspect)) {
		e.kind = PLAN_READER_ANSWERED;
		e.job = r->job;
		r->job = 0;
		link_bound(r->link, 0);
		p->answer = f;
	}
	pool_happened(p, &e);
	p->answer = NULL;
	p->broken = NULL;
}

static void on_reader_end(void *arg, enum link_end how)
{
	const struct reader *r = arg;
	const struct plan_event e = {.kind = how == LINK_BROKEN ? PLAN_READER_BROKEN : PLAN_READER_CLOSED,
				     .reader = r->id};

	pool_happened(r->pool, &e);
}

/* What can't be forked is told to the plan like one that died: it knows when to try again. */
void crew_fork(struct pool *p, uint64_t nursery, uint64_t reader)
{
	static const struct link_ops ops = {.on_frame = on_reader_frame, .on_end = on_reader_end};
	const struct plan_event failed = {.kind = PLAN_READER_EXITED, .reader = reader, .status = PLAN_STATUS_NONE};
	struct nursery *n = crew_nursery(p, nursery);
	struct reader *r = NEW(struct reader);
	int ours, theirs, e;

	*r = (struct reader){.next = p->readers, .pool = p, .id = reader, .nursery = nursery};
	p->readers = r;
	e = spawn_pair(&ours, &theirs);
	if (e < 0) {
		pool_happened(p, &failed);
		return;
	}
	e = link_new(p->loop, ours, &ops, r, &r->link);
	if (e < 0 || !n || !n->link) {
		close(theirs);
		pool_happened(p, &failed);
		return;
	}
	link_bound(r->link, 0); /* FRAME_UP has no bytes, and nothing is due before a job */
	link_send(n->link, FRAME_FORK, reader, NULL, 0, theirs);
}

/* What it is to leave out goes before the job: a reader that was forked a moment ago knows nothing of it. */
static void off_send(struct pool *p, struct reader *r)
{
	const struct nursery *n = crew_nursery(p, r->nursery);

	if (!n || n->generation != p->serving)
		return;
	for (; r->told_off < p->n_off; r->told_off++)
		link_send(r->link, FRAME_OFF, 0, buf_str(&p->off[r->told_off]), p->off[r->told_off].len, -1);
}

void crew_send(struct pool *p, uint64_t reader, const struct job *job)
{
	struct reader *r = reader_of(p, reader);

	if (!r || !r->link)
		return;
	off_send(p, r);
	r->job = job->number;
	link_bound(r->link, answer_max_bytes(job->payload.len));
	link_send(r->link, job->type, job->number, buf_str(&job->payload), job->payload.len, -1);
}

void crew_close(struct pool *p, uint64_t reader)
{
	struct reader *r = reader_of(p, reader);

	if (r)
		r->link = link_free(r->link);
}

/* The nursery does it: being the parent, it alone can't hit another process that came by the same number. */
void crew_kill(struct pool *p, uint64_t reader)
{
	struct reader *r = reader_of(p, reader);
	struct nursery *n = r ? crew_nursery(p, r->nursery) : NULL;
	struct buf b = BUF_INIT(16);

	if (!r)
		return;
	r->link = link_free(r->link); /* its job may be given to another now, whose bytes this one borrowed */
	r->job = 0;
	if (r->pid && n && n->link) {
		wire_put_u32(&b, (uint32_t)r->pid);
		link_send(n->link, FRAME_KILL, reader, buf_str(&b), b.len, -1);
	}
	buf_done(&b);
}

void crew_drop(struct pool *p, uint64_t reader)
{
	struct reader *r = reader_of(p, reader);

	if (r)
		reader_free(r);
}

void crew_free(struct pool *p)
{
	while (p->readers)
		reader_free(p->readers);
	while (p->nurseries)
		nursery_free(p->nurseries);
}
