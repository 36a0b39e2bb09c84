/* The log: one thing after another, each whole or not at all; what it holds is all that a crash leaves. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "mention/source_state.h"
#include "sim.h"
#include "source/poll.h"
#include "sim_keep.h"

enum { STATE_ARENA_BYTES = 1 << 20, GROUP_MAX = 128, SEEN_MAX = 64, STALL_MS = 5000 };

struct log_op {
	struct sim *sim;
	struct log_op *next;
	enum { OP_LOAD, OP_COMMIT, OP_MARK, OP_OUTBOX } kind;
	struct poll *poll;
	size_t site;
	struct arena *arena;
	struct source_state state;
	struct answer *answer;
	struct deaf_mark deaf[DEAF_MARKS_MAX];
	size_t n_deaf;
	uint64_t sets;    /* of the clock, when it was asked for; a mark's: … */
	int64_t asked_ms; /* … when its source was */
	enum log_ask ask;
	struct stream_id *ids, id;
	size_t n;
};

struct kept_state {
	struct source_state state;
};

static void copy_state(struct source_state *to, const struct source_state *from, struct arena *a)
{
	*to = *from;
	to->name = arena_strdup(a, from->name);
	to->platform = arena_strdup(a, from->platform);
	to->address = arena_strdup(a, from->address);
	to->title = arena_strdup(a, from->title);
	to->etag = arena_strdup(a, from->etag);
	to->last_modified = arena_strdup(a, from->last_modified);
	to->error = arena_strdup(a, from->error);
	to->error_detail = arena_strdup(a, from->error_detail);
	to->habits = from->habits ? arena_memdup0(a, from->habits, from->habits_len) : NULL;
}

/* --- rows --- */

static void index_row(struct sim_log *log, struct stream_id id, size_t row)
{
	while (log->cap_row_of <= (size_t)id.ms) {
		size_t old = log->cap_row_of;

		log->row_of = GROW(log->row_of, old, &log->cap_row_of);
		memset(log->row_of + old, 0, (log->cap_row_of - old) * sizeof(*log->row_of));
	}
	log->row_of[id.ms] = row + 1;
}

static struct sim_row *row_at(const struct sim_log *log, int64_t ms)
{
	size_t row = ms > 0 && (size_t)ms < log->cap_row_of ? log->row_of[ms] : 0;

	return row ? &log->rows[row - 1] : NULL;
}

const struct sim_row *log_row(const struct sim *s, struct stream_id id)
{
	return row_at(&s->log, id.ms);
}

static void add_row(struct sim *s, size_t site, size_t item)
{
	struct sim_log *log = &s->log;
	struct stream_id id = {.ms = ++log->last_id};

	log->rows = GROW(log->rows, log->n_rows, &log->cap_rows);
	log->rows[log->n_rows] = (struct sim_row){.id = id, .site = site, .item = item};
	index_row(log, id, log->n_rows++);
}

/* --- what is done --- */

static void keep_items(struct sim *s, size_t site, const struct answer *answer)
{
	struct site *x = &s->sites[site];
	size_t i;

	for (i = 0; i < answer->n_mentions; i++) {
		size_t item = keep_item_of(answer->mentions[i].id);

		PROMISE(s, item < x->n, "site %zu: item %zu was committed and never shown", site, item);
		PROMISE(s, !x->committed[item], "site %zu: item %zu was committed twice", site, item);
		x->committed[item] = 1;
		add_row(s, site, item);
	}
}

static void apply_commit(struct log_op *op)
{
	struct sim *s = op->sim;
	struct kept *k = &s->kept[op->site];
	struct arena *a = arena_new(STATE_ARENA_BYTES);
	size_t i;

	for (i = 0; i < op->n_deaf; i++)
		health_mark(&s->sites[op->site], &op->deaf[i]);
	if (op->answer)
		keep_items(s, op->site, op->answer);
	arena_free(k->arena);
	k->arena = a;
	k->state = ARENA_NEW(a, struct kept_state);
	copy_state(&k->state->state, &op->state, a);
	keep_promises(s, &s->sites[op->site], &op->state);
	s->sites[op->site].jumped = op->sets != s->clock.sets; /* its times are of another clock */
}

