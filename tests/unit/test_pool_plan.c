/* What a pool decides: by hand for each rule, then long stretches of it by a seeded simulator. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/clock.h"
#include "pool/plan.h"
#include "pool/terms.h"

enum { JOBS = 20000, SIGNAL_9 = 9 /* a wait status */, EVENTS = 512 };

/* A world of obedient processes: what is forked comes up, what is killed dies, what loses its socket ends, at once. A test
 * turns off what it wants to do itself. */
struct world {
	struct plan *plan;
	int64_t now;
	bool births, deaths; /* by themselves */
	struct plan_event queue[EVENTS];
	size_t head, tail;
	uint64_t nursery, previous; /* spawned last, and before */
	uint64_t reader;            /* forked last */
	uint64_t serves, refused;   /* generations */
	enum plan_told refused_why;
	uint64_t sent_job, sent_to;
	unsigned spawns, ends, nursery_kills, forks, sends, closes, kills, done, aside, forgotten, strikes;
	unsigned told_reader[4], told_nursery[4];
	uint64_t told_job;
	int told_status;
	uint64_t fate[JOBS]; /* an action's kind + 1 */
};

static void push(struct world *w, struct plan_event e)
{
	assert_true(w->tail < EVENTS);
	w->queue[w->tail++] = e;
}

static void fate(struct world *w, const struct plan_action *a, unsigned *counter)
{
	assert_true(a->job < JOBS);
	assert_int_equal(w->fate[a->job], 0); /* once, and never again */
	w->fate[a->job] = a->kind + 1;
	++*counter;
}

static void told(struct world *w, const struct plan_action *a)
{
	++*(a->nursery ? &w->told_nursery[a->told] : &w->told_reader[a->told]);
	w->told_job = a->job;
	w->told_status = a->status;
}

static void obey(struct world *w, const struct plan_action *a)
{
	switch (a->kind) {
	case PLAN_SPAWN:
		w->spawns++;
		w->previous = w->nursery;
		w->nursery = a->nursery;
		break;
	case PLAN_END:
	case PLAN_KILL_NURSERY:
		++*(a->kind == PLAN_END ? &w->ends : &w->nursery_kills);
		if (w->deaths)
			push(w, (struct plan_event){.kind = PLAN_NURSERY_GONE, .nursery = a->nursery});
		break;
	case PLAN_FORK:
		w->forks++;
		w->reader = a->reader;
		if (w->births) {
			push(w, (struct plan_event){.kind = PLAN_READER_UP, .reader = a->reader});
			push(w, (struct plan_event){.kind = PLAN_READER_FORKED, .reader = a->reader});
		}
		break;
	case PLAN_SEND:
		w->sends++;
		w->sent_job = a->job;
		w->sent_to = a->reader;
		break;
	case PLAN_CLOSE:
	case PLAN_KILL:
		++*(a->kind == PLAN_CLOSE ? &w->closes : &w->kills);
		if (w->deaths)
			push(w, (struct plan_event){.kind = PLAN_READER_EXITED,
						    .reader = a->reader,
						    .status = a->kind == PLAN_KILL ? SIGNAL_9 : 0});
		break;
	case PLAN_DROP:
		break;
	case PLAN_DONE:
		fate(w, a, &w->done);
		break;
	case PLAN_SET_ASIDE:
		fate(w, a, &w->aside);
		w->strikes = a->strikes;
		break;
	case PLAN_FORGET:
		fate(w, a, &w->forgotten);
		break;
	case PLAN_SERVES:
		w->serves = a->generation;
		break;
	case PLAN_REFUSED:
		w->refused = a->generation;
		w->refused_why = a->told;
		break;
	case PLAN_TELL:
		told(w, a);
		break;
	}
}

/* The event, and all that follows from it in this instant. */
static void happen(struct world *w, struct plan_event e)
{
	w->head = w->tail = 0;
	push(w, e);
	while (w->head < w->tail) {
		const struct plan_actions a = plan_step(w->plan, &w->queue[w->head++], w->now);
		size_t i;

		for (i = 0; i < a.n; i++)
			obey(w, &a.v[i]);
	}
}

