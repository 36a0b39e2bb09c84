/* source/poll_mailbox: what is asked of a mailbox, one question behind the other, and what is answered. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "mention/answer.h"
#include "mention/mails.h"
#include "source/config.h"
#include "source/poll_api.h"
#include "source/poll_inside.h"
#include "source/poll_mailbox.h"
#include "source/poll_mailbox_inside.h"

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

void poll_mails_next(struct poll *p)
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
void poll_mails_pass(struct poll_mailbox *m)
{
	if (m->taken)
		m->done = m->uids[m->at + m->taken - 1];
	m->at += m->taken;
	m->careful -= m->careful > 0;
}

void poll_mails_note_unread(struct poll *p, const char *class_name, const char *why)
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
void poll_mails_spare(struct poll *p, const char *class_name, const char *why)
{
	struct poll_mailbox *m = p->mailbox;

	if (m->n_page > 1) {
		m->careful = m->taken;
		poll_mails_next(p);
		return;
	}
	poll_mails_note_unread(p, class_name, why);
	poll_mails_pass(m);
	poll_mails_next(p);
}

/* --- what the server answers --- */

void poll_mails_opened(struct poll *p, const struct imap_result *r)
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
	poll_mails_next(p);
}

void poll_mails_found(struct poll *p, const struct imap_result *r)
{
	struct poll_mailbox *m = p->mailbox;

	free(m->uids);
	m->n_uids = r->n_uids;
	m->at = p->env.trial && r->n_uids > MAILBOX_TRY_MAILS ? r->n_uids - MAILBOX_TRY_MAILS : 0;
	m->uids = xcalloc(r->n_uids + 1, sizeof(*m->uids));
	if (r->n_uids)
		memcpy(m->uids, r->uids, r->n_uids * sizeof(*m->uids));
	poll_mails_next(p);
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
void poll_mails_sized(struct poll *p, const struct imap_result *r)
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
		poll_mails_pass(m);
		poll_mails_next(p);
		return;
	}
	m->asking = ASKING_MAILS;
	imap_fetch(m->session, m->page, n);
}

void poll_mails_fetched(struct poll *p, const struct imap_result *r)
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
		poll_mails_pass(m);
		poll_mails_next(p);
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

/* --- what the mails hold --- */

void poll_mailbox_read(struct poll *p, struct answer *answer, struct arena *arena, const char *class_name,
		       const char *why)
{
	struct poll_mailbox *m = p->mailbox;
	bool last;

	if (!answer || answer->status != ANSWER_OK) {
		poll_mails_spare(p, class_name, why);
		arena_free(arena);
		return;
	}
	poll_mails_pass(m);
	p->api->course.items += (int64_t)answer->n_items;
	last = p->env.trial || at_end(m);
	keep(p, last);
	poll_take(p, answer, arena, last);
}
