/* What platforms send by themselves: signatures as GitHub, Slack and Standard Webhooks publish them, handshakes, and what is not
 * theirs. FAULTS A7. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/secret.h"
#include "platform/hook.h"
#include "platform/params.h"
#include "platform/platform.h"

#define HEAD                                                                                                           \
	"platform: plaza\n"                                                                                            \
	"title: {es: Plaza, en: Plaza}\n"                                                                              \
	"help: {es: Una plaza, en: A square}\n"                                                                        \
	"transport: webhook\n"                                                                                         \
	"map: {use: plaza}\n"                                                                                          \
	"params:\n"                                                                                                    \
	"  secret: {secret: true, help: {es: La clave, en: The key}}\n"                                                \
	"  verify: {secret: true, help: {es: La palabra, en: The word}}\n"

struct box {
	struct arena *arena;
	struct diag *diag;
	struct platform *platform;
	struct params *params;
};

static bool box_read(struct box *b, const char *text)
{
	b->arena = arena_new(1 << 20);
	b->diag = diag_new();
	b->platform = NULL;
	return platform_read("plaza", "plaza.yaml", text, strlen(text), b->arena, b->diag, &b->platform) == 0;
}

static void box_init(struct box *b, const char *text, const char *secret)
{
	assert_true(box_read(b, text));
	b->params = params_new(b->platform, b->arena);
	b->params->secrets[0] = secret ? secret_make(secret, b->arena) : NULL;
	b->params->secrets[1] = secret_make("palabra", b->arena);
}

static void box_done(struct box *b)
{
	diag_free(b->diag);
	arena_free(b->arena);
}

/* Names and values, NULL behind the last. */
static const char *find(const void *arg, const char *name)
{
	const char *const *v = arg;

	for (; *v && strcmp(v[0], name) != 0; v += 2)
		;
	return *v ? v[1] : NULL;
}

static enum hook_verdict judge(const struct box *b, const char *const *headers, const char *body, int64_t now_s)
{
	const struct hook_request q = {
		.header = find, .query = find, .arg = headers, .body = body, .len = strlen(body)};

	return hook_judge(b->params, &q, now_s * SECOND_MS);
}

