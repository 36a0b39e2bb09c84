/* The loop: timers over a sleep of the machine, readiness, signals, pokes, deferral, work on threads, lag. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/background.h"
#include "base/clock.h"
#include "loop/loop.h"

struct seen {
	struct loop *loop;
	struct loop_timer *timer;
	char text[64];
	int n, stop_at;
};

static void note(struct seen *s, char c)
{
	s->text[s->n++] = c;
	s->text[s->n] = '\0';
	if (s->n == s->stop_at)
		loop_stop(s->loop);
}

#define NOTE(name, c)                                                                                                  \
	static void name(void *arg)                                                                                    \
	{                                                                                                              \
		note(arg, c);                                                                                          \
	}
NOTE(note_a, 'a')
NOTE(note_b, 'b')
NOTE(note_c, 'c')

static int setup(void **state)
{
	struct seen *s = NEW(struct seen);

	assert_int_equal(loop_new(&s->loop), 0);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct seen *s = *state;

	loop_free(s->loop);
	free(s);
	return 0;
}

/* A test that would wait for ever fails instead. */
static void run(struct seen *s)
{
	alarm(20);
	loop_run(s->loop);
	alarm(0);
}

static void timers_come_in_order_and_once(void **state)
{
	struct seen *s = *state;
	struct loop_timer *a = loop_timer_new(s->loop, note_a, s), *b = loop_timer_new(s->loop, note_b, s),
			  *c = loop_timer_new(s->loop, note_c, s);

	loop_timer_set(a, 60);
	loop_timer_set(b, 20);
	loop_timer_set(c, INT64_MAX);
	loop_timer_set(c, 100);
	assert_true(loop_timer_is_set(c));
	s->stop_at = 3;
	run(s);
	assert_string_equal(s->text, "bac");
	assert_false(loop_timer_is_set(c));
	loop_timer_free(a);
	loop_timer_free(b);
	loop_timer_free(c);
}

static void a_stopped_timer_does_not_come(void **state)
{
	struct seen *s = *state;
	struct loop_timer *a = loop_timer_new(s->loop, note_a, s), *b = loop_timer_new(s->loop, note_b, s);

	loop_timer_set(a, 1);
	loop_timer_stop(a);
	loop_timer_stop(a);
	loop_timer_set(b, 30);
	s->stop_at = 1;
	run(s);
	assert_string_equal(s->text, "b");
	loop_timer_free(a);
	loop_timer_free(b);
}

static void free_own_timer(void *arg)
{
	struct seen *s = arg;

	s->timer = loop_timer_free(s->timer);
	note(s, 'x');
}

static void a_timer_may_free_itself(void **state)
{
	struct seen *s = *state;

	s->timer = loop_timer_new(s->loop, free_own_timer, s);
	loop_timer_set(s->timer, -5);
	s->stop_at = 1;
	run(s);
	assert_string_equal(s->text, "x");
}

static int64_t slept_ms;

static int64_t steady_after_sleep(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000 + slept_ms;
}

static void sleep_8_hours(void *arg)
{
	struct seen *s = arg;

	slept_ms += 8 * HOUR_MS;
	loop_clock_jumped(s->loop);
	note(s, 's');
}

/* FAULTS T2: what fell due while the machine slept comes when it wakes, once; what did not is counted on. */
static void a_sleep_counts(void **state)
{
	static const struct clock_source clock = {.wall_ms = steady_after_sleep, .steady_ms = steady_after_sleep};
	struct seen *s = *state;
	struct loop_timer *a, *b, *sleeper;

	clock_replace(&clock);
	a = loop_timer_new(s->loop, note_a, s);
	b = loop_timer_new(s->loop, note_b, s);
	sleeper = loop_timer_new(s->loop, sleep_8_hours, s);
	loop_timer_set(a, HOUR_MS);
	loop_timer_set(b, 9 * HOUR_MS);
	loop_timer_set(sleeper, 10);
	s->stop_at = 2;
	run(s);
	assert_string_equal(s->text, "sa");
	assert_true(loop_timer_is_set(b));
	loop_timer_free(a);
	loop_timer_free(b);
	loop_timer_free(sleeper);
	clock_replace(NULL);
}

