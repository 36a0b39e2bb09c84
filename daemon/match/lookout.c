#include "match/lookout.h"

#include <endian.h>
#include <limits.h>
#include <string.h>

enum {
	LEVELS = 5,
	GRAMS_MAX = 4,
	BITS_MIN = 13,     /* log2 of a bitmap's bits */
	BITS_MAX = 19,     /* 64 KiB: what stays in the fast caches beside all else */
	BITS_SPARSE = 6,   /* a bit in 64 is set: few places look further than the bitmap */
	BUCKETS_FEWER = 5, /* log2 of a bitmap's bits to a bucket */
};

/* How literals of at least so many bytes are looked for: by which bytes of theirs, at which places. Where only every fourth
 * place is looked at, four grams in a row are known of each, so that one of them stands at such a place. */
static const struct kind {
	uint8_t literal, gram, stride;
} kinds[LEVELS] = {{9, 6, GRAMS_MAX}, {4, 4, 1}, {3, 3, 1}, {2, 2, 1}, {1, 1, 1}};

struct entry {
	uint8_t len;
	char bytes[LITERAL_MAX_BYTES];
};

/* One gram of a literal. */
struct mark {
	uint64_t gram;
	uint32_t entry;
	uint32_t offset; /* in the literal */
};

/* The literals of one kind. */
struct level {
	uint64_t *bitmap;
	uint32_t *starts; /* of each bucket of hashes, and one more: its marks */
	struct mark *marks;
	size_t n;
	uint32_t mask; /* hash & mask is a place in the bitmap */
};

struct lookout {
	struct level levels[LEVELS];
	struct entry *entries; /* of each literal */
};

static size_t level_of(size_t len)
{
	size_t i = 0;

	while (kinds[i].literal > len)
		i++;
	return i;
}

static uint64_t gram_at(const char *s, size_t len)
{
	uint64_t gram = 0;

	memcpy(&gram, s, len);
	return le64toh(gram);
}

static inline uint32_t hash(uint64_t gram)
{
	/* 2^64 / golden ratio: the high bits are well mixed, and stand for the eight bytes' low ones too */
	return (uint32_t)(gram * UINT64_C(0x9E3779B97F4A7C15) >> (64 - BITS_MAX));
}

/* --- making --- */

static unsigned bits_for(size_t n)
{
	unsigned bits = BITS_MIN;

	while (bits < BITS_MAX && n << BITS_SPARSE > (size_t)1 << bits)
		bits++;
	return bits;
}

/* What a byte of a text tells, in bits: roughly how rare it is in Spanish, English and Portuguese. */
static unsigned byte_bits(unsigned char c)
{
	static const uint8_t letters[26] = {
		3, 7, 5, 5, 3, 7, 7, 6, 4, 9, 9, 5, 5, 4, 4, 6, 8, 4, 4, 4, 5, 7, 9, 10, 8, 9,
	};

	if (c >= 'a' && c <= 'z')
		return letters[c - 'a'];
	if (c == ' ')
		return 3;
	return c == 0xC3 ? 5 : 8;
}

static unsigned log2_of(uint32_t n)
{
	return n ? 32 - (unsigned)__builtin_clz(n) : 0;
}

/* How often each gram, by its hash, stands in all literals together. */
static uint32_t *common_count(const struct literal *v, size_t n)
{
	uint32_t *count = xcalloc((size_t)1 << BITS_MAX, sizeof(*count));
	size_t i, k;

	for (i = 0; i < n; i++) {
		size_t gram = kinds[level_of(v[i].len)].gram;

		for (k = 0; k + gram <= v[i].len; k++)
			count[hash(gram_at(v[i].s + k, gram))]++;
	}
	return count;
}

/* What the gram tells, in bits: the less texts and other literals are likely to have it, the more. */
static unsigned gram_bits(const char *s, size_t gram, const uint32_t *count)
{
	unsigned bits = 32 - log2_of(count[hash(gram_at(s, gram))]);
	size_t i;

	for (i = 0; i < gram; i++)
		bits += byte_bits((unsigned char)s[i]);
	return bits;
}

/* Where in a literal its grams begin: there where the least telling of them tells most. */
static size_t marks_at(const struct literal *l, const struct kind *kind, const uint32_t *count)
{
	unsigned most = 0;
	size_t at = 0, k, i;

	for (k = 0; k + kind->gram + kind->stride - 1 <= l->len; k++) {
		unsigned least = UINT_MAX;

		for (i = 0; i < kind->stride; i++) {
			unsigned bits = gram_bits(l->s + k + i, kind->gram, count);

			least = bits < least ? bits : least;
		}
		if (least > most) {
			most = least;
			at = k;
		}
	}
	return at;
}

static uint32_t bucket(const struct level *l, uint64_t gram)
{
	return (hash(gram) & l->mask) >> BUCKETS_FEWER;
}

static void level_alloc(struct level *l)
{
	size_t places = (size_t)1 << bits_for(l->n);

	l->mask = (uint32_t)places - 1;
	l->bitmap = xcalloc(places / 64, sizeof(*l->bitmap));
	l->starts = xcalloc((places >> BUCKETS_FEWER) + 2, sizeof(*l->starts));
	l->marks = xcalloc(l->n, sizeof(*l->marks));
}

