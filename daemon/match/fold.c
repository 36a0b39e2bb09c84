#include "match/fold.h"

#include <ctype.h>
#include <endian.h>
#include <pthread.h>
#include <string.h>
#include <utf8proc.h>

#include "base/mem.h"
#include "base/utf8.h"

enum {
	LATIN_END = 0x250,
	PUNCTUATION = 0x2000, /* quotes, dashes, ellipses, zero-width characters: what Spanish text has beyond Latin */
	PUNCTUATION_END = 0x2070,
	TABLE_SIZE = LATIN_END + PUNCTUATION_END - PUNCTUATION,
	ENTRY_BYTES = 15,          /* ⁗ becomes ′′′′: 12 */
	CLUSTER_FOLDED_MAX = 1024, /* code points; one gives at most 18 */
	BLOCK = 64,
	MAP_RUN = 8,
	BLOCK_FOLDED_MAX = (BLOCK / 2 + 1) * ENTRY_BYTES + 2 * BLOCK, /* what is written for one, its rest included */
};

struct entry {
	uint8_t len;
	char bytes[ENTRY_BYTES];
};

static struct entry table[TABLE_SIZE]; /* written once, before the first text */
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

static const struct entry *entry_of(uint32_t cp)
{
	if (cp < LATIN_END)
		return &table[cp];
	if (cp >= PUNCTUATION && cp < PUNCTUATION_END)
		return &table[LATIN_END + cp - PUNCTUATION];
	return NULL;
}

static bool accent_is_dropped(int32_t base, int32_t mark)
{
	switch (mark) {
	case 0x0300: /* grave */
	case 0x0301: /* acute */
	case 0x0302: /* circumflex */
	case 0x0303: /* tilde: ã and õ, never ñ */
	case 0x0308: /* diaeresis */
		return base < 0x80 && base && strchr("aeiouy", base);
	case 0x0327: /* cedilla */
		return base == 'c';
	default:
		return false;
	}
}

/* Takes decomposed code points; returns how many are left. */
static size_t drop_accents(int32_t *v, size_t n)
{
	size_t i, kept = 0;
	int32_t base = 0;

	for (i = 0; i < n; i++) {
		if (utf8proc_get_property(v[i])->combining_class == 0)
			base = v[i];
		else if (accent_is_dropped(base, v[i]))
			continue;
		v[kept++] = v[i];
	}
	return kept;
}

