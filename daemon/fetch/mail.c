#include "fetch/mail.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "base/background.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "fetch/guard.h"
#include "fetch/options.h"
#include "fetch/setter.h"
#include "loop/loop.h"

enum { LINE_MAX_BYTES = 2000, BYE = 221, GO_AHEAD = 354, BYE_MS = 1000 /* that a server may take to say it */ };

struct mail {
	TAILQ_ENTRY(mail) entry;
	struct mailer *mailer;
	char *from, *to, *message; /* NULL: it is but a try */
	size_t len, sent;
	int64_t until_ms; /* steady: then it is over, whatever libcurl waits for */
	bool asked;       /* the server has asked for the message */
	void (*on_sent)(void *arg, const struct mail_result *result);
	void *arg;
	bool cancelled; /* under the lock */
	struct mail_result result;
	char answer[MAIL_ANSWER_MAX_BYTES];
	char error[CURL_ERROR_SIZE];
};
TAILQ_HEAD(mail_list, mail);

struct mailer {
	/* of the server, unchanged while the thread runs */
	char *url, *user, *password, *ca_file;
	enum mail_tls tls;
	int64_t timeout_ms;

	struct loop_wakeup *wakeup;
	pthread_t thread;
	bool running;
	pthread_mutex_t lock; /* over what follows */
	pthread_cond_t more;
	struct mail_list waiting, ended;
	struct mail *current;
	size_t n;
	int socket; /* of the current one; -1: none */
	bool closing;
};

const char *mail_outcome_name(enum mail_outcome o)
{
	static const char *const names[] = {
		[MAIL_TAKEN] = "taken",   [MAIL_LATER] = "later", [MAIL_REFUSED] = "refused", [MAIL_LOGIN] = "login",
		[MAIL_NO_TLS] = "no_tls", [MAIL_AWAY] = "away",   [MAIL_FAILED] = "failed"};

	return names[o];
}

/* --- libcurl's callbacks, on the thread --- */

static size_t on_read(char *to, size_t size, size_t n, void *arg)
{
	struct mail *mail = arg;
	size_t left = mail->len - mail->sent, len = size * n < left ? size * n : left;

	memcpy(to, mail->message + mail->sent, len);
	mail->sent += len;
	return len;
}

/* "550": the code of an answer's line; 0: there is none. */
static int code_of(const char *line, size_t len)
{
	size_t i;
	int code = 0;

	for (i = 0; i < 3 && i < len && line[i] >= '0' && line[i] <= '9'; i++)
		code = code * 10 + (line[i] - '0');
	return i == 3 ? code : 0;
}

/* "250-PIPELINING", "550 5.1.1 no such user": the last line of the last answer is kept, but for the one to QUIT. */
static size_t on_line(char *line, size_t size, size_t n, void *arg)
{
	struct mail *mail = arg;
	size_t len = size * n;
	struct buf b = BUF_INIT(4 * LINE_MAX_BYTES);
	char *s;

	if (len < 4 || line[3] == '-' || code_of(line, len) == 0 || code_of(line, len) == BYE)
		return size * n;
	mail->asked = mail->asked || code_of(line, len) == GO_AHEAD;
	if (mail->asked && code_of(line, len) != GO_AHEAD) /* its last word: QUIT is but a courtesy */
		mail->until_ms = clock_steady_ms() + BYE_MS;
	mail->result.code = code_of(line, len);
	utf8_scrub(&b, line, len < LINE_MAX_BYTES ? len : LINE_MAX_BYTES);
	while (b.len && strchr(" \r\n\t", b.data[b.len - 1]))
		b.data[--b.len] = '\0';
	snprintf(mail->answer, utf8_cut(buf_str(&b), b.len, sizeof(mail->answer) - 1) + 1, "%s", buf_str(&b));
	for (s = mail->answer; *s; s++)
		if ((unsigned char)*s < 0x20)
			*s = ' ';
	buf_done(&b);
	return size * n;
}

static curl_socket_t on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct mailer *m = arg;
	int fd;

	(void)purpose;
	if (m->tls == MAIL_TLS_LOCAL && !guard_is_loopback(&address->addr))
		return CURL_SOCKET_BAD;
	fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	pthread_mutex_lock(&m->lock);
	m->socket = fd;
	if (fd >= 0 && (m->closing || m->current->cancelled)) /* too late */
		(void)shutdown(fd, SHUT_RDWR);
	pthread_mutex_unlock(&m->lock);
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static int on_close(void *arg, curl_socket_t fd)
{
	struct mailer *m = arg;

	pthread_mutex_lock(&m->lock);
	if (m->socket == fd)
		m->socket = -1;
	pthread_mutex_unlock(&m->lock);
	return close(fd);
}

/* libcurl asks each second, also while it waits for an answer to QUIT, to which its own time-out does not apply. */
static int on_progress(void *arg, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
	struct mailer *m = arg;
	bool stop;

	(void)total;
	(void)now;
	(void)up_total;
	(void)up_now;
	pthread_mutex_lock(&m->lock);
	stop = m->closing || m->current->cancelled || clock_steady_ms() > m->current->until_ms;
	pthread_mutex_unlock(&m->lock);
	return stop;
}

