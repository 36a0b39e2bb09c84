/* main/train: what can be learnt is, what cannot is not claimed, and the same posts give the same bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "main/train.h"

enum { POSTS = 300, WORDS = 12, SAYS = 1000 };

static const char names[][TONE_LANGUAGE_MAX_BYTES + 1] = {"es", "en", ""};

struct set {
	struct train_post posts[POSTS];
	uint32_t words[POSTS][WORDS];
};

static uint32_t random_of(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 16;
}

/* Posts of words at random; in those of `told` one of them says the label. The lexicon takes all for neutral. */
static struct set *set_new(bool told, uint8_t language)
{
	struct set *s = NEW(struct set);
	uint32_t state = 7, i, k;

	for (i = 0; i < POSTS; i++) {
		uint8_t label = (uint8_t)(random_of(&state) % TONE_CLASSES);

		for (k = 0; k < WORDS; k++)
			s->words[i][k] = SAYS + 100 + random_of(&state) % 5000;
		if (told)
			s->words[i][0] = SAYS + label * 10u + random_of(&state) % 4;
		s->posts[i] = (struct train_post){
			.v = s->words[i], .n = WORDS, .label = label, .lexicon = 0, .language = language};
	}
	return s;
}

static void what_words_say_is_learnt(void **state)
{
	cleanup(freep) struct set *s = set_new(true, 0);
	struct train_result r;

	(void)state;
	assert_int_equal(train(s->posts, POSTS, names, 3, 1, &r), 0);
	assert_int_equal(r.verdicts[0], TRAIN_BETTER);
	assert_true(r.languages[0].macro_f1 > 0.95 && r.languages[0].lexicon_macro_f1 < 0.3);
	assert_true(r.languages[0].posts == POSTS && r.languages[0].r > 0.9 && r.languages[0].f < 0.1);
	assert_int_equal(r.verdicts[1], TRAIN_TOO_FEW);
	assert_int_equal(r.model->n_languages, 1);
	assert_true(r.model->posts == POSTS && r.model->seed == 1 && r.model->scale > 0);
	tone_model_free(r.model);
}

/* Of chance nothing is claimed: what is told of posts that were not seen is no better than a guess. */
static void what_is_chance_is_not_claimed(void **state)
{
	cleanup(freep) struct set *s = set_new(false, 1);
	struct train_result r;
	size_t i;

	(void)state;
	for (i = 0; i < POSTS; i++)
		s->posts[i].lexicon = i % 3 ? s->posts[i].label : 0;
	assert_int_equal(train(s->posts, POSTS, names, 3, 1, &r), 0);
	assert_int_equal(r.verdicts[1], TRAIN_NO_BETTER);
	assert_true(r.languages[1].macro_f1 < 0.5);
	assert_int_equal(r.model->n_languages, 0);
	tone_model_free(r.model);
}

/* The same text a hundred times is one: it is not learnt on one side and known on the other. */
static void copies_are_on_one_side(void **state)
{
	cleanup(freep) struct set *s = set_new(false, 0);
	struct train_result r;
	size_t i;

	(void)state;
	for (i = 0; i < POSTS; i++) {
		memcpy(s->words[i], s->words[i % 40], sizeof(s->words[i]));
		s->posts[i].label = s->posts[i % 40].label;
	}
	assert_int_equal(train(s->posts, POSTS, names, 3, 1, &r), 0);
	assert_true(r.languages[0].macro_f1 < 0.6);
	tone_model_free(r.model);
}

static void bytes_are_the_same_each_time(void **state)
{
	cleanup(freep) struct set *s = set_new(true, 0);
	struct buf a = BUF_INIT(TONE_MODEL_MAX_BYTES), b = BUF_INIT(TONE_MODEL_MAX_BYTES);
	struct train_result r;
	int turn;

	(void)state;
	for (turn = 0; turn < 2; turn++) {
		assert_int_equal(train(s->posts, POSTS, names, 3, 1, &r), 0);
		tone_model_write(turn ? &b : &a, r.model);
		tone_model_free(r.model);
	}
	assert_true(a.len == b.len && !memcmp(a.data, b.data, a.len));
	buf_reset(&b);
	assert_int_equal(train(s->posts, POSTS, names, 3, 2, &r), 0);
	tone_model_write(&b, r.model);
	tone_model_free(r.model);
	assert_false(a.len == b.len && !memcmp(a.data, b.data, a.len));
	buf_done(&a);
	buf_done(&b);
}

static void too_few_are_said_to_be(void **state)
{
	cleanup(freep) struct set *s = set_new(true, 2);
	struct train_result r = {.model = NULL};
	size_t i;

	(void)state;
	assert_int_equal(train(s->posts, TRAIN_POSTS_LEAST - 1, names, 3, 1, &r), TRAIN_E_FEW);
	assert_null(r.model);
	assert_int_equal(train(s->posts, POSTS, names, 3, 1, &r), 0); /* of a language that is not known */
	assert_int_equal(r.verdicts[2], TRAIN_TOO_FEW);
	tone_model_free(r.model);
	for (i = 0; i < POSTS; i++) {
		s->posts[i].language = 0;
		s->posts[i].label = 1;
	}
	r.model = NULL;
	assert_int_equal(train(s->posts, POSTS, names, 3, 1, &r), TRAIN_E_FEW); /* one tone alone */
	assert_null(r.model);
}

static void a_language_has_a_least(void **state)
{
	cleanup(freep) struct set *s = set_new(true, 0);
	struct train_result r;
	size_t i;

	(void)state;
	for (i = 0; i < TRAIN_LANGUAGE_LEAST - 1; i++)
		s->posts[i].language = 1;
	assert_int_equal(train(s->posts, POSTS, names, 3, 1, &r), 0);
	assert_true(r.verdicts[1] == TRAIN_TOO_FEW && r.languages[1].macro_f1 > 0.9);
	tone_model_free(r.model);
	s->posts[i].language = 1;
	assert_int_equal(train(s->posts, POSTS, names, 3, 1, &r), 0);
	assert_int_equal(r.verdicts[1], TRAIN_BETTER);
	tone_model_free(r.model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_words_say_is_learnt), cmocka_unit_test(what_is_chance_is_not_claimed),
		cmocka_unit_test(copies_are_on_one_side),   cmocka_unit_test(bytes_are_the_same_each_time),
		cmocka_unit_test(too_few_are_said_to_be),   cmocka_unit_test(a_language_has_a_least),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
