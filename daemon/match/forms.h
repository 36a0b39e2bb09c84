#pragma once
/*
 * match/forms: the forms of a Spanish word, for `forms: true`: malo, mala, malos, malas; estafador, estafadora, estafadores …;
 * cobrar, cobro, cobraron, cobraste, cobrarme. A small set of rules, not a dictionary: it never asks what a word means.
 *
 * A word in -ar, -er or -ir is a verb (forms_verb), unless it is one of the names in -r that are met most (celular, mujer,
 * alquiler) or was typed with an accent (dólar, líder). -o, -or, -on, -an, -es and -ol have a feminine where such words mostly
 * have one; -z becomes -ces; articles in a phrase take their plural. Words of two letters, those that never change (siempre,
 * -mente) and what is not letters alone (@acme, #acme, C++, estafa*) stay as they are. Only the words that make sentences
 * (como, para, sobre, una …) are never added as a form: comer does not find como.
 *
 * Bounds: those of forms_list; a verb has about 70 forms, at most FORMS_MAX.
 */
#include <stdbool.h>
#include <stddef.h>

struct buf;
struct forms_list;

/* word: folded; accented: it had an accent when it was typed. False: it has no other form. */
bool forms_of(const char *word, size_t len, bool accented, struct forms_list *ret);
/* The same as an expression, appended to out; false: nothing was. */
bool forms_put(struct buf *out, const char *word, size_t len, bool accented);
