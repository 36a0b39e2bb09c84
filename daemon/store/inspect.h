#pragma once
/*
 * store/inspect: is the log sound? What SQLite can say of the file, what the checksums say of the rows on their way to
 * Redis, and whether the tables still agree with each other (FAULTS D8: most single flipped bits pass SQLite's quick look).
 *
 * It reads by a connection of its own and changes nothing, so that a daemon may go on writing meanwhile. Slowly, for the
 * daemon's daily look: a fifth of the time at most it works, and between two questions it lets go of its view of the log,
 * so that the WAL does not grow for it. A B-tree is one piece that can't be slowed down (2 GB: seconds of one core).
 *
 * Owner:  whoever called inspect_new(). inspect_run() blocks until it is done; inspect_stop() may come from another thread
 *         meanwhile, and no later than inspect_free().
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

struct db;
struct inspect;

enum inspect_kind {
	INSPECT_DAMAGED,     /* the file: SQLite's complaints */
	INSPECT_ROW_DAMAGED, /* rows of the stream whose checksum does not hold, or that can't be read */
	INSPECT_ROW_ASIDE,   /* that the daemon has set aside for it, and does not send */
	INSPECT_ROW_EMPTY,   /* rows of the stream whose mention is gone */
	INSPECT_HIT_LOST,    /* mentions that entered the stream and have no row there */
	INSPECT_NAMELESS,    /* mentions whose source has lost its name: no question finds them */
	INSPECT_ORPHANS,     /* rows that hang on one that is gone */
	INSPECT_COUNTS,      /* counts that are kept and are not so */
	INSPECT_SEARCH,      /* the full-text index: its mark or itself */
	INSPECT_EVIDENCE,    /* links of the chain of evidence that do not hold (store/evidence). Nothing mends them */
	INSPECT_KINDS
};
enum { INSPECT_COMPLAINTS_MAX = 100, INSPECT_WHY_BYTES = 200, INSPECT_BATCH_ROWS = 256, INSPECT_WORK_MS = 20 };

struct inspect_found {
	int64_t n[INSPECT_KINDS];
	char why[INSPECT_WHY_BYTES]; /* SQLite's first complaint; "": none */
	int64_t mentions, hits;      /* that were there */
	int64_t broken_link;         /* the first of INSPECT_EVIDENCE; 0: none */
};
bool inspect_clean(const struct inspect_found *found);
const char *inspect_name(enum inspect_kind kind); /* "row-damaged": for programs and the log */

struct inspect *inspect_new(const char *db_path, bool slowly) must_use;
struct inspect *inspect_free(struct inspect *i); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct inspect, inspect_free)

/* -ECANCELED: stopped. What could not even be opened as a database is INSPECT_DAMAGED. */
int inspect_run(struct inspect *i, struct inspect_found *ret) must_use;
void inspect_stop(struct inspect *i);

/* The same over a connection that is open, as fast as it goes. alone: nobody else writes, so that SQLite's check of the
 * full-text index, which takes the writer's lock, is in nobody's way. */
int inspect_db(struct db *db, bool alone, struct inspect_found *ret) must_use;
