/* Lists of words: each for itself (lint_word.c), what another word of the list finds already, and words of everybody's. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "match/fold.h"
#include "match/lint_inside.h"
#include "match/words.h"

/* A word as it is compared: folded, its blanks made one. */
struct item {
	char *s;
	size_t n, at; /* which word of the list */
};

/* --- one beside the others --- */

static int by_text(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int order = strcmp(x->s, y->s);

	return order ? order : (x->at > y->at) - (x->at < y->at);
}

static bool star_takes(char c)
{
	return (unsigned char)c >= 0x80 || isalnum((unsigned char)c) || c == '_' || c == '*';
}

/* Whether mask, whose * stand for letters, finds all that s does, the blanks of s being blanks. A lone * is one word at least,
 * and so no mask here. */
static bool covers(const char *mask, const char *s)
{
	const char *star = NULL, *back = NULL;

	while (*s) {
		if (*mask == '*') {
			star = mask++;
			back = s;
		} else if (*mask == *s) {
			mask++;
			s++;
		} else if (star && star_takes(*back)) {
			mask = star + 1;
			s = ++back;
		} else {
			return false;
		}
	}
	while (*mask == '*')
		mask++;
	return !*mask;
}

static bool lone_star(const char *s)
{
	const char *at;

	for (at = strchr(s, '*'); at; at = strchr(at + 1, '*'))
		if ((at == s || at[-1] == ' ') && (!at[1] || at[1] == ' '))
			return true;
	return false;
}

static void items_make(const struct lint_pattern *p, struct item *v)
{
	struct fold f;
	size_t i, k;

	fold_init(&f);
	for (i = 0; i < p->def->n_words; i++) {
		const struct word *w = &p->def->words[i];
		const char *s = w->s;
		size_t n = w->len, to = 0;

		if (p->def->fold) {
			fold_text(&f, w->s, w->len);
			s = f.bytes;
			n = f.len;
		}
		v[i] = (struct item){.s = xmalloc(n + 1), .at = i};
		for (k = 0; k < n; k++)
			if ((s[k] != ' ' && s[k] != '\t' && s[k] != '\r') || (to && v[i].s[to - 1] != ' '))
				v[i].s[to++] = s[k] == '\t' || s[k] == '\r' ? ' ' : s[k];
		while (to && v[i].s[to - 1] == ' ')
			to--;
		v[i].s[to] = '\0';
		v[i].n = to;
	}
	fold_done(&f);
}

static void say_needless(struct lint *l, const struct lint_pattern *p, size_t needless, size_t by, enum text_id text)
{
	char a[LINT_SHOWN_BYTES], b[LINT_SHOWN_BYTES];

	lint_shown(a, p->def->words[needless].s, p->def->words[needless].len);
	lint_shown(b, p->def->words[by].s, p->def->words[by].len);
	LINT_NOTE(l, lint_word_pos(l, p->def, needless), p->key, text, a, b);
}

static void needless(struct lint *l, const struct lint_pattern *p, struct item *v, size_t n)
{
	size_t i, k;

	qsort(v, n, sizeof(*v), by_text);
	for (i = 1, k = 0; i < n; i++) {
		if (!strcmp(v[i].s, v[k].s))
			say_needless(l, p, v[i].at, v[k].at, TEXT_LINT_WORD_TWICE);
		else
			k = i;
	}
	for (i = 0; i < n; i++) {
		if (!strchr(v[i].s, '*') || lone_star(v[i].s) || (i && !strcmp(v[i].s, v[i - 1].s)))
			continue;
		for (k = 0; k < n; k++)
			if (strcmp(v[k].s, v[i].s) != 0 && !(k && !strcmp(v[k].s, v[k - 1].s)) &&
			    covers(v[i].s, v[k].s))
				say_needless(l, p, v[k].at, v[i].at, TEXT_LINT_WORD_COVERED);
	}
}

void lint_words(struct lint *l, const struct lint_pattern *p)
{
	size_t n = p->def->n_words, i;
	cleanup(freep) struct item *v = xcalloc(n + 1, sizeof(*v));

	for (i = 0; i < n; i++)
		lint_word(l, p, i);
	items_make(p, v);
	for (i = 0; i < n && p->alone; i++) {
		char word[LINT_SHOWN_BYTES];

		lint_shown(word, p->def->words[v[i].at].s, p->def->words[v[i].at].len);
		if (p->def->fold && lint_common(v[i].s, v[i].n))
			LINT_WARN(l, lint_word_pos(l, p->def, i), p->key, TEXT_LINT_COMMON, word);
	}
	needless(l, p, v, n);
	for (i = 0; i < n; i++)
		free(v[i].s);
}
