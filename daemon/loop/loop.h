#pragma once
/*
 * loop/loop: the one event loop of escuchad: timers, descriptors, signals, pokes from other threads, work that blocks.
 *
 * Owner:  main owns the loop and frees it last. Whoever makes a timer, watch, signal or wakeup frees it, at the latest
 *         before loop_free(); freeing one inside its own callback is fine. No callback comes after its free.
 * Blocks: loop_run() until loop_stop(). Nothing else.
 * Thread: all of it belongs to the thread that runs the loop, but for loop_wakeup_poke().
 * Order:  what became ready in one turn is called in no promised order; deferred functions come after it.
 *
 * loop_new() ignores SIGPIPE for the process, since libcurl and hiredis write to sockets whose other end may be gone.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

struct event_base;
struct loop;

int loop_new(struct loop **ret) must_use; /* -errno: no descriptors left */
struct loop *loop_free(struct loop *l);   /* NULL is fine; returns NULL. Runs what is still deferred */
void loop_run(struct loop *l);            /* until loop_stop(), which may have come before */
void loop_stop(struct loop *l);           /* loop_run() returns once the present callback does; it may be run again */
struct event_base *loop_base(struct loop *l); /* for libraries that bring their own glue (evhttp, hiredis) */
DEFINE_CLEANUP(struct loop, loop_free)

/* The longest time that the loop kept its guests waiting since it was last asked: one callback's length, or how late
 * the loop's own tick (each LOOP_TICK_MS) came, which sees the callbacks of libraries too. */
enum { LOOP_TICK_MS = 1000 };
int64_t loop_lag_us(struct loop *l);
/* The same in the loop's own CPU time, which other work on the machine doesn't lengthen: the most that it used from the
 * end of one callback to the end of the next since it was last asked. */
int64_t loop_busy_us(struct loop *l);
/* What takes longer, either way, is logged for who looks closely (-v), with its place in the program: addr2line -f -e
 * escuchad. A library's own callbacks are seen with the next of ours. */
enum { LOOP_SLOW_US = 5000 };

/* A timer, once a set. Counted on the steady clock of base/clock, suspend included: libevent's own clock stands still
 * while the machine sleeps, so that the loop counts anew when it wakes (loop_clock_jumped). */
struct loop_timer;
struct loop_timer *loop_timer_new(struct loop *l, void (*on_timer)(void *arg), void *arg) must_use;
struct loop_timer *loop_timer_free(struct loop_timer *t); /* NULL is fine; returns NULL */
void loop_timer_set(struct loop_timer *t, int64_t ms);    /* from now; anew if already set; <= 0: in the next turn */
void loop_timer_stop(struct loop_timer *t);
bool loop_timer_is_set(const struct loop_timer *t);
DEFINE_CLEANUP(struct loop_timer, loop_timer_free)

/* Arms every timer anew for what is left of it. The loop calls it by itself when the kernel says that the clock was set
 * or the machine woke; tests that replace the clock call it too. */
void loop_clock_jumped(struct loop *l);

/* Level-triggered readiness of a descriptor, which stays the caller's: stop watching before closing it. */
enum { LOOP_READ = 1, LOOP_WRITE = 2 };
struct loop_watch;
struct loop_watch *loop_watch_new(struct loop *l, int fd, void (*on_ready)(int fd, unsigned what, void *arg),
				  void *arg) must_use;
struct loop_watch *loop_watch_free(struct loop_watch *w);         /* NULL is fine; returns NULL */
int loop_watch_set(struct loop_watch *w, unsigned what) must_use; /* LOOP_READ | LOOP_WRITE; 0: rest. -errno */
DEFINE_CLEANUP(struct loop_watch, loop_watch_free)

/* A signal, delivered as an event. One owner a signal. */
struct loop_signal;
int loop_signal_new(struct loop *l, int signo, void (*on_signal)(int signo, void *arg), void *arg,
		    struct loop_signal **ret) must_use;
struct loop_signal *loop_signal_free(struct loop_signal *s); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct loop_signal, loop_signal_free)

/* A door for other threads: pokes are counted together, and the callback comes on the loop at least once after the
 * last. Who frees it sees to it that no thread pokes any more. */
struct loop_wakeup;
int loop_wakeup_new(struct loop *l, void (*on_wakeup)(void *arg), void *arg, struct loop_wakeup **ret) must_use;
struct loop_wakeup *loop_wakeup_free(struct loop_wakeup *w); /* NULL is fine; returns NULL */
void loop_wakeup_poke(struct loop_wakeup *w);                /* from any thread; never blocks; signal-safe */
DEFINE_CLEANUP(struct loop_wakeup, loop_wakeup_free)

/* Calls fn(arg) on the loop after the present callback, in the order asked; always, if need be by loop_free(). For
 * freeing what the present callback still stands on. */
void loop_defer(struct loop *l, void (*fn)(void *arg), void *arg);

/*
 * Work that blocks (reading a file, resolving a name), on one of LOOP_THREADS threads, which are started when first
 * needed and block every signal.
 *
 * run(arg) is called on such a thread; then either done(arg) or drop(arg), once. done comes on the loop. drop replaces
 * it for work that was cancelled, or left when the loop was freed; it only frees, since it comes on whichever thread
 * had the work last, and, for work that loop_free() finds running, after the loop is gone. Nothing waits for such work:
 * a name server that is dead must not delay a stop.
 */
enum { LOOP_THREADS = 4, LOOP_WORK_MAX = 1024 };
struct loop_work;
struct loop_work_ops {
	void (*run)(void *arg);
	void (*done)(void *arg);
	void (*drop)(void *arg);
};
enum { LOOP_E_BUSY = 1 /* LOOP_WORK_MAX are waiting or running; arg is still the caller's */ };
int loop_work_start(struct loop *l, const struct loop_work_ops *ops, void *arg, struct loop_work **ret) must_use;
void loop_work_cancel(struct loop_work *w); /* not after done or drop */
