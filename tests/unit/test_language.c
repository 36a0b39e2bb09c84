/* enrich/language with the model that is shipped: plain posts in each language, and what is none of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "base/mem.h"
#include "enrich/language.h"

enum { HOSTILE_MS = 100 }; /* 2 to 3 by itself; with sanitizers and others beside it more */

static const struct {
	const char *lang, *text;
} posts[] = {
	{"es", "Llevo tres semanas esperando que me devuelvan el dinero y nadie contesta"},
	{"es", "qué rico quedó el café de hoy, mañana vuelvo"},
	{"es", "NO FUNCIONA LA APP DESDE AYER"},
	{"en", "I have been waiting for three weeks and nobody answers the phone"},
	{"en", "the new flavour is so good, going back tomorrow"},
	{"pt", "Estou esperando há três semanas e ninguém me responde"},
	{"pt", "não consigo abrir o aplicativo desde ontem"},
	{"fr", "J’attends depuis trois semaines et personne ne répond au téléphone"},
	{"it", "Aspetto da tre settimane e nessuno risponde al telefono"},
	{"de", "Ich warte seit drei Wochen und niemand geht ans Telefon"},
	{"ca", "Fa tres setmanes que espero i ningú no em contesta al telèfon"},
	{"gl", "Levo tres semanas agardando e ninguén me contesta ao teléfono"},
	{"eu", "Hiru aste daramatzat zain eta inork ez du telefonoa hartzen"},
	{"es", "@banco https://example.com/the/bank/with/english/words me robaron la tarjeta anoche"},
	{"und", ""},
	{"und", "😡😡😡"},
	{"und", "12345 67:89 !!!"},
	{"und", "https://example.com/una/nota/en/castellano"},
	{"und", "Жду уже три недели, никто не отвечает"},
	{"und", "もう三週間待っています"},
	{"und", "ok"},
	{"und", "acme"},
	{"und", "acme 😡"},
	{"und", "jajaja"},
	{"und", "lol"},
	{"es", "l\u0336l\u0337e\u0334v\u0335o\u0301\u0302 h\u0303o\u0304r\u0305as esperando y nadie contesta"},
	{"und", "@acme_mx #quejas #todas_las_quejas"},
	{"pt", "eu também quero uma"},
	{"gl", "eu tamén quero unha"},
	{"es", "yo también quiero una"},
};

static void model(struct language_model *m)
{
	assert_int_equal(language_model_read(shipped_language_model, shipped_language_model_len, m), 0);
}

static void plain_posts_are_told(void **state)
{
	struct language_model m;
	size_t i;

	(void)state;
	model(&m);
	for (i = 0; i < ARRAY_LEN(posts); i++) {
		const char *lang = language_of(&m, posts[i].text, strlen(posts[i].text), NULL);

		if (strcmp(lang, posts[i].lang) != 0)
			fail_msg("%s: %s", posts[i].text, lang);
	}
}

static void what_a_source_says_decides_between_two(void **state)
{
	const char *text = "casa de papel"; /* both */
	struct language_model m;

	(void)state;
	model(&m);
	assert_string_equal(language_of(&m, text, strlen(text), "es-MX"), "es");
	assert_string_equal(language_of(&m, text, strlen(text), "pt_BR"), "pt");
	text = "I have been waiting for three weeks and nobody answers";
	assert_string_equal(language_of(&m, text, strlen(text), "es"), "en"); /* a prior, not a fact */
}

/* Of a long text both ends are read first, and all of it where they are of two languages. */
static void a_text_of_two_languages_is_the_longer_one_s(void **state)
{
	static const char
		es[] = "Llevo tres semanas esperando que me devuelvan el dinero y nadie contesta, y cuando por fin "
		       "contestan me dicen que vuelva a llamar mañana porque el sistema está caído otra vez. ",
		en[] = "I have been waiting for three weeks now and nobody answers the phone when I call them. ";
	static const struct {
		const char *lang, *parts[4];
	} cases[] = {
		{"es", {es, es}},     {"en", {en, en, en}},     {"es", {en, es, es}},
		{"es", {es, es, en}}, {"en", {en, en, en, es}}, {"es", {es, en, es}},
	};
	struct language_model m;
	char text[1024];
	size_t i, k;

	(void)state;
	model(&m);
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		int len = 0;

		for (k = 0; k < ARRAY_LEN(cases[i].parts) && cases[i].parts[k]; k++)
			len += snprintf(text + len, sizeof(text) - (size_t)len, "%s", cases[i].parts[k]);
		assert_string_equal(language_of(&m, text, (size_t)len, NULL), cases[i].lang);
	}
}

