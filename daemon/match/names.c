#include "match/names.h"

#include <string.h>

#include "match/matcher_inside.h"

struct naming {
	struct matcher *x;
	const struct topic *t;
	enum field_id id;
	struct place *v;
	size_t n, max;
};

/* The tree is no deeper than EXPR_DEPTH_MAX, and what is under a `not` is what it is not about. */
static void node_names(struct naming *in, uint16_t at)
{
	const struct expr_node *node = &in->t->about.nodes[at];
	uint16_t child;

	if (node->kind == EXPR_PATTERN && node->number >= in->t->patterns &&
	    node->number < in->t->patterns + in->t->n_patterns && matcher_pattern_held(in->x, node->number))
		in->n += matcher_places(in->x, node->number, in->id, in->v + in->n, in->max - in->n);
	if (node->kind == EXPR_NOT)
		return;
	for (child = node->child; child != EXPR_NONE && in->n < in->max; child = in->t->about.nodes[child].next)
		node_names(in, child);
}

size_t matcher_names(struct matcher *x, enum names_in in, struct place *v, size_t max)
{
	struct naming naming = {.x = x, .id = in == NAMES_IN_TITLE ? FIELD_TITLE : FIELD_TEXT, .v = v, .max = max};
	size_t i;

	x->telling = true; /* what is looked for again was judged already */
	for (i = 0; i < x->rs->n_topics && x->n_held && naming.n < max; i++) {
		naming.t = &x->rs->topics[i];
		if (x->topics[i] == FACT(x->turn, true) && naming.t->has_about)
			node_names(&naming, naming.t->about.root);
	}
	x->telling = false;
	return naming.n;
}

const char *matcher_country(const struct matcher *x)
{
	const char *found = NULL;
	size_t i;

	for (i = 0; i < x->rs->n_topics && x->n_held; i++) {
		const char *country = x->rs->topics[i].country;

		if (!country || x->topics[i] != FACT(x->turn, true))
			continue;
		if (found && strcmp(found, country) != 0)
			return NULL;
		found = country;
	}
	return found;
}
