#include "source/rhythm.h"

#include "base/clock.h"

static int64_t longer(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void rhythm_learn(struct rhythm *r, int64_t gap_ms)
{
	int64_t longest = r->longest_s * SECOND_MS;

	longest -=
		gap_ms < RHYTHM_MEMORY_MS ? longest * (gap_ms / SECOND_MS) / (RHYTHM_MEMORY_MS / SECOND_MS) : longest;
	longest = longer(longest, gap_ms < RHYTHM_MEMORY_MS ? gap_ms : RHYTHM_MEMORY_MS);
	r->longest_s = (uint32_t)(longest / SECOND_MS);
	r->gaps += r->gaps < UINT8_MAX;
}

bool rhythm_broken(const struct rhythm *r, int64_t silent_ms, int64_t least_ms)
{
	return r->gaps >= RHYTHM_GAPS && silent_ms > longer(RHYTHM_TIMES * r->longest_s * SECOND_MS, least_ms);
}
