#include "fetch/resolver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <resolv.h>
#include <search.h>
#include <string.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "loop/loop.h"
#include "loop/workers.h"

enum {
	THREADS_RETRY_MS = 500,
	LIST_BYTES = RESOLVER_ADDRESSES * (INET6_ADDRSTRLEN + 3),
	SAID_NOTHING_MS = 1000, /* "try again" after less is somebody's answer */
};

TAILQ_HEAD(name_list, name);

struct addresses {
	unsigned refs;
	char *text;
};

/* In at most one list: of those that wait, that are known, or that are remembered as suspects. While a thread works on it
 * it is in none; while nobody asks and nothing is known of it, it isn't there at all. */
struct name {
	char *text;
	struct resolver *resolver;
	struct name_list *in;
	TAILQ_ENTRY(name) entry;
	TAILQ_HEAD(, asking) askers;
	uint32_t patience_ms;
	struct loop_timer *deadline; /* NULL: no thread works on it */
	struct loop_timer *replace;  /* with it: when another thread takes the place of that one */
	bool suspect, stuck;
	struct addresses *known;
	int64_t until_ms; /* of what is remembered; steady */
};

struct resolver {
	struct loop *loop;
	resolver_look *look;
	struct workers *workers;
	void *by_text; /* tsearch */
	struct name_list waiting, waiting_suspects, known, suspects;
	size_t n_known, n_suspects;
	unsigned running, running_suspects;
	unsigned stuck; /* threads of which nothing is expected any more; not among the running */
	size_t asking;
	struct loop_timer *retry; /* no thread could be started */
};

/* One lookup; the thread's own but for name, which only the loop looks at. */
struct look {
	resolver_look *look;
	struct name *name;
	char *text, *list;
	int error;
	int64_t took_ms;
};

/* --- addresses --- */

static struct addresses *addresses_new(char *text)
{
	struct addresses *a = NEW(struct addresses);

	a->refs = 1;
	a->text = text;
	return a;
}

static struct addresses *addresses_ref(struct addresses *a)
{
	a->refs++;
	return a;
}

struct addresses *addresses_unref(struct addresses *a)
{
	if (a && --a->refs == 0) {
		free(a->text);
		free(a);
	}
	return NULL;
}

const char *addresses_text(const struct addresses *a)
{
	return a->text;
}

/* --- names --- */

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->text, ((const struct name *)b)->text);
}

static struct name *name_find(struct resolver *r, const char *text)
{
	const struct name probe = {.text = (char *)text};
	void *node = tfind(&probe, &r->by_text, compare);

	return node ? *(struct name **)node : NULL;
}

static struct name *name_new(struct resolver *r, const char *text)
{
	struct name *n = NEW(struct name);

	n->text = xstrdup(text);
	n->resolver = r;
	TAILQ_INIT(&n->askers);
	if (!tsearch(n, &r->by_text, compare))
		memory_out();
	return n;
}

static size_t *counter(struct resolver *r, const struct name_list *list)
{
	return list == &r->known ? &r->n_known : list == &r->suspects ? &r->n_suspects : NULL;
}

static void name_move(struct name *n, struct name_list *to)
{
	size_t *from_count = counter(n->resolver, n->in), *to_count = counter(n->resolver, to);

	if (n->in)
		TAILQ_REMOVE(n->in, n, entry);
	if (to)
		TAILQ_INSERT_TAIL(to, n, entry);
	if (from_count)
		--*from_count;
	if (to_count)
		++*to_count;
	n->in = to;
}

static void name_free(struct name *n)
{
	name_move(n, NULL);
	(void)tdelete(n, &n->resolver->by_text, compare);
	addresses_unref(n->known);
	loop_timer_free(n->deadline);
	loop_timer_free(n->replace);
	free(n->text);
	free(n);
}

/* What a thread has left, and nobody asks for any more: kept for a while if that is worth it. */
static void name_keep(struct name *n)
{
	struct resolver *r = n->resolver;
	struct name_list *list = n->known ? &r->known : &r->suspects;

	if (!n->known && !n->suspect) {
		name_free(n);
		return;
	}
	n->until_ms = clock_steady_ms() + (n->known ? RESOLVER_KEEP_MS : RESOLVER_SUSPECT_MS);
	name_move(n, list);
	if (*counter(r, list) > RESOLVER_KEPT_MAX)
		name_free(TAILQ_FIRST(list));
}