#define HAPPEN(w, ...) happen((w), (struct plan_event){__VA_ARGS__})

static void tick(struct world *w)
{
	assert_true(plan_due(w->plan) != TIME_NONE);
	if (plan_due(w->plan) > w->now)
		w->now = plan_due(w->plan);
	HAPPEN(w, .kind = PLAN_TICK);
}

static void submit(struct world *w, uint64_t job, unsigned priority)
{
	HAPPEN(w, .kind = PLAN_SUBMIT, .job = job, .priority = priority, .time_ms = 2000);
}

/* Generation 1 serves with two idle readers. */
static int set_up(void **state)
{
	static struct world w;
	const struct plan_config config = {.readers = 2};

	memset(&w, 0, sizeof(w));
	w.births = w.deaths = true;
	w.plan = plan_new(&config);
	HAPPEN(&w, .kind = PLAN_LOAD, .generation = 1);
	HAPPEN(&w, .kind = PLAN_NURSERY_READY, .nursery = w.nursery);
	*state = &w;
	return w.serves == 1 && w.forks == 2 && plan_due(w.plan) == TIME_NONE ? 0 : -1;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	plan_free(w->plan);
	return 0;
}

/* --- jobs and readers --- */

static void notices_go_before_feeds_and_each_in_order(void **state)
{
	struct world *w = *state;
	static const uint64_t order[] = {5, 3, 4};
	uint64_t busy[2];
	size_t i;

	for (i = 0; i < 2; i++) {
		submit(w, i + 1, 1);
		busy[i] = w->sent_to;
	}
	assert_true(busy[0] != busy[1]);
	submit(w, 3, 1);
	submit(w, 4, 1);
	submit(w, 5, 0);
	assert_int_equal(w->sends, 2);
	HAPPEN(w, .kind = PLAN_READER_ANSWERED, .reader = busy[0], .job = 1);
	for (i = 0; i < ARRAY_LEN(order); i++) {
		assert_int_equal(w->sent_job, order[i]);
		HAPPEN(w, .kind = PLAN_READER_ANSWERED, .reader = w->sent_to, .job = w->sent_job);
	}
	assert_int_equal(w->done, 4);
}

static void a_reader_works_once_it_is_forked_and_up(void **state)
{
	struct world *w = *state;

	w->births = false;
	HAPPEN(w, .kind = PLAN_READER_CLOSED, .reader = w->reader);
	submit(w, 1, 1);
	submit(w, 2, 1);
	assert_int_equal(w->sends, 1);
	w->now += PLAN_BACKOFF_MIN_MS;
	tick(w); /* it died idle: not before the back-off */
	assert_int_equal(w->forks, 3);
	HAPPEN(w, .kind = PLAN_READER_UP, .reader = w->reader);
	assert_int_equal(w->sends, 1);
	HAPPEN(w, .kind = PLAN_READER_FORKED, .reader = w->reader);
	assert_int_equal(w->sends, 2);
}

/* FAULTS §1.3, head: killed, replaced, and at the third strike set aside. However the reader is lost. */
static void a_job_is_set_aside_at_its_third_strike(void **state)
{
	struct world *w = *state;
	static const enum plan_told ways[] = {PLAN_DIED, PLAN_LATE, PLAN_BROKEN};
	size_t way;
	unsigned k;

	for (way = 0; way < ARRAY_LEN(ways); way++) {
		uint64_t job = way + 1;

		submit(w, job, 1);
		for (k = 0; k < PLAN_STRIKES_MAX; k++) {
			const uint64_t holder = w->sent_to;

			assert_int_equal(w->sent_job, job);
			assert_int_equal(w->fate[job], 0);
			assert_int_equal(plan_due(w->plan), w->now + (2000 << k)); /* twice the time at each try */
			if (ways[way] == PLAN_LATE)
				tick(w);
			else
				HAPPEN(w, .kind = ways[way] == PLAN_DIED ? PLAN_READER_CLOSED : PLAN_READER_BROKEN,
				       .reader = holder);
			assert_int_equal(w->told_reader[ways[way]], k + 1);
			assert_int_equal(w->told_job, job);
			if (ways[way] == PLAN_DIED)
				assert_int_equal(w->told_status, SIGNAL_9);
		}
		assert_int_equal(w->fate[job], PLAN_SET_ASIDE + 1);
		assert_int_equal(w->strikes, PLAN_STRIKES_MAX);
	}
	assert_int_equal(w->forks, 2 + 3 * PLAN_STRIKES_MAX); /* each was replaced */
	submit(w, 10, 1);
	HAPPEN(w, .kind = PLAN_READER_ANSWERED, .reader = w->sent_to, .job = 10);
	assert_int_equal(w->fate[10], PLAN_DONE + 1);
}

