/* fetch/resolver with names that a test makes slow, dead or wrong, and fetch/place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "fetch/place.h"
#include "fetch/resolver.h"
#include "loop/loop.h"

/* --- what the threads do --- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int working, most_working, looked, let_go, lost_once;
static _Atomic int64_t slept_ms;

static int count(const int *what)
{
	int n;

	pthread_mutex_lock(&lock);
	n = *what;
	pthread_mutex_unlock(&lock);
	return n;
}

/* "dead…" works until let go; "lost…" hears nothing for two seconds, and is dead from then on; "gone…" is no name. */
static int look(const char *name, char **ret_list)
{
	bool lost;

	pthread_mutex_lock(&lock);
	looked++;
	if (++working > most_working)
		most_working = working;
	lost = strncmp(name, "lost", 4) == 0;
	while ((strncmp(name, "dead", 4) == 0 || (lost && lost_once)) && !let_go)
		pthread_cond_wait(&changed, &lock);
	working--;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	if (strncmp(name, "gone", 4) == 0)
		return EAI_NONAME;
	if (lost && !let_go) {
		slept_ms += 2000;
		return EAI_AGAIN;
	}
	*ret_list = xstrdup("192.0.2.1,[2001:db8::1]");
	return 0;
}

static void release(void)
{
	pthread_mutex_lock(&lock);
	let_go = 1;
	pthread_cond_broadcast(&changed);
	while (working)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
}

/* --- who asks --- */

enum { ASKERS = 64, PATIENCE_MS = 250, LONG_MS = 20000 };

struct asker {
	struct asking asking; /* first: a pointer to it is one to this */
	struct bench *bench;
	bool told;
	enum resolver_outcome outcome;
	char text[64];
};

struct bench {
	struct loop *loop;
	struct resolver *resolver;
	struct asker askers[ASKERS];
	int told, stop_at;
};

static int64_t steady(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000 + slept_ms;
}

static int setup(void **state)
{
	static const struct clock_source clock = {.wall_ms = steady, .steady_ms = steady};
	struct bench *b = NEW(struct bench);

	working = most_working = looked = let_go = lost_once = 0;
	slept_ms = 0;
	clock_replace(&clock);
	assert_int_equal(loop_new(&b->loop), 0);
	assert_int_equal(resolver_new(b->loop, look, &b->resolver), 0);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;
	int i;

	for (i = 0; i < ASKERS; i++)
		resolver_cancel(b->resolver, &b->askers[i].asking);
	resolver_free(b->resolver);
	loop_free(b->loop);
	release(); /* threads that outlived it free what is theirs */
	clock_replace(NULL);
	free(b);
	return 0;
}

static void on_known(struct asking *a, enum resolver_outcome outcome, struct addresses *addresses, const char *why)
{
	struct asker *x = (struct asker *)a;

	assert_false(x->told);
	assert_int_equal(outcome == RESOLVER_OK, addresses != NULL);
	assert_int_equal(outcome == RESOLVER_OK, why == NULL);
	x->told = true;
	x->outcome = outcome;
	snprintf(x->text, sizeof(x->text), "%s", addresses ? addresses_text(addresses) : "");
	addresses_unref(addresses);
	if (++x->bench->told == x->bench->stop_at)
		loop_stop(x->bench->loop);
}

static struct asker *ask(struct bench *b, int i, const char *name, uint32_t patience_ms)
{
	struct asker *x = &b->askers[i];

	memset(x, 0, sizeof(*x));
	x->bench = b;
	resolver_ask(b->resolver, name, patience_ms, on_known, &x->asking);
	assert_false(x->told); /* never from within */
	return x;
}

static void run(struct bench *b, int until_told)
{
	b->stop_at = until_told;
	if (b->told >= until_told)
		return;
	alarm(20);
	loop_run(b->loop);
	alarm(0);
}

/* --- tests --- */

static void a_name_is_known_for_a_minute(void **state)
{
	struct bench *b = *state;
	struct asker *x = ask(b, 0, "vivo.example", LONG_MS);
	struct addresses *known;

	assert_null(resolver_known(b->resolver, "vivo.example"));
	assert_int_equal(resolver_asking(b->resolver), 1);
	run(b, 1);
	assert_int_equal(x->outcome, RESOLVER_OK);
	assert_string_equal(x->text, "192.0.2.1,[2001:db8::1]");
	assert_int_equal(resolver_asking(b->resolver), 0);
	known = resolver_known(b->resolver, "vivo.example");
	assert_non_null(known);
	slept_ms += RESOLVER_KEEP_MS + 1;
	assert_null(resolver_known(b->resolver, "vivo.example"));
	assert_string_equal(addresses_text(known), "192.0.2.1,[2001:db8::1]"); /* whoever has them keeps them */
	addresses_unref(known);
}

