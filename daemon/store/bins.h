#pragma once
/*
 * store/bins: what the writer counts: each hit once, in the bin that it belongs to, under its topic's series (mention/series.h),
 * in the hit's own transaction: a crash at any moment leaves both or neither.
 *
 * What a group of requests counts is noted in memory and written once, before the group commits: hits of an hour share their
 * bins. A request that is undone takes its notes back. There are as many as the answers of a group have hits and names.
 *
 * Owner: store/writer; used on the writer's thread alone.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

struct bins;
struct db;
struct hit;
struct mention;

enum {
	BINS_NAMES = 4096,  /* series whose number is remembered */
	BINS_FINE_DAYS = 15,
	BINS_HOURS_DAYS = 92, /* bins of five minutes become hours, those become days, which are … */
	BINS_DAYS = 366,      /* … kept so long */
};

struct bins *bins_new(void) must_use;
struct bins *bins_free(struct bins *b); /* NULL is fine; returns NULL */

/* A hit that has entered the stream, or (before not NULL) what it has now and had not before, which counts at now_ms. What
 * does not count is passed over. */
int bins_count(struct bins *b, struct db *db, const struct mention *m) must_use;
int bins_count_gained(struct bins *b, struct db *db, const struct mention *m, const struct mention *before,
		      int64_t now_ms) must_use;

size_t bins_mark(const struct bins *b);
void bins_undo(struct bins *b, size_t mark); /* what was noted since; what was found or made of names, too */
int bins_write(struct bins *b, struct db *db) must_use;

/* Older bins become larger ones, or go. */
int bins_sweep(struct bins *b, struct db *db, int64_t now_ms) must_use;
