#include "main/ctl_backtest_run.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "loop/loop.h"
#include "main/ctl_backtest_topics.h"
#include "mention/answer.h"
#include "mention/catalogue.h"
#include "mention/job.h"
#include "mention/mention.h"
#include "pool/pool.h"
#include "store/replay.h"

enum { GAVE_UP_OFTEN = 16 };

/* Some mentions of the log, and what the sets make of them. They are reported in the order in which they were read. */
struct chunk {
	struct arena *arena;
	struct mention *v;
	size_t n, waiting; /* parts that are being judged */
	struct backtest_hits (*got)[BACKTEST_SETS_MAX];
	struct backtest_hits (*bare)[BACKTEST_SETS_MAX]; /* of what was added by hand: without the topic, too */
	struct chunk *next;
};

/* Those of a chunk that are judged in one job: a job has one topic for all that its source brings. */
struct part {
	struct course *course;
	struct chunk *chunk;
	size_t set;
	const char *topic;
	struct backtest_hits (*to)[BACKTEST_SETS_MAX]; /* chunk->got or chunk->bare */
	uint32_t *at;                                  /* of chunk->v */
	size_t n;
};

struct side {
	struct course *course;
	size_t set;
	struct pool *pool;
	struct arena *arena; /* the catalogue's */
	struct catalogue catalogue;
	bool ready;
};

struct course {
	const struct backtest_run *run;
	struct loop *loop;
	struct diag *diag;
	struct side sides[BACKTEST_SETS_MAX];
	struct chunk *first, *last; /* oldest first */
	size_t n_chunks;
	bool read_all, over;
	int r;
	size_t failed_set;
};

static void finish(struct course *c, int r)
{
	if (!c->over) {
		c->over = true;
		c->r = r;
	}
	loop_stop(c->loop);
}

/* --- chunks --- */

static void chunk_free(struct chunk *k)
{
	arena_free(k->arena);
	free(k);
}

/* The log does not say with which topic something was added by hand. If the rules that are set first give what it has in the
 * log without any, it was added with none. */
static void settle_by_hand(const struct course *c, struct chunk *k, size_t i)
{
	const char *topic = source_topic_of(c->run->topics, &k->v[i]);
	size_t n, set;

	if (!topic || !source_topic_by_hand(&k->v[i]))
		return;
	for (n = 0; n < k->bare[i][0].n && strcmp(k->bare[i][0].v[n].topic, topic) != 0; n++)
		;
	for (set = 0; set < c->run->n_sets; set++) {
		k->got[i][set].by_hand = n == k->bare[i][0].n;
		if (n < k->bare[i][0].n)
			k->got[i][set] = k->bare[i][set];
	}
}

/* The whole ones at the head are reported, and go. */
static void report(struct course *c)
{
	const struct backtest_run *run = c->run;

	while (c->first && c->first->waiting == 0) {
		struct chunk *k = c->first;
		size_t i;

		for (i = 0; i < k->n; i++) {
			settle_by_hand(c, k, i);
			run->on_mention(run->arg, &k->v[i], (const struct backtest_hits *)k->got[i]);
		}
		c->first = k->next;
		if (!c->first)
			c->last = NULL;
		c->n_chunks--;
		chunk_free(k);
	}
}

/* --- parts --- */

static void part_free(struct part *p)
{
	free(p->at);
	free(p);
}

static void part_send(struct part *p);

static struct part *part_new(struct course *c, struct chunk *k, size_t set, const char *topic, size_t n)
{
	struct part *p = NEW(struct part);

	*p = (struct part){.course = c,
			   .chunk = k,
			   .set = set,
			   .topic = topic,
			   .to = k->got,
			   .at = xcalloc(n, sizeof(*p->at)),
			   .n = n};
	return p;
}

/* It cost three readers: its halves are judged each by themselves, so that one text alone is given up. */
static void part_split(struct part *p)
{
	size_t half = p->n / 2;
	struct part *a, *b;

	if (p->n == 1) {
		p->to[p->at[0]][p->set].unknown = true;
		return;
	}
	a = part_new(p->course, p->chunk, p->set, p->topic, half);
	b = part_new(p->course, p->chunk, p->set, p->topic, p->n - half);
	a->to = b->to = p->to;
	memcpy(a->at, p->at, half * sizeof(*a->at));
	memcpy(b->at, p->at + half, (p->n - half) * sizeof(*b->at));
	part_send(a);
	part_send(b);
}

