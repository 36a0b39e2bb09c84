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

/* How gladly an entry is kept: what is shown before what is gone, by its place in the feed; then what went last. ranks are
 * distinct, so that exactly as many go as must. */
static uint64_t rank_of(const struct seen_entry *e, size_t place, size_t i)
{
	uint64_t worst = e->gone ? (uint64_t)1 << 63 | (uint64_t)(UINT32_MAX - e->gone) << 31 : 0;

	return e->gone ? worst | i : place;
}

static int by_rank(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Keeps the best max of them, in their order. places: of those shown, in the feed. */
static size_t thin(struct seen_entry *v, const size_t *places, size_t n, size_t max)
{
	cleanup(freep) uint64_t *ranks = xmalloc(2 * n * sizeof(*ranks));
	size_t i, kept = 0;

	for (i = 0; i < n; i++)
		ranks[i] = ranks[n + i] = rank_of(&v[i], places[i], i);
	qsort(ranks, n, sizeof(*ranks), by_rank);
	for (i = 0; i < n && max > 0; i++) {
		if (ranks[n + i] <= ranks[max - 1])
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
		int keep_days, size_t max, struct seen_entry *ret, size_t *ret_n, size_t *ret_lost)
{
	cleanup(freep) size_t *places = xcalloc(n + n_items + 1, sizeof(*places));
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
		places[m] = (size_t)(marks[k] - items);
		ret[m++] = (struct seen_entry){.key = marks[k]->key};
	}
	while (i < n) {
		ret[m] = old[i++];
		m += vanish(&ret[m], now, keep);
	}
	*ret_lost = m > max ? m - max : 0;
	if (m > max)
		m = thin(ret, places, m, max);
	*ret_n = m;
	return m != n || !all_same(old, ret, n);
}
