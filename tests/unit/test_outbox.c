/* What the queue decides: by hand for each rule, then long stretches of it by a seeded simulator. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "queue/outbox.h"

#define ID(n) ((struct stream_id){.ms = (n)})

/* --- by hand --- */

struct bench {
	struct outbox o;
	int64_t now;
	struct outbox_actions got;
};

static const struct outbox_action *find(const struct bench *b, enum outbox_action_kind kind)
{
	size_t i;

	for (i = 0; i < b->got.n; i++) {
		if (b->got.v[i].kind == kind)
			return &b->got.v[i];
	}
	return NULL;
}

static void step(struct bench *b, struct outbox_event e)
{
	b->got = outbox_step(&b->o, &e, b->now);
}

static void tick_when_due(struct bench *b)
{
	int64_t due = outbox_due(&b->o);

	assert_int_not_equal(due, TIME_NONE);
	if (due > b->now)
		b->now = due;
	step(b, (struct outbox_event){.kind = OUTBOX_TICK});
}

static void start(struct bench *b)
{
	*b = (struct bench){.now = 1000};
	outbox_init(&b->o);
	tick_when_due(b);
	assert_non_null(find(b, OUTBOX_CONNECT));
}

static void connect_with(struct bench *b, struct stream_id top)
{
	step(b, (struct outbox_event){.kind = OUTBOX_UP});
	assert_non_null(find(b, OUTBOX_GREET));
	step(b, (struct outbox_event){.kind = OUTBOX_GREETED, .id = top});
	assert_non_null(find(b, OUTBOX_REWIND));
	assert_int_equal(find(b, OUTBOX_REWIND)->id.ms, top.ms);
	step(b, (struct outbox_event){.kind = OUTBOX_REWOUND});
	assert_non_null(find(b, OUTBOX_GET));
}

/* The log has rows from…from+n-1. */
static void read_rows(struct bench *b, int64_t from, size_t n)
{
	struct stream_id ids[OUTBOX_GROUP_MAX];
	size_t i;

	for (i = 0; i < n; i++)
		ids[i] = ID(from + (int64_t)i);
	step(b, (struct outbox_event){.kind = OUTBOX_READ, .ids = ids, .n = n, .bytes = 100 * n});
}

static void take_all(struct bench *b, size_t n)
{
	enum outbox_fate fates[OUTBOX_GROUP_MAX];
	size_t i;

	for (i = 0; i < n; i++)
		fates[i] = OUTBOX_TAKEN_IN;
	step(b, (struct outbox_event){.kind = OUTBOX_TAKEN, .fates = fates, .n = n});
}

static void one_group_is_in_flight(void **state)
{
	struct bench b;

	(void)state;
	start(&b);
	connect_with(&b, ID(0));
	read_rows(&b, 1, OUTBOX_GROUP_MAX);
	assert_int_equal(find(&b, OUTBOX_SEND)->n, OUTBOX_GROUP_MAX);
	step(&b, (struct outbox_event){.kind = OUTBOX_POKE});
	assert_int_equal(b.got.n, 0); /* whatever is committed meanwhile */
	take_all(&b, OUTBOX_GROUP_MAX);
	assert_int_equal(find(&b, OUTBOX_MARK)->n, OUTBOX_GROUP_MAX);
	assert_int_equal(find(&b, OUTBOX_TELL)->told, OUTBOX_WELL);
	assert_int_equal(find(&b, OUTBOX_GET)->id.ms, OUTBOX_GROUP_MAX); /* behind what the log still marks */
	read_rows(&b, OUTBOX_GROUP_MAX + 1, 2);
	assert_int_equal(find(&b, OUTBOX_SEND)->n, 2);
	take_all(&b, 2);
	assert_null(find(&b, OUTBOX_MARK)); /* one at a time */
	assert_null(find(&b, OUTBOX_GET));  /* not full: marked first, then read from the log's own mark */
	step(&b, (struct outbox_event){.kind = OUTBOX_MARKED});
	assert_int_equal(find(&b, OUTBOX_MARK)->n, 2);
	assert_null(find(&b, OUTBOX_GET));
	step(&b, (struct outbox_event){.kind = OUTBOX_MARKED});
	assert_int_equal(find(&b, OUTBOX_GET)->id.ms, 0);
	assert_false(outbox_idle(&b.o));
	read_rows(&b, 0, 0);
	assert_true(outbox_idle(&b.o));
	assert_int_equal(outbox_due(&b.o), TIME_NONE); /* it sleeps */
}

