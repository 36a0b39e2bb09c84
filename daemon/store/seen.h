#pragma once
/*
 * store/seen: the keys that a source has shown, as one blob a source.
 *
 *   u8 version | by id, ascending: id 16 bytes | u64 content | u64 counts | u32 gone
 *
 * gone is 0 while the source shows the key, else the minute (since 1970) of the first poll that didn't: so a source that
 * shows the same as before needs no write, and a key that vanishes after months of 304 answers still stays its 30 days.
 * Pure: bytes in, bytes out.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mention/answer.h"

struct arena;
struct buf;

struct seen_entry {
	struct seen_key key;
	uint32_t gone;
};

/* Reads a blob into the arena; one that seen_put() didn't write gives what could be read of it, and false. */
bool seen_get(const void *bytes, size_t len, struct arena *a, struct seen_entry **ret, size_t *ret_n);
void seen_put(struct buf *b, const struct seen_entry *v, size_t n);

/* What is kept after a poll at now_ms that showed these items: at most max entries, those gone for more than keep_days
 * dropped. If that doesn't do, those gone for longest go too, and after all of them those shown that stand last in the
 * feed, which begins with its newest: *ret_lost tells how many went before their time. ret has room for n + n_items. True
 * if it differs from old. */
bool seen_merge(const struct seen_entry *old, size_t n, const struct item_mark *items, size_t n_items, int64_t now_ms,
		int keep_days, size_t max, struct seen_entry *ret, size_t *ret_n, size_t *ret_lost);
