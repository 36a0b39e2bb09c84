/* The files of conf/channels on notices whose titles are meant to hurt: what each makes is what its service may be sent (FAULTS O3, O4). And each
 * file's own example. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "alert/channel_example.h"
#include "alert/channel_kind.h"
#include "alert/channel_request.h"
#include "alert/notice_object.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/secret.h"
#include "base/utf8.h"
#include "mention/body_job.h"
#include "mention/map.h"
#include "parse/map.h"
#include "parse/map_body.h"
#include "platform/params.h"

enum { ARENA_MAX = 64 << 20, LONG_BYTES = 60000 };

static char last_at[200]; /* where an example differed last */

static const char *const hostile[] = {
	"<!channel> <!here> <!everyone> <@U123ABC> <#C1|x>",
	"<http://malo.example|su banco>",
	"@everyone @here <@123> <@&456>",
	"@channel @all @room @here",
	"[su banco](https://malo.example)",
	"![x](https://malo.example/x.png)",
	"**negrita** __x__ ~~y~~ ||z|| `c` ```bloque```",
	"\r\nBcc: todos@example.com\r\n\r\nhola",
	"a\nX-Priority: 1\nSubject: otra",
	"\"},\"routing_key\":\"otra\",{\"",
	"\\u0000 \\\" \\\\ \\n",
	"&to=otro&token=otro&priority=2",
	"a=b&c=d%0d%0aX: y",
	"<script>alert(1)</script><img src=x onerror=alert(1)>",
	"<a href=\"javascript:alert(1)\">x</a>",
	"<b>x</b><code>y</code></code></b>",
	"javascript:alert(1)",
	"\x1b[31mrojo\x1b[0m\x1b]0;titulo\x07",
	"\xE2\x80\xAE"
	"txt.exe al rev\xC3\xA9s \xE2\x80\xAC",
	"\xE2\x81\xA6"
	"aislado\xE2\x81\xA9 \xE2\x80\x8B\xEF\xBB\xBF",
	"\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7 familia "
	"\xF0\x9F\x87\xB5\xF0\x9F\x87\xAA",
	"\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81 a\xCC\x81",
	"https://malo.example/@everyone https://malo.example/<x> https://",
	"https://malo.example/)[x](https://otro.example",
	"http://x|y>z <http://a>",
	"{{1}} {{2}} ${x} $(id) `id` %s %n",
	"'; DROP TABLE notice; --",
	"{\"type\":\"Action.Submit\"}",
	"# T\xC3\xADtulo\n## otro\n> cita\n- lista\n1. uno",
	"| a | b |\n|---|---|\n| c | d |",
	"\t\t    cuatro     blancos\t",
	"",
	" ",
	"\n\n\n",
	".",
	"-----BEGIN PGP MESSAGE-----",
	"tg://resolve?domain=x /start@bot",
	"#channel !abc:example.org $evento",
	"\xEF\xBF\xBD\xEF\xBF\xBF \xC2\x85\xC2\xA0",
	"AT&T <> &lt;b&gt; &#60;",
};

static const char *const kinds[] = {"alertmanager", "discord",   "matrix",     "mattermost", "ntfy",
				    "opsgenie",     "pagerduty", "pushover",   "slack",      "slack-webhook",
				    "teams",        "telegram",  "twilio-sms", "webhook",    "whatsapp"};

struct bench {
	struct arena *arena;
	struct diag *diag;
	const struct channel_kind *kind;
	struct params *params;
	struct maps *maps;
};

