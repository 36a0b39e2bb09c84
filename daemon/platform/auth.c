#include "platform/auth.h"

#include <jansson.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "platform/jwt.h"
#include "platform/params.h"
#include "platform/platform.h"

static bool gets_tokens(const struct platform_auth *a)
{
	return a->kind >= PLATFORM_AUTH_CLIENT_CREDENTIALS;
}

/* Where the source names no secret of an optional kind there is nobody to be. */
static bool is_anonymous(const struct params *params)
{
	size_t i;

	for (i = 0; i < params->platform->n_params; i++) {
		if (params->secrets[i])
			return false;
	}
	return params->platform->auth->optional;
}

/* With half of its life behind it a short one is due, too: "an hour ahead" of ten minutes is always. */
static int64_t ahead_ms(const struct platform_auth *a, const struct auth_token *token)
{
	int64_t life = token->got_ms == TIME_NONE ? 0 : token->until_ms - token->got_ms;

	return life > 0 && a->ahead_ms > life / 2 ? life / 2 : a->ahead_ms;
}

/* Meta exchanges none that is younger than a day; one that could not be exchanged is tried again as often, or at half of what is
 * left of its life. */
static bool is_due(const struct platform_auth *a, const struct auth_token *token, int64_t now_ms)
{
	int64_t wait = DAY_MS;

	if (token->until_ms != TIME_NONE && (token->until_ms - token->got_ms) / 2 < wait)
		wait = (token->until_ms - token->got_ms) / 2;
	return now_ms - token->got_ms >= wait &&
	       (token->until_ms == TIME_NONE || now_ms >= token->until_ms - a->ahead_ms);
}

enum auth_do auth_step(const struct params *params, const struct auth_token *token, int64_t now_ms, bool rejected)
{
	const struct platform_auth *a = params->platform->auth;
	bool can_refresh =
		token->refresh && (a->refresh || a->kind == PLATFORM_AUTH_REFRESH || a->kind == PLATFORM_AUTH_XOAUTH2);

	if (!gets_tokens(a) || is_anonymous(params))
		return AUTH_USE;
	if (a->kind == PLATFORM_AUTH_EXCHANGE && token->access && !rejected)
		return is_due(a, token, now_ms) ? AUTH_REFRESH : AUTH_USE; /* the token itself is what is exchanged */
	if (!token->access)
		return can_refresh ? AUTH_REFRESH : AUTH_GET;
	if (rejected)
		return can_refresh ? AUTH_REFRESH : AUTH_GET;
	if (token->until_ms != TIME_NONE && now_ms >= token->until_ms - ahead_ms(a, token))
		return can_refresh ? AUTH_REFRESH : AUTH_GET;
	return AUTH_USE;
}

/* A template of the auth part as text; NULL: nothing stands for it. */
static const char *text_of(const struct template *t, const struct template_values *v, struct arena *a)
{
	struct buf b = BUF_INIT(AUTH_KEY_MAX_BYTES);
	const char *text = NULL;

	if (t && template_put(&b, t, v, TEMPLATE_RAW, NULL) == 0 && !b.full)
		text = arena_memdup0(a, buf_str(&b), b.len);
	buf_done(&b);
	return text;
}

int auth_request(const struct params *params, const struct auth_token *token, enum auth_do what, int64_t now_ms,
		 struct arena *a, struct request *ret, const char **ret_why)
{
	const struct platform_auth *auth = params->platform->auth;
	const struct platform_token_request *t = what == AUTH_REFRESH && auth->refresh ? auth->refresh : auth->get;
	const char *values[PLATFORM_PARAMS_MAX];
	struct template_values v = {.params = values, .since_ms = TIME_NONE, .until_ms = TIME_NONE};
	const char *given, *key;
	int r;

	params_fill(params, values);
	given = text_of(auth->value, &v, a);
	v.token = token->access && what == AUTH_REFRESH ? token->access : given;
	v.refresh = token->refresh ? token->refresh : given;
	if (auth->kind == PLATFORM_AUTH_SERVICE_ACCOUNT) {
		key = text_of(auth->key, &v, a);
		r = jwt_make(key ? key : "", auth->scope, now_ms, a, &v.token, ret_why);
		if (r)
			return AUTH_E_WRONG;
	}
	return request_make_token(t, &v, a, ret, ret_why) ? AUTH_E_WRONG : 0;
}

/* --- the answer --- */

static const char *text_at(const json_t *o, const char *key, struct arena *a)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text && *text && strlen(text) <= AUTH_TOKEN_MAX_BYTES ? arena_strdup(a, text) : NULL;
}

