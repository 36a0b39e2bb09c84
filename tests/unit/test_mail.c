/* parse/mail, parse/mail_words: messages as they come, those that lie, and those that are meant to hurt. FAULTS P7, P8, P10, P16. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <glib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "parse/mail.h"
#include "parse/mail_words.h"
#include "parse/parse.h"

#define SAY(s) s, sizeof(s) - 1

static struct mail read_mail(struct arena *a, const char *bytes, size_t len)
{
	struct mail m;

	assert_int_equal(mail_parse(bytes, len, a, &m), 0);
	return m;
}

static void same(const char *got, const char *want)
{
	if (!want)
		assert_null(got);
	else
		assert_string_equal(got ? got : "(none)", want);
}

/* ---- words ---- */

static const struct {
	const char *in, *want;
} words[] = {
	{"Hola", "Hola"},
	{"=?utf-8?Q?Ma=C3=B1ana?=", "Mañana"},
	{"=?UTF-8?b?TWHDsWFuYQ==?= a las 5", "Mañana a las 5"},
	{"=?iso-8859-1?Q?Ma=F1ana_=BFno=3F?=", "Mañana ¿no?"},
	{"=?utf-8*es?Q?ca=C3=B1a?=", "caña"},
	{"=?utf-8?Q?uno?=\r\n =?utf-8?Q?dos?=", "unodos"},
	{"=?utf-8?Q?uno?= y =?utf-8?Q?dos?=", "uno y dos"},
	{"=?utf-8?Q?Ma=C3?= =?utf-8?Q?=B1ana?=", "Mañana"},             /* cut through a character */
	{"=?utf-8?B?TWHD?=\r\n\t=?utf-8?B?sWFuYQ==?=", "Mañana"},       /* the same */
	{"=?utf-8?Q?una frase con blancos?=", "una frase con blancos"}, /* not by the book */
	{"Re:=?utf-8?Q?_=C3=B1?=.", "Re: ñ."},                          /* nor this */
	{"=?iso-8859-1?Q?Ma=C3=B1ana?=", "Mañana"},                     /* a charset that lies */
	{"=?x-nadie?Q?Ma=F1ana?=", "Mañana"},                           /* one that nobody knows */
	{"=?utf-8?Q?Ma=F1ana?=", "Mañana"},
	{"=?utf-7?Q?+AGE-?=", "+AGE-"},
	{"=?gb2312?B?xOO6ww==?=", "你好"},
	{"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"},
	{"Ma\xF1"
	 "ana",
	 "Mañana"},
	{"Mañana", "Mañana"},
	{"=?utf-8?Q?sin fin", "=?utf-8?Q?sin fin"},
	{"=?utf-8?X?ab?=", "=?utf-8?X?ab?="},
	{"=?utf-8?Q?"
	 "?=",
	 ""}, /* in two: else a trigraph */
	{"=?", "=?"},
	{"uno\r\n dos", "uno dos"},
};

static void test_words(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
		struct buf out = BUF_INIT(4096);

		mail_words(words[i].in, strlen(words[i].in), MAIL_WORDS_TEXT, &out);
		assert_string_equal(buf_str(&out), words[i].want);
		buf_done(&out);
	}
}

static const struct {
	const char *in, *addr, *name;
} authors[] = {
	{"ana@correo.example", "ana@correo.example", NULL},
	{"Ana Pérez <ana@correo.example>", "ana@correo.example", "Ana Pérez"},
	{"\"Pérez, Ana\" <ana@correo.example>", "ana@correo.example", "Pérez, Ana"},
	{"=?utf-8?Q?P=C3=A9rez=2C_Ana?= <ana@correo.example>", "ana@correo.example",
	 "Pérez, Ana"}, /* its comma is no list's */
	{"=?utf-8?Q?=22x=22_=3Cmala@x.example=3E?= <ana@correo.example>", "ana@correo.example",
	 "\"x\" <mala@x.example>"},
	{"\"=?utf-8?Q?P=C3=A9rez?=\" <ana@correo.example>", "ana@correo.example", "Pérez"},
	{"=?utf-8?Q?Jos=C3=A9?= Ruiz <jose@correo.example>", "jose@correo.example", "José Ruiz"},
	{"ana@correo.example (Ana)", "ana@correo.example", "Ana"},
	{"Equipo: ana@correo.example, luis@correo.example;", "ana@correo.example", NULL},
	{"ana@correo.example, luis@correo.example", "ana@correo.example", NULL},
	{"Ana <>", NULL, NULL},
	{"", NULL, NULL},
};

