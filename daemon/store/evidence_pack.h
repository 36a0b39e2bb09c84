#pragma once
/*
 * store/evidence_pack: what came from a source, made ready to be kept as evidence: its bytes compressed, without the secrets that
 * were sent for it, and the hashes that prove later that nobody has changed it. Pure; any thread's.
 *
 * Of an answer's headers only those named here are kept: what else a server sends may be a session.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct buf;

enum {
	EVIDENCE_HASH_BYTES = 32,
	EVIDENCE_BODY_MAX_BYTES = 10 << 20, /* of a longer one the hash alone is kept */
	EVIDENCE_ABOUT_MAX_BYTES = 64 * 1024,
	EVIDENCE_WHO_MAX_BYTES = 2048, /* of whom is looked for */
};

/* What is known of one answer. Texts may be NULL. */
struct evidence_about {
	const char *source, *url; /* url: any; it is kept without its secrets */
	int status;               /* of HTTP; 0: it was none */
	int64_t at_ms;            /* wall: when it was fetched */
	const char *content_type, *etag, *last_modified;
};
void evidence_about_put(const struct evidence_about *a, struct buf *b);
enum { EVIDENCE_E_FORMAT = 1 };
int evidence_about_get(const void *bytes, size_t len, struct arena *arena, struct evidence_about *ret) must_use;

/* The address without user and password, without what stands behind a '#', and with "***" for each value of its query that is called a secret
 * (token, key, signature, …) or looks like one: over 24 letters and digits in a row. */
void evidence_url(const char *url, struct buf *b);

/* To be freed by the caller; NULL: there is nothing, or it is too long. */
void *evidence_pack(const void *body, size_t len, size_t *ret_len) must_use;
/* The other way. NULL: it is damaged. To be freed. */
void *evidence_unpack(const void *packed, size_t packed_len, size_t len) must_use;

/* One link of the chain: what it is of, and the link before it (zeros for the first). */
struct evidence_link {
	int64_t incident, at_ms, size;
	uint8_t about[EVIDENCE_HASH_BYTES], body[EVIDENCE_HASH_BYTES];
};
void evidence_chain(const uint8_t before[EVIDENCE_HASH_BYTES], const struct evidence_link *l,
		    uint8_t ret[EVIDENCE_HASH_BYTES]);

/* Whether a handle ("@ana") or the address of a page stands in these bytes, in small letters or capitals, and as JSON writes it ("\/",
 * "\u00f1"). A handle is one behind '@', '/', a quote, '>', '=' or ':': "ana" is a word, too, and what others say stays. who is in
 * small letters. */
bool evidence_names(const char *bytes, size_t len, const char *who);
