/* How a poll of a platform goes on: pages, cursors, limits; who it is. Pure steps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/secret.h"
#include "platform/auth.h"
#include "platform/course.h"
#include "platform/jwt.h"
#include "platform/params.h"
#include "platform/platform.h"
#include "platform/progress.h"

#define NOW INT64_C(1795341600000) /* 2026-11-22T10:00:00Z */
#define HEAD                                                                                                           \
	"platform: plaza\n"                                                                                            \
	"title: {es: Plaza, en: Plaza}\n"                                                                              \
	"help: {es: Una plaza, en: A square}\n"                                                                        \
	"map: {use: plaza, facts: {next: .next, cursor: .id, more: .more}}\n"

struct plaza {
	struct arena *arena;
	struct platform *p;
	struct params *params;
	struct course c;
	struct course_step step;
};

static void open_plaza(struct plaza *x, const char *text)
{
	struct diag *d = diag_new();
	cleanup(freep) char *whole = xasprintf("%s%s", HEAD, text);

	x->arena = arena_new(1 << 22);
	assert_int_equal(platform_read("plaza", "plaza.yaml", whole, strlen(whole), x->arena, d, &x->p), 0);
	x->params = params_new(x->p, x->arena);
	diag_free(d);
}

static void close_plaza(struct plaza *x)
{
	arena_free(x->arena);
}

static void begin(struct plaza *x, const char *cursor, int64_t since_ms)
{
	course_begin(&x->c, x->p, cursor, since_ms, NOW);
	x->c.origin = "https://plaza.example/";
}

/* One answer: facts as "name=value" texts, NULL behind the last. */
static enum course_next answer(struct plaza *x, struct course_answer a, const char *const facts[])
{
	struct course_fact v[8];
	size_t n = 0;

	for (; facts && facts[n]; n++) {
		const char *is = strchr(facts[n], '=');

		v[n] = (struct course_fact){arena_memdup0(x->arena, facts[n], (size_t)(is - facts[n])), is + 1};
	}
	a.facts = v;
	a.n_facts = n;
	a.now_ms = NOW;
	a.status = a.status ? a.status : 200;
	course_step(&x->c, x->p, &a, x->arena, &x->step);
	return x->step.next;
}
#define FACTS(...)                                                                                                     \
	(const char *const[])                                                                                          \
	{                                                                                                              \
		__VA_ARGS__ __VA_OPT__(, ) NULL                                                                        \
	}
#define PAGE(n, new)                                                                                                   \
	(struct course_answer)                                                                                         \
	{                                                                                                              \
		.items = (n), .fresh = (new)                                                                           \
	}

static const char *address(struct plaza *x)
{
	struct request q;
	const char *why;

	assert_int_equal(request_make(x->params, &x->c.place, x->arena, &q, &why), 0);
	return q.url;
}

/* --- pages and cursors --- */

static void a_token_leads_from_page_to_page(void **state)
{
	struct plaza x;

	(void)state;
	open_plaza(&x, "request: {url: 'https://plaza.example/s', query: {since_id: '{@cursor}', token: '{@page}'}}\n"
		       "cursor: {kind: since_id}\npages: {kind: token, max_pages: 3}\n");
	begin(&x, "100", TIME_NONE);
	assert_string_equal(address(&x), "https://plaza.example/s?since_id=100");
	assert_int_equal(answer(&x, PAGE(10, 10), FACTS("next=a b", "cursor=130")), COURSE_PAGE);
	assert_string_equal(address(&x), "https://plaza.example/s?since_id=100&token=a%20b");
	assert_int_equal(answer(&x, PAGE(10, 10), FACTS("next=c", "cursor=120")), COURSE_PAGE);
	assert_int_equal(answer(&x, PAGE(10, 10), FACTS("next=d", "cursor=110")), COURSE_DONE);
	assert_true(x.step.cut);                /* there was more */
	assert_string_equal(x.c.cursor, "130"); /* of the first page alone: the others are older */
	begin(&x, "130", TIME_NONE);
	assert_int_equal(answer(&x, PAGE(0, 0), NULL), COURSE_DONE);
	assert_false(x.step.cut);
	assert_string_equal(x.c.cursor, "130"); /* nothing came: it stays */
	begin(&x, NULL, TIME_NONE);
	assert_int_equal(answer(&x, PAGE(1, 1), FACTS("next=a")), COURSE_PAGE);
	assert_int_equal(answer(&x, PAGE(1, 1), FACTS("next=a")), COURSE_DONE); /* the same page again: no circle */
	close_plaza(&x);
}