static void groups_that_the_log_has_not_noted_are_bounded(void **state)
{
	struct bench b;
	size_t n;

	(void)state;
	start(&b);
	connect_with(&b, ID(0));
	for (n = 1; n < OUTBOX_UNMARKED_MAX; n += OUTBOX_GROUP_MAX) {
		assert_int_equal(find(&b, OUTBOX_GET)->id.ms, n == 1 ? 0 : n - 1);
		read_rows(&b, (int64_t)n, OUTBOX_GROUP_MAX);
		take_all(&b, OUTBOX_GROUP_MAX);
	}
	assert_null(find(&b, OUTBOX_GET));
	step(&b, (struct outbox_event){.kind = OUTBOX_MARKED, .failed = true}); /* of the first group */
	assert_int_equal(b.got.n, 0);
	tick_when_due(&b);
	assert_int_equal(find(&b, OUTBOX_MARK)->n, OUTBOX_UNMARKED_MAX);
	assert_int_equal(find(&b, OUTBOX_MARK)->ids[0].ms, 1);
	step(&b, (struct outbox_event){.kind = OUTBOX_DOWN, .fault = FAULT_LOST});
	tick_when_due(&b);
	step(&b, (struct outbox_event){.kind = OUTBOX_UP});
	step(&b, (struct outbox_event){.kind = OUTBOX_GREETED, .id = ID(5)});
	assert_null(find(&b, OUTBOX_REWIND)); /* it would be undone by the mark */
	step(&b, (struct outbox_event){.kind = OUTBOX_MARKED});
	assert_non_null(find(&b, OUTBOX_REWIND));
}

static void what_waits_further_back_is_found_in_the_end(void **state)
{
	struct bench b;

	(void)state; /* requeued while the log marks: no read behind a group shows it */
	start(&b);
	connect_with(&b, ID(0));
	read_rows(&b, 1, OUTBOX_GROUP_MAX);
	take_all(&b, OUTBOX_GROUP_MAX);
	read_rows(&b, 0, 0);
	assert_int_equal(b.got.n, 0);
	assert_false(outbox_idle(&b.o));
	step(&b, (struct outbox_event){.kind = OUTBOX_MARKED});
	assert_int_equal(find(&b, OUTBOX_GET)->id.ms, 0);
}

static void rows_that_come_while_the_log_is_read_are_not_missed(void **state)
{
	struct bench b;

	(void)state;
	start(&b);
	connect_with(&b, ID(0));
	step(&b, (struct outbox_event){.kind = OUTBOX_POKE});
	read_rows(&b, 0, 0); /* read before the commit */
	assert_non_null(find(&b, OUTBOX_GET));
}

static void silence_ends_a_connection(void **state)
{
	struct bench b;

	(void)state; /* FAULTS R2 */
	start(&b);
	tick_when_due(&b);
	assert_int_equal(b.now, 1000 + OUTBOX_CONNECT_MS);
	assert_non_null(find(&b, OUTBOX_CLOSE));
	assert_int_equal(find(&b, OUTBOX_TELL)->fault, FAULT_UNREACHED);
	tick_when_due(&b);
	connect_with(&b, ID(0));
	read_rows(&b, 1, 3);
	b.now += OUTBOX_REPLY_MS - 1;
	step(&b, (struct outbox_event){.kind = OUTBOX_TICK});
	assert_int_equal(b.got.n, 0);
	tick_when_due(&b);
	assert_non_null(find(&b, OUTBOX_CLOSE));
	assert_int_equal(find(&b, OUTBOX_TELL)->fault, FAULT_LATE);
	take_all(&b, 3); /* of the connection that was given up */
	assert_null(find(&b, OUTBOX_MARK));
	tick_when_due(&b); /* whether they are in is for the stream to say */
	connect_with(&b, ID(3));
	read_rows(&b, 1, 3);
	assert_int_equal(find(&b, OUTBOX_SEND)->n, 3);
}

static void a_large_group_has_more_time(void **state)
{
	const struct stream_id ids[] = {ID(1)};
	struct bench b;

	(void)state;
	start(&b);
	connect_with(&b, ID(0));
	step(&b, (struct outbox_event){.kind = OUTBOX_READ, .ids = ids, .n = 1, .bytes = 10 * OUTBOX_BYTES_A_SECOND});
	assert_int_equal(outbox_due(&b.o), b.now + OUTBOX_REPLY_MS + 10 * SECOND_MS);
}

