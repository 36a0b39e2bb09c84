/* match/pattern and match/matcher on long texts: looked through part by part nothing else is found than at once, and what is slow
 * from every place ends with its time, is told, and takes no other pattern with it (FAULTS P11). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/sanitized.h"
#include "match/matcher.h"
#include "match/pattern.h"
#include "match/ruleset.h"
#include "mention/mention.h"
#include "folder_box.h"

#define NS_A_MS INT64_C(1000000)

enum { LONG_MAX_BYTES = 12 * 1024, HOUR = 3600 * 1000, FOUND_MAX = 50 };

static uint32_t seed;

static uint32_t pick(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static struct pattern *pattern_of(const char *regex, bool fold)
{
	struct pattern_spec spec = {.regex = regex, .regex_len = strlen(regex), .fold = fold};
	struct pattern_fault fault;
	struct pattern *p = NULL;

	if (pattern_compile(&spec, &fault, &p))
		fail_msg("%s is refused", regex);
	return p;
}

static int64_t cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / NS_A_MS;
}

/* --- part by part --- */

static void put_text(struct buf *b)
{
	static const char *const pieces[] = {"acme ", "fraude", "a", "b",  "ab",   " ",     "x",     "ñ",   "ña",
					     "b\n",   "12 ",    "-", "xy", "🙂", "xyxyx", "¡acme", "zzz", "\r\n"};
	size_t len = 1000 + pick(LONG_MAX_BYTES - 2000);
	uint32_t kinds = 2 + pick((uint32_t)ARRAY_LEN(pieces) - 1), from = pick((uint32_t)ARRAY_LEN(pieces));

	buf_reset(b);
	while (b->len < len) /* rare at times: found far behind, or never */
		buf_puts(b, pick(400) ? pieces[(from + pick(kinds) / 2) % ARRAY_LEN(pieces)]
				      : pieces[pick(ARRAY_LEN(pieces))]);
}

/* The same matches in both rooms, from the first to the last. */
static size_t same_in_both(const struct pattern *p, struct pattern_room *once, struct pattern_room *parts,
			   const char *s, size_t len, const char *regex)
{
	size_t start = 0, n;

	for (n = 0; n < FOUND_MAX; n++) {
		size_t from = 0, to = 0, from2 = 0, to2 = 0;
		int r = pattern_find(p, once, s, len, start, &from, &to), r2;

		r2 = pattern_find(p, parts, s, len, start, &from2, &to2);
		if (r != r2 || from != from2 || to != to2)
			fail_msg("%s from %zu on: %d at %zu, not %d at %zu", regex, start, r2, from2, r, from);
		if (r || to >= len)
			break;
		start = to > start ? to : start + 1;
		while (start < len && ((unsigned char)s[start] & 0xC0) == 0x80)
			start++;
	}
	return n;
}

static void parts_find_what_the_whole_finds(void **state)
{
	static const char *const regexes[] = {
		"acme",
		"\\bacme\\b",
		"(?<=b)ñ",
		"(?<!a)b(?!a)",
		"a.{0,40}fraude",
		"\\Gx",
		"^b",
		"(?m)^b|a$",

		"\\Ab",
		"[^a]+z",
		"\\w+-",
		"(?s)a.*fraude",
		"x*+y",
		"(*COMMIT)b",
		"a(*SKIP)b|x",
		"\\bfoo\\b|12",
		"🙂",
		"(?=x)",
		"(?<=acme )\\Kfraude",
		"(xy)+\\1",
		"zz(*PRUNE)z",
		"\\R",
		"b\\nb",
		"(?:a|b)+?12",
		"\\d+ .{5}",
		".*fraude",
		"(?m).*-$",
		"\\X{3}12",
		"(?<=\\n)\\w",
	};
	struct pattern_room *once = pattern_room_new(), *parts = pattern_room_new();
	struct buf text = BUF_INIT(2 * LONG_MAX_BYTES);
	size_t i, found = 0;

	(void)state;
	pattern_room_budget(parts, HOUR * NS_A_MS);
	for (i = 0; i < 20 * ARRAY_LEN(regexes); i++) {
		const char *regex = regexes[i % ARRAY_LEN(regexes)];
		cleanup(pattern_freep) struct pattern *p = pattern_of(regex, false);

		seed = (uint32_t)i;
		put_text(&text);
		found += same_in_both(p, once, parts, buf_str(&text), text.len, regex);
	}
	assert_true(found > 3000);
	assert_true(pattern_room_spent(parts) > 0);
	pattern_room_free(once);
	pattern_room_free(parts);
	buf_done(&text);
}

