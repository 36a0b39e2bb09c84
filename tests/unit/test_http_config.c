/* serve/config: "http:" as a struct, and what is wrong with one (FAULTS A6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/hash.h"
#include "base/yaml.h"
#include "serve/config.h"

#define TOKEN       "0123456789abcdef0123"
#define OTHER_TOKEN "fedcba98765432100123"
#define TOKENS      "tokens: [{role: read, token: {env: T}}]\n"

struct reading {
	struct arena *arena;
	struct diag *diag;
	struct http_config http;
	int r;
};

static struct reading read_text(const char *text)
{
	struct reading x = {.arena = arena_new(1024 * 1024), .diag = diag_new()};
	struct yaml_doc *doc;

	x.r = yaml_parse("h.yaml", text, strlen(text), x.arena, x.diag, &doc);
	assert_int_equal(x.r, 0);
	x.r = schema_decode(doc, &http_table, x.arena, x.diag, &x.http);
	return x;
}

static void reading_done(struct reading *x)
{
	diag_free(x->diag);
	arena_free(x->arena);
}

static void is_told(const struct reading *x, const char *text, const char *want)
{
	struct buf b = BUF_INIT(64 * 1024);
	size_t i;

	for (i = 0; i < diag_len(x->diag); i++) {
		diag_render(&b, diag_at(x->diag, i), TEXT_EN);
		buf_putc(&b, '\n');
	}
	if (want ? !strstr(buf_str(&b), want) : b.len > 0)
		fail_msg("%s: %s", text, buf_str(&b));
	if (strstr(buf_str(&b), TOKEN) || strstr(buf_str(&b), "short-one"))
		fail_msg("a secret is told: %s", buf_str(&b));
	buf_done(&b);
}

static void what_is_right_and_what_is_not(void **state)
{
	static const struct {
		const char *text, *told;
		bool wrong;
	} cases[] = {
		{"listen: 127.0.0.1:8480", NULL, false},
		{"listen: 127.9.9.9:1", NULL, false},
		{"listen: '[::1]:65535'", NULL, false},
		{"listen: localhost:8480", NULL, false},
		{"listen: 0.0.0.0:8480\n" TOKENS, NULL, false},
		{"listen: '[::]:8480'\n" TOKENS, NULL, false},
		{"listen: 0.0.0.0:8480", "whoever reaches 0.0.0.0:8480 could do anything", true},
		{"listen: '[::]:8480'", "could do anything", true},
		{"listen: '[::ffff:127.0.0.1]:8480'", "could do anything", true},
		{"listen: 10.1.2.3:8480", "could do anything", true},
		{"listen: 127.0.0.1", "expected an address and a port", true},
		{"listen: 8480", "expected an address and a port", true},
		{"listen: '127.0.0.1:0'", "expected an address and a port", true},
		{"listen: '127.0.0.1:65536'", "expected an address and a port", true},
		{"listen: '127.0.0.1:08480'", "expected an address and a port", true},
		{"listen: '*:8480'", "expected an address and a port", true},
		{"listen: '::1:8480'", "expected an address and a port", true},
		{"listen: 'example.com:8480'", "expected an address and a port", true},
		{"listen: '127.1:8480'", "expected an address and a port", true},
		{TOKENS, "listen", true},
		{"listen: localhost:1\npublic_url: 'https://escucha.example.com/e/'", NULL, false},
		{"listen: localhost:1\npublic_url: 'https://e.example:8443'", NULL, false},
		{"listen: localhost:1\npublic_url: 'https://e.example?x'", "public_url", true},
		{"listen: localhost:1\npublic_url: 'https://e.example/#x'", "public_url", true},
		{"listen: localhost:1\npublic_url: 'https://ana@e.example/'", "public_url", true},
		{"listen: localhost:1\npublic_url: 'https://e.example:x/'", "public_url", true},
		{"listen: localhost:1\npublic_url: 'https://e.\"><script>/'", "public_url", true},
		{"listen: localhost:1\npublic_url: 'ftp://e.example'", "public_url", true},
		{"listen: localhost:1\nhosts: Escucha.Example.com:8443", NULL, false},
		{"listen: localhost:1\nhosts: []", "hosts", true},
		{"listen: localhost:1\nhosts: ['a b']", "hosts[0]: expected the name of a machine", true},
		{"listen: localhost:1\nhosts: ['*']", "hosts[0]: expected the name of a machine", true},
		{"listen: localhost:1\ntokens: []", "tokens", true},
		{"listen: localhost:1\ntokens: [{role: boss, token: {env: T}}]", "read, ack, admin", true},
		{"listen: localhost:1\ntokens: [{role: read}]", "token", true},
		{"listen: localhost:1\ntokens: [{role: read, token: plain}]", "tokens[0].token", true},
		{"listen: localhost:1\ntokens: [{role: read, token: {env: T}}, {role: admin, token: {env: T}}]",
		 "the same token", true},
		{"listen: localhost:1\ntokens: [{role: read, token: {env: BLANK}}]", "characters that none may", true},
		{"listen: localhost:1\ntokens: [{role: read, token: {env: SHORT}}]", "could be guessed", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct reading x = read_text(cases[i].text);

		if ((x.r != 0) != cases[i].wrong)
			fail_msg("%s: %d", cases[i].text, x.r);
		is_told(&x, cases[i].text, cases[i].told);
		reading_done(&x);
	}
}

static void only_the_hash_of_a_token_is_kept(void **state)
{
	const struct hash_part part = {TOKEN, strlen(TOKEN)};
	struct reading x = read_text("listen: localhost:1\n"
				     "tokens: [{role: ack, token: {env: T}}, {role: admin, token: {env: O}}]");
	uint8_t want[32];

	(void)state;
	assert_int_equal(x.r, 0);
	assert_int_equal(x.http.n_tokens, 2);
	assert_int_equal(x.http.tokens[0].role, HTTP_ACK);
	assert_int_equal(x.http.tokens[1].role, HTTP_ADMIN);
	hash_sha256(&part, 1, want);
	assert_memory_equal(x.http.tokens[0].sha256, want, sizeof(want));
	reading_done(&x);
}

static void the_hosts_that_go_without_saying(void **state)
{
	static const char *const want[] = {"localhost", "127.0.0.1", "::1", "10.1.2.3", "escucha.example.com"};
	struct reading x =
		read_text("listen: 10.1.2.3:8480\npublic_url: 'https://Escucha.Example.com:8443/e/'\n" TOKENS);
	size_t i;

	(void)state;
	assert_int_equal(x.r, 0);
	assert_string_equal(x.http.public_url, "https://Escucha.Example.com:8443/e");
	assert_int_equal(x.http.n_hosts, ARRAY_LEN(want));
	for (i = 0; i < ARRAY_LEN(want); i++)
		assert_string_equal(x.http.hosts[i], want[i]);
	assert_true(x.http.any_address);
	reading_done(&x);

	x = read_text("listen: localhost:1\nhosts: [E.example]");
	assert_int_equal(x.http.n_hosts, 1);
	assert_string_equal(x.http.hosts[0], "e.example");
	assert_false(x.http.any_address);
	reading_done(&x);
}

static void hosts_are_read_strictly(void **state)
{
	static const struct {
		const char *in, *want;
	} cases[] = {
		{"Localhost", "localhost"},
		{"e.example:8480", "e.example"},
		{"e.example.", "e.example"},
		{"[::1]:80", "::1"},
		{"[::1]", "::1"},
		{"", NULL},
		{":80", NULL},
		{".", NULL},
		{"a:", NULL},
		{"a:8o", NULL},
		{"a:123456", NULL},
		{"a b", NULL},
		{"a/b", NULL},
		{"a@b", NULL},
		{"[::1", NULL},
		{"[::1]x", NULL},
		{"::1", NULL},
		{"ñ.example", NULL},
	};
	char host[HTTP_HOST_MAX_BYTES + 1];
	char longest[HTTP_HOST_MAX_BYTES + 2];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		bool right = http_host(cases[i].in, host);

		if (right != (cases[i].want != NULL) || (right && strcmp(host, cases[i].want) != 0))
			fail_msg("%s: %d %s", cases[i].in, right, right ? host : "");
	}
	memset(longest, 'a', sizeof(longest));
	longest[HTTP_HOST_MAX_BYTES] = '\0';
	assert_true(http_host(longest, host));
	longest[HTTP_HOST_MAX_BYTES] = 'a';
	longest[HTTP_HOST_MAX_BYTES + 1] = '\0';
	assert_false(http_host(longest, host));
}

static int setup(void **state)
{
	(void)state;
	setenv("T", TOKEN, 1);
	setenv("O", OTHER_TOKEN, 1);
	setenv("BLANK", TOKEN " x", 1);
	setenv("SHORT", "short-one", 1);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_right_and_what_is_not),
		cmocka_unit_test(only_the_hash_of_a_token_is_kept),
		cmocka_unit_test(the_hosts_that_go_without_saying),
		cmocka_unit_test(hosts_are_read_strictly),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
