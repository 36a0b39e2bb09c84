#pragma once
/*
 * match/sieve: whether a mention that is made of these texts, whichever of them become its title, its text and its author, could be a
 * mention of some topic, or somebody's own post. Told before one is made, so that of a firehose's frames only those few are
 * read of which the rules may have something to say.
 *
 * What it looks for are literals of the patterns on which a topic's `about` (else its rules, else its patterns) rests, and the names of
 * `own`. It errs to one side alone: a text that it lets pass may hit nothing, one that it stops hits nothing.
 *
 * It is open (everything passes) where a topic can hold though none of its patterns is found (`lang == es`, `not toon`), by a pattern
 * without a literal, or by one that looks into addresses, which a platform's map makes of parts.
 *
 * Own:    by an author's handle, or a site that stands in the texts; a site that the map itself puts into addresses is not seen.
 * Owner:  the caller; borrows the ruleset, which has a prefilter. Blocks: never; making it takes as long as a prefilter.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

struct ruleset;
struct sieve;

struct sieve *sieve_new(const struct ruleset *rs) must_use;
struct sieve *sieve_free(struct sieve *s); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct sieve, sieve_free)

/* The topic because of which it is open; NULL: it is not. */
const char *sieve_open(const struct sieve *s);
/* texts: as the fields of a mention are (parse/), each apart from the next by what stands in no literal, SIEVE_APART. */
bool sieve_passes(struct sieve *s, const char *texts, size_t len);

enum { SIEVE_APART = '\x01' };
