#include "platform/check.h"

#include <string.h>

#include "base/arena.h"
#include "base/suggest.h"
#include "base/units.h"
#include "platform/platform.h"
#include "platform/platforms.h"

/* Where a template stands decides what may be named in it. */
enum place {
	PLACE_ADDRESS = 1, /* of the request */
	PLACE_REQUEST = 2, /* elsewhere in it */
	PLACE_AUTH = 4,    /* what is sent as ourselves */
	PLACE_TOKEN = 8,   /* a request for a token */
	PLACE_LOOKUP = 16, /* a request for posts by their ids */
};

struct checking {
	const struct platform *p;
	struct diag *d;
	const char *key;
	enum place place;
	bool right;
	bool page, cursor, ids, auth; /* placeholders met */
};

static void fail(struct checking *c, struct diag_pos pos, enum text_id text, const char *const args[])
{
	diag_add(c->d, DIAG_ERROR, pos, c->key, NULL, text, args);
	c->right = false;
}

static void check_param(struct checking *c, struct template_part *part)
{
	const struct platform *p = c->p;
	cleanup(freep) char *name = xstrndup(part->text, part->len);
	const char *guess;

	part->param = platform_param_find(p, part->text, part->len);
	if (part->param < 0) {
		guess = p->n_params ? suggest(name, &p->params[0].name, p->n_params, sizeof(*p->params)) : NULL;
		diag_error(c->d, part->pos, c->key, guess, TEXT_PLATFORM_TEMPLATE_UNKNOWN, name);
		c->right = false;
	} else if (p->params[part->param].secret && !(c->place & (PLACE_AUTH | PLACE_TOKEN))) {
		fail(c, part->pos, TEXT_PLATFORM_TEMPLATE_SECRET, TEXT_ARGS(name));
	}
}

static void check_part(struct checking *c, struct template_part *part)
{
	static const unsigned allowed[] = {
		[TEMPLATE_LITERAL] = ~0u,
		[TEMPLATE_CURSOR] = PLACE_ADDRESS | PLACE_REQUEST,
		[TEMPLATE_PAGE] = PLACE_ADDRESS | PLACE_REQUEST,
		[TEMPLATE_SINCE] = PLACE_ADDRESS | PLACE_REQUEST,
		[TEMPLATE_UNTIL] = PLACE_ADDRESS | PLACE_REQUEST,
		[TEMPLATE_IDS] = PLACE_LOOKUP,
		[TEMPLATE_AUTH] = PLACE_ADDRESS | PLACE_LOOKUP,
		[TEMPLATE_TOKEN] = PLACE_AUTH | PLACE_TOKEN,
		[TEMPLATE_REFRESH] = PLACE_TOKEN,
	};

	if (part->what == TEMPLATE_PARAM) {
		check_param(c, part);
	} else if (!(allowed[part->what] & c->place)) {
		cleanup(freep) char *name = xstrndup(part->text, part->len);

		fail(c, part->pos, TEXT_PLATFORM_TEMPLATE_PLACE, TEXT_ARGS(name));
	}
	c->page |= part->what == TEMPLATE_PAGE;
	c->cursor |= part->what == TEMPLATE_CURSOR || part->what == TEMPLATE_SINCE;
	c->ids |= part->what == TEMPLATE_IDS;
	c->auth |= part->what == TEMPLATE_AUTH;
}

static void check_template(void *arg, const struct template *t)
{
	struct checking *c = arg;
	size_t i;

	for (i = 0; t && i < t->n; i++)
		check_part(c, &t->parts[i]);
}

static void check_pairs(struct checking *c, const struct platform_pairs *pairs)
{
	size_t i;

	for (i = 0; i < pairs->n; i++)
		check_template(c, &pairs->v[i].value);
}

