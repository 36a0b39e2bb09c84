#include "store/engine.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/db.h"
#include "store/keep.h"
#include "store/search.h"
#include "store/writer.h"

enum {
	REST_MS = 200,    /* quiet for so long, the writer turns to what is done behind */
	STARVE_MS = 2000, /* never quiet: one step of it this often */
	SLEEP_MS = 60000, /* nothing left to do behind: until retention is due again */
};

struct queue {
	struct request *head, **tail;
	size_t n;
};

struct lane {
	pthread_t thread;
	pthread_cond_t more;
	struct queue waiting;
	bool running;
};

struct engine {
	pthread_mutex_t lock; /* over everything below it */
	struct lane writing, reading;
	struct queue done;
	size_t writes_open; /* posted and not finished */
	bool closing;
	struct writer *writer; /* the writing thread's alone */
	struct reader reader;  /* the reading thread's */
	void (*wake)(void *arg);
	void *arg;
};

static void push(struct queue *q, struct request *req)
{
	req->next = NULL;
	*q->tail = req;
	q->tail = &req->next;
	q->n++;
}

static struct request *pop(struct queue *q)
{
	struct request *req = q->head;

	if (!req)
		return NULL;
	q->head = req->next;
	if (!q->head)
		q->tail = &q->head;
	q->n--;
	return req;
}

