/*
 * The pool with its real processes: readers killed, stopped, out of memory, lying; nurseries killed, rules reloaded. Nothing
 * is lost, all of it is told.
 *
 * ESCUCHAD_READER names the real program. For readers that lie this program plays the nursery itself: started under the
 * name of escuchad-reader it does what the first rule path says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/log.h"
#include "base/sanitized.h"
#include "base/wire.h"
#include "loop/loop.h"
#include "mention/build.h"
#include "mention/catalogue.h"
#include "mention/frame_io.h"
#include "mention/job.h"
#include "pool/ask.h"
#include "pool/pool.h"

enum { DEADLINE_MS = 50 * 1000, CHECK_MS = 5, JOBS_MAX = 8192, CHILDREN_MAX = 64 };

struct pool_test {
	struct loop *loop;
	struct pool *pool;
	char *path; /* of its rules */
	bool (*until)(struct pool_test *t);
	struct loop_timer *check;
	int64_t deadline_ms;
	unsigned ready, failed, events[POOL_EVENT_KINDS];
	uint64_t generation, accepted;
	size_t topics, findings;
	char topic[64], event_source[64], event_why[256], why[256], finding[512];
	unsigned done, aside, ended, hits;
	unsigned answered[JOBS_MAX];    /* how often each job's callback came */
	unsigned kill_each, kill_until; /* a reader is killed at each so many answers, up to so many; 0: none */
};

struct asked {
	struct pool_test *t;
	size_t i;
};
static struct asked asked[JOBS_MAX];

static void kill_one(const struct pool_test *t);

/* --- what the pool says --- */

static bool on_accept(void *arg, uint64_t generation, const char *catalogue, size_t len, struct diag *findings)
{
	struct pool_test *t = arg;

	(void)catalogue;
	(void)len;
	(void)findings;
	t->accepted = generation;
	return true;
}

static void on_ready(void *arg, uint64_t generation, const struct diag *warnings, const char *catalogue, size_t len)
{
	struct pool_test *t = arg;
	cleanup(arena_freep) struct arena *a = arena_new(1 << 20);
	struct catalogue c = {.n_topics = 0};

	(void)warnings;
	assert_int_equal(len ? catalogue_get(catalogue, len, a, &c) : 0, 0);
	assert_int_equal(t->accepted, generation); /* it was asked of these rules, not of others that load meanwhile */
	t->ready++;
	t->generation = generation;
	t->topics = c.n_topics;
	if (c.n_topics)
		(void)snprintf(t->topic, sizeof(t->topic), "%s", c.topics[0].name);
}

static void on_failed(void *arg, uint64_t generation, const struct diag *findings)
{
	struct pool_test *t = arg;
	struct buf b = BUF_INIT(sizeof(t->finding) - 1);

	(void)generation;
	t->failed++;
	t->findings = diag_count(findings, DIAG_ERROR);
	if (diag_len(findings))
		diag_render(&b, diag_at(findings, 0), TEXT_EN);
	(void)snprintf(t->finding, sizeof(t->finding), "%s", buf_str(&b));
	buf_done(&b);
}

static void on_event(void *arg, const struct pool_event *e)
{
	struct pool_test *t = arg;

	t->events[e->kind]++;
	(void)snprintf(t->event_source, sizeof(t->event_source), "%s", e->source ? e->source : "");
	(void)snprintf(t->event_why, sizeof(t->event_why), "%s", e->why);
}

static const struct pool_ops ops = {
	.accept = on_accept, .on_ready = on_ready, .on_failed = on_failed, .on_event = on_event};

static void on_answer(void *arg, enum pool_outcome outcome, const char *bytes, size_t len)
{
	const struct asked *asked_by = arg;
	struct pool_test *t = asked_by->t;
	cleanup(arena_freep) struct arena *a = arena_new(1 << 20);
	struct answer answer;

	t->answered[asked_by->i]++;
	if (outcome == POOL_SET_ASIDE) {
		t->aside++;
		(void)snprintf(t->why, sizeof(t->why), "%s", bytes);
		assert_int_equal(strlen(bytes), len);
	} else if (outcome == POOL_ENDED) {
		t->ended++;
	} else {
		t->done++;
		if (answer_get(bytes, len, a, &answer) == 0 && answer.n_mentions)
			t->hits += answer.mentions[0].n_hits > 0;
		if (t->kill_each && t->done < t->kill_until && t->done % t->kill_each == 0)
			kill_one(t);
	}
}

/* --- helpers --- */

