#include "store/group.h"

#include <errno.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/author.h"
#include "store/ballast.h"
#include "store/bins.h"
#include "store/db.h"
#include "store/keep.h"
#include "store/scrub.h"
#include "store/search.h"
#include "store/story_index.h"
#include "store/writer.h"

/* The transaction is undone, and all that was remembered of it. */
static void undo(struct writer *w)
{
	if (db_in_transaction(w->db) && db_run(w->db, SQL_ROLLBACK) < 0)
		LOG_ERROR("store.rollback_failed", LOG_S("why", "the next transaction will fail, too"));
	story_index_undo(w->stories, w->stories_before);
	bins_undo(w->bins, 0);
	authors_clear(w->authors);
	if (writer_reset(w) < 0)
		LOG_ERROR("store.reset_failed", LOG_S("why", "names and marks could not be read again"));
}

/* What a disk answers that fails is no guide to what it holds: a page that could not be written counts as clean from then
 * on, and a later sync calls it written. Nothing goes through this writer any more; a new start reads what there is. */
static int note_failure(struct writer *w, int r)
{
	if (r == -ENOSPC)
		writer_set_full(w, true, w->size_full);
	if (r == -EIO && !w->broken) {
		w->broken = true;
		LOG_ERROR("store.broken", LOG_S("why", "the disk failed: nothing more is written until a new start"));
	}
	return r;
}

/* Is there room again? The ballast is what it takes. */
static void look_for_room(struct writer *w)
{
	if (w->disk_full && ballast_make(w->ballast_path) == 0)
		writer_set_full(w, false, w->size_full);
}

/* A poll adds to the ledger of authors and never asks it; whatever else there is finds all of it there. */
static int write_request(struct writer *w, struct request *req, bool apart)
{
	int r = req->class->gathers ? 0 : authors_write(w->authors, w->db);

	if (r == 0)
		r = req->class->write(req, w);
	return r < 0 || !apart ? r : authors_write(w->authors, w->db);
}

/* One request inside the transaction. apart: its failure is its own, by a savepoint, for which SQLite copies each page before
 * it is changed: who expects none does without. False: the transaction is over. */
static bool run_one(struct writer *w, struct request *req, bool apart)
{
	const struct tally before = w->tally;
	const uint64_t stories = story_index_mark(w->stories);
	const size_t counted = bins_mark(w->bins);

	if (w->full && req->class->grows) { /* the room that there is is for marks and for letting go */
		req->r = -ENOSPC;
		return true;
	}
	req->r = apart ? db_run(w->db, SQL_SAVEPOINT) : 0;
	if (req->r < 0)
		return false;
	req->r = note_failure(w, write_request(w, req, apart));
	if (!apart)
		return req->r >= 0;
	if (req->r < 0) {
		story_index_undo(w->stories, stories);
		bins_undo(w->bins, counted);
		authors_clear(w->authors);
		if (!db_in_transaction(w->db) || db_run(w->db, SQL_ROLLBACK_TO) < 0 || writer_reset(w) < 0)
			return false;
		w->tally = before; /* its neighbours' are not in the log yet */
	}
	return db_run(w->db, SQL_RELEASE) == 0;
}

/* Works off requests until the group is full or one has ended the transaction. 0: it is whole. */
static int fill_group(struct writer *w, const struct group_source *from, bool apart, struct request_queue *group)
{
	int64_t until_ms = clock_steady_ms() + STORE_GROUP_MS;
	struct request *req;
	size_t rows = 0;

	while ((rows == 0 || clock_steady_ms() < until_ms) &&
	       (req = from->next(from->arg, rows ? STORE_GROUP_ROWS - rows : SIZE_MAX))) {
		request_push(group, req);
		rows += req->rows + 1;
		if (!run_one(w, req, apart))
			return req->r < 0 ? req->r : -EIO;
		if (rows >= STORE_GROUP_ROWS)
			break;
	}
	return 0;
}

