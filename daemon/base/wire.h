#pragma once
/*
 * base/wire: flat little-endian bytes, for what goes between the two programs and for blobs in the log.
 *
 * A reader never trusts: a get past the end, a text that is not valid UTF-8 without NUL or one longer than what is left
 * sets bad, and every get after that gives zero, NULL or "". So read all, then ask once.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;

struct wire_in {
	const char *p, *end;
	bool bad;
};

#define WIRE_IN(bytes, len) {.p = (bytes), .end = (bytes) + (len)}

void wire_put_u8(struct buf *b, uint8_t v);
void wire_put_u32(struct buf *b, uint32_t v);
void wire_put_u32s(struct buf *b, const uint32_t *v, size_t n); /* n of them, one after the other */
void wire_put_u64(struct buf *b, uint64_t v);
void wire_put_i64(struct buf *b, int64_t v);
void wire_put_f64(struct buf *b, double v);
void wire_put_bytes(struct buf *b, const void *p, size_t len); /* u32 length, then the bytes */
void wire_put_text(struct buf *b, const char *s);              /* NULL is kept apart from "" */

uint8_t wire_get_u8(struct wire_in *in);
uint32_t wire_get_u32(struct wire_in *in);
uint64_t wire_get_u64(struct wire_in *in);
int64_t wire_get_i64(struct wire_in *in);
double wire_get_f64(struct wire_in *in);
const char *wire_get_bytes(struct wire_in *in, size_t *ret_len);      /* borrowed from the input */
const char *wire_get_text(struct wire_in *in, struct arena *a);       /* a copy in the arena, NULL where NULL was put */
const char *wire_get_raw(struct wire_in *in, size_t len);             /* len bytes without a length before them */
/* A count of things that take at least min_bytes each: bad if the input can't hold so many. */
size_t wire_get_count(struct wire_in *in, size_t min_bytes);
bool wire_done(const struct wire_in *in); /* all read, and nothing bad */