static void test_authors(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(authors) / sizeof(*authors); i++) {
		struct arena *a = arena_new(1 << 20);
		const char *text = arena_printf(a, "From: %s\nSubject: x\n\nx", authors[i].in);
		struct mail m = read_mail(a, text, strlen(text));

		same(m.from_addr, authors[i].addr);
		same(m.from_addr ? m.from_name : NULL, authors[i].name);
		arena_free(a);
	}
}

static void test_a_sender_stands_in_for_an_author(void **state)
{
	struct arena *a = arena_new(1 << 20);

	(void)state;
	same(read_mail(a, SAY("From: \nSender: ana@correo.example\n\nx")).from_addr, "ana@correo.example");
	arena_free(a);
}

/* ---- ids ---- */

static void test_ids(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct mail m;

	(void)state;
	m = read_mail(a, SAY("Message-Id:\r\n <a\r\n 1@b>\r\nIn-Reply-To: your message of Monday <z@b>\r\n"
			     "References: <x@b>\r\n\t<y@b>,<z@b> garbage <>\r\nContent-Language: es-MX, en\r\n\r\nx"));
	same(m.message_id, "<a1@b>");
	same(m.in_reply_to, "<z@b>");
	assert_int_equal(m.n_references, 3);
	same(m.references[0], "<x@b>");
	same(m.references[2], "<z@b>");
	same(m.content_language, "es-MX");
	m = read_mail(a, SAY("Message-ID: a1@b\nIn-Reply-To: your message\n\nx"));
	same(m.message_id, "<a1@b>");
	same(m.in_reply_to, NULL);
	assert_int_equal(m.n_references, 0);
	m = read_mail(a, SAY("Message-ID: <uno@b>\nMessage-ID: <dos@b>\nSubject: a\nSubject: b\n\nx"));
	same(m.message_id, "<uno@b>");
	same(m.subject, "a");
	arena_free(a);
}

static void test_the_last_references_stay(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct buf b = BUF_INIT(1 << 20);
	struct mail m;
	int i;

	(void)state;
	buf_puts(&b, "References:");
	for (i = 0; i < 1000; i++)
		buf_printf(&b, " <%d@b>", i);
	buf_puts(&b, "\n\nx");
	m = read_mail(a, buf_str(&b), b.len);
	assert_int_equal(m.n_references, MAIL_REFERENCES_MAX);
	same(m.references[MAIL_REFERENCES_MAX - 1], "<999@b>");
	buf_done(&b);
	arena_free(a);
}

static const struct {
	const char *in, *want;
} dates[] = {
	{"Fri, 21 Nov 1997 09:55:06 -0600", "Fri, 21 Nov 1997 09:55:06 -0600"},
	{"Fri, 21 Nov 1997 09(la (hora)):   55  :  06 -0600 (CST)", "Fri, 21 Nov 1997 09:55:06 -0600 "},
	{"ayer", "ayer"},
	{"(", NULL},
	{")", ")"},
};

static void test_dates(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(dates) / sizeof(*dates); i++) {
		struct arena *a = arena_new(1 << 20);
		const char *text = arena_printf(a, "Date: %s\nSubject: x\n\nx", dates[i].in);

		same(read_mail(a, text, strlen(text)).date, dates[i].want);
		arena_free(a);
	}
}

/* ---- bodies ---- */

#define HEAD  "Subject: x\n"
#define MIXED HEAD "Content-Type: multipart/mixed; boundary=b\n\n"

