/* What happened to incidents, on its way to the stream of them: committed with the step, sent by the same outbox as hits. */
#include "store_box.h"

#include <sqlite3.h>

#include "store/change.h"
#include "store/erase.h"
#include "store/forget.h"
#include "store/incident.h"

struct sent_rows {
	bool done;
	size_t n;
	struct stream_id id[64];
	char said[64][512];
};

static void on_changes(void *arg, int r, const struct outbox_row *rows, size_t n)
{
	struct sent_rows *got = arg;
	size_t i;

	assert_int_equal(r, 0);
	assert_true(n <= 64);
	got->n = n;
	for (i = 0; i < n; i++) {
		const struct outbox_change *c = rows[i].change;

		assert_non_null(c);
		assert_int_equal(strlen(rows[i].mention), 2 * MENTION_ID_BYTES);
		assert_int_equal(strncmp(rows[i].json, "{\"id\":\"", 7), 0);
		assert_int_equal(strncmp(rows[i].json + 7, rows[i].mention, 2 * MENTION_ID_BYTES), 0);
		got->id[i] = rows[i].id;
		snprintf(got->said[i], sizeof(got->said[i]), "%lld %s %s %s %s %s%s %s", (long long)c->incident,
			 rows[i].topics, c->severity, c->state, c->what, c->by, c->drill ? " drill" : "",
			 rows[i].json + 7 + 2 * MENTION_ID_BYTES + 2);
	}
	got->done = true;
}

static const struct sent_rows *read_changes(struct box *b)
{
	static struct sent_rows got;

	got.done = false;
	store_outbox_read(b->store, OUTBOX_INCIDENTS, (struct stream_id){.ms = 0}, 64, on_changes, &got);
	box_wait(b, &got.done);
	return &got;
}

static void on_kept(void *arg, int r, const struct notice_row *notices, size_t n)
{
	struct poll_got *got = arg;

	(void)notices;
	(void)n;
	got->r = r;
	got->done = true;
}

static void change(struct box *b, int64_t id, const char *what, const char *by, const char *text)
{
	const struct store_incident_line line = {box_wall_ms, what, by, text};
	const struct store_incident_change said = {box_wall_ms, what, by, text, by ? by : "escuchad"};
	const struct store_incident_put p = {.row = {.id = id,
						     .topic = "acme",
						     .alert = "ola",
						     .live = true,
						     .opened_ms = box_wall_ms,
						     .closed_ms = TIME_NONE,
						     .kept = "x",
						     .len = 1},
					     .lines = &line,
					     .n_lines = 1,
					     .changes = &said,
					     .n_changes = 1,
					     .severity = "critical",
					     .stage = "open",
					     .json = "{\"incident\":7}"};
	struct poll_got got = {.done = false};

	store_incident_put(b->store, &p, on_kept, &got);
	box_wait(b, &got.done);
	assert_int_equal(got.r, 0);
}

static void sent(struct box *b, const struct stream_id *ids, size_t n)
{
	struct poll_got got = {.done = false};

	store_outbox_sent(b->store, OUTBOX_INCIDENTS, ids, n, on_done, &got);
	box_wait(b, &got.done);
	assert_int_equal(got.r, 0);
}

static void a_change_waits_with_its_step(void **state)
{
	const struct sent_rows *got;
	struct box b;

	(void)state;
	box_init(&b);
	change(&b, 7, "opened", NULL, "ola");
	change(&b, 7, "note", "luis", "dijo \"no\"\n");
	got = read_changes(&b);
	assert_int_equal(got->n, 2);
	assert_string_equal(got->said[0], "7 acme critical open opened escuchad \"incident\":7,\"events\":[{\"at\":"
					  "\"2026-09-21T14:13:20.000Z\",\"what\":\"opened\",\"text\":\"ola\"}]}");
	assert_non_null(strstr(got->said[1], "\"who\":\"luis\",\"text\":\"dijo \\\"no\\\"\\n\"}]}"));
	assert_true(stream_id_cmp(got->id[0], got->id[1]) < 0);
	assert_int_equal(box_status(&b).incidents.pending, 2);
	assert_int_equal(box_status(&b).pending, 0); /* no hit */
	sent(&b, got->id, 1);
	assert_int_equal(box_status(&b).incidents.pending, 1);
	b.store = store_close(b.store);
	box_open(&b); /* the mark is in the log */
	got = read_changes(&b);
	assert_int_equal(got->n, 1);
	assert_non_null(strstr(got->said[0], " note luis "));
	sent(&b, got->id, 1);
	assert_int_equal(read_changes(&b)->n, 0);
	box_check_totals(&b);
	box_done(&b);
}

