/* What is sent to Redis, byte for byte, and what its answers come to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/secret.h"
#include "queue/command.h"
#include "queue/config.h"
#include "queue/exchange.h"
#include "queue/replies.h"

enum { BYTES = 4 * 1024 * 1024 };
#define HEX_A     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX_B     "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define XINFO(id) "*4\r\n$6\r\nlength\r\n:1\r\n$17\r\nlast-generated-id\r\n+" id "\r\n"
#define REFUSED   "-ERR The ID specified in XADD is equal or smaller than the target stream top item\r\n"

static const struct outbox_row rows[] = {
	{.id = {1000, 0},
	 .mention = HEX_A,
	 .json = "{\"id\":\"" HEX_A "\"}",
	 .topics = "acme",
	 .rules = "",
	 .tags = "x,y"},
	{.id = {1000, 1},
	 .mention = HEX_B,
	 .json = "{\"id\":\"" HEX_B "\"}",
	 .topics = "a,b",
	 .rules = "r",
	 .tags = "",
	 .published = "2026"},
};

/* True: the exchange ended, with the last byte. */
static bool answer(struct exchange *x, const char *bytes)
{
	cleanup(replies_freep) struct replies *replies = replies_new();
	struct redisReply *reply;
	bool ended = false;

	assert_true(replies_feed(replies, bytes, strlen(bytes)));
	while ((reply = replies_next(replies))) {
		assert_false(ended);
		ended = exchange_reply(x, reply);
		replies_drop(reply);
	}
	assert_null(replies_why(replies));
	return ended;
}

