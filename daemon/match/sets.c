#include "match/sets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "match/list_file.h"

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void set_make(const char **words, size_t n, struct set *ret)
{
	size_t i, kept = 0;

	qsort(words, n, sizeof(*words), by_bytes);
	for (i = 0; i < n; i++)
		if (!kept || strcmp(words[kept - 1], words[i]) != 0)
			words[kept++] = words[i];
	*ret = (struct set){.words = words, .n = kept};
}

/* --- files --- */

struct reading {
	enum field_name field;
	const char *key;
	struct diag *d;
	struct arena *a;
	struct diag_pos pos; /* the line at hand */
	const char **words;
	size_t n, cap;
	bool wrong;
};

/* What stands in a line before its comment, blanks at the ends left out. */
static size_t line_value(const char **s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((*s)[i] == '#' && (!i || (*s)[i - 1] == ' ' || (*s)[i - 1] == '\t'))
			len = i;
	while (len && strchr(" \t\r", (*s)[len - 1]))
		len--;
	while (len && strchr(" \t", **s)) {
		(*s)++;
		len--;
	}
	return len;
}

static void take_line(struct reading *r, const char *s, size_t len)
{
	const char *value;

	len = line_value(&s, len);
	if (!len)
		return;
	value = field_normal(r->field, s, len, r->a);
	if (!value) {
		r->wrong = true;
		diag_error(r->d, r->pos, r->key, NULL, TEXT_SET_VALUE, arena_memdup0(r->a, s, len),
			   field_text(r->field));
		return;
	}
	r->words = GROW(r->words, r->n, &r->cap);
	r->words[r->n++] = value;
}

static void take_lines(struct reading *r, const char *s, size_t len)
{
	const char *end = s + len, *eol;

	for (; s < end && r->n <= SET_VALUES_MAX; s = eol + 1) {
		eol = memchr(s, '\n', (size_t)(end - s));
		if (!eol)
			eol = end;
		r->pos.line++;
		take_line(r, s, (size_t)(eol - s));
	}
}

int set_read(enum field_name field, const char *path, struct diag_pos pos, const char *key, struct arena *a,
	     struct diag *d, struct set *ret)
{
	struct reading r = {.field = field, .key = key, .d = d, .a = a, .pos = {.file = path, .column = 1}};
	struct buf b = BUF_INIT(SET_FILE_MAX_BYTES);
	char max[24];

	if (list_file_read(path, pos, key, d, &b))
		take_lines(&r, b.data, b.len);
	else
		r.wrong = true;
	buf_done(&b);
	if (r.n > SET_VALUES_MAX) {
		snprintf(max, sizeof(max), "%d", SET_VALUES_MAX);
		diag_error(d, r.pos, key, NULL, TEXT_SET_MANY, max);
		r.wrong = true;
	}
	if (!r.wrong && !r.n)
		diag_warning(d, pos, key, NULL, TEXT_SET_EMPTY, path);
	if (!r.wrong) {
		const char **words = ARENA_ARRAY(a, const char *, r.n + 1);

		if (r.n)
			memcpy(words, r.words, r.n * sizeof(*words));
		set_make(words, r.n, ret);
	}
	free(r.words);
	return r.wrong ? SET_E_INVALID : 0;
}

/* --- asking --- */

/* word against an item: as strcmp() would, were the word ended by a NUL. */
static int order(const char *word, size_t len, const char *item)
{
	int r = strncmp(word, item, len);

	return r ? r : -(item[len] != '\0');
}

bool set_has(const struct set *s, const char *word, size_t len)
{
	size_t from = 0, to = s->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int r = order(word, len, s->words[middle]);

		if (!r)
			return true;
		if (r < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return false;
}

bool set_has_site(const struct set *s, const char *host, size_t len)
{
	const char *dot;

	for (;;) {
		if (set_has(s, host, len))
			return true;
		dot = memchr(host, '.', len);
		if (!dot)
			return false;
		len -= (size_t)(dot + 1 - host);
		host = dot + 1;
	}
}