static void waits_double_up_to_a_bound(void **state)
{
	struct bench b;
	int64_t last = 0, wait;
	int i;

	(void)state; /* FAULTS R1, R3 */
	start(&b);
	for (i = 0; i < 40; i++) {
		step(&b, (struct outbox_event){.kind = OUTBOX_DOWN, .fault = FAULT_LOST, .random = i * 2654435761u});
		assert_null(find(&b, OUTBOX_CLOSE)); /* it is gone by itself */
		assert_null(find(&b, OUTBOX_CONNECT));
		wait = outbox_due(&b.o) - b.now;
		assert_int_equal(find(&b, OUTBOX_TELL)->wait_ms, wait);
		assert_in_range(wait, OUTBOX_BACKOFF_MIN_MS, OUTBOX_BACKOFF_MAX_MS + OUTBOX_BACKOFF_MAX_MS / 4);
		if (i < 8)
			assert_true(wait > last);
		else
			assert_true(i == 8 || wait >= OUTBOX_BACKOFF_MAX_MS);
		last = wait;
		tick_when_due(&b);
		assert_non_null(find(&b, OUTBOX_CONNECT));
	}
	connect_with(&b, ID(0));
	read_rows(&b, 0, 0); /* all is well: the next failure waits little again */
	step(&b, (struct outbox_event){.kind = OUTBOX_DOWN, .fault = FAULT_LOST});
	assert_int_equal(outbox_due(&b.o) - b.now, OUTBOX_BACKOFF_MIN_MS);
}

static void trimming_waits_for_all_the_rest(void **state)
{
	struct bench b;

	(void)state; /* FAULTS R6 */
	start(&b);
	b.o.trim_ms = 0;
	connect_with(&b, ID(0));
	read_rows(&b, 1, 3);
	take_all(&b, 3);
	step(&b, (struct outbox_event){.kind = OUTBOX_MARKED});
	assert_null(find(&b, OUTBOX_TRIM)); /* there may be more to send */
	read_rows(&b, 0, 0);
	assert_true(find(&b, OUTBOX_TRIM)->begin);
	step(&b, (struct outbox_event){.kind = OUTBOX_POKE});
	assert_null(find(&b, OUTBOX_GET)); /* one thing at a time */
	step(&b, (struct outbox_event){.kind = OUTBOX_TRIMMED, .more = OUTBOX_ANOTHER_ROUND});
	assert_false(find(&b, OUTBOX_TRIM)->begin);
	step(&b, (struct outbox_event){.kind = OUTBOX_TRIMMED, .more = OUTBOX_MORE_SOON});
	assert_non_null(find(&b, OUTBOX_GET));
	read_rows(&b, 0, 0);
	assert_int_equal(outbox_due(&b.o), b.now + OUTBOX_TRIM_MORE_MS);
	tick_when_due(&b);
	assert_true(find(&b, OUTBOX_TRIM)->begin);
	step(&b, (struct outbox_event){.kind = OUTBOX_TRIMMED});
	assert_true(outbox_idle(&b.o));
	assert_int_equal(outbox_due(&b.o), b.now + OUTBOX_TRIM_MS);
	tick_when_due(&b);
	assert_true(find(&b, OUTBOX_TRIM)->begin);
	tick_when_due(&b); /* no answer: the connection ends, and it is not the first thing to be asked again */
	assert_int_equal(find(&b, OUTBOX_TELL)->fault, FAULT_LATE);
	tick_when_due(&b);
	connect_with(&b, ID(3));
	read_rows(&b, 0, 0);
	assert_null(find(&b, OUTBOX_TRIM));
}

static void what_is_to_go_comes_first(void **state)
{
	struct bench b;

	(void)state; /* FAULTS R4: over each new link, also what has gone of late */
	start(&b);
	b.o.erases = true;
	step(&b, (struct outbox_event){.kind = OUTBOX_UP});
	step(&b, (struct outbox_event){.kind = OUTBOX_GREETED, .id = ID(9)});
	step(&b, (struct outbox_event){.kind = OUTBOX_REWOUND});
	assert_true(find(&b, OUTBOX_ERASE_GET)->begin);
	assert_null(find(&b, OUTBOX_GET));
	step(&b, (struct outbox_event){.kind = OUTBOX_ERASE_READ, .n = 2, .id = ID(7)});
	assert_true(find(&b, OUTBOX_ERASE)->begin);
	step(&b, (struct outbox_event){.kind = OUTBOX_ERASED, .more = OUTBOX_ANOTHER_ROUND});
	assert_false(find(&b, OUTBOX_ERASE)->begin);
	step(&b, (struct outbox_event){.kind = OUTBOX_ERASED});
	assert_non_null(find(&b, OUTBOX_ERASE_MARK));
	step(&b, (struct outbox_event){.kind = OUTBOX_ERASE_MARKED, .failed = true});
	tick_when_due(&b);
	assert_int_equal(find(&b, OUTBOX_ERASE_GET)->id.ms, 0); /* not noted: the same once more */
	step(&b, (struct outbox_event){.kind = OUTBOX_ERASE_READ, .n = 2, .id = ID(7)});
	step(&b, (struct outbox_event){.kind = OUTBOX_ERASED});
	step(&b, (struct outbox_event){.kind = OUTBOX_ERASE_ASKED}); /* somebody else: it may lie before */
	step(&b, (struct outbox_event){.kind = OUTBOX_ERASE_MARKED});
	assert_int_equal(find(&b, OUTBOX_ERASE_GET)->id.ms, 7);
	step(&b, (struct outbox_event){.kind = OUTBOX_ERASE_READ});
	assert_int_equal(find(&b, OUTBOX_ERASE_GET)->id.ms, 0);
	assert_false(find(&b, OUTBOX_ERASE_GET)->begin);
	step(&b, (struct outbox_event){.kind = OUTBOX_ERASE_READ});
	assert_non_null(find(&b, OUTBOX_GET));
}

