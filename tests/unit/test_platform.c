/* Platforms as data: what a file may say, and what a source says to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "platform/params.h"
#include "platform/platform.h"
#include "platform/shipped.h"

#define HEAD                                                                                                           \
	"platform: plaza\n"                                                                                            \
	"title: {es: Plaza, en: Plaza}\n"                                                                              \
	"help: {es: Una plaza, en: A square}\n"
#define MAP "map: {use: plaza, facts: {next: .next, cursor: .id}}\n"
#define URL "request: {url: 'https://plaza.example/'}\n"

static struct platform *read_text(const char *text, struct arena *a, struct diag *d)
{
	struct platform *p = NULL;

	return platform_read("plaza", "plaza.yaml", text, strlen(text), a, d, &p) == 0 ? p : NULL;
}

static void a_file_becomes_structs(void **state)
{
	static const char text[] =
		HEAD MAP "params:\n"
			 "  query: {required: true, example: acme, help: {es: Lo que se busca, en: What is searched}}\n"
			 "  token: {secret: true, help: {es: La clave, en: The key}}\n"
			 "request:\n"
			 "  url: 'https://plaza.example/search'\n"
			 "  query: {q: '{query}', 'types[]': [post, comment], since: '{@since:epoch}'}\n"
			 "auth: {kind: bearer, value: '{token}'}\n"
			 "cursor: {kind: since_time, overlap: 5m, first: 1d}\n"
			 "limits: {gap: 5s, headers: {remaining: X-Left, reset: X-Reset, as: epoch}, statuses: [403]}\n"
			 "cost: {currency: USD, item: 0.005, request: 0.1}\n"
			 "every: {default: 20m, least: 5m}\n";
	struct arena *a = arena_new(1 << 20);
	struct diag *d = diag_new();
	struct platform *p = read_text(text, a, d);

	(void)state;
	diag_print(d, stdout, TEXT_EN);
	assert_non_null(p);
	assert_int_equal(p->n_params, 2);
	assert_true(p->params[1].secret);
	assert_string_equal(platform_says(p->params[0].help, TEXT_ES), "Lo que se busca");
	assert_int_equal(p->request->query.n, 4); /* a list is a name several times */
	assert_string_equal(p->request->query.v[2].name, "types[]");
	assert_int_equal(p->auth->kind, PLATFORM_AUTH_BEARER);
	assert_int_equal(p->cursor->overlap_ms, 5 * MINUTE_MS);
	assert_int_equal(p->limits->statuses[0], 403);
	assert_int_equal(p->cost->item_micros, 5000);
	assert_int_equal(p->cost->request_micros, 100000);
	assert_int_equal(p->every->least_ms, 5 * MINUTE_MS);
	assert_string_equal(p->map->facts.v[1].text, ".id");
	assert_int_equal(p->pages->kind, PLATFORM_PAGES_ONE);
	diag_free(d);
	arena_free(a);
}

