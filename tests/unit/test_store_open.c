/* Opening: one owner, damage, versions; and what a kill at any moment leaves. */
#include "store_box.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>

#include "store/schema.h"

static void the_second_is_told_whose_it_is(void **state)
{
	cleanup(diag_freep) struct diag *diag = diag_new();
	struct box b, second;
	char pid[24];

	(void)state;
	box_init(&b);
	second = b;
	assert_int_equal(box_try_open(&second, diag), STORE_E_BUSY);
	assert_int_equal(diag_count(diag, DIAG_ERROR), 1);
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	assert_string_equal(diag_at(diag, 0)->args[0], pid);
	box_reopen(&b); /* the first let go, and may have it again */
	box_done(&b);
}

static void damage_is_told_and_nothing_is_changed(void **state)
{
	static const struct {
		off_t at;
		const char *bytes;
		off_t cut; /* to so many bytes; 0: not */
	} cases[] = {
		{0, "no database at all", 0},
		{0, "", 3 * 4096},                                 /* the end is gone */
		{2 * 4096, "\xEE\xEE\xEE\xEE\xEE\xEE\xEE\xEE", 0}, /* a page's head; page 2 is the pointer map's */
		{5 * 4096, "\xEE\xEE\xEE\xEE\xEE\xEE\xEE\xEE", 0},
	};
	size_t i;

	(void)state; /* FAULTS D8 */
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(diag_freep) struct diag *diag = diag_new();
		struct found f = found_new();
		struct box b;
		struct stat before, after;
		int fd;

		box_init(&b);
		found_item(&f, ITEM_NEW, "1", "uno", "acme");
		(void)box_poll(&b, "prensa", f);
		b.store = store_close(b.store);
		fd = open(box_path(&b, "escuchad.db"), O_WRONLY | O_CLOEXEC);
		assert_int_equal(pwrite(fd, cases[i].bytes, strlen(cases[i].bytes), cases[i].at),
				 strlen(cases[i].bytes));
		if (cases[i].cut)
			assert_int_equal(ftruncate(fd, cases[i].cut), 0);
		assert_int_equal(fstat(fd, &before), 0);
		close(fd);
		assert_int_equal(box_try_open(&b, diag), STORE_E_CORRUPT);
		assert_null(b.store);
		assert_int_equal(diag_count(diag, DIAG_ERROR), 1);
		assert_int_equal(stat(box_path(&b, "escuchad.db"), &after), 0);
		assert_int_equal(after.st_size, before.st_size);
		box_done(&b);
	}
}

static void damage(const struct box *b, off_t at, const char *bytes, off_t cut)
{
	int fd = open(box_path(b, "escuchad.db"), O_WRONLY | O_CLOEXEC);

	assert_int_equal(pwrite(fd, bytes, strlen(bytes), at), strlen(bytes));
	if (cut)
		assert_int_equal(ftruncate(fd, cut), 0);
	close(fd);
}

enum { PAGE_OF_MENTIONS = -1, PAGE_OF_VERSIONS = -2 };

static off_t root_of(const struct box *b, const char *table)
{
	cleanup(freep) char *sql = xasprintf("SELECT rootpage FROM sqlite_schema WHERE name = '%s'", table);

	return (box_number(b, sql) - 1) * 4096;
}

