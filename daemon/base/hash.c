#include "base/hash.h"

#include <endian.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
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

void hash_hmac(const void *key, size_t key_len, const void *bytes, size_t len, uint8_t out[32])
{
	unsigned n = 32;

	if (!HMAC(EVP_sha256(), key, (int)key_len, bytes, len, out, &n) || n != 32)
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

/* --- quickly --- */

enum { LANES = 4 };

/* One to one in each of both for a given other, so that a word that changes always changes the lane. The numbers are odd, and
 * parts of the fractions of the golden ratio and of the square roots of 2 and 3. */
static uint64_t stir(uint64_t lane, uint64_t word)
{
	lane ^= word * UINT64_C(0x9e3779b97f4a7c15);
	return (lane << 29 | lane >> 35) * UINT64_C(0x6a09e667f3bcc909);
}

static uint64_t word_at(const unsigned char *p, size_t n)
{
	uint64_t word = 0;

	memcpy(&word, p, n);
	return le64toh(word);
}

/* Four lanes, as xxHash has them, since a processor multiplies several numbers at a time if they don't wait for each other. */
uint64_t hash_quick(const void *bytes, size_t len)
{
	const unsigned char *p = bytes, *end = p + len;
	uint64_t lanes[LANES] = {1, 2, 3, 4}, h = len;
	size_t i;

	for (; (size_t)(end - p) >= LANES * sizeof(uint64_t); p += LANES * sizeof(uint64_t)) {
		for (i = 0; i < LANES; i++)
			lanes[i] = stir(lanes[i], word_at(p + i * sizeof(uint64_t), sizeof(uint64_t)));
	}
	for (i = 0; i < LANES; i++)
		h = stir(h, lanes[i]);
	for (; (size_t)(end - p) >= sizeof(uint64_t); p += sizeof(uint64_t))
		h = stir(h, word_at(p, sizeof(uint64_t)));
	if (p < end)
		h = stir(h, word_at(p, (size_t)(end - p)));
	h = (h ^ h >> 32) * UINT64_C(0xbb67ae8584caa73b); /* the high bits tell of all, the low ones of few */
	return h ^ h >> 29;
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