static void a_cursor_that_is_too_old_is_let_go(void **state)
{
	const struct course_answer refused = {.status = 400};
	struct plaza x;

	(void)state;
	open_plaza(&x,
		   "request: {url: 'https://plaza.example/s', query: {q: a, since_id: '{@cursor}', token: '{@page}'}}\n"
		   "cursor: {kind: since_id, stale: since_id}\npages: {kind: token, max_pages: 3}\n");
	begin(&x, "100", NOW - 9 * DAY_MS);
	assert_int_equal(answer(&x, refused, FACTS("error='since_id' must be created after 2026-11-15")), COURSE_PAGE);
	assert_string_equal(address(&x), "https://plaza.example/s?q=a");
	assert_int_equal(answer(&x, refused, FACTS("error='since_id' must be created after 2026-11-15")),
			 COURSE_BROKEN); /* once */
	begin(&x, "100", NOW - 9 * DAY_MS);
	assert_int_equal(answer(&x, refused, FACTS("error='since_id' must be")), COURSE_PAGE);
	assert_int_equal(answer(&x, PAGE(10, 0), FACTS("next=c", "cursor=130")), COURSE_PAGE);
	assert_int_equal(answer(&x, PAGE(10, 0), FACTS("next=d", "cursor=120")),
			 COURSE_DONE); /* what was refused counts */
	assert_string_equal(x.c.cursor, "130");
	begin(&x, "100", NOW - 9 * DAY_MS);
	assert_int_equal(answer(&x, refused, FACTS("error='since_id' must be")), COURSE_PAGE);
	assert_int_equal(answer(&x, PAGE(0, 0), NULL), COURSE_DONE);
	assert_null(x.c.cursor); /* nothing came, and what is too old is not kept */
	begin(&x, "100", NOW - DAY_MS);
	assert_int_equal(answer(&x, refused, FACTS("error='query' is too long")), COURSE_BROKEN);
	begin(&x, "100", NOW - DAY_MS);
	assert_int_equal(answer(&x, (struct course_answer){.status = 429}, FACTS("error=since_id")), COURSE_LIMITED);
	close_plaza(&x);
}

static void ids_go_up_page_by_page(void **state)
{
	struct plaza x;

	(void)state;
	open_plaza(&x, "request: {url: 'https://plaza.example/s', query: {min_id: '{@cursor}'}}\n"
		       "cursor: {kind: min_id}\npages: {kind: cursor, size: 2}\n");
	begin(&x, NULL, TIME_NONE);
	assert_int_equal(answer(&x, PAGE(2, 2), FACTS("cursor=98")), COURSE_DONE); /* the newest: none come after */
	begin(&x, "98", TIME_NONE);
	assert_int_equal(answer(&x, PAGE(2, 2), FACTS("cursor=100", "more=1")),
			 COURSE_PAGE); /* 100 is more than 98, though "1" < "9" */
	assert_string_equal(address(&x), "https://plaza.example/s?min_id=100");
	assert_int_equal(answer(&x, PAGE(1, 1), FACTS("cursor=101")), COURSE_DONE);
	assert_string_equal(x.c.cursor, "101");
	close_plaza(&x);
}

static void an_offset_is_one_more_than_what_was_seen(void **state)
{
	struct plaza x;

	(void)state;
	open_plaza(&x, "request: {url: 'https://plaza.example/s', query: {offset: '{@cursor}'}}\n"
		       "cursor: {kind: offset}\npages: {kind: cursor, size: 100}\n");
	begin(&x, "7", TIME_NONE);
	assert_int_equal(answer(&x, PAGE(3, 3), FACTS("cursor=9")), COURSE_DONE);
	assert_string_equal(x.c.cursor, "10");
	close_plaza(&x);
}

/* Telegram's: nothing was seen yet, and yet what comes is oldest first, and goes on. */
static void a_first_answer_of_offsets_is_not_the_last(void **state)
{
	struct plaza x;

	(void)state;
	open_plaza(&x, "request: {url: 'https://plaza.example/u', query: {offset: '{@cursor}'}}\n"
		       "cursor: {kind: offset}\npages: {kind: cursor, size: 2, max_pages: 9}\n");
	begin(&x, NULL, TIME_NONE);
	assert_int_equal(answer(&x, PAGE(2, 2), FACTS("cursor=8", "more=1")), COURSE_PAGE);
	assert_string_equal(address(&x), "https://plaza.example/u?offset=9");
	assert_int_equal(answer(&x, PAGE(1, 1), FACTS("cursor=9")), COURSE_DONE);
	assert_string_equal(x.c.cursor, "10");
	close_plaza(&x);
}

/* Newest first: what a poll that was halted left out lies behind what it read. */
static void what_a_halt_left_out_is_asked_for_next(void **state)
{
	struct plaza x;

	(void)state;
	open_plaza(&x, "request: {url: 'https://plaza.example/s', query: {since: '{@since:epoch}', page: '{@page}'}}\n"
		       "cursor: {kind: since_time}\npages: {kind: token, max_pages: 9, until_seen: true}\n");
	begin(&x, NULL, NOW - HOUR_MS);
	assert_int_equal(answer(&x, PAGE(3, 3), FACTS("next=a")), COURSE_PAGE);
	course_halt(&x.c, x.p, &x.step);
	assert_int_equal(x.step.next, COURSE_DONE);
	assert_true(x.step.cut && x.c.halted);
	assert_int_equal(course_since_ms(&x.c), NOW - HOUR_MS); /* not now */
	begin(&x, NULL, course_since_ms(&x.c));
	x.c.behind = true;
	assert_int_equal(answer(&x, PAGE(3, 0), FACTS("next=a")), COURSE_PAGE); /* all known, and on */
	assert_int_equal(answer(&x, PAGE(3, 3), FACTS("next=b")), COURSE_PAGE);
	course_halt(&x.c, x.p, &x.step); /* again: it has to get on */
	assert_false(x.c.halted);
	assert_int_equal(course_since_ms(&x.c), NOW);
	begin(&x, NULL, NOW);
	assert_int_equal(answer(&x, PAGE(3, 0), FACTS("next=a")), COURSE_DONE);
	close_plaza(&x);
}

