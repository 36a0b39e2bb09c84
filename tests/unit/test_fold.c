/* match/fold through its header: what folds to what, and the way back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "match/fold.h"

static const struct {
	const char *in, *want;
} cases[] = {
	{"", ""},
	{"Acme MX", "acme mx"},
	{"ÁÉÍÓÚÜ áéíóúü", "aeiouu aeiouu"},
	{"Ñandú ñoño", "ñandu ñoño"},                 /* ñ is a letter of its own */
	{"N\u0303andu\u0301 ano\u0303", "ñandu ano"}, /* decomposed: the same */
	{"São Paulo, ação, À la crème", "sao paulo, acao, a la creme"},
	{"el ping\u00FCino y la cig\u00FCe\u00F1a", "el pinguino y la cigueña"},
	{"ǘ ấ", "u a"},                 /* two marks on one vowel */
	{"ń š å ř ø ł", "ń š å ř ø ł"}, /* other letters elsewhere */
	{"й ά", "й ά"},
	{"ПРИВЕТ ΣΊΣΥΦΟΣ", "привет σίσυφοσ"},
	{"Straße ﬁn", "strasse fin"},
	{"ＡＣＭＥ １２", "acme 12"},                                             /* full width */
	{"a\u00A0b\u2003c\u202Fd", "a b c d"},                                    /* spaces of every kind */
	{"ac\u200Bme\u00AD \u202Eacme\u2066 a\uFE0F\u2060\uFEFF", "acme acme a"}, /* FAULTS P15: invisible, bidi */
	{"“Acme”…—¿qué?", "“acme”...—¿que?"},
	{"1º 2ª ½", "1o 2a 1⁄2"},
	{"👩\u200D💻 👍🏽", "👩💻 👍🏽"},
	{"각 한국어", "각 한국어"},
	{"ｶﾞ", "ガ"},
	{"ﷺ", "صلى الله عليه وسلم"}, /* 3 bytes become 33 */
	{"e\u0301\u0301x", "ex"},
	{"\u0301a", "\u0301a"}, /* a mark on nothing */
};

static void folds_as_spanish_and_portuguese_readers_expect(void **state)
{
	struct fold f;
	size_t i;

	(void)state;
	fold_init(&f);
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		fold_text(&f, cases[i].in, strlen(cases[i].in));
		assert_string_equal(f.bytes, cases[i].want);
		assert_int_equal(f.len, strlen(cases[i].want));
	}
	fold_done(&f);
}

/* Text is folded many bytes at a time: wherever a letter stands in them, and whatever comes behind it, it folds the same. */
static void a_letter_folds_alike_at_every_place(void **state)
{
	static const char *const letters[] = {"Á",      "ñ", "ß",        "½",       "ŉ",    "“", "…",
					      "\u200B", "Й", "👍🏽", "e\u0301", "\xC3", "Z"};
	static const char *const behind[] = {"", "X", "\u0301", "É", "\u200D", "B\u0303"};
	static const char after[] = "UN TEXTO QUE SIGUE Y QUE PASA DE UN BLOQUE A OTRO, SIN ACENTOS, YA";
	static const char after_folded[] = "un texto que sigue y que pasa de un bloque a otro, sin acentos, ya";
	struct fold part, whole;
	char text[512], tail[32];
	size_t i, at;

	(void)state;
	fold_init(&part);
	fold_init(&whole);
	for (i = 0; i < ARRAY_LEN(letters) * ARRAY_LEN(behind); i++) {
		const char *letter = letters[i / ARRAY_LEN(behind)];
		uint32_t from, to;

		snprintf(tail, sizeof(tail), "%s%s", letter, behind[i % ARRAY_LEN(behind)]);
		fold_text(&part, tail, strlen(tail));
		for (at = 0; at < 300; at++) {
			size_t more = at % sizeof(after);

			memset(text, 'X', at);
			snprintf(text + at, sizeof(text) - at, "%s%.*s", tail, (int)more, after);
			fold_text(&whole, text, strlen(text));
			assert_int_equal(whole.len, at + part.len + more);
			assert_memory_equal(whole.bytes + at, part.bytes, part.len);
			assert_memory_equal(whole.bytes + at + part.len, after_folded, more);
			fold_span(&whole, at, at + 1, &from, &to);
			if (part.len && letter[0] != '\xE2') /* what is dropped leads to what comes behind it */
				assert_int_equal(from, at);
			assert_memory_equal(whole.bytes + at, part.bytes, part.len); /* asking changes nothing */
			assert_memory_equal(whole.bytes + at + part.len, after_folded, more);
		}
	}
	fold_done(&part);
	fold_done(&whole);
}

