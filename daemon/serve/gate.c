/* Who may come in by TCP (FAULTS A6). The Unix socket needs none of it: the kernel lets in whom its file's mode does. */
#include "serve/inside.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_storage room;
};

/* The family of what can't be asked stays AF_UNSPEC. */
static union address peer_of(const struct conn *c)
{
	union address a = {.any.sa_family = AF_UNSPEC};
	socklen_t len = sizeof(a);

	(void)getpeername(bufferevent_getfd(c->bev), &a.any, &len);
	return a;
}

static union address own_of(const struct conn *c)
{
	union address a = {.any.sa_family = AF_UNSPEC};
	socklen_t len = sizeof(a);

	(void)getsockname(bufferevent_getfd(c->bev), &a.any, &len);
	return a;
}

const char *gate_peer(const struct conn *c, char *out, size_t size)
{
	union address a = peer_of(c);
	const void *bytes = a.any.sa_family == AF_INET6 ? (const void *)&a.v6.sin6_addr : &a.v4.sin_addr;

	return inet_ntop(a.any.sa_family, bytes, out, (socklen_t)size) ? out : "-";
}

/* The only header of this name; NULL: none, or more than one, which two readers may understand in two ways. */
const char *gate_only_header(struct evhttp_request *req, const char *name)
{
	const struct evkeyvalq *headers = evhttp_request_get_input_headers(req);
	const struct evkeyval *h;
	const char *found = NULL;
	size_t n = 0;

	TAILQ_FOREACH(h, headers, next)
	{
		if (strcasecmp(h->key, name) != 0)
			continue;
		found = h->value;
		n++;
	}
	return n == 1 ? found : NULL;
}

static void denied(const struct conn *c, const char *why)
{
	char peer[INET6_ADDRSTRLEN];

	LOG_LIMITED("serve.denied", LOG_S("why", why), LOG_S("address", gate_peer(c, peer, sizeof(peer))));
}

static void answer_header(struct evhttp_request *req, const char *name, const char *value)
{
	(void)evhttp_add_header(evhttp_request_get_output_headers(req), name, value);
}

/* --- Host --- */

/* A page can give its own name our address, but no number is a name. */
static bool is_own_address(const struct conn *c, const char *host)
{
	union address own = own_of(c);
	struct in6_addr v6;
	struct in_addr v4;

	if (inet_pton(AF_INET, host, &v4) == 1) {
		if (own.any.sa_family == AF_INET)
			return v4.s_addr == own.v4.sin_addr.s_addr;
		return own.any.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&own.v6.sin6_addr) &&
		       memcmp(&own.v6.sin6_addr.s6_addr[12], &v4, sizeof(v4)) == 0;
	}
	return inet_pton(AF_INET6, host, &v6) == 1 && own.any.sa_family == AF_INET6 &&
	       IN6_ARE_ADDR_EQUAL(&v6, &own.v6.sin6_addr);
}

static bool is_allowed(const struct conn *c, const char *host)
{
	const struct http_config *http = c->serve->config.http;
	size_t i;

	for (i = 0; i < http->n_hosts; i++)
		if (strcmp(http->hosts[i], host) == 0)
			return true;
	return http->any_address && is_own_address(c, host);
}

bool gate_host(struct conn *c, struct evhttp_request *req, struct reply *r)
{
	char host[HTTP_HOST_MAX_BYTES + 1];
	const char *said;

	if (!c->door->tcp)
		return true;
	said = gate_only_header(req, "Host");
	if (c->serve->config.http && said && http_host(said, host) && is_allowed(c, host))
		return true;
	denied(c, "host");
	reply_error(r, 421, "host", text_raw(c->serve->config.lang, TEXT_HTTP_HOST));
	return false;
}

/* --- tokens --- */

/* What stands behind "Bearer"; NULL: nothing does. */
static const char *bearer(struct evhttp_request *req)
{
	static const char scheme[] = "bearer ";
	const char *said = gate_only_header(req, "Authorization");

	if (!said || strncasecmp(said, scheme, sizeof(scheme) - 1) != 0)
		return NULL;
	said += sizeof(scheme) - 1;
	return said + strspn(said, " ");
}

/* All are compared, so that the time says nothing of which one it was, or how near. */
static bool token_role(const struct http_config *http, const char *token, enum http_role *ret)
{
	const struct hash_part part = {token, strlen(token)};
	uint8_t hash[32];
	bool known = false;
	size_t i;

	hash_sha256(&part, 1, hash);
	for (i = 0; i < http->n_tokens; i++) {
		if (!hash_equal(http->tokens[i].sha256, hash, sizeof(hash)))
			continue;
		known = true;
		*ret = (enum http_role)http->tokens[i].role;
	}
	return known;
}

static void refuse_for_a_while(struct conn *c, struct evhttp_request *req, struct reply *r, int64_t wait_ms)
{
	cleanup(freep) char *seconds = xasprintf("%lld", (long long)((wait_ms + SECOND_MS - 1) / SECOND_MS));
	cleanup(freep) char *message = TEXT(c->serve->config.lang, TEXT_HTTP_SLOWER, seconds);

	denied(c, "too many failures");
	answer_header(req, "Retry-After", seconds);
	reply_error(r, 429, "slower", message);
}

bool gate_role(struct conn *c, struct evhttp_request *req, struct reply *r, enum http_role *ret)
{
	const struct http_config *http = c->serve->config.http;
	union address peer = peer_of(c);
	int64_t now = clock_steady_ms(), wait;
	const char *token;

	*ret = HTTP_ADMIN;
	if (!c->door->tcp || (http && !http->n_tokens))
		return true;
	wait = throttle_wait_ms(&c->serve->throttle, &peer.any, now);
	if (wait) {
		refuse_for_a_while(c, req, r, wait);
		return false;
	}
	token = bearer(req);
	if (http && token && token_role(http, token, ret))
		return true;
	throttle_fail(&c->serve->throttle, &peer.any, now);
	denied(c, token ? "token" : "no token");
	answer_header(req, "WWW-Authenticate", token ? "Bearer error=\"invalid_token\"" : "Bearer");
	reply_error(r, 401, "token",
		    text_raw(c->serve->config.lang, token ? TEXT_HTTP_WRONG_TOKEN : TEXT_HTTP_NO_TOKEN));
	return false;
}