static void an_answer_to_another_job_breaks_its_reader(void **state)
{
	struct world *w = *state;

	submit(w, 1, 1);
	HAPPEN(w, .kind = PLAN_READER_ANSWERED, .reader = w->sent_to, .job = 2);
	assert_int_equal(w->told_reader[PLAN_BROKEN], 1);
	assert_int_equal(w->done, 0);
	HAPPEN(w, .kind = PLAN_READER_ANSWERED, .reader = w->sent_to, .job = 1);
	assert_int_equal(w->done, 1);
}

static void an_answer_after_the_deadline_is_not_heard(void **state)
{
	struct world *w = *state;
	uint64_t late;

	w->deaths = false;
	submit(w, 1, 1);
	late = w->sent_to;
	tick(w);
	HAPPEN(w, .kind = PLAN_READER_ANSWERED, .reader = late, .job = 1);
	assert_int_equal(w->done, 0);
	HAPPEN(w, .kind = PLAN_READER_ANSWERED, .reader = w->sent_to, .job = 1);
	assert_int_equal(w->done, 1);
}

static void cancelled_jobs_are_forgotten_wherever_they_are(void **state)
{
	struct world *w = *state;
	uint64_t first;

	submit(w, 1, 1);
	first = w->sent_to;
	submit(w, 2, 1);
	submit(w, 3, 1);
	HAPPEN(w, .kind = PLAN_CANCEL, .job = 3); /* it waits */
	assert_int_equal(w->fate[3], PLAN_FORGET + 1);
	HAPPEN(w, .kind = PLAN_CANCEL, .job = 1); /* a reader has it */
	HAPPEN(w, .kind = PLAN_CANCEL, .job = 2);
	assert_int_equal(w->forgotten, 1);
	HAPPEN(w, .kind = PLAN_READER_ANSWERED, .reader = first, .job = 1);
	HAPPEN(w, .kind = PLAN_READER_BROKEN, .reader = w->sent_to);
	assert_int_equal(w->forgotten, 3);
	assert_int_equal(w->done + w->aside, 0);
	HAPPEN(w, .kind = PLAN_CANCEL, .job = 99);
}

static void a_reader_is_replaced_after_many_jobs(void **state)
{
	struct world *w = *state;
	uint64_t job;

	for (job = 1; job < 2 * PLAN_READER_JOBS_MAX; job++) { /* both readers may have a share */
		submit(w, job, 1);
		HAPPEN(w, .kind = PLAN_READER_ANSWERED, .reader = w->sent_to, .job = job);
	}
	assert_true(w->closes >= 1);
	assert_int_equal(w->forks, 2 + w->closes);
	assert_int_equal(w->told_reader[PLAN_DIED], 0); /* that was no death */
}

