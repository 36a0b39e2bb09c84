/* Local times of zones: the same as glibc's, zone by zone; files that are none; rules for years that no file lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/zone.h"

static const char *const zones[] = {
	"UTC",
	"America/Mexico_City",
	"America/Bogota",
	"America/Santiago",
	"America/Argentina/Buenos_Aires",
	"America/Sao_Paulo",
	"America/Caracas",
	"America/New_York",
	"America/Havana",
	"Europe/Madrid",
	"Europe/London",
	"Europe/Dublin",
	"Africa/Casablanca",
	"Asia/Kathmandu",
	"Asia/Gaza",
	"Australia/Lord_Howe",
	"Pacific/Apia",
	"America/Nuuk",
};

static void check(const struct zone *z, const char *name, int64_t s)
{
	time_t t = (time_t)s;
	struct zone_time got;
	struct tm want;

	zone_local(z, s * 1000 + 999, &got);
	assert_non_null(localtime_r(&t, &want));
	if (got.year != want.tm_year + 1900 || got.month != want.tm_mon + 1 || got.day != want.tm_mday ||
	    got.hour != want.tm_hour || got.minute != want.tm_min || got.second != want.tm_sec ||
	    got.weekday != want.tm_wday || got.offset_s != want.tm_gmtoff ||
	    strcmp(got.abbreviation, want.tm_zone) != 0)
		fail_msg("%s at %lld: %lld-%d-%d %d:%d %+d %s, glibc: %d-%d-%d %d:%d %+ld %s", name, (long long)s,
			 (long long)got.year, got.month, got.day, got.hour, got.minute, (int)got.offset_s,
			 got.abbreviation, want.tm_year + 1900, want.tm_mon + 1, want.tm_mday, want.tm_hour,
			 want.tm_min, want.tm_gmtoff, want.tm_zone);
}

static void every_hour_is_as_glibc_has_it(void **state)
{
	enum { HOURS = 24 * 366, YEARS = 5 };
	static const int64_t from_s[YEARS] = {0, 1262304000, 1790000000, 2200000000, 4000000000}; /* 1970 to 2097 */
	size_t i, year;
	int hour;

	(void)state;
	for (i = 0; i < ARRAY_LEN(zones); i++) {
		cleanup(zone_freep) struct zone *z = NULL;

		assert_int_equal(zone_load(zones[i], &z), 0);
		setenv("TZ", zones[i], 1);
		tzset();
		for (year = 0; year < YEARS; year++)
			for (hour = 0; hour < HOURS; hour++)
				check(z, zones[i], from_s[year] + hour * INT64_C(3600) - (hour % 3 == 0));
	}
}

static void no_zone_is_utc(void **state)
{
	struct zone_time t;

	(void)state;
	zone_local(NULL, -1, &t);
	assert_true(t.year == 1969 && t.month == 12 && t.day == 31 && t.hour == 23 && t.second == 59 && t.weekday == 3);
	assert_string_equal(t.abbreviation, "UTC");
}

static void names_lead_nowhere_else(void **state)
{
	static const char *const names[] = {"", "/etc/passwd", "../../../etc/passwd", "America/../../passwd"};
	struct zone *z = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(names); i++)
		assert_int_equal(zone_load(names[i], &z), ZONE_E_NAME);
	assert_true(zone_load("America/Macondo", &z) < 0);
	assert_null(z);
}

static const char *folder(void)
{
	static char path[] = "/tmp/test_zone_XXXXXX";
	static bool made;

	if (!made) /* its name may hold an X still */
		assert_non_null(mkdtemp(path));
	made = true;
	return path;
}

/* A file of one type without transitions, and a rule. */
static int load(const char *rule, struct zone **ret)
{
	static const unsigned char counts[24] = {[15] = 0, [19] = 1, [23] = 4};
	cleanup(freep) char *path = xasprintf("%s/X", folder());
	FILE *f = fopen(path, "w");
	int version, r;

	assert_non_null(f);
	for (version = 0; version < 2; version++) {
		fputs("TZif2", f);
		fwrite("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 1, 15, f);
		fwrite(counts, 1, sizeof(counts), f);
		fwrite("\0\0\0\0\0\0XXX\0", 1, 10, f);
	}
	fprintf(f, "\n%s\n", rule);
	fclose(f);
	setenv("TZDIR", folder(), 1);
	r = zone_load("X", ret);
	unsetenv("TZDIR");
	unlink(path);
	return r;
}

static void rules_are_as_glibc_reads_them(void **state)
{
	static const char *const rules[] = {"CST6",
					    "<-05>5",
					    "EST5EDT,M3.2.0,M11.1.0",
					    "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1",
					    "IST-2IDT,M3.4.4/26,M10.5.0",
					    "AAA3BBB,J60/0,J300",
					    "AAA3BBB,59,300/25",
					    "<+0330>-3:30<+0430>,J79/24,J263/24",
					    "AEST-10AEDT,M10.1.0,M4.1.0/3"};
	size_t i;
	int hour;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rules); i++) {
		cleanup(zone_freep) struct zone *z = NULL;

		assert_int_equal(load(rules[i], &z), 0);
		setenv("TZ", rules[i], 1);
		tzset();
		for (hour = 0; hour < 24 * 366 * 5; hour++) /* with a leap year */
			check(z, rules[i], 1700000000 + hour * INT64_C(3600));
	}
}

static void a_broken_file_is_refused(void **state)
{
	static const char *const rules[] = {"C",
					    "CST",
					    "CST6CDT",
					    "CST6CDT,M3.2.0",
					    "CST6CDT,M13.2.0,M11.1.0",
					    "CST6CDT,M3.6.0,M11.1.0",
					    "<CST",
					    "CST999",
					    "CST6CDT,M3.2.7,M11.1.0",
					    "CST6CDT,M3.2.0,M11.1.0x",
					    "ABCDEFGHIJKLMNOPQRSTUVWXYZ1"};
	cleanup(freep) char *path = xasprintf("%s/Y", folder());
	char bytes[400];
	struct zone *z = NULL;
	size_t i, len;
	FILE *f;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rules); i++)
		if (load(rules[i], &z) != ZONE_E_FORMAT)
			fail_msg("%s", rules[i]);
	f = fopen("/usr/share/zoneinfo/America/Bogota", "r"); /* cut short at every byte */
	assert_non_null(f);
	len = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	setenv("TZDIR", folder(), 1);
	for (i = 0; i < len; i++) {
		f = fopen(path, "w");
		assert_non_null(f);
		fwrite(bytes, 1, i, f);
		fclose(f);
		assert_int_equal(zone_load("Y", &z), ZONE_E_FORMAT);
	}
	f = fopen(path, "w"); /* past the bound */
	assert_non_null(f);
	assert_int_equal(ftruncate(fileno(f), ZONE_FILE_MAX_BYTES + 1), 0);
	fclose(f);
	assert_int_equal(zone_load("Y", &z), ZONE_E_FORMAT);
	unsetenv("TZDIR");
	unlink(path);
	rmdir(folder());
	assert_null(z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_hour_is_as_glibc_has_it), cmocka_unit_test(no_zone_is_utc),
		cmocka_unit_test(names_lead_nowhere_else),       cmocka_unit_test(rules_are_as_glibc_reads_them),
		cmocka_unit_test(a_broken_file_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