static void without_a_queue_nothing_piles_up(void **state)
{
	struct box b;

	(void)state;
	box_init(&b);
	b.config.outbox = false;
	store_configure(b.store, &b.config);
	change(&b, 7, "opened", NULL, NULL);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM incident_change"), 0);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM incident"), 1);
	box_done(&b);
}

static void on_rewind(void *arg, int r, size_t set_back, size_t left_before)
{
	struct poll_got *got = arg;

	(void)left_before;
	assert_int_equal(r, 0);
	got->r = (int)set_back;
	got->done = true;
}

static void on_id(void *arg, int r, struct stream_id id)
{
	struct sent_rows *got = arg;

	assert_int_equal(r, 0);
	got->id[0] = id;
	got->done = true;
}

/* FAULTS R4, D5: what the stream has lost is sent again; what it refuses gets another id, and stays the same change. */
static void lost_and_refused(void **state)
{
	struct poll_got back = {.done = false};
	struct sent_rows moved = {.done = false};
	struct stream_id ids[3];
	char first[512];
	struct box b;

	(void)state;
	box_init(&b);
	change(&b, 7, "opened", NULL, NULL);
	change(&b, 7, "rises", NULL, "critical");
	change(&b, 7, "over", NULL, NULL);
	memcpy(ids, read_changes(&b)->id, sizeof(ids));
	snprintf(first, sizeof(first), "%s", read_changes(&b)->said[1]);
	sent(&b, ids, 3);
	store_outbox_rewind(b.store, OUTBOX_INCIDENTS, ids[0], 0, on_rewind, &back);
	box_wait(&b, &back.done);
	assert_int_equal(back.r, 2);
	assert_int_equal(read_changes(&b)->n, 2);
	store_outbox_new_id(b.store, OUTBOX_INCIDENTS, ids[1], ids[2], on_id, &moved);
	box_wait(&b, &moved.done);
	assert_true(stream_id_cmp(moved.id[0], ids[2]) > 0);
	assert_int_equal(read_changes(&b)->n, 2);
	assert_string_equal(read_changes(&b)->said[1], first);
	box_done(&b);
}

static void damage(const struct box *b)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(box_path(b, "escuchad.db"), &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(db, "UPDATE incident_change SET what = 'opfned' WHERE what = 'opened'", NULL, NULL, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void a_damaged_one_is_set_aside(void **state)
{
	struct box b;

	(void)state; /* FAULTS D8 */
	box_init(&b);
	change(&b, 7, "opened", NULL, NULL);
	change(&b, 7, "over", NULL, NULL);
	damage(&b);
	assert_int_equal(read_changes(&b)->n, 1);
	sent(&b, NULL, 0); /* by then the writer has noted it */
	assert_int_equal(box_status(&b).incidents.set_aside, 1);
	assert_int_equal(box_status(&b).incidents.pending, 1);
	box_done(&b);
}

static void on_forgotten(void *arg, int r, const struct forgotten *f)
{
	struct poll_got *got = arg;

	assert_int_equal(r, 0);
	got->r = (int)(f->waiting * 10 + f->sent);
	got->done = true;
}

/* The one that was sent is to go from the stream; the one that waits goes there without the name. */
static void who_is_forgotten_is_in_no_note(void **state)
{
	struct poll_got got = {.done = false};
	const struct sent_rows *rows;
	struct box b;

	(void)state;
	box_init(&b);
	change(&b, 7, "note", "luis", "fue @ana");
	sent(&b, read_changes(&b)->id, 1);
	change(&b, 7, "note", "luis", "otra vez @ana, \n@ana");
	change(&b, 7, "note", "luis", "no fue nadie");
	store_forget(b.store, "@ana", true, on_forgotten, &got);
	box_wait(&b, &got.done);
	assert_int_equal(got.r, 11);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM incident_erase"), 2); /* it may be on its way */
	assert_int_equal(box_number(&b, "SELECT count(*) FROM incident_change WHERE text LIKE '%ana%'"), 0);
	rows = read_changes(&b);
	assert_int_equal(rows->n, 2);
	assert_non_null(strstr(rows->said[0], "no fue nadie"));
	assert_non_null(strstr(rows->said[1], "otra vez @[…], \\n@[…]"));
	assert_int_equal(box_status(&b).incidents.erasing, 2);
	box_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_waits_with_its_step),
		cmocka_unit_test(without_a_queue_nothing_piles_up),
		cmocka_unit_test(lost_and_refused),
		cmocka_unit_test(a_damaged_one_is_set_aside),
		cmocka_unit_test(who_is_forgotten_is_in_no_note),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
