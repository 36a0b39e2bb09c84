#pragma once
/*
 * base/buf: a growing run of bytes that cannot be made without an upper bound.
 *
 * data is NUL-terminated behind len once anything was put. Past max_bytes a put adds nothing and full stays set until
 * buf_reset(): a writer may put many times and ask once.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

struct buf {
	char *data; /* NULL while empty */
	size_t len, cap, max;
	bool full; /* something did not fit */
};

#define BUF_INIT(max_bytes) {.max = (max_bytes)}

void buf_init(struct buf *b, size_t max_bytes);
void buf_done(struct buf *b);
void buf_reset(struct buf *b); /* empty again, the memory kept */

void buf_put(struct buf *b, const void *p, size_t len);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_put_int(struct buf *b, int64_t v); /* in decimal */
void buf_printf(struct buf *b, const char *fmt, ...) printf_like(2, 3);
void buf_drop(struct buf *b, size_t len); /* the first len bytes, or all */
char *buf_reserve(struct buf *b, size_t len); /* room for len more, to be counted by buf_commit(); NULL: full */
void buf_commit(struct buf *b, size_t len);

/* The text so far, "" while empty; valid until the next put. */
static inline const char *buf_str(const struct buf *b)
{
	return b->data ? b->data : "";
}

char *buf_steal(struct buf *b); /* the bytes, to be freed by the caller; never NULL */
