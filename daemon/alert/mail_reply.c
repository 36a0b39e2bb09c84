#include "alert/mail_reply.h"

#include <stdbool.h>
#include <string.h>

#include "alert/verbs.h"
#include "base/buf.h"
#include "base/mem.h"

enum { FOLDED_SIZE = 200 };

static bool starts(const char *line, const char *with)
{
	return strncmp(line, with, strlen(with)) == 0;
}

/* As verbs_fold(), but of a line: words in lower case with one space between them. */
static void fold(const char *line, size_t len, char out[FOLDED_SIZE])
{
	const char *end = line + len;
	size_t n = 0;

	while (line < end && n + 2 < FOLDED_SIZE) {
		size_t k = 0;

		while (line + k < end && (unsigned char)line[k] > ' ')
			k++;
		verbs_fold(line, k, out + n, FOLDED_SIZE - n - 1);
		n += strlen(out + n);
		if (n && out[n - 1] != ' ')
			out[n++] = ' ';
		line += k + (line + k < end);
	}
	while (n && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
}

static bool ends(const char *text, const char *with)
{
	size_t n = strlen(text), k = strlen(with);

	return n >= k && strcmp(text + n - k, with) == 0;
}

/* What stands above a quote, or begins a signature: nothing behind it is their own. */
static bool is_end(const char *line, size_t len)
{
	static const char *const heads[] = {"-----original message", "mensaje original",      "original message",
					    "mensaje reenviado",     "forwarded message",     "enviado desde mi",
					    "sent from my",          "enviado desde outlook", "get outlook for",
					    "obtener outlook para"};
	char folded[FOLDED_SIZE];
	size_t i;

	if ((len >= 2 && starts(line, "--") && (len == 2 || (len == 3 && line[2] == ' '))) || (len && *line == '>') ||
	    (len >= 10 && strspn(line, "_") >= 10))
		return true;
	fold(line, len, folded);
	for (i = 0; i < ARRAY_LEN(heads); i++)
		if (starts(folded + strspn(folded, "- "), heads[i]))
			return true;
	if (ends(folded, " escribio") || ends(folded, " wrote"))
		return true;
	return starts(line, "De: ") || starts(line, "From: ") || starts(line, "*De:*") || starts(line, "*From:*");
}

/* "el lun 3 mar 2025 …", folded. */
static bool is_dated(const char *folded)
{
	return (starts(folded, "el ") || starts(folded, "on ")) && strpbrk(folded, "0123456789");
}

/* "El lun, 3 mar 2025 a las 10:00, escuchad (<escuchad@example.com>)" breaks before "escribió:". */
static bool is_broken_head(const char *line, size_t len, const char *next)
{
	char folded[FOLDED_SIZE], behind[FOLDED_SIZE];

	fold(line, len, folded);
	fold(next, strcspn(next, "\n"), behind);
	return is_dated(folded) && !is_dated(behind) && (ends(behind, "escribio") || ends(behind, "wrote"));
}

void mail_reply_own(const char *text, struct buf *ret)
{
	while (*text && ret->len < MAIL_REPLY_MAX_BYTES) {
		size_t len = strcspn(text, "\n"), own = len;

		while (own && (unsigned char)text[own - 1] <= ' ')
			own--;
		if (is_end(text, own) || is_broken_head(text, own, text + len + (text[len] == '\n')))
			return;
		buf_put(ret, text, own);
		buf_putc(ret, '\n');
		text += len + (text[len] == '\n');
	}
}