/* The kind, its programs compiled, and a channel that says what the file's example says. */
static void open_kind(struct bench *b, const char *name)
{
	struct channel_kinds *all;
	struct map_source *source;
	size_t i, k;

	b->arena = arena_new(ARENA_MAX);
	b->diag = diag_new();
	all = channel_kinds_open(NULL, b->arena);
	if (channel_kinds_find(all, name, b->diag, &b->kind) != 0) {
		diag_print(b->diag, stderr, TEXT_EN);
		fail_msg("%s", name);
	}
	source = ARENA_NEW(b->arena, struct map_source);
	channel_kind_source(b->kind, b->arena, source);
	if (maps_load(source, 1, b->diag, &b->maps) != 0) {
		diag_print(b->diag, stderr, TEXT_EN);
		fail_msg("%s", name);
	}
	b->params = params_new(&b->kind->base, b->arena);
	for (i = 0; i < b->kind->base.n_params; i++)
		b->params->values[i] = b->kind->base.params[i].def;
	for (k = 0; k < b->kind->fixtures[0].with.n; k++) {
		const struct platform_program *with = &b->kind->fixtures[0].with.v[k];
		int at = platform_param_find(&b->kind->base, with->name, strlen(with->name));

		assert_true(at >= 0);
		if (b->kind->base.params[at].secret)
			b->params->secrets[at] = secret_make(with->text, b->arena);
		else
			b->params->values[at] = with->text;
	}
}

static void close_kind(struct bench *b)
{
	maps_free(b->maps);
	diag_free(b->diag);
	arena_free(b->arena);
}

/* The request of one notice by one way. */
static struct request request_of(struct bench *b, const struct notice_object *o, enum channel_way_kind way)
{
	struct buf document = BUF_INIT(NOTICE_OBJECT_MAX_BYTES), made = BUF_INIT(BODY_MADE_MAX_BYTES + 1),
		   ctx = BUF_INIT(MAP_CTX_MAX_BYTES);
	struct job_body job = {.map = arena_printf(b->arena, CHANNEL_MAP_PREFIX "%s", b->kind->base.name),
			       .program = channel_way_names[way]};
	struct channel_call call = {
		.way = way, .to = o->to, .id = o->earlier, .key = o->key, .matter = o->matter, .now_ms = 1790000000000};
	const char *why = "";
	struct request q = {.url = NULL};

	notice_object_json(o, &document);
	params_json(&ctx, b->params, NULL);
	job.ctx = buf_str(&ctx);
	job.document = buf_str(&document);
	if (map_body(b->maps, &job, b->arena, &made, &why) != 0)
		fail_msg("%s: %s: %s", b->kind->base.name, o->subject, why);
	call.made = buf_str(&made);
	call.made_len = made.len;
	if (channel_request_make(b->kind, b->params, &call, b->arena, &q, &why) != 0)
		fail_msg("%s: %s: %s", b->kind->base.name, o->subject, why);
	buf_done(&document);
	buf_done(&made);
	buf_done(&ctx);
	return q;
}

static struct notice_object notice_with(const char *title, const struct notice_mention *m,
					const struct notice_answer *a)
{
	return (struct notice_object){.kind = NOTICE_INCIDENT,
				      .to = "123456789",
				      .person = "ana",
				      .subject = title,
				      .text = title,
				      .key = "0123456789abcdef0123456789abcdef",
				      .matter = "incident-12-1790000000",
				      .earlier = "77",
				      .lang = "es",
				      .severity = "critical",
				      .reason = "begins",
				      .incident = 12,
				      .topic = "acme",
				      .now_ms = 1790000000000,
				      .mentions = m,
				      .n_mentions = 1,
				      .answers = a,
				      .n_answers = 1};
}

/* Units of UTF-16 in all texts of a value; the longest goes to *longest. */
static void measure(const json_t *v, size_t *longest)
{
	const char *key;
	const json_t *one;
	size_t i;

	json_array_foreach(v, i, one) measure(one, longest);
	json_object_foreach((json_t *)v, key, one) measure(one, longest);
	if (json_is_string(v) && utf8_count(json_string_value(v), json_string_length(v)) > *longest)
		*longest = utf8_count(json_string_value(v), json_string_length(v));
}

static void check_lines(const struct request *q)
{
	size_t i;

	for (i = 0; i < q->n_headers; i++)
		assert_null(strpbrk(q->headers[i].value, "\r\n"));
	for (i = 0; q->url[i]; i++)
		assert_true((unsigned char)q->url[i] > ' ' && (unsigned char)q->url[i] < 0x7F);
}

