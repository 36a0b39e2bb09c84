#include "enrich/language.h"

#include <string.h>
#include <utf8proc.h>

#include "base/utf8.h"
#include "base/mem.h"

#define MAGIC      "escuchad-language 2\n"
#define MULTIPLIER UINT64_C(0x9E3779B97F4A7C15)

enum {
	GRAM_MIN = 2,
	GRAM_MAX = 5,
	SLOT_BITS = 14,
	CHECK_BITS = 8,
	SIZE_SHIFT = 56,  /* an n-gram is its bytes as a number, its length in the top byte */
	GRAMS_MIN = 4,    /* fewer say nothing */
	CLOSE = 10,       /* how near the second is, for the first to be doubted or a source's word to decide */
	SHORT_BYTES = 20, /* of letters: so few words ask for more */
	SHORT_CLOSE = 60,
	LIKELY = 240,
	CLOSE_SURE = 250, /* how far one of the close ones is before another where the second table is not asked */
	CLOSE_ROW = 1 + LANGUAGE_CLOSE,
	PART_LETTERS = 72, /* bytes of them at the beginning and at the end of a text of three times as many */
	PART_SURE = 300,   /* how far the first is before the second where a part is surely of it */
	LATIN_MAX = 0x24F,
	ROW_BYTES = 16,
	PART_GRAMS = UINT16_MAX / UINT8_MAX,
};

/* --- the model --- */

static const uint8_t *names_read(const uint8_t *s, const uint8_t *end, struct language_model *m)
{
	size_t i, n;

	for (i = 0; i < LANGUAGES; i++) {
		const uint8_t *eol = memchr(s, '\n', (size_t)(end - s));

		n = eol ? (size_t)(eol - s) : 0;
		if (!n || n >= sizeof(m->name_room[i]))
			return NULL;
		memcpy(m->name_room[i], s, n);
		m->name_room[i][n] = '\0';
		m->names[i] = m->name_room[i];
		s = eol + 1;
	}
	return s < end && *s == '\n' ? s + 1 : NULL;
}

static const uint8_t *starts_read(const uint8_t *s, int32_t *ret, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++, s += sizeof(int32_t))
		ret[i] = (int32_t)((uint32_t)s[0] | (uint32_t)s[1] << 8 | (uint32_t)s[2] << 16 | (uint32_t)s[3] << 24);
	return s;
}

int language_model_read(const uint8_t *bytes, size_t len, struct language_model *ret)
{
	const size_t magic = strlen(MAGIC), rows = (size_t)LANGUAGE_SLOTS * LANGUAGES;
	const size_t close_rows = (size_t)LANGUAGE_SLOTS * CLOSE_ROW;
	const uint8_t *s, *end = bytes + len;
	size_t i;

	if (len < magic || memcmp(bytes, MAGIC, magic) != 0)
		return LANGUAGE_E_FORMAT;
	s = names_read(bytes + magic, end, ret);
	if (!s || (size_t)(end - s) != LANGUAGE_SLOTS + rows + sizeof(ret->start) + LANGUAGE_CLOSE + 1 + close_rows +
					       sizeof(ret->close_start))
		return LANGUAGE_E_FORMAT;
	ret->checks = s;
	ret->weights = (const int8_t *)s + LANGUAGE_SLOTS;
	s = starts_read(s + LANGUAGE_SLOTS + rows, ret->start, LANGUAGES);
	for (i = 0; i < LANGUAGE_CLOSE; i++) {
		ret->close[i] = *s++;
		if (ret->close[i] >= LANGUAGES)
			return LANGUAGE_E_FORMAT;
	}
	ret->close_rows = s + 1;
	(void)starts_read(ret->close_rows + close_rows, ret->close_start, LANGUAGE_CLOSE);
	return 0;
}

/* --- the letters of a text --- */

struct letters {
	char v[LANGUAGE_LETTERS_MAX + 8];
	size_t n;
	size_t latin, other; /* letters of the Latin script, and of all others */
};

static void space_put(struct letters *l)
{
	if (l->v[l->n - 1] != ' ')
		l->v[l->n++] = ' ';
}

static bool is_mark(uint32_t c)
{
	return utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_MN;
}

static bool is_letter(uint32_t c)
{
	switch (utf8proc_category((utf8proc_int32_t)c)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
		return true;
	default:
		return false;
	}
}

static void letter_put(struct letters *l, uint32_t c)
{
	if (c == 0x2019 || c == 0xB7) { /* ’ is ', and · stands in Catalan words */
		l->v[l->n++] = '\'';
		return;
	}
	if (!is_letter(c)) {
		if (!is_mark(c)) /* which stands over a letter, within its word: one, or twenty for fun */
			space_put(l);
		return;
	}
	if (c <= LATIN_MAX)
		l->latin++;
	else
		l->other++;
	l->n += utf8_encode((uint32_t)utf8proc_tolower((utf8proc_int32_t)c), l->v + l->n);
}

