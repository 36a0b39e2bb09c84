#include "store/engine.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "base/background.h"
#include "base/clock.h"
#include "base/mem.h"
#include "store/db.h"
#include "store/group.h"
#include "store/store.h"
#include "store/writer.h"

enum {
	REST_MS = 200,    /* quiet for so long, the writer turns to what is done behind */
	STARVE_MS = 500,  /* never quiet: one step of it this often, about a thousand mentions a second */
	FULL_MS = 1000,   /* full: between two looks whether there is room again */
	SLEEP_MS = 60000, /* nothing left to do behind: until retention is due again */
};

struct lane {
	pthread_t thread;
	pthread_cond_t more;
	struct request_queue waiting, patient;
	bool running;
};

struct engine {
	pthread_mutex_t lock; /* over everything below it */
	struct lane writing, reading;
	struct request_queue done;
	size_t writes_open; /* posted and not finished */
	size_t hasty, rows; /* of what waits to be written: requests that gather() doesn't keep waiting; rows */
	bool closing;
	struct writer *writer; /* the writing thread's alone */
	struct reader reader;  /* the reading thread's */
	void (*wake)(void *arg);
	void *arg;
};

static void lane_init(struct lane *lane)
{
	pthread_condattr_t attr;

	request_queue_init(&lane->waiting);
	request_queue_init(&lane->patient);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&lane->more, &attr);
	pthread_condattr_destroy(&attr);
}

struct engine *engine_new(struct writer *w, struct db *reader, void (*wake)(void *arg), void *arg)
{
	struct engine *e = NEW(struct engine);

	pthread_mutex_init(&e->lock, NULL);
	lane_init(&e->writing);
	lane_init(&e->reading);
	request_queue_init(&e->done);
	e->writer = w;
	e->reader = (struct reader){.db = reader, .engine = e, .recent = w->recent};
	e->wake = wake;
	e->arg = arg;
	return e;
}

struct engine *engine_free(struct engine *e)
{
	if (!e)
		return NULL;
	pthread_cond_destroy(&e->writing.more);
	pthread_cond_destroy(&e->reading.more);
	pthread_mutex_destroy(&e->lock);
	free(e);
	return NULL;
}

/* All requests of a queue are answered: the owner is woken once for as many as wait. */
static void answer(struct engine *e, struct request_queue *q)
{
	bool first;
	struct request *req;

	pthread_mutex_lock(&e->lock);
	first = !e->done.head;
	while ((req = request_pop(q)))
		request_push(&e->done, req);
	first = first && e->done.head;
	pthread_mutex_unlock(&e->lock);
	if (first)
		e->wake(e->arg);
}

void engine_post(struct engine *e, struct request *req)
{
	struct lane *lane = req->class->write ? &e->writing : &e->reading;
	struct request_queue *waiting = req->class->patient ? &lane->patient : &lane->waiting, refused;

	request_queue_init(&refused);
	pthread_mutex_lock(&e->lock);
	if (req->class->write)
		e->writes_open++;
	req->r = e->closing ? -ECANCELED : waiting->n >= STORE_QUEUE_MAX ? -ENOBUFS : 0;
	if (req->r == 0) {
		request_push(waiting, req);
		if (req->class->write) {
			e->hasty += !req->class->gathers;
			e->rows += req->rows;
		}
		pthread_cond_signal(&lane->more);
	} else {
		request_push(&refused, req);
	}
	pthread_mutex_unlock(&e->lock);
	answer(e, &refused);
}

size_t engine_writes_waiting(struct engine *e)
{
	size_t n;

	pthread_mutex_lock(&e->lock);
	n = e->writes_open;
	pthread_mutex_unlock(&e->lock);
	return n;
}

void engine_dispatch(struct engine *e)
{
	struct request *list, *req;

	pthread_mutex_lock(&e->lock);
	list = e->done.head;
	request_queue_init(&e->done);
	for (req = list; req; req = req->next)
		e->writes_open -= req->class->write != NULL;
	pthread_mutex_unlock(&e->lock);
	while ((req = list)) {
		list = req->next;
		req->class->finish(req); /* may post more */
		req->class->drop(req);
	}
}

/* --- the threads --- */

/* Waits for requests; false: wait_ms have passed without one, or it is time to end. */
static bool wait_for(struct engine *e, struct lane *lane, int64_t wait_ms)
{
	struct timespec until = clock_deadline(wait_ms);
	int r = 0;

	while (!lane->waiting.head && !lane->patient.head && !e->closing && r == 0)
		r = wait_ms < 0 ? pthread_cond_wait(&lane->more, &e->lock)
				: pthread_cond_timedwait(&lane->more, &e->lock, &until);
	return lane->waiting.head || lane->patient.head;
}

/* The next write, if it takes no more than so many rows. */
static struct request *next_write(void *arg, size_t rows)
{
	struct engine *e = arg;
	struct request *req = NULL;

