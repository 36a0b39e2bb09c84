#include "fetch/answer.h"

#include <netdb.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "fetch/http_value.h"
#include "fetch/transfer.h"

/* --- the guard --- */

/* libcurl doesn't know the addresses of the host it goes to. Those of the one that the transfer began at were given, so that
 * this is a redirect's, or one that needs no lookup. */
int answer_on_lookup(void *resolver, void *reserved, void *arg)
{
	struct transfer *t = arg;
	struct place place;
	const char *url = NULL, *why;

	(void)resolver;
	(void)reserved;
	(void)curl_easy_getinfo(t->easy, CURLINFO_EFFECTIVE_URL, &url);
	if (!url || place_of(url, &place, &why) != 0)
		return 1;
	t->onward = place.name != NULL;
	place_done(&place);
	return t->onward; /* refused: libcurl would start a thread for it, without end of their number */
}

static void note_refused(struct transfer *t, const char *address)
{
	t->hop.refused = true;
	snprintf(t->hop.refused_address, sizeof(t->hop.refused_address), "%s", address);
}

/* libcurl tries the next address of the name when one is refused, and says "couldn't connect" behind the last. */
curl_socket_t answer_on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *t = arg;
	char text[INET6_ADDRSTRLEN] = "";

	(void)purpose;
	if (!guard_allows(&address->addr, t->allow, t->n_allow)) {
		(void)getnameinfo(&address->addr, address->addrlen, text, sizeof(text), NULL, 0, NI_NUMERICHOST);
		note_refused(t, text);
		return CURL_SOCKET_BAD;
	}
	t->hop.opened = true;
	return socket(address->family, address->socktype | SOCK_CLOEXEC,
		      address->protocol); /* readers don't inherit it */
}

/* Asked of OpenSSL: libcurl's CERTINFO writes out whole chains, at a tenth of a handshake's cost. */
int64_t answer_certificate_until(CURL *easy)
{
	const struct curl_tlssessioninfo *session = NULL;
	const X509 *cert;
	struct tm tm;

	if (curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &session) != CURLE_OK || !session || !session->internals ||
	    session->backend != CURLSSLBACKEND_OPENSSL)
		return TIME_NONE;
	cert = SSL_get0_peer_certificate(session->internals);
	if (!cert || !ASN1_TIME_to_tm(X509_get0_notAfter(cert), &tm))
		return TIME_NONE;
	return (int64_t)timegm(&tm) * SECOND_MS;
}

/* Before each request, on old connections too: another source may have been allowed what this one is not. */
int answer_on_connected(void *arg, char *address, char *local, int port, int local_port)
{
	struct transfer *t = arg;

	(void)local;
	(void)port;
	(void)local_port;
	if (!guard_allows_text(address, t->allow, t->n_allow)) {
		note_refused(t, address);
		t->stopped_for = FETCH_BLOCKED;
		return CURL_PREREQFUNC_ABORT;
	}
	t->hop.opened = t->hop.connected = true;
	t->result.cert_until_ms = answer_certificate_until(t->easy);
	return CURL_PREREQFUNC_OK;
}

/* --- header lines --- */

static void head_reset(struct transfer *t)
{
	struct answer_head *head = &t->head;

	transfer_drop(t, head->etag);
	transfer_drop(t, head->last_modified);
	*head = (struct answer_head){.status = head->status, .max_age_s = -1};
}

static bool permanent(int status)
{
	return status == 301 || status == 308;
}

/* FNV-1a: tells a few URLs of one chain apart; who makes two alike ends his own chain. */
static uint64_t mark_of(const char *url)
{
	size_t i, len = strcspn(url, "#");
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)url[i]) * UINT64_C(0x100000001b3);
	return h;
}