/* A header's name is a token of RFC 9110. */
static void check_headers(struct checking *c, const struct platform_pairs *headers)
{
	static const char fit[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	size_t i;

	for (i = 0; i < headers->n; i++) {
		const char *name = headers->v[i].name;

		if (!*name || name[strspn(name, fit)])
			fail(c, headers->v[i].pos, TEXT_PLATFORM_HEADER, TEXT_ARGS(name));
	}
	check_pairs(c, headers);
}

/* --- the request --- */

static void check_body(struct checking *c, const struct platform_request *q, const char *key)
{
	const struct platform_body *b = q->body;
	int kinds;

	if (!b)
		return;
	c->key = key;
	kinds = (b->json != NULL) + (b->form.n > 0) + (b->graphql != NULL);
	if (kinds != 1)
		fail(c, b->pos, TEXT_PLATFORM_ONE_BODY, TEXT_ARGS());
	if (q->method != PLATFORM_POST)
		fail(c, b->pos, TEXT_PLATFORM_BODY_POST, TEXT_ARGS());
	template_json_each(b->json, check_template, c);
	template_json_each(b->variables, check_template, c);
	check_pairs(c, &b->form);
}

/* Its host may not be left to a placeholder's mercy without one being there at all: "{query}/x" is no address. */
/* What it is spoken by: the transport's own, or, of what is asked for beside it, HTTP. */
static bool begins_well(const struct platform *p, int by, const struct template *url)
{
	const struct template_part *first = url->n ? &url->parts[0] : NULL;

	if (!first)
		return false;
	if (first->what == TEMPLATE_LITERAL && by == PLATFORM_WEBSOCKET)
		return (first->len >= 6 && memcmp(first->text, "wss://", 6) == 0) ||
		       (first->len >= 5 && memcmp(first->text, "ws://", 5) == 0);
	if (by == PLATFORM_IMAP)
		return first->what == TEMPLATE_LITERAL && first->len >= 7 && memcmp(first->text, "imap://", 7) == 0;
	if (first->what == TEMPLATE_LITERAL)
		return (first->len >= 8 && memcmp(first->text, "https://", 8) == 0) ||
		       (first->len >= 7 && memcmp(first->text, "http://", 7) == 0);
	return first->what == TEMPLATE_PARAM && first->param >= 0 &&
	       p->params[first->param].kind == PLATFORM_PARAM_URL &&
	       (p->params[first->param].required || p->params[first->param].def); /* it is never left out */
}

static void check_request(struct checking *c)
{
	const struct platform *p = c->p;
	const struct platform_request *q = p->request;
	bool asks = p->transport != PLATFORM_WEBHOOK;

	c->key = "request";
	if (!q) {
		if (asks)
			fail(c, p->pos, TEXT_PLATFORM_NEEDS,
			     TEXT_ARGS(platform_transport_names[p->transport], "request"));
		return;
	}
	c->key = "request.url";
	c->place = PLACE_ADDRESS;
	check_template(c, &q->url);
	if (!begins_well(p, p->transport, &q->url))
		fail(c, q->url.pos,
		     p->transport == PLATFORM_WEBSOCKET ? TEXT_PLATFORM_ADDRESS_SOCKET : TEXT_PLATFORM_ADDRESS,
		     TEXT_ARGS());
	c->place = PLACE_REQUEST;
	c->key = "request.query";
	check_pairs(c, &q->query);
	c->key = "request.headers";
	check_headers(c, &q->headers);
	check_body(c, q, "request.body");
}

/* Asking by ids: it names them, and begins as any request. */
static void check_lookup(struct checking *c)
{
	const struct platform_lookup *l = c->p->lookup;

	c->key = "lookup";
	if (!l && platform_has_fact(c->p, "hydrate"))
		fail(c, c->p->map->pos, TEXT_PLATFORM_NEEDS, TEXT_ARGS("hydrate", "lookup"));
	if (l && c->p->transport == PLATFORM_WEBHOOK && c->p->auth->kind >= PLATFORM_AUTH_CLIENT_CREDENTIALS)
		fail(c, c->p->auth->pos, TEXT_PLATFORM_NEEDS, TEXT_ARGS("hydrate", "auth: {kind: query}"));
	if (!l)
		return;
	c->place = PLACE_LOOKUP;
	check_template(c, &l->request->url);
	if (!begins_well(c->p, PLATFORM_POLL, &l->request->url))
		fail(c, l->request->url.pos, TEXT_PLATFORM_ADDRESS, TEXT_ARGS());
	check_pairs(c, &l->request->query);
	check_headers(c, &l->request->headers);
	check_body(c, l->request, "lookup.request.body");
	if (!c->ids)
		fail(c, l->pos, TEXT_PLATFORM_LOOKUP_IDS, TEXT_ARGS());
}

/* --- who we are --- */

static void check_token_request(struct checking *c, const struct platform_token_request *t)
{
	if (!t)
		return;
	c->place = PLACE_TOKEN;
	check_template(c, &t->url);
	check_pairs(c, &t->query);
	check_headers(c, &t->headers);
	check_pairs(c, &t->form);
	template_json_each(t->json, check_template, c);
	check_template(c, t->user);
	check_template(c, t->password);
}

static void need(struct checking *c, bool there, const char *key)
{
	const struct platform_auth *a = c->p->auth;

	if (!there)
		fail(c, a->pos, TEXT_PLATFORM_NEEDS, TEXT_ARGS(platform_auth_names[a->kind], key));
}

static void check_auth(struct checking *c)
{
	const struct platform_auth *a = c->p->auth;
	bool met = c->auth;

	c->key = "auth";
	c->place = PLACE_AUTH;
	check_template(c, a->value);
	check_headers(c, &a->headers);
	check_template(c, a->user);
	check_template(c, a->password);
	check_template(c, a->key);
	check_token_request(c, a->get);
	check_token_request(c, a->refresh);
	if (a->kind == PLATFORM_AUTH_BEARER || a->kind == PLATFORM_AUTH_QUERY || a->kind == PLATFORM_AUTH_PATH)
		need(c, a->value != NULL, "value");
	if (a->kind == PLATFORM_AUTH_QUERY || (a->get && a->send == PLATFORM_AUTH_QUERY))
		need(c, a->name != NULL, "name");
	if (a->kind == PLATFORM_AUTH_HEADER || (a->get && a->send == PLATFORM_AUTH_HEADER))
		need(c, a->headers.n > 0, "headers");
	if (a->kind == PLATFORM_AUTH_BASIC)
		need(c, a->user && a->password, "user");
	if (a->kind >= PLATFORM_AUTH_CLIENT_CREDENTIALS)
		need(c, a->get != NULL, "get");
	if (a->kind == PLATFORM_AUTH_EXCHANGE || a->kind == PLATFORM_AUTH_REFRESH || a->kind == PLATFORM_AUTH_XOAUTH2)
		need(c, a->value != NULL, "value");
	if (a->kind == PLATFORM_AUTH_SERVICE_ACCOUNT) {
		need(c, a->key != NULL, "key");
		need(c, a->scope != NULL, "scope");
	}
	if (met != (a->kind == PLATFORM_AUTH_PATH))
		fail(c, a->pos, TEXT_PLATFORM_AUTH_PATH, TEXT_ARGS());
}

/* --- what it sends by itself --- */

static void need_hook(struct checking *c, struct diag_pos pos, bool there, const char *key)
{
	if (!there)
		fail(c, pos, TEXT_PLATFORM_NEEDS, TEXT_ARGS("webhook", key));
}

static void check_hook_header(struct checking *c, struct diag_pos pos, const char *name)
{
	const struct platform_pair one = {.pos = pos, .name = name};

	if (name)
		check_headers(c, &(struct platform_pairs){&one, 1});
}

/* What is not signed is anybody's: there is no such platform. */
static void check_webhook(struct checking *c)
{
	const struct platform_webhook *w = c->p->webhook;

	c->key = "webhook";
	c->place = PLACE_AUTH;
	if ((c->p->transport == PLATFORM_WEBHOOK) != (w != NULL)) {
		fail(c, w ? w->pos : c->p->pos, TEXT_PLATFORM_NEEDS,
		     TEXT_ARGS(w ? "webhook" : "transport: webhook", w ? "transport: webhook" : "webhook"));
		return;
	}
	if (!w)
		return;
	need_hook(c, w->pos, w->sign || w->equal, "sign");
	need_hook(c, w->pos, w->hello != PLATFORM_HOOK_HUB || w->verify, "verify");
	need_hook(c, w->pos, w->sign || (w->hello != PLATFORM_HOOK_CRC && w->hello != PLATFORM_HOOK_CHALLENGE), "sign");
	check_template(c, w->verify);
	if (w->sign) {
		const char *before = w->sign->before ? w->sign->before : "";

		check_template(c, w->sign->secret);
		check_hook_header(c, w->sign->pos, w->sign->header);
		check_hook_header(c, w->sign->pos, w->sign->time);
		check_hook_header(c, w->sign->pos, w->sign->id);
		need_hook(c, w->sign->pos, w->sign->time || !strstr(before, "{time}"), "time");
		need_hook(c, w->sign->pos, w->sign->id || !strstr(before, "{id}"), "id");
	}
	if (w->equal) {
		check_template(c, w->equal->value);
		check_hook_header(c, w->equal->pos, w->equal->header);
	}
}

/* --- what lies in a mailbox --- */

static void check_mailbox(struct checking *c)
{
	const struct platform *p = c->p;
	const struct platform_mailbox *m = p->mailbox;
	bool said = m->folder.n || m->security.n || m->ca_file.n;

	c->key = "mailbox";
	c->place = PLACE_AUTH;
	check_template(c, &m->folder);
	check_template(c, &m->security);
	check_template(c, &m->ca_file);
	if (p->transport != PLATFORM_IMAP) {
		if (said)
			fail(c, m->pos, TEXT_PLATFORM_NEEDS, TEXT_ARGS("mailbox", "transport: imap"));
		return;
	}
	c->key = "auth";
	need(c, p->auth->user != NULL, "user");
	if (p->auth->kind != PLATFORM_AUTH_BASIC && p->auth->kind != PLATFORM_AUTH_XOAUTH2)
		fail(c, p->auth->pos, TEXT_PLATFORM_NEEDS, TEXT_ARGS("transport: imap", "auth.kind: basic"));
	c->key = "map";
	if (p->map->format != PLATFORM_MAIL)
		fail(c, p->map->pos, TEXT_PLATFORM_NEEDS, TEXT_ARGS("transport: imap", "format: mail"));
}

/* --- where it goes on --- */

static bool has_fact(const struct platform *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->map->facts.n; i++) {
		if (p->map->facts.v[i].name && strcmp(p->map->facts.v[i].name, name) == 0)
			return true;
	}
	return false;
}

