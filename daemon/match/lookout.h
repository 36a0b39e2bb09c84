#pragma once
/*
 * match/lookout: finds which of many literals a text holds, in one pass. Bytes for bytes: no case, no UTF-8.
 *
 * Of each literal the four bytes that fewest others share (or all, of a shorter one) are looked for, through a bitmap of their
 * hashes, at every place of the text; where they are, the literal is compared. Ten thousand literals take a few
 * milliseconds to build, and nothing is kept from one start to the next.
 *
 * Own code where Vectorscan would do it at about the same speed: 5.4.9, Debian 12's, does not find some literals in sets of
 * two to eight ("skip" beside "se" in a text of 75 bytes, with each of its two interfaces), and takes seconds for ten thousand.
 *
 * Owner:  the caller; immutable once made. Blocks: never. Neither scans nor texts have a bound of their own.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "match/literals.h"

struct lookout;

/* v: different ones, none empty, none longer than LITERAL_MAX_BYTES; copied. They are numbered from 0. */
struct lookout *lookout_new(const struct literal *v, size_t n) must_use;
struct lookout *lookout_free(struct lookout *l); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct lookout, lookout_free)

/* Calls on_literal for every literal at every place where it stands. */
void lookout_scan(const struct lookout *l, const char *text, size_t len,
		  void (*on_literal)(void *arg, uint32_t literal), void *arg);