/* One transaction of what waits. 0: it is on the disk. */
static int run_group(struct writer *w, const struct group_source *from, bool apart, struct request_queue *group)
{
	int r = w->broken ? -EIO : db_run(w->db, SQL_BEGIN_WRITE);

	w->stories_before = story_index_mark(w->stories);
	if (r < 0) {
		request_push(group, from->next(from->arg, SIZE_MAX));
		return note_failure(w, r);
	}
	r = fill_group(w, from, apart, group);
	if (r == 0 && w->broken) /* one of them met it, and was undone */
		r = -EIO;
	if (r == 0)
		r = tally_write(&w->tally, w->db);
	if (r == 0)
		r = bins_write(w->bins, w->db);
	if (r == 0)
		r = authors_write(w->authors, w->db);
	if (r == 0)
		r = db_run(w->db, SQL_COMMIT);
	if (r < 0)
		undo(w);
	return note_failure(w, r);
}

/* The transaction of all of them failed: none of it is on the disk. */
static void fail_all(struct request_queue *group, int r)
{
	struct request *req;

	for (req = group->head; req; req = req->next)
		req->r = r;
}

static void move_all(struct request_queue *from, struct request_queue *to)
{
	struct request *req;

	while ((req = request_pop(from)))
		request_push(to, req);
}

static struct request *next_again(void *arg, size_t rows)
{
	(void)rows; /* they were in one group before */
	return request_pop(arg);
}

/* A transaction of each: who fits gets in. */
static void write_alone(struct writer *w, struct request_queue *waiting, struct request_queue *done)
{
	struct request_queue one, group;
	struct request *req;

	while ((req = request_pop(waiting))) {
		int r;

		request_queue_init(&one);
		request_queue_init(&group);
		request_push(&one, req);
		r = run_group(w, &(struct group_source){.next = next_again, .arg = &one}, false, &group);
		if (r < 0)
			fail_all(&group, r);
		move_all(&group, done);
	}
}

/* One of them failed: once more, each apart; and where that is too much for one transaction (a full disk), alone. */
static void write_again(struct writer *w, struct request_queue *waiting, struct request_queue *done)
{
	const struct group_source from = {.next = next_again, .arg = waiting};
	struct request_queue group;

	while (waiting->head) {
		int r;

		request_queue_init(&group);
		r = run_group(w, &from, true, &group);
		if (r < 0 && !w->broken && group.n > 1) {
			write_alone(w, &group, done);
			continue;
		}
		if (r < 0)
			fail_all(&group, r);
		move_all(&group, done);
	}
}

void group_write(struct writer *w, const struct group_source *from, struct request_queue *done)
{
	struct request_queue group;
	int r;

	request_queue_init(&group);
	look_for_room(w);
	r = run_group(w, from, false, &group);
	if (r < 0 && !w->broken && group.n > 1) {
		write_again(w, &group, done);
		return;
	}
	if (r < 0)
		fail_all(&group, r);
	move_all(&group, done);
}

bool group_behind(struct writer *w, bool idle)
{
	bool search_more = false, keep_more = false, scrub_more = false;
	int r;

	if (w->broken)
		return false;
	look_for_room(w);
	w->stories_before = story_index_mark(w->stories);
	r = db_run(w->db, SQL_BEGIN_WRITE);
	if (r == 0 && !w->full)
		r = search_step(w, idle, &search_more);
	if (r == 0) /* however far the search lags: a disk must not fill for it */
		r = keep_step(w, &keep_more);
	if (r == 0 && !w->full && !search_more) /* what was taken out may only be on its way into the index */
		r = scrub_step(w, &scrub_more);
	if (r == 0)
		r = db_run(w->db, SQL_COMMIT);
	if (r < 0)
		undo(w);
	if (r == 0)
		r = scrub_log(w);
	return note_failure(w, r) == 0 && (search_more || keep_more || scrub_more);
}