static void what_redis_will_not_delete_holds_nothing_up(void **state)
{
	struct bench b;

	(void)state; /* FAULTS R5 */
	start(&b);
	b.o.erases = true;
	step(&b, (struct outbox_event){.kind = OUTBOX_UP});
	step(&b, (struct outbox_event){.kind = OUTBOX_GREETED, .id = ID(9)});
	step(&b, (struct outbox_event){.kind = OUTBOX_REWOUND});
	step(&b, (struct outbox_event){.kind = OUTBOX_ERASE_READ, .n = 1, .id = ID(7)});
	step(&b, (struct outbox_event){.kind = OUTBOX_ERASED, .failed = true});
	assert_non_null(find(&b, OUTBOX_GET));
	read_rows(&b, 0, 0);
	assert_true(outbox_idle(&b.o));
	assert_int_equal(outbox_due(&b.o), b.now + OUTBOX_ERASE_MS);
	tick_when_due(&b);
	assert_non_null(find(&b, OUTBOX_ERASE_GET));
	step(&b, (struct outbox_event){.kind = OUTBOX_ERASE_READ, .n = 1, .id = ID(7)});
	tick_when_due(&b); /* no answer */
	assert_int_equal(find(&b, OUTBOX_TELL)->fault, FAULT_LATE);
	assert_null(find(&b, OUTBOX_ERASE_MARK));
}

static void waits_have_the_bound_that_was_set(void **state)
{
	struct bench b;
	unsigned i;

	(void)state;
	start(&b);
	b.o.backoff_max_ms = 1000;
	for (i = 0; i < 20; i++) {
		step(&b, (struct outbox_event){.kind = OUTBOX_DOWN, .fault = FAULT_ELSEWHERE});
		assert_true(find(&b, OUTBOX_TELL)->wait_ms <= 1250);
		tick_when_due(&b);
		assert_non_null(find(&b, OUTBOX_CONNECT));
	}
	step(&b, (struct outbox_event){.kind = OUTBOX_DOWN, .fault = FAULT_SETTINGS});
	assert_true(find(&b, OUTBOX_TELL)->wait_ms >= OUTBOX_BACKOFF_MAX_MS); /* a person has to mend it */
}

static void errors_are_told_apart(void **state)
{
	static const struct {
		enum fault fault;
		bool stays, slow;
	} cases[] = {
		{FAULT_LATER, true, false},   {FAULT_ELSEWHERE, false, false}, {FAULT_SETTINGS, false, true},
		{FAULT_CLUSTER, false, true}, {FAULT_STRANGE, false, true},
	};
	struct bench b;
	size_t i;

	(void)state; /* FAULTS R5 */
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		start(&b);
		connect_with(&b, ID(0));
		read_rows(&b, 1, 2);
		step(&b, (struct outbox_event){.kind = OUTBOX_FAULT, .fault = cases[i].fault});
		assert_int_equal(find(&b, OUTBOX_CLOSE) == NULL, cases[i].stays);
		assert_null(find(&b, OUTBOX_MARK));
		assert_int_equal(find(&b, OUTBOX_TELL)->told, cases[i].stays ? OUTBOX_HELD : OUTBOX_AWAY);
		assert_int_equal(outbox_due(&b.o) - b.now >= OUTBOX_BACKOFF_MAX_MS, cases[i].slow);
		step(&b, (struct outbox_event){.kind = OUTBOX_POKE});
		assert_int_equal(b.got.n, 0);
		tick_when_due(&b);
		assert_non_null(find(&b, cases[i].stays ? OUTBOX_GET : OUTBOX_CONNECT));
	}
	start(&b); /* while greeting, the connection goes in any case */
	step(&b, (struct outbox_event){.kind = OUTBOX_UP});
	step(&b, (struct outbox_event){.kind = OUTBOX_FAULT, .fault = FAULT_LATER});
	assert_non_null(find(&b, OUTBOX_CLOSE));
}

static void what_was_mended_is_tried_at_once(void **state)
{
	struct bench b;

	(void)state;
	start(&b);
	step(&b, (struct outbox_event){.kind = OUTBOX_UP});
	step(&b, (struct outbox_event){.kind = OUTBOX_FAULT, .fault = FAULT_SETTINGS});
	step(&b, (struct outbox_event){.kind = OUTBOX_RETRY});
	assert_non_null(find(&b, OUTBOX_CONNECT));
}