static bool begins(const char *s, const char *end, const char *with)
{
	size_t len = strlen(with);

	return (size_t)(end - s) >= len && !memcmp(s, with, len);
}

/* The end of an address, a handle or a hashtag that begins here; s: none does. */
static const char *skipped(const char *s, const char *end)
{
	if (*s != '@' && *s != '#' && !begins(s, end, "http://") && !begins(s, end, "https://") &&
	    !begins(s, end, "www."))
		return s;
	while (s < end && *s != ' ' && *s != '\n' && *s != '\t')
		s++;
	return s;
}

/* A run of ASCII letters, as small ones: what most of a text is. Returns its end. */
static const char *run_put(struct letters *l, const char *s, const char *end, size_t until)
{
	size_t n = l->n;

	for (; s < end && n < until; s++) {
		uint8_t small = (uint8_t)*s | 0x20;

		if ((uint8_t)(small - 'a') >= 26)
			break;
		l->v[n++] = (char)small;
	}
	l->latin += n - l->n;
	l->n = n;
	return s;
}

static void letters_read(struct letters *l, const char *s, const char *end, size_t until)
{
	l->v[0] = ' ';
	l->n = 1;
	l->latin = l->other = 0;
	while (s < end && l->n < until) {
		const char *from = s;

		if (*s == '@' || *s == '#' || *s == 'h' || *s == 'w') {
			s = skipped(s, end);
			if (s > from) {
				space_put(l);
				continue;
			}
		}
		s = run_put(l, s, end, until);
		if (s > from)
			continue;
		if ((uint8_t)*s >= 0x80)
			letter_put(l, utf8_next(&s, end));
		else if (*s++ == '\'')
			l->v[l->n++] = '\'';
		else
			space_put(l);
	}
	space_put(l);
}

/* --- which it is --- */

/* A row of weights, with some bytes of what stands behind it (the model ends in more than that), as pairs of bytes; and a sum
 * of such, one of each pair's first bytes and one of the seconds: two additions and no conversion a row. */
typedef uint16_t pair_vector __attribute__((vector_size(ROW_BYTES)));

/* The slots of the n-grams that the model knows. */
struct known {
	uint16_t v[(LANGUAGE_LETTERS_MAX + 8) * (GRAM_MAX - GRAM_MIN + 1)];
	size_t n;
};

/* Which slot an n-gram of so many bytes would be in, and below that, of CHECK_BITS, which of them it is. */
static inline uint64_t slot_of(uint64_t code, int size)
{
	return ((code | (uint64_t)size << SIZE_SHIFT) * MULTIPLIER) >> (64 - SLOT_BITS - CHECK_BITS);
}

/* Of the n-grams that begin at one place those that the model knows. Without a branch on that, which nothing foresees: each is
 * written down, and the next one over it where it is not known. */
static inline void place_find(const struct language_model *m, const uint8_t *at, int sizes, struct known *k)
{
	uint64_t code = at[0];
	size_t n = k->n;
	int size;

#pragma GCC unroll 4
	for (size = GRAM_MIN; size <= sizes; size++) {
		uint64_t hash;

		code = code << 8 | at[size - 1];
		hash = slot_of(code, size);
		k->v[n] = (uint16_t)(hash >> CHECK_BITS);
		n += m->checks[hash >> CHECK_BITS] == (uint8_t)hash;
	}
	k->n = n;
}

/* Adds what they weigh. Bytes are added as if 128 were 0, in parts of PART_GRAMS rows: more could be too much for 16 bits. */
static void known_weigh(const struct language_model *m, const struct known *k, int32_t sum[LANGUAGES])
{
	const bool little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
	size_t i = 0;
	int l;

	while (i < k->n) {
		size_t end = i + PART_GRAMS < k->n ? i + PART_GRAMS : k->n;
		int32_t zero = 128 * (int32_t)(end - i);
		pair_vector low = {0}, high = {0};

		for (; i < end; i++) {
			pair_vector row;

			memcpy(&row, m->weights + (size_t)k->v[i] * LANGUAGES, sizeof(row));
			row ^= 0x8080;
			low += row & 0xFF;
			high += row >> 8;
		}
		for (l = 0; l < LANGUAGES; l++)
			sum[l] += (int32_t)((l % 2 == 0) == little ? low : high)[l / 2] - zero;
	}
}

/* Adds what the n-grams weigh; returns how many the model knows. */
static size_t grams_weigh(const struct language_model *m, const struct letters *l, int32_t sum[LANGUAGES])
{
	const uint8_t *v = (const uint8_t *)l->v;
	struct known k;
	size_t i;

	k.n = 0;
	for (i = 0; i + GRAM_MAX <= l->n; i++)
		place_find(m, v + i, GRAM_MAX, &k);
	for (; i + GRAM_MIN <= l->n; i++)
		place_find(m, v + i, (int)(l->n - i), &k);
	known_weigh(m, &k, sum);
	return k.n;
}

