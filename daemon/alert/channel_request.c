#include "alert/channel_request.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "alert/notice_object.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/secret.h"
#include "base/utf8.h"
#include "mention/notice_row.h"
#include "platform/params.h"

enum { HEADERS_MORE = 2, SIGNATURE_MAX_BYTES = 128, SECRET_LEAST_BYTES = 4 /* a shorter one says nothing */ };

/* --- what is asked --- */

enum channel_way_kind channel_way_for(const struct channel_kind *k, bool has_matter, bool has_id, bool quiet,
				      bool ended)
{
	if (ended && has_matter && k->ways[CHANNEL_CLOSE])
		return CHANNEL_CLOSE;
	if (has_id && quiet && k->ways[CHANNEL_EDIT])
		return CHANNEL_EDIT;
	return has_id && k->ways[CHANNEL_FOLLOW] ? CHANNEL_FOLLOW : CHANNEL_NEW;
}

/* The parameters as this message has them. */
static struct params *own_params(const struct channel_kind *k, const struct params *params,
				 const struct channel_call *call, const struct platform *as, struct arena *a)
{
	struct params *own = params_new(as, a);

	memcpy(own->values, params->values, (size_t)k->to * sizeof(*own->values));
	memcpy(own->secrets, params->secrets, (size_t)k->to * sizeof(*own->secrets));
	own->values[k->to] = call->to;
	own->values[k->id] = call->id;
	own->values[k->key] = call->key;
	own->values[k->matter] = call->matter;
	return own;
}

/* What no reader may know goes in beside what its program made. False: the program made a list, which has no members. */
static bool put_more(json_t *made, const struct channel_kind *k, const struct params *own, struct arena *a)
{
	const char *values[PLATFORM_PARAMS_MAX];
	const struct template_values v = {.params = values, .since_ms = TIME_NONE, .until_ms = TIME_NONE};
	size_t i;

	params_fill(own, values);
	for (i = 0; i < k->body->put.n; i++) {
		struct buf b = BUF_INIT(REQUEST_URL_MAX_BYTES);

		if (template_put(&b, &k->body->put.v[i].value, &v, TEMPLATE_RAW, NULL) == 0 &&
		    json_object_set_new(made, k->body->put.v[i].name, json_string(buf_str(&b))) != 0) {
			buf_done(&b);
			return false;
		}
		buf_done(&b);
	}
	(void)a;
	return true;
}

static void put_form(struct buf *b, const json_t *made)
{
	const char *key;
	const json_t *value;

	json_object_foreach((json_t *)made, key, value)
	{
		cleanup(freep) char *number =
			json_is_integer(value) ? xasprintf("%lld", (long long)json_integer_value(value)) : NULL;
		const char *text = number ? number : json_string_value(value);

		if (!text)
			continue;
		if (b->len)
			buf_putc(b, '&');
		template_put_query(b, key);
		buf_putc(b, '=');
		template_put_query(b, text);
	}
}

/* NULL: *ret_why. */
static const char *make_body(const struct channel_kind *k, const struct params *own, const struct channel_call *call,
			     struct arena *a, size_t *ret_len, const char **ret_why)
{
	cleanup(buf_done) struct buf b = BUF_INIT(REQUEST_BODY_MAX_BYTES);
	json_t *made = json_loadb(call->made, call->made_len, JSON_REJECT_DUPLICATES, NULL);
	bool form = k->body->as == CHANNEL_FORM;
	char *text;

	*ret_why = "body";
	if (!made || (json_is_array(made) && (form || k->body->put.n)) || !put_more(made, k, own, a)) {
		json_decref(made);
		return NULL;
	}
	if (form) {
		put_form(&b, made);
	} else {
		text = json_dumps(made, JSON_COMPACT | JSON_ENSURE_ASCII); /* no byte of it is read as another sign */
		buf_puts(&b, text ? text : "");
		free(text);
	}
	json_decref(made);
	if (b.full || !b.len)
		return NULL;
	*ret_len = b.len;
	return arena_memdup0(a, buf_str(&b), b.len);
}

