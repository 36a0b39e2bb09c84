#include "alert/condition.h"

#include <string.h>

#include "base/arena.h"
#include "base/suggest.h"

static const char *const joints[] = {"and", "or", "not"};

/* --- reading --- */

bool condition_is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool condition_is_joint(const char *word)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(joints) && strcmp(joints[i], word) != 0; i++)
		;
	return i < ARRAY_LEN(joints);
}

void condition_blanks(struct condition_reader *r)
{
	r->p += strspn(r->p, " \t\n");
}

size_t condition_token(const char *p)
{
	size_t n = 0;

	while (condition_is_word(p[n]))
		n++;
	if (n || !*p)
		return n;
	for (n = 1; ((unsigned char)p[n] & 0xC0) == 0x80; n++) /* a whole code point */
		;
	return n;
}

bool condition_fail(struct condition_reader *r, const char *at, enum text_id text, const char *guess)
{
	if (r->failed)
		return false;
	r->failed = true;
	*r->fault = (struct condition_fault){
		.text = text,
		.at = (size_t)(at - r->text),
		.found = arena_memdup0(r->arena, at, condition_token(at)),
		.guess = guess,
	};
	return false;
}

bool condition_take(struct condition_reader *r, const char *mark)
{
	condition_blanks(r);
	if (strncmp(r->p, mark, strlen(mark)) != 0)
		return false;
	r->p += strlen(mark);
	return true;
}

bool condition_take_word(struct condition_reader *r, const char *word)
{
	size_t n = strlen(word);

	condition_blanks(r);
	if (strncmp(r->p, word, n) != 0 || condition_is_word(r->p[n]))
		return false;
	r->p += n;
	return true;
}

bool condition_take_sign(struct condition_reader *r, enum sign *ret)
{
	static const struct {
		const char *text;
		enum sign sign;
	} signs[] = {{"==", SIGN_EQ}, {"!=", SIGN_NE}, {">=", SIGN_GE},
		     {"<=", SIGN_LE}, {">", SIGN_GT},  {"<", SIGN_LT}};
	size_t i;

	for (i = 0; i < ARRAY_LEN(signs); i++)
		if (condition_take(r, signs[i].text)) {
			*ret = signs[i].sign;
			return true;
		}
	return false;
}

static uint16_t add(struct condition_reader *r, enum condition_kind kind)
{
	struct condition *c = r->condition;

	if (c->n == CONDITION_NODES_MAX)
		return (uint16_t)condition_fail(r, r->p, TEXT_WHEN_LONG, NULL);
	c->nodes[c->n] = (struct condition_node){.kind = kind};
	return (uint16_t)c->n++;
}

static uint16_t disjunction(struct condition_reader *r);

/* 0: it failed; so it is with all of these. */
static uint16_t primary(struct condition_reader *r)
{
	const char *from;
	uint16_t number, child;

	condition_blanks(r);
	from = r->p;
	if (r->depth == CONDITION_DEPTH_MAX)
		return (uint16_t)condition_fail(r, from, TEXT_WHEN_LONG, NULL);
	r->depth++;
	if (condition_take_word(r, "not")) {
		number = add(r, CONDITION_NOT);
		child = number ? primary(r) : 0;
		r->condition->nodes[number].child = child;
	} else if (condition_take(r, "(")) {
		number = disjunction(r);
		if (!r->failed && !condition_take(r, ")"))
			condition_fail(r, *r->p ? r->p : from, TEXT_WHEN_WANT_CLOSE, NULL);
	} else {
		number = add(r, CONDITION_LEAF);
		if (number && !r->leaf(r, number, r->arg))
			r->failed = true;
	}
	r->depth--;
	return r->failed ? 0 : number;
}

/* One, or several joined by a word: a node over them all. It comes behind its children, which are bound to it by number. */
static uint16_t joined(struct condition_reader *r, const char *word, enum condition_kind kind,
		       uint16_t (*part)(struct condition_reader *r))
{
	struct condition_node *nodes = r->condition->nodes;
	uint16_t first = part(r), last = first, more, number;

	if (r->failed || !condition_take_word(r, word))
		return first;
	number = add(r, kind);
	if (!number)
		return 0;
	nodes[number].child = first;
	do {
		more = part(r);
		if (r->failed)
			return 0;
		nodes[last].next = more;
		last = more;
	} while (condition_take_word(r, word));
	return number;
}

static uint16_t conjunction(struct condition_reader *r)
{
	return joined(r, "and", CONDITION_AND, primary);
}

static uint16_t disjunction(struct condition_reader *r)
{
	return joined(r, "or", CONDITION_OR, conjunction);
}

int condition_parse(const char *text, struct arena *a,
		    bool (*leaf)(struct condition_reader *r, uint16_t number, void *arg), void *arg,
		    struct condition_fault *ret_fault, struct condition *ret)
{
	struct condition_reader r = {.arena = a, .fault = ret_fault, .condition = ret, .leaf = leaf, .arg = arg};

	ret->text = r.text = r.p = arena_strdup(a, text);
	ret->n = 1;
	if (strlen(text) > CONDITION_MAX_BYTES) {
		condition_fail(&r, r.p, TEXT_WHEN_LONG, NULL);
		return CONDITION_E_INVALID;
	}
	ret->root = disjunction(&r);
	condition_blanks(&r);
	if (!r.failed && *r.p)
		condition_fail(&r, r.p, TEXT_WHEN_WANT_AND,
			       suggest(arena_memdup0(a, r.p, condition_token(r.p)), joints, 2, sizeof(*joints)));
	return r.failed ? CONDITION_E_INVALID : 0;
}

/* --- judging --- */

bool sign_holds(double left, enum sign sign, double right)
{
	switch (sign) {
	case SIGN_EQ:
		return left == right;
	case SIGN_NE:
		return left != right;
	case SIGN_GE:
		return left >= right;
	case SIGN_GT:
		return left > right;
	case SIGN_LE:
		return left <= right;
	case SIGN_LT:
		return left < right;
	}
	return false;
}

bool condition_holds(const struct condition *c, uint16_t number, bool (*leaf)(uint16_t number, const void *arg),
		     const void *arg)
{
	const struct condition_node *node = &c->nodes[number];
	uint16_t child;

	if (node->kind == CONDITION_LEAF)
		return leaf(number, arg);
	if (node->kind == CONDITION_NOT)
		return !condition_holds(c, node->child, leaf, arg);
	for (child = node->child; child; child = c->nodes[child].next)
		if (condition_holds(c, child, leaf, arg) == (node->kind == CONDITION_OR))
			return node->kind == CONDITION_OR;
	return node->kind == CONDITION_AND;
}
