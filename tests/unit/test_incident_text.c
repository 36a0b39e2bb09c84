/* What people are told of an incident, in their words: golden texts, hostile titles, bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "alert/chart.h"
#include "alert/incident_text.h"
#include "alert/notice_text.h"
#include "alert/page.h"
#include "base/buf.h"
#include "base/clock.h"

static char subject[8192], body[16384], html[65536], kept[65536];

static void keep(const struct incident_news *n)
{
	struct buf b = BUF_INIT(sizeof(kept) - 1);

	incident_news_json(n, &b);
	assert_false(b.full);
	memcpy(kept, buf_str(&b), b.len + 1);
	buf_done(&b);
}

static void render(enum text_lang lang, bool maybe)
{
	const struct notice_reader to = {.lang = lang};
	struct buf s = BUF_INIT(sizeof(subject) - 1);
	struct page page;

	incident_text(&s, &page, kept, &to, maybe);
	snprintf(subject, sizeof(subject), "%s", buf_str(&s));
	snprintf(body, sizeof(body), "%s", page_text(&page));
	snprintf(html, sizeof(html), "%s", page_html(&page));
	buf_done(&s);
	page_done(&page);
}

static struct incident_news news(void)
{
	return (struct incident_news){
		.id = 17,
		.topic = "acme",
		.owner = "",
		.reason = INCIDENT_BEGINS,
		.severity = SEVERITY_WARNING,
		.opened_ms = INT64_C(1790000000000),
		.why = {"words", "ola"},
		.n_why = 2,
		.hour = 12,
		.usual = 2.5,
		.negative = 10,
		.percent = 83,
		.percent_usual = -1,
		.authors = 1,
		.stories = 7,
		.examples = {{"Acme es una estafa", "https://a.example/1", "Ana", "prensa", 1200}},
		.n_examples = 1,
		.deaf = {"radio"},
		.n_deaf = 1,
		.told = {"luis"},
		.n_told = 1};
}

static void it_says_what_matters(void **state)
{
	struct incident_news n = news();

	(void)state;
	keep(&n);
	render(TEXT_ES, false);
	assert_string_equal(subject, "AVISO acme: varias personas usan palabras de crisis (n.º 17)");
	*strstr(body, "\n-- \n") = '\0';
	assert_string_equal(body, "Qué pasa: varias personas usan palabras de crisis; se cumple la alerta ola.\n"
				  "En la última hora: 12 menciones (suele haber 2,5) de 1 autor, en 7 historias.\n"
				  "Negativas: 10, el 83 %.\n"
				  "Desde: 2026-09-21 14:13.\n"
				  "\n"
				  "Qué se dice:\n"
				  "1. Acme es una estafa\n"
				  "  — Ana, prensa, 1200 seguidores\n"
				  "   https://a.example/1\n"
				  "\n"
				  "No se oía: radio.\n"
				  "También se avisó a: luis.\n"
				  "\n"
				  "Para tomarlo: escuchactl ack 17\n"
				  "Si no era nada: escuchactl false-alarm 17\n"
				  "Más detalles: escuchactl show 17\n");
	render(TEXT_EN, true);
	assert_string_equal(subject, "[possible repeat] WARNING acme: several people use words of a crisis (no. 17)");
	assert_non_null(strstr(body, "escuchactl ack 17"));
}

static void each_reason_has_its_words(void **state)
{
	struct incident_news n = news();
	enum incident_reason r;

	(void)state;
	n.owner = "ana";
	for (r = 0; r < INCIDENT_REASONS; r++) {
		static char before[16384];

		n.reason = r;
		keep(&n);
		render(TEXT_ES, false);
		if (r > INCIDENT_BEGINS && r != INCIDENT_TAKEN_BY)
			assert_string_not_equal(body, before);
		memcpy(before, body, sizeof(before));
		assert_int_equal(strstr(body, "Lo tiene ana.") != NULL, r != INCIDENT_LAPSED);
	}
	n.reason = INCIDENT_ENDS;
	n.end = INCIDENT_FALSE_ALARM;
	keep(&n);
	render(TEXT_ES, false);
	assert_non_null(strstr(subject, "falsa alarma"));
	assert_null(strstr(body, "ack 17"));
}

/* FAULTS O1, O2 */
static void a_title_is_one_line_and_no_longer_than_it_may(void **state)
{
	static char title[4 * INCIDENT_TITLE_MAX_BYTES + 1];
	struct incident_news n = news();
	size_t i;

	(void)state;
	n.examples[0].title = "uno\r\nBcc: malo@example.com\r\n\r\n.\r\nEscuchactl";
	keep(&n);
	render(TEXT_ES, false);
	assert_non_null(strstr(body, "\n1. uno Bcc: malo@example.com . Escuchactl\n"));
	for (i = 0; i + 2 < sizeof(title); i += 2)
		memcpy(title + i, "ñ", 2);
	n.examples[0].title = title;
	keep(&n);
	render(TEXT_ES, false);
	assert_int_equal(strcspn(strstr(body, "\n1. ") + 4, "\n"), INCIDENT_TITLE_MAX_BYTES + strlen("…"));
	n.n_deaf = INCIDENT_NAMES_MAX + 5;
	for (i = 0; i < INCIDENT_NAMES_MAX; i++)
		n.deaf[i] = "x";
	keep(&n);
	render(TEXT_ES, false);
	assert_non_null(strstr(body, "x y 5 más."));
}

