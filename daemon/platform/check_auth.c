/* platform/check: who we are, what a platform sends by itself, what lies in a mailbox. */
#include <string.h>

#include "platform/check_inside.h"

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
		check_fail(c, a->pos, TEXT_PLATFORM_NEEDS, TEXT_ARGS(platform_auth_names[a->kind], key));
}

void check_auth(struct checking *c)
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
		check_fail(c, a->pos, TEXT_PLATFORM_AUTH_PATH, TEXT_ARGS());
}

/* --- what it sends by itself --- */

static void need_hook(struct checking *c, struct diag_pos pos, bool there, const char *key)
{
	if (!there)
		check_fail(c, pos, TEXT_PLATFORM_NEEDS, TEXT_ARGS("webhook", key));
}

static void check_hook_header(struct checking *c, struct diag_pos pos, const char *name)
{
	const struct platform_pair one = {.pos = pos, .name = name};

	if (name)
		check_headers(c, &(struct platform_pairs){&one, 1});
}

/* What is not signed is anybody's: there is no such platform. */
void check_webhook(struct checking *c)
{
	const struct platform_webhook *w = c->p->webhook;

	c->key = "webhook";
	c->place = PLACE_AUTH;
	if ((c->p->transport == PLATFORM_WEBHOOK) != (w != NULL)) {
		check_fail(c, w ? w->pos : c->p->pos, TEXT_PLATFORM_NEEDS,
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

void check_mailbox(struct checking *c)
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
			check_fail(c, m->pos, TEXT_PLATFORM_NEEDS, TEXT_ARGS("mailbox", "transport: imap"));
		return;
	}
	c->key = "auth";
	need(c, p->auth->user != NULL, "user");
	if (p->auth->kind != PLATFORM_AUTH_BASIC && p->auth->kind != PLATFORM_AUTH_XOAUTH2)
		check_fail(c, p->auth->pos, TEXT_PLATFORM_NEEDS, TEXT_ARGS("transport: imap", "auth.kind: basic"));
	c->key = "map";
	if (p->map->format != PLATFORM_MAIL)
		check_fail(c, p->map->pos, TEXT_PLATFORM_NEEDS, TEXT_ARGS("transport: imap", "format: mail"));
}