static void refused_rows_are_looked_at(void **state)
{
	static const enum outbox_fate taken[] = {OUTBOX_REFUSED, OUTBOX_REFUSED, OUTBOX_TAKEN_IN};
	static const enum outbox_fate checked[] = {OUTBOX_TAKEN_IN, OUTBOX_FOREIGN};
	struct bench b;
	const struct outbox_action *a;

	(void)state; /* FAULTS R5, D5 */
	start(&b);
	connect_with(&b, ID(50));
	read_rows(&b, 49, 3);
	step(&b, (struct outbox_event){.kind = OUTBOX_TAKEN, .fates = taken, .n = 3});
	a = find(&b, OUTBOX_CHECK);
	assert_int_equal(a->n, 2);
	assert_int_equal(a->ids[0].ms, 49);
	assert_int_equal(a->ids[1].ms, 50);
	step(&b, (struct outbox_event){.kind = OUTBOX_CHECKED, .fates = checked, .n = 2, .id = ID(60)});
	a = find(&b, OUTBOX_MARK);
	assert_int_equal(a->n, 2);
	assert_int_equal(a->ids[0].ms, 49);
	assert_int_equal(a->ids[1].ms, 51);
	step(&b, (struct outbox_event){.kind = OUTBOX_MARKED});
	a = find(&b, OUTBOX_RENAME);
	assert_int_equal(a->n, 1);
	assert_int_equal(a->ids[0].ms, 50);
	assert_int_equal(a->id.ms, 60);
	step(&b, (struct outbox_event){.kind = OUTBOX_RENAMED, .id = ID(61)});
	assert_non_null(find(&b, OUTBOX_GET));
}

static void an_id_that_stays_below_is_no_endless_circle(void **state)
{
	static const enum outbox_fate refused = OUTBOX_REFUSED, foreign = OUTBOX_FOREIGN;
	struct bench b;

	(void)state; /* a stranger wrote an id from another century */
	start(&b);
	connect_with(&b, ID(INT64_MAX));
	read_rows(&b, 1, 1);
	step(&b, (struct outbox_event){.kind = OUTBOX_TAKEN, .fates = &refused, .n = 1});
	step(&b, (struct outbox_event){.kind = OUTBOX_CHECKED, .fates = &foreign, .n = 1, .id = ID(INT64_MAX)});
	step(&b, (struct outbox_event){.kind = OUTBOX_RENAMED, .id = ID(2)});
	assert_int_equal(find(&b, OUTBOX_TELL)->told, OUTBOX_AHEAD);
	assert_null(find(&b, OUTBOX_GET));
	assert_true(outbox_due(&b.o) - b.now >= OUTBOX_BACKOFF_MAX_MS);
}

static void what_the_log_could_not_do_is_asked_again(void **state)
{
	struct bench b;

	(void)state; /* FAULTS D6 */
	start(&b);
	connect_with(&b, ID(0));
	step(&b, (struct outbox_event){.kind = OUTBOX_READ, .failed = true});
	assert_int_equal(b.got.n, 0);
	assert_int_equal(outbox_due(&b.o), b.now + OUTBOX_LOG_MS);
	tick_when_due(&b);
	assert_non_null(find(&b, OUTBOX_GET));
	read_rows(&b, 1, 2);
	take_all(&b, 2);
	step(&b, (struct outbox_event){.kind = OUTBOX_MARKED, .failed = true});
	assert_int_equal(b.got.n, 0); /* nothing else goes before they are marked */
	tick_when_due(&b);
	assert_int_equal(find(&b, OUTBOX_MARK)->n, 2);
	step(&b, (struct outbox_event){.kind = OUTBOX_DOWN, .fault = FAULT_LOST});
	step(&b, (struct outbox_event){.kind = OUTBOX_MARKED}); /* the log goes on without Redis */
	tick_when_due(&b);
	step(&b, (struct outbox_event){.kind = OUTBOX_UP});
	step(&b, (struct outbox_event){.kind = OUTBOX_GREETED, .id = ID(2)});
	step(&b, (struct outbox_event){.kind = OUTBOX_REWOUND, .failed = true});
	assert_null(find(&b, OUTBOX_GET));
	tick_when_due(&b);
	assert_non_null(find(&b, OUTBOX_REWIND));
}

