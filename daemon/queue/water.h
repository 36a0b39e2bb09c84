#pragma once
/*
 * queue/water: how high the outbox stands: an alarm once at queue.high_water rows, and its end once at half of that, so
 * that it doesn't come and go at the mark.
 *
 * No I/O, no clock. Owner: the caller, by value.
 */
#include <stdbool.h>
#include <stdint.h>

enum water_change { WATER_SAME, WATER_HIGH, WATER_WELL };

struct water {
	bool high;
};

enum water_change water_note(struct water *w, int64_t rows, int64_t mark);
