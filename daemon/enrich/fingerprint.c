#include "enrich/fingerprint.h"

#include <string.h>

#include "base/mem.h"
#include "enrich/post.h"
#include "mention/print.h"

enum { LANES = 16, PARTS_LEAST = 256, WORD_ALONE_BYTES = 4 };
_Static_assert(PRINT_MINS % LANES == 0 && 2 * POST_TOKENS_MAX <= PRINT_PARTS_MAX, "as the loops take them");

typedef uint32_t lanes __attribute__((vector_size(LANES * sizeof(uint32_t))));

/* Odd numbers, each the next of a sequence without a pattern (Weyl's, by the golden ratio, mixed). */
static uint32_t factor(unsigned i)
{
	uint64_t x = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)(x >> 32) | 1;
}

struct mins {
	lanes factor[PRINT_MINS / LANES], least[PRINT_MINS / LANES];
};

static void mins_begin(struct mins *m)
{
	uint32_t v[PRINT_MINS];
	unsigned i;

	for (i = 0; i < PRINT_MINS; i++)
		v[i] = factor(i);
	memcpy(m->factor, v, sizeof(v));
	memset(m->least, 0xFF, sizeof(m->least));
}

/* One multiplication each: its high bits are the hash (Dietzfelbinger's multiply-shift), and order by them. */
static inline void mins_add(struct mins *m, uint32_t part)
{
	unsigned i;

	for (i = 0; i < PRINT_MINS / LANES; i++) {
		lanes hash = m->factor[i] * part, less = (lanes)(hash < m->least[i]);

		m->least[i] = (hash & less) | (m->least[i] & ~less);
	}
}

static uint32_t folded(uint64_t hash)
{
	return (uint32_t)(hash >> 32) ^ (uint32_t)hash;
}

/* --- parts, each once --- */

/* Returns how many slots this text has. */
static size_t parts_begin(struct fingerprinter *f, size_t tokens)
{
	size_t cap = PARTS_LEAST;

	while (cap < 4 * tokens) /* words and pairs, half full */
		cap *= 2;
	if (cap > f->cap) {
		free(f->parts);
		f->parts = xmalloc(cap * sizeof(*f->parts));
		f->cap = cap;
	}
	memset(f->parts, 0, cap * sizeof(*f->parts));
	return cap;
}

/* cap: of this text. 0 is no part: one in 2^64 is not known again. */
static bool part_is_new(struct fingerprinter *f, size_t cap, uint64_t part)
{
	size_t i = (size_t)part & (cap - 1);

	while (f->parts[i] && f->parts[i] != part)
		i = (i + 1) & (cap - 1);
	if (f->parts[i] == part)
		return false;
	f->parts[i] = part;
	return true;
}

void fingerprinter_done(struct fingerprinter *f)
{
	free(f->parts);
	*f = (struct fingerprinter){.cap = 0};
}

/* --- a post --- */

/* "rt @somebody: …": whoever repeats, not what is said. The first token behind it. */
static size_t behind_rt(const struct post *p)
{
	const char *s = p->fold.bytes;
	const struct token *t = p->v;

	return p->n && t->kind == TOKEN_WORD && t->to - t->from == 2 && !memcmp(s + t->from, "rt", 2) &&
	       p->fold.len > t->to + 1 && s[t->to] == ' ' && s[t->to + 1] == '@';
}

static void numeral_note(const struct post *p, const struct token *t, struct print *ret)
{
	uint32_t numeral = folded(t->hash);
	size_t i;

	if (p->fold.bytes[t->from] < '0' || p->fold.bytes[t->from] > '9')
		return;
	for (i = 0; i < ret->n_numerals; i++)
		if (ret->numerals[i] == numeral)
			return;
	if (ret->n_numerals < PRINT_NUMERALS_MAX)
		ret->numerals[ret->n_numerals++] = numeral;
}

/* A word of up to three bytes is in every text ("de", "que"): by such words two would be a little alike that have nothing in
 * common, and the index would look at most of what it has. In pairs they count. */
static bool says_something(const struct post *p, const struct token *t)
{
	return t->to - t->from >= WORD_ALONE_BYTES || (p->fold.bytes[t->from] >= '0' && p->fold.bytes[t->from] <= '9');
}

void fingerprint_make(struct fingerprinter *f, const struct post *p, struct print *ret)
{
	uint64_t before = 0;
	struct mins mins;
	size_t i, cap = parts_begin(f, p->n);

	*ret = (struct print){.exact = 0};
	mins_begin(&mins);
	for (i = behind_rt(p); i < p->n; i++) {
		const struct token *t = &p->v[i];

		if (t->kind != TOKEN_WORD && t->kind != TOKEN_PICTURE)
			continue;
		ret->exact = post_phrase(ret->exact, t->hash) | 1; /* not 0, which is: none */
		if (t->kind != TOKEN_WORD)
			continue;
		ret->words++;
		numeral_note(p, t, ret);
		if (says_something(p, t) && part_is_new(f, cap, t->hash)) {
			mins_add(&mins, folded(t->hash));
			ret->parts++;
		}
		if (before && part_is_new(f, cap, post_phrase(before, t->hash))) {
			mins_add(&mins, folded(post_phrase(before, t->hash)));
			ret->parts++;
		}
		before = t->hash;
	}
	if (print_has_mins(ret))
		memcpy(ret->min, mins.least, sizeof(ret->min));
}
