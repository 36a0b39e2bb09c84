#pragma once
/*
 * match/forms_list: forms as they are found, and the shortest expression that finds them all. Inside match/forms alone.
 *
 * Owner:  in place; forms are copied. Bounds: FORMS_MAX forms of FORM_MAX_BYTES each; what is past them is left out and
 * full says so.
 */
#include <stdbool.h>
#include <stddef.h>

struct buf;

enum { FORMS_MAX = 256, FORM_MAX_BYTES = 64 };

/* Stands at the end of a form that pronouns may hang on: "cobrar" finds "cobrarme" and "cobrarselo", too. */
#define FORM_PRONOUNS "\x01"

struct forms_list {
	char v[FORMS_MAX][FORM_MAX_BYTES];
	size_t n;
	bool full;
};

/* The parts in a row, NULL behind the last. */
void forms_add(struct forms_list *l, ...) __attribute__((sentinel));
void forms_sort(struct forms_list *l); /* and each once */
/* Of a sorted list: a group. What begins alike is written once, but three letters at least stay together in each
 * alternative, so that a prefilter finds something to look for. */
void forms_regex(const struct forms_list *l, struct buf *out);
