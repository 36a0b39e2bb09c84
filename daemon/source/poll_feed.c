/* source/poll: a feed is asked, and what came is held against what is known of it. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/secret.h"
#include "fetch/fetch.h"
#include "fetch/place.h"
#include "source/config.h"
#include "source/poll_inside.h"

/* Trying again soon doesn't mend it. */
static bool lasts(enum fetch_outcome o)
{
	return o == FETCH_TLS || o == FETCH_TLS_EXPIRED || o == FETCH_TLS_HOST || o == FETCH_TLS_UNTRUSTED;
}

void poll_note_certificate(struct poll *p, const struct fetch_result *f)
{
	struct place place;
	const char *why;

	p->report.cert_until_ms = f->cert_until_ms;
	if (f->cert_until_ms == TIME_NONE || place_of(f->effective_url, &place, &why) != 0)
		return;
	p->report.cert_host = poll_copy(p, place.name ? place.name : place.key);
	place_done(&place);
}

void poll_note_answer(struct poll *p, const struct fetch_result *f)
{
	p->report.status = f->status;
	p->report.answer_ms = f->total_ms;
	p->report.answer_bytes = f->wire_bytes;
}

static void digest_failure(struct poll *p)
{
	const struct got *g = &p->got;
	enum poll_end end = g->outcome == FETCH_LIMITED ? POLL_END_LIMITED : POLL_END_FAILED;

	if (g->outcome == FETCH_GONE && !p->moved) { /* else the configuration's address has the last word */
		p->state.address = p->url;
		end = POLL_END_GONE;
	}
	poll_fail(p, end, g->class_name, g->detail);
}

/* What came, against what is known: all of it, or, of a feed that is remembered, enough to see that it stayed as it was. If it
 * didn't, the rest is loaded, and this is done once more. */
void poll_digest(struct poll *p)
{
	const struct got *g = &p->got;

	if (g->outcome == FETCH_NOT_MODIFIED) {
		poll_unchanged(p);
		return;
	}
	if (p->remembered && (g->outcome != FETCH_OK || g->signature != p->state.body_hash)) {
		poll_load(p);
		return;
	}
	if (g->outcome != FETCH_OK) {
		digest_failure(p);
		return;
	}
	p->state.address = p->url; /* the validators are this address's */
	p->state.etag = g->etag;
	p->state.last_modified = g->last_modified;
	if (poll_read_before(p, g->signature)) {
		poll_unchanged(p);
		return;
	}
	p->body_address = g->address ? g->address : p->url;
	p->content_type = g->content_type;
	poll_submit(p);
}

static void on_fetched(struct fetch_result *f, void *arg)
{
	struct poll *p = arg;

	p->transfer = NULL;
	p->retry_after_ms = f->retry_after_ms;
	p->fresh_ms = f->fresh_ms;
	p->lasting = lasts(f->outcome);
	poll_note_certificate(p, f);
	poll_note_answer(p, f);
	p->report.moved_to = p->moved ? NULL : poll_copy(p, f->permanent_url);
	p->got = (struct got){.outcome = f->outcome};
	if (f->outcome == FETCH_OK) {
		p->got.etag = poll_copy(p, f->etag);
		p->got.last_modified = poll_copy(p, f->last_modified);
		p->got.content_type = poll_copy(p, f->content_type);
		p->got.address = poll_copy(p, f->effective_url);
		p->got.signature =
			hash_quick(f->body.data, f->body.len); /* whoever makes two alike hides his own feed */
		p->body = f->body;
		f->body = (struct buf)BUF_INIT(0);
	} else if (f->outcome != FETCH_NOT_MODIFIED) {
		p->got.class_name = poll_copy(p, f->class_name);
		p->got.detail = poll_copy(p, f->detail);
	}
	poll_digest(p);
}

void poll_ask(struct poll *p)
{
	const struct source_config *c = p->config;
	struct fetch_request request = {
		.url = p->moved ? p->moved : p->url,
		.user = c->user,
		.password = c->password ? secret_value(c->password) : NULL,
		.allow_private = c->allow_private,
		.n_allow_private = c->n_allow_private,
	};

	if (p->state.address && p->state.baselined) { /* of a body never read they would hide the feed */
		request.etag = p->state.etag;
		request.last_modified = p->state.last_modified;
	}
	p->transfer = fetch_start(p->env.fetch, &request, on_fetched, p);
	if (!p->transfer)
		poll_try_again(p, poll_ask);
}
