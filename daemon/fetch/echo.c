#include "fetch/echo.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"

enum { ALIGNMENTS = 4 /* a secret may stand behind a name, in the same base64 */ };

static void put_unquoted(struct buf *b, const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (p[i] != '\\')
			buf_putc(b, p[i]);
}

static int digit_of(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* All that could be base64, from its nth digit on; other characters come out as NUL, which is in no secret. */
static void put_decoded(struct buf *b, const char *p, size_t len, unsigned n)
{
	uint32_t bits = 0;
	unsigned had = 0, skip = n;
	size_t i;

	for (i = 0; i < len; i++) {
		int digit = digit_of(p[i]);

		if (digit < 0) {
			buf_putc(b, '\0');
			bits = had = 0;
			skip = n;
		} else if (skip) {
			skip--;
		} else {
			bits = bits << 6 | (uint32_t)digit;
			had += 6;
			if (had >= 8)
				buf_putc(b, (char)(bits >> (had -= 8)));
		}
	}
}

static bool holds(const struct buf *b, const char *secret, size_t len)
{
	return b->len >= len && memmem(b->data, b->len, secret, len);
}

bool echo_holds(const char *words, size_t len, const char *secret)
{
	size_t secret_len = secret ? strlen(secret) : 0;
	struct buf plain = BUF_INIT(secret_len + 1), b = BUF_INIT(len + 1);
	bool found;
	unsigned n;

	put_unquoted(&plain, secret, secret_len);
	put_unquoted(&b, words, len);
	found = plain.len && holds(&b, buf_str(&plain), plain.len);
	for (n = 0; n < ALIGNMENTS && !found && secret_len; n++) {
		buf_reset(&b);
		put_decoded(&b, words, len, n);
		found = holds(&b, secret, secret_len);
	}
	buf_done(&b);
	buf_done(&plain);
	return found;
}
