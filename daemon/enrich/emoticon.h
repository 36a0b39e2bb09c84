#pragma once
/*
 * enrich/emoticon: faces and hearts made of signs, and which of them are the same one.
 *
 * A face is eyes (: ; =), perhaps a nose (- ' ^ o), and a mouth, drawn once or many times; mirrored, "(:". A heart is <3 or </3.
 * Noses and repetitions tell nothing: ":-)))" is ":)". Nothing that a letter or a digit follows is one ("a:domingo", "10:30").
 * Other rows of two to four signs between blanks ("^^", ">:(") are taken as they stand: which are one a lexicon says.
 *
 * Blocks: never; allocates nothing. Text is folded: a D is a d.
 */
#include <stdbool.h>
#include <stddef.h>

enum { EMOTICON_MAX = 4 }; /* bytes of its form */

struct emoticon {
	const char *end; /* behind its last sign */
	char form[EMOTICON_MAX];
	size_t len;
};
/* The emoticon that begins at s; before: the byte in front of s, ' ' where there is none. False: none does. */
bool emoticon_at(char before, const char *s, const char *end, struct emoticon *ret);