static void any_text_has_an_answer(void **state)
{
	size_t len = 256 * 1024, i;
	char *text = xmalloc(len);
	struct language_model m;

	(void)state;
	model(&m);
	for (i = 0; i < len; i++)
		text[i] = "llevo horas esperando "[i % 22];
	assert_string_equal(language_of(&m, text, len, NULL), "es");
	for (i = 0; i + 1 < len; i += 2) /* marks without a letter */
		memcpy(text + i, "\xCC\x81", 2);
	assert_string_equal(language_of(&m, text, len, NULL), "und");
	for (i = 0; i + 3 < len; i += 4) /* the letters that are longest */
		memcpy(text + i, "\xF0\x90\x90\x80", 4);
	assert_string_equal(language_of(&m, text, len, NULL), "und");
	free(text);
}

static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Each filled to 256 KiB: marks on marks, letters from right to left, signs that turn the line, one emoji, two languages, and
 * what is skipped. */
static void a_hostile_text_costs_no_more_than_another(void **state)
{
	static const struct {
		const char *unit, *lang;
	} cases[] = {
		{"l\u0336l\u0337e\u0301\u0302v\u0303\u0304o \u0305h\u0306o\u0307ras \u0336esperando ", "es"},
		{"\u05e9\u05dc\u05d5\u05dd ", "und"},
		{"\u202e\u2066\u200f", "und"},
		{"😡", "und"},
		{"esto no funciona, this does not work, ", NULL},
		{"@", "und"},
		{"#", "und"},
		{"h", NULL},
		{"https://example.com/ ", "und"},
		{" ", "und"},
		{"\xff", "und"},
	};
	const size_t len = 256 * 1024;
	char *text = xmalloc(len);
	struct language_model m;
	size_t i, k;

	(void)state;
	model(&m);
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		size_t unit = strlen(cases[i].unit);
		const char *lang;
		double from;

		for (k = 0; k < len; k++)
			text[k] = cases[i].unit[k % unit];
		from = cpu_ms();
		lang = language_of(&m, text, len, NULL);
		if (cpu_ms() - from > HOSTILE_MS)
			fail_msg("%s: %.1f ms", cases[i].unit, cpu_ms() - from);
		if (cases[i].lang)
			assert_string_equal(lang, cases[i].lang);
	}
	free(text);
}

static void a_model_that_is_cut_or_another_s_is_refused(void **state)
{
	uint8_t *copy = xmalloc(shipped_language_model_len + 1);
	size_t lens[] = {0, 5, 19, 30, 60, shipped_language_model_len - 1, shipped_language_model_len + 1}, i;
	struct language_model m;

	(void)state;
	memcpy(copy, shipped_language_model, shipped_language_model_len);
	copy[shipped_language_model_len] = 0;
	for (i = 0; i < ARRAY_LEN(lens); i++) {
		uint8_t *exact = xmalloc(lens[i] + !lens[i]);

		memcpy(exact, copy, lens[i]);
		assert_int_equal(language_model_read(exact, lens[i], &m), LANGUAGE_E_FORMAT);
		free(exact);
	}
	copy[18]++; /* the version's digit, or what stands there */
	assert_int_equal(language_model_read(copy, shipped_language_model_len, &m), LANGUAGE_E_FORMAT);
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_posts_are_told),
		cmocka_unit_test(what_a_source_says_decides_between_two),
		cmocka_unit_test(a_text_of_two_languages_is_the_longer_one_s),
		cmocka_unit_test(any_text_has_an_answer),
		cmocka_unit_test(a_hostile_text_costs_no_more_than_another),
		cmocka_unit_test(a_model_that_is_cut_or_another_s_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
