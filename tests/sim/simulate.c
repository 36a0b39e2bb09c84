/*
 * simulate [--trace] [SEEDS [FIRST]]: so many worlds, one after another. What broke a promise is printed with its seed, which
 * fails again, and with --trace tells its whole story up to there. See sim.h for what is real in it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "sim.h"
#include "sim_keep.h"
#include "source/config.h"
#include "source/sources.h"

enum {
	SEEDS = 50,
	CHECK_MS = 3 * 60 * 1000,
	FAULT_MS = 40 * 60 * 1000, /* from one to the next, about */
	SMALL = 40,
	BIG_EVERY = 10, /* each tenth world has SITES_MAX sites */
};
#define STORM_MS     (3 * DAY_MS)
#define STORM_BIG_MS (8 * HOUR_MS)
#define AFTERMATH_MS (28 * HOUR_MS) /* who was backed off for a day is asked again within it */

void sim_broken(const struct sim *s, const char *format, ...)
{
	va_list args;

	printf("seed %llu, %.3f s: ", (unsigned long long)s->seed, (double)s->clock.steady_ms / 1000);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\nreplay: tests/simulate --trace 1 %llu\n", (unsigned long long)s->seed);
	exit(1);
}

void sim_trace(const struct sim *s, const char *format, ...)
{
	va_list args;

	if (!s->tracing)
		return;
	printf("%14.3f ", (double)s->clock.steady_ms / 1000);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

uint64_t sim_roll(struct sim *s, uint64_t below)
{
	s->dice = s->dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (s->dice >> 33) % below;
}

/* --- the daemon --- */

static void on_report(void *arg, const struct source_status *status, const struct poll_report *report)
{
	if (report->end == POLL_END_LIMITED && report->retry_after_ms)
		web_limited(web_site(arg, status->name), report->retry_after_ms);
	if (report->unkept)
		web_unkept(web_site(arg, status->name), report->ok_ms);
	health_check(arg, status, report);
}

static void on_deaf(void *arg, const struct source_deaf *deaf)
{
	health_told(arg, deaf);
}

static void start(void *arg)
{
	static const struct sources_ops ops = {.log = {.load = keep_load, .commit = keep_commit, .marks = keep_marks},
					       .on_report = on_report,
					       .on_deaf = on_deaf};
	struct sim *s = arg;

	if (s->sources)
		return;
	sim_trace(s, "escuchad starts");
	s->life++;
	health_forget(s);
	pool_begin(s);
	redis_begin(s);
	s->sources = sources_new((struct loop *)s, (struct fetch *)s, (struct pool *)s, false, &ops, s);
	sources_configure(s->sources, s->configs, s->n);
	web_woke(s, true);
}

static void stop(struct sim *s)
{
	struct sources *sources = TAKE(s->sources);

	sim_trace(s, "escuchad ends");
	redis_crash(s);
	sources_free(sources);
	pool_end(s);
	log_crash(s);
}

/* --- faults --- */

void sim_set_clock(struct sim *s)
{
	static const int64_t jumps[] = {-2 * HOUR_MS, 2 * DAY_MS, -DAY_MS, MINUTE_MS, -MINUTE_MS, 10 * DAY_MS};
	int64_t jump = jumps[sim_roll(s, ARRAY_LEN(jumps))];

	sim_trace(s, "the clock is set by %lld s", (long long)jump / 1000);
	s->clock.wall_ahead_ms += jump;
	s->clock.sets++;
	web_clock_was_set(s);
}

static void crash(void *arg)
{
	struct sim *s = arg;

	if (!s->sources || s->calm)
		return;
	stop(s);
	s->crashes++;
	sim_later(s, (int64_t)sim_roll(s, sim_one_in(s, 4) ? 12 * HOUR_MS : 20 * SECOND_MS), start, s);
}

void sim_dice(struct sim *s, uint64_t seldom)
{
	if (s->calm)
		return;
	if (sim_one_in(s, seldom))
		sim_later(s, (int64_t)sim_roll(s, 30), crash, s);
	else if (sim_one_in(s, seldom))
		sim_set_clock(s);
}

static void sleep_well(struct sim *s)
{
	int64_t ms = (int64_t)(1 + sim_roll(s, 8 * 60)) * MINUTE_MS;

	sim_trace(s, "the machine sleeps for %lld s", (long long)ms / 1000);
	s->clock.steady_ms += ms;
	if (s->sources)
		web_woke(s, false);
}

static void ask_for_one(struct sim *s)
{
	struct site *x = &s->sites[sim_roll(s, s->n)];

	x->asked_for = true;
	sim_trace(s, "%s is asked for", x->config->name);
	(void)sources_poll(s->sources, x->config->name);
}

static void fault(struct sim *s)
{
	uint64_t what = sim_roll(s, 20);

	if (what == 0) {
		crash(s);
	} else if (what == 1) {
		sim_set_clock(s);
	} else if (what == 2) {
		sleep_well(s);
	} else if (what == 3) {
		s->log.stalls_until_ms = s->clock.steady_ms + (int64_t)sim_roll(s, MINUTE_MS);
	} else if (what == 4) {
		s->log.fails_until_ms = s->clock.steady_ms + (int64_t)sim_roll(s, 20 * MINUTE_MS);
	} else if (what == 5) {
		s->pool.sick_until_ms = (uint64_t)s->clock.steady_ms + sim_roll(s, 10 * MINUTE_MS);
	} else if (what < 9 && s->sources) {
		pool_kill_some(s);
	} else if (what == 9 && s->sources) {
		ask_for_one(s);
	} else {
		redis_mood(s);
	}
}

static void on_fault(void *arg)
{
	struct sim *s = arg;

	if (s->calm)
		return;
	fault(s);
	sim_later(s, (int64_t)sim_roll(s, FAULT_MS), on_fault, s);
}

static void on_check(void *arg)
{
	struct sim *s = arg;

	web_check(s);
	pool_rest(s);
	sim_later(s, CHECK_MS, on_check, s);
}

/* --- a world --- */

/* What a site that is well shows by now was committed, once; each row is in the stream, once. */
static void check_all(struct sim *s)
{
	size_t i, item;

	for (i = 0; i < s->n; i++) {
		const struct site *x = &s->sites[i];

		if (x->gone)
			continue;
		for (item = x->n > SHOWN ? x->n - SHOWN : 0; item < x->n; item++)
			PROMISE(s, x->committed[item], "site %zu: item %zu was shown and is not in the log", i, item);
	}
	redis_check(s);
}

static void run_until(struct sim *s, int64_t steady_ms)
{
	while (s->clock.steady_ms < steady_ms && sim_next(s))
		;
}

static void simulate(struct sim *s, uint64_t seed, bool tracing)
{
	int64_t soon;

	*s = (struct sim){.seed = seed, .dice = seed * UINT64_C(0x9E3779B97F4A7C15), .tracing = tracing};
	s->clock.steady_ms = HOUR_MS;
	s->n = seed % BIG_EVERY == 0 ? SITES_MAX : 1 + sim_roll(s, SMALL);
	srandom((unsigned)seed);
	sim_clock_use(s);
	web_init(s);
	start(s);
	sim_later(s, CHECK_MS, on_check, s);
	sim_later(s, FAULT_MS, on_fault, s);
	run_until(s, s->clock.steady_ms + (s->n == SITES_MAX ? STORM_BIG_MS : STORM_MS));

	sim_trace(s, "all is calm");
	s->calm = true;
	start(s);
	web_mend(s);
	redis_mend(s);
	run_until(s, s->clock.steady_ms + AFTERMATH_MS);
	soon = s->clock.steady_ms + 10 * MINUTE_MS;
	while (!redis_idle(s) && s->clock.steady_ms < soon && sim_next(s))
		;
	PROMISE(s, redis_idle(s), "rows wait for a Redis that is well");
	check_all(s);

	stop(s);
	while (s->clock.n && s->clock.heap[1]->at_ms <= s->clock.steady_ms) /* what belongs to this moment */
		(void)sim_next(s);
	log_done(s);
	redis_done(s);
	web_done(s);
	sim_clock_done(s);
}

int main(int argc, char **argv)
{
	bool tracing = argc > 1 && strcmp(argv[1], "--trace") == 0;
	struct sim *s = NEW(struct sim);
	uint64_t seeds, first, i, sum[7] = {0};

	argc -= tracing;
	argv += tracing;
	seeds = argc > 1 ? strtoull(argv[1], NULL, 10) : SEEDS;
	first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	if (!seeds || argc > 3) {
		fprintf(stderr, "usage: simulate [--trace] [SEEDS [FIRST]]\n");
		return 2;
	}
	log_threshold(LOG_LEVEL_ERROR);
	for (i = first; i < first + seeds; i++) {
		simulate(s, i, tracing);
		sum[0] += s->web.asked;
		sum[1] += s->log.n_rows;
		sum[2] += s->crashes;
		sum[3] += s->pool.aside;
		sum[4] += s->redis.connects;
		sum[5] += s->redis.lost;
		sum[6] += (uint64_t)(s->clock.steady_ms / DAY_MS);
	}
	printf("seeds=%llu days=%llu polls=%llu hits=%llu crashes=%llu set_aside=%llu connections=%llu "
	       "lost_by_redis=%llu broken=0\n",
	       (unsigned long long)seeds, (unsigned long long)sum[6], (unsigned long long)sum[0],
	       (unsigned long long)sum[1], (unsigned long long)sum[2], (unsigned long long)sum[3],
	       (unsigned long long)sum[4], (unsigned long long)sum[5]);
	free(s);
	return 0;
}
