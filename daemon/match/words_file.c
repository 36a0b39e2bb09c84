#include "match/words_file.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"

static bool counts(const char *s, size_t len)
{
	size_t blank = strspn(s, " \t\r");

	return blank < len && !(s[blank] == '#' && (blank + 1 == len || strchr(" \t\r", s[blank + 1])));
}

/* The lines of text that count, at most max of them; returns how many there are. */
static size_t lines(const char *text, size_t len, const char *file, struct words_file *f, size_t max)
{
	const char *end = text + len, *s, *eol;
	uint32_t line = 0;
	size_t n = 0;

	for (s = text; s < end; s = eol + 1) {
		eol = memchr(s, '\n', (size_t)(end - s));
		if (!eol)
			eol = end;
		line++;
		if (!counts(s, (size_t)(eol - s)))
			continue;
		if (n < max) {
			f->v[n] = (struct word){.s = s, .len = (size_t)(eol - s)};
			f->at[n] = (struct diag_pos){.file = file, .line = line, .column = 1};
		}
		n++;
	}
	return n;
}

int words_file_read(const char *path, struct diag_pos pos, const char *key, struct arena *a, struct diag *d,
		    struct words_file *ret)
{
	struct buf b = BUF_INIT(WORDS_FILE_MAX_BYTES);
	const char *text, *file;
	int r = WORDS_FILE_E_INVALID;
	size_t n;

	if (list_file_read(path, pos, key, d, &b)) {
		text = arena_memdup0(a, buf_str(&b), b.len);
		file = arena_strdup(a, path);
		n = lines(text, b.len, file, NULL, 0);
		if (!n) {
			diag_error(d, pos, key, NULL, TEXT_MATCH_WORDS_FILE_EMPTY, path);
		} else {
			ret->v = ARENA_ARRAY(a, struct word, n);
			ret->at = ARENA_ARRAY(a, struct diag_pos, n);
			ret->n = lines(text, b.len, file, ret, n);
			r = 0;
		}
	}
	buf_done(&b);
	return r;
}