static void forget_old(struct name_list *list, int64_t now_ms)
{
	struct name *n;

	while ((n = TAILQ_FIRST(list)) && n->until_ms <= now_ms)
		name_free(n);
}

/* --- on the threads --- */

static void list_put(struct buf *b, const struct addrinfo *ai)
{
	char text[INET6_ADDRSTRLEN];

	if (getnameinfo(ai->ai_addr, ai->ai_addrlen, text, sizeof(text), NULL, 0, NI_NUMERICHOST) != 0)
		return;
	if (strchr(text, '%')) /* a link's own address, which libcurl can't be given */
		return;
	buf_printf(b, ai->ai_family == AF_INET6 ? "%s[%s]" : "%s%s", b->len ? "," : "", text);
}

int resolver_system(const char *name, char **ret_list)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *all = NULL, *ai;
	struct buf b = BUF_INIT(LIST_BYTES);
	unsigned left = RESOLVER_ADDRESSES;
	int error;

	/* This thread's own settings: read anew, since changed ones are not followed by glibc itself, and made stricter. */
	if (res_init() == 0) {
		_res.retrans = _res.retrans < RESOLVER_TRY_S ? _res.retrans : RESOLVER_TRY_S;
		_res.retry = _res.retry < RESOLVER_TRIES ? _res.retry : RESOLVER_TRIES;
	}
	error = getaddrinfo(name, NULL, &hints, &all);
	if (error)
		return error;
	for (ai = all; ai && left; ai = ai->ai_next, left--)
		list_put(&b, ai);
	freeaddrinfo(all);
	if (!b.len) {
		buf_done(&b);
		return EAI_NODATA;
	}
	*ret_list = buf_steal(&b);
	return 0;
}

static void look_run(void *arg)
{
	struct look *k = arg;
	int64_t began_ms = clock_steady_ms();

	k->error = k->look(k->text, &k->list);
	k->took_ms = clock_steady_ms() - began_ms;
}

static void look_drop(void *arg)
{
	struct look *k = arg;

	free(k->text);
	free(k->list);
	free(k);
}

/* --- on the loop --- */

static void tell(struct name *n, enum resolver_outcome outcome, const char *why)
{
	struct resolver *r = n->resolver;
	struct asking *a;

	while ((a = TAILQ_FIRST(&n->askers))) {
		TAILQ_REMOVE(&n->askers, a, entry);
		a->name = NULL;
		r->asking--;
		a->on_known(a, outcome, outcome == RESOLVER_OK ? addresses_ref(n->known) : NULL, why);
	}
}

static void on_deadline(void *arg)
{
	struct name *n = arg;

	if (!n->suspect && !n->stuck)
		n->resolver->running_suspects++;
	n->suspect = true;
	tell(n, RESOLVER_TIMEOUT, "no name server answered in time");
}

static void pump(struct resolver *r);

/* Whoever asks for this name goes on waiting for that thread: a second one would be lost to it as well. */
static void on_replace(void *arg)
{
	struct name *n = arg;
	struct resolver *r = n->resolver;

	n->stuck = true;
	r->running--;
	r->running_suspects -= n->suspect;
	r->stuck++;
	LOG_LIMITED("fetch.resolver", LOG_S("why", "a lookup does not return"), LOG_S("name", n->text),
		    LOG_I("threads_lost", r->stuck), LOG_I("threads_max", RESOLVER_THREADS_MAX));
	pump(r);
}

/* What n's thread was counted as. */
static void uncount(struct name *n)
{
	struct resolver *r = n->resolver;

	if (n->stuck) {
		r->stuck--;
	} else {
		r->running--;
		r->running_suspects -= n->suspect;
	}
	n->stuck = false;
}

static void look_done(void *arg)
{
	struct look *k = arg;
	struct name *n = k->name;
	struct resolver *r = n->resolver;
	bool silence = k->error == EAI_AGAIN && k->took_ms >= SAID_NOTHING_MS;
	const char *why = k->error ? gai_strerror(k->error) : NULL;

	uncount(n);
	n->deadline = loop_timer_free(n->deadline);
	n->replace = loop_timer_free(n->replace);
	n->suspect = silence;
	if (!k->error)
		n->known = addresses_new(TAKE(k->list));
	look_drop(k);
	tell(n, silence ? RESOLVER_TIMEOUT : why ? RESOLVER_NONE : RESOLVER_OK, why);
	name_keep(n);
	pump(r);
}