static const struct {
	const char *in, *text, *html;
} bodies[] = {
	{HEAD "\nhola\n", "hola\n", NULL},
	{HEAD "\n", NULL, NULL},
	{HEAD, NULL, NULL},
	{"\n\nFrom ana Mon Nov 22 10:00:00 2026\n" HEAD "\nhola", "hola", NULL},
	{"\xEF\xBB\xBF" HEAD "\nhola", "hola", NULL},
	{HEAD "Content-Type: text/html\n\n<b>hola</b>", NULL, "<b>hola</b>"},
	{HEAD "Content-Transfer-Encoding: base64\n\nTWHDsWFuYQ==\n", "Mañana", NULL},
	{HEAD
	 "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nMa=F1=\nana",
	 "Mañana", NULL},
	{HEAD "Content-Type: text/plain; charset=us-ascii\n\nMañana", "Mañana", NULL},
	{HEAD "Content-Type: text/plain; charset=utf-7\n\n+AGE-", "+AGE-", NULL},
	{HEAD "Content-Type: disparate\n\nhola", "hola", NULL},
	/* alternatives: plain text where it says anything */
	{HEAD "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nuno\n--b\nContent-Type: "
	      "text/html\n\n<p>dos\n--b--\n",
	 "uno", NULL},
	{HEAD "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: "
	      "text/html\n\n<p>dos\n--b\n\nuno\n--b--\n",
	 "uno", NULL},
	{HEAD "Content-Type: multipart/alternative; boundary=b\n\n--b\n\n \n\n--b\nContent-Type: "
	      "text/html\n\n<p>dos\n--b--\n",
	 NULL, "<p>dos"},
	/* parts one after the other; HTML among text is text */
	{MIXED "--b\n\nuno\n--b\n\ndos\n--b--\n", "uno\n\ndos", NULL},
	{MIXED "--b\nContent-Type: text/html\n\n<p>uno\n--b\n\ndos\n--b--\n", "uno\n\ndos", NULL},
	{MIXED "--b\n\nuno\n--b\nContent-Disposition: attachment; filename=x.txt\n\nno\n--b--\n", "uno", NULL},
	{MIXED "--b\n\nuno\n--b\nContent-Type: message/rfc822\n\nSubject: =?utf-8?Q?m=C3=A1s?=\n\ndos\n--b--\n",
	 "uno\n\nmás\n\ndos", NULL},
	{MIXED "--b\n\nsin fin", "sin fin", NULL},
	{HEAD "Content-Type: multipart/mixed\n\nsin corte\n", "sin corte\n", NULL},
	/* what old and other programs send */
	{HEAD "Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a.txt\n$:&]L80``\n`\nend\n", "hola", NULL},
	{HEAD "\nuno\n\nbegin 644 a.bin\n$:&]L80``\n`\nend\n", "uno\n\nbegin 644 a.bin\n$:&]L80``\n`\nend\n", NULL},
	{HEAD "Content-Type: text/plain; charset=x-nadie\n\nMa\xF1"
	      "ana",
	 "Mañana", NULL},
	{HEAD "Content-Type: text/plain; charset=utf-8\n\nMa\xF1"
	      "ana",
	 "Mañana", NULL},
	{HEAD "Content-Type: text/plain; charset=\"\"\n\nMañana", "Mañana", NULL},
	{MIXED "--b\n\nuno\n--b\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: "
	       "base64\n\neJ8+IgEA\n--b--\n",
	 "uno", NULL},
	{HEAD "Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\neJ8+IgEA\n",
	 NULL, NULL},
};

static void test_bodies(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		struct arena *a = arena_new(1 << 20);
		struct mail m = read_mail(a, bodies[i].in, strlen(bodies[i].in));

		same(m.text, bodies[i].text);
		same(m.html, bodies[i].html);
		same(m.why, NULL);
		arena_free(a);
	}
}

static void test_attachments_are_named(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct mail m;

	(void)state;
	m = read_mail(a, SAY(MIXED
			     "--b\n\nuno\n--b\nContent-Type: image/png; name=\"=?utf-8?Q?ma=C3=B1ana.png?=\"\n"
			     "Content-Transfer-Encoding: base64\n\nAAAA\n--b\nContent-Disposition: attachment; "
			     "filename*=utf-8''a%C3%B1o.txt\n\nno\n--b\nContent-Type: application/pdf\n\nx\n--b--\n"));
	assert_int_equal(m.n_attachments, 3);
	same(m.attachments[0].name, "mañana.png");
	same(m.attachments[0].type, "image/png");
	same(m.attachments[1].name, "año.txt");
	same(m.attachments[2].name, NULL);
	same(m.attachments[2].type, "application/pdf");
	same(m.text, "uno");
	arena_free(a);
}