/* --- slow from every place --- */

static const struct {
	const char *regex, *fill, *end;
} slow[] = {
	{"a.*b.*c", "ab", ""},
	{"(a.*b.*d)", "ab c", "d"}, /* a line of its own at the end: what must come is there */
	{"\\w+@\\w+", "abcdefgh", "@"},
	{"\\w+\\s*=\\s*\\w+!", "abcdefgh", "\n=!"},
	{"(?:x|y)+z", "xy", "\nz"},
	{"[^#]+#[^#]+#", "a b c", "\n#"},
	{"^a.*b.*b.*c", "ab", "\nc"},
	{"(?s)a.*?b.*?z9", "ab", " z"},
};

static char *slow_text(size_t i)
{
	char *text = xmalloc(MENTION_TEXT_MAX_BYTES + 1);
	size_t at = 0, n = strlen(slow[i].fill), end = MENTION_TEXT_MAX_BYTES - strlen(slow[i].end);

	for (; at + n <= end; at += n)
		memcpy(text + at, slow[i].fill, n);
	memcpy(text + at, slow[i].end, strlen(slow[i].end) + 1);
	return text;
}

/* Whatever it is, one find ends soon behind the budget. */
static void a_find_ends_with_its_time(void **state)
{
	struct pattern_room *room = pattern_room_new();
	size_t i, gave_up = 0;

	(void)state;
	for (i = 0; i < ARRAY_LEN(slow); i++) {
		cleanup(pattern_freep) struct pattern *p = pattern_of(slow[i].regex, true);
		cleanup(freep) char *text = slow_text(i);
		int64_t before = cpu_ms(), took;
		size_t from, to;
		int r;

		pattern_room_budget(room, 250 * NS_A_MS);
		r = pattern_find(p, room, text, strlen(text), 0, &from, &to);
		took = cpu_ms() - before;
		if (took > (BUILT_SANITIZED ? 5000 : 1000))
			fail_msg("%s took %lld ms", slow[i].regex, (long long)took);
		gave_up += r == PATTERN_E_LIMIT || r == PATTERN_E_TIME;
	}
	assert_true(gave_up >= ARRAY_LEN(slow) / 2);
	pattern_room_free(room);
}

static struct ruleset *rules_of(const char *text)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	char folder[] = "/tmp/test_pattern_time.XXXXXX";
	cleanup(freep) char *path = NULL;
	struct ruleset *rs = NULL;
	int r;

	assert_non_null(mkdtemp(folder));
	path = xasprintf("%s/t.yaml", folder);
	file_write(path, text);
	r = ruleset_load((const char *const[]){folder}, 1, d, &rs);
	if (r)
		diag_print(d, stderr, TEXT_EN);
	assert_int_equal(folder_remove(folder), 0);
	assert_int_equal(r, 0);
	return rs;
}

/* A topic whose second pattern takes its time on a long text, which has what the first and the last look for. */
struct slow_case {
	struct ruleset *rs;
	struct matcher *x;
	struct arena *a;
	char *text;
	struct mention m;
};

