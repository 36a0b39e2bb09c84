/*
 * The way of a hit from a reader's answer into the stream: store/ writes it in a group of 128, as it does a poll's (SQLite
 * with FULL, the full-text index filled behind), queue/ sends it by its own id in a MULTI group, and it is noted as sent. So many
 * polls wait at a time that the writer never does: what comes together shares its transactions.
 * Beside it the two bare programs of bare_outbox.c, one after the other in each round.
 *
 *   bench_outbox REDIS_SOCKET [plain]
 *
 * Each hit has a fingerprint like no other and one of VOICES authors, as what a reader answers has: plain: neither.
 *
 * The rate is counted in CPU of this process, and told by the wall clock too (Redis works on another core, and a disk's
 * sync is waiting). Exit status 1 below GOAL of the slower one; 77 where there is no Redis.
 */
#include <errno.h>
#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "bare_outbox.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/diag.h"
#include "loop/loop.h"
#include "mention/answer.h"
#include "mention/mention.h"
#include "mention/print.h"
#include "queue/config.h"
#include "queue/queue.h"
#include "store/erase.h"
#include "store/store.h"

enum { ROWS = 12800, GROUP = 128, ROUNDS = 5, TEXT_BYTES = 400, BARE_BYTES = 600, SKIPPED = 77, ARENA_BYTES = 4 << 20 };
enum { VOICES = 500, PRINT_WORDS = 60 };
enum { WAITING = 32 /* polls posted and not yet committed, as in a busy round */ };
#define GOAL 0.7

struct poll {
	struct arena *arena;
	struct poll_outcome outcome;
};

struct bench {
	struct poll polls[ROWS / GROUP]; /* made before the clock runs, as the payload of the bare programs is */
	struct loop *loop;
	struct loop_wakeup *wakeup;
	struct store *store;
	struct queue *queue;
	size_t posted, committed, sent;
	bool failed;
};

struct took {
	double cpu_s, wall_s;
};

static struct took now(void)
{
	struct rusage u;
	struct timespec wall;

