/* Entries of the stream that are to go: whose they are is looked at first, and what makes no sense deletes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "queue/erase.h"
#include "queue/replies.h"

enum { BYTES = 1024 * 1024 };
#define OURS   "00112233445566778899aabbccddeeff"
#define OTHERS "ffeeddccbbaa99887766554433221100"
/* An answer to XRANGE: the entry, whose mention has that id. */
#define ENTRY(id, mention) "*1\r\n*2\r\n$3\r\n" id "\r\n*2\r\n$7\r\nmention\r\n$42\r\n{\"id\":\"" mention "\",0\r\n"
#define NONE               "*0\r\n"

static bool ask(struct erase *e, const char *asks, const char *answers)
{
	cleanup(buf_done) struct buf out = BUF_INIT(BYTES);
	cleanup(replies_freep) struct replies *replies = replies_new();
	struct redisReply *reply;
	bool ended = false;

	(void)erase_next(e, &out);
	if (!strstr(buf_str(&out), asks))
		fail_msg("asks %s", buf_str(&out));
	assert_true(replies_feed(replies, answers, strlen(answers)));
	while ((reply = replies_next(replies))) {
		assert_false(ended);
		ended = erase_reply(e, reply);
		replies_drop(reply);
	}
	return ended;
}

static void begin(struct erase *e)
{
	static const struct outbox_erase rows[] = {{{.ms = 1}, OURS}, {{.ms = 2}, OURS}, {{.ms = 3}, OURS}};

	erase_begin(e, "s", rows, ARRAY_LEN(rows));
}

static void what_is_anothers_stays(void **state)
{
	static struct erase e;

	(void)state;
	begin(&e);
	assert_true(ask(&e, "*4\r\n$6\r\nXRANGE\r\n$1\r\ns\r\n$3\r\n2-0\r\n$3\r\n2-0\r\n",
			ENTRY("1-0", OURS) ENTRY("2-0", OTHERS) NONE));
	assert_false(erase_ended(&e));
	assert_true(ask(&e, "*3\r\n$4\r\nXDEL\r\n$1\r\ns\r\n$3\r\n1-0\r\n", ":1\r\n"));
	assert_true(erase_ended(&e) && e.deleted == 1 && !e.fault);

	begin(&e); /* none of ours: nothing is deleted */
	assert_true(ask(&e, "XRANGE", NONE ENTRY("2-0", OTHERS) NONE));
	assert_true(erase_ended(&e) && e.deleted == 0 && !e.fault);
}

static void nonsense_deletes_nothing(void **state)
{
	static const struct {
		const char *whose, *deleted;
		enum fault fault;
	} cases[] = {
		{":1\r\n" NONE NONE, NULL, FAULT_STRANGE},
		{"-WRONGTYPE no stream\r\n" NONE NONE, NULL, FAULT_SETTINGS},
		{ENTRY("1-0", OURS) NONE "-READONLY replica\r\n", NULL, FAULT_ELSEWHERE},
		{"*1\r\n:5\r\n" NONE NONE, NULL, FAULT_NONE}, /* an entry that is none */
		{ENTRY("1-0", OURS) NONE NONE, "-NOPERM XDEL\r\n", FAULT_SETTINGS},
		{ENTRY("1-0", OURS) NONE NONE, "+OK\r\n", FAULT_STRANGE},
	};
	static struct erase e;
	size_t i;

	(void)state; /* FAULTS R5 */
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		begin(&e);
		assert_true(ask(&e, "XRANGE", cases[i].whose));
		if (cases[i].deleted)
			assert_true(ask(&e, "XDEL", cases[i].deleted));
		if (!erase_ended(&e) || e.fault != cases[i].fault || e.deleted)
			fail_msg("case %zu: %d %d", i, (int)e.fault, (int)e.deleted);
	}
}

static void a_group_has_its_bound(void **state)
{
	static struct outbox_erase rows[OUTBOX_GROUP_MAX + 1];
	static struct erase e;
	cleanup(buf_done) struct buf out = BUF_INIT(BYTES);

	(void)state;
	erase_begin(&e, "s", rows, ARRAY_LEN(rows));
	assert_int_equal(erase_next(&e, &out), OUTBOX_GROUP_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_anothers_stays),
		cmocka_unit_test(nonsense_deletes_nothing),
		cmocka_unit_test(a_group_has_its_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
