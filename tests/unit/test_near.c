/* match/near through its header: words between matches, against a reference that looks at every pair and every letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "match/near.h"

enum { TEXT_MAX = 4096, LETTERS_MAX = 64, PLACES_MAX = 12, ROUNDS = 4000 };

static const struct {
	const char *text;
	const char *words; /* each between its bars */
} texts[] = {
	{"", ""},
	{"Acme me cobró dos", "|Acme|me|cobró|dos|"},
	{" ¡Acme!, 24x7 ", "|Acme|24x7|"},
	{"O'Higgins @acme_mx", "|O|Higgins|acme|mx|"},
	{"n\xCC\x83u \xC2\xAD"
	 "es\xC2\xADta\xE2\x80\x8B"
	 "fa",
	 "|n\xCC\x83u|es\xC2\xADta\xE2\x80\x8B"
	 "fa|"}, /* a mark, a soft hyphen, a zero-width space */
	{"❤\xEF\xB8\x8F 1\xEF\xB8\x8F\xE2\x83\xA3", "|1\xEF\xB8\x8F\xE2\x83\xA3|"}, /* a heart is none, a keycap is */
	{"東京 مرحبا", "|東京|مرحبا|"},
};

/* The bytes of code points [from, to). */
static void put_places(struct buf *b, const char *text, struct place p)
{
	const char *end = text + strlen(text), *s = text, *start;
	uint32_t i;

	for (i = 0; i < p.from; i++)
		utf8_next(&s, end);
	start = s;
	for (; i < p.to; i++)
		utf8_next(&s, end);
	buf_put(b, start, (size_t)(s - start));
	buf_puts(b, "|");
}

static void words_are_runs_of_letters_marks_and_digits(void **state)
{
	struct near_words w = {.v = NULL};
	struct buf b = BUF_INIT(TEXT_MAX);
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_LEN(texts); i++) {
		near_words_read(&w, texts[i].text, strlen(texts[i].text));
		buf_reset(&b);
		for (k = 0; k < w.n; k++) {
			if (!k)
				buf_puts(&b, "|");
			put_places(&b, texts[i].text, w.v[k]);
		}
		assert_string_equal(buf_str(&b), texts[i].words);
	}
	buf_done(&b);
	near_words_done(&w);
}

static void a_word_that_a_match_ends_in_is_its_own(void **state)
{
	static const char text[] = "estafadores de acme y otros";
	struct near_words w = {.v = NULL};

	(void)state;
	near_words_read(&w, text, strlen(text));
	assert_int_equal(near_between(&w, (struct place){0, 6}, (struct place){15, 19}), 1); /* estaf…, acme: "de" */
	assert_int_equal(near_between(&w, (struct place){15, 19}, (struct place){0, 6}), 1);
	assert_int_equal(near_between(&w, (struct place){0, 3}, (struct place){5, 8}), 0);    /* in one word */
	assert_int_equal(near_between(&w, (struct place){0, 14}, (struct place){12, 19}), 0); /* overlap */
	assert_int_equal(near_between(&w, (struct place){0, 0}, (struct place){22, 27}), 4);
	near_words_done(&w);
}

/* --- against the reference --- */

struct letter {
	const char *bytes;
	char kind; /* w begins a word, m goes on with one, - neither */
};
static const struct letter alphabet[] = {{"a", 'w'}, {"ñ", 'w'}, {"7", 'w'},        {" ", '-'},
					 {",", '-'}, {"_", '-'}, {"\xCC\x81", 'm'}, {"\xE2\x80\x8B", 'm'},
					 {"❤", '-'}, {"b", 'w'}};

struct sample {
	struct buf text;
	char kinds[LETTERS_MAX];
	uint32_t n;
	struct place v[2][PLACES_MAX];
	size_t n_v[2];
};

static uint32_t below(unsigned *seed, uint32_t n)
{
	return (uint32_t)rand_r(seed) % n;
}

