#include "match/near.h"

#include <utf8proc.h>

#include "base/mem.h"
#include "base/utf8.h"

enum letter { LETTER_NONE, LETTER_BEGINS, LETTER_GOES_ON };

static enum letter kind_of(uint32_t cp)
{
	switch (utf8proc_category((utf8proc_int32_t)cp)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_NL:
	case UTF8PROC_CATEGORY_NO:
		return LETTER_BEGINS;
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ME:
	case UTF8PROC_CATEGORY_CF:
		return LETTER_GOES_ON; /* begins none: the selector behind a heart is no word */
	default:
		return LETTER_NONE;
	}
}

static enum letter kind_of_ascii(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ? LETTER_BEGINS : LETTER_NONE;
}

void near_words_read(struct near_words *w, const char *text, size_t len)
{
	const char *end = text + len;
	bool inside = false;
	uint32_t at;

	w->n = 0;
	for (at = 0; text < end; at++) {
		enum letter kind = (unsigned char)*text < 0x80 ? kind_of_ascii((unsigned char)*text++)
							       : kind_of(utf8_next(&text, end));

		if (kind == LETTER_BEGINS && !inside) {
			w->v = GROW(w->v, w->n, &w->cap);
			w->v[w->n++].from = at;
		}
		inside = kind == LETTER_BEGINS || (inside && kind == LETTER_GOES_ON);
		if (inside)
			w->v[w->n - 1].to = at + 1;
	}
}

void near_words_done(struct near_words *w)
{
	free(w->v);
	*w = (struct near_words){.v = NULL};
}

/* How many words end at or before to. */
static size_t ended(const struct near_words *w, uint32_t to)
{
	size_t low = 0, high = w->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (w->v[middle].to <= to)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* How many words begin before from. */
static size_t begun(const struct near_words *w, uint32_t from)
{
	size_t low = 0, high = w->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (w->v[middle].from < from)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t near_between(const struct near_words *w, struct place a, struct place b)
{
	uint32_t from = a.from <= b.from ? a.to : b.to, to = a.from <= b.from ? b.from : a.from;
	size_t first, last;

	if (from >= to)
		return 0;
	first = begun(w, from);
	last = ended(w, to);
	return last > first ? last - first : 0;
}

void near_pairs(const struct near_words *w, const struct place *a, size_t n_a, const struct place *b, size_t n_b,
		bool ordered, near_pair_fn *on_pair, void *arg)
{
	size_t i, k;

	for (i = 0, k = 0; k < n_b; k++) {
		while (i < n_a && (a[i].from < b[k].from || (!ordered && a[i].from == b[k].from)))
			i++;
		if (i)
			on_pair(arg, i - 1, k, near_between(w, a[i - 1], b[k]));
	}
	for (i = 0, k = 0; i < n_a && !ordered; i++) {
		while (k < n_b && b[k].from <= a[i].from)
			k++;
		if (k)
			on_pair(arg, i, k - 1, near_between(w, a[i], b[k - 1]));
	}
}
