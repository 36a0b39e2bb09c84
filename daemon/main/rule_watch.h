#pragma once
/*
 * main/rule_watch: counts which patterns give up (reach a limit), over jobs and readers, which remember nothing, and says
 * when one is to be switched off: a pattern that gives up often costs milliseconds a text, and tells nothing.
 *
 * A pure step: (what was judged) → (which patterns are to go). One source alone can't have a pattern switched off, or whoever
 * writes in it could silence a rule with a few odd texts: it takes RULE_WATCH_SOURCES of them, or as many as there are.
 *
 * Owner:  the caller, by value; names are copied. Blocks: never.
 * Bounds: RULE_WATCH_PATTERNS are watched at once; what comes beyond is counted by nobody until one of them has been quiet for
 *         two spans.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct answer_limit;

enum {
	RULE_WATCH_PATTERNS = 64,
	RULE_WATCH_SPAN = 500, /* texts; a pattern is judged by this span and the one before */
	RULE_WATCH_OFF = 32,   /* times in them: it goes */
	RULE_WATCH_SOURCES = 3,
	RULE_WATCH_NAME_BYTES = 104, /* SCHEMA_NAME_MAX and some */
};

struct rule_watched {
	char topic[RULE_WATCH_NAME_BYTES], pattern[RULE_WATCH_NAME_BYTES]; /* empty: a free place */
	uint64_t times;                                                    /* in all */
	unsigned now, before;                                              /* in this span, and in the one before */
	uint64_t sources[RULE_WATCH_SOURCES];                              /* hashes of those that it gave up on */
	size_t n_sources;
	bool off;
};

struct rule_watch {
	struct rule_watched v[RULE_WATCH_PATTERNS];
	size_t texts; /* of this span */
};

/* All is forgotten: other rules serve. */
void rule_watch_begin(struct rule_watch *w);
/* A reader judged that many texts of a source, and these patterns gave up. n_sources: how many there are to hear. Returns how
 * many are to be switched off now (their `off` is set), in ret. */
size_t rule_watch_judged(struct rule_watch *w, const char *source, size_t texts, const struct answer_limit *limits,
			 size_t n, size_t n_sources, const struct rule_watched *ret[RULE_WATCH_PATTERNS]);