static void on_readable(int fd, unsigned what, void *arg)
{
	char c;

	assert_int_equal(what, LOOP_READ);
	assert_int_equal(read(fd, &c, 1), 1);
	note(arg, c);
}

static void on_writable(int fd, unsigned what, void *arg)
{
	struct seen *s = arg;

	assert_int_equal(what, LOOP_WRITE);
	assert_int_equal(write(fd, "xyz", 3), 3);
	s->timer = NULL;
	note(s, 'w');
	loop_stop(s->loop);
}

static void descriptors_are_watched(void **state)
{
	struct seen *s = *state;
	struct loop_watch *r, *w;
	int fd[2];

	assert_int_equal(pipe2(fd, O_CLOEXEC | O_NONBLOCK), 0);
	r = loop_watch_new(s->loop, fd[0], on_readable, s);
	w = loop_watch_new(s->loop, fd[1], on_writable, s);
	assert_int_equal(loop_watch_set(r, LOOP_READ), 0);
	assert_int_equal(loop_watch_set(w, LOOP_WRITE), 0);
	run(s);
	assert_int_equal(loop_watch_set(w, 0), 0);
	s->stop_at = 4;
	run(s);
	assert_string_equal(s->text, "wxyz");
	loop_watch_free(r);
	loop_watch_free(w);
	close(fd[0]);
	close(fd[1]);
}

static void on_sig(int signo, void *arg)
{
	assert_int_equal(signo, SIGHUP);
	note(arg, 'h');
}

static void signals_are_events(void **state)
{
	struct seen *s = *state;
	struct loop_signal *sig = NULL;

	assert_int_equal(loop_signal_new(s->loop, SIGHUP, on_sig, s, &sig), 0);
	s->stop_at = 1;
	kill(getpid(), SIGHUP);
	run(s);
	assert_string_equal(s->text, "h");
	loop_signal_free(sig);
}

enum { POKES = 10000 };

struct poked {
	struct seen *seen;
	struct loop_wakeup *wakeup;
	_Atomic int given;
	int taken;
};

static void *poker(void *arg)
{
	struct poked *p = arg;

	for (int i = 0; i < POKES; i++) {
		p->given++;
		loop_wakeup_poke(p->wakeup);
	}
	return NULL;
}

static void on_poke(void *arg)
{
	struct poked *p = arg;

	p->taken = p->given;
	if (p->taken == POKES)
		loop_stop(p->seen->loop);
}

static void no_poke_is_missed(void **state)
{
	struct poked p = {.seen = *state};
	pthread_t thread;

	assert_int_equal(loop_wakeup_new(p.seen->loop, on_poke, &p, &p.wakeup), 0);
	assert_int_equal(pthread_create(&thread, NULL, poker, &p), 0);
	run(p.seen);
	pthread_join(thread, NULL);
	assert_int_equal(p.taken, POKES);
	loop_wakeup_free(p.wakeup);
}

static void defer_two(void *arg)
{
	struct seen *s = arg;

	loop_defer(s->loop, note_b, s);
	loop_defer(s->loop, note_c, s);
	note(s, 'a');
}

static void deferred_comes_behind_and_in_order(void **state)
{
	struct seen *s = *state;
	struct loop_timer *t = loop_timer_new(s->loop, defer_two, s);

	loop_timer_set(t, 0);
	s->stop_at = 3;
	run(s);
	assert_string_equal(s->text, "abc");
	loop_timer_free(t);
}

static void freeing_the_loop_runs_what_is_deferred(void **state)
{
	struct seen s = {.n = 0};

	(void)state;
	assert_int_equal(loop_new(&s.loop), 0);
	loop_defer(s.loop, note_a, &s);
	loop_free(s.loop);
	assert_string_equal(s.text, "a");
}

static void a_stop_before_the_run_holds(void **state)
{
	struct seen *s = *state;

	loop_stop(s->loop);
	run(s);
	s->timer = loop_timer_new(s->loop, note_a, s);
	loop_timer_set(s->timer, 1);
	s->stop_at = 1;
	run(s);
	assert_string_equal(s->text, "a");
	loop_timer_free(s->timer);
}

