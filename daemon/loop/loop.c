#include "loop/loop.h"

#include <dlfcn.h>
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <sys/queue.h>
#include <sys/timerfd.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "loop/lag.h"
#include "loop/workers.h"

enum { TIMER_MAX_DAYS = 3650 }; /* keeps timeval arithmetic far from overflow */

struct deferred {
	STAILQ_ENTRY(deferred) next;
	void (*fn)(void *arg);
	void *arg;
};
STAILQ_HEAD(deferred_list, deferred);

struct loop_timer {
	struct loop *loop;
	struct event *event;
	int64_t due_ms; /* steady */
	bool set;
	void (*on_timer)(void *arg);
	void *arg;
	LIST_ENTRY(loop_timer) entry; /* while set */
};

struct loop {
	struct event_base *base;
	bool running, stop;
	struct event *defer_event;
	struct deferred_list deferred;
	LIST_HEAD(, loop_timer) timers;
	struct loop_timer *tick;
	int64_t tick_us, lag_us;
	int64_t cpu_us, busy_us; /* the thread's at the last callback's end; the most from one to the next */
	int clock_fd;            /* tells when the wall clock is set and when the machine wakes; -1: it can't */
	struct loop_watch *clock_watch;
	struct workers *workers; /* NULL until work comes */
};

/* --- how long guests waited --- */

/* CLOCK_MONOTONIC, not base/clock: a machine that slept did not lag. */
int64_t loop_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* Of this thread: what the machine's other work takes doesn't count. */
static int64_t cpu_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void lagged(struct loop *l, int64_t us)
{
	if (us > l->lag_us)
		l->lag_us = us;
}

/* Where it is in the program, as addr2line wants it. Said with -v: what a machine with other work makes slow is none of ours. */
static void tell_slow(int64_t lag_us, int64_t busy_us, uintptr_t which)
{
	char at[32], *p = at;
	Dl_info in;

	if (!dladdr((void *)which, &in))
		return;
	snprintf(at, sizeof(at), "0x%zx", (size_t)(which - (uintptr_t)in.dli_fbase));
	LOG_DEBUG("loop.slow", LOG_S("at", p), LOG_I("us", lag_us), LOG_I("cpu_us", busy_us));
}

/* From the end of one callback to the end of the next, so that one system call measures both, and what libraries do in
 * callbacks of their own is seen, too. */
void loop_called(struct loop *l, int64_t begun_us, uintptr_t which)
{
	int64_t cpu = cpu_us(), lag = loop_now_us() - begun_us, busy = cpu - l->cpu_us;

	lagged(l, lag);
	if (busy > l->busy_us)
		l->busy_us = busy;
	l->cpu_us = cpu;
	if (busy > LOOP_SLOW_US || lag > LOOP_SLOW_US)
		tell_slow(lag, busy, which);
}

int64_t loop_lag_us(struct loop *l)
{
	int64_t us = l->lag_us;

	l->lag_us = 0;
	return us;
}

int64_t loop_busy_us(struct loop *l)
{
	int64_t us = l->busy_us;

	l->busy_us = 0;
	return us;
}

static void on_tick(void *arg)
{
	struct loop *l = arg;
	int64_t now = loop_now_us();

	lagged(l, now - l->tick_us - LOOP_TICK_MS * 1000);
	l->tick_us = now;
	loop_timer_set(l->tick, LOOP_TICK_MS);
}

/* --- deferred functions --- */

static void run_deferred(struct loop *l)
{
	struct deferred_list now = STAILQ_HEAD_INITIALIZER(now);
	struct deferred *d;

	STAILQ_CONCAT(&now, &l->deferred); /* what these defer comes in the next round */
	while ((d = STAILQ_FIRST(&now))) {
		STAILQ_REMOVE_HEAD(&now, next);
		d->fn(d->arg);
		free(d);
	}
}

static void on_deferred(evutil_socket_t fd, short what, void *arg)
{
	struct loop *l = arg;
	int64_t start = loop_now_us();

	(void)fd;
	(void)what;
	run_deferred(l);
	loop_called(l, start, (uintptr_t)on_deferred);
}

void loop_defer(struct loop *l, void (*fn)(void *arg), void *arg)
{
	struct deferred *d = NEW(struct deferred);

	d->fn = fn;
	d->arg = arg;
	STAILQ_INSERT_TAIL(&l->deferred, d, next);
	event_active(l->defer_event, 0, 0);
}

/* --- timers --- */

static void on_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct loop_timer *t = arg;
	struct loop *l = t->loop;
	uintptr_t which = (uintptr_t)t->on_timer;
	int64_t start = loop_now_us();

	(void)fd;
	(void)what;
	loop_timer_stop(t);
	t->on_timer(t->arg); /* t may be gone now */
	loop_called(l, start, which);
}

struct loop_timer *loop_timer_new(struct loop *l, void (*on_timer)(void *arg), void *arg)
{
	struct loop_timer *t = NEW(struct loop_timer);

	t->loop = l;
	t->on_timer = on_timer;
	t->arg = arg;
	t->event = evtimer_new(l->base, on_timeout, t);
	if (!t->event)
		memory_out();
	return t;
}