static void write_rules(const char *path, const char *topic, const char *pattern)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fprintf(f,
			    "topic: %s\nrole: brand\npatterns:\n  name: '%s'\nrules:\n  - {name: queja, when: name}\n",
			    topic, pattern) > 0);
	assert_int_equal(fclose(f), 0);
}

static void check(void *arg)
{
	struct pool_test *t = arg;

	if (t->until(t) || clock_steady_ms() > t->deadline_ms)
		loop_stop(t->loop);
	else
		loop_timer_set(t->check, CHECK_MS);
}

static void wait_until(struct pool_test *t, bool (*until)(struct pool_test *t))
{
	t->until = until;
	t->deadline_ms = clock_steady_ms() + DEADLINE_MS;
	loop_timer_set(t->check, 0);
	loop_run(t->loop);
	if (!until(t))
		fail_msg("waited in vain: done %u aside %u ready %u failed %u, last event: %s", t->done, t->aside,
			 t->ready, t->failed, t->event_why);
}

static void start(struct pool_test *t, const char *program, const char *const *rules, size_t n_rules,
		  uint64_t memory_bytes)
{
	const struct pool_config config = {
		.program = program,
		.rules = rules,
		.n_rules = n_rules,
		.patience = BUILT_SANITIZED ? 2 : 1,
		.reader_memory_bytes = memory_bytes,
	};

	assert_int_equal(pool_new(t->loop, &config, &ops, t, &t->pool), 0);
}

static bool two_readers(struct pool_test *t)
{
	struct pool_status s;

	pool_status(t->pool, &s);
	return s.readers == 2;
}

static void start_real(struct pool_test *t, uint64_t memory_bytes)
{
	write_rules(t->path, "acme", "acme");
	start(t, getenv("ESCUCHAD_READER"), (const char *const *)&t->path, 1, memory_bytes);
	wait_until(t, two_readers);
}

static void submit(struct pool_test *t, size_t i, enum frame_type type, const char *body, size_t len)
{
	struct job_feed job = {
		.source = "prensa",
		.platform = "feed",
		.address = "https://example.com/feed",
		.format = "auto",
		.seen_ms = 1709208000000,
		.not_before_ms = TIME_NONE,
		.body = body,
		.body_len = len,
	};
	struct buf payload = BUF_INIT(FRAME_MAX_BYTES);

	asked[i] = (struct asked){.t = t, .i = i};
	if (type == FRAME_FEED)
		job_feed_put(&payload, &job);
	else
		buf_put(&payload, body, len);
	assert_true(pool_submit(t->pool, type, &payload, "prensa", POOL_FEED, on_answer, &asked[i]) != 0);
}

static void submit_feed(struct pool_test *t, size_t i)
{
	static const char feed[] = "<rss version='2.0'><channel><item><title>Acme abre tienda</title>"
				   "<link>https://example.com/1</link></item></channel></rss>";

	submit(t, i, FRAME_FEED, feed, sizeof(feed) - 1);
}

/* The living children of the nursery: its readers. */
static size_t readers(const struct pool_test *t, pid_t pids[CHILDREN_MAX])
{
	struct pool_status s;
	char path[64];
	size_t n = 0;
	FILE *f;

	pool_status(t->pool, &s);
	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", s.nursery, s.nursery);
	f = fopen(path, "r");
	while (f && n < CHILDREN_MAX && fscanf(f, "%d", &pids[n]) == 1)
		n++;
	if (f)
		(void)fclose(f);
	return n;
}

static void signal_readers(const struct pool_test *t, int signal)
{
	pid_t pids[CHILDREN_MAX];
	size_t n = readers(t, pids);

	while (n)
		(void)kill(pids[--n], signal);
}

static void kill_one(const struct pool_test *t)
{
	pid_t pids[CHILDREN_MAX];
	size_t n = readers(t, pids);

	if (n)
		(void)kill(pids[t->done / t->kill_each % n], SIGKILL);
}

static int set_up(void **state)
{
	char *path = xstrdup("/tmp/escuchad-pool-XXXXXX.yaml");
	struct pool_test *t = NEW(struct pool_test);
	int fd = mkstemps(path, 5);

	if (fd < 0 || loop_new(&t->loop) < 0)
		return -1;
	close(fd);
	t->path = path;
	t->check = loop_timer_new(t->loop, check, t);
	*state = t;
	return 0;
}

static int tear_down(void **state)
{
	struct pool_test *t = *state;

	pool_free(t->pool);
	loop_timer_free(t->check);
	loop_free(t->loop);
	(void)unlink(t->path);
	free(t->path);
	free(t);
	return 0;
}

/* --- the main job --- */

static bool one_done(struct pool_test *t)
{
	return t->done == 1;
}

