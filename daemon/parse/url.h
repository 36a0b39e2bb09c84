#pragma once
/*
 * parse/url: addresses as text: resolved (RFC 3986 §5), normalised for identity, judged.
 *
 * Nothing here decides what may be fetched (parsers differ; fetch/ judges the real address: FAULTS F9). Own code,
 * because libxml2's xmlBuildURI refuses what real feeds hold (spaces, non-ASCII, '|', bad percent signs) and libcurl is
 * not linked here.
 *
 * In:  valid UTF-8. White space around is ignored, tabs and line breaks inside are dropped.
 * Out: appended on success alone.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct buf;

enum { URL_MAX_BYTES = 8 * 1024 }; /* of an address, and of what is made of it */

enum {
	URL_E_SYNTAX = 1, /* no address can be made of it: no base, empty, too long, no host */
};
/* ref against base (NULL or "": ref must be absolute). A whole URI comes out, its scheme in lower case, its dot segments
 * removed. Spaces, controls and <>"`{} are percent-encoded as browsers do, '\' of http is '/'; other letters than ASCII's stay as
 * they are. */
int url_resolve(const char *base, const char *ref, struct buf *out) must_use;

/* For identity alone, never to be fetched or shown. Of http and https: scheme and host in lower case (IDNA as is); user,
 * default port, dot segments, empty query and empty fragment dropped, as are parameters and fragments that only tell
 * how a visitor came (utm_*, fbclid, gclid, mc_cid, #xtor=, … see url.c); percent-encoding in capitals and, for
 * unreserved characters, undone; the path of a bare host is "/". All else stays: order of parameters, case of the path,
 * http or https, www., a path's last slash, other fragments: two articles must never become one. Another scheme's URI is
 * copied as it is. */
int url_normalise(const char *url, struct buf *out) must_use;

/* For stories alone, where the same article under two addresses is one and two articles as one are a small mistake: normalised,
 * without the scheme, a leading "www.", "m.", "mobile." or "amp.", AMP's marks ("/amp" at the end, amp, outputType=amp), the
 * path's last slash and the fragment. URL_E_SYNTAX: not of http. */
int url_of_story(const char *url, struct buf *out) must_use;

/* Appends what a parameter of its query says, percent-encoding and + undone. URL_E_SYNTAX: there is none, or it is no UTF-8 or
 * holds a NUL. */
int url_parameter(const char *url, const char *name, struct buf *out) must_use;

bool url_is_http(const char *url); /* http:// or https:// with a host */

/* What DESIGN §5 calls an absolute-URI guid, a name that is the same whoever says it: http(s)://host…, tag:…, urn:…, or
 * any scheme:// with something behind it, without white space. "id:5", "12345" and "C:\x" are opaque. */
bool url_is_absolute_uri(const char *s);

/* Appends the host of an http(s) address in lower case, without "www.", user and port. */
int url_site(const char *url, struct buf *out) must_use;