static const struct {
	const char *text, *want;
} wrong[] = {
	{HEAD MAP URL "colour: red\n", "plaza.yaml:6:1: error: colour: unknown key"},
	{HEAD MAP URL "every: {defualt: 5m}\n",
	 "plaza.yaml:6:9: error: every.defualt: unknown key; did you mean \"default\"?"},
	{HEAD MAP, "plaza.yaml:1:1: error: request: poll needs the key \"request\""},
	{HEAD URL "map: {format: json}\n", "plaza.yaml:5:6: error: map: map needs the key \"use\""},
	{"platform: plazas\n"
	 "title: {es: P, en: P}\nhelp: {es: P, en: P}\n" MAP URL,
	 "plaza.yaml:1:11: error: platform: the file of this platform has to say \"platform: plaza\", not plazas"},
	{"platform: plaza\ntitle: {es: P}\nhelp: {es: P, en: P}\n" MAP URL,
	 "plaza.yaml:2:8: error: title: the key \"en\" is missing"},
	{HEAD MAP "request: {url: 'https://plaza.example/{quary}'}\nparams: {query: {help: {es: q, en: q}}}\n",
	 "plaza.yaml:5:39: error: request.url: this platform has no parameter \"quary\"; add it under params, or mend "
	 "the "
	 "name; did you mean \"query\"?"},
	{HEAD MAP "request: {url: 'https://plaza.example/', query: {key: '{key}'}}\n"
		  "params: {key: {secret: true, help: {es: q, en: q}}}\n",
	 "plaza.yaml:5:56: error: request.query: the parameter \"key\" is a secret: it may stand under auth alone"},
	{HEAD MAP "request: {url: 'https://plaza.example/{x'}\n",
	 "plaza.yaml:5:39: error: request.url: a brace stands alone here; write {NAME} for a value, and {{ or }} for a "
	 "brace "
	 "itself"},
	{HEAD MAP "request: {url: 'https://plaza.example/{@since:noon}'}\n",
	 "plaza.yaml:5:39: error: request.url: there is no format \"noon\"; there are text, number, epoch, epoch_ms, "
	 "iso, "
	 "date, day and stamp"},
	{HEAD MAP "request: {url: 'ftp://plaza.example/'}\n",
	 "plaza.yaml:5:16: error: request.url: an address begins with https:// or http://, or with a "
	 "parameter of the kind url that is required or has a default"},
	{HEAD MAP "request: {url: 'https://plaza.example/', headers: {'X Y': z}}\n",
	 "plaza.yaml:5:52: error: request.headers: \"X Y\" can't be the name of a header"},
	{HEAD MAP "request: {url: 'https://plaza.example/', body: {json: {a: b}}}\n",
	 "plaza.yaml:5:48: error: request.body: a body needs \"method: POST\""},
	{HEAD MAP URL "auth: {kind: bearer}\n", "plaza.yaml:6:7: error: auth: bearer needs the key \"value\""},
	{HEAD MAP URL "auth: {kind: session}\n", "plaza.yaml:6:7: error: auth: session needs the key \"get\""},
	{HEAD MAP URL "auth: {kind: oauth}\n",
	 "plaza.yaml:6:14: error: auth.kind: expected one of none, bearer, header, query, path, basic, "
	 "oauth2_client_credentials, oauth2_refresh, token_exchange, session, google_service_account, xoauth2; found "
	 "\"oauth\""},
	{HEAD MAP URL "cursor: {kind: since_id, fact: newest}\n",
	 "plaza.yaml:6:9: error: cursor: map.facts has no program named \"newest\""},
	{HEAD MAP URL "pages: {kind: number}\n",
	 "plaza.yaml:6:8: error: pages: pages of the kind \"number\" and {@page} in the request don't fit together"},
	{HEAD MAP URL "pages: {kind: one, max_pages: 101}\n",
	 "plaza.yaml:6:31: error: pages.max_pages: expected 1 to 100, found 101"},
	{HEAD MAP URL "params: {every: {help: {es: q, en: q}}}\n",
	 "plaza.yaml:6:17: error: params: every source has a key \"every\" already; choose another name"},
	{HEAD MAP URL "cost: {item: 0.0000001, currency: USD}\n",
	 "plaza.yaml:6:14: error: cost.item: expected an amount such as 0.005, found \"0.0000001\""},
	{HEAD MAP URL "cost: {item: 1}\n", "plaza.yaml:6:7: error: cost: a price needs a currency"},
	{HEAD MAP URL "limits: {errors: '(quota'}\n",
	 "plaza.yaml:6:18: error: limits.errors: this is no regular expression: Unmatched ( or \\("},
};

static void mistakes_are_told(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(wrong); i++) {
		struct arena *a = arena_new(1 << 20);
		struct diag *d = diag_new();
		struct buf b = BUF_INIT(4096);

		assert_null(read_text(wrong[i].text, a, d));
		assert_true(diag_len(d) > 0);
		diag_render(&b, diag_at(d, 0), TEXT_EN);
		assert_string_equal(buf_str(&b), wrong[i].want);
		buf_done(&b);
		diag_free(d);
		arena_free(a);
	}
}

/* --- templates: no value becomes another parameter, host or header --- */

static const struct {
	const char *template, *value, *want; /* want NULL: refused */
} addresses[] = {
	{"https://plaza.example/s/{query}", "a/b?c#d", "https://plaza.example/s/a%2Fb%3Fc%23d"},
	{"https://plaza.example/s/{query}", "niño & co", "https://plaza.example/s/ni%C3%B1o%20&%20co"},
	{"https://plaza.example/s/{query}/x", "..", NULL},
	{"https://plaza.example/s?q={query}", "a&key=b+c d", "https://plaza.example/s?q=a%26key%3Db%2Bc%20d"},
	{"https://{query}/s", "mastodon.social:443", "https://mastodon.social:443/s"},
	{"https://{query}/s", "evil.example/?", NULL},
	{"https://{query}/s", "a@evil.example", NULL},
	{"https://{query}.example/s", "evil.example#", NULL},
	{"{site}/posts.json", "https://forum.example/", "https://forum.example/posts.json"},
	{"{site}/posts.json", "javascript:x", NULL},
	{"{site}/posts.json", "https://forum.example/\r\nx", NULL},
	{"https://plaza.example/{{a}}/{query}", "b", "https://plaza.example/{a}/b"},
};

