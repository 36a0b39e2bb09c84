/* Regular expressions: what can't be met, what was meant otherwise, what does nothing. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

#include "base/utf8.h"
#include "base/yaml.h"
#include "match/fold.h"
#include "match/lint_inside.h"
#include "match/pattern.h"
#include "match/regex_token.h"

struct scan {
	struct lint *l;
	const struct lint_pattern *p;
	const char *s;
	size_t len;
	const struct rx_token *v;
	size_t n;   /* without the end, which v has too */
	bool lines; /* (?m): ^ and $ are of a line */
};

static void say(struct scan *x, enum diag_severity severity, size_t token, enum text_id text, const char *const args[])
{
	lint_say(x->l, severity, yaml_pos_at(x->l->def->doc, x->p->def->node, x->v[token].at), x->p->key, text, args);
}
#define WARN(x, token, text, ...) say((x), DIAG_WARNING, (token), (text), TEXT_ARGS(__VA_ARGS__))
#define NOTE(x, token, text, ...) say((x), DIAG_NOTE, (token), (text), TEXT_ARGS(__VA_ARGS__))

/* The pieces [from, to) as they are written. */
static const char *written(const struct scan *x, size_t from, size_t to, char buffer[LINT_SHOWN_BYTES])
{
	size_t at = x->v[from].at, n = utf8_cut(x->s + at, x->v[to].at - at, LINT_SHOWN_BYTES - 1);

	memcpy(buffer, x->s + at, n);
	buffer[n] = '\0';
	return buffer;
}

static bool is_word(uint32_t c)
{
	utf8proc_category_t kind = utf8proc_category((utf8proc_int32_t)c);

	return c == '_' || (kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_LO) ||
	       (kind >= UTF8PROC_CATEGORY_ND && kind <= UTF8PROC_CATEGORY_NO);
}

static bool is_letter(const struct rx_token *t)
{
	return t->kind == RX_LITERAL && is_word(t->c) && t->c != '_' && !(t->c >= '0' && t->c <= '9');
}

static bool ends(const struct rx_token *t)
{
	return t->kind == RX_END || t->kind == RX_ALT || t->kind == RX_CLOSE;
}

/* What stands beside a place: a letter for certain, no letter for certain, the text's edge (or anything), not known. */
enum side { SIDE_UNKNOWN, SIDE_WORD, SIDE_OTHER, SIDE_EDGE };

static enum side side_of(const struct rx_token *t)
{
	if (t->kind == RX_LITERAL)
		return is_word(t->c) ? SIDE_WORD : SIDE_OTHER;
	if (t->kind == RX_SET && (t->c == 'w' || t->c == 'd'))
		return SIDE_WORD;
	if (t->kind == RX_SET && strchr("Wshv", (int)t->c))
		return SIDE_OTHER;
	return SIDE_UNKNOWN;
}

/* The ( of the group in which the i-th piece stands; n: in none. */
static size_t group_of(const struct scan *x, size_t i)
{
	size_t depth = 0;

	while (i--) {
		depth += x->v[i].kind == RX_CLOSE;
		if (x->v[i].kind == RX_OPEN && !depth--)
			return i;
	}
	return x->n;
}

static enum side left_of(const struct scan *x, size_t i)
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
			return t->min && i > 1 ? side_of(&x->v[i - 2]) : SIDE_UNKNOWN;
		} else {
			return side_of(t);
		}
	}
}

static enum side right_of(const struct scan *x, size_t i)
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
		return t[1].kind == RX_QUANT && !t[1].min ? SIDE_UNKNOWN : side_of(t);
	}
}

/* \b stands between a letter and none: beside a sign it wants a letter on the sign's other side. */
static void bound(struct scan *x, size_t i)
{
	enum side left = left_of(x, i), right = right_of(x, i);
	char sign[LINT_SHOWN_BYTES];

	if ((left == SIDE_OTHER && right == SIDE_OTHER) || (left == SIDE_WORD && right == SIDE_WORD))
		WARN(x, i, TEXT_LINT_BOUND_NEVER);
	else if (left == SIDE_EDGE && right == SIDE_OTHER && x->v[i + 1].kind == RX_LITERAL)
		WARN(x, i, TEXT_LINT_BOUND_SIGN, written(x, i + 1, i + 2, sign));
	else if (left == SIDE_OTHER && right == SIDE_EDGE && x->v[i - 1].kind == RX_LITERAL)
		WARN(x, i, TEXT_LINT_BOUND_SIGN_END, written(x, i - 1, i, sign));
}

/* Something that takes up text, and can't be left out. */
static bool takes(const struct rx_token *t, const struct rx_token *quantifier)
{
	bool some = t->kind == RX_LITERAL || t->kind == RX_SET || t->kind == RX_CLASS || t->kind == RX_DOT;

	return some && !(quantifier && quantifier->kind == RX_QUANT && !quantifier->min);
}

