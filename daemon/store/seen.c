#include "store/seen.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/wire.h"

enum { SEEN_VERSION = 1, ENTRY_BYTES = SEEN_KEY_BYTES + 4, DAY_MINUTES = 24 * 60 };

bool seen_get(const void *bytes, size_t len, struct arena *a, struct seen_entry **ret, size_t *ret_n)
{
	struct wire_in in = WIRE_IN((const char *)bytes, len);
	size_t n, i;

	*ret = NULL;
	*ret_n = 0;
	if (len == 0 || wire_get_u8(&in) != SEEN_VERSION)
		return len == 0;
	n = (len - 1) / ENTRY_BYTES;
	*ret = ARENA_ARRAY(a, struct seen_entry, n);
	for (i = 0; i < n; i++) {
		seen_key_get(&in, &(*ret)[i].key);
		(*ret)[i].gone = wire_get_u32(&in);
	}
	*ret_n = n;
	return wire_done(&in);
}

void seen_put(struct buf *b, const struct seen_entry *v, size_t n)
{
	size_t i;

	wire_put_u8(b, SEEN_VERSION);
	for (i = 0; i < n; i++) {
		seen_key_put(b, &v[i].key);
		wire_put_u32(b, v[i].gone);
	}
}

static int by_id(const void *a, const void *b)
{
	const struct item_mark *const *x = a, *const *y = b;
	int order = memcmp((*x)->key.id, (*y)->key.id, MENTION_ID_BYTES);

	return order ? order : (*x > *y) - (*x < *y); /* one key twice in a feed: the later item last */
}

static int by_gone(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Drops those gone for longest until max are left; if those still shown are too many, the last of them. */
static size_t thin(struct seen_entry *v, size_t n, size_t max)
{
	cleanup(freep) uint32_t *gone = xmalloc(n * sizeof(*gone));
	size_t n_gone = 0, i, kept = 0, drop = n - max;

	for (i = 0; i < n; i++) {
		if (v[i].gone)
			gone[n_gone++] = v[i].gone;
	}
	qsort(gone, n_gone, sizeof(*gone), by_gone);
	for (i = 0; i < n; i++) {
		if (drop > 0 && v[i].gone && (drop >= n_gone || v[i].gone <= gone[drop - 1]))
			continue;
		if (kept < max)
			v[kept++] = v[i];
	}
	return kept;
}

/* An entry that this poll didn't show. False: its time is over. */
static bool vanish(struct seen_entry *e, uint32_t now, uint32_t keep_minutes)
{
	if (e->gone == 0 || e->gone > now) /* a clock that was ahead doesn't keep it for ever */
		e->gone = now;
	return now - e->gone <= keep_minutes;
}

static bool all_same(const struct seen_entry *a, const struct seen_entry *b, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (memcmp(a[i].key.id, b[i].key.id, MENTION_ID_BYTES) != 0 || a[i].key.content != b[i].key.content ||
		    a[i].key.counts != b[i].key.counts || a[i].gone != b[i].gone)
			return false;
	}
	return true;
}

bool seen_merge(const struct seen_entry *old, size_t n, const struct item_mark *items, size_t n_items, int64_t now_ms,
		int keep_days, size_t max, struct seen_entry *ret, size_t *ret_n)
{
	cleanup(freep) const struct item_mark **marks = xmalloc((n_items + 1) * sizeof(*marks));
	uint32_t now = (uint32_t)(now_ms / MINUTE_MS), keep = (uint32_t)keep_days * DAY_MINUTES;
	size_t i = 0, k, m = 0;

	if (now == 0)
		now = 1; /* 0 says "shown" */
	for (k = 0; k < n_items; k++)
		marks[k] = &items[k];
	qsort(marks, n_items, sizeof(*marks), by_id);
	for (k = 0; k < n_items; k++) {
		int order = -1;

		if (k + 1 < n_items && memcmp(marks[k]->key.id, marks[k + 1]->key.id, MENTION_ID_BYTES) == 0)
			continue;
		while (i < n && (order = memcmp(old[i].key.id, marks[k]->key.id, MENTION_ID_BYTES)) < 0) {
			ret[m] = old[i++];
			m += vanish(&ret[m], now, keep);
		}
		if (i < n && order == 0)
			i++;
		ret[m++] = (struct seen_entry){.key = marks[k]->key};
	}
	while (i < n) {
		ret[m] = old[i++];
		m += vanish(&ret[m], now, keep);
	}
	if (m > max)
		m = thin(ret, m, max);
	*ret_n = m;
	return m != n || !all_same(old, ret, n);
}
