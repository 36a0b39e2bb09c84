#pragma once
/*
 * platform/budget: what may still be asked today and this month, in calls and in money, and how to make do with it. Pure.
 *
 * Before each poll budget_step() says how many pages it may ask for, and how long to wait until the next one, so that what is
 * left lasts to the end of the day or month: first fewer pages, then a longer interval; when nothing is left, none until then.
 * What a poll may cost at most is set aside (budget_reserve()) and kept before it begins, so that a crash in the middle
 * forgets nothing; what it did cost takes its place when it has ended (budget_settle()).
 */
#include <stdbool.h>
#include <stdint.h>

struct platform;
struct zone;

enum { BUDGET_AHEAD_DAYS = 2 }; /* a clock that was set back by more had been wrong before */

/* What holds for one source: 0 is no bound. Sources that share an account have a share of it each. */
struct budget {
	int64_t calls_day, calls_month;
	int64_t micros_day, micros_month;
	int64_t request_micros, item_micros, page_items; /* a price */
	const struct zone *zone;                         /* at whose midnight a day ends; NULL: UTC */
};

/* What was spent, in the day and the month of the last step. */
struct budget_spent {
	int64_t day, month; /* numbers of them; a new one begins at 0 */
	int64_t calls_day, calls_month;
	int64_t micros_day, micros_month;
};

struct budget_say {
	int64_t pages;   /* of this poll; 0: it may not be */
	int64_t wait_ms; /* until the next poll, at the least */
	int64_t ends_ms; /* wall: when all would be spent if nothing were narrowed; TIME_NONE: it isn't before the end */
};

/* How it stands, to be told: what was spent, of what bounds (0: none), and until when each counts. */
struct budget_stand {
	struct budget_spent spent;
	int64_t calls_day, calls_month, micros_day, micros_month;
	int64_t day_ends_ms, month_ends_ms; /* wall */
	int64_t ends_ms;                    /* as budget_say's */
};

bool budget_bounded(const struct budget *b);
/* now_ms: wall. pages: what a poll would ask for; every_ms: how often. */
void budget_step(const struct budget *b, struct budget_spent *spent, int64_t now_ms, int64_t every_ms, int64_t pages,
		 struct budget_say *ret);
void budget_stand(const struct budget *b, const struct budget_spent *spent, int64_t now_ms, int64_t every_ms,
		  int64_t pages, struct budget_stand *ret);
/* Later, when nobody has asked since: what is over counts no more. */
void budget_stand_at(struct budget_stand *s, int64_t now_ms);
void budget_reserve(const struct budget *b, struct budget_spent *spent, int64_t pages);
/* Of pages that were set aside, so many were asked, and held so many items. The day and month may have changed since: what was set
 * aside before counts where it was, and what was asked in the new ones, too. */
void budget_settle(const struct budget *b, struct budget_spent *spent, int64_t now_ms, int64_t reserved, int64_t asked,
		   int64_t items);