/* What the second table says of those n-grams. */
static void close_weigh(const struct language_model *m, const struct letters *l, int32_t sum[LANGUAGE_CLOSE])
{
	const uint8_t *v = (const uint8_t *)l->v;
	size_t i, k;
	int size;

	for (i = 0; i + GRAM_MIN <= l->n; i++) {
		uint64_t code = v[i];

		for (size = GRAM_MIN; size <= GRAM_MAX && i + (size_t)size <= l->n; size++) {
			const uint8_t *row;
			uint64_t hash;
			int32_t mine;

			code = code << 8 | v[i + (size_t)size - 1];
			hash = slot_of(code, size);
			row = m->close_rows + (hash >> CHECK_BITS) * CLOSE_ROW;
			mine = -(int32_t)(row[0] == (uint8_t)hash); /* all bits, or none: no branch */
			for (k = 0; k < LANGUAGE_CLOSE; k++)
				sum[k] += (int8_t)row[1 + k] & mine;
		}
	}
}

static const char *undecided(const struct language_model *m)
{
	return m->names[LANGUAGES - 1];
}

static bool is_called(const char *name, const char *tag)
{
	size_t len = strlen(name);

	return !strncasecmp(tag, name, len) && (!tag[len] || tag[len] == '-' || tag[len] == '_');
}

/* What a text, or a part of it, is by its letters. */
struct verdict {
	size_t best;
	int32_t margin; /* how far it is before the second; 0: not far enough, or none of them */
};

/* The first two of some. */
struct first {
	size_t best, second;
};

static struct first first_of(const int32_t *sum, size_t n)
{
	size_t best = 0, second = 1, i;

	for (i = 1; i < n; i++) {
		if (sum[i] > sum[best]) {
			second = best;
			best = i;
		} else if (second == best || sum[i] > sum[second]) {
			second = i;
		}
	}
	return (struct first){best, second};
}

static bool is_close(const struct language_model *m, size_t language)
{
	return memchr(m->close, (int)language, LANGUAGE_CLOSE) != NULL;
}

static struct verdict close_judge(const struct language_model *m, const struct letters *l, const char *likely)
{
	int32_t sum[LANGUAGE_CLOSE];
	struct first f;
	size_t i;

	memcpy(sum, m->close_start, sizeof(sum));
	close_weigh(m, l, sum);
	for (i = 0; likely && i < LANGUAGE_CLOSE; i++)
		if (is_called(m->names[m->close[i]], likely))
			sum[i] += LIKELY;
	f = first_of(sum, LANGUAGE_CLOSE);
	return (struct verdict){m->close[f.best], sum[f.best] - sum[f.second]};
}

static struct verdict letters_judge(const struct language_model *m, const char *s, const char *end, size_t most,
				    const char *likely)
{
	int32_t sum[LANGUAGES];
	struct letters l;
	struct verdict v;
	struct first f;
	size_t i;

	letters_read(&l, s, end, most);
	memcpy(sum, m->start, sizeof(sum));
	if (l.other > l.latin || grams_weigh(m, &l, sum) < GRAMS_MIN)
		return (struct verdict){.margin = 0};
	for (i = 0; likely && i < LANGUAGES; i++)
		if (is_called(m->names[i], likely))
			sum[i] += LIKELY;
	f = first_of(sum, LANGUAGES);
	v = (struct verdict){f.best, sum[f.best] - sum[f.second]};
	if (v.margin < CLOSE_SURE && is_close(m, f.best) && is_close(m, f.second))
		v = close_judge(m, &l, likely);
	if (v.margin < (l.n < SHORT_BYTES ? SHORT_CLOSE : CLOSE))
		v.margin = 0;
	return v;
}

/* A text's beginning and its end, where both are surely of one language. */
static bool ends_agree(const struct language_model *m, const char *text, size_t len, const char *likely, size_t *ret)
{
	const char *end = text + (len < LANGUAGE_LETTERS_MAX ? len : LANGUAGE_LETTERS_MAX), *words;
	struct verdict first, last;

	if (len < 3 * (size_t)PART_LETTERS)
		return false;
	first = letters_judge(m, text, end, PART_LETTERS, likely);
	words = memchr(end - PART_LETTERS, ' ', PART_LETTERS);
	if (first.margin < PART_SURE || !words)
		return false;
	last = letters_judge(m, words, end, PART_LETTERS, likely);
	*ret = first.best;
	return last.margin >= PART_SURE && last.best == first.best;
}

const char *language_of(const struct language_model *m, const char *text, size_t len, const char *likely)
{
	struct verdict all;
	size_t both;

	if (ends_agree(m, text, len, likely, &both))
		return m->names[both];
	all = letters_judge(m, text, text + len, LANGUAGE_LETTERS_MAX, likely);
	return all.margin ? m->names[all.best] : undecided(m);
}
