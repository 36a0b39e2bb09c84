#include "serve/config.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/secret.h"
#include "base/units.h"

enum { PORT_MAX = 65535 };

/* --- hosts --- */

static bool is_port(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n >= 1 && n <= 5 && !s[n];
}

bool http_host(const char *text, char out[HTTP_HOST_MAX_BYTES + 1])
{
	bool v6 = *text == '[';
	const char *end = v6 ? strchr(++text, ']') : text + strcspn(text, ":"), *rest = end ? end + v6 : NULL;
	size_t i, len = end ? (size_t)(end - text) : 0;

	if (!len || len > HTTP_HOST_MAX_BYTES || (*rest && (*rest != ':' || !is_port(rest + 1))))
		return false;
	if (!v6 && text[len - 1] == '.') /* the root of all names, in full */
		len--;
	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (!isalnum(c) && !strchr(v6 ? ":." : ".-_", c))
			return false;
		out[i] = (char)tolower(c);
	}
	out[len] = '\0';
	return len > 0;
}

static bool decode_host(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	static const struct schema_row text = {.type = SCHEMA_STRING};
	char host[HTTP_HOST_MAX_BYTES + 1];
	const char *name;

	(void)row;
	if (!schema_value(run, node, &text, &name))
		return false;
	if (!http_host(name, host))
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_HTTP_WANT_HOST, name);
	*(const char **)ret = arena_strdup(schema_arena(run), host);
	return true;
}

/* --- listen --- */

static bool set_address(struct http_address *a, const char *host, uint16_t port)
{
	if (inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, &a->v4.sin_addr) == 1) {
		a->v4.sin_family = AF_INET;
		a->v4.sin_port = htons(port);
		a->len = sizeof(a->v4);
		a->loopback = ntohl(a->v4.sin_addr.s_addr) >> 24 == 127;
		return true;
	}
	if (inet_pton(AF_INET6, host, &a->v6.sin6_addr) == 1) {
		a->v6.sin6_family = AF_INET6;
		a->v6.sin6_port = htons(port);
		a->len = sizeof(a->v6);
		a->loopback = IN6_IS_ADDR_LOOPBACK(&a->v6.sin6_addr);
		return true;
	}
	return false;
}

static bool decode_listen(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	static const struct schema_row text = {.type = SCHEMA_STRING};
	struct http_address a = {.len = 0};
	char host[HTTP_HOST_MAX_BYTES + 1];
	const char *colon;
	int64_t port;

	(void)row;
	if (!schema_value(run, node, &text, &a.shown))
		return false;
	colon = strrchr(a.shown, ':');
	if (!colon || units_int(colon + 1, &port) != 0 || port < 1 || port > PORT_MAX || !http_host(a.shown, host) ||
	    !set_address(&a, host, (uint16_t)port))
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_HTTP_WANT_LISTEN, a.shown);
	*(struct http_address *)ret = a;
	return true;
}

bool http_address_same(const struct http_address *a, const struct http_address *b)
{
	return a->len == b->len && memcmp(&a->any, &b->any, a->len) == 0;
}

/* --- public_url --- */

/* What stands between scheme and path. */
static const char *authority(struct arena *a, const char *url)
{
	const char *from = strstr(url, "://") + 3;

	return arena_memdup0(a, from, strcspn(from, "/?#"));
}

/* Addresses are made by putting a path behind it. */
static bool decode_public(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	static const struct schema_row address = {.type = SCHEMA_URL};
	char host[HTTP_HOST_MAX_BYTES + 1];
	const char *url;
	size_t len;

	(void)row;
	if (!schema_value(run, node, &address, &url))
		return false;
	if (strpbrk(url, "?#@\"<>\\^`{|}") || !http_host(authority(schema_arena(run), url), host))
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_HTTP_WANT_PUBLIC, url);
	for (len = strlen(url); url[len - 1] == '/'; len--)
		;
	*(const char **)ret = arena_memdup0(schema_arena(run), url, len);
	return true;
}

/* --- tokens --- */

/* RFC 6750, 2.1: what may stand behind "Bearer". */
static bool is_token(const char *s)
{
	for (; isalnum((unsigned char)*s) || (*s && strchr("-._~+/=", *s)); s++)
		;
	return !*s;
}

