/* serve/page: whatever a text says, it is text; a form only where there is a button. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "serve/page.h"

#define EVIL "</title><script>alert('x')</script>\"&<b>"

static void texts_are_text(void **state)
{
	const char *names[] = {EVIL, "luis"};
	const struct page page = {.lang = TEXT_ES,
				  .title = EVIL,
				  .lines = {EVIL, EVIL},
				  .n_lines = 2,
				  .button = EVIL,
				  .note = EVIL,
				  .choose = EVIL,
				  .choices = names,
				  .n_choices = 2};
	struct buf b = BUF_INIT(PAGE_MAX_BYTES);

	(void)state;
	page_put(&b, &page);
	assert_null(strstr(buf_str(&b), "<script"));
	assert_null(strstr(buf_str(&b), "<b>"));
	assert_non_null(strstr(buf_str(&b), "&lt;script&gt;alert(&#39;x&#39;)"));
	assert_non_null(strstr(buf_str(&b), "<html lang=\"es\">"));
	assert_non_null(strstr(buf_str(&b), "<option>luis</option>"));
	assert_null(strstr(buf_str(&b), "http")); /* nothing is fetched from anywhere */
	buf_done(&b);
}

static void no_button_no_form(void **state)
{
	const struct page page = {.title = "x", .sorry = true, .lines = {"y"}, .n_lines = 1};
	struct buf b = BUF_INIT(PAGE_MAX_BYTES);

	(void)state;
	page_put(&b, &page);
	assert_null(strstr(buf_str(&b), "<form"));
	assert_non_null(strstr(buf_str(&b), "class=\"sorry\""));
	buf_done(&b);
}

static void choices_up_to_their_bound(void **state)
{
	const char *names[PAGE_CHOICES_MAX + 5];
	struct page page = {
		.title = "x", .button = "b", .choose = "c", .choices = names, .n_choices = ARRAY_LEN(names)};
	struct buf b = BUF_INIT(PAGE_MAX_BYTES);
	const char *s;
	size_t i, n = 0;

	(void)state;
	for (i = 0; i < ARRAY_LEN(names); i++)
		names[i] = "n";
	page_put(&b, &page);
	for (s = buf_str(&b); (s = strstr(s, "<option>n<")); s++)
		n++;
	assert_int_equal(n, PAGE_CHOICES_MAX);
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(texts_are_text), cmocka_unit_test(no_button_no_form),
					   cmocka_unit_test(choices_up_to_their_bound)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
