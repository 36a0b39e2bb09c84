#pragma once
/*
 * fetch/outcome: how a transfer ended, in the classes that back-off, health and logs work with.
 */
#include <stdbool.h>

#include "base/err.h"

enum fetch_outcome {
	FETCH_OK,            /* 2xx, body whole */
	FETCH_NOT_MODIFIED,  /* 304 to a conditional request */
	FETCH_LIMITED,       /* 429, or 503 with Retry-After */
	FETCH_GONE,          /* 410 */
	FETCH_HTTP,          /* any other status */
	FETCH_BAD_URL,       /* can't be read, or not http(s) */
	FETCH_BLOCKED,       /* led only to addresses that the guard refuses */
	FETCH_DNS,           /* the name doesn't exist, or nobody knows */
	FETCH_DNS_TIMEOUT,   /* nobody told in time whether it does: never libcurl's finding, but the resolver's */
	FETCH_CONNECT,       /* refused, unreachable */
	FETCH_TIMEOUT,       /* no connection or no answer in time */
	FETCH_TOO_SLOW,      /* the answer came in drops, or did not end in time */
	FETCH_TLS,           /* no agreement on TLS */
	FETCH_TLS_EXPIRED,   /* the certificate: its time, … */
	FETCH_TLS_HOST,      /* … its name, … */
	FETCH_TLS_UNTRUSTED, /* … or who signed it. These three are not mended by trying again soon */
	FETCH_TOO_LARGE,     /* body (decoded) or headers */
	FETCH_REDIRECT_LOOP,
	FETCH_REDIRECTS_MANY,  /* more than FETCH_REDIRECTS */
	FETCH_REDIRECT_SCHEME, /* to something that is not http(s) */
	FETCH_DECODE,          /* gzip, br or zstd that isn't */
	FETCH_ABORTED,         /* the other side closed in the middle, or before it began */
	FETCH_PROTOCOL,        /* what came is not HTTP as it should be */
	FETCH_FAILED,          /* anything else; the detail says what */
	FETCH_OUTCOMES
};

/* "ok", "not_modified", "limited", "gone", "http", "bad_url", "ssrf_blocked", "dns", … */
const char *fetch_outcome_name(enum fetch_outcome o);

/* What the engine knew at the end, beside libcurl's code. */
struct outcome_facts {
	int status; /* of the last answer; 0: none */
	unsigned redirects;
	bool conditional;      /* validators were sent */
	bool said_retry_after; /* … in words that could be read */
	bool refused;          /* the guard refused all addresses of the last hop */
	bool connected;        /* to the host of the last hop */
	bool answered;         /* the last hop began to answer */
	long tls_verify;       /* OpenSSL's verdict on the certificate: X509_V_… */
};
enum fetch_outcome outcome_of(int curl_code, const struct outcome_facts *facts);
