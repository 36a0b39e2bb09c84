#include "source/turns.h"

#include <search.h>
#include <string.h>

TAILQ_HEAD(turn_list, turn);

struct turns_host {
	char *key; /* scheme, name and port */
	unsigned running;
	struct turn_list waiting;
};

struct turns {
	void *hosts; /* those with a source inside or waiting */
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct turns_host *)a)->key, ((const struct turns_host *)b)->key);
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

static struct turns_host *host_of(struct turns *t, const char *url)
{
	const char *name = strstr(url, "://");
	size_t len = name ? (size_t)(name + 3 - url) + strcspn(name + 3, "/?#") : strlen(url);
	cleanup(freep) char *key = xstrndup(url, len);
	struct turns_host probe = {.key = key}, *host;
	void *node = tfind(&probe, &t->hosts, compare);

	if (node)
		return *(struct turns_host **)node;
	host = NEW(struct turns_host);
	host->key = TAKE(key);
	TAILQ_INIT(&host->waiting);
	if (!tsearch(host, &t->hosts, compare))
		abort();
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
		free(host->key);
		free(host);
	}
	return next;
}
