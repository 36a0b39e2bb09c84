/* enrich/enrich: what language and tone a mention gets, by which words, and whose lexicon decides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "enrich/enrich.h"
#include "match/matcher.h"
#include "match/ruleset.h"
#include "mention/mention.h"
#include "folder_box.h"

enum { ARENA_BYTES = 1 << 20 };

static struct enricher *opened(const char *folder)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	struct enricher *e = NULL;

	if (enricher_new(folder, d, &e))
		fail_msg("it does not load");
	return e;
}

static const struct {
	const char *said, *title, *text, *lang, *tone; /* NULL: absent */
	const char *words;                             /* all that decided; NULL: none */
} posts[] = {
	{NULL, NULL, "Pésimo, el banco abre a las nueve y cierra a las cinco", "es", "negative", "Pésimo"},
	{"es-MX", NULL, "Pésimo, el banco abre a las nueve y cierra a las cinco", "es-MX", "negative", "Pésimo"},
	{"es", NULL, "The office opens at nine in the morning and it is terrible", "en", "negative", "terrible"},
	{"es", NULL, "mm", "es", "neutral", NULL},
	{NULL, NULL, "mm", NULL, NULL, NULL},
	{NULL, NULL, "", NULL, NULL, NULL},
	{NULL, NULL, NULL, NULL, NULL, NULL},
	{NULL, NULL, "😡😡", NULL, "negative", "😡"},
	{NULL, NULL, "J’attends depuis trois semaines et personne ne répond", "fr", NULL, NULL},
	{NULL, NULL, "J’attends depuis trois semaines et personne ne répond 😡", "fr", "negative", "😡"},
	{"ja", NULL, "もう三週間待っています", "ja", NULL, NULL},
	{NULL, "Fraude en el banco", "El banco abre a las nueve", "es", "negative", "Fraude"},
	{NULL, "El banco abre a las nueve", "dicen que es un fraude", "es", "negative", "fraude"},
	{"es", NULL, "Onte choveu moito na Coruña e a festa das xentes foi un desastre", "gl", "negative", "desastre"},
	{NULL, NULL, "Onte choveu moito na Coruña e a festa das xentes foi un desastre", "gl", NULL, NULL},
	{NULL, NULL, "pésimo, pésimo, pésimo, el banco abre a las nueve", "es", "negative", "pésimo"},
};

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static void language_and_tone_are_told_where_they_are_known(void **state)
{
	cleanup(enricher_freep) struct enricher *e = opened(NULL);
	struct buf words = BUF_INIT(4096);
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_LEN(posts); i++) {
		cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
		struct mention m;

		mention_init(&m);
		m.lang = posts[i].said;
		m.title = posts[i].title;
		m.text = posts[i].text;
		enrich_mention(e, NULL, &m, a);
		if (!same(m.lang, posts[i].lang) || !same(m.sentiment.label, posts[i].tone))
			fail_msg("%zu: %s %s", i, m.lang, m.sentiment.label);
		buf_reset(&words);
		for (k = 0; k < m.sentiment.n_words; k++)
			buf_printf(&words, "%s%s", k ? ", " : "", m.sentiment.words[k]);
		assert_string_equal(buf_str(&words), posts[i].words ? posts[i].words : "");
		assert_true((m.sentiment.score < 0) == same(posts[i].tone, "negative"));
	}
	buf_done(&words);
}

static const struct {
	const char *about, *title, *text, *tone;
} named[] = {
	{"name", NULL, "Victoria abre a las nueve", "neutral"},
	{"name", "Victoria", "Victoria abre a las nueve, Victoria", "neutral"},
	{"name", NULL, "Victoria abre a las nueve y es un fraude", "negative"},
	{"name and not bad", NULL, "Victoria abre, un fraude", "negative"}, /* what is under a not is no name */
	{"count(name) >= 1", NULL, "Victoria abre a las nueve", "neutral"},
};

