#pragma once
/*
 * alert/digest: what was said over a time, for who reads no tables: how much against what is usual, what is new, the most telling
 * mentions, stories, who waits for an answer, what was not heard. It is fed hit by hit, then told what the hits don't say, then put
 * into words.
 *
 * Owner:  whoever called digest_new(). Blocks: never.
 * Bounds: DIGEST_TOPICS_MAX topics, DIGEST_STORIES_MAX stories that are counted at once (then those told once make room),
 *         DIGEST_ASKED_MAX questions by name. Numbers are exact whatever the bounds, but those of stories past theirs.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "base/text.h"

struct digest;
struct filter;
struct mention;
struct page;
struct notice_reader;

enum {
	DIGEST_TOPICS_MAX = 256,
	DIGEST_STORIES_MAX = 4096,
	DIGEST_TELLING = 3,
	DIGEST_ASKED_MAX = 5,
	DIGEST_SHOWN_STORIES = 3,
	DIGEST_TEXT_MAX_BYTES = 300,
	DIGEST_NAMES_MAX = 8,
};

struct digest *digest_new(const struct filter *when, const char *topic) must_use; /* NULL: all; topic: this one alone */
struct digest *digest_free(struct digest *d);                                     /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct digest, digest_free)

void digest_rebind(struct digest *d, const struct filter *when); /* the condition is another's now */

/* A topic that is watched, so that it is told of when nobody speaks of it. usual: mentions in such a time; below 0: not known yet. */
void digest_topic(struct digest *d, const char *topic, const char *role, double usual);
bool digest_is_of(const struct digest *d, const struct mention *m); /* it is news, and of what this one is about */
void digest_add(struct digest *d, const struct mention *m);         /* what is no news is passed over */

struct mute;

struct digest_facts {
	int64_t from_ms, to_ms;
	const char *delivery;    /* its name; NULL: nobody wrote it */
	const char *const *deaf; /* sources that are not heard now */
	size_t n_deaf;           /* all of them, though DIGEST_NAMES_MAX are named */
	const char *unheard;     /* "YouTube, Reddit"; NULL: none */
	const struct mute
		*muted; /* of any topic; those that are over, or of another topic than the digest, are passed over */
	size_t n_muted;
	const char *const *rose; /* words that are said more than they used to be */
	size_t n_rose;
};
uint64_t digest_mentions(const struct digest *d);
/* subject: to be freed. */
char *digest_put(const struct digest *d, const struct digest_facts *f, const struct notice_reader *to,
		 struct page *p) must_use;
