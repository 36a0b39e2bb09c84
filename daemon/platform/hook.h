#pragma once
/*
 * platform/hook: what a platform sends by itself: whether it is the platform that sends it, and what it wants to hear when it
 * asks whether we are there. Pure; the bytes are judged as they came.
 *
 *   hub        ?hub.mode=subscribe&hub.verify_token=…&hub.challenge=…  →  the challenge, if the token is ours (Meta, WebSub)
 *   crc        ?crc_token=…        →  {"response_token":"sha256=" base64 of HMAC-SHA256} (X)
 *   challenge  ?challengeCode=…    →  {"challengeCode":…,"challengeResponse": hex of HMAC-SHA256} (LinkedIn)
 *
 * A signature is an HMAC over before + body; before may hold {time} and {id}, the values of the headers that are called so
 * ("v0:{time}:" is Slack's, "{id}.{time}." that of Standard Webhooks). Its header may hold several, apart by spaces. Compared in a
 * time that does not depend on where they differ.
 *
 * Bounds: HOOK_TEXT_MAX_BYTES of a header and of what a handshake asks with; HOOK_SIGNATURES_MAX are looked at.
 * Secrets: no answer and no verdict holds any.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct params;

enum { HOOK_TEXT_MAX_BYTES = 2048, HOOK_SIGNATURES_MAX = 8, HOOK_WINDOW_MS = 5 * 60 * 1000 };

/* A request as it came. header and query: NULL: not there, or not once. */
struct hook_request {
	const char *(*header)(const void *arg, const char *name);
	const char *(*query)(const void *arg, const char *name);
	const void *arg;
	const char *body;
	size_t len;
};

enum hook_verdict {
	HOOK_TRUE,
	HOOK_UNSIGNED, /* what it should be known by is not there */
	HOOK_WRONG,    /* … or is another's */
	HOOK_OLD,      /* … or of another time: over HOOK_WINDOW_MS before or behind now_ms (wall) */
};
const char *hook_verdict_name(enum hook_verdict v); /* "true", "unsigned", "wrong", "old" */
enum hook_verdict hook_judge(const struct params *params, const struct hook_request *q, int64_t now_ms);

enum hook_hello {
	HOOK_HELLO_TEXT, /* b is the answer, text/plain */
	HOOK_HELLO_JSON,
	HOOK_HELLO_WRONG, /* its token is not ours */
	HOOK_HELLO_NONE,  /* that is no handshake of this platform */
};
enum hook_hello hook_hello(const struct params *params, const struct hook_request *q, struct buf *b);
