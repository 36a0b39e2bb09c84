#include "fetch/upgrade.h"

#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"

enum { KEY_BYTES = 16 };

void upgrade_key(char out[UPGRADE_KEY_SIZE])
{
	unsigned char bytes[KEY_BYTES] = {0};

	(void)RAND_bytes(bytes, sizeof(bytes)); /* it keeps proxies' caches from answering; it is no secret */
	(void)EVP_EncodeBlock((unsigned char *)out, bytes, sizeof(bytes));
}

void upgrade_accept(const char *key, char out[UPGRADE_ACCEPT_SIZE])
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	unsigned char hash[SHA_DIGEST_LENGTH];
	char text[UPGRADE_KEY_SIZE + sizeof(guid)];

	stpcpy(stpncpy(text, key, UPGRADE_KEY_SIZE - 1), guid);
	(void)SHA1((const unsigned char *)text, strlen(text), hash);
	(void)EVP_EncodeBlock((unsigned char *)out, hash, sizeof(hash));
}

/* --- the request --- */

static void put_basic(struct buf *b, const char *user, const char *password)
{
	cleanup(freep) char *pair = xasprintf("%s:%s", user, password ? password : "");
	size_t len = strlen(pair);
	cleanup(freep) char *text = xmalloc((len + 2) / 3 * 4 + 1);

	(void)EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)pair, (int)len);
	buf_printf(b, "Authorization: Basic %s\r\n", text);
	explicit_bzero(pair, len);
	explicit_bzero(text, strlen(text));
}

/* A part of the address, to be given back to curl_free(); NULL: it has none. */
static char *part(CURLU *u, CURLUPart which, unsigned flags)
{
	char *text = NULL;

	return curl_url_get(u, which, &text, flags) == CURLUE_OK ? text : NULL;
}

int upgrade_request(struct buf *b, const struct upgrade *u)
{
	CURLU *url = curl_url();
	char *host, *port, *path, *query;
	size_t i;

	if (!url)
		memory_out();
	if (curl_url_set(url, CURLUPART_URL, u->url, CURLU_ALLOW_SPACE | CURLU_URLENCODE) != CURLUE_OK) {
		curl_url_cleanup(url);
		return UPGRADE_E_URL;
	}
	host = part(url, CURLUPART_HOST, CURLU_PUNYCODE);
	port = part(url, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
	path = part(url, CURLUPART_PATH, 0);
	query = part(url, CURLUPART_QUERY, 0);
	buf_printf(b, "GET %s%s%s HTTP/1.1\r\nHost: %s%s%s\r\n", path ? path : "/", query ? "?" : "",
		   query ? query : "", host ? host : "", port ? ":" : "", port ? port : "");
	curl_free(host);
	curl_free(port);
	curl_free(path);
	curl_free(query);
	curl_url_cleanup(url);
	buf_printf(b, "User-Agent: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n", u->user_agent);
	buf_printf(b, "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n", u->key);
	if (u->user)
		put_basic(b, u->user, u->password);
	for (i = 0; i < u->n_lines; i++)
		buf_printf(b, "%s\r\n", u->lines[i]);
	buf_puts(b, "\r\n");
	return 0;
}

/* --- the answer --- */

size_t upgrade_head(const char *bytes, size_t len)
{
	const char *end = memmem(bytes, len, "\r\n\r\n", 4);

	return end ? (size_t)(end - bytes) + 4 : 0;
}

int upgrade_status(const char *head, size_t len)
{
	const char *space = len > 9 && memcmp(head, "HTTP/1.", 7) == 0 ? memchr(head, ' ', len) : NULL;
	int status = 0, i;

	if (!space || head + len - space < 4)
		return 0;
	for (i = 1; i <= 3; i++) {
		if (space[i] < '0' || space[i] > '9')
			return 0;
		status = status * 10 + space[i] - '0';
	}
	return status;
}

/* The value of the first header of that name; *len its length; NULL: there is none. */
static const char *value_of(const char *head, size_t head_len, const char *name, size_t *len)
{
	const char *end = head + head_len, *line = head;
	size_t n = strlen(name);

	while ((line = memchr(line, '\n', (size_t)(end - line)))) {
		const char *stop;

		line++;
		if ((size_t)(end - line) <= n || strncasecmp(line, name, n) != 0 || line[n] != ':')
			continue;
		for (line += n + 1; *line == ' ' || *line == '\t'; line++)
			;
		for (stop = line; *stop != '\r' && *stop != '\n'; stop++) /* the head ends with them */
			;
		while (stop > line && (stop[-1] == ' ' || stop[-1] == '\t'))
			stop--;
		*len = (size_t)(stop - line);
		return line;
	}
	return NULL;
}

static bool is(const char *value, size_t len, const char *wanted)
{
	return value && len == strlen(wanted) && strncasecmp(value, wanted, len) == 0;
}

/* One of a list with commas. */
static bool lists(const char *value, size_t len, const char *wanted)
{
	const char *end = value ? value + len : NULL;

	while (value && value < end) {
		size_t n = strcspn(value, ",\r\n"), skip;

		n = n < (size_t)(end - value) ? n : (size_t)(end - value);
		skip = n;
		while (n && (*value == ' ' || *value == '\t')) {
			value++;
			n--;
			skip--;
		}
		while (n && (value[n - 1] == ' ' || value[n - 1] == '\t'))
			n--;
		if (is(value, n, wanted))
			return true;
		value += skip + 1;
	}
	return false;
}

long long upgrade_body(const char *head, size_t len)
{
	size_t n;
	const char *value = value_of(head, len, "Content-Length", &n);

	if (!value || n == 0 || n > 15 || strspn(value, "0123456789") < n)
		return -1;
	return strtoll(value, NULL, 10);
}

const char *upgrade_wrong(const char *head, size_t len, const char *key, bool protocol)
{
	char accept[UPGRADE_ACCEPT_SIZE];
	const char *value;
	size_t n = 0;

	value = value_of(head, len, "Upgrade", &n);
	if (!is(value, n, "websocket"))
		return "no WebSocket: its answer says no Upgrade";
	value = value_of(head, len, "Connection", &n);
	if (!lists(value, n, "upgrade"))
		return "no WebSocket: its answer says no Connection: Upgrade";
	upgrade_accept(key, accept);
	value = value_of(head, len, "Sec-WebSocket-Accept", &n);
	if (!value || n != strlen(accept) || memcmp(value, accept, n) != 0)
		return "no WebSocket: its Sec-WebSocket-Accept is not of our key";
	if (value_of(head, len, "Sec-WebSocket-Extensions", &n))
		return "it uses an extension that was not offered";
	if (!protocol && value_of(head, len, "Sec-WebSocket-Protocol", &n))
		return "it uses a protocol that was not asked for";
	return NULL;
}
