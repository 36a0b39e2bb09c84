#pragma once
/*
 * main/ctl_discard_diff: two versions of a text as a unified diff, as patch(1) and git apply read it.
 *
 * Pure. The shortest diff by Myers' greedy algorithm ("An O(ND) Difference Algorithm", 1986) up to DIFF_CHANGES_MAX lines
 * that differ; past that all that lies between the first and the last of them.
 */
#include <stddef.h>

struct buf;

enum { DIFF_CHANGES_MAX = 256, DIFF_CONTEXT = 3 };

/* Nothing where they are equal. name stands in both headers. */
void diff_put(struct buf *out, const char *name, const char *before, const char *after);
