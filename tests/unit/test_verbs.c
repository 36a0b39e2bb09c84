/* alert/verbs: what people say, in both languages, as they type it on a phone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "alert/verbs.h"
#include "base/clock.h"
#include "base/mem.h"

static const struct {
	const char *line;
	enum verb verb;
	uint64_t id;
	const char *name, *text;
	uint64_t step;
} cases[] = {
	{"la tomo", VERB_TAKE, 0, "", NULL},
	{"Tomo", VERB_TAKE, 0, "", NULL},
	{"  ¡LA TOMO! gracias 🙏", VERB_TAKE, 0, "", NULL},
	{"ok, me encargo yo", VERB_TAKE, 0, "", NULL},
	{"Hola, la tomo, gracias.", VERB_TAKE, 0, "", NULL},
	{"tomo la 3", VERB_TAKE, 3, "", NULL},
	{"la tomo (n.º 12)", VERB_TAKE, 12, "", NULL},
	{"take #7 please", VERB_TAKE, 7, "", NULL},
	{"I'll take it", VERB_TAKE, 0, "", NULL},
	{"Si\xcc\x81, sigo", VERB_TAKE, 0, "", NULL}, /* an accent of its own, as a Mac types it */
	{"Sí", VERB_TAKE, 0, "", NULL},
	{"ACK 4", VERB_TAKE, 4, "", NULL},
	/* a verb in a sentence that says something else takes over nothing */
	{"tomo nota de lo que dices", VERBS, 0, "", NULL},
	{"no la tomo", VERBS, 0, "", NULL},
	{"I can't take it", VERBS, 0, "", NULL},
	{"cierra el local de la calle Mayor", VERBS, 0, "", NULL},
	{"la tomo 3 4", VERBS, 0, "", NULL},
	{"ok", VERBS, 0, "", NULL},
	{"gracias", VERBS, 0, "", NULL},
	{"", VERBS, 0, "", NULL},
	{"👍", VERBS, 0, "", NULL},
	{"#", VERBS, 0, "", NULL},
	{"take 99999999999999999999", VERBS, 0, "", NULL},
	{"take 0", VERBS, 0, "", NULL},
	{"pásala a Luis", VERB_PASS, 0, "luis", NULL},
	{"pasa la 3 a luis, por favor", VERB_PASS, 3, "luis", NULL},
	{"pass 3 to José", VERB_PASS, 3, "jose", NULL},
	{"se la paso a @maria_p", VERB_PASS, 0, "maria_p", NULL},
	{"pass to luis and ana", VERBS, 0, "", NULL},
	{"pasa", VERBS, 0, "", NULL},
	{"nota: hablé con el taller", VERB_NOTE, 0, "", "hablé con el taller"},
	{"Nota #3 3 personas llamaron", VERB_NOTE, 3, "", "3 personas llamaron"},
	{"note 3 people called", VERB_NOTE, 0, "", "3 people called"},
	{"nota", VERBS, 0, "", NULL},
	{"cerrar", VERB_CLOSE, 0, "", NULL},
	{"Ya está resuelto, gracias", VERB_CLOSE, 0, "", NULL},
	{"solved!", VERB_CLOSE, 0, "", NULL},
	{"close 9", VERB_CLOSE, 9, "", NULL},
	{"Falsa alarma.", VERB_FALSE_ALARM, 0, "", NULL},
	{"it was a false alarm", VERB_FALSE_ALARM, 0, "", NULL},
	{"No era nada", VERB_FALSE_ALARM, 0, "", NULL},
	{"¿Cómo va?", VERB_STATE, 0, "", NULL},
	{"status 3", VERB_STATE, 3, "", NULL},
	{"abre acme", VERB_OPEN, 0, "acme", NULL},
	{"open a crisis for acme-mx please", VERB_OPEN, 0, "acme-mx", NULL},
	{"agrega https://example.com/p/1", VERB_ADD, 0, "", "https://example.com/p/1"},
	{"silencia acme 2h por mantenimiento", VERB_MUTE, 0, "acme", "mantenimiento"},
	{"Add: a client called", VERB_ADD, 0, "", "a client called"},
	{"mute", VERB_MUTE, 0, "", NULL},
	{"paso 2", VERB_STEP, 0, "", NULL, 2},
	{"Paso n.º 2 hecho, gracias", VERB_STEP, 0, "", NULL, 2},
	{"hecho el paso 3 de la crisis 7", VERB_STEP, 7, "", NULL, 3},
	{"ya, paso 2", VERB_STEP, 0, "", NULL, 2}, /* and closes nothing, as "ya pasó" does */
	{"Ya pasó", VERB_CLOSE, 0, "", NULL},
	{"step 2", VERB_STEP, 0, "", NULL, 2},
	{"Tick off step 4 of 12, please", VERB_STEP, 12, "", NULL, 4},
	{"step #2 is done", VERB_STEP, 0, "", NULL, 2},
	{"hecho 2", VERB_STEP, 0, "", NULL, 2},
	{"done 2", VERB_STEP, 0, "", NULL, 2}, /* the lesser of its two meanings */
	{"Done, thanks!", VERB_CLOSE, 0, "", NULL},
	{"solved 2", VERB_CLOSE, 2, "", NULL},
	{"paso", VERBS, 0, "", NULL},
	{"paso 0", VERB_PASS, 0, "0", NULL}, /* nobody is called that, and they are told so */
	{"paso 2 3 4", VERBS, 0, "", NULL},
	{"paso 2 mañana", VERB_PASS, 2, "manana", NULL},
	{"la paso a luis", VERB_PASS, 0, "luis", NULL},
	{"unmute acme", VERB_UNMUTE, 0, "acme", NULL},
	{"deja de silenciar acme", VERB_UNMUTE, 0, "acme", NULL},
};

