#include "store/evidence_pack.h"

#include <libdeflate.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/wire.h"

enum { LEVEL = 1, LINK_MAX_BYTES = 256, TOKEN_CHARS = 24, ABOUT_VERSION = 1 };

/* --- what is known of it --- */

void evidence_about_put(const struct evidence_about *a, struct buf *b)
{
	wire_put_u8(b, ABOUT_VERSION);
	wire_put_text(b, a->source);
	wire_put_text(b, a->url);
	wire_put_u32(b, (uint32_t)a->status);
	wire_put_i64(b, a->at_ms);
	wire_put_text(b, a->content_type);
	wire_put_text(b, a->etag);
	wire_put_text(b, a->last_modified);
}

int evidence_about_get(const void *bytes, size_t len, struct arena *arena, struct evidence_about *ret)
{
	struct wire_in in = WIRE_IN((const char *)bytes, len);
	struct evidence_about a;

	if (wire_get_u8(&in) != ABOUT_VERSION)
		return EVIDENCE_E_FORMAT;
	a.source = wire_get_text(&in, arena);
	a.url = wire_get_text(&in, arena);
	a.status = (int)wire_get_u32(&in);
	a.at_ms = wire_get_i64(&in);
	a.content_type = wire_get_text(&in, arena);
	a.etag = wire_get_text(&in, arena);
	a.last_modified = wire_get_text(&in, arena);
	if (!wire_done(&in))
		return EVIDENCE_E_FORMAT;
	*ret = a;
	return 0;
}

/* --- its address --- */

static bool is_token_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static bool names_secret(const char *name, size_t len)
{
	static const char *const words[] = {"token", "key",  "secret", "sig",  "pass", "auth",
					    "code",  "cred", "sess",   "hash", "jwt"};
	cleanup(freep) char *small = xstrndup(name, len);
	size_t i;

	for (i = 0; small[i]; i++)
		if (small[i] >= 'A' && small[i] <= 'Z')
			small[i] = (char)(small[i] - 'A' + 'a');
	for (i = 0; i < ARRAY_LEN(words); i++)
		if (strstr(small, words[i]))
			return true;
	return false;
}

static bool looks_secret(const char *value, size_t len)
{
	size_t i, run = 0;

	for (i = 0; i < len; i++) {
		run = is_token_char(value[i]) ? run + 1 : 0;
		if (run > TOKEN_CHARS)
			return true;
	}
	return false;
}

static void put_query(const char *query, struct buf *b)
{
	while (*query && *query != '#') {
		size_t len = strcspn(query, "&#"), name = strcspn(query, "=&#");

		buf_put(b, query, name);
		if (name < len) {
			bool secret = names_secret(query, name) || looks_secret(query + name + 1, len - name - 1);

			buf_putc(b, '=');
			buf_put(b, secret ? "***" : query + name + 1, secret ? 3 : len - name - 1);
		}
		query += len;
		if (*query == '&') {
			buf_putc(b, '&');
			query++;
		}
	}
}

void evidence_url(const char *url, struct buf *b)
{
	const char *scheme = strstr(url, "://"), *rest = scheme ? scheme + 3 : url;
	const char *at = scheme ? memchr(rest, '@', strcspn(rest, "/?#")) : NULL, *next;

	while (at && (next = memchr(at + 1, '@', strcspn(at + 1, "/?#"))))
		at = next; /* the last one ends the user's part */
	buf_put(b, url, (size_t)(rest - url));
	if (at)
		rest = at + 1;
	buf_put(b, rest, strcspn(rest, "?#"));
	rest += strcspn(rest, "?#");
	if (*rest == '?') {
		buf_putc(b, '?');
		put_query(rest + 1, b);
	}
}

/* --- its bytes --- */

static void free_compressor(struct libdeflate_compressor **c)
{
	libdeflate_free_compressor(*c);
}

static void free_decompressor(struct libdeflate_decompressor **d)
{
	libdeflate_free_decompressor(*d);
}

