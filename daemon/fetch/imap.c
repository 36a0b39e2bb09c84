#include "fetch/imap.h"

#include <string.h>

#include "base/clock.h"
#include "fetch/imap_inside.h"
#include "fetch/multi.h"
#include "fetch/options.h"
#include "fetch/parts.h"
#include "loop/loop.h"

static void on_tell(void *arg)
{
	struct imap *s = arg;

	s->on_done(s->arg, &s->result); /* last: s may be gone */
}

static void on_deadline(void *arg)
{
	struct imap *s = arg;

	if (s->doing == IMAP_LOOKUP)
		resolver_cancel(s->resolver, &s->asking);
	imap_lost(s, s->result.answered ? "too_slow" : "timeout", s->words);
}

static void on_addresses(struct asking *a, enum resolver_outcome outcome, struct addresses *addresses, const char *why)
{
	struct imap *s = (struct imap *)(void *)((char *)a - offsetof(struct imap, asking));

	s->addresses = addresses;
	if (outcome == RESOLVER_OK)
		imap_connect(s);
	else
		imap_failed(s, outcome == RESOLVER_TIMEOUT ? "dns_timeout" : "dns", why);
}

static char *copy(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

/* False: it is no server's name. */
static bool place_read(struct imap *s, const char *server)
{
	const char *port = strrchr(server, ':');
	cleanup(freep) char *url = NULL;
	const char *why;

	if (port && (strchr(port, ']') || strspn(port + 1, "0123456789") != strlen(port + 1)))
		port = NULL;
	url = xasprintf("http://%s%s/", server, port ? "" : s->tls == IMAP_TLS ? ":993" : ":143");
	if (place_of(url, &s->place, &why) != 0)
		return false;
	s->url = xasprintf("%s%s", s->tls == IMAP_TLS ? "imaps" : "imap", s->place.key + strlen("http"));
	return true;
}

static void copy_request(struct imap *s, const struct imap_request *r)
{
	s->user = xstrdup(r->user);
	s->password = copy(r->password);
	s->token = copy(r->token);
	s->folder = xstrdup(r->folder);
	s->ca_file = copy(r->ca_file);
	s->connect_ms = r->connect_ms ? r->connect_ms : IMAP_CONNECT_MS;
	s->silent_ms = r->silent_ms ? r->silent_ms : IMAP_SILENT_MS;
	s->answer_ms = r->answer_ms ? r->answer_ms : IMAP_ANSWER_MS;
	if (r->n_allow_private) {
		s->allow = xreallocarray(NULL, r->n_allow_private, sizeof(*s->allow));
		memcpy(s->allow, r->allow_private, r->n_allow_private * sizeof(*s->allow));
		s->n_allow = r->n_allow_private;
	}
}

struct imap *imap_open(struct fetch *f, const struct imap_request *request,
		       void (*on_done)(void *arg, const struct imap_result *result), void *arg)
{
	struct fetch_parts parts = fetch_parts(f);
	struct imap *s = NEW(struct imap);

	*s = (struct imap){.loop = parts.loop,
			   .resolver = parts.resolver,
			   .settings = parts.settings,
			   .on_done = on_done,
			   .arg = arg,
			   .tls = request->tls,
			   .out = BUF_INIT(2 * IMAP_COMMAND_MAX_BYTES),
			   .bodies = BUF_INIT(IMAP_PAGE_BYTES + IMAP_MAIL_BYTES),
			   .result = {.cert_until_ms = TIME_NONE, .detail = ""}};
	imap_reader_init(&s->reader);
	copy_request(s, request);
	s->deadline = loop_timer_new(s->loop, on_deadline, s);
	s->silence = loop_timer_new(s->loop, on_deadline, s);
	s->tell = loop_timer_new(s->loop, on_tell, s);
	s->more = loop_timer_new(s->loop, imap_on_more, s);
	if (!place_read(s, request->server))
		return imap_close(s);
	if (!s->place.name || options_resolves(s->settings, s->place.name, s->place.port)) {
		imap_connect(s);
		return s;
	}
	s->addresses = resolver_known(s->resolver, s->place.name);
	if (s->addresses)
		imap_connect(s);
	else
		resolver_ask(s->resolver, s->place.name, s->connect_ms, on_addresses, &s->asking);
	return s;
}

static void free_secret(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

/* A word to the server, if it can be had at once: who goes without one is logged as lost. */
static void say_goodbye(struct imap *s)
{
	static const char goodbye[] = "E LOGOUT\r\n";
	size_t n;

	if (s->watch && !s->out.len)
		(void)curl_easy_send(s->easy, goodbye, strlen(goodbye), &n);
}

struct imap *imap_close(struct imap *s)
{
	if (!s)
		return NULL;
	say_goodbye(s);
	if (s->asking.name)
		resolver_cancel(s->resolver, &s->asking);
	if (s->easy) {
		multi_remove(s->multi, s->easy);
		curl_easy_cleanup(s->easy);
	}
	multi_free(s->multi);
	loop_watch_free(s->watch);
	loop_timer_free(s->deadline);
	loop_timer_free(s->silence);
	loop_timer_free(s->tell);
	loop_timer_free(s->more);
	addresses_unref(s->addresses);
	curl_slist_free_all(s->resolve);
	imap_reader_done(&s->reader);
	buf_done(&s->out);
	buf_done(&s->bodies);
	free(s->uids);
	place_done(&s->place);
	free_secret(s->password);
	free_secret(s->token);
	free(s->url);
	free(s->user);
	free(s->folder);
	free(s->ca_file);
	free(s->allow);
	free(s);
	return NULL;
}
