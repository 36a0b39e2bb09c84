#include "fetch/place.h"

#include <arpa/inet.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "fetch/fetch.h"

enum {
	PLAIN_HOST_MAX = 253, /* of a name, RFC 1035 §2.3.4 */
	KEY_MAX = sizeof("https://") + PLAIN_HOST_MAX + sizeof(":65535"),
};

/* Tables, since strspn() makes one at each call. */
typedef const bool letters[UCHAR_MAX + 1];

static letters host_letters = {['a' ... 'z'] = true, ['0' ... '9'] = true, ['-'] = true, ['.'] = true};

/* What libcurl takes as it stands, in a path and in a query: no percent sign, behind which it changes letters, and no mark
 * of a fragment. */
static letters plain_letters = {
	['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['0' ... '9'] = true, ['/'] = true, ['-'] = true, ['_'] = true,
	['.'] = true,         ['~'] = true,         [':'] = true,         ['@'] = true, ['!'] = true, ['$'] = true,
	['&'] = true,         ['\''] = true,        ['('] = true,         [')'] = true, ['*'] = true, ['+'] = true,
	[','] = true,         [';'] = true,         ['='] = true};

static size_t span(const char *s, letters of)
{
	size_t n = 0;

	while (of[(unsigned char)s[n]]) /* not the NUL */
		n++;
	return n;
}

static void lower(char *p)
{
	for (; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p += 'a' - 'A';
}

/* libcurl knows "localhost" and what lies under it without asking anyone, and takes an address as it is. */
static bool needs_lookup(const char *host)
{
	static const char local[] = "localhost";
	size_t len = strlen(host), n = strlen(local);
	struct in_addr in;

	if (host[0] == '[' || inet_pton(AF_INET, host, &in) == 1)
		return false;
	return len < n || strcmp(host + len - n, local) != 0 || (len > n && host[len - n - 1] != '.');
}

static CURLUcode split(CURLU *u, const char *url, char **scheme, char **host, char **port)
{
	CURLUcode code = strlen(url) > FETCH_URL_MAX
				 ? CURLUE_MALFORMED_INPUT
				 : curl_url_set(u, CURLUPART_URL, url, CURLU_ALLOW_SPACE | CURLU_URLENCODE);

	code = code ? code : curl_url_get(u, CURLUPART_SCHEME, scheme, 0);
	code = code ? code : curl_url_get(u, CURLUPART_HOST, host, CURLU_PUNYCODE);
	code = code ? code : curl_url_get(u, CURLUPART_PORT, port, CURLU_DEFAULT_PORT);
	if (code == CURLUE_OK && strcmp(*scheme, "http") != 0 && strcmp(*scheme, "https") != 0)
		code = CURLUE_UNSUPPORTED_SCHEME;
	return code;
}

/* Once a transfer, of few bytes: printf would take most of the time that all of this takes. */
static char *key_of(const char *scheme, const char *host, const char *port)
{
	char *key = xmalloc(strlen(scheme) + strlen("://") + strlen(host) + strlen(":") + strlen(port) + 1);

	stpcpy(stpcpy(stpcpy(stpcpy(stpcpy(key, scheme), "://"), host), ":"), port);
	return key;
}

/* A name in small letters, or an address as it is written for people; not one of the many spellings that an address has, of
 * which the last part is a number, too. */
static bool plain_host(const char *host)
{
	const char *dot = strrchr(host, '.'), *last = dot ? dot + 1 : host;
	struct in_addr in;

	if (inet_pton(AF_INET, host, &in) == 1)
		return true;
	return *host != '.' && !strstr(host, "..") && *last >= 'a' && *last <= 'z';
}

/* "http://host/…" and "https://host:port/…" of plain characters: what nearly every source has. At every poll, libcurl's own
 * look at it would cost as much as the rest of what is done before it is asked. False: that is for libcurl to read. */
static bool read_plain(const char *url, struct place *ret)
{
	bool https = strncmp(url, "https://", 8) == 0;
	const char *host = url + (https ? 8 : 7), *p;
	char name[PLAIN_HOST_MAX + 1], port[] = "65535";
	size_t n, digits;

	if (!https && strncmp(url, "http://", 7) != 0)
		return false;
	n = span(host, host_letters);
	if (n == 0 || n > PLAIN_HOST_MAX)
		return false;
	*stpncpy(name, host, n) = '\0';
	p = host + n;
	stpcpy(port, https ? "443" : "80");
	if (*p == ':') {
		digits = strspn(++p, "0123456789");
		if (digits == 0 || digits >= sizeof(port) || *p == '0')
			return false;
		*stpncpy(port, p, digits) = '\0';
		if (strtoul(port, NULL, 10) > UINT16_MAX)
			return false;
		p += digits;
	}
	if (*p != '/' || !plain_host(name))
		return false;
	for (; *p > ' ' && *p < 0x7F; p++)
		;
	if (*p || p - url > FETCH_URL_MAX)
		return false;
	*ret = (struct place){.key = key_of(https ? "https" : "http", name, port),
			      .name = needs_lookup(name) ? xstrdup(name) : NULL,
			      .port = (uint16_t)strtoul(port, NULL, 10),
			      .plain = true};
	return true;
}

int place_of(const char *url, struct place *ret, const char **ret_why)
{
	char *scheme = NULL, *host = NULL, *port = NULL;
	CURLUcode code;
	CURLU *u;

	if (read_plain(url, ret))
		return 0;
	u = curl_url();
	if (!u)
		memory_out();
	code = split(u, url, &scheme, &host, &port);
	if (code == CURLUE_OK) {
		lower(host);
		*ret = (struct place){.key = key_of(scheme, host, port),
				      .name = needs_lookup(host) ? xstrdup(host) : NULL,
				      .port = (uint16_t)strtoul(port, NULL, 10)};
	} else {
		*ret_why = curl_url_strerror(code);
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(u);
	return code == CURLUE_OK ? 0 : PLACE_E_INVALID;
}

/* --- its parts --- */

/* Dots behind a slash are libcurl's to resolve. */
static bool plain_path(const char *path, size_t len)
{
	return span(path, plain_letters) == len && !strstr(path, "/.");
}

static bool plain_query(const char *query)
{
	return *query && !query[span(query, plain_letters)];
}

/* port: NULL: the URL has none, and what a redirect makes of it shall have none, either. */
static CURLU *parts_of(const char *scheme, const char *host, const char *port, const char *path, const char *query)
{
	CURLU *u = curl_url();
	CURLUcode code;

	if (!u)
		memory_out();
	code = curl_url_set(u, CURLUPART_SCHEME, scheme, 0);
	code = code ? code : curl_url_set(u, CURLUPART_HOST, host, 0);
	if (port)
		code = code ? code : curl_url_set(u, CURLUPART_PORT, port, 0);
	code = code ? code : curl_url_set(u, CURLUPART_PATH, path, 0);
	if (query)
		code = code ? code : curl_url_set(u, CURLUPART_QUERY, query, 0);
	if (code == CURLUE_OK)
		return u;
	curl_url_cleanup(u);
	return NULL;
}

CURLU *place_parts(const struct place *p, const char *url)
{
	char scheme[KEY_MAX + 1], path[PLACE_PATH_MAX + 1];
	const char *from, *query;
	char *host, *port;
	size_t len;

	if (!p->plain)
		return NULL;
	stpcpy(scheme, p->key);
	host = strstr(scheme, "://");
	*host = '\0';
	host += strlen("://");
	port = strchr(host, ':');
	*port++ = '\0';
	from = url + (host - scheme) + strlen(host);
	if (*from != ':')
		port = NULL;
	from = strchr(from, '/');
	len = strcspn(from, "?");
	query = from[len] ? from + len + 1 : NULL;
	if (len > PLACE_PATH_MAX || !plain_path(from, len) || (query && !plain_query(query)))
		return NULL;
	*stpncpy(path, from, len) = '\0';
	return parts_of(scheme, host, port, path, query);
}

void place_done(struct place *p)
{
	free(p->key);
	free(p->name);
	*p = (struct place){.key = NULL};
}
