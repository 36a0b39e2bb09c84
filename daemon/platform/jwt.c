#include "platform/jwt.h"

#include <jansson.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"

enum { JWT_MAX_BYTES = 16 * 1024 };

/* RFC 4648 §5, without padding. */
static void put_base64(struct buf *b, const unsigned char *p, size_t len)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t i, n;

	for (i = 0; i < len; i += 3) {
		uint32_t v = (uint32_t)p[i] << 16;

		n = len - i < 3 ? len - i : 3;
		v |= n > 1 ? (uint32_t)p[i + 1] << 8 : 0;
		v |= n > 2 ? (uint32_t)p[i + 2] : 0;
		buf_putc(b, letters[v >> 18]);
		buf_putc(b, letters[v >> 12 & 63]);
		if (n > 1)
			buf_putc(b, letters[v >> 6 & 63]);
		if (n > 2)
			buf_putc(b, letters[v & 63]);
	}
}

static int no_passphrase(char *buffer, int size, int writing, void *arg)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)arg;
	return 0; /* without this OpenSSL would ask on the terminal */
}

static EVP_PKEY *read_key(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;

	BIO_free(bio);
	return key;
}

static bool sign(const char *pem, const struct buf *text, struct buf *signature)
{
	EVP_PKEY *key = read_key(pem);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char out[1024]; /* of 8192 bits */
	size_t len = sizeof(out);
	bool done = key && ctx && EVP_PKEY_base_id(key) == EVP_PKEY_RSA && EVP_PKEY_get_size(key) <= (int)sizeof(out) &&
		    EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
		    EVP_DigestSign(ctx, out, &len, (const unsigned char *)buf_str(text), text->len) == 1;

	if (done)
		put_base64(signature, out, len);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return done;
}

static void put_claims(struct buf *b, const char *account, const char *audience, const char *scope, int64_t now_s)
{
	static const char head[] = "{\"alg\":\"RS256\",\"typ\":\"JWT\"}";
	struct buf claims = BUF_INIT(JWT_MAX_BYTES);
	struct json j = JSON_OUT(&claims);

	json_begin_object(&j, NULL);
	json_text(&j, "iss", account);
	json_text(&j, "scope", scope);
	json_text(&j, "aud", audience);
	json_int(&j, "iat", now_s);
	json_int(&j, "exp", now_s + JWT_LIFE_S);
	json_end_object(&j);
	put_base64(b, (const unsigned char *)head, strlen(head));
	buf_putc(b, '.');
	put_base64(b, (const unsigned char *)buf_str(&claims), claims.len);
	buf_done(&claims);
}

int jwt_make(const char *key, const char *scope, int64_t now_ms, struct arena *a, const char **ret,
	     const char **ret_why)
{
	json_t *o = json_loads(key, JSON_REJECT_DUPLICATES, NULL);
	const char *account = json_string_value(json_object_get(o, "client_email"));
	const char *pem = json_string_value(json_object_get(o, "private_key"));
	const char *audience = json_string_value(json_object_get(o, "token_uri"));
	struct buf text = BUF_INIT(JWT_MAX_BYTES), signature = BUF_INIT(JWT_MAX_BYTES);
	int r = 0;

	if (!account || !pem || !audience) {
		*ret_why = "the key is no service account's JSON: client_email, private_key and token_uri are wanted";
		r = JWT_E_KEY;
	} else {
		put_claims(&text, account, audience, scope, now_ms / SECOND_MS);
		if (!sign(pem, &text, &signature)) {
			*ret_why = "the service account's private_key is no RSA key";
			r = JWT_E_KEY;
		}
	}
	if (!r)
		*ret = arena_printf(a, "%s.%s", buf_str(&text), buf_str(&signature));
	buf_done(&text);
	buf_done(&signature);
	json_decref(o);
	return r;
}
