/* enrich/fingerprint, mention/print, store/story_index: which texts are of one story. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "enrich/fingerprint.h"
#include "enrich/post.h"
#include "mention/print.h"
#include "store/story_index.h"

static struct print print_of(const char *text)
{
	struct fingerprinter f = {.cap = 0};
	struct print p;
	struct post post;

	post_init(&post);
	post_read(&post, text, strlen(text));
	fingerprint_make(&f, &post, &p);
	post_done(&post);
	fingerprinter_done(&f);
	return p;
}

#define POST "Otra vez el Banco Andino me cobró dos veces la misma compra y nadie me contesta en la sucursal"

static const struct {
	const char *a, *b;
	bool one;
} pairs[] = {
	{POST, "RT @ana: " POST, true},
	{POST,
	 "otra vez el BANCO ANDINO me cobro dos veces la misma compra y nadie me contesta en la sucursal 😡 "
	 "https://t.example/1",
	 true},
	{POST, "Esto es un abuso: " POST, true},
	{POST, "Otra vez el Banco Andino me cobró dos veces la misma compra y nadie…", true},
	{POST, "El Banco Andino abre una sucursal en la plaza y regala café a quien abra una cuenta esta semana",
	 false},
	/* few words: the same, or nothing */
	{"Gracias Banco Andino", "gracias, banco andino!", true},
	{"Gracias Banco Andino", "gracias banco andina", false},
	{"😡😡", "😡😡", true},
	{"😡😡", "😡", false},
	{"", "", false},
	{"https://a.example/1", "https://a.example/1", false}, /* no word of one's own */
	/* the same notice with other numbers is another event */
	{"Sismo de magnitud 4.5 al sur de Oaxaca hoy", "Sismo de magnitud 5.1 al sur de Oaxaca hoy", false},
	{"Sismo de magnitud 4.5 al sur de Oaxaca hoy", "Sismo de magnitud 4.5 al sur de Oaxaca ayer", true},
};

static void texts_are_of_one_story_or_not(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		struct print a = print_of(pairs[i].a), b = print_of(pairs[i].b);

		if ((print_alike(&a, &b) > 0) != pairs[i].one || (print_alike(&b, &a) > 0) != pairs[i].one)
			fail_msg("%s | %s: %f", pairs[i].a, pairs[i].b, print_alike(&a, &b));
	}
}

static void an_article_is_known_by_its_address(void **state)
{
	struct print a = print_of("Sube el dólar"), b = print_of("Otra cosa dice quien la cita");

	(void)state;
	assert_true(print_alike(&a, &b) == 0);
	a.link = b.link = 5;
	assert_true(print_alike(&a, &b) == 1);
	a.link = b.link = 0;
	assert_true(print_alike(&a, &b) == 0);
}

/* Bounds of enrich/post and of mention/print. */
static void a_long_text_keeps_within_its_bounds(void **state)
{
	static char text[200 * 1024];
	size_t len = 0, i;
	struct print p;

	(void)state;
	for (i = 0; i < 20000; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%zu ", i);
	p = print_of(text);
	assert_int_equal(p.words, POST_TOKENS_MAX);
	assert_int_equal(p.parts, 2 * POST_TOKENS_MAX - 1);
	assert_int_equal(p.n_numerals, PRINT_NUMERALS_MAX);
}

static struct story_leader leader(int64_t id, int64_t first_ms, const char *text)
{
	return (struct story_leader){
		.story = (uint64_t)id + 1000, .id = id, .first_ms = first_ms, .print = print_of(text)};
}

static int64_t found(struct story_index *x, const char *text, int64_t now_ms)
{
	struct print p = print_of(text);
	const struct story_leader *l = story_index_find(x, &p, &(struct story_topics){.n = 0}, now_ms);

	return l ? l->id : 0;
}

static void a_story_is_that_of_its_leader_for_three_days(void **state)
{
	struct story_index *x = story_index_new();
	struct story_leader l = leader(1, 1000, POST);

	(void)state;
	assert_int_equal(found(x, POST, 1000), 0);
	story_index_add(x, &l);
	assert_int_equal(found(x, "RT @b: " POST, 1000 + STORY_MS), 1);
	assert_int_equal(found(x, POST, 1001 + STORY_MS), 0);
	assert_int_equal(found(x, POST, 1), 1); /* the clock went back */
	assert_int_equal(found(x, "nada que ver con todo aquello de ayer", 1000), 0);
	story_index_free(x);
}

/* Of two that it is like: the one that it is more like; of equals the first. */
static void the_nearest_leader_is_taken_then_the_oldest(void **state)
{
	struct story_index *x = story_index_new();
	struct story_leader l[] = {leader(1, 0, POST " mañana"), leader(2, 0, POST), leader(3, 0, POST)};
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++)
		story_index_add(x, &l[i]);
	assert_int_equal(found(x, POST, 0), 2);
	assert_int_equal(found(x, POST " mañana", 0), 1);
	story_index_free(x);
}