/* --- one message, on the thread --- */

static void set_server(struct mailer *m, struct setter *o)
{
	setter_mail(o, "smtp,smtps", m->tls == MAIL_TLS_NEEDED, m->ca_file ? m->ca_file : options_ca_file());
	SET(o, CURLOPT_URL, m->url);
	if (m->user) {
		SET(o, CURLOPT_USERNAME, m->user);
		SET(o, CURLOPT_PASSWORD, m->password);
	}
	SET(o, CURLOPT_TIMEOUT_MS, (long)m->timeout_ms);
	SET(o, CURLOPT_CONNECTTIMEOUT_MS, (long)m->timeout_ms);
	SET(o, CURLOPT_FORBID_REUSE, 1L);
	SET(o, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	SET(o, CURLOPT_OPENSOCKETDATA, m);
	SET(o, CURLOPT_CLOSESOCKETFUNCTION, on_close);
	SET(o, CURLOPT_CLOSESOCKETDATA, m);
	SET(o, CURLOPT_XFERINFOFUNCTION, on_progress);
	SET(o, CURLOPT_XFERINFODATA, m);
	SET(o, CURLOPT_NOPROGRESS, 0L);
}

static void set_message(struct mail *mail, struct setter *o, const struct curl_slist *to)
{
	if (mail->message) {
		SET(o, CURLOPT_MAIL_FROM, mail->from);
		SET(o, CURLOPT_MAIL_RCPT, to);
		SET(o, CURLOPT_UPLOAD, 1L);
		SET(o, CURLOPT_READFUNCTION, on_read);
		SET(o, CURLOPT_READDATA, mail);
		SET(o, CURLOPT_INFILESIZE_LARGE, (curl_off_t)mail->len);
	} else {
		SET(o, CURLOPT_NOBODY, 1L);
		SET(o, CURLOPT_CUSTOMREQUEST, "NOOP"); /* else libcurl would ask for HELP, which not every server has */
	}
	SET(o, CURLOPT_HEADERFUNCTION, on_line);
	SET(o, CURLOPT_HEADERDATA, mail);
	SET(o, CURLOPT_ERRORBUFFER, mail->error);
}

static enum mail_outcome outcome_of(CURLcode curl, int code)
{
	switch (curl) {
	case CURLE_OK:
		return MAIL_TAKEN;
	case CURLE_LOGIN_DENIED:
		return code / 100 == 4 ? MAIL_LATER : MAIL_LOGIN;
	case CURLE_USE_SSL_FAILED:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_ISSUER_ERROR:
		return MAIL_NO_TLS;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_ABORTED_BY_CALLBACK: /* until_ms */
	case CURLE_GOT_NOTHING:
		return MAIL_AWAY;
	default:
		break;
	}
	if (code / 100 == 4)
		return MAIL_LATER;
	if (code / 100 == 5)
		return MAIL_REFUSED;
	return curl == CURLE_SEND_ERROR || curl == CURLE_RECV_ERROR || curl == CURLE_WEIRD_SERVER_REPLY ? MAIL_AWAY
													: MAIL_FAILED;
}

/* Whether the last answer that came is a refusal, which is what ended it. */
static bool was_refused(const struct mail *mail)
{
	return mail->result.code >= 400 && mail->answer[0];
}

static void perform(struct mailer *m, struct mail *mail)
{
	CURL *easy = curl_easy_init();
	struct setter o = {.easy = easy};
	struct curl_slist *to = curl_slist_append(NULL, mail->to ? mail->to : "");
	CURLcode code;

	if (!easy || !to)
		memory_out();
	mail->until_ms = clock_steady_ms() + m->timeout_ms;
	set_server(m, &o);
	set_message(mail, &o, to);
	code = o.code ? o.code : curl_easy_perform(easy);
	mail->result.outcome = outcome_of(code, mail->result.code);
	mail->result.maybe = code != CURLE_OK && mail->len && mail->sent == mail->len && !was_refused(mail);
	if (!mail->answer[0] || (code != CURLE_OK && !was_refused(mail)))
		snprintf(mail->answer, sizeof(mail->answer), "%s",
			 mail->error[0] ? mail->error : curl_easy_strerror(code));
	mail->result.answer = mail->answer;
	curl_easy_cleanup(easy);
	curl_slist_free_all(to);
}

static void *mailer_main(void *arg)
{
	struct mailer *m = arg;
	struct mail *mail;

	background();
	pthread_mutex_lock(&m->lock);
	while (!m->closing) {
		mail = TAILQ_FIRST(&m->waiting);
		if (!mail) {
			pthread_cond_wait(&m->more, &m->lock);
			continue;
		}
		TAILQ_REMOVE(&m->waiting, mail, entry);
		m->current = mail;
		if (!mail->cancelled) {
			pthread_mutex_unlock(&m->lock);
			perform(m, mail);
			pthread_mutex_lock(&m->lock);
		}
		m->current = NULL;
		TAILQ_INSERT_TAIL(&m->ended, mail, entry);
		loop_wakeup_poke(m->wakeup);
	}
	pthread_mutex_unlock(&m->lock);
	return NULL;
}

/* --- on the loop --- */

static struct mail *mail_free(struct mail *mail)
{
	free(mail->from);
	free(mail->to);
	free(mail->message);
	free(mail);
	return NULL;
}

/* One a turn and as the last thing: whoever is told may free m. */
static void on_ended(void *arg)
{
	struct mailer *m = arg;
	struct mail *mail, *next;
	bool cancelled = false;

	pthread_mutex_lock(&m->lock);
	mail = TAILQ_FIRST(&m->ended);
	if (mail) {
		TAILQ_REMOVE(&m->ended, mail, entry);
		m->n--;
		cancelled = mail->cancelled;
	}
	next = TAILQ_FIRST(&m->ended);
	pthread_mutex_unlock(&m->lock);
	if (next)
		loop_wakeup_poke(m->wakeup);
	if (!mail)
		return;
	if (!cancelled)
		mail->on_sent(mail->arg, &mail->result);
	mail_free(mail);
}

static int start(struct mailer *m)
{
	sigset_t all, before;
	int r;

	if (m->running)
		return 0;
	sigfillset(&all); /* signals are the loop's */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&m->thread, NULL, mailer_main, m);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	m->running = r == 0;
	return -r;
}

