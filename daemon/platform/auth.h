#pragma once
/*
 * platform/auth: who we are to a platform: tokens that are got, renewed ahead of time, and kept.
 *
 *   auth_step() says whether the token may be used, or which request gets another; auth_request() makes that request, auth_answer()
 *   reads what came. What came is kept (sealed) before it is used: a refresh token that was rotated works no second time.
 *
 * Owner:  the arena given. Pure; what is read is small JSON that was asked for by ourselves.
 * Bounds: AUTH_ANSWER_MAX_BYTES, AUTH_TOKEN_MAX_BYTES.
 * Secrets: no why holds any.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "platform/request.h"

struct arena;
struct buf;
struct params;

enum {
	AUTH_ANSWER_MAX_BYTES = 64 * 1024,
	AUTH_TOKEN_MAX_BYTES = 16 * 1024, /* of one token */
	AUTH_KEY_MAX_BYTES = 32 * 1024,   /* of a service account's JSON */
};

#define AUTH_LIFE_MIN_MS INT64_C(60000) /* a service that says less is asked no oftener */

/* NULL, TIME_NONE: none. Times are wall milliseconds. */
struct auth_token {
	const char *access, *refresh;
	int64_t got_ms, until_ms;
	int64_t refresh_until_ms; /* until then refresh is good for another, where the platform says so */
};
#define AUTH_TOKEN_NONE ((struct auth_token){.got_ms = TIME_NONE, .until_ms = TIME_NONE, .refresh_until_ms = TIME_NONE})

enum auth_do {
	AUTH_USE,     /* as it is; also where no token is got at all */
	AUTH_GET,     /* a new one, by what the source's secrets are */
	AUTH_REFRESH, /* by the one that is there */
};
/* rejected: the platform said so of the present one. */
enum auth_do auth_step(const struct params *params, const struct auth_token *token, int64_t now_ms, bool rejected);

enum {
	AUTH_E_WRONG = 1, /* why says what: a key that is none, an answer that can't be read */
	AUTH_E_REFUSED,   /* the platform does not know us: who asked has to mend it */
	AUTH_E_AGAIN,     /* it may go better next time */
};
int auth_request(const struct params *params, const struct auth_token *token, enum auth_do what, int64_t now_ms,
		 struct arena *a, struct request *ret, const char **ret_why) must_use;
int auth_answer(const struct params *params, const struct auth_token *token, int status, const char *bytes, size_t len,
		int64_t now_ms, struct arena *a, struct auth_token *ret, const char **ret_why) must_use;

/* None could be got: false, unless the token that was to be exchanged is still good for something; it is used on, and exchanged
 * later. */
bool auth_postpone(const struct params *params, const struct auth_token *token, int64_t now_ms, struct arena *a,
		   struct auth_token *ret);

/* By when somebody has to renew it by hand, and from when on that is to be told, in wall time; TIME_NONE: nobody has to, or nobody
 * knows. */
int64_t auth_until_ms(const struct params *params, const struct auth_token *token);
int64_t auth_warn_ms(const struct params *params, const struct auth_token *token);

/* As it is kept: enciphered with a key made of the source's own secrets, so that a copy of the log is worth nothing without them,
 * and other secrets begin anew. */
void auth_seal(struct buf *b, const struct params *params, const struct auth_token *token);
bool auth_unseal(const struct params *params, const char *bytes, size_t len, struct arena *a, struct auth_token *ret);
