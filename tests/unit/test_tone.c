/* enrich/tone with the lexicons that are shipped: what plain posts are, and which words decided; and what a lexicon's mistakes
 * say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "enrich/lexicon.h"
#include "enrich/post.h"
#include "enrich/shipped.h"
#include "enrich/tone.h"

static struct lexicon *shipped(const char *name)
{
	struct diag *d = diag_new();
	struct lexicon *x = NULL;
	size_t i;

	for (i = 0; i < shipped_lexicons_n && strcmp(shipped_lexicons[i].name, name) != 0; i++)
		;
	assert_true(i < shipped_lexicons_n);
	if (lexicon_new(name, shipped_lexicons[i].text, d, &x)) {
		diag_print(d, stderr, text_lang_of("en"));
		fail_msg("%s does not load", name);
	}
	diag_free(d);
	return x;
}

static const struct {
	const char *lang, *text;
	enum tone_label label;
	const char *word; /* the first that decided; NULL: none */
} posts[] = {
	{"es", "Pésimo servicio, llevo horas esperando y no funciona nada", TONE_NEGATIVE, "Pésimo"},
	{"es", "Me encanta, muy buena atención, gracias", TONE_POSITIVE, "Me encanta"},
	{"es", "no es bueno", TONE_NEGATIVE, "bueno"},
	{"es", "sin problemas, todo bien", TONE_POSITIVE, "sin problemas"},
	{"es", "es maloooo", TONE_NEGATIVE, "maloooo"},
	{"es", "son unos estafadores", TONE_NEGATIVE, "estafadores"},
	{"es", "me estafaron", TONE_NEGATIVE, "me estafaron"},
	{"es", "Los precios son buenos pero la atención es terrible", TONE_NEGATIVE, "terrible"},
	{"es", "Buenas tardes, ¿a qué hora abren?", TONE_NEUTRAL, NULL},
	{"es", "El banco abre a las nueve y cierra a las cinco", TONE_NEUTRAL, NULL},
	{"es", "50 pesos el kilo a pesar de todo", TONE_NEUTRAL, NULL},
	{"es", "😡😡", TONE_NEGATIVE, "😡"},
	{"es", "llegó hoy :)", TONE_POSITIVE, ":)"},
	{"es", "https://example.com/pesimo @pesimo", TONE_NEUTRAL, NULL},
	{"en", "The worst bank ever, they stole my money!!!", TONE_NEGATIVE, "The worst"},
	{"en", "I don’t like it, it is not good", TONE_NEGATIVE, "don’t like"},
	{"en", "Love it, great service ❤️", TONE_POSITIVE, "Love it"},
	{"en", "The office opens at nine", TONE_NEUTRAL, NULL},
	{"pt", "Péssimo atendimento, nunca mais compro", TONE_NEGATIVE, "Péssimo atendimento"},
	{"pt", "Adorei! Entrega rápida e atendimento nota 10", TONE_POSITIVE, "Adorei"},
	{"pt", "bom dia, a loja abre domingo?", TONE_NEUTRAL, NULL},
	{"es", "#NoMeGusta", TONE_NEGATIVE, "NoMeGusta"},
	{"es", "la app #ATMFatal de siempre", TONE_NEGATIVE, "Fatal"},
	{"es", "el plan #DatosDeMALOS y #MALOS", TONE_NEGATIVE, "MALOS"},
	{"en", "the day, #HappyFriday", TONE_POSITIVE, "HappyFriday"},
	{"en", "goooood", TONE_POSITIVE, "goooood"},
	{"en", "baaaad", TONE_NEGATIVE, "baaaad"},
	{"es", "llegó hoy :-)))))", TONE_POSITIVE, ":-)))))"},
	{"es", "llegó hoy(:", TONE_NEUTRAL, NULL},
	{"es", "llegó hoy (:", TONE_POSITIVE, "(:"},
	{"es", "llegó hoy:(((", TONE_NEGATIVE, ":((("},
	{"es", "llegó hoy <333", TONE_POSITIVE, "<333"},
	{"es", "abre 10:30, cierra:d", TONE_POSITIVE, ":d"},
	{"es", "nota:(ver abajo) y a:domingo", TONE_NEUTRAL, NULL},
	{"es", "se cayó un edificio, hay riesgo", TONE_NEGATIVE, "se cayó"},
	{"es", "hay riesgo", TONE_NEGATIVE, "riesgo"},
	{"es", "hay riesgo https://example.com/a", TONE_NEUTRAL, NULL}, /* one mild word passed on */
	{"es", "es una estafa https://example.com/a", TONE_NEGATIVE, "estafa"},
	{"en", "no risk", TONE_NEUTRAL, NULL}, /* no blame is little praise */
};

