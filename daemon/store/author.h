#pragma once
/*
 * store/author: the ledger of those who spoke of a topic: what is kept of each is added up in the transaction of each hit.
 *
 * What a group of requests hears of an author is noted in memory and written once, before the group commits, and before any
 * request of it that may look at the ledger; of one that may be undone alone, before it is settled (store/group).
 *
 * An author is a voice (mention/voice). Interactions are the likes, shares and replies of all hits, and move with them.
 * Forgotten keep.hits after the last hit (store/story's sweep); not while an example of theirs is kept (store/toned), since whoever
 * asks to be forgotten is found here.
 */
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

struct authors;
struct db;
struct mention;
struct mention_counts;
struct writer;

enum { AUTHORS_GROUP = 1024 /* voices that are noted at a time: past that they are written */ };

struct authors *authors_new(void) must_use;
struct authors *authors_free(struct authors *a); /* NULL is fine; returns NULL */
int authors_write(struct authors *a, struct db *db) must_use;
void authors_clear(struct authors *a); /* what is noted never was */

/* A hit, that is new; voice: voice_of() it. */
int author_said(struct writer *w, const struct mention *m, uint64_t voice, int64_t now_ms) must_use;
/* Counts of a mention changed, which is a hit. */
int author_moved(struct writer *w, const struct mention *m, const struct mention_counts *from,
		 const struct mention_counts *to) must_use;
/* Whose words are kept, hit or not: a line without mentions if there is none. */
int author_known(struct writer *w, const struct mention *m, int64_t now_ms) must_use;
/* Its tone was said to be another; either may be NULL: unknown. */
int author_toned(struct writer *w, const struct mention *m, const char *from, const char *to) must_use;
