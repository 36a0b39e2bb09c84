#pragma once
/*
 * loop/lag: how the files of this room tell what a callback took; loop_lag_us() is what others see.
 */
#include <stdint.h>

struct loop;

int64_t loop_now_us(void); /* CLOCK_MONOTONIC */
/* A callback has returned that began then; which: its function, cast. */
void loop_called(struct loop *l, int64_t begun_us, uintptr_t which);
