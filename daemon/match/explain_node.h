#pragma once
/*
 * match/explain_node: a judged condition as JSON: match/explain's CONDITION and NODE. Inside match/explain alone.
 */
#include "base/diag.h"
#include "match/expr.h"

struct json;
struct ruleset;

/* What was judged. */
struct explained {
	const struct ruleset *rs;
	const struct expr *e;
	const struct expr_verdict *v;
	struct diag_pos at;
};

void explain_place(struct json *j, struct diag_pos at); /* "file" and "line" */
/* The members of a CONDITION, into an object that is open. */
void explain_condition(struct json *j, const struct explained *x);