/* When a source was asked that showed nothing new. If it is being asked again by now, its next commit promises the rest. */
static void apply_mark(struct log_op *op)
{
	struct sim *s = op->sim;
	struct site *x = &s->sites[op->site];
	struct kept_state *k = s->kept[op->site].state;

	PROMISE(s, k != NULL, "site %zu: marked, and never committed", op->site);
	k->state.polled_ms = k->state.ok_ms = x->kept_ok_ms = op->state.ok_ms;
	k->state.next_ms = op->state.next_ms;
	if (x->asked_ms != op->asked_ms)
		return;
	keep_promises(s, x, &k->state);
	x->jumped = op->sets != s->clock.sets;
}

static void apply_outbox(struct log_op *op)
{
	struct sim_log *log = &op->sim->log;
	int64_t ms;
	size_t i;

	switch (op->ask) {
	case LOG_READ:
		op->n = 0;
		op->ids = xcalloc(GROUP_MAX, sizeof(*op->ids));
		for (ms = (op->id.ms > log->unsent ? op->id.ms : log->unsent) + 1;
		     ms <= log->last_id && op->n < GROUP_MAX; ms++) {
			const struct sim_row *row = row_at(log, ms);

			if (row && !row->sent)
				op->ids[op->n++] = row->id;
			else if (!op->n && ms == log->unsent + 1)
				log->unsent = ms;
		}
		break;
	case LOG_MARK:
		for (i = 0; i < op->n; i++)
			row_at(log, op->ids[i].ms)->sent = true;
		break;
	case LOG_RENAME:
		for (i = 0; i < op->n; i++) {
			struct sim_row *row = row_at(log, op->ids[i].ms);
			size_t number = (size_t)(row - log->rows);

			if (op->id.ms > log->last_id)
				log->last_id = op->id.ms;
			log->row_of[row->id.ms] = 0;
			row->id = op->ids[i] = (struct stream_id){.ms = ++log->last_id};
			index_row(log, row->id, number);
		}
		break;
	case LOG_REWIND:
		for (i = 0; i < log->n_rows; i++) {
			if (stream_id_cmp(log->rows[i].id, op->id) > 0)
				log->rows[i].sent = false;
		}
		if (log->unsent > op->id.ms)
			log->unsent = op->id.ms;
		break;
	}
}

static void answer_load(struct log_op *op, bool failed)
{
	const struct kept *k = &op->sim->kept[op->site];
	const struct site *x = &op->sim->sites[op->site];
	struct arena *a = arena_new(STATE_ARENA_BYTES);
	struct source_state *state = NULL;
	struct seen_key *seen;
	size_t i, n = 0;

	if (failed) {
		poll_loaded(op->poll, -EIO, NULL, NULL, 0, arena_free(a));
		return;
	}
	seen = ARENA_ARRAY(a, struct seen_key, SEEN_MAX);
	for (i = x->n > SEEN_MAX ? x->n - SEEN_MAX : 0; i < x->n; i++) {
		if (x->committed[i])
			keep_item_id(op->site, i, seen[n++].id);
	}
	if (k->state) {
		state = ARENA_NEW(a, struct source_state);
		copy_state(state, &k->state->state, a);
	}
	poll_loaded(op->poll, 0, state, seen, n, a);
}

static void answer_commit(struct log_op *op, bool failed)
{
	struct poll_result result = {.new_mentions = op->answer ? op->answer->n_mentions : 0};

	result.hits = result.new_mentions;
	if (!failed && result.hits)
		redis_poke(op->sim);
	poll_committed(op->poll, failed ? -EIO : 0, failed ? NULL : &result);
}

static void op_free(struct log_op *op)
{
	arena_free(op->arena);
	free(op->ids);
	free(op);
}

static void apply(struct log_op *op)
{
	if (op->kind == OP_COMMIT)
		apply_commit(op);
	else if (op->kind == OP_MARK)
		apply_mark(op);
	else if (op->kind == OP_OUTBOX)
		apply_outbox(op);
}

static struct log_op *take(struct sim_log *log)
{
	struct log_op *op = log->first;

	log->first = op->next;
	if (!log->first)
		log->last = &log->first;
	return op;
}

static int64_t latency(struct sim *s)
{
	return s->log.stalls_until_ms > s->clock.steady_ms ? (int64_t)sim_roll(s, STALL_MS) : (int64_t)sim_roll(s, 20);
}

