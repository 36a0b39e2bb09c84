#pragma once
/*
 * What the log of the simulator and its sites share: how an item is known, and what a committed poll promises.
 */
#include <stddef.h>
#include <stdint.h>

#include "mention/mention.h"

struct arena;
struct poll;
struct poll_outcome;
struct sim;
struct site;
struct source_mark;
struct source_state;

void keep_item_id(size_t site, size_t item, uint8_t id[MENTION_ID_BYTES]);
size_t keep_item_of(const uint8_t id[MENTION_ID_BYTES]);

/* struct source_ops */
void keep_load(void *arg, const char *name, struct poll *poll);
void keep_commit(void *arg, const struct poll_outcome *outcome, struct arena *answer, struct poll *poll);
void keep_marks(void *arg, const struct source_mark *v, size_t n);

/* sim_web.c: this state is on the disk: when its source must be asked again, and may not be before. */
void keep_promises(struct sim *s, struct site *x, const struct source_state *state);