static void a_rewind_is_not_lost_by_a_slow_log(void **state)
{
	struct bench b;

	(void)state; /* FAULTS R4: another server answers before the log does */
	start(&b);
	connect_with(&b, ID(9));
	step(&b, (struct outbox_event){.kind = OUTBOX_DOWN, .fault = FAULT_LOST});
	tick_when_due(&b);
	step(&b, (struct outbox_event){.kind = OUTBOX_UP});
	step(&b, (struct outbox_event){.kind = OUTBOX_GREETED, .id = ID(4)});
	assert_null(find(&b, OUTBOX_REWIND)); /* the log still reads */
	read_rows(&b, 10, 2);
	assert_null(find(&b, OUTBOX_SEND)); /* they are not the oldest any more */
	assert_int_equal(find(&b, OUTBOX_REWIND)->id.ms, 4);
}

/* --- the simulator: a log, a Redis, and all that goes wrong between them --- */

#ifdef __SANITIZE_ADDRESS__ /* where memory is watched, a few say as much */
enum { SEEDS = 12 };
#else
enum { SEEDS = 60 };
#endif
enum { ROWS = 4000, STEPS = 20000, LOG_OWED = OUTBOX_GROUP_MAX + 2 };

struct world {
	struct bench b;
	uint64_t dice;
	bool stranger, forgetful; /* another writer; a Redis that comes back from an older copy */
	bool calm;                /* nothing goes wrong any more */

	struct row {
		struct stream_id id;
		bool sent;
	} rows[ROWS]; /* the number of a row is its mention */
	size_t n_rows;
	int64_t last_id;

	struct entry {
		struct stream_id id;
		size_t mention; /* ROWS: a stranger's */
	} entries[3 * ROWS];
	size_t n_entries;
	struct stream_id top;

	bool connecting, up;
	struct outbox_event redis; /* what Redis is about to say */
	bool redis_owes;
	enum outbox_fate fates[OUTBOX_GROUP_MAX];
	struct outbox_event log[LOG_OWED]; /* what the log is about to say */
	size_t n_log;
	struct stream_id ids[OUTBOX_GROUP_MAX];
	struct stream_id marking[OUTBOX_UNMARKED_MAX];
	size_t n_marking, most_marked;
};

static uint64_t roll(struct world *w, uint64_t below)
{
	w->dice = w->dice * 6364136223846793005u + 1442695040888963407u;
	return (w->dice >> 33) % below;
}

static struct row *row_at(struct world *w, struct stream_id id)
{
	size_t i;

	for (i = w->n_rows; i-- > 0;) { /* mostly one of the latest */
		if (stream_id_cmp(w->rows[i].id, id) == 0)
			return &w->rows[i];
	}
	fail_msg("no such row");
	return NULL;
}

static void put_entry(struct world *w, struct stream_id id, size_t mention)
{
	assert_true(stream_id_cmp(id, w->top) > 0 && w->n_entries < ARRAY_LEN(w->entries));
	w->entries[w->n_entries++] = (struct entry){id, mention};
	w->top = id;
}

static void redis_say(struct world *w, struct outbox_event e)
{
	w->redis = e;
	w->redis_owes = true;
}

static void redis_take_group(struct world *w, size_t n)
{
	size_t i;

	if (!w->calm && roll(w, 20) == 0) {
		static const enum fault faults[] = {FAULT_LATER, FAULT_ELSEWHERE, FAULT_SETTINGS};

		redis_say(w, (struct outbox_event){.kind = OUTBOX_FAULT, .fault = faults[roll(w, 3)]});
		return;
	}
	for (i = 0; i < n; i++) {
		struct stream_id id = w->ids[i];

		w->fates[i] = stream_id_cmp(id, w->top) > 0 ? OUTBOX_TAKEN_IN : OUTBOX_REFUSED;
		if (w->fates[i] == OUTBOX_TAKEN_IN)
			put_entry(w, id, (size_t)(row_at(w, id) - w->rows));
	}
	redis_say(w, (struct outbox_event){.kind = OUTBOX_TAKEN, .fates = w->fates, .n = n});
}

static void redis_check(struct world *w, const struct outbox_action *a)
{
	size_t i, k;

	for (i = 0; i < a->n; i++) {
		w->fates[i] = OUTBOX_FOREIGN;
		for (k = 0; k < w->n_entries; k++) {
			if (stream_id_cmp(w->entries[k].id, a->ids[i]) == 0 &&
			    w->entries[k].mention == (size_t)(row_at(w, a->ids[i]) - w->rows))
				w->fates[i] = OUTBOX_TAKEN_IN;
		}
	}
	redis_say(w, (struct outbox_event){.kind = OUTBOX_CHECKED, .fates = w->fates, .n = a->n, .id = w->top});
}

static struct outbox_event *log_say(struct world *w, enum outbox_event_kind kind)
{
	struct outbox_event *e = &w->log[w->n_log++];

	assert_true(w->n_log <= LOG_OWED);
	*e = (struct outbox_event){.kind = kind, .failed = !w->calm && roll(w, 25) == 0};
	return e;
}

