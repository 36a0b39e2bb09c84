#include "store/repair.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "store/aside.h"
#include "store/clean.h"
#include "store/lock.h"
#include "store/mention_row.h"
#include "store/schema.h"
#include "store/store.h"
#include "store/writer.h"

enum { ARENA_MAX_BYTES = 64 << 20 };

#define LOST "lost-" /* and the number of a source whose name is gone */

/* In this order: what lost its name gets one before anything is let go, counts are taken when all else is done. */
static const char *const before_rows[] = {
	"INSERT OR IGNORE INTO name (id, name) SELECT DISTINCT source, '" LOST
	"' || source FROM mention WHERE source NOT "
	"IN "
	"(SELECT id FROM name)",
	"DELETE FROM stream WHERE mention NOT IN (SELECT id FROM mention) AND id < (SELECT max(id) FROM stream)",
	"DELETE FROM hit WHERE stream NOT IN (SELECT id FROM stream)",
	"DELETE FROM version WHERE mention NOT IN (SELECT id FROM mention)",
	"DELETE FROM sighting WHERE mention NOT IN (SELECT id FROM mention)",
	"DELETE FROM counts WHERE mention NOT IN (SELECT id FROM mention)",
	"DELETE FROM alias WHERE mention NOT IN (SELECT id FROM mention)",
	"DELETE FROM story_part WHERE story NOT IN (SELECT id FROM story)",
	"DELETE FROM bin WHERE series NOT IN (SELECT id FROM series)",
	"DELETE FROM source WHERE id NOT IN (SELECT id FROM name)",
	"DELETE FROM seen WHERE source NOT IN (SELECT id FROM source)",
	"UPDATE stream SET state = 2 WHERE id IN (SELECT id FROM outbox WHERE state IN (0, 3) AND mention NOT IN "
	"(SELECT "
	"id FROM mention))",
	"UPDATE stream SET state = 2 WHERE state = 3", /* damaged: they stay in the log as they can be read, and aren't sent */
	"UPDATE incident_change SET state = 2 WHERE state = 3",
};
static const char search_anew[] =
	"INSERT INTO search (search) VALUES ('delete-all');"
	"INSERT OR REPLACE INTO mark (name, at) VALUES ('search', 0)"; /* filled behind, by the daemon */

static int run_all(struct db *db, const char *const *sql, size_t n)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < n; i++)
		r = db_exec(db, sql[i]);
	return r;
}

/* --- rows of the stream --- */

/* A row whose checksum does not hold: what can be read of it is what counts from now on. One that waited is not sent, unless
 * it was the name of its source alone that got lost. */
static int settle(struct db *db, int64_t id, int64_t state, struct mention_row *row, bool readable)
{
	cleanup(query_end) struct query crc = query_begin(db, SQL_STREAM_SET_CRC);
	cleanup(query_end) struct query leave = query_begin(db, SQL_STREAM_LEAVE);
	int r = 0;

	if (!readable) { /* its hits: the text stays */
		row->m.n_hits = 0;
		r = mention_row_set(db, row);
	}
	if (r < 0)
		return r;
	query_put_int(&crc, mention_row_crc(id, &row->m));
	query_put_int(&crc, id);
	r = query_run(&crc);
	if (r < 0 || state != STREAM_PENDING || (row->m.source && strncmp(row->m.source, LOST, strlen(LOST)) == 0))
		return r;
	query_put_int(&leave, id);
	return query_run(&leave);
}

/* What its topics find it by, as far as it isn't there. */
static int index_hits(struct writer *w, const struct mention *m, int64_t stream)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < m->n_hits; i++) {
		cleanup(query_end) struct query hit = query_begin(w->db, SQL_HIT_ADD);
		int64_t topic;

		r = writer_name(w, m->hits[i].topic, &topic);
		if (r < 0)
			return r;
		query_put_int(&hit, topic);
		query_put_int(&hit, stream);
		r = query_run(&hit);
	}
	return r;
}