static void test_lines(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct verb_said said;

		verbs_read(cases[i].line, &said);
		if (said.verb != cases[i].verb)
			print_error("%s: %d, not %d\n", cases[i].line, said.verb, cases[i].verb);
		assert_int_equal(said.verb, cases[i].verb);
		assert_int_equal(said.id, cases[i].id);
		assert_int_equal(said.step, cases[i].step);
		assert_string_equal(said.name, cases[i].name);
		assert_int_equal(said.text != NULL, cases[i].text != NULL);
		if (said.text)
			assert_string_equal(said.text, cases[i].text);
	}
}

static void test_mute_says_how_long_and_of_what(void **state)
{
	struct verb_said said;

	(void)state;
	verbs_read("Silencia acme avisos durante 90m: obras en la tienda", &said);
	assert_int_equal(said.verb, VERB_MUTE);
	assert_string_equal(said.name, "acme");
	assert_int_equal(said.severity, SEVERITY_WARNING);
	assert_int_equal(said.for_ms, 90 * MINUTE_MS);
	assert_string_equal(said.text, "obras en la tienda");
	verbs_read("mute 2h", &said);
	assert_string_equal(said.name, "");
	assert_int_equal(said.severity, -1);
	assert_int_equal(said.for_ms, 2 * HOUR_MS);
	assert_null(said.text);
}

static void test_a_line_past_its_bounds(void **state)
{
	char line[2 * VERBS_LINE_MAX_BYTES] = "take ";
	struct verb_said said;
	size_t i;

	(void)state;
	for (i = 0; i < VERBS_WORDS_MAX; i++)
		memcpy(line + 5 + 7 * i, "please ", 8);
	verbs_read(line, &said); /* words that nobody looks at may say anything */
	assert_int_equal(said.verb, VERBS);
	memset(line, 'a', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	memcpy(line, "note ", 5);
	verbs_read(line, &said);
	assert_int_equal(said.verb, VERB_NOTE);
	verbs_read(line + 5, &said);
	assert_int_equal(said.verb, VERBS);
}

/* Each phrase of each catalogue means its verb, with what has to stand behind it. */
static void test_every_phrase_of_both_languages(void **state)
{
	static const struct {
		enum verb verb;
		enum text_id phrases;
		const char *rest;
	} each[] = {{VERB_TAKE, TEXT_VERBS_TAKE, " 12"},
		    {VERB_PASS, TEXT_VERBS_PASS, " 12 luis"},
		    {VERB_NOTE, TEXT_VERBS_NOTE, " #12 x"},
		    {VERB_CLOSE, TEXT_VERBS_CLOSE, " 12"},
		    {VERB_FALSE_ALARM, TEXT_VERBS_FALSE_ALARM, " 12"},
		    {VERB_STATE, TEXT_VERBS_STATE, " 12"},
		    {VERB_OPEN, TEXT_VERBS_OPEN, " acme"},
		    {VERB_ADD, TEXT_VERBS_ADD, " x"},
		    {VERB_MUTE, TEXT_VERBS_MUTE, " acme"},
		    {VERB_UNMUTE, TEXT_VERBS_UNMUTE, " acme"},
		    {VERB_STEP, TEXT_VERBS_STEP, " 3 12"}};
	size_t i, lang, wrong = 0;

	(void)state;
	assert_int_equal(ARRAY_LEN(each), VERBS);
	for (i = 0; i < ARRAY_LEN(each); i++) {
		for (lang = 0; lang < TEXT_LANGS; lang++) {
			const char *list = text_raw((enum text_lang)lang, each[i].phrases);

			for (; *list; list += strcspn(list, "|"), list += *list == '|') {
				cleanup(freep) char *line =
					xasprintf("%.*s%s", (int)strcspn(list, "|"), list, each[i].rest);
				struct verb_said said;

				verbs_read(line, &said);
				if (each[i].verb == VERB_CLOSE && said.verb == VERB_STEP)
					continue; /* "done 12", "ya, paso 12": the lesser of two meanings */
				if (said.verb == each[i].verb && (!strstr(each[i].rest, "12") || said.id == 12))
					continue;
				print_error("%s: %s of %llu\n", line, said.verb < VERBS ? verb_names[said.verb] : "?",
					    (unsigned long long)said.id);
				wrong++;
			}
		}
	}
	assert_int_equal(wrong, 0);
}

/* What a button says is understood when it is typed, but where a name or a text is wanted besides. */
static void test_labels_and_names(void **state)
{
	static const enum verb alone[] = {VERB_TAKE, VERB_FALSE_ALARM};
	struct verb_said said;
	size_t i, lang;

	(void)state;
	for (i = 0; i < VERBS; i++)
		assert_int_equal(verb_of_name(verb_names[i]), i);
	assert_int_equal(verb_of_name("explode"), VERBS);
	for (lang = 0; lang < TEXT_LANGS; lang++) {
		for (i = 0; i < ARRAY_LEN(alone); i++) {
			verbs_read(verb_label(alone[i], (enum text_lang)lang), &said);
			assert_int_equal(said.verb, alone[i]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_mute_says_how_long_and_of_what),
		cmocka_unit_test(test_a_line_past_its_bounds),
		cmocka_unit_test(test_every_phrase_of_both_languages),
		cmocka_unit_test(test_labels_and_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
