#pragma once
/*
 * fetch/decode: undoes the codings that a body came in (Content-Encoding, RFC 9110 §8.4; Transfer-Encoding, too, which nobody asked for): gzip (RFC 1952, of several members
 * too), deflate (RFC 1950, and the bare RFC 1951 that some servers send), br (RFC 7932), zstd (RFC 8878), one in the other.
 *
 * Blocks: it computes: a bomb of 800 bytes takes tens of milliseconds up to its bound. So fetch/decoder runs it on a thread.
 * Bounds: DECODE_NESTED_MAX codings; bodies and max_bytes are less than 4 GiB, as zlib counts; what each of them makes, the innermost or not, is at most max_bytes; a zstd window of
 *         more than DECODE_ZSTD_WINDOW_LOG is refused (RFC 9659), br has at most 16 MiB by its own format.
 *
 * What follows the end of gzip and deflate is left alone, as browsers do: some servers pad. What follows br and zstd is an
 * error: they have no mark that would tell them from what is not coded at all.
 */
#include <stddef.h>

#include "base/buf.h"
#include "base/mem.h"

enum {
	DECODE_NESTED_MAX = 5,
	DECODE_NAME_MAX = 31, /* of a coding that nobody knows: as much is told */
	DECODE_WHY_MAX = 128,
	DECODE_ZSTD_WINDOW_LOG = 23,
};

/* What is asked for; servers that send another one are on their own. */
#define DECODE_ACCEPTED "gzip, br, zstd"

/* In the order in which they were applied. Zeroed: none. */
struct codings {
	unsigned n; /* may pass DECODE_NESTED_MAX */
	unsigned char list[DECODE_NESTED_MAX];
	char unknown[DECODE_NAME_MAX + 1]; /* the first that is none of ours; "": all are */
};
/* What a line of Content-Encoding or Transfer-Encoding says: names, by commas; chunked, identity and none are no codings. */
void codings_add(struct codings *c, const char *value, size_t len);

enum {
	DECODE_E_UNKNOWN = 1,
	DECODE_E_MANY,
	DECODE_E_BROKEN,
	DECODE_E_CUT, /* it ends in the middle */
	DECODE_E_LARGE,
};
/* body comes coded and is left as what it holds. Of an outcome that isn't 0, why is told, and body is what had come out so
 * far, if the innermost coding was reached; else it is empty. */
int decode(const struct codings *c, struct buf *body, size_t max_bytes, char why[static DECODE_WHY_MAX]) must_use;
