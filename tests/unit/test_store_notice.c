/* Notices in the log: kept before they are sent, found again by the next start, threads of one matter, what is let go. */
#include "store_box.h"

#include "store/notice.h"
#include "store/sent_as.h"

struct put_got {
	bool done;
	int r;
	char thread[NOTICE_KEY_SIZE];
};

static void on_put(void *arg, int r, const char *thread)
{
	struct put_got *got = arg;

	got->r = r;
	snprintf(got->thread, sizeof(got->thread), "%s", thread ? thread : "");
	got->done = true;
}

struct got {
	bool done;
	struct store_notices notices;
	char text[4096]; /* a line a row */
};

static void on_notices(void *arg, int r, const struct store_notices *n)
{
	struct got *got = arg;
	size_t i, len = 0;

	assert_int_equal(r, 0);
	got->notices = *n;
	got->text[0] = '\0';
	for (i = 0; i < n->n && len < sizeof(got->text) - 300; i++)
		len += (size_t)snprintf(got->text + len, sizeof(got->text) - len, "%s %s %s %s/%s %d %u %u %u %d %s|",
					n->rows[i].key, n->rows[i].matter, n->rows[i].facts,
					n->rows[i].person ? n->rows[i].person : "-",
					n->rows[i].channel ? n->rows[i].channel : "-", n->rows[i].state,
					n->rows[i].tries, n->rows[i].tries_here, n->rows[i].rounds, n->rows[i].maybe,
					n->rows[i].why ? n->rows[i].why : "-");
	got->done = true;
}

static struct notice_row row(const char *key, const char *matter)
{
	return (struct notice_row){.key = key,
				   .kind = "operators",
				   .matter = matter,
				   .facts = "[]",
				   .created_ms = box_wall_ms,
				   .next_ms = box_wall_ms + 90000,
				   .ended_ms = TIME_NONE};
}

static const char *put(struct box *b, struct notice_row r)
{
	static struct put_got got;

	got = (struct put_got){.done = false};
	store_notice_put(b->store, &r, on_put, &got);
	box_wait(b, &got.done);
	assert_int_equal(got.r, 0);
	return got.thread;
}

static const struct got *load(struct box *b)
{
	static struct got got;

	got.done = false;
	store_notices(b->store, "operators", on_notices, &got);
	box_wait(b, &got.done);
	return &got;
}

static void a_start_finds_what_is_not_ended(void **state)
{
	struct box b;
	struct notice_row r;

	(void)state; /* FAULTS D3 */
	box_init(&b);
	assert_string_equal(load(&b)->text, "");
	put(&b, row("aa", "log_full"));
	box_wall_ms += 1000;
	r = row("bb", "source_deaf prensa");
	put(&b, r);
	r.facts = "[{\"kind\":\"x\"}]";
	r.person = "luis";
	r.channel = "correo";
	r.state = NOTICE_TRYING;
	r.tries = 3;
	r.tries_here = 2;
	r.rounds = 1;
	r.maybe = true;
	r.why = "451 later";
	put(&b, r);
	box_reopen(&b);
	assert_string_equal(load(&b)->text,
			    "aa log_full [] -/- 0 0 0 0 0 -|"
			    "bb source_deaf prensa [{\"kind\":\"x\"}] luis/correo 1 3 2 1 1 451 later|");
	assert_int_equal(load(&b)->notices.n_recent, 2);
	assert_true(load(&b)->notices.recent_ms[0] == BOX_START_MS &&
		    load(&b)->notices.recent_ms[1] == BOX_START_MS + 1000);
	r.state = NOTICE_SENT;
	r.ended_ms = box_wall_ms;
	put(&b, r);
	assert_int_equal(load(&b)->notices.n, 1);
	assert_int_equal(load(&b)->notices.lost, 0);
	box_done(&b);
}

static void one_matter_is_one_thread(void **state)
{
	struct box b;

	(void)state;
	box_init(&b);
	assert_string_equal(put(&b, row("a1", "log_full")), "");
	assert_string_equal(put(&b, row("a1", "log_full")), ""); /* changed, not new */
	box_wall_ms += DAY_MS;
	assert_string_equal(put(&b, row("a2", "log_full")), "a1");
	assert_string_equal(put(&b, row("b1", "source_deaf prensa")), "");
	box_wall_ms += 6 * DAY_MS;
	assert_string_equal(put(&b, row("a3", "log_full")), "a1"); /* the first of them, however long ago */
	box_wall_ms += STORE_NOTICE_THREAD_DAYS * DAY_MS;
	assert_string_equal(put(&b, row("a4", "log_full")), "");
	box_done(&b);
}

