/* alert/playbook: the steps of a Markdown file, and what was ticked off. */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "alert/playbook.h"
#include "base/arena.h"
#include "base/buf.h"

static const struct {
	const char *text;
	int r;
	const char *steps; /* joined by | */
} cases[] = {
	{"# Quejas\n\n- [ ] Llamar a legal\n- [ ] Responder\n", 0, "Llamar a legal|Responder"},
	{"- [x] Hecho antes\r\n* [ ]  dos   blancos \r\n+ [X] tres", 0, "Hecho antes|dos blancos|tres"},
	{"  - [ ] con sangría\n\t- [ ] y tabulador\n", 0, "con sangría|y tabulador"},
	{"- [ ] **Pausar** la `publicidad`\n", 0, "Pausar la publicidad"},
	{"- [ ] una línea\n  que sigue\n  y sigue\n\n  pero esto no\n- [ ] otra\n", 0,
	 "una línea que sigue y sigue|otra"},
	{"- [ ] uno\n  - detalle\n  sin relación\n- [ ] dos\nsin sangría\n", 0, "uno|dos"},
	{"```\n- [ ] un ejemplo\n```\n- [ ] de verdad\n", 0, "de verdad"},
	{"- [ ] \n- [ ] **\n- [ ] sí\n", 0, "sí"}, /* nothing to do is no step */
	{"- [] no\n- [ ]no\n-[ ] no\n1. [ ] no\n[ ] no\n- [-] no\n- nada\n", PLAYBOOK_E_NO_STEPS, NULL},
	{"", PLAYBOOK_E_NO_STEPS, NULL},
	{"- [ ] lo mismo\n- [ ] otra cosa\n- [ ] lo  mismo\n", PLAYBOOK_E_TWICE, NULL},
	{"- [ ] \xff\n", PLAYBOOK_E_TEXT, NULL},
};

static void steps_are_found(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *a = arena_new(1 << 20);
		struct buf got = BUF_INIT(4096);
		struct playbook *p = NULL;

		assert_int_equal(playbook_parse(cases[i].text, strlen(cases[i].text), a, &p), cases[i].r);
		assert_true((p == NULL) == (cases[i].r != 0));
		for (k = 0; p && k < p->n; k++)
			buf_printf(&got, "%s%s", k ? "|" : "", p->steps[k].text);
		if (p)
			assert_string_equal(buf_str(&got), cases[i].steps);
		buf_done(&got);
		arena_free(a);
	}
}

static int parse_steps(size_t n, struct arena *a, struct playbook **ret)
{
	struct buf b = BUF_INIT(2 * PLAYBOOK_MAX_BYTES);
	size_t i;
	int r;

	for (i = 0; i < n; i++)
		buf_printf(&b, "- [ ] paso %zu\n", i);
	r = playbook_parse(buf_str(&b), b.len, a, ret);
	buf_done(&b);
	return r;
}

static void bounds_hold(void **state)
{
	struct arena *a = arena_new(1 << 20);
	static char text[PLAYBOOK_MAX_BYTES + 1] = "- [ ] ";
	struct playbook *p = NULL;
	size_t i;

	(void)state;
	assert_int_equal(parse_steps(PLAYBOOK_STEPS_MAX, a, &p), 0);
	assert_int_equal(p->n, PLAYBOOK_STEPS_MAX);
	assert_int_equal(parse_steps(PLAYBOOK_STEPS_MAX + 1, a, &p), PLAYBOOK_E_STEPS);
	for (i = 7; i + 1 < sizeof(text); i += 2)
		memcpy(text + i, "ñ", 2);
	text[6] = 'a';
	assert_int_equal(playbook_parse(text, sizeof(text) - 2, a, &p), 0);
	assert_int_equal(strlen(p->steps[0].text), PLAYBOOK_STEP_MAX_BYTES - 1); /* between letters */
	assert_int_equal(playbook_parse(text, sizeof(text), a, &p), PLAYBOOK_E_LONG);
	assert_int_equal(playbook_read("/nonexistent.md", a, &p), -ENOENT);
	arena_free(a);
}

static void what_is_done_stays_so_in_another_order(void **state)
{
	static const char before[] = "- [ ] uno\n- [ ] dos\n- [ ] tres\n",
			  after[] = "- [ ] tres\n- [ ] nuevo\n- [ ] uno\n";
	struct arena *a = arena_new(1 << 20);
	struct playbook_done done = {.n = 0};
	size_t next[2];
	struct playbook *p;
	uint64_t i;

	(void)state;
	assert_int_equal(playbook_parse(before, strlen(before), a, &p), 0);
	assert_int_equal(playbook_next(p, &done, next, 2), 2);
	playbook_tick(&done, p->steps[0].id, true);
	playbook_tick(&done, p->steps[0].id, true); /* twice is once */
	assert_int_equal(done.n, 1);
	playbook_tick(&done, p->steps[2].id, true);
	assert_int_equal(playbook_next(p, &done, next, 2), 1);
	assert_string_equal(p->steps[next[0]].text, "dos");
	assert_int_equal(playbook_parse(after, strlen(after), a, &p), 0);
	assert_int_equal(playbook_next(p, &done, next, 2), 1);
	assert_string_equal(p->steps[next[0]].text, "nuevo");
	playbook_tick(&done, p->steps[0].id, false);
	playbook_tick(&done, p->steps[0].id, false);
	assert_int_equal(playbook_next(p, &done, next, 2), 2);
	assert_int_equal(next[0], 0); /* tres */
	for (i = 0; i < PLAYBOOK_DONE_MAX; i++)
		playbook_tick(&done, i, true);
	assert_int_equal(done.n, PLAYBOOK_DONE_MAX);
	assert_false(playbook_is_done(&done, p->steps[2].id)); /* the oldest went */
	assert_int_equal(playbook_next(NULL, &done, next, 2), 0);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_are_found),
		cmocka_unit_test(bounds_hold),
		cmocka_unit_test(what_is_done_stays_so_in_another_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