static bool decode_token(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	static const struct schema_row secret = {.type = SCHEMA_SECRET};
	struct secret *s = NULL;
	struct hash_part part;
	char least[UNITS_TEXT_SIZE];

	(void)row;
	if (!schema_value(run, node, &secret, &s))
		return false;
	part = (struct hash_part){secret_value(s), strlen(secret_value(s))};
	if (part.len > HTTP_TOKEN_MAX_BYTES || !is_token(part.bytes)) {
		secret_wipe(s);
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_HTTP_WANT_TOKEN);
	}
	if (part.len < HTTP_TOKEN_SHORT_BYTES) {
		snprintf(least, sizeof(least), "%d", HTTP_TOKEN_SHORT_BYTES);
		schema_warn(run, node, NULL, TEXT_HTTP_TOKEN_SHORT, TEXT_ARGS(least));
	}
	hash_sha256(&part, 1, ret);
	secret_wipe(s);
	return true;
}

static const char *const roles[] = {[HTTP_READ] = "read", [HTTP_ACK] = "ack", [HTTP_ADMIN] = "admin", NULL};

const char *http_role_name(enum http_role role)
{
	return roles[role];
}

static const struct schema_row token_rows[] = {
	{.key = "role", .type = SCHEMA_ENUM, .at = offsetof(struct http_token, role), .required = true, .names = roles},
	{.key = "token",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct http_token, sha256),
	 .required = true,
	 .decode = decode_token,
	 .item_size = sizeof(((struct http_token *)0)->sha256)},
};
static const struct schema_table token_table =
	SCHEMA_TABLE(struct http_token, token_rows, .pos_at = SCHEMA_AT(struct http_token, pos));

/* --- the whole --- */

static bool check_tokens(struct schema_run *run, const struct http_config *h)
{
	bool right = true;
	size_t i, k;

	for (i = 0; i < h->n_tokens; i++) {
		for (k = 0; k < i; k++) {
			if (hash_equal(h->tokens[i].sha256, h->tokens[k].sha256, sizeof(h->tokens[i].sha256)))
				right = schema_fail_at(run, h->tokens[i].pos, "tokens", NULL, TEXT_HTTP_TOKEN_TWICE,
						       TEXT_ARGS());
		}
	}
	return right;
}

/* What a request's Host may be where the file doesn't say it. */
static void default_hosts(struct arena *a, struct http_config *h)
{
	const char **v = ARENA_ARRAY(a, const char *, 5);
	char host[HTTP_HOST_MAX_BYTES + 1];
	size_t n = 0;

	v[n++] = "localhost";
	v[n++] = "127.0.0.1";
	v[n++] = "::1";
	if (http_host(h->listen.shown, host))
		v[n++] = arena_strdup(a, host);
	if (h->public_url && http_host(authority(a, h->public_url), host))
		v[n++] = arena_strdup(a, host);
	h->hosts = v;
	h->n_hosts = n;
	h->any_address = true;
}

static bool check(struct schema_run *run, const struct yaml_node *node, void *object)
{
	struct http_config *h = object;

	if (!h->n_tokens && !h->listen.loopback)
		return SCHEMA_FAIL(run, yaml_get(node, "listen"), "listen", NULL, TEXT_HTTP_OPEN, h->listen.shown);
	if (!h->n_hosts)
		default_hosts(schema_arena(run), h);
	return check_tokens(run, h);
}

static const struct schema_row token_item = {.type = SCHEMA_OBJECT, .table = &token_table};
static const struct schema_row host_item = {
	.type = SCHEMA_CUSTOM, .decode = decode_host, .item_size = sizeof(const char *)};

static const struct schema_row rows[] = {
	{.key = "listen",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct http_config, listen),
	 .required = true,
	 .pos_at = SCHEMA_AT(struct http_config, listen_pos),
	 .decode = decode_listen,
	 .item_size = sizeof(struct http_address)},
	{.key = "public_url",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct http_config, public_url),
	 .decode = decode_public,
	 .item_size = sizeof(const char *)},
	{.key = "tokens",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct http_config, tokens),
	 .n_at = offsetof(struct http_config, n_tokens),
	 .min = 1,
	 .max = HTTP_TOKENS_MAX,
	 .item = &token_item},
	{.key = "hosts",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct http_config, hosts),
	 .n_at = offsetof(struct http_config, n_hosts),
	 .one_or_list = true,
	 .min = 1,
	 .max = HTTP_HOSTS_MAX,
	 .item = &host_item},
};

const struct schema_table http_table =
	SCHEMA_TABLE(struct http_config, rows, .pos_at = SCHEMA_AT(struct http_config, pos), .check = check);
