#pragma once
/*
 * source/means: what a platform's source lives on, to be told: until when its platform lets it in, and what it may still spend.
 *
 * Values; as they stood when it was polled last. means_at() says what of them is true now.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/budget.h"

struct means {
	int64_t token_until_ms; /* wall: somebody has to renew what lets it in by then; TIME_NONE: nobody has to, or nobody knows */
	int64_t token_warn_ms; /* … and is told from then on */
	struct budget_stand budget;
};

enum means_short { MEANS_ENOUGH, MEANS_TOKEN, MEANS_QUOTA };

/* As they are now: what was spent in a day or month that is over doesn't count. */
struct means means_at(const struct means *m, int64_t now_ms);
/* What somebody should know of: a token that ends soon before a quota that is stretched. */
enum means_short means_short(const struct means *now, int64_t now_ms);
bool means_bounded(const struct means *now);
/* The least of what is left, of 1; 1: it has no bounds. */
double means_left(const struct means *now);