static void a_halt_among_ids(void **state)
{
	struct plaza x;

	(void)state;
	open_plaza(&x, "request: {url: 'https://plaza.example/s', query: {since_id: '{@cursor}', token: '{@page}'}}\n"
		       "cursor: {kind: since_id}\npages: {kind: token, max_pages: 3}\n");
	begin(&x, "100", TIME_NONE);
	assert_int_equal(answer(&x, PAGE(10, 10), FACTS("next=a", "cursor=130")), COURSE_PAGE);
	course_halt(&x.c, x.p, &x.step);
	assert_string_equal(x.c.cursor, "100"); /* 101 to 119 were not seen */
	close_plaza(&x);
	open_plaza(&x, "request: {url: 'https://plaza.example/s', query: {min_id: '{@cursor}'}}\n"
		       "cursor: {kind: min_id}\npages: {kind: cursor, size: 2, max_pages: 9}\n");
	begin(&x, "100", TIME_NONE);
	assert_int_equal(answer(&x, PAGE(2, 2), FACTS("cursor=102", "more=1")), COURSE_PAGE);
	course_halt(&x.c, x.p, &x.step);
	assert_string_equal(x.c.cursor, "102"); /* oldest first: it goes on where it stands */
	assert_false(x.c.halted);
	close_plaza(&x);
}

static void pages_are_counted(void **state)
{
	static const char *const total[] = {"2"};
	struct plaza x;

	(void)state;
	open_plaza(&x, "request: {url: 'https://plaza.example/{@page}'}\n"
		       "pages: {kind: number, until_seen: true, max_items: 25}\n");
	begin(&x, NULL, TIME_NONE);
	assert_string_equal(address(&x), "https://plaza.example/1");
	assert_int_equal(answer(&x, PAGE(10, 10), FACTS("more=true")), COURSE_PAGE);
	assert_string_equal(address(&x), "https://plaza.example/2");
	assert_int_equal(answer(&x, PAGE(10, 0), FACTS("more=true")), COURSE_DONE); /* all of it was seen before */
	begin(&x, NULL, TIME_NONE);
	assert_int_equal(answer(&x, PAGE(10, 10), NULL), COURSE_DONE); /* it says itself that there is no more */
	begin(&x, NULL, TIME_NONE);
	assert_int_equal(answer(&x, PAGE(30, 30), FACTS("more=true")), COURSE_DONE);
	assert_true(x.step.cut);
	close_plaza(&x);
	open_plaza(&x, "request: {url: 'https://plaza.example/{@page}'}\npages: {kind: number, total: X-Pages}\n");
	begin(&x, NULL, TIME_NONE);
	assert_int_equal(answer(&x, (struct course_answer){.items = 1, .headers = total}, NULL), COURSE_PAGE);
	assert_int_equal(answer(&x, (struct course_answer){.items = 1, .headers = total}, NULL), COURSE_DONE);
	close_plaza(&x);
}

static const struct {
	const char *next;
	enum course_next want;
} nexts[] = {
	{"https://plaza.example/2?token=s3creto", COURSE_PAGE},
	{"https://PLAZA.example/2", COURSE_PAGE},
	{"https://sub.cdn.example/2", COURSE_PAGE},
	{"https://cdn.example.evil.example/2", COURSE_BROKEN},
	{"https://plaza.example@evil.example/2", COURSE_BROKEN},
	{"https://evil.example/2", COURSE_BROKEN},
	{"http://plaza.example/2", COURSE_BROKEN},
	{"https://plaza.example:8443/2", COURSE_BROKEN},
	{"//evil.example/2", COURSE_BROKEN},
	{"javascript:x", COURSE_BROKEN},
};

/* An address that came with an answer gets what tells who we are: it leads to the same host, or nowhere. */
static void the_next_address_stays_with_its_host(void **state)
{
	struct plaza x;
	size_t i;

	(void)state;
	open_plaza(&x, "request: {url: 'https://plaza.example/1'}\npages: {kind: url, hosts: [.cdn.example]}\n");
	for (i = 0; i < ARRAY_LEN(nexts); i++) {
		cleanup(freep) char *fact = xasprintf("next=%s", nexts[i].next);

		begin(&x, NULL, TIME_NONE);
		if (answer(&x, PAGE(1, 1), FACTS(fact)) != nexts[i].want)
			fail_msg("%s: %d", nexts[i].next, x.step.next);
		if (nexts[i].want == COURSE_PAGE)
			assert_string_equal(address(&x), nexts[i].next);
	}
	close_plaza(&x);
	open_plaza(&x, "request: {url: 'https://plaza.example/1'}\npages: {kind: link}\n");
	begin(&x, NULL, TIME_NONE);
	assert_int_equal(answer(&x,
				(struct course_answer){
					.items = 1,
					.headers = (const char *const[]){"<https://plaza.example/0>; rel=\"prev\", "
									 "<https://plaza.example/2>; rel=\"next\""}},
				NULL),
			 COURSE_PAGE);
	assert_string_equal(x.c.place.url, "https://plaza.example/2");
	close_plaza(&x);
}

static void time_is_asked_for_with_its_overlap(void **state)
{
	struct plaza x;

	(void)state;
	open_plaza(&x, "request: {url: 'https://plaza.example/s', query: {t: '{@since:epoch}'}}\n"
		       "cursor: {kind: since_time, overlap: 10m, first: 1d}\n");
	begin(&x, NULL, TIME_NONE);
	assert_string_equal(address(&x), "https://plaza.example/s?t=1795255200"); /* a day ago */
	begin(&x, NULL, NOW - HOUR_MS);
	assert_string_equal(address(&x), "https://plaza.example/s?t=1795337400"); /* an hour and ten minutes */
	begin(&x, NULL, NOW + DAY_MS);                                            /* the clock was set back since */
	assert_string_equal(address(&x), "https://plaza.example/s?t=1795341000");
	close_plaza(&x);
}

