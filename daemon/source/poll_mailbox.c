#include "source/poll_mailbox.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "fetch/imap.h"
#include "mention/answer.h"
#include "mention/mails.h"
#include "platform/mailbox.h"
#include "platform/params.h"
#include "platform/platform.h"
#include "source/config.h"
#include "source/poll_api.h"
#include "source/poll_inside.h"

enum asking { ASKING_OPEN, ASKING_SEARCH, ASKING_SIZES, ASKING_MAILS };

struct poll_mailbox {
	struct imap *session;
	enum asking asking;
	uint32_t validity;
	uint64_t from;     /* the first UID that nobody looked for */
	uint64_t end;      /* the last that there was as it was opened … */
	bool end_known;    /* … as the server said; else it could be any */
	uint32_t done;     /* the last that is read */
	int64_t sent_ms;   /* counted anew: what was sent before is known; TIME_NONE: all is wanted */
	uint32_t *uids;    /* of the present window, … */
	size_t n_uids, at; /* … and which of them is next */
	uint32_t page[IMAP_PAGE];
	size_t n_page, taken; /* asked for now; of uids, with this page */
	size_t careful;       /* so many are asked for one by one: one of them did harm */
	unsigned pages, windows;
	bool more;          /* the rest is the next poll's */
	unsigned comebacks; /* the connection went while mails were asked for, and was made anew */
	uint32_t lost_uid;  /* the mail that was asked for alone as it went, … */
	unsigned losses;    /* … so many times */
	bool in_doubt;      /* a mail is passed over for that, and none was given since */
};

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

/* --- where it goes on --- */

/* A server that came back from a backup may count on where others were, and not say so: what it gives next would be below our UID. */
static void cursor_read(struct poll *p, uint32_t validity, uint32_t uidnext)
{
	struct poll_mailbox *m = p->mailbox;
	const char *cursor = p->api->progress.cursor;
	uint32_t was = 0, uid = 0;
	int64_t sent_s = 0;
	int n = cursor ? sscanf(cursor, "%" SCNu32 ":%" SCNu32 ":%" SCNd64, &was, &uid, &sent_s) : 0;

	m->validity = validity;
	m->sent_ms = TIME_NONE;
	if (n >= 2 && was == validity && (!uidnext || uid < uidnext)) {
		m->done = uid;
		if (n == 3)
			m->sent_ms = sent_s * SECOND_MS;
	} else if (n >= 2) {
		if (p->state.ok_ms != TIME_NONE)
			m->sent_ms = p->state.ok_ms - MAILBOX_ANEW_MS;
		LOG_WARN("mailbox.anew", LOG_S("source", p->name), LOG_I("uidvalidity", validity), LOG_I("before", was),
			 LOG_I("uid", uid), LOG_I("uidnext", uidnext));
	}
}

static const char *cursor_of(struct poll *p)
{
	const struct poll_mailbox *m = p->mailbox;

	if (m->sent_ms == TIME_NONE)
		return arena_printf(poll_texts(p), "%" PRIu32 ":%" PRIu32, m->validity, m->done);
	return arena_printf(poll_texts(p), "%" PRIu32 ":%" PRIu32 ":%" PRId64, m->validity, m->done,
			    m->sent_ms / SECOND_MS);
}

/* Nothing is left to be asked: what comes next is the poll's last commit. */
static bool at_end(const struct poll_mailbox *m)
{
	return m->at >= m->n_uids && m->from > m->end;
}

static void keep(struct poll *p, bool last)
{
	struct poll_mailbox *m = p->mailbox;
	struct poll_api *api = p->api;

	if (last && !m->more)
		m->sent_ms = TIME_NONE;
	if (m->end_known && m->at >= m->n_uids && m->from > m->done) /* also windows in which there was nothing */
		m->done = (uint32_t)(m->from - 1);
	api->course.cursor = api->progress.cursor = cursor_of(p);
	if (!last)
		return;
	api->last = true;
	api->step = (struct course_step){.next = COURSE_DONE, .cut = m->more};
	poll_api_keep_course(p);
}