#define HEADERS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void signatures_as_their_platforms_publish_them(void **state)
{
	static const char slack[] =
		"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&"
		"channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&"
		"response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%"
		"2F96rGlfmibIGlgcZRskXaIFfN&"
		"trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
	static const struct {
		const char *sign, *secret, *body;
		const char *headers[7];
		int64_t now_s;
	} cases[] = {
		{"{header: X-Hub-Signature-256, prefix: 'sha256=', secret: '{secret}'}",
		 "It's a Secret to Everybody",
		 "Hello, World!",
		 {"X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"},
		 0},
		{"{header: X-Slack-Signature, prefix: v0=, before: 'v0:{time}:', time: X-Slack-Request-Timestamp, "
		 "secret: "
		 "'{secret}'}",
		 "8f742231b10e8888abcd99yyyzzz85a5",
		 slack,
		 {"X-Slack-Signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
		  "X-Slack-Request-Timestamp", "1531420618"},
		 1531420618 + 300},
		{"{header: webhook-signature, prefix: 'v1,', before: '{id}.{time}.', time: webhook-timestamp, id: "
		 "webhook-id, "
		 "encoding: base64, key: base64, secret: '{secret}'}",
		 "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		 "{\"test\": 2432232314}",
		 {"webhook-signature", "v1a,AAAA v1,c2hvcnQ= v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
		  "webhook-timestamp", "1614265330", "webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"},
		 1614265330 - 300},
		{"{header: X-Hub-Signature, algo: sha1, prefix: sha1=, secret: '{secret}'}",
		 "app-secret",
		 "{\"a\":1}",
		 {"X-Hub-Signature", "sha1=9A851EEB10920805190f8dd2ae63505754ec1349"},
		 0},
		{"{header: x-twitter-webhooks-signature, encoding: base64, prefix: sha256=, secret: '{secret}'}",
		 "app-secret",
		 "{\"a\":1}",
		 {"x-twitter-webhooks-signature", "sha256=oqxmB6JJd/l1fm14MZrhZgrUL/7uDuPw3/MKkrz4VEg="},
		 0},
		{"{header: X-LI-Signature, before: hmacsha256=, secret: '{secret}'}",
		 "app-secret",
		 "{\"a\":1}",
		 {"X-LI-Signature", "c3ff5d90d1270d907a437bc71d83fe6fa65964c2e0dd4d5aa4304488fde28281"},
		 0},
	};
	char text[2048], body[1024], said[512];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		const char *headers[8] = {NULL};
		struct box b;

		snprintf(text, sizeof(text), HEAD "webhook: {sign: %s}\n", cases[i].sign);
		box_init(&b, text, cases[i].secret);
		memcpy(headers, cases[i].headers, sizeof(cases[i].headers));
		assert_int_equal(judge(&b, headers, cases[i].body, cases[i].now_s), HOOK_TRUE);
		snprintf(body, sizeof(body), "%s ", cases[i].body); /* changed on its way */
		assert_int_equal(judge(&b, headers, body, cases[i].now_s), HOOK_WRONG);
		if (headers[2]) {
			assert_int_equal(judge(&b, headers, cases[i].body, cases[i].now_s + 601), HOOK_OLD);
			assert_int_equal(judge(&b, headers, cases[i].body, cases[i].now_s - 601), HOOK_OLD);
			headers[3] = "1614265330x";
			assert_int_equal(judge(&b, headers, cases[i].body, cases[i].now_s), HOOK_WRONG);
			headers[2] = NULL;
			assert_int_equal(judge(&b, headers, cases[i].body, cases[i].now_s), HOOK_UNSIGNED);
			memcpy(headers, cases[i].headers, sizeof(cases[i].headers));
		}
		snprintf(said, sizeof(said), "%s0", cases[i].headers[1]);
		headers[1] = said;
		assert_int_equal(judge(&b, headers, cases[i].body, cases[i].now_s), HOOK_WRONG);
		said[strlen(said) - 2] = '\0'; /* cut short */
		assert_int_equal(judge(&b, headers, cases[i].body, cases[i].now_s), HOOK_WRONG);
		headers[1] = "";
		assert_int_equal(judge(&b, headers, cases[i].body, cases[i].now_s), HOOK_UNSIGNED);
		b.params->secrets[0] = secret_make("another", b.arena);
		headers[1] = cases[i].headers[1];
		assert_int_equal(judge(&b, headers, cases[i].body, cases[i].now_s), HOOK_WRONG);
		b.params->secrets[0] = NULL; /* nothing is equal to a secret that isn't there */
		assert_int_equal(judge(&b, headers, cases[i].body, cases[i].now_s), HOOK_WRONG);
		box_done(&b);
	}
}