struct task {
	struct seen *seen;
	sem_t *go, *gone;
	_Atomic int *ran, *dropped;
	pthread_t by;
};

static void task_run(void *arg)
{
	struct task *t = arg;

	t->by = pthread_self();
	if (t->go)
		sem_wait(t->go);
	(*t->ran)++;
}

static void task_done(void *arg)
{
	struct task *t = arg;

	assert_false(pthread_equal(t->by, pthread_self()));
	note(t->seen, 'd');
	free(t);
}

static void task_drop(void *arg)
{
	struct task *t = arg;
	sem_t *gone = t->gone;

	(*t->dropped)++;
	free(t);
	if (gone)
		sem_post(gone);
}

static const struct loop_work_ops task_ops = {.run = task_run, .done = task_done, .drop = task_drop};

static struct task *task_new(struct seen *s, sem_t *go, _Atomic int *ran, _Atomic int *dropped)
{
	struct task *t = NEW(struct task);

	*t = (struct task){.seen = s, .go = go, .ran = ran, .dropped = dropped};
	return t;
}

static void work_is_done_elsewhere_and_told_here(void **state)
{
	struct seen *s = *state;
	_Atomic int ran = 0, dropped = 0;

	for (int i = 0; i < 20; i++)
		assert_int_equal(loop_work_start(s->loop, &task_ops, task_new(s, NULL, &ran, &dropped), NULL), 0);
	s->stop_at = 20;
	run(s);
	assert_int_equal(ran, 20);
	assert_int_equal(dropped, 0);
}

struct place {
	struct seen *seen;
	int nice, policy;
};

static void place_look(void *arg)
{
	struct place *p = arg;

	p->nice = getpriority(PRIO_PROCESS, 0);
	p->policy = sched_getscheduler(0);
}

static void place_done(void *arg)
{
	note(((struct place *)arg)->seen, 'd');
}

/* A core that work has is the loop's as soon as it wakes; the loop itself stays where it was. */
static void work_goes_behind_the_loop(void **state)
{
	static const struct loop_work_ops ops = {.run = place_look, .done = place_done, .drop = place_done};
	struct seen *s = *state;
	struct place p = {.seen = s};
	int before = getpriority(PRIO_PROCESS, 0), policy = sched_getscheduler(0), behind = before + BACKGROUND_NICE;

	assert_int_equal(loop_work_start(s->loop, &ops, &p, NULL), 0);
	s->stop_at = 1;
	run(s);
	assert_int_equal(p.nice, behind < 19 ? behind : 19);
	assert_int_equal(p.policy, policy == SCHED_OTHER ? SCHED_BATCH : policy);
	assert_int_equal(getpriority(PRIO_PROCESS, 0), before);
	assert_int_equal(sched_getscheduler(0), policy);
}

static void cancelled_work_is_dropped(void **state)
{
	struct seen *s = *state;
	_Atomic int ran = 0, dropped = 0;
	struct loop_work *w[LOOP_THREADS + 2];
	sem_t go;

	sem_init(&go, 0, 0);
	for (int i = 0; i < LOOP_THREADS + 2; i++)
		assert_int_equal(loop_work_start(s->loop, &task_ops, task_new(s, &go, &ran, &dropped), &w[i]), 0);
	loop_work_cancel(w[0]);                /* it may run already */
	loop_work_cancel(w[LOOP_THREADS + 1]); /* waits behind LOOP_THREADS that wait for go: is never run */
	for (int i = 0; i < LOOP_THREADS + 2; i++)
		sem_post(&go);
	s->stop_at = LOOP_THREADS;
	run(s);
	while (dropped < 2) { /* the last may still be on its way */
		s->stop_at = s->n + 1;
		s->timer = loop_timer_new(s->loop, note_a, s);
		loop_timer_set(s->timer, 5);
		run(s);
		loop_timer_free(s->timer);
	}
	assert_int_equal(dropped, 2);
	assert_true(ran <= LOOP_THREADS + 1);
	sem_destroy(&go);
}