/* from, to and message are taken. */
static struct mail *post(struct mailer *m, const struct mail *as)
{
	struct mail *mail = NEW(struct mail);

	*mail = *as;
	mail->mailer = m;
	pthread_mutex_lock(&m->lock);
	TAILQ_INSERT_TAIL(&m->waiting, mail, entry);
	m->n++;
	pthread_cond_signal(&m->more);
	pthread_mutex_unlock(&m->lock);
	return mail;
}

struct mail *mail_try(struct mailer *m, void (*on_tried)(void *arg, const struct mail_result *result), void *arg)
{
	if (m->n >= MAIL_WAITING_MAX || start(m) < 0)
		return NULL;
	return post(m, &(struct mail){.on_sent = on_tried, .arg = arg});
}

struct mail *mail_send(struct mailer *m, const char *from, const char *to, const char *message, size_t len,
		       void (*on_sent)(void *arg, const struct mail_result *result), void *arg)
{
	char *copy;

	if (m->n >= MAIL_WAITING_MAX || start(m) < 0)
		return NULL;
	copy = xmalloc(len + 1);
	memcpy(copy, message, len);
	return post(m, &(struct mail){.from = xstrdup(from),
				      .to = xstrdup(to),
				      .message = copy,
				      .len = len,
				      .on_sent = on_sent,
				      .arg = arg});
}

void mail_cancel(struct mail *mail)
{
	struct mailer *m;

	if (!mail)
		return;
	m = mail->mailer;
	pthread_mutex_lock(&m->lock);
	mail->cancelled = true;
	if (m->current == mail && m->socket >= 0)
		(void)shutdown(m->socket, SHUT_RDWR);
	pthread_mutex_unlock(&m->lock);
}

static char *copy(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

int mailer_new(struct loop *l, const struct mail_server *server, struct mailer **ret)
{
	struct mailer *m;
	int r;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return -EOPNOTSUPP;
	m = NEW(struct mailer);
	m->url = xstrdup(server->url);
	m->user = copy(server->user);
	m->password = copy(server->password);
	m->ca_file = copy(server->ca_file);
	m->tls = server->tls;
	m->timeout_ms = server->timeout_ms;
	m->socket = -1;
	TAILQ_INIT(&m->waiting);
	TAILQ_INIT(&m->ended);
	pthread_mutex_init(&m->lock, NULL);
	pthread_cond_init(&m->more, NULL);
	r = loop_wakeup_new(l, on_ended, m, &m->wakeup);
	if (r < 0) {
		mailer_free(m);
		return r;
	}
	*ret = m;
	return 0;
}

struct mailer *mailer_free(struct mailer *m)
{
	struct mail *mail;

	if (!m)
		return NULL;
	pthread_mutex_lock(&m->lock);
	m->closing = true;
	if (m->socket >= 0)
		(void)shutdown(m->socket, SHUT_RDWR);
	pthread_cond_signal(&m->more);
	pthread_mutex_unlock(&m->lock);
	if (m->running)
		pthread_join(m->thread, NULL);
	while ((mail = TAILQ_FIRST(&m->waiting))) {
		TAILQ_REMOVE(&m->waiting, mail, entry);
		mail_free(mail);
	}
	while ((mail = TAILQ_FIRST(&m->ended))) {
		TAILQ_REMOVE(&m->ended, mail, entry);
		mail_free(mail);
	}
	loop_wakeup_free(m->wakeup);
	pthread_cond_destroy(&m->more);
	pthread_mutex_destroy(&m->lock);
	if (m->password)
		explicit_bzero(m->password, strlen(m->password));
	free(m->url);
	free(m->user);
	free(m->password);
	free(m->ca_file);
	free(m);
	curl_global_cleanup();
	return NULL;
}