static void folding_twice_changes_nothing(void **state)
{
	struct fold once, twice;
	char text[4];
	uint32_t cp;

	(void)state;
	fold_init(&once);
	fold_init(&twice);
	for (cp = 1; cp < 0x3000; cp++) {
		if (cp == 0x0345) /* the iota below: a mark that folds to a letter */
			continue;
		fold_text(&once, text, utf8_encode(cp, text));
		fold_text(&twice, once.bytes, once.len);
		assert_string_equal(twice.bytes, once.bytes);
	}
	fold_done(&once);
	fold_done(&twice);
}

static const struct {
	const char *text, *find;
	uint32_t from, to; /* code points of the original */
} spans[] = {
	{"acme", "acme", 0, 4},
	{"¡Ácme!", "acme", 1, 5},
	{"xx cafe\u0301, si", "cafe", 3, 8}, /* the mark belongs to the letter before it */
	{"ac\u200Bme\u200B.", "acme", 0, 5}, /* what is dropped inside, not what is dropped behind */
	{"“ﬁn” fin", "fin", 1, 3},
	{"👍🏽 ½ Straße", "strasse", 5, 11},
	{"ﷺ acme", "acme", 2, 6},
	{"una niña", "niña", 4, 8},
};

static void spans_lead_back_to_the_original(void **state)
{
	struct fold f;
	size_t i;

	(void)state;
	fold_init(&f);
	for (i = 0; i < ARRAY_LEN(spans); i++) {
		uint32_t from = 99, to = 99;
		const char *at;

		fold_text(&f, spans[i].text, strlen(spans[i].text));
		at = strstr(f.bytes, spans[i].find);
		assert_non_null(at);
		fold_span(&f, (size_t)(at - f.bytes), (size_t)(at - f.bytes) + strlen(spans[i].find), &from, &to);
		assert_int_equal(from, spans[i].from);
		assert_int_equal(to, spans[i].to);
	}
	fold_done(&f);
}

static void a_place_at_the_end_or_in_nothing_has_a_span(void **state)
{
	struct fold f;
	uint32_t from, to;

	(void)state;
	fold_init(&f);
	fold_text(&f, "", 0);
	fold_span(&f, 0, 0, &from, &to);
	assert_int_equal(from, 0);
	assert_int_equal(to, 0);
	fold_text(&f, "ñu", strlen("ñu"));
	fold_span(&f, f.len, f.len, &from, &to);
	assert_int_equal(from, 2);
	assert_int_equal(to, 2);
	fold_done(&f);
}

/* The bounds: a thousand marks on a letter, and text that grows as much as text can. */
static void marks_pile_up_only_so_high(void **state)
{
	struct buf b = BUF_INIT(1 << 20);
	struct fold f;
	uint32_t from, to;
	size_t i;

	(void)state;
	fold_init(&f);
	buf_puts(&b, "z");
	for (i = 0; i < 1000; i++)
		buf_puts(&b, "\u0323\u0301");
	buf_puts(&b, "acme");
	fold_text(&f, b.data, b.len);
	assert_true(utf8_valid(f.bytes, f.len));
	assert_string_equal(f.bytes + f.len - 4, "acme");
	fold_span(&f, f.len - 4, f.len, &from, &to);
	assert_int_equal(from, 2001);
	assert_int_equal(to, 2005);
	buf_reset(&b);
	for (i = 0; i < 10000; i++)
		buf_puts(&b, "\uFDFA");
	fold_text(&f, b.data, b.len);
	assert_true(f.len <= b.len * FOLD_GROWTH_MAX);
	assert_true(f.len >= b.len * (FOLD_GROWTH_MAX - 1));
	fold_span(&f, f.len - 1, f.len, &from, &to);
	assert_int_equal(to, 10000);
	buf_done(&b);
	fold_done(&f);
}

static void ill_formed_text_gives_valid_text(void **state)
{
	static const char bad[] = "a\xC3(\xE2\x80 \xFF\xED\xA0\x80\xF4\x90z";
	struct fold f;

	(void)state;
	fold_init(&f);
	fold_text(&f, bad, sizeof(bad) - 1);
	assert_true(utf8_valid(f.bytes, f.len));
	assert_int_equal(f.bytes[0], 'a');
	assert_int_equal(f.bytes[f.len - 1], 'z');
	fold_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folds_as_spanish_and_portuguese_readers_expect),
		cmocka_unit_test(a_letter_folds_alike_at_every_place),
		cmocka_unit_test(folding_twice_changes_nothing),
		cmocka_unit_test(spans_lead_back_to_the_original),
		cmocka_unit_test(a_place_at_the_end_or_in_nothing_has_a_span),
		cmocka_unit_test(marks_pile_up_only_so_high),
		cmocka_unit_test(ill_formed_text_gives_valid_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
