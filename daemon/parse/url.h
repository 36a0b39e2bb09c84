#pragma once
/*
 * parse/url: addresses as text: resolved (RFC 3986 §5), normalised for identity, judged.
 *
 * Nothing here decides what may be fetched (parsers differ; fetch/ judges the real address: FAULTS F9). Own code,
 * because libxml2's xmlBuildURI refuses what real feeds hold (spaces, non-ASCII, '|', bad percent signs) and libcurl is
 * not linked here. Bytes that an address may not hold are percent-encoded as browsers do; a host is only lower-cased
 * (IDNA as is).
 *
 * In:  UTF-8 with or without white space around; tabs and line breaks inside are dropped. out is appended to on success
 *      alone.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct buf;

enum { URL_MAX_BYTES = 8 * 1024, URL_SCHEME_MAX = 32 };

enum {
	URL_E_SYNTAX = 1, /* no address can be made of it: no base, empty, over URL_MAX_BYTES, no host */
};
/* ref against base; base may be NULL or "" where ref is absolute. The result is a whole URI with dot segments removed.
 */
int url_resolve(const char *base, const char *ref, struct buf *out) must_use;

/* For identity alone, never to be fetched or shown: http and https are lower-cased in scheme and host, default port,
 * user part's absence, dot segments, empty query and fragment (but for #! and #/) dropped, as are parameters that only
 * trace a visitor's way (utm_*, fbclid, gclid, mc_cid, … see url.c); percent-encoding is upper-cased and, for
 * unreserved characters, undone; the path of a bare host is "/". Order of parameters, case of the path, http or https,
 * www. and the trailing slash of a path stay: two articles must never become one. Another scheme's URI is copied as it
 * is. */
int url_normalise(const char *url, struct buf *out) must_use;

bool url_is_http(const char *url); /* http:// or https:// with a host */

/* What DESIGN §5 calls an absolute-URI guid, a name that is the same whoever says it: http(s)://host…, tag:, urn:,
 * doi:, or any scheme:// with something behind it. "id:5", "12345" and "C:\x" are opaque. */
bool url_is_absolute_uri(const char *s);

/* Appends the host of an http(s) address in lower case, without "www.", user and port. */
int url_site(const char *url, struct buf *out) must_use;
