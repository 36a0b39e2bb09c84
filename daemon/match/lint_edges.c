/* What stands at the edges of an expression and of its words: \b beside a sign, ^ and $ within, .* at an end. */
#include <ctype.h>
#include <string.h>
#include <utf8proc.h>

#include "base/utf8.h"
#include "base/yaml.h"
#include "match/lint_inside.h"
#include "match/pattern.h"

void lint_scan_say(struct lint_scan *x, enum diag_severity severity, size_t token, enum text_id text,
		   const char *const args[])
{
	lint_say(x->l, severity, yaml_pos_at(x->l->def->doc, x->p->def->node, x->v[token].at), x->p->key, text, args);
}

const char *lint_scan_written(const struct lint_scan *x, size_t from, size_t to, char buffer[LINT_SHOWN_BYTES])
{
	size_t at = x->v[from].at, n = utf8_cut(x->s + at, x->v[to].at - at, LINT_SHOWN_BYTES - 1);

	memcpy(buffer, x->s + at, n);
	buffer[n] = '\0';
	return buffer;
}

bool lint_scan_word(uint32_t c)
{
	utf8proc_category_t kind = utf8proc_category((utf8proc_int32_t)c);

	return c == '_' || (kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_LO) ||
	       (kind >= UTF8PROC_CATEGORY_ND && kind <= UTF8PROC_CATEGORY_NO);
}

/* What stands beside a place: a letter for certain, no letter for certain, the text's edge (or anything), not known. */
enum side { SIDE_UNKNOWN, SIDE_WORD, SIDE_OTHER, SIDE_EDGE };

/* [@#], of signs alone. */
static bool is_signs(const struct lint_scan *x, const struct rx_token *t)
{
	size_t i;

	for (i = 1; i + 1 < t->len; i++)
		if (!ispunct((unsigned char)x->s[t->at + i]) || strchr("\\^-[_", x->s[t->at + i]))
			return false;
	return t->kind == RX_CLASS && t->len > 2;
}

static enum side side_of(const struct lint_scan *x, const struct rx_token *t)
{
	if (is_signs(x, t))
		return SIDE_OTHER;
	if (t->kind == RX_LITERAL)
		return lint_scan_word(t->c) ? SIDE_WORD : SIDE_OTHER;
	if (t->kind == RX_SET && (t->c == 'w' || t->c == 'd'))
		return SIDE_WORD;
	if (t->kind == RX_SET && strchr("Wshv", (int)t->c))
		return SIDE_OTHER;
	return SIDE_UNKNOWN;
}

/* The ( of the group in which the i-th piece stands; n: in none. */
static size_t group_of(const struct lint_scan *x, size_t i)
{
	size_t depth = 0;

	while (i--) {
		depth += x->v[i].kind == RX_CLOSE;
		if (x->v[i].kind == RX_OPEN && !depth--)
			return i;
	}
	return x->n;
}

static enum side left_of(const struct lint_scan *x, size_t i)
{
	for (;;) {
		const struct rx_token *t;

		while (i && x->v[i - 1].kind == RX_OPTION)
			i--;
		if (!i)
			return SIDE_EDGE;
		t = &x->v[i - 1];
		if (t->kind == RX_OPEN && t->c == ':') {
			i--;
		} else if (t->kind == RX_ALT) {
			i = group_of(x, i - 1);
			if (i == x->n)
				return SIDE_EDGE;
			if (x->v[i].c != ':')
				return SIDE_UNKNOWN;
		} else if (t->kind == RX_QUANT) {
			return t->min && i > 1 ? side_of(x, &x->v[i - 2]) : SIDE_UNKNOWN;
		} else {
			return side_of(x, t);
		}
	}
}

static enum side right_of(const struct lint_scan *x, size_t i)
{
	for (i++;; i++) {
		const struct rx_token *t = &x->v[i];
		size_t depth = 0;

		if (t->kind == RX_ALT) /* the group is over */
			for (; x->v[i].kind != RX_END && (depth || x->v[i].kind != RX_CLOSE); i++) {
				depth += x->v[i].kind == RX_OPEN;
				depth -= x->v[i].kind == RX_CLOSE && depth;
			}
		t = &x->v[i];
		if (t->kind == RX_END)
			return SIDE_EDGE;
		if (t->kind == RX_CLOSE && t[1].kind == RX_QUANT)
			return SIDE_UNKNOWN;
		if (t->kind == RX_CLOSE && x->v[group_of(x, i)].c != ':')
			return SIDE_UNKNOWN;
		if (t->kind == RX_OPTION || t->kind == RX_CLOSE)
			continue;
		return t[1].kind == RX_QUANT && !t[1].min ? SIDE_UNKNOWN : side_of(x, t);
	}
}

static bool is_sign(const struct lint_scan *x, size_t i)
{
	const struct rx_token *t = &x->v[i];

	return (t->kind == RX_LITERAL || t->kind == RX_CLASS) && side_of(x, t) == SIDE_OTHER &&
	       !(t[1].kind == RX_QUANT && !t[1].min);
}

