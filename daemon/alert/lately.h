#pragma once
/*
 * alert/lately: what was said of a topic lately, and a sample of what was said before, to know which words rose (alert/rose).
 *
 * What is of the last hour is kept apart from what is older: a wave, however high, can't drive out what is usual. Where either is
 * full, one by lot makes room, so that what is left stands for all. While a crisis lasts nothing of it becomes what is usual.
 *
 * Owner:  whoever called lately_new(). Blocks: never.
 * Bounds: LATELY_NOW_MAX and LATELY_BEFORE_MAX texts, cut at LATELY_TEXT_MAX_BYTES: 100 kB a topic at the most.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

struct mention;
struct lately;
struct rose;

enum { LATELY_NOW_MAX = 128, LATELY_BEFORE_MAX = 256, LATELY_TEXT_MAX_BYTES = 280 };
#define LATELY_NOW_MS INT64_C(3600000)

struct lately *lately_new(void) must_use;
struct lately *lately_free(struct lately *r); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct lately, lately_free)

/* Copied. at_ms: when it was said; crisis: one of its topic is under way. */
void lately_add(struct lately *r, const struct mention *m, int64_t at_ms, bool crisis);
/* The words of what was said since from_ms against those before. To be freed. */
struct rose *lately_rose(const struct lately *r, int64_t from_ms) must_use;
