/* What operators are told, by the whole of alert/ but without a log and a server: what is kept when, and the bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "alert/config.h"
#include "alert/facts.h"
#include "alert/notices.h"
#include "base/clock.h"
#include "base/log.h"
#include "fetch/mail.h"
#include "loop/loop.h"

enum { ORDERS_MAX = 4 * NOTICES_MAX };

/* A log that keeps its orders until it is told to answer. */
struct box {
	struct loop *loop;
	struct notices *notices;
	struct {
		struct notice_token *token;
		enum notice_state state;
		char key[NOTICE_KEY_SIZE], matter[64];
	} orders[ORDERS_MAX];
	size_t n_orders;
	unsigned results;
};

static const struct channel_config channel = {
	.name = "correo", .url = "smtp://127.0.0.1:9", .from = "e@example.com", .timeout_ms = 1000};
static const struct reach_config reach = {.name = "correo", .address = "luis@example.com", .channel = &channel};
static const struct person_config luis = {.name = "luis", .language = -1, .reach = &reach, .n_reach = 1};
static const struct operator_config operators[] = {{.name = "luis", .person = &luis}};
static const struct notices_config at_once = {.retry_ms = 1000};

static void keep(void *arg, const struct notice_row *row, struct notice_token *token)
{
	struct box *b = arg;

	assert_true(b->n_orders < ORDERS_MAX);
	b->orders[b->n_orders].token = token;
	b->orders[b->n_orders].state = row->state;
	snprintf(b->orders[b->n_orders].key, NOTICE_KEY_SIZE, "%s", row->key);
	snprintf(b->orders[b->n_orders].matter, sizeof(b->orders[0].matter), "%s", row->matter);
	b->n_orders++;
}

static void on_result(void *arg, const char *name, const char *result)
{
	struct box *b = arg;

	assert_non_null(result);
	(void)name;
	b->results++;
}

static void box_init(struct box *b, const struct notices_config *pace)
{
	static const struct notices_ops ops = {.keep = keep, .on_result = on_result};

	memset(b, 0, sizeof(*b));
	assert_int_equal(loop_new(&b->loop), 0);
	b->notices = notices_new(b->loop, NULL, &ops, b);
	notices_configure(b->notices, &(struct notices_setup){.channels = &channel,
							      .n_channels = 1,
							      .operators = operators,
							      .n_operators = 1,
							      .pace = pace,
							      .timezone = "UTC"});
}

static void box_done(struct box *b)
{
	size_t i;

	b->notices = notices_free(b->notices);
	for (i = 0; i < b->n_orders; i++) /* the log answers to the end */
		notices_kept(b->orders[i].token, -ECANCELED, NULL);
	loop_free(b->loop);
}

static void tell(struct box *b, const char *subject)
{
	notices_tell(b->notices, &(struct fact){.kind = "source_deaf",
						.subject = subject,
						.since_ms = 1,
						.until_ms = TIME_NONE,
						.text = {[TEXT_EN] = "it is so", [TEXT_ES] = "así es"}});
}

static void nothing_leaves_before_it_is_kept(void **state)
{
	struct notices_status s;
	struct box b;

	(void)state; /* FAULTS D3 */
	box_init(&b, &at_once);
	tell(&b, "a");
	assert_int_equal(b.n_orders, 1);
	assert_int_equal(b.orders[0].state, NOTICE_NEW);
	notices_kept(b.orders[0].token, 0, NULL);
	b.n_orders = 0;
	notices_found(b.notices, NULL, 0, NULL, 0, 0); /* only now is it known what the log has */
	assert_int_equal(b.n_orders, 1);
	assert_int_equal(b.orders[0].state, NOTICE_TRYING);
	assert_int_equal(notices_sending(b.notices), 0);
	notices_kept(b.orders[0].token, 0, NULL);
	b.n_orders = 0;
	assert_int_equal(notices_sending(b.notices), 1);
	notices_status(b.notices, &s);
	assert_int_equal(s.waiting, 1);
	box_done(&b);
}

static void what_the_log_does_not_take_stays_here(void **state)
{
	struct box b;

	(void)state;
	box_init(&b, &at_once);
	notices_found(b.notices, NULL, 0, NULL, 0, 0);
	tell(&b, "a"); /* kept as new; due at once, which follows when that is answered */
	notices_kept(b.orders[0].token, 0, NULL);
	assert_int_equal(b.orders[1].state, NOTICE_TRYING);
	notices_kept(b.orders[1].token, -EIO, NULL);
	assert_int_equal(notices_sending(b.notices), 0);
	assert_int_equal(b.n_orders, 3);
	assert_int_equal(b.orders[2].state, NOTICE_NEW); /* to be tried later */
	b.orders[0] = b.orders[2];
	b.n_orders = 1;
	box_done(&b);
}

