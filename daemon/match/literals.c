#include "match/literals.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "match/literals_inside.h"

/* --- groups --- */

static struct part alternation(struct literals_walk *w);

/* The expression inside, and its closing parenthesis. */
static struct part inside(struct literals_walk *w)
{
	struct part p = alternation(w);

	if (literals_peek(w, 0) != ')')
		return literals_lose(w);
	w->i++;
	return p;
}

/* Looks on or back (with a *, and may come back to look otherwise): matches a place, and what it wants must be in the text too. */
static struct part look(struct literals_walk *w, size_t skip, bool wanted)
{
	struct part p, place = part_empty();

	w->i += skip;
	p = inside(w);
	if (wanted)
		place.need = part_need(&p);
	return place;
}

/* Letters behind "(?" up to : or ). */
static struct part with_options(struct literals_walk *w, bool *ret_whole)
{
	struct literals_options saved = w->options, set = saved;
	bool on = true, x = false;

	for (; literals_peek(w, 0) != LITERALS_NO_END && strchr("imsxnJU-^", literals_peek(w, 0)); w->i++) {
		int c = literals_peek(w, 0);

		if (c == '-')
			on = false;
		else if (c == '^')
			set = (struct literals_options){.caseless = false};
		else if (c == 'i')
			set.caseless = on;
		else if (c == 'x' && x)
			w->lost = true; /* xx: spaces in classes don't count either */
		else if (c == 'x')
			set.extended = x = on;
	}
	w->options = set;
	if (literals_peek(w, 0) == ')') { /* for the rest of the group that it stands in */
		w->i++;
		*ret_whole = false;
		return part_empty();
	}
	if (literals_peek(w, 0) != ':')
		return literals_lose(w);
	w->i++;
	struct part p = inside(w);

	w->options = saved;
	return p;
}

/* At "(?". *ret_whole false: nothing that a quantifier could be for. */
static struct part special_group(struct literals_walk *w, bool *ret_whole)
{
	int c = literals_peek(w, 2), next = literals_peek(w, 3);

	if (c == '=' || c == '!' || c == '*')
		return look(w, 3, c != '!');
	if (c == '<' && (next == '=' || next == '!' || next == '*'))
		return look(w, 4, next != '!');
	if (c == '#') {
		*ret_whole = false;
		return literals_skip_through(w, ')') ? part_empty() : literals_lose(w);
	}
	if (c == '<' || c == '\'' || (c == 'P' && next == '<')) { /* a name */
		w->i += c == 'P' ? 4 : 3;
		if (!literals_skip_through(w, c == '\'' ? '\'' : '>'))
			return literals_lose(w);
		return inside(w);
	}
	if (c == '>' || c == '|') {
		w->i += 3;
		return inside(w);
	}
	if (c == 'R' || c == '&' || c == '+' || (c == 'P' && (next == '>' || next == '=')) || isdigit(c) ||
	    (c == '-' && isdigit(next)))
		return literals_unknown_through(w, ')'); /* a group again */
	w->i += 2;
	return with_options(w, ret_whole); /* loses itself on conditions and callouts */
}

static struct part group(struct literals_walk *w, bool *ret_whole)
{
	if (literals_peek(w, 1) == '*')
		return literals_lose(w); /* a verb: (*ACCEPT) ends a match anywhere */
	if (literals_peek(w, 1) == '?')
		return special_group(w, ret_whole);
	w->i++;
	return inside(w);
}

/* --- one behind another --- */

/* What stands for nothing: blanks and comments under (?x), (?#…), the ends of \Q and \E. */
static bool skip_ignored(struct literals_walk *w)
{
	size_t from = w->i;

	for (;;) {
		int c = literals_peek(w, 0), next = literals_peek(w, 1);

		if (c == '\\' && next == 'E') {
			w->quoted = false;
			w->i += 2;
		} else if (w->quoted) {
			break;
		} else if (c == '\\' && next == 'Q') {
			w->quoted = true;
			w->i += 2;
		} else if (c == '(' && next == '?' && literals_peek(w, 2) == '#') {
			w->lost |= !literals_skip_through(w, ')');
		} else if (w->options.extended && isspace(c)) {
			w->i++;
		} else if (w->options.extended && c == '#') {
			while (literals_peek(w, 0) != LITERALS_NO_END && literals_peek(w, 0) != '\n' &&
			       literals_peek(w, 0) != '\r')
				w->i++;
		} else {
			break;
		}
		if (w->lost)
			break;
	}
	return w->i > from;
}

static struct part plain(struct literals_walk *w)
{
	uint32_t cp = literals_next(w);

	if (w->options.extended && (cp == 0x85 || cp == 0x200E || cp == 0x200F || cp == 0x2028 || cp == 0x2029))
		return literals_lose(w); /* blanks of (?x) as well */
	return literals_character(w, cp);
}

static struct part atom(struct literals_walk *w, bool *ret_whole)
{
	int next = literals_peek(w, 1);

