/* Virtual time: one heap of events, and loop/ as sources know it. */
#include <stdlib.h>
#include <sys/random.h>

#include "loop/loop.h"
#include "sim.h"

static struct sim *now_in; /* base/clock asks without an argument */

static int64_t steady(void)
{
	return now_in->clock.steady_ms;
}

static int64_t wall(void)
{
	return SIM_START_MS + now_in->clock.steady_ms + now_in->clock.wall_ahead_ms;
}

void sim_clock_use(struct sim *s)
{
	static const struct clock_source source = {.wall_ms = wall, .steady_ms = steady};

	now_in = s;
	clock_replace(&source);
}

/* --- the heap --- */

static bool before(const struct sim_event *a, const struct sim_event *b)
{
	return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

static void put(struct sim_clock *c, size_t place, struct sim_event *e)
{
	c->heap[place] = e;
	e->place = place;
}

static void up(struct sim_clock *c, struct sim_event *e)
{
	size_t place = e->place;

	for (; place > 1 && before(e, c->heap[place / 2]); place /= 2)
		put(c, place, c->heap[place / 2]);
	put(c, place, e);
}

static void down(struct sim_clock *c, struct sim_event *e)
{
	size_t place = e->place, child;

	for (; (child = 2 * place) <= c->n; place = child) {
		if (child < c->n && before(c->heap[child + 1], c->heap[child]))
			child++;
		if (before(e, c->heap[child]))
			break;
		put(c, place, c->heap[child]);
	}
	put(c, place, e);
}

void sim_not(struct sim *s, struct sim_event *e)
{
	struct sim_clock *c = &s->clock;
	size_t place = e->place;
	struct sim_event *last;

	if (!place)
		return;
	e->place = 0;
	last = c->heap[c->n--];
	if (last == e)
		return;
	put(c, place, last);
	up(c, last);
	down(c, last);
}

void sim_at(struct sim *s, struct sim_event *e, int64_t wait_ms)
{
	struct sim_clock *c = &s->clock;

	sim_not(s, e);
	e->at_ms = c->steady_ms + (wait_ms > 0 ? wait_ms : 0);
	e->order = ++c->orders;
	c->heap = GROW(c->heap, c->n + 1, &c->cap);
	put(c, ++c->n, e);
	up(c, e);
}

void sim_later(struct sim *s, int64_t wait_ms, void (*fn)(void *arg), void *arg)
{
	struct sim_event *e = NEW(struct sim_event);

	*e = (struct sim_event){.fn = fn, .arg = arg, .once = true};
	sim_at(s, e, wait_ms);
}

bool sim_next(struct sim *s)
{
	struct sim_event *e = s->clock.n ? s->clock.heap[1] : NULL;
	void (*fn)(void *arg);
	void *arg;

	if (!e)
		return false;
	sim_not(s, e);
	if (e->at_ms > s->clock.steady_ms)
		s->clock.steady_ms = e->at_ms;
	fn = e->fn;
	arg = e->arg;
	if (e->once)
		free(e);
	fn(arg);
	return true;
}

void sim_clock_done(struct sim *s)
{
	size_t i;

	for (i = 1; i <= s->clock.n; i++) {
		if (s->clock.heap[i]->once)
			free(s->clock.heap[i]);
	}
	free(s->clock.heap);
	clock_replace(NULL);
}

/* --- loop/ --- */

struct loop_timer {
	struct sim *sim;
	struct sim_event event;
};

struct loop_timer *loop_timer_new(struct loop *l, void (*on_timer)(void *arg), void *arg)
{
	struct loop_timer *t = NEW(struct loop_timer);

	*t = (struct loop_timer){.sim = (struct sim *)l, .event = {.fn = on_timer, .arg = arg}};
	return t;
}

struct loop_timer *loop_timer_free(struct loop_timer *t)
{
	if (t)
		sim_not(t->sim, &t->event);
	free(t);
	return NULL;
}

void loop_timer_set(struct loop_timer *t, int64_t ms)
{
	sim_at(t->sim, &t->event, ms);
}

void loop_timer_stop(struct loop_timer *t)
{
	sim_not(t->sim, &t->event);
}

bool loop_timer_is_set(const struct loop_timer *t)
{
	return t->event.place != 0;
}

void loop_defer(struct loop *l, void (*fn)(void *arg), void *arg)
{
	sim_later((struct sim *)l, 0, fn, arg);
}

int loop_work_start(struct loop *l, const struct loop_work_ops *ops, void *arg, struct loop_work **ret)
{
	(void)l;
	(void)ops;
	(void)arg;
	(void)ret;
	abort(); /* sites are feeds: no files */
}

void loop_work_cancel(struct loop_work *w)
{
	(void)w;
	abort();
}

/* What source/ spreads its waits by. From the dice, or no seed would replay. */
ssize_t getrandom(void *buf, size_t len, unsigned flags)
{
	uint8_t *out = buf;
	size_t i;

	(void)flags;
	for (i = 0; i < len; i++)
		out[i] = now_in ? (uint8_t)sim_roll(now_in, 256) : 0;
	return (ssize_t)len;
}
