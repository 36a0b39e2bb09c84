#pragma once
/*
 * base/hash: SHA-256 by OpenSSL, in the lengths that the house uses; and one that is quick, where nobody gains by a collision.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash_part {
	const void *bytes;
	size_t len;
};

void hash_sha256(const struct hash_part *parts, size_t n, uint8_t out[32]);
void hash_hmac(const void *key, size_t key_len, const void *bytes, size_t len, uint8_t out[32]); /* HMAC-SHA-256 */
uint64_t hash_u64(const struct hash_part *parts, size_t n); /* the first 8 bytes of it, big-endian */

/* Whether bytes stayed as they were: four times as fast as SHA-256 by a processor that has instructions for it, and no proof against ill will. The
 * same for the same bytes on any machine, and in any version, since what came before is kept. */
uint64_t hash_quick(const void *bytes, size_t len);

bool hash_equal(const void *a, const void *b, size_t len); /* in a time that does not depend on where they differ */

void hash_hex(const uint8_t *bytes, size_t len, char *out); /* 2 * len digits and a NUL */
int hash_unhex(const char *hex, uint8_t *out, size_t len);  /* 0, or 1 if hex is not just 2 * len hex digits */
