#include "match/words.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "match/fold.h"
#include "match/forms.h"

#define ANY_LETTERS "\\w*"
#define ONE_WORD    "\\w+"

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

size_t words_lines(const char *block, size_t len, struct word *v, size_t max)
{
	const char *end = block + len, *s, *eol;
	size_t n = 0;

	for (s = block; s < end; s = eol + 1) {
		size_t blank = 0;

		eol = memchr(s, '\n', (size_t)(end - s));
		if (!eol)
			eol = end;
		while (s + blank < eol && is_space(s[blank]))
			blank++;
		if (s + blank == eol)
			continue;
		if (n < max)
			v[n] = (struct word){s, (size_t)(eol - s)};
		n++;
	}
	return n;
}

static bool has_control(const struct word *w)
{
	size_t i;

	for (i = 0; i < w->len; i++) {
		unsigned char c = (unsigned char)w->s[i];

		if (c == 0x7F || (c < 0x20 && !is_space((char)c)))
			return true;
		if (c == 0xC2 && i + 1 < w->len && (unsigned char)w->s[i + 1] < 0xA0) /* U+0080 to U+009F */
			return true;
	}
	return false;
}

/* One word of an item, [s, end) without white space. */
static void token_put(struct buf *out, const char *s, const char *end)
{
	bool star = false; /* the one before was one: ** is * */

	for (; s < end; s++) {
		if (*s == '*') {
			if (!star)
				buf_puts(out, ANY_LETTERS);
			star = true;
			continue;
		}
		star = false;
		if (ispunct((unsigned char)*s) && *s != '_')
			buf_putc(out, '\\');
		buf_putc(out, *s);
	}
}

static bool is_accented(uint32_t c)
{
	switch (c) {
	case 0xC1: /* Á É Í Ó Ú á é í ó ú, and the acute by itself */
	case 0xC9:
	case 0xCD:
	case 0xD3:
	case 0xDA:
	case 0xE1:
	case 0xE9:
	case 0xED:
	case 0xF3:
	case 0xFA:
	case 0x301:
		return true;
	default:
		return false;
	}
}

/* Whether what [from, to) of the folded item was had an accent: dólar is no verb. */
static bool accented(struct fold *f, size_t from, size_t to)
{
	const char *s = f->text, *end = f->text + f->text_len;
	uint32_t first, last, i;

	fold_span(f, from, to, &first, &last);
	for (i = 0; i < last && s < end; i++)
		if (is_accented(utf8_next(&s, end)) && i >= first)
			return true;
	return false;
}

/* The item as an expression; nothing is written for one that is empty. f: the item folded; NULL: as it stands. */
static int item_to_regex(const struct word *w, struct fold *f, struct buf *out)
{
	const char *s = f ? f->bytes : w->s, *start = s, *end = s + (f ? f->len : w->len);
	bool stars = true;

	while (s < end) {
		const char *from = s;
		bool only_stars = true;

		for (; s < end && !is_space(*s); s++)
			only_stars &= *s == '*';
		if (s > from) {
			if (out->len)
				buf_puts(out, "\\s+");
			if (only_stars)
				buf_puts(out, ONE_WORD);
			else if (!f || !w->forms ||
				 !forms_put(out, from, (size_t)(s - from),
					    accented(f, (size_t)(from - start), (size_t)(s - start))))
				token_put(out, from, s);
			stars &= only_stars;
		}
		s += s < end;
	}
	if (!out->len)
		return WORDS_E_EMPTY;
	return stars ? WORDS_E_STARS : 0;
}

static int item_check(const struct word *w)
{
	if (has_control(w))
		return WORDS_E_CONTROL;
	return w->len > WORD_MAX_BYTES ? WORDS_E_WORD_LONG : 0;
}

/* Longest first, so that "acme mx" is not found as "acme"; then by letters, which brings copies together. */
static int by_length(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	size_t n = strlen(x), m = strlen(y);

	if (n != m)
		return n > m ? -1 : 1;
	return strcmp(x, y);
}

static int items_join(char **items, size_t n, struct buf *out)
{
	size_t start = out->len, i;

	qsort(items, n, sizeof(*items), by_length);
	buf_puts(out, "(?<!\\w)(?:");
	for (i = 0; i < n; i++) {
		if (i && !strcmp(items[i], items[i - 1]))
			continue;
		if (i)
			buf_putc(out, '|');
		buf_puts(out, items[i]);
	}
	buf_puts(out, ")(?!\\w)");
	return out->full || out->len - start > WORDS_REGEX_MAX_BYTES ? WORDS_E_TOO_MANY : 0;
}

int words_to_regex(const struct word *v, size_t n, bool fold, struct buf *out, size_t *ret_bad)
{
	struct buf item = BUF_INIT(FOLD_GROWTH_MAX * WORD_MAX_BYTES * 4);
	char **items = NULL;
	struct fold f;
	size_t i, done = 0;
	int r = 0;

	*ret_bad = 0;
	if (!n)
		return WORDS_E_EMPTY;
	if (n > WORDS_MAX) {
		*ret_bad = WORDS_MAX;
		return WORDS_E_TOO_MANY;
	}
	fold_init(&f);
	items = xcalloc(n, sizeof(*items));
	for (i = 0; i < n && !r; i++) {
		*ret_bad = i;
		r = item_check(&v[i]);
		if (r)
			break;
		fold_text(&f, v[i].s, v[i].len);
		buf_reset(&item);
		r = item_to_regex(&v[i], fold ? &f : NULL, &item);
		if (!r && item.full)
			r = WORDS_E_TOO_MANY;
		if (!r)
			items[done++] = xstrdup(buf_str(&item));
	}
	if (!r)
		r = items_join(items, n, out);
	for (i = 0; i < done; i++)
		free(items[i]);
	free(items);
	buf_done(&item);
	fold_done(&f);
	return r;
}