static void need_fact(struct checking *c, struct diag_pos pos, const char *fact)
{
	if (!has_fact(c->p, fact))
		fail(c, pos, TEXT_PLATFORM_FACT, TEXT_ARGS(fact));
}

static void check_map(struct checking *c)
{
	struct platform_map *m = c->p->map;

	c->key = "map";
	if (!m->name && m->format != PLATFORM_FEED)
		fail(c, m->pos, TEXT_PLATFORM_NEEDS, TEXT_ARGS("map", "use"));
	if (!m->name && m->facts.n)
		fail(c, m->pos, TEXT_PLATFORM_FEED_FACTS, TEXT_ARGS());
}

static void check_course(struct checking *c)
{
	const struct platform *p = c->p;
	int cursor = p->cursor->kind, pages = p->pages->kind;

	c->key = "cursor";
	if (cursor == PLATFORM_CURSOR_SINCE_ID || cursor == PLATFORM_CURSOR_MIN_ID ||
	    cursor == PLATFORM_CURSOR_OFFSET || cursor == PLATFORM_CURSOR_STREAM_TIME)
		need_fact(c, p->cursor->pos, p->cursor->fact);
	if ((cursor == PLATFORM_CURSOR_EVENT_ID || p->stream->n_events) && p->transport != PLATFORM_SSE)
		fail(c, cursor == PLATFORM_CURSOR_EVENT_ID ? p->cursor->pos : p->stream->pos, TEXT_PLATFORM_NEEDS,
		     TEXT_ARGS(cursor == PLATFORM_CURSOR_EVENT_ID ? "event_id" : "events", "transport: sse"));
	c->key = "stream";
	if (p->stream->filter && has_fact(p, "error")) /* nobody would see it */
		fail(c, p->stream->pos, TEXT_PLATFORM_FILTER_ERROR, TEXT_ARGS());
	c->key = "pages";
	if (pages == PLATFORM_PAGES_TOKEN || pages == PLATFORM_PAGES_URL)
		need_fact(c, p->pages->pos, "next");
	if ((pages == PLATFORM_PAGES_TOKEN || pages == PLATFORM_PAGES_NUMBER || pages == PLATFORM_PAGES_OFFSET) !=
	    c->page)
		fail(c, p->pages->pos, TEXT_PLATFORM_PAGE, TEXT_ARGS(platform_pages_names[pages]));
	if (pages == PLATFORM_PAGES_CURSOR && cursor != PLATFORM_CURSOR_MIN_ID && cursor != PLATFORM_CURSOR_OFFSET)
		fail(c, p->pages->pos, TEXT_PLATFORM_PAGES_CURSOR, TEXT_ARGS(platform_cursor_names[cursor]));
	if (p->cost->calls_per_day || p->cost->calls_per_month || p->cost->currency)
		return;
	c->key = "cost";
	if (p->cost->item_micros || p->cost->request_micros)
		fail(c, p->cost->pos, TEXT_PLATFORM_CURRENCY, TEXT_ARGS());
}

