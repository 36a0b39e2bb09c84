#include "main/ctl_name.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "main/ctl_output.h"

/* Letters with marks, U+00C0 to U+017F, by what they are without; a space: none. */
static const char plain[] = "aaaaaaaceeeeiiii nooooo ouuuuy s" /* À to ß */
			    "aaaaaaaceeeeiiii nooooo ouuuuy y" /* à to ÿ */
			    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnn" /* Ā to ŋ */
			    "oooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"; /* Ō to ſ */

static char plain_letter(uint32_t cp)
{
	if (cp >= 'A' && cp <= 'Z')
		return (char)(cp | 0x20);
	if ((cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9'))
		return (char)cp;
	_Static_assert(sizeof(plain) - 1 == 0x180 - 0xc0, "one letter a code point");
	return cp >= 0xc0 && cp < 0x180 ? plain[cp - 0xc0] : ' ';
}

char *name_slug(const char *text)
{
	const char *end = text + strlen(text);
	struct buf b = BUF_INIT(NAME_SLUG_MAX_BYTES);
	bool gap = false;

	while (text < end && !b.full) {
		uint32_t cp = utf8_next(&text, end);
		char letter = plain_letter(cp);

		if (cp >= 0x300 && cp < 0x370) /* a mark on its own, behind its letter */
			continue;
		if (cp == '\'' || cp == 0x2019) /* O'Higgins is one word */
			continue;
		if (letter == ' ') {
			gap = b.len > 0;
			continue;
		}
		if (gap)
			buf_putc(&b, '-');
		gap = false;
		buf_putc(&b, letter);
	}
	while (b.len && b.data[b.len - 1] == '-') /* the bound came behind a gap */
		b.data[--b.len] = '\0';
	return buf_steal(&b);
}

char *name_clean(const char *text, size_t len)
{
	struct buf b = BUF_INIT(4 * len + 1);
	size_t from = 0, to;
	char *s;

	text_clean(&b, text, len);
	to = b.len;
	while (from < to && b.data[from] == ' ')
		from++;
	to = from + utf8_cut(buf_str(&b) + from, to - from, NAME_TEXT_MAX_BYTES);
	while (to > from && b.data[to - 1] == ' ')
		to--;
	s = xstrndup(buf_str(&b) + from, to - from);
	buf_done(&b);
	return s;
}

void name_yaml(struct buf *b, const char *text)
{
	buf_putc(b, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			buf_putc(b, '\'');
		buf_putc(b, *text);
	}
	buf_putc(b, '\'');
}

static const char *behind_scheme(const char *url)
{
	static const char *const schemes[] = {"https://", "http://"};
	size_t i;

	for (i = 0; i < ARRAY_LEN(schemes); i++)
		if (strncmp(url, schemes[i], strlen(schemes[i])) == 0)
			return url + strlen(schemes[i]);
	return NULL;
}

bool name_is_web_address(const char *url)
{
	const char *host = behind_scheme(url), *s;

	if (!host || !*host || strchr("/?#:", *host))
		return false;
	for (s = url; *s; s++)
		if ((unsigned char)*s <= ' ' || *s == '"' || *s == '\'' || *s == '<' || *s == '>' || *s == 0x7f)
			return false;
	return utf8_valid_text(url, strlen(url));
}

char *name_host(const char *url)
{
	const char *host = behind_scheme(url);

	if (!host)
		return xstrdup("");
	if (strncmp(host, "www.", 4) == 0)
		host += 4;
	return xstrndup(host, strcspn(host, "/?#:"));
}
