#include "source/poll_mailbox.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "platform/mailbox.h"
#include "platform/params.h"
#include "platform/platform.h"
#include "source/config.h"
#include "source/poll_api.h"
#include "source/poll_inside.h"
#include "source/poll_mailbox_inside.h"

bool poll_is_mailbox(const struct poll *p)
{
	return p->config->params && p->config->params->platform->transport == PLATFORM_IMAP;
}

struct poll_mailbox *poll_mailbox_free(struct poll_mailbox *m)
{
	if (!m)
		return NULL;
	imap_close(m->session);
	free(m->uids);
	free(m);
	return NULL;
}

static void note_certificate(struct poll *p, const struct imap_result *r)
{
	const char *server = strstr(p->url, "://") + 3;

	if (r->cert_until_ms == TIME_NONE)
		return;
	p->report.cert_until_ms = r->cert_until_ms;
	p->report.cert_host = arena_memdup0(poll_texts(p), server, strcspn(server, "/"));
}

static void on_done(void *arg, const struct imap_result *r);

static void session_open(struct poll *p)
{
	static const enum imap_tls tls[] = {
		[MAILBOX_TLS] = IMAP_TLS, [MAILBOX_STARTTLS] = IMAP_STARTTLS, [MAILBOX_NONE] = IMAP_LOCAL};
	const struct source_config *c = p->config;
	struct imap_request request = {.allow_private = c->allow_private, .n_allow_private = c->n_allow_private};
	struct poll_mailbox *m = p->mailbox;
	struct mailbox box;
	const char *why;

	if (mailbox_make(c->params, poll_texts(p), &box, &why) != 0) {
		poll_api_fail(p, COURSE_BROKEN, "bad_request", why);
		return;
	}
	request.server = box.server;
	request.tls = tls[box.security];
	request.user = box.user;
	request.password = box.password;
	request.token = box.password ? NULL : p->api->progress.token.access;
	request.folder = box.folder;
	request.ca_file = box.ca_file;
	m->asking = ASKING_OPEN;
	m->session = imap_open(p->env.fetch, &request, on_done, p);
	if (!m->session)
		poll_api_fail(p, COURSE_BROKEN, "bad_url", box.server);
}

/* Some servers hang up at a mail that is damaged, for ever. Its page is asked for mail by mail, on another connection; the one at which it
 * goes MAILBOX_LOSSES_MAX times is passed over, if the server gives another one behind it. False: that is no use. */
static bool come_back(struct poll *p, const struct imap_result *r)
{
	static const char *const cuts[] = {"aborted", "protocol", "too_large"};
	struct poll_mailbox *m = p->mailbox;
	size_t i;

	for (i = 0; i < ARRAY_LEN(cuts) && strcmp(r->class_name, cuts[i]) != 0; i++)
		;
	if (i == ARRAY_LEN(cuts) || m->in_doubt || m->comebacks == MAILBOX_COMEBACKS_MAX)
		return false;
	m->comebacks++;
	if (!m->careful)
		m->careful = m->taken;
	if (m->n_page == 1) {
		m->losses = m->page[0] == m->lost_uid ? m->losses + 1 : 1;
		m->lost_uid = m->page[0];
		m->in_doubt = m->losses == MAILBOX_LOSSES_MAX;
	}
	if (m->in_doubt) {
		poll_mails_note_unread(p, r->class_name, r->detail);
		poll_mails_pass(m);
	}
	m->n_uids = m->at = 0;
	m->session = imap_close(m->session); /* and r with it */
	session_open(p);
	return true;
}

static void on_done(void *arg, const struct imap_result *r)
{
	static void (*const takes[])(struct poll *, const struct imap_result *) = {[ASKING_OPEN] = poll_mails_opened,
										   [ASKING_SEARCH] = poll_mails_found,
										   [ASKING_SIZES] = poll_mails_sized,
										   [ASKING_MAILS] = poll_mails_fetched};
	struct poll *p = arg;
	struct poll_mailbox *m = p->mailbox;

	if (!r->class_name) {
		note_certificate(p, r);
		takes[m->asking](p, r);
		return;
	}
	if (r->refused && !r->limited && (m->asking == ASKING_SIZES || m->asking == ASKING_MAILS)) {
		poll_mails_spare(p, r->class_name, r->detail);
		return;
	}
	if (!r->refused && (m->asking == ASKING_SIZES || m->asking == ASKING_MAILS) && come_back(p, r))
		return;
	if (m->asking == ASKING_OPEN && strcmp(r->class_name, "unauthorized") == 0 &&
	    p->api->progress.token.access) { /* it may be too old */
		p->api->step.detail = poll_copy(p, r->detail);
		p->mailbox = poll_mailbox_free(m); /* and r with it */
		poll_api_renew(p);
		return;
	}
	p->lasting = r->lasting;
	poll_api_fail(p, r->limited ? COURSE_LIMITED : COURSE_BROKEN, r->class_name, poll_copy(p, r->detail));
}

/* --- the beginning --- */

static void begin(struct poll *p)
{
	p->mailbox = NEW(struct poll_mailbox);
	session_open(p);
}

void poll_mailbox_step(struct poll *p)
{
	if (p->mailbox)
		poll_mails_next(p);
	else
		begin(p);
}
