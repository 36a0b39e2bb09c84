#include "fetch/transfer.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "fetch/answer.h"
#include "fetch/http_value.h"
#include "fetch/options.h"

enum { DETAIL_MAX = 512, CONTENT_TYPE_MAX = 256 };

/* --- memory --- */

char *transfer_room(struct transfer *t, size_t size)
{
	size_t at = (t->used + sizeof(void *) - 1) / sizeof(void *) * sizeof(void *); /* lists begin with pointers */

	if (at > sizeof(t->room) || size > sizeof(t->room) - at)
		return xmalloc(size);
	t->used = at + size;
	return t->room + at;
}

char *transfer_keep(struct transfer *t, const char *text, size_t len)
{
	char *kept = transfer_room(t, len + 1);

	memcpy(kept, text, len);
	kept[len] = '\0';
	return kept;
}

void transfer_drop(struct transfer *t, const void *memory)
{
	const char *p = memory;

	if (p < t->room || p >= t->room + sizeof(t->room))
		free((void *)memory);
}

static char *copy(struct transfer *t, const char *s)
{
	return s ? transfer_keep(t, s, strlen(s)) : NULL;
}

/* libcurl of Debian 12 knows no ws. */
static char *http_of(struct transfer *t, const struct fetch_request *r)
{
	if (r->websocket && strncasecmp(r->url, "wss:", 4) == 0)
		return xasprintf("https%s", r->url + 3);
	if (r->websocket && strncasecmp(r->url, "ws:", 3) == 0)
		return xasprintf("http%s", r->url + 2);
	return copy(t, r->url);
}

struct transfer *transfer_new(struct transfer *spare, const struct fetch_request *r,
			      void (*on_fetched)(struct fetch_result *, void *), void *arg)
{
	struct transfer *t = spare ? spare : xmalloc(sizeof(*t));

	memset(t, 0, offsetof(struct transfer, room));
	t->on_fetched = on_fetched;
	t->arg = arg;
	t->url = http_of(t, r);
	t->websocket = r->websocket;
	t->connect_only = r->connect_only;
	t->ping_ms = r->ping_ms ? r->ping_ms : FETCH_PING_MS;
	t->etag = copy(t, r->etag);
	t->last_modified = copy(t, r->last_modified);
	t->accept = copy(t, r->accept);
	t->accept_language = copy(t, r->accept_language);
	t->user = r->user ? xstrdup(r->user) : NULL;
	t->password = r->password ? xstrdup(r->password) : NULL;
	if (r->n_allow_private) {
		t->allow = xreallocarray(NULL, r->n_allow_private, sizeof(*t->allow));
		memcpy(t->allow, r->allow_private, r->n_allow_private * sizeof(*t->allow));
		t->n_allow = r->n_allow_private;
	}
	t->max_bytes = r->max_bytes ? r->max_bytes : FETCH_BODY_MAX;
	t->connect_ms = r->connect_ms ? r->connect_ms : FETCH_CONNECT_MS;
	t->total_ms = r->total_ms ? r->total_ms : FETCH_TOTAL_MS;
	t->slow_bytes = r->slow_bytes ? r->slow_bytes : FETCH_SLOW_BYTES;
	t->slow_s = r->slow_s ? r->slow_s : FETCH_SLOW_S;
	if (r->receiver) {
		t->receiver = *r->receiver;
		t->max_bytes = INT64_MAX; /* of all that comes; what is kept of an error is bounded by itself */
	}
	t->apart = r->apart;
	extra_init(&t->extra, r);
	t->asked_ms = clock_steady_ms();
	buf_init(&t->result.body, t->max_bytes);
	t->result.cert_until_ms = TIME_NONE;
	return t;
}

/* Overwritten before it goes back to the heap, so that it doesn't stand in a later core file. */
static void free_secret(char *s)
{
	if (s)
		explicit_bzero(s, strlen(s));
	free(s);
}

