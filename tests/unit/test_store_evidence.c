/* Answers kept raw, and the chain of those that stand behind an incident: taken, bounded, let go, forgotten, followed. FAULTS D8. */
#include "store_box.h"

#include "store/evidence.h"
#include "store/forget.h"
#include "store/incident.h"
#include "store/inspect.h"

#define BODY "<rss><item>Acme es un fraude</item></rss>"

static void on_noted(void *arg, int r)
{
	struct poll_got *got = arg;

	got->r = r;
	got->done = true;
}

static void note_long(struct box *b, const char *topic, const char *key, const char *text, size_t len)
{
	const struct evidence_about about = {.source = "red",
					     .url = "https://u:p@red.example/?token=1",
					     .status = 200,
					     .at_ms = clock_wall_ms(),
					     .content_type = "text/xml"};
	struct buf body = BUF_INIT(EVIDENCE_BODY_MAX_BYTES * 2);
	struct poll_got got = {.done = false};
	uint8_t id[MENTION_ID_BYTES];
	struct evidence_answer *a;

	buf_put(&body, text, len);
	a = evidence_answer_new(&about, &body);
	assert_null(body.data);
	mention_identity("test", key, id);
	evidence_answer_add(a, topic, id);
	evidence_answer_prepare(a);
	store_evidence_note(b->store, a, on_noted, &got);
	box_wait(b, &got.done);
	assert_int_equal(got.r, 0);
}

static void note(struct box *b, const char *topic, const char *key, const char *text)
{
	note_long(b, topic, key, text, strlen(text));
}

static void on_put(void *arg, int r, const struct notice_row *notices, size_t n)
{
	(void)notices;
	(void)n;
	on_noted(arg, r);
}

static void open_incident(struct box *b, int64_t id, const char *topic, bool evidence)
{
	struct store_incident_put p = {.row = {.id = id,
					       .topic = topic,
					       .alert = "ola",
					       .live = true,
					       .opened_ms = clock_wall_ms(),
					       .closed_ms = TIME_NONE,
					       .kept = "",
					       .len = 0},
				       .evidence = evidence};
	struct poll_got got = {.done = false};

	store_incident_put(b->store, &p, on_put, &got);
	box_wait(b, &got.done);
	assert_int_equal(got.r, 0);
}

struct got {
	bool done;
	size_t n;
	struct evidence_row rows[EVIDENCE_OF_ONE_MAX];
	char url[200];
};

static void on_evidence(void *arg, int r, const struct evidence_row *rows, size_t n)
{
	struct got *got = arg;

	assert_int_equal(r, 0);
	got->n = n;
	memcpy(got->rows, rows, n * sizeof(*rows));
	snprintf(got->url, sizeof(got->url), "%s", n && rows[0].about.url ? rows[0].about.url : "-");
	got->done = true;
}

static const struct got *evidence(struct box *b, int64_t incident)
{
	static struct got got;

	got.done = false;
	store_evidence(b->store, incident, on_evidence, &got);
	box_wait(b, &got.done);
	return &got;
}

struct body_got {
	bool done;
	int r;
	size_t len;
	char text[200];
};

static void on_body(void *arg, int r, const void *body, size_t len)
{
	struct body_got *got = arg;

	*got = (struct body_got){.done = true, .r = r, .len = body ? len : 0};
	if (body)
		snprintf(got->text, sizeof(got->text), "%.*s", (int)(len < 190 ? len : 190), (const char *)body);
}

static struct body_got body(struct box *b, int64_t incident, int64_t id)
{
	struct body_got got = {.done = false};

	store_evidence_body(b->store, incident, id, on_body, &got);
	box_wait(b, &got.done);
	return got;
}

static struct inspect_found inspected(struct box *b)
{
	struct inspect *i = inspect_new(box_path(b, "escuchad.db"), false);
	struct inspect_found found;

	assert_int_equal(inspect_run(i, &found), 0);
	inspect_free(i);
	return found;
}