/* What it read may have made it its own. */
static void a_reader_that_is_suspect_goes_after_its_job(void **state)
{
	struct world *w = *state;
	uint64_t first;

	submit(w, 1, 1);
	first = w->sent_to;
	HAPPEN(w, .kind = PLAN_READER_ANSWERED, .reader = first, .job = 1, .suspect = true);
	assert_int_equal(w->done, 1); /* its answer counts: it said what was wrong */
	assert_int_equal(w->closes, 1);
	assert_int_equal(w->forks, 3);
	submit(w, 2, 1);
	assert_true(w->sent_to != first);

	first = w->sent_to;
	w->now += 1001; /* of the two seconds that it has */
	HAPPEN(w, .kind = PLAN_READER_ANSWERED, .reader = first, .job = 2);
	assert_int_equal(w->closes, 2);
	submit(w, 3, 1);
	w->now += 1000;
	HAPPEN(w, .kind = PLAN_READER_ANSWERED, .reader = w->sent_to, .job = 3);
	assert_int_equal(w->closes, 2);
	assert_int_equal(w->told_reader[PLAN_DIED] + w->strikes, 0); /* that was no death */
}

/* A list of sources names what will be asked for: nobody reads it who has read anything else. */
static void a_fresh_job_goes_to_a_reader_that_has_had_none(void **state)
{
	struct world *w = *state;
	uint64_t a, b;

	submit(w, 1, 1);
	a = w->sent_to;
	submit(w, 2, 1);
	b = w->sent_to;
	assert_true(a != b);
	HAPPEN(w, .kind = PLAN_SUBMIT, .job = 3, .priority = 1, .fresh = true, .time_ms = 1000);
	submit(w, 4, 1);
	assert_int_equal(w->sends, 2);                                  /* both are at work */
	HAPPEN(w, .kind = PLAN_READER_ANSWERED, .reader = a, .job = 1); /* it makes room */
	assert_int_equal(w->closes, 1);
	assert_int_equal(w->sent_job, 3);
	assert_true(w->sent_to != a && w->sent_to != b);
	HAPPEN(w, .kind = PLAN_READER_ANSWERED, .reader = b, .job = 2); /* and the other goes on */
	assert_int_equal(w->sent_job, 4);
	assert_int_equal(w->sent_to, b);
	HAPPEN(w, .kind = PLAN_SUBMIT, .job = 5, .priority = 1, .fresh = true, .time_ms = 1000);
	HAPPEN(w, .kind = PLAN_CANCEL, .job = 5);
	assert_int_equal(w->forgotten, 1);
	assert_int_equal(w->closes, 1);
}

/* One that foreign bytes took over need not go when it is told to: that is its own end, not its nursery's. */
static void a_reader_that_does_not_go_is_killed(void **state)
{
	struct world *w = *state;

	w->deaths = false;
	HAPPEN(w, .kind = PLAN_LOAD, .generation = 2);
	HAPPEN(w, .kind = PLAN_NURSERY_READY, .nursery = w->nursery);
	assert_int_equal(w->closes, 2);
	tick(w);
	assert_int_equal(w->kills, 2);
	assert_int_equal(w->nursery_kills, 0);
	tick(w); /* killed, and nobody says that it is gone: now it is the nursery */
	assert_int_equal(w->nursery_kills, 1);
	assert_int_equal(w->kills, 2);
}

static void readers_that_die_of_nothing_are_started_by_and_by_slower(void **state)
{
	struct world *w = *state;
	int64_t want = PLAN_BACKOFF_MIN_MS;
	unsigned i;

	w->births = false;
	HAPPEN(w, .kind = PLAN_READER_CLOSED, .reader = w->reader);
	for (i = 0; i < 12; i++) {
		unsigned forks = w->forks;

		assert_int_equal(plan_due(w->plan), w->now + want);
		tick(w);
		assert_int_equal(w->forks, forks + 1);
		HAPPEN(w, .kind = PLAN_READER_EXITED, .reader = w->reader, .status = PLAN_STATUS_NONE);
		want = want * 2 < PLAN_BACKOFF_MAX_MS ? want * 2 : PLAN_BACKOFF_MAX_MS;
	}
}

/* --- nurseries --- */

