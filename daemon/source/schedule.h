#pragma once
/*
 * source/schedule: which source is polled when. Pure: it knows neither clocks nor timers, and a simulator can drive years
 * of it. Times are steady milliseconds.
 *
 * One heap over all items; an item is embedded in its owner's record, which must outlive its stay here. An item is
 * waiting (in the heap), running (its poll is under way; at most max_running are, beside those apart), or neither.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

struct schedule_item {
	int64_t due_ms;
	uint32_t place; /* in the heap, from 1; 0: not waiting */
	bool running;
	bool at_once; /* asked for: its own pace doesn't count */
	bool again;   /* asked for while it ran */
	bool apart;   /* it runs, and takes no place of those that may */
};

struct schedule;

struct schedule *schedule_new(size_t max_running) must_use;
struct schedule *schedule_free(struct schedule *s); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct schedule, schedule_free)

void schedule_add(struct schedule *s, struct schedule_item *item, int64_t due_ms);
void schedule_remove(struct schedule *s, struct schedule_item *item); /* waiting, running or neither */
void schedule_advance(struct schedule *s, struct schedule_item *item,
		      int64_t due_ms); /* one that waits: not later than that. Cheap, even for all in turn */
void schedule_at_once(struct schedule *s, struct schedule_item *item,
		      int64_t now_ms); /* poll it now, or again after this poll */
/* One that was just started takes long: its place is another's. */
void schedule_apart(struct schedule *s, struct schedule_item *item);
void schedule_done(struct schedule *s, struct schedule_item *item, int64_t now_ms,
		   int64_t due_ms); /* its poll has ended */

/* After a start or a sleep: if more than most are due, all of them (but those asked for) become due at any
 * time within their span instead, so that they don't come as one herd (FAULTS T2). random is any number. */
void schedule_spread(struct schedule *s, int64_t now_ms, size_t most,
		     int64_t (*span_ms)(const struct schedule_item *item), uint32_t random);

/* The next item to poll, now marked running; NULL: none is due, or enough run. */
struct schedule_item *schedule_start(struct schedule *s, int64_t now_ms);
/* When schedule_start() is worth a call; INT64_MAX: not before something ends or is added. */
int64_t schedule_wake_ms(const struct schedule *s);
size_t schedule_running(const struct schedule *s); /* those apart, too */
size_t schedule_waiting(const struct schedule *s);