/* --- limits: FAULTS F11 --- */

static const struct {
	const char *limits;
	const char *remaining, *reset;
	int64_t want_ms;
} windows[] = {
	{"epoch", "5", "1795341660", 0},
	{"epoch", "0", "1795341660", 61000},
	{"epoch", "0", "1795341500", 0}, /* it is over */
	{"seconds", "0.4", "90.5", 91500},
	{"seconds", "1.0", "90", 0},
	{"iso", "0", "2026-11-22T10:05:00.123456Z", 301000},
	{"iso", "0", "mañana", 0},
	{"epoch", "0", "99999999999", DAY_MS}, /* nobody is believed who asks for more */
	{"epoch", "-1", "1795341660", 0},
	{"epoch", NULL, NULL, 0},
	{"seconds", "0", "1e300", 0},
};

static void the_wall_is_not_hit(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(windows); i++) {
		const char *const headers[] = {windows[i].remaining, windows[i].reset};
		cleanup(freep) char *text =
			xasprintf("request: {url: 'https://plaza.example/'}\n"
				  "limits: {headers: {remaining: X-Left, reset: X-Reset, as: %s}}\n",
				  windows[i].limits);
		struct plaza x;

		open_plaza(&x, text);
		begin(&x, NULL, TIME_NONE);
		assert_int_equal(answer(&x, (struct course_answer){.items = 1, .headers = headers}, NULL), COURSE_DONE);
		if (x.step.wait_ms != windows[i].want_ms)
			fail_msg("%zu: %lld", i, (long long)x.step.wait_ms);
		close_plaza(&x);
	}
}

static void usage_in_percent(void **state)
{
	static const char *const calm[] = {"{\"call_count\":28,\"total_time\":25,\"total_cputime\":25}"};
	static const char *const near[] = {"{\"123\":[{\"type\":\"pages\",\"call_count\":95,\"total_time\":1}]}"};
	static const char *const over[] = {"{\"1\":[{\"call_count\":100,\"estimated_time_to_regain_access\":17}]}"};
	struct plaza x;

	(void)state;
	open_plaza(&x, "request: {url: 'https://plaza.example/'}\nlimits: {usage: X-App-Usage, window: 30m}\n");
	begin(&x, NULL, TIME_NONE);
	answer(&x, (struct course_answer){.headers = calm}, NULL);
	assert_int_equal(x.step.wait_ms, 0);
	answer(&x, (struct course_answer){.headers = near}, NULL);
	assert_int_equal(x.step.wait_ms, 30 * MINUTE_MS);
	answer(&x, (struct course_answer){.headers = over}, NULL);
	assert_int_equal(x.step.wait_ms, 17 * MINUTE_MS);
	close_plaza(&x);
}

static void what_went_wrong_has_a_name(void **state)
{
	struct plaza x;

	(void)state;
	open_plaza(
		&x,
		"params: {key: {secret: true, help: {es: q, en: q}}}\n"
		"request: {url: 'https://plaza.example/'}\n"
		"auth: {kind: oauth2_client_credentials, expired: Expired, get: {url: 'https://plaza.example/t', form: "
		"{k: '{key}'}}}\n"
		"limits: {statuses: [403], errors: quota, wait: 5m}\n");
	begin(&x, NULL, TIME_NONE);
	assert_int_equal(answer(&x, (struct course_answer){.status = 429, .retry_after_ms = 90000}, NULL),
			 COURSE_LIMITED);
	assert_int_equal(x.step.wait_ms, 5 * MINUTE_MS);
	assert_int_equal(answer(&x, (struct course_answer){.status = 403}, NULL), COURSE_LIMITED);
	assert_int_equal(answer(&x, (struct course_answer){.status = 403}, FACTS("error=Quota exceeded")),
			 COURSE_LIMITED);
	assert_string_equal(x.step.detail, "Quota exceeded");
	/* a 403 that says why, and it isn't the quota: waiting mends nothing */
	assert_int_equal(answer(&x, (struct course_answer){.status = 403}, FACTS("error=commentsDisabled")),
			 COURSE_BROKEN);
	assert_string_equal(x.step.why, "http_403");
	assert_int_equal(answer(&x, (struct course_answer){.status = 400}, FACTS("error=ExpiredToken")), COURSE_TOKEN);
	assert_int_equal(answer(&x, (struct course_answer){.status = 503}, NULL), COURSE_BROKEN);
	assert_int_equal(answer(&x, (struct course_answer){.status = 302}, NULL),
			 COURSE_BROKEN); /* it isn't followed */
	assert_int_equal(answer(&x, (struct course_answer){.status = 200}, FACTS("error=no such tag")), COURSE_BROKEN);
	assert_string_equal(x.step.why, "platform_error");
	assert_int_equal(answer(&x, PAGE(1, 1), FACTS("wait=12.5")), COURSE_DONE);
	assert_int_equal(x.step.wait_ms, 12500);
	close_plaza(&x);
}

/* --- tokens --- */