static void a_reload_serves_once_it_is_ready_and_the_old_drain(void **state)
{
	struct world *w = *state;
	uint64_t old;

	submit(w, 1, 1);
	old = w->sent_to;
	HAPPEN(w, .kind = PLAN_LOAD, .generation = 2);
	submit(w, 2, 1); /* the old ones serve meanwhile */
	assert_int_equal(w->sends, 2);
	HAPPEN(w, .kind = PLAN_READER_ANSWERED, .reader = w->sent_to, .job = 2);
	HAPPEN(w, .kind = PLAN_NURSERY_READY, .nursery = w->nursery);
	assert_int_equal(w->serves, 2);
	assert_int_equal(w->closes, 1); /* the idle one */
	assert_int_equal(w->ends, 0);
	submit(w, 3, 1);
	HAPPEN(w, .kind = PLAN_READER_ANSWERED, .reader = w->sent_to, .job = 3);
	HAPPEN(w, .kind = PLAN_READER_ANSWERED, .reader = old, .job = 1);
	assert_int_equal(w->done, 3);
	assert_int_equal(w->closes, 2);
	assert_int_equal(w->ends, 1); /* its nursery, now that none is left */
}

static void a_reload_that_fails_leaves_the_old_serving(void **state)
{
	struct world *w = *state;
	static const struct {
		enum plan_event_kind event;
		enum plan_told why;
	} cases[] = {{PLAN_NURSERY_FAILED, PLAN_RULES}, {PLAN_NURSERY_GONE, PLAN_DIED}, {PLAN_TICK, PLAN_LATE}};
	struct plan_status s;
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		HAPPEN(w, .kind = PLAN_LOAD, .generation = 2 + i);
		if (cases[i].event == PLAN_TICK)
			tick(w);
		else
			HAPPEN(w, .kind = cases[i].event, .nursery = w->nursery);
		assert_int_equal(w->refused, 2 + i);
		assert_int_equal(w->refused_why, cases[i].why);
		plan_status(w->plan, &s);
		assert_int_equal(s.generation, 1);
		assert_int_equal(s.readers, 2);
		assert_false(s.loading);
		submit(w, i + 1, 1);
		HAPPEN(w, .kind = PLAN_READER_ANSWERED, .reader = w->sent_to, .job = i + 1);
	}
	assert_int_equal(w->done, 3);
	assert_true(plan_due(w->plan) == TIME_NONE); /* nothing is tried again by itself */
}

/* FAULTS C3: the last of many wins, and few are loaded. */
static void reloads_during_a_load_are_taken_together(void **state)
{
	struct world *w = *state;
	uint64_t g;

	for (g = 2; g <= 101; g++)
		HAPPEN(w, .kind = PLAN_LOAD, .generation = g);
	assert_int_equal(w->spawns, 2);
	HAPPEN(w, .kind = PLAN_NURSERY_READY, .nursery = w->nursery);
	assert_int_equal(w->serves, 2);
	assert_int_equal(w->spawns, 3);
	HAPPEN(w, .kind = PLAN_NURSERY_READY, .nursery = w->nursery);
	assert_int_equal(w->serves, 101);
	assert_int_equal(w->spawns, 3);
}

static void the_first_load_that_fails_is_not_tried_again(void **state)
{
	struct world *w = *state;
	const struct plan_config config = {.readers = 2};

	plan_free(w->plan);
	w->plan = plan_new(&config);
	HAPPEN(w, .kind = PLAN_LOAD, .generation = 1);
	HAPPEN(w, .kind = PLAN_NURSERY_GONE, .nursery = w->nursery, .status = PLAN_STATUS_NONE);
	assert_int_equal(w->refused, 1);
	submit(w, 1, 1); /* waits for rules that load */
	assert_true(plan_due(w->plan) == TIME_NONE);
	HAPPEN(w, .kind = PLAN_LOAD, .generation = 2);
	HAPPEN(w, .kind = PLAN_NURSERY_READY, .nursery = w->nursery);
	assert_int_equal(w->sent_job, 1);
}