/* Which URL answers is known here: it decides about loops, and where a chain of permanent redirects leads. */
static bool hop_arrived(struct transfer *t, int status_before)
{
	const char *url = NULL;
	unsigned i;

	(void)curl_easy_getinfo(t->easy, CURLINFO_EFFECTIVE_URL, &url);
	if (!url || t->n_hops == TRANSFER_HOPS_MAX)
		return true; /* libcurl stops at its own count */
	t->hops[t->n_hops] = mark_of(url);
	for (i = 0; i < t->n_hops; i++) {
		if (t->hops[i] == t->hops[t->n_hops]) {
			t->stopped_for = FETCH_REDIRECT_LOOP;
			return false;
		}
	}
	if (t->n_hops++ == 0)
		return true;
	if (!permanent(status_before))
		t->chain_broken = true;
	if (!t->chain_broken) {
		transfer_drop(t, t->result.permanent_url);
		t->result.permanent_url = transfer_keep(t, url, strnlen(url, FETCH_URL_MAX));
	}
	return true;
}

/* "HTTP/1.1 200 OK", "HTTP/2 200". */
static bool status_line(struct transfer *t, const char *line, size_t len)
{
	const char *p = memchr(line, ' ', len);
	int before = t->head.status, status = 0;

	for (p = p ? p + 1 : line + len; p < line + len && *p >= '0' && *p <= '9' && status < 1000; p++)
		status = status * 10 + (*p - '0');
	head_reset(t);
	extra_reset(&t->extra);
	t->head.open = true;
	if (status < 200) /* 100, 103: the answer is still to come */
		return true;
	t->head.status = status;
	return hop_arrived(t, before);
}

/* The value of a header line named name (lower case, with its colon), without the space around it. */
static bool value_of(const char *line, size_t len, const char *name, const char **ret, size_t *ret_len)
{
	size_t n;

	if (!len || (*line | 0x20) != *name) /* most differ in their first letter */
		return false;
	n = strlen(name);
	if (len < n || strncasecmp(line, name, n) != 0)
		return false;
	while (len > n && strchr(" \t\r\n", line[len - 1]))
		len--;
	while (n < len && (line[n] == ' ' || line[n] == '\t'))
		n++;
	*ret = line + n;
	*ret_len = len - n;
	return true;
}

/* Kept to the letter, since the server compares it so, if it can stand in a request at all. */
static void keep_validator(struct transfer *t, char **slot, const char *value, size_t len)
{
	size_t i;

	transfer_drop(t, *slot);
	*slot = NULL;
	for (i = 0; i < len; i++)
		if ((unsigned char)value[i] < 0x20 || value[i] == 0x7F)
			return;
	if (len && len <= FETCH_VALIDATOR_MAX)
		*slot = transfer_keep(t, value, strnlen(value, len));
}

/* Of two, the longer: the server meant at least one of them. */
static void keep_retry_after(struct transfer *t, const char *value, size_t len)
{
	char text[64];
	int64_t ms;

	if (len >= sizeof(text))
		return;
	memcpy(text, value, len);
	text[len] = '\0';
	ms = http_retry_after(text, clock_wall_ms(), FETCH_RETRY_AFTER_MAX_MS);
	if (ms > t->head.retry_after_ms)
		t->head.retry_after_ms = ms;
}

/* What says how long the answer stays fresh, each by itself: transfer_end() makes one of them. */
static void keep_freshness(struct answer_head *head, const char *line, size_t len)
{
	char text[256];
	const char *value;
	size_t value_len;
	int64_t at_ms, now_ms;
	enum { CACHE_CONTROL, EXPIRES, AGE } field;

	if (value_of(line, len, "cache-control:", &value, &value_len))
		field = CACHE_CONTROL;
	else if (value_of(line, len, "expires:", &value, &value_len))
		field = EXPIRES;
	else if (value_of(line, len, "age:", &value, &value_len))
		field = AGE;
	else
		return;
	if (value_len >= sizeof(text))
		return;
	memcpy(text, value, value_len);
	text[value_len] = '\0';
	now_ms = clock_wall_ms();
	if (field == EXPIRES) {
		head->expires_ms = http_date_parse(text, now_ms, &at_ms) == 0 && at_ms > now_ms ? at_ms - now_ms : 0;
	} else if (field == AGE) {
		head->age_s =
			http_retry_after(text, now_ms, FETCH_FRESH_MAX_MS) / SECOND_MS; /* a number of seconds, too */
	} else {
		int64_t max_age_s = http_max_age(text, FETCH_FRESH_MAX_MS / SECOND_MS);

		if (max_age_s >= 0 &&
		    (head->max_age_s < 0 || max_age_s < head->max_age_s)) /* of two lines, the sooner */
			head->max_age_s = max_age_s;
	}
}

