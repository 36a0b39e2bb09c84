#pragma once
/*
 * match/literals_inside: the walk through an expression that both halves of match/literals take: literals_char.c reads what stands
 * for one character, literals.c what is made of such pieces. Inside match/literals alone.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "match/literal_sets.h"

struct arena;

#define LITERALS_NO_END (-1) /* behind the expression's last byte */

struct literals_walk {
	const char *s;
	size_t len, i;
	struct arena *a;
	struct literals_options {
		bool caseless, extended;
	} options;
	bool quoted; /* inside \Q…\E */
	bool lost;   /* something was not understood: nothing is said of the whole */
	unsigned depth;
};

static inline int literals_peek(const struct literals_walk *w, size_t ahead)
{
	return w->i + ahead < w->len ? (unsigned char)w->s[w->i + ahead] : LITERALS_NO_END;
}

/* --- literals_char.c --- */
struct part literals_lose(struct literals_walk *w);
bool literals_skip_through(struct literals_walk *w,
			   char end); /* moves behind the next end; false: there is none, which compiles nowhere */
struct part literals_unknown_through(struct literals_walk *w, char end);
uint32_t literals_next(struct literals_walk *w); /* the character as it stands */
struct part literals_character(struct literals_walk *w, uint32_t cp);
struct part literals_escape(struct literals_walk *w); /* at its backslash */
struct part literals_class(struct literals_walk *w);  /* at its bracket */
