#pragma once
/*
 * source/certs: whose certificate ends soon. It is its host's, whatever the number of feeds there, and its owner may not know:
 * the day it ends every feed of that host falls silent.
 *
 * Told when a connection shows one with less than CERTS_SOON_MS to go, each CERTS_AGAIN_MS while that lasts, and when
 * another one has taken its place. One that has ended is told no more: polls fail with "tls_expired" then. Nothing is kept
 * over a restart, which tells anew. Pure.
 *
 * Owner: source/sources.
 */
#include <stdint.h>

#include "base/mem.h"

struct certs;

enum { CERTS_MAX = 256 }; /* hosts at once; more are not told */
#define CERTS_SOON_MS  (14 * 24 * INT64_C(3600000))
#define CERTS_AGAIN_MS (24 * INT64_C(3600000))

enum cert_say { CERT_SAY_NOTHING, CERT_SAY_ENDS, CERT_SAY_STILL, CERT_SAY_RENEWED };

struct certs *certs_new(void) must_use;
struct certs *certs_free(struct certs *c); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct certs, certs_free)

/* host has shown one that is good until then. Wall times. */
enum cert_say certs_step(struct certs *c, const char *host, int64_t until_ms, int64_t now_ms);