void transfer_done(struct transfer *t)
{
	const struct fetch_result *r = &t->result;
	const void *const texts[] = {t->url,
				     t->etag,
				     t->last_modified,
				     t->accept,
				     t->accept_language,
				     t->onward_url,
				     t->head.etag,
				     t->head.last_modified,
				     r->content_type,
				     r->effective_url,
				     r->permanent_url,
				     r->address,
				     r->detail};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		transfer_drop(t, texts[i]);
	place_done(&t->place);
	addresses_unref(t->addresses);
	free_secret(t->user);
	free_secret(t->password);
	free(t->allow);
	extra_done(&t->extra);
	buf_done(&t->result.body);
	memset(t, 0, offsetof(struct transfer, room));
}

struct transfer *transfer_free(struct transfer *t)
{
	if (t)
		transfer_done(t);
	free(t);
	return NULL;
}

/* --- its course --- */

CURLcode transfer_begin(struct transfer *t, CURL *easy, const struct transfer_settings *settings)
{
	CURLcode code;

	t->easy = easy;
	t->headers = options_headers(t, settings);
	t->parts = place_parts(&t->place, t->onward_url ? t->onward_url : t->url);
	t->resolve = options_resolve(t, settings);
	code = options_set(easy, t);
	if (code != CURLE_OK)
		transfer_abandon(t);
	return code;
}

void transfer_abandon(struct transfer *t)
{
	options_forget(t->easy, t);
	transfer_drop(t, t->headers);
	curl_slist_free_all(t->resolve);
	curl_url_cleanup(t->parts);
	t->headers = t->resolve = NULL;
	t->parts = NULL;
	t->easy = NULL;
}

/* Foreign text made fit for logs and tables: valid UTF-8, on one line. */
static char *clean(struct transfer *t, const char *s, size_t max)
{
	struct buf b = BUF_INIT(4 * max + 16);
	size_t len;
	char *p;

	if (!s)
		return NULL;
	for (len = 0; len < max && s[len] >= 0x20 && s[len] < 0x7F; len++)
		;
	if (!s[len] || len == max) /* nearly always */
		return transfer_keep(t, s, len);
	utf8_scrub(&b, s, strnlen(s, max));
	for (p = buf_steal(&b), s = p; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7F)
			*p = ' ';
	return (char *)s;
}

static uint32_t milliseconds(CURL *easy, CURLINFO info)
{
	curl_off_t us = 0;

	(void)curl_easy_getinfo(easy, info, &us);
	return us > 0 ? (uint32_t)(us / 1000) : 0;
}

static void take_times(struct transfer *t)
{
	struct fetch_result *r = &t->result;
	int64_t all_ms = clock_steady_ms() - t->asked_ms;
	curl_off_t bytes = 0;
	long head_bytes = 0;

	(void)curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &head_bytes);
	r->sent = head_bytes > 0;
	r->connected_ms = milliseconds(t->easy, CURLINFO_APPCONNECT_TIME_T);
	if (!r->connected_ms)
		r->connected_ms = milliseconds(t->easy, CURLINFO_CONNECT_TIME_T);
	r->answered_ms = milliseconds(t->easy, CURLINFO_STARTTRANSFER_TIME_T);
	r->total_ms = t->spent_ms + milliseconds(t->easy, CURLINFO_TOTAL_TIME_T);
	r->waited_ms = all_ms > r->total_ms ? (uint32_t)(all_ms - r->total_ms) : 0;
	(void)curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &bytes);
	r->wire_bytes = bytes > 0 ? (uint64_t)bytes : 0;
}

static enum fetch_outcome outcome(const struct transfer *t, CURLcode code)
{
	struct outcome_facts facts = {
		.status = t->head.status,
		.redirects = t->result.redirects,
		.conditional = t->etag || t->last_modified,
		.said_retry_after = t->head.retry_after_ms > 0,
		.refused = t->hop.refused && !t->hop.opened,
		.connected = t->hop.connected,
		.answered = t->hop.connected && t->head.bytes > 0,
	};

