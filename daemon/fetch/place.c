#include "fetch/place.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "fetch/fetch.h"

enum { PLAIN_HOST_MAX = 253 }; /* of a name, RFC 1035 §2.3.4 */

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
	n = strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789-.");
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
	ret->key = key_of(https ? "https" : "http", name, port);
	ret->name = needs_lookup(name) ? xstrdup(name) : NULL;
	ret->port = (uint16_t)strtoul(port, NULL, 10);
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
		ret->key = key_of(scheme, host, port);
		ret->name = needs_lookup(host) ? xstrdup(host) : NULL;
		ret->port = (uint16_t)strtoul(port, NULL, 10);
	} else {
		*ret_why = curl_url_strerror(code);
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(u);
	return code == CURLUE_OK ? 0 : PLACE_E_INVALID;
}

void place_done(struct place *p)
{
	free(p->key);
	free(p->name);
	*p = (struct place){.key = NULL};
}
