#pragma once
/*
 * A source room with a world of a test's own: a log in memory, a reader for which each line of a body is an item, and a
 * network in which each address answers as the test says. All of them answer from the loop, as the real ones do; the
 * loop, its threads and its timers are real. The linker takes pool_submit() and fetch_start() from here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "fetch/fetch.h"
#include "fetch/parts.h"
#include "loop/loop.h"
#include "mention/job.h"
#include "pool/pool.h"
#include "source/config.h"
#include "source/files.h"
#include "source/poll.h"
#include "source/sources.h"

enum { WORLD_LOGS = 512, WORLD_KEYS = 64, WORLD_PAGES = 8, WORLD_JOBS = 512, WORLD_LINES = 16, WORLD_WAIT_MS = 10000 };
#define WORLD_START_MS INT64_C(1790000000000)

struct kept { /* what the log has of one source */
	struct arena *arena;
	struct source_state state;
	struct seen_key seen[WORLD_KEYS];
	size_t n_seen;
};

struct page { /* what the network has at an address */
	const char *url, *body, *etag, *permanent_url;
	enum fetch_outcome outcome;
	int64_t retry_after_ms, fresh_ms;
	bool hangs, below; /* below: whatever begins like the address */
};

static struct world {
	char dir[64];
	struct loop *loop;
	struct loop_timer *patience;
	int64_t skipped_ms, jump_ms; /* steady and wall time passed; the wall clock alone was set */

	struct kept kept[WORLD_LOGS];
	size_t n_kept, loads, commits, marks, parts; /* parts: commits with more to come */
	struct {
		char source[32], kind[16], why[16];
		int64_t from_ms, to_ms;
	} ledger[WORLD_LINES]; /* as polls committed them */
	size_t n_ledger;
	int load_r, commit_r;  /* the log's answers from now on */
	size_t stop_at_commit; /* the loop stops when this commit was answered */
	bool log_hangs;        /* asked, and not answered until world_answer_log() */
	void (*held)(void *arg);
	void *held_arg;

	struct page pages[WORLD_PAGES];
	size_t n_pages, asked; /* requests */
	char *etag_sent, asked_url[128];
	struct transfer *hung; /* the last one that hangs */

	size_t n_jobs, refuse_jobs; /* the next ones find the pool full */
	bool reader_hangs;
	struct {
		char body[128], source[64];
		bool first;
		int64_t not_before_ms;
		size_t n_seen;
	} jobs[WORLD_JOBS];
	size_t open; /* transfers and jobs under way */
} world;

/* --- time --- */

static int64_t world_steady(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * SECOND_MS + ts.tv_nsec / 1000000 + world.skipped_ms;
}

static int64_t world_steady_0;

static int64_t world_wall(void)
{
	return WORLD_START_MS + world_steady() - world_steady_0 + world.jump_ms;
}

static inline void world_skip(int64_t ms)
{
	world.skipped_ms += ms;
	loop_clock_jumped(world.loop);
}

/* --- the log --- */

static inline struct kept *kept_of(const char *name, bool add)
{
	size_t i;

	for (i = 0; i < world.n_kept; i++) {
		if (strcmp(world.kept[i].state.name, name) == 0)
			return &world.kept[i];
	}
	if (!add)
		return NULL;
	assert_true(world.n_kept < WORLD_LOGS);
	return &world.kept[world.n_kept++];
}

struct world_load {
	struct poll *poll;
	char *name;
};

static const char *copy_text(struct arena *a, const char *s)
{
	return s ? arena_strdup(a, s) : NULL;
}

static void copy_state(struct source_state *to, const struct source_state *from, struct arena *a)
{
	*to = *from;
	to->name = copy_text(a, from->name);
	to->platform = copy_text(a, from->platform);
	to->address = copy_text(a, from->address);
	to->title = copy_text(a, from->title);
	to->etag = copy_text(a, from->etag);
	to->last_modified = copy_text(a, from->last_modified);
	to->error = copy_text(a, from->error);
	to->error_detail = copy_text(a, from->error_detail);
	to->habits = from->habits ? arena_memdup0(a, from->habits, from->habits_len) : NULL;
}

static void answer_load(void *arg)
{
	struct world_load *l = arg;
	const struct kept *k = kept_of(l->name, false);
	struct arena *a = arena_new(1 << 20);
	struct source_state *state = NULL;
	struct seen_key *seen = NULL;

	if (k) {
		state = ARENA_NEW(a, struct source_state);
		copy_state(state, &k->state, a);
		seen = ARENA_ARRAY(a, struct seen_key, k->n_seen);
		memcpy(seen, k->seen, k->n_seen * sizeof(*seen));
	}
	if (world.load_r < 0)
		poll_loaded(l->poll, world.load_r, NULL, NULL, 0, arena_free(a));
	else
		poll_loaded(l->poll, 0, state, seen, k ? k->n_seen : 0, a);
	free(l->name);
	free(l);
}

