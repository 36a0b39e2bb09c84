#pragma once
/*
 * queue/behind: the groups of readers that hold back the stream's trimming: each told at once, again each day, and when it
 * has caught up.
 *
 * Owner: queue, by behind_new(). Never blocks.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "queue/trim.h"

struct behind;
struct queue_behind;

struct behind *behind_new(void) must_use;
struct behind *behind_free(struct behind *b); /* NULL is fine; returns NULL */
/* What a look at the groups has found, at the wall's now_ms. */
void behind_note(struct behind *b, const char *stream, const struct trim_group *groups, size_t n,
		 struct stream_id keep_from, int64_t now_ms);
/* At most max of them, borrowed until the next behind_note(). Returns how many there are. */
size_t behind_list(const struct behind *b, struct queue_behind *ret, size_t max);