static int settle_some(struct writer *w, int64_t *after, size_t *ret_n)
{
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_MAX_BYTES);
	cleanup(query_end) struct query q = query_begin(w->db, SQL_STREAM_INSPECT);
	int r = 0;

	query_put_int(&q, *after);
	query_put_int(&q, INSPECT_BATCH_ROWS);
	for (*ret_n = 0; r == 0 && (r = query_next(&q)) > 0; (*ret_n)++) {
		struct mention_row row;
		int64_t crc, state;

		*after = query_get_int(&q);
		crc = query_get_int(&q);
		state = query_get_int(&q);
		if (query_get_int(&q) == 0) { /* without a mention */
			r = 0;
			continue;
		}
		r = mention_row_read(&q, a, &row);
		if (r == 0 && mention_row_crc(*after, &row.m) == crc)
			r = index_hits(w, &row.m, *after);
		else if (r >= 0)
			r = settle(w->db, *after, state, &row, r == 0);
	}
	return r;
}

static int settle_rows(struct writer *w)
{
	int64_t after = 0;
	size_t n;
	int r;

	do {
		r = settle_some(w, &after, &n);
	} while (r == 0 && n == INSPECT_BATCH_ROWS);
	return r;
}

/* A mention that says where it stands in the stream, and has no row there, gets one: to be sent where Redis can't have it
 * yet. If it has, the mention is known there by its id. */
static int give_row(struct writer *w, const struct mention_row *row, int64_t sent)
{
	cleanup(query_end) struct query add = query_begin(w->db, SQL_STREAM_ADD);
	int r;

	query_put_int(&add, row->stream);
	query_put_int(&add, row->id);
	query_put_int(&add, row->stream > sent ? STREAM_BY_MARK : STREAM_KEPT);
	query_put_int(&add, mention_row_crc(row->stream, &row->m));
	r = query_run(&add);
	return r < 0 ? r : index_hits(w, &row->m, row->stream);
}

/* The next one without a row; 0 rows: none is left. */
static int give_next(struct writer *w, int64_t sent, int64_t *after)
{
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_MAX_BYTES);
	cleanup(query_end) struct query q = query_begin(w->db, SQL_HIT_LOST);
	struct mention_row row;
	int r;

	query_put_int(&q, *after);
	r = query_next(&q);
	if (r <= 0)
		return r;
	*after = query_get_int(&q);
	r = mention_row_find(w->db, NULL, *after, a, &row);
	if (r == 0)
		r = give_row(w, &row, sent);
	return r < 0 ? r : QUERY_ROW; /* what can't be read can't be sent either */
}

static int give_rows(struct writer *w)
{
	int64_t sent = 0, after = 0;
	int r = db_number(w->db, "SELECT coalesce((SELECT n FROM total WHERE id = 6), 0)", &sent);

	if (r < 0)
		return r;
	do {
		r = give_next(w, sent, &after);
	} while (r > 0);
	return r;
}

/* --- the whole --- */

static int put_in_order(struct writer *w, bool search)
{
	int r = db_exec(w->db, "BEGIN IMMEDIATE");

	if (r < 0)
		return r;
	if (search)
		r = db_exec(w->db, search_anew);
	if (r == 0)
		r = run_all(w->db, before_rows, ARRAY_LEN(before_rows));
	if (r == 0)
		r = settle_rows(w);
	if (r == 0)
		r = give_rows(w);
	if (r == 0)
		r = tally_recount(w->db);
	if (r == 0)
		r = db_exec(w->db, "COMMIT");
	if (r < 0 && db_in_transaction(w->db) && db_exec(w->db, "ROLLBACK") < 0)
		return r;
	return r;
}

static int open_writer(struct writer *w, const char *db_path)
{
	const struct store_config config = {.outbox = true};
	int r = writer_init(w, db_path, &config);

	if (r == 0)
		r = schema_migrate(w->db);
	if (r == SCHEMA_E_NEWER)
		return REPAIR_E_NEWER;
	return r;
}

static void remove_all(const char *db_path)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", ".clean"};
	size_t i;

	for (i = 0; i < ARRAY_LEN(suffixes); i++) {
		cleanup(freep) char *path = xasprintf("%s%s", db_path, suffixes[i]);

		(void)unlink(path);
	}
}

