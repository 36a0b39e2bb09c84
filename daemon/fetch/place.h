#pragma once
/*
 * fetch/place: who is asked, as a URL names it.
 *
 * Pure but for the locale, which decides whether names outside ASCII can be understood.
 */
#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct place {
	char *key;  /* "scheme://host:port", lower case: what counts as one host */
	char *name; /* to be looked up, in ASCII, lower case; NULL: an address, or this machine's own name */
	uint16_t port;
	bool plain; /* the URL was read here, and is the key's scheme, host and port, whatever it leaves out, and a path */
};

enum { PLACE_PATH_MAX = 1024 }; /* a longer one is for libcurl to read */

enum { PLACE_E_INVALID = 1 }; /* not a URL that may be fetched; *ret_why says why, in libcurl's words */
int place_of(const char *url, struct place *ret, const char **ret_why) must_use;
/* The URL that the place is of, in parts, as libcurl would take it apart, which costs it a tenth of a poll: it reads, writes
 * and copies letter by letter. NULL: for libcurl to read. */
CURLU *place_parts(const struct place *p, const char *url) must_use; /* curl_url_cleanup() */
void place_done(struct place *p);                                    /* zeroed is fine, and what it leaves */