static void finish(struct poll *p)
{
	if (p->mailbox->in_doubt) { /* perhaps it gives none at all just now: the cursor stays */
		poll_api_fail(p, COURSE_BROKEN, p->bad_class, poll_copy(p, p->bad_detail));
		return;
	}
	keep(p, true);
	p->state.baselined = p->state.baselined || !p->mailbox->more; /* what is left of the first mails is no news */
	if (p->bad_class)
		poll_fail(p, p->bad_end, p->bad_class, p->bad_detail);
	else
		poll_unchanged(p);
}

/* --- one step --- */

static void search(struct poll *p)
{
	struct poll_mailbox *m = p->mailbox;
	uint64_t last = m->end_known && m->end - m->from >= IMAP_WINDOW ? m->from + IMAP_WINDOW - 1 : m->end;
	struct imap_search s = {
		.from = (uint32_t)m->from, .to = (uint32_t)last, .arrived_ms = TIME_NONE, .sent_ms = m->sent_ms};

	if (!p->state.baselined && p->config->backfill_ms > 0) /* the reader looks at it more closely */
		s.arrived_ms = clock_wall_ms() - p->config->backfill_ms - DAY_MS;
	m->windows++;
	m->asking = ASKING_SEARCH;
	m->from = last + 1;
	imap_search(m->session, &s);
}

static void next(struct poll *p)
{
	struct poll_mailbox *m = p->mailbox;
	size_t most = m->careful ? 1 : IMAP_PAGE, left = m->n_uids - m->at;

	if (m->at < m->n_uids && m->pages < MAILBOX_PAGES_MAX) {
		m->n_page = m->taken = left < most ? left : most;
		memcpy(m->page, m->uids + m->at, m->n_page * sizeof(*m->page));
		m->asking = ASKING_SIZES;
		imap_sizes(m->session, m->page, m->n_page);
		return;
	}
	m->more = m->at < m->n_uids || (m->from <= m->end && m->windows >= MAILBOX_WINDOWS_MAX);
	if (m->more || at_end(m))
		finish(p);
	else
		search(p);
}

/* The page is over, whatever became of it. */
static void pass(struct poll_mailbox *m)
{
	if (m->taken)
		m->done = m->uids[m->at + m->taken - 1];
	m->at += m->taken;
	m->careful -= m->careful > 0;
}

static void note_unread(struct poll *p, const char *class_name, const char *why)
{
	uint32_t uid = p->mailbox->page[0];

	LOG_LIMITED("mailbox.unread", LOG_S("source", p->name), LOG_I("uid", uid), LOG_S("class", class_name),
		    LOG_S("detail", why));
	free(p->bad_detail);
	p->bad_class = class_name;
	p->bad_end = POLL_END_FAILED;
	p->bad_detail = xasprintf("message %" PRIu32 ": %s", uid, why ? why : "");
}

/* A page did harm, or was refused: its mails are asked for one by one; if it is one mail, it is passed over and told. */
static void spare(struct poll *p, const char *class_name, const char *why)
{
	struct poll_mailbox *m = p->mailbox;

	if (m->n_page > 1) {
		m->careful = m->taken;
		next(p);
		return;
	}
	note_unread(p, class_name, why);
	pass(m);
	next(p);
}

/* --- what the server answers --- */

static void opened(struct poll *p, const struct imap_result *r)
{
	struct poll_mailbox *m = p->mailbox;

	if (!m->comebacks || r->uidvalidity != m->validity)
		cursor_read(p, r->uidvalidity, r->uidnext);
	m->from = (uint64_t)m->done + 1;
	m->end_known = r->uidnext || !r->exists;
	m->end = r->uidnext ? r->uidnext - 1 : r->exists ? UINT32_MAX : m->done;
	if (!r->exists)
		m->from = m->end + 1;
	if (p->env.trial && r->uidnext > IMAP_WINDOW && m->from < r->uidnext - IMAP_WINDOW)
		m->from = r->uidnext - IMAP_WINDOW;
	if (!p->state.baselined && p->config->backfill_ms == 0 && r->uidnext && !p->env.trial)
		m->from = r->uidnext; /* nothing of what is there is wanted */
	next(p);
}

