#pragma once
/*
 * fetch/place: who is asked, as a URL names it.
 *
 * Pure but for the locale, which decides whether names outside ASCII can be understood.
 */
#include <stdint.h>

#include "base/err.h"

struct place {
	char *key;  /* "scheme://host:port", lower case: what counts as one host */
	char *name; /* to be looked up, in ASCII, lower case; NULL: an address, or this machine's own name */
	uint16_t port;
};

enum { PLACE_E_INVALID = 1 }; /* not a URL that may be fetched; *ret_why says why, in libcurl's words */
int place_of(const char *url, struct place *ret, const char **ret_why) must_use;
void place_done(struct place *p); /* zeroed is fine, and what it leaves */