int64_t answer_fresh_ms(const struct answer_head *head)
{
	int64_t fresh = head->max_age_s >= 0 ? head->max_age_s * SECOND_MS : head->expires_ms;

	fresh -= head->age_s * SECOND_MS;
	return fresh < 0 ? 0 : fresh < FETCH_FRESH_MAX_MS ? fresh : FETCH_FRESH_MAX_MS;
}

static bool answers_well(const struct transfer *t)
{
	return t->head.status >= 200 && t->head.status < 300;
}

static void headers_ended(struct transfer *t)
{
	t->head.open = false;
	if (t->receiver.on_bytes && answers_well(t) && !t->head.codings.n)
		t->receiver.on_open(t->receiver.arg);
	if (t->head.status >= 300 && t->head.status < 400 && t->head.moved) {
		t->hop = (struct hop){.connected = false};
		t->head.bytes = 0;
	}
}

size_t answer_on_header(char *line, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;
	size_t len = size * n, value_len;
	const char *value;

	if (len >= 5 && memcmp(line, "HTTP/", 5) == 0) {
		if (!status_line(t, line, len))
			return 0;
	}
	t->head.bytes += len;
	if (t->head.bytes > FETCH_HEADERS_MAX) {
		t->stopped_for = FETCH_TOO_LARGE;
		return 0;
	}
	if (!t->head.open)
		return len;
	extra_on_header(&t->extra, line, len);
	if (len <= 2 && (line[0] == '\r' || line[0] == '\n'))
		headers_ended(t);
	else if (value_of(line, len, "etag:", &value, &value_len))
		keep_validator(t, &t->head.etag, value, value_len);
	else if (value_of(line, len, "last-modified:", &value, &value_len))
		keep_validator(t, &t->head.last_modified, value, value_len);
	else if (value_of(line, len, "retry-after:", &value, &value_len))
		keep_retry_after(t, value, value_len);
	else if (value_of(line, len, "content-encoding:", &value, &value_len) ||
		 value_of(line, len, "transfer-encoding:", &value, &value_len))
		codings_add(&t->head.codings, value, value_len);
	else if (value_of(line, len, "location:", &value, &value_len))
		t->head.moved = value_len > 0;
	else
		keep_freshness(&t->head, line, len);
	return len;
}

/* --- the body --- */

/* To whoever reads it as it comes. It was asked for uncoded. */
static size_t hand_on(struct transfer *t, const char *bytes, size_t len)
{
	if (t->head.codings.n) {
		t->stopped_for = FETCH_DECODE;
		return 0;
	}
	t->paused = !t->receiver.on_bytes(t->receiver.arg, bytes, len);
	if (t->paused)
		return CURL_WRITEFUNC_PAUSE;
	t->body_bytes += len;
	return len;
}

/* As it came: libcurl decodes nothing, since it would do so in the loop, and 809 bytes of brotli can become 1 GiB. Its
 * MAXFILESIZE knows no chunked bodies. */
size_t answer_on_body(char *bytes, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;
	size_t len = size * n, keep = len;

	if (t->receiver.on_bytes && answers_well(t))
		return hand_on(t, bytes, len);
	t->body_bytes += len;
	if (t->body_bytes > t->max_bytes) {
		t->stopped_for = FETCH_TOO_LARGE;
		return 0;
	}
	if (!answers_well(t)) { /* of an error, what may explain it */
		size_t left = FETCH_ERROR_BODY_MAX - t->result.body.len;

		keep = keep < left ? keep : left;
	}
	buf_put(&t->result.body, bytes, keep);
	return len;
}

/* Bodies of redirects never reach answer_on_body(), but they come over the wire too. */
int answer_on_progress(void *arg, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
	struct transfer *t = arg;

	(void)total;
	(void)up_total;
	(void)up_now;
	if (now < 0 || (uint64_t)now <= t->max_bytes)
		return 0;
	t->stopped_for = FETCH_TOO_LARGE;
	return 1;
}