/* FAULTS A7: bounds of what a stranger makes us look at. */
static void no_more_signatures_than_a_few_and_no_longer_ones(void **state)
{
	char many[64], large[HOOK_TEXT_MAX_BYTES + 2];
	struct box b;
	int i;

	(void)state;
	box_init(&b, HEAD "webhook: {sign: {header: X-Sign, encoding: base64, secret: '{secret}'}}\n", "app-secret");
	many[0] = '\0';
	for (i = 0; i < HOOK_SIGNATURES_MAX; i++)
		memcpy(many + 2 * i, "a ", 3);
	snprintf(large, sizeof(large),
		 "%.*soqxmB6JJd/l1fm14MZrhZgrUL/7uDuPw3/MKkrz4VEg=", 2 * (HOOK_SIGNATURES_MAX - 1), many);
	assert_int_equal(judge(&b, HEADERS("X-Sign", large), "{\"a\":1}", 0), HOOK_TRUE);
	snprintf(large, sizeof(large), "%soqxmB6JJd/l1fm14MZrhZgrUL/7uDuPw3/MKkrz4VEg=", many);
	assert_int_equal(judge(&b, HEADERS("X-Sign", large), "{\"a\":1}", 0), HOOK_WRONG);
	memset(large, 'a', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	assert_int_equal(judge(&b, HEADERS("X-Sign", large), "{\"a\":1}", 0), HOOK_UNSIGNED);
	box_done(&b);
}

static void a_word_that_both_know(void **state)
{
	struct box b;

	(void)state;
	box_init(&b, HEAD "webhook: {equal: {header: X-Word, value: '{secret}'}}\n", "abre");
	assert_int_equal(judge(&b, HEADERS("X-Word", "abre"), "{}", 0), HOOK_TRUE);
	assert_int_equal(judge(&b, HEADERS("X-Word", "abr"), "{}", 0), HOOK_WRONG);
	assert_int_equal(judge(&b, HEADERS("X-Word", "abrete"), "{}", 0), HOOK_WRONG);
	assert_int_equal(judge(&b, HEADERS("X-Other", "abre"), "{}", 0), HOOK_UNSIGNED);
	box_done(&b);
}

static enum hook_hello hello(const struct box *b, const char *const *query, char text[256])
{
	const struct hook_request q = {.header = find, .query = find, .arg = query, .body = ""};
	struct buf out = BUF_INIT(4096);
	enum hook_hello r = hook_hello(b->params, &q, &out);

	snprintf(text, 256, "%s", buf_str(&out));
	buf_done(&out);
	return r;
}

static void handshakes(void **state)
{
	static const char sign[] = "sign: {header: X-Sign, secret: '{secret}'}";
	char file[1024], text[256];
	struct box b;

	(void)state;
	snprintf(file, sizeof(file), HEAD "webhook: {hello: hub, verify: '{verify}', %s}\n", sign);
	box_init(&b, file, "app-secret");
	assert_int_equal(
		hello(&b,
		      HEADERS("hub.mode", "subscribe", "hub.verify_token", "palabra", "hub.challenge", "1158201444"),
		      text),
		HOOK_HELLO_TEXT);
	assert_string_equal(text, "1158201444");
	assert_int_equal(
		hello(&b, HEADERS("hub.mode", "subscribe", "hub.verify_token", "otra", "hub.challenge", "1"), text),
		HOOK_HELLO_WRONG);
	assert_string_equal(text, "");
	assert_int_equal(hello(&b, HEADERS("hub.mode", "subscribe", "hub.challenge", "1"), text), HOOK_HELLO_WRONG);
	assert_int_equal(hello(&b, HEADERS("crc_token", "1"), text), HOOK_HELLO_NONE);
	box_done(&b);

	snprintf(file, sizeof(file), HEAD "webhook: {hello: crc, %s}\n", sign);
	box_init(&b, file, "app-secret");
	assert_int_equal(hello(&b, HEADERS("crc_token", "challenge-1"), text), HOOK_HELLO_JSON);
	assert_string_equal(text, "{\"response_token\":\"sha256=MwZv1+XS1KW8bvH4KrZyGCJXMr7EbfyzYtgginICTUI=\"}");
	b.params->secrets[0] = NULL;
	assert_int_equal(hello(&b, HEADERS("crc_token", "challenge-1"), text), HOOK_HELLO_WRONG);
	box_done(&b);

	snprintf(file, sizeof(file), HEAD "webhook: {hello: challenge, %s}\n", sign);
	box_init(&b, file, "app-secret");
	assert_int_equal(hello(&b, HEADERS("challengeCode", "challenge-1"), text), HOOK_HELLO_JSON);
	assert_string_equal(text, "{\"challengeCode\":\"challenge-1\",\"challengeResponse\":"
				  "\"33066fd7e5d2d4a5bc6ef1f82ab67218225732bec46dfcb362d8208a72024d42\"}");
	box_done(&b);
}

/* A platform's file that would let anybody in does not load. */
static void a_file_that_leaves_the_door_open_is_refused(void **state)
{
	static const struct {
		const char *webhook;
		bool right;
	} cases[] = {
		{"webhook: {sign: {header: X-Sign, secret: '{secret}'}}\n", true},
		{"", false},
		{"webhook: {hello: hub, verify: '{verify}'}\n", false},
		{"webhook: {hello: hub, sign: {header: X-Sign, secret: '{secret}'}}\n", false},
		{"webhook: {hello: crc, equal: {header: X-Word, value: '{secret}'}}\n", false},
		{"webhook: {sign: {header: X-Sign, secret: '{nobody}'}}\n", false},
		{"webhook: {sign: {header: 'X Sign', secret: '{secret}'}}\n", false},
		{"webhook: {sign: {header: X-Sign, before: '{time}.', secret: '{secret}'}}\n", false},
		{"webhook: {sign: {header: X-Sign, before: '{id}.', secret: '{secret}'}}\n", false},
		{"webhook: {sign: {header: X-Sign, algo: md5, secret: '{secret}'}}\n", false},
	};
	char text[1024];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct box b;

		snprintf(text, sizeof(text), HEAD "%s", cases[i].webhook);
		assert_int_equal(box_read(&b, text), cases[i].right);
		assert_true(cases[i].right || diag_len(b.diag) > 0);
		box_done(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures_as_their_platforms_publish_them),
		cmocka_unit_test(no_more_signatures_than_a_few_and_no_longer_ones),
		cmocka_unit_test(a_word_that_both_know),
		cmocka_unit_test(handshakes),
		cmocka_unit_test(a_file_that_leaves_the_door_open_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
