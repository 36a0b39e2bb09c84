/* Secrets from variables, files and credentials; and the units that people write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/secret.h"
#include "base/units.h"

static struct {
	struct arena *arena;
	char folder[64];
} fixture;

static int setup(void **state)
{
	(void)state;
	fixture.arena = arena_new(1 << 20);
	strncpy(fixture.folder, "/tmp/test_secret_XXXXXX", sizeof(fixture.folder) - 1);
	return mkdtemp(fixture.folder) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(fixture.arena);
	return rmdir(fixture.folder);
}

static char *write_file(const char *name, const void *bytes, size_t len, mode_t mode)
{
	char *path = xasprintf("%s/%s", fixture.folder, name);
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);

	assert_true(fd >= 0 && write(fd, bytes, len) == (ssize_t)len && fchmod(fd, mode) == 0);
	close(fd);
	return path;
}

/* A file's outcome, and its value where there is one. */
static int read_bytes(const void *bytes, size_t len, mode_t mode, struct secret **ret)
{
	cleanup(freep) char *path = write_file("s", bytes, len, mode);
	int r = secret_read(SECRET_FILE, path, fixture.arena, ret);

	unlink(path);
	return r;
}

static void a_file_holds_a_secret(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		int r;
		const char *value;
	} cases[] = {
		{"hunter2\n", 8, 0, "hunter2"},
		{"hunter2\r\n", 9, 0, "hunter2"},
		{"hunter2", 7, 0, "hunter2"},
		{" a b \n\n", 7, 0, " a b \n"},
		/* one newline alone */ {"", 0, SECRET_E_EMPTY, NULL},
		{"\n", 1, SECRET_E_EMPTY, NULL},
		{"a\0b", 3, SECRET_E_BYTES, NULL},
	};
	struct secret *s;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		s = NULL;
		assert_int_equal(read_bytes(cases[i].bytes, cases[i].len, 0600, &s), cases[i].r);
		if (cases[i].value)
			assert_string_equal(secret_value(s), cases[i].value);
		else
			assert_null(s);
	}
	assert_null(secret_value(NULL));
}

static void a_secret_is_bounded(void **state)
{
	cleanup(freep) char *bytes = xmalloc(SECRET_MAX_BYTES + 4);
	struct secret *s;

	(void)state;
	memset(bytes, 'a', SECRET_MAX_BYTES + 4);
	assert_int_equal(read_bytes(bytes, SECRET_MAX_BYTES, 0600, &s), 0);
	assert_int_equal(read_bytes(bytes, SECRET_MAX_BYTES + 1, 0600, &s), SECRET_E_LONG);
	assert_int_equal(read_bytes(bytes, SECRET_MAX_BYTES + 4, 0600, &s), SECRET_E_LONG);
	bytes[SECRET_MAX_BYTES] = '\n';
	assert_int_equal(read_bytes(bytes, SECRET_MAX_BYTES + 1, 0600, &s), 0);
}

static void a_file_that_everybody_reads_is_told(void **state)
{
	struct secret *s;

	(void)state;
	assert_int_equal(read_bytes("x", 1, 0640, &s), 0);
	assert_false(secret_exposed(s));
	assert_int_equal(read_bytes("x", 1, 0644, &s), 0);
	assert_true(secret_exposed(s));
}

static void what_is_no_file_is_refused(void **state)
{
	cleanup(freep) char *pipe_path = xasprintf("%s/pipe", fixture.folder);
	struct secret *s;
	int r;

	(void)state;
	assert_int_equal(mkfifo(pipe_path, 0600), 0);
	r = secret_read(SECRET_FILE, pipe_path, fixture.arena, &s); /* and does not hang */
	unlink(pipe_path);
	assert_int_equal(r, SECRET_E_UNREADABLE);
	assert_int_equal(secret_read(SECRET_FILE, fixture.folder, fixture.arena, &s), SECRET_E_UNREADABLE);
	assert_int_equal(secret_read(SECRET_FILE, "/dev/zero", fixture.arena, &s), SECRET_E_UNREADABLE);
	assert_int_equal(secret_read(SECRET_FILE, pipe_path, fixture.arena, &s), SECRET_E_ABSENT);
}

