#include "store/recent.h"

#include <pthread.h>

struct entry {
	int64_t stream;
	struct recent_row row; /* bytes NULL: taken, or forgotten */
};

struct recent {
	pthread_mutex_t lock;
	struct entry v[RECENT_ROWS]; /* a ring, by stream */
	size_t first, n, bytes;
};

struct recent *recent_new(void)
{
	struct recent *r = NEW(struct recent);

	pthread_mutex_init(&r->lock, NULL);
	return r;
}

static struct entry *at(struct recent *r, size_t i)
{
	return &r->v[(r->first + i) % RECENT_ROWS];
}

/* Its bytes are no longer of the ring. */
static char *give(struct recent *r, struct entry *e)
{
	r->bytes -= e->row.bytes ? e->row.len : 0;
	return TAKE(e->row.bytes);
}

static void drop_oldest(struct recent *r)
{
	free(give(r, at(r, 0)));
	r->first = (r->first + 1) % RECENT_ROWS;
	r->n--;
}

struct recent *recent_free(struct recent *r)
{
	if (!r)
		return NULL;
	while (r->n > 0)
		drop_oldest(r);
	pthread_mutex_destroy(&r->lock);
	free(r);
	return NULL;
}

void recent_add(struct recent *r, int64_t stream, struct recent_row row)
{
	pthread_mutex_lock(&r->lock);
	while (r->n > 0 && (r->n == RECENT_ROWS || r->bytes + row.len > RECENT_BYTES))
		drop_oldest(r);
	*at(r, r->n++) = (struct entry){.stream = stream, .row = row};
	r->bytes += row.len;
	pthread_mutex_unlock(&r->lock);
}

static struct entry *find(struct recent *r, int64_t stream)
{
	size_t low = 0, high = r->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (at(r, middle)->stream < stream)
			low = middle + 1;
		else
			high = middle;
	}
	return low < r->n && at(r, low)->stream == stream ? at(r, low) : NULL;
}

bool recent_take(struct recent *r, int64_t stream, struct recent_row *ret)
{
	struct entry *e;

	pthread_mutex_lock(&r->lock);
	e = find(r, stream);
	if (e) {
		*ret = e->row;
		ret->bytes = give(r, e);
	}
	pthread_mutex_unlock(&r->lock);
	return e && ret->bytes;
}

void recent_forget(struct recent *r, int64_t stream)
{
	struct recent_row row;

	if (recent_take(r, stream, &row))
		free(row.bytes);
}
