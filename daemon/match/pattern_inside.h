#pragma once
/*
 * match/pattern_inside: what compiling (pattern.c) and finding (pattern_find.c) share. Inside match/pattern alone.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "match/pattern.h"

struct pattern {
	pcre2_code *code;
	char *shown;
	bool fold, caseless;
	bool in_parts;  /* a long text can be looked through part by part */
	size_t at_most; /* characters that are looked at from one place, over all ways; SIZE_MAX: nobody knows */
};
