#include "base/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>

#include "base/mem.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t at_thread_end;

static void context_free(void *ctx)
{
	EVP_MD_CTX_free(ctx);
}

static void make_key(void)
{
	if (pthread_key_create(&at_thread_end, context_free) != 0)
		memory_out();
}

/* A context of this thread's own, gone with it. */
static EVP_MD_CTX *context_new(void)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (!ctx || EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1 || pthread_once(&once, make_key) != 0 ||
	    pthread_setspecific(at_thread_end, ctx) != 0)
		memory_out();
	return ctx;
}

void hash_sha256(const struct hash_part *parts, size_t n, uint8_t out[32])
{
	static _Thread_local EVP_MD_CTX *ctx; /* fetching the algorithm costs more than hashing an id */
	size_t i;

	if (!ctx) {
		ctx = context_new();
	} else if (EVP_DigestInit_ex(ctx, NULL, NULL) != 1) {
		memory_out();
	}
	for (i = 0; i < n; i++) {
		if (EVP_DigestUpdate(ctx, parts[i].bytes, parts[i].len) != 1)
			memory_out();
	}
	if (EVP_DigestFinal_ex(ctx, out, NULL) != 1)
		memory_out();
}

uint64_t hash_u64(const struct hash_part *parts, size_t n)
{
	uint8_t out[32];
	uint64_t v = 0;
	size_t i;

	hash_sha256(parts, n, out);
	for (i = 0; i < 8; i++)
		v = v << 8 | out[i];
	return v;
}

bool hash_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

void hash_hex(const uint8_t *bytes, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < len; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * len] = '\0';
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int hash_unhex(const char *hex, uint8_t *out, size_t len)
{
	size_t i;

	if (strlen(hex) != 2 * len)
		return 1;
	for (i = 0; i < len; i++) {
		int hi = digit(hex[2 * i]), lo = digit(hex[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return 1;
		out[i] = (uint8_t)(hi << 4 | lo);
	}
	return 0;
}
