#pragma once
/*
 * match/ruleset: an immutable, compiled set of rules: topics, their patterns, conditions and tests (DESIGN §4, rules).
 *
 * A topic without `about` is about any of its rules; without rules too, any of its patterns; without patterns too, only what
 * a source's `topic` says. Own posts are told by an author's handle (letter case and the @ don't count) or by the site in
 * the mention's address, with the sites below it; a post may be one topic's own and another's mention.
 *
 * Owner:  whoever called ruleset_load(); the nursery holds it, and readers inherit it by fork.
 * Blocks: ruleset_load() reads files, compiles (machine code too, so call it before executable memory is denied) and
 * runs the rules' own tests. A rule file with a failing test does not load. Bounds: below; past each it is a finding.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

struct catalogue;
struct diag;
struct matcher_between;
struct ruleset;
struct tried;

enum {
	RULESET_FILES_MAX = 256,          /* and so topics: MENTION_HITS_MAX */
	RULESET_PATTERNS_MAX = 20 * 1000, /* of all topics together */
	RULESET_RULES_MAX = 20 * 1000,
	RULESET_TESTS_MAX = 1000, /* of one topic */
	RULESET_TAGS_MAX = 32,    /* of one rule */
	RULESET_OWN_MAX = 100,    /* of one topic */
};

enum {
	RULESET_E_INVALID =
		1, /* some rule is wrong; every mistake of all files is in diag, with file, line and column */
};
/* paths are files, or folders whose *.yaml are read in the order of their names (folders in them are not). 0 may leave
 * warnings in diag. No file at all is a finding. */
int ruleset_load(const char *const *paths, size_t n_paths, struct diag *diag, struct ruleset **ret) must_use;
/* The same; the rules' own tests are judged with what comes between the halves. NULL: nothing does. */
int ruleset_load_between(const char *const *paths, size_t n_paths, const struct matcher_between *between,
			 struct diag *diag, struct ruleset **ret) must_use;
/* The same, with all that can be asked for. */
struct ruleset_how {
	const struct matcher_between *between;
	struct tried *
		tried; /* what bore its try in a load before is not tried again, and what does now is kept. NULL: all are tried */
	int64_t trials_ms; /* of CPU time; 0: LINT_TRIALS_MS */
};
int ruleset_load_how(const char *const *paths, size_t n_paths, const struct ruleset_how *how, struct diag *diag,
		     struct ruleset **ret) must_use;
struct ruleset *ruleset_free(struct ruleset *rs); /* NULL is fine; returns NULL. After its matchers */
DEFINE_CLEANUP(struct ruleset, ruleset_free)

/* Makes matching fast (match/prefilter): the same hits, without trying every pattern on every text. Before the
 * first matcher. */
void ruleset_prefilter(struct ruleset *rs);

/* Topics, rules and tags by name; lives as long as the ruleset. */
const struct catalogue *ruleset_catalogue(const struct ruleset *rs);