static const char *signature(const struct channel_sign *s, const struct params *own, const struct request *q,
			     int64_t now_ms, struct arena *a)
{
	const char *values[PLATFORM_PARAMS_MAX];
	const struct template_values v = {.params = values, .since_ms = TIME_NONE, .until_ms = TIME_NONE};
	cleanup(buf_done) struct buf key = BUF_INIT(REQUEST_URL_MAX_BYTES), b = BUF_INIT(REQUEST_BODY_MAX_BYTES + 64);
	char hex[65];
	uint8_t mac[32];

	params_fill(own, values);
	if (template_put(&key, s->secret, &v, TEMPLATE_RAW, NULL) != 0)
		return NULL; /* none is given: it goes unsigned */
	buf_printf(&b, "%lld.", (long long)(now_ms / SECOND_MS));
	buf_put(&b, q->body, q->body_len);
	hash_hmac(buf_str(&key), key.len, buf_str(&b), b.len, mac);
	hash_hex(mac, sizeof(mac), hex);
	return arena_printf(a, "t=%lld,v1=%s", (long long)(now_ms / SECOND_MS), hex);
}

static void add_headers(const struct channel_kind *k, const struct params *own, int64_t now_ms, struct arena *a,
			struct request *q)
{
	struct request_header *v = ARENA_ARRAY(a, struct request_header, q->n_headers + HEADERS_MORE);
	const char *mac = k->sign ? signature(k->sign, own, q, now_ms, a) : NULL;

	if (q->n_headers)
		memcpy(v, q->headers, q->n_headers * sizeof(*v));
	v[q->n_headers++] = (struct request_header){
		"Content-Type", k->body->as == CHANNEL_FORM ? "application/x-www-form-urlencoded" : "application/json"};
	if (mac)
		v[q->n_headers++] = (struct request_header){k->sign->header, mac};
	q->headers = v;
}

int channel_request_make(const struct channel_kind *k, const struct params *params, const struct channel_call *call,
			 struct arena *a, struct request *ret, const char **ret_why)
{
	const struct request_place place = {.since_ms = TIME_NONE, .until_ms = TIME_NONE};
	struct platform *as = ARENA_NEW(a, struct platform);
	struct params *own;
	struct request q;

	*as = k->base;
	as->request = &k->ways[call->way]->request;
	own = own_params(k, params, call, as, a);
	if (request_make(own, &place, a, &q, ret_why) != 0)
		return CHANNEL_REQUEST_E_VALUE;
	q.body = make_body(k, own, call, a, &q.body_len, ret_why);
	if (!q.body)
		return CHANNEL_REQUEST_E_VALUE;
	q.post = true;
	add_headers(k, own, call->now_ms, a, &q);
	*ret = q;
	return 0;
}

/* --- what is answered --- */

/* "result.message_id"; NULL: not there. */
static const json_t *member(const json_t *answer, const char *path)
{
	char name[100];

	while (answer && path && *path) {
		size_t len = strcspn(path, ".");

		if (len >= sizeof(name))
			return NULL;
		memcpy(name, path, len);
		name[len] = '\0';
		answer = json_is_array(answer) ? json_array_get(answer, 0) : json_object_get(answer, name);
		path += len + (path[len] == '.');
	}
	return path ? answer : NULL;
}

static const char *text_of(const json_t *value, struct arena *a)
{
	if (json_is_string(value))
		return arena_strdup(a, json_string_value(value));
	if (json_is_integer(value))
		return arena_printf(a, "%lld", (long long)json_integer_value(value));
	return NULL;
}

