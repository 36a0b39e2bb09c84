#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { CHUNK_BYTES = 16 * 1024 };

struct chunk {
	struct chunk *next;
	size_t used, size;
	alignas(max_align_t) unsigned char data[];
};

struct arena {
	struct chunk *head; /* the one being filled */
	size_t used, max;
};

struct arena *arena_new(size_t max_bytes)
{
	struct arena *a = NEW(struct arena);

	a->max = max_bytes;
	return a;
}

struct arena *arena_free(struct arena *a)
{
	struct chunk *c, *next;

	if (!a)
		return NULL;
	for (c = a->head; c; c = next) {
		next = c->next;
		free(c);
	}
	free(a);
	return NULL;
}

bool arena_full(const struct arena *a)
{
	return a->used >= a->max;
}

size_t arena_used(const struct arena *a)
{
	return a->used;
}

static void *take(struct arena *a, size_t size_bytes)
{
	const size_t align = alignof(max_align_t);
	struct chunk *c = a->head;
	void *p;

	if (size_bytes > SIZE_MAX / 2)
		abort();
	size_bytes = (size_bytes + align - 1) / align * align;
	if (!c || c->size - c->used < size_bytes) {
		size_t size = size_bytes > CHUNK_BYTES / 4 ? size_bytes : CHUNK_BYTES;

		c = xmalloc(sizeof(*c) + size);
		c->used = 0;
		c->size = size;
		if (size != CHUNK_BYTES && a->head) { /* a large one of its own goes behind the one being filled */
			c->next = a->head->next;
			a->head->next = c;
		} else {
			c->next = a->head;
			a->head = c;
		}
	}
	p = c->data + c->used;
	c->used += size_bytes;
	a->used += size_bytes;
	return p;
}

void *arena_alloc(struct arena *a, size_t size_bytes)
{
	return memset(take(a, size_bytes), 0, size_bytes);
}

char *arena_strdup(struct arena *a, const char *s)
{
	return s ? arena_memdup0(a, s, strlen(s)) : NULL;
}

char *arena_memdup0(struct arena *a, const void *p, size_t len)
{
	char *copy = take(a, len + 1);

	if (len)
		memcpy(copy, p, len);
	copy[len] = '\0';
	return copy;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	cleanup(freep) char *s = NULL;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (len < 0)
		memory_out();
	return arena_memdup0(a, s, (size_t)len);
}