static void a_feed_goes_in_and_its_hits_come_out(void **state)
{
	struct pool_test *t = *state;
	struct pool_status s;

	start_real(t, 0);
	assert_int_equal(t->ready, 1);
	assert_int_equal(t->generation, 1);
	assert_string_equal(t->topic, "acme");
	submit_feed(t, 0);
	assert_int_equal(t->done, 0); /* never from within pool_submit() */
	wait_until(t, one_done);
	assert_int_equal(t->hits, 1);
	pool_status(t->pool, &s);
	assert_int_equal(s.done, 1);
	assert_int_equal(s.waiting + s.busy + s.waiting_bytes + s.strikes, 0);
}

static void a_nursery_has_nothing_of_ours(void **state)
{
	struct pool_test *t = *state;
	int leak = open("/dev/null", O_RDONLY); /* without close-on-exec */
	struct pool_status s;
	char path[64], line[4096];
	size_t len;
	FILE *f;
	int fd;

	assert_int_equal(setenv("ESCUCHAD_TEST_SECRET", "hunter2", 1), 0);
	assert_true(leak >= 0);
	leak = fcntl(leak, F_DUPFD, 50);
	start_real(t, 0);
	pool_status(t->pool, &s);
	(void)snprintf(path, sizeof(path), "/proc/%d/environ", s.nursery);
	f = fopen(path, "r");
	assert_non_null(f);
	len = fread(line, 1, sizeof(line), f);
	(void)fclose(f);
	assert_true(len > 0);
	assert_null(memmem(line, len, "hunter2", 7));
	for (fd = 5; fd < 64; fd++) { /* 3 its socket, 4 its signals */
		(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", s.nursery, fd);
		assert_int_equal(access(path, F_OK), -1);
	}
	close(leak);
}

static void no_program_is_told_at_once(void **state)
{
	struct pool_test *t = *state;
	const struct pool_config config = {.program = "/nonexistent/escuchad-reader"};
	cleanup(diag_freep) struct diag *diag = diag_new();
	const struct ask_config offline = {.program = "/nonexistent/escuchad-reader"};
	struct ask *ask;

	assert_int_equal(pool_new(t->loop, &config, &ops, t, &t->pool), -ENOENT);
	assert_int_equal(ask_open(&offline, diag, &ask), ASK_E_PROGRAM);
	assert_int_equal(diag_count(diag, DIAG_ERROR), 1);
}

/* --- readers that are lost --- */

enum { MANY = 300, KILLS = 25 };

static bool many_done(struct pool_test *t)
{
	return t->done == MANY;
}

static void readers_killed_at_any_time_lose_no_job(void **state)
{
	struct pool_test *t = *state;
	size_t i;

	start_real(t, 0);
	t->kill_each = 10;
	t->kill_until = 10 * (KILLS + 1);
	for (i = 0; i < MANY; i++)
		submit_feed(t, i);
	wait_until(t, many_done);
	for (i = 0; i < MANY; i++)
		assert_int_equal(t->answered[i], 1);
	assert_int_equal(t->hits, MANY);
	assert_int_equal(t->aside, 0);
	assert_true(t->events[POOL_READER_DIED] >= KILLS / 2); /* several may hit one that is dying already */
}

static bool all_readers_dead(struct pool_test *t)
{
	return t->events[POOL_READER_DIED] >= 2;
}

static void an_idle_reader_that_dies_is_told_and_replaced(void **state)
{
	struct pool_test *t = *state;

	start_real(t, 0);
	signal_readers(t, SIGKILL);
	wait_until(t, all_readers_dead);
	assert_string_equal(t->event_why, "killed by signal 9 (KILL)");
	wait_until(t, two_readers);
	submit_feed(t, 0);
	wait_until(t, one_done);
}

static void a_reader_that_hangs_is_told_and_its_job_done_by_another(void **state)
{
	struct pool_test *t = *state;

	start_real(t, 0);
	signal_readers(t, SIGSTOP);
	submit_feed(t, 0);
	wait_until(t, one_done); /* late, then tried by the next stopped one at twice the time, or by a fresh one */
	assert_true(t->events[POOL_READER_LATE] >= 1);
	assert_string_equal(t->event_source, "prensa");
	assert_int_equal(t->hits, 1);
	assert_int_equal(t->answered[0], 1);
}

static bool one_aside(struct pool_test *t)
{
	return t->aside == 1;
}

static void a_job_that_eats_memory_is_set_aside_and_the_next_is_done(void **state)
{
	struct pool_test *t = *state;
	const char *before = getenv("ASAN_OPTIONS");
	cleanup(freep) char *options = before ? xstrdup(before) : NULL;
	const size_t len = 60 << 20;
	char *body;

	/* Where there can be no RLIMIT_AS, the sanitizer's allocator stands in for it. */
	assert_int_equal(setenv("ASAN_OPTIONS", "allocator_may_return_null=1:max_allocation_size_mb=32", 1), 0);
	start_real(t, UINT64_C(150) << 20);
	assert_int_equal(options ? setenv("ASAN_OPTIONS", options, 1) : unsetenv("ASAN_OPTIONS"), 0);
	body = xcalloc(len, 1);
	memset(body, 'a', len);
	memcpy(body, "<opml>", 6);
	submit(t, 0, FRAME_OPML, body, len);
	free(body);
	(void)loop_lag_us(t->loop);
	wait_until(t, one_aside);
	assert_true(loop_lag_us(t->loop) < 1000 * 1000); /* 60 MB went out thrice, in turns */
	assert_int_equal(t->events[POOL_READER_DIED], 3);
	assert_int_equal(t->events[POOL_JOB_SET_ASIDE], 1);
	assert_string_equal(t->event_source, "prensa");
	assert_non_null(strstr(t->why, "3 readers were lost on it"));
	submit_feed(t, 1);
	wait_until(t, one_done);
}

/* --- reloads --- */

static bool second_ready(struct pool_test *t)
{
	return t->ready == 2;
}

static bool once_failed(struct pool_test *t)
{
	return t->failed == 1;
}

static bool old_gone(struct pool_test *t)
{
	struct pool_status s;

	pool_status(t->pool, &s);
	return s.readers == 2 && s.generation == t->generation && !s.loading;
}

/* FAULTS C2 */
static void a_reload_takes_over_and_a_bad_one_does_not(void **state)
{
	struct pool_test *t = *state;
	struct pool_status before, after;

	start_real(t, 0);
	pool_status(t->pool, &before);
	write_rules(t->path, "acme", "a(cme");
	assert_int_equal(pool_reload(t->pool, (const char *const *)&t->path, 1), 2);
	wait_until(t, once_failed);
	assert_int_equal(t->findings, 1);
	submit_feed(t, 0);
	wait_until(t, one_done);
	assert_int_equal(t->hits, 1);
	pool_status(t->pool, &after);
	assert_int_equal(after.nursery, before.nursery);

	write_rules(t->path, "otra", "nunca");
	assert_int_equal(pool_reload(t->pool, (const char *const *)&t->path, 1), 3);
	wait_until(t, second_ready);
	assert_string_equal(t->topic, "otra");
	assert_int_equal(t->generation, 3);
	wait_until(t, old_gone);
	t->done = 0;
	submit_feed(t, 1);
	wait_until(t, one_done);
	assert_int_equal(t->hits, 1);                                                    /* the new rules hit nothing */
	assert_int_equal(t->events[POOL_READER_DIED] + t->events[POOL_NURSERY_DIED], 0); /* retired, not dead */
}

static void a_nursery_that_is_killed_comes_back_and_its_jobs_with_it(void **state)
{
	struct pool_test *t = *state;
	struct pool_status s;

	start_real(t, 0);
	signal_readers(t, SIGSTOP);
	submit_feed(t, 0);
	pool_status(t->pool, &s);
	assert_int_equal(kill(s.nursery, SIGKILL), 0);
	wait_until(t, one_done);
	assert_int_equal(t->events[POOL_NURSERY_DIED], 1);
	assert_int_equal(t->ready, 2);
	assert_int_equal(t->generation, 1);
	pool_status(t->pool, &s);
	assert_int_equal(s.nursery_restarts, 1);
	assert_int_equal(s.strikes, 0); /* the job was blameless */
}

static bool gone(pid_t pid)
{
	return waitpid(pid, NULL, WNOHANG) == pid || (kill(pid, 0) < 0 && errno == ESRCH);
}

/* A child makes a pool, says who its processes are, and is killed; they must not outlive it. */
static void nobody_outlives_escuchad(void **state)
{
	struct pool_test *t = *state;
	pid_t pids[CHILDREN_MAX + 1] = {0}, child;
	int64_t deadline_ms = clock_steady_ms() + DEADLINE_MS;
	int v[2];
	size_t i;

	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	assert_int_equal(pipe(v), 0);
	child = fork();
	if (child == 0) {
		struct pool_test inner = {.path = t->path};
		struct pool_status s;

		if (loop_new(&inner.loop) < 0)
			_exit(1);
		inner.check = loop_timer_new(inner.loop, check, &inner);
		start_real(&inner, 0);
		pool_status(inner.pool, &s);
		pids[0] = s.nursery;
		(void)readers(&inner, pids + 1);
		(void)!write(v[1], pids, sizeof(pids));
		for (;;)
			pause();
	}
	assert_int_equal(read(v[0], pids, sizeof(pids)), sizeof(pids));
	assert_true(pids[0] && pids[1] && pids[2]);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	for (i = 0; pids[i];) {
		if (gone(pids[i]))
			i++;
		else if (clock_steady_ms() > deadline_ms)
			fail_msg("process %zu outlived its parent", i);
		else
			usleep(1000);
	}
	close(v[0]);
	close(v[1]);
}

/* --- readers that lie --- */

/* What would paint a terminal, and forge a line of the log. */
static const char words[] = "jq: assertion \x1b[31mfailed\nevent=rules.serve generation=9\n";

static const char *known_rules[] = {"fraude"}, *known_tags[] = {"crisis"};
static struct catalogue_topic known_topics[] = {
	{.name = "acme", .role = "brand", .rules = known_rules, .n_rules = 1, .tags = known_tags, .n_tags = 1}};
static const struct catalogue known = {.topics = known_topics, .n_topics = 1};

/* An answer of the agreed form that says what no honest reader could: a hit of a topic that does not exist, or what another
 * source has. */
static void forge(const struct frame *job, bool other_source, struct buf *out)
{
	cleanup(arena_freep) struct arena *a = arena_new(1 << 20);
	struct item_mark mark = {.state = ITEM_NEW};
	struct hit hit = {.topic = other_source ? "acme" : "nadie", .role = "brand"};
	struct answer answer = {.items = &mark, .n_items = 1, .n_mentions = 1};
	struct job_feed feed;
	struct mention m;

	if (job_feed_get(job->bytes, job->len, a, &feed))
		_exit(1);
	mention_init(&m);
	m.source = other_source ? "otra" : feed.source;
	m.platform = feed.platform;
	m.seen_ms = feed.seen_ms;
	m.baseline = feed.first;
	m.hits = &hit;
	m.n_hits = 1;
	answer.mentions = &m;
	answer_put(out, &answer);
}

/* Plays a reader: one job in, whatever the mode says out. */
static _Noreturn void lying_reader(int fd, const char *mode)
{
	struct buf b = BUF_INIT(FRAME_HEADER_BYTES + FRAME_MAX_BYTES), good = BUF_INIT(1 << 20);
	struct answer nothing = {.status = ANSWER_OK};
	static char fill[64 * 1024];
	char raw[FRAME_HEADER_BYTES];
	struct frame f;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	answer_put(&good, &nothing);
	if (frame_send(fd, FRAME_UP, 0, NULL, 0, -1) < 0)
		_exit(0);
	if (strcmp(mode, "words") == 0) {
		(void)!write(STDERR_FILENO, words, strlen(words));
		_exit(0);
	} else if (strcmp(mode, "hoard") == 0) { /* most of a frame that nobody asked for, and never the rest */
		frame_header(raw, FRAME_ANSWER, 1, FRAME_MAX_BYTES);
		(void)!write(fd, raw, sizeof(raw));
		(void)!write(fd, fill, sizeof(fill));
	} else if (strcmp(mode, "early") ==
		   0) { /* answers what it has not heard out: the number is all that it needs */
		(void)!recv(fd, raw, sizeof(raw), MSG_WAITALL);
		memcpy(&f.number, raw + 8, sizeof(f.number));
		(void)!frame_send(fd, FRAME_ANSWER, f.number, good.data, good.len, -1);
		usleep(20 * 1000);
		while (recv(fd, fill, sizeof(fill), 0) > 0)
			;
	}
	if (frame_recv(fd, &b, TIME_NONE, &f, NULL) != 0)
		_exit(0);
	frame_header(raw, FRAME_ANSWER, f.number, FRAME_MAX_BYTES + 1u);
	if (strcmp(mode, "topic") == 0 || strcmp(mode, "source") == 0) {
		struct buf forged = BUF_INIT(1 << 20);

		forge(&f, mode[0] == 's', &forged);
		(void)!frame_send(fd, FRAME_ANSWER, f.number, forged.data, forged.len, -1);
	} else if (strcmp(mode, "large") == 0) { /* seen in the header: the rest never comes */
		frame_header(raw, FRAME_ANSWER, f.number, answer_max_bytes(f.len) + 1);
		(void)!write(fd, raw, sizeof(raw));
	} else if (strcmp(mode, "number") == 0)
		(void)!frame_send(fd, FRAME_ANSWER, f.number + 1, good.data, good.len, -1);
	else if (strcmp(mode, "type") == 0)
		(void)!frame_send(fd, FRAME_SOURCES, f.number, good.data, good.len, -1);
	else if (strcmp(mode, "bytes") == 0)
		(void)!frame_send(fd, FRAME_ANSWER, f.number, good.data, good.len - 1, -1);
	else if (strcmp(mode, "length") == 0)
		(void)!write(fd, raw, sizeof(raw));
	else if (strcmp(mode, "unasked") == 0)
		(void)!frame_send(fd, FRAME_READY, 0, NULL, 0, -1);
	else if (strcmp(mode, "up") == 0)
		(void)!frame_send(fd, FRAME_UP, 1, NULL, 0, -1);
	else if (strcmp(mode, "up twice") == 0)
		(void)!frame_send(fd, FRAME_UP, 0, NULL, 0, -1);
	for (;;)
		pause(); /* as alive as ever: only killing ends it */
}

/* As one of another build would: the frames have no meaning that ours know. */
static int foreign_nursery(bool says_so)
{
	if (says_so && frame_send(3, FRAME_BUILD, 0, "0.0.9 0123456789abcdef", 22, -1) < 0)
		return 1;
	if (frame_send(3, FRAME_FAILED, 0, "\xff\xff\xff\xff", 4, -1) < 0 ||
	    frame_send(3, FRAME_READY, 0, "?", 1, -1) < 0)
		return 0; /* it was not heard out */
	for (;;)
		pause(); /* nor does it end by itself */
}

static int lying_nursery(void)
{
	struct buf b = BUF_INIT(1 << 20), empty = BUF_INIT(1024), ready = BUF_INIT(1024), catalogue = BUF_INIT(1024);
	struct arena *a = arena_new(1 << 20);
	cleanup(diag_freep) struct diag *diag = diag_new();
	struct job_load load;
	struct frame f;
	int fd;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (frame_recv(3, &b, TIME_NONE, &f, NULL) || job_load_get(f.bytes, f.len, a, &load))
		return 1;
	if (strcmp(load.paths[0], "other build") == 0 || strcmp(load.paths[0], "no build") == 0)
		return foreign_nursery(load.paths[0][0] == 'o');
	if (frame_send(3, FRAME_BUILD, 0, build_id(), strlen(build_id()), -1) < 0)
		return 1;
	diag_write(&empty, diag);
	catalogue_put(&catalogue, &known);
	ready_put(&ready, &empty, &catalogue);
	if (frame_send(3, FRAME_READY, 0, ready.data, ready.len, -1) < 0)
		return 1;
	while (frame_recv(3, &b, TIME_NONE, &f, &fd) == 0) {
		struct wire_in in = WIRE_IN(f.bytes, f.len);
		struct buf out = BUF_INIT(64);
		pid_t pid = f.type == FRAME_KILL ? (pid_t)wire_get_u32(&in) : fork();
		int status = 0;

		if (pid == 0)
			lying_reader(fd, load.paths[0]);
		if (f.type == FRAME_KILL && (kill(pid, SIGKILL) < 0 || waitpid(pid, &status, 0) != pid))
			return 1;
		wire_put_u32(&out, (uint32_t)pid);
		if (f.type == FRAME_KILL)
			wire_put_u32(&out, (uint32_t)status);
		if (frame_send(3, f.type == FRAME_KILL ? FRAME_EXITED : FRAME_FORKED, f.number, out.data, out.len, -1) <
		    0)
			return 1;
		buf_done(&out);
		closep(&fd);
	}
	return 0;
}

static void a_reader_that_lies_is_killed_and_charged(void **state)
{
	struct pool_test *t = *state;
	static const char *const modes[] = {"number", "type",     "bytes", "length", "unasked",
					    "up",     "up twice", "topic", "source", "large"};
	size_t i;

	for (i = 0; i < ARRAY_LEN(modes); i++) {
		t->aside = 0;
		memset(t->events, 0, sizeof(t->events));
		start(t, "/proc/self/exe", &modes[i], 1, 0);
		submit_feed(t, i);
		wait_until(t, one_aside);
		if (t->events[POOL_READER_BROKEN] != 3)
			fail_msg("%s: %u broken, %u died, %u late", modes[i], t->events[POOL_READER_BROKEN],
				 t->events[POOL_READER_DIED], t->events[POOL_READER_LATE]);
		assert_int_equal(t->done, 0);
		t->pool = pool_free(t->pool);
	}
}

/* An upgrade put another program in the place of the one that serves. */
static void a_nursery_of_another_build_is_refused_and_the_old_rules_stay(void **state)
{
	static const char *const modes[] = {"good", "other build", "no build"};
	struct pool_test *t = *state;
	struct pool_status s;
	size_t i;

	start(t, "/proc/self/exe", &modes[0], 1, 0);
	wait_until(t, two_readers);
	for (i = 1; i < ARRAY_LEN(modes); i++) {
		t->failed = 0;
		(void)pool_reload(t->pool, &modes[i], 1);
		wait_until(t, once_failed);
		assert_int_equal(t->findings, 1);
		assert_non_null(strstr(t->finding, "escuchad was upgraded"));
		assert_non_null(strstr(t->finding, "systemctl restart escuchad"));
	}
	pool_status(t->pool, &s);
	assert_int_equal(s.generation, 1);
	assert_int_equal(s.readers, 2);
	assert_int_equal(t->ready, 1);
	assert_int_equal(t->events[POOL_NURSERY_DIED] + t->events[POOL_NURSERY_LATE], 0);
	(void)pool_reload(t->pool, &modes[0], 1); /* and once the program is ours again, they come */
	wait_until(t, second_ready);
}

static void a_program_of_another_build_answers_no_question(void **state)
{
	static const char *const modes[] = {"other build", "no build"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(modes); i++) {
		const struct ask_config config = {.program = "/proc/self/exe", .rules = &modes[i], .n_rules = 1};
		cleanup(diag_freep) struct diag *diag = diag_new();
		struct ask *a = NULL;

		assert_int_equal(ask_open(&config, diag, &a), ASK_E_PROGRAM);
		assert_null(a);
		assert_int_equal(diag_len(diag), 1);
		assert_int_equal(diag_at(diag, 0)->text, TEXT_POOL_OTHER_PROGRAM);
	}
}

/* Its bytes go with a job that is done, and must not be on their way to anybody by then. */
static void a_reader_that_answers_what_it_has_not_heard_out_is_broken(void **state)
{
	static const char *const mode = "early";
	static char large[4 << 20];
	struct pool_test *t = *state;

	memset(large, 'x', sizeof(large));
	start(t, "/proc/self/exe", &mode, 1, 0);
	submit(t, 0, FRAME_FEED, large, sizeof(large));
	wait_until(t, one_aside);
	assert_int_equal(t->events[POOL_READER_BROKEN], 3);
	assert_int_equal(t->done, 0);
}

static bool one_broken(struct pool_test *t)
{
	return t->events[POOL_READER_BROKEN] > 0;
}

static void a_reader_without_a_job_has_nothing_to_say(void **state)
{
	static const char *const mode = "hoard";
	struct pool_test *t = *state;

	start(t, "/proc/self/exe", &mode, 1, 0);
	wait_until(t, one_broken);
}

static char log_path[] = "/tmp/escuchad-pool-log-XXXXXX";

static bool something_said(struct pool_test *t)
{
	static char log[64 * 1024];
	FILE *f = fopen(log_path, "r");
	size_t n;

	(void)t;
	assert_non_null(f);
	n = fread(log, 1, sizeof(log) - 1, f);
	(void)fclose(f);
	log[n] = '\0';
	assert_null(strchr(log, '\x1b'));
	assert_null(strstr(log, "\nevent="));
	return strstr(log, "event=reader.said") && strstr(log, "assertion \\x1b[31mfailed\\nevent=rules.serve");
}

/* FAULTS O3 */
static void what_a_reader_says_is_escaped(void **state)
{
	static const char *const mode = "words";
	struct pool_test *t = *state;
	int fd;
	FILE *f;

	if (BUILT_SANITIZED)
		return; /* their reports go out raw; the plain build shows it */
	fd = mkstemp(log_path);
	assert_true(fd >= 0);
	f = fdopen(fd, "w");
	assert_non_null(f);
	log_to(f);
	start(t, "/proc/self/exe", &mode, 1, 0);
	wait_until(t, something_said);
	log_to(stderr);
	(void)fclose(f);
	(void)unlink(log_path);
}

/* --- bounds, and the end --- */

static void jobs_are_bounded_and_all_end_with_the_pool(void **state)
{
	struct pool_test *t = *state;
	struct buf one = BUF_INIT(64);
	size_t i;

	start(t, getenv("ESCUCHAD_READER"), NULL, 0, 0);
	for (i = 0; i < POOL_JOBS_MAX; i++)
		submit_feed(t, i);
	buf_putc(&one, 'x');
	assert_int_equal(pool_submit(t->pool, FRAME_FEED, &one, "prensa", POOL_FEED, on_answer, NULL), 0);
	assert_null(one.data); /* taken all the same */
	t->pool = pool_free(t->pool);
	assert_int_equal(t->ended, POOL_JOBS_MAX);
}

static bool second_done(struct pool_test *t)
{
	return t->answered[1] == 1;
}

static void a_cancelled_job_is_not_heard_of(void **state)
{
	struct pool_test *t = *state;
	struct buf payload = BUF_INIT(64);
	uint64_t job;

	start(t, getenv("ESCUCHAD_READER"), NULL, 0, 0);
	buf_puts(&payload, "<opml/>");
	asked[0] = (struct asked){.t = t, .i = 0};
	job = pool_submit(t->pool, FRAME_OPML, &payload, "lista", POOL_FEED, on_answer, &asked[0]);
	assert_true(job != 0);
	pool_cancel(t->pool, job);
	pool_cancel(t->pool, 12345);
	submit_feed(t, 1);
	wait_until(t, second_done);
	assert_int_equal(t->answered[0], 0);
	assert_int_equal(t->hits, 0); /* no rules, no hits */
}

/* --- without a daemon --- */

static void offline_questions_are_answered_by_the_same_readers(void **state)
{
	struct pool_test *t = *state;
	const struct ask_config config = {
		.program = getenv("ESCUCHAD_READER"),
		.rules = (const char *const *)&t->path,
		.n_rules = 1,
	};
	cleanup(diag_freep) struct diag *diag = diag_new();
	cleanup(ask_freep) struct ask *a = NULL;
	cleanup(arena_freep) struct arena *arena = arena_new(1 << 20);
	struct buf payload = BUF_INIT(1 << 20);
	struct mention m;
	struct answer answer;
	const char *bytes;
	size_t len, i;

	write_rules(t->path, "acme", "a(cme");
	assert_int_equal(ask_open(&config, diag, &a), ASK_E_RULES);
	assert_int_equal(diag_count(diag, DIAG_ERROR), 1);
	write_rules(t->path, "acme", "acme");
	assert_int_equal(ask_open(&config, diag, &a), 0);
	mention_init(&m);
	m.text = "Acme cierra";
	job_match_put(&payload, NULL, false, &m, 1);
	for (i = 0; i < 3; i++) {
		assert_int_equal(ask(a, FRAME_MATCH, &payload, &bytes, &len), 0);
		assert_int_equal(answer_get(bytes, len, arena, &answer), 0);
		assert_int_equal(answer.mentions[0].n_hits, 1);
	}
	buf_reset(&payload);
	buf_puts(&payload, "this is no job");
	assert_int_equal(ask(a, FRAME_MATCH, &payload, &bytes, &len), ASK_E_DIED);
	buf_reset(&payload);
	job_match_put(&payload, NULL, false, &m, 1);
	assert_int_equal(ask(a, FRAME_MATCH, &payload, &bytes, &len), 0); /* a fresh reader */
	buf_done(&payload);
}

int main(int argc, char **argv)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_feed_goes_in_and_its_hits_come_out),
		TEST(a_nursery_has_nothing_of_ours),
		TEST(no_program_is_told_at_once),
		TEST(readers_killed_at_any_time_lose_no_job),
		TEST(an_idle_reader_that_dies_is_told_and_replaced),
		TEST(a_reader_that_hangs_is_told_and_its_job_done_by_another),
		TEST(a_job_that_eats_memory_is_set_aside_and_the_next_is_done),
		TEST(a_reload_takes_over_and_a_bad_one_does_not),
		TEST(a_nursery_that_is_killed_comes_back_and_its_jobs_with_it),
		TEST(nobody_outlives_escuchad),
		TEST(a_reader_that_lies_is_killed_and_charged),
		TEST(a_nursery_of_another_build_is_refused_and_the_old_rules_stay),
		TEST(a_program_of_another_build_answers_no_question),
		TEST(a_reader_that_answers_what_it_has_not_heard_out_is_broken),
		TEST(a_reader_without_a_job_has_nothing_to_say),
		TEST(what_a_reader_says_is_escaped),
		TEST(jobs_are_bounded_and_all_end_with_the_pool),
		TEST(a_cancelled_job_is_not_heard_of),
		TEST(offline_questions_are_answered_by_the_same_readers),
	};

	if (argc == 1 && strcmp(argv[0], "escuchad-reader") == 0)
		return lying_nursery();
	if (!getenv("ESCUCHAD_READER")) {
		(void)fprintf(stderr, "set ESCUCHAD_READER to the program\n");
		return 77; /* meson: skipped */
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
