#include "fetch/options.h"

#include <string.h>
#include <strings.h>

#include "fetch/answer.h"
#include "fetch/setter.h"
#include "fetch/transfer.h"

/* Short: libcurl puts a request together letter by letter, at 20 ns each. The last part is for servers that know feeds by no
 * type, or by rarer ones. */
static const char accept_feeds[] = "application/atom+xml,application/rss+xml,application/xml;q=.9,*/*;q=.5";

enum {
	CONNECTION_LIFE_S = 300,
	KEEPALIVE_S = 30,
	HTTP_PORT = 80,
	HTTPS_PORT = 443,
};

static struct curl_slist *append(struct curl_slist *list, char *line)
{
	struct curl_slist *longer = curl_slist_append(list, line);

	if (!longer)
		memory_out();
	free(line);
	return longer;
}

/* --- headers of the request --- */

enum { OWN_HEADERS = 6 };

struct header {
	const char *name, *value;
};

/* The length of a value that may be sent; 0: it may not, or is none. */
static size_t fit(const char *value)
{
	const char *p;

	for (p = value; p && *p; p++) /* a line break would begin another header */
		if ((unsigned char)*p < 0x20 || *p == 0x7F)
			return 0;
	return (size_t)(p - value);
}

/* The request says it itself. name ends with ": ". */
static bool replaced(const struct transfer *t, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strncasecmp(t->extra.lines[i], name, strlen(name)) == 0)
			return true;
	return false;
}

/* All in one piece: libcurl only reads a list. The user agent is one of them, since libcurl would write its own line of it
 * letter by letter twice. */
struct curl_slist *options_headers(struct transfer *t, const struct transfer_settings *settings)
{
	const struct header own[OWN_HEADERS] = {
		{"User-Agent: ", settings->user_agent},
		{"Accept: ", t->accept ? t->accept : accept_feeds},
		{"Accept-Language: ", t->accept_language},
		{"Accept-Encoding: ", t->receiver.on_bytes ? "identity" : DECODE_ACCEPTED},
		{"If-None-Match: ", t->etag},
		{"If-Modified-Since: ", t->last_modified}};
	size_t lens[OWN_HEADERS] = {0}, more = t->foreign ? 0 : t->extra.n_lines, i, n = 0;
	size_t bytes = (OWN_HEADERS + more) * sizeof(struct curl_slist);
	struct curl_slist *list;
	char *text;

	for (i = 0; i < OWN_HEADERS; i++) {
		size_t len = fit(own[i].value);

		if (len && !replaced(t, more, own[i].name))
			lens[i] = strlen(own[i].name) + len + 1;
		bytes += lens[i];
	}
	list = (struct curl_slist *)transfer_room(t, bytes);
	text = (char *)(list + OWN_HEADERS + more);
	for (i = 0; i < OWN_HEADERS; i++) {
		if (!lens[i])
			continue;
		stpcpy(stpcpy(text, own[i].name), own[i].value);
		list[n] = (struct curl_slist){.data = text, .next = &list[n + 1]};
		text += lens[i];
		n++;
	}
	for (i = 0; i < more; i++, n++)
		list[n] = (struct curl_slist){.data = t->extra.lines[i], .next = &list[n + 1]};
	list[n - 1].next = NULL;
	return list;
}

/* --- addresses --- */

bool options_resolves(const struct transfer_settings *settings, const char *name, uint16_t port)
{
	cleanup(freep) char *start = xasprintf("%s:%u:", name, port);
	const struct curl_slist *entry;

	for (entry = settings->resolve; entry; entry = entry->next)
		if (strncasecmp(entry->data, start, strlen(start)) == 0)
			return true;
	return false;
}

/* "+": forgotten by libcurl after a minute, too. A site that moves its readers to HTTPS is told in one go. */
struct curl_slist *options_resolve(const struct transfer *t, const struct transfer_settings *settings)
{
	const struct curl_slist *entry;
	struct curl_slist *list = NULL;

	for (entry = settings->resolve; entry; entry = entry->next)
		list = append(list, xstrdup(entry->data));
	if (!t->addresses)
		return list;
	list = append(list, xasprintf("+%s:%u:%s", t->place.name, t->place.port, addresses_text(t->addresses)));
	if (t->place.port == HTTP_PORT)
		list = append(list, xasprintf("+%s:%u:%s", t->place.name, HTTPS_PORT, addresses_text(t->addresses)));
	return list;
}

/* --- options --- */