	*ret_whole = true;
	if (w->quoted)
		return plain(w);
	switch (literals_peek(w, 0)) {
	case '\\':
		return literals_escape(w);
	case '[':
		return literals_class(w);
	case '(':
		return group(w, ret_whole);
	case '.':
		w->i++;
		return part_unknown();
	case '^':
	case '$':
		w->i++;
		return part_empty();
	case '*':
	case '+':
	case '?':
		return literals_lose(w);
	case '{':
		if (isdigit(next) || next == ' ' || next == ',' || next == '\t')
			return literals_lose(w); /* literal for some PCRE2, a quantifier for others */
		return plain(w);
	default:
		return plain(w);
	}
}

static size_t number(struct literals_walk *w)
{
	size_t n = 0;

	for (; isdigit(literals_peek(w, 0)); w->i++)
		n = n < LITERALS_MAX ? n * 10 + (size_t)(literals_peek(w, 0) - '0') : n;
	return n;
}

/* {2}, {2,} or {2,5}, at its brace. */
static bool braces(struct literals_walk *w, size_t *ret_min, size_t *ret_max)
{
	size_t from = w->i;

	w->i++;
	if (isdigit(literals_peek(w, 0))) {
		*ret_min = *ret_max = number(w);
		if (literals_peek(w, 0) == ',') {
			w->i++;
			*ret_max = isdigit(literals_peek(w, 0)) ? number(w) : SIZE_MAX;
		}
		if (literals_peek(w, 0) == '}') {
			w->i++;
			return true;
		}
	}
	w->i = from;
	return false;
}

/* One quantifier, with ? or + behind; false: none stands here. */
static bool quantifier(struct literals_walk *w, size_t *ret_min, size_t *ret_max)
{
	int c = literals_peek(w, 0);

	*ret_min = c == '+';
	*ret_max = c == '?' ? 1 : SIZE_MAX;
	if (c == '?' || c == '*' || c == '+')
		w->i++;
	else if (c != '{' || !braces(w, ret_min, ret_max))
		return false;
	if (literals_peek(w, 0) == '?' || literals_peek(w, 0) == '+')
		w->i++;
	return true;
}

/* What stands at w, with the quantifiers behind it, onto the chain. */
static void piece(struct literals_walk *w, struct chain *chain)
{
	struct part more = part_unknown(), p;
	bool whole, open = false;
	size_t min, max;

	p = atom(w, &whole);
	skip_ignored(w);
	while (whole && !w->quoted && !w->lost && quantifier(w, &min, &max)) {
		if (open) /* a+{2} */
			p = part_unknown();
		open = !open && p.exact && min && max > min; /* ab+c: ab, and then who knows */
		p = part_repeat(w->a, &p, min, open ? min : max);
		skip_ignored(w);
	}
	chain_add(chain, w->a, &p);
	if (open)
		chain_add(chain, w->a, &more);
}

static struct part sequence(struct literals_walk *w)
{
	struct chain chain;

	chain_init(&chain);
	while (!w->lost) {
		skip_ignored(w);
		if (literals_peek(w, 0) == LITERALS_NO_END ||
		    (!w->quoted && (literals_peek(w, 0) == '|' || literals_peek(w, 0) == ')')))
			break;
		piece(w, &chain);
	}
	return chain_end(&chain);
}

/* Up to the group's closing parenthesis, which stays. */
static struct part alternation(struct literals_walk *w)
{
	struct literals_options saved = w->options;
	struct choice choice;
	struct part only;
	bool more;

	if (++w->depth > LITERALS_DEPTH_MAX)
		return literals_lose(w);
	only = sequence(w);
	if (literals_peek(w, 0) == '|') {
		choice_init(&choice);
		choice_add(&choice, w->a, &only);
		do {
			struct part p;

			w->i++;
			p = sequence(w);
			choice_add(&choice, w->a, &p);
			more = !w->lost && literals_peek(w, 0) == '|';
		} while (more);
		only = choice_end(&choice);
	}
	w->options = saved;
	w->depth--;
	return only;
}

/* --- the whole --- */

static bool holds(const struct literal *l, const struct literal *part)
{
	return memmem(l->s, l->len, part->s, part->len) != NULL;
}

/* Leaves out what holds another of the set: "acme mx" beside "acme". Longer sets only grow the prefilter a little. */
static void needless_drop(struct literal_set *set)
{
	enum { LOOKED_AT_MAX = 64 };
	bool needless[LOOKED_AT_MAX] = {false};
	size_t i, k, n = 0;

	if (set->n > LOOKED_AT_MAX)
		return;
	for (i = 0; i < set->n; i++)
		for (k = 0; k < set->n && !needless[i]; k++)
			needless[i] =
				k != i && holds(&set->v[i], &set->v[k]) && (set->v[i].len > set->v[k].len || k < i);
	for (i = 0; i < set->n; i++)
		if (!needless[i])
			set->v[n++] = set->v[i];
	set->n = n;
}

void literals_find(const char *regex, size_t len, bool caseless, struct arena *a, struct literal_set *ret)
{
	struct literals_walk w = {.s = regex, .len = len, .a = a, .options = {.caseless = caseless}};
	struct part p = alternation(&w);
	struct literal_set need = part_need(&p);

	*ret = (struct literal_set){.n = 0};
	if (w.lost || w.i != len || !need.n)
		return;
	ret->v = ARENA_ARRAY(a, struct literal, need.n);
	ret->n = need.n;
	memcpy(ret->v, need.v, need.n * sizeof(*need.v));
	needless_drop(ret);
}
