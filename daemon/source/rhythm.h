#pragma once
/*
 * source/rhythm: how long what comes again and again may stay away before that is strange, by what it did before. Pure, by
 * value; of a source that shows something new (source/health), of a rule that finds something (main/rule_quiet).
 *
 * The longest silence of the last weeks says it: nights and weekends are in it. It fades within RHYTHM_MEMORY_MS.
 */
#include <stdbool.h>
#include <stdint.h>

enum {
	RHYTHM_GAPS = 5,  /* silences that must have ended before another one can be too long */
	RHYTHM_TIMES = 2, /* so many times the longest is too long */
};
#define RHYTHM_MEMORY_MS (28 * 24 * INT64_C(3600000))

/* Zeroed at first. */
struct rhythm {
	uint32_t longest_s; /* silence, as far as it is remembered */
	uint8_t gaps;       /* ends of silences, up to 255 */
};

/* A silence has ended that was so long. */
void rhythm_learn(struct rhythm *r, int64_t gap_ms);
/* Whether one that is so long now is too long; none is that is not longer than least_ms. */
bool rhythm_broken(const struct rhythm *r, int64_t silent_ms, int64_t least_ms);
