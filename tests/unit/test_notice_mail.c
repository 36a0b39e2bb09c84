/* Notices as mails: headers that hold whatever a text says, bodies that pass every server; and their words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alert/facts.h"
#include "alert/mime.h"
#include "alert/notice_object.h"
#include "alert/notice_text.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/zone.h"

static char *mail(const char *subject, const char *body, const char *thread, const struct zone *zone)
{
	struct buf b = BUF_INIT(1 << 20);

	mime_put(&b, &(struct mime_message){.from = "escuchad@example.com",
					    .to = "ana@example.org",
					    .subject = subject,
					    .body = body,
					    .key = "00112233445566778899aabbccddeeff",
					    .thread = thread,
					    .lang = "es",
					    .now_ms = 1790000000000,
					    .zone = zone});
	return buf_steal(&b);
}

static void a_plain_mail_to_the_letter(void **state)
{
	cleanup(zone_freep) struct zone *zone = NULL;
	cleanup(freep) char *got = NULL;

	(void)state;
	assert_int_equal(zone_load("America/Bogota", &zone), 0);
	got = mail("Hola", "uno\n.dos\nFrom tres \n=cuatro\nñ\n", "aa", zone);
	assert_string_equal(got, "From: escuchad <escuchad@example.com>\r\n"
				 "To: <ana@example.org>\r\n"
				 "Subject: Hola\r\n"
				 "Date: Mon, 21 Sep 2026 09:13:20 -0500\r\n"
				 "Message-ID: <00112233445566778899aabbccddeeff@example.com>\r\n"
				 "In-Reply-To: <aa@example.com>\r\n"
				 "References: <aa@example.com>\r\n"
				 "Auto-Submitted: auto-generated\r\n"
				 "Content-Language: es\r\n"
				 "MIME-Version: 1.0\r\n"
				 "Content-Type: text/plain; charset=utf-8\r\n"
				 "Content-Transfer-Encoding: quoted-printable\r\n"
				 "\r\n"
				 "uno\r\n=2Edos\r\n=46rom tres=20\r\n=3Dcuatro\r\n=C3=B1\r\n");
}

/* Text first, then HTML with its picture, then what is attached; no part can end another. */
static void a_mail_with_parts(void **state)
{
	static const struct notice_file files[] = {
		{.name = "g.png", .type = "image/png", .cid = "g", .bytes = "\x89PNG", .len = 4},
		{.name = "a.txt",
		 .type = "text/plain",
		 .bytes = "--=_mixed_00112233445566778899aabbccddeeff--",
		 .len = 44}};
	struct buf b = BUF_INIT(1 << 20);
	const char *at;

	(void)state;
	mime_put(&b, &(struct mime_message){.from = "escuchad@example.com",
					    .to = "ana@example.org",
					    .subject = "s",
					    .body = "--=_mixed_00112233445566778899aabbccddeeff--\n",
					    .html = "<p>--=_related_00112233445566778899aabbccddeeff--",
					    .files = files,
					    .n_files = 2,
					    .key = "00112233445566778899aabbccddeeff",
					    .lang = "es"});
	at = strstr(buf_str(&b), "MIME-Version: 1.0\r\n");
	assert_non_null(at);
	assert_string_equal(
		at,
		"MIME-Version: 1.0\r\n"
		"Content-Type: multipart/mixed; boundary=\"=_mixed_00112233445566778899aabbccddeeff\"\r\n"
		"\r\n--=_mixed_00112233445566778899aabbccddeeff\r\n"
		"Content-Type: multipart/alternative; boundary=\"=_alternative_00112233445566778899aabbccddeeff\"\r\n"
		"\r\n--=_alternative_00112233445566778899aabbccddeeff\r\n"
		"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
		"--=3D_mixed_00112233445566778899aabbccddeeff--\r\n"
		"\r\n--=_alternative_00112233445566778899aabbccddeeff\r\n"
		"Content-Type: multipart/related; boundary=\"=_related_00112233445566778899aabbccddeeff\"\r\n"
		"\r\n--=_related_00112233445566778899aabbccddeeff\r\n"
		"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
		"<p>--=3D_related_00112233445566778899aabbccddeeff--\r\n"
		"\r\n--=_related_00112233445566778899aabbccddeeff\r\n"
		"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <g>\r\n"
		"Content-Disposition: inline; filename=\"g.png\"\r\n\r\niVBORw==\r\n"
		"\r\n--=_related_00112233445566778899aabbccddeeff--\r\n"
		"\r\n--=_alternative_00112233445566778899aabbccddeeff--\r\n"
		"\r\n--=_mixed_00112233445566778899aabbccddeeff\r\n"
		"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n"
		"Content-Disposition: attachment; filename=\"a.txt\"\r\n\r\n"
		"LS09X21peGVkXzAwMTEyMjMzNDQ1NTY2Nzc4ODk5YWFiYmNjZGRlZWZmLS0=\r\n"
		"\r\n--=_mixed_00112233445566778899aabbccddeeff--\r\n");
	buf_done(&b);
}

