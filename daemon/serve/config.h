#pragma once
/*
 * serve/config: what the configuration says of HTTP beyond the Unix socket.
 *
 *   listen      ADDRESS:PORT, [IPv6]:PORT or localhost:PORT; without tokens one of this machine's own (loopback) alone
 *   public_url  as others see it (a proxy before it): for links, and its host is one that requests may name
 *   tokens      who may do what; only the SHA-256 of a token is kept, its text is wiped once it was read
 *   hosts       which names a request's Host may bear: a page elsewhere that rebinds its own name to our address (DNS
 *               rebinding) is known by it (FAULTS A6)
 */
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/schema.h"

enum {
	HTTP_TOKENS_MAX = 100,
	HTTP_TOKEN_MAX_BYTES = 1024, /* a header holds 8 kB in all */
	HTTP_TOKEN_SHORT_BYTES = 16, /* below that a warning */
	HTTP_HOSTS_MAX = 100,
	HTTP_HOST_MAX_BYTES = 255,
};

/* Each may do what those before it may. */
enum http_role {
	HTTP_READ,  /* look */
	HTTP_ACK,   /* and say something: add a mention */
	HTTP_ADMIN, /* and make it work: poll, reload */
};

struct http_address {
	const char *shown; /* as it was written */
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
	socklen_t len;
	bool loopback;
};

struct http_token {
	struct diag_pos pos;
	int role; /* enum http_role */
	uint8_t sha256[32];
};

struct http_config {
	struct diag_pos pos, listen_pos;
	struct http_address listen;
	const char *public_url; /* NULL: none; never ends in / */
	const struct http_token *tokens;
	size_t n_tokens;          /* 0: everybody who reaches it is HTTP_ADMIN */
	const char *const *hosts; /* lower case, without port and [ ] */
	size_t n_hosts;
	bool any_address; /* hosts was left out: the address that a request came to is right, too */
};

extern const struct schema_table http_table;
const char *http_role_name(enum http_role role);

/* The same place, whatever its spelling. */
bool http_address_same(const struct http_address *a, const struct http_address *b);

/* The host of "host", "host:port", "[v6]:port", lower case, in out; false: none, or with characters that none has. */
bool http_host(const char *text, char out[HTTP_HOST_MAX_BYTES + 1]);
