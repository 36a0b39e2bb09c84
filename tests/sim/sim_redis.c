/* queue/outbox and the Redis that it speaks to: one that goes away, comes back without its last second, hangs, refuses, is a
 * replica for a while, and is written to by strangers. */
#include <stdlib.h>
#include <string.h>

#include "queue/outbox.h"
#include "sim.h"

enum { STRANGER_AHEAD = 5 };

static void step(struct sim *s, struct outbox_event e);

/* --- the stream --- */

static void put_entry(struct sim *s, struct redis_entry e)
{
	struct sim_redis *r = &s->redis;

	PROMISE(s, stream_id_cmp(e.id, r->top) > 0, "an entry is not above the last one");
	r->v = GROW(r->v, r->n, &r->cap);
	r->v[r->n++] = e;
	r->top = e.id;
}

static const struct redis_entry *entry(const struct sim_redis *r, struct stream_id id)
{
	size_t low = 0, high = r->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = stream_id_cmp(r->v[middle].id, id);

		if (order == 0)
			return &r->v[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* It comes back from what it had on disk, or another takes its place that lags behind. */
static void forget_some(struct sim *s)
{
	static const int64_t lags[] = {SECOND_MS, MINUTE_MS, 30 * MINUTE_MS};
	struct sim_redis *r = &s->redis;
	int64_t lag = lags[sim_roll(s, ARRAY_LEN(lags))];

	while (r->n && s->clock.steady_ms - r->v[r->n - 1].at_ms < lag) {
		r->n--;
		r->lost++;
	}
	r->top = r->n ? r->v[r->n - 1].id : (struct stream_id){.ms = 0};
}

/* --- its answers --- */

static enum outbox_fate take(struct sim *s, struct stream_id id)
{
	const struct sim_row *row = log_row(s, id);

	if (stream_id_cmp(id, s->redis.top) <= 0)
		return OUTBOX_REFUSED;
	put_entry(s, (struct redis_entry){.id = id, .site = row->site, .item = row->item, .at_ms = s->clock.steady_ms});
	return OUTBOX_TAKEN_IN;
}

static enum outbox_fate look(struct sim *s, struct stream_id id)
{
	const struct redis_entry *e = entry(&s->redis, id);
	const struct sim_row *row = log_row(s, id);

	return e && row && e->site == row->site && e->item == row->item ? OUTBOX_TAKEN_IN : OUTBOX_FOREIGN;
}

/* What was asked is done, whether anybody hears of it or not. */
static struct outbox_event execute(struct sim *s, enum outbox_fate *fates)
{
	struct sim_redis *r = &s->redis;
	struct outbox_event e = {.fates = fates, .n = r->n_ids};
	size_t i;

	if (r->asked == REDIS_GREET)
		return (struct outbox_event){.kind = OUTBOX_GREETED, .id = r->top};
	if (r->refuses || r->read_only)
		return (struct outbox_event){.kind = OUTBOX_FAULT, .fault = r->refuses ? FAULT_LATER : FAULT_ELSEWHERE};
	for (i = 0; i < r->n_ids; i++)
		fates[i] = r->asked == REDIS_SEND ? take(s, r->ids[i]) : look(s, r->ids[i]);
	e.kind = r->asked == REDIS_SEND ? OUTBOX_TAKEN : OUTBOX_CHECKED;
	e.id = r->top;
	return e;
}

static void on_answer(void *arg)
{
	struct sim *s = arg;
	struct sim_redis *r = &s->redis;
	enum outbox_fate fates[OUTBOX_GROUP_MAX];
	struct outbox_event e;

	if (r->asked == REDIS_CONNECT) {
		r->asked = REDIS_NOTHING;
		r->connecting = false;
		r->connected = !r->down;
		r->connects += r->connected;
		step(s, r->down ? (struct outbox_event){.kind = OUTBOX_DOWN, .fault = FAULT_LOST}
				: (struct outbox_event){.kind = OUTBOX_UP});
		return;
	}
	e = execute(s, fates);
	r->asked = REDIS_NOTHING;
	if (!s->calm && sim_one_in(s, 60)) /* the line goes just before the answer */
		e = (struct outbox_event){.kind = OUTBOX_DOWN, .fault = FAULT_LOST};
	if (e.kind == OUTBOX_DOWN)
		r->connected = false;
	step(s, e);
}

static void ask(struct sim *s, enum redis_ask what, const struct stream_id *ids, size_t n)
{
	struct sim_redis *r = &s->redis;

	PROMISE(s, r->asked == REDIS_NOTHING, "Redis is asked %d while it owes %d", what, r->asked);
	r->asked = what;
	r->n_ids = n;
	if (ids)
		memcpy(r->ids, ids, n * sizeof(*ids));
	if (!r->hangs)
		sim_at(s, &r->answer, 1 + (int64_t)sim_roll(s, sim_one_in(s, 100) ? 3000 : 10));
}

static void lose_link(struct sim *s)
{
	struct sim_redis *r = &s->redis;
	bool had = r->connected || r->connecting;

	sim_not(s, &r->answer);
	r->asked = REDIS_NOTHING;
	r->connected = r->connecting = false;
	if (had && r->outbox)
		step(s, (struct outbox_event){.kind = OUTBOX_DOWN, .fault = FAULT_LOST});
}

/* --- the outbox --- */

static void obey(struct sim *s, const struct outbox_action *a)
{
	struct sim_redis *r = &s->redis;

	switch (a->kind) {
	case OUTBOX_CONNECT:
		PROMISE(s, !r->connected && !r->connecting, "a second connection");
		r->connecting = true;
		ask(s, REDIS_CONNECT, NULL, 0);
		break;
	case OUTBOX_CLOSE:
		sim_not(s, &r->answer);
		r->asked = REDIS_NOTHING;
		r->connected = r->connecting = false;
		break;
	case OUTBOX_GREET:
		ask(s, REDIS_GREET, NULL, 0);
		break;
	case OUTBOX_SEND:
		PROMISE(s, r->connected && r->n_ids == a->n && a->n <= OUTBOX_GROUP_MAX, "a group of %zu rows", a->n);
		sim_dice(s, 200);
		ask(s, REDIS_SEND, NULL, a->n); /* the rows that were read stand in ids */
		break;
	case OUTBOX_CHECK:
		ask(s, REDIS_CHECK, a->ids, a->n);
		break;
	case OUTBOX_GET:
		log_outbox(s, LOG_READ, NULL, 0, a->id);
		break;
	case OUTBOX_MARK:
		log_outbox(s, LOG_MARK, a->ids, a->n, (struct stream_id){.ms = 0});
		break;
	case OUTBOX_RENAME:
		log_outbox(s, LOG_RENAME, a->ids, a->n, a->id);
		break;
	case OUTBOX_REWIND:
		log_outbox(s, LOG_REWIND, NULL, 0, a->id);
		break;
	case OUTBOX_TELL:
		sim_trace(s, "outbox told %d, fault %d, waits %lld", a->told, a->fault, (long long)a->wait_ms);
		break;
	case OUTBOX_TRIM:
		break; /* its time is never */
	case OUTBOX_ERASE_GET:
	case OUTBOX_ERASE:
	case OUTBOX_ERASE_MARK:
		PROMISE(s, false, "an erasure that nobody asked for");
		break;
	}
}

static void step(struct sim *s, struct outbox_event e)
{
	struct sim_redis *r = &s->redis;
	struct outbox_actions got;
	int64_t due;
	size_t i;

	e.random = (uint32_t)sim_roll(s, UINT32_MAX);
	got = outbox_step(r->outbox, &e, s->clock.steady_ms);
	for (i = 0; i < got.n; i++)
		obey(s, &got.v[i]);
	due = outbox_due(r->outbox);
	if (due == TIME_NONE)
		sim_not(s, &r->tick);
	else
		sim_at(s, &r->tick, due - s->clock.steady_ms);
}

static void on_tick(void *arg)
{
	step(arg, (struct outbox_event){.kind = OUTBOX_TICK});
}

void redis_poke(struct sim *s)
{
	if (s->redis.outbox)
		step(s, (struct outbox_event){.kind = OUTBOX_POKE});
}

void redis_log_answers(struct sim *s, enum log_ask what, bool failed, const struct stream_id *ids, size_t n)
{
	struct sim_redis *r = &s->redis;
	size_t i;

	if (!r->outbox)
		return;
	if (what == LOG_READ) {
		if (!failed && r->asked == REDIS_NOTHING) {
			memcpy(r->ids, ids, n * sizeof(*ids));
			r->n_ids = n;
		}
		step(s,
		     (struct outbox_event){
			     .kind = OUTBOX_READ, .ids = ids, .n = failed ? 0 : n, .bytes = 300 * n, .failed = failed});
	} else if (what == LOG_RENAME) {
		for (i = 0; i < n; i++)
			step(s, (struct outbox_event){.kind = OUTBOX_RENAMED, .id = ids[i], .failed = failed});
	} else {
		step(s, (struct outbox_event){.kind = what == LOG_MARK ? OUTBOX_MARKED : OUTBOX_REWOUND,
					      .failed = failed});
	}
}

void redis_begin(struct sim *s)
{
	struct sim_redis *r = &s->redis;

	r->outbox = NEW(struct outbox);
	r->tick = (struct sim_event){.fn = on_tick, .arg = s};
	r->answer = (struct sim_event){.fn = on_answer, .arg = s};
	outbox_init(r->outbox);
	on_tick(s);
}

/* What was under way may have reached it. */
void redis_crash(struct sim *s)
{
	struct sim_redis *r = &s->redis;
	enum outbox_fate fates[OUTBOX_GROUP_MAX];

	if (r->asked == REDIS_SEND && r->connected && !r->down && sim_one_in(s, 2))
		(void)execute(s, fates);
	sim_not(s, &r->answer);
	sim_not(s, &r->tick);
	r->asked = REDIS_NOTHING;
	r->connected = r->connecting = false;
	free(r->outbox);
	r->outbox = NULL;
}

/* --- moods --- */

/* Others write to the stream as well. Then what a Redis has lost may be covered by what they wrote before we looked, and can't
 * be known: a stream has one writer, or one server that forgets nothing. */
static bool strangers(const struct sim *s)
{
	return s->seed % 3 == 1;
}

void redis_mood(struct sim *s)
{
	struct sim_redis *r = &s->redis;
	uint64_t mood = sim_roll(s, 9);

	r->down = mood == 1;
	r->hangs = mood == 2;
	r->refuses = mood == 3;
	r->read_only = mood == 4;
	sim_trace(s, "Redis: mood %d", (int)mood);
	if (mood == 1 || mood == 4)
		lose_link(s);
	if (mood == 5 || (mood == 1 && sim_one_in(s, 2))) { /* restarted, or failed over */
		lose_link(s);
		if (!strangers(s))
			forget_some(s);
	}
	if (mood == 6 && strangers(s) && r->top.ms <= s->log.last_id)
		put_entry(s, (struct redis_entry){.id = {.ms = r->top.ms + 1 + (int64_t)sim_roll(s, STRANGER_AHEAD)},
						  .site = SITES_MAX,
						  .at_ms = s->clock.steady_ms});
}

void redis_mend(struct sim *s)
{
	s->redis.down = s->redis.hangs = s->redis.refuses = s->redis.read_only = false;
}

bool redis_idle(const struct sim *s)
{
	return s->redis.outbox && outbox_idle(s->redis.outbox) && !s->log.first;
}

void redis_check(struct sim *s)
{
	struct sim_redis *r = &s->redis;
	unsigned *times = xcalloc(s->log.n_rows + 1, sizeof(*times));
	size_t i;

	for (i = 0; i < r->n; i++) {
		const struct redis_entry *e = &r->v[i];
		const struct sim_row *row;

		if (e->site == SITES_MAX)
			continue;
		row = log_row(s, e->id);
		PROMISE(s, row && row->site == e->site && row->item == e->item, "entry %lld is no row's",
			(long long)e->id.ms);
		times[row - s->log.rows]++;
	}
	for (i = 0; i < s->log.n_rows; i++) {
		const struct sim_row *row = &s->log.rows[i];

		PROMISE(s, times[i] == 1 && row->sent, "item %zu of site %zu is %u times in the stream, %s", row->item,
			row->site, times[i], row->sent ? "sent" : "not sent");
	}
	free(times);
}

void redis_done(struct sim *s)
{
	free(s->redis.v);
}