static void read_tone(const struct lexicon *x, const char *text, const struct tone_place *names, size_t n_names,
		      struct tone *t)
{
	struct post p;

	post_init(&p);
	post_read(&p, text, strlen(text));
	tone_judge(x, &p, names, n_names, t);
	post_done(&p);
}

/* Code points [from, to) of text, as a new string. */
static char *piece(const char *text, struct tone_place at)
{
	const char *end = text + strlen(text), *s = text, *from;
	uint32_t i;

	for (i = 0; i < at.from; i++)
		utf8_next(&s, end);
	from = s;
	for (; i < at.to; i++)
		utf8_next(&s, end);
	return xstrndup(from, (size_t)(s - from));
}

static void plain_posts_are_what_they_say(void **state)
{
	struct lexicon *x[] = {shipped("es"), shipped("en"), shipped("pt")};
	struct tone t;
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_LEN(posts); i++) {
		for (k = 0; strcmp(lexicon_name(x[k]), posts[i].lang) != 0; k++)
			;
		read_tone(x[k], posts[i].text, NULL, 0, &t);
		if (t.label != posts[i].label)
			fail_msg("%s: %s (%.2f)", posts[i].text, tone_label_name(t.label), t.score);
		assert_true(t.score >= -1 && t.score <= 1);
		assert_true((t.n_words > 0) == (posts[i].word != NULL));
		if (t.n_words) {
			char *word = piece(posts[i].text, t.words[0]);

			assert_string_equal(word, posts[i].word);
			free(word);
		}
	}
	for (k = 0; k < ARRAY_LEN(x); k++)
		lexicon_free(x[k]);
}

static void a_brand_s_own_name_counts_for_nothing(void **state)
{
	struct lexicon *x = shipped("es");
	struct tone_place name = {0, 8};
	struct tone t;

	(void)state;
	read_tone(x, "Victoria abre a las nueve", NULL, 0, &t);
	assert_int_equal(t.label, TONE_POSITIVE);
	read_tone(x, "Victoria abre a las nueve", &name, 1, &t);
	assert_int_equal(t.label, TONE_NEUTRAL);
	assert_int_equal(t.n_words, 0);
	lexicon_free(x);
}

static void at_most_five_words_are_told_the_heaviest_in_order(void **state)
{
	struct lexicon *x = shipped("es");
	const char *text = "malo, lento, malo, pésimo, estafa, fraude, robo, malo, asqueroso, lento";
	struct tone t;
	char *word;
	size_t i;
	static const char *const told[] = {"pésimo", "estafa", "fraude", "robo", "asqueroso"};

	(void)state;
	read_tone(x, text, NULL, 0, &t);
	assert_int_equal(t.n_words, TONE_WORDS_MAX);
	for (i = 0; i < t.n_words; i++) {
		word = piece(text, t.words[i]);
		assert_string_equal(word, told[i]);
		free(word);
	}
	lexicon_free(x);
}

static const struct {
	const char *country, *text;
	enum tone_label here, elsewhere;
} abroad[] = {
	{"MX", "qué padre quedó la tienda nueva", TONE_POSITIVE, TONE_POSITIVE},
	{"MX", "con esa pinche aplicación ni se puede pagar", TONE_NEGATIVE, TONE_NEGATIVE},
	{"ES", "se busca pinche de cocina para el restaurante", TONE_NEUTRAL, TONE_NEUTRAL},
	{"mx", "se pasaron de lanza con el cobro", TONE_NEGATIVE, TONE_POSITIVE},
	{"MX", "mi padre trabaja en la tienda", TONE_NEUTRAL, TONE_NEUTRAL},
	{"AR", "esa promo es puro verso", TONE_NEGATIVE, TONE_NEUTRAL},
	{"AR", "la nueva app la rompe", TONE_POSITIVE, TONE_NEUTRAL},
	{"AR", "el local está bárbaro", TONE_POSITIVE, TONE_NEUTRAL},
	{"AR", "lo de la cuota es un curro", TONE_NEGATIVE, TONE_NEUTRAL},
	{"ES", "busco curro en la tienda", TONE_NEUTRAL, TONE_NEUTRAL},
	{"ES", "la tienda es una pasada", TONE_POSITIVE, TONE_POSITIVE},
	{"CL", "el local nuevo es la raja", TONE_POSITIVE, TONE_NEUTRAL},
	{"CL", "la atención vale callampa", TONE_NEGATIVE, TONE_NEUTRAL},
	{"CO", "la nueva tienda es una chimba", TONE_POSITIVE, TONE_NEUTRAL},
	{"CO", "ese celular salió chimbo", TONE_NEGATIVE, TONE_NEUTRAL},
	{"PE", "me vendieron unas zapatillas bamba", TONE_NEGATIVE, TONE_NEUTRAL},
	{"PE", "los laboratorios Roche abren mañana", TONE_NEUTRAL, TONE_NEUTRAL},
	{"XX", "la nueva app la rompe", TONE_NEUTRAL, TONE_NEUTRAL},
};

