#include "loop/workers.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/queue.h>

#include "base/background.h"

struct loop_work {
	STAILQ_ENTRY(loop_work) next;
	const struct loop_work_ops *ops;
	void *arg;
	struct workers *workers;
	bool cancelled;
};
STAILQ_HEAD(work_list, loop_work);

struct workers {
	pthread_mutex_t lock;
	sem_t more; /* posted for each work that waits: unlike a condition's signal, a post never waits for who was woken */
	pthread_cond_t poked;
	struct work_list waiting, ended;
	unsigned threads, threads_max, idle;
	unsigned poking; /* threads that are at the wakeup, without the lock */
	size_t n_waiting;
	bool stop;
	size_t n; /* given and not yet done or dropped; loop thread alone */
	struct loop_wakeup *wakeup;
};

static void drop(struct loop_work *w)
{
	w->ops->drop(w->arg);
	free(w);
}

/* Called on the way out of a thread or of workers_free(), with the lock held: whoever is last turns off the light. */
static void leave(struct workers *p)
{
	bool last = p->stop && p->threads == 0;

	pthread_mutex_unlock(&p->lock);
	if (last) {
		sem_destroy(&p->more);
		pthread_cond_destroy(&p->poked);
		pthread_mutex_destroy(&p->lock);
		free(p);
	}
}

/* Called and left with the lock held, and without it between: the loop, once awake, wants it, and would stand still for as
 * long as others keep this thread from going on. */
static void poke(struct workers *p)
{
	p->poking++;
	pthread_mutex_unlock(&p->lock);
	loop_wakeup_poke(p->wakeup);
	pthread_mutex_lock(&p->lock);
	if (--p->poking == 0)
		pthread_cond_signal(&p->poked);
}

static void *thread_main(void *arg)
{
	struct workers *p = arg;
	struct loop_work *w;

	background();
	pthread_mutex_lock(&p->lock);
	while (!p->stop) {
		w = STAILQ_FIRST(&p->waiting);
		if (!w) {
			p->idle++;
			pthread_mutex_unlock(&p->lock);
			(void)sem_wait(&p->more);
			pthread_mutex_lock(&p->lock);
			p->idle--;
			continue;
		}
		STAILQ_REMOVE_HEAD(&p->waiting, next);
		p->n_waiting--;
		if (!w->cancelled) {
			pthread_mutex_unlock(&p->lock);
			w->ops->run(w->arg);
			pthread_mutex_lock(&p->lock);
		}
		if (p->stop) { /* the loop went meanwhile */
			pthread_mutex_unlock(&p->lock);
			drop(w);
			pthread_mutex_lock(&p->lock);
		} else {
			STAILQ_INSERT_TAIL(&p->ended, w, next);
			poke(p);
		}
	}
	p->threads--;
	leave(p);
	return NULL;
}

/* A signal goes to the thread that runs the loop, or nowhere. */
static int thread_start(struct workers *p)
{
	sigset_t all, before;
	pthread_attr_t attr;
	pthread_t id;
	int r;

	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&id, &attr, thread_main, p);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return -r;
}

static void on_ended(void *arg)
{
	struct workers *p = arg;
	struct loop_work *w;
	void (*call)(void *arg);
	void *call_arg;
	bool more;

	pthread_mutex_lock(&p->lock);
	w = STAILQ_FIRST(&p->ended);
	if (w)
		STAILQ_REMOVE_HEAD(&p->ended, next);
	more = !STAILQ_EMPTY(&p->ended);
	pthread_mutex_unlock(&p->lock);
	if (!w)
		return;
	if (more) /* one a call, so that nothing is touched after calling out */
		loop_wakeup_poke(p->wakeup);
	p->n--;
	call = w->cancelled ? w->ops->drop : w->ops->done;
	call_arg = w->arg;
	free(w);
	call(call_arg);
}

int workers_new(struct loop *l, unsigned threads, struct workers **ret)
{
	struct workers *p = NEW(struct workers);
	int r;

	p->threads_max = threads;
	STAILQ_INIT(&p->waiting);
	STAILQ_INIT(&p->ended);
	r = loop_wakeup_new(l, on_ended, p, &p->wakeup);
	if (r < 0) {
		free(p);
		return r;
	}
	pthread_mutex_init(&p->lock, NULL);
	sem_init(&p->more, 0, 0);
	pthread_cond_init(&p->poked, NULL);
	*ret = p;
	return 0;
}

struct workers *workers_free(struct workers *p)
{
	struct work_list left = STAILQ_HEAD_INITIALIZER(left);
	struct loop_work *w;
	unsigned i;

	if (!p)
		return NULL;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	STAILQ_CONCAT(&left, &p->waiting);
	STAILQ_CONCAT(&left, &p->ended);
	for (i = 0; i < p->threads; i++)
		sem_post(&p->more);
	p->threads++;     /* this one: the last of the others must not free it meanwhile */
	while (p->poking) /* a write's length */
		pthread_cond_wait(&p->poked, &p->lock);
	p->wakeup = loop_wakeup_free(p->wakeup);
	p->threads--;
	leave(p);
	while ((w = STAILQ_FIRST(&left))) {
		STAILQ_REMOVE_HEAD(&left, next);
		drop(w);
	}
	return NULL;
}

int workers_start(struct workers *p, const struct loop_work_ops *ops, void *arg, struct loop_work **ret)
{
	struct loop_work *w;
	int r;

	if (p->n >= LOOP_WORK_MAX)
		return LOOP_E_BUSY;
	pthread_mutex_lock(&p->lock);
	if (p->idle <= p->n_waiting && p->threads < p->threads_max) {
		r = thread_start(p);
		if (r == 0)
			p->threads++;
		else if (p->threads == 0) { /* with one thread it goes on, more slowly */
			pthread_mutex_unlock(&p->lock);
			return r;
		}
	}
	w = NEW(struct loop_work);
	w->ops = ops;
	w->arg = arg;
	w->workers = p;
	STAILQ_INSERT_TAIL(&p->waiting, w, next);
	p->n_waiting++;
	p->n++;
	pthread_mutex_unlock(&p->lock);
	sem_post(&p->more);
	if (ret)
		*ret = w;
	return 0;
}

void loop_work_cancel(struct loop_work *w)
{
	struct workers *p = w->workers;

	pthread_mutex_lock(&p->lock);
	w->cancelled = true; /* what waits isn't run any more; what runs is dropped behind */
	pthread_mutex_unlock(&p->lock);
}