static void variables_and_credentials(void **state)
{
	static const char *const no_variables[] = {"", "A=B", "1A", "a b", "ñ"};
	static const char *const no_credentials[] = {"", ".", "..", "../x", "a/b", ".hidden"};
	cleanup(freep) char *path = write_file("redis", "hunter2\n", 8, 0600), *of_folder = NULL;
	struct secret *s = NULL;
	size_t i;

	(void)state;
	setenv("CREDENTIALS_DIRECTORY", fixture.folder, 1);
	assert_int_equal(secret_read(SECRET_CREDENTIAL, "redis", fixture.arena, &s), 0);
	assert_string_equal(secret_value(s), "hunter2");
	unlink(path);
	assert_int_equal(secret_read(SECRET_CREDENTIAL, "redis", fixture.arena, &s), SECRET_E_ABSENT);
	of_folder = write_file("secrets_redis", "hunter3\n", 8, 0600); /* as the unit's LoadCredential names it */
	assert_int_equal(secret_read(SECRET_CREDENTIAL, "redis", fixture.arena, &s), 0);
	assert_string_equal(secret_value(s), "hunter3");
	unlink(of_folder);
	unsetenv("CREDENTIALS_DIRECTORY");
	for (i = 0; i < ARRAY_LEN(no_credentials); i++)
		assert_int_equal(secret_read(SECRET_CREDENTIAL, no_credentials[i], fixture.arena, &s), SECRET_E_NAME);
	setenv("TEST_SECRET", "abc", 1);
	assert_int_equal(secret_read(SECRET_ENV, "TEST_SECRET", fixture.arena, &s), 0);
	assert_string_equal(secret_value(s), "abc");
	setenv("TEST_SECRET", "", 1);
	assert_int_equal(secret_read(SECRET_ENV, "TEST_SECRET", fixture.arena, &s), SECRET_E_EMPTY);
	unsetenv("TEST_SECRET");
	assert_int_equal(secret_read(SECRET_ENV, "TEST_SECRET", fixture.arena, &s), SECRET_E_ABSENT);
	for (i = 0; i < ARRAY_LEN(no_variables); i++)
		assert_int_equal(secret_read(SECRET_ENV, no_variables[i], fixture.arena, &s), SECRET_E_NAME);
}

