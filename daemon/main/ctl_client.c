#include "main/ctl_client.h"

#include <curl/curl.h>
#include <errno.h>
#include <jansson.h>
#include <pwd.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/buf.h"
#include "main/ctl_output.h"

struct client {
	const struct ctl *ctl;
	CURL *easy;
	const char *socket; /* ctl's */
	char error[CURL_ERROR_SIZE];
	/* the answer being read */
	struct buf body;
	bool stopped;
	bool (*on_line)(void *arg, json_t *line, const char *bytes, size_t len);
	void *arg;
};

static int try_connect(const char *path)
{
	cleanup(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = strlen(path);

	if (fd < 0)
		return errno;
	if (len >= sizeof(address.sun_path))
		return ENAMETOOLONG;
	memcpy(address.sun_path, path, len);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 || errno == EAGAIN)
		return 0;
	return errno;
}

void ctl_complain_errno(const struct ctl *c, enum text_id id, const char *path, int error)
{
	cleanup(freep) char *why = text_errno(c->lang, error);

	ctl_complain(c, id, path ? TEXT_ARGS(path, why) : TEXT_ARGS(why));
}

static void tell_absent(const struct ctl *c, const int errors[])
{
	const char *config = c->config ? c->config : "/etc/escuchad/escuchad.yaml";
	const struct passwd *me = getpwuid(geteuid());
	size_t i;

	for (i = 0; i < c->n_sockets; i++) {
		if (errors[i] == EACCES) {
			CTL_COMPLAIN(c, TEXT_CTL_SOCKET_FORBIDDEN, c->sockets[i], me ? me->pw_name : "$USER");
			return;
		}
	}
	CTL_COMPLAIN(c, TEXT_CTL_NO_DAEMON);
	for (i = 0; i < c->n_sockets; i++) {
		enum text_id why = errors[i] == ENOENT         ? TEXT_CTL_SOCKET_ABSENT
				   : errors[i] == ECONNREFUSED ? TEXT_CTL_SOCKET_DEAD
							       : TEXT_CTL_SOCKET_ERROR;

		ctl_complain_errno(c, why, c->sockets[i], errors[i]);
	}
	CTL_COMPLAIN(c, TEXT_CTL_START, config);
}

static size_t take_whole(struct client *k, const char *bytes, size_t len)
{
	if (k->body.len + len > CLIENT_ANSWER_MAX_BYTES)
		return 0;
	buf_put(&k->body, bytes, len);
	return len;
}

/* What is no object of ours is skipped: a later daemon may say more than we know. */
static void take_line(struct client *k, const char *line, size_t len)
{
	json_t *json = json_loadb(line, len, 0, NULL);

	if (json_is_object(json) && !k->stopped && !k->on_line(k->arg, json, line, len))
		k->stopped = true;
	json_decref(json);
}

static size_t take_lines(struct client *k, const char *bytes, size_t len)
{
	size_t start = 0, i = k->body.len;

	if (k->body.len + len > CLIENT_LINE_MAX_BYTES)
		return 0;
	buf_put(&k->body, bytes, len);
	for (; i < k->body.len && !k->stopped; i++) {
		if (k->body.data[i] == '\n') {
			take_line(k, k->body.data + start, i - start);
			start = i + 1;
		}
	}
	buf_drop(&k->body, start);
	return k->stopped ? 0 : len;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *arg)
{
	struct client *k = arg;
	long status = 0;

	(void)size; /* always 1 */
	(void)curl_easy_getinfo(k->easy, CURLINFO_RESPONSE_CODE, &status);
	return k->on_line && status == 200 ? take_lines(k, bytes, n) : take_whole(k, bytes, n);
}

static void set_options(struct client *k)
{
	CURL *e = k->easy;

	(void)curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(e, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http");
	(void)curl_easy_setopt(e, CURLOPT_UNIX_SOCKET_PATH, k->socket);
	(void)curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT, (long)CLIENT_CONNECT_S);
	(void)curl_easy_setopt(e, CURLOPT_ERRORBUFFER, k->error);
	(void)curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl_easy_setopt(e, CURLOPT_WRITEDATA, k);
}

struct client *client_new(const struct ctl *c, bool quiet)
{
	int errors[CTL_SOCKETS_MAX];
	struct client *k;
	size_t i;

	for (i = 0; i < c->n_sockets; i++) {
		errors[i] = try_connect(c->sockets[i]);
		if (errors[i] == 0)
			break;
	}
	if (i == c->n_sockets) {
		if (!quiet)
			tell_absent(c, errors);
		return NULL;
	}
	k = NEW(struct client);
	k->ctl = c;
	k->socket = c->sockets[i];
	k->easy = curl_easy_init();
	if (!k->easy)
		memory_out();
	buf_init(&k->body, CLIENT_ANSWER_MAX_BYTES);
	set_options(k);
	return k;
}

struct client *client_free(struct client *k)
{
	if (!k)
		return NULL;
	curl_easy_cleanup(k->easy);
	buf_done(&k->body);
	free(k);
	return NULL;
}

char *client_escape(const char *text)
{
	char *escaped = curl_easy_escape(NULL, text, (int)strlen(text)), *copy;

	copy = xstrdup(escaped ? escaped : "");
	curl_free(escaped);
	return copy;
}