static void anchors(struct scan *x)
{
	size_t i, alternatives = 0;

	for (i = 0; i < x->n && !x->lines; i++) {
		const struct rx_token *t = &x->v[i], *before = i ? t - 1 : NULL;

		alternatives += t->kind == RX_ALT;
		if (before && before->kind == RX_QUANT && before->min && i > 1)
			before--;
		if (t->kind == RX_CARET && before && takes(before, NULL))
			WARN(x, i, TEXT_LINT_CARET);
		if (t->kind == RX_DOLLAR && takes(t + 1, t + 1 + (t[1].kind != RX_END)))
			WARN(x, i, TEXT_LINT_DOLLAR);
	}
	if (!alternatives && x->n > 2 && x->v[0].kind == RX_CARET && x->v[x->n - 1].kind == RX_DOLLAR &&
	    x->v[1].kind != RX_DOT && (x->p->compiled->in & (PATTERN_IN_TITLE | PATTERN_IN_TEXT)))
		NOTE(x, 0, TEXT_LINT_WHOLE);
}

/* "acme.com": the dot is any letter. */
static bool is_tld(const char *s, size_t len)
{
	static const char *const known[] = {"com", "mx", "es", "org", "net",  "ar",    "co",
					    "cl",  "pe", "br", "gob", "gov",  "info",  "io",
					    "app", "tv", "uy", "ec",  "shop", "store", "online"};
	size_t i;

	for (i = 0; i < ARRAY_LEN(known); i++)
		if (strlen(known[i]) == len && !strncasecmp(known[i], s, len))
			return true;
	return false;
}

static bool of_a_host(const struct rx_token *t)
{
	return t->kind == RX_LITERAL && t->len == 1 && (isalnum((int)t->c) || t->c == '-');
}

static void domains(struct scan *x)
{
	size_t i, from, to;

	for (i = 1; i < x->n; i++) {
		char host[LINT_SHOWN_BYTES], end[LINT_SHOWN_BYTES];

		if (x->v[i].kind != RX_DOT)
			continue;
		for (from = i; from && of_a_host(&x->v[from - 1]); from--)
			;
		for (to = i + 1; of_a_host(&x->v[to]); to++)
			;
		if (i - from < 2 || x->v[to].kind == RX_QUANT ||
		    !is_tld(x->s + x->v[i].at + 1, x->v[to].at - x->v[i].at - 1))
			continue;
		WARN(x, i, TEXT_LINT_DOMAIN_DOT, written(x, from, i, host), written(x, i + 1, to, end));
		while (x->v[to].kind == RX_DOT || of_a_host(&x->v[to])) /* acme.com.mx: once */
			to++;
		i = to;
	}
}

/* --- signs that mean another thing here --- */

static void class_seen(struct scan *x, size_t i)
{
	const char *s = x->s + x->v[i].at + 1;
	size_t n = x->v[i].len - 2, letters = 0, k, bars = 0;
	bool twice = false, plain = true, seen[128] = {false};
	char shown[LINT_SHOWN_BYTES];

	if (x->v[i].len < 3)
		return;
	for (k = 0; k < n; k++) {
		unsigned char c = (unsigned char)s[k];

		bars += c == '|';
		plain &= c != '-' && c != '\\' && c != '[' && !(k == 0 && c == '^');
		letters += isalpha(c) != 0;
		if (c < 128 && isalpha(c)) {
			twice |= seen[c];
			seen[c] = true;
		}
		if (c == 'A' && k + 2 < n && s[k + 1] == '-' && s[k + 2] == 'z')
			WARN(x, i, TEXT_LINT_CLASS_A_Z);
	}
	if (plain && ((bars && letters > 3) || (twice && letters > 4)))
		WARN(x, i, TEXT_LINT_CLASS_WORDS, written(x, i, i + 1, shown));
}

/* estafa* is an a as often as one likes. */
static void glob(struct scan *x, size_t i)
{
	size_t from = i - 1;
	char word[LINT_SHOWN_BYTES];
	const struct rx_token *next = &x->v[i + 1];

	if (x->v[i].len != 1 || x->s[x->v[i].at] != '*' || !is_letter(&x->v[i - 1]))
		return;
	if (!ends(next) && next->kind != RX_BOUND && !(next->kind == RX_LITERAL && next->c == ' '))
		return;
	while (from && is_letter(&x->v[from - 1]))
		from--;
	if (i - from < 4 || x->v[i - 2].c == x->v[i - 1].c) /* noo* */
		return;
	if (x->v[i - 3].c == x->v[i - 1].c && x->v[i - 4].c == x->v[i - 2].c) /* jaja* */
		return;
	WARN(x, i, TEXT_LINT_GLOB, written(x, from, i + 1, word));
}

