#include "fetch/multi.h"

#include <errno.h>
#include <sys/queue.h>

#include "base/log.h"
#include "loop/loop.h"

/* Those in use count too: with fewer than run at once, none would ever be used again. Many more gain nothing, since polls
 * lie minutes apart, and cost: each new connection searches them line by line, and a round over distinct hosts takes eight
 * times the CPU with 1,024 kept that it takes with 64. */
enum { CONNECTIONS_KEPT_MAX = 64 };

struct multi_socket {
	struct loop_watch *watch;
	LIST_ENTRY(multi_socket) entry;
};

struct multi {
	struct loop *loop;
	CURLM *curl;
	struct loop_timer *timer;
	LIST_HEAD(, multi_socket) sockets;
	void (*on_activity)(void *arg);
	void *arg;
};

static void act(struct multi *m, curl_socket_t fd, int what)
{
	int running;
	CURLMcode code = curl_multi_socket_action(m->curl, fd, what, &running);

	if (code != CURLM_OK)
		LOG_LIMITED("fetch.multi", LOG_S("why", curl_multi_strerror(code)));
	m->on_activity(m->arg);
}

static void on_ready(int fd, unsigned what, void *arg)
{
	act(arg, fd, (what & LOOP_READ ? CURL_CSELECT_IN : 0) | (what & LOOP_WRITE ? CURL_CSELECT_OUT : 0));
}

static void on_timer(void *arg)
{
	act(arg, CURL_SOCKET_TIMEOUT, 0);
}

static int on_timeout_wanted(CURLM *curl, long ms, void *arg)
{
	struct multi *m = arg;

	(void)curl;
	if (ms < 0)
		loop_timer_stop(m->timer);
	else
		loop_timer_set(m->timer, ms);
	return 0;
}

static void socket_free(struct multi_socket *s)
{
	LIST_REMOVE(s, entry);
	loop_watch_free(s->watch);
	free(s);
}

static int on_socket_wanted(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	struct multi *m = arg;
	struct multi_socket *s = socket_arg;
	int r;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (s)
			socket_free(s);
		(void)curl_multi_assign(m->curl, fd, NULL);
		return 0;
	}
	if (!s) {
		s = NEW(struct multi_socket);
		s->watch = loop_watch_new(m->loop, fd, on_ready, m);
		LIST_INSERT_HEAD(&m->sockets, s, entry);
		(void)curl_multi_assign(m->curl, fd, s);
	}
	r = loop_watch_set(s->watch, (what & CURL_POLL_IN ? LOOP_READ : 0) | (what & CURL_POLL_OUT ? LOOP_WRITE : 0));
	if (r < 0) /* the transfer then ends by its time-out */
		LOG_LIMITED("fetch.watch", LOG_I("errno", -r));
	return 0;
}

int multi_new(struct loop *l, unsigned transfers, void (*on_activity)(void *arg), void *arg, struct multi **ret)
{
	long kept = transfers < CONNECTIONS_KEPT_MAX ? (long)transfers : CONNECTIONS_KEPT_MAX;
	cleanup(multi_freep) struct multi *m = NEW(struct multi);
	CURLMcode code;

	m->loop = l;
	m->on_activity = on_activity;
	m->arg = arg;
	LIST_INIT(&m->sockets);
	m->timer = loop_timer_new(l, on_timer, m);
	m->curl = curl_multi_init();
	if (!m->curl)
		return -ENOMEM;
	code = curl_multi_setopt(m->curl, CURLMOPT_SOCKETFUNCTION, on_socket_wanted);
	code = code ? code : curl_multi_setopt(m->curl, CURLMOPT_SOCKETDATA, m);
	code = code ? code : curl_multi_setopt(m->curl, CURLMOPT_TIMERFUNCTION, on_timeout_wanted);
	code = code ? code : curl_multi_setopt(m->curl, CURLMOPT_TIMERDATA, m);
	code = code ? code : curl_multi_setopt(m->curl, CURLMOPT_MAXCONNECTS, kept);
	if (code) {
		LOG_ERROR("fetch.multi", LOG_S("why", curl_multi_strerror(code)));
		return -EOPNOTSUPP;
	}
	*ret = TAKE(m);
	return 0;
}

struct multi *multi_free(struct multi *m)
{
	if (!m)
		return NULL;
	if (m->curl)
		(void)curl_multi_cleanup(m->curl); /* lets go of its sockets through on_socket_wanted */
	while (!LIST_EMPTY(&m->sockets))
		socket_free(LIST_FIRST(&m->sockets));
	loop_timer_free(m->timer);
	free(m);
	return NULL;
}

CURLMcode multi_add(struct multi *m, CURL *easy)
{
	return curl_multi_add_handle(m->curl, easy);
}

void multi_remove(struct multi *m, CURL *easy)
{
	(void)curl_multi_remove_handle(m->curl, easy);
}

bool multi_ended(struct multi *m, CURL **ret, CURLcode *ret_code)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(m->curl, &left))) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		*ret = msg->easy_handle; /* msg dies with the next call on the handle */
		*ret_code = msg->data.result;
		return true;
	}
	return false;
}