/* --- parameters --- */

static void check_default(struct checking *c, const struct platform_param *x)
{
	if (x->secret && x->def)
		fail(c, x->pos, TEXT_PLATFORM_PARAM_SECRET, TEXT_ARGS(x->name));
	if (x->required && x->def)
		fail(c, x->pos, TEXT_PLATFORM_PARAM_DEFAULT, TEXT_ARGS(x->name));
}

static void check_params(struct checking *c)
{
	/* what any source may say, whatever its platform */
	static const char *const taken[] = {"name",  "platform",      "url",    "file",     "path",
					    "every", "slowest",       "as",     "backfill", "topic",
					    "lang",  "allow_private", "budget", "recheck",  "filter"};
	size_t i, k;

	c->key = "params";
	for (i = 0; i < c->p->n_params; i++) {
		const struct platform_param *x = &c->p->params[i];

		for (k = 0; k < ARRAY_LEN(taken); k++) {
			if (strcmp(x->name, taken[k]) == 0)
				fail(c, x->pos, TEXT_PLATFORM_PARAM_TAKEN, TEXT_ARGS(x->name));
		}
		if (strcmp(x->name, x->secret ? "user" : "password") == 0) /* source/config reads these two */
			fail(c, x->pos, TEXT_PLATFORM_PARAM_TAKEN, TEXT_ARGS(x->name));
		check_default(c, x);
	}
}

