#pragma once
/*
 * match/expr_parser: what the two halves of expr_parse() share: expr_parse.c has the tree of and, or, not and names,
 * expr_leaf.c the calls and comparisons. Inside match/expr alone.
 *
 * A parse function returns the number of its node, or EXPR_NONE once the parser has failed.
 */
#include "match/expr.h"
#include "match/expr_token.h"

struct parser {
	const char *text;
	size_t len;
	struct arena *a;
	struct token token; /* the one looked at */
	size_t end;         /* of the one before it */
	struct expr *e;
	unsigned depth;
	struct expr_fault *fault;
	bool failed;
};

void parser_advance(struct parser *p);
void parser_advance_value(struct parser *p); /* the next is a value, if it can be one */

uint16_t parser_fail(struct parser *p, enum text_id text, size_t at, const char *found, const char *guess);
uint16_t parser_fail_max(struct parser *p, enum text_id text, size_t at, unsigned max);
const char *parser_token_text(struct parser *p, const struct token *t); /* quotes included */

uint16_t parser_node(struct parser *p, enum expr_kind kind, size_t at, size_t len);

/* --- expr_leaf.c --- */
bool leaf_is_call(const char *text, const struct token *name);
uint16_t leaf_call(struct parser *p, struct token name); /* the token is "(" */
uint16_t leaf_field(struct parser *p, struct token name,
		    enum field_name field); /* the token is what follows the field */
/* A name that is neither call nor field, and yet is followed by "(" or a sign. */
uint16_t leaf_fail(struct parser *p, const struct token *name);