static const char session[] =
	"params:\n"
	"  user_name: {help: {es: q, en: q}}\n"
	"  word: {secret: true, help: {es: q, en: q}}\n"
	"request: {url: 'https://plaza.example/s'}\n"
	"auth:\n"
	"  kind: session\n"
	"  get: {url: 'https://plaza.example/create', json: {identifier: '{user_name}', password: '{word}'}}\n"
	"  refresh: {url: 'https://plaza.example/refresh', headers: {Authorization: 'Bearer {@refresh}'}}\n"
	"  access: accessJwt\n"
	"  refreshed: refreshJwt\n"
	"  life: 2h\n"
	"  ahead: 10m\n";

static const struct auth_token no_token = {.got_ms = TIME_NONE, .until_ms = TIME_NONE, .refresh_until_ms = TIME_NONE};

static void a_session_is_opened_refreshed_and_opened_again(void **state)
{
	struct auth_token t = no_token;
	struct request q;
	const char *why = NULL, *answered;
	struct plaza x;

	(void)state;
	open_plaza(&x, session);
	x.params->values[0] = "ana";
	x.params->secrets[1] = secret_make("s3cr\"eto", x.arena);
	assert_int_equal(auth_step(x.params, &t, NOW, false), AUTH_GET);
	assert_int_equal(auth_request(x.params, &t, AUTH_GET, NOW, x.arena, &q, &why), 0);
	assert_string_equal(q.url, "https://plaza.example/create");
	assert_string_equal(q.body, "{\"identifier\":\"ana\",\"password\":\"s3cr\\\"eto\"}");
	assert_true(q.post && q.secret);
	answered = "{\"accessJwt\":\"A1\",\"refreshJwt\":\"R1\"}";
	assert_int_equal(auth_answer(x.params, &t, 200, answered, strlen(answered), NOW, x.arena, &t, &why), 0);
	assert_string_equal(t.access, "A1");
	assert_int_equal(t.until_ms, NOW + 2 * HOUR_MS);
	assert_int_equal(auth_step(x.params, &t, NOW + HOUR_MS, false), AUTH_USE);
	assert_int_equal(auth_step(x.params, &t, NOW + 2 * HOUR_MS - 9 * MINUTE_MS, false), AUTH_REFRESH); /* ahead */
	assert_int_equal(auth_step(x.params, &t, NOW, true), AUTH_REFRESH);
	assert_int_equal(auth_request(x.params, &t, AUTH_REFRESH, NOW, x.arena, &q, &why), 0);
	assert_string_equal(q.url, "https://plaza.example/refresh");
	assert_string_equal(q.headers[0].value, "Bearer R1");
	answered = "{\"accessJwt\":\"A2\",\"refreshJwt\":\"R2\",\"expires_in\":\"60\"}";
	assert_int_equal(auth_answer(x.params, &t, 200, answered, strlen(answered), NOW, x.arena, &t, &why), 0);
	assert_string_equal(t.refresh, "R2"); /* rotated */
	assert_int_equal(t.until_ms, NOW + MINUTE_MS);
	assert_int_equal(auth_step(x.params, &t, NOW + 20 * SECOND_MS, false),
			 AUTH_USE); /* half of so short a life is its own */
	answered = "{\"accessJwt\":\"A3\",\"refreshJwt\":\"R3\",\"expires_in\":1}";
	assert_int_equal(auth_answer(x.params, &t, 200, answered, strlen(answered), NOW, x.arena, &t, &why), 0);
	assert_int_equal(t.until_ms, NOW + AUTH_LIFE_MIN_MS);
	close_plaza(&x);
}

static const struct {
	int status;
	const char *body;
	int r;
	const char *why;
} token_answers[] = {
	{400, "{\"error\":\"invalid_grant\",\"error_description\":\"s3creto\"}", AUTH_E_REFUSED,
	 "token request: http 400, invalid_grant"},
	{401, "<html>", AUTH_E_REFUSED, "token request: http 401"},
	{500, "", AUTH_E_AGAIN, "token request: http 500"},
	{200, "[1]", AUTH_E_WRONG, "token request: the answer is no JSON object"},
	{200, "{\"accessJwt\":7}", AUTH_E_WRONG, "token request: no accessJwt in the answer"},
	{200, "{\"accessJwt\":\"a\",\"accessJwt\":\"b\"}", AUTH_E_WRONG, "token request: the answer is no JSON object"},
	{403, "{\"error\":{\"type\":\"OAuthException\"}}", AUTH_E_REFUSED, "token request: http 403, OAuthException"},
	{403, "{\"error\":\"<script>\"}", AUTH_E_REFUSED, "token request: http 403"},
};

static void what_a_token_request_may_answer(void **state)
{
	struct plaza x;
	size_t i;

	(void)state;
	open_plaza(&x, session);
	for (i = 0; i < ARRAY_LEN(token_answers); i++) {
		struct auth_token t = no_token;
		const char *why = NULL;
		int r = auth_answer(x.params, &t, token_answers[i].status, token_answers[i].body,
				    strlen(token_answers[i].body), NOW, x.arena, &t, &why);

		assert_int_equal(r, token_answers[i].r);
		assert_string_equal(why, token_answers[i].why);
		assert_null(t.access); /* unchanged */
	}
	close_plaza(&x);
}