static void quantified(struct scan *x, size_t i)
{
	const struct rx_token *t = &x->v[i];
	bool last = ends(t + 1) || t[1].kind == RX_BOUND || (t[1].kind == RX_LITERAL && t[1].c == ' ');
	char word[LINT_SHOWN_BYTES];

	if (!i)
		return;
	glob(x, i);
	if (last && t->c == '+' && x->s[t->at] == '+' && is_letter(t - 1))
		WARN(x, i, TEXT_LINT_PLUS, written(x, i - 1, i, word));
	if (last && t->len == 1 && !t->min && t->max == 1 && is_letter(t - 1) && memmem(x->s, t->at, "¿", 2))
		WARN(x, i, TEXT_LINT_QUESTION);
}

/* .* at an end finds no more and no less. */
static void needless(struct scan *x)
{
	if (x->n > 2 && x->v[0].kind == RX_DOT && x->v[1].kind == RX_QUANT && x->v[1].max == RX_NO_MAX)
		NOTE(x, 0, TEXT_LINT_DOT_STAR);
	if (x->n > 2 && x->v[x->n - 2].kind == RX_DOT && x->v[x->n - 1].kind == RX_QUANT &&
	    x->v[x->n - 1].max == RX_NO_MAX)
		NOTE(x, x->n - 2, TEXT_LINT_DOT_STAR);
}

static void alternative(struct scan *x, size_t i)
{
	const struct rx_token *t = &x->v[i];
	bool before = !i || t[-1].kind == RX_ALT || (t[-1].kind == RX_OPEN && t[-1].c == ':');

	if (before || t[1].kind == RX_CLOSE || t[1].kind == RX_END)
		WARN(x, i, TEXT_LINT_EMPTY_ALT);
}

/* What another program, or another kind of text, writes. */
static void foreign(struct scan *x)
{
	const char *s = x->s;
	size_t len = x->len, at, n;
	char shown[LINT_SHOWN_BYTES];

	if (len > 4 && (!strncmp(s, "(i?)", 4) || !strncmp(s, "(i)", 3)))
		WARN(x, 0, TEXT_LINT_CASE_FLAG);
	if (len > 3 && s[0] == '/' && (s[len - 1] == '/' || (s[len - 1] == 'i' && s[len - 2] == '/')))
		WARN(x, 0, TEXT_LINT_SLASHES);
	n = lint_entity(s, len, &at);
	if (n) {
		snprintf(shown, sizeof(shown), "%.*s", (int)n, s + at);
		lint_say(x->l, DIAG_WARNING, yaml_pos_at(x->l->def->doc, x->p->def->node, at), x->p->key,
			 TEXT_LINT_ENTITY, TEXT_ARGS(shown));
	}
	if (s[0] == ' ' || (s[len - 1] == ' ' && (len < 2 || s[len - 2] != '\\')))
		WARN(x, s[0] == ' ' ? 0 : x->n - 1, TEXT_LINT_SPACE);
}

/* Found between two letters of any text: "\b", "x*|y". What is found in the empty text was refused before. */
static void place(struct scan *x)
{
	size_t from, to;

	if (pattern_find(x->p->compiled->code, x->l->all->room, "a a", 3, 0, &from, &to) == 0 && from == to)
		WARN(x, 0, TEXT_LINT_PLACE);
}

/* --- words of everybody's --- */

static void common(struct scan *x)
{
	size_t from = 0, to = x->n, i;
	char word[LINT_SHOWN_BYTES];
	struct fold f;

	while (from < to && x->v[from].kind == RX_BOUND)
		from++;
	while (to > from && x->v[to - 1].kind == RX_BOUND)
		to--;
	for (i = from; i < to; i++)
		if (!is_letter(&x->v[i]))
			return;
	if (from == to)
		return;
	written(x, from, to, word);
	fold_init(&f);
	fold_text(&f, word, strlen(word));
	if (lint_common(f.bytes, f.len))
		WARN(x, from, TEXT_LINT_COMMON, word);
	fold_done(&f);
}

static bool has_lines(const struct scan *x)
{
	size_t i;

	for (i = 0; i < x->n; i++)
		if ((x->v[i].kind == RX_OPTION || x->v[i].kind == RX_OPEN) &&
		    memchr(x->s + x->v[i].at, 'm', x->v[i].len))
			return true;
	return false;
}

void lint_regex(struct lint *l, const struct lint_pattern *p)
{
	struct scan x = {.l = l, .p = p, .s = p->def->node->text, .len = p->def->node->n};
	cleanup(freep) struct rx_token *v = regex_tokens(x.s, x.len, &x.n);
	size_t i;

	x.v = v;
	x.n--;
	if (!x.n)
		return;
	x.lines = has_lines(&x);
	foreign(&x);
	anchors(&x);
	domains(&x);
	needless(&x);
	for (i = 0; i < x.n; i++) {
		if (v[i].kind == RX_BOUND)
			bound(&x, i);
		else if (v[i].kind == RX_CLASS)
			class_seen(&x, i);
		else if (v[i].kind == RX_QUANT)
			quantified(&x, i);
		else if (v[i].kind == RX_ALT)
			alternative(&x, i);
	}
	place(&x);
	if (p->alone && p->def->fold)
		common(&x);
}