static void errors_are_what_their_first_words_say(void **state)
{
	static const struct {
		const char *error;
		enum fault fault;
	} cases[] = {
		{"OOM command not allowed when used memory > 'maxmemory'.", FAULT_LATER},
		{"LOADING Redis is loading the dataset in memory", FAULT_LATER},
		{"BUSY Redis is busy running a script.", FAULT_LATER},
		{"MISCONF Redis is configured to save RDB snapshots", FAULT_LATER},
		{"NOREPLICAS Not enough good replicas to write.", FAULT_LATER},
		{"TRYAGAIN Multiple keys request during rehashing of slot", FAULT_LATER},
		{"CLUSTERDOWN The cluster is down", FAULT_LATER},
		{"ERR max number of clients reached", FAULT_LATER},
		{"READONLY You can't write against a read only replica.", FAULT_ELSEWHERE},
		{"MASTERDOWN Link with MASTER is down", FAULT_ELSEWHERE},
		{"NOAUTH Authentication required.", FAULT_SETTINGS},
		{"WRONGPASS invalid username-password pair or user is disabled.", FAULT_SETTINGS},
		{"NOPERM this user has no permissions", FAULT_SETTINGS},
		{"WRONGTYPE Operation against a key holding the wrong kind of value", FAULT_SETTINGS},
		{"CROSSSLOT Keys in request don't hash to the same slot", FAULT_SETTINGS},
		{"ERR AUTH <password> called without any password configured", FAULT_SETTINGS},
		{"ERR DB index is out of range", FAULT_SETTINGS},
		{"ERR unknown command 'XINFO'", FAULT_SETTINGS},
		{"MOVED 3999 127.0.0.1:6381", FAULT_CLUSTER},
		{"ASK 3999 127.0.0.1:6381", FAULT_CLUSTER},
		{"ERR The ID specified in XADD is equal or smaller than the target stream top item", FAULT_NOT_LARGER},
		{"ERR no such key", FAULT_NO_KEY},
		{"EXECABORT Transaction discarded because of previous errors.", FAULT_ABORTED},
		{"OO", FAULT_STRANGE},
		{"", FAULT_STRANGE},
		{"ERR syntax error", FAULT_STRANGE},
	};
	size_t i;

	(void)state; /* FAULTS R5 */
	for (i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(fault_of(cases[i].error, strlen(cases[i].error)), cases[i].fault);
}

static void a_row_becomes_an_entry(void **state)
{
	cleanup(buf_done) struct buf b = BUF_INIT(BYTES);

	(void)state;
	command_xadd(&b, "s", &rows[1]);
	assert_string_equal(buf_str(&b),
			    "*13\r\n$4\r\nXADD\r\n$1\r\ns\r\n$6\r\n1000-1\r\n$7\r\nmention\r\n$41\r\n{\"id\":\"" HEX_B
			    "\"}\r\n$6\r\ntopics\r\n$3\r\na,b\r\n$5\r\nrules\r\n$1\r\nr\r\n$4\r\ntags\r\n$0\r\n\r\n"
			    "$9\r\npublished\r\n$4\r\n2026\r\n");
}

static void so_does_a_change(void **state)
{
	static const struct outbox_change change = {.incident = 7,
						    .severity = "info",
						    .state = "open",
						    .what = "note",
						    .by = "ana",
						    .at = "2026",
						    .drill = true};
	struct outbox_row row = {.id = {1000, 2},
				 .mention = HEX_B,
				 .json = "{\"id\":\"" HEX_B "\"}",
				 .change = &change,
				 .topics = "acme",
				 .rules = "",
				 .tags = ""};
	cleanup(buf_done) struct buf b = BUF_INIT(BYTES);

	(void)state;
	command_xadd(&b, "s", &row);
	assert_string_equal(
		buf_str(&b),
		"*21\r\n$4\r\nXADD\r\n$1\r\ns\r\n$6\r\n1000-2\r\n$8\r\nincident\r\n$41\r\n{\"id\":\"" HEX_B
		"\"}\r\n$6\r\nnumber\r\n$1\r\n7\r\n$5\r\ntopic\r\n$4\r\nacme\r\n$8\r\nseverity\r\n$4\r\n"
		"info\r\n$5\r\nstate\r\n$4\r\nopen\r\n$6\r\nchange\r\n$4\r\nnote\r\n$2\r\nby\r\n$3\r\nana\r\n"
		"$2\r\nat\r\n$4\r\n2026\r\n$5\r\ndrill\r\n$3\r\nyes\r\n");
}

static void a_greeting_asks_for_what_is_needed(void **state)
{
	cleanup(arena_freep) struct arena *a = arena_new(BYTES);
	cleanup(buf_done) struct buf b = BUF_INIT(BYTES);
	struct queue_config config = {.stream = "s"};
	struct exchange x;

	(void)state;
	exchange_greet(&x, &config, config.stream, &b);
	assert_string_equal(buf_str(&b), "*3\r\n$5\r\nXINFO\r\n$6\r\nSTREAM\r\n$1\r\ns\r\n");
	buf_reset(&b);
	config.user = "ana";
	config.password = secret_make("p\xC3\xB1 w", a);
	config.redis.database = 12;
	exchange_greet(&x, &config, config.stream, &b);
	assert_string_equal(buf_str(&b),
			    "*3\r\n$4\r\nAUTH\r\n$3\r\nana\r\n$5\r\np\xC3\xB1 w\r\n*2\r\n$6\r\nSELECT\r\n$2\r\n12\r\n"
			    "*3\r\n$5\r\nXINFO\r\n$6\r\nSTREAM\r\n$1\r\ns\r\n");
	assert_int_equal(x.n_commands, 3);
	assert_false(answer(&x, "+OK\r\n+OK\r\n"));
	assert_true(answer(&x, XINFO("77-8")));
	assert_int_equal(x.fault, FAULT_NONE);
	assert_int_equal(x.top.ms, 77);
	assert_int_equal(x.top.seq, 8);
}

static void greetings_end_in_an_id_or_a_fault(void **state)
{
	static const struct {
		const char *says;
		enum fault fault;
		int64_t ms;
		uint64_t seq;
		const char *why;
	} cases[] = {
		{XINFO("5-6"), FAULT_NONE, 5, 6, ""},
		{XINFO("18446744073709551615-18446744073709551615"), FAULT_NONE, INT64_MAX, UINT64_MAX, ""},
		{"-ERR no such key\r\n", FAULT_NONE, 0, 0, ""},
		{"-WRONGTYPE Operation\r\n", FAULT_SETTINGS, 0, 0, "WRONGTYPE Operation"},
		{"-LOADING \x1b[1m\r\n", FAULT_LATER, 0, 0, "LOADING ?[1m"},
		{"+OK\r\n", FAULT_STRANGE, 0, 0, NULL},
		{"*-1\r\n", FAULT_STRANGE, 0, 0, NULL},
		{"*0\r\n", FAULT_STRANGE, 0, 0, NULL},
		{"*1\r\n$17\r\nlast-generated-id\r\n", FAULT_STRANGE, 0, 0, NULL},
		{XINFO("5"), FAULT_STRANGE, 0, 0, NULL},
		{XINFO("-6"), FAULT_STRANGE, 0, 0, NULL},
		{XINFO("5-"), FAULT_STRANGE, 0, 0, NULL},
		{XINFO("5-6x"), FAULT_STRANGE, 0, 0, NULL},
		{XINFO("18446744073709551616-0"), FAULT_STRANGE, 0, 0, NULL},
		{"*2\r\n$17\r\nlast-generated-id\r\n:5\r\n", FAULT_STRANGE, 0, 0, NULL},
	};
	const struct queue_config config = {.stream = "s"};
	struct exchange x;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(buf_done) struct buf b = BUF_INIT(BYTES);

		exchange_greet(&x, &config, config.stream, &b);
		assert_true(answer(&x, cases[i].says));
		assert_int_equal(x.fault, cases[i].fault);
		if (!x.fault) {
			assert_int_equal(x.top.ms, cases[i].ms);
			assert_int_equal(x.top.seq, cases[i].seq);
		}
		if (cases[i].why)
			assert_string_equal(x.why, cases[i].why);
	}
}