static void log_read(struct world *w, struct stream_id after)
{
	struct outbox_event *e = log_say(w, OUTBOX_READ);
	size_t i, k, max = roll(w, 4) ? OUTBOX_GROUP_MAX : 1 + roll(w, OUTBOX_GROUP_MAX);

	for (i = 0; i < w->n_rows && !e->failed; i++) {
		if (w->rows[i].sent || stream_id_cmp(w->rows[i].id, after) <= 0)
			continue;
		for (k = e->n; k > 0 && stream_id_cmp(w->rows[i].id, w->ids[k - 1]) < 0; k--) {
			if (k < OUTBOX_GROUP_MAX)
				w->ids[k] = w->ids[k - 1];
		}
		if (k < max)
			w->ids[k] = w->rows[i].id;
		e->n += e->n < max;
	}
	e->ids = w->ids;
}

/* It is written when it is answered: what is read meanwhile doesn't know of it. */
static void log_mark(struct world *w, const struct outbox_action *a)
{
	assert_true(a->n <= OUTBOX_UNMARKED_MAX && w->n_marking == 0);
	(void)log_say(w, OUTBOX_MARKED);
	memcpy(w->marking, a->ids, a->n * sizeof(*a->ids));
	w->n_marking = a->n;
	w->most_marked = a->n > w->most_marked ? a->n : w->most_marked;
}

static void log_marked(struct world *w, const struct outbox_event *e)
{
	size_t i;

	for (i = 0; i < w->n_marking && !e->failed; i++)
		row_at(w, w->marking[i])->sent = true;
	w->n_marking = 0;
}

static void log_rename(struct world *w, const struct outbox_action *a)
{
	size_t i;

	for (i = 0; i < a->n; i++) {
		struct outbox_event *e = log_say(w, OUTBOX_RENAMED);

		if (e->failed)
			continue;
		if (a->id.ms > w->last_id)
			w->last_id = a->id.ms;
		e->id = row_at(w, a->ids[i])->id = ID(++w->last_id);
	}
}

static void log_rewind(struct world *w, struct stream_id to)
{
	size_t i;

	if (log_say(w, OUTBOX_REWOUND)->failed)
		return;
	for (i = 0; i < w->n_rows; i++) {
		if (stream_id_cmp(w->rows[i].id, to) > 0)
			w->rows[i].sent = false;
	}
}

static void obey(struct world *w)
{
	size_t i;

	for (i = 0; i < w->b.got.n; i++) {
		const struct outbox_action *a = &w->b.got.v[i];

		if (a->kind == OUTBOX_CONNECT) {
			assert_false(w->connecting || w->up);
			w->connecting = true;
		} else if (a->kind == OUTBOX_CLOSE) {
			w->connecting = w->up = w->redis_owes = false;
		} else if (a->kind == OUTBOX_GREET) {
			redis_say(w, (struct outbox_event){.kind = OUTBOX_GREETED, .id = w->top});
		} else if (a->kind == OUTBOX_SEND) {
			assert_true(w->up && !w->redis_owes && w->n_log == (w->n_marking > 0));
			redis_take_group(w, a->n);
		} else if (a->kind == OUTBOX_CHECK) {
			redis_check(w, a);
		} else if (a->kind == OUTBOX_GET) {
			assert_int_equal(w->n_log, w->n_marking > 0);
			log_read(w, a->id);
		} else if (a->kind == OUTBOX_MARK) {
			log_mark(w, a);
		} else if (a->kind == OUTBOX_RENAME) {
			assert_int_equal(w->n_marking, 0);
			log_rename(w, a);
		} else if (a->kind == OUTBOX_REWIND) {
			assert_int_equal(w->n_marking, 0);
			log_rewind(w, a->id);
		} else if (a->kind == OUTBOX_TRIM) {
			assert_true(w->up && !w->redis_owes && w->n_log == 0);
			redis_say(w,
				  (struct outbox_event){.kind = OUTBOX_TRIMMED, .more = (enum outbox_more)roll(w, 3)});
		}
	}
}

static void happen(struct world *w, struct outbox_event e)
{
	e.random = (uint32_t)roll(w, UINT32_MAX);
	step(&w->b, e);
	obey(w);
}

static void redis_dies(struct world *w)
{
	if (w->forgetful && roll(w, 2)) { /* it comes back without its last entries */
		w->n_entries -= roll(w, w->n_entries + 1) % 300;
		w->top = w->n_entries ? w->entries[w->n_entries - 1].id : ID(0);
	}
	if (!w->up && !w->connecting)
		return;
	w->up = w->connecting = w->redis_owes = false;
	happen(w, (struct outbox_event){.kind = OUTBOX_DOWN, .fault = FAULT_LOST});
}

static void commit_row(struct world *w)
{
	if (w->n_rows == ROWS)
		return;
	w->rows[w->n_rows++].id = ID(++w->last_id);
	happen(w, (struct outbox_event){.kind = OUTBOX_POKE});
}

