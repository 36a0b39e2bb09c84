#include "match/lookout.h"

#include <stdbool.h>
#include <string.h>

enum {
	GRAM_MAX = 4,      /* bytes that are looked for; of shorter literals, their length */
	BITS_MIN = 10,     /* log2 of a bitmap's bits */
	BITS_MAX = 19,     /* 64 KiB: what stays in the fast caches beside all else */
	BITS_SPARSE = 6,   /* a bit in 64 is set: few places look further than the bitmap */
	BUCKETS_FEWER = 5, /* log2 of a bitmap's bits to a bucket */
};

struct entry {
	uint32_t gram, literal;
	uint8_t offset, len;
	char bytes[LITERAL_MAX_BYTES];
};

/* The literals with grams of one length. */
struct level {
	uint64_t *bitmap;
	uint32_t *starts; /* of each bucket of hashes, and one more: its entries */
	uint32_t *grams;  /* of each entry, close together: most looks end here */
	struct entry *entries;
	size_t n;
	unsigned shift, bits; /* hash >> shift is a place in the bitmap */
};

struct lookout {
	struct level levels[GRAM_MAX + 1]; /* by the length of their grams; 0: none */
};

static uint32_t gram_at(const char *s, size_t len)
{
	uint32_t gram = 0;

	memcpy(&gram, s, len);
	return gram;
}

static uint32_t hash(uint32_t gram)
{
	return gram * UINT32_C(2654435769); /* 2^32 / golden ratio: the high bits are well mixed */
}

/* --- making --- */

static unsigned bits_for(size_t n)
{
	unsigned bits = BITS_MIN;

	while (bits < BITS_MAX && n << BITS_SPARSE > (size_t)1 << bits)
		bits++;
	return bits;
}

enum { COMMON_BITS = 16 };

/* How often each gram, by its hash, stands in all literals together. */
static uint32_t *common_count(const struct literal *v, size_t n)
{
	uint32_t *count = xcalloc((size_t)1 << COMMON_BITS, sizeof(*count));
	size_t i, k;

	for (i = 0; i < n; i++)
		for (k = 0; k + GRAM_MAX <= v[i].len; k++)
			count[hash(gram_at(v[i].s + k, GRAM_MAX)) >> (32 - COMMON_BITS)]++;
	return count;
}

/* Where in a literal its rarest gram stands. */
static size_t rarest(const struct literal *l, const uint32_t *count)
{
	uint32_t least = UINT32_MAX;
	size_t at = 0, k;

	for (k = 0; k + GRAM_MAX <= l->len; k++) {
		uint32_t times = count[hash(gram_at(l->s + k, GRAM_MAX)) >> (32 - COMMON_BITS)];

		if (times < least) {
			least = times;
			at = k;
		}
	}
	return at;
}

static uint32_t bucket(const struct level *l, uint32_t gram)
{
	return hash(gram) >> l->shift >> BUCKETS_FEWER;
}

static void level_alloc(struct level *l)
{
	l->bits = bits_for(l->n);
	l->shift = 32 - l->bits;
	l->bitmap = xcalloc((size_t)1 << l->bits >> 6, sizeof(*l->bitmap));
	l->starts = xcalloc(((size_t)1 << l->bits >> BUCKETS_FEWER) + 2, sizeof(*l->starts));
	l->entries = xcalloc(l->n, sizeof(*l->entries));
	l->grams = xcalloc(l->n, sizeof(*l->grams));
}

