#include "queue/lookup.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "loop/loop.h"

struct lookup {
	struct loop_work *work;
	char *host; /* the thread's own: the configuration may go meanwhile */
	char port[8];
	struct addrinfo *list;
	int error, saved_errno;
	lookup_cb *on_found;
	void *arg;
};

static void lookup_free(struct lookup *k)
{
	if (k->list)
		freeaddrinfo(k->list);
	free(k->host);
	free(k);
}

static void run(void *arg)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV};
	const struct addrinfo numeric = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
	struct lookup *k = arg;

	k->error = getaddrinfo(k->host, k->port, &numeric, &k->list); /* ::1 counts as no address without an IPv6 one */
	if (k->error == EAI_NONAME)
		k->error = getaddrinfo(k->host, k->port, &hints, &k->list);
	k->saved_errno = errno;
	if (k->error)
		k->list = NULL;
}

static void done(void *arg)
{
	struct lookup *k = arg;
	lookup_cb *on_found = k->on_found;
	const char *why = k->error == EAI_SYSTEM ? strerrordesc_np(k->saved_errno)
			  : k->error             ? gai_strerror(k->error)
						 : NULL;
	struct addrinfo *list = TAKE(k->list);
	void *to = k->arg;

	lookup_free(k);
	on_found(to, list, why);
}

static void drop(void *arg)
{
	lookup_free(arg);
}

int lookup_start(struct loop *l, const char *host, uint16_t port, lookup_cb *on_found, void *arg, struct lookup **ret)
{
	static const struct loop_work_ops ops = {.run = run, .done = done, .drop = drop};
	struct lookup *k = NEW(struct lookup);

	k->host = xstrdup(host);
	snprintf(k->port, sizeof(k->port), "%u", port);
	k->on_found = on_found;
	k->arg = arg;
	if (loop_work_start(l, &ops, k, &k->work) != 0) {
		lookup_free(k);
		return LOOKUP_E_BUSY;
	}
	*ret = k;
	return 0;
}

void lookup_cancel(struct lookup *k)
{
	if (k)
		loop_work_cancel(k->work);
}
