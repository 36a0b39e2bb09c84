#include "base/wire.h"

#include <endian.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"

static const uint32_t NULL_TEXT = UINT32_MAX;

void wire_put_u8(struct buf *b, uint8_t v)
{
	buf_put(b, &v, sizeof(v));
}

void wire_put_u32(struct buf *b, uint32_t v)
{
	v = htole32(v);
	buf_put(b, &v, sizeof(v));
}

void wire_put_u32s(struct buf *b, const uint32_t *v, size_t n)
{
	char *to = buf_reserve(b, n * sizeof(*v));
	size_t i;

	for (i = 0; to && i < n; i++) {
		const uint32_t word = htole32(v[i]);

		memcpy(to + i * sizeof(word), &word, sizeof(word));
	}
	if (to)
		buf_commit(b, n * sizeof(*v));
}

void wire_put_u64(struct buf *b, uint64_t v)
{
	v = htole64(v);
	buf_put(b, &v, sizeof(v));
}

void wire_put_i64(struct buf *b, int64_t v)
{
	wire_put_u64(b, (uint64_t)v);
}

void wire_put_f64(struct buf *b, double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	wire_put_u64(b, bits);
}

void wire_put_bytes(struct buf *b, const void *p, size_t len)
{
	const uint32_t head = htole32((uint32_t)len);
	char *to = len < NULL_TEXT ? buf_reserve(b, sizeof(head) + len) : NULL;

	if (!to) {
		b->full = true;
		return;
	}
	memcpy(to, &head, sizeof(head));
	if (len)
		memcpy(to + sizeof(head), p, len);
	buf_commit(b, sizeof(head) + len);
}

void wire_put_text(struct buf *b, const char *s)
{
	if (s)
		wire_put_bytes(b, s, strlen(s));
	else
		wire_put_u32(b, NULL_TEXT);
}

const char *wire_get_raw(struct wire_in *in, size_t len)
{
	const char *p = in->p;

	if (in->bad || len > (size_t)(in->end - in->p)) {
		in->bad = true;
		return NULL;
	}
	in->p += len;
	return p;
}

uint8_t wire_get_u8(struct wire_in *in)
{
	const char *p = wire_get_raw(in, 1);

	return p ? (uint8_t)*p : 0;
}

uint32_t wire_get_u32(struct wire_in *in)
{
	const char *p = wire_get_raw(in, 4);
	uint32_t v = 0;

	if (p)
		memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

uint64_t wire_get_u64(struct wire_in *in)
{
	const char *p = wire_get_raw(in, 8);
	uint64_t v = 0;

	if (p)
		memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

int64_t wire_get_i64(struct wire_in *in)
{
	return (int64_t)wire_get_u64(in);
}

double wire_get_f64(struct wire_in *in)
{
	uint64_t bits = wire_get_u64(in);
	double v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

const char *wire_get_bytes(struct wire_in *in, size_t *ret_len)
{
	size_t len = wire_get_u32(in);
	const char *p = wire_get_raw(in, len);

	*ret_len = p ? len : 0;
	return p;
}

const char *wire_get_text(struct wire_in *in, struct arena *a)
{
	uint32_t len = wire_get_u32(in);
	const char *p;

	if (in->bad || len == NULL_TEXT)
		return NULL;
	p = wire_get_raw(in, len);
	if (!p || !utf8_valid_text(p, len)) {
		in->bad = true;
		return NULL;
	}
	return arena_memdup0(a, p, len);
}

size_t wire_get_count(struct wire_in *in, size_t min_bytes)
{
	size_t n = wire_get_u32(in);

	if (in->bad || n > (size_t)(in->end - in->p) / min_bytes) {
		in->bad = true;
		return 0;
	}
	return n;
}

bool wire_done(const struct wire_in *in)
{
	return !in->bad && in->p == in->end;
}
