/* The bounds of channels: how many messages wait, how many programs run, how many earlier messages are known. FAULTS O7. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alert/channel.h"
#include "alert/channel_command.h"
#include "alert/channel_earlier.h"
#include "alert/channel_kind.h"
#include "alert/channel_web.h"
#include "alert/config.h"
#include "alert/notice_object.h"
#include "base/arena.h"
#include "base/diag.h"
#include "base/mem.h"
#include "loop/loop.h"
#include "mention/body_job.h"
#include "platform/params.h"

enum { ARENA_MAX = 16 << 20, MOST_MS = 20000, LATE_MS = 200 };

static const struct notice_object notice = {.kind = NOTICE_TEST,
					    .to = "123",
					    .person = "ana",
					    .subject = "hola",
					    .text = "hola",
					    .key = "0123456789abcdef0123456789abcdef",
					    .matter = "m"};

/* --- earlier messages --- */

static void note(struct channel_earlier *e, const char *channel, const char *address, const char *matter,
		 const char *id)
{
	channel_earlier_note(
		e, &(struct notice_sent_as){.channel = channel, .address = address, .matter = matter, .id = id});
}

static void the_oldest_messages_are_forgotten(void **state)
{
	cleanup(channel_earlier_freep) struct channel_earlier *e = channel_earlier_new();
	char matter[32], longest[NOTICE_SENT_AS_MAX_BYTES + 2];
	size_t i;

	(void)state;
	assert_null(channel_earlier_find(e, "bot", "123", NULL));
	for (i = 0; i < CHANNEL_EARLIER_MAX; i++) {
		snprintf(matter, sizeof(matter), "m%zu", i);
		note(e, "bot", "123", matter, matter);
	}
	note(e, "bot", "123", "m0", "again"); /* in its place: nothing goes */
	assert_string_equal(channel_earlier_find(e, "bot", "123", "m0"), "again");
	assert_string_equal(channel_earlier_find(e, "bot", "123", "m1"), "m1");
	assert_null(channel_earlier_find(e, "bot", "124", "m1"));
	assert_null(channel_earlier_find(e, "otro", "123", "m1"));
	note(e, "otro", "123", "m1", "x");
	assert_null(channel_earlier_find(e, "bot", "123", "m0"));
	assert_string_equal(channel_earlier_find(e, "bot", "123", "m1"), "m1");
	assert_string_equal(channel_earlier_find(e, "otro", "123", "m1"), "x");
	memset(longest, 'x', sizeof(longest));
	longest[NOTICE_SENT_AS_MAX_BYTES + 1] = '\0';
	note(e, "otro", "123", "m1", longest);
	assert_string_equal(channel_earlier_find(e, "otro", "123", "m1"), "x");
	longest[NOTICE_SENT_AS_MAX_BYTES] = '\0';
	note(e, "otro", "123", "m1", longest);
	assert_string_equal(channel_earlier_find(e, "otro", "123", "m1"), longest);
}

/* --- a queue --- */

struct box {
	struct loop *loop;
	unsigned sent, failed, later; /* outcomes */
	unsigned until;
	struct channel_making *making; /* the body that is being made */
	const char *program;
	char document[4096];
};

static void on_sent(void *arg, const struct channel_result *r)
{
	struct box *b = arg;

	b->sent += r->taken;
	b->failed += !r->taken && r->never;
	b->later += !r->taken && !r->never;
	if (b->sent + b->failed + b->later >= b->until)
		loop_stop(b->loop);
}

static bool make_nothing(void *arg, const char *channel, const struct job_body *job, struct channel_making *token)
{
	struct box *b = arg;

	(void)channel;
	b->making = token;
	b->program = job->program;
	snprintf(b->document, sizeof(b->document), "%s", job->document);
	loop_stop(b->loop);
	return true;
}

static void on_time(void *arg)
{
	(void)arg;
	fail_msg("it takes too long");
}

static void run(struct box *b)
{
	struct loop_timer *t = loop_timer_new(b->loop, on_time, NULL);

	loop_timer_set(t, MOST_MS);
	loop_run(b->loop);
	loop_timer_free(t);
}

static struct channel_web *web(struct box *b, const char *kind, struct channel_earlier *earlier, struct arena *a,
			       struct diag *d)
{
	static const struct channels_ops ops = {.make = make_nothing};
	struct channel_config config = {.name = "avisos", .timeout_ms = 1000};

	assert_int_equal(channel_kinds_find(channel_kinds_open(NULL, a), kind, d, &config.as), 0);
	config.params = params_new(&config.as->base, a);
	return channel_web_new(b->loop, NULL, &config, earlier, &ops, b);
}

static void a_full_queue_refuses(void **state)
{
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_MAX);
	cleanup(diag_freep) struct diag *d = diag_new();
	cleanup(channel_earlier_freep) struct channel_earlier *earlier = channel_earlier_new();
	struct box b = {.until = 2};
	struct channel_web *w;
	size_t i;

	(void)state;
	assert_int_equal(loop_new(&b.loop), 0);
	w = web(&b, "webhook", earlier, a, d);
	for (i = 0; i < CHANNEL_QUEUE_MAX; i++)
		assert_true(channel_web_send(w, &notice, on_sent, &b));
	assert_false(channel_web_send(w, &notice, on_sent, &b));
	run(&b); /* until the body of the first is asked for: it counts, too */
	assert_non_null(b.making);
	assert_false(channel_web_send(w, &notice, on_sent, &b));
	channels_made(b.making, true, false, "no", 2);
	assert_int_equal(b.failed, 1);
	assert_true(channel_web_send(w, &notice, on_sent, &b));
	assert_false(channel_web_send(w, &notice, on_sent, &b));
	b.making = NULL;
	run(&b); /* the next one's */
	assert_non_null(b.making);
	channel_web_free(w); /* with one under way and the rest waiting: nobody is told */
	channels_made(b.making, true, false, "no", 2);
	assert_int_equal(b.failed + b.sent + b.later, 1);
	loop_free(b.loop);
}

