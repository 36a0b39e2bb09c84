#include <string.h>

#include "base/arena.h"
#include "match/expr_guess.h"
#include "match/expr_parser.h"

bool expr_reserved(const char *name)
{
	struct token t = token_read(name, strlen(name), 0);

	return t.kind != TOKEN_NAME || leaf_is_call(name, &t) || field_find(name, strlen(name)) != FACTS;
}

void parser_advance(struct parser *p)
{
	p->end = p->token.to;
	p->token = token_read(p->text, p->len, p->end);
}

void parser_advance_value(struct parser *p)
{
	p->end = p->token.to;
	p->token = token_value(p->text, p->len, p->end);
}

/* --- faults --- */

uint16_t parser_fail(struct parser *p, enum text_id text, size_t at, const char *found, const char *guess)
{
	if (!p->failed)
		*p->fault = (struct expr_fault){text, at, found, guess};
	p->failed = true;
	return EXPR_NONE;
}

uint16_t parser_fail_max(struct parser *p, enum text_id text, size_t at, unsigned max)
{
	return parser_fail(p, text, at, arena_printf(p->a, "%u", max), NULL);
}

const char *parser_token_text(struct parser *p, const struct token *t)
{
	return arena_memdup0(p->a, p->text + t->from, t->to - t->from);
}

typedef const char *guess_fn(const char *word, size_t len, struct arena *a);

/* A sign or word that stands where no condition has it. */
static uint16_t fail_sign(struct parser *p, const struct token *t, guess_fn *guess)
{
	if (t->kind == TOKEN_QUOTE)
		return parser_fail(p, TEXT_EXPR_QUOTE, t->at, NULL, NULL);
	if (t->kind == TOKEN_TEXT)
		return parser_fail(p, TEXT_EXPR_QUOTED, t->from, parser_token_text(p, t), NULL);
	return parser_fail(p, TEXT_EXPR_SIGN, t->at, parser_token_text(p, t), guess(p->text + t->at, t->len, p->a));
}

static uint16_t fail_operator(struct parser *p)
{
	const struct token *t = &p->token;

	switch (t->kind) {
	case TOKEN_CLOSE:
		return parser_fail(p, TEXT_EXPR_PAREN_CLOSE, t->at, NULL, NULL);
	case TOKEN_NOT:
		return parser_fail(p, TEXT_EXPR_NOT_OPERATOR, t->at, NULL, NULL);
	case TOKEN_NAME:
		return parser_fail(p, TEXT_EXPR_WANT_OPERATOR, t->at, parser_token_text(p, t),
				   guess_between(p->text + t->at, t->len, p->a));
	case TOKEN_OPEN:
	case TOKEN_IN:
	case TOKEN_SIGN:
		return parser_fail(p, TEXT_EXPR_WANT_OPERATOR, t->at, parser_token_text(p, t), NULL);
	default:
		return fail_sign(p, t, guess_between);
	}
}

static uint16_t fail_operand(struct parser *p)
{
	const struct token *t = &p->token;

	switch (t->kind) {
	case TOKEN_END:
		return parser_fail(p, TEXT_EXPR_WANT_OPERAND_END, t->at, NULL, NULL);
	case TOKEN_AND:
	case TOKEN_OR:
	case TOKEN_IN:
	case TOKEN_CLOSE:
	case TOKEN_SIGN:
		return parser_fail(p, TEXT_EXPR_WANT_OPERAND, t->at, parser_token_text(p, t), NULL);
	default:
		return fail_sign(p, t, guess_before);
	}
}

/* --- the tree --- */

uint16_t parser_node(struct parser *p, enum expr_kind kind, size_t at, size_t len)
{
	struct expr *e = p->e;

	if (p->failed)
		return EXPR_NONE;
	if (e->n == EXPR_NODES_MAX)
		return parser_fail_max(p, TEXT_EXPR_LARGE, at, EXPR_NODES_MAX);
	e->nodes[e->n] = (struct expr_node){
		.kind = kind, .child = EXPR_NONE, .next = EXPR_NONE, .at = (uint16_t)at, .len = (uint16_t)len};
	return (uint16_t)e->n++;
}

static uint16_t parse_or(struct parser *p);

