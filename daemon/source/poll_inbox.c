/* source/poll: what was sent to us (transport webhook) and waits in the log, one body after another, oldest first. Each goes out of
 * the log in the commit of what it held, also when it could not be read: it would never be better. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "platform/params.h"
#include "platform/platform.h"
#include "source/config.h"
#include "source/poll_inside.h"

bool poll_is_inbox(const struct poll *p)
{
	return p->config->params && p->config->params->platform->transport == PLATFORM_WEBHOOK;
}

static void ask(struct poll *p)
{
	p->owed = true;
	p->env.ops->inbox(p->env.ops_arg, p->name, poll_hydrate_after(p), p);
}

/* Whatever comes is news: nobody sends what was said before we asked to be told. */
void poll_inbox_begin(struct poll *p)
{
	p->state.baselined = true;
	poll_hydrate_begin(p);
	ask(p);
}

void poll_posted(struct poll *p, int r, int64_t id, int64_t at_ms, const void *body, size_t len)
{
	p->owed = false;
	if (!p->on_end) {
		poll_free(p);
	} else if (r < 0) {
		poll_fail_log(p, r);
	} else if (body) {
		p->inbox = id;
		p->inbox_ms = at_ms;
		p->body_address = arena_printf(poll_texts(p), "webhook:%s", p->name);
		p->content_type = "application/json";
		buf_reset(&p->body);
		buf_put(&p->body, body, len);
		poll_submit(p);
	} else if (poll_hydrate_end(p)) {
		return;
	} else if (p->inbox_read) { /* all that there was: its commits have said so */
		poll_finish(p);
	} else {
		poll_unchanged(p);
	}
}

void poll_inbox_committed(struct poll *p)
{
	if (poll_hydrate_committed(p))
		return;
	if (p->inbox)
		p->inbox_read = true;
	p->inbox = 0;
	if (!p->inbox_read || p->draining)
		poll_finish(p);
	else
		poll_load(p); /* the next is read with what this one has shown */
}

/* class_name is a literal. */
void poll_inbox_fail(struct poll *p, const char *class_name, const char *detail)
{
	LOG_LIMITED("webhook.unread", LOG_S("source", p->name), LOG_S("class", class_name), LOG_S("detail", detail));
	p->report.answered = true;
	poll_fail(p, POLL_END_FAILED, class_name, detail);
}