/* Nothing that calls somebody, nothing read as markup, nothing that turns what is seen. */
static void check_text(const char *kind, const char *body, size_t len)
{
	static const char *const never[] = {"\\u202e", "\\u2066", "\\u001b", "\\u0007", "\\ufeff"};
	size_t i;

	for (i = 0; i < ARRAY_LEN(never); i++)
		assert_null(memmem(body, len, never[i], strlen(never[i])));
	if (strncmp(kind, "slack", 5) == 0) {
		const char *text = strstr(body, "\"text\":\"");

		assert_true(text == NULL || !memchr(text, '<', strcspn(text + 8, "\"")));
		assert_null(strstr(body, "\"mrkdwn\",")); /* no block is read as markup */
	}
	if (strcmp(kind, "discord") == 0)
		assert_true(strstr(body, "\"allowed_mentions\":{\"parse\":[]}") && !strstr(body, "@everyone @here") &&
			    !strstr(body, "[su banco]("));
	if (strcmp(kind, "mattermost") == 0)
		assert_true(!strstr(body, "@channel") && !strstr(body, "@all ") && !strstr(body, "[su banco]("));
	if (strcmp(kind, "matrix") == 0)
		assert_true(!strstr(body, "@room") && !strstr(body, "formatted_body"));
	if (strcmp(kind, "telegram") == 0)
		assert_null(strstr(body, "parse_mode"));
	if (strcmp(kind, "teams") == 0)
		assert_null(strstr(body, "\"TextBlock\""));
}

static void check_body(const struct bench *b, const struct request *q)
{
	json_t *json;

	check_lines(q);
	if (b->kind->body->as == CHANNEL_FORM) {
		size_t pairs = 0, i;

		for (i = 0; i < q->body_len; i++) {
			assert_true((unsigned char)q->body[i] > ' ' && (unsigned char)q->body[i] < 0x7F);
			pairs += q->body[i] == '=';
		}
		assert_true(pairs >= 1 && pairs <= 7); /* nothing that a title says became a pair */
		return;
	}
	json = json_loadb(q->body, q->body_len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	check_text(b->kind->base.name, q->body, q->body_len);
	json_decref(json);
}

static void hostile_titles_stay_text_in_every_channel(void **state)
{
	size_t k, i, way;

	(void)state;
	assert_int_equal(ARRAY_LEN(hostile), 40);
	for (k = 0; k < ARRAY_LEN(kinds); k++) {
		struct bench b = {0};

		open_kind(&b, kinds[k]);
		for (i = 0; i < ARRAY_LEN(hostile); i++) {
			const struct notice_mention m = {
				.title = hostile[i], .url = hostile[i], .author = hostile[i], .source = hostile[i]};
			const struct notice_answer a = {.verb = "ack", .label = hostile[i], .url = hostile[i]};
			struct notice_object o = notice_with(*hostile[i] ? hostile[i] : "x", &m, &a);

			for (way = 0; way < CHANNEL_WAYS; way++)
				if (b.kind->ways[way]) {
					struct request q = request_of(&b, &o, (enum channel_way_kind)way);

					check_body(&b, &q);
				}
		}
		close_kind(&b);
	}
}

static void what_is_too_long_is_cut_between_letters(void **state)
{
	static const char *const letters[] = {"x", "\xC3\xB1", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "*", "@"};
	static const struct {
		const char *kind;
		size_t most;
	} limits[] = {{"telegram", 4096}, {"discord", 2000},   {"slack", 3000}, {"mattermost", 16383},
		      {"whatsapp", 1024}, {"opsgenie", 15000}, {"ntfy", 4096}};
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_LEN(limits); i++) {
		struct bench b = {0};

		open_kind(&b, limits[i].kind);
		for (k = 0; k < ARRAY_LEN(letters); k++) {
			struct buf text = BUF_INIT(LONG_BYTES + 8);
			struct notice_object o;
			struct request q;
			size_t longest = 0;
			json_t *json;

			while (text.len < LONG_BYTES)
				buf_puts(&text, letters[k]);
			o = notice_with("largo", NULL, NULL);
			o.n_mentions = o.n_answers = 0;
			o.text = buf_str(&text);
			q = request_of(&b, &o, CHANNEL_NEW);
			json = json_loadb(q.body, q.body_len, 0, NULL); /* refuses half a letter */
			assert_non_null(json);
			measure(json, &longest);
			assert_true(longest <= limits[i].most && longest > 300);
			json_decref(json);
			buf_done(&text);
		}
		close_kind(&b);
	}
}

