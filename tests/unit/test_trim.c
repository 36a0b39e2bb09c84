/* Up to where the stream may be trimmed, what is asked to know it, and what becomes of answers that make no sense. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "queue/replies.h"
#include "queue/upkeep.h"
#include "queue/water.h"

enum { BYTES = 1024 * 1024, KEEP_MS = 1000, NOW_MS = 5000 };
#define ID(n) ((struct stream_id){.ms = (n)})
#define NEEDS(n)                                                                                                       \
	{                                                                                                              \
		.needs_any = true, .needs = {.ms = (n) }                                                               \
	}
#define NOTHING                                                                                                        \
	{                                                                                                              \
		.needs_any = false                                                                                     \
	}
#define GROUP(p, last)                                                                                                 \
	"*8\r\n+name\r\n$1\r\ng\r\n+consumers\r\n:1\r\n+pending\r\n:" p "\r\n+last-delivered-id\r\n$" last "\r\n"

/* FAULTS R6: the oldest entry that anybody needs, and never past keep. */
static void the_smallest_need_decides(void **state)
{
	static const struct {
		struct trim_group groups[3];
		size_t n;
		bool trim;
		int64_t min;
		size_t behind;
	} cases[] = {
		{{NOTHING}, 0, true, 4000, 0}, /* no group: age alone */
		{{NOTHING}, 1, true, 4000, 0}, /* has read all */
		{{NEEDS(4500)}, 1, true, 4000, 0},
		{{NEEDS(4000)}, 1, true, 4000, 0}, /* just as old as keep */
		{{NEEDS(3999)}, 1, true, 3999, 1},
		{{NEEDS(10)}, 1, true, 10, 1},
		{{NOTHING, NEEDS(2000), NEEDS(3000)}, 3, true, 2000, 2},
		{{NEEDS(4500), NEEDS(3000), NOTHING}, 3, true, 3000, 1},
		{{NEEDS(0)}, 1, false, 0, 1}, /* from the start: nothing may go */
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct trim_verdict v = trim_decide(cases[i].groups, cases[i].n, trim_keep_from(NOW_MS, KEEP_MS));

		if (v.trim != cases[i].trim || v.min.ms != cases[i].min || v.min.seq || v.n_behind != cases[i].behind)
			fail_msg("case %zu: %d %d %zu", i, v.trim, (int)v.min.ms, v.n_behind);
	}
	assert_false(trim_decide(NULL, 0, trim_keep_from(NOW_MS, NOW_MS + 1)).trim); /* a clock before keep */
}

static void ids_have_a_next_one(void **state)
{
	(void)state;
	assert_int_equal(trim_after((struct stream_id){.ms = 3, .seq = 4}).seq, 5);
	assert_int_equal(trim_after((struct stream_id){.ms = 3, .seq = UINT64_MAX}).ms, 4);
	assert_int_equal(trim_after((struct stream_id){.ms = 3, .seq = UINT64_MAX}).seq, 0);
	assert_int_equal(trim_after((struct stream_id){.ms = INT64_MAX, .seq = UINT64_MAX}).ms, INT64_MAX);
}

/* The round's questions, and its answers. False: more are owed. */
static bool ask(struct upkeep *u, const char *asks, const char *answers)
{
	cleanup(buf_done) struct buf out = BUF_INIT(BYTES);
	cleanup(replies_freep) struct replies *replies = replies_new();
	struct redisReply *reply;
	bool ended = false;

	(void)upkeep_next(u, &out);
	if (!strstr(buf_str(&out), asks))
		fail_msg("asks %s", buf_str(&out));
	assert_true(replies_feed(replies, answers, strlen(answers)));
	while ((reply = replies_next(replies))) {
		assert_false(ended);
		ended = upkeep_reply(u, reply);
		replies_drop(reply);
	}
	return ended;
}

static void begin(struct upkeep *u)
{
	upkeep_begin(u, "s", trim_keep_from(NOW_MS, KEEP_MS));
}

static void rounds_follow_from_answers(void **state)
{
	static struct upkeep u;

	(void)state;
	begin(&u);
	assert_true(ask(&u, "XINFO\r\n$6\r\nGROUPS\r\n$1\r\ns\r\n", "*0\r\n"));
	assert_int_equal(u.round, UPKEEP_TRIM); /* nobody needs anything */
	assert_true(ask(&u,
			"*7\r\n$5\r\nXTRIM\r\n$1\r\ns\r\n$5\r\nMINID\r\n$1\r\n~\r\n$6\r\n4000-0\r\n$5\r\nLIMIT\r\n$"
			"5\r\n10000\r\n",
			":7\r\n"));
	assert_true(upkeep_ended(&u) && !upkeep_more(&u) && u.trimmed == 7);

	begin(&u);
	assert_true(ask(&u, "XINFO",
			"*3\r\n" GROUP("2", "6\r\n4900-0") GROUP("0", "6\r\n3000-5") GROUP("0", "6\r\n4900-0")));
	assert_int_equal(u.round, UPKEEP_NEEDS); /* of the first two */
	assert_true(ask(&u,
			"*3\r\n$8\r\nXPENDING\r\n$1\r\ns\r\n$1\r\ng\r\n"
			"*6\r\n$6\r\nXRANGE\r\n$1\r\ns\r\n$6\r\n3000-6\r\n$1\r\n+\r\n$5\r\nCOUNT\r\n$1\r\n1\r\n",
			"*4\r\n:2\r\n$6\r\n3500-1\r\n$6\r\n4000-0\r\n*0\r\n*1\r\n*2\r\n$6\r\n3100-0\r\n*0\r\n"));
	assert_true(ask(&u, "3100-0", ":9000\r\n"));
	assert_true(upkeep_ended(&u) && upkeep_more(&u) && u.verdict.n_behind == 2);

	begin(&u); /* it read what there is, long ago */
	assert_true(ask(&u, "XINFO", "*1\r\n" GROUP("0", "6\r\n3000-5")));
	assert_true(ask(&u, "XRANGE", "*0\r\n"));
	assert_true(ask(&u, "4000-0", ":0\r\n"));
	assert_true(!u.fault && !u.verdict.n_behind);

	begin(&u); /* all was acknowledged between two questions */
	assert_true(ask(&u, "XINFO", "*1\r\n" GROUP("1", "6\r\n3000-5")));
	assert_true(ask(&u, "XPENDING", "*4\r\n:0\r\n$-1\r\n$-1\r\n*-1\r\n"));
	assert_true(ask(&u, "3000-6", ":0\r\n"));

	begin(&u); /* has not read anything, and something lies there */
	assert_true(ask(&u, "XINFO", "*1\r\n" GROUP("0", "3\r\n0-0")));
	assert_true(ask(&u, "$3\r\n0-1\r\n", "*1\r\n*2\r\n$3\r\n0-1\r\n*0\r\n"));
	assert_true(upkeep_ended(&u) && !u.fault && u.verdict.n_behind == 1 && !u.trimmed);

	begin(&u);
	assert_true(ask(&u, "XINFO", "-ERR no such key\r\n"));
	assert_true(upkeep_ended(&u) && !u.fault);
}

