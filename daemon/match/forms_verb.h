#pragma once
/*
 * match/forms_verb: the forms of a Spanish verb, of its infinitive. Inside match/forms alone.
 *
 * Regular verbs in -ar, -er, -ir with their spelling (cobrar, cobre; pagar, pague; avanzar, avance; conocer, conozco; incluir,
 * incluyo), and a table of those that go their own way, with what is made of them (volver: devolver, revolver). Folded text
 * has no accents, so that "cobro" is "cobró", too.
 */
#include <stdbool.h>

struct forms_list;

/* infinitive: folded, may end in -se. False: it is none, and nothing was added. */
bool forms_verb(struct forms_list *l, const char *infinitive);