static CURLcode perform(struct client *k, const char *target, const char *body, bool follow)
{
	cleanup(freep) char *url = xasprintf("http://localhost%s", target);
	struct curl_slist *headers = NULL;
	CURLcode code;

	buf_reset(&k->body);
	k->error[0] = '\0';
	(void)curl_easy_setopt(k->easy, CURLOPT_URL, url);
	(void)curl_easy_setopt(k->easy, CURLOPT_TIMEOUT, follow ? 0L : (long)CLIENT_ANSWER_S);
	(void)curl_easy_setopt(k->easy, CURLOPT_LOW_SPEED_LIMIT, follow ? 1L : 0L);
	(void)curl_easy_setopt(k->easy, CURLOPT_LOW_SPEED_TIME, follow ? (long)CLIENT_SILENCE_S : 0L);
	if (body) {
		headers = curl_slist_append(headers, "Content-Type: application/json");
		(void)curl_easy_setopt(k->easy, CURLOPT_POST, 1L);
		(void)curl_easy_setopt(k->easy, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
		(void)curl_easy_setopt(k->easy, CURLOPT_POSTFIELDS, body);
	} else {
		(void)curl_easy_setopt(k->easy, CURLOPT_HTTPGET, 1L);
	}
	headers = curl_slist_append(headers, "Expect:"); /* no round trip to ask whether a body may come */
	(void)curl_easy_setopt(k->easy, CURLOPT_HTTPHEADER, headers);
	code = curl_easy_perform(k->easy);
	(void)curl_easy_setopt(k->easy, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(headers);
	return code;
}

static void tell_broken(const struct client *k, CURLcode code)
{
	CTL_COMPLAIN(k->ctl, TEXT_CTL_ANSWER_BROKEN, k->socket, k->error[0] ? k->error : curl_easy_strerror(code));
}

/* {"error","message"} of the API */
static void tell_refused(const struct client *k, const json_t *answer, long status)
{
	const char *message = json_string_value(json_object_get(answer, "message"));
	cleanup(freep) char *number = xasprintf("HTTP %ld", status);

	CTL_COMPLAIN(k->ctl, TEXT_CTL_REFUSED, message ? message : number);
}

static bool exchange(struct client *k, const char *target, const char *body, long handled, long *ret_status,
		     json_t **ret_json)
{
	CURLcode code = perform(k, target, body, false);
	json_t *answer;
	long status = 0;

	if (code != CURLE_OK) {
		tell_broken(k, code);
		return false;
	}
	(void)curl_easy_getinfo(k->easy, CURLINFO_RESPONSE_CODE, &status);
	answer = json_loadb(buf_str(&k->body), k->body.len, 0, NULL);
	if (status >= 400 && status != handled) {
		tell_refused(k, answer, status);
		json_decref(answer);
		return false;
	}
	if (!answer) {
		CTL_COMPLAIN(k->ctl, TEXT_CTL_ANSWER_BROKEN, k->socket, "JSON");
		return false;
	}
	*ret_status = status;
	*ret_json = answer;
	return true;
}

bool client_get(struct client *k, const char *target, long handled, long *ret_status, json_t **ret_json)
{
	return exchange(k, target, NULL, handled, ret_status, ret_json);
}

bool client_post(struct client *k, const char *target, const json_t *body, long handled, long *ret_status,
		 json_t **ret_json)
{
	cleanup(freep) char *bytes = json_dumps(body, JSON_COMPACT);

	if (!bytes)
		memory_out(); /* what we made can be written */
	return exchange(k, target, bytes, handled, ret_status, ret_json);
}

int client_post_said(struct client *k, const char *target, json_t *body)
{
	json_t *answer = NULL;
	long status;
	bool done;

	if (!body) {
		CTL_COMPLAIN(k->ctl, TEXT_CTL_NOT_UTF8);
		return CTL_USAGE;
	}
	done = client_post(k, target, body, 0, &status, &answer);
	if (done && k->ctl->json)
		json_print(answer);
	else if (done)
		printf("%s\n", said_in(answer, "message"));
	json_decref(body);
	json_decref(answer);
	return done ? CTL_DONE : CTL_NO;
}

enum client_end client_lines(struct client *k, const char *target, bool follow,
			     bool (*on_line)(void *arg, json_t *line, const char *bytes, size_t len), void *arg)
{
	CURLcode code;
	long status = 0;

	k->on_line = on_line;
	k->arg = arg;
	k->stopped = false;
	code = perform(k, target, NULL, follow);
	k->on_line = NULL;
	if (k->stopped)
		return CLIENT_STOPPED;
	(void)curl_easy_getinfo(k->easy, CURLINFO_RESPONSE_CODE, &status);
	if (code != CURLE_OK) {
		if (!follow)
			tell_broken(k, code);
		return CLIENT_CUT;
	}
	if (status != 200) {
		json_t *answer = json_loadb(buf_str(&k->body), k->body.len, 0, NULL);

		tell_refused(k, answer, status);
		json_decref(answer);
		return CLIENT_REFUSED;
	}
	return CLIENT_WHOLE;
}