static int sync_path(const char *path, int flags)
{
	cleanup(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | flags);

	return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

static int make_fresh(const char *path)
{
	cleanup(db_closep) struct db *db = NULL;
	int r;

	remove_all(path); /* of one that was interrupted: what it was made from is still in its place */
	r = db_open(path, true, &db);
	if (r == 0)
		r = schema_migrate(db);
	return r > 0 ? -EIO : r;
}

static int order(const char *db_path, bool search)
{
	struct writer w;
	int r = open_writer(&w, db_path);

	if (r == 0)
		r = put_in_order(&w, search);
	writer_done(&w); /* the last connection: all of it is in the one file */
	return r == DB_E_CORRUPT ? -EBADMSG : r;
}

int repair_replace(const char *folder, const char *db_path, enum salvage_part part, struct salvage_result *result,
		   char **ret_old)
{
	cleanup(freep) char *fresh = xasprintf("%s" ASIDE_NEW, db_path);
	int r = make_fresh(fresh);

	*ret_old = NULL;
	if (r == 0)
		r = salvage(db_path, fresh, part, result);
	if (r == 0)
		r = order(fresh, true);
	if (r == 0)
		r = sync_path(fresh, 0);
	if (r == 0)
		r = aside_move(db_path, ret_old);
	if (r < 0) {
		remove_all(fresh);
		return r;
	}
	r = rename(fresh, db_path) < 0 ? -errno : 0; /* if it can't be now: aside_finish() */
	return r < 0 ? r : sync_path(folder, O_DIRECTORY);
}

/* By a connection that changes nothing, so that a look is only that. Damage is found; *ret_old: of an older version. */
static int look(const char *db_path, struct inspect_found *ret, bool *ret_old)
{
	cleanup(db_closep) struct db *db = NULL;
	int64_t version = 0;
	int r = db_open(db_path, false, &db);

	if (r == 0)
		r = db_number(db, "PRAGMA user_version", &version);
	if (r == 0 && version > schema_version())
		return REPAIR_E_NEWER;
	*ret_old = r == 0 && version < schema_version();
	if (r == 0 && !*ret_old)
		r = inspect_db(db, true, ret);
	if (r != DB_E_CORRUPT && r != -EBADMSG)
		return r;
	*ret = (struct inspect_found){.n = {[INSPECT_DAMAGED] = 1}};
	return 0;
}

/* As the next start would. */
static int update(const char *db_path)
{
	struct writer w;
	int r = open_writer(&w, db_path);

	writer_done(&w);
	return r == DB_E_CORRUPT ? 0 : r; /* found by the next look */
}

static int look_and_update(const char *db_path, bool repair, struct inspect_found *ret)
{
	bool old = false;
	int r = look(db_path, ret, &old);

	if (r != 0 || !old)
		return r;
	if (!repair)
		return REPAIR_E_OLDER;
	r = update(db_path);
	if (r == 0)
		r = look(db_path, ret, &old);
	return r == 0 && old ? -EIO : r;
}

static int mend(const char *state, const char *db_path, struct repair_report *ret)
{
	int r;

	if (!ret->before.n[INSPECT_DAMAGED])
		return order(db_path, ret->before.n[INSPECT_SEARCH] > 0);
	r = repair_replace(state, db_path, SALVAGE_ALL, &ret->salvage, &ret->kept_as);
	ret->salvaged = r == 0;
	return r;
}

int repair_run(const char *state, bool repair, struct repair_report *ret)
{
	cleanup(freep) char *db_path = xasprintf("%s/escuchad.db", state),
			    *lock_path = xasprintf("%s/escuchad.lock", state),
			    *fresh = xasprintf("%s" ASIDE_NEW, db_path);
	cleanup(closep) int lock_fd = -1;
	bool clean;
	int r;

	*ret = (struct repair_report){.kept_as = NULL};
	if (access(db_path, F_OK) < 0 && !(errno == ENOENT && access(fresh, F_OK) == 0))
		return errno == ENOENT ? REPAIR_E_NONE : -errno;
	r = lock_take(lock_path, &lock_fd, &ret->pid);
	if (r == LOCK_E_HELD)
		return REPAIR_E_BUSY;
	if (r == 0)
		r = aside_finish(db_path);
	if (r < 0)
		return r;
	clean = clean_take(db_path);
	r = look_and_update(db_path, repair, &ret->before);
	ret->after = ret->before;
	if (r == 0 && repair && !inspect_clean(&ret->before))
		r = mend(state, db_path, ret);
	if (r == 0 && repair && !inspect_clean(&ret->before))
		r = look_and_update(db_path, repair, &ret->after);
	if (r == 0 ? !ret->after.n[INSPECT_DAMAGED] : clean && !ret->before.n[INSPECT_DAMAGED])
		clean_put(db_path); /* it was looked at as no start does; or not at all */
	return r;
}
