#pragma once
/*
 * fetch/fetch: gets what a URL holds over HTTP, many at a time, trusting nobody at the other end.
 *
 * Transfers run on the loop by libcurl's multi interface. Names are looked up first, by fetch/resolver: libcurl is given the
 * addresses, and where a redirect leads to a host that it wasn't given, the transfer waits once more, and goes on from there.
 * At most `transfers` run at once, at most `per_host` with one host (scheme, name and port); the rest waits here, in order
 * for each host, hosts in turn, and no time-out counts while it does. Easy handles are as many as transfers have run at once; a source costs nothing between its polls.
 *
 * Owner:  whoever called fetch_new(); freed before the loop. A transfer belongs to fetch: its handle is dead once the
 *         callback was entered, or after fetch_cancel().
 * Blocks: never; fetch_new() makes no connection and reads no file.
 * Bounds: FETCH_WAITING_MAX transfers wait; bodies, headers, redirects and times as below.
 * Secrets: user and password are sent to the host that they were given for, never after a redirect to another.
 *
 * Bodies come coded (gzip, deflate, br, zstd) and are decoded on threads of their own, behind the transfer's end.
 *
 * What it can't see: libcurl 7.88 takes any body of HTTP/1.0 that ends with its connection for whole. Validators of a
 * document that a reader found unfinished should not be kept, or a 304 hides the rest for good.
 *
 * Address checks: fetch/guard judges each address that a socket would go to, and each connection that is used again. The
 * environment's proxies are ignored. The locale decides whether names outside ASCII can be looked up: main sets it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/mem.h"
#include "fetch/guard.h"
#include "fetch/outcome.h"

struct fetch;
struct loop;
struct transfer;

enum {
	FETCH_TRANSFERS = 64, /* defaults of fetch_config */
	FETCH_PER_HOST = 2,
	FETCH_WAITING_MAX = 16384,
	FETCH_REDIRECTS = 5,
	FETCH_BODY_MAX = 10 << 20, /* of bytes as they come, and decoded: defaults of fetch_request */
	FETCH_CONNECT_MS = 10000,
	FETCH_TOTAL_MS = 60000,
	FETCH_SLOW_BYTES = 100,       /* slower than so many a second … */
	FETCH_SLOW_S = 30,            /* … for so long: too_slow */
	FETCH_ERROR_BODY_MAX = 65536, /* what is kept of an error's body */
	FETCH_HEADERS_MAX = 65536,    /* bytes of one answer's headers */
	FETCH_VALIDATOR_MAX = 1024,   /* a longer ETag or Last-Modified is as none */
	FETCH_URL_MAX = 8192,
	FETCH_WANTED_MAX = 16,     /* headers that an answer is asked for */
	FETCH_WANTED_BYTES = 8192, /* of one; a longer one is as none */
	FETCH_APART_MAX = 128,     /* requests that have a place of their own */
	FETCH_PING_MS = 30000,
};
#define FETCH_RETRY_AFTER_MAX_MS INT64_C(86400000)
#define FETCH_FRESH_MAX_MS       INT64_C(86400000)

struct fetch_config {
	unsigned transfers, per_host; /* 0: the defaults */
	const char *contact;          /* in User-Agent: an address or a page of who runs this; NULL: none */
	const char *ca_file;          /* PEM; NULL: libcurl's own default file */
	const char *const *resolve;   /* tests: "host:port:address", NULL-terminated; NULL: none */
};

struct fetch_header {
	const char *name, *value;
};

/* Who reads a body as it comes, which may never end: only of a 2xx, uncoded, and result.body stays empty then. Both are entered from
 * within libcurl, so that nothing of fetch may be called there. */
struct fetch_receiver {
	void (*on_open)(void *arg); /* the answer has begun */
	/* False: it is full. These bytes were not taken, and come again after fetch_resume(). */
	bool (*on_bytes)(void *arg, const char *bytes, size_t len);
	/* Of a WebSocket instead: a whole message; bytes NULL: one of so many, which was too long. False: it was taken, and no more
	 * is wanted until fetch_resume(), but for a few that may be on the way already (4 KiB). */
	bool (*on_message)(void *arg, const char *bytes, size_t len);
	void *arg;
};

