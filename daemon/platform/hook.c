#include "platform/hook.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/mem.h"
#include "platform/params.h"
#include "platform/platform.h"

enum {
	SECRET_MAX = 64 * 1024,
	SIGNED_MAX_BYTES = 2 << 20,
	MAC_TEXT_SIZE = 2 * EVP_MAX_MD_SIZE + 4,
};

struct mac {
	uint8_t bytes[EVP_MAX_MD_SIZE];
	unsigned len;
};

const char *hook_verdict_name(enum hook_verdict v)
{
	static const char *const names[] = {
		[HOOK_TRUE] = "true", [HOOK_UNSIGNED] = "unsigned", [HOOK_WRONG] = "wrong", [HOOK_OLD] = "old"};

	return names[v];
}

/* --- secrets --- */

static void secret_done(struct buf *b)
{
	if (b->data)
		explicit_bzero(b->data, b->len);
	buf_done(b);
}

/* False: there is none, and nothing may be equal to that. */
static bool secret_of(const struct params *params, const struct template *t, struct buf *b)
{
	const char *values[PLATFORM_PARAMS_MAX];
	const struct template_values v = {.params = values, .since_ms = TIME_NONE, .until_ms = TIME_NONE};

	params_fill(params, values);
	return t && template_put(b, t, &v, TEMPLATE_RAW, NULL) == 0 && !b->full && b->len > 0;
}

/* "whsec_…": the key's own bytes. */
static bool unwrap_key(struct buf *b)
{
	static const char head[] = "whsec_";
	size_t skip = b->len > sizeof(head) - 1 && memcmp(b->data, head, sizeof(head) - 1) == 0 ? sizeof(head) - 1 : 0;
	size_t n = b->len - skip, pad = 0;
	int len;

	while (pad < 2 && pad < n && b->data[b->len - 1 - pad] == '=')
		pad++;
	if (!n || n % 4)
		return false;
	len = EVP_DecodeBlock((unsigned char *)b->data, (const unsigned char *)b->data + skip, (int)n);
	if (len <= (int)pad)
		return false;
	b->len = (size_t)len - pad;
	return true;
}

static bool same_text(const char *a, size_t a_len, const char *b, size_t b_len)
{
	return a_len == b_len && hash_equal(a, b, a_len);
}

/* --- signatures --- */

static bool make_mac(const struct platform_hook_sign *s, const struct params *params, const char *bytes, size_t len,
		     struct mac *ret)
{
	cleanup(secret_done) struct buf key = BUF_INIT(SECRET_MAX);

	if (!secret_of(params, s->secret, &key) || (s->key == PLATFORM_HOOK_KEY_BASE64 && !unwrap_key(&key)))
		return false;
	return HMAC(s->algo == PLATFORM_HOOK_SHA1 ? EVP_sha1() : EVP_sha256(), key.data, (int)key.len,
		    (const unsigned char *)bytes, len, ret->bytes, &ret->len) != NULL;
}

static void put_base64(const struct mac *m, char out[MAC_TEXT_SIZE])
{
	(void)EVP_EncodeBlock((unsigned char *)out, m->bytes, (int)m->len);
}

static bool is_mac(const struct platform_hook_sign *s, const struct mac *m, const char *text, size_t len)
{
	char own[MAC_TEXT_SIZE], low[MAC_TEXT_SIZE];
	size_t i;

	if (s->encoding == PLATFORM_HOOK_BASE64)
		put_base64(m, own);
	else
		hash_hex(m->bytes, m->len, own);
	if (len != strlen(own))
		return false;
	for (i = 0; i < len; i++)
		low[i] = s->encoding == PLATFORM_HOOK_BASE64 ? text[i] : (char)tolower((unsigned char)text[i]);
	return same_text(own, len, low, len);
}

/* One of those that the header holds, each behind the prefix. */
static enum hook_verdict look_for(const struct platform_hook_sign *s, const struct mac *m, const char *said)
{
	size_t head = s->prefix ? strlen(s->prefix) : 0, len, n;
	bool found = false;

	for (n = 0; *said && n < HOOK_SIGNATURES_MAX; n++, said += strspn(said, " ")) {
		len = strcspn(said, " ");
		if (len > head && (!head || strncmp(said, s->prefix, head) == 0))
			found = is_mac(s, m, said + head, len - head) || found;
		said += len;
	}
	return found ? HOOK_TRUE : HOOK_WRONG;
}

static const char *header(const struct hook_request *q, const char *name)
{
	const char *value = name ? q->header(q->arg, name) : NULL;

	return value && *value && strlen(value) <= HOOK_TEXT_MAX_BYTES ? value : NULL;
}

/* Seconds since 1970. */
static enum hook_verdict judge_time(const char *text, int64_t now_ms)
{
	int64_t s = 0;
	const char *c;

	if (!text)
		return HOOK_UNSIGNED;
	for (c = text; *c; c++) {
		if (*c < '0' || *c > '9' || c - text > 12)
			return HOOK_WRONG;
		s = s * 10 + (*c - '0');
	}
	return s * SECOND_MS < now_ms - HOOK_WINDOW_MS || s * SECOND_MS > now_ms + HOOK_WINDOW_MS ? HOOK_OLD
												  : HOOK_TRUE;
}