/* A pattern that gives up so often is left out for the rest of its job (match/matcher): smaller ones, as polls are, show
 * what it does on each text. */
static bool gave_up_often(const struct answer *answer)
{
	size_t i;

	for (i = 0; i < answer->n_limits; i++)
		if (answer->limits[i].count >= GAVE_UP_OFTEN)
			return true;
	return false;
}

/* The pool has held the answer against its job already (pool/border). */
static void part_take(struct part *p, const char *bytes, size_t len)
{
	const struct backtest_run *run = p->course->run;
	struct answer answer;
	size_t i;

	if (answer_get(bytes, len, p->chunk->arena, &answer) != 0 || answer.n_mentions != p->n ||
	    (p->n > GAVE_UP_OFTEN / 2 && gave_up_often(&answer))) {
		part_split(p); /* also where there were more hits than an answer may hold */
		return;
	}
	for (i = 0; i < p->n; i++)
		p->to[p->at[i]][p->set] =
			(struct backtest_hits){.v = answer.mentions[i].hits, .n = answer.mentions[i].n_hits};
	for (i = 0; run->on_limit && i < answer.n_limits; i++)
		run->on_limit(run->arg, p->set, answer.limits[i].topic, answer.limits[i].pattern,
			      answer.limits[i].count);
}

static void fill(struct course *c);

static void on_judged(void *arg, enum pool_outcome outcome, const char *bytes, size_t len)
{
	struct part *p = arg;
	struct course *c = p->course;

	if (outcome == POOL_DONE)
		part_take(p, bytes, len);
	else if (outcome == POOL_SET_ASIDE)
		part_split(p);
	p->chunk->waiting--;
	part_free(p);
	if (outcome == POOL_ENDED || c->over)
		return;
	report(c);
	fill(c);
}

