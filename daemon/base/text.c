#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { TEXT_MAX_BYTES = 64 * 1024 };

extern const char *const text_catalogue[TEXT_LANGS][TEXT_IDS];

enum text_lang text_lang_of(const char *tag)
{
	static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	size_t i;

	for (i = 0; !tag && i < ARRAY_LEN(variables); i++) {
		tag = getenv(variables[i]);
		if (tag && !*tag)
			tag = NULL;
	}
	return tag && strncmp(tag, "es", 2) == 0 && (tag[2] == '\0' || strchr("_-.@", tag[2])) ? TEXT_ES : TEXT_EN;
}

const char *text_raw(enum text_lang lang, enum text_id id)
{
	return text_catalogue[lang][id];
}

/* Placeholders are compiled to \x01 and a letter: 'a' is the first argument. {n|one|more} is \x02, the letter, "one", \x03,
 * "more", \x03. */
void text_put(struct buf *b, enum text_lang lang, enum text_id id, const char *const args[], size_t n_args)
{
	const char *s = text_raw(lang, id), *mark;

	while (*(mark = s + strcspn(s, "\x01\x02"))) {
		size_t i = (size_t)(mark[1] - 'a');
		const char *arg = i < n_args && args[i] ? args[i] : "";

		buf_put(b, s, (size_t)(mark - s));
		s = mark + 2;
		if (*mark == '\x01') {
			buf_puts(b, arg);
		} else {
			size_t one = strcspn(s, "\x03"), more = strcspn(s + one + 1, "\x03");

			if (strcmp(arg, "1") == 0)
				buf_put(b, s, one);
			else
				buf_put(b, s + one + 1, more);
			s += one + 1 + more + 1;
		}
	}
	buf_puts(b, s);
}

char *text_decimal(enum text_lang lang, double value)
{
	static const char points[TEXT_LANGS] = {[TEXT_EN] = '.', [TEXT_ES] = ','};
	char *s = xasprintf("%.1f", value), *point = strrchr(s, '.'); /* no program here sets a locale of numbers */

	if (point)
		*point = points[lang];
	return s;
}

enum text_id text_of_errno(int error)
{
	static const struct {
		int error;
		enum text_id id;
	} known[] = {
		{ENOENT, TEXT_OS_ABSENT},        {EACCES, TEXT_OS_FORBIDDEN},  {EPERM, TEXT_OS_FORBIDDEN},
		{EISDIR, TEXT_OS_FOLDER},        {ENOTDIR, TEXT_OS_NO_FOLDER}, {ENOSPC, TEXT_OS_FULL},
		{EROFS, TEXT_OS_READ_ONLY},      {EFBIG, TEXT_OS_TOO_LARGE},   {EADDRINUSE, TEXT_OS_IN_USE},
		{ECONNREFUSED, TEXT_OS_REFUSED}, {EIO, TEXT_OS_DEFECT},
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(known); i++)
		if (known[i].error == error)
			return known[i].id;
	return TEXT_OS_OTHER;
}

char *text_errno(enum text_lang lang, int error)
{
	return TEXT(lang, text_of_errno(error), strerrordesc_np(error));
}

char *text_make(enum text_lang lang, enum text_id id, const char *const args[])
{
	struct buf b = BUF_INIT(TEXT_MAX_BYTES);
	size_t n = 0;

	while (args[n])
		n++;
	text_put(&b, lang, id, args, n);
	return buf_steal(&b);
}
