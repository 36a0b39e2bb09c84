/* fetch/echo: a secret in a server's words, whatever form it was told in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "fetch/echo.h"

static void a_secret_is_found_in_each_form(void **state)
{
	static const struct {
		const char *words, *secret;
		bool holds;
	} cases[] = {
		{"[AUTHENTICATIONFAILED] wrong: otra clave", "otra clave", true},
		{"bad \"a\\\"b\\\\c\"", "a\"b\\c", true},
		{"AHVzZXIAb3RyYSBjbGF2ZQ==", "otra clave", true},             /* \0user\0secret */
		{"no b3RyYSBjbGF2ZQ==.", "otra clave", true},                 /* alone */
		{"x:eG90cmEgY2xhdmU=", "otra clave", true},                   /* one byte behind */
		{"eHhvdHJhIGNsYXZl", "otra clave", true},                     /* two */
		{"dXNlcj1hbmEBYXV0aD1CZWFyZXIgYWJjMTIzAQE=", "abc123", true}, /* XOAUTH2 */
		{"[AUTHENTICATIONFAILED] Authentication failed.", "otra clave", false},
		{"b3RyYSBj bGF2ZQ==", "otra clave", false},
		{"", "otra clave", false},
		{"otra", "otra clave", false},
		{"all of it", "", false},
		{"all of it", NULL, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++)
		if (echo_holds(cases[i].words, strlen(cases[i].words), cases[i].secret) != cases[i].holds)
			fail_msg("\"%s\" in \"%s\"", cases[i].secret, cases[i].words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_secret_is_found_in_each_form)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