static void test_what_is_no_message(void **state)
{
	static const char *const strangers[] = {
		"", "\n\n", "hola", "{\"a\": 1}", "<html>\n<body>", "x: y\n\nSubject: no", "From ana\n"};
	struct mail m = {.subject = "unchanged"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(strangers) / sizeof(*strangers); i++) {
		struct arena *a = arena_new(1 << 20);

		assert_int_equal(mail_parse(strangers[i], strlen(strangers[i]), a, &m), MAIL_E_NONE);
		same(m.subject, "unchanged");
		arena_free(a);
	}
}

/* ---- what is meant to hurt ---- */

static void put_times(struct buf *b, const char *s, size_t n)
{
	while (n--)
		buf_puts(b, s);
}

static double cpu_s(void)
{
	struct timespec t;

	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t), 0);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Reads it within a few seconds, sanitizers and all; each text within its bounds and valid. */
static struct mail survive(struct arena *a, struct buf *b)
{
	double from = cpu_s();
	struct mail m = read_mail(a, buf_str(b), b->len);

	assert_true(cpu_s() - from < 20);
	assert_true(!m.text || (strlen(m.text) <= 4 * MAIL_TEXT_MAX_BYTES && utf8_valid_text(m.text, strlen(m.text))));
	assert_true(!m.subject ||
		    (strlen(m.subject) <= 8 * MAIL_VALUE_MAX_BYTES && utf8_valid_text(m.subject, strlen(m.subject))));
	assert_true(arena_used(a) < 64 << 20);
	buf_done(b);
	return m;
}

static void test_a_subject_without_end(void **state)
{
	struct arena *a = arena_new(1 << 26);
	struct buf b = BUF_INIT(1 << 26);
	struct mail m;

	(void)state;
	buf_puts(&b, "From: ana@correo.example\nSubject: ");
	put_times(&b, "a ", 128 * 1024);
	buf_puts(&b, "\n\nhola");
	m = survive(a, &b);
	assert_int_equal(strlen(m.subject), MAIL_VALUE_MAX_BYTES - strlen("Subject: "));
	same(m.text, "hola");
	same(m.why, "the end of a header: it is too long");
	arena_free(a);
}

static void test_words_without_end(void **state)
{
	struct arena *a = arena_new(1 << 26);
	struct buf b = BUF_INIT(1 << 26);

	(void)state;
	buf_puts(&b, "Subject: ");
	put_times(&b, "=?a?B?x", 100 * 1000);
	buf_puts(&b, "\nFrom: ");
	put_times(&b, "((\\\"", 50 * 1000);
	buf_puts(&b, "\nTo: ");
	put_times(&b, "x@y,\n ", 100 * 1000);
	buf_puts(&b, "\n\nhola");
	same(survive(a, &b).text, "hola");
	arena_free(a);
}

static void nest(struct buf *b, size_t n)
{
	size_t i;

	buf_puts(b, HEAD);
	for (i = 0; i < n; i++)
		buf_printf(b, "Content-Type: multipart/mixed; boundary=b%zu\n\n--b%zu\n\nantes\n--b%zu\n", i, i, i);
	buf_puts(b, "\nhondo\n");
}

static void test_parts_within_parts(void **state)
{
	static const size_t depths[] = {MAIL_DEPTH_MAX - 1, 1000, 100 * 1000};
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct arena *a = arena_new(1 << 26);
		struct buf b = BUF_INIT(1 << 26);
		struct mail m;

		nest(&b, depths[i]);
		m = survive(a, &b);
		assert_true(strncmp(m.text, "antes", 5) == 0);
		assert_int_equal(strstr(m.text, "hondo") != NULL, i == 0);
		if (i)
			assert_non_null(m.why);
		else
			same(m.why, NULL);
		arena_free(a);
	}
}

static void test_messages_within_messages(void **state)
{
	struct arena *a = arena_new(1 << 26);
	struct buf b = BUF_INIT(1 << 26);
	struct mail m;

	(void)state;
	put_times(&b, "Subject: x\nContent-Type: message/rfc822\n\n", 1000);
	m = survive(a, &b);
	same(m.why, "its parts nest too deep");
	arena_free(a);
}

