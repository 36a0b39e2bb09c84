#include "main/app_webhook.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/log.h"
#include "main/app_inside.h"
#include "main/app_metrics.h"
#include "platform/hook.h"
#include "platform/params.h"
#include "platform/platform.h"
#include "serve/serve.h"
#include "source/config.h"
#include "source/sources.h"
#include "store/inbox.h"
#include "store/store.h"

enum { HELLO_MAX_BYTES = 16 * 1024 };
_Static_assert((int)STORE_INBOX_MAX_BYTES >= (int)SERVE_HOOK_MAX_BYTES, "what comes in can be kept");

struct webhook {
	const struct source_config *config;
	int64_t until_ms; /* steady: by then all that it took at once is forgiven */
};

struct app_webhooks {
	struct webhook *v; /* in the configuration's order */
	size_t n;
};

static bool is_webhook(const struct source_config *s)
{
	return s->params && s->params->platform->transport == PLATFORM_WEBHOOK;
}

static struct webhook *find(struct app_webhooks *all, const char *name)
{
	size_t i;

	for (i = 0; all && i < all->n; i++)
		if (strcmp(all->v[i].config->name, name) == 0)
			return &all->v[i];
	return NULL;
}

struct app_webhooks *app_webhooks_free(struct app_webhooks *all)
{
	if (!all)
		return NULL;
	free(all->v);
	free(all);
	return NULL;
}

/* Nothing of the old one is looked at: its texts are gone. */
void app_webhook_configure(struct app *a)
{
	const struct config *c = a->config;
	struct app_webhooks *all = NEW(struct app_webhooks);
	size_t i, cap = 0;

	for (i = 0; i < c->n_sources; i++) {
		if (!is_webhook(&c->sources[i]))
			continue;
		all->v = GROW(all->v, all->n, &cap);
		all->v[all->n++] = (struct webhook){.config = &c->sources[i]};
	}
	app_webhooks_free(a->webhooks);
	a->webhooks = all;
}

void app_webhook_check(const struct config *c, struct diag *d)
{
	size_t i;

	for (i = 0; i < c->n_sources && !c->http; i++)
		if (is_webhook(&c->sources[i]))
			diag_warning(d, c->sources[i].pos, "platform", NULL, TEXT_WEBHOOK_DEAF,
				     c->sources[i].params->platform->name, c->sources[i].name);
}

/* --- one that came --- */

static void count(struct app *a, const char *result)
{
	app_metrics_webhook(a->metrics, result);
}

static void refuse(struct app *a, const struct serve_hook *hook, const char *why, struct reply *reply, int status,
		   enum text_id text)
{
	count(a, why);
	LOG_LIMITED("webhook.refused", LOG_S("source", hook->source), LOG_S("why", why), LOG_S("address", hook->from));
	reply_error(reply, status, why, text_raw(app_lang(a), text));
}

struct taking {
	struct app *app;
	struct reply *reply;
	char *source;
};

static void on_put(void *arg, int r, enum store_inbox what)
{
	struct taking *t = arg;
	struct app *a = t->app;

	if (r < 0 || what == STORE_INBOX_FULL) {
		count(a, "full");
		if (r < 0)
			app_log_failed(a, "webhook", r);
		else
			LOG_LIMITED("webhook.full", LOG_S("source", t->source));
		reply_error(t->reply, 503, "full", text_raw(app_lang(a), TEXT_WEBHOOK_SOON));
	} else {
		count(a, what == STORE_INBOX_AGAIN ? "repeated" : "taken");
		if (what == STORE_INBOX_TAKEN && a->sources)
			sources_posted(a->sources, t->source);
		reply_text(t->reply, 200, "text/plain", "", 0);
	}
	free(t->source);
	free(t);
}

/* A bucket that holds WEBHOOK_BURST, and is filled again one by one. */
static bool within_rate(struct webhook *w)
{
	int64_t now = clock_steady_ms();

	if (w->until_ms < now)
		w->until_ms = now;
	if (w->until_ms - now > (WEBHOOK_BURST - 1) * (int64_t)WEBHOOK_REGAIN_MS)
		return false;
	w->until_ms += WEBHOOK_REGAIN_MS;
	return true;
}

/* Packed, or as a form is sent (which GitHub and Discourse do unless told otherwise): no program reads that, and 200 would hide it. */
static bool is_json(const struct hook_request *q)
{
	const char *encoding = q->header(q->arg, "Content-Encoding"), *type = q->header(q->arg, "Content-Type");

	if (encoding && *encoding && strcasecmp(encoding, "identity") != 0)
		return false;
	return !type || (strncasecmp(type, "application/x-www-form-urlencoded", 33) != 0 &&
			 strncasecmp(type, "multipart/", 10) != 0);
}

static void take(struct app *a, struct webhook *w, const struct serve_hook *hook, const struct hook_request *q,
		 struct reply *reply)
{
	enum hook_verdict v = hook_judge(w->config->params, q, clock_wall_ms());
	struct taking *t;

	if (v != HOOK_TRUE) {
		refuse(a, hook, hook_verdict_name(v), reply, 401, TEXT_WEBHOOK_REFUSED);
	} else if (!hook->len) { /* nothing is what it says: a test that the way is open */
		count(a, "empty");
		reply_text(reply, 200, "text/plain", "", 0);
	} else if (!is_json(q)) {
		refuse(a, hook, "no_json", reply, 415, TEXT_WEBHOOK_NO_JSON);
	} else if (!within_rate(w)) {
		refuse(a, hook, "slower", reply, 429, TEXT_WEBHOOK_SLOWER);
	} else {
		t = NEW(struct taking);
		*t = (struct taking){a, reply, xstrdup(hook->source)};
		store_inbox_put(a->store, hook->source, hook->body, hook->len, on_put, t);
	}
}

static void greet(struct app *a, const struct webhook *w, const struct serve_hook *hook, const struct hook_request *q,
		  struct reply *reply)
{
	struct buf b = BUF_INIT(HELLO_MAX_BYTES);
	enum hook_hello h = hook_hello(w->config->params, q, &b);

	if (h == HOOK_HELLO_NONE) {
		refuse(a, hook, "no_handshake", reply, 400, TEXT_WEBHOOK_NO_HANDSHAKE);
	} else if (h == HOOK_HELLO_WRONG) {
		refuse(a, hook, "wrong_handshake", reply, 403, TEXT_WEBHOOK_REFUSED);
	} else {
		count(a, "handshake");
		LOG_INFO("webhook.handshake", LOG_S("source", hook->source));
		reply_text(reply, 200, h == HOOK_HELLO_TEXT ? "text/plain" : "application/json", buf_str(&b), b.len);
	}
	buf_done(&b);
}

void app_webhook_take(void *arg, const struct serve_hook *hook, struct reply *reply)
{
	const struct hook_request q = {.header = hook->header,
				       .query = hook->query,
				       .arg = hook->request,
				       .body = hook->body,
				       .len = hook->len};
	struct app *a = arg;
	struct webhook *w = find(a->webhooks, hook->source);

	if (!a->webhooks)
		refuse(a, hook, "soon", reply, 503, TEXT_WEBHOOK_SOON);
	else if (!w)
		refuse(a, hook, "nobody", reply, 404, TEXT_WEBHOOK_NOBODY);
	else if (hook->post)
		take(a, w, hook, &q, reply);
	else
		greet(a, w, hook, &q, reply);
}
