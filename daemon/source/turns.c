#include "source/turns.h"

#include <search.h>
#include <string.h>

#include "base/hash.h"

TAILQ_HEAD(turn_list, turn);

struct turns_host {
	const char *key; /* scheme, name and port; no NUL behind it where it is only looked for */
	size_t key_len;
	unsigned running;
	struct turn_list waiting;
};

struct held {
	uint64_t host; /* its key's hash */
	int64_t until_ms;
};

struct turns {
	void *hosts; /* those with a source inside or waiting */
	struct held held[TURNS_HELD_MAX];
	size_t n_held;
};

static int compare(const void *a, const void *b)
{
	const struct turns_host *x = a, *y = b;

	if (x->key_len != y->key_len)
		return x->key_len < y->key_len ? -1 : 1;
	return memcmp(x->key, y->key, x->key_len);
}

struct turns *turns_new(void)
{
	return NEW(struct turns);
}

struct turns *turns_free(struct turns *t)
{
	free(t);
	return NULL;
}

/* How much of a URL names the host. */
static size_t key_len(const char *url)
{
	const char *name = strstr(url, "://");

	return name ? (size_t)(name + 3 - url) + strcspn(name + 3, "/?#") : strlen(url);
}

static struct turns_host *host_of(struct turns *t, const char *url)
{
	struct turns_host probe = {.key = url, .key_len = key_len(url)}, *host;
	void *node = tfind(&probe, &t->hosts, compare);

	if (node)
		return *(struct turns_host **)node;
	host = NEW(struct turns_host);
	host->key = xstrndup(url, probe.key_len);
	host->key_len = probe.key_len;
	TAILQ_INIT(&host->waiting);
	if (!tsearch(host, &t->hosts, compare))
		memory_out();
	return host;
}

bool turns_enter(struct turns *t, struct turn *turn, const char *url)
{
	if (turn->host || !url)
		return !turn->waiting;
	turn->host = host_of(t, url);
	turn->waiting = turn->host->running == TURNS_PER_HOST;
	if (turn->waiting)
		TAILQ_INSERT_TAIL(&turn->host->waiting, turn, entry);
	else
		turn->host->running++;
	return !turn->waiting;
}

struct turn *turns_leave(struct turns *t, struct turn *turn)
{
	struct turns_host *host = turn->host;
	struct turn *next = NULL;

	if (!host)
		return NULL;
	if (turn->waiting)
		TAILQ_REMOVE(&host->waiting, turn, entry);
	else if ((next = TAILQ_FIRST(&host->waiting)))
		TAILQ_REMOVE(&host->waiting, next, entry); /* the place is its own now */
	else
		host->running--;
	*turn = (struct turn){.host = NULL};
	if (next)
		next->waiting = false;
	if (!host->running) {
		(void)tdelete(host, &t->hosts, compare);
		free((char *)host->key);
		free(host);
	}
	return next;
}

/* --- patience --- */

static uint64_t hash_of(const char *url)
{
	return hash_u64(&(struct hash_part){url, key_len(url)}, 1);
}

void turns_hold(struct turns *t, const char *url, int64_t until_ms, int64_t now_ms)
{
	uint64_t host = hash_of(url);
	size_t i, n = 0;

	for (i = 0; i < t->n_held; i++) { /* those that are over go, and a longer wait for this one stays */
		if (t->held[i].host == host && t->held[i].until_ms > until_ms)
			until_ms = t->held[i].until_ms;
		if (t->held[i].host != host && t->held[i].until_ms > now_ms)
			t->held[n++] = t->held[i];
	}
	if (n < TURNS_HELD_MAX)
		t->held[n++] = (struct held){host, until_ms};
	t->n_held = n;
}

int64_t turns_held_ms(const struct turns *t, const char *url, int64_t now_ms)
{
	uint64_t host;
	size_t i;

	if (!t->n_held || !url)
		return 0;
	host = hash_of(url);
	for (i = 0; i < t->n_held; i++) {
		if (t->held[i].host == host)
			return t->held[i].until_ms > now_ms ? t->held[i].until_ms - now_ms : 0;
	}
	return 0;
}