	if (t->stopped_for != FETCH_OK)
		return t->stopped_for;
	if (t->connect_only && code == CURLE_OK)
		return FETCH_OK;
	(void)curl_easy_getinfo(t->easy, CURLINFO_SSL_VERIFYRESULT, &facts.tls_verify);
	return outcome_of(code, &facts);
}

static void name_class(struct transfer *t)
{
	struct fetch_result *r = &t->result;

	r->class_name = fetch_outcome_name(r->outcome);
	if (r->outcome == FETCH_HTTP) {
		snprintf(t->class_name, sizeof(t->class_name), "http_%d", r->status);
		r->class_name = t->class_name;
	}
}

/* libcurl's words, but where it only knows that a callback of ours said no, or says it so that nobody would guess. */
static void explain(struct transfer *t, CURLcode code)
{
	size_t size = sizeof(t->error);

	switch (t->result.outcome) {
	case FETCH_BLOCKED:
		snprintf(t->error, size, "the address %s is not public", t->hop.refused_address);
		break;
	case FETCH_TOO_LARGE:
		if (t->head.bytes > FETCH_HEADERS_MAX || code == CURLE_OUT_OF_MEMORY)
			snprintf(t->error, size, "more than %d bytes of headers", FETCH_HEADERS_MAX);
		else
			snprintf(t->error, size, "more than %zu bytes", t->max_bytes);
		break;
	case FETCH_REDIRECT_LOOP:
		snprintf(t->error, size, "a redirect leads back to where it came from");
		break;
	default:
		if (!t->error[0] && code != CURLE_OK)
			snprintf(t->error, size, "%s", curl_easy_strerror(code));
	}
}

static void take_texts(struct transfer *t)
{
	struct fetch_result *r = &t->result;
	const char *url = NULL, *type = NULL, *address = NULL;
	bool good = r->outcome == FETCH_OK || r->outcome == FETCH_NOT_MODIFIED;

	(void)curl_easy_getinfo(t->easy, CURLINFO_EFFECTIVE_URL, &url);
	(void)curl_easy_getinfo(t->easy, CURLINFO_CONTENT_TYPE, &type);
	(void)curl_easy_getinfo(t->easy, CURLINFO_PRIMARY_IP, &address);
	r->effective_url = clean(t, url ? url : t->url, FETCH_URL_MAX);
	r->content_type = clean(t, type, CONTENT_TYPE_MAX);
	r->address = address && *address ? copy(t, address) : NULL;
	r->detail = clean(t, good ? "" : t->error[0] ? t->error : r->class_name, DETAIL_MAX);
	if (!good) { /* validators of an error page, and a move to it, would outlive the error */
		transfer_drop(t, r->permanent_url);
		r->permanent_url = NULL;
		return;
	}
	r->etag = t->head.etag;
	r->last_modified = t->head.last_modified;
}

void transfer_end(struct transfer *t, CURLcode code)
{
	struct fetch_result *r = &t->result;
	long redirects = 0;

	(void)curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_COUNT, &redirects);
	r->redirects = t->redirects_before + (redirects > 0 ? (unsigned)redirects : 0);
	r->status = t->head.status;
	r->outcome = outcome(t, code);
	r->retry_after_ms = t->head.retry_after_ms;
	r->fresh_ms = answer_fresh_ms(&t->head);
	r->wanted = t->extra.values;
	name_class(t);
	explain(t, code);
	take_texts(t);
	take_times(t);
	if (r->outcome != FETCH_OK && r->outcome != FETCH_HTTP && r->outcome != FETCH_LIMITED &&
	    r->outcome != FETCH_GONE)
		buf_done(&r->body); /* a part of what should have come */
	transfer_abandon(t);
}

