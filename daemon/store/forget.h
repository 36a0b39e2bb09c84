#pragma once
/*
 * store/forget: what a person asks for who does not want to be kept: all that stands of an author goes, and nothing of them
 * comes in again.
 *
 * Who: '@ana', a handle on whatever platform; the address of an author's page; or 'name:Ana Pérez', everybody who is called so
 * and has no handle (letter case counts outside ASCII alone): it may be several people, so it is looked at first. What goes: their
 * mentions, hit or not, with texts, former texts, counts and what the search has of them; rows that wait for Redis, and what its
 * stream has (store/erase); their line of the ledger; what they led in stories, and that they spoke there; tones that a person set
 * right on their words; what was kept raw and has their words or names them (store/evidence); their name in what was written about
 * incidents (store/redact). What stays: sums (a story's counts, series), and what others say of them.
 *
 * Nothing of them comes in again: a hash of who it is, keyed by a secret of this log, is kept for that. It names nobody.
 *
 * What has gone from the tables goes from the files behind (store/scrub), within minutes.
 *
 * It is done in steps of FORGET_LOOK_ROWS mentions, each a transaction of its own, the hash in the first: a crash in between
 * leaves the rest for the next time that it is asked for. Looking alone (not really) changes nothing.
 */
#include <stdbool.h>

#include "store/store.h"

enum { FORGET_LOOK_ROWS = 4096, FORGET_WHO_MAX_BYTES = 2048 };

struct forgotten {
	int64_t mentions, hits, waiting, versions, authors, stories, tones;
	int64_t sent; /* entries that Redis has */
};
/* r -EINVAL: who is none of them. */
typedef void store_forget_cb(void *arg, int r, const struct forgotten *f);
void store_forget(struct store *s, const char *who, bool really, store_forget_cb *cb, void *arg);
/* They are welcome again. -ENOENT: they were. */
void store_welcome(struct store *s, const char *who, store_done_cb *cb, void *arg);

struct mention;
struct writer;
/* On the writer's thread: whether its author is not to be kept. */
int forget_is_asked(struct writer *w, const struct mention *m, bool *ret) must_use;