static void what_a_topic_is_called_counts_for_nothing(void **state)
{
	cleanup(enricher_freep) struct enricher *e = opened(NULL);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(named); i++) {
		cleanup(diag_freep) struct diag *d = diag_new();
		cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
		cleanup(freep) char *rules =
			xasprintf("topic: t\nrole: industry\npatterns:\n  name: [victoria]\n  bad: [asqueroso]\nabout: "
				  "'%s'\n",
				  named[i].about);
		struct ruleset *rs = NULL;
		struct matcher *x;
		struct mention m;

		file_write("t.yaml", rules);
		assert_int_equal(ruleset_load((const char *const[]){"t.yaml"}, 1, d, &rs), 0);
		x = matcher_new(rs);
		matcher_between(x, &(struct matcher_between){enrich_mention, e});
		mention_init(&m);
		m.title = named[i].title;
		m.text = named[i].text;
		assert_true(matcher_match(x, &m, NULL, a));
		if (!same(m.sentiment.label, named[i].tone))
			fail_msg("%zu: %s by %s", i, m.sentiment.label,
				 m.sentiment.n_words ? m.sentiment.words[0] : "");
		matcher_free(x);
		ruleset_free(rs);
	}
}

static const struct {
	const char *include, *lang, *country, *tone;
} spoken[] = {
	{"", NULL, NULL, "neutral"},
	{"", NULL, "MX", "positive"},
	{"", "es-MX", NULL, "positive"},
	{"", "es_mx", NULL, "positive"},
	{"", "es-419", NULL, "neutral"},
	{"include: [mx, praise]", NULL, NULL, "positive"},
	{"include: [mx, ar]", NULL, NULL, "neutral"}, /* which of both? */
	{"include: [mx]", NULL, "AR", "neutral"},
	{"include: [mx]", "es-AR", NULL, "neutral"},
	{"include: [praise]", NULL, NULL, "neutral"},
};

static void words_weigh_as_where_they_are_said(void **state)
{
	cleanup(enricher_freep) struct enricher *e = opened(NULL);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(spoken); i++) {
		cleanup(diag_freep) struct diag *d = diag_new();
		cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
		cleanup(freep) char *rules = xasprintf(
			"topic: t\nrole: brand\npatterns:\n  name: [telcosur]\nabout: name\n%s\n", spoken[i].include);
		struct ruleset *rs = NULL;
		struct matcher *x;
		struct mention m;

		file_write("t.yaml", rules);
		assert_int_equal(ruleset_load((const char *const[]){"t.yaml"}, 1, d, &rs), 0);
		x = matcher_new(rs);
		matcher_between(x, &(struct matcher_between){enrich_mention, e});
		mention_init(&m);
		m.text = "la tienda de Telcosur quedó con madre";
		m.lang = spoken[i].lang;
		m.country = spoken[i].country;
		assert_true(matcher_match(x, &m, NULL, a));
		if (!same(m.sentiment.label, spoken[i].tone))
			fail_msg("%zu: %s", i, m.sentiment.label);
		matcher_free(x);
		ruleset_free(rs);
	}
}

/* Nothing is judged of what is no topic's; and a rule's own tests are judged with the tone. */
static void rules_are_judged_with_it(void **state)
{
	static const char rules[] = "topic: t\nrole: industry\npatterns: {name: [telcosur]}\nabout: name\n"
				    "rules:\n  - {name: angry, when: 'sentiment == negative and lang == es'}\n"
				    "tests:\n  - {text: 'Telcosur es pésima, un fraude', hits: [angry]}\n"
				    "  - {text: 'Telcosur abre a las nueve', hits: []}\n";
	cleanup(enricher_freep) struct enricher *e = opened(NULL);
	cleanup(diag_freep) struct diag *d = diag_new();
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	const struct matcher_between between = {enrich_mention, e};
	struct ruleset *rs = NULL;
	struct matcher *x;
	struct mention m;

	(void)state;
	file_write("t.yaml", rules);
	assert_int_equal(ruleset_load((const char *const[]){"t.yaml"}, 1, d, &rs), RULESET_E_INVALID);
	assert_int_equal(ruleset_load_between((const char *const[]){"t.yaml"}, 1, &between, d, &rs), 0);
	x = matcher_new(rs);
	matcher_between(x, &between);
	mention_init(&m);
	m.text = "telcosur no funciona, qué fraude";
	assert_true(matcher_match(x, &m, NULL, a));
	assert_string_equal(m.hits[0].rules[0], "angry");
	mention_init(&m);
	m.text = "otra empresa no funciona, qué fraude";
	assert_false(matcher_match(x, &m, NULL, a));
	assert_null(m.lang);
	assert_null(m.sentiment.label);
	matcher_free(x);
	ruleset_free(rs);
}

