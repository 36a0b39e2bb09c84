#include "fetch/decode.h"

#include <brotli/decode.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum { STEP_MIN = 4096, STEP_MAX = 512 << 10, RATIO = 8 /* feeds shrink to a fourth or a sixth */ };

enum coding { CODING_GZIP, CODING_DEFLATE, CODING_BR, CODING_ZSTD, CODINGS };

static const char *const names[CODINGS] = {"gzip", "deflate", "br", "zstd"};

/* --- what a header says --- */

static bool is(const char *name, size_t len, const char *want)
{
	return len == strlen(want) && strncasecmp(name, want, len) == 0;
}

static void add(struct codings *c, const char *name, size_t len)
{
	unsigned i;

	if (!len || is(name, len, "identity") || is(name, len, "none") ||
	    is(name, len, "chunked")) /* libcurl undoes it */
		return;
	if (is(name, len, "x-gzip")) {
		name = names[CODING_GZIP];
		len = strlen(name);
	}
	for (i = 0; i < CODINGS && !is(name, len, names[i]); i++)
		;
	if (i == CODINGS && !c->unknown[0])
		snprintf(c->unknown, sizeof(c->unknown), "%.*s", (int)(len < DECODE_NAME_MAX ? len : DECODE_NAME_MAX),
			 name);
	if (c->n < DECODE_NESTED_MAX)
		c->list[c->n] = (unsigned char)i;
	c->n++; /* a header has 64 KiB: no overflow */
}

void codings_add(struct codings *c, const char *value, size_t len)
{
	const char *end = value + len, *p, *comma;

	for (p = value; p <= end; p = comma + 1) {
		const char *last;

		comma = memchr(p, ',', (size_t)(end - p));
		comma = comma ? comma : end;
		for (last = comma; last > p && strchr(" \t", last[-1]); last--)
			;
		while (p < last && strchr(" \t", *p))
			p++;
		add(c, p, (size_t)(last - p));
	}
}

/* --- one coding --- */

/* What goes through one coding. out may become one byte longer than it should: then it is too long. */
struct stage {
	const unsigned char *in;
	size_t in_len;
	struct buf *out;
	const char *why; /* a library's words, of its own storage; NULL: none */
};

/* Where output goes next, and how much of it; 0: the bound is passed. As much again as there is, so that few turns are
 * needed, and none of the memory is touched in vain. */
static size_t room(const struct stage *s, unsigned char **ret)
{
	struct buf *out = s->out;
	size_t left = out->max - out->len, want = out->len;

	if (!want)
		want = s->in_len < STEP_MAX / RATIO ? s->in_len * RATIO : STEP_MAX;
	want = want > STEP_MIN ? want : STEP_MIN;
	want = want < left ? want : left;
	*ret = want ? (unsigned char *)buf_reserve(out, want) : NULL;
	return *ret ? want : 0;
}

/* To the end of one stream. */
static int inflate_one(struct stage *s, z_stream *z)
{
	int r;

	do {
		size_t len = room(s, &z->next_out);

		if (!len)
			return DECODE_E_LARGE;
		z->avail_out = (uInt)len;
		r = inflate(z, Z_NO_FLUSH);
		buf_commit(s->out, len - z->avail_out);
	} while (r == Z_OK || (r == Z_BUF_ERROR && z->avail_out == 0));
	if (r == Z_MEM_ERROR)
		memory_out();
	s->why = z->msg;
	return r == Z_STREAM_END ? 0 : r == Z_BUF_ERROR ? DECODE_E_CUT : DECODE_E_BROKEN;
}

static void inflate_begin(z_stream *z, const struct stage *s, int window_bits)
{
	*z = (z_stream){.next_in = (unsigned char *)(uintptr_t)s->in, .avail_in = (uInt)s->in_len};
	if (inflateInit2(z, window_bits) != Z_OK)
		memory_out();
}

static int undo_gzip(struct stage *s)
{
	z_stream z;
	int r;

	inflate_begin(&z, s, MAX_WBITS + 16);
	do {
		r = inflate_one(s, &z);
	} while (r == 0 && z.avail_in > 2 && z.next_in[0] == 0x1F && z.next_in[1] == 0x8B && inflateReset(&z) == Z_OK);
	(void)inflateEnd(&z);
	return r;
}

/* With the header that RFC 9110 wants, else without, as servers of old do it. */
static int undo_deflate(struct stage *s)
{
	z_stream z;
	int r;

	inflate_begin(&z, s, MAX_WBITS);
	r = inflate_one(s, &z);
	(void)inflateEnd(&z);
	if (r != DECODE_E_BROKEN)
		return r;
	buf_reset(s->out);
	inflate_begin(&z, s, -MAX_WBITS);
	r = inflate_one(s, &z);
	(void)inflateEnd(&z);
	return r;
}