static void what_is_kept_opens_with_the_same_secret_alone(void **state)
{
	enum { OF_IDS = 6 * 8 + 1 + 3 * 8 };
	struct auth_token t = {"A1", "R1", NOW, NOW + HOUR_MS, NOW + DAY_MS};
	struct progress p = {.cursor = "42",
			     .since_ms = NOW,
			     .behind = true,
			     .spent = {.day = 3, .calls_day = 9},
			     .spent_lookup = {.day = 3, .calls_day = 2},
			     .again = {{HOUR_MS, NOW - HOUR_MS, 7}},
			     .n_again = 1,
			     .token = t},
			back;
	struct buf b = BUF_INIT(PROGRESS_MAX_BYTES);
	struct plaza x;
	size_t i;

	(void)state;
	open_plaza(&x, session);
	x.params->values[0] = "ana";
	x.params->secrets[1] = secret_make("uno", x.arena);
	progress_put(&b, x.params, &p);
	assert_null(memmem(buf_str(&b), b.len, "A1", 2));
	assert_true(progress_get(x.params, buf_str(&b), b.len, x.arena, &back));
	assert_string_equal(back.cursor, "42");
	assert_string_equal(back.token.refresh, "R1");
	assert_int_equal(back.spent.calls_day, 9);
	assert_true(back.behind);
	assert_int_equal(back.spent_lookup.calls_day, 2);
	assert_int_equal(back.n_again, 1);
	assert_memory_equal(&back.again[0], &p.again[0], sizeof(p.again[0]));
	b.data[0] = 2; /* as it was kept before it knew of what is asked for by ids, … */
	assert_true(progress_get(x.params, buf_str(&b), b.len - OF_IDS, x.arena, &back));
	assert_true(back.behind && back.n_again == 0);
	b.data[0] = 1; /* … and of the rest */
	assert_true(progress_get(x.params, buf_str(&b), b.len - OF_IDS - 1, x.arena, &back));
	assert_false(back.behind);
	b.data[0] = 3;
	x.params->secrets[1] = secret_make("dos", x.arena);
	assert_true(progress_get(x.params, buf_str(&b), b.len, x.arena, &back));
	assert_null(back.token.access);
	assert_string_equal(back.cursor, "42");
	x.params->values[0] = "luis"; /* another question: where it stood says nothing; what was spent stays so */
	assert_false(progress_get(x.params, buf_str(&b), b.len, x.arena, &back));
	assert_null(back.cursor);
	assert_int_equal(back.spent.calls_day, 9);
	for (i = 0; i < b.len; i++) /* cut anywhere: it begins anew */
		assert_false(progress_get(x.params, buf_str(&b), i, x.arena, &back));
	buf_done(&b);
	close_plaza(&x);
}

static const char *lookup(struct plaza *x, size_t n)
{
	static const char *const ids[] = {"a b", "c,d", "e"};
	const struct request_place place = {
		.ids = ids, .n_ids = n, .since_ms = TIME_NONE, .until_ms = NOW, .page = "2", .cursor = "3"};
	struct request q;
	const char *why;

	assert_int_equal(request_make(x->params, &place, x->arena, &q, &why), 0);
	return q.url;
}

static void posts_are_asked_for_by_their_ids(void **state)
{
	struct plaza x;

	(void)state;
	open_plaza(&x, "request: {url: 'https://plaza.example/s'}\n"
		       "lookup: {request: {url: 'https://plaza.example/p', query: {v: 2, id: '{@ids}'}}, most: 3}\n");
	assert_string_equal(lookup(&x, 3), "https://plaza.example/p?v=2&id=a%20b%2Ce"); /* c,d would be two */
	close_plaza(&x);
	open_plaza(&x, "request: {url: 'https://plaza.example/s'}\n"
		       "lookup: {request: {url: 'https://plaza.example/p/{@ids}'}, join: ';', most: 3}\n");
	assert_string_equal(lookup(&x, 2), "https://plaza.example/p/a%20b;c,d");
	close_plaza(&x);
	open_plaza(&x, "request: {url: 'https://plaza.example/s'}\n"
		       "lookup: {request: {url: 'https://plaza.example/p', query: {id: '{@ids}'}}, repeat: true}\n");
	assert_string_equal(lookup(&x, 3), "https://plaza.example/p?id=a%20b&id=c%2Cd&id=e");
	close_plaza(&x);
}

static void a_longer_lived_token_is_exchanged_ahead(void **state)
{
	struct auth_token t = no_token;
	struct request q;
	const char *why = NULL, *answered = "{\"access_token\":\"B\",\"expires_in\":5184000}";
	struct plaza x;

	(void)state;
	open_plaza(&x, "params: {token: {secret: true, help: {es: q, en: q}}}\n"
		       "request: {url: 'https://plaza.example/s', query: {q: a}}\n"
		       "auth: {kind: token_exchange, value: '{token}', send: query, name: access_token, ahead: 20d, "
		       "warn: 7d,\n"
		       "  get: {url: 'https://plaza.example/x', method: GET, query: {t: '{@token}'}}}\n");
	x.params->secrets[0] = secret_make("A", x.arena);
	assert_int_equal(auth_step(x.params, &t, NOW, false), AUTH_GET);
	assert_int_equal(auth_request(x.params, &t, AUTH_GET, NOW, x.arena, &q, &why), 0);
	assert_string_equal(q.url, "https://plaza.example/x?t=A");
	assert_int_equal(auth_answer(x.params, &t, 200, answered, strlen(answered), NOW, x.arena, &t, &why), 0);
	assert_int_equal(auth_step(x.params, &t, NOW + 39 * DAY_MS, false), AUTH_USE);
	assert_int_equal(auth_step(x.params, &t, NOW + 41 * DAY_MS, false), AUTH_REFRESH);
	assert_int_equal(auth_warn_ms(x.params, &t), NOW + 53 * DAY_MS);
	assert_int_equal(auth_request(x.params, &t, AUTH_REFRESH, NOW, x.arena, &q, &why), 0);
	assert_string_equal(q.url, "https://plaza.example/x?t=B");
	begin(&x, NULL, TIME_NONE);
	x.c.place.access = t.access;
	assert_string_equal(address(&x), "https://plaza.example/s?q=a&access_token=B");
	x.c.place.url =
		"https://plaza.example/s?q=a&after=2&access_token=B"; /* of the answer: it has the token already */
	assert_string_equal(address(&x), x.c.place.url);
	close_plaza(&x);
}

