#include "match/forms_list.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { TOGETHER_BYTES = 3 };

/* me te se nos os, lo la le los las les, and one of each: "devolvermelo". */
#define PRONOUNS "(?:[mts]e|n?os)?(?:l[aeo]s?)?"

void forms_add(struct forms_list *l, ...)
{
	const char *part;
	size_t len = 0;
	va_list parts;

	if (l->n == FORMS_MAX) {
		l->full = true;
		return;
	}
	va_start(parts, l);
	while ((part = va_arg(parts, const char *))) {
		size_t n = strlen(part);

		if (len + n >= FORM_MAX_BYTES) {
			l->full = true;
			break;
		}
		memcpy(l->v[l->n] + len, part, n);
		len += n;
	}
	va_end(parts);
	l->v[l->n][len] = '\0';
	if (!part)
		l->n++;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

void forms_sort(struct forms_list *l)
{
	size_t i, n = 0;

	qsort(l->v, l->n, sizeof(l->v[0]), by_text);
	for (i = 0; i < l->n; i++) {
		if (n && !strcmp(l->v[n - 1], l->v[i]))
			continue;
		if (n != i)
			memcpy(l->v[n], l->v[i], sizeof(l->v[0]));
		n++;
	}
	l->n = n;
}

static void rest_put(struct buf *out, const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (s[i] == *FORM_PRONOUNS)
			buf_puts(out, PRONOUNS);
		else
			buf_putc(out, s[i]);
	}
}

/* How many bytes, from at on, the forms first to last (which is not in it) have in common: whole characters. */
static size_t common(const struct forms_list *l, size_t first, size_t last, size_t at)
{
	const char *a = l->v[first], *b = l->v[last - 1]; /* sorted: what these two share, all do */
	size_t n = 0;

	while (a[at + n] && a[at + n] == b[at + n])
		n++;
	while (n && ((unsigned char)a[at + n] & 0xC0) == 0x80)
		n--;
	return n;
}

/* The end of the run, from i on, that shares the character at at, or the first few (whole). */
static size_t run_end(const struct forms_list *l, size_t i, size_t last, size_t at, bool whole)
{
	const char *s = l->v[i] + at;
	size_t n = strnlen(s, whole ? TOGETHER_BYTES : 1), k;

	while (((unsigned char)s[n] & 0xC0) == 0x80)
		n++;
	for (k = i + 1; k < last && !strncmp(s, l->v[k] + at, n); k++)
		;
	return k;
}

/* What stands behind the byte at of the forms first to last, as alternatives. */
static void tails_put(const struct forms_list *l, size_t first, size_t last, size_t at, bool whole, struct buf *out)
{
	bool ends = l->v[first][at] == '\0', many = false;
	size_t i, end;

	if (ends && ++first == last)
		return;
	end = run_end(l, first, last, at, whole);
	if (end < last || ends || whole) {
		buf_puts(out, "(?:");
		many = true;
	}
	for (i = first; i < last; i = end) {
		size_t n;

		end = run_end(l, i, last, at, whole);
		n = common(l, i, end, at);
		if (i > first)
			buf_putc(out, '|');
		rest_put(out, l->v[i] + at, n);
		tails_put(l, i, end, at + n, false, out);
	}
	if (many)
		buf_puts(out, ends ? ")?" : ")");
}

void forms_regex(const struct forms_list *l, struct buf *out)
{
	tails_put(l, 0, l->n, 0, true, out);
}
