#pragma once
/*
 * base/hash: SHA-256 by OpenSSL, in the lengths that the house uses.
 */
#include <stddef.h>
#include <stdint.h>

struct hash_part {
	const void *bytes;
	size_t len;
};

void hash_sha256(const struct hash_part *parts, size_t n, uint8_t out[32]);
uint64_t hash_u64(const struct hash_part *parts, size_t n); /* the first 8 bytes of it, big-endian */

void hash_hex(const uint8_t *bytes, size_t len, char *out); /* 2 * len digits and a NUL */
int hash_unhex(const char *hex, uint8_t *out, size_t len);  /* 0, or 1 if hex is not just 2 * len hex digits */
