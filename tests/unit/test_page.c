/* parse/page: what a page says of its feeds and its maker, however it is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "mention/job.h"
#include "parse/page.h"

enum { ARENA_MAX_BYTES = 64 << 20 };

static struct arena *arena;

/* "NAME=VALUE;…" of the facts. */
static const char *facts(const char *html, size_t len)
{
	struct job_feed job = {.address = "https://example.com/a/b", .body = html, .body_len = len};
	struct buf b = BUF_INIT(1 << 20);
	struct answer answer;
	const char *all;
	size_t i;

	page_parse(&job, arena, &answer);
	assert_int_equal(answer.status, ANSWER_OK);
	assert_true(answer.n_facts <= ANSWER_FACTS_MAX);
	for (i = 0; i < answer.n_facts; i++)
		buf_printf(&b, "%s=%s;", answer.facts[i].name, answer.facts[i].value);
	all = arena_memdup0(arena, buf_str(&b), b.len);
	buf_done(&b);
	return all;
}

#define RSS "type=application/rss+xml rel=alternate"

static void reads_what_pages_write(void **state)
{
	static const struct {
		const char *html, *want;
	} cases[] = {
		{"", ""},
		{"<", ""},
		{"<link", ""},
		{"<link " RSS " href=/f>", "rss=https://example.com/f;"},
		{"<link " RSS " href=f />", "rss=https://example.com/a/f;"},
		{"<LINK REL='Alternate' TYPE=\"APPLICATION/ATOM+XML; charset=utf-8\" HREF = '//otra.example/f'>",
		 "atom=https://otra.example/f;"},
		{"<link " RSS " href='/f' title='Uno &amp; dos'>", "rss=https://example.com/f Uno & dos;"},
		{"<link " RSS " href=/f><link " RSS " href=/f>", "rss=https://example.com/f;"},
		{"<link " RSS " href='hTTp://otra.example/f'>", "rss=http://otra.example/f;"},
		{"<link " RSS " href='HTTP://otra.example/f'><link " RSS " href='http://otra.example/f'>",
		 "rss=http://otra.example/f;"},
		{"<meta name=generator content=https://example.com/f><link " RSS " href=/f>",
		 "generator=https://example.com/f;rss=https://example.com/f;"},
		{"<base href='https://b.example/c/'><link " RSS " href=f>", "rss=https://b.example/c/f;"},
		{"<link rel=\"a\nalternate\" type=application/feed+json href=/f>", "json=https://example.com/f;"},
		{"<link " RSS " href='ftp://x/f'><link " RSS " href='javascript:1'><link " RSS ">", ""},
		{"<link rel=stylesheet type=application/rss+xml href=/f>", ""},
		{"<!-- <link " RSS " href=/f> --><link " RSS " href=/g>", "rss=https://example.com/g;"},
		{"<!-- <link " RSS " href=/f>", ""},
		{"<script>'<link " RSS " href=/f>'</script><link " RSS " href=/g>", "rss=https://example.com/g;"},
		{"<style><link " RSS " href=/f>", ""},
		{"<meta name=Generator content='WordPress 6'><meta name=generator content=Otro>",
		 "generator=WordPress 6;"},
		{"<link rel=https://api.w.org/ href=/wp-json/>", "wordpress=https://example.com/wp-json/;"},
		{"<div class=x id=mastodon>", "mastodon=id;"},
		{"<link rel=alternate type=application/activity+json href=/u>", "mastodon=application/activity+json;"},
		{"<a href='<link " RSS " href=/f>'>", ""},
		{"a < b <link " RSS " href=/f>", "rss=https://example.com/f;"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(facts(cases[i].html, strlen(cases[i].html)), cases[i].want);
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

static void keeps_to_its_bounds(void **state)
{
	struct buf b = BUF_INIT(8 << 20);
	size_t i;

	(void)state;
	for (i = 0; i < 2 * PAGE_LINKS_MAX; i++)
		buf_printf(&b, "<link " RSS " href=/f%zu>", i);
	assert_int_equal(count(facts(buf_str(&b), b.len), "rss="), PAGE_LINKS_MAX);

	buf_reset(&b);
	buf_puts(&b, "<link " RSS);
	for (i = 2; i < PAGE_ATTRS_MAX; i++)
		buf_printf(&b, " a%zu=1", i);
	buf_puts(&b, " href=/too-late>");
	assert_string_equal(facts(buf_str(&b), b.len), "");

	buf_reset(&b);
	buf_puts(&b, "<link " RSS " href=/");
	for (i = 0; i < PAGE_VALUE_MAX_BYTES; i++)
		buf_putc(&b, 'x');
	buf_puts(&b, "><link " RSS " href=/f>");
	assert_string_equal(facts(buf_str(&b), b.len), "rss=https://example.com/f;");

	buf_reset(&b);
	while (b.len < PAGE_MAX_BYTES)
		buf_puts(&b, "<p>x");
	buf_puts(&b, "<link " RSS " href=/f>");
	assert_string_equal(facts(buf_str(&b), b.len), "");
	buf_done(&b);
}

/* Whatever it is cut at, nothing is read behind it. */
static void survives_every_cut(void **state)
{
	static const char html[] = "<base href='/x/'><!-- c --><script>a</script><link " RSS
				   " href=\"/f?a&amp;b\" title='T'><meta name=generator content=g><div id=mastodon>";
	size_t len;

	(void)state;
	for (len = 0; len < sizeof(html); len++) {
		char *cut = xmalloc(len + 1);

		memcpy(cut, html, len);
		(void)facts(cut, len);
		free(cut);
	}
}

static int setup(void **state)
{
	(void)state;
	arena = arena_new(ARENA_MAX_BYTES);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_pages_write),
		cmocka_unit_test(keeps_to_its_bounds),
		cmocka_unit_test(survives_every_cut),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