/* FAULTS R8 */
static void nonsense_ends_it_untrimmed(void **state)
{
	static const struct {
		const char *groups, *needs, *trimmed;
		enum fault fault;
	} cases[] = {
		{"-NOPERM no\r\n", NULL, NULL, FAULT_SETTINGS},
		{"-READONLY no\r\n", NULL, NULL, FAULT_ELSEWHERE},
		{"+OK\r\n", NULL, NULL, FAULT_STRANGE},
		{":5\r\n", NULL, NULL, FAULT_STRANGE},
		{"*1\r\n:5\r\n", NULL, NULL, FAULT_STRANGE},
		{"*1\r\n*2\r\n+name\r\n+g\r\n", NULL, NULL, FAULT_STRANGE},
		{"*1\r\n" GROUP("1", "3\r\nabc"), NULL, NULL, FAULT_STRANGE},
		{"*1\r\n" GROUP("1", "3\r\n1-1"), "-NOGROUP gone\r\n", NULL, FAULT_STRANGE},
		{"*1\r\n" GROUP("1", "3\r\n1-1"), "*1\r\n:1\r\n", NULL, FAULT_STRANGE},
		{"*1\r\n" GROUP("1", "3\r\n1-1"), "*4\r\n:1\r\n$-1\r\n$-1\r\n*-1\r\n", NULL, FAULT_STRANGE},
		{"*1\r\n" GROUP("0", "3\r\n1-1"), "*1\r\n*0\r\n", NULL, FAULT_STRANGE},
		{"*1\r\n" GROUP("0", "3\r\n1-1"), "*1\r\n:1\r\n", NULL, FAULT_STRANGE},
		{"*0\r\n", NULL, "-ERR syntax error\r\n", FAULT_STRANGE}, /* before 6.2 */
		{"*0\r\n", NULL, "+OK\r\n", FAULT_STRANGE},
	};
	static struct upkeep u;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		begin(&u);
		assert_true(ask(&u, "XINFO", cases[i].groups));
		if (cases[i].needs)
			assert_true(ask(&u, "X", cases[i].needs));
		if (cases[i].trimmed)
			assert_true(ask(&u, "XTRIM", cases[i].trimmed));
		if (!upkeep_ended(&u) || u.fault != cases[i].fault || !u.why[0] || u.trimmed || upkeep_more(&u))
			fail_msg("case %zu: fault %d, %s", i, u.fault, u.why);
	}
}

static void groups_have_a_bound(void **state)
{
	static struct upkeep u;
	struct buf b = BUF_INIT(BYTES);
	size_t n, i;

	(void)state;
	for (n = TRIM_GROUPS_MAX; n <= TRIM_GROUPS_MAX + 1; n++) {
		buf_reset(&b);
		buf_printf(&b, "*%zu\r\n", n);
		for (i = 0; i < n; i++)
			buf_puts(&b, GROUP("0", "6\r\n4900-0"));
		begin(&u);
		assert_true(ask(&u, "XINFO", buf_str(&b)));
		assert_int_equal(u.round, n > TRIM_GROUPS_MAX ? UPKEEP_END : UPKEEP_TRIM);
		assert_int_equal(u.fault != FAULT_NONE, n > TRIM_GROUPS_MAX);
	}
	buf_done(&b);
}

static void the_alarm_comes_and_goes_once(void **state)
{
	static const struct {
		int64_t rows;
		enum water_change change;
	} steps[] = {{0, WATER_SAME},   {99, WATER_SAME}, {100, WATER_HIGH}, {500, WATER_SAME}, {51, WATER_SAME},
		     {100, WATER_SAME}, {50, WATER_WELL}, {99, WATER_SAME},  {100, WATER_HIGH}, {0, WATER_WELL}};
	struct water w = {false};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(steps); i++)
		assert_int_equal(water_note(&w, steps[i].rows, 100), steps[i].change);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_smallest_need_decides),  cmocka_unit_test(ids_have_a_next_one),
		cmocka_unit_test(rounds_follow_from_answers), cmocka_unit_test(nonsense_ends_it_untrimmed),
		cmocka_unit_test(groups_have_a_bound),        cmocka_unit_test(the_alarm_comes_and_goes_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