static void who_asks_for_the_same_shares_it(void **state)
{
	struct bench *b = *state;
	int i;

	for (i = 0; i < 10; i++)
		ask(b, i, "vivo.example", LONG_MS);
	run(b, 10);
	assert_int_equal(count(&looked), 1);
}

static void what_is_not_there_is_told_and_not_kept(void **state)
{
	struct bench *b = *state;
	struct asker *x = ask(b, 0, "gone.example", LONG_MS);

	run(b, 1);
	assert_int_equal(x->outcome, RESOLVER_NONE);
	assert_null(resolver_known(b->resolver, "gone.example"));
	ask(b, 1, "gone.example", LONG_MS);
	run(b, 2);
	assert_int_equal(count(&looked), 2);
}

/* FAULTS F1, F2: RESOLVER_THREADS and no more, and nobody is told "timeout" before a thread has worked for them. */
static void threads_are_few_and_patience_begins_with_them(void **state)
{
	struct bench *b = *state;
	char name[32];
	int i;

	for (i = 0; i < ASKERS; i++) {
		snprintf(name, sizeof(name), "dead%d.example", i);
		ask(b, i, name, PATIENCE_MS);
	}
	run(b, RESOLVER_THREADS);
	assert_int_equal(count(&most_working), RESOLVER_THREADS);
	for (i = 0; i < ASKERS; i++) {
		assert_int_equal(b->askers[i].told, i < RESOLVER_THREADS); /* in order, the rest still waits */
		if (i < RESOLVER_THREADS)
			assert_int_equal(b->askers[i].outcome, RESOLVER_TIMEOUT);
	}
	assert_int_equal(resolver_asking(b->resolver), ASKERS - RESOLVER_THREADS);
	release(); /* late answers: the others get their turn, and what came is kept */
	run(b, ASKERS);
	for (i = RESOLVER_THREADS; i < ASKERS; i++)
		assert_int_equal(b->askers[i].outcome, RESOLVER_OK);
	assert_int_equal(count(&most_working), RESOLVER_THREADS);
}

/* FAULTS F2: names that were dead before don't hold up living ones. */
static void suspects_leave_threads_free(void **state)
{
	struct bench *b = *state;
	int i, n = RESOLVER_THREADS + 4;
	char name[32];

	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "lost%d.example", i);
		ask(b, i, name, LONG_MS);
	}
	run(b, n);
	pthread_mutex_lock(&lock);
	lost_once = 1;
	most_working = 0;
	pthread_mutex_unlock(&lock);
	for (i = 0; i < n; i++) {
		assert_int_equal(b->askers[i].outcome, RESOLVER_TIMEOUT);
		snprintf(name, sizeof(name), "lost%d.example", i);
		ask(b, i, name, LONG_MS);
	}
	assert_int_equal(resolver_asking(b->resolver), n);
	for (i = n; i < ASKERS; i++) {
		snprintf(name, sizeof(name), "vivo%d.example", i);
		ask(b, i, name, LONG_MS);
	}
	run(b, ASKERS); /* n were told before, and the living now */
	for (i = 0; i < ASKERS; i++)
		assert_int_equal(b->askers[i].told, i >= n);
	assert_int_equal(count(&looked), ASKERS + RESOLVER_SUSPECTS);
}

static void late_answers_serve_who_asks_meanwhile(void **state)
{
	struct bench *b = *state;
	char name[32];
	int i, n = RESOLVER_THREADS;

	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "dead%d.example", i);
		ask(b, i, name, PATIENCE_MS);
	}
	run(b, n);
	ask(b, n, "dead0.example", LONG_MS); /* a thread is at it still */
	ask(b, n + 1, "vivo.example", LONG_MS);
	release();
	run(b, n + 2);
	assert_int_equal(b->askers[n].outcome, RESOLVER_OK);
	assert_int_equal(b->askers[n + 1].outcome, RESOLVER_OK);
	assert_int_equal(count(&looked), n + 1);
}

/* All of them are told "timeout"; then so much time goes by that their threads are given up. */
static void lose_threads(struct bench *b, int from)
{
	char name[32];
	int i;

	for (i = 0; i < RESOLVER_THREADS; i++) {
		snprintf(name, sizeof(name), "dead%d.example", from + i);
		ask(b, i, name, PATIENCE_MS);
	}
	run(b, b->told + RESOLVER_THREADS);
	slept_ms += RESOLVER_STUCK_MS;
	loop_clock_jumped(b->loop);
}

static void on_pause(void *arg)
{
	loop_stop(arg);
}