/* From the loop, never from within; or, while the log hangs, when the test says. */
static void answer_later(void (*fn)(void *arg), void *arg)
{
	if (!world.log_hangs) {
		loop_defer(world.loop, fn, arg);
		return;
	}
	assert_null(world.held);
	world.held = fn;
	world.held_arg = arg;
	loop_stop(world.loop);
}

static inline void world_answer_log(void)
{
	void (*fn)(void *arg) = world.held;

	assert_non_null(fn);
	world.held = NULL;
	world.log_hangs = false;
	fn(world.held_arg);
}

static void world_load(void *arg, const char *name, struct poll *poll)
{
	struct world_load *l = NEW(struct world_load);

	(void)arg;
	world.loads++;
	*l = (struct world_load){poll, xstrdup(name)};
	answer_later(answer_load, l);
}

static void keep_line(const char *source, const struct deaf_mark *m)
{
	assert_true(world.n_ledger < WORLD_LINES);
	snprintf(world.ledger[world.n_ledger].source, sizeof(world.ledger[0].source), "%s", source);
	snprintf(world.ledger[world.n_ledger].kind, sizeof(world.ledger[0].kind), "%s", m->kind);
	snprintf(world.ledger[world.n_ledger].why, sizeof(world.ledger[0].why), "%s", m->why ? m->why : "-");
	world.ledger[world.n_ledger].from_ms = m->from_ms;
	world.ledger[world.n_ledger++].to_ms = m->to_ms;
}

static void keep(const struct poll_outcome *o)
{
	struct kept *k = kept_of(o->state.name, true);
	struct arena *a = arena_new(1 << 20);
	size_t i, j;

	copy_state(&k->state, &o->state, a);
	arena_free(k->arena);
	k->arena = a;
	for (i = 0; i < o->n_deaf; i++)
		keep_line(o->state.name, &o->deaf[i]);
	for (i = 0; o->answer && i < o->answer->n_items; i++) {
		for (j = 0; j < k->n_seen; j++) {
			if (memcmp(k->seen[j].id, o->answer->items[i].key.id, MENTION_ID_BYTES) == 0)
				break;
		}
		assert_true(j < WORLD_KEYS);
		k->seen[j] = o->answer->items[i].key;
		k->n_seen += j == k->n_seen;
	}
}

struct world_commit {
	struct poll *poll;
	struct poll_result result;
	int r;
};

static void answer_commit(void *arg)
{
	struct world_commit *c = arg;

	world.commits++;
	if (world.commits == world.stop_at_commit)
		loop_stop(world.loop);
	poll_committed(c->poll, c->r, c->r < 0 ? NULL : &c->result);
	free(c);
}

static void world_commit(void *arg, const struct poll_outcome *outcome, struct arena *answer, struct poll *poll)
{
	struct world_commit *c = NEW(struct world_commit);

	(void)arg;
	*c = (struct world_commit){.poll = poll, .r = world.commit_r};
	world.parts += outcome->more;
	if (outcome->answer)
		c->result.new_mentions = outcome->answer->n_mentions;
	if (c->r == 0)
		keep(outcome);
	arena_free(answer);
	answer_later(answer_commit, c);
}

static void world_marks(void *arg, const struct source_mark *v, size_t n)
{
	size_t i;

	(void)arg;
	for (i = 0; i < n; i++) {
		struct kept *k = kept_of(v[i].name, false);

		assert_non_null(k);
		k->state.polled_ms = k->state.ok_ms = v[i].ok_ms;
		k->state.next_ms = v[i].next_ms;
	}
	world.marks += n;
}

static const struct source_ops world_log = {world_load, world_commit, world_marks};

/* --- the readers --- */

struct world_job {
	pool_fn *fn;
	void *arg;
	enum pool_outcome outcome;
	struct buf out;
	bool cancelled;
};

static struct world_job *world_jobs[4096];
static size_t world_n_jobs;

static void job_end(void *arg)
{
	struct world_job *j = arg;
	size_t i;

	for (i = 0; i < world_n_jobs; i++) {
		if (world_jobs[i] == j)
			world_jobs[i] = NULL;
	}
	if (!j->cancelled) {
		world.open--;
		j->fn(j->arg, j->outcome, buf_str(&j->out), j->out.len);
	}
	buf_done(&j->out);
	free(j);
}