static void on_work(void *arg)
{
	struct sim *s = arg;
	struct log_op *op = take(&s->log);
	bool failed = !s->calm && s->log.fails_until_ms > s->clock.steady_ms && sim_one_in(s, 3);

	if (s->log.first)
		sim_at(s, &s->log.work, latency(s));
	if (!failed)
		apply(op);
	sim_trace(s, "log %s of %zu%s",
		  op->kind == OP_LOAD     ? "load"
		  : op->kind == OP_COMMIT ? "commit"
		  : op->kind == OP_MARK   ? "mark"
					  : "outbox",
		  op->site, failed ? " failed" : "");
	if (op->kind == OP_LOAD)
		answer_load(op, failed);
	else if (op->kind == OP_COMMIT)
		answer_commit(op, failed);
	else if (op->kind == OP_OUTBOX)
		redis_log_answers(s, op->ask, failed, op->ids, op->n);
	op_free(op);
}

static struct log_op *ask(struct sim *s, int kind)
{
	struct log_op *op = NEW(struct log_op);

	op->sim = s;
	op->kind = kind;
	if (!s->log.last)
		s->log.last = &s->log.first;
	if (!s->log.first) {
		s->log.work.fn = on_work;
		s->log.work.arg = s;
		sim_at(s, &s->log.work, latency(s));
	}
	*s->log.last = op;
	s->log.last = &op->next;
	return op;
}

/* The machine's disk has what was written first; the rest is gone with the process. */
void log_crash(struct sim *s)
{
	bool kept = true;

	sim_not(s, &s->log.work);
	while (s->log.first) {
		struct log_op *op = take(&s->log);

		kept = kept && sim_one_in(s, 2);
		if (kept)
			apply(op);
		if (op->kind == OP_LOAD) /* its poll was abandoned: it only waits to be freed */
			poll_loaded(op->poll, -ECANCELED, NULL, NULL, 0, NULL);
		else if (op->kind == OP_COMMIT)
			poll_committed(op->poll, -ECANCELED, NULL);
		op_free(op);
	}
}

void log_done(struct sim *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		arena_free(s->kept[i].arena);
	free(s->log.rows);
	free(s->log.row_of);
}

/* A question is answered beside what waits to be written. */
static void overtake(struct sim_log *log, struct log_op *op)
{
	struct log_op **at = &log->first;

	if (log->first == op)
		return;
	while (*at != op)
		at = &(*at)->next;
	*at = NULL;
	log->last = at;
	op->next = log->first;
	log->first = op;
}

void log_outbox(struct sim *s, enum log_ask what, const struct stream_id *ids, size_t n, struct stream_id id)
{
	struct log_op *op = ask(s, OP_OUTBOX);

	op->ask = what;
	op->id = id;
	op->n = n;
	if (n) {
		op->ids = xcalloc(n, sizeof(*ids));
		memcpy(op->ids, ids, n * sizeof(*ids));
	}
	if (what == LOG_READ && sim_one_in(s, 2))
		overtake(&s->log, op);
}

/* --- struct source_ops --- */

void keep_load(void *arg, const char *name, struct poll *poll)
{
	struct sim *s = arg;
	struct log_op *op = ask(s, OP_LOAD);

	op->poll = poll;
	op->site = (size_t)(web_site(s, name) - s->sites);
}

void keep_commit(void *arg, const struct poll_outcome *outcome, struct arena *answer, struct poll *poll)
{
	struct sim *s = arg;
	struct log_op *op = ask(s, OP_COMMIT);

	op->poll = poll;
	op->site = (size_t)(web_site(s, outcome->state.name) - s->sites);
	op->arena = answer ? answer : arena_new(STATE_ARENA_BYTES);
	copy_state(&op->state, &outcome->state, op->arena);
	op->answer = (struct answer *)outcome->answer;
	memcpy(op->deaf, outcome->deaf, sizeof(op->deaf));
	op->n_deaf = outcome->n_deaf;
	op->sets = s->clock.sets;
	sim_dice(s, 2000);
}

/* Nobody waits for them, and those that fail or that a crash takes are lost. */
void keep_marks(void *arg, const struct source_mark *v, size_t n)
{
	struct sim *s = arg;
	size_t i;

	for (i = 0; i < n; i++) {
		struct log_op *op = ask(s, OP_MARK);
		struct site *x = web_site(s, v[i].name);

		op->site = (size_t)(x - s->sites);
		op->state.ok_ms = v[i].ok_ms;
		op->state.next_ms = v[i].next_ms;
		op->asked_ms = x->unkept.asked_ms;
		op->sets = x->unkept.sets;
	}
}
