/* alert/mail_reply: what they wrote, as mail programs of phones and desks send it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "alert/mail_reply.h"
#include "base/buf.h"
#include "base/mem.h"

static const struct {
	const char *text, *own;
} cases[] = {
	{"la tomo", "la tomo\n"},
	{"la tomo\r\n\r\nEl lun, 3 mar 2025 a las 10:00, escuchad (<escuchad@example.com>) escribió:\r\n> AVISO "
	 "acme\r\n",
	 "la tomo\n\n"},
	{"take it\n\nOn Mon, 3 Mar 2025 at 10:00, escuchad <escuchad@example.com>\nwrote:\n\n> tomo", "take it\n\n"},
	{"Falsa alarma.\n\n--\nAna Pérez\nla tomo", "Falsa alarma.\n\n"},
	{"Falsa alarma.\n-- \nAna", "Falsa alarma.\n"},
	{"Hola,\n\nla tomo\n\nEnviado desde mi iPhone\n\n> x", "Hola,\n\nla tomo\n\n"},
	{"nota: hablé\ncon el taller\n\n________________________________\nDe: escuchad <e@example.com>\nAsunto: AVISO",
	 "nota: hablé\ncon el taller\n\n"},
	{"solved\n-----Original Message-----\nFrom: escuchad", "solved\n"},
	{"solved\n-------- Mensaje original --------\nla tomo", "solved\n"},
	{"> la tomo\n> todo citado\n", ""},
	{"nota: hablé con\nel taller\nEl lun, 3 mar 2025, escuchad escribió:\n> x", "nota: hablé con\nel taller\n"},
	{"", ""},
	{"nota: -- no es firma", "nota: -- no es firma\n"},
};

static void own_words(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf b = BUF_INIT(2 * MAIL_REPLY_MAX_BYTES);

		mail_reply_own(cases[i].text, &b);
		assert_string_equal(buf_str(&b), cases[i].own);
		buf_done(&b);
	}
}

static void no_more_than_its_bound(void **state)
{
	struct buf text = BUF_INIT(8 * MAIL_REPLY_MAX_BYTES), own = BUF_INIT(8 * MAIL_REPLY_MAX_BYTES);
	size_t i;

	(void)state;
	for (i = 0; i < MAIL_REPLY_MAX_BYTES; i++)
		buf_puts(&text, "hola\n");
	mail_reply_own(buf_str(&text), &own);
	assert_true(own.len >= MAIL_REPLY_MAX_BYTES && own.len < MAIL_REPLY_MAX_BYTES + 5);
	buf_done(&text);
	buf_done(&own);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(own_words), cmocka_unit_test(no_more_than_its_bound)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
