#pragma once
/*
 * match/regex_fold_inside: the scan that both halves of match/regex_fold take: regex_fold.c has literals, escapes and groups,
 * regex_fold_class.c what stands between brackets. Inside match/regex_fold alone.
 */
#include <stdbool.h>
#include <stddef.h>

#include "match/fold.h"
#include "match/regex_fold.h"

enum { FOLD_SCAN_NO_VALUE = -1 };

struct fold_scan {
	const char *s;
	size_t len, i;
	struct fold fold;
	struct regex_folded *ret;
	bool extended; /* (?x) was seen: # begins a comment */
	int error;
	size_t at;
};

static inline int fold_scan_peek(const struct fold_scan *x, size_t ahead)
{
	return x->i + ahead < x->len ? (unsigned char)x->s[x->i + ahead] : -1;
}

/* --- regex_fold.c --- */
void fold_scan_fail(struct fold_scan *x, int error, size_t at); /* the first mistake counts */
void fold_scan_put(struct fold_scan *x, const char *bytes, size_t len, size_t origin);
void fold_scan_copy(struct fold_scan *x, size_t n); /* n bytes as they stand, or what is left */
/* The next literal character with its marks, into x->fold; advances and returns its first byte's place. */
size_t fold_scan_literal(struct fold_scan *x);
/* What x->fold holds, where a literal stands; NFKC makes metacharacters of full-width (foreign) ones. */
void fold_scan_folded(struct fold_scan *x, size_t at, bool foreign);
long fold_scan_escape(struct fold_scan *x); /* but \Q; the character that it names, or FOLD_SCAN_NO_VALUE */
/* Whether a property or class name, as PCRE2 reads it (case, space, - and _ don't count), asks for capitals. */
bool fold_scan_asks_case(const char *s, size_t len);

/* --- regex_fold_class.c --- */
void fold_scan_class(struct fold_scan *x); /* at its bracket */
