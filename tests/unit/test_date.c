/* Dates in every form met. FAULTS T3. The wanted values were computed by date(1) and, where it can, by feedparser. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "parse/date.h"

enum { UNTOUCHED = -77 };

static const struct {
	const char *in;
	int r;
	const char *want; /* UTC, RFC 3339; with milliseconds where they are not 0 */
} cases[] = {
	/* Russian, and the East */
	{"22 ноя 2026", 0, "2026-11-22T00:00:00Z"},
	{"22 ноября 2026 г.", 0, "2026-11-22T00:00:00Z"},
	{"Вс, 22 ноября 2026 г., 10:30 МСК", 0, "2026-11-22T07:30:00Z"},
	{"9 мая 2024 г. в 08:05 +0300", 0, "2024-05-09T05:05:00Z"},
	{"1 МАЙ 2024", 0, "2024-05-01T00:00:00Z"},
	{"3 сент. 2025", 0, "2025-09-03T00:00:00Z"},
	{"12 июля 2025 14:00", 0, "2025-07-12T14:00:00Z"},
	{"12 июня 2025 14:00", 0, "2025-06-12T14:00:00Z"},
	{"31 ноября 2026", DATE_E_RANGE, NULL},
	{"2026年11月22日", 0, "2026-11-22T00:00:00Z"},
	{"2026年11月22日 10:30", 0, "2026-11-22T10:30:00Z"},
	{"2026年11月22日10时30分15秒", 0, "2026-11-22T10:30:15Z"},
	{"2026年1月2日(金) 午後3時5分", 0, "2026-01-02T15:05:00Z"},
	{"2026年11月22日 星期日 下午3:30", 0, "2026-11-22T15:30:00Z"},
	{"2026年11月22日 上午12点", 0, "2026-11-22T00:00:00Z"},
	{"2026년 11월 22일 오후 3시 30분", 0, "2026-11-22T15:30:00Z"},
	{"26年11月22號", 0, "2026-11-22T00:00:00Z"},
	{"2026年11月", 0, "2026-11-01T00:00:00Z"},
	{"2026年13月1日", DATE_E_RANGE, NULL},
	{"2026年11月31日", DATE_E_RANGE, NULL},
	{"2026年11月22日25时", DATE_E_RANGE, NULL},
	{"2026年2026年11月", DATE_E_SYNTAX, NULL},
	{"年月日", DATE_E_SYNTAX, NULL},
	{"22下午", DATE_E_SYNTAX, NULL},
	/* RFC 822, 1123 and what passes for them */
	{"Thu, 29 Feb 2024 09:00:00 -0300", 0, "2024-02-29T12:00:00Z"},
	{"Thu, 29 Feb 2024 09:00:00 GMT", 0, "2024-02-29T09:00:00Z"},
	{"Fri, 5 Oct 2007 15:00:00 +0000", 0, "2007-10-05T15:00:00Z"},
	{"5 Oct 07 15:00 Z", 0, "2007-10-05T15:00:00Z"},
	{"05 Oct 98 15:00:00 UT", 0, "1998-10-05T15:00:00Z"},
	{"Fri 05 Oct 2007 15:00:00 EST", 0, "2007-10-05T20:00:00Z"},
	{"Fri,  5  Oct  2007   15:00:00   EDT ", 0, "2007-10-05T19:00:00Z"},
	{"Fri, 05 Oct 2007 15:00:00 CST", 0, "2007-10-05T21:00:00Z"},
	{"Fri, 05 Oct 2007 15:00:00 PDT", 0, "2007-10-05T22:00:00Z"},
	{"Fri, 05 Oct 2007 15:00:00 CET", 0, "2007-10-05T14:00:00Z"},
	{"Fri, 05 Oct 2007 15:00:00 CEST", 0, "2007-10-05T13:00:00Z"},
	{"Fri, 05 Oct 2007 15:00:00 ART", 0, "2007-10-05T18:00:00Z"},
	{"Fri, 05 Oct 2007 15:00:00 IST", 0, "2007-10-05T09:30:00Z"},
	{"Fri, 05 Oct 2007 15:00:00 Etc/GMT", 0, "2007-10-05T15:00:00Z"},
	{"Fri, 05 Oct 2007 15:00:00 XYZ", 0, "2007-10-05T15:00:00Z"},
	{"Fri, 05 Oct 2007 15:00:00 GMT+0200", 0, "2007-10-05T13:00:00Z"},
	{"Fri, 05 Oct 2007 15:00:00 GMT-05:00", 0, "2007-10-05T20:00:00Z"},
	{"Fri, 05 Oct 2007 15:00:00 UTC +2", 0, "2007-10-05T13:00:00Z"},
	{"Fri, 05 Oct 2007 15:00:00 +0530 (India Standard Time)", 0, "2007-10-05T09:30:00Z"},
	{"Fri, 11 Mar 2016 01:15:00 +3000", 0, "2016-03-11T01:15:00Z"}, /* no such zone */
	{"Fri, 05 Oct 2007", 0, "2007-10-05T00:00:00Z"},
	{"05-Oct-2007 15:00:00 -0300", 0, "2007-10-05T18:00:00Z"},
	{"Sat Oct 06 2018 00:00:00 GMT", 0, "2018-10-06T00:00:00Z"},
	{"Sat Oct 06 2018 00:00:00 GMT+0200 (hora de verano)", 0, "2018-10-05T22:00:00Z"},
	{"Sat Oct  6 09:08:07 2018", 0, "2018-10-06T09:08:07Z"},
	{"Sat Oct 06 09:08:07 +0100 2018", 0, "2018-10-06T08:08:07Z"},
	{"December 3, 2009 00:00:00 +0000", 0, "2009-12-03T00:00:00Z"},
	{"December 3rd, 2009 at 10:15 pm", 0, "2009-12-03T22:15:00Z"},
	{"Friday, January 29, 2021 04:42 PM", 0, "2021-01-29T16:42:00Z"},
	{"Friday, January 29, 2021 12:05 AM", 0, "2021-01-29T00:05:00Z"},
	{"29 Jan 2021 12:05 PM", 0, "2021-01-29T12:05:00Z"},
	/* other languages */
	{"Jue, 29 Feb 2024 09:00:00 -0300", 0, "2024-02-29T12:00:00Z"},
	{"mar, 03 mar 2020 10:00:00 +0000", 0, "2020-03-03T10:00:00Z"}, /* a Tuesday in March */
	{"mar, 03 nov 2020 10:00:00 +0000", 0, "2020-11-03T10:00:00Z"}, /* a Tuesday in November */
	{"mié., 2 de sept. de 2020, 7:30 p. m.", 0, "2020-09-02T19:30:00Z"},
	{"martes, 3 de marzo de 2020 a las 10:00 horas", 0, "2020-03-03T10:00:00Z"},
	{"15 ENE 2021 08:00", 0, "2021-01-15T08:00:00Z"},
	{"Seg, 24 Set 2018 19:42:40 -0300", 0, "2018-09-24T22:42:40Z"},
	{"Qui, 2 Fev 2017 10:00:00 BRT", 0, "2017-02-02T13:00:00Z"},
	{"15 out 2019 10:00:00 +0000", 0, "2019-10-15T10:00:00Z"},
	{"Mi, 12 Dez 2018 10:00:00 +0100", 0, "2018-12-12T09:00:00Z"},
	{"Do, 7 Mär 2019 10:00:00 MEZ", 0, "2019-03-07T09:00:00Z"},
	{"am 3. März 2020 um 12:30", 0, "2020-03-03T12:30:00Z"}, /* no AM */
	{"lundi 3 août 2020 14h30", 0, "2020-08-03T14:30:00Z"},
	{"jeu., 02 juil. 2020 10:00:00 +0200", 0, "2020-07-02T08:00:00Z"},
	{"ven, 4 gen 2019 10:00:00 +0100", 0, "2019-01-04T09:00:00Z"},
	{"Κυρ, 11 Ιούλ 2004 12:00:00 EST", 0, "2004-07-11T17:00:00Z"},
	{"Πεμ, 3 Ιουν 2004 12:00:00 +0000", 0, "2004-06-03T12:00:00Z"},
	/* ISO 8601 */
	{"2024-02-29T09:00:00-03:00", 0, "2024-02-29T12:00:00Z"},
	{"2024-02-29t09:00:00z", 0, "2024-02-29T09:00:00Z"},
	{"2024-02-29T09:00:00.5Z", 0, "2024-02-29T09:00:00.500Z"},
	{"2024-02-29T09:00:00.123456789+01:00", 0, "2024-02-29T08:00:00.123Z"},
	{"2024-02-29T09:00:00,25", 0, "2024-02-29T09:00:00.250Z"},
	{"2024-02-29 09:00:00", 0, "2024-02-29T09:00:00Z"},
	{"2024-02-29 09:00:00 +0200", 0, "2024-02-29T07:00:00Z"},
	{"2024-02-29T09:00", 0, "2024-02-29T09:00:00Z"},
	{"2024-02-29T09:00+02", 0, "2024-02-29T07:00:00Z"},
	{"2024-02-29 09:00:00 CET", 0, "2024-02-29T08:00:00Z"},
	{"2024-02-29T09:00:00+01:00[Europe/Madrid]", 0, "2024-02-29T08:00:00Z"},
	{"2024-2-9", 0, "2024-02-09T00:00:00Z"},
	{"2024-02-29", 0, "2024-02-29T00:00:00Z"},
	{"2024-02", 0, "2024-02-01T00:00:00Z"},
	{"2024", 0, "2024-01-01T00:00:00Z"},
	{"20240229T090000Z", 0, "2024-02-29T09:00:00Z"},
	{"20240229", 0, "2024-02-29T00:00:00Z"},
	{"20240229090000", 0, "2024-02-29T09:00:00Z"},
	{"2024-060T09:00Z", 0, "2024-02-29T09:00:00Z"},
	{"2024060", 0, "2024-02-29T00:00:00Z"},
	{"2020-W53-7", 0, "2021-01-03T00:00:00Z"},
	{"2009W011", 0, "2008-12-29T00:00:00Z"},
	/* numbers */
	{"2020/1/10 14:33:00", 0, "2020-01-10T14:33:00Z"},
	{"07.02.2025", 0, "2025-02-07T00:00:00Z"},
	{"07.02.2025 10:15", 0, "2025-02-07T10:15:00Z"},
	{"07/02/2025", 0, "2025-02-07T00:00:00Z"},
	{"31/1/20 8:05", 0, "2020-01-31T08:05:00Z"},
	{"1/31/2020 8:05:09 PM", 0, "2020-01-31T20:05:09Z"},
	{"5/3/2019 3:21:00 PM", 0, "2019-05-03T15:21:00Z"},
	{"Fri, 05/03/2019 - 15:21", 0, "2019-05-03T15:21:00Z"}, /* 3 May was a Friday */
	{"mar, 05/03/2019 - 15:21", 0, "2019-03-05T15:21:00Z"}, /* 5 March was a Tuesday */
	{"1709208000", 0, "2024-02-29T12:00:00Z"},
	{"1709208000.25", 0, "2024-02-29T12:00:00.250Z"},
	{"1709208000123", 0, "2024-02-29T12:00:00.123Z"},
	{"1709208000123456", 0, "2024-02-29T12:00:00.123Z"},
	/* the edges */
	{"2016-12-31T23:59:60Z", 0, "2017-01-01T00:00:00Z"},
	{"Sat, 31 Dec 2016 23:59:60 GMT", 0, "2017-01-01T00:00:00Z"},
	{"2016-12-31T24:00:00Z", 0, "2017-01-01T00:00:00Z"},
	{"9999-12-31T23:59:59Z", 0, "9999-12-31T23:59:59Z"},
	{"Wed, 31 Dec 1969 23:59:59 GMT", 0, "1969-12-31T23:59:59Z"},
	{"\t\n 2024-02-29 \r\n", 0, "2024-02-29T00:00:00Z"},
	{"2023-02-29T12:00:00Z", DATE_E_RANGE, NULL},
	{"30 Feb 2024 10:00:00 GMT", DATE_E_RANGE, NULL},
	{"1900-02-29", DATE_E_RANGE, NULL},
	{"2024-13-01", DATE_E_RANGE, NULL},
	{"32/01/2024", DATE_E_RANGE, NULL},
	{"2024-02-29T24:00:01Z", DATE_E_RANGE, NULL},
	{"2024-02-29T25:00:00Z", DATE_E_RANGE, NULL},
	{"2024-02-29T10:60:00Z", DATE_E_RANGE, NULL},
	{"2024-02-29T10:00:61Z", DATE_E_RANGE, NULL},
	{"2023-366", DATE_E_RANGE, NULL},
	{"0000-00-00 00:00:00", DATE_E_RANGE, NULL},
	{"", DATE_E_SYNTAX, NULL},
	{"   ", DATE_E_SYNTAX, NULL},
	{"mañana", DATE_E_SYNTAX, NULL},
	{"hace 3 días", DATE_E_SYNTAX, NULL},
	{"Thu, 12 Feb", DATE_E_SYNTAX, NULL},
	{"12:30", DATE_E_SYNTAX, NULL},
	{"3 enero abril 2020", DATE_E_SYNTAX, NULL},
	{"99999999999999999999", DATE_E_SYNTAX, NULL},
	{"2024-02-29T", 0, "2024-02-29T00:00:00Z"},
	{"undefined", DATE_E_SYNTAX, NULL},
	{"+0000", DATE_E_SYNTAX, NULL},
	{"-", DATE_E_SYNTAX, NULL},
};