static void read_items(const struct job_feed *job, struct arena *a, struct answer *ret)
{
	const char *at = job->body, *end = at + job->body_len;
	size_t i;

	ret->identity = job->identity;
	ret->items = ARENA_ARRAY(a, struct item_mark, 64);
	ret->mentions = ARENA_ARRAY(a, struct mention, 64);
	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at)) ?: end;
		char *text = arena_memdup0(a, at, (size_t)(stop - at));
		struct item_mark *item = &ret->items[ret->n_items++];
		struct mention *m = &ret->mentions[ret->n_mentions];

		at = stop + 1;
		mention_init(m);
		mention_identity("world", text, m->id);
		m->text = text;
		m->seen_ms = job->seen_ms;
		memcpy(item->key.id, m->id, MENTION_ID_BYTES);
		item->counts = m->counts;
		item->state = ITEM_NEW;
		for (i = 0; i < job->n_seen; i++) {
			if (memcmp(job->seen[i].id, m->id, MENTION_ID_BYTES) == 0)
				item->state = ITEM_KNOWN;
		}
		ret->n_mentions += item->state == ITEM_NEW;
	}
}

static void read_feed(const struct buf *payload, struct world_job *j)
{
	cleanup(arena_freep) struct arena *a = arena_new(1 << 20);
	struct answer answer = {.status = ANSWER_OK};
	struct job_feed job;

	assert_int_equal(job_feed_get(payload->data, payload->len, a, &job), 0);
	assert_true(world.n_jobs < WORLD_JOBS);
	snprintf(world.jobs[world.n_jobs].body, sizeof(world.jobs[0].body), "%.*s", (int)job.body_len, job.body);
	snprintf(world.jobs[world.n_jobs].source, sizeof(world.jobs[0].source), "%s", job.source);
	world.jobs[world.n_jobs].first = job.first;
	world.jobs[world.n_jobs].not_before_ms = job.not_before_ms;
	world.jobs[world.n_jobs++].n_seen = job.n_seen;
	if (job.body_len >= 3 && memcmp(job.body, "die", 3) == 0) {
		j->outcome = POOL_SET_ASIDE;
		buf_puts(&j->out, "killed by signal 11");
		return;
	}
	if (job.body_len >= 3 && memcmp(job.body, "bad", 3) == 0)
		answer = (struct answer){.status = ANSWER_NOT_A_FEED, .why = "no feed"};
	else
		read_items(&job, a, &answer);
	answer_put(&j->out, &answer);
}

static void read_list(const struct buf *payload, struct world_job *j)
{
	cleanup(freep) char *text = xstrndup(payload->data ? payload->data : "", payload->len);
	cleanup(freep) struct opml_entry *v =
		xcalloc(payload->len + 1, sizeof(struct opml_entry)); /* more than lines */
	size_t n = 0;
	char *line, *rest = text;
	const char *why = NULL;

	while ((line = strsep(&rest, "\n"))) {
		if (strcmp(line, "cut") == 0)
			why = "it ends in the middle";
		else if (*line)
			v[n++] = (struct opml_entry){.url = line, .title = "said by the list"};
	}
	opml_put(&j->out, n ? why : "not an OPML list", v, n);
}

uint64_t pool_submit(struct pool *p, enum frame_type type, struct buf *payload, const char *source,
		     enum pool_priority priority, pool_fn *fn, void *arg)
{
	struct world_job *j = NEW(struct world_job);

	(void)p;
	(void)source;
	(void)priority;
	if (world.refuse_jobs) {
		world.refuse_jobs--;
		buf_done(payload);
		free(j);
		return 0;
	}
	*j = (struct world_job){.fn = fn, .arg = arg, .outcome = POOL_DONE, .out = BUF_INIT(1 << 20)};
	if (type == FRAME_OPML)
		read_list(payload, j);
	else
		read_feed(payload, j);
	buf_done(payload);
	world.open++;
	world_jobs[world_n_jobs++] = j;
	if (world.reader_hangs)
		loop_stop(world.loop);
	else
		loop_defer(world.loop, job_end, j);
	return world_n_jobs;
}

void pool_cancel(struct pool *p, uint64_t job)
{
	struct world_job *j = world_jobs[job - 1];

	(void)p;
	assert_non_null(j); /* a job that has ended is not cancelled */
	j->cancelled = true;
	world.open--;
	if (world.reader_hangs)
		job_end(j);
}

/* --- the network --- */

struct transfer {
	void (*on_fetched)(struct fetch_result *result, void *arg);
	void *arg;
	const struct page *page;
	char *url;
	bool cancelled, hung;
};

static void transfer_end(void *arg)
{
	struct transfer *t = arg;
	struct fetch_result r = {
		.outcome = t->page->outcome, .body = BUF_INIT(1 << 20), .effective_url = t->url, .detail = ""};

	r.permanent_url = t->page->permanent_url;
	r.retry_after_ms = t->page->retry_after_ms;
	r.fresh_ms = t->page->fresh_ms;
	if (!t->cancelled) {
		world.open--;
		r.class_name = r.outcome == FETCH_OK ? "ok" : r.outcome == FETCH_GONE ? "gone" : "http_500";
		if (r.outcome == FETCH_OK) {
			r.etag = t->page->etag;
			buf_puts(&r.body, t->page->body);
		}
		t->on_fetched(&r, t->arg);
		buf_done(&r.body);
	}
	free(t->url);
	free(t);
}