static void a_master_is_asked_whether_it_is_one(void **state)
{
	static const struct {
		const char *role;
		enum fault fault;
	} cases[] = {
		{"*3\r\n$6\r\nmaster\r\n:5\r\n*0\r\n", FAULT_NONE},
		{"*5\r\n$5\r\nslave\r\n$1\r\nh\r\n:1\r\n$9\r\nconnected\r\n:5\r\n", FAULT_ELSEWHERE},
		{"*2\r\n$8\r\nsentinel\r\n*0\r\n", FAULT_ELSEWHERE},
		{"*0\r\n", FAULT_STRANGE},
		{"$6\r\nmaster\r\n", FAULT_STRANGE},
		{"-NOPERM no\r\n", FAULT_SETTINGS},
	};
	const struct queue_config config = {.stream = "s", .redis.master = "m", .redis.database = 2};
	static struct exchange x;
	size_t i;

	(void)state; /* FAULTS R4 */
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(buf_done) struct buf out = BUF_INIT(BYTES), in = BUF_INIT(BYTES);

		exchange_greet(&x, &config, config.stream, &out);
		assert_non_null(
			strstr(buf_str(&out), "SELECT\r\n$1\r\n2\r\n*1\r\n$4\r\nROLE\r\n*3\r\n$5\r\nXINFO\r\n"));
		buf_printf(&in, "+OK\r\n%s%s", cases[i].role, XINFO("7-1"));
		assert_true(answer(&x, buf_str(&in)));
		assert_int_equal(x.fault, cases[i].fault);
	}
}