/* What is said in the same words of something else is another story; of what nobody knows what it speaks of, it may be any. */
static void who_shares_no_topic_shares_no_story(void **state)
{
	struct story_index *x = story_index_new();
	struct story_leader l = leader(1, 0, POST);
	const struct story_topics all = {STORY_TOPICS_MAX, {9, 8, 7, 6, 5, 1}};

	(void)state;
	l.topics = (struct story_topics){2, {1, 2}};
	story_index_add(x, &l);
	assert_non_null(story_index_find(x, &l.print, &all, 0));
	assert_null(story_index_find(x, &l.print, &(struct story_topics){1, {3}}, 0));
	assert_int_equal(found(x, POST, 0), 1);
	l.id = 2;
	l.topics = (struct story_topics){1, {3}};
	story_index_add(x, &l);
	assert_int_equal(story_index_find(x, &l.print, &(struct story_topics){1, {3}}, 0)->id, 2);
	assert_int_equal(story_index_find(x, &l.print, &(struct story_topics){2, {2, 3}}, 0)->id, 1);
	story_index_free(x);
}

static void what_is_taken_back_is_gone_and_nothing_else(void **state)
{
	struct story_index *x = story_index_new();
	struct story_leader l = leader(1, 0, POST);
	uint64_t mark;
	char text[64];
	int64_t i;

	(void)state;
	story_index_add(x, &l);
	mark = story_index_mark(x);
	for (i = 2; i < 1000; i++) {
		snprintf(text, sizeof(text), "numero %d con palabras %d propias %d", (int)i, (int)i * 7, (int)i * 13);
		l = leader(i, 0, text);
		story_index_add(x, &l);
	}
	assert_int_equal(found(x, "numero 500 con palabras 3500 propias 6500", 0), 500);
	story_index_undo(x, mark);
	assert_int_equal(story_index_len(x), 1);
	assert_int_equal(found(x, "numero 500 con palabras 3500 propias 6500", 0), 0);
	assert_int_equal(found(x, POST, 0), 1);
	l = leader(2, 0, "numero 500 con palabras 3500 propias 6500");
	story_index_add(x, &l);
	assert_int_equal(found(x, "numero 500 con palabras 3500 propias 6500", 0), 2);
	story_index_free(x);
}

static void past_the_bound_the_oldest_goes(void **state)
{
	struct story_index *x = story_index_new();
	struct story_leader l = leader(1, 0, POST);
	uint64_t mark = story_index_mark(x);
	int64_t i;

	(void)state;
	story_index_add(x, &l);
	l.print = (struct print){.exact = 0};
	for (i = 2; i <= STORIES_MAX; i++) {
		l.id = i;
		l.print.exact = (uint64_t)i * UINT64_C(0x9e3779b97f4a7c15);
		story_index_add(x, &l);
	}
	assert_int_equal(story_index_len(x), STORIES_MAX);
	assert_int_equal(found(x, POST, 0), 1);
	l.id = i;
	l.print.exact = 3;
	story_index_add(x, &l);
	assert_int_equal(story_index_len(x), STORIES_MAX);
	assert_int_equal(found(x, POST, 0), 0);
	assert_int_equal(story_index_find(x, &l.print, &l.topics, 0)->id, i);
	story_index_undo(x, mark); /* farther back than it has room for */
	assert_int_equal(story_index_len(x), 0);
	story_index_free(x);
}

/* Leaders that all share what is common cost no more than the bound, and hide no copy. */
static void a_copy_is_found_among_many_that_share_half_of_their_words(void **state)
{
	struct story_index *x = story_index_new();
	char text[256];
	int64_t i;

	(void)state;
	for (i = 1; i <= 3000; i++) {
		struct story_leader l;

		snprintf(text, sizeof(text), "el banco andino informa a sus clientes que %d%s %dx %dy %dz %dv %dw %du",
			 (int)i, "q", (int)i * 3, (int)i * 5, (int)i * 7, (int)i * 9, (int)i * 11, (int)i * 15);
		l = leader(i, 0, text);
		story_index_add(x, &l);
	}
	assert_int_equal(found(x, "RT @a: el banco andino informa a sus clientes que 7q 21x 35y 49z 63v 77w 105u", 0),
			 7);
	story_index_free(x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_of_one_story_or_not),
		cmocka_unit_test(an_article_is_known_by_its_address),
		cmocka_unit_test(a_long_text_keeps_within_its_bounds),
		cmocka_unit_test(a_story_is_that_of_its_leader_for_three_days),
		cmocka_unit_test(the_nearest_leader_is_taken_then_the_oldest),
		cmocka_unit_test(who_shares_no_topic_shares_no_story),
		cmocka_unit_test(what_is_taken_back_is_gone_and_nothing_else),
		cmocka_unit_test(past_the_bound_the_oldest_goes),
		cmocka_unit_test(a_copy_is_found_among_many_that_share_half_of_their_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