/* What a fixture says is what a source could. */
static void check_fixture(struct checking *c, const struct platform_fixture *f)
{
	const struct platform *p = c->p;
	size_t i;
	int at;

	if (!platforms_fixture_name(f->answer))
		fail(c, f->answer_pos, TEXT_PLATFORM_FIXTURE_NAME, TEXT_ARGS(f->answer));
	if (!platforms_fixture_name(f->mentions))
		fail(c, f->mentions_pos, TEXT_PLATFORM_FIXTURE_NAME, TEXT_ARGS(f->mentions));
	for (i = 0; i < f->with.n; i++) {
		const char *name = f->with.v[i].name;

		at = platform_param_find(p, name, strlen(name));
		if (at < 0)
			fail(c, f->with.v[i].pos, TEXT_PLATFORM_TEMPLATE_UNKNOWN, TEXT_ARGS(name));
		else if (p->params[at].secret)
			fail(c, f->with.v[i].pos, TEXT_PLATFORM_TEMPLATE_SECRET, TEXT_ARGS(name));
	}
}

static void check_fixtures(struct checking *c)
{
	size_t i;

	c->key = "fixtures";
	for (i = 0; i < c->p->n_fixtures; i++)
		check_fixture(c, &c->p->fixtures[i]);
}

static void check_pace(struct checking *c)
{
	const struct platform_every *e = c->p->every;
	char least[UNITS_TEXT_SIZE], usual[UNITS_TEXT_SIZE];

	c->key = "every";
	if (e->default_ms < e->least_ms)
		fail(c, c->p->pos, TEXT_CONFIG_SLOWEST_LEAST,
		     TEXT_ARGS(units_duration_text(e->least_ms, least), units_duration_text(e->default_ms, usual)));
}

bool platform_check(struct platform *p, struct diag *d)
{
	struct checking c = {.p = p, .d = d, .right = true};

	check_params(&c);
	check_request(&c);
	check_lookup(&c);
	check_map(&c);
	check_course(&c);
	check_auth(&c);
	check_webhook(&c);
	check_mailbox(&c);
	check_pace(&c);
	check_fixtures(&c);
	return c.right;
}
