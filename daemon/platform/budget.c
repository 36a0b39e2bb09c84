#include "platform/budget.h"

#include "base/clock.h"
#include "base/zone.h"

bool budget_bounded(const struct budget *b)
{
	return b->calls_day || b->calls_month || b->micros_day || b->micros_month;
}

static int64_t day_of(const struct zone_time *t)
{
	return clock_days_from_civil(t->year, t->month, t->day);
}

/* The wall time at which that day of the zone begins. Its offset may change on the way there. */
static int64_t begin_of(const struct zone *z, int64_t day)
{
	int64_t at = day * DAY_MS;
	struct zone_time t;
	int i;

	for (i = 0; i < 2; i++) {
		zone_local(z, at, &t);
		at = day * DAY_MS - t.offset_s * SECOND_MS;
	}
	return at;
}

static int64_t next_month(const struct zone_time *t)
{
	return t->month == 12 ? clock_days_from_civil(t->year + 1, 1, 1)
			      : clock_days_from_civil(t->year, t->month + 1, 1);
}

/* A new day or month begins with nothing spent. A clock that was set back begins none: that would give twice. One that had
 * been far ahead (a machine that begins in 2036, until it has asked for the time) would leave one day's budget for years: what
 * was spent then counts as spent now. */
static void turn(struct budget_spent *s, const struct zone_time *t)
{
	int64_t day = day_of(t), month = t->year * 12 + t->month;

	if (day > s->day)
		s->calls_day = s->micros_day = 0;
	if (month > s->month)
		s->calls_month = s->micros_month = 0;
	if (day > s->day || day + BUDGET_AHEAD_DAYS < s->day)
		s->day = day;
	if (month > s->month || month + 1 < s->month)
		s->month = month;
}

static int64_t price(const struct budget *b)
{
	return b->request_micros + b->item_micros * b->page_items;
}

/* One bound: how many calls are left of it, until when. */
struct left {
	int64_t calls, until_ms;
};

static struct left left_of(int64_t most, int64_t spent, int64_t each, int64_t until_ms)
{
	int64_t left = most > spent ? most - spent : 0;

	return (struct left){each > 0 ? left / each : left, until_ms};
}

/* What the bound makes of a poll: fewer pages while each interval still has its call, then a longer interval. */
static void narrow(struct left left, int64_t now_ms, int64_t every_ms, int64_t pages, struct budget_say *say)
{
	int64_t rest = left.until_ms - now_ms, polls, wait, ends;

	if (left.calls < pages) /* of this one poll */
		pages = left.calls;
	if (rest < 1)
		rest = 1;
	polls = rest / every_ms + 1;
	if (left.calls / polls < pages) {
		ends = now_ms + left.calls / (pages ? pages : 1) * every_ms;
		if (ends < left.until_ms && (say->ends_ms == TIME_NONE || ends < say->ends_ms))
			say->ends_ms = ends;
		if (pages > 1)
			pages = left.calls / polls > 1 ? left.calls / polls : 1;
	}
	wait = !left.calls ? rest : pages && left.calls / pages < polls ? rest / (left.calls / pages) : 0;
	if (pages < say->pages)
		say->pages = pages;
	if (wait > say->wait_ms)
		say->wait_ms = wait;
}

void budget_step(const struct budget *b, struct budget_spent *s, int64_t now_ms, int64_t every_ms, int64_t pages,
		 struct budget_say *ret)
{
	struct zone_time t;
	int64_t day_ends, month_ends;

	zone_local(b->zone, now_ms, &t);
	turn(s, &t);
	day_ends = begin_of(b->zone,
			    s->day + 1); /* of the day that is counted: after a clock was set back it is a later one */
	month_ends = begin_of(b->zone, next_month(&t));
	*ret = (struct budget_say){.pages = pages, .ends_ms = TIME_NONE};
	if (b->calls_day)
		narrow(left_of(b->calls_day, s->calls_day, 1, day_ends), now_ms, every_ms, pages, ret);
	if (b->calls_month)
		narrow(left_of(b->calls_month, s->calls_month, 1, month_ends), now_ms, every_ms, pages, ret);
	if (b->micros_day)
		narrow(left_of(b->micros_day, s->micros_day, price(b), day_ends), now_ms, every_ms, pages, ret);
	if (b->micros_month)
		narrow(left_of(b->micros_month, s->micros_month, price(b), month_ends), now_ms, every_ms, pages, ret);
}

void budget_stand(const struct budget *b, const struct budget_spent *spent, int64_t now_ms, int64_t every_ms,
		  int64_t pages, struct budget_stand *ret)
{
	struct budget_stand s = {.spent = *spent,
				 .calls_day = b->calls_day,
				 .calls_month = b->calls_month,
				 .micros_day = b->micros_day,
				 .micros_month = b->micros_month};
	struct budget_say say;
	struct zone_time t;

	budget_step(b, &s.spent, now_ms, every_ms, pages, &say);
	zone_local(b->zone, now_ms, &t);
	s.day_ends_ms = begin_of(b->zone, s.spent.day + 1);
	s.month_ends_ms = begin_of(b->zone, next_month(&t));
	s.ends_ms = say.ends_ms;
	*ret = s;
}

void budget_stand_at(struct budget_stand *s, int64_t now_ms)
{
	if (now_ms >= s->day_ends_ms)
		s->spent.calls_day = s->spent.micros_day = 0;
	if (now_ms >= s->month_ends_ms)
		s->spent.calls_month = s->spent.micros_month = 0;
	if (s->ends_ms != TIME_NONE && now_ms >= s->day_ends_ms) /* said of a pace and a day that are over */
		s->ends_ms = TIME_NONE;
}

void budget_reserve(const struct budget *b, struct budget_spent *s, int64_t pages)
{
	s->calls_day += pages;
	s->calls_month += pages;
	s->micros_day += pages * price(b);
	s->micros_month += pages * price(b);
}

static int64_t not_below_0(int64_t v)
{
	return v > 0 ? v : 0;
}

/* Of a poll over midnight nobody knows which of its requests the platform counts where: the new day has all of them. */
void budget_settle(const struct budget *b, struct budget_spent *s, int64_t now_ms, int64_t reserved, int64_t asked,
		   int64_t items)
{
	const int64_t micros = asked * b->request_micros + items * b->item_micros, aside = reserved * price(b);
	bool new_day, new_month;
	struct zone_time t;

	zone_local(b->zone, now_ms, &t);
	new_day = day_of(&t) > s->day;
	new_month = t.year * 12 + t.month > s->month;
	if (new_day || new_month)
		turn(s, &t);
	s->calls_day = not_below_0(s->calls_day + asked - (new_day ? 0 : reserved));
	s->micros_day = not_below_0(s->micros_day + micros - (new_day ? 0 : aside));
	s->calls_month = not_below_0(s->calls_month + asked - (new_month ? 0 : reserved));
	s->micros_month = not_below_0(s->micros_month + micros - (new_month ? 0 : aside));
}