/* Places in order that don't overlap; some hold no letter. */
static size_t make_places(unsigned *seed, uint32_t n, struct place *v)
{
	size_t k = 0;
	uint32_t at = below(seed, 30);

	while (k < PLACES_MAX && at <= n) {
		uint32_t len = below(seed, 4);

		v[k] = (struct place){at, at + len < n ? at + len : n};
		at = v[k++].to + !len + below(seed, 60);
	}
	return k;
}

static void sample_make(unsigned *seed, struct sample *s)
{
	uint32_t i;

	buf_reset(&s->text);
	s->n = below(seed, LETTERS_MAX);
	for (i = 0; i < s->n; i++) {
		const struct letter *l = &alphabet[below(seed, ARRAY_LEN(alphabet))];

		buf_puts(&s->text, l->bytes);
		s->kinds[i] = l->kind;
	}
	s->n_v[0] = make_places(seed, s->n, s->v[0]);
	s->n_v[1] = make_places(seed, s->n, s->v[1]);
}

/* Whether letter i is of a word, and whether it begins one. */
static bool in_word(const struct sample *s, uint32_t i)
{
	while (i && s->kinds[i] == 'm')
		i--;
	return s->kinds[i] == 'w';
}

static bool begins(const struct sample *s, uint32_t i)
{
	return s->kinds[i] == 'w' && (!i || !in_word(s, i - 1));
}

/* The words wholly in [from, to). */
static size_t words_in(const struct sample *s, uint32_t from, uint32_t to)
{
	size_t n = 0;
	uint32_t i, k;

	for (i = from; i < to; i++) {
		if (!begins(s, i))
			continue;
		for (k = i + 1; k < s->n && in_word(s, k) && !begins(s, k); k++)
			;
		n += k <= to;
	}
	return n;
}

/* The least of all pairs; SIZE_MAX: none. */
static size_t reference(const struct sample *s, bool ordered)
{
	size_t least = SIZE_MAX, i, k;

	for (i = 0; i < s->n_v[0]; i++) {
		for (k = 0; k < s->n_v[1]; k++) {
			struct place a = s->v[0][i], b = s->v[1][k];
			size_t words;

			if (ordered && a.from >= b.from)
				continue;
			words = a.from <= b.from ? words_in(s, a.to, b.from) : words_in(s, b.to, a.from);
			least = words < least ? words : least;
		}
	}
	return least;
}

struct least {
	const struct sample *s;
	bool ordered;
	size_t words;
};

static void on_pair(void *arg, size_t a, size_t b, size_t words)
{
	struct least *l = arg;
	const struct sample *s = l->s;
	struct place x = s->v[0][a], y = s->v[1][b];

	assert_true(a < s->n_v[0] && b < s->n_v[1]);
	assert_true(!l->ordered || x.from < y.from);
	assert_int_equal(words, x.from <= y.from ? words_in(s, x.to, y.from) : words_in(s, y.to, x.from));
	l->words = words < l->words ? words : l->words;
}

static void the_nearest_two_are_found(void **state)
{
	struct sample s = {.text = BUF_INIT(TEXT_MAX)};
	struct near_words w = {.v = NULL};
	unsigned seed = 4, far = 0;
	size_t round;

	(void)state;
	for (round = 0; round < ROUNDS; round++) {
		struct least l = {&s, round % 2, SIZE_MAX};

		sample_make(&seed, &s);
		near_words_read(&w, s.text.data, s.text.len);
		near_pairs(&w, s.v[0], s.n_v[0], s.v[1], s.n_v[1], l.ordered, on_pair, &l);
		if (l.words != reference(&s, l.ordered))
			fail_msg("round %zu: %zu, not %zu: %s", round, l.words, reference(&s, l.ordered),
				 buf_str(&s.text));
		far += l.words != SIZE_MAX && l.words > 2;
	}
	assert_true(far > ROUNDS / 50); /* the samples are not all trivial */
	buf_done(&s.text);
	near_words_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_runs_of_letters_marks_and_digits),
		cmocka_unit_test(a_word_that_a_match_ends_in_is_its_own),
		cmocka_unit_test(the_nearest_two_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
