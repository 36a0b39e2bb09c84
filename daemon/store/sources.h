#pragma once
/*
 * store/sources: the state of a source as a row. Times TIME_NONE and texts NULL are NULL there.
 */
#include <stdint.h>

#include "base/err.h"
#include "mention/source_state.h"

struct arena;
struct db;

enum { SOURCE_FLAG_BASELINED = 1, SOURCE_FLAG_GONE = 2 };

int source_write(struct db *db, int64_t id, const struct source_state *state) must_use;
/* 1: that source is known, 0: not. Its row's number is of its seen keys. */
int source_read(struct db *db, const char *name, struct arena *a, struct source_state *ret, int64_t *ret_id) must_use;
void source_state_copy(struct source_state *state, struct arena *a); /* its texts into the arena */