const char *channel_without_secrets(const struct params *params, const char *text, struct arena *a)
{
	cleanup(buf_done) struct buf clean = BUF_INIT(CHANNEL_ANSWER_MAX_BYTES), b = BUF_INIT(CHANNEL_ANSWER_MAX_BYTES);
	size_t i;

	notice_clean(&clean, text, CHANNEL_ANSWER_MAX_BYTES / 2, false);
	for (i = 0; i < params->platform->n_params; i++) {
		const char *secret = secret_value(params->secrets[i]), *at = buf_str(&clean), *hit;

		if (!secret || strlen(secret) < SECRET_LEAST_BYTES)
			continue;
		buf_reset(&b);
		while ((hit = strstr(at, secret))) {
			buf_put(&b, at, (size_t)(hit - at));
			buf_puts(&b, "***");
			at = hit + strlen(secret);
		}
		buf_puts(&b, at);
		buf_reset(&clean);
		buf_put(&clean, buf_str(&b), b.len);
	}
	return arena_memdup0(a, buf_str(&clean), utf8_cut(buf_str(&clean), clean.len, CHANNEL_WORDS_MAX_BYTES));
}

static bool is_true(const json_t *v)
{
	return json_is_true(v) || (json_is_integer(v) && json_integer_value(v) != 0) ||
	       (json_is_string(v) && strcmp(json_string_value(v), "ok") == 0);
}

static enum channel_outcome by_status(int status)
{
	if (status >= 200 && status < 300)
		return CHANNEL_TAKEN;
	if (status == 401 || status == 403)
		return CHANNEL_LOGIN;
	if (status == 429)
		return CHANNEL_LIMITED;
	return status == 408 || status == 425 || status >= 500 || status < 200 ? CHANNEL_LATER : CHANNEL_NEVER;
}

static enum channel_outcome outcome_of(const struct channel_reply *r, int status, const json_t *answer,
				       const char *words)
{
	enum channel_outcome outcome = by_status(status);

	if (outcome == CHANNEL_TAKEN && r->ok && !is_true(member(answer, r->ok)))
		outcome = CHANNEL_NEVER;
	if (outcome == CHANNEL_TAKEN)
		return outcome;
	if (platform_says_so(r->same, words))
		return CHANNEL_TAKEN;
	if (platform_says_so(r->gone, words))
		return CHANNEL_GONE;
	if (platform_says_so(r->later, words))
		return CHANNEL_LATER;
	return platform_says_so(r->never, words) ? CHANNEL_NEVER : outcome;
}

static int64_t wait_of(const struct channel_reply *r, const struct channel_said *said, const json_t *answer)
{
	double s = json_number_value(member(answer, r->wait));
	int64_t ms = s > 0 && s < 86400 ? (int64_t)(s * 1000) : 0;

	return ms > said->retry_after_ms ? ms : said->retry_after_ms;
}

void channel_judge(const struct channel_kind *k, const struct params *params, const struct channel_said *said,
		   struct arena *a, struct channel_verdict *ret)
{
	const struct channel_reply *r = k->answer;
	json_t *answer = said->len ? json_loadb(said->body, said->len, JSON_DECODE_ANY, NULL) : NULL;
	const char *words = text_of(member(answer, r->error), a), *id;

	*ret = (struct channel_verdict){.outcome = CHANNEL_LATER, .maybe = said->maybe, .words = said->failure};
	if (said->status) {
		if (!words && said->len && utf8_valid_text(said->body, said->len))
			words = said->body;
		ret->outcome = outcome_of(r, said->status, answer, words ? words : "");
		ret->wait_ms = wait_of(r, said, answer);
		ret->maybe = ret->outcome == CHANNEL_LATER && said->status >= 500; /* some fail behind the delivery */
		if (ret->outcome == CHANNEL_LATER && ret->wait_ms)
			ret->outcome = CHANNEL_LIMITED;
		id = ret->outcome == CHANNEL_TAKEN ? text_of(member(answer, r->id), a) : NULL;
		ret->id = id && *id && strlen(id) <= NOTICE_SENT_AS_MAX_BYTES ? id : NULL;
		ret->words = ret->outcome == CHANNEL_TAKEN ? arena_printf(a, "HTTP %d", said->status)
							   : arena_printf(a, "HTTP %d%s%.2000s", said->status,
									  words ? ": " : "", words ? words : "");
	}
	ret->words = channel_without_secrets(params, ret->words ? ret->words : "", a);
	json_decref(answer);
}