/* A cluster of at most FOLD_CLUSTER_MAX code points, as UTF-8; returns the bytes written. */
static size_t fold_cluster(const uint32_t *cluster, size_t n, char out[4 * CLUSTER_FOLDED_MAX])
{
	const utf8proc_option_t options = UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
	int32_t v[CLUSTER_FOLDED_MAX];
	char raw[4 * FOLD_CLUSTER_MAX];
	size_t len = 0, i;
	utf8proc_ssize_t got;

	for (i = 0; i < n; i++)
		len += utf8_encode(cluster[i], raw + len);
	got = utf8proc_decompose((const utf8proc_uint8_t *)raw, (utf8proc_ssize_t)len, v, ARRAY_LEN(v), options);
	if (got < 0 || got > (utf8proc_ssize_t)ARRAY_LEN(v)) { /* can't be: the text is valid and the room enough */
		memcpy(out, raw, len);
		return len;
	}
	got = (utf8proc_ssize_t)drop_accents(v, (size_t)got);
	got = utf8proc_normalize_utf32(v, got, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
	for (i = 0, len = 0; got > 0 && i < (size_t)got; i++)
		len += utf8_encode((uint32_t)v[i], out + len);
	return len;
}

static void table_make(void)
{
	uint32_t i;

	for (i = 0; i < TABLE_SIZE; i++) {
		uint32_t cp = i < LATIN_END ? i : i - LATIN_END + PUNCTUATION;
		char out[4 * CLUSTER_FOLDED_MAX];
		size_t len = fold_cluster(&cp, 1, out);

		if (len > ENTRY_BYTES)
			abort(); /* another utf8proc than any known one */
		if (cp < 0x80 && (len != 1 || out[0] != (char)tolower((int)cp)))
			abort(); /* ascii_fold() says so */
		table[i].len = (uint8_t)len;
		memcpy(table[i].bytes, out, len);
	}
}

/* What surely joins nothing before it: below U+0300, or in the table. Told by the first bytes, without decoding. */
static bool stands_alone(const char *s, const char *end)
{
	const unsigned char *p = (const unsigned char *)s;

	if (s == end || p[0] < 0xCC)
		return true;
	return p[0] == 0xE2 && end - s >= 3 && (p[1] == 0x80 || (p[1] == 0x81 && p[2] < 0xB0));
}

/* Reads the cluster at *s. */
static size_t cluster_next(const char **s, const char *end, uint32_t cluster[FOLD_CLUSTER_MAX])
{
	utf8proc_int32_t state = 0;
	size_t n = 1;

	cluster[0] = utf8_next(s, end);
	while (n < FOLD_CLUSTER_MAX && !stands_alone(*s, end)) {
		const char *next = *s;
		uint32_t cp = utf8_next(&next, end);

		if (utf8proc_grapheme_break_stateful((int32_t)cluster[n - 1], (int32_t)cp, &state))
			break;
		cluster[n++] = cp;
		*s = next;
	}
	return n;
}

size_t fold_cluster_len(const char *s, const char *end)
{
	uint32_t cluster[FOLD_CLUSTER_MAX];
	const char *p = s;

	cluster_next(&p, end, cluster);
	return (size_t)(p - s);
}

void fold_init(struct fold *f)
{
	*f = (struct fold){.bytes = NULL};
	pthread_once(&table_once, table_make);
}

void fold_done(struct fold *f)
{
	free(f->bytes);
	free(f->at);
	free(f->width);
	*f = (struct fold){.bytes = NULL};
}

static void reserve(struct fold *f, size_t more)
{
	if (f->cap - f->len > more)
		return;
	f->cap = 2 * f->cap + more + 1;
	f->bytes = xreallocarray(f->bytes, f->cap, 1);
}

static void map_put(struct fold *f, size_t len, uint32_t at, size_t width)
{
	size_t i;

	for (i = f->len; i < f->len + len; i++) {
		f->at[i] = at;
		f->width[i] = (uint8_t)width;
	}
}

/* BLOCK bytes with capitals as small letters, and of each whether it is ASCII: a bit in *ret_high where it is not, and then it
 * comes out as it may. */
static inline void ascii_fold(char *to, const char *s, uint64_t *ret_high)
{
	typedef uint8_t bytes __attribute__((vector_size(16)));
	const uint64_t tops = UINT64_C(0x8080808080808080), gather = UINT64_C(0x0002040810204081);
	uint64_t high = 0;
	size_t i;

#pragma GCC unroll 4
	for (i = 0; i < BLOCK; i += sizeof(bytes)) {
		bytes v;

		memcpy(&v, s + i, sizeof(v));
		v |= (bytes)(v - 'A' < 26) & 0x20;
		memcpy(to + i, &v, sizeof(v));
	}
#pragma GCC unroll 8
	for (i = 0; i < BLOCK; i += sizeof(uint64_t)) {
		uint64_t v;

		memcpy(&v, s + i, sizeof(v));
		high |= (le64toh(v) & tops) * gather >> 56 << i; /* the eight top bits, side by side */
	}
	*ret_high = high;
}

/* Of the character of two or three bytes at s, its entry; NULL: not in the table, or not valid. */
static inline const struct entry *long_entry(const char *s, const char *end, size_t *ret_len)
{
	const unsigned char *p = (const unsigned char *)s;

	*ret_len = 2;
	if (p[0] >= 0xC2 && p[0] < 0xC0 + LATIN_END / 64 && end - s >= 2 && (p[1] & 0xC0) == 0x80)
		return &table[(p[0] & 0x1F) << 6 | (p[1] & 0x3F)];
	*ret_len = 3;
	if (p[0] == 0xE2 && end - s >= 3 && (p[1] & 0xFE) == 0x80 && p[2] >= 0x80 &&
	    p[2] < (p[1] == 0x80 ? 0xC0 : 0xB0))
		return &table[LATIN_END + ((p[1] & 1) << 6 | (p[2] & 0x3F))];
	return NULL;
}

/* A block of a text: n bytes at s, of which BLOCK can be read. *done is how many of them were folded, or a character's more that
 * reaches over its end; less than n: before what the table doesn't know. No branch asks how far it is from one accent to the
 * next, which no processor foresees: the rest of the block is put behind each, and the next accent is put over it. */
static char *block_fold(char *to, const char *s, size_t n, const char *end, size_t *done)
{
	char small[2 * BLOCK + 2];
	uint64_t high;
	size_t i = 0;

	ascii_fold(small, s, &high);
	memset(small + BLOCK, 0, BLOCK + 2);
	high &= UINT64_MAX >> (BLOCK - n);
	memcpy(to, small, BLOCK);
	while (high) {
		size_t at = (size_t)__builtin_ctzll(high), len;
		const struct entry *e = long_entry(s + at, end, &len);

		to += at - i;
		if (!e || !stands_alone(s + at + len, end)) {
			size_t mark = at > i && !stands_alone(s + at, end); /* to the ASCII before it */

			*done = at - mark;
			return to - mark;
		}
		memcpy(to, e->bytes, ENTRY_BYTES);
		to += e->len;
		i = at + len;
		memcpy(to, small + i, BLOCK);
		high = i < BLOCK ? high >> i << i : 0;
	}
	*done = i > n ? i : n;
	return to + (*done - i);
}

/* The characters from s on that the table has, as far as no mark follows them: nearly all of most texts, and nothing is decoded.
 * Returns where it stopped: at the end, or before what it doesn't know. */
static const char *table_run(struct fold *f, const char *s, const char *end)
{
	char *to = f->bytes + f->len, *full = f->bytes + f->cap, last[BLOCK] = {0};
	size_t len;

	if (s < end && (unsigned char)*s >= 0x80 && !long_entry(s, end, &len))
		return s;
	while (s < end) {
		size_t n = end - s < BLOCK ? (size_t)(end - s) : BLOCK, done;

		if (full - to < BLOCK_FOLDED_MAX) {
			f->len = (size_t)(to - f->bytes);
			reserve(f, (size_t)(end - s) + BLOCK_FOLDED_MAX);
			to = f->bytes + f->len;
			full = f->bytes + f->cap;
		}
		if (n < BLOCK) {
			memcpy(last, s, n);
			to = block_fold(to, last, n, last + n, &done);
		} else {
			n -= s + n < end && (unsigned char)s[n - 1] < 0x80 && !stands_alone(s + n, end);
			to = block_fold(to, s, n, end, &done);
		}
		s += done;
		if (done < n || (n < BLOCK && s < end))
			break;
	}
	f->len = (size_t)(to - f->bytes);
	return s;
}

/* The same for the map, whose ASCII alone comes in runs. MAP_RUN places are written, however many count. */
static const char *map_run(struct fold *f, const char *s, const char *end, uint32_t *at)
{
	while (end - s > MAP_RUN) {
		uint64_t v, high;
		uint32_t n, k;

		memcpy(&v, s, sizeof(v));
		high = le64toh(v) & UINT64_C(0x8080808080808080);
		n = high ? (uint32_t)__builtin_ctzll(high) / 8 : MAP_RUN;
		n -= n && !stands_alone(s + n, end);
		for (k = 0; k < MAP_RUN; k++)
			f->at[f->len + k] = *at + k;
		memset(f->width + f->len, 1, MAP_RUN);
		f->len += n;
		*at += n;
		s += n;
		if (n < MAP_RUN)
			break;
	}
	return s;
}

/* Folds f->text into f->bytes; or, once more over the same text, tells where they came from and writes none of them. */
static void fold_run(struct fold *f, bool map)
{
	const char *s = f->text, *end = f->text + f->text_len;
	char out[4 * CLUSTER_FOLDED_MAX];
	uint32_t cluster[FOLD_CLUSTER_MAX], at = 0;

	f->len = 0;
	while ((s = map ? map_run(f, s, end, &at) : table_run(f, s, end)) < end) {
		const char *next = s;
		uint32_t cp = (unsigned char)*s < 0x80 ? (next++, (unsigned char)*s) : utf8_next(&next, end);
		const struct entry *e = entry_of(cp);
		const char *folded = out;
		size_t n = 1, len;

		if (e && stands_alone(next, end)) {
			len = e->len;
			folded = e->bytes;
			s = next;
		} else {
			n = cluster_next(&s, end, cluster);
			len = fold_cluster(cluster, n, out);
		}
		if (map) {
			map_put(f, len, at, n);
		} else {
			reserve(f, len);
			memcpy(f->bytes + f->len, folded, len);
		}
		f->len += len;
		at += (uint32_t)n;
	}
	reserve(f, 1);
	f->bytes[f->len] = '\0';
}

void fold_text(struct fold *f, const char *text, size_t len)
{
	f->text = text;
	f->text_len = len;
	f->mapped = false;
	reserve(f, 0); /* from the last text's capacity on */
	fold_run(f, false);
}

void fold_span(struct fold *f, size_t from, size_t to, uint32_t *ret_from, uint32_t *ret_to)
{
	if (!f->mapped) {
		if (f->map_cap < f->cap + MAP_RUN) {
			f->map_cap = f->cap + MAP_RUN;
			f->at = xreallocarray(f->at, f->map_cap, sizeof(*f->at));
			f->width = xreallocarray(f->width, f->map_cap, sizeof(*f->width));
		}
		fold_run(f, true);
		f->mapped = true;
	}
	if (from < f->len)
		*ret_from = f->at[from];
	else
		*ret_from = f->len ? f->at[f->len - 1] + f->width[f->len - 1] : 0;
	*ret_to = to > from ? f->at[to - 1] + f->width[to - 1] : *ret_from;
}