/* A token that can't be exchanged is used to its end, and tried again meanwhile: each day, and more often towards the end. */
static void a_token_that_cannot_be_exchanged_is_used(void **state)
{
	struct auth_token t = no_token;
	struct plaza x;

	(void)state;
	open_plaza(&x, "params: {token: {secret: true, help: {es: q, en: q}}}\n"
		       "request: {url: 'https://plaza.example/s'}\n"
		       "auth: {kind: token_exchange, value: '{token}', send: query, name: access_token, ahead: 20d, "
		       "warn: 7d,\n"
		       "  get: {url: 'https://plaza.example/x', method: GET, query: {t: '{@token}'}}}\n");
	x.params->secrets[0] = secret_make("A", x.arena);
	assert_true(auth_postpone(x.params, &t, NOW, x.arena, &t)); /* younger than a day: Meta exchanges none such */
	assert_string_equal(t.access, "A");
	assert_int_equal(auth_warn_ms(x.params, &t), TIME_NONE); /* nobody knows its end */
	assert_int_equal(auth_step(x.params, &t, NOW + DAY_MS - 1, false), AUTH_USE);
	assert_int_equal(auth_step(x.params, &t, NOW + DAY_MS, false), AUTH_REFRESH);
	t = (struct auth_token){.access = "B", .got_ms = NOW - 50 * DAY_MS, .until_ms = NOW + 10 * DAY_MS};
	assert_int_equal(auth_step(x.params, &t, NOW, false), AUTH_REFRESH);
	assert_true(auth_postpone(x.params, &t, NOW, x.arena, &t));
	assert_string_equal(t.access, "B");
	assert_int_equal(auth_step(x.params, &t, NOW + HOUR_MS, false), AUTH_USE);
	assert_int_equal(auth_step(x.params, &t, NOW + DAY_MS, false), AUTH_REFRESH);
	assert_int_equal(auth_warn_ms(x.params, &t), NOW + 3 * DAY_MS);
	t.until_ms = NOW;
	assert_false(auth_postpone(x.params, &t, NOW, x.arena, &t)); /* its end */
	close_plaza(&x);
}

/* A refresh token that ends takes the source with it: LinkedIn's after a year, whatever is refreshed meanwhile. */
static void a_refresh_token_that_ends_is_known(void **state)
{
	const char *said = "{\"access_token\":\"B\",\"expires_in\":5184000,\"refresh_token\":\"R\",\"refresh_token_"
			   "expires_in\":31536000}";
	const char *unsaid = "{\"access_token\":\"C\",\"expires_in\":5184000}";
	const char *rotated = "{\"access_token\":\"D\",\"refresh_token\":\"S\"}";
	struct auth_token t = no_token;
	const char *why = NULL;
	struct plaza x;

	(void)state;
	open_plaza(&x, "params: {token: {secret: true, help: {es: q, en: q}}}\n"
		       "request: {url: 'https://plaza.example/s'}\n"
		       "auth: {kind: oauth2_refresh, value: '{token}', get: {url: 'https://plaza.example/x', form: {t: "
		       "'{@refresh}'}}}\n");
	x.params->secrets[0] = secret_make("A", x.arena);
	assert_int_equal(auth_until_ms(x.params, &t), TIME_NONE);
	assert_int_equal(auth_answer(x.params, &t, 200, said, strlen(said), NOW, x.arena, &t, &why), 0);
	assert_int_equal(auth_until_ms(x.params, &t), NOW + 365 * DAY_MS);
	assert_int_equal(auth_warn_ms(x.params, &t), NOW + 358 * DAY_MS);
	assert_int_equal(auth_answer(x.params, &t, 200, unsaid, strlen(unsaid), NOW + DAY_MS, x.arena, &t, &why), 0);
	assert_string_equal(t.refresh, "R");
	assert_int_equal(auth_until_ms(x.params, &t), NOW + 365 * DAY_MS); /* the same one */
	assert_int_equal(auth_answer(x.params, &t, 200, rotated, strlen(rotated), NOW + DAY_MS, x.arena, &t, &why), 0);
	assert_int_equal(auth_until_ms(x.params, &t), TIME_NONE); /* another, of which nothing was said */
	close_plaza(&x);
}

/* --- a service account's statement --- */

static size_t unbase64(const char *text, size_t len, unsigned char *out)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t i, n = 0;
	uint32_t bits = 0;
	int have = 0;

	for (i = 0; i < len; i++) {
		const char *at = strchr(letters, text[i]);

		assert_non_null(at);
		bits = bits << 6 | (uint32_t)(at - letters);
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[n++] = (unsigned char)(bits >> have);
		}
	}
	return n;
}

