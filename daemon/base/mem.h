#pragma once
/*
 * base/mem: memory that is there or the process is not.
 *
 * Out of memory aborts: the state on disk is crash-safe (DESIGN §6), so that no caller has to carry a path that no test
 * can reach. Sizes that come from outside are bounded before they get here; buf and arena carry the bound.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"

/* cleanup() frees what this scope still owns; TAKE() hands it on. */
#define cleanup(fn) __attribute__((cleanup(fn)))
#define DEFINE_CLEANUP(type, fn)                                                                                       \
	static inline void fn##p(type **p)                                                                             \
	{                                                                                                              \
		if (*p)                                                                                                \
			fn(*p);                                                                                        \
	}
#define TAKE(p)                                                                                                        \
	({                                                                                                             \
		__typeof__(p) take_ = (p);                                                                             \
		(p) = NULL;                                                                                            \
		take_;                                                                                                 \
	})

/* No memory: says so on standard error and aborts. What is on disk stands, whenever it comes; the next start goes on. Also
 * for what fails in a library for want of memory alone. */
void memory_out(void) __attribute__((noreturn, cold));

void *xmalloc(size_t size_bytes) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t n, size_t size_bytes) __attribute__((malloc, returns_nonnull));
void *xreallocarray(void *p, size_t n, size_t size_bytes) __attribute__((returns_nonnull));
char *xstrdup(const char *s) __attribute__((malloc, returns_nonnull));
char *xstrndup(const char *s, size_t len) __attribute__((malloc, returns_nonnull));
char *xasprintf(const char *fmt, ...) printf_like(1, 2) __attribute__((malloc, returns_nonnull));

#define NEW(type) ((type *)xcalloc(1, sizeof(type)))

/* Grows an array by doubling, so that v[n] may be written: v = GROW(v, n, &cap). */
#define GROW(v, n, cap) ((__typeof__(v))array_grow((v), (n), (cap), sizeof(*(v))))
void *array_grow(void *v, size_t n, size_t *cap, size_t size_bytes);

static inline void freep(void *p)
{
	free(*(void **)p);
}

static inline void closep(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
