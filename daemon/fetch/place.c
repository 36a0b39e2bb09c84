#include "fetch/place.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "fetch/fetch.h"

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

int place_of(const char *url, struct place *ret, const char **ret_why)
{
	CURLU *u = curl_url();
	char *scheme = NULL, *host = NULL, *port = NULL;
	CURLUcode code;

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