static void anything(struct world *w)
{
	uint64_t what = roll(w, 100);

	if (what < 30 && !w->calm) {
		commit_row(w);
	} else if (what < 33 && !w->calm) {
		redis_dies(w);
	} else if (what < 35 && !w->calm) {
		w->redis_owes = false; /* it was done, but the answer never comes */
	} else if (what < 36 && w->stranger && !w->calm) {
		w->last_id += (int64_t)roll(w, 2); /* sometimes just before ours */
		if (w->top.ms < w->last_id + 3)
			put_entry(w, ID(w->top.ms + 1 + (int64_t)roll(w, 5)), ROWS);
	} else if (what < 60 && w->n_log) {
		size_t i = roll(w, w->n_log); /* what is asked and what is written take their own ways */
		struct outbox_event e = w->log[i];

		memmove(w->log + i, w->log + i + 1, (--w->n_log - i) * sizeof(*w->log));
		if (e.kind == OUTBOX_MARKED)
			log_marked(w, &e);
		happen(w, e);
	} else if (what < 80 && w->redis_owes) {
		w->redis_owes = false;
		happen(w, w->redis);
	} else if (what < 85 && w->connecting) {
		w->connecting = false;
		w->up = true;
		happen(w, (struct outbox_event){.kind = OUTBOX_UP});
	} else if (what >= 85) {
		int64_t due = outbox_due(&w->b.o);

		w->b.now += 1 + (int64_t)roll(w, 50);
		if (due != TIME_NONE && !w->n_log && !w->redis_owes && !w->connecting && due > w->b.now && w->calm)
			w->b.now = due;
		else if (due != TIME_NONE && roll(w, 10) == 0 && due > w->b.now)
			w->b.now = due;
		happen(w, (struct outbox_event){.kind = OUTBOX_TICK});
	}
}

static void check_world(const struct world *w, uint64_t seed)
{
	static unsigned times[ROWS + 1];
	size_t i;

	memset(times, 0, sizeof(times));
	for (i = 0; i < w->n_entries; i++)
		times[w->entries[i].mention]++;
	for (i = 0; i < w->n_rows; i++) {
		if (times[i] != 1 || !w->rows[i].sent)
			fail_msg("seed %u: row %zu is %u times in the stream", (unsigned)seed, i, times[i]);
	}
}

static void every_row_enters_the_stream_once(void **state)
{
	static struct world w;
	size_t i, most_marked = 0;
	uint64_t seed;

	(void)state; /* FAULTS D1, D5, R2, R3, R4, R5 */
	for (seed = 1; seed <= SEEDS; seed++) {
		w = (struct world){
			.dice = seed, .last_id = 1000, .stranger = seed % 3 == 1, .forgetful = seed % 3 == 2};
		w.b.now = 1;
		outbox_init(&w.b.o);
		w.b.o.trim_ms = 0;
		for (i = 0; i < STEPS; i++)
			anything(&w);
		w.calm = true;
		for (i = 0; i < 50 * STEPS && !(outbox_idle(&w.b.o) && !w.n_log); i++)
			anything(&w);
		assert_true(outbox_idle(&w.b.o));
		assert_true(w.n_rows > 1000 && w.n_entries >= w.n_rows);
		check_world(&w, seed);
		most_marked = w.most_marked > most_marked ? w.most_marked : most_marked;
	}
	assert_true(most_marked > OUTBOX_GROUP_MAX); /* several groups were marked at once */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_group_is_in_flight),
		cmocka_unit_test(groups_that_the_log_has_not_noted_are_bounded),
		cmocka_unit_test(what_waits_further_back_is_found_in_the_end),
		cmocka_unit_test(rows_that_come_while_the_log_is_read_are_not_missed),
		cmocka_unit_test(silence_ends_a_connection),
		cmocka_unit_test(a_large_group_has_more_time),
		cmocka_unit_test(waits_double_up_to_a_bound),
		cmocka_unit_test(trimming_waits_for_all_the_rest),
		cmocka_unit_test(what_is_to_go_comes_first),
		cmocka_unit_test(what_redis_will_not_delete_holds_nothing_up),
		cmocka_unit_test(waits_have_the_bound_that_was_set),
		cmocka_unit_test(errors_are_told_apart),
		cmocka_unit_test(what_was_mended_is_tried_at_once),
		cmocka_unit_test(refused_rows_are_looked_at),
		cmocka_unit_test(an_id_that_stays_below_is_no_endless_circle),
		cmocka_unit_test(what_the_log_could_not_do_is_asked_again),
		cmocka_unit_test(a_rewind_is_not_lost_by_a_slow_log),
		cmocka_unit_test(every_row_enters_the_stream_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
