#pragma once
/*
 * platform/request: one request, made of what a platform's file says, what a source says, and how far the poll has come.
 *
 * Owner: the arena given. Pure.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct params;
struct platform;
struct platform_auth;
struct platform_pairs;
struct platform_token_request;
struct template_values;

enum { REQUEST_URL_MAX_BYTES = 8192, REQUEST_BODY_MAX_BYTES = 256 * 1024, REQUEST_HEADERS_MAX = 48 };

struct request_header {
	const char *name, *value;
};

struct request {
	const char *url;
	bool post;
	const struct request_header *headers;
	size_t n_headers;
	const char *body; /* NULL: none */
	size_t body_len;
	const char *user, *password; /* HTTP Basic; NULL: none */
	bool secret; /* something of it is: it may not follow a redirect, and its address is shown to nobody */
};

/* How far the poll has come. */
struct request_place {
	const char *const *
		ids; /* what is asked for by its ids, PLATFORM_IDS_MAX at most: the platform's lookup; NULL: its request */
	size_t n_ids;
	const char *cursor;         /* NULL: none yet */
	int64_t since_ms, until_ms; /* TIME_NONE: not known */
	const char *page;           /* NULL: the first */
	const char *url;            /* the next page's own address; NULL: none */
	const char *access;         /* a token that was got; NULL: none */
};

enum { REQUEST_E_VALUE = 1 /* a value can't stand where it belongs, or all is too long; why says which */ };
int request_make(const struct params *params, const struct request_place *place, struct arena *a, struct request *ret,
		 const char **ret_why) must_use;

/* A request for a token. */
int request_make_token(const struct platform_token_request *t, const struct template_values *v, struct arena *a,
		       struct request *ret, const char **ret_why) must_use;
