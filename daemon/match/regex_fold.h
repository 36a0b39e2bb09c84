#pragma once
/*
 * match/regex_fold: a regular expression as its author wrote it, for accented and capital text, into the one that finds the
 * same in folded text (match/fold).
 *
 * Literal characters and members of classes are folded, what follows a backslash, names, options and verbs are not: \W stays
 * \W. A class range of ASCII letters gains its small letters ([A-F] becomes [A-Fa-f]). What would look right and find
 * nothing is refused, and the advice is `fold: false`. The syntax is not judged here: what PCRE2 will refuse passes.
 *
 * Bounds: REGEX_MAX_BYTES in, REGEX_FOLDED_MAX_BYTES out.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum { REGEX_MAX_BYTES = 4096, REGEX_FOLDED_MAX_BYTES = 16 * 1024 };

struct regex_folded {
	struct buf out;
	uint16_t *origin; /* of each byte of out: where in the original it came from */
	size_t origin_cap;
};

void regex_folded_init(struct regex_folded *f);
void regex_folded_done(struct regex_folded *f);

enum {
	REGEX_E_RANGE = 1, /* a class range that ends outside ASCII: [á-ú] */
	REGEX_E_CASE,      /* asks for capitals: \p{Lu}, [:upper:] */
	REGEX_E_MEMBER,    /* a class member that folds to several characters or none: [ß] */
	REGEX_E_ESCAPE,    /* the number of a letter that folded text never has: \xC9 */
	REGEX_E_LONG,      /* past a bound */
};
/* *ret_at is where in the original the fault lies. */
int regex_fold(const char *regex, size_t len, struct regex_folded *ret, size_t *ret_at) must_use;