static void a_country_s_own_words_count_there(void **state)
{
	struct lexicon *x = shipped("es");
	struct tone t;
	size_t i;

	(void)state;
	assert_ptr_equal(lexicon_of_country(x, NULL), x);
	assert_ptr_equal(lexicon_of_country(x, "XX"), x);
	for (i = 0; i < ARRAY_LEN(abroad); i++) {
		read_tone(lexicon_of_country(x, abroad[i].country), abroad[i].text, NULL, 0, &t);
		if (t.label != abroad[i].here)
			fail_msg("%s: %s there", abroad[i].text, tone_label_name(t.label));
		read_tone(x, abroad[i].text, NULL, 0, &t);
		if (t.label != abroad[i].elsewhere)
			fail_msg("%s: %s elsewhere", abroad[i].text, tone_label_name(t.label));
	}
	lexicon_free(x);
}

static void the_longer_phrase_wins_and_then_the_country_s(void **state)
{
	static const char text[] =
		"lexicon: es\nterms: {'-2': lento, '3': bien lento, '2': claro}\n"
		"countries:\n  pe: {terms: {'2': lento}}\n  cl: {terms: {'-2': \"bien lento\\nclaro\"}}\n";
	struct diag *d = diag_new();
	struct lexicon *x = NULL;
	struct tone t;

	(void)state;
	assert_int_equal(lexicon_new("x", text, d, &x), 0);
	assert_int_equal(lexicon_terms(x), 6);
	read_tone(lexicon_of_country(x, "pe"), "lento", NULL, 0, &t);
	assert_int_equal(t.label, TONE_POSITIVE);
	read_tone(lexicon_of_country(x, "PE"), "bien lento", NULL, 0, &t);
	assert_int_equal(t.label, TONE_POSITIVE);
	read_tone(lexicon_of_country(x, "CL"), "bien lento", NULL, 0, &t);
	assert_int_equal(t.label, TONE_NEGATIVE);
	read_tone(lexicon_of_country(x, "CL"), "claro", NULL, 0, &t);
	assert_int_equal(t.label, TONE_NEGATIVE);
	lexicon_free(x);
	diag_free(d);
}

static void countries_past_the_bound_are_told(void **state)
{
	struct buf b = BUF_INIT(8192);
	struct diag *d = diag_new();
	struct lexicon *x = NULL;
	int i;

	(void)state;
	buf_puts(&b, "lexicon: es\ncountries:\n");
	for (i = 0; i <= LEXICON_COUNTRIES_MAX; i++)
		buf_printf(&b, "  %c%c: {terms: {'1': a}}\n", 'a' + i / 26, 'a' + i % 26);
	assert_int_equal(lexicon_new("x", buf_str(&b), d, &x), LEXICON_E_INVALID);
	assert_true(diag_len(d) > 0);
	diag_free(d);
	buf_done(&b);
}

static void any_text_has_an_answer(void **state)
{
	struct lexicon *x = shipped("es");
	size_t len = 256 * 1024, i;
	char *text = xmalloc(len + 1);
	struct tone t;

	(void)state;
	read_tone(x, "", NULL, 0, &t);
	assert_int_equal(t.label, TONE_NEUTRAL);
	read_tone(x, "\xE2\x80\xAE!!!???\xE2\x80\x8F", NULL, 0, &t);
	assert_int_equal(t.label, TONE_NEUTRAL);
	for (i = 0; i < len; i++)
		text[i] = "no malo! "[i % 9];
	text[len] = '\0';
	read_tone(x, text, NULL, 0, &t);
	assert_true(t.score >= -1 && t.score <= 1);
	for (i = 0; i + 1 < len; i += 2) /* marks without a letter */
		memcpy(text + i, "\xCC\x81", 2);
	read_tone(x, text, NULL, 0, &t);
	assert_int_equal(t.label, TONE_NEUTRAL);
	free(text);
	lexicon_free(x);
}

static void no_word_of_a_lexicon_is_forgotten(void **state)
{
	static const struct {
		const char *name;
		size_t least;
	} counts[] = {{"es", 2500}, {"en", 2500}, {"pt", 1500}};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(counts); i++) {
		struct lexicon *x = shipped(counts[i].name);

		assert_true(lexicon_terms(x) >= counts[i].least);
		assert_true(lexicon_measured(x).known && lexicon_measured(x).r > lexicon_measured(x).f);
		lexicon_free(x);
	}
}

