#pragma once
/*
 * main/ctl_discard_rule: an exclusion put into a rule file as a person would: a few characters of its text change, and all
 * else (comments, order, layout) stays as it stands.
 *
 * Words become lines of a pattern "noise" (of which an earlier one is gone on with), and "and not noise" is added to the
 * topic's `about`; without `about`, to the conditions of the rules that the noise met, or, where there are only patterns, an
 * `about` is written. Authors and sites are added as conditions of their own. The file is only ever text here: whether the
 * outcome loads is for the readers to say.
 *
 * Pure. Owner: the caller's buf.
 */
#include <stddef.h>

#include "base/err.h"

struct buf;
struct yaml_doc;

enum { DISCARD_VALUES_MAX = 20 };

enum exclusion_kind { EXCLUDE_WORDS, EXCLUDE_AUTHORS, EXCLUDE_SITES };

struct exclusion {
	enum exclusion_kind kind;
	const char *values[DISCARD_VALUES_MAX]; /* words or phrases, a line each; handles or names; sites */
	size_t n;
};

/* What the file is written for. */
struct discard_rules {
	const char *pattern;      /* how a new pattern of words is called: "noise", "ruido" */
	const char *const *rules; /* that the noise met: those that change where there is no `about` */
	size_t n_rules;
};

enum {
	DISCARD_E_LAYOUT = 1, /* written in a way that is not edited: an alias, a map in braces as the whole file */
	DISCARD_E_VALUE,      /* a name that can't be written: both kinds of quotes in it */
};
/* doc is of source, which reads as YAML. */
int discard_rule(const struct yaml_doc *doc, const struct discard_rules *rules, const struct exclusion *what,
		 struct buf *ret) must_use;

/* "not noise", "not (author == "ana")": what is added to a condition, for who has to do it by hand. */
int discard_condition(const struct exclusion *what, const char *pattern, struct buf *ret) must_use;
