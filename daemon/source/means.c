#include "source/means.h"

#include "base/clock.h"

struct means means_at(const struct means *m, int64_t now_ms)
{
	struct means now = *m;

	budget_stand_at(&now.budget, now_ms);
	return now;
}

enum means_short means_short(const struct means *now, int64_t now_ms)
{
	if (now->token_until_ms != TIME_NONE && now_ms >= now->token_warn_ms)
		return MEANS_TOKEN;
	return now->budget.ends_ms != TIME_NONE ? MEANS_QUOTA : MEANS_ENOUGH;
}

bool means_bounded(const struct means *now)
{
	const struct budget_stand *b = &now->budget;

	return b->calls_day || b->calls_month || b->micros_day || b->micros_month;
}

static double left_of(int64_t spent, int64_t most)
{
	if (!most)
		return 1;
	return spent < most ? (double)(most - spent) / (double)most : 0;
}

double means_left(const struct means *now)
{
	const struct budget_stand *b = &now->budget;
	const double parts[] = {
		left_of(b->spent.calls_day, b->calls_day), left_of(b->spent.calls_month, b->calls_month),
		left_of(b->spent.micros_day, b->micros_day), left_of(b->spent.micros_month, b->micros_month)};
	double least = 1;
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i] < least)
			least = parts[i];
	return least;
}
