#include "store/recent.h"

#include <pthread.h>

struct place {
	int64_t stream;
	struct entry entry; /* block NULL: taken, or forgotten */
};

struct recent {
	pthread_mutex_t lock;
	struct place v[RECENT_ROWS]; /* a ring, by stream */
	size_t first, n, bytes;
};

struct recent *recent_new(void)
{
	struct recent *r = NEW(struct recent);

	pthread_mutex_init(&r->lock, NULL);
	return r;
}

static struct place *at(struct recent *r, size_t i)
{
	return &r->v[(r->first + i) % RECENT_ROWS];
}

/* Its entry is no longer of the ring. */
static struct entry give(struct recent *r, struct place *p)
{
	struct entry e = p->entry;

	r->bytes -= e.block ? e.bytes : 0;
	p->entry.block = NULL;
	return e;
}

static void drop_oldest(struct recent *r)
{
	struct entry e = give(r, at(r, 0));

	entry_done(&e);
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

void recent_add(struct recent *r, int64_t stream, struct entry e)
{
	pthread_mutex_lock(&r->lock);
	while (r->n > 0 && (r->n == RECENT_ROWS || r->bytes + e.bytes > RECENT_BYTES))
		drop_oldest(r);
	*at(r, r->n++) = (struct place){.stream = stream, .entry = e};
	r->bytes += e.bytes;
	pthread_mutex_unlock(&r->lock);
}

static struct place *find(struct recent *r, int64_t stream)
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

bool recent_take(struct recent *r, int64_t stream, struct entry *ret)
{
	struct entry e = {.block = NULL};
	struct place *p;

	pthread_mutex_lock(&r->lock);
	p = find(r, stream);
	if (p)
		e = give(r, p);
	pthread_mutex_unlock(&r->lock);
	if (!e.block)
		return false;
	*ret = e;
	return true;
}

void recent_forget(struct recent *r, int64_t stream)
{
	struct entry e;

	if (recent_take(r, stream, &e))
		entry_done(&e);
}
