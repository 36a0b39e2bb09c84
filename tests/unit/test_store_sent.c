/* Which rows of the outbox wait and which were sent, whatever is done to them in whatever order: against a list of what should
 * have become of each. The log says it by a mark and its exceptions, in which a mistake would lose hits or double them. */
#include "store_box.h"

enum { MODEL_STEPS = 80, MODEL_SEEDS = 4, ADDED_MAX = 12, MODEL_ROWS = MODEL_STEPS * ADDED_MAX + 1, OUTBOX_ROWS = 128 };

struct model {
	uint32_t random;
	size_t n;
	struct stream_id id[MODEL_ROWS]; /* ascending but for those that got a new one */
	enum { WAITS, SENT, LEFT } is[MODEL_ROWS];
};

struct answer_got {
	bool done;
	size_t n;
	struct stream_id id;
};

static void on_rewind(void *arg, int r, size_t set_back, size_t before)
{
	assert_int_equal(r, 0);
	assert_int_equal(before, 0);
	*(struct answer_got *)arg = (struct answer_got){.done = true, .n = set_back};
}

static void on_dropped(void *arg, int r, size_t n)
{
	assert_int_equal(r, 0);
	*(struct answer_got *)arg = (struct answer_got){.done = true, .n = n};
}

static void on_id(void *arg, int r, struct stream_id id)
{
	assert_int_equal(r, 0);
	*(struct answer_got *)arg = (struct answer_got){.done = true, .id = id};
}

static size_t model_random(struct model *m, size_t below)
{
	m->random = m->random * 1664525u + 1013904223u;
	return (m->random >> 8) % below;
}

static size_t model_count(const struct model *m, int is)
{
	size_t i, n = 0;

	for (i = 0; i < m->n; i++)
		n += (int)m->is[i] == is;
	return n;
}

static void model_add(struct model *m, struct box *b)
{
	struct found f = found_new();
	struct stream_id last;
	size_t i, n = 1 + model_random(m, ADDED_MAX);

	for (i = 0; i < n; i++) {
		char key[16];

		snprintf(key, sizeof(key), "%zu", m->n + i);
		found_item(&f, ITEM_NEW, key, key, "acme");
	}
	last = box_poll(b, "prensa", f).last;
	for (i = 0; i < n; i++) { /* one after the other, within one millisecond */
		m->id[m->n] = (struct stream_id){.ms = last.ms, .seq = last.seq - (n - 1 - i)};
		m->is[m->n++] = WAITS;
	}
}

/* Some of those that wait, and one or the other that doesn't. */
static void model_send(struct model *m, struct box *b)
{
	const size_t from = model_random(m, 3) ? 0 : model_random(m, m->n), skip = 1 + model_random(m, 8);
	struct stream_id ids[OUTBOX_ROWS];
	size_t i, n = 0;

	for (i = from; i < m->n && n < OUTBOX_ROWS; i++) {
		if ((m->is[i] != WAITS && model_random(m, 20)) || (skip > 1 && i % skip == 0))
			continue;
		ids[n++] = m->id[i];
		m->is[i] = m->is[i] == WAITS ? SENT : m->is[i];
	}
	box_sent(b, ids, n);
}

static void model_rewind(struct model *m, struct box *b)
{
	const struct stream_id to = m->id[model_random(m, m->n)];
	struct answer_got got = {.done = false};
	size_t i, set_back = 0;

	for (i = 0; i < m->n; i++) {
		if (m->is[i] == SENT && stream_id_cmp(m->id[i], to) > 0) {
			m->is[i] = WAITS;
			set_back++;
		}
	}
	store_outbox_rewind(b->store, OUTBOX_HITS, to, 0, on_rewind, &got);
	box_wait(b, &got.done);
	assert_int_equal(got.n, set_back);
}

static void model_drop(struct model *m, struct box *b)
{
	const size_t i = model_random(m, m->n);
	struct answer_got got = {.done = false};

	store_outbox_drop(b->store, OUTBOX_HITS, &m->id[i], 1, on_dropped, &got);
	box_wait(b, &got.done);
	assert_int_equal(got.n, m->is[i] == WAITS);
	m->is[i] = m->is[i] == WAITS ? LEFT : m->is[i];
}

static void model_rename(struct model *m, struct box *b)
{
	const size_t i = model_random(m, m->n);

	struct answer_got got = {.done = false};

	store_outbox_new_id(b->store, OUTBOX_HITS, m->id[i], (struct stream_id){.ms = 0}, on_id, &got);
	box_wait(b, &got.done);
	m->id[i] = got.id;
	m->is[i] = WAITS;
}

static void model_check(const struct model *m, struct box *b)
{
	struct rows rows = {.n = 0};
	size_t i, k;

	box_outbox(b, (struct stream_id){.ms = 0}, &rows);
	assert_int_equal(rows.n, model_count(m, WAITS));
	for (k = 0; k < rows.n; k++) {
		assert_true(k == 0 || stream_id_cmp(rows.id[k - 1], rows.id[k]) < 0);
		for (i = 0; i < m->n && stream_id_cmp(m->id[i], rows.id[k]) != 0; i++)
			;
		assert_true(i < m->n && m->is[i] == WAITS);
	}
	rows_done(&rows);
	assert_int_equal(box_number(b, "SELECT count(*) FROM outbox WHERE state = 1"), model_count(m, SENT));
	box_check_totals(b);
}

static void what_waits_is_what_should_whatever_was_done(void **state)
{
	uint32_t seed;
	size_t i;

	(void)state;
	for (seed = 1; seed <= MODEL_SEEDS; seed++) {
		struct model m = {.random = seed};
		struct box b;

		box_init(&b);
		model_add(&m, &b);
		for (i = 0; i < MODEL_STEPS; i++) {
			size_t what = model_random(&m, 100);

			if (what < 40)
				model_add(&m, &b);
			else if (what < 75)
				model_send(&m, &b);
			else if (what < 82)
				model_rewind(&m, &b);
			else if (what < 89)
				model_drop(&m, &b);
			else if (what < 96)
				model_rename(&m, &b);
			else
				box_reopen(&b);
			if (i % 4 == 0)
				model_check(&m, &b);
		}
		model_check(&m, &b);
		box_done(&b);
	}
}

static void let_go_of_all(const struct box *b)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(box_path(b, "escuchad.db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "DELETE FROM stream; DELETE FROM hit; DELETE FROM mention", NULL, NULL, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Not even where the newest rows are gone and the clock went back: below the mark a new one would count as sent. */
static void a_new_row_is_above_the_mark(void **state)
{
	struct found first = found_new(), second = found_new();
	struct rows rows = {.n = 0};
	struct poll_result got;
	struct stream_id sent;
	struct box b;

	(void)state; /* FAULTS D5, T1 */
	box_init(&b);
	found_item(&first, ITEM_NEW, "1", "uno", "acme");
	sent = box_poll(&b, "prensa", first).last;
	box_sent(&b, &sent, 1);
	b.store = store_close(b.store);
	let_go_of_all(&b);
	box_wall_ms -= HOUR_MS;
	box_open(&b);
	found_item(&second, ITEM_NEW, "2", "dos", "acme");
	got = box_poll(&b, "prensa", second);
	assert_true(stream_id_cmp(got.last, sent) > 0);
	box_outbox(&b, (struct stream_id){.ms = 0}, &rows);
	assert_int_equal(rows.n, 1);
	rows_done(&rows);
	box_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_waits_is_what_should_whatever_was_done),
		cmocka_unit_test(a_new_row_is_above_the_mark),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