static void lane_init(struct lane *lane)
{
	pthread_condattr_t attr;

	lane->waiting.tail = &lane->waiting.head;
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
	e->done.tail = &e->done.head;
	e->writer = w;
	e->reader = (struct reader){.db = reader, .engine = e};
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
static void answer(struct engine *e, struct queue *q)
{
	bool first;
	struct request *req;

	pthread_mutex_lock(&e->lock);
	first = !e->done.head;
	while ((req = pop(q)))
		push(&e->done, req);
	first = first && e->done.head;
	pthread_mutex_unlock(&e->lock);
	if (first)
		e->wake(e->arg);
}

void engine_post(struct engine *e, struct request *req)
{
	struct lane *lane = req->class->write ? &e->writing : &e->reading;
	struct queue refused = {.tail = &refused.head};

	pthread_mutex_lock(&e->lock);
	if (req->class->write)
		e->writes_open++;
	req->r = e->closing ? -ECANCELED : lane->waiting.n >= STORE_QUEUE_MAX ? -ENOBUFS : 0;
	if (req->r == 0) {
		push(&lane->waiting, req);
		pthread_cond_signal(&lane->more);
	} else {
		push(&refused, req);
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
	e->done = (struct queue){.tail = &e->done.head};
	for (req = list; req; req = req->next)
		e->writes_open -= req->class->write != NULL;
	pthread_mutex_unlock(&e->lock);
	while ((req = list)) {
		list = req->next;
		req->class->finish(req); /* may post more */
		req->class->drop(req);
	}
}

/* --- the writer's thread --- */

static int run_sql(struct db *db, enum sql sql)
{
	cleanup(query_end) struct query q = query_begin(db, sql);

	return query_run(&q);
}

/* The transaction is undone, and all that was remembered of it. */
static void undo(struct writer *w)
{
	if (db_in_transaction(w->db) && run_sql(w->db, SQL_ROLLBACK) < 0)
		LOG_ERROR("store.rollback_failed", LOG_S("why", "the next transaction will fail, too"));
	if (writer_reset(w) < 0)
		LOG_ERROR("store.reset_failed", LOG_S("why", "names and marks could not be read again"));
}

/* One request inside the transaction, so that its failure is its own. False: the transaction is over. */
static bool run_one(struct writer *w, struct request *req)
{
	req->r = run_sql(w->db, SQL_SAVEPOINT);
	if (req->r == 0) {
		req->r = req->class->write(req, w);
		if (req->r < 0 && db_in_transaction(w->db) && run_sql(w->db, SQL_ROLLBACK_TO) == 0 &&
		    writer_reset(w) < 0)
			return false;
		if (db_in_transaction(w->db) && run_sql(w->db, SQL_RELEASE) < 0)
			return false;
	}
	return db_in_transaction(w->db);
}

/* The next request for this group, or NULL. */
static struct request *next_of_group(struct engine *e, size_t rows, int64_t until_ms)
{
	struct request *req = NULL;

	pthread_mutex_lock(&e->lock);
	if (e->writing.waiting.head &&
	    (rows == 0 || (rows + e->writing.waiting.head->rows <= STORE_GROUP_ROWS && clock_steady_ms() < until_ms)))
		req = pop(&e->writing.waiting);
	pthread_mutex_unlock(&e->lock);
	return req;
}

/* Works off requests until the group is full or one has ended the transaction. 0: it is whole. */
static int fill_group(struct engine *e, struct queue *group)
{
	int64_t until_ms = clock_steady_ms() + STORE_GROUP_MS;
	struct request *req;
	size_t rows = 0;

	while ((req = next_of_group(e, rows, until_ms))) {
		push(group, req);
		rows += req->rows + 1;
		if (!run_one(e->writer, req))
			return req->r < 0 ? req->r : -EIO;
	}
	return 0;
}

/* One transaction: of all that waits, or of `alone`. 0: it is on the disk. */
static int run_group(struct engine *e, struct request *alone, struct queue *group)
{
	int r = run_sql(e->writer->db, SQL_BEGIN_WRITE);

	if (alone)
		push(group, alone);
	if (r < 0) {
		if (!alone)
			push(group, next_of_group(e, 0, 0));
		return r;
	}
	if (!alone)
		r = fill_group(e, group);
	else if (!run_one(e->writer, alone))
		r = alone->r < 0 ? alone->r : -EIO;
	if (r == 0)
		r = run_sql(e->writer->db, SQL_COMMIT);
	if (r < 0)
		undo(e->writer);
	return r;
}

/* The transaction of all of them failed: none of it is on the disk. */
static void fail_all(struct queue *group, int r)
{
	struct request *req;

	for (req = group->head; req; req = req->next)
		req->r = r;
}

static void write_group(struct engine *e)
{
	struct queue group = {.tail = &group.head}, done = {.tail = &done.head};
	int r = run_group(e, NULL, &group);
	struct request *req;

	/* One of them was too much (a full disk): who fits gets in. But a disk that fails is not asked again: what it has
	 * forgotten it would call written. */
	if (r < 0 && r != -EIO && group.n > 1) {
		while ((req = pop(&group))) {
			struct queue one = {.tail = &one.head};

			r = run_group(e, req, &one);
			if (r < 0)
				req->r = r;
			push(&done, req);
		}
	} else {
		if (r < 0)
			fail_all(&group, r);
		while ((req = pop(&group)))
			push(&done, req);
	}
	answer(e, &done);
}

/* One step of what is done behind; true if more is to do. */
static bool step_behind(struct engine *e)
{
	struct writer *w = e->writer;
	bool search_more = false, keep_more = false;
	int r = run_sql(w->db, SQL_BEGIN_WRITE);

	if (r == 0)
		r = search_step(w, &search_more);
	if (r == 0 && !search_more)
		r = keep_step(w, &keep_more);
	if (r == 0)
		r = run_sql(w->db, SQL_COMMIT);
	if (r < 0)
		undo(w);
	return r == 0 && (search_more || keep_more);
}

/* Waits for requests; false: wait_ms have passed without one, or it is time to end. */
static bool wait_for(struct engine *e, struct lane *lane, int64_t wait_ms)
{
	struct timespec until;
	int r = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += wait_ms / SECOND_MS;
	until.tv_nsec += wait_ms % SECOND_MS * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	while (!lane->waiting.head && !e->closing && r == 0)
		r = wait_ms < 0 ? pthread_cond_wait(&lane->more, &e->lock)
				: pthread_cond_timedwait(&lane->more, &e->lock, &until);
	return lane->waiting.head != NULL;
}

static void *writer_main(void *arg)
{
	struct engine *e = arg;
	int64_t behind_ms = clock_steady_ms(), wait_ms = REST_MS;

	for (;;) {
		bool work, closing;

		pthread_mutex_lock(&e->lock);
		work = wait_for(e, &e->writing, wait_ms);
		closing = e->closing;
		pthread_mutex_unlock(&e->lock);
		if (work) {
			write_group(e);
			wait_ms = REST_MS;
		} else if (closing) {
			return NULL;
		}
		if (!work || clock_steady_ms() - behind_ms > STARVE_MS) {
			bool more = step_behind(e);

			behind_ms = clock_steady_ms();
			if (!work)
				wait_ms = more ? 0 : SLEEP_MS;
		}
	}
}

/* --- the reader's thread --- */

static void read_one(struct reader *rd, struct request *req)
{
	int r = run_sql(rd->db, SQL_BEGIN_READ);

	if (r == 0) {
		db_deadline(rd->db, clock_steady_ms() + STORE_QUERY_MAX_MS);
		r = req->class->read(req, rd);
		db_deadline(rd->db, 0);
	}
	if (db_in_transaction(rd->db) && run_sql(rd->db, SQL_COMMIT) < 0)
		(void)run_sql(rd->db, SQL_ROLLBACK);
	req->r = r;
}

static void *reader_main(void *arg)
{
	struct engine *e = arg;

	for (;;) {
		struct queue one = {.tail = &one.head};
		struct request *req;

		pthread_mutex_lock(&e->lock);
		(void)wait_for(e, &e->reading, -1);
		req = pop(&e->reading.waiting);
		pthread_mutex_unlock(&e->lock);
		if (!req)
			return NULL; /* closing, and all is answered */
		read_one(&e->reader, req);
		push(&one, req);
		answer(e, &one);
	}
}

static int lane_start(struct lane *lane, void *(*main)(void *), struct engine *e)
{
	sigset_t all, before;
	int r;

	sigfillset(&all); /* signals are the owner's thread's */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&lane->thread, NULL, main, e);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	lane->running = r == 0;
	return -r;
}

int engine_start(struct engine *e)
{
	int r = lane_start(&e->writing, writer_main, e);

	return r < 0 ? r : lane_start(&e->reading, reader_main, e);
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
