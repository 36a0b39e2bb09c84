#include "match/expr.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"

enum token_kind { TOKEN_END, TOKEN_NAME, TOKEN_AND, TOKEN_OR, TOKEN_NOT, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_OTHER };

struct token {
	enum token_kind kind;
	size_t at, len;
};

struct parser {
	const char *text;
	size_t len, i;
	struct arena *a;
	struct token token; /* the one looked at */
	struct expr *e;
	unsigned depth;
	struct expr_fault *fault;
	bool failed;
};

/* Words of later versions: their leaves will begin with these. */
static const char *const later_words[] = {
	"near",   "count",  "known",   "in",    "lang",   "country",   "platform",
	"source", "site",   "author",  "kind",  "tags",   "followers", "verified",
	"likes",  "shares", "replies", "views", "rating", "sentiment", "intent",
};
static const char *const words[] = {"and", "or", "not"};

static bool in_list(const char *s, size_t len, const char *const *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strlen(v[i]) == len && !memcmp(v[i], s, len))
			return true;
	return false;
}

bool expr_reserved(const char *name)
{
	return in_list(name, strlen(name), later_words, ARRAY_LEN(later_words)) ||
	       in_list(name, strlen(name), words, ARRAY_LEN(words));
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* --- tokens --- */

/* A run of what is neither name, space nor parenthesis (ASCII signs one way, capitals and foreign letters the other). */
static size_t other_len(const char *s, size_t len)
{
	bool sign = ispunct((unsigned char)*s);
	size_t n = 1;

	while (n < len && !is_space(s[n]) && s[n] != '(' && s[n] != ')' &&
	       (sign ? ispunct((unsigned char)s[n]) != 0 && s[n] != '_' && s[n] != '-'
		     : isalnum((unsigned char)s[n]) || (unsigned char)s[n] >= 0x80 || is_name(s[n])))
		n++;
	return n;
}

static void advance(struct parser *p)
{
	const char *s = p->text;
	struct token *t = &p->token;
	size_t n = 0;

	while (p->i < p->len && is_space(s[p->i]))
		p->i++;
	*t = (struct token){TOKEN_END, p->i, 0};
	if (p->i == p->len)
		return;
	s += p->i;
	while (p->i + n < p->len && is_name(s[n]))
		n++;
	if (*s == '(' || *s == ')') {
		*t = (struct token){*s == '(' ? TOKEN_OPEN : TOKEN_CLOSE, p->i, 1};
	} else if (!n || (p->i + n < p->len && (isalpha((unsigned char)s[n]) || (unsigned char)s[n] >= 0x80))) {
		*t = (struct token){TOKEN_OTHER, p->i, other_len(s, p->len - p->i)};
	} else {
		*t = (struct token){TOKEN_NAME, p->i, n};
		if (n == 3 && !memcmp(s, "and", 3))
			t->kind = TOKEN_AND;
		else if (n == 2 && !memcmp(s, "or", 2))
			t->kind = TOKEN_OR;
		else if (n == 3 && !memcmp(s, "not", 3))
			t->kind = TOKEN_NOT;
	}
	p->i += t->len;
}

/* --- faults --- */

static uint16_t fail(struct parser *p, enum text_id text, size_t at, const char *found, const char *guess)
{
	if (!p->failed)
		*p->fault = (struct expr_fault){text, at, found, guess};
	p->failed = true;
	return EXPR_NONE;
}

static uint16_t fail_max(struct parser *p, enum text_id text, size_t at, unsigned max)
{
	return fail(p, text, at, arena_printf(p->a, "%u", max), NULL);
}

static const char *token_text(struct parser *p, const struct token *t)
{
	return arena_memdup0(p->a, p->text + t->at, t->len);
}

/* What Spanish has for and, or, not; NULL: neither. */
static const char *guess_for_word(const struct parser *p, const struct token *t)
{
	static const char *const spanish[][2] = {{"y", "and"}, {"e", "and"}, {"o", "or"}, {"u", "or"}, {"no", "not"}};
	size_t i;

	for (i = 0; i < ARRAY_LEN(spanish); i++)
		if (strlen(spanish[i][0]) == t->len && strncmp(p->text + t->at, spanish[i][0], t->len) == 0)
			return spanish[i][1];
	return NULL;
}

/* What another language, or another way of writing, has for and, or, not and names. */
static const char *guess_for(struct parser *p, const struct token *t)
{
	static const struct {
		const char *written, *meant;
	} others[] = {{"&", "and"}, {"&&", "and"}, {"|", "or"}, {"||", "or"}, {"!", "not"}, {",", "and"}, {"+", "and"}};
	char *small = arena_memdup0(p->a, p->text + t->at, t->len), *c;
	size_t i;

	for (i = 0; i < ARRAY_LEN(others); i++)
		if (!strcmp(small, others[i].written))
			return others[i].meant;
	for (c = small; *c; c++) {
		*c = (char)tolower((unsigned char)*c);
		if (!is_name(*c))
			return NULL;
	}
	return small;
}

/* A sign or word that no condition has. */
static uint16_t fail_other(struct parser *p, const struct token *t)
{
	const char *found = token_text(p, t);
	bool later = strchr("=<>", *found) || (*found == '!' && found[1] == '=') || strchr("[\"'", *found);

	if (later)
		return fail(p, TEXT_EXPR_LATER, t->at, found, NULL);
	return fail(p, TEXT_EXPR_SIGN, t->at, found, guess_for(p, t));
}

static uint16_t fail_operator(struct parser *p)
{
	const struct token *t = &p->token;

	switch (t->kind) {
	case TOKEN_OTHER:
		return fail_other(p, t);
	case TOKEN_CLOSE:
		return fail(p, TEXT_EXPR_PAREN_CLOSE, t->at, NULL, NULL);
	case TOKEN_NOT:
		return fail(p, TEXT_EXPR_NOT_OPERATOR, t->at, NULL, NULL);
	case TOKEN_NAME:
		if (in_list(p->text + t->at, t->len, later_words, ARRAY_LEN(later_words)))
			return fail(p, TEXT_EXPR_LATER, t->at, token_text(p, t), NULL);
		return fail(p, TEXT_EXPR_WANT_OPERATOR, t->at, token_text(p, t), guess_for_word(p, t));
	default:
		return fail(p, TEXT_EXPR_WANT_OPERATOR, t->at, token_text(p, t), NULL);
	}
}

static uint16_t fail_operand(struct parser *p)
{
	const struct token *t = &p->token;

	if (t->kind == TOKEN_OTHER)
		return fail_other(p, t);
	if (t->kind == TOKEN_END)
		return fail(p, TEXT_EXPR_WANT_OPERAND_END, t->at, NULL, NULL);
	return fail(p, TEXT_EXPR_WANT_OPERAND, t->at, token_text(p, t), NULL);
}

/* --- the tree --- */

static uint16_t node_new(struct parser *p, enum expr_kind kind, size_t at, size_t len)
{
	struct expr *e = p->e;

	if (e->n == EXPR_NODES_MAX)
		return fail_max(p, TEXT_EXPR_LARGE, at, EXPR_NODES_MAX);
	e->nodes[e->n] = (struct expr_node){kind, EXPR_NONE, EXPR_NONE, (uint16_t)at, (uint16_t)len, 0};
	return (uint16_t)e->n++;
}

static uint16_t parse_or(struct parser *p);

static bool deeper(struct parser *p)
{
	if (p->depth++ < EXPR_DEPTH_MAX)
		return true;
	fail_max(p, TEXT_EXPR_DEEP, p->token.at, EXPR_DEPTH_MAX);
	return false;
}

static uint16_t parse_name(struct parser *p)
{
	struct token name = p->token;
	bool later = in_list(p->text + name.at, name.len, later_words, ARRAY_LEN(later_words));

	advance(p);
	if (later || p->token.kind == TOKEN_OPEN)
		return fail(p, TEXT_EXPR_LATER, name.at, token_text(p, &name), NULL);
	if (p->token.kind == TOKEN_NAME && name.len == 2 && guess_for_word(p, &name)) /* "no b" */
		return fail(p, TEXT_EXPR_WANT_OPERAND, name.at, token_text(p, &name), guess_for_word(p, &name));
	return node_new(p, EXPR_NAME, name.at, name.len);
}

static uint16_t parse_operand(struct parser *p)
{
	struct token t = p->token;
	uint16_t node = EXPR_NONE, child;

	switch (t.kind) {
	case TOKEN_NAME:
		return parse_name(p);
	case TOKEN_NOT:
		node = node_new(p, EXPR_NOT, t.at, t.len);
		advance(p);
		child = !p->failed && deeper(p) ? parse_operand(p) : EXPR_NONE;
		if (!p->failed)
			p->e->nodes[node].child = child;
		break;
	case TOKEN_OPEN:
		advance(p);
		node = deeper(p) ? parse_or(p) : EXPR_NONE;
		if (p->failed)
			break;
		if (p->token.kind == TOKEN_END)
			return fail(p, TEXT_EXPR_PAREN_OPEN, t.at, NULL, NULL);
		if (p->token.kind != TOKEN_CLOSE)
			return fail_operator(p);
		advance(p);
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
	node = node_new(p, kind, p->token.at, p->token.len);
	if (p->failed)
		return EXPR_NONE;
	p->e->nodes[node].child = last = first;
	while (!p->failed && p->token.kind == between) {
		advance(p);
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
		fail_max(&p, TEXT_EXPR_LONG, 0, EXPR_MAX_BYTES);
		return EXPR_E_INVALID;
	}
	advance(&p);
	if (p.token.kind == TOKEN_END) {
		fail(&p, TEXT_EXPR_EMPTY, 0, NULL, NULL);
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
