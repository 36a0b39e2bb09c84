/* What bore its try is not tried again; whatever happens to the file, nothing that was not tried is taken for tried. */
#include "match/tried.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "match/pattern.h"

struct place {
	char folder[32], file[64];
};

static int setup(void **state)
{
	struct place *p = NEW(struct place);

	(void)snprintf(p->folder, sizeof(p->folder), "/tmp/tried-XXXXXX");
	*state = p;
	if (!mkdtemp(p->folder))
		return -1;
	(void)snprintf(p->file, sizeof(p->file), "%s/rules.tried", p->folder);
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	(void)unlink(p->file);
	(void)rmdir(p->folder);
	free(p);
	return 0;
}

static void key_of(size_t i, uint8_t key[TRIED_KEY_BYTES])
{
	memset(key, 0, TRIED_KEY_BYTES);
	memcpy(key + i % 3, &i, sizeof(i)); /* not in the order of their numbers */
}

/* A load in which these are used. */
static void load(const char *file, size_t first, size_t n)
{
	cleanup(tried_freep) struct tried *t = tried_new();
	uint8_t key[TRIED_KEY_BYTES];
	size_t i;

	tried_read(t, file);
	for (i = first; i < first + n; i++) {
		key_of(i, key);
		if (!tried_knows(t, key))
			tried_keep(t, key);
	}
	assert_int_equal(tried_write(t, file), 0);
}

static size_t known(const char *file, size_t first, size_t n)
{
	cleanup(tried_freep) struct tried *t = tried_new();
	uint8_t key[TRIED_KEY_BYTES];
	size_t i, count = 0;

	tried_read(t, file);
	for (i = first; i < first + n; i++) {
		key_of(i, key);
		count += tried_knows(t, key);
	}
	return count;
}

static void test_what_a_load_used_is_known_to_the_next(void **state)
{
	const struct place *p = *state;

	assert_int_equal(known(p->file, 0, 1000), 0); /* no file yet */
	load(p->file, 0, 500);
	assert_int_equal(known(p->file, 0, 1000), 500);
	load(p->file, 400, 200); /* 400 are gone from the rules, 100 are new */
	assert_int_equal(known(p->file, 0, 400), 0);
	assert_int_equal(known(p->file, 400, 200), 200);
	load(p->file, 0, 0);
	assert_int_equal(known(p->file, 0, 1000), 0);
}

static void test_the_same_rules_leave_the_file_alone(void **state)
{
	const struct place *p = *state;
	struct stat before, after;

	load(p->file, 0, 500);
	assert_int_equal(stat(p->file, &before), 0);
	load(p->file, 0, 500);
	assert_int_equal(stat(p->file, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(before.st_mode & 0777, 0600);
	load(p->file, 0, 499);
	assert_int_equal(known(p->file, 0, 500), 499);
}

/* Each bit of the file, turned; and each length that it can be cut to. */
static void test_a_damaged_file_is_as_good_as_none(void **state)
{
	const struct place *p = *state;
	struct buf b = BUF_INIT(4096);
	size_t i;
	FILE *f;

	load(p->file, 0, 3);
	assert_int_equal(file_read(p->file, &b, NULL), 0);
	for (i = 0; i < b.len * 8 + b.len; i++) {
		size_t len = i < b.len * 8 ? b.len : i - b.len * 8;

		b.data[i / 8 % b.len] ^= (char)(i < b.len * 8 ? 1 << i % 8 : 0);
		f = fopen(p->file, "we");
		assert_int_equal(fwrite(b.data, 1, len, f), len);
		assert_int_equal(fclose(f), 0);
		b.data[i / 8 % b.len] ^= (char)(i < b.len * 8 ? 1 << i % 8 : 0);
		if (known(p->file, 0, 3) != 0)
			fail_msg("taken as whole at %zu", i);
	}
	buf_done(&b);
	load(p->file, 0, 3); /* and written anew */
	assert_int_equal(known(p->file, 0, 3), 3);
}

static void test_bounds(void **state)
{
	const struct place *p = *state;

	load(p->file, 0, TRIED_MAX + 10);
	assert_int_equal(known(p->file, 0, TRIED_MAX + 10), TRIED_MAX);
}

static void test_what_cannot_be_written_is_said(void **state)
{
	cleanup(tried_freep) struct tried *t = tried_new();
	uint8_t key[TRIED_KEY_BYTES] = {1};

	(void)state;
	tried_keep(t, key);
	assert_int_equal(tried_write(t, "/proc/nowhere/rules.tried"), -ENOENT);
	tried_read(t, "/proc/nowhere/rules.tried");
	tried_read(t, "/");
	assert_false(tried_knows(t, key));
}

static void key_for(const char *regex, bool fold, const char *source, uint8_t ret[TRIED_KEY_BYTES])
{
	const struct pattern_spec spec = {.regex = regex, .regex_len = strlen(regex), .fold = fold};
	cleanup(pattern_freep) struct pattern *p = NULL;
	struct pattern_fault f;

	assert_int_equal(pattern_compile(&spec, &f, &p), 0);
	tried_key(p, source, strlen(source), ret);
}

static void test_a_key_is_of_one_pattern(void **state)
{
	static const struct {
		const char *regex;
		bool fold;
		const char *source;
	} of[] = {{"a+b+", true, "a+b+"}, {"a+b+", false, "a+b+"}, {"a+b+c", true, "a+b+c"},
		  {"a+b", true, "+a+b"},  {"a+b+", true, "a+b"},   {"(?i)a+b+", false, "a+b+"}};
	uint8_t keys[ARRAY_LEN(of)][TRIED_KEY_BYTES], again[TRIED_KEY_BYTES];
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_LEN(of); i++) {
		key_for(of[i].regex, of[i].fold, of[i].source, keys[i]);
		key_for(of[i].regex, of[i].fold, of[i].source, again);
		assert_memory_equal(keys[i], again, TRIED_KEY_BYTES);
		for (k = 0; k < i; k++)
			assert_memory_not_equal(keys[i], keys[k], TRIED_KEY_BYTES);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_a_load_used_is_known_to_the_next, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_same_rules_leave_the_file_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_damaged_file_is_as_good_as_none, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bounds, setup, teardown),
		cmocka_unit_test(test_what_cannot_be_written_is_said),
		cmocka_unit_test(test_a_key_is_of_one_pattern),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
