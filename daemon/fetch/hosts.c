#include "fetch/hosts.h"

#include <search.h>
#include <string.h>

TAILQ_HEAD(queued_list, queued);
TAILQ_HEAD(host_list, host);

struct host {
	char *key;
	struct queued_list waiting;
	unsigned running;
	struct host_list *in; /* hosts.ready, hosts.full; NULL: in neither, since nothing waits */
	TAILQ_ENTRY(host) entry;
};

struct hosts {
	unsigned per_host;
	void *by_key;           /* tsearch: a balanced tree in glibc */
	struct host_list ready; /* something waits and may run: these take turns */
	struct host_list full;  /* something waits, and as much runs as may */
	size_t waiting, running;
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct host *)a)->key, ((const struct host *)b)->key);
}

struct hosts *hosts_new(unsigned per_host)
{
	struct hosts *h = NEW(struct hosts);

	h->per_host = per_host;
	TAILQ_INIT(&h->ready);
	TAILQ_INIT(&h->full);
	return h;
}

struct hosts *hosts_free(struct hosts *h)
{
	free(h);
	return NULL;
}

static struct host *host_get(struct hosts *h, const char *key)
{
	struct host probe = {.key = (char *)key}, *host;
	void *node = tfind(&probe, &h->by_key, compare);

	if (node)
		return *(struct host **)node;
	host = NEW(struct host);
	host->key = xstrdup(key);
	TAILQ_INIT(&host->waiting);
	if (!tsearch(host, &h->by_key, compare))
		memory_out();
	return host;
}

/* Puts the host into the list where it belongs now; at the end of it, so that the others have their turn. */
static void host_place(struct hosts *h, struct host *host)
{
	struct host_list *to = NULL;

	if (!TAILQ_EMPTY(&host->waiting))
		to = host->running < h->per_host ? &h->ready : &h->full;
	if (to != host->in || to == &h->ready) {
		if (host->in)
			TAILQ_REMOVE(host->in, host, entry);
		if (to)
			TAILQ_INSERT_TAIL(to, host, entry);
		host->in = to;
	}
	if (!to && !host->running) {
		(void)tdelete(host, &h->by_key, compare);
		free(host->key);
		free(host);
	}
}

void hosts_put(struct hosts *h, const char *key, struct queued *q)
{
	struct host *host = host_get(h, key);

	q->host = host;
	q->running = false;
	TAILQ_INSERT_TAIL(&host->waiting, q, entry);
	h->waiting++;
	if (!host->in)
		host_place(h, host);
}

struct queued *hosts_take(struct hosts *h)
{
	struct host *host = TAILQ_FIRST(&h->ready);
	struct queued *q;

	if (!host)
		return NULL;
	q = TAILQ_FIRST(&host->waiting);
	TAILQ_REMOVE(&host->waiting, q, entry);
	q->running = true;
	host->running++;
	h->waiting--;
	h->running++;
	host_place(h, host);
	return q;
}

struct queued *hosts_first(struct hosts *h)
{
	struct host *host = TAILQ_FIRST(&h->ready);

	if (!host)
		host = TAILQ_FIRST(&h->full);
	return host ? TAILQ_FIRST(&host->waiting) : NULL;
}

void hosts_remove(struct hosts *h, struct queued *q)
{
	struct host *host = q->host;

	if (!host)
		return;
	q->host = NULL;
	if (q->running) {
		host->running--;
		h->running--;
		if (host->in != &h->ready) /* else it keeps its turn */
			host_place(h, host);
		return;
	}
	TAILQ_REMOVE(&host->waiting, q, entry);
	h->waiting--;
	if (TAILQ_EMPTY(&host->waiting))
		host_place(h, host);
}

size_t hosts_waiting(const struct hosts *h)
{
	return h->waiting;
}

size_t hosts_running(const struct hosts *h)
{
	return h->running;
}