	pthread_mutex_lock(&e->lock);
	if (e->writing.waiting.head && e->writing.waiting.head->rows <= rows) {
		req = request_pop(&e->writing.waiting);
		e->hasty -= !req->class->gathers;
		e->rows -= req->rows;
	}
	pthread_mutex_unlock(&e->lock);
	return req;
}

/* Polls that come in quick succession share a transaction, and so do the marks of what was sent: each one alone would write
 * the pages of the indexes anew, and wait for the disk. The first after a rest, and whatever else there is, is not kept
 * waiting. */
static void gather(struct engine *e, int64_t last_ms)
{
	int64_t wait_ms = last_ms + STORE_GATHER_MS - clock_steady_ms();
	struct timespec until;
	int r = 0;

	if (wait_ms <= 0)
		return;
	until = clock_deadline(wait_ms < STORE_GATHER_MS ? wait_ms : STORE_GATHER_MS);
	pthread_mutex_lock(&e->lock);
	while (!e->hasty && e->rows < STORE_GATHER_ROWS && !e->closing && r == 0)
		r = pthread_cond_timedwait(&e->writing.more, &e->lock, &until);
	pthread_mutex_unlock(&e->lock);
}

static void write_group(struct engine *e)
{
	struct group_source waiting = {.next = next_write, .arg = e};
	struct request_queue done;

	request_queue_init(&done);
	group_write(e->writer, &waiting, &done);
	answer(e, &done);
}

static void *writer_main(void *arg)
{
	struct engine *e = arg;
	int64_t behind_ms = clock_steady_ms(), wait_ms = REST_MS, last_ms = behind_ms - STORE_GATHER_MS;

	background();
	for (;;) {
		bool work, closing, full = e->writer->full;

		pthread_mutex_lock(&e->lock);
		work = wait_for(e, &e->writing, wait_ms);
		closing = e->closing;
		pthread_mutex_unlock(&e->lock);
		if (work) {
			gather(e, last_ms);
			write_group(e);
			last_ms = clock_steady_ms();
			wait_ms = REST_MS;
		} else if (closing) {
			return NULL;
		}
		if (!work || clock_steady_ms() - behind_ms > STARVE_MS) {
			bool more = group_behind(e->writer, !work);

			behind_ms = clock_steady_ms();
			if (!work)
				wait_ms = more ? 0 : e->writer->full ? FULL_MS : SLEEP_MS;
		}
		if (full != e->writer->full)
			e->wake(e->arg); /* store_dispatch() tells it */
	}
}

static void read_one(struct reader *rd, struct request *req)
{
	int r = db_run(rd->db, SQL_BEGIN_READ);

	if (r == 0) {
		db_deadline(rd->db, clock_steady_ms() + STORE_QUERY_MAX_MS);
		r = req->class->read(req, rd);
		db_deadline(rd->db, 0);
	}
	if (db_in_transaction(rd->db) && db_run(rd->db, SQL_COMMIT) < 0 && db_run(rd->db, SQL_ROLLBACK) < 0)
		r = r < 0 ? r : -EIO; /* it would go on seeing the log as it was */
	req->r = r;
}

static void *reader_main(void *arg)
{
	struct engine *e = arg;

	background();
	for (;;) {
		struct request_queue one;
		struct request *req;

		pthread_mutex_lock(&e->lock);
		(void)wait_for(e, &e->reading, -1);
		req = request_pop(&e->reading.waiting);
		if (!req)
			req = request_pop(&e->reading.patient);
		pthread_mutex_unlock(&e->lock);
		if (!req)
			return NULL; /* closing, and all is answered */
		read_one(&e->reader, req);
		request_queue_init(&one);
		request_push(&one, req);
		answer(e, &one);
	}
}

static int lane_start(struct lane *lane, const char *name, void *(*main)(void *), struct engine *e)
{
	sigset_t all, before;
	int r;

	sigfillset(&all); /* signals are the owner's thread's */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&lane->thread, NULL, main, e);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	lane->running = r == 0;
	if (lane->running)
		(void)pthread_setname_np(lane->thread, name); /* for who asks ps or perf what is busy */
	return -r;
}

int engine_start(struct engine *e)
{
	int r = lane_start(&e->writing, "store-writer", writer_main, e);

	return r < 0 ? r : lane_start(&e->reading, "store-reader", reader_main, e);
}

/* Ends a lane when it has done all that waits. */
static void lane_stop(struct lane *lane)
{
	if (lane->running)
		pthread_join(lane->thread, NULL);
	lane->running = false;
}

void engine_stop(struct engine *e)
{
	pthread_mutex_lock(&e->lock);
	e->closing = true;
	pthread_cond_broadcast(&e->writing.more);
	pthread_cond_broadcast(&e->reading.more);
	pthread_mutex_unlock(&e->lock);
	lane_stop(&e->writing);
	lane_stop(&e->reading);
	while (e->done.head) /* callbacks may ask for more, and get -ECANCELED */
		engine_dispatch(e);
}
