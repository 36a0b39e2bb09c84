#pragma once
/*
 * base/arena: one pool for what lives and dies together (the mentions of one answer, the nodes of one file).
 *
 * Owner:  whoever called arena_new(). What comes out of it is freed with it, never alone.
 * Bounds: max_bytes, given at construction. Once it is reached arena_alloc() goes on giving memory, since a caller in
 *         mid-record can't stop, and arena_full() turns true: whoever feeds the arena asks it between records.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

struct arena;

struct arena *arena_new(size_t max_bytes) must_use;
struct arena *arena_free(struct arena *a); /* NULL is fine; returns NULL */
bool arena_full(const struct arena *a);
size_t arena_used(const struct arena *a);

void *arena_alloc(struct arena *a, size_t size_bytes) __attribute__((returns_nonnull)); /* zeroed, aligned for anything */
char *arena_strdup(struct arena *a, const char *s);                                   /* NULL gives NULL */
char *arena_memdup0(struct arena *a, const void *p, size_t len) __attribute__((returns_nonnull)); /* and a NUL behind it */
char *arena_printf(struct arena *a, const char *fmt, ...) printf_like(2, 3) __attribute__((returns_nonnull));

#define ARENA_NEW(a, type)      ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_alloc((a), sizeof(type) * (n)))

DEFINE_CLEANUP(struct arena, arena_free)
