/* Regular expressions: what was meant otherwise. What stands at their edges is lint_edges.c's. */
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

static bool is_letter(const struct rx_token *t)
{
	return t->kind == RX_LITERAL && lint_scan_word(t->c) && t->c != '_' && !(t->c >= '0' && t->c <= '9');
}

static bool ends(const struct rx_token *t)
{
	return t->kind == RX_END || t->kind == RX_ALT || t->kind == RX_CLOSE;
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

static void domains(struct lint_scan *x)
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
		SCAN_WARN(x, i, TEXT_LINT_DOMAIN_DOT, lint_scan_written(x, from, i, host),
			  lint_scan_written(x, i + 1, to, end));
		while (x->v[to].kind == RX_DOT || of_a_host(&x->v[to])) /* acme.com.mx: once */
			to++;
		i = to;
	}
}

/* --- signs that mean another thing here --- */

static void class_seen(struct lint_scan *x, size_t i)
{
	const char *s = x->s + x->v[i].at + 1;
	size_t n = x->v[i].len - 2, letters = 0, k, bars = 0;
	bool twice = false, plain = true, capitals = false, small = false, seen[128] = {false};
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
			SCAN_WARN(x, i, TEXT_LINT_CLASS_A_Z);
		capitals |= c == 'A' && k + 2 < n && s[k + 1] == '-' && s[k + 2] == 'Z';
		small |= c == 'a' && k + 2 < n && s[k + 1] == '-' && s[k + 2] == 'z';
	}
	if (capitals && !small && !x->p->def->case_sensitive)
		SCAN_NOTE(x, i, TEXT_LINT_CLASS_CAPITALS);
	if (plain && ((bars && letters > 3) || (twice && letters > 4)))
		SCAN_WARN(x, i, TEXT_LINT_CLASS_WORDS, lint_scan_written(x, i, i + 1, shown));
}

/* estafa* is an a as often as one likes. */
static void glob(struct lint_scan *x, size_t i)
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
	SCAN_WARN(x, i, TEXT_LINT_GLOB, lint_scan_written(x, from, i + 1, word));
}

static void quantified(struct lint_scan *x, size_t i)
{
	const struct rx_token *t = &x->v[i];
	bool last = ends(t + 1) || t[1].kind == RX_BOUND || (t[1].kind == RX_LITERAL && t[1].c == ' ');
	char word[LINT_SHOWN_BYTES];

	if (!i)
		return;
	glob(x, i);
	if (last && t->c == '+' && x->s[t->at] == '+' && is_letter(t - 1))
		SCAN_WARN(x, i, TEXT_LINT_PLUS, lint_scan_written(x, i - 1, i, word));
	if (last && t->len == 1 && !t->min && t->max == 1 && is_letter(t - 1) && memmem(x->s, t->at, "¿", 2))
		SCAN_WARN(x, i, TEXT_LINT_QUESTION);
}

static void alternative(struct lint_scan *x, size_t i)
{
	const struct rx_token *t = &x->v[i];
	bool before = !i || t[-1].kind == RX_ALT || (t[-1].kind == RX_OPEN && t[-1].c == ':');

	if (before || t[1].kind == RX_CLOSE || t[1].kind == RX_END)
		SCAN_WARN(x, i, TEXT_LINT_EMPTY_ALT);
}

/* What another program, or another kind of text, writes. */
static void foreign(struct lint_scan *x)
{
	const char *s = x->s;
	size_t len = x->len, at, n;
	char shown[LINT_SHOWN_BYTES];

	if (len > 4 && (!strncmp(s, "(i?)", 4) || !strncmp(s, "(i)", 3)))
		SCAN_WARN(x, 0, TEXT_LINT_CASE_FLAG);
	if (len > 3 && s[0] == '/' && (s[len - 1] == '/' || (s[len - 1] == 'i' && s[len - 2] == '/')))
		SCAN_WARN(x, 0, TEXT_LINT_SLASHES);
	n = lint_entity(s, len, &at);
	if (n) {
		snprintf(shown, sizeof(shown), "%.*s", (int)n, s + at);
		lint_say(x->l, DIAG_WARNING, yaml_pos_at(x->l->def->doc, x->p->def->node, at), x->p->key,
			 TEXT_LINT_ENTITY, TEXT_ARGS(shown));
	}
	if (s[0] == ' ' || (s[len - 1] == ' ' && (len < 2 || s[len - 2] != '\\')))
		SCAN_WARN(x, s[0] == ' ' ? 0 : x->n - 1, TEXT_LINT_SPACE);
}

/* Found between two letters of any text: "\b", "x*|y". What is found in the empty text was refused before. */
static void place(struct lint_scan *x)
{
	size_t from, to;

	if (pattern_find(x->p->compiled->code, x->l->all->room, "a a", 3, 0, &from, &to) == 0 && from == to)
		SCAN_WARN(x, 0, TEXT_LINT_PLACE);
}

/* --- words of everybody's --- */

static void common(struct lint_scan *x)
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
	lint_scan_written(x, from, to, word);
	fold_init(&f);
	fold_text(&f, word, strlen(word));
	if (lint_common(f.bytes, f.len))
		SCAN_WARN(x, from, TEXT_LINT_COMMON, word);
	fold_done(&f);
}

/* "name: acme", which was to be the word and is found in "acmeland". Who writes "regex:" knows. */
static void plain(struct lint_scan *x)
{
	const struct yaml_node *all = yaml_get(x->l->def->doc->root, "patterns");
	const char *name = x->p->def->name;
	char word[LINT_SHOWN_BYTES];
	size_t i;

	if (!all || all->kind != YAML_MAP || yaml_get(all, name) != x->p->def->node || strstr(x->s, ", "))
		return;
	for (i = 0; i < x->n; i++)
		if (!is_letter(&x->v[i]) && !(x->v[i].kind == RX_LITERAL && strchr(" 0123456789", (int)x->v[i].c)))
			return;
	if (x->s[0] != ' ' && x->s[x->len - 1] != ' ')
		SCAN_NOTE(x, 0, TEXT_LINT_PLAIN, lint_scan_written(x, 0, x->n, word));
}

static bool has_lines(const struct lint_scan *x)
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
	struct lint_scan x = {.l = l, .p = p, .s = p->def->node->text, .len = p->def->node->n};
	cleanup(freep) struct rx_token *v = regex_tokens(x.s, x.len, &x.n);
	size_t i;

	x.v = v;
	x.n--;
	if (!x.n)
		return;
	x.lines = has_lines(&x);
	foreign(&x);
	lint_edges(&x);
	domains(&x);
	for (i = 0; i < x.n; i++) {
		if (v[i].kind == RX_CLASS)
			class_seen(&x, i);
		else if (v[i].kind == RX_QUANT)
			quantified(&x, i);
		else if (v[i].kind == RX_ALT)
			alternative(&x, i);
	}
	place(&x);
	plain(&x);
	if (p->alone && p->def->fold)
		common(&x);
}