/* Seconds, as a number or in a text. */
static int64_t seconds_at(const json_t *o, const char *key)
{
	const json_t *x = json_object_get(o, key);
	double v = json_is_string(x) ? strtod(json_string_value(x), NULL) : json_number_value(x);

	return v > 0 && v < 1e10 ? (int64_t)v : 0;
}

/* What an error calls itself (RFC 6749 §5.2, Meta's, AT Protocol's), to be told: a word, no foreign prose. */
static const char *error_of(const json_t *o, struct arena *a)
{
	const json_t *error = json_object_get(o, "error");
	const char *word =
		json_is_object(error) ? json_string_value(json_object_get(error, "type")) : json_string_value(error);
	size_t len = word ? strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") : 0;

	return len && len <= 64 ? arena_memdup0(a, word, len) : NULL;
}

static int refused(int status, const json_t *o, struct arena *a, const char **ret_why)
{
	const char *word = error_of(o, a);

	*ret_why = word ? arena_printf(a, "token request: http %d, %s", status, word)
			: arena_printf(a, "token request: http %d", status);
	return status == 400 || status == 401 || status == 403 ? AUTH_E_REFUSED : AUTH_E_AGAIN;
}

/* As LinkedIn and Google say it; who doesn't has none that ends. */
#define REFRESH_EXPIRES "refresh_token_expires_in"

static int take(const struct platform_auth *auth, const struct auth_token *token, const json_t *o, int64_t now_ms,
		struct arena *a, struct auth_token *ret, const char **ret_why)
{
	int64_t life_s = seconds_at(o, auth->expires), refresh_life_s = seconds_at(o, REFRESH_EXPIRES);
	struct auth_token t = {.got_ms = now_ms, .access = text_at(o, auth->access, a)};

	if (!t.access) {
		*ret_why = arena_printf(a, "token request: no %s in the answer", auth->access);
		return AUTH_E_WRONG;
	}
	t.until_ms = now_ms + (life_s ? life_s * SECOND_MS : auth->life_ms);
	if (t.until_ms < now_ms + AUTH_LIFE_MIN_MS)
		t.until_ms = now_ms + AUTH_LIFE_MIN_MS;
	t.refresh = text_at(o, auth->refreshed, a);
	t.refresh_until_ms = refresh_life_s ? now_ms + refresh_life_s * SECOND_MS : TIME_NONE;
	if (!t.refresh) { /* it wasn't rotated */
		t.refresh = arena_strdup(a, token->refresh);
		if (!refresh_life_s)
			t.refresh_until_ms = token->refresh_until_ms;
	}
	*ret = t;
	return 0;
}

int auth_answer(const struct params *params, const struct auth_token *token, int status, const char *bytes, size_t len,
		int64_t now_ms, struct arena *a, struct auth_token *ret, const char **ret_why)
{
	json_t *o = len <= AUTH_ANSWER_MAX_BYTES ? json_loadb(bytes, len, JSON_REJECT_DUPLICATES, NULL) : NULL;
	int r;

	if (status < 200 || status > 299) {
		r = refused(status, o, a, ret_why);
	} else if (!json_is_object(o)) {
		*ret_why = "token request: the answer is no JSON object";
		r = AUTH_E_WRONG;
	} else {
		r = take(params->platform->auth, token, o, now_ms, a, ret, ret_why);
	}
	json_decref(o);
	return r;
}

bool auth_postpone(const struct params *params, const struct auth_token *token, int64_t now_ms, struct arena *a,
		   struct auth_token *ret)
{
	const struct platform_auth *auth = params->platform->auth;
	const char *values[PLATFORM_PARAMS_MAX];
	struct template_values v = {.params = values, .since_ms = TIME_NONE, .until_ms = TIME_NONE};
	struct auth_token t = *token;

	if (auth->kind != PLATFORM_AUTH_EXCHANGE || (t.until_ms != TIME_NONE && t.until_ms <= now_ms))
		return false;
	params_fill(params, values);
	if (!t.access)
		t.access = text_of(auth->value, &v, a);
	t.got_ms = now_ms;
	*ret = t;
	return t.access != NULL;
}

/* What is exchanged for itself ends with itself; what brings others, when it does so no more. A password brings one at any time. */
int64_t auth_until_ms(const struct params *params, const struct auth_token *token)
{
	switch (params->platform->auth->kind) {
	case PLATFORM_AUTH_EXCHANGE:
		return token->until_ms;
	case PLATFORM_AUTH_REFRESH:
	case PLATFORM_AUTH_XOAUTH2:
		return token->refresh_until_ms;
	default:
		return TIME_NONE;
	}
}

int64_t auth_warn_ms(const struct params *params, const struct auth_token *token)
{
	int64_t until = auth_until_ms(params, token);

	return until == TIME_NONE ? TIME_NONE : until - params->platform->auth->warn_ms;
}
