#include "enrich/lexicon_inside.h"

#include <stdlib.h>
#include <string.h>

#include "enrich/post.h"

static struct lexicon_entry *slot(struct lexicon_entry *v, size_t cap, uint64_t hash)
{
	size_t i = hash & (cap - 1);

	while (v[i].hash && v[i].hash != hash)
		i = (i + 1) & (cap - 1);
	return &v[i];
}

struct lexicon_entry *lexicon_entry(struct lexicon *x, uint64_t hash)
{
	struct lexicon_entry *e;
	size_t i;

	hash += !hash;
	if (2 * (x->n + 1) > x->cap) {
		size_t cap = x->cap ? 2 * x->cap : 1024;
		struct lexicon_entry *v = xcalloc(cap, sizeof(*v));

		for (i = 0; i < x->cap; i++)
			if (x->v[i].hash)
				*slot(v, cap, x->v[i].hash) = x->v[i];
		free(x->v);
		x->v = v;
		x->cap = cap;
	}
	e = slot(x->v, x->cap, hash);
	if (!e->hash) {
		e->hash = hash;
		x->n++;
	}
	return e;
}

static const struct lexicon_entry *entry_get(const struct lexicon *x, uint64_t hash)
{
	const struct lexicon_entry *e = slot(x->v, x->cap, hash + !hash);

	return e->hash ? e : NULL;
}

struct lexicon *lexicon_table(const char *name)
{
	struct lexicon *x = NEW(struct lexicon);

	x->name = xstrdup(name);
	lexicon_entry(x, 1); /* a table is never empty */
	return x;
}

bool lexicon_set(struct lexicon *x, uint64_t hash, enum lexicon_kind kind, int weight, bool given)
{
	struct lexicon_entry *e = lexicon_entry(x, hash);

	if (e->given || (e->kind != LEXICON_NONE && !given))
		return !given || (e->kind == (uint8_t)kind && e->weight == weight);
	e->kind = (uint8_t)kind;
	e->weight = (int8_t)weight;
	e->given = given;
	return true;
}

struct lexicon *lexicon_free(struct lexicon *x)
{
	size_t i;

	if (!x)
		return NULL;
	for (i = 0; i < x->n_countries; i++)
		lexicon_free(x->countries[i]);
	free(x->countries);
	free(x->name);
	free(x->v);
	free(x);
	return NULL;
}

const char *lexicon_name(const struct lexicon *x)
{
	return x->name;
}

struct lexicon_measured lexicon_measured(const struct lexicon *x)
{
	return x->measured;
}

size_t lexicon_terms(const struct lexicon *x)
{
	return x->terms;
}

const struct lexicon *lexicon_of_country(const struct lexicon *x, const char *country)
{
	size_t i;

	for (i = 0; country && i < x->n_countries; i++)
		if (!strcasecmp(x->countries[i]->name, country))
			return x->countries[i];
	return x;
}

/* As a word is looked up: of a stretched one what is known, "good" before "god". */
static uint64_t hash_known(const struct lexicon *x, const struct token *t)
{
	return t->doubled && entry_get(x, t->doubled) ? t->doubled : t->hash;
}

static struct lexicon_found find(const struct lexicon *x, const struct post *p, size_t i)
{
	struct lexicon_found found = {.kind = LEXICON_NONE, .words = 1};
	const struct token *first = &p->v[i];
	const struct lexicon_entry *e;
	uint64_t hash = hash_known(x, first);
	size_t n = 1;

	if (first->kind != TOKEN_WORD && first->kind != TOKEN_PICTURE && first->kind != TOKEN_EMOTICON)
		return found;
	while ((e = entry_get(x, hash))) {
		if (e->kind != LEXICON_NONE)
			found = (struct lexicon_found){e->kind, e->weight, n};
		if (!e->more || i + n == p->n || p->v[i + n].kind != TOKEN_WORD)
			break;
		hash = post_phrase(hash, p->v[i + n].hash);
		n++;
	}
	return found;
}

struct lexicon_found lexicon_find(const struct lexicon *x, const struct post *p, size_t i)
{
	struct lexicon_found found = find(x, p, i), all;

	if (!x->everywhere)
		return found;
	all = find(x->everywhere, p, i);
	return found.kind != LEXICON_NONE && found.words >= all.words ? found : all;
}