/* The marks by their buckets: counted into starts, then summed up, then put, which moves each start on to its end. */
static void level_fill(struct level *l, const struct mark *v)
{
	uint32_t buckets = (l->mask + 1) >> BUCKETS_FEWER, i;
	size_t k;

	for (k = 0; k < l->n; k++)
		l->starts[bucket(l, v[k].gram) + 2]++;
	for (i = 0; i < buckets; i++)
		l->starts[i + 2] += l->starts[i + 1];
	for (k = 0; k < l->n; k++) {
		uint32_t place = hash(v[k].gram) & l->mask;

		l->bitmap[place / 64] |= UINT64_C(1) << (place % 64);
		l->marks[l->starts[bucket(l, v[k].gram) + 1]++] = v[k];
	}
}

static void level_make(struct lookout *l, size_t level, const struct literal *v, size_t n, const uint32_t *count)
{
	const struct kind *kind = &kinds[level];
	struct mark *marks = xcalloc(n * kind->stride + 1, sizeof(*marks));
	size_t *n_marks = &l->levels[level].n, i, k;

	for (i = 0; i < n; i++) {
		size_t at = level_of(v[i].len) == level ? marks_at(&v[i], kind, count) : SIZE_MAX;

		for (k = at; at != SIZE_MAX && k < at + kind->stride; k++)
			marks[(*n_marks)++] = (struct mark){gram_at(v[i].s + k, kind->gram), (uint32_t)i, (uint32_t)k};
	}
	if (*n_marks) {
		level_alloc(&l->levels[level]);
		level_fill(&l->levels[level], marks);
	}
	free(marks);
}

struct lookout *lookout_new(const struct literal *v, size_t n)
{
	struct lookout *l = NEW(struct lookout);
	uint32_t *count = common_count(v, n);
	size_t i;

	l->entries = xcalloc(n + 1, sizeof(*l->entries));
	for (i = 0; i < n; i++) {
		l->entries[i].len = (uint8_t)v[i].len;
		memcpy(l->entries[i].bytes, v[i].s, v[i].len);
	}
	for (i = 0; i < LEVELS; i++)
		level_make(l, i, v, n, count);
	free(count);
	return l;
}

struct lookout *lookout_free(struct lookout *l)
{
	size_t i;

	if (!l)
		return NULL;
	for (i = 0; i < LEVELS; i++) {
		free(l->levels[i].bitmap);
		free(l->levels[i].starts);
		free(l->levels[i].marks);
	}
	free(l->entries);
	free(l);
	return NULL;
}

/* --- scanning --- */

struct scan {
	const struct lookout *lookout;
	const char *text;
	size_t len;
	void (*on_literal)(void *arg, uint32_t literal);
	void *arg;
};

/* The gram may stand at text + at: which literals do? */
static __attribute__((noinline)) void compare(const struct level *l, uint64_t gram, size_t at, const struct scan *s)
{
	uint32_t i = l->starts[bucket(l, gram)], end = l->starts[bucket(l, gram) + 1];

	for (; i < end; i++) {
		const struct mark *mark = &l->marks[i];
		const struct entry *e = &s->lookout->entries[mark->entry];

		if (mark->gram == gram && at >= mark->offset && s->len - (at - mark->offset) >= e->len &&
		    !memcmp(s->text + at - mark->offset, e->bytes, e->len))
			s->on_literal(s->arg, mark->entry);
	}
}

static inline __attribute__((always_inline)) void look(const struct level *l, uint64_t gram, size_t at,
						       const struct scan *s)
{
	uint32_t place = hash(gram) & l->mask;

	if (__builtin_expect(l->bitmap[place / 64] >> (place % 64) & 1, 0))
		compare(l, gram, at, s);
}

/* Inlined once a kind. Eight bytes are read at once, for all the grams in them that are looked at. */
static inline __attribute__((always_inline)) void level_scan(const struct level *level, size_t gram, size_t stride,
							     const struct scan *s)
{
	const struct level l = *level; /* no call changes it: it stays in registers */
	const size_t step = stride > 1 ? stride : sizeof(uint64_t) - gram + 1;
	const uint64_t mask = UINT64_MAX >> (64 - 8 * gram);
	size_t i = 0, k;

	if (!l.n)
		return;
	for (; i + sizeof(uint64_t) <= s->len; i += step) {
		uint64_t eight = gram_at(s->text + i, sizeof(eight));

#pragma GCC unroll 8
		for (k = 0; k < step; k += stride)
			look(&l, eight >> 8 * k & mask, i + k, s);
	}
	for (; i + gram <= s->len; i += stride)
		look(&l, gram_at(s->text + i, gram), i, s);
}

void lookout_scan(const struct lookout *l, const char *text, size_t len,
		  void (*on_literal)(void *arg, uint32_t literal), void *arg)
{
	const struct scan s = {l, text, len, on_literal, arg};

	level_scan(&l->levels[0], 6, GRAMS_MAX, &s);
	level_scan(&l->levels[1], 4, 1, &s);
	level_scan(&l->levels[2], 3, 1, &s);
	level_scan(&l->levels[3], 2, 1, &s);
	level_scan(&l->levels[4], 1, 1, &s);
}