/* p is taken. */
static void part_send(struct part *p)
{
	struct course *c = p->course;
	cleanup(freep) struct mention *v = xcalloc(p->n, sizeof(*v));
	struct buf payload = BUF_INIT(FRAME_MAX_BYTES);
	size_t i;

	for (i = 0; i < p->n; i++) {
		v[i] = p->chunk->v[p->at[i]];
		v[i].hits = NULL; /* a mention that is to be judged has none yet */
		v[i].n_hits = 0;
	}
	job_match_put(&payload, p->topic, false, v, p->n);
	p->chunk->waiting++;
	if (pool_submit(c->sides[p->set].pool, FRAME_MATCH, &payload, v[0].source, POOL_FEED, on_judged, p))
		return;
	p->chunk->waiting--;
	part_free(p);
	finish(c, -ENOBUFS); /* what BACKTEST_CHUNKS_MAX rules out */
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static void send_bare(struct course *c, struct chunk *k, size_t i)
{
	size_t set;

	for (set = 0; set < c->run->n_sets; set++) {
		struct part *p = part_new(c, k, set, NULL, 1);

		p->to = k->bare;
		p->at[0] = (uint32_t)i;
		part_send(p);
	}
}

/* One part a topic and set. */
static void chunk_send(struct course *c, struct chunk *k)
{
	const char **topics = ARENA_ARRAY(k->arena, const char *, k->n + 1);
	cleanup(freep) bool *sent = xcalloc(k->n + 1, sizeof(*sent));
	size_t i, j, set;

	for (i = 0; i < k->n; i++) {
		topics[i] = source_topic_of(c->run->topics, &k->v[i]);
		if (topics[i] && source_topic_by_hand(&k->v[i]))
			send_bare(c, k, i);
	}
	for (i = 0; i < k->n; i++) {
		for (set = 0; !sent[i] && set < c->run->n_sets; set++) {
			struct part *p = part_new(c, k, set, topics[i], k->n - i);

			p->n = 0;
			for (j = i; j < k->n; j++)
				if (!sent[j] && same(topics[j], topics[i]))
					p->at[p->n++] = (uint32_t)j;
			part_send(p);
		}
		for (j = i + 1; !sent[i] && j < k->n; j++)
			sent[j] = sent[j] || same(topics[j], topics[i]);
	}
}

/* --- reading --- */

/* NULL: the end, or a failure that was noted. */
static struct chunk *chunk_read(struct course *c)
{
	struct chunk *k = NEW(struct chunk);
	int r;

	k->arena = arena_new(SIZE_MAX); /* what replay_next() and the answers' own bounds let in */
	k->v = ARENA_ARRAY(k->arena, struct mention, REPLAY_ROWS_MAX);
	r = replay_next(c->run->replay, k->arena, k->v, &k->n);
	if (r != 0 || k->n == 0) {
		chunk_free(k);
		if (r != 0)
			finish(c, r == REPLAY_E_CORRUPT ? BACKTEST_E_CORRUPT : r);
		c->read_all = true;
		return NULL;
	}
	k->got = (void *)ARENA_ARRAY(k->arena, struct backtest_hits, k->n * BACKTEST_SETS_MAX);
	k->bare = (void *)ARENA_ARRAY(k->arena, struct backtest_hits, k->n * BACKTEST_SETS_MAX);
	return k;
}

static void fill(struct course *c)
{
	struct chunk *k;

	while (!c->over && !c->read_all && c->n_chunks < BACKTEST_CHUNKS_MAX && (k = chunk_read(c))) {
		if (c->last)
			c->last->next = k;
		else
			c->first = k;
		c->last = k;
		c->n_chunks++;
		chunk_send(c, k);
	}
	if (c->read_all && !c->first)
		finish(c, 0);
}

/* --- the rules --- */

static void begin(struct course *c)
{
	const struct catalogue *known[BACKTEST_SETS_MAX] = {NULL};
	size_t i;

	for (i = 0; i < c->run->n_sets; i++) {
		if (!c->sides[i].ready)
			return;
		known[i] = &c->sides[i].catalogue;
	}
	if (c->run->on_ready && !c->run->on_ready(c->run->arg, known))
		finish(c, BACKTEST_E_STOPPED);
	else
		fill(c);
}

static void on_ready(void *arg, uint64_t generation, const struct diag *warnings, const char *catalogue, size_t len)
{
	struct side *s = arg;

	(void)generation;
	(void)warnings; /* they are --check's to tell */
	if (s->ready)
		return; /* its nursery was started anew */
	s->ready = true;
	if (len && catalogue_get(catalogue, len, s->arena, &s->catalogue) != 0)
		s->catalogue.n_topics = 0;
	begin(s->course);
}

static void on_failed(void *arg, uint64_t generation, const struct diag *findings)
{
	struct side *s = arg;
	struct buf b = BUF_INIT(FRAME_MAX_BYTES);

	(void)generation;
	diag_write(&b, findings);
	(void)!diag_read(s->course->diag, buf_str(&b), b.len);
	buf_done(&b);
	s->course->failed_set = s->set;
	finish(s->course, BACKTEST_E_RULES);
}

/* As many as the machine has cores, over all sets. */
static unsigned readers_each(size_t n_sets)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	return cores > 0 ? (unsigned)((size_t)cores / n_sets) : 0; /* the pool has its own least */
}

static int sides_open(struct course *c)
{
	static const struct pool_ops ops = {.on_ready = on_ready, .on_failed = on_failed};
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < c->run->n_sets; i++) {
		const struct pool_config config = {.rules = c->run->sets[i].rules,
						   .n_rules = c->run->sets[i].n_rules,
						   .lexicon = c->run->lexicon,
						   .readers = readers_each(c->run->n_sets)};

		c->sides[i] = (struct side){.course = c, .set = i, .arena = arena_new(SIZE_MAX)};
		r = pool_new(c->loop, &config, &ops, &c->sides[i], &c->sides[i].pool);
	}
	return r;
}

int backtest_run(const struct backtest_run *run, struct diag *diag, size_t *ret_set)
{
	struct course c = {.run = run, .diag = diag};
	size_t i;
	int r = loop_new(&c.loop);

	if (r < 0)
		return r;
	r = sides_open(&c);
	if (r == 0) {
		loop_run(c.loop);
		r = c.r;
	}
	c.over = true;
	for (i = 0; i < run->n_sets; i++) {
		pool_free(c.sides[i].pool);
		arena_free(c.sides[i].arena);
	}
	while (c.first) {
		struct chunk *k = c.first;

		c.first = k->next;
		chunk_free(k);
	}
	loop_free(c.loop);
	if (r == BACKTEST_E_RULES)
		*ret_set = c.failed_set;
	return r;
}
