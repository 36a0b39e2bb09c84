/* fetch/imap: from an address to a folder: TCP, TLS and who we are are libcurl's. */
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "fetch/answer.h"
#include "fetch/guard.h"
#include "fetch/imap_inside.h"
#include "fetch/multi.h"
#include "fetch/outcome.h"
#include "fetch/setter.h"
#include "fetch/transfer.h"
#include "loop/loop.h"

enum { CONNECTIONS = 4 };

static curl_socket_t on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct imap *s = arg;

	(void)purpose;
	s->guard_refused = !guard_allows(&address->addr, s->allow, s->n_allow);
	s->not_local = s->tls == IMAP_LOCAL && !guard_is_loopback(&address->addr);
	if (s->guard_refused || s->not_local)
		return CURL_SOCKET_BAD;
	s->connected = true;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int on_close(void *arg, curl_socket_t fd)
{
	struct imap *s = arg;

	s->watch = loop_watch_free(s->watch);
	return close(fd);
}

/* Each line that the server says until it is logged in. */
static size_t on_line(char *line, size_t size, size_t n, void *arg)
{
	struct imap *s = arg;
	cleanup(freep) char *text = xstrndup(line, size * n);
	const char *words, *tag = text;
	char name[IMAP_TAG_SIZE] = "*";

	s->result.answered = true;
	if (s->result.cert_until_ms == TIME_NONE)
		s->result.cert_until_ms = answer_certificate_until(s->easy); /* later libcurl doesn't tell it */
	s->greeting_bytes += size * n;
	if (s->greeting_bytes > IMAP_GREETING_MAX)
		return 0;
	if (strcspn(tag, " ") < sizeof(name))
		*stpncpy(name, tag, strcspn(tag, " ")) = '\0';
	switch (imap_status_of(text, name, &words)) {
	case IMAP_NO:
	case IMAP_BAD:
	case IMAP_BYE:
		imap_note_words(s, words);
		break;
	default:
		break;
	}
	return size * n;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *arg)
{
	(void)bytes;
	(void)arg;
	return size * n;
}

static void set_session(struct imap *s, struct setter *o)
{
	SET(o, CURLOPT_URL, s->url);
	SET(o, CURLOPT_CONNECT_ONLY, 1L);
	SET(o, CURLOPT_RESOLVE, s->resolve);
	SET(o, CURLOPT_USERNAME, s->user);
	if (s->token)
		SET(o, CURLOPT_XOAUTH2_BEARER, s->token);
	else
		SET(o, CURLOPT_PASSWORD, s->password);
	SET(o, CURLOPT_CONNECTTIMEOUT_MS, (long)s->connect_ms);
	SET(o, CURLOPT_TIMEOUT_MS, (long)s->connect_ms);
	SET(o, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	SET(o, CURLOPT_OPENSOCKETDATA, s);
	SET(o, CURLOPT_CLOSESOCKETFUNCTION, on_close);
	SET(o, CURLOPT_CLOSESOCKETDATA, s);
	SET(o, CURLOPT_HEADERFUNCTION, on_line);
	SET(o, CURLOPT_HEADERDATA, s);
	SET(o, CURLOPT_WRITEFUNCTION, on_body);
	SET(o, CURLOPT_ERRORBUFFER, s->error);
}

/* Why it could not log in, or did not come so far. */
static void fail_login(struct imap *s, CURLcode code)
{
	struct outcome_facts facts = {
		.refused = s->guard_refused, .connected = s->connected, .answered = s->result.answered};
	const char *detail = s->words[0] ? s->words : s->error[0] ? s->error : curl_easy_strerror(code);
	enum fetch_outcome outcome;

	(void)curl_easy_getinfo(s->easy, CURLINFO_SSL_VERIFYRESULT, &facts.tls_verify);
	outcome = outcome_of((int)code, &facts);
	if (s->not_local || code == CURLE_USE_SSL_FAILED) {
		s->result.lasting = true;
		imap_failed(s, "no_tls", s->not_local ? "without TLS it may be this machine alone" : detail);
	} else if (imap_says_later(s->words)) {
		s->result.limited = true;
		imap_failed(s, "limited", detail);
	} else if (code == CURLE_LOGIN_DENIED) {
		s->result.lasting = true;
		imap_failed(s, !s->words[0] ? "no_login" : s->token ? "unauthorized" : "login", detail);
	} else {
		s->result.lasting = outcome >= FETCH_TLS && outcome <= FETCH_TLS_UNTRUSTED;
		imap_failed(s, code == CURLE_WRITE_ERROR ? "protocol" : fetch_outcome_name(outcome), detail);
	}
}

static void begin_session(struct imap *s)
{
	curl_socket_t fd = CURL_SOCKET_BAD;

	(void)curl_easy_getinfo(s->easy, CURLINFO_ACTIVESOCKET, &fd);
	if (fd == CURL_SOCKET_BAD) {
		imap_failed(s, "aborted", s->words);
		return;
	}
	s->watch = loop_watch_new(s->loop, fd, imap_on_ready, s);
	imap_examine(s);
}

static void on_activity(void *arg)
{
	struct imap *s = arg;
	CURLcode code;
	CURL *easy;

	if (s->doing != IMAP_LOGIN || !multi_ended(s->multi, &easy, &code))
		return;
	if (code == CURLE_OK)
		begin_session(s);
	else
		fail_login(s, code);
}

static void append(struct imap *s, char *entry)
{
	struct curl_slist *longer = curl_slist_append(s->resolve, entry);

	if (!longer)
		memory_out();
	s->resolve = longer;
	free(entry);
}

void imap_connect(struct imap *s)
{
	struct setter o = {.code = CURLE_OK};
	const struct curl_slist *entry;
	int r;

	s->doing = IMAP_LOGIN;
	for (entry = s->settings->resolve; entry; entry = entry->next)
		append(s, xstrdup(entry->data));
	if (s->addresses)
		append(s, xasprintf("+%s:%u:%s", s->place.name, s->place.port, addresses_text(s->addresses)));
	r = multi_new(s->loop, CONNECTIONS, on_activity, s, &s->multi);
	o.easy = s->easy = curl_easy_init();
	if (r < 0 || !s->easy)
		memory_out();
	setter_mail(&o, "imap,imaps", s->tls != IMAP_LOCAL, s->ca_file ? s->ca_file : s->settings->ca_file);
	set_session(s, &o);
	if (o.code || multi_add(s->multi, s->easy) != CURLM_OK) {
		imap_failed(s, "failed", curl_easy_strerror(o.code));
		return;
	}
	loop_timer_set(s->deadline, s->connect_ms + SECOND_MS); /* libcurl's own comes first */
}