/* What the first message of a matter is called becomes known while the second one waits already. */
static void what_waits_follows_what_went_before(void **state)
{
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_MAX);
	cleanup(diag_freep) struct diag *d = diag_new();
	cleanup(channel_earlier_freep) struct channel_earlier *earlier = channel_earlier_new();
	struct box b = {.until = UINT_MAX};
	struct notice_object news = notice, other = notice, quiet = notice, button = notice;
	const struct {
		const struct notice_object *o;
		const char *program, *earlier;
	} then[] = {{&news, "follow", "\"earlier\":\"71\"}"},
		    {&quiet, "edit", "\"earlier\":\"71\"}"},
		    {&other, "new", NULL},
		    {&button, "edit", "\"earlier\":\"9\"}"}};
	struct channel_web *w;
	size_t i;

	(void)state;
	quiet.quiet = button.quiet = true;
	other.matter = "another";
	button.matter = NULL;
	button.earlier = "9"; /* whoever answers a message knows which */
	assert_int_equal(loop_new(&b.loop), 0);
	w = web(&b, "telegram", earlier, a, d);
	assert_true(channel_web_send(w, &notice, on_sent, &b));
	for (i = 0; i < ARRAY_LEN(then); i++)
		assert_true(channel_web_send(w, then[i].o, on_sent, &b));
	run(&b);
	assert_string_equal(b.program, "new");
	assert_null(strstr(b.document, "earlier"));
	note(earlier, "avisos", "123", "m", "71");
	for (i = 0; i < ARRAY_LEN(then); i++) {
		channels_made(b.making, true, false, "no", 2);
		run(&b);
		assert_string_equal(b.program, then[i].program);
		if (then[i].earlier)
			assert_non_null(strstr(b.document, then[i].earlier));
		else
			assert_null(strstr(b.document, "earlier"));
	}
	channel_web_free(w);
	channels_made(b.making, true, false, "no", 2);
	loop_free(b.loop);
}

/* --- programs --- */

static struct channel_command *command(struct box *b, const char *const *argv, size_t n, int64_t timeout_ms)
{
	return channel_command_new(
		b->loop,
		&(struct channel_config){.name = "guion", .command = argv, .n_command = n, .timeout_ms = timeout_ms});
}

static void so_many_programs_run_at_once(void **state)
{
	static const char *const argv[] = {"/bin/sleep", "60"};
	struct box b = {.until = COMMAND_RUNNING_MAX};
	struct channel_command *c;
	size_t i;

	(void)state;
	assert_int_equal(loop_new(&b.loop), 0);
	c = command(&b, argv, 2, LATE_MS);
	for (i = 0; i < COMMAND_RUNNING_MAX; i++)
		assert_true(channel_command_send(c, &notice, on_sent, &b));
	assert_false(channel_command_send(c, &notice, on_sent, &b));
	run(&b); /* each is killed at its deadline, and may have told somebody */
	assert_int_equal(b.later, COMMAND_RUNNING_MAX);
	assert_true(channel_command_send(c, &notice, on_sent, &b));
	channel_command_free(c); /* while it runs */
	assert_int_equal(b.later, COMMAND_RUNNING_MAX);
	loop_free(b.loop);
}

/* Not even what some library opened without saying that it is ours alone. */
static void a_program_inherits_no_file_of_ours(void **state)
{
	static const char *const argv[] = {"/bin/sh", "-c", "test ! -e /proc/self/fd/99"};
	struct box b = {.until = 1};
	struct channel_command *c;

	(void)state;
	assert_int_equal(loop_new(&b.loop), 0);
	assert_int_equal(dup2(STDERR_FILENO, 99), 99);
	c = command(&b, argv, 3, MOST_MS);
	assert_true(channel_command_send(c, &notice, on_sent, &b));
	run(&b);
	assert_int_equal(b.sent, 1);
	close(99);
	channel_command_free(c);
	loop_free(b.loop);
}

static void a_program_that_is_not_there_is_told(void **state)
{
	static const char *const argv[] = {"/no/such/program"};
	struct box b = {.until = 1};
	struct channel_command *c;

	(void)state;
	assert_int_equal(loop_new(&b.loop), 0);
	c = command(&b, argv, 1, LATE_MS);
	assert_true(channel_command_send(c, &notice, on_sent, &b));
	assert_int_equal(b.failed, 0); /* never from within */
	run(&b);
	assert_int_equal(b.failed, 1);
	assert_true(channel_command_send(c, &notice, on_sent, &b));
	channel_command_free(c); /* before it was told: no process is there to end, ours least of all */
	assert_int_equal(b.failed, 1);
	loop_free(b.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_oldest_messages_are_forgotten),
		cmocka_unit_test(a_full_queue_refuses),
		cmocka_unit_test(what_waits_follows_what_went_before),
		cmocka_unit_test(so_many_programs_run_at_once),
		cmocka_unit_test(a_program_inherits_no_file_of_ours),
		cmocka_unit_test(a_program_that_is_not_there_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
