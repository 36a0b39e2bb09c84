/* One line of what happened in a crisis, as people read it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "alert/incident_line.h"
#include "base/mem.h"

static const struct {
	const char *what, *who, *text;
	const char *es, *en;
} cases[] = {
	{"opened", NULL, "@default", "se abrió", "it was opened"},
	{"told", "ana", "begins", "aviso a ana: empieza", "message to ana: it begins"},
	{"told", "ana", "recedes", "aviso a ana: está pasando", "message to ana: it is going away"},
	{"told", "ana", "held", "aviso a ana: lo que esperó a su hora", "message to ana: what waited for its hour"},
	{"told", "ana", "of another version", "aviso a ana", "message to ana"},
	{"told", "ana", NULL, "aviso a ana", "message to ana"},
	{"rises", NULL, "critical", "sube a crisis", "rises to crisis"},
	{"joins", NULL, "ola-negativa", "se suma otra alerta: ola-negativa", "another alert joins: ola-negativa"},
	{"joins", NULL, "@default", "se suma otra alerta: las de siempre", "another alert joins: the usual ones"},
	{"joins", NULL, "pro:@default", "se suma otra alerta: pro:las de siempre",
	 "another alert joins: pro:the usual ones"},
	{"lapsed", "luis", NULL, "luis no respondió: no la tiene nadie", "luis did not answer: nobody has it"},
	{"said", "luis", "ack", "luis la toma", "luis takes it"},
	{"said", "luis", "pass ana", "luis se la pasa a ana", "luis passes it to ana"},
	{"said", "luis", "close", "luis la cierra", "luis closes it"},
	{"said", "luis", "false-alarm", "luis dice que era una falsa alarma", "luis says that it was a false alarm"},
	{"said", "luis", "merge 2 1", "luis la une a otra: n.º 1", "luis merges it into another: no. 1"},
	{"said", "luis", "acknowledged", "luis dijo: acknowledged", "luis said: acknowledged"},
	{"said", NULL, "ack", "? la toma", "? takes it"},
	{"note", "ana", "ack", "ana: ack", "ana: ack"},
	{"of another version", NULL, NULL, "of another version", "of another version"},
	{NULL, NULL, NULL, "", ""},
};

static void each_line_is_said_in_both_languages(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		char *es = incident_line_text(TEXT_ES, cases[i].what, cases[i].who, cases[i].text);
		char *en = incident_line_text(TEXT_EN, cases[i].what, cases[i].who, cases[i].text);

		assert_string_equal(es, cases[i].es);
		assert_string_equal(en, cases[i].en);
		free(es);
		free(en);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line_is_said_in_both_languages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