void *evidence_pack(const void *body, size_t len, size_t *ret_len)
{
	cleanup(free_compressor) struct libdeflate_compressor *c = NULL;
	size_t bound;
	void *out;

	*ret_len = 0;
	if (!len || len > EVIDENCE_BODY_MAX_BYTES)
		return NULL;
	c = libdeflate_alloc_compressor(LEVEL);
	if (!c)
		memory_out();
	bound = libdeflate_zlib_compress_bound(c, len);
	out = xmalloc(bound);
	*ret_len = libdeflate_zlib_compress(c, body, len, out, bound);
	return xreallocarray(out, *ret_len, 1);
}

void *evidence_unpack(const void *packed, size_t packed_len, size_t len)
{
	cleanup(free_decompressor) struct libdeflate_decompressor *d = NULL;
	char *out;

	if (!len || len > EVIDENCE_BODY_MAX_BYTES)
		return NULL;
	d = libdeflate_alloc_decompressor();
	if (!d)
		memory_out();
	out = xmalloc(len + 1);
	out[len] = '\0';
	if (libdeflate_zlib_decompress(d, packed, packed_len, out, len, NULL) == LIBDEFLATE_SUCCESS)
		return out;
	free(out);
	return NULL;
}

/* --- the chain --- */

void evidence_chain(const uint8_t before[EVIDENCE_HASH_BYTES], const struct evidence_link *l,
		    uint8_t ret[EVIDENCE_HASH_BYTES])
{
	cleanup(buf_done) struct buf b = BUF_INIT(LINK_MAX_BYTES);

	buf_put(&b, before, EVIDENCE_HASH_BYTES);
	wire_put_i64(&b, l->incident);
	wire_put_i64(&b, l->at_ms);
	wire_put_i64(&b, l->size);
	buf_put(&b, l->about, sizeof(l->about));
	buf_put(&b, l->body, sizeof(l->body));
	hash_sha256(&(struct hash_part){b.data, b.len}, 1, ret);
}

/* --- whom it names --- */

static int hex_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "\u00f1": how many bytes it takes as UTF-8; 0: it is no such thing, or half of a pair, which no handle needs. */
static size_t escaped(const char *p, const char *end, char out[4])
{
	uint32_t c = 0;
	int i;

	if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
		return 0;
	for (i = 2; i < 6; i++) {
		if (hex_of(p[i]) < 0)
			return 0;
		c = c * 16 + (uint32_t)hex_of(p[i]);
	}
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xC0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3F));
		return 2;
	}
	out[0] = (char)(0xE0 | c >> 12);
	out[1] = (char)(0x80 | (c >> 6 & 0x3F));
	out[2] = (char)(0x80 | (c & 0x3F));
	return c < 0xD800 || c > 0xDFFF ? 3 : 0;
}

/* The bytes as they are read, in small letters. */
static size_t plain(const char *p, size_t len, char *out)
{
	const char *end = p + len;
	char *o = out;

	while (p < end) {
		size_t n = escaped(p, end, o);

		if (n) {
			p += 6;
		} else {
			if (*p == '\\' && end - p > 1 && p[1] == '/')
				p++;
			*o = *p++;
			n = 1;
		}
		if (*o >= 'A' && *o <= 'Z')
			*o = (char)(*o - 'A' + 'a');
		o += n;
	}
	return (size_t)(o - out);
}

static bool is_of_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || (unsigned char)c >= 0x80;
}

static bool begins(const char *text, const char *at, bool handle)
{
	return handle ? at > text && at[-1] && strchr("@/\"'>=:", at[-1]) : at == text || !is_of_name(at[-1]);
}

bool evidence_names(const char *bytes, size_t len, const char *who)
{
	cleanup(freep) char *text = xmalloc(len + 1);
	bool handle = *who == '@';
	size_t n = plain(bytes, len, text), who_len = strlen(who += handle);
	const char *p = text, *end = text + n, *found;

	while (who_len && (found = memmem(p, (size_t)(end - p), who, who_len))) {
		const char *behind = found + who_len;

		if ((behind == end || !is_of_name(*behind)) && begins(text, found, handle))
			return true;
		p = found + 1;
	}
	return false;
}