static void sql(const struct box *b, const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(box_path(b, "escuchad.db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static struct store_source loaded;
static void on_loaded(void *arg, int r, struct store_source *source)
{
	assert_int_equal(r, 0);
	loaded = *source;
	*(bool *)arg = true;
}

static void a_damaged_one_is_set_aside_and_its_sources_taken_over(void **state)
{
	static const struct {
		off_t at;
		const char *bytes;
		off_t cut;
		bool readable;   /* the tables of sources lie elsewhere */
		int64_t waiting; /* hits that are not lost */
		int64_t rows;    /* of the stream: the newest stays, with a mention or without */
	} cases[] = {
		{0, "no database at all", 0, false, 0, 0},
		{0, "", 3 * 4096, false, 0, 0},
		{0, "", 4096 + 100, false, 0, 0},
		{PAGE_OF_MENTIONS, "\xEE\xEE\xEE\xEE\xEE\xEE\xEE\xEE", 0, true, 0, 1},
		{PAGE_OF_VERSIONS, "\xEE\xEE\xEE\xEE\xEE\xEE\xEE\xEE", 0, true, 1, 1},
	};
	size_t i;

	(void)state; /* FAULTS D8 */
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(diag_freep) struct diag *diag = diag_new();
		const struct deaf_mark silent = {.kind = "silent", .from_ms = 0, .to_ms = TIME_NONE};
		struct found f = found_new(), again = found_new();
		struct poll_got put = {.done = false};
		struct box b;
		struct stat st;
		bool done = false;

		box_init(&b);
		found_item(&f, ITEM_NEW, "1", "uno", "acme");
		(void)box_poll(&b, "prensa", f);
		store_deaf_put(b.store, "prensa", &silent, on_done, &put);
		box_wait(&b, &put.done);
		b.store = store_close(b.store);
		damage(&b,
		       cases[i].at == PAGE_OF_MENTIONS   ? root_of(&b, "mention")
		       : cases[i].at == PAGE_OF_VERSIONS ? root_of(&b, "version")
							 : cases[i].at,
		       cases[i].bytes, cases[i].cut);
		b.config.on_corrupt = STORE_RECREATE;
		assert_int_equal(box_try_open(&b, diag), 0);
		assert_int_equal(diag_count(diag, DIAG_ERROR), 0);
		assert_int_equal(diag_count(diag, DIAG_WARNING), 1);
		assert_int_equal(stat(diag_at(diag, 0)->args[0], &st), 0); /* it is where it is said to be */
		assert_true(box_status(&b).recreated);
		assert_int_equal(box_status(&b).mentions, cases[i].waiting);
		assert_int_equal(box_status(&b).pending, cases[i].waiting);
		box_check_totals(&b);
		store_source_load(b.store, "prensa", on_loaded, &done);
		box_wait(&b, &done);
		if (cases[i].readable) {
			assert_true(loaded.known && loaded.state.baselined);
			assert_int_equal(loaded.n_seen, 1);
			assert_int_equal(box_number(&b, "SELECT count(*) FROM deaf WHERE kind = 'silent'"), 1);
		}
		found_item(&again, ITEM_NEW, "2", "dos", "acme"); /* and it works */
		assert_int_equal(box_poll(&b, "prensa", again).hits, 1);
		box_reopen(&b);
		assert_false(box_status(&b).recreated);
		assert_int_equal(box_status(&b).hits, 1 + cases[i].rows);
		box_done(&b);
	}
}

/* Of what was damaged, the hits that no one has been told of yet go out all the same: those that their checksums vouch for,
 * from pages that can be read. What was sent stays where it is. */
static void what_waits_of_a_damaged_one_is_sent(void **state)
{
	enum { POLLS = 60, SENT = 10 };
	struct rows before = {.n = 0}, after = {.n = 0}, of_topic = {.n = 0};
	struct box b;
	size_t i, k, at = 0;

	(void)state; /* FAULTS D8 */
	box_init(&b);
	for (i = 0; i < POLLS; i++) {
		struct found f = found_new();
		char key[16], text[900];

		snprintf(key, sizeof(key), "%zu", i);
		snprintf(text, sizeof(text), "%0899zu", i); /* four to a page */
		found_item(&f, ITEM_NEW, key, text, "acme");
		(void)box_poll(&b, "prensa", f);
	}
	box_outbox(&b, (struct stream_id){.ms = 0}, &before);
	assert_int_equal(before.n, POLLS);
	box_sent(&b, before.id, SENT);
	b.store = store_close(b.store);
	sql(&b, "UPDATE mention SET url = 'https://example.com/otro' WHERE id = 60"); /* a bit that nobody wrote */
	damage(&b,
	       (box_number(&b,
			   "SELECT pageno FROM dbstat WHERE name = 'mention' AND pagetype = 'leaf' LIMIT 1 OFFSET 7") -
		1) * 4096,
	       "\xEE\xEE\xEE\xEE\xEE\xEE\xEE\xEE", 0);
	assert_int_equal(unlink(box_path(&b, "escuchad.db.clean")), 0);
	b.config.on_corrupt = STORE_RECREATE;
	assert_int_equal(box_try_open(&b, NULL), 0);
	box_check_totals(&b);
	box_outbox(&b, (struct stream_id){.ms = 0}, &after);
	assert_true(after.n >= POLLS - SENT - 8 && after.n < POLLS - SENT);
	for (k = 0; k < after.n; k++) {
		while (stream_id_cmp(before.id[at], after.id[k]) != 0)
			assert_true(++at < POLLS);
		assert_true(at >= SENT && at < POLLS - 1);
		assert_string_equal(after.json[k], before.json[at]);
	}
	box_hits(&b, (struct store_hits_filter){.topic = "acme"}, &of_topic);
	assert_true(of_topic.n >= after.n);
	rows_done(&before);
	rows_done(&after);
	rows_done(&of_topic);
	box_done(&b);
}

static void a_restored_old_copy_gives_no_id_twice(void **state)
{
	static const char *const keys[] = {"1", "2", "3"};
	cleanup(freep) char *db = NULL, *copy = NULL;
	struct stream_id last = {.ms = 0};
	struct box b;
	size_t i;

	(void)state; /* FAULTS D5 */
	box_init(&b);
	db = xstrdup(box_path(&b, "escuchad.db"));
	copy = xasprintf("%s.copy", db);
	for (i = 0; i < ARRAY_LEN(keys); i++) {
		struct found f = found_new();
		struct poll_result got;

		found_item(&f, ITEM_NEW, keys[i], keys[i], "acme");
		got = box_poll(&b, "prensa", f);
		assert_int_equal(got.hits, 1);
		assert_true(stream_id_cmp(got.last, last) > 0);
		last = got.last;
		box_wall_ms += 1;
		b.store = store_close(b.store);
		if (i == 0) { /* as VACUUM INTO makes one */
			cleanup(freep) char *into = xasprintf("VACUUM INTO '%s'", copy);

			sql(&b, into);
		}
		if (i == 1)
			assert_int_equal(rename(copy, db), 0);
		box_open(&b);
	}
	assert_int_equal(box_status(&b).mentions, 2);
	box_done(&b);
}

/* After a good end the file isn't read as a whole; after any other, or if it isn't the same any more, it is. */
static void only_an_unclean_end_is_looked_into(void **state)
{
	struct found f = found_new();
	struct timespec same[2];
	off_t at;
	struct box b;
	struct stat st;

	(void)state;
	box_init(&b);
	found_item(&f, ITEM_NEW, "1", "uno", "acme");
	(void)box_poll(&b, "prensa", f);
	b.store = store_close(b.store);
	at = root_of(&b, "version");
	assert_int_equal(stat(box_path(&b, "escuchad.db"), &st), 0);
	damage(&b, at, "\xEE\xEE\xEE\xEE\xEE\xEE\xEE\xEE", 0);
	same[0] = st.st_atim;
	same[1] = st.st_mtim;
	assert_int_equal(utimensat(AT_FDCWD, box_path(&b, "escuchad.db"), same, 0), 0); /* the disk's own doing */
	box_open(&b);
	assert_int_equal(stat(box_path(&b, "escuchad.db.clean"), &st), -1); /* while it runs there is none */
	b.store = store_close(b.store);
	assert_int_equal(stat(box_path(&b, "escuchad.db.clean"), &st), 0);
	assert_int_equal(unlink(box_path(&b, "escuchad.db.clean")), 0);
	assert_int_equal(box_try_open(&b, NULL), STORE_E_CORRUPT);
	box_done(&b);
}

static int64_t pragma(const struct box *b, const char *text)
{
	sqlite3_stmt *stmt;
	sqlite3 *db;
	int64_t n;

	assert_int_equal(sqlite3_open(box_path(b, "escuchad.db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, text, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	n = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return n;
}

static void a_database_of_a_newer_program_is_left_alone(void **state)
{
	cleanup(diag_freep) struct diag *diag = diag_new();
	struct box b;

	(void)state;
	box_init(&b);
	b.store = store_close(b.store);
	sql(&b, "PRAGMA user_version = 9999");
	assert_int_equal(box_try_open(&b, diag), STORE_E_NEWER);
	assert_int_equal(diag_count(diag, DIAG_ERROR), 1);
	assert_int_equal(pragma(&b, "PRAGMA user_version"), 9999);
	box_done(&b);
}

static void a_new_database_has_its_shape(void **state)
{
	struct box b;
	struct stat st;
	char head[20];
	int fd;

	(void)state;
	box_init(&b);
	b.store = store_close(b.store);
	assert_int_equal(pragma(&b, "PRAGMA user_version"), schema_version());
	assert_int_equal(pragma(&b, "SELECT count(*) FROM pragma_table_list WHERE type = 'table' AND schema = 'main' "
				    "AND name NOT LIKE 'sqlite_%' AND strict"),
			 44);
	assert_int_equal(pragma(&b, "SELECT count(*) FROM pragma_table_list WHERE type = 'table' AND schema = 'main' "
				    "AND name NOT LIKE 'sqlite_%' AND NOT strict"),
			 0);
	fd = open(box_path(&b, "escuchad.db"), O_RDONLY | O_CLOEXEC);
	assert_int_equal(pread(fd, head, sizeof(head), 0), sizeof(head));
	close(fd);
	assert_int_equal(head[18], 2); /* the format's versions for writing and reading: WAL */
	assert_int_equal(head[19], 2);
	assert_int_equal(stat(box_path(&b, "escuchad.db"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(box_path(&b, "escuchad.db-wal"), &st), -1); /* closed well */
	box_open(&b);                                                     /* migrations run once */
	box_done(&b);
}

/* Up to there a row that was sent said so itself. */
static const char to_version_5[] =
	"DROP TABLE evidence; DROP TABLE answer; DROP TABLE answer_hit; DROP TABLE delivery; DROP TABLE link_key; DROP TABLE link_used; "
	"DROP TABLE chat_of; DROP TABLE chat_place; DROP TABLE mute; DROP TABLE sent_as; DROP TABLE erase; DROP TABLE former; DROP TABLE canary; DROP TABLE incident_change; DROP TABLE incident_erase; "
	"DROP TABLE incident; DROP TABLE incident_line; DROP TABLE series; DROP TABLE bin; DROP TABLE topic_state; DROP TABLE story; DROP TABLE story_leader; DROP TABLE story_part; DROP TABLE author; DROP TABLE forgotten;"
	"DROP TABLE secret; DROP TABLE toned; ALTER TABLE counts DROP COLUMN judged; DROP TABLE inbox; DROP TABLE inbox_seen; DROP VIEW outbox; DROP INDEX stream_again; DROP TRIGGER stream_out; "
	"DELETE FROM mark WHERE name IN ('sent', 'incidents');"
	"UPDATE stream SET state = 1 WHERE state = 0 AND id <= (SELECT n FROM total WHERE id = 6);"
	"UPDATE stream SET state = 0 WHERE state = 4;"
	"CREATE INDEX stream_pending ON stream (state) WHERE state = 0;"
	"CREATE TRIGGER stream_out AFTER DELETE ON stream BEGIN UPDATE total SET n = n - 1 WHERE id = OLD.state; END;"
	"PRAGMA user_version = 5;";

/* Six hits: the first, second and fifth were sent, the fourth is to stay in the log. The rest waits, in its order, when the
 * log was taken over, or when what could be read of it was. */
static void what_waited_in_an_older_database_waits_still(void **state)
{
	static const bool damaged[] = {false, true};
	size_t i;

	(void)state; /* FAULTS D8 */
	for (i = 0; i < ARRAY_LEN(damaged); i++) {
		struct box b;
		struct found f = found_new();
		struct rows before = {.n = 0}, after = {.n = 0};

		box_init(&b);
		found_item(&f, ITEM_NEW, "1", "uno", "acme");
		found_item(&f, ITEM_NEW, "2", "dos", "acme");
		found_item(&f, ITEM_NEW, "3", "tres", "acme");
		found_item(&f, ITEM_NEW, "4", "cuatro", "acme");
		found_item(&f, ITEM_NEW, "5", "cinco", "acme");
		found_item(&f, ITEM_NEW, "6", "seis", "acme");
		(void)box_poll(&b, "prensa", f);
		box_outbox(&b, (struct stream_id){.ms = 0}, &before);
		assert_int_equal(before.n, 6);
		box_sent(&b, (struct stream_id[]){before.id[0], before.id[1], before.id[4]}, 3);
		b.store = store_close(b.store);
		sql(&b, "UPDATE stream SET state = 2 WHERE mention = 4; UPDATE total SET n = n - 1 WHERE id = 0;"
			"UPDATE total SET n = n + 1 WHERE id = 2");
		sql(&b, to_version_5);
		if (damaged[i]) {
			damage(&b, root_of(&b, "version"), "\xEE\xEE\xEE\xEE\xEE\xEE\xEE\xEE", 0);
			assert_int_equal(unlink(box_path(&b, "escuchad.db.clean")), 0);
			b.config.on_corrupt = STORE_RECREATE;
		}
		assert_int_equal(box_try_open(&b, NULL), 0);
		box_outbox(&b, (struct stream_id){.ms = 0}, &after);
		assert_int_equal(after.n, 2);
		assert_string_equal(after.json[0], before.json[2]);
		assert_string_equal(after.json[1], before.json[5]);
		assert_int_equal(box_status(&b).recreated, damaged[i]);
		assert_int_equal(box_status(&b).pending, 2);
		if (!damaged[i])
			assert_int_equal(box_number(&b, "SELECT count(*) FROM outbox WHERE state = 1"), 3);
		box_sent(&b, after.id, after.n);
		assert_int_equal(box_status(&b).pending, 0);
		box_check_totals(&b);
		rows_done(&before);
		rows_done(&after);
		box_done(&b);
	}
}

/* A log of the first version, with one row of each kind, is counted when it is taken over. */
static void an_older_database_is_taken_over_with_what_it_holds(void **state)
{
	struct box b;
	struct found f = found_new();
	struct rows rows = {.n = 0};

	(void)state;
	box_init(&b);
	found_item(&f, ITEM_NEW, "1", "uno", "acme");
	found_item(&f, ITEM_NEW, "2", "dos", "acme");
	found_item(&f, ITEM_NEW, "3", "tres", NULL);
	(void)box_poll(&b, "prensa", f);
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	box_sent(&b, rows.id, 1);
	b.store = store_close(b.store);
	sql(&b, to_version_5);
	sql(&b, "DROP TABLE notice; DROP TABLE deaf; DROP TRIGGER stream_out; DROP "
		"TRIGGER mention_out; DROP TRIGGER source_in; DROP TRIGGER source_out;"
		"DROP TRIGGER sighting_in; DROP TRIGGER sighting_out; DROP TRIGGER hit_out;"
		"DROP TABLE total; DROP TABLE alias; DROP TABLE past; ALTER TABLE name DROP COLUMN uses;"
		"ALTER TABLE source DROP COLUMN crowded; ALTER TABLE source DROP COLUMN habits;"
		"PRAGMA user_version = 1;");
	box_open(&b);
	assert_int_equal(box_status(&b).mentions, 3);
	assert_int_equal(box_status(&b).pending, 1);
	assert_int_equal(stream_id_cmp(box_status(&b).last_sent, rows.id[0]), 0);
	box_check_totals(&b);
	rows_done(&rows);
	box_done(&b);
}

static void folders_are_made_and_one_that_cannot_be_is_told(void **state)
{
	cleanup(diag_freep) struct diag *diag = diag_new();
	struct box b, deep;
	struct stat st;
	FILE *f;

	(void)state;
	box_init(&b);
	deep = b;
	assert_true(snprintf(deep.dir, sizeof(deep.dir), "%s/a/b", b.dir) > 0);
	box_open(&deep);
	assert_int_equal(stat(deep.dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	store_close(deep.store);
	f = fopen(box_path(&b, "file"), "w");
	fclose(f);
	assert_true(snprintf(deep.dir, sizeof(deep.dir), "%s/file/c", b.dir) > 0);
	assert_int_equal(box_try_open(&deep, diag), -ENOTDIR);
	assert_int_equal(diag_count(diag, DIAG_ERROR), 1);
	box_done(&b);
}

/* --- kill -9 --- */

enum { KILLS = 12, PER_POLL = 3 };

/* Polls one after the other until it is killed; each one that was answered is written to the pipe as its number. */
static void child_main(struct box *b, int to, uint32_t from)
{
	uint32_t i;

	b->woken = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	box_open(b);
	for (i = from;; i++) {
		struct found f = found_new();
		char key[24];
		size_t k;

		for (k = 0; k < PER_POLL; k++) {
			snprintf(key, sizeof(key), "%u-%zu", i, k);
			found_item(&f, ITEM_NEW, key, key, "acme");
		}
		if (box_poll(b, "prensa", f).hits != PER_POLL || write(to, &i, sizeof(i)) != sizeof(i))
			_exit(1);
	}
}

/* Runs it for some milliseconds; returns the last number that was promised, or from - 1. */
static uint32_t run_and_kill(struct box *b, uint32_t from, int ms)
{
	uint32_t last = from - 1, got;
	int fds[2], status;
	pid_t pid;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(fds[0]);
		child_main(b, fds[1], from);
	}
	close(fds[1]);
	assert_int_equal(poll(&(struct pollfd){.fd = fds[0], .events = POLLIN}, 1, BOX_WAIT_MS), 1); /* it has begun */
	poll(NULL, 0, ms);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	while (read(fds[0], &got, sizeof(got)) == sizeof(got))
		last = got;
	close(fds[0]);
	return last;
}

/* Everything in the outbox, in order: how many rows; each poll is whole, and ids only rise. */
static size_t check_whole(struct box *b)
{
	static struct rows rows;
	struct stream_id after = {.ms = 0};
	size_t n = 0, i;

	do {
		box_outbox(b, after, &rows);
		for (i = 0; i < rows.n; i++, n++) {
			char want[40];

			snprintf(want, sizeof(want), "\"text\":\"%zu-%zu\"", n / PER_POLL, n % PER_POLL);
			assert_non_null(strstr(rows.json[i], want));
			assert_true(stream_id_cmp(after, rows.id[i]) < 0);
			after = rows.id[i];
		}
	} while (rows.n > 0);
	assert_int_equal(n % PER_POLL, 0);
	rows_done(&rows);
	return n;
}

static void a_kill_loses_nothing_that_was_promised(void **state)
{
	struct box b;
	uint32_t next = 0;
	size_t i;

	(void)state; /* FAULTS D1 */
	box_init(&b);
	for (i = 0; i < KILLS; i++) {
		uint32_t last;
		size_t n;

		b.store = store_close(b.store);
		last = run_and_kill(&b, next, (int)(i * 7));
		box_open(&b);
		n = check_whole(&b);
		assert_true(n >= (size_t)(last + 1) * PER_POLL); /* one more may have been committed and not told */
		assert_true(n <= (size_t)(last + 2) * PER_POLL);
		next = (uint32_t)(n / PER_POLL);
		assert_int_equal(box_status(&b).mentions, n);
	}
	assert_true(next > KILLS);
	box_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_second_is_told_whose_it_is),
		cmocka_unit_test(damage_is_told_and_nothing_is_changed),
		cmocka_unit_test(a_damaged_one_is_set_aside_and_its_sources_taken_over),
		cmocka_unit_test(what_waits_of_a_damaged_one_is_sent),
		cmocka_unit_test(a_restored_old_copy_gives_no_id_twice),
		cmocka_unit_test(only_an_unclean_end_is_looked_into),
		cmocka_unit_test(a_database_of_a_newer_program_is_left_alone),
		cmocka_unit_test(a_new_database_has_its_shape),
		cmocka_unit_test(an_older_database_is_taken_over_with_what_it_holds),
		cmocka_unit_test(what_waited_in_an_older_database_waits_still),
		cmocka_unit_test(folders_are_made_and_one_that_cannot_be_is_told),
		cmocka_unit_test(a_kill_loses_nothing_that_was_promised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