static bool deeper(struct parser *p)
{
	if (p->depth++ < EXPR_DEPTH_MAX)
		return true;
	parser_fail_max(p, TEXT_EXPR_DEEP, p->token.at, EXPR_DEPTH_MAX);
	return false;
}

static uint16_t parse_name(struct parser *p)
{
	struct token name = p->token;
	enum field_name field = field_find(p->text + name.at, name.len);

	parser_advance(p);
	if (leaf_is_call(p->text, &name))
		return leaf_call(p, name);
	if (field != FACTS)
		return leaf_field(p, name, field);
	if (p->token.kind == TOKEN_NAME && guess_not(p->text + name.at, name.len, p->a)) /* "no b" */
		return parser_fail(p, TEXT_EXPR_WANT_OPERAND, name.at, parser_token_text(p, &name),
				   guess_not(p->text + name.at, name.len, p->a));
	if (p->token.kind == TOKEN_OPEN || p->token.kind == TOKEN_SIGN || p->token.kind == TOKEN_IN)
		return leaf_fail(p, &name);
	return parser_node(p, EXPR_NAME, name.at, name.len);
}

static uint16_t parse_operand(struct parser *p)
{
	struct token t = p->token;
	uint16_t node = EXPR_NONE, child;

	switch (t.kind) {
	case TOKEN_NAME:
		return parse_name(p);
	case TOKEN_NOT:
		node = parser_node(p, EXPR_NOT, t.at, t.len);
		parser_advance(p);
		child = !p->failed && deeper(p) ? parse_operand(p) : EXPR_NONE;
		if (!p->failed)
			p->e->nodes[node].child = child;
		break;
	case TOKEN_OPEN:
		parser_advance(p);
		node = deeper(p) ? parse_or(p) : EXPR_NONE;
		if (p->failed)
			break;
		if (p->token.kind == TOKEN_END)
			return parser_fail(p, TEXT_EXPR_PAREN_OPEN, t.at, NULL, NULL);
		if (p->token.kind != TOKEN_CLOSE)
			return fail_operator(p);
		parser_advance(p);
		break;
	default:
		return fail_operand(p);
	}
	p->depth--;
	return node;
}

/* One or more of what next() parses, with an operator between them: its node has them all as children. */
static uint16_t parse_chain(struct parser *p, enum token_kind between, enum expr_kind kind,
			    uint16_t (*next)(struct parser *))
{
	uint16_t first = next(p), node, last, child;

	if (p->failed || p->token.kind != between)
		return first;
	node = parser_node(p, kind, p->token.at, p->token.len);
	if (p->failed)
		return EXPR_NONE;
	p->e->nodes[node].child = last = first;
	while (!p->failed && p->token.kind == between) {
		parser_advance(p);
		child = next(p);
		if (p->failed)
			return EXPR_NONE;
		p->e->nodes[last].next = child;
		last = child;
	}
	return node;
}

static uint16_t parse_and(struct parser *p)
{
	return parse_chain(p, TOKEN_AND, EXPR_AND, parse_operand);
}

static uint16_t parse_or(struct parser *p)
{
	return parse_chain(p, TOKEN_OR, EXPR_OR, parse_and);
}

int expr_parse(const char *text, size_t len, struct arena *a, struct expr_fault *ret_fault, struct expr *ret)
{
	struct expr_node nodes[EXPR_NODES_MAX];
	struct expr e = {.text = text, .nodes = nodes};
	struct parser p = {.text = text, .len = len, .a = a, .e = &e, .fault = ret_fault};

	*ret_fault = (struct expr_fault){.at = 0};
	if (len > EXPR_MAX_BYTES) {
		parser_fail_max(&p, TEXT_EXPR_LONG, 0, EXPR_MAX_BYTES);
		return EXPR_E_INVALID;
	}
	parser_advance(&p);
	if (p.token.kind == TOKEN_END) {
		parser_fail(&p, TEXT_EXPR_EMPTY, 0, NULL, NULL);
		return EXPR_E_INVALID;
	}
	e.root = parse_or(&p);
	if (!p.failed && p.token.kind != TOKEN_END)
		fail_operator(&p);
	if (p.failed)
		return EXPR_E_INVALID;
	e.nodes = ARENA_ARRAY(a, struct expr_node, e.n);
	memcpy(e.nodes, nodes, e.n * sizeof(*nodes));
	*ret = e;
	return 0;
}
