/* UTF-8 that was read as windows-1252, as Spanish sites serve it; and that good text in any language is left alone. FAULTS P15. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "parse/mojibake.h"

static const struct {
	const char *in, *want;
} mended[] = {
	{"La compaÃ±Ã\u00ADa cobrÃ³ dos veces a MarÃ\u00ADa", "La compañía cobró dos veces a María"},
	{"Â¿QuÃ© pasÃ³? Â¡Ãšltima hora! Ãºnico, pingÃ¼ino, acÃ¡", "¿Qué pasó? ¡Última hora! único, pingüino, acá"},
	{"ESPAÃ‘A, EDUCACIÃ“N, Ã‰XITO, Ã\xC2\x81REA, Ã\xC2\x8DNDICE, PINGÃœINO",
	 "ESPAÑA, EDUCACIÓN, ÉXITO, ÁREA, ÍNDICE, PINGÜINO"},
	{"LLEGÃ“ tarde", "LLEGÓ tarde"},
	{"â€œAndinoâ€\xC2\x9D no respondeâ€¦ â€“ dice â€˜Anaâ€™", "“Andino” no responde… – dice ‘Ana’"},
	{"cuesta 100 â‚¬, 5Âº piso, 20Â°C, Â©2020, Â«asÃ\u00ADÂ»", "cuesta 100 €, 5º piso, 20°C, ©2020, «así»"},
	/* twice, thrice */
	{"compaÃƒÂ±ÃƒÂ\u00ADa", "compañía"},
	{"espaÃƒÆ’Ã‚Â±ol", "español"},
	{"\u00E2\u20AC\u0153s\u00C3\u00AD\u00E2\u20AC\xC2\x9D", "“sí”"},
	/* the soft hyphen was lost: seen on Spanish sites */
	{"MarÃa GarcÃa vivÃa en un paÃs con rÃos y tÃas; RÃo Cuarto",
	 "María García vivía en un país con ríos y tías; Río Cuarto"},
	{"AsÃ, no. Es asÃ. AquÃ estÃ¡", "Así, no. Es así. Aquí está"},
	{"(allÃ)", "(allí)"},
	/* other languages */
	{"SÃ£o Paulo, nÃ£o, informaÃ§Ãµes, vocÃª", "São Paulo, não, informações, você"},
	{"voilÃ\u00A0 l'Ã©tÃ©, cÅ“ur, bien sÃ»r, Ã\u00A0 Paris", "voilà l'été, cœur, bien sûr, à Paris"},
	{"GrÃ¶ÃŸe, KÃ¶ln, StraÃŸe, Ã„rger", "Größe, Köln, Straße, Ärger"},
	{"KoÅ¡ice, Å½ilina", "Košice, Žilina"},
	{"ÐŸÑ€Ð¸Ð²ÐµÑ‚ Ð¼Ð¸Ñ€", "Привет мир"},
	{"Î•Î»Î»Î¬Î´Î±", "Ελλάδα"},
	{"gol ðŸ˜€ â\xC2\x9D¤ï¸\xC2\x8F ya", "gol 😀 ❤\uFE0F ya"},
	{"ï»¿Hola", "Hola"},
	{"Â«EscribirÂ» me gusta. KovaÄ\xC2\x8D y PetroviÄ‡", "«Escribir» me gusta. Kovač y Petrović"},
	/* spaces */
	{"las ciudades.Â A Tarragona", "las ciudades. A Tarragona"}, /* HTML folded the no-break space behind Â away */
	{"100\u00A0€ y\u202F20\u2007%", "100 € y 20 %"},
	{"a \u00A0b\u00A0 c\u00A0\u00A0d\n\u00A0e\u00A0\nf", "a b c d\ne\nf"},
	{"\u00A0a\u00A0", "a"},
	{"co\u00ADo\u00ADpe\u00ADra", "coopera"},
	{"precio:Â\u00A0100", "precio: 100"},
};

