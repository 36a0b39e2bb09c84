/* loop/loop.h's readiness: descriptors, signals, pokes from other threads. */
#include <errno.h>
#include <event2/event.h>
#include <sys/eventfd.h>

#include "loop/lag.h"
#include "loop/loop.h"

struct loop_watch {
	struct loop *loop;
	struct event *event;
	unsigned what;
	void (*on_ready)(int fd, unsigned what, void *arg);
	void *arg;
	uintptr_t which; /* the function that it is for */
};

struct loop_signal {
	struct loop *loop;
	struct event *event;
	void (*on_signal)(int signo, void *arg);
	void *arg;
};

struct loop_wakeup {
	int fd;
	struct loop_watch *watch;
	void (*on_wakeup)(void *arg);
	void *arg;
};

/* --- descriptors --- */

static void on_fd(evutil_socket_t fd, short what, void *arg)
{
	struct loop_watch *w = arg;
	struct loop *l = w->loop;
	uintptr_t which = w->which;
	int64_t start = loop_now_us();

	w->on_ready(fd, (what & EV_READ ? LOOP_READ : 0) | (what & EV_WRITE ? LOOP_WRITE : 0),
		    w->arg); /* w may be gone */
	loop_called(l, start, which);
}

struct loop_watch *loop_watch_new(struct loop *l, int fd, void (*on_ready)(int fd, unsigned what, void *arg), void *arg)
{
	struct loop_watch *w = NEW(struct loop_watch);

	w->loop = l;
	w->on_ready = on_ready;
	w->which = (uintptr_t)on_ready;
	w->arg = arg;
	w->event = event_new(loop_base(l), fd, EV_PERSIST, on_fd, w);
	if (!w->event)
		memory_out();
	return w;
}

struct loop_watch *loop_watch_free(struct loop_watch *w)
{
	if (w) {
		event_free(w->event);
		free(w);
	}
	return NULL;
}

int loop_watch_set(struct loop_watch *w, unsigned what)
{
	short events = (what & LOOP_READ ? EV_READ : 0) | (what & LOOP_WRITE ? EV_WRITE : 0);

	if (what == w->what)
		return 0;
	(void)event_del(w->event);
	w->what = 0;
	if (!what)
		return 0;
	if (event_assign(w->event, loop_base(w->loop), event_get_fd(w->event), events | EV_PERSIST, on_fd, w) < 0 ||
	    event_add(w->event, NULL) < 0)
		return errno ? -errno : -EBADF;
	w->what = what;
	return 0;
}

/* --- signals --- */

static void on_signal_event(evutil_socket_t signo, short what, void *arg)
{
	struct loop_signal *s = arg;
	struct loop *l = s->loop;
	uintptr_t which = (uintptr_t)s->on_signal;
	int64_t start = loop_now_us();

	(void)what;
	s->on_signal(signo, s->arg); /* s may be gone now */
	loop_called(l, start, which);
}

int loop_signal_new(struct loop *l, int signo, void (*on_signal)(int signo, void *arg), void *arg,
		    struct loop_signal **ret)
{
	cleanup(loop_signal_freep) struct loop_signal *s = NEW(struct loop_signal);

	s->loop = l;
	s->on_signal = on_signal;
	s->arg = arg;
	s->event = evsignal_new(loop_base(l), signo, on_signal_event, s);
	if (!s->event || evsignal_add(s->event, NULL) < 0)
		return -EINVAL;
	*ret = TAKE(s);
	return 0;
}

struct loop_signal *loop_signal_free(struct loop_signal *s)
{
	if (s) {
		if (s->event)
			event_free(s->event);
		free(s);
	}
	return NULL;
}

/* --- pokes from other threads --- */

static void on_poked(int fd, unsigned what, void *arg)
{
	struct loop_wakeup *w = arg;
	uint64_t n;

	(void)what;
	if (read(fd, &n, sizeof(n)) == sizeof(n)) /* empties the counter before the callback looks at what was left */
		w->on_wakeup(w->arg);
}

int loop_wakeup_new(struct loop *l, void (*on_wakeup)(void *arg), void *arg, struct loop_wakeup **ret)
{
	cleanup(loop_wakeup_freep) struct loop_wakeup *w = NEW(struct loop_wakeup);
	int r;

	w->on_wakeup = on_wakeup;
	w->arg = arg;
	w->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (w->fd < 0)
		return -errno;
	w->watch = loop_watch_new(l, w->fd, on_poked, w);
	w->watch->which = (uintptr_t)on_wakeup;
	r = loop_watch_set(w->watch, LOOP_READ);
	if (r < 0)
		return r;
	*ret = TAKE(w);
	return 0;
}

struct loop_wakeup *loop_wakeup_free(struct loop_wakeup *w)
{
	if (w) {
		loop_watch_free(w->watch);
		if (w->fd >= 0)
			close(w->fd);
		free(w);
	}
	return NULL;
}

void loop_wakeup_poke(struct loop_wakeup *w)
{
	const uint64_t one = 1;
	int saved = errno;

	while (write(w->fd, &one, sizeof(one)) < 0 && errno == EINTR)
		; /* EAGAIN: the counter is full, and so not zero: the loop will come */
	errno = saved;
}