static void set_guard(struct setter *s)
{
	SET(s, CURLOPT_OPENSOCKETFUNCTION, answer_on_socket);
	SET(s, CURLOPT_PREREQFUNCTION, answer_on_connected);
	SET(s, CURLOPT_RESOLVER_START_FUNCTION, answer_on_lookup);
	SET(s, CURLOPT_PROTOCOLS_STR, "http,https");       /* libcurl would read file:// … */
	SET(s, CURLOPT_REDIR_PROTOCOLS_STR, "http,https"); /* … and follow to ftp:// */
	SET(s, CURLOPT_UNRESTRICTED_AUTH, 0L);
	SET(s, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
}

static void set_bounds(struct setter *s)
{
	SET(s, CURLOPT_WRITEFUNCTION, answer_on_body);
	SET(s, CURLOPT_HEADERFUNCTION, answer_on_header);
	SET(s, CURLOPT_XFERINFOFUNCTION, answer_on_progress);
	SET(s, CURLOPT_NOPROGRESS, 0L);
	SET(s, CURLOPT_HTTP_CONTENT_DECODING, 0L); /* fetch/decode does, not in the loop */
	SET(s, CURLOPT_MAXAGE_CONN, (long)OPTIONS_IDLE_S);
	SET(s, CURLOPT_MAXLIFETIME_CONN, (long)CONNECTION_LIFE_S);
	SET(s, CURLOPT_TCP_KEEPALIVE, 1L);
	SET(s, CURLOPT_TCP_KEEPIDLE, (long)KEEPALIVE_S);
	SET(s, CURLOPT_TCP_KEEPINTVL, (long)KEEPALIVE_S);
}

CURLcode options_set_once(CURL *easy, const struct transfer_settings *settings)
{
	struct setter s = {.easy = easy, .code = CURLE_OK};

	setter_alone(&s);
	setter_tls(&s, settings->ca_file);
	set_guard(&s);
	set_bounds(&s);
	return s.code;
}

static void set_owner(struct setter *s, struct transfer *t)
{
	SET(s, CURLOPT_OPENSOCKETDATA, t);
	SET(s, CURLOPT_PREREQDATA, t);
	SET(s, CURLOPT_RESOLVER_START_DATA, t);
	SET(s, CURLOPT_WRITEDATA, t);
	SET(s, CURLOPT_HEADERDATA, t);
	SET(s, CURLOPT_XFERINFODATA, t);
	SET(s, CURLOPT_PRIVATE, t);
	SET(s, CURLOPT_ERRORBUFFER, t->error);
	SET(s, CURLOPT_HTTPHEADER, t->headers);
	SET(s, CURLOPT_RESOLVE, t->resolve);
}

/* 0: none. */
static long total_ms(const struct transfer *t)
{
	if (t->receiver.on_bytes)
		return 0;
	return t->spent_ms < t->total_ms ? (long)(t->total_ms - t->spent_ms) : 1;
}

CURLcode options_set(CURL *easy, struct transfer *t)
{
	struct setter s = {.easy = easy, .code = CURLE_OK};
	bool known = t->user && !t->foreign; /* who is told who we are */
	bool endless = t->receiver.on_bytes != NULL;

	set_owner(&s, t);
	SET(&s, CURLOPT_URL, t->onward_url ? t->onward_url : t->url); /* what it is called; … */
	SET(&s, CURLOPT_CURLU, t->parts);                             /* … where it leads, if they are known */
	SET(&s, CURLOPT_MAXREDIRS, (long)FETCH_REDIRECTS - (long)t->redirects_before); /* without end by default */
	SET(&s, CURLOPT_CONNECTTIMEOUT_MS, (long)t->connect_ms);
	SET(&s, CURLOPT_TIMEOUT_MS, total_ms(t));
	SET(&s, CURLOPT_LOW_SPEED_LIMIT, endless ? 0L : (long)t->slow_bytes);
	SET(&s, CURLOPT_LOW_SPEED_TIME, endless ? 0L : (long)t->slow_s);
	SET(&s, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)t->max_bytes);
	SET(&s, CURLOPT_FRESH_CONNECT, t->fresh ? 1L : 0L);
	SET(&s, CURLOPT_CONNECT_ONLY, t->websocket || t->connect_only ? 1L : 0L);
	SET(&s, CURLOPT_HTTP_VERSION,
	    t->websocket ? (long)CURL_HTTP_VERSION_1_1 : (long)CURL_HTTP_VERSION_2TLS); /* what TLS agrees on, too */
	if (s.code == CURLE_OK)
		s.code = extra_set(&t->extra, easy);
	SET(&s, CURLOPT_USERNAME, known ? t->user : NULL);
	SET(&s, CURLOPT_PASSWORD, !known ? NULL : t->password ? t->password : "");
	return s.code;
}

/* Whoever gets the handle next says again whose it is: only what libcurl may look at meanwhile, and secrets, go now. */
void options_forget(CURL *easy, const struct transfer *t)
{
	struct setter s = {.easy = easy, .code = CURLE_OK};

	SET(&s, CURLOPT_ERRORBUFFER, NULL);
	SET(&s, CURLOPT_CURLU, NULL);
	SET(&s, CURLOPT_HTTPHEADER, NULL);
	SET(&s, CURLOPT_RESOLVE, NULL);
	if (t->extra.post) {
		SET(&s, CURLOPT_POSTFIELDS, NULL);
		SET(&s, CURLOPT_HTTPGET, 1L);
	}
	if (t->user) {
		SET(&s, CURLOPT_USERNAME, NULL);
		SET(&s, CURLOPT_PASSWORD, NULL);
	}
}

const char *options_ca_file(void)
{
	return curl_version_info(CURLVERSION_NOW)->cainfo;
}