/* Wherever it ends early, its card tells, or YAML does. */
static void a_file_that_was_cut_is_told(void **state)
{
	size_t i, part;

	(void)state;
	for (i = 0; i < shipped_lexicons_n; i++)
		for (part = 0; part < 40; part++) {
			const char *whole = shipped_lexicons[i].text;
			cleanup(freep) char *text = xstrndup(whole, strlen(whole) * part / 40);
			struct diag *d = diag_new();
			struct lexicon *x = NULL;

			text[strrchr(text, '\n') ? strrchr(text, '\n') + 1 - text : 0] =
				'\0'; /* where YAML sees no harm */
			if (lexicon_new("cut.yaml", text, d, &x) != LEXICON_E_INVALID || x)
				fail_msg("%s cut at %zu of 40 is taken", shipped_lexicons[i].name, part);
			assert_true(diag_len(d) > 0 && diag_at(d, 0)->pos.line > 0);
			diag_free(d);
		}
}

static const struct {
	const char *text, *said;
} mistakes[] = {
	{"terms: {'2': bueno}\n", "lexicon.yaml:1:1: error: the key \"lexicon\" is missing"},
	{"lexicon: es\nterms: {'7': bueno}\n", "lexicon.yaml:2:14: error: expected a weight from -4 to 4, found \"7\""},
	{"lexicon: es\nterms:\n  '2': |\n    bueno\n    ???\n",
	 "lexicon.yaml:5:5: error: \"???\" is no word or phrase"},
	{"lexicon: es\nterms:\n  '2': |\n    bueno\n    a+\n", "lexicon.yaml:5:5: error: \"a+\" is no word or phrase"},
	{"lexicon: es\nterms:\n  '2': bueno\n  '-2': BUENO\n", "lexicon.yaml:4:9: error: \"BUENO\" stands here"},
	{"lexicon: es\nemoji: {'2': feliz}\n", "lexicon.yaml:2:14: error: \"feliz\" is no emoji"},
	{"lexicon: es\nterms: {'1': uno dos tres cuatro cinco seis siete ocho nueve}\n",
	 "lexicon.yaml:2:14: error: \"uno dos"},
	{"lexicon: es\ncountries: {mex: {terms: {'2': bueno}}}\n", "lexicon.yaml:2:18: error: \"mex\" is no country"},
	{"lexicon: es\ncountries: {mx: {terms: {'7': bueno}}}\n", "lexicon.yaml:2:31: error: expected a weight"},
	{"lexicon: es\ncountries: {mx: {emoji: {'2': ':)'}}}\n", "lexicon.yaml:2:18: error: countries.mx.emoji"},
	{"entries: 3\nlexicon: es\nterms: {'2': bueno}\nemoji: {'2': 😀}\n",
	 "lexicon.yaml:1:10: error: it should have 3 entries and has 2"},
	{"lexicon: es\nwords: x\n", "lexicon.yaml:2:1: error: words"},
	{"lexicon: es\nterms: {'1': [\n", "lexicon.yaml:3:1: error"},
};

static void mistakes_say_where_they_are(void **state)
{
	struct lexicon *x = NULL;
	struct buf b = BUF_INIT(4096);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(mistakes); i++) {
		struct diag *d = diag_new();

		assert_int_equal(lexicon_new("lexicon.yaml", mistakes[i].text, d, &x), LEXICON_E_INVALID);
		assert_null(x);
		assert_true(diag_len(d) > 0);
		buf_reset(&b);
		diag_render(&b, diag_at(d, 0), text_lang_of("en"));
		if (strncmp(buf_str(&b), mistakes[i].said, strlen(mistakes[i].said)) != 0)
			fail_msg("%zu: %s", i, buf_str(&b));
		diag_free(d);
	}
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_posts_are_what_they_say),
		cmocka_unit_test(a_brand_s_own_name_counts_for_nothing),
		cmocka_unit_test(at_most_five_words_are_told_the_heaviest_in_order),
		cmocka_unit_test(a_country_s_own_words_count_there),
		cmocka_unit_test(the_longer_phrase_wins_and_then_the_country_s),
		cmocka_unit_test(countries_past_the_bound_are_told),
		cmocka_unit_test(any_text_has_an_answer),
		cmocka_unit_test(no_word_of_a_lexicon_is_forgotten),
		cmocka_unit_test(a_file_that_was_cut_is_told),
		cmocka_unit_test(mistakes_say_where_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