struct loop_timer *loop_timer_free(struct loop_timer *t)
{
	if (t) {
		loop_timer_stop(t);
		event_free(t->event);
		free(t);
	}
	return NULL;
}

static void arm(struct loop_timer *t)
{
	int64_t left_ms = t->due_ms - clock_steady_ms();
	struct timeval tv = {0};

	if (left_ms > 0) {
		tv.tv_sec = left_ms / 1000;
		tv.tv_usec = left_ms % 1000 * 1000;
	}
	(void)event_add(t->event, &tv);
}

void loop_timer_set(struct loop_timer *t, int64_t ms)
{
	if (ms < 0)
		ms = 0;
	if (ms > TIMER_MAX_DAYS * DAY_MS)
		ms = TIMER_MAX_DAYS * DAY_MS;
	t->due_ms = clock_steady_ms() + ms;
	if (!t->set)
		LIST_INSERT_HEAD(&t->loop->timers, t, entry);
	t->set = true;
	arm(t);
}

void loop_timer_stop(struct loop_timer *t)
{
	if (!t->set)
		return;
	LIST_REMOVE(t, entry);
	t->set = false;
	(void)event_del(t->event);
}

bool loop_timer_is_set(const struct loop_timer *t)
{
	return t->set;
}

void loop_clock_jumped(struct loop *l)
{
	struct loop_timer *t;

	LIST_FOREACH(t, &l->timers, entry)
	arm(t);
}

/* A timer on the wall clock that never comes, and is cancelled whenever that clock is set, resume included. */
static int clock_fd_arm(int fd)
{
	const struct itimerspec never = {.it_value = {.tv_sec = (time_t)1 << 36}};

	return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) < 0 ? -errno : 0;
}

static void on_clock_set(int fd, unsigned what, void *arg)
{
	uint64_t n;

	(void)what;
	if (read(fd, &n, sizeof(n)) < 0 && errno == ECANCELED)
		loop_clock_jumped(arg);
	(void)clock_fd_arm(fd);
}

/* --- work that blocks --- */

int loop_work_start(struct loop *l, const struct loop_work_ops *ops, void *arg, struct loop_work **ret)
{
	int r;

	if (!l->workers) {
		r = workers_new(l, LOOP_THREADS, &l->workers);
		if (r < 0)
			return r;
	}
	return workers_start(l->workers, ops, arg, ret);
}

/* --- the loop --- */

static int loop_init(struct loop *l)
{
	struct event_config *config = event_config_new();

	STAILQ_INIT(&l->deferred);
	LIST_INIT(&l->timers);
	l->clock_fd = -1;
	if (!config)
		memory_out();
	(void)event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK); /* one thread; others poke an eventfd */
	errno = 0;
	l->base = event_base_new_with_config(config);
	event_config_free(config);
	if (!l->base)
		return errno ? -errno : -EMFILE;
	l->defer_event = event_new(l->base, -1, 0, on_deferred, l);
	if (!l->defer_event)
		memory_out();

	l->clock_fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (l->clock_fd < 0)
		return -errno;
	if (clock_fd_arm(l->clock_fd) == 0) {
		l->clock_watch = loop_watch_new(l, l->clock_fd, on_clock_set, l);
		if (loop_watch_set(l->clock_watch, LOOP_READ) <
		    0) /* a kernel that can't: as if the clock never jumped */
			l->clock_watch = loop_watch_free(l->clock_watch);
	}
	l->tick = loop_timer_new(l, on_tick, l);
	return 0;
}

int loop_new(struct loop **ret)
{
	cleanup(loop_freep) struct loop *l = NEW(struct loop);
	int r;

	(void)signal(SIGPIPE, SIG_IGN);
	r = loop_init(l);
	if (r < 0)
		return r;
	*ret = TAKE(l);
	return 0;
}

struct loop *loop_free(struct loop *l)
{
	if (!l)
		return NULL;
	workers_free(l->workers);
	while (!STAILQ_EMPTY(&l->deferred))
		run_deferred(l);
	loop_timer_free(l->tick);
	loop_watch_free(l->clock_watch);
	if (l->clock_fd >= 0)
		close(l->clock_fd);
	if (l->defer_event)
		event_free(l->defer_event);
	if (l->base)
		event_base_free(l->base);
	free(l);
	return NULL;
}

void loop_run(struct loop *l)
{
	l->running = true;
	l->tick_us = loop_now_us();
	l->cpu_us = cpu_us();
	loop_timer_set(l->tick, LOOP_TICK_MS);
	if (!l->stop)
		(void)event_base_loop(l->base, EVLOOP_NO_EXIT_ON_EMPTY);
	loop_timer_stop(l->tick);
	l->running = l->stop = false;
}

void loop_stop(struct loop *l)
{
	l->stop = true; /* libevent forgets a break that came before its loop began */
	if (l->running)
		(void)event_base_loopbreak(l->base);
}

struct event_base *loop_base(struct loop *l)
{
	return l->base;
}