static int look_start(struct name *n)
{
	static const struct loop_work_ops ops = {.run = look_run, .done = look_done, .drop = look_drop};
	struct look *k = NEW(struct look);
	int r;

	k->look = n->resolver->look;
	k->name = n;
	k->text = xstrdup(n->text);
	r = workers_start(n->resolver->workers, &ops, k, NULL);
	if (r != 0)
		look_drop(k);
	return r;
}

static void pump(struct resolver *r)
{
	struct name *n;

	while (r->running < RESOLVER_THREADS && r->running + r->stuck < RESOLVER_THREADS_MAX) {
		n = TAILQ_FIRST(&r->waiting);
		if (!n && r->running_suspects < RESOLVER_SUSPECTS)
			n = TAILQ_FIRST(&r->waiting_suspects);
		if (!n)
			return;
		if (look_start(n) != 0) {
			LOG_LIMITED("fetch.resolver", LOG_S("why", "no thread can be started"));
			loop_timer_set(r->retry, THREADS_RETRY_MS);
			return;
		}
		name_move(n, NULL);
		r->running++;
		r->running_suspects += n->suspect;
		n->deadline = loop_timer_new(r->loop, on_deadline, n);
		loop_timer_set(n->deadline, n->patience_ms);
		n->replace = loop_timer_new(r->loop, on_replace, n);
		loop_timer_set(n->replace, RESOLVER_STUCK_MS);
	}
}

static void on_retry(void *arg)
{
	pump(arg);
}

struct addresses *resolver_known(struct resolver *r, const char *name)
{
	int64_t now_ms = clock_steady_ms();
	struct name *n;

	forget_old(&r->known, now_ms);
	forget_old(&r->suspects, now_ms);
	n = name_find(r, name);
	return n && n->known ? addresses_ref(n->known) : NULL;
}

void resolver_ask(struct resolver *r, const char *name, uint32_t patience_ms, resolver_cb *on_known, struct asking *a)
{
	struct name *n = name_find(r, name);

	if (!n)
		n = name_new(r, name);
	a->name = n;
	a->on_known = on_known;
	TAILQ_INSERT_TAIL(&n->askers, a, entry);
	r->asking++;
	if (n->deadline) { /* a thread is at it; earlier askers may have lost patience already */
		if (!loop_timer_is_set(n->deadline))
			loop_timer_set(n->deadline, patience_ms);
		return;
	}
	if (n->in == &r->waiting || n->in == &r->waiting_suspects)
		return;
	n->known = addresses_unref(n->known);
	n->patience_ms = patience_ms;
	name_move(n, n->suspect ? &r->waiting_suspects : &r->waiting);
	pump(r);
}

void resolver_cancel(struct resolver *r, struct asking *a)
{
	struct name *n = a->name;

	if (!n)
		return;
	TAILQ_REMOVE(&n->askers, a, entry);
	a->name = NULL;
	r->asking--;
	if (TAILQ_EMPTY(&n->askers) && !n->deadline)
		name_keep(n);
}

size_t resolver_asking(const struct resolver *r)
{
	return r->asking;
}

int resolver_new(struct loop *l, resolver_look *look, struct resolver **ret)
{
	cleanup(resolver_freep) struct resolver *r = NEW(struct resolver);
	int err;

	r->loop = l;
	r->look = look;
	TAILQ_INIT(&r->waiting);
	TAILQ_INIT(&r->waiting_suspects);
	TAILQ_INIT(&r->known);
	TAILQ_INIT(&r->suspects);
	r->retry = loop_timer_new(l, on_retry, r);
	err = workers_new(l, RESOLVER_THREADS_MAX, &r->workers);
	if (err < 0)
		return err;
	*ret = TAKE(r);
	return 0;
}

struct resolver *resolver_free(struct resolver *r)
{
	if (!r)
		return NULL;
	workers_free(r->workers);
	while (r->by_text)
		name_free(*(struct name **)r->by_text);
	loop_timer_free(r->retry);
	free(r);
	return NULL;
}
