#include "source/schedule.h"

struct schedule {
	struct schedule_item **heap; /* from 1 */
	size_t n, cap, running, apart, max_running;
};

struct schedule *schedule_new(size_t max_running)
{
	struct schedule *s = NEW(struct schedule);

	s->max_running = max_running;
	return s;
}

struct schedule *schedule_free(struct schedule *s)
{
	if (!s)
		return NULL;
	free(s->heap);
	free(s);
	return NULL;
}

static void put(struct schedule *s, size_t place, struct schedule_item *item)
{
	s->heap[place] = item;
	item->place = (uint32_t)place;
}

static void sift_up(struct schedule *s, size_t place)
{
	struct schedule_item *item = s->heap[place];

	for (; place > 1 && s->heap[place / 2]->due_ms > item->due_ms; place /= 2)
		put(s, place, s->heap[place / 2]);
	put(s, place, item);
}

static void sift_down(struct schedule *s, size_t place)
{
	struct schedule_item *item = s->heap[place];
	size_t child;

	for (; (child = 2 * place) <= s->n; place = child) {
		if (child < s->n && s->heap[child + 1]->due_ms < s->heap[child]->due_ms)
			child++;
		if (s->heap[child]->due_ms >= item->due_ms)
			break;
		put(s, place, s->heap[child]);
	}
	put(s, place, item);
}

static void heap_add(struct schedule *s, struct schedule_item *item, int64_t due_ms)
{
	item->due_ms = due_ms;
	s->heap = GROW(s->heap, s->n + 1, &s->cap);
	s->heap[++s->n] = item;
	sift_up(s, s->n);
}

static void heap_remove(struct schedule *s, struct schedule_item *item)
{
	size_t place = item->place;
	struct schedule_item *last = s->heap[s->n--];

	item->place = 0;
	if (last == item)
		return;
	put(s, place, last);
	sift_up(s, place);
	sift_down(s, last->place);
}

void schedule_add(struct schedule *s, struct schedule_item *item, int64_t due_ms)
{
	*item = (struct schedule_item){.due_ms = due_ms};
	heap_add(s, item, due_ms);
}

static void stop(struct schedule *s, struct schedule_item *item)
{
	if (item->apart)
		s->apart--;
	else
		s->running--;
	item->running = item->apart = false;
}

void schedule_remove(struct schedule *s, struct schedule_item *item)
{
	if (item->place)
		heap_remove(s, item);
	if (item->running)
		stop(s, item);
}

void schedule_advance(struct schedule *s, struct schedule_item *item, int64_t due_ms)
{
	if (item->due_ms <= due_ms)
		return;
	item->due_ms = due_ms;
	sift_up(s, item->place);
}

void schedule_at_once(struct schedule *s, struct schedule_item *item, int64_t now_ms)
{
	if (item->running) {
		item->again = true;
		return;
	}
	item->at_once = true;
	if (item->place)
		schedule_advance(s, item, now_ms);
	else
		heap_add(s, item, now_ms);
}

void schedule_done(struct schedule *s, struct schedule_item *item, int64_t now_ms, int64_t due_ms)
{
	if (!item->running)
		return;
	stop(s, item);
	item->at_once = item->again;
	item->again = false;
	heap_add(s, item, item->at_once ? now_ms : due_ms);
}

void schedule_apart(struct schedule *s, struct schedule_item *item)
{
	item->apart = true;
	s->running--;
	s->apart++;
}

void schedule_spread(struct schedule *s, int64_t now_ms, size_t most,
		     int64_t (*span_ms)(const struct schedule_item *item), uint32_t random)
{
	size_t i, due = 0;

	for (i = 1; i <= s->n; i++)
		due += s->heap[i]->due_ms <= now_ms && !s->heap[i]->at_once;
	if (due <= most)
		return;
	for (i = 1; i <= s->n; i++) {
		struct schedule_item *item = s->heap[i];
		int64_t span = span_ms(item);

		if (item->due_ms > now_ms || item->at_once || span <= 0)
			continue;
		random = random * 1664525 + 1013904223; /* its high bits are good enough to keep sources apart */
		item->due_ms = now_ms + (int64_t)(((uint64_t)random * (uint64_t)span) >> 32);
	}
	for (i = s->n / 2; i >= 1; i--)
		sift_down(s, i);
}

struct schedule_item *schedule_start(struct schedule *s, int64_t now_ms)
{
	struct schedule_item *item;

	if (!s->n || s->running == s->max_running || s->heap[1]->due_ms > now_ms)
		return NULL;
	item = s->heap[1];
	heap_remove(s, item);
	item->running = true;
	s->running++;
	return item;
}

int64_t schedule_wake_ms(const struct schedule *s)
{
	return s->n && s->running < s->max_running ? s->heap[1]->due_ms : INT64_MAX;
}

size_t schedule_running(const struct schedule *s)
{
	return s->running + s->apart;
}

size_t schedule_waiting(const struct schedule *s)
{
	return s->n;
}