/* Everything is copied. NULL and 0 take the default. */
struct fetch_request {
	const char *url;           /* http or https */
	const char *etag;          /* as an earlier result gave it, to the letter; with … */
	const char *last_modified; /* … this, it makes the request conditional */
	const char *accept;        /* NULL: types of feeds */
	const char *accept_language;
	const char *user, *password; /* HTTP Basic */
	const struct cidr *allow_private;
	size_t n_allow_private;
	size_t max_bytes;
	uint32_t connect_ms, total_ms; /* connect_ms: for the lookup of a name, and again for the connection */
	uint32_t slow_bytes, slow_s;
	const struct fetch_header *headers; /* beside ours, to the host that was asked for alone */
	size_t n_headers;
	const char *method; /* of a post: "PUT", "PATCH", a literal; NULL: POST */
	bool post; /* with this body; it is told as it is, under the Content-Type that the headers say */
	const char *body;
	size_t body_len;
	bool stay; /* no redirect is followed: it is an answer like any other */
	/* The answer may take long to come: it takes nobody's place, here or at its host. At most FETCH_APART_MAX are; the others
	 * fail. */
	bool apart;
	/* Nothing is asked: once the connection, and its TLS, stand, it is over, and the result is FETCH_OK with status 0. */
	bool connect_only;
	const struct fetch_receiver *receiver; /* NULL: none. With one no time counts but connect_ms, and no size */
	/* The address is ws or wss (or http, https), and is asked for a WebSocket: apart, with a receiver. No redirect is followed.
	 * Its end is told as FETCH_ABORTED with what the other end said, or FETCH_PROTOCOL, if it broke the protocol or says that we
	 * did; FETCH_TIMEOUT, if it is silent for twice ping_ms. */
	bool websocket;
	uint32_t ping_ms;
	const char *const *wanted; /* names of headers that the result is to hold; at most FETCH_WANTED_MAX */
	size_t n_wanted;
};

/* Texts are valid UTF-8 without control characters, but for the two validators, which are the server's own bytes (no
 * control characters either). NULL where there was none. All of it lasts for the callback's length. */
struct fetch_result {
	enum fetch_outcome outcome;
	const char *class_name; /* of the outcome, "http_404" with its status: stable, for logs, metrics and tables */
	int status;             /* of the last answer; 0: none came */
	struct buf body; /* decoded; whole if ok, the beginning of it for an HTTP error. May be taken: buf_steal() */
	const char *etag, *last_modified, *content_type;
	const char *effective_url; /* after redirects */
	const char
		*permanent_url; /* where an unbroken chain of 301 and 308 from the URL asked for led; NULL: nowhere */
	const char *address;    /* of the last connection */
	int64_t retry_after_ms; /* 0: not said; at most FETCH_RETRY_AFTER_MAX_MS */
	int64_t fresh_ms; /* how long the answer calls itself fresh: Cache-Control's max-age, else Expires, less Age; 0: not
			   * at all, or not said; at most FETCH_FRESH_MAX_MS */
	int64_t cert_until_ms; /* wall time at which the server's certificate ends; TIME_NONE: no TLS, or no request got so far */
	const char *detail;        /* libcurl's own words, for the log; "" if ok */
	const char *const *wanted; /* the request's, each the value or NULL */
	unsigned redirects;
	uint64_t wire_bytes; /* of the body as it came */
	bool sent;           /* a request went out, whatever came of it: its receiver may have counted it */
	uint32_t waited_ms, connected_ms, answered_ms,
		total_ms; /* waited: here, for its turn and for addresses; the rest since
								* the start */
};

/* -errno. EOPNOTSUPP: this libcurl lacks what the guard or the bounds need (the log says which option). */
int fetch_new(struct loop *l, const struct fetch_config *config, struct fetch **ret) must_use;
struct fetch *fetch_free(struct fetch *f); /* ends all transfers without a word; NULL is fine; returns NULL */
DEFINE_CLEANUP(struct fetch, fetch_free)

/* The callback comes once, never from within fetch_start(), unless the transfer is cancelled. It may start, cancel, and
 * free f. NULL: FETCH_WAITING_MAX are waiting; ask fetch_room() first. */
struct transfer *fetch_start(struct fetch *f, const struct fetch_request *request,
			     void (*on_fetched)(struct fetch_result *result, void *arg), void *arg) must_use;
void fetch_cancel(struct transfer *t); /* not in or after its callback; NULL is fine */

void fetch_resume(struct transfer *t); /* the receiver has room again; it may be entered before this returns */

size_t fetch_room(const struct fetch *f);    /* so many more may be started */
size_t fetch_running(const struct fetch *f); /* on the network now; neither what is being decoded nor what is apart */
size_t fetch_waiting(const struct fetch *f);
