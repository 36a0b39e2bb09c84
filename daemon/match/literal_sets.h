#pragma once
/*
 * match/literal_sets: the arithmetic of match/literals: what is known of a part of an expression, and of parts one behind
 * another or beside each other. Inside match/ only.
 *
 * Owner:  the arena given; sets are never changed once made.
 */
#include <stdbool.h>

#include "match/literals.h"

struct part {
	bool exact;              /* what it matches is one of `all`, which may hold the empty text */
	struct literal_set all;  /* of an exact one */
	struct literal_set need; /* every text with a match holds one of these; n 0: nothing is known */
};

struct part part_empty(void);   /* matches a place */
struct part part_unknown(void); /* anything */
struct part part_text(struct arena *a, const char *s, size_t len);

/* The set that every text with a match holds one of. */
struct literal_set part_need(const struct part *p);
/* What stands between min and max times; SIZE_MAX: without end. */
struct part part_repeat(struct arena *a, const struct part *p, size_t min, size_t max);

/* Parts one behind another. */
struct chain {
	bool exact;
	struct literal_set run; /* what the parts since the last unknown one match, together */
	struct literal_set need;
};
void chain_init(struct chain *c);
void chain_add(struct chain *c, struct arena *a, const struct part *p);
struct part chain_end(const struct chain *c);

/* Parts beside each other. */
struct choice {
	bool begun, exact;
	bool known; /* each has something that it needs */
	struct literal_set all, need;
	size_t cap_all, cap_need;
};
void choice_init(struct choice *c);
void choice_add(struct choice *c, struct arena *a, const struct part *p);
struct part choice_end(const struct choice *c);