static void sql(struct box *b, const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(box_path(b, "escuchad.db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_busy_timeout(db, BOX_WAIT_MS), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int64_t count(struct box *b, const char *question)
{
	sqlite3_stmt *stmt;
	sqlite3 *db;
	int64_t n;

	assert_int_equal(sqlite3_open(box_path(b, "escuchad.db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, question, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	n = sqlite3_column_int64(stmt, 0);
	assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return n;
}

static void what_opened_it_is_kept_as_it_came(void **state)
{
	const struct got *got;
	struct body_got bytes;
	struct box b;

	(void)state;
	box_init(&b);
	note(&b, "acme", "1", BODY);
	note(&b, "otra", "2", "of another topic");
	note(&b, "acme", "3", "second");
	open_incident(&b, 1, "acme", true);
	got = evidence(&b, 1);
	assert_int_equal(got->n, 2);
	assert_int_equal(got->rows[0].state, EVIDENCE_KEPT);
	assert_int_equal(got->rows[0].size, strlen(BODY));
	assert_string_equal(got->url, "https://red.example/?token=***");
	bytes = body(&b, 1, 1);
	assert_int_equal(bytes.r, 0);
	assert_string_equal(bytes.text, BODY);
	assert_int_equal(body(&b, 2, 1).r, -ENOENT);
	assert_int_equal(body(&b, 1, 9).r, -ENOENT);
	open_incident(&b, 1, "acme", true); /* it gets worse: nothing is taken twice */
	assert_int_equal(evidence(&b, 1)->n, 2);
	note(&b, "acme", "4", "comes behind it");
	assert_int_equal(evidence(&b, 1)->n, 3);
	box_wall_ms += EVIDENCE_AFTER_MS;
	note(&b, "acme", "5", "too late");
	assert_int_equal(evidence(&b, 1)->n, 3);
	open_incident(&b, 2, "acme", false);
	assert_int_equal(evidence(&b, 2)->n, 0);
	box_reopen(&b);
	assert_int_equal(inspected(&b).n[INSPECT_EVIDENCE], 0);
	box_done(&b);
}

static void a_link_that_was_changed_is_found(void **state)
{
	static const char *const changes[] = {
		"UPDATE evidence SET at = at + 1 WHERE id = 2",
		"UPDATE evidence SET incident = 9 WHERE id = 2",
		"UPDATE evidence SET body_hash = zeroblob(32) WHERE id = 2",
		"UPDATE evidence SET link = zeroblob(32) WHERE id = 2",
		"UPDATE evidence SET link = x'00' WHERE id = 2",
		"UPDATE answer SET about = zeroblob(9) WHERE id = 2",
		"UPDATE answer SET body = (SELECT body FROM answer WHERE id = 1) WHERE id = 2",
		"DELETE FROM evidence WHERE id = 1",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(changes); i++) {
		struct inspect_found found;
		struct box b;

		box_init(&b);
		note(&b, "acme", "1", BODY);
		note(&b, "acme", "2", "second");
		note(&b, "acme", "3", "third");
		open_incident(&b, 1, "acme", true);
		assert_int_equal(inspected(&b).n[INSPECT_EVIDENCE], 0);
		sql(&b, changes[i]);
		found = inspected(&b);
		assert_true(found.n[INSPECT_EVIDENCE] >= 1);
		assert_int_equal(found.broken_link, 2);
		assert_false(inspect_clean(&found));
		box_done(&b);
	}
}

/* So many, which came just now. */
#define MANY_ANSWERS(topic, n)                                                                                         \
	"WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < " n ") INSERT INTO answer (at, "    \
	"size, about, about_hash, body, body_hash) SELECT 1790000000000, 1, x'00', zeroblob(32), x'00', zeroblob(32) " \
	"FROM c; INSERT OR IGNORE INTO answer_hit (answer, topic, key) SELECT id, '" topic                             \
	"', zeroblob(16) FROM answer WHERE size = 1 AND held = 0 AND id NOT IN (SELECT answer FROM answer_hit)"

static void nothing_grows_without_a_bound(void **state)
{
	int64_t late;
	int i;
	struct box b;

	(void)state;
	box_init(&b);
	sql(&b, MANY_ANSWERS("acme", "150"));
	open_incident(&b, 1, "acme", true);
	assert_int_equal(evidence(&b, 1)->n, EVIDENCE_TAKEN_MAX);
	sql(&b,
	    "INSERT INTO evidence (incident, at, answer, size, about_hash, body_hash, link) SELECT e.incident, e.at, "
	    "e.answer, 0, e.about_hash, e.body_hash, e.link FROM evidence e, (VALUES (1), (2), (3), (4)) LIMIT 399");
	note(&b, "acme", "x", "y");
	note(&b, "acme", "x", "y");
	assert_int_equal(evidence(&b, 1)->n, EVIDENCE_OF_ONE_MAX);
	sql(&b, MANY_ANSWERS("otra", "4196"));
	for (i = 0; i < EVIDENCE_LOOK_EVERY; i++)
		note(&b, "otra", "x", "z");
	late = count(&b, "SELECT count(*) FROM answer WHERE held = 0");
	assert_in_range(late, EVIDENCE_LATE_ROWS - EVIDENCE_LOOK_EVERY, EVIDENCE_LATE_ROWS + EVIDENCE_LOOK_EVERY);
	assert_int_equal(evidence(&b, 1)->n, EVIDENCE_OF_ONE_MAX);
	box_wall_ms += EVIDENCE_LATE_MS + 1;
	for (i = 0; i < EVIDENCE_LOOK_EVERY; i++)
		note(&b, "otra", "x", "z");
	assert_in_range(count(&b, "SELECT count(*) FROM answer WHERE held = 0"), 1, EVIDENCE_LOOK_EVERY);
	assert_int_equal(count(&b, "SELECT count(*) FROM answer_hit WHERE answer NOT IN (SELECT id FROM answer)"), 0);
	box_done(&b);
}

static void a_long_one_has_its_hash_alone(void **state)
{
	cleanup(freep) char *large = xcalloc(1, EVIDENCE_BODY_MAX_BYTES + 1);
	struct box b;

	(void)state;
	box_init(&b);
	note_long(&b, "acme", "x", large, EVIDENCE_BODY_MAX_BYTES + 1);
	open_incident(&b, 1, "acme", true);
	assert_int_equal(evidence(&b, 1)->rows[0].state, EVIDENCE_TOO_LONG);
	assert_int_equal(evidence(&b, 1)->rows[0].size, EVIDENCE_BODY_MAX_BYTES + 1);
	assert_int_equal(inspected(&b).n[INSPECT_EVIDENCE], 0);
	box_done(&b);
}

static void on_forgot(void *arg, int r, const struct forgotten *f)
{
	(void)f;
	on_noted(arg, r);
}

static void forget(struct box *b, const char *who, bool really)
{
	struct poll_got got = {.done = false};

	store_forget(b->store, who, really, on_forgot, &got);
	box_wait(b, &got.done);
	assert_int_equal(got.r, 0);
}

static void say(struct box *b, const char *key, const char *handle)
{
	struct found f = found_new();
	struct mention *m = found_item(&f, ITEM_NEW, key, "x", "acme");

	m->author.handle = handle;
	f.answer.items[0].key.content = mention_content_hash(m);
	(void)box_poll(b, "red", f);
}

static void who_is_forgotten_breaks_no_chain(void **state)
{
	const struct got *got;
	int64_t broken;
	struct box b;

	(void)state;
	box_init(&b);
	say(&b, "ana-1", "ana");
	sql(&b, MANY_ANSWERS("acme", "70")); /* more than one step looks through */
	note(&b, "acme", "ana-1", "her words, and no name");
	note(&b, "acme", "z", "{\"handle\":\"Ana\",\"text\":\"fraude\"}");
	note(&b, "acme", "z", "Ana is a word, too");
	open_incident(&b, 1, "acme", true);
	broken = inspected(&b).n[INSPECT_EVIDENCE]; /* those that were made up here */
	forget(&b, "@ana", false);
	assert_int_equal(evidence(&b, 1)->rows[71].state, EVIDENCE_KEPT);
	forget(&b, "@ana", true);
	got = evidence(&b, 1);
	assert_int_equal(got->n, 73);
	assert_int_equal(got->rows[0].state, EVIDENCE_KEPT);
	assert_int_equal(got->rows[70].state, EVIDENCE_FORGOTTEN);
	assert_int_equal(got->rows[71].state, EVIDENCE_FORGOTTEN);
	assert_null(got->rows[71].about.url);
	assert_int_equal(got->rows[72].state, EVIDENCE_KEPT);
	assert_int_equal(body(&b, 1, 72).r, 0);
	assert_int_equal(body(&b, 1, 72).len, 0);
	assert_int_equal(inspected(&b).n[INSPECT_EVIDENCE], broken);
	box_done(&b);
}

static void bytes_go_and_the_proof_stays(void **state)
{
	const struct got *got;
	struct box b;

	(void)state;
	box_init(&b);
	b.config.keep_evidence_ms = 30 * DAY_MS;
	box_reopen(&b);
	note(&b, "acme", "1", BODY);
	open_incident(&b, 1, "acme", true);
	box_wall_ms += 29 * DAY_MS;
	box_steady_ms += 29 * DAY_MS;
	box_reopen(&b);
	note(&b, "acme", "2", BODY);
	assert_int_equal(evidence(&b, 1)->rows[0].state, EVIDENCE_KEPT);
	box_wall_ms += 2 * DAY_MS;
	box_steady_ms += 2 * DAY_MS;
	do { /* what is done behind */
		box_reopen(&b);
		note(&b, "acme", "3", BODY);
		(void)poll(NULL, 0, 300);
		got = evidence(&b, 1);
	} while (got->rows[0].state == EVIDENCE_KEPT);
	assert_int_equal(got->n, 1);
	assert_int_equal(got->rows[0].state, EVIDENCE_GONE);
	assert_int_equal(inspected(&b).n[INSPECT_EVIDENCE], 0);
	box_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_opened_it_is_kept_as_it_came), cmocka_unit_test(a_link_that_was_changed_is_found),
		cmocka_unit_test(nothing_grows_without_a_bound),     cmocka_unit_test(a_long_one_has_its_hash_alone),
		cmocka_unit_test(who_is_forgotten_breaks_no_chain),  cmocka_unit_test(bytes_go_and_the_proof_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
