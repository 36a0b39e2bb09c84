#pragma once
/*
 * match/pattern: one compiled pattern: a PCRE2 expression, or the one that a word list becomes.
 *
 * Owner:  the ruleset; immutable once compiled, so that forked readers share it. What a match writes lies in a
 *         pattern_room, one a matcher.
 * Limits: a match ends after PATTERN_MATCH_LIMIT steps from one place, PATTERN_DEPTH_LIMIT levels or PATTERN_HEAP_KIB of memory,
 *         whatever the expression says: (*LIMIT_MATCH=…) can only lower them. PCRE2's own default is 20 GB (FAULTS §3.7).
 *         What is slow from many places without reaching these ends with the room's time, if it has one.
 * JIT:    used where the system gives executable memory, never required (a hardened unit gives none: FAULTS §0.9).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"
#include "match/words.h"

enum {
	PATTERN_MATCH_LIMIT = 100 * 1000,
	PATTERN_DEPTH_LIMIT = 1000,
	PATTERN_HEAP_KIB = 4096,
	PATTERN_PARENS_MAX = 100,
	PATTERN_ARG_BYTES = 160,
};

enum { PATTERN_IN_TITLE = 1 << 0, PATTERN_IN_TEXT = 1 << 1, PATTERN_IN_AUTHOR = 1 << 2, PATTERN_IN_URL = 1 << 3 };

struct pattern_spec {
	const char *regex; /* NULL: words */
	size_t regex_len;
	const struct word *words;
	size_t n_words;
	bool fold;           /* compare with the folded form of the text */
	bool case_sensitive; /* without fold alone */
};

/* What is wrong, for a finding. */
struct pattern_fault {
	enum text_id text;
	char args[2][PATTERN_ARG_BYTES];
	size_t word; /* which word */
	size_t at;   /* where in the expression, in bytes */
};

struct pattern;

enum { PATTERN_E_INVALID = 1 };
/* Everything is copied. PATTERN_E_INVALID fills *ret_fault. */
int pattern_compile(const struct pattern_spec *spec, struct pattern_fault *ret_fault, struct pattern **ret) must_use;
struct pattern *pattern_free(struct pattern *p); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct pattern, pattern_free)

struct arena;
struct literal_set;

bool pattern_fold(const struct pattern *p);
/* What texts with a match hold (match/literals), in the folded or original form that the pattern is compared with. */
void pattern_literals(const struct pattern *p, struct arena *a, struct literal_set *ret);
const char *pattern_shown(const struct pattern *p); /* the expression as it is compiled */

enum { PATTERN_ENGINE_BYTES = 256 };
/* What finds it, as far as what it bears hangs on that: PCRE2's version, the processor that it compiled for, if it did, options. */
void pattern_engine(const struct pattern *p, char ret[PATTERN_ENGINE_BYTES]);

struct pattern_room;
struct pattern_room *pattern_room_new(void) must_use;
struct pattern_room *pattern_room_free(struct pattern_room *room);
DEFINE_CLEANUP(struct pattern_room, pattern_room_free)

/* From now on finds may take so much CPU time together; without one they may take what they do. One find can take longer by
 * what is looked through at once: milliseconds, on texts that nobody made for it. */
void pattern_room_budget(struct pattern_room *room, int64_t ns);
/* Past that moment of CLOCK_MONOTONIC a budget is least_ns at most, what is spent of it included; INT64_MAX: never. Where the
 * machine has other work, a little CPU time takes long. */
void pattern_room_until(struct pattern_room *room, int64_t moment_ns, int64_t least_ns);
int64_t pattern_room_spent(const struct pattern_room *room); /* of the budget, and past it */

enum {
	PATTERN_E_NONE = 1, /* not found */
	PATTERN_E_LIMIT,    /* given up at a limit: nobody knows */
	PATTERN_E_TIME,     /* the room's time is over: nobody knows, and it may be no fault of this pattern */
};
/* The first match in s from the byte start on; s is valid UTF-8 (folded, if the pattern is), start between characters.
 * *ret_from may equal *ret_to: some expressions match a place. */
int pattern_find(const struct pattern *p, struct pattern_room *room, const char *s, size_t len, size_t start,
		 size_t *ret_from, size_t *ret_to) must_use;