static void the_given_up_count_for_a_week_and_stay_for_ninety_days(void **state)
{
	struct box b;
	struct notice_row r;

	(void)state;
	box_init(&b);
	r = row("a1", "log_full");
	r.state = NOTICE_GIVEN_UP;
	r.ended_ms = box_wall_ms;
	put(&b, r);
	put(&b, row("a2", "log_full"));
	assert_int_equal(load(&b)->notices.lost, 1);
	assert_int_equal(load(&b)->notices.n, 1);
	box_wall_ms += STORE_NOTICE_LOST_DAYS * DAY_MS;
	assert_int_equal(load(&b)->notices.lost, 0);
	assert_int_equal(box_number(&b, "SELECT count(*) FROM notice"), 2);
	box_wall_ms += STORE_NOTICE_KEEP_DAYS * DAY_MS;
	put(&b, row("a3", "log_full"));
	assert_int_equal(box_number(&b, "SELECT count(*) FROM notice"), 2); /* what is not ended stays, however old */
	box_done(&b);
}

static void one_answer_has_its_bounds(void **state)
{
	struct box b;
	char key[16];
	int i;

	(void)state;
	box_init(&b);
	for (i = 0; i < STORE_NOTICES_OPEN_MAX + 5; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		box_wall_ms++;
		put(&b, row(key, key));
	}
	assert_int_equal(load(&b)->notices.n, STORE_NOTICES_OPEN_MAX);
	assert_int_equal(load(&b)->notices.n_recent, STORE_NOTICES_RECENT);
	assert_true(load(&b)->notices.recent_ms[STORE_NOTICES_RECENT - 1] == box_wall_ms);
	box_done(&b);
}

static void on_named(void *arg, int r)
{
	assert_int_equal(r, 0);
	*(bool *)arg = true;
}

static void call(struct box *b, const char *matter, const char *id)
{
	const struct notice_sent_as as = {.channel = "bot", .address = "123", .matter = matter, .id = id};
	bool done = false;

	store_sent_as_put(b->store, &as, on_named, &done);
	box_wait(b, &done);
	box_wall_ms++;
}

struct names {
	bool done;
	size_t n;
	char first[40], last[40];
};

static void on_names(void *arg, int r, const struct notice_sent_as *v, size_t n)
{
	struct names *got = arg;

	assert_int_equal(r, 0);
	got->n = n;
	if (n) {
		assert_string_equal(v[0].channel, "bot");
		assert_string_equal(v[0].address, "123");
		snprintf(got->first, sizeof(got->first), "%s=%s", v[0].matter, v[0].id);
		snprintf(got->last, sizeof(got->last), "%s=%s", v[n - 1].matter, v[n - 1].id);
	}
	got->done = true;
}

static struct names names(struct box *b)
{
	struct names got = {.done = false};

	store_sent_as(b->store, on_names, &got);
	box_wait(b, &got.done);
	return got;
}

static void what_channels_call_messages_is_found_again(void **state)
{
	struct names got;
	struct box b;
	char matter[16];
	int i;

	(void)state;
	box_init(&b);
	assert_int_equal(names(&b).n, 0);
	call(&b, "m1", "7");
	call(&b, "m2", "8");
	call(&b, "m1", "9"); /* the former was deleted there */
	got = names(&b);
	assert_int_equal(got.n, 2);
	assert_string_equal(got.first, "m2=8");
	assert_string_equal(got.last, "m1=9");
	for (i = 0; i < STORE_SENT_AS_MAX; i++) {
		snprintf(matter, sizeof(matter), "x%d", i);
		call(&b, matter, "1");
	}
	got = names(&b);
	assert_int_equal(got.n, STORE_SENT_AS_MAX);
	assert_string_equal(got.first, "x0=1"); /* the newest */
	box_wall_ms += (STORE_SENT_AS_KEEP_DAYS + 1) * DAY_MS;
	call(&b, "m3", "10");
	assert_int_equal(names(&b).n, 1);
	box_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_start_finds_what_is_not_ended),
		cmocka_unit_test(one_matter_is_one_thread),
		cmocka_unit_test(the_given_up_count_for_a_week_and_stay_for_ninety_days),
		cmocka_unit_test(one_answer_has_its_bounds),
		cmocka_unit_test(what_channels_call_messages_is_found_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
