#pragma once
/*
 * match/regex_token: a regular expression as its author wrote it, piece by piece, for whoever looks for mistakes in it
 * (match/lint_regex) or for texts that it can't bear (match/adversary). Inside match/ only.
 *
 * Nothing is judged: PCRE2 has taken the expression already, and alone says what it means. A piece that is not known here
 * is RX_OTHER, of which nobody concludes anything.
 *
 * Owner:  whoever called regex_tokens(); the expression is borrowed. Blocks: never; linear.
 * Bounds: as many pieces as bytes, and the end.
 */
#include <stddef.h>
#include <stdint.h>

enum rx_kind {
	RX_END,
	RX_LITERAL, /* c: the character, also of \. and \x2E */
	RX_SET,     /* c: the letter of \w \W \d \D \s \S \h … */
	RX_CLASS,   /* [ ], as a whole */
	RX_DOT,
	RX_BOUND,  /* \b */
	RX_CARET,  /* ^ and \A */
	RX_DOLLAR, /* $, \z and \Z */
	RX_OPEN,   /* c: ':' of a group, 'l' of one that looks behind or ahead, 0 of any other */
	RX_CLOSE,
	RX_ALT,
	RX_QUANT,  /* min and max of the piece before; c: what stands behind it: '?' lazy, '+' possessive, 0 */
	RX_OPTION, /* (?i) and the like, comments */
	RX_OTHER,  /* back references, verbs, properties … */
};

#define RX_NO_MAX UINT32_MAX

struct rx_token {
	enum rx_kind kind;
	size_t at, len;
	uint32_t c;
	uint32_t min, max;
};

/* All pieces, the last of which is RX_END; to be freed. */
struct rx_token *regex_tokens(const char *regex, size_t len, size_t *ret_n);
