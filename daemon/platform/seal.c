/* platform/auth: tokens as they are kept. AES-256-GCM, with a key that HMAC-SHA-256 makes of the source's own secrets. */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/secret.h"
#include "base/wire.h"
#include "platform/auth.h"
#include "platform/params.h"
#include "platform/platform.h"

enum {
	VERSION = 2 /* 1 did not know how long a refresh token lasts */,
	IV_BYTES = 12,
	TAG_BYTES = 16,
	SEALED_MAX_BYTES = 3 * AUTH_TOKEN_MAX_BYTES
};

/* What is hashed is long and random where it is worth guessing at: client secrets, refresh tokens, app passwords. */
static void key_of(const struct params *params, uint8_t key[32])
{
	static const char purpose[] = "escuchad: a source's tokens";
	struct hash_part parts[2 + 2 * PLATFORM_PARAMS_MAX];
	size_t i, n = 0;

	parts[n++] = (struct hash_part){purpose, sizeof(purpose)};
	parts[n++] = (struct hash_part){params->platform->name, strlen(params->platform->name) + 1};
	for (i = 0; i < params->platform->n_params; i++) {
		const char *value = secret_value(params->secrets[i]), *name = params->platform->params[i].name;

		if (!value)
			continue;
		parts[n++] = (struct hash_part){name, strlen(name) + 1};
		parts[n++] = (struct hash_part){value, strlen(value) + 1};
	}
	hash_sha256(parts, n, key);
}

static bool encipher(const uint8_t key[32], const struct buf *plain, struct buf *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t iv[IV_BYTES], tag[TAG_BYTES];
	char *room = xmalloc(plain->len + TAG_BYTES);
	int len = 0, more = 0;
	bool done =
		ctx && RAND_bytes(iv, IV_BYTES) == 1 &&
		EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, iv) == 1 &&
		EVP_EncryptUpdate(ctx, (uint8_t *)room, &len, (const uint8_t *)buf_str(plain), (int)plain->len) == 1 &&
		EVP_EncryptFinal_ex(ctx, (uint8_t *)room + len, &more) == 1 &&
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, tag) == 1;

	if (done) {
		wire_put_u8(out, VERSION);
		buf_put(out, iv, IV_BYTES);
		buf_put(out, tag, TAG_BYTES);
		buf_put(out, room, (size_t)(len + more));
	}
	EVP_CIPHER_CTX_free(ctx);
	free(room);
	return done;
}

void auth_seal(struct buf *b, const struct params *params, const struct auth_token *token)
{
	struct buf plain = BUF_INIT(SEALED_MAX_BYTES);
	uint8_t key[32];

	wire_put_text(&plain, token->access);
	wire_put_text(&plain, token->refresh);
	wire_put_i64(&plain, token->got_ms);
	wire_put_i64(&plain, token->until_ms);
	wire_put_i64(&plain, token->refresh_until_ms);
	key_of(params, key);
	if (plain.full || !encipher(key, &plain, b))
		buf_reset(b); /* it is got anew */
	OPENSSL_cleanse(key, sizeof(key));
	if (plain.data)
		OPENSSL_cleanse(plain.data, plain.len);
	buf_done(&plain);
}

static bool decipher(const uint8_t key[32], const uint8_t *p, size_t len, char *room)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	const uint8_t *iv = p, *tag = p + IV_BYTES, *text = tag + TAG_BYTES;
	int n = 0, more = 0, text_len = (int)(len - IV_BYTES - TAG_BYTES);
	bool done = ctx && EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, iv) == 1 &&
		    EVP_DecryptUpdate(ctx, (uint8_t *)room, &n, text, text_len) == 1 &&
		    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, (void *)(uintptr_t)tag) == 1 &&
		    EVP_DecryptFinal_ex(ctx, (uint8_t *)room + n, &more) == 1;

	EVP_CIPHER_CTX_free(ctx);
	return done;
}

bool auth_unseal(const struct params *params, const char *bytes, size_t len, struct arena *a, struct auth_token *ret)
{
	size_t most = SEALED_MAX_BYTES, n = len;
	struct auth_token t;
	struct wire_in in;
	uint8_t key[32];
	char *room;
	bool done;

	if (n < 1 + IV_BYTES + TAG_BYTES || n > most || bytes[0] < 1 || bytes[0] > VERSION)
		return false;
	n -= 1 + IV_BYTES + TAG_BYTES;
	room = arena_alloc(a, n + 1);
	key_of(params, key);
	done = decipher(key, (const uint8_t *)bytes + 1, len - 1, room);
	OPENSSL_cleanse(key, sizeof(key));
	if (!done)
		return false;
	in = (struct wire_in)WIRE_IN(room, n);
	t.access = wire_get_text(&in, a);
	t.refresh = wire_get_text(&in, a);
	t.got_ms = wire_get_i64(&in);
	t.until_ms = wire_get_i64(&in);
	t.refresh_until_ms = bytes[0] >= 2 ? wire_get_i64(&in) : TIME_NONE;
	if (!wire_done(&in))
		return false;
	*ret = t;
	return true;
}