static char *account_json(EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct buf b = BUF_INIT(16384);
	struct json j = JSON_OUT(&b);
	cleanup(freep) char *pem = NULL;
	char *data;
	long len;

	assert_int_equal(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
	len = BIO_get_mem_data(bio, &data);
	pem = xstrndup(data, (size_t)len);
	BIO_free(bio);
	json_begin_object(&j, NULL);
	json_text(&j, "client_email", "acme@plaza.example");
	json_text(&j, "private_key", pem);
	json_text(&j, "token_uri", "https://plaza.example/token");
	json_end_object(&j);
	return buf_steal(&b);
}

static void a_service_account_signs_what_it_asks(void **state)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	cleanup(freep) char *json = account_json(key);
	struct arena *a = arena_new(1 << 20);
	const char *jwt = NULL, *why = NULL, *dot, *last;
	unsigned char signature[512], claims[1024];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len;

	(void)state;
	assert_int_equal(jwt_make(json, "reviews", NOW, a, &jwt, &why), 0);
	dot = strchr(jwt, '.');
	last = strrchr(jwt, '.');
	len = unbase64(last + 1, strlen(last + 1), signature);
	assert_int_equal(EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key), 1);
	assert_int_equal(EVP_DigestVerify(ctx, signature, len, (const unsigned char *)jwt, (size_t)(last - jwt)), 1);
	claims[unbase64(dot + 1, (size_t)(last - dot) - 1, claims)] = '\0';
	assert_string_equal((char *)claims, "{\"iss\":\"acme@plaza.example\",\"scope\":\"reviews\",\"aud\":\"https://"
					    "plaza.example/token\",\"iat\":1795341600,\"exp\":1795345200}");
	assert_int_equal(jwt_make("{\"client_email\":\"s3creto\"}", "reviews", NOW, a, &jwt, &why), JWT_E_KEY);
	assert_null(strstr(why, "s3creto"));
	assert_int_equal(jwt_make("{\"client_email\":\"x\",\"private_key\":\"x\",\"token_uri\":\"x\"}", "reviews", NOW,
				  a, &jwt, &why),
			 JWT_E_KEY);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	arena_free(a);
}

/* Microseconds, less the overlap; the greatest that came, whatever the order. */
static void a_streams_time_is_asked_for_with_its_overlap(void **state)
{
	static const char *const wrong[] = {"cursor=mañana", "cursor=-5", "cursor=9", "cursor=1995341600000000",
					    "cursor=99999999999999999999"};
	struct plaza x;
	size_t i;

	(void)state;
	open_plaza(&x, "transport: websocket\nrequest: {url: 'wss://plaza.example/s', query: {cursor: '{@cursor}'}}\n"
		       "cursor: {kind: stream_time, overlap: 5s}\n");
	begin(&x, NULL, TIME_NONE);
	assert_string_equal(address(&x), "wss://plaza.example/s?");
	assert_int_equal(answer(&x, (struct course_answer){.status = 200, .items = 1},
				(const char *const[]){"cursor=1795341600000000", NULL}),
			 COURSE_DONE);
	assert_int_equal(answer(&x, (struct course_answer){.status = 200, .items = 1},
				(const char *const[]){"cursor=995341600000000", NULL}),
			 COURSE_DONE);
	assert_string_equal(x.c.cursor, "1795341600000000");
	begin(&x, x.c.cursor, TIME_NONE);
	assert_string_equal(address(&x), "wss://plaza.example/s?cursor=1795341595000000");
	for (i = 0; i < ARRAY_LEN(wrong); i++) { /* none of them is where it stays */
		assert_int_equal(answer(&x, (struct course_answer){.status = 200, .items = 1},
					(const char *const[]){wrong[i], NULL}),
				 COURSE_DONE);
		assert_int_equal(answer(&x, (struct course_answer){.status = 200, .items = 1},
					(const char *const[]){"cursor=1795341600000009", NULL}),
				 COURSE_DONE);
		assert_string_equal(x.c.cursor, "1795341600000009");
	}
	begin(&x, "3", TIME_NONE);
	assert_string_equal(address(&x), "wss://plaza.example/s?cursor=1");
	begin(&x, "mañana", TIME_NONE);
	assert_string_equal(address(&x), "wss://plaza.example/s?");
	close_plaza(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_leads_from_page_to_page),
		cmocka_unit_test(a_cursor_that_is_too_old_is_let_go),
		cmocka_unit_test(ids_go_up_page_by_page),
		cmocka_unit_test(an_offset_is_one_more_than_what_was_seen),
		cmocka_unit_test(a_first_answer_of_offsets_is_not_the_last),
		cmocka_unit_test(what_a_halt_left_out_is_asked_for_next),
		cmocka_unit_test(a_halt_among_ids),
		cmocka_unit_test(pages_are_counted),
		cmocka_unit_test(the_next_address_stays_with_its_host),
		cmocka_unit_test(time_is_asked_for_with_its_overlap),
		cmocka_unit_test(the_wall_is_not_hit),
		cmocka_unit_test(usage_in_percent),
		cmocka_unit_test(what_went_wrong_has_a_name),
		cmocka_unit_test(a_refresh_token_that_ends_is_known),
		cmocka_unit_test(a_session_is_opened_refreshed_and_opened_again),
		cmocka_unit_test(what_a_token_request_may_answer),
		cmocka_unit_test(what_is_kept_opens_with_the_same_secret_alone),
		cmocka_unit_test(posts_are_asked_for_by_their_ids),
		cmocka_unit_test(a_longer_lived_token_is_exchanged_ahead),
		cmocka_unit_test(a_token_that_cannot_be_exchanged_is_used),
		cmocka_unit_test(a_service_account_signs_what_it_asks),
		cmocka_unit_test(a_streams_time_is_asked_for_with_its_overlap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