static const uint32_t hours[INCIDENT_HOURS] = {[3] = 1, [22] = 2, [23] = 12}, negative[INCIDENT_HOURS] = {[23] = 10};

static void words_that_rose_and_hours(void **state)
{
	struct incident_news n = news();
	struct buf png = BUF_INIT(CHART_PNG_MAX_BYTES);

	(void)state;
	n.rose[n.n_rose++] = "freidora";
	n.rose[n.n_rose++] = "humo";
	n.hours = hours;
	n.hours_negative = negative;
	keep(&n);
	render(TEXT_ES, false);
	assert_non_null(strstr(body, "Las últimas 24 horas, hasta 12 por hora:\n"
				     "▁▁▁▂▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▃█\n"
				     "Palabras que se dicen más que antes: freidora, humo.\n"));
	assert_non_null(strstr(html, "src=\"cid:" INCIDENT_CHART_CID "\" alt=\"Menciones por hora"));
	assert_true(incident_chart(kept, &png));
	assert_memory_equal(buf_str(&png), "\x89PNG\r\n", 6);
	n.n_rose = INCIDENT_ROSE_MAX + 1; /* more than there may be */
	for (size_t i = 0; i < INCIDENT_ROSE_MAX; i++)
		n.rose[i] = "humo";
	keep(&n);
	render(TEXT_ES, false);
	assert_non_null(strstr(body, "antes: humo, humo, humo, humo, humo, humo.\n"));
	n.hours = n.hours_negative = NULL; /* nobody counted: no picture, and none is shown */
	keep(&n);
	render(TEXT_ES, false);
	assert_null(strstr(html, "cid:"));
	assert_false(incident_chart(kept, &png));
	buf_done(&png);
}

/* A part that HTML has as the text does, with nothing in it that is anybody else's (FAULTS O2). */
static void html_says_the_same(void **state)
{
	struct incident_news n = news();

	(void)state;
	n.examples[0].title = "<script src='https://malo.example'>Acme</script>";
	n.examples[0].author = "\"><img src=x>";
	n.examples[0].why = TELLING_REACH;
	n.examples[1] = (struct incident_example){.title = "dos", .url = "javascript:alert(1)", .why = TELLING_TYPICAL};
	n.examples[2] = (struct incident_example){.title = "tres", .why = TELLING_FIRST};
	n.n_examples = 3;
	n.answers[0] = (struct incident_answer){"take", "https://escucha.example/a/1"};
	n.answers[1] = (struct incident_answer){"take", "javascript:alert(1)"};
	n.n_answers = 2;
	keep(&n);
	render(TEXT_EN, false);
	assert_null(strstr(html, "<script"));
	assert_null(strstr(html, "<img"));
	assert_null(strstr(html, "\"javascript:"));
	assert_non_null(strstr(html, "&lt;script src=&#39;https://malo.example&#39;&gt;Acme"));
	assert_non_null(strstr(html, "href=\"https://a.example/1\""));
	assert_non_null(strstr(html, "href=\"https://escucha.example/a/1\""));
	assert_non_null(strstr(html, "several people use words of a crisis"));
	assert_non_null(strstr(html, "83"));
	assert_non_null(strstr(body, "(what most people may read)\n"));
	assert_non_null(strstr(body, "2. dos\n  (what is said most often)\n"));
	assert_non_null(strstr(body, "3. tres\n  (what was said first)\n"));
	assert_non_null(strstr(html, "what was said first"));
	assert_non_null(strstr(html, "background:#0b57a4")); /* of several buttons the first stands out */
	assert_null(strstr(strstr(html, "background:#0b57a4") + 1, "background:#0b57a4"));
}

