#include "fetch/multi.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "loop/loop.h"

/* Those in use count too: with fewer than run at once, none would ever be used again. Many more gain nothing, since polls
 * lie minutes apart, and cost: each new connection searches them line by line, and a round over distinct hosts takes eight
 * times the CPU with 1,024 kept that it takes with 64. */
enum { CONNECTIONS_KEPT_MAX = 64 };

struct multi {
	struct loop *loop;
	CURLM *curl;
	struct loop_timer *timer;
	/* By descriptor. Each stays, for libcurl lets go of a connection's behind each answer, and takes it up again. */
	struct loop_watch **watches;
	size_t n_watches;
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

static struct loop_watch *watch_of(struct multi *m, size_t fd)
{
	size_t n = m->n_watches;

	if (fd >= n) {
		m->watches = xreallocarray(m->watches, 2 * fd + 1, sizeof(struct loop_watch *));
		m->n_watches = 2 * fd + 1;
		memset(m->watches + n, 0, (m->n_watches - n) * sizeof(struct loop_watch *));
	}
	if (!m->watches[fd])
		m->watches[fd] = loop_watch_new(m->loop, (int)fd, on_ready, m);
	return m->watches[fd];
}

static int on_socket_wanted(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	struct multi *m = arg;
	unsigned wanted = (what & CURL_POLL_IN ? LOOP_READ : 0) | (what & CURL_POLL_OUT ? LOOP_WRITE : 0);
	int r;

	(void)easy;
	(void)socket_arg;
	r = loop_watch_set(watch_of(m, (size_t)fd), what == CURL_POLL_REMOVE ? 0 : wanted);
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
	while (m->n_watches)
		loop_watch_free(m->watches[--m->n_watches]);
	free(m->watches);
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