static void a_group_is_taken_row_by_row_or_not_at_all(void **state)
{
	static const struct {
		const char *says;
		enum fault fault;
		enum outbox_fate fates[2];
	} cases[] = {
		{"+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n$6\r\n1000-0\r\n$6\r\n1000-1\r\n",
		 FAULT_NONE,
		 {OUTBOX_TAKEN_IN, OUTBOX_TAKEN_IN}},
		{"+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n" REFUSED "$6\r\n1000-1\r\n",
		 FAULT_NONE,
		 {OUTBOX_REFUSED, OUTBOX_TAKEN_IN}},
		{"+OK\r\n-OOM no\r\n+QUEUED\r\n-EXECABORT Transaction discarded\r\n",
		 FAULT_LATER,
		 {OUTBOX_FAILED, OUTBOX_FAILED}},
		{"+OK\r\n+QUEUED\r\n+QUEUED\r\n-OOM no\r\n", FAULT_LATER, {OUTBOX_FAILED, OUTBOX_FAILED}},
		{"-NOAUTH x\r\n-NOAUTH y\r\n-NOAUTH z\r\n-ERR EXEC without MULTI\r\n",
		 FAULT_SETTINGS,
		 {OUTBOX_FAILED, OUTBOX_FAILED}},
		{"+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n$6\r\n1000-0\r\n-WRONGTYPE x\r\n",
		 FAULT_SETTINGS,
		 {OUTBOX_TAKEN_IN, OUTBOX_FAILED}},
		{"+OK\r\n+QUEUED\r\n+QUEUED\r\n*1\r\n$6\r\n1000-0\r\n", FAULT_STRANGE, {OUTBOX_FAILED, OUTBOX_FAILED}},
		{"+OK\r\n+QUEUED\r\n+QUEUED\r\n*-1\r\n", FAULT_STRANGE, {OUTBOX_FAILED, OUTBOX_FAILED}},
		{":1\r\n:2\r\n:3\r\n:4\r\n", FAULT_STRANGE, {OUTBOX_FAILED, OUTBOX_FAILED}},
	};
	struct exchange x;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(buf_done) struct buf b = BUF_INIT(BYTES);

		exchange_group(&x, "s", rows, 2, &b);
		assert_int_equal(x.n_commands, 4);
		assert_true(answer(&x, cases[i].says));
		assert_int_equal(x.fault, cases[i].fault);
		assert_memory_equal(x.fates, cases[i].fates, sizeof(cases[i].fates));
	}
}

static void only_the_same_mention_is_a_copy(void **state)
{
	static const struct {
		const char *entry;
		enum outbox_fate fate;
	} cases[] = {
		{"*1\r\n*2\r\n+1000-1\r\n*4\r\n+x\r\n+y\r\n+mention\r\n$42\r\n{\"id\":\"" HEX_B "\",2\r\n",
		 OUTBOX_TAKEN_IN},
		{"*1\r\n*2\r\n+1000-1\r\n*2\r\n+mention\r\n+{\"id\":\"" HEX_A "\"}\r\n", OUTBOX_FOREIGN},
		{"*1\r\n*2\r\n+1000-1\r\n*2\r\n+mention\r\n+{\"x\":\"" HEX_B "\"}\r\n", OUTBOX_FOREIGN},
		{"*1\r\n*2\r\n+1000-1\r\n*2\r\n+mention\r\n+{\"id\":\"bb\r\n", OUTBOX_FOREIGN},
		{"*1\r\n*2\r\n+1000-1\r\n*2\r\n+other\r\n+{\"id\":\"" HEX_B "\"}\r\n", OUTBOX_FOREIGN},
		{"*1\r\n*2\r\n+1000-1\r\n*1\r\n+mention\r\n", OUTBOX_FOREIGN},
		{"*1\r\n*2\r\n+1000-1\r\n*-1\r\n", OUTBOX_FOREIGN},
		{"*1\r\n:7\r\n", OUTBOX_FOREIGN},
		{"*0\r\n", OUTBOX_FOREIGN},
	};
	const struct stream_id asked[] = {{1000, 1}}; /* the second of the group */
	struct exchange x;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(buf_done) struct buf b = BUF_INIT(BYTES);

		exchange_group(&x, "s", rows, 2, &b);
		buf_reset(&b);
		exchange_check(&x, "s", asked, 1, &b);
		assert_string_equal(buf_str(&b), "*4\r\n$6\r\nXRANGE\r\n$1\r\ns\r\n$6\r\n1000-1\r\n$6\r\n1000-1\r\n"
						 "*3\r\n$5\r\nXINFO\r\n$6\r\nSTREAM\r\n$1\r\ns\r\n");
		assert_false(answer(&x, cases[i].entry));
		assert_true(answer(&x, XINFO("2000-0")));
		assert_int_equal(x.fault, FAULT_NONE);
		assert_int_equal(x.fates[0], cases[i].fate);
		assert_int_equal(x.top.ms, 2000);
	}
}