/* What had come whole could not be used: nothing of it is kept, its validators least of all, since a 304 would hide it. */
static void spoil(struct transfer *t, enum fetch_outcome outcome, const char *why)
{
	struct fetch_result *r = &t->result;

	r->outcome = outcome;
	name_class(t);
	buf_done(&r->body);
	r->etag = r->last_modified = NULL; /* t->head's */
	transfer_drop(t, r->permanent_url);
	r->permanent_url = NULL;
	transfer_drop(t, r->detail);
	r->detail = clean(t, why, DETAIL_MAX);
}

size_t transfer_coded(const struct transfer *t)
{
	if (!t->result.body.len || !t->head.codings.n)
		return 0;
	return t->result.outcome == FETCH_OK ? t->max_bytes : FETCH_ERROR_BODY_MAX;
}

void transfer_decoded(struct transfer *t, int r, struct buf *body, const char *why)
{
	t->result.body = *body;
	*body = (struct buf)BUF_INIT(0);
	if (r != 0 && t->result.outcome == FETCH_OK) /* of an error page, what can be read of it will do */
		spoil(t, r == DECODE_E_LARGE ? FETCH_TOO_LARGE : FETCH_DECODE, why);
}

void transfer_undecoded(struct transfer *t, const char *why)
{
	buf_done(&t->result.body);
	if (t->result.outcome == FETCH_OK)
		spoil(t, FETCH_FAILED, why);
}

/* The connection died while it was kept. libcurl sees to that itself, but counts how often over all that a handle ever did,
 * and gives up at the fifth time (7.88, Curl_retry_request()). What is sent may have arrived: only a GET may come twice. */
static bool died(const struct transfer *t, CURLcode code)
{
	return (code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_GOT_NOTHING) && !t->extra.post &&
	       !t->head.bytes && t->stopped_for == FETCH_OK;
}

bool transfer_again(struct transfer *t, CURLcode code)
{
	long connections = 1;

	if (t->fresh || t->head.status ||
	    (code != CURLE_UNSUPPORTED_PROTOCOL && code != CURLE_WEIRD_SERVER_REPLY && !died(t, code)))
		return false;
	(void)curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &connections);
	if (connections != 0 || !t->hop.connected)
		return false;
	transfer_abandon(t);
	t->hop = (struct hop){.connected = false};
	t->head = (struct answer_head){.status = 0};
	t->error[0] = '\0';
	t->fresh = true;
	return true;
}

bool transfer_onward(struct transfer *t)
{
	struct place from = t->place;
	const char *url = NULL, *why;
	long redirects = 0;

	if (!t->onward)
		return false;
	t->onward = false;
	(void)curl_easy_getinfo(t->easy, CURLINFO_EFFECTIVE_URL, &url);
	(void)curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_COUNT, &redirects);
	if (!url || redirects < 1 || place_of(url, &t->place, &why) != 0)
		return false;
	t->foreign = t->foreign || strcmp(t->place.key, from.key) != 0;
	place_done(&from);
	t->addresses = addresses_unref(t->addresses);
	transfer_drop(t, t->onward_url);
	t->onward_url = copy(t, url);
	t->redirects_before += (unsigned)redirects;
	t->spent_ms += milliseconds(t->easy, CURLINFO_TOTAL_TIME_T);
	transfer_abandon(t);
	t->error[0] = '\0';
	return true;
}

bool transfer_needs_addresses(const struct transfer *t, const struct transfer_settings *settings)
{
	return t->place.name && !t->addresses && !options_resolves(settings, t->place.name, t->place.port);
}

void transfer_fail(struct transfer *t, enum fetch_outcome as, const char *why)
{
	struct fetch_result *r = &t->result;

	r->outcome = as;
	name_class(t);
	r->effective_url = clean(t, t->onward_url ? t->onward_url : t->url, FETCH_URL_MAX);
	r->redirects = t->redirects_before;
	r->detail = clean(t, why, DETAIL_MAX);
}