static void test_ten_thousand_parts(void **state)
{
	struct arena *a = arena_new(1 << 26);
	struct buf b = BUF_INIT(1 << 26);
	struct mail m;

	(void)state;
	buf_puts(&b, MIXED);
	put_times(&b, "--b\n\nuno\n", 1000);
	m = survive(a, &b);
	same(m.why, "it has too many parts");
	assert_int_equal(strlen(m.text), 5 * (MAIL_PARTS_MAX - 1) - 2); /* the whole is a part, too */
	b = (struct buf)BUF_INIT(1 << 26);
	buf_puts(&b, MIXED);
	put_times(&b, "--b\n\nuno\n", 10 * 1000); /* so many are not even looked for */
	m = survive(a, &b);
	same(m.why, "its end: it is too large, or has too many headers or parts");
	assert_int_equal(strlen(m.text), 5 * (MAIL_PARTS_MAX - 1) - 2);
	arena_free(a);
}

static void test_millions_of_lines_that_mean_something(void **state)
{
	static const char *const lines[] = {"a: b\n", "--b\n", " ;a=b\n", "--b\n\n", "To: x@y,\n x@y\n"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct arena *a = arena_new(1 << 26);
		struct buf b = BUF_INIT(1 << 26);

		buf_puts(&b, HEAD "Content-Type: multipart/mixed; boundary=b\n");
		put_times(&b, lines[i], 1000 * 1000);
		buf_puts(&b, "\n\nhola");
		assert_non_null(survive(a, &b).why);
		arena_free(a);
	}
}

static void test_a_text_without_end(void **state)
{
	struct arena *a = arena_new(1 << 26);
	struct buf b = BUF_INIT(1 << 26);
	struct mail m;

	(void)state;
	buf_puts(&b, MIXED "--b\nContent-Transfer-Encoding: base64\n\n");
	put_times(&b, "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh\n", 200 * 1000);
	buf_puts(&b, "--b\n\notra");
	m = survive(a, &b);
	assert_int_equal(strlen(m.text), MAIL_TEXT_MAX_BYTES);
	same(m.why, "its text is too long");
	arena_free(a);
}

static void test_an_attachment_is_not_looked_at(void **state)
{
	struct arena *a = arena_new(1 << 26);
	struct buf b = BUF_INIT(1 << 26);
	struct mail m;

	(void)state;
	buf_puts(&b, MIXED "--b\n\nhola\n--b\nContent-Type: application/zip\nContent-Transfer-Encoding: base64\n\n");
	put_times(&b, "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh\n", 200 * 1000);
	m = survive(a, &b);
	same(m.text, "hola");
	same(m.why, NULL);
	assert_true(arena_used(a) < 256 * 1024);
	arena_free(a);
}

static void test_nul_and_control_bytes(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct mail m;

	(void)state;
	m = read_mail(a, SAY("From: ana@correo.example\nSubject: u\x01no =?utf-8?Q?d=00=07os?=\n\nho\0la\x0b\xff\n"));
	same(m.subject, "uno dos");
	assert_true(utf8_valid_text(m.text, strlen(m.text)));
	assert_non_null(strstr(m.text, "la"));
	m = read_mail(a, SAY("From: a\0na@correo.example\nSubject: u\0no\n\nhola"));
	assert_true(!m.subject || utf8_valid_text(m.subject, strlen(m.subject)));
	arena_free(a);
}

static int setup(void **state)
{
	(void)state;
	parse_init();
	mail_init();
	(void)g_log_set_always_fatal(G_LOG_LEVEL_CRITICAL |
				     G_LOG_LEVEL_WARNING); /* what GMime is given is never wrong */
	mail_init();                                       /* costs nothing */
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_authors),
		cmocka_unit_test(test_a_sender_stands_in_for_an_author),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_the_last_references_stay),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_attachments_are_named),
		cmocka_unit_test(test_what_is_no_message),
		cmocka_unit_test(test_a_subject_without_end),
		cmocka_unit_test(test_words_without_end),
		cmocka_unit_test(test_parts_within_parts),
		cmocka_unit_test(test_messages_within_messages),
		cmocka_unit_test(test_ten_thousand_parts),
		cmocka_unit_test(test_millions_of_lines_that_mean_something),
		cmocka_unit_test(test_a_text_without_end),
		cmocka_unit_test(test_an_attachment_is_not_looked_at),
		cmocka_unit_test(test_nul_and_control_bytes),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