static const char *const left_alone[] = {
	"",
	"plain ascii",
	"La compañía cobró dos veces a María. ¿Qué pasó? ¡Última hora! «Así», 5º, 20°C, “sí”… – 100 €",
	"SÃO PAULO, NÃO, AÇÃO, INFORMAÇÃO, IRMÃ, MANHÃ, CORAÇÃO, MÃE, PÃES, AMANHÃ",
	"NÃo vou. SÃo Paulo.",
	"A IRMÃ” disse. A IRMÃ, a MANHÃ… e a LÃ – “MAÇÃ»",
	"CAFÉ» y É… Ñ” Ó— Ü™ Í®",
	"Â, Ê, Ô: letras. câmara, â, ê",
	"RITÂ A, o Â maiúsculo",
	"Ünïcödé naïve façade Ærø Åse Øl ÅÄÖ",
	"ESPAÑA ÚNICA, PIÑA, AÑO, AVIÓN",
	"Привет мир, Ελλάδα, 日本語, 한국어, 😀❤️",
	"l’été à Paris; voilà; Ça va?",
	"Ã",
	"Ã\nx",
	"voilÃ Paris", /* à or í: who knows */
	"Ð",
	"Ñ",
	"ñandú ñoño",
};

static void what_was_mangled_is_mended(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(mended); i++) {
		struct buf out = BUF_INIT(strlen(mended[i].in)), again = BUF_INIT(1000);

		mojibake_repair(mended[i].in, strlen(mended[i].in), &out);
		assert_false(out.full); /* never longer */
		if (strcmp(buf_str(&out), mended[i].want) != 0)
			fail_msg("\"%s\" gives \"%s\", not \"%s\"", mended[i].in, buf_str(&out), mended[i].want);
		mojibake_repair(buf_str(&out), out.len, &again);
		assert_string_equal(buf_str(&again), buf_str(&out));
		buf_done(&out);
		buf_done(&again);
	}
}

static void what_is_right_stays(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(left_alone); i++) {
		struct buf out = BUF_INIT(1000);

		mojibake_repair(left_alone[i], strlen(left_alone[i]), &out);
		if (strcmp(buf_str(&out), left_alone[i]) != 0)
			fail_msg("\"%s\" became \"%s\"", left_alone[i], buf_str(&out));
		buf_done(&out);
	}
}

/* Each letter above ASCII of Latin-1, mangled by either table in the middle of a word, comes back. */
static void every_letter_comes_back(void **state)
{
	uint32_t cp;

	(void)state;
	for (cp = 0xC0; cp <= 0xFF; cp++) {
		char utf8[4], want[16];
		struct buf in = BUF_INIT(16), out = BUF_INIT(16);
		size_t i, n = utf8_encode(cp, utf8);

		buf_putc(&in, cp < 0xE0 ? 'A' : 'a'); /* among small letters an Ã is taken for an í */
		for (i = 0; i < n; i++)
			utf8_put(&in, (unsigned char)utf8[i]);
		buf_putc(&in, cp < 0xE0 ? 'B' : 'b');
		mojibake_repair(in.data, in.len, &out);
		want[0] = cp < 0xE0 ? 'A' : 'a';
		memcpy(want + 1, utf8, n);
		memcpy(want + 1 + n, cp < 0xE0 ? "B" : "b", 2);
		assert_string_equal(buf_str(&out), want);
		buf_done(&in);
		buf_done(&out);
	}
}

/* Says where white space is to be folded once more: never where only letters changed nothing or a space took a place. */
static void it_tells_loose_space(void **state)
{
	static const struct {
		const char *in;
		bool loose;
	} texts[] = {
		{"", false},          {"plain ascii\ntext", false}, {"La compañía — “sí”", false},
		{"a\u00A0b", false},  {"a\u00A0\u00A0b", false},    {"co\u00ADopera", false},
		{"a \u00A0 b", true}, {"a\n\u00AD b", true},        {"a\u00A0", false},
		{"a \u00A0", true},   {"\u202F a", true},           {"MarÃa", true}, /* as long as it was */
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(texts); i++) {
		struct buf out = BUF_INIT(100);

		if (mojibake_repair(texts[i].in, strlen(texts[i].in), &out) != texts[i].loose)
			fail_msg("\"%s\" is told wrong", texts[i].in);
		buf_done(&out);
	}
}

static void it_appends(void **state)
{
	struct buf out = BUF_INIT(100);

	(void)state;
	buf_puts(&out, "x ");
	mojibake_repair("Ã±", 4, &out);
	mojibake_repair("\u00A0y", 3, &out);
	assert_string_equal(buf_str(&out), "x ñy");
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_mangled_is_mended),
		cmocka_unit_test(what_is_right_stays),
		cmocka_unit_test(every_letter_comes_back),
		cmocka_unit_test(it_tells_loose_space),
		cmocka_unit_test(it_appends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