static void a_lexicon_of_the_user_s_takes_the_shipped_one_s_place(void **state)
{
	cleanup(enricher_freep) struct enricher *e = NULL;
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	struct mention m;

	(void)state;
	assert_int_equal(mkdir("own", 0755), 0);
	file_write("own/es.yaml", "lexicon: es\nterms: {'3': banco}\n");
	file_write("own/fr.yaml", "lexicon: fr\nterms: {'-3': personne ne répond}\n");
	file_write("own/README", "no lexicon");
	e = opened("own");
	mention_init(&m);
	m.text = "El banco abre a las nueve, pésimo";
	enrich_mention(e, NULL, &m, a);
	assert_string_equal(m.sentiment.label, "positive");
	mention_init(&m);
	m.text = "J’attends depuis trois semaines et personne ne répond";
	enrich_mention(e, NULL, &m, a);
	assert_string_equal(m.sentiment.words[0], "personne ne répond");
}

static const struct {
	const char *file, *text, *said;
} mistakes[] = {
	{"wrong/es.yaml", "lexicon: es\nterms: {'7': bueno}\n", "wrong/es.yaml:2:14: error: expected a weight"},
	{"wrong/es.yaml", "lexicon: en\n", "wrong/es.yaml: error: says \"lexicon: en\""},
	{"wrong/xx.yaml", "lexicon: xx\n", "wrong/xx.yaml: error: says \"lexicon: xx\""},
};

static void a_wrong_one_is_told_with_its_place(void **state)
{
	struct enricher *e = NULL;
	struct buf b = BUF_INIT(4096);
	size_t i;

	(void)state;
	assert_int_equal(mkdir("wrong", 0755), 0);
	for (i = 0; i < ARRAY_LEN(mistakes); i++) {
		cleanup(diag_freep) struct diag *d = diag_new();

		file_write("wrong/es.yaml", "lexicon: es\n");
		file_write(mistakes[i].file, mistakes[i].text);
		assert_int_equal(enricher_new("wrong", d, &e), ENRICHER_E_INVALID);
		assert_null(e);
		buf_reset(&b);
		diag_render(&b, diag_at(d, 0), TEXT_EN);
		if (!strstr(buf_str(&b), mistakes[i].said))
			fail_msg("%zu: %s", i, buf_str(&b));
	}
	buf_done(&b);
}

static void a_folder_that_is_not_there_is_told(void **state)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	struct enricher *e = NULL;

	(void)state;
	assert_int_equal(enricher_new("nowhere", d, &e), ENRICHER_E_INVALID);
	assert_int_equal(diag_len(d), 1);
}

/* Of a long text the beginning counts, and a word that was stretched beyond measure is cut. */
static void any_text_has_an_answer(void **state)
{
	cleanup(enricher_freep) struct enricher *e = opened(NULL);
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	size_t len = MENTION_TEXT_MAX_BYTES;
	cleanup(freep) char *text = xmalloc(len + 1);
	struct mention m;

	(void)state;
	memset(text, 'o', len);
	text[len] = '\0';
	memcpy(text, "pésim", strlen("pésim"));
	mention_init(&m);
	m.lang = "es";
	m.title = m.text = text;
	enrich_mention(e, NULL, &m, a);
	assert_string_equal(m.sentiment.label, "negative");
	assert_int_equal(strlen(m.sentiment.words[0]), MENTION_TONE_WORD_MAX_BYTES);
	memset(text, ' ', ENRICH_TEXT_MAX_BYTES);
	memcpy(text + ENRICH_TEXT_MAX_BYTES, " fraude ", 8);
	m.title = NULL;
	m.lang = "es";
	enrich_mention(e, NULL, &m, a);
	assert_null(m.sentiment.label);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(language_and_tone_are_told_where_they_are_known),
		cmocka_unit_test_setup_teardown(what_a_topic_is_called_counts_for_nothing, folder_make, folder_drop),
		cmocka_unit_test_setup_teardown(words_weigh_as_where_they_are_said, folder_make, folder_drop),
		cmocka_unit_test_setup_teardown(rules_are_judged_with_it, folder_make, folder_drop),
		cmocka_unit_test_setup_teardown(a_lexicon_of_the_user_s_takes_the_shipped_one_s_place, folder_make,
						folder_drop),
		cmocka_unit_test_setup_teardown(a_wrong_one_is_told_with_its_place, folder_make, folder_drop),
		cmocka_unit_test(a_folder_that_is_not_there_is_told),
		cmocka_unit_test(any_text_has_an_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
