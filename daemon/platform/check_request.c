/* platform/check: templates, and the requests that are made of them. */
#include <string.h>

#include "base/suggest.h"
#include "platform/check_inside.h"

/* --- templates --- */

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
		check_fail(c, part->pos, TEXT_PLATFORM_TEMPLATE_SECRET, TEXT_ARGS(name));
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

		check_fail(c, part->pos, TEXT_PLATFORM_TEMPLATE_PLACE, TEXT_ARGS(name));
	}
	c->page |= part->what == TEMPLATE_PAGE;
	c->cursor |= part->what == TEMPLATE_CURSOR || part->what == TEMPLATE_SINCE;
	c->ids |= part->what == TEMPLATE_IDS;
	c->auth |= part->what == TEMPLATE_AUTH;
}

void check_template(void *arg, const struct template *t)
{
	struct checking *c = arg;
	size_t i;

	for (i = 0; t && i < t->n; i++)
		check_part(c, &t->parts[i]);
}

void check_pairs(struct checking *c, const struct platform_pairs *pairs)
{
	size_t i;

	for (i = 0; i < pairs->n; i++)
		check_template(c, &pairs->v[i].value);
}

/* A header's name is a token of RFC 9110. */
void check_headers(struct checking *c, const struct platform_pairs *headers)
{
	static const char fit[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	size_t i;

	for (i = 0; i < headers->n; i++) {
		const char *name = headers->v[i].name;

		if (!*name || name[strspn(name, fit)])
			check_fail(c, headers->v[i].pos, TEXT_PLATFORM_HEADER, TEXT_ARGS(name));
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
		check_fail(c, b->pos, TEXT_PLATFORM_ONE_BODY, TEXT_ARGS());
	if (q->method != PLATFORM_POST)
		check_fail(c, b->pos, TEXT_PLATFORM_BODY_POST, TEXT_ARGS());
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

void check_request(struct checking *c)
{
	const struct platform *p = c->p;
	const struct platform_request *q = p->request;
	bool asks = p->transport != PLATFORM_WEBHOOK;

	c->key = "request";
	if (!q) {
		if (asks)
			check_fail(c, p->pos, TEXT_PLATFORM_NEEDS,
				   TEXT_ARGS(platform_transport_names[p->transport], "request"));
		return;
	}
	c->key = "request.url";
	c->place = PLACE_ADDRESS;
	check_template(c, &q->url);
	if (!begins_well(p, p->transport, &q->url))
		check_fail(c, q->url.pos,
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
void check_lookup(struct checking *c)
{
	const struct platform_lookup *l = c->p->lookup;

	c->key = "lookup";
	if (!l && platform_has_fact(c->p, "hydrate"))
		check_fail(c, c->p->map->pos, TEXT_PLATFORM_NEEDS, TEXT_ARGS("hydrate", "lookup"));
	if (l && c->p->transport == PLATFORM_WEBHOOK && c->p->auth->kind >= PLATFORM_AUTH_CLIENT_CREDENTIALS)
		check_fail(c, c->p->auth->pos, TEXT_PLATFORM_NEEDS, TEXT_ARGS("hydrate", "auth: {kind: query}"));
	if (!l)
		return;
	c->place = PLACE_LOOKUP;
	check_template(c, &l->request->url);
	if (!begins_well(c->p, PLATFORM_POLL, &l->request->url))
		check_fail(c, l->request->url.pos, TEXT_PLATFORM_ADDRESS, TEXT_ARGS());
	check_pairs(c, &l->request->query);
	check_headers(c, &l->request->headers);
	check_body(c, l->request, "lookup.request.body");
	if (!c->ids)
		check_fail(c, l->pos, TEXT_PLATFORM_LOOKUP_IDS, TEXT_ARGS());
}
