#include "alert/links.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/wire.h"

/* version, verb, incident, made, until, person, mark. Version 1 is all there is; another one is none of ours. */
enum { VERSION = 1, FIXED_BYTES = 1 + 1 + 8 + 8 + 8, BYTES_MAX = FIXED_BYTES + VERBS_NAME_SIZE + LINK_MARK_BYTES };
_Static_assert((BYTES_MAX + 2) / 3 * 4 < LINK_TEXT_SIZE, "the longest link fits");

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void encode(const uint8_t *bytes, size_t len, char *out)
{
	uint32_t bits = 0;
	int n = 0;

	while (len--) {
		bits = bits << 8 | *bytes++;
		for (n += 8; n >= 6; n -= 6)
			*out++ = digits[bits >> (n - 6) & 63];
	}
	if (n)
		*out++ = digits[bits << (6 - n) & 63];
	*out = '\0';
}

/* How many bytes; 0: no base64url, or more than fits. One sequence of bytes has one text: bits that are left over are zeros. */
static size_t decode(const char *text, uint8_t *out, size_t size)
{
	uint32_t bits = 0;
	size_t len = 0;
	int n = 0;

	for (; *text; text++) {
		const char *d = strchr(digits, *text);

		if (!d)
			return 0;
		bits = bits << 6 | (uint32_t)(d - digits);
		n += 6;
		if (n < 8)
			continue;
		n -= 8;
		if (len == size)
			return 0;
		out[len++] = (uint8_t)(bits >> n);
	}
	return n >= 6 || (bits & ((1U << n) - 1)) ? 0 : len;
}

static void sign(const uint8_t key[LINK_KEY_BYTES], const uint8_t *bytes, size_t len, uint8_t out[LINK_MARK_BYTES])
{
	uint8_t mac[32];

	hash_hmac(key, LINK_KEY_BYTES, bytes, len, mac);
	memcpy(out, mac, LINK_MARK_BYTES);
}

void link_make(const uint8_t key[LINK_KEY_BYTES], struct link *l, char out[LINK_TEXT_SIZE])
{
	cleanup(buf_done) struct buf b = BUF_INIT(BYTES_MAX);

	l->until_ms = l->until_ms / SECOND_MS * SECOND_MS;
	buf_putc(&b, VERSION);
	buf_putc(&b, (char)l->verb);
	wire_put_i64(&b, (int64_t)l->incident);
	wire_put_i64(&b, l->made_ms);
	wire_put_i64(&b, l->until_ms);
	buf_put(&b, l->person, strlen(l->person));
	sign(key, (const uint8_t *)buf_str(&b), b.len, l->mark);
	buf_put(&b, (const char *)l->mark, LINK_MARK_BYTES);
	encode((const uint8_t *)buf_str(&b), b.len, out);
}

int link_read(const uint8_t key[LINK_KEY_BYTES], const char *text, int64_t now_ms, struct link *ret)
{
	uint8_t bytes[BYTES_MAX], mark[LINK_MARK_BYTES];
	size_t len = decode(text, bytes, sizeof(bytes));
	struct link l = {.incident = 0};
	struct wire_in in = WIRE_IN((const char *)bytes + 2, FIXED_BYTES - 2);

	if (len <= FIXED_BYTES + LINK_MARK_BYTES)
		return LINK_E_WRONG;
	len -= LINK_MARK_BYTES;
	sign(key, bytes, len, mark);
	if (!hash_equal(mark, bytes + len, sizeof(mark)) || bytes[0] != VERSION || bytes[1] >= VERBS ||
	    len - FIXED_BYTES >= sizeof(l.person))
		return LINK_E_WRONG;
	l.verb = (enum verb)bytes[1];
	l.incident = (uint64_t)wire_get_i64(&in);
	l.made_ms = wire_get_i64(&in);
	l.until_ms = wire_get_i64(&in);
	memcpy(l.person, bytes + FIXED_BYTES, len - FIXED_BYTES);
	memcpy(l.mark, mark, sizeof(mark));
	*ret = l;
	return now_ms < l.until_ms ? 0 : LINK_E_OLD;
}
