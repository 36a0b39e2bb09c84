/* fetch/imap: from an address to a folder: TCP, TLS and who we are are libcurl's. */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"
#include "fetch/answer.h"
#include "fetch/imap_inside.h"
#include "fetch/multi.h"
#include "fetch/outcome.h"
#include "fetch/transfer.h"
#include "loop/loop.h"

enum { CONNECTIONS = 4 };

static bool is_loopback(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)(const void *)sa)->sin_addr.s_addr) >> 24 == 127;
	return sa->sa_family == AF_INET6 &&
	       IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr);
}

static curl_socket_t on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct imap *s = arg;

	(void)purpose;
	s->guard_refused = !guard_allows(&address->addr, s->allow, s->n_allow);
	s->not_local = s->tls == IMAP_LOCAL && !is_loopback(&address->addr);
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

/* The first that failed counts: each of them may be the one that keeps a password from being read. */
#define SET(option, value) (code = code ? code : curl_easy_setopt(easy, (option), (value)))

static CURLcode set_safety(struct imap *s, CURL *easy)
{
	const char *ca_file = s->ca_file ? s->ca_file : s->settings->ca_file;
	CURLcode code = CURLE_OK;

	SET(CURLOPT_PROTOCOLS_STR, "imap,imaps");
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_USE_SSL, s->tls == IMAP_LOCAL ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_CAPATH, (char *)NULL);
	if (ca_file)
		SET(CURLOPT_CAINFO, ca_file);
	SET(CURLOPT_OPENSOCKETFUNCTION, on_socket);
	SET(CURLOPT_OPENSOCKETDATA, s);
	SET(CURLOPT_CLOSESOCKETFUNCTION, on_close);
	SET(CURLOPT_CLOSESOCKETDATA, s);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_QUICK_EXIT, 1L);
	return code;
}

static CURLcode set_session(struct imap *s, CURL *easy)
{
	CURLcode code = CURLE_OK;

	SET(CURLOPT_URL, s->url);
	SET(CURLOPT_CONNECT_ONLY, 1L);
	SET(CURLOPT_RESOLVE, s->resolve);
	SET(CURLOPT_USERNAME, s->user);
	if (s->token)
		SET(CURLOPT_XOAUTH2_BEARER, s->token);
	else
		SET(CURLOPT_PASSWORD, s->password);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)s->connect_ms);
	SET(CURLOPT_TIMEOUT_MS, (long)s->connect_ms);
	SET(CURLOPT_HEADERFUNCTION, on_line);
	SET(CURLOPT_HEADERDATA, s);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_ERRORBUFFER, s->error);
	return code;
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
	const struct curl_slist *entry;
	CURLcode code;
	int r;

	s->doing = IMAP_LOGIN;
	for (entry = s->settings->resolve; entry; entry = entry->next)
		append(s, xstrdup(entry->data));
	if (s->addresses)
		append(s, xasprintf("+%s:%u:%s", s->place.name, s->place.port, addresses_text(s->addresses)));
	r = multi_new(s->loop, CONNECTIONS, on_activity, s, &s->multi);
	s->easy = curl_easy_init();
	if (r < 0 || !s->easy)
		memory_out();
	code = set_safety(s, s->easy);
	code = code ? code : set_session(s, s->easy);
	if (code || multi_add(s->multi, s->easy) != CURLM_OK) {
		LOG_ERROR("imap.option", LOG_S("why", curl_easy_strerror(code)));
		imap_failed(s, "failed", curl_easy_strerror(code));
		return;
	}
	loop_timer_set(s->deadline, s->connect_ms + SECOND_MS); /* libcurl's own comes first */
}