static void answers_are_read_as_their_services_mean_them(void **state)
{
	static const struct {
		const char *kind;
		int status;
		const char *body;
		enum channel_outcome want;
		const char *id;
		int64_t wait_ms;
	} cases[] = {
		{"telegram", 200, "{\"ok\":true,\"result\":{\"message_id\":7}}", CHANNEL_TAKEN, "7", 0},
		{"telegram", 429,
		 "{\"ok\":false,\"description\":\"Too Many Requests: retry after "
		 "5\",\"parameters\":{\"retry_after\":5}}",
		 CHANNEL_LIMITED, NULL, 5000},
		{"telegram", 400, "{\"ok\":false,\"description\":\"Bad Request: message is not modified\"}",
		 CHANNEL_TAKEN, NULL, 0},
		{"telegram", 400, "{\"ok\":false,\"description\":\"Bad Request: message to edit not found\"}",
		 CHANNEL_GONE, NULL, 0},
		{"telegram", 400, "{\"ok\":false,\"description\":\"Bad Request: chat not found\"}", CHANNEL_NEVER, NULL,
		 0},
		{"telegram", 401, "{\"ok\":false}", CHANNEL_LOGIN, NULL, 0},
		{"slack", 200, "{\"ok\":false,\"error\":\"channel_not_found\"}", CHANNEL_NEVER, NULL, 0},
		{"slack", 200, "{\"ok\":false,\"error\":\"internal_error\"}", CHANNEL_LATER, NULL, 0},
		{"slack", 200, "{\"ok\":true,\"ts\":\"1.2\"}", CHANNEL_TAKEN, "1.2", 0},
		{"slack", 200, "no JSON at all", CHANNEL_NEVER, NULL, 0},
		{"slack-webhook", 200, "ok", CHANNEL_TAKEN, NULL, 0},
		{"discord", 429, "{\"retry_after\":0.5}", CHANNEL_LIMITED, NULL, 500},
		{"discord", 404, "{\"message\":\"Unknown Message\"}", CHANNEL_GONE, NULL, 0},
		{"pagerduty", 202, "{}", CHANNEL_TAKEN, NULL, 0},
		{"teams", 413, "", CHANNEL_NEVER, NULL, 0},
		{"matrix", 502, "<html>", CHANNEL_LATER, NULL, 0},
		{"webhook", 302, "", CHANNEL_NEVER, NULL, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct bench b = {0};
		struct channel_verdict v;
		const struct channel_said said = {
			.status = cases[i].status, .body = cases[i].body, .len = strlen(cases[i].body)};

		open_kind(&b, cases[i].kind);
		channel_judge(b.kind, b.params, &said, b.arena, &v);
		assert_int_equal(v.outcome, cases[i].want);
		assert_int_equal(v.wait_ms, cases[i].wait_ms);
		if (cases[i].id)
			assert_string_equal(v.id, cases[i].id);
		else
			assert_null(v.id);
		close_kind(&b);
	}
}

/* What a file's first example becomes, and whether that is the request it expects, which change() may have changed. */
static int compare_example(const char *kind, char *(*change)(const char *want), struct channel_difference *ret)
{
	struct bench b = {0};
	struct buf made = BUF_INIT(BODY_MADE_MAX_BYTES + 1);
	const char *text, *file, *why = "";
	struct job_body job;
	struct channel_example e;
	struct channel_kinds *all;
	cleanup(freep) char *want = NULL;
	size_t len;
	int r;

	*ret = (struct channel_difference){.at = NULL}; /* what is right leaves it as it is */
	open_kind(&b, kind);
	all = channel_kinds_open(NULL, b.arena);
	assert_int_equal(channel_kinds_fixture(all, b.kind->fixtures[0].notice, b.diag, &text, &len, &file), 0);
	assert_int_equal(channel_example_read(b.kind, &b.kind->fixtures[0], text, len, b.arena, &e, &why), 0);
	job = (struct job_body){.map = arena_printf(b.arena, CHANNEL_MAP_PREFIX "%s", kind),
				.program = channel_way_names[e.call.way],
				.ctx = e.ctx,
				.document = e.document};
	assert_int_equal(map_body(b.maps, &job, b.arena, &made, &why), 0);
	assert_int_equal(channel_kinds_fixture(all, b.kind->fixtures[0].request, b.diag, &text, &len, &file), 0);
	want = change ? change(text) : xstrdup(text);
	r = channel_example_compare(&e, buf_str(&made), made.len, want, strlen(want), b.arena, ret);
	if (r == CHANNEL_EXAMPLE_E_DIFFERS && !change)
		print_error("%s: at %s: expected %s, found %s\n", kind, ret->at, ret->expected, ret->found);
	if (ret->at)
		snprintf(last_at, sizeof(last_at), "%s", ret->at);
	buf_done(&made);
	close_kind(&b);
	return r;
}

static void each_files_example_becomes_its_request(void **state)
{
	struct channel_difference how;
	size_t k, wrong = 0;

	(void)state;
	for (k = 0; k < ARRAY_LEN(kinds); k++)
		wrong += compare_example(kinds[k], NULL, &how) != 0;
	assert_int_equal(wrong, 0);
}

static const struct {
	const char *kind, *from, *to, *at;
} changes[] = {
	{"slack", "\"POST\"", "\"PUT\"", "method"},
	{"slack", "xoxb-1", "xoxb-2", "headers.Authorization"},
	{"slack", "chat.postMessage", "chat.update", "url"},
	{"slack", "\"mrkdwn\":false", "\"mrkdwn\":true", "body.mrkdwn"},
	{"slack", "\"mrkdwn\":false,", "", "body.mrkdwn"},
	{"slack", "\"mrkdwn\":false", "\"mrkdwn\":false,\"more\":1", "body.more"},
	{"twilio-sms", "+15005550006", "+15005550007", "body.From"},
	{"twilio-sms", "\"user\"", "\"used\"", "used"},
	{"webhook", ",v1=", ",v2=", "headers.X-Escuchad-Signature"},
	{"slack", "{", "[", ""},
};
static size_t change_at;

static char *change(const char *want)
{
	const char *from = changes[change_at].from, *hit = strstr(want, from);

	assert_non_null(hit);
	return xasprintf("%.*s%s%s", (int)(hit - want), want, changes[change_at].to, hit + strlen(from));
}

/* Method, address, headers, body: nothing differs unseen. */
static void an_example_is_compared_whole(void **state)
{
	struct channel_difference how;

	(void)state;
	for (change_at = 0; change_at < ARRAY_LEN(changes); change_at++) {
		bool readable = *changes[change_at].at != '\0';

		last_at[0] = '\0';
		assert_int_equal(compare_example(changes[change_at].kind, change, &how),
				 readable ? CHANNEL_EXAMPLE_E_DIFFERS : CHANNEL_EXAMPLE_E_WRONG);
		assert_string_equal(last_at, changes[change_at].at);
	}
}

static void no_secret_is_in_what_is_told(void **state)
{
	struct bench b = {0};

	(void)state;
	open_kind(&b, "slack");
	assert_string_equal(channel_without_secrets(b.params, "token xoxb-1 and xoxb-1\r\n\x1b[1m is old", b.arena),
			    "token *** and ***  [1m is old");
	close_kind(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_titles_stay_text_in_every_channel),
		cmocka_unit_test(what_is_too_long_is_cut_between_letters),
		cmocka_unit_test(answers_are_read_as_their_services_mean_them),
		cmocka_unit_test(each_files_example_becomes_its_request),
		cmocka_unit_test(an_example_is_compared_whole),
		cmocka_unit_test(no_secret_is_in_what_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