static void every_form_is_read(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		char text[CLOCK_RFC3339_SIZE];
		int64_t ms = UNTOUCHED;
		int r = date_parse(cases[i].in, strlen(cases[i].in), &ms);

		if (r != cases[i].r)
			fail_msg("\"%s\" gives %d, not %d", cases[i].in, r, cases[i].r);
		if (r)
			assert_int_equal(ms, UNTOUCHED);
		else if (strcmp(clock_rfc3339(ms, ms % 1000 != 0, text), cases[i].want) != 0)
			fail_msg("\"%s\" gives %s, not %s", cases[i].in, text, cases[i].want);
	}
}

static void no_byte_behind_the_end_is_read(void **state)
{
	int64_t ms;

	(void)state;
	assert_int_equal(date_parse("2024-02-2999", 10, &ms), 0);
	assert_int_equal(ms, INT64_C(1709164800000));
	assert_int_equal(date_parse("5 Oct 2007 15:00:00 +0100", 20, &ms), 0); /* the zone is cut off */
	assert_int_equal(ms, INT64_C(1191596400000));
}

static void a_long_text_is_no_date(void **state)
{
	char text[DATE_MAX_BYTES + 1];
	int64_t ms;

	(void)state;
	memset(text, ',', sizeof(text));
	memcpy(text, "5 Oct 2007", 10);
	assert_int_equal(date_parse(text, DATE_MAX_BYTES, &ms), 0);
	assert_int_equal(date_parse(text, DATE_MAX_BYTES + 1, &ms), DATE_E_SYNTAX);
}

static void what_cannot_be_counts_as_seen(void **state)
{
	static const int64_t seen = INT64_C(1795341600000); /* 2026-11-22 */
	static const struct {
		int64_t published, want;
		bool suspect;
	} rows[] = {
		{INT64_C(1795341500000), INT64_C(1795341500000), false},
		{INT64_C(1795341600000) + DAY_MS, INT64_C(1795341600000) + DAY_MS, false},
		{INT64_C(1795341600000) + DAY_MS + 1, INT64_C(1795341600000), true},
		{TIME_NONE, INT64_C(1795341600000), true},
		{-1000, INT64_C(1795341600000), true},
		{INT64_C(631152000000) - 1, INT64_C(1795341600000), true},
		{INT64_C(631152000000), INT64_C(631152000000), false}, /* 1990 */
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		bool suspect = !rows[i].suspect;

		assert_int_equal(date_judge(rows[i].published, seen, &suspect), rows[i].want);
		assert_int_equal(suspect, rows[i].suspect);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_is_read),
		cmocka_unit_test(no_byte_behind_the_end_is_read),
		cmocka_unit_test(a_long_text_is_no_date),
		cmocka_unit_test(what_cannot_be_counts_as_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