/* One line after another, each within its bounds; headers until the first empty one. Returns how many headers there are. */
static size_t check_lines(const char *text)
{
	size_t headers = 0;
	bool head = true;

	while (*text) {
		const char *end = strstr(text, "\r\n");
		size_t i, len;

		assert_non_null(end); /* nor does the last lack it */
		len = (size_t)(end - text);
		if (len == 0)
			head = false;
		headers += head && *text != ' ';
		assert_true(len <= 76);
		assert_false(len == 1 && *text == '.');
		for (i = 0; i < len; i++)
			assert_true((text[i] >= 0x20 && text[i] <= 0x7E) || (text[i] == '\t' && !head));
		assert_false(!head && len && (text[len - 1] == ' ' || text[len - 1] == '\t'));
		text = end + 2;
	}
	assert_false(head);
	return headers;
}

static unsigned digit(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'A' + 10);
}

/* What a reader of mails makes of the body. */
static char *decoded(const char *text)
{
	const char *p = strstr(text, "\r\n\r\n") + 4;
	struct buf b = BUF_INIT(1 << 20);

	while (*p) {
		if (p[0] == '=' && p[1] == '\r') {
			p += 3;
		} else if (p[0] == '=') {
			buf_putc(&b, (char)(digit(p[1]) << 4 | digit(p[2])));
			p += 3;
		} else {
			if (*p != '\r')
				buf_putc(&b, *p);
			p++;
		}
	}
	return buf_steal(&b);
}

/* And of the subject. */
static char *subject_of(const char *text)
{
	const char *p = strstr(text, "Subject: ") + 9;
	struct buf b = BUF_INIT(1 << 16);

	if (strncmp(p, "=?utf-8?Q?", 10) != 0)
		return xstrndup(p, strcspn(p, "\r"));
	while (strncmp(p, "=?utf-8?Q?", 10) == 0) {
		for (p += 10; strncmp(p, "?=", 2) != 0; p++) {
			if (*p == '=') {
				buf_putc(&b, (char)(digit(p[1]) << 4 | digit(p[2])));
				p += 2;
			} else {
				buf_putc(&b, *p == '_' ? ' ' : *p);
			}
		}
		p += 2;
		if (strncmp(p, "\r\n ", 3) == 0)
			p += 3;
	}
	return buf_steal(&b);
}

static void hostile_titles_stay_words(void **state)
{
	static const struct {
		const char *title, *want; /* NULL: the same */
	} titles[] = {
		{"La niña comió piñas en Logroño", NULL},
		{"a\r\nBcc: x@example.com", "a  Bcc: x@example.com"},
		{"a\nBcc: x@example.com\n\nHola", "a Bcc: x@example.com  Hola"},
		{"a\xE2\x80\xA8"
		 "b",
		 "a b"},
		{"=?utf-8?Q?=0D=0ABcc:_x?=", NULL},
		{"\xE2\x80\xAEgnp.exe", "gnp.exe"},
		{"\x1b[31mrojo", "[31mrojo"},
		{"<script>alert(1)</script> & \"comillas\"", NULL},
		{"@everyone <!channel> *negrita* _cursiva_", NULL},
		{"😀👩‍👩‍👧 emoji", NULL},
		{"\xC2\x85línea", "línea"},
	};
	size_t i;

	(void)state; /* FAULTS O1 */
	for (i = 0; i < ARRAY_LEN(titles); i++) {
		cleanup(freep) char *got = mail(titles[i].title, "x\n", NULL, NULL), *subject = subject_of(got);

		assert_int_equal(check_lines(got), 10);
		assert_string_equal(subject, titles[i].want ? titles[i].want : titles[i].title);
	}
}

static void a_long_subject_is_cut_between_letters(void **state)
{
	struct buf b = BUF_INIT(10000);
	cleanup(freep) char *got = NULL, *subject = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < 500; i++)
		buf_puts(&b, "ñ");
	got = mail(buf_str(&b), "x\n", NULL, NULL);
	subject = subject_of(got);
	assert_int_equal(check_lines(got), 10);
	assert_int_equal(strlen(subject), 200 + strlen("…"));
	assert_string_equal(subject + 196, "ññ…");
	buf_done(&b);
}

static void any_body_comes_out_as_it_went_in(void **state)
{
	static const char letters[] = "aF.= \t\nñ€😀\n.\n";
	unsigned seed = 7;
	int round;

	(void)state; /* FAULTS O2 */
	for (round = 0; round < 2000; round++) {
		struct buf b = BUF_INIT(100000);
		cleanup(freep) char *got = NULL, *back = NULL;
		int n = rand_r(&seed) % 400;

		while (n--) {
			const char *p = letters + (unsigned)rand_r(&seed) % (sizeof(letters) - 1);
			size_t len = 1;

			while (p > letters && (*p & 0xC0) == 0x80)
				p--;
			while ((p[len] & 0xC0) == 0x80)
				len++;
			buf_put(&b, p, len);
		}
		buf_putc(&b, '\n');
		got = mail("x", buf_str(&b), NULL, NULL);
		check_lines(got);
		back = decoded(got);
		assert_string_equal(back, buf_str(&b));
		buf_done(&b);
	}
}