static void a_group_has_bounds(void **state)
{
	cleanup(freep) char *large = xmalloc(EXCHANGE_GROUP_BYTES / 4 + 1);
	struct outbox_row many[OUTBOX_GROUP_MAX + 1];
	size_t i, bytes;

	(void)state;
	for (i = 0; i < ARRAY_LEN(many); i++)
		many[i] = rows[0];
	assert_int_equal(exchange_fit(many, ARRAY_LEN(many), &bytes), OUTBOX_GROUP_MAX);
	memset(large, 'x', EXCHANGE_GROUP_BYTES / 4);
	large[EXCHANGE_GROUP_BYTES / 4] = '\0';
	for (i = 0; i < ARRAY_LEN(many); i++)
		many[i].json = large;
	assert_int_equal(exchange_fit(many, ARRAY_LEN(many), &bytes), 3);
	assert_in_range(bytes, EXCHANGE_GROUP_BYTES / 4 * 3, EXCHANGE_GROUP_BYTES);
	assert_int_equal(exchange_fit(many, 1, &bytes), 1);
	assert_int_equal(exchange_fit(many, 0, &bytes), 0);
}

static void answers_have_bounds(void **state)
{
	enum { PIECE = 1024 * 1024 };
	cleanup(replies_freep) struct replies *wide = replies_new(), *long_one = replies_new(), *deep = replies_new();
	cleanup(freep) char *bytes = xmalloc(PIECE);
	char head[32];
	size_t i;

	(void)state; /* FAULTS R8 */
	snprintf(head, sizeof(head), "*%d\r\n", REPLIES_ELEMENTS_MAX);
	assert_true(replies_feed(wide, head, strlen(head)));
	assert_null(replies_next(wide));
	assert_null(replies_why(wide));
	snprintf(head, sizeof(head), "*%d\r\n", REPLIES_ELEMENTS_MAX + 1); /* inside it */
	assert_true(replies_feed(wide, head, strlen(head)));
	assert_null(replies_next(wide));
	assert_non_null(replies_why(wide));
	assert_false(replies_feed(wide, "+OK\r\n", 5));

	memset(bytes, 'x', PIECE);
	assert_true(replies_feed(long_one, "$2000000000\r\n", 13));
	for (i = 0; i < REPLIES_MAX_BYTES / PIECE - 1; i++)
		assert_true(replies_feed(long_one, bytes, PIECE));
	assert_false(replies_feed(long_one, bytes, PIECE));

	for (i = 0; i < 16 && !replies_why(deep); i++) {
		(void)replies_feed(deep, "*1\r\n", 4);
		assert_null(replies_next(deep));
	}
	assert_non_null(replies_why(deep));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_are_what_their_first_words_say),
		cmocka_unit_test(a_row_becomes_an_entry),
		cmocka_unit_test(so_does_a_change),
		cmocka_unit_test(a_greeting_asks_for_what_is_needed),
		cmocka_unit_test(greetings_end_in_an_id_or_a_fault),
		cmocka_unit_test(a_master_is_asked_whether_it_is_one),
		cmocka_unit_test(a_group_is_taken_row_by_row_or_not_at_all),
		cmocka_unit_test(only_the_same_mention_is_a_copy),
		cmocka_unit_test(a_group_has_bounds),
		cmocka_unit_test(answers_have_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