static void slow_begin(struct slow_case *c)
{
	*c = (struct slow_case){.a = arena_new(1 << 20), .text = xmalloc(MENTION_TEXT_MAX_BYTES + 1)};
	c->rs = rules_of(
		"topic: t\nrole: industry\npatterns:\n  first: start\n  slow: '\\w+@\\w+'\n  last: '\\bend\\b'\n"
		"about: first\nrules:\n  - {name: s, when: slow}\n  - {name: l, when: last}\n");
	c->x = matcher_new(c->rs);
	memset(c->text, 'a', MENTION_TEXT_MAX_BYTES);
	memcpy(c->text, "start ", 6);
	memcpy(c->text + MENTION_TEXT_MAX_BYTES - 6, " @ end", 7);
	mention_init(&c->m);
	c->m.text = c->text;
	matcher_job(c->x);
}

static void slow_end(struct slow_case *c)
{
	matcher_free(c->x);
	ruleset_free(c->rs);
	arena_free(c->a);
	free(c->text);
}

/* A mention's patterns share its time: what comes behind the slow one is named as not looked for, the slow one alone is counted,
 * and the next mention has time again. */
static void a_mention_ends_with_its_time(void **state)
{
	struct slow_case c;
	struct matcher_limit limit;
	int64_t before;
	int i;

	(void)state;
	slow_begin(&c);
	before = cpu_ms();
	assert_true(matcher_match(c.x, &c.m, NULL, c.a));
	assert_int_equal(c.m.hits[0].n_rules, 0);
	assert_int_equal(c.m.hits[0].n_limited, 2);
	assert_string_equal(c.m.hits[0].limited[0], "slow");
	assert_string_equal(c.m.hits[0].limited[1], "last");
	assert_true(matcher_limits(c.x, 0, &limit));
	assert_string_equal(limit.pattern, "slow");
	assert_int_equal(limit.times, 1);
	assert_false(matcher_limits(c.x, 1, &limit));
	for (i = 0; i < 10; i++) /* the job's time is over: each costs little */
		assert_true(matcher_match(c.x, &c.m, NULL, c.a));
	assert_true(cpu_ms() - before < (BUILT_SANITIZED ? 10 : 2) * 1000);
	c.m.text = "start a@b end";
	assert_true(matcher_match(c.x, &c.m, NULL, c.a));
	assert_int_equal(c.m.hits[0].n_rules, 2);
	assert_int_equal(c.m.hits[0].n_limited, 0);
	slow_end(&c);
}

/* On a machine with other work a job's time by wall comes first. What is long is left, and told; what is short is matched. */
static void a_late_job_leaves_what_is_long(void **state)
{
	struct slow_case c;
	int64_t before;
	int i;

	(void)state;
	slow_begin(&c);
	matcher_hurry(c.x, 0);
	before = cpu_ms();
	for (i = 0; i < 10; i++) {
		assert_true(matcher_match(c.x, &c.m, NULL, c.a));
		assert_int_equal(c.m.hits[0].n_limited, 2);
		assert_string_equal(c.m.hits[0].limited[1], "last");
	}
	/* without the hurry the first alone takes MATCHER_MENTION_MS */
	assert_true(cpu_ms() - before < (BUILT_SANITIZED ? 10 : 1) * MATCHER_MENTION_MS);
	c.m.text = "start a@b end";
	assert_true(matcher_match(c.x, &c.m, NULL, c.a));
	assert_int_equal(c.m.hits[0].n_rules, 2);
	assert_int_equal(c.m.hits[0].n_limited, 0);
	c.m.text = c.text;
	matcher_job(c.x); /* the next has its time again */
	before = cpu_ms();
	assert_true(matcher_match(c.x, &c.m, NULL, c.a));
	assert_true(cpu_ms() - before > MATCHER_MENTION_MS / 2);
	slow_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_find_what_the_whole_finds),
		cmocka_unit_test(a_find_ends_with_its_time),
		cmocka_unit_test(a_mention_ends_with_its_time),
		cmocka_unit_test(a_late_job_leaves_what_is_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