static void a_nursery_that_dies_takes_no_job_with_it_and_comes_back_slower_and_slower(void **state)
{
	struct world *w = *state;
	int64_t want = PLAN_BACKOFF_MIN_MS;
	unsigned i;

	submit(w, 1, 1);
	for (i = 0; i < 12; i++) {
		assert_int_equal(w->sent_job, 1);
		w->deaths = false;
		if (i % 2) /* the sockets of its readers may be seen to end before it is */
			HAPPEN(w, .kind = PLAN_READER_CLOSED, .reader = w->sent_to);
		HAPPEN(w, .kind = PLAN_NURSERY_GONE, .nursery = w->nursery, .status = SIGNAL_9);
		w->deaths = true;
		assert_int_equal(w->told_nursery[PLAN_DIED], i + 1);
		assert_int_equal(plan_due(w->plan), w->now + want);
		tick(w);
		HAPPEN(w, .kind = PLAN_NURSERY_READY, .nursery = w->nursery);
		want = want * 2 < PLAN_BACKOFF_MAX_MS ? want * 2 : PLAN_BACKOFF_MAX_MS;
	}
	assert_int_equal(w->told_reader[PLAN_DIED], 0);
	HAPPEN(w, .kind = PLAN_READER_ANSWERED, .reader = w->sent_to, .job = 1);
	assert_int_equal(w->fate[1], PLAN_DONE + 1); /* blameless, twelve times */
	HAPPEN(w, .kind = PLAN_NURSERY_GONE, .nursery = w->nursery, .status = SIGNAL_9);
	assert_int_equal(plan_due(w->plan), w->now + PLAN_BACKOFF_MIN_MS); /* it had worked: from the start */
}

static void rules_that_went_wrong_under_a_nursery_that_died_are_told_and_tried_again(void **state)
{
	struct world *w = *state;

	HAPPEN(w, .kind = PLAN_NURSERY_GONE, .nursery = w->nursery, .status = SIGNAL_9);
	tick(w);
	HAPPEN(w, .kind = PLAN_NURSERY_FAILED, .nursery = w->nursery);
	assert_int_equal(w->refused, 1);
	assert_int_equal(plan_due(w->plan), w->now + 2 * PLAN_BACKOFF_MIN_MS);
	HAPPEN(w, .kind = PLAN_LOAD, .generation = 2); /* somebody mended them: no back-off for that */
	HAPPEN(w, .kind = PLAN_NURSERY_READY, .nursery = w->nursery);
	assert_int_equal(w->serves, 2);
}

static void a_nursery_that_does_not_do_its_part_is_killed(void **state)
{
	struct world *w = *state;

	w->births = false; /* it does not fork */
	HAPPEN(w, .kind = PLAN_READER_BROKEN, .reader = w->reader);
	tick(w);
	assert_int_equal(plan_due(w->plan), w->now + PLAN_REPLY_MS);
	tick(w);
	assert_int_equal(w->nursery_kills, 1);
	assert_int_equal(w->told_nursery[PLAN_LATE], 1);
	assert_int_equal(w->told_nursery[PLAN_DIED], 0); /* told once */
	w->births = true;
	tick(w);
	HAPPEN(w, .kind = PLAN_NURSERY_READY, .nursery = w->nursery);

	submit(w, 1, 1);
	w->deaths = false; /* it does not bury */
	tick(w);
	assert_int_equal(w->told_reader[PLAN_LATE], 1);
	assert_int_equal(w->nursery_kills, 1);
	w->now += PLAN_REPLY_MS;
	HAPPEN(w, .kind = PLAN_TICK);
	assert_int_equal(w->nursery_kills, 2);
	HAPPEN(w, .kind = PLAN_NURSERY_GONE, .nursery = w->nursery, .status = SIGNAL_9);
	tick(w);
	assert_int_equal(w->spawns, 3);
}

/* --- at length --- */