static void what_is_not_news_says_nothing(void **state)
{
	static const char *const not_news[] = {"", "{", "[]", "{\"incident\":1}",
					       "{\"incident\":\"1\",\"topic\":\"a\"}"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(not_news); i++) {
		memcpy(kept, not_news[i], strlen(not_news[i]) + 1);
		assert_false(incident_text_check(kept));
		render(TEXT_ES, false);
		assert_string_equal(body, "");
	}
}

static void only_us_or_the_sector(void **state)
{
	struct incident_news n = news();

	(void)state;
	n.n_others = 2;
	n.others[0] = (struct incident_other){.topic = "rival", .hour = 1, .usual = 3, .percent = -1};
	n.others[1] = (struct incident_other){.topic = "sector", .hour = 8, .usual = -1, .percent = 12};
	keep(&n);
	render(TEXT_ES, false);
	assert_non_null(strstr(body, "¿Solo nosotros? Sí: en la competencia y el sector, nada fuera de lo normal.\n"
				     "En la misma hora: rival, 1 mención (suele haber 3); sector, 8 menciones, 12 % "
				     "negativas.\n"));
	n.others[0].unusual = true;
	n.same[0] = "acme-pro";
	n.n_same = 1;
	keep(&n);
	render(TEXT_EN, false);
	assert_non_null(
		strstr(body, "The same is said of: acme-pro.\nOnly us? No: also out of the ordinary: rival.\n"));
	n.n_others = 0;
	keep(&n);
	render(TEXT_EN, false);
	assert_null(strstr(body, "Only us?")); /* nobody else is watched */
	n.n_others = INCIDENT_OTHERS_MAX + 3;  /* more than are named */
	n.n_same = INCIDENT_NAMES_MAX + 1;
	for (size_t i = 0; i < INCIDENT_OTHERS_MAX; i++)
		n.others[i] = n.others[0];
	for (size_t i = 0; i < INCIDENT_NAMES_MAX; i++)
		n.same[i] = "otra";
	keep(&n);
	render(TEXT_EN, false);
	assert_non_null(strstr(body, "otra, otra"));
}

static void what_was_heard_late_says_when_it_was(void **state)
{
	struct incident_news n = news();

	(void)state;
	n.late_from_ms = INT64_C(1790000000000);
	n.late_to_ms = n.late_from_ms + 2 * HOUR_MS;
	n.late_sources = "foro";
	keep(&n);
	render(TEXT_ES, false);
	assert_non_null(
		strstr(body, "Ocurrió entre 2026-09-21 14:13 y 16:13, y se oyó después: foro llegó con retraso.\n"));
	n.late_sources = "";
	keep(&n);
	render(TEXT_EN, false);
	assert_non_null(strstr(body, "It happened between 2026-09-21 14:13 and 16:13, and was heard later.\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_says_what_matters),
		cmocka_unit_test(only_us_or_the_sector),
		cmocka_unit_test(what_was_heard_late_says_when_it_was),
		cmocka_unit_test(each_reason_has_its_words),
		cmocka_unit_test(a_title_is_one_line_and_no_longer_than_it_may),
		cmocka_unit_test(words_that_rose_and_hours),
		cmocka_unit_test(html_says_the_same),
		cmocka_unit_test(what_is_not_news_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