static void a_value_stays_in_its_place(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(addresses); i++) {
		cleanup(freep) char *text =
			xasprintf(HEAD MAP "params:\n"
					   "  query: {help: {es: q, en: q}}\n"
					   "  site: {kind: url, required: true, help: {es: q, en: q}}\n"
					   "request: {url: '%s'}\n",
				  addresses[i].template);
		struct template_values v = {.since_ms = TIME_NONE, .until_ms = TIME_NONE};
		const char *values[] = {addresses[i].value, addresses[i].value};
		struct arena *a = arena_new(1 << 20);
		struct diag *d = diag_new();
		struct platform *p = read_text(text, a, d);
		struct buf b = BUF_INIT(4096);
		int r;

		diag_print(d, stdout, TEXT_EN);
		assert_non_null(p);
		v.params = values;
		r = template_put(&b, &p->request->url, &v, TEMPLATE_URL, NULL);
		assert_int_equal(r, addresses[i].want ? 0 : TEMPLATE_E_VALUE);
		if (addresses[i].want)
			assert_string_equal(buf_str(&b), addresses[i].want);
		buf_done(&b);
		diag_free(d);
		arena_free(a);
	}
}

static void times_have_formats(void **state)
{
	static const char text[] =
		HEAD MAP "request:\n"
			 "  url: 'https://plaza.example/'\n"
			 "  query: {a: '{@since}', b: '{@since:epoch}', c: '{@since:epoch_ms}', d: "
			 "'{@since:date}', e: '{@since:day}', f: '{@since:stamp}', g: '{@cursor}'}\n";
	static const char *const want[] = {
		"2026-10-30T01%3A02%3A03Z", "1793322123", "1793322123004", "2026-10-30", "20261030", "20261030010203"};
	struct template_values v = {.since_ms = INT64_C(1793322123004), .until_ms = TIME_NONE};
	struct arena *a = arena_new(1 << 20);
	struct diag *d = diag_new();
	struct platform *p = read_text(text, a, d);
	struct buf b = BUF_INIT(4096);
	size_t i;

	(void)state;
	assert_non_null(p);
	for (i = 0; i < ARRAY_LEN(want); i++) {
		buf_reset(&b);
		assert_int_equal(template_put(&b, &p->request->query.v[i].value, &v, TEMPLATE_QUERY, NULL), 0);
		assert_string_equal(buf_str(&b), want[i]);
	}
	assert_int_equal(template_put(&b, &p->request->query.v[i].value, &v, TEMPLATE_QUERY, NULL), TEMPLATE_E_ABSENT);
	buf_done(&b);
	diag_free(d);
	arena_free(a);
}

static void a_body_is_json_whatever_comes(void **state)
{
	static const char text[] = HEAD MAP "params: {query: {help: {es: q, en: q}}}\n"
					    "pages: {kind: token}\n"
					    "request:\n"
					    "  url: 'https://plaza.example/'\n"
					    "  method: POST\n"
					    "  body:\n"
					    "    json:\n"
					    "      q: '{query}'\n"
					    "      n: 100\n"
					    "      s: '100'\n"
					    "      t: '{@since:epoch}'\n"
					    "      page: '{@page}'\n"
					    "      list: [true, '{query}', '{@page}']\n";
	struct template_values v = {.since_ms = 1000, .until_ms = TIME_NONE};
	const char *values[] = {"a\"},{\"b\n"};
	struct arena *a = arena_new(1 << 20);
	struct diag *d = diag_new();
	struct platform *p = read_text(text, a, d);
	struct buf b = BUF_INIT(4096);

	(void)state;
	diag_print(d, stdout, TEXT_EN);
	assert_non_null(p);
	v.params = values;
	template_json_put(&b, p->request->body->json, &v);
	assert_string_equal(buf_str(&b), "{\"q\":\"a\\\"},{\\\"b\\n\",\"n\":100,\"s\":\"100\",\"t\":1,\"list\":[true,"
					 "\"a\\\"},{\\\"b\\n\"]}");
	buf_done(&b);
	diag_free(d);
	arena_free(a);
}

/* Every file that comes with the program is right, and each map that it names is there. */
static void what_is_shipped_is_right(void **state)
{
	size_t i;

	(void)state;
	assert_true(shipped_platforms_n > 0);
	for (i = 0; i < shipped_platforms_n; i++) {
		struct arena *a = arena_new(1 << 20);
		struct diag *d = diag_new();
		struct platform *p = NULL;
		int r = platform_read(shipped_platforms[i].name, shipped_platforms[i].name, shipped_platforms[i].text,
				      shipped_platforms[i].len, a, d, &p);

		diag_print(d, stdout, TEXT_EN);
		assert_int_equal(r, 0);
		assert_int_equal(diag_len(d), 0);
		diag_free(d);
		arena_free(a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_becomes_structs),        cmocka_unit_test(mistakes_are_told),
		cmocka_unit_test(a_value_stays_in_its_place),    cmocka_unit_test(times_have_formats),
		cmocka_unit_test(a_body_is_json_whatever_comes), cmocka_unit_test(what_is_shipped_is_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