static void units(void **state)
{
	static const struct {
		const char *text;
		int r;
		int64_t want;
	} durations[] =
		{
			{"0", 0, 0},
			{"0s", 0, 0},
			{"30s", 0, 30 * SECOND_MS},
			{"5m", 0, 5 * MINUTE_MS},
			{"2h", 0, 2 * HOUR_MS},
			{"7d", 0, 7 * DAY_MS},
			{"36500d", 0, UNITS_DURATION_MAX_MS},
			{"36501d", UNITS_E_RANGE, -1},
			{"999999999999999999999999s", UNITS_E_RANGE, -1},
			{"5", UNITS_E_UNIT, -1},
			{"", UNITS_E_SYNTAX, -1},
			{"s", UNITS_E_SYNTAX, -1},
			{"-5s", UNITS_E_SYNTAX, -1},
			{"+5s", UNITS_E_SYNTAX, -1},
			{"05s", UNITS_E_SYNTAX, -1},
			{"5 s", UNITS_E_SYNTAX, -1},
			{" 5s", UNITS_E_SYNTAX, -1},
			{"5S", UNITS_E_SYNTAX, -1},
			{"1h30m", UNITS_E_SYNTAX, -1},
			{"1.5h", UNITS_E_SYNTAX, -1},
			{"5min", UNITS_E_SYNTAX, -1},
		},
	  sizes[] =
		  {
			  {"0", 0, 0},
			  {"17", 0, 17},
			  {"64k", 0, 65536},
			  {"8M", 0, 8 << 20},
			  {"2G", 0, INT64_C(2) << 30},
			  {"1048576T", 0, UNITS_SIZE_MAX},
			  {"1048577T", UNITS_E_RANGE, -1},
			  {"8MB", UNITS_E_SYNTAX, -1},
			  {"8m", UNITS_E_SYNTAX, -1},
			  {"8K", UNITS_E_SYNTAX, -1},
			  {"", UNITS_E_SYNTAX, -1},
		  },
	  ints[] = {
		  {"0", 0, 0},
		  {"-12", 0, -12},
		  {"7", 0, 7},
		  {"+7", UNITS_E_SYNTAX, -1},
		  {"007", UNITS_E_SYNTAX, -1},
		  {"-0", UNITS_E_SYNTAX, -1},
		  {"--1", UNITS_E_SYNTAX, -1},
		  {"1_000", UNITS_E_SYNTAX, -1},
		  {"0x10", UNITS_E_SYNTAX, -1},
		  {"9223372036854775808", UNITS_E_RANGE, -1},
	  };
	int64_t got;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(durations); i++) {
		got = -1;
		assert_int_equal(units_duration(durations[i].text, &got), durations[i].r);
		assert_int_equal(got, durations[i].want);
	}
	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		got = -1;
		assert_int_equal(units_size(sizes[i].text, &got), sizes[i].r);
		assert_int_equal(got, sizes[i].want);
	}
	for (i = 0; i < ARRAY_LEN(ints); i++) {
		got = -1;
		assert_int_equal(units_int(ints[i].text, &got), ints[i].r);
		assert_int_equal(got, ints[i].want);
	}
}

static void parts(void **state)
{
	static const struct {
		const char *text;
		int r;
		double want;
	} cases[] = {
		{"10%", 0, 0.1},
		{"0%", 0, 0},
		{"100%", 0, 1},
		{"2.5%", 0, 0.025},
		{"0.001%", 0, 0.00001},
		{"100.0%", 0, 1},
		{"100.1%", UNITS_E_RANGE, -1},
		{"101%", UNITS_E_RANGE, -1},
		{"0.10", UNITS_E_UNIT, -1},
		{"10", UNITS_E_UNIT, -1},
		{"%", UNITS_E_SYNTAX, -1},
		{".5%", UNITS_E_SYNTAX, -1},
		{"5.%", UNITS_E_SYNTAX, -1},
		{"5 %", UNITS_E_SYNTAX, -1},
		{"5%%", UNITS_E_SYNTAX, -1},
		{"-5%", UNITS_E_SYNTAX, -1},
		{"1.12345678%", UNITS_E_SYNTAX, -1},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		double got = -1;

		assert_int_equal(units_part(cases[i].text, &got), cases[i].r);
		assert_true(got > cases[i].want - 1e-12 && got < cases[i].want + 1e-12);
	}
}

static void writings_are_the_shortest(void **state)
{
	char out[UNITS_TEXT_SIZE];

	(void)state;
	assert_string_equal(units_duration_text(0, out), "0s");
	assert_string_equal(units_duration_text(500, out), "0.5s");
	assert_string_equal(units_duration_text(90 * MINUTE_MS, out), "90m");
	assert_string_equal(units_duration_text(24 * HOUR_MS, out), "1d");
	assert_string_equal(units_size_text(0, out), "0");
	assert_string_equal(units_size_text(65536, out), "64k");
	assert_string_equal(units_size_text(1000, out), "1000");
	assert_string_equal(units_size_text(UNITS_SIZE_MAX, out), "1048576T");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_file_holds_a_secret, setup, teardown),
		cmocka_unit_test_setup_teardown(a_secret_is_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(a_file_that_everybody_reads_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_file_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(variables_and_credentials, setup, teardown),
		cmocka_unit_test(units),
		cmocka_unit_test(parts),
		cmocka_unit_test(writings_are_the_shortest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
