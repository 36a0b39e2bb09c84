#pragma once
/*
 * store/again: the hits of a source whose counts are due to be read again (mention/again).
 */
#include "mention/again.h"

struct arena;
struct store;

/* due is NULL unless r is 0. What it points to lies in *arena, which the callback may take (TAKE). */
typedef void store_again_cb(void *arg, int r, const struct again_due *due, struct arena **arena);
void store_again(struct store *s, const struct again_ask *ask, store_again_cb *cb, void *arg); /* ask: copied */