static int undo_br(struct stage *s)
{
	BrotliDecoderState *d = BrotliDecoderCreateInstance(NULL, NULL, NULL);
	BrotliDecoderResult r = BROTLI_DECODER_RESULT_ERROR;
	BrotliDecoderErrorCode code;
	unsigned char *to;
	size_t len, left;

	if (!d)
		memory_out();
	do {
		left = len = room(s, &to);
		if (!len)
			break;
		r = BrotliDecoderDecompressStream(d, &s->in_len, &s->in, &left, &to, NULL);
		buf_commit(s->out, len - left);
	} while (r == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT);
	code = BrotliDecoderGetErrorCode(d);
	BrotliDecoderDestroyInstance(d);
	if (!len)
		return DECODE_E_LARGE;
	if (r == BROTLI_DECODER_RESULT_SUCCESS && s->in_len)
		s->why = "something follows its end";
	if (r == BROTLI_DECODER_RESULT_ERROR) {
		if (code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES &&
		    code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES)
			memory_out();
		s->why = BrotliDecoderErrorString(code);
	}
	return s->why ? DECODE_E_BROKEN : r == BROTLI_DECODER_RESULT_SUCCESS ? 0 : DECODE_E_CUT;
}

/* Frames, one behind the other. */
static int undo_zstd(struct stage *s)
{
	ZSTD_DCtx *d = ZSTD_createDCtx();
	ZSTD_inBuffer in = {.src = s->in, .size = s->in_len};
	unsigned char *to;
	size_t left, got; /* what zstd wants yet: 0 at the end of a frame */
	int r = -1;       /* goes on */

	if (!d)
		memory_out();
	(void)ZSTD_DCtx_setParameter(d, ZSTD_d_windowLogMax, DECODE_ZSTD_WINDOW_LOG);
	while (r < 0) {
		ZSTD_outBuffer out = {.size = room(s, &to)};

		if (!out.size) {
			r = DECODE_E_LARGE;
			break;
		}
		out.dst = to;
		left = ZSTD_decompressStream(d, &out, &in);
		got = ZSTD_isError(left) ? 0 : out.pos; /* what it wrote before it failed is not to be relied on */
		buf_commit(s->out, got);
		if (ZSTD_isError(left)) {
			if (ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation)
				memory_out();
			s->why = ZSTD_getErrorName(left);
			r = DECODE_E_BROKEN;
		} else if (in.pos == in.size && (!left || got < out.size)) {
			r = left ? DECODE_E_CUT : 0;
		}
	}
	(void)ZSTD_freeDCtx(d);
	return r;
}

/* --- all of them --- */

static int undo(enum coding coding, struct buf *body, size_t max_bytes, const char **why)
{
	static int (*const how[CODINGS])(struct stage *) = {undo_gzip, undo_deflate, undo_br, undo_zstd};
	struct buf out = BUF_INIT(max_bytes + 1);
	struct stage s = {.in = (const unsigned char *)body->data, .in_len = body->len, .out = &out};
	int r = how[coding](&s);

	if (out.len > max_bytes) {
		out.len = max_bytes;
		out.data[max_bytes] = '\0';
		r = DECODE_E_LARGE;
	}
	out.max = max_bytes;
	out.full = false;
	buf_done(body);
	*body = out;
	*why = s.why;
	return r;
}

int decode(const struct codings *c, struct buf *body, size_t max_bytes, char why[static DECODE_WHY_MAX])
{
	unsigned left = c->n;
	const char *said = NULL;
	int r = 0;

	why[0] = '\0';
	if (!body->len)
		return 0;
	if (left > DECODE_NESTED_MAX)
		r = DECODE_E_MANY;
	else if (c->unknown[0])
		r = DECODE_E_UNKNOWN;
	while (r == 0 && left)
		r = undo(c->list[--left], body, max_bytes, &said);
	if (r != 0 && left)
		buf_done(body); /* what is left is coded still */
	switch (r) {
	case DECODE_E_MANY:
		snprintf(why, DECODE_WHY_MAX, "more than %d codings, one in the other", DECODE_NESTED_MAX);
		break;
	case DECODE_E_UNKNOWN:
		snprintf(why, DECODE_WHY_MAX, "coded as %s, which was not asked for", c->unknown);
		break;
	case DECODE_E_BROKEN:
		snprintf(why, DECODE_WHY_MAX, "not %s: %s", names[c->list[left]], said ? said : "broken");
		break;
	case DECODE_E_CUT:
		snprintf(why, DECODE_WHY_MAX, "the %s ends in the middle", names[c->list[left]]);
		break;
	case DECODE_E_LARGE:
		snprintf(why, DECODE_WHY_MAX, "more than %zu bytes", max_bytes);
		break;
	}
	return r;
}