/* before, its names filled in. */
static void put_before(struct buf *b, const struct platform_hook_sign *s, const struct hook_request *q)
{
	const char *at = s->before ? s->before : "";

	while (*at) {
		bool time = strncmp(at, "{time}", 6) == 0, id = strncmp(at, "{id}", 4) == 0;
		const char *value = time ? header(q, s->time) : id ? header(q, s->id) : NULL;

		if (!time && !id) {
			buf_put(b, at++, 1);
			continue;
		}
		if (value)
			buf_puts(b, value);
		at += time ? 6 : 4;
	}
}

static enum hook_verdict judge_sign(const struct platform_hook_sign *s, const struct params *params,
				    const struct hook_request *q, int64_t now_ms)
{
	cleanup(buf_done) struct buf b = BUF_INIT(SIGNED_MAX_BYTES);
	const char *said = header(q, s->header);
	enum hook_verdict v;
	struct mac mac;
	bool made;

	if (!said || (s->id && !header(q, s->id)))
		return HOOK_UNSIGNED;
	v = s->time ? judge_time(header(q, s->time), now_ms) : HOOK_TRUE;
	if (v != HOOK_TRUE)
		return v;
	if (s->before && *s->before) {
		put_before(&b, s, q);
		buf_put(&b, q->body, q->len);
		made = !b.full && make_mac(s, params, b.data, b.len, &mac);
	} else {
		made = make_mac(s, params, q->body, q->len, &mac);
	}
	return made ? look_for(s, &mac, said) : HOOK_WRONG;
}

static enum hook_verdict judge_equal(const struct platform_hook_equal *e, const struct params *params,
				     const struct hook_request *q)
{
	cleanup(secret_done) struct buf own = BUF_INIT(SECRET_MAX);
	const char *said = header(q, e->header);

	if (!said)
		return HOOK_UNSIGNED;
	return secret_of(params, e->value, &own) && same_text(own.data, own.len, said, strlen(said)) ? HOOK_TRUE
												     : HOOK_WRONG;
}

/* All that the platform's file names must hold. */
enum hook_verdict hook_judge(const struct params *params, const struct hook_request *q, int64_t now_ms)
{
	const struct platform_webhook *w = params->platform->webhook;
	enum hook_verdict v = HOOK_UNSIGNED;

	if (w && w->sign)
		v = judge_sign(w->sign, params, q, now_ms);
	if (w && w->equal && (!w->sign || v == HOOK_TRUE))
		v = judge_equal(w->equal, params, q);
	return v;
}

/* --- handshakes --- */

static const char *asked(const struct hook_request *q, const char *name)
{
	const char *value = q->query(q->arg, name);

	return value && *value && strlen(value) <= HOOK_TEXT_MAX_BYTES ? value : NULL;
}

static enum hook_hello hello_hub(const struct platform_webhook *w, const struct params *params,
				 const struct hook_request *q, struct buf *b)
{
	cleanup(secret_done) struct buf own = BUF_INIT(SECRET_MAX);
	const char *mode = asked(q, "hub.mode"), *token = asked(q, "hub.verify_token");
	const char *challenge = asked(q, "hub.challenge");

	if (!mode || strcmp(mode, "subscribe") != 0 || !challenge)
		return HOOK_HELLO_NONE;
	if (!token || !secret_of(params, w->verify, &own) || !same_text(own.data, own.len, token, strlen(token)))
		return HOOK_HELLO_WRONG;
	buf_puts(b, challenge);
	return HOOK_HELLO_TEXT;
}

/* An HMAC of what is asked: only who knows the secret can answer so. */
static enum hook_hello hello_mac(const struct platform_webhook *w, const struct params *params,
				 const struct hook_request *q, struct buf *b)
{
	bool crc = w->hello == PLATFORM_HOOK_CRC;
	const char *code = asked(q, crc ? "crc_token" : "challengeCode");
	char text[MAC_TEXT_SIZE] = "";
	struct json j = JSON_OUT(b);
	struct mac mac;

	if (!code)
		return HOOK_HELLO_NONE;
	if (!make_mac(w->sign, params, code, strlen(code), &mac))
		return HOOK_HELLO_WRONG;
	if (crc)
		put_base64(&mac, text);
	else
		hash_hex(mac.bytes, mac.len, text);
	json_begin_object(&j, NULL);
	if (crc) {
		cleanup(freep) char *token = xasprintf("sha256=%s", text);

		json_text(&j, "response_token", token);
	} else {
		json_text(&j, "challengeCode", code);
		json_text(&j, "challengeResponse", text);
	}
	json_end_object(&j);
	return HOOK_HELLO_JSON;
}

enum hook_hello hook_hello(const struct params *params, const struct hook_request *q, struct buf *b)
{
	const struct platform_webhook *w = params->platform->webhook;

	if (!w || w->hello == PLATFORM_HOOK_SILENT)
		return HOOK_HELLO_NONE;
	return w->hello == PLATFORM_HOOK_HUB ? hello_hub(w, params, q, b) : hello_mac(w, params, q, b);
}