/* The entries by their buckets: counted into starts, then summed up, then put, which moves each start on to its end. */
static void level_fill(struct level *l, const struct entry *v, size_t n, size_t gram_len)
{
	uint32_t buckets = (uint32_t)((size_t)1 << l->bits >> BUCKETS_FEWER), i;
	size_t k;

	for (k = 0; k < n; k++)
		if ((v[k].len < GRAM_MAX ? v[k].len : GRAM_MAX) == gram_len)
			l->starts[bucket(l, v[k].gram) + 2]++;
	for (i = 0; i < buckets; i++)
		l->starts[i + 2] += l->starts[i + 1];
	for (k = 0; k < n; k++) {
		uint32_t place = hash(v[k].gram) >> l->shift;

		if ((v[k].len < GRAM_MAX ? v[k].len : GRAM_MAX) != gram_len)
			continue;
		l->bitmap[place / 64] |= UINT64_C(1) << (place % 64);
		i = l->starts[bucket(l, v[k].gram) + 1]++;
		l->entries[i] = v[k];
		l->grams[i] = v[k].gram;
	}
}

struct lookout *lookout_new(const struct literal *v, size_t n)
{
	struct lookout *l = NEW(struct lookout);
	struct entry *entries = xcalloc(n + 1, sizeof(*entries));
	uint32_t *count = common_count(v, n);
	size_t i;

	for (i = 0; i < n; i++) {
		struct entry *e = &entries[i];
		size_t gram_len = v[i].len < GRAM_MAX ? v[i].len : GRAM_MAX;

		e->literal = (uint32_t)i;
		e->len = (uint8_t)v[i].len;
		e->offset = (uint8_t)rarest(&v[i], count);
		e->gram = gram_at(v[i].s + e->offset, gram_len);
		memcpy(e->bytes, v[i].s, v[i].len);
		l->levels[gram_len].n++;
	}
	for (i = 1; i <= GRAM_MAX; i++) {
		if (!l->levels[i].n)
			continue;
		level_alloc(&l->levels[i]);
		level_fill(&l->levels[i], entries, n, i);
	}
	free(entries);
	free(count);
	return l;
}

struct lookout *lookout_free(struct lookout *l)
{
	size_t i;

	if (!l)
		return NULL;
	for (i = 0; i <= GRAM_MAX; i++) {
		free(l->levels[i].bitmap);
		free(l->levels[i].starts);
		free(l->levels[i].grams);
		free(l->levels[i].entries);
	}
	free(l);
	return NULL;
}

/* --- scanning --- */

struct scan {
	const char *text;
	size_t len;
	void (*on_literal)(void *arg, uint32_t literal);
	void *arg;
};

/* The gram may stand at text + at: which literals do? */
static __attribute__((noinline)) void compare(const struct level *l, uint32_t gram, size_t at, const struct scan *s)
{
	uint32_t i = l->starts[bucket(l, gram)], end = l->starts[bucket(l, gram) + 1];

	for (; i < end; i++) {
		const struct entry *e = &l->entries[i];

		if (l->grams[i] == gram && at >= e->offset && s->len - (at - e->offset) >= e->len &&
		    !memcmp(s->text + at - e->offset, e->bytes, e->len))
			s->on_literal(s->arg, e->literal);
	}
}

/* Inlined once a length, so that the gram is read by one instruction. */
static inline __attribute__((always_inline)) void level_scan(const struct level *l, size_t gram_len,
							     const struct scan *s)
{
	const uint64_t *bitmap = l->bitmap;
	unsigned shift = l->shift;
	size_t i;

	if (!l->n || s->len < gram_len)
		return;
	for (i = 0; i <= s->len - gram_len; i++) {
		uint32_t gram = gram_at(s->text + i, gram_len), place = hash(gram) >> shift;

		if (__builtin_expect(bitmap[place / 64] >> (place % 64) & 1, 0))
			compare(l, gram, i, s);
	}
}

void lookout_scan(const struct lookout *l, const char *text, size_t len,
		  void (*on_literal)(void *arg, uint32_t literal), void *arg)
{
	const struct scan s = {.text = text, .len = len, .on_literal = on_literal, .arg = arg};

	level_scan(&l->levels[4], 4, &s);
	level_scan(&l->levels[3], 3, &s);
	level_scan(&l->levels[2], 2, &s);
	level_scan(&l->levels[1], 1, &s);
}