static uint64_t dice(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Processes die, hang, answer and reload as the dice fall. Every job meets exactly one fate (fate() checks: once), none
 * is lost, and none is set aside but for three readers. */
static void simulated_years_lose_no_job(void **state)
{
	struct world *w = *state;
	uint64_t seed, generation = 1, job = 0;
	unsigned i;

	for (seed = 1; seed <= 40; seed++) {
		uint64_t s = seed * UINT64_C(0x9E3779B97F4A7C15);

		for (i = 0; i < 2000; i++) {
			const uint64_t d = dice(&s);

			w->now += (int64_t)(dice(&s) % 700);
			if (plan_due(w->plan) != TIME_NONE && plan_due(w->plan) <= w->now)
				HAPPEN(w, .kind = PLAN_TICK);
			if (d % 16 < 6 && job < JOBS - 1 && job < seed * (JOBS / 40) - 1)
				submit(w, ++job, (unsigned)(d >> 8) % 2);
			else if (d % 16 < 12)
				HAPPEN(w, .kind = PLAN_READER_ANSWERED, .reader = w->sent_to, .job = w->sent_job);
			else if (d % 16 == 12)
				HAPPEN(w, .kind = PLAN_READER_CLOSED, .reader = w->reader - (d >> 8) % 4);
			else if (d % 64 == 13)
				HAPPEN(w, .kind = PLAN_LOAD, .generation = ++generation);
			else if (d % 64 == 14)
				HAPPEN(w, .kind = PLAN_NURSERY_GONE, .nursery = w->nursery, .status = SIGNAL_9);
			else if (d % 64 == 15)
				HAPPEN(w, .kind = PLAN_NURSERY_FAILED, .nursery = w->nursery);
			else
				HAPPEN(w, .kind = PLAN_NURSERY_READY, .nursery = w->nursery);
		}
	}
	for (i = 0; i < 200 * 1000 && w->done + w->aside < job; i++) { /* fair weather */
		HAPPEN(w, .kind = PLAN_NURSERY_READY, .nursery = w->nursery);
		HAPPEN(w, .kind = PLAN_READER_ANSWERED, .reader = w->sent_to, .job = w->sent_job);
		if (plan_due(w->plan) != TIME_NONE)
			tick(w);
	}
	assert_int_equal(w->done + w->aside, job);
	assert_true(job > 10000 && w->done > job / 2 && w->aside > 0);
}

/* FAULTS §1.3, head: 2 s; more where there is more to read, up to a bound. */
static void a_job_has_time_by_its_size(void **state)
{
	static const struct {
		enum frame_type type;
		size_t len;
		unsigned patience;
		int64_t ms;
	} cases[] = {
		{FRAME_FEED, 0, 1, 2000},
		{FRAME_FEED, 10 << 20, 1, 12240},
		{FRAME_FEED, FRAME_MAX_BYTES, 1, 30000},
		{FRAME_MATCH, 1 << 20, 3, 9072},
		{FRAME_OPML, 0, 1, 60000},
		{FRAME_OPML, FRAME_MAX_BYTES, 2, 120000},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(terms_time_ms(cases[i].type, cases[i].len, cases[i].patience), cases[i].ms);
	assert_int_equal(terms_patience(7), 7);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(notices_go_before_feeds_and_each_in_order),
		TEST(a_reader_works_once_it_is_forked_and_up),
		TEST(a_job_is_set_aside_at_its_third_strike),
		TEST(an_answer_to_another_job_breaks_its_reader),
		TEST(an_answer_after_the_deadline_is_not_heard),
		TEST(cancelled_jobs_are_forgotten_wherever_they_are),
		TEST(a_reader_is_replaced_after_many_jobs),
		TEST(a_reader_that_is_suspect_goes_after_its_job),
		TEST(a_fresh_job_goes_to_a_reader_that_has_had_none),
		TEST(a_reader_that_does_not_go_is_killed),
		TEST(readers_that_die_of_nothing_are_started_by_and_by_slower),
		TEST(a_reload_serves_once_it_is_ready_and_the_old_drain),
		TEST(a_reload_that_fails_leaves_the_old_serving),
		TEST(reloads_during_a_load_are_taken_together),
		TEST(the_first_load_that_fails_is_not_tried_again),
		TEST(a_nursery_that_dies_takes_no_job_with_it_and_comes_back_slower_and_slower),
		TEST(rules_that_went_wrong_under_a_nursery_that_died_are_told_and_tried_again),
		TEST(a_nursery_that_does_not_do_its_part_is_killed),
		TEST(simulated_years_lose_no_job),
		cmocka_unit_test(a_job_has_time_by_its_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