static void found(struct poll *p, const struct imap_result *r)
{
	struct poll_mailbox *m = p->mailbox;

	free(m->uids);
	m->n_uids = r->n_uids;
	m->at = p->env.trial && r->n_uids > MAILBOX_TRY_MAILS ? r->n_uids - MAILBOX_TRY_MAILS : 0;
	m->uids = xcalloc(r->n_uids + 1, sizeof(*m->uids));
	if (r->n_uids)
		memcpy(m->uids, r->uids, r->n_uids * sizeof(*m->uids));
	next(p);
}

static const struct imap_mail *mail_of(const struct imap_result *r, uint32_t uid)
{
	size_t i;

	for (i = 0; i < r->n_mails; i++)
		if (r->mails[i].uid == uid)
			return &r->mails[i];
	return NULL;
}

/* As many of the page as it may be long; those that went meanwhile are passed over. */
static void sized(struct poll *p, const struct imap_result *r)
{
	struct poll_mailbox *m = p->mailbox;
	size_t i, n = 0, bytes = 0;

	for (i = 0; i < m->taken; i++) {
		const struct imap_mail *mail = mail_of(r, m->uids[m->at + i]);
		size_t size = !mail ? 0 : mail->size < IMAP_MAIL_BYTES ? mail->size : IMAP_MAIL_BYTES;

		if (n && bytes + size > IMAP_PAGE_BYTES)
			break;
		bytes += size;
		if (mail)
			m->page[n++] = mail->uid;
	}
	m->taken = i;
	m->n_page = n;
	if (!n) {
		pass(m);
		next(p);
		return;
	}
	m->asking = ASKING_MAILS;
	imap_fetch(m->session, m->page, n);
}

static void fetched(struct poll *p, const struct imap_result *r)
{
	struct poll_mailbox *m = p->mailbox;
	size_t i, n = 0;

	buf_done(&p->body);
	for (i = 0; i < m->n_page; i++) {
		const struct imap_mail *mail = mail_of(r, m->page[i]);

		if (!mail || !mail->len)
			continue;
		if (mail->cut)
			LOG_LIMITED("mailbox.cut", LOG_S("source", p->name), LOG_I("uid", mail->uid),
				    LOG_I("bytes", mail->size), LOG_I("read", (int64_t)mail->len));
		mails_put(&p->body, &(struct mails_entry){.uidvalidity = m->validity,
							  .uid = mail->uid,
							  .arrived_ms = mail->arrived_ms,
							  .bytes = mail->bytes,
							  .len = mail->len});
		n++;
	}
	if (!n) {
		pass(m);
		next(p);
		return;
	}
	m->in_doubt = false;
	m->pages++;
	p->api->answered++;
	p->api->course.pages++;
	p->body_address = p->url;
	p->content_type = NULL;
	poll_submit(p);
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
		note_unread(p, r->class_name, r->detail);
		pass(m);
	}
	m->n_uids = m->at = 0;
	m->session = imap_close(m->session); /* and r with it */
	session_open(p);
	return true;
}

static void on_done(void *arg, const struct imap_result *r)
{
	static void (*const takes[])(struct poll *, const struct imap_result *) = {
		[ASKING_OPEN] = opened, [ASKING_SEARCH] = found, [ASKING_SIZES] = sized, [ASKING_MAILS] = fetched};
	struct poll *p = arg;
	struct poll_mailbox *m = p->mailbox;

	if (!r->class_name) {
		note_certificate(p, r);
		takes[m->asking](p, r);
		return;
	}
	if (r->refused && !r->limited && (m->asking == ASKING_SIZES || m->asking == ASKING_MAILS)) {
		spare(p, r->class_name, r->detail);
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
		next(p);
	else
		begin(p);
}

/* --- what the mails hold --- */

void poll_mailbox_read(struct poll *p, struct answer *answer, struct arena *arena, const char *class_name,
		       const char *why)
{
	struct poll_mailbox *m = p->mailbox;
	bool last;

	if (!answer || answer->status != ANSWER_OK) {
		spare(p, class_name, why);
		arena_free(arena);
		return;
	}
	pass(m);
	p->api->course.items += (int64_t)answer->n_items;
	last = p->env.trial || at_end(m);
	keep(p, last);
	poll_take(p, answer, arena, last);
}
