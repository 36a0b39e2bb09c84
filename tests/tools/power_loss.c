/*
 * The log under power cuts, one seed after the other (FAULTS D4, D6): power_loss [SEEDS [FIRST]].
 *
 * Each seed fills a log until the power is cut at a random write, sync, truncation or deletion (opening, migrating and
 * checkpoints included), looks at what the disk has kept, and goes on from there. What was answered before the cut must be
 * there, each poll whole, nothing twice, ids rising, marks of what was sent kept, totals exact. Some run on a disk that is
 * full now and then. A failing seed is printed and replays.
 */
#include "store_box.h"

#include <stdlib.h>

#include "base/log.h"
#include "crash_vfs.h"

enum { ROUNDS = 4, POLLS_MAX = 60, PER_POLL_MAX = 3, OPS_MAX = 400, SEEDS = 50 };

struct promise {
	size_t polls, sent; /* so many are on the disk */
	size_t rows_of[ROUNDS * POLLS_MAX];
};

static uint64_t random_state, first_seed = 1, seeds = SEEDS;
static size_t cuts, promised, refused;

static uint64_t rnd(uint64_t below)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (random_state >> 33) % below;
}

static int poll_number(struct box *b, size_t number, size_t rows)
{
	struct poll_got got = {.done = false};
	struct found f = found_new();
	size_t i;

	for (i = 0; i < rows; i++) {
		char key[32];

		snprintf(key, sizeof(key), "%zu-%zu.", number, i);
		found_item(&f, ITEM_NEW, key, key, "acme");
	}
	box_post(b, "prensa", &f, &got);
	box_wait(b, &got.done);
	return got.r;
}

/* All but the newest row are sent. What was sent for certain is counted. */
static void send_some(struct box *b, struct promise *p)
{
	struct rows rows = {.n = 0};
	struct poll_got got = {.done = false};

	store_outbox_read(b->store, OUTBOX_HITS, (struct stream_id){.ms = 0}, STORE_ROWS_MAX, on_outbox, &rows);
	box_wait(b, &rows.done);
	if (rows.r == 0 && rows.n > 1) {
		store_outbox_sent(b->store, OUTBOX_HITS, rows.id, rows.n - 1, on_done, &got);
		box_wait(b, &got.done);
		if (got.r == 0 && !crash_vfs_is_cut())
			p->sent += rows.n - 1;
	}
	rows_done(&rows);
}

/* Until the power is cut, or it has done enough. */
static void fill(struct box *b, struct promise *p)
{
	size_t until = p->polls + 1 + rnd(POLLS_MAX);

	crash_vfs_cut_after(rnd(OPS_MAX));
	if (box_try_open(b, NULL) != 0) {
		assert_true(crash_vfs_is_cut());
		return;
	}
	while (p->polls < until && !crash_vfs_is_cut()) {
		size_t rows = 1 + rnd(PER_POLL_MAX);
		int r;

		box_wall_ms += (int64_t)rnd(3);
		crash_vfs_fail(CRASH_WRITES, rnd(6) == 0 ? SQLITE_FULL : 0, rnd(4));
		r = poll_number(b, p->polls, rows);
		crash_vfs_fail(0, 0, 0);
		refused += r == -ENOSPC;
		p->rows_of[p->polls] = rows;
		if (r == 0 && !crash_vfs_is_cut())
			p->polls++;
		else if (r == 0)
			break; /* it may be there or not */
		if (rnd(5) == 0)
			send_some(b, p);
		if (rnd(8) != 0)
			continue;
		b->store = store_close(b->store);
		if (box_try_open(b, NULL) != 0) {
			assert_true(crash_vfs_is_cut());
			return;
		}
	}
	b->store = store_close(b->store);
}

/* Whole polls in their order; the one that was under way may be there, too. */
static void check_disk(struct box *b, struct promise *p)
{
	struct rows rows = {.n = 0};
	size_t number = 0, i = 0, k;

	box_open(b); /* never damaged */
	box_hits(b, (struct store_hits_filter){.since = true}, &rows);
	while (i < rows.n) {
		for (k = 0; k < p->rows_of[number]; k++, i++) {
			char want[48];

			assert_true(i < rows.n);
			snprintf(want, sizeof(want), "\"text\":\"%zu-%zu.\"", number, k);
			assert_non_null(strstr(rows.json[i], want));
			assert_true(i == 0 || stream_id_cmp(rows.id[i - 1], rows.id[i]) < 0);
		}
		number++;
	}
	if (number != p->polls && number != p->polls + 1)
		print_error("%zu polls, %zu promised\n", number, p->polls);
	assert_true(number == p->polls || number == p->polls + 1);
	assert_true((size_t)box_number(b, "SELECT count(*) FROM outbox WHERE state = 1") >= p->sent);
	assert_int_equal(box_number(b, "SELECT coalesce(max(length(keys) / 36), 0) FROM seen"), rows.n);
	assert_int_equal(box_number(b, "SELECT count(*) FROM mention"), rows.n);
	box_check_totals(b);
	p->polls = number;
	p->sent = (size_t)box_number(b, "SELECT count(*) FROM outbox WHERE state = 1");
	rows_done(&rows);
	b->store = store_close(b->store);
	assert_int_equal(box_number(b, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
}

static void run_seed(uint64_t seed)
{
	struct promise p = {.polls = 0};
	struct box b;
	size_t round;

	random_state = seed * UINT64_C(0x9E3779B97F4A7C15);
	box_init(&b);
	b.store = store_close(b.store);
	if (rnd(2) == 0) /* an empty folder: the first start is cut, too */
		assert_int_equal(unlink(box_path(&b, "escuchad.db")), 0);
	crash_vfs_power_on();
	for (round = 0; round < ROUNDS; round++) {
		crash_vfs_seed(seed * ROUNDS + round);
		fill(&b, &p);
		cuts += crash_vfs_is_cut();
		crash_vfs_power_on();
		check_disk(&b, &p);
		crash_vfs_power_on();
	}
	promised += p.polls;
	b.store = NULL;
	box_done(&b);
}

static void what_was_promised_outlives_the_power(void **state)
{
	uint64_t seed;

	(void)state;
	crash_vfs_install();
	for (seed = first_seed; seed < first_seed + seeds; seed++) {
		fprintf(stderr, "\rseed %ju ", (uintmax_t)seed);
		run_seed(seed);
	}
	fprintf(stderr, "\r");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_was_promised_outlives_the_power)};
	int failed;

	if (argc > 1)
		seeds = strtoull(argv[1], NULL, 10);
	if (argc > 2)
		first_seed = strtoull(argv[2], NULL, 10);
	if (!getenv("POWER_LOSS_LOG"))
		log_to(fopen("/dev/null", "we"));
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	printf("# %ju seeds, %zu cuts, %zu polls promised, %zu refused by a full disk, %zu bytes lost by cuts, %s\n",
	       (uintmax_t)seeds, cuts, promised, refused, crash_vfs_lost(), failed ? "FAILED" : "0 polls lost");
	return failed;
}