/* F1: a name server that is dead must not delay a stop: the loop goes while the work goes on. */
static void freeing_the_loop_does_not_wait_for_work(void **state)
{
	struct seen s = {.n = 0};
	_Atomic int ran = 0, dropped = 0;
	sem_t go, gone;
	struct task *t;

	(void)state;
	sem_init(&go, 0, 0);
	sem_init(&gone, 0, 0);
	assert_int_equal(loop_new(&s.loop), 0);
	for (int i = 0; i < LOOP_THREADS + 1; i++) {
		t = task_new(&s, &go, &ran, &dropped);
		t->gone = &gone;
		assert_int_equal(loop_work_start(s.loop, &task_ops, t, NULL), 0);
	}
	loop_free(s.loop);
	for (int i = 0; i < LOOP_THREADS + 1; i++)
		sem_post(&go);
	for (int i = 0; i < LOOP_THREADS + 1; i++)
		sem_wait(&gone);
	assert_int_equal(dropped, LOOP_THREADS + 1);
	assert_int_equal(s.n, 0);
}

static void work_is_bounded(void **state)
{
	struct seen s = {.n = 0};
	_Atomic int ran = 0, dropped = 0;
	sem_t go, gone;
	struct task *t;
	int i;

	(void)state;
	sem_init(&go, 0, 0);
	sem_init(&gone, 0, 0);
	assert_int_equal(loop_new(&s.loop), 0);
	for (i = 0; i <= LOOP_WORK_MAX; i++) {
		t = task_new(&s, &go, &ran, &dropped);
		t->gone = &gone;
		assert_int_equal(loop_work_start(s.loop, &task_ops, t, NULL), i < LOOP_WORK_MAX ? 0 : LOOP_E_BUSY);
	}
	free(t); /* refused: still ours */
	loop_free(s.loop);
	for (i = 0; i < LOOP_THREADS; i++)
		sem_post(&go);
	for (i = 0; i < LOOP_WORK_MAX; i++)
		sem_wait(&gone);
	assert_int_equal(dropped, LOOP_WORK_MAX);
}

static void dawdle(void *arg)
{
	struct timespec ts = {.tv_nsec = 30 * 1000000};

	nanosleep(&ts, NULL);
	note(arg, 'a');
}

static void lag_is_the_longest_since_asked(void **state)
{
	struct seen *s = *state;
	struct loop_timer *t = loop_timer_new(s->loop, dawdle, s);

	loop_timer_set(t, 0);
	s->stop_at = 1;
	run(s);
	assert_true(loop_lag_us(s->loop) >= 30000);
	assert_int_equal(loop_lag_us(s->loop), 0);
	loop_timer_free(t);
}

/* Works until its thread has used so much, however often others have the processor. */
static void toil(void *arg)
{
	clock_t end = clock() + CLOCKS_PER_SEC * 30 / 1000;

	while (clock() < end)
		;
	note(arg, 'a');
}

static void sleep_is_no_work(void **state)
{
	struct seen *s = *state;
	struct loop_timer *sleeps = loop_timer_new(s->loop, dawdle, s), *works = loop_timer_new(s->loop, toil, s);

	loop_timer_set(sleeps, 0);
	s->stop_at = 1;
	run(s);
	assert_true(loop_busy_us(s->loop) < 20000);
	loop_timer_set(works, 0);
	s->stop_at = 2;
	run(s);
	assert_true(loop_busy_us(s->loop) >= 29000);
	assert_int_equal(loop_busy_us(s->loop), 0);
	loop_timer_free(sleeps);
	loop_timer_free(works);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(timers_come_in_order_and_once),
		CASE(a_stopped_timer_does_not_come),
		CASE(a_timer_may_free_itself),
		CASE(a_sleep_counts),
		CASE(descriptors_are_watched),
		CASE(signals_are_events),
		CASE(no_poke_is_missed),
		CASE(deferred_comes_behind_and_in_order),
		CASE(freeing_the_loop_runs_what_is_deferred),
		CASE(a_stop_before_the_run_holds),
		CASE(work_is_done_elsewhere_and_told_here),
		CASE(work_goes_behind_the_loop),
		CASE(cancelled_work_is_dropped),
		CASE(freeing_the_loop_does_not_wait_for_work),
		CASE(work_is_bounded),
		CASE(lag_is_the_longest_since_asked),
		CASE(sleep_is_no_work),
	};

	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