/* --- words --- */

static void tell(struct facts *f, const char *kind, const char *subject, enum fact_state state, const char *why)
{
	facts_add(f, &(struct fact){.kind = kind,
				    .subject = subject,
				    .why = why,
				    .state = state,
				    .since_ms = 1790000000000,
				    .until_ms = state == FACT_OVER ? 1790003600000 : TIME_NONE,
				    .text = {[TEXT_EN] = "it is so", [TEXT_ES] = "así es"}});
}

static void words_are_in_the_readers_language_and_zone(void **state)
{
	cleanup(zone_freep) struct zone *zone = NULL;
	cleanup(facts_freep) struct facts *f = facts_new();
	struct buf b = BUF_INIT(NOTICE_TEXT_MAX_BYTES);
	struct notice_reader es = {.lang = TEXT_ES, .zone_name = "America/Bogota"}, en = {.lang = TEXT_EN};

	(void)state;
	assert_int_equal(zone_load("America/Bogota", &zone), 0);
	es.zone = zone;
	tell(f, "log_full", NULL, FACT_BEGINS, NULL);
	tell(f, "source_deaf", "prensa", FACT_OVER, NULL);
	notice_subject(&b, f, &es, false);
	assert_string_equal(buf_str(&b), "escuchad: así es; y 1 cosa más");
	buf_reset(&b);
	notice_body(&b, f, &es, false);
	assert_non_null(strstr(buf_str(&b),
			       "Qué anda mal:\n- así es\n  desde 2026-09-21 09:13\n\nYa pasó:\n- así es\n  de "
			       "2026-09-21 09:13 a 2026-09-21 10:13\n\nQué hacer:\n- El registro lleno"));
	assert_non_null(strstr(buf_str(&b), "Las horas son de America/Bogota."));
	assert_null(strstr(buf_str(&b), "REPETICIÓN"));
	assert_null(strstr(buf_str(&b), "navegador")); /* what is over needs no advice */
	buf_reset(&b);
	notice_body(&b, f, &en, true);
	assert_non_null(strstr(buf_str(&b), "POSSIBLE REPEAT"));
	assert_non_null(strstr(buf_str(&b), "since 2026-09-21 14:13\n"));
	assert_non_null(strstr(buf_str(&b), "Times are of UTC."));
	buf_done(&b);
}

static void many_deaf_at_once_are_the_network(void **state)
{
	struct notice_reader en = {.lang = TEXT_EN};
	int reached, i;

	(void)state;
	for (reached = 0; reached < 4; reached++) {
		cleanup(facts_freep) struct facts *f = facts_new();
		struct buf b = BUF_INIT(NOTICE_TEXT_MAX_BYTES);
		char name[16];

		for (i = 0; i < NOTICE_NETWORK_LEAST + 1; i++) {
			snprintf(name, sizeof(name), "s%d", i);
			tell(f, "source_deaf", name, FACT_BEGINS, i < reached ? "http_404" : i % 2 ? "dns" : "timeout");
		}
		notice_subject(&b, f, &en, false);
		if (reached < 2)
			assert_non_null(strstr(buf_str(&b), "sources can't be reached"));
		else
			assert_string_equal(buf_str(&b), "escuchad: it is so; and 5 more things");
		buf_done(&b);
	}
}

static void more_than_can_be_shown_is_counted(void **state)
{
	cleanup(facts_freep) struct facts *f = facts_new();
	struct buf b = BUF_INIT(NOTICE_TEXT_MAX_BYTES);
	struct notice_reader en = {.lang = TEXT_EN};
	char name[16];
	int i;

	(void)state;
	for (i = 0; i < FACTS_MAX + 10; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		tell(f, "source_deaf", name, FACT_LASTS, NULL);
	}
	notice_body(&b, f, &en, false);
	assert_non_null(strstr(buf_str(&b), "… and 70 more"));
	assert_int_equal(FACTS_MAX + 10 - NOTICE_SHOWN_MAX, 70);
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_mail_to_the_letter),
		cmocka_unit_test(a_mail_with_parts),
		cmocka_unit_test(hostile_titles_stay_words),
		cmocka_unit_test(a_long_subject_is_cut_between_letters),
		cmocka_unit_test(any_body_comes_out_as_it_went_in),
		cmocka_unit_test(words_are_in_the_readers_language_and_zone),
		cmocka_unit_test(many_deaf_at_once_are_the_network),
		cmocka_unit_test(more_than_can_be_shown_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