/* FAULTS F2: a getaddrinfo that never returns costs its name alone, as long as there are RESOLVER_THREADS_MAX threads. */
static void threads_that_never_return_are_replaced(void **state)
{
	struct bench *b = *state;
	struct loop_timer *pause = loop_timer_new(b->loop, on_pause, b->loop);
	int lost;

	for (lost = 0; lost < RESOLVER_THREADS_MAX; lost += RESOLVER_THREADS) {
		ask(b, 20, "vivo.example", LONG_MS);
		run(b, b->told + 1);
		assert_int_equal(b->askers[20].outcome, RESOLVER_OK);
		slept_ms += RESOLVER_KEEP_MS + 1;
		lose_threads(b, lost);
	}
	ask(b, 20, "vivo.example", LONG_MS);
	loop_timer_set(pause, PATIENCE_MS);
	loop_run(b->loop);
	assert_false(b->askers[20].told); /* nobody is left to look, … */
	assert_int_equal(count(&working), RESOLVER_THREADS_MAX);
	release();
	run(b, b->told + 1);
	assert_true(b->askers[20].told); /* … until one returns after all */
	assert_int_equal(b->askers[20].outcome, RESOLVER_OK);
	assert_int_equal(count(&most_working), RESOLVER_THREADS_MAX);
	loop_timer_free(pause);
}

static void who_cancels_is_not_told(void **state)
{
	struct bench *b = *state;

	ask(b, 0, "vivo.example", LONG_MS);
	ask(b, 1, "vivo.example", LONG_MS);
	resolver_cancel(b->resolver, &b->askers[0].asking);
	resolver_cancel(b->resolver, &b->askers[0].asking); /* twice is once */
	run(b, 1);
	assert_false(b->askers[0].told);
	assert_true(b->askers[1].told);
}

static void names_that_are_kept_are_bounded(void **state)
{
	struct bench *b = *state;
	struct addresses *last = NULL;
	char name[32];
	int i, n = 0;

	for (i = 0; i <= RESOLVER_KEPT_MAX; i++) {
		snprintf(name, sizeof(name), "vivo%d.example", i);
		ask(b, 0, name, LONG_MS);
		run(b, ++n);
	}
	assert_null(resolver_known(b->resolver, "vivo0.example")); /* the oldest went */
	last = resolver_known(b->resolver, name);
	assert_non_null(last);
	addresses_unref(last);
}

static void the_system_knows_this_machine(void **state)
{
	char *list = NULL;

	(void)state;
	assert_int_equal(resolver_system("localhost", &list), 0);
	assert_non_null(strstr(list, strchr(list, '[') ? "[::1]" : "127.0.0.1"));
	free(list);
	list = NULL;
	assert_int_not_equal(resolver_system("no-hay-nadie.invalid", &list), 0);
	assert_null(list);
}

static const struct {
	const char *url, *key, *name;
	unsigned port;
} places[] = {
	{"http://Ejemplo.example/a?b#c", "http://ejemplo.example:80", "ejemplo.example", 80},
	{"HTTPS://ana:x@ejemplo.example:8443", "https://ejemplo.example:8443", "ejemplo.example", 8443},
	{"http://127.0.0.1/", "http://127.0.0.1:80", NULL, 80},
	{"http://0x7f.1/", "http://127.0.0.1:80", NULL, 80},
	{"http://[::1]:99/", "http://[::1]:99", NULL, 99},
	{"https://localhost/", "https://localhost:443", NULL, 443},
	{"https://a.localhost/", "https://a.localhost:443", NULL, 443},
	{"https://mylocalhost/", "https://mylocalhost:443", "mylocalhost", 443},
	{"ftp://ejemplo.example/", NULL, NULL, 0},
	{"file:///etc/passwd", NULL, NULL, 0},
	{"http://", NULL, NULL, 0},
};

static void urls_have_places(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(places); i++) {
		struct place p = {.key = NULL};
		const char *why = NULL;
		int r = place_of(places[i].url, &p, &why);

		assert_int_equal(r, places[i].key ? 0 : PLACE_E_INVALID);
		assert_int_equal(r != 0, why != NULL);
		if (r == 0) {
			assert_string_equal(p.key, places[i].key);
			assert_int_equal(p.port, places[i].port);
			assert_int_equal(p.name != NULL, places[i].name != NULL);
			if (p.name)
				assert_string_equal(p.name, places[i].name);
		}
		place_done(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_name_is_known_for_a_minute, setup, teardown),
		cmocka_unit_test_setup_teardown(who_asks_for_the_same_shares_it, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_not_there_is_told_and_not_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(threads_are_few_and_patience_begins_with_them, setup, teardown),
		cmocka_unit_test_setup_teardown(suspects_leave_threads_free, setup, teardown),
		cmocka_unit_test_setup_teardown(late_answers_serve_who_asks_meanwhile, setup, teardown),
		cmocka_unit_test_setup_teardown(threads_that_never_return_are_replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(who_cancels_is_not_told, setup, teardown),
		cmocka_unit_test_setup_teardown(names_that_are_kept_are_bounded, setup, teardown),
		cmocka_unit_test(the_system_knows_this_machine),
		cmocka_unit_test(urls_have_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
