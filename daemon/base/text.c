#include "base/text.h"

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

/* Placeholders are compiled to \x01 and a letter: 'a' is the first argument. */
void text_put(struct buf *b, enum text_lang lang, enum text_id id, const char *const args[], size_t n_args)
{
	const char *s = text_raw(lang, id), *mark;

	while ((mark = strchr(s, '\x01'))) {
		size_t i = (size_t)(mark[1] - 'a');

		buf_put(b, s, (size_t)(mark - s));
		if (i < n_args && args[i])
			buf_puts(b, args[i]);
		s = mark + 2;
	}
	buf_puts(b, s);
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