static void news_go_together_until_they_leave(void **state)
{
	static const struct notices_config patient = {.gather_ms = 3600000, .retry_ms = 1000};
	struct box b;
	int i;

	(void)state;
	box_init(&b, &patient);
	notices_found(b.notices, NULL, 0, NULL, 0, 0);
	for (i = 0; i < 500; i++)
		tell(&b, i % 2 ? "a" : "b");
	assert_int_equal(b.n_orders, 1); /* one order at a time, however much comes */
	assert_string_equal(b.orders[0].matter, "source_deaf b");
	notices_kept(b.orders[0].token, 0, NULL);
	assert_int_equal(b.n_orders, 2); /* and one for all that came meanwhile */
	assert_string_equal(b.orders[0].key, b.orders[1].key);
	b.orders[0] = b.orders[1];
	b.n_orders = 1;
	box_done(&b);
}

static void there_are_at_most_so_many(void **state)
{
	struct notices_status s;
	struct box b;
	char name[16];
	int i;

	(void)state;
	log_threshold(LOG_LEVEL_ERROR + 1);
	box_init(&b, &at_once);
	notices_found(b.notices, NULL, 0, NULL, 0, 0);
	for (i = 0; i < NOTICES_MAX + 5; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		tell(&b, name);
	}
	notices_status(b.notices, &s);
	assert_int_equal(s.waiting, NOTICES_MAX);
	box_done(&b);
	log_threshold(LOG_LEVEL_INFO);
}

static void without_operators_nothing_is_kept(void **state)
{
	struct box b;

	(void)state;
	box_init(&b, &at_once);
	notices_configure(b.notices, &(struct notices_setup){.pace = &at_once, .timezone = "UTC"});
	tell(&b, "a");
	assert_int_equal(b.n_orders, 0);
	box_done(&b);
}

static void configure_nobody(struct box *b)
{
	notices_configure(b->notices, &(struct notices_setup){.pace = &at_once, .timezone = "UTC"});
}

/* A reload takes the operators away while news are being gathered, and gives them back. */
static void what_waits_for_somebody_to_be_there_is_patient(void **state)
{
	struct notices_status s;
	struct box b;
	size_t i;

	(void)state;
	box_init(&b, &at_once);
	tell(&b, "a");
	configure_nobody(&b);
	notices_found(b.notices, NULL, 0, NULL, 0, 0);
	for (i = 0; i < b.n_orders; i++) { /* each answer is followed by another look */
		assert_int_equal(b.orders[i].state, NOTICE_NEW);
		notices_kept(b.orders[i].token, 0, NULL);
	}
	assert_int_equal(b.n_orders, 2); /* the news; and that nobody was there, once a round */
	b.n_orders = 0;
	notices_status(b.notices, &s);
	assert_int_equal(s.waiting, 1);
	assert_int_equal(s.undelivered, 0);
	notices_configure(b.notices, &(struct notices_setup){.channels = &channel,
							     .n_channels = 1,
							     .operators = operators,
							     .n_operators = 1,
							     .pace = &at_once,
							     .timezone = "UTC"});
	assert_true(b.n_orders > 0);
	for (i = 0; i < b.n_orders; i++)
		notices_kept(b.orders[i].token, 0, NULL);
	b.n_orders = 0;
	assert_int_equal(notices_sending(b.notices), 1); /* at once */
	box_done(&b);
}

/* --- the mailer's own bound --- */

static void never(void *arg, const struct mail_result *result)
{
	(void)arg;
	(void)result;
	fail();
}

static void so_many_mails_wait_for_one_server(void **state)
{
	static const struct mail_server nowhere = {
		.url = "smtp://127.0.0.1:9", .tls = MAIL_TLS_LOCAL, .timeout_ms = 1000};
	struct mailer *m = NULL;
	struct loop *l = NULL;
	int i;

	(void)state;
	assert_int_equal(loop_new(&l), 0);
	assert_int_equal(mailer_new(l, &nowhere, &m), 0);
	for (i = 0; i < MAIL_WAITING_MAX; i++)
		assert_non_null(mail_send(m, "a@b", "c@d", "x\r\n", 3, never, NULL));
	assert_null(mail_send(m, "a@b", "c@d", "x\r\n", 3, never, NULL));
	mailer_free(m);
	loop_free(l);
}

/* --- what one person is told of an incident --- */

static unsigned has_it, has_not;

static void on_person(void *arg, const char *matter, const char *person, const char *reached_by)
{
	(void)arg;
	assert_string_equal(matter, "17 luis");
	assert_string_equal(person, "luis");
	has_it += reached_by != NULL;
	has_not += !reached_by;
}