	getrusage(RUSAGE_SELF, &u);
	clock_gettime(CLOCK_MONOTONIC, &wall);
	return (struct took){(double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
				     (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6,
			     (double)wall.tv_sec + (double)wall.tv_nsec / 1e9};
}

static struct took since(struct took start)
{
	struct took t = now();

	return (struct took){t.cpu_s - start.cpu_s, t.wall_s - start.wall_s};
}

/* --- what the queue asks of the log --- */

struct owed {
	struct bench *b;
	struct queue_token *token;
	size_t n; /* rows noted as sent */
};

static struct owed *owe(struct bench *b, struct queue_token *token)
{
	struct owed *o = NEW(struct owed);

	*o = (struct owed){.b = b, .token = token};
	return o;
}

static struct owed settled(void *arg)
{
	struct owed o = *(struct owed *)arg;

	free(arg);
	return o;
}

static void on_read(void *arg, int r, const struct outbox_row *rows, size_t n)
{
	queue_read_done(settled(arg).token, r, rows, n);
}

static void ask_read(void *arg, struct stream_id after, size_t max, struct queue_token *token)
{
	struct bench *b = arg;

	store_outbox_read(b->store, OUTBOX_HITS, after, max, on_read, owe(b, token));
}

static void on_sent(void *arg, int r)
{
	struct owed o = settled(arg);

	queue_sent_done(o.token, r);
	o.b->sent += o.n;
	o.b->failed |= r < 0;
	if (o.b->failed || o.b->sent == ROWS)
		loop_stop(o.b->loop);
}

static void ask_sent(void *arg, const struct stream_id *ids, size_t n, struct queue_token *token)
{
	struct bench *b = arg;
	struct owed *o = owe(b, token);

	o->n = n;
	store_outbox_sent(b->store, OUTBOX_HITS, ids, n, on_sent, o);
}

/* Refused ids: there is no reason for any here. */
static void ask_new_id(void *arg, struct stream_id old, struct stream_id above, struct queue_token *token)
{
	struct bench *b = arg;

	(void)old, (void)above, (void)token;
	b->failed = true;
	loop_stop(b->loop);
}

static void on_rewound(void *arg, int r, size_t set_back, size_t left_before)
{
	queue_rewind_done(settled(arg).token, r, set_back, left_before);
}

static void ask_rewind(void *arg, struct stream_id to, int64_t not_before_ms, struct queue_token *token)
{
	struct bench *b = arg;

	store_outbox_rewind(b->store, OUTBOX_HITS, to, not_before_ms, on_rewound, owe(b, token));
}

static void on_pending(void *arg, int r, const struct store_status *status)
{
	queue_pending_done(settled(arg).token, r, r == 0 ? status->pending : 0);
}

static void ask_pending(void *arg, struct queue_token *token)
{
	struct bench *b = arg;

	store_status(b->store, on_pending, owe(b, token));
}

/* Nobody is forgotten: none. */
static void on_erase(void *arg, int r, const struct outbox_erase *rows, size_t n)
{
	queue_erase_read_done(settled(arg).token, r, rows, n);
}

static void ask_erase(void *arg, struct stream_id after, bool late, size_t max, struct queue_token *token)
{
	struct bench *b = arg;

	store_erase(b->store, OUTBOX_HITS, after, late, max, on_erase, owe(b, token));
}

static const struct queue_ops ops = {.read = ask_read,
				     .sent = ask_sent,
				     .new_id = ask_new_id,
				     .rewind = ask_rewind,
				     .erase_read = ask_erase,
				     .pending = ask_pending};

/* --- what comes to the log --- */

/* As scattered as the mins of texts that have nothing in common. */
static const struct print *print_of(struct arena *a, size_t row)
{
	struct print *p = ARENA_NEW(a, struct print);
	uint64_t x = row + 1;
	size_t i;

	*p = (struct print){.words = PRINT_WORDS, .parts = 2 * PRINT_WORDS};
	for (i = 0; i < PRINT_MINS; i++) {
		x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		p->min[i] = (uint32_t)(x >> 32) | 1;
	}
	p->exact = x;
	return p;
}

static struct mention *mention_of(struct arena *a, size_t row, bool plain)
{
	static const char *rules[] = {"fraud"}, *tags[] = {"crisis", "legal"};
	static struct span spans[] = {{.in = SPAN_TEXT, .from = 0, .to = 4, .pattern = "name"}};
	struct mention *m = ARENA_NEW(a, struct mention);
	char *text = arena_memdup0(a, "", TEXT_BYTES);
	size_t i;

	for (i = 0; i < TEXT_BYTES; i++)
		text[i] = (char)(i % 7 == 6 ? ' ' : 'a' + (row * 31 + i * i) % 26);
	mention_init(m);
	m->platform = "feed";
	m->kind = "article";
	m->url = arena_printf(a, "https://medio.example/2026/11/nota-%zu.html", row);
	m->guid = m->url;
	mention_identity("", m->guid, m->id);
	m->title = "Acme otra vez con retrasos";
	m->text = text;
	if (!plain) {
		m->print = print_of(a, row);
		m->author.handle = arena_printf(a, "@voz%zu", row * 7919 % VOICES);
	}
	m->published_ms = clock_wall_ms();
	m->seen_ms = m->published_ms;
	m->hits = ARENA_NEW(a, struct hit);
	m->n_hits = 1;
	*m->hits = (struct hit){.topic = "acme",
				.role = "brand",
				.rules = rules,
				.n_rules = 1,
				.tags = tags,
				.n_tags = 2,
				.spans = spans,
				.n_spans = 1};
	return m;
}

static void on_committed(void *arg, int r, const struct poll_result *result);

/* A group as a poll's outcome, as it comes from a reader. */
static struct poll make_poll(size_t from, bool plain)
{
	struct arena *a = arena_new(ARENA_BYTES);
	struct answer *answer = ARENA_NEW(a, struct answer);
	struct poll_outcome outcome = {.answer = answer, .now_ms = clock_wall_ms()};
	size_t i;

	outcome.state = (struct source_state){.name = arena_printf(a, "f%zu", from / GROUP),
					      .platform = "feed",
					      .baselined = true,
					      .polled_ms = outcome.now_ms,
					      .ok_ms = outcome.now_ms,
					      .new_ms = outcome.now_ms,
					      .next_ms = outcome.now_ms + HOUR_MS};
	*answer = (struct answer){.status = ANSWER_OK, .n_items = GROUP, .n_mentions = GROUP};
	answer->items = ARENA_ARRAY(a, struct item_mark, GROUP);
	answer->mentions = ARENA_ARRAY(a, struct mention, GROUP);
	for (i = 0; i < GROUP; i++) {
		answer->mentions[i] = *mention_of(a, from + i, plain);
		answer->items[i] = (struct item_mark){.state = ITEM_NEW, .counts = answer->mentions[i].counts};
		answer->items[i].key.content = from + i;
		memcpy(answer->items[i].key.id, answer->mentions[i].id, MENTION_ID_BYTES);
	}
	return (struct poll){.arena = a, .outcome = outcome};
}

static void post(struct bench *b)
{
	struct poll *p = &b->polls[b->posted / GROUP];

	b->posted += GROUP;
	store_poll(b->store, &p->outcome, p->arena, on_committed, b);
}

static void on_committed(void *arg, int r, const struct poll_result *result)
{
	struct bench *b = arg;

	if (r < 0 || result->hits != GROUP) {
		b->failed = true;
		loop_stop(b->loop);
		return;
	}
	b->committed += GROUP;
	queue_poke(b->queue);
	if (b->posted < ROWS)
		post(b);
}

static void wake(void *arg)
{
	loop_wakeup_poke(((struct bench *)arg)->wakeup);
}

static void on_wakeup(void *arg)
{
	store_dispatch(((struct bench *)arg)->store);
}

/* How many of the mentions are searchable by now: what is done behind costs CPU, too, and more of it when the disk is slow. */
static int searchable(const char *folder)
{
	char path[256];
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	int n = -1;

	(void)snprintf(path, sizeof(path), "%s/escuchad.db", folder);
	if (sqlite3_open(path, &db) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, "SELECT at FROM mark WHERE name = 'search'", -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		n = sqlite3_column_int(stmt, 0);
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(db);
	return n;
}

static bool ours(const char *folder, const char *socket, const char *stream, bool plain, struct took *ret)
{
	const struct store_config kept = {.keep_mentions_ms = 7 * DAY_MS, .keep_hits_ms = 90 * DAY_MS, .outbox = true};
	const struct queue_config config = {.redis = {.shown = socket, .path = socket},
					    .stream = stream,
					    .rewind_ms = DAY_MS,
					    .keep_ms = 7 * DAY_MS,
					    .high_water = 10 * ROWS};
	struct bench b = {.posted = 0};
	struct took start;
	size_t i;

	if (loop_new(&b.loop) < 0 || loop_wakeup_new(b.loop, on_wakeup, &b, &b.wakeup) < 0 ||
	    store_open(folder, &kept, wake, &b, NULL, &b.store) != 0)
		return false;
	for (i = 0; i < ROWS / GROUP; i++)
		b.polls[i] = make_poll(i * GROUP, plain);
	b.queue = queue_new(b.loop, &config, OUTBOX_HITS, &ops, &b);
	start = now();
	for (i = 0; i < WAITING; i++)
		post(&b);
	loop_run(b.loop);
	b.queue = queue_free(b.queue);
	store_close(b.store); /* the WAL's rest into the database, as the bare one does */
	*ret = since(start);
	loop_wakeup_free(b.wakeup);
	loop_free(b.loop);
	return !b.failed && b.sent == ROWS;
}

/* --- rounds --- */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v)
{
	qsort(v, ROUNDS, sizeof(*v), by_size);
	return v[ROUNDS / 2];
}

static bool round_of(const char *home, const char *socket, int number, bool plain, struct took took[3],
		     int *ret_searchable)
{
	char folder[128], stream[32];
	struct took start;

	(void)snprintf(stream, sizeof(stream), "bench:%d:%d", (int)getpid(), number);
	(void)snprintf(folder, sizeof(folder), "%s/state-%d", home, number);
	if (!ours(folder, socket, stream, plain, &took[0]))
		return false;
	*ret_searchable = searchable(folder);
	(void)snprintf(folder, sizeof(folder), "%s/bare-%d.db", home, number);
	start = now();
	bare_outbox_log(folder, ROWS, GROUP, BARE_BYTES);
	took[1] = since(start);
	(void)snprintf(stream, sizeof(stream), "bare:%d:%d", (int)getpid(), number);
	start = now();
	bare_outbox_stream(socket, stream, ROWS, GROUP, BARE_BYTES);
	took[2] = since(start);
	return true;
}

int main(int argc, char **argv)
{
	char home[] = "/tmp/bench-outbox-XXXXXX";
	double cpu[ROUNDS], wall[ROUNDS], ratio;
	const bool plain = argc == 3;
	int i;

	if (argc < 2 || argc > 3 || (plain && strcmp(argv[2], "plain") != 0) || access(argv[1], F_OK) < 0) {
		(void)puts("skipped: bench_outbox REDIS_SOCKET [plain]");
		return SKIPPED;
	}
	if (!mkdtemp(home))
		return EXIT_FAILURE;
	for (i = 0; i < ROUNDS; i++) {
		struct took t[3];
		double slower_cpu, slower_wall;
		int behind;

		if (!round_of(home, argv[1], i, plain, t, &behind)) {
			(void)puts("the log or the queue failed");
			return EXIT_FAILURE;
		}
		slower_cpu = t[1].cpu_s > t[2].cpu_s ? t[1].cpu_s : t[2].cpu_s;
		slower_wall = t[1].wall_s > t[2].wall_s ? t[1].wall_s : t[2].wall_s;
		cpu[i] = slower_cpu / t[0].cpu_s;
		wall[i] = slower_wall / t[0].wall_s;
		(void)printf(
			"round %d: CPU a hit %.1f µs (%d made searchable with it), bare log %.1f, bare stream %.1f; "
			"hits/s by wall %.0f, %.0f, %.0f\n",
			i + 1, 1e6 * t[0].cpu_s / ROWS, behind, 1e6 * t[1].cpu_s / ROWS, 1e6 * t[2].cpu_s / ROWS,
			ROWS / t[0].wall_s, ROWS / t[1].wall_s, ROWS / t[2].wall_s);
	}
	(void)nftw(home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	ratio = median(cpu);
	(void)printf("outbox to Redis, %d hits in groups of %d: %.2f of the slower bare program's rate in CPU (goal: "
		     "at least %.1f), %.2f by wall\n",
		     ROWS, GROUP, ratio, GOAL, median(wall));
	return ratio < GOAL;
}