/* \b(acme|@acme): of each alternative of the group that the i-th piece opens. */
static void bound_group(struct lint_scan *x, size_t i)
{
	size_t depth = 0, k;
	char sign[LINT_SHOWN_BYTES];

	for (k = i; k < x->n; k++) {
		bool begins = (k == i || x->v[k].kind == RX_ALT) && depth == (k != i);

		depth += x->v[k].kind == RX_OPEN;
		depth -= x->v[k].kind == RX_CLOSE;
		if (begins && is_sign(x, k + 1))
			SCAN_WARN(x, k + 1, TEXT_LINT_BOUND_SIGN, lint_scan_written(x, k + 1, k + 2, sign));
		if (!depth)
			break;
	}
}

/* \b stands between a letter and none: beside a sign it wants a letter on the sign's other side. */
static void bound(struct lint_scan *x, size_t i)
{
	enum side left = left_of(x, i), right = right_of(x, i);
	char sign[LINT_SHOWN_BYTES];

	if ((left == SIDE_OTHER && right == SIDE_OTHER) || (left == SIDE_WORD && right == SIDE_WORD))
		SCAN_WARN(x, i, TEXT_LINT_BOUND_NEVER);
	else if (left == SIDE_EDGE && right == SIDE_OTHER && is_sign(x, i + 1))
		SCAN_WARN(x, i, TEXT_LINT_BOUND_SIGN, lint_scan_written(x, i + 1, i + 2, sign));
	else if (left == SIDE_OTHER && right == SIDE_EDGE && is_sign(x, i - 1))
		SCAN_WARN(x, i, TEXT_LINT_BOUND_SIGN_END, lint_scan_written(x, i - 1, i, sign));
	else if (left == SIDE_EDGE && x->v[i + 1].kind == RX_OPEN && x->v[i + 1].c == ':')
		bound_group(x, i + 1);
}

/* Something that takes up text, and can't be left out. */
static bool takes(const struct rx_token *t, const struct rx_token *quantifier)
{
	bool some = t->kind == RX_LITERAL || t->kind == RX_SET || t->kind == RX_CLASS || t->kind == RX_DOT;

	return some && !(quantifier && quantifier->kind == RX_QUANT && !quantifier->min);
}

static void anchors(struct lint_scan *x)
{
	size_t i, alternatives = 0;

	for (i = 0; i < x->n && !x->lines; i++) {
		const struct rx_token *t = &x->v[i], *before = i ? t - 1 : NULL;

		alternatives += t->kind == RX_ALT;
		if (before && before->kind == RX_QUANT && before->min && i > 1)
			before--;
		if (t->kind == RX_CARET && before && takes(before, NULL))
			SCAN_WARN(x, i, TEXT_LINT_CARET);
		if (t->kind == RX_DOLLAR && takes(t + 1, t + 1 + (t[1].kind != RX_END)))
			SCAN_WARN(x, i, TEXT_LINT_DOLLAR);
	}
	if (!alternatives && x->n > 2 && x->v[0].kind == RX_CARET && x->v[x->n - 1].kind == RX_DOLLAR &&
	    x->v[1].kind != RX_DOT && (x->p->compiled->in & (PATTERN_IN_TITLE | PATTERN_IN_TEXT)))
		SCAN_NOTE(x, 0, TEXT_LINT_WHOLE);
}

/* Within a group that may be repeated: (.*acme){2} is two of them. */
static bool repeated(const struct lint_scan *x, size_t i)
{
	size_t open = group_of(x, i), close, depth = 0;

	for (; open < x->n; open = group_of(x, open)) {
		for (close = open; close < x->n; close++) {
			depth += x->v[close].kind == RX_OPEN;
			depth -= x->v[close].kind == RX_CLOSE;
			if (!depth)
				break;
		}
		if (close < x->n && x->v[close + 1].kind == RX_QUANT && x->v[close + 1].max > 1)
			return true;
	}
	return false;
}

/* .* at an end finds no more and no less; beside ^ or $ it holds the rest to one line, which nobody means. */
static void needless(struct lint_scan *x, size_t i)
{
	bool first, last;

	if (x->n < 3 || x->v[i].kind != RX_DOT || x->v[i + 1].kind != RX_QUANT || x->v[i + 1].max != RX_NO_MAX)
		return;
	first = i && x->v[i - 1].kind == RX_CARET && left_of(x, i - 1) == SIDE_EDGE;
	last = x->v[i + 2].kind == RX_DOLLAR && right_of(x, i + 2) == SIDE_EDGE;
	if (first != last && !x->lines && (x->p->compiled->in & (PATTERN_IN_TITLE | PATTERN_IN_TEXT)))
		SCAN_NOTE(x, first ? i - 1 : i, TEXT_LINT_ONE_LINE, first ? "^.*" : ".*$");
	else if ((left_of(x, i) == SIDE_EDGE || right_of(x, i + 1) == SIDE_EDGE) && !repeated(x, i))
		SCAN_NOTE(x, i, TEXT_LINT_DOT_STAR);
}

void lint_edges(struct lint_scan *x)
{
	size_t i;

	anchors(x);
	for (i = 0; i < x->n; i++) {
		if (x->v[i].kind == RX_BOUND)
			bound(x, i);
		needless(x, i);
	}
}