struct transfer *fetch_start(struct fetch *f, const struct fetch_request *request,
			     void (*on_fetched)(struct fetch_result *result, void *arg), void *arg)
{
	static const struct page nowhere = {.outcome = FETCH_OK, .body = "algo"};
	struct transfer *t = NEW(struct transfer);
	size_t i;

	(void)f;
	*t = (struct transfer){.on_fetched = on_fetched, .arg = arg, .page = &nowhere, .url = xstrdup(request->url)};
	for (i = 0; i < world.n_pages; i++) {
		const struct page *page = &world.pages[i];

		if (page->below ? strncmp(page->url, request->url, strlen(page->url)) == 0
				: strcmp(page->url, request->url) == 0)
			t->page = page;
	}
	world.asked++;
	world.open++;
	snprintf(world.asked_url, sizeof(world.asked_url), "%s", request->url);
	free(world.etag_sent);
	world.etag_sent = request->etag ? xstrdup(request->etag) : NULL;
	t->hung = t->page->hangs;
	if (t->hung) {
		world.hung = t;
		loop_stop(world.loop);
	} else {
		loop_defer(world.loop, transfer_end, t);
	}
	return t;
}

struct fetch_parts fetch_parts(const struct fetch *f)
{
	(void)f; /* no mailbox is opened here */
	return (struct fetch_parts){.loop = NULL};
}

void fetch_resume(struct transfer *t)
{
	(void)t; /* nothing here answers without end */
}

void fetch_cancel(struct transfer *t)
{
	if (!t)
		return;
	t->cancelled = true;
	world.open--;
	if (t->hung)
		transfer_end(t);
}

static inline void world_unhang(void)
{
	world.hung->hung = false;
	loop_defer(world.loop, transfer_end, world.hung);
}

/* --- files --- */

static inline const char *world_path(const char *name)
{
	static char path[16][128];
	static unsigned turn;
	char *p = path[turn++ % 16];

	snprintf(p, sizeof(path[0]), "%s/%s", world.dir, name);
	return p;
}

static inline void world_write(const char *name, const char *text)
{
	FILE *f = fopen(world_path(name), "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int world_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* --- the world --- */

static void world_stuck(void *arg)
{
	(void)arg;
	fail_msg("nothing came for %d ms", WORLD_WAIT_MS);
}

/* Until loop_stop(), which the test's own callbacks and whatever hangs call. */
static inline void world_run(void)
{
	world.patience = loop_timer_new(world.loop, world_stuck, NULL);
	loop_timer_set(world.patience, WORLD_WAIT_MS);
	loop_run(world.loop);
	world.patience = loop_timer_free(world.patience);
}

static void world_rested(void *arg)
{
	(void)arg;
	loop_stop(world.loop);
}

/* For so many real milliseconds. */
static inline void world_rest(int ms)
{
	struct loop_timer *t = loop_timer_new(world.loop, world_rested, NULL);

	loop_timer_set(t, ms);
	loop_run(world.loop);
	loop_timer_free(t);
}

/* Until it is so, as long as patience lasts. */
#define world_until(condition)                                                                                         \
	do {                                                                                                           \
		int tries_ = WORLD_WAIT_MS / 5;                                                                        \
		while (!(condition) && tries_-- > 0)                                                                   \
			world_rest(5);                                                                                 \
		assert_true(condition);                                                                                \
	} while (0)

static int world_init(void **state)
{
	static const struct clock_source clock = {.wall_ms = world_wall, .steady_ms = world_steady};

	(void)state;
	world = (struct world){.dir = "/tmp/escuchad-source-XXXXXX"};
	world_n_jobs = 0;
	log_threshold(LOG_LEVEL_ERROR);
	world_steady_0 = world_steady();
	clock_replace(&clock);
	assert_non_null(mkdtemp(world.dir));
	assert_int_equal(loop_new(&world.loop), 0);
	return 0;
}

static int world_done(void **state)
{
	size_t i;

	(void)state;
	loop_free(world.loop);
	assert_int_equal(world.open, 0); /* everything was ended or cancelled */
	assert_null(world.held);
	for (i = 0; i < world.n_kept; i++)
		arena_free(world.kept[i].arena);
	free(world.etag_sent);
	clock_replace(NULL);
	return nftw(world.dir, world_remove, 16, FTW_DEPTH | FTW_PHYS);
}