static void people_box(struct box *b, size_t n_people)
{
	static const struct notices_ops ops = {.keep = keep, .on_result = on_result, .on_person = on_person};

	memset(b, 0, sizeof(*b));
	has_it = has_not = 0;
	assert_int_equal(loop_new(&b->loop), 0);
	b->notices = notices_new(b->loop, NULL, &ops, b);
	notices_configure(b->notices, &(struct notices_setup){.channels = &channel,
							      .n_channels = 1,
							      .people = &luis,
							      .n_people = n_people,
							      .pace = &at_once,
							      .timezone = "UTC"});
	notices_found(b->notices, NULL, 0, NULL, 0, 0);
}

static bool post(struct box *b, const char *key, const char *facts)
{
	return notices_post(b->notices, &(struct notice_row){.key = key,
							     .kind = NOTICES_TO_PERSON,
							     .matter = "17 luis",
							     .facts = facts,
							     .person = "luis",
							     .state = NOTICE_NEW,
							     .next_ms = TIME_NONE});
}

static const char news[] =
	"{\"incident\":17,\"topic\":\"acme\",\"reason\":\"begins\",\"severity\":\"warning\",\"why\":[]}";

static void a_message_to_a_person_is_kept_before_it_leaves(void **state)
{
	struct box b;

	(void)state; /* FAULTS D3 */
	people_box(&b, 1);
	assert_false(post(&b, "aa", "{}"));
	assert_true(post(&b, "aa", news));
	assert_int_equal(b.n_orders, 1);
	assert_int_equal(b.orders[0].state, NOTICE_TRYING);
	assert_string_equal(b.orders[0].key, "aa");
	assert_int_equal(notices_sending(b.notices), 0);
	notices_kept(b.orders[0].token, 0, NULL);
	b.n_orders = 0;
	assert_int_equal(notices_sending(b.notices), 1);
	box_done(&b);
}

static void who_is_not_there_is_told_of_and_a_newer_message_takes_its_place(void **state)
{
	struct box b;

	(void)state; /* FAULTS O8 */
	people_box(&b, 0);
	assert_true(post(&b, "aa", news));
	assert_int_equal(has_not, 1);
	assert_int_equal(b.orders[0].state, NOTICE_NEW); /* another reload may bring them */
	notices_kept(b.orders[0].token, 0, NULL);
	b.n_orders = 0;
	assert_true(post(&b, "bb", news));
	assert_int_equal(b.n_orders, 2);
	assert_string_equal(b.orders[0].key, "aa");
	assert_int_equal(b.orders[0].state, NOTICE_GIVEN_UP);
	assert_string_equal(b.orders[1].key, "bb");
	assert_int_equal(has_not, 2);
	assert_int_equal(has_it, 0);
	box_done(&b);
}

static void no_more_messages_to_people_than_the_bound(void **state)
{
	struct notices_status s;
	struct box b;
	char key[NOTICE_KEY_SIZE], matter[32];
	size_t i;

	(void)state;
	memset(&b, 0, sizeof(b));
	assert_int_equal(loop_new(&b.loop), 0);
	b.notices = notices_new(b.loop, NULL, &(struct notices_ops){.keep = keep, .on_result = on_result}, &b);
	notices_configure(b.notices, &(struct notices_setup){.pace = &at_once, .timezone = "UTC"});
	for (i = 0; i <= NOTICES_PEOPLE_MAX; i++) { /* nothing is tried before the log's own are known */
		snprintf(key, sizeof(key), "%zu", i);
		snprintf(matter, sizeof(matter), "%zu luis", i);
		assert_int_equal(notices_post(b.notices, &(struct notice_row){.key = key,
									      .kind = NOTICES_TO_PERSON,
									      .matter = matter,
									      .facts = news,
									      .person = "luis",
									      .next_ms = TIME_NONE}),
				 i < NOTICES_PEOPLE_MAX);
	}
	notices_status(b.notices, &s);
	assert_int_equal(s.waiting, NOTICES_PEOPLE_MAX);
	box_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_leaves_before_it_is_kept),
		cmocka_unit_test(what_the_log_does_not_take_stays_here),
		cmocka_unit_test(news_go_together_until_they_leave),
		cmocka_unit_test(there_are_at_most_so_many),
		cmocka_unit_test(without_operators_nothing_is_kept),
		cmocka_unit_test(what_waits_for_somebody_to_be_there_is_patient),
		cmocka_unit_test(so_many_mails_wait_for_one_server),
		cmocka_unit_test(a_message_to_a_person_is_kept_before_it_leaves),
		cmocka_unit_test(who_is_not_there_is_told_of_and_a_newer_message_takes_its_place),
		cmocka_unit_test(no_more_messages_to_people_than_the_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
