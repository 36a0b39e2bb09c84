/* source/poll_api: one page: asked for, and what came. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "mention/answer.h"
#include "platform/params.h"
#include "platform/platform.h"
#include "source/config.h"
#include "source/poll_api.h"
#include "source/poll_inside.h"
#include "source/reconnect.h"
#include "source/stream.h"

static const struct platform *platform_of(const struct poll *p)
{
	return p->config->params->platform;
}

static int64_t longer(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* --- one page --- */

/* A request as fetch takes it; it points into itself. */
struct asked {
	struct fetch_request request;
	const char *wanted[COURSE_HEADERS_MAX];
	struct fetch_header headers[REQUEST_HEADERS_MAX];
};

static void fill(const struct poll *p, const struct request *q, struct asked *a)
{
	const struct source_config *c = p->config;
	size_t i;

	a->request = (struct fetch_request){
		.url = q->url,
		.accept = platform_of(p)->map->format == PLATFORM_FEED ? NULL : "application/json",
		.user = q->user,
		.password = q->password,
		.allow_private = c->allow_private,
		.n_allow_private = c->n_allow_private,
		.headers = a->headers,
		.n_headers = q->n_headers,
		.post = q->post,
		.body = q->body,
		.body_len = q->body_len,
		.stay = q->secret || q->post,
		.wanted = a->wanted,
	};
	for (i = 0; i < q->n_headers; i++)
		a->headers[i] = (struct fetch_header){q->headers[i].name, q->headers[i].value};
	a->request.n_wanted = course_headers(platform_of(p), a->wanted);
	if (platform_of(p)->transport ==
	    PLATFORM_LONGPOLL) { /* it answers when there is something, or at its own time's end */
		a->request.apart = true;
		a->request.slow_s = API_LONG_S;
		a->request.total_ms = p->env.once || p->env.trial ? STREAM_LISTEN_MS : API_LONG_S * SECOND_MS;
	}
}

struct transfer *poll_api_start(struct poll *p, const struct request *q,
				void (*on_fetched)(struct fetch_result *, void *))
{
	struct asked a;

	fill(p, q, &a);
	if (platform_of(p)->cursor->kind == PLATFORM_CURSOR_CONDITIONAL && !p->api->course.pages &&
	    p->state.baselined) {
		a.request.etag = p->state.etag;
		a.request.last_modified = p->state.last_modified;
	}
	return fetch_start(p->env.fetch, &a.request, on_fetched, p);
}

int poll_api_open(struct poll *p, const struct request *q, void (*on_refused)(struct fetch_result *, void *))
{
	struct asked a;

	fill(p, q, &a);
	if (platform_of(p)->transport == PLATFORM_SSE)
		a.request.accept = "text/event-stream";
	return stream_open(p->stream, &a.request, on_refused, p);
}

/* Nothing came, or nothing that could be an answer. */
static void fail_fetch(struct poll *p, const struct fetch_result *f)
{
	bool lasts = f->outcome == FETCH_TLS || f->outcome == FETCH_TLS_EXPIRED || f->outcome == FETCH_TLS_HOST ||
		     f->outcome == FETCH_TLS_UNTRUSTED;

	p->lasting = lasts;
	poll_api_fail(p, COURSE_BROKEN, poll_copy(p, f->class_name), poll_copy(p, f->detail));
}

static void note_headers(struct poll *p, const struct fetch_result *f)
{
	const char *names[COURSE_HEADERS_MAX];
	size_t n = course_headers(platform_of(p), names), i;
	const char **values = ARENA_ARRAY(poll_texts(p), const char *, n + 1);

	for (i = 0; i < n && f->wanted; i++)
		values[i] = poll_copy(p, f->wanted[i]);
	p->api->answer = (struct course_answer){
		.status = f->status, .now_ms = clock_wall_ms(), .retry_after_ms = f->retry_after_ms, .headers = values};
	p->report.headers = values;
}

void poll_api_framed(struct poll *p, const char *id)
{
	struct poll_api *api = p->api;

	p->body_address = p->url;
	p->content_type = "application/x-ndjson";
	api->frame = id;
	api->answered++;
	api->answer = (struct course_answer){.status = 200, .now_ms = clock_wall_ms()};
}

/* A long poll that was to be short: nothing came within its time. */
static bool listened(const struct poll *p, const struct fetch_result *f)
{
	return platform_of(p)->transport == PLATFORM_LONGPOLL && (p->env.once || p->env.trial) && f->sent &&
	       (f->outcome == FETCH_TIMEOUT || f->outcome == FETCH_TOO_SLOW);
}

void poll_api_fetched(struct fetch_result *f, void *arg)
{
	struct poll *p = arg;
	struct poll_api *api = p->api;

	p->transfer = NULL;
	poll_note_certificate(p, f);
	poll_note_answer(p, f);
	note_headers(p, f);
	api->answered += f->sent || f->status > 0; /* it counts, though its answer be lost */
	api->unread = f->status >= 200 && f->status <= 299;
	if (f->outcome == FETCH_NOT_MODIFIED || listened(p, f)) {
		poll_api_quiet(p);
		return;
	}
	if (f->outcome != FETCH_OK && f->outcome != FETCH_HTTP && f->outcome != FETCH_LIMITED &&
	    f->outcome != FETCH_GONE) {
		fail_fetch(p, f);
		return;
	}
	if (f->outcome == FETCH_OK) {
		p->state.address = p->url;
		p->state.etag = poll_copy(p, f->etag);
		p->state.last_modified = poll_copy(p, f->last_modified);
	}
	p->content_type = poll_copy(p, f->content_type);
	p->body = f->body;
	f->body = (struct buf)BUF_INIT(0);
	if (p->body.len && (f->outcome == FETCH_OK || api->map)) /* of an error, too: it has the platform's own words */
		poll_submit(p);
	else
		poll_api_read(p, NULL, NULL, "empty", NULL);
}

void poll_api_ask(struct poll *p)
{
	struct poll_api *api = p->api;
	struct request q;
	const char *why;

	api->course.place.access = api->progress.token.access;
	if (request_make(p->config->params, &api->course.place, poll_texts(p), &q, &why) != 0) {
		poll_api_fail(p, COURSE_BROKEN, "bad_request", why);
		return;
	}
	p->body_address = q.secret ? p->url : q.url;
	if (p->stream) {
		poll_stream_open(p, &q);
		return;
	}
	p->transfer = poll_api_start(p, &q, poll_api_fetched);
	if (!p->transfer)
		poll_try_again(p, poll_api_ask);
}

/* --- what came --- */

static void note_facts(struct poll *p, const struct answer *answer)
{
	struct course_fact *facts = ARENA_ARRAY(poll_texts(p), struct course_fact, answer->n_facts + 1);
	struct course_answer *a = &p->api->answer;
	size_t i;

	for (i = 0; i < answer->n_facts; i++)
		facts[i] =
			(struct course_fact){poll_copy(p, answer->facts[i].name), poll_copy(p, answer->facts[i].value)};
	a->facts = facts;
	a->n_facts = answer->n_facts;
	a->items = answer->n_items + answer->items_left;
	a->fresh = answer->n_mentions;
	a->partly = answer->items_left > 0;
}

/* The platform's own words stand beside the class. */
static void end_badly(struct poll *p)
{
	const struct course_step *step = &p->api->step;

	poll_api_fail(p, step->next, step->why, step->detail);
}

void poll_api_renew(struct poll *p)
{
	struct poll_api *api = p->api;

	if (p->env.trial || api->renewals++ == API_RENEWALS) {
		api->step.why = "unauthorized";
		end_badly(p);
		return;
	}
	api->rejected = true;
	poll_api_go(p);
}

void poll_api_keep_course(struct poll *p)
{
	struct poll_api *api = p->api;

	poll_api_settle(p);
	api->progress.cursor = api->course.cursor;
	api->progress.since_ms = course_since_ms(&api->course);
	api->progress.behind = api->course.halted;
	p->report.cut = api->step.cut;
	p->retry_after_ms = longer(api->step.wait_ms, api->say.wait_ms);
	if (p->retry_after_ms <= p->config->every_ms)
		p->retry_after_ms = 0;
	if (api->step.cut)
		LOG_LIMITED("source.cut", LOG_S("source", p->name), LOG_I("pages", api->course.pages),
			    LOG_I("items", api->course.items));
}

void poll_api_quiet(struct poll *p)
{
	if (p->sifted) /* where the batches ended that were read */
		poll_api_keep_course(p);
	poll_api_settle(p);
	p->api->last = true;
	poll_unchanged(p);
}

/* A stream says within that something is wrong: what it told before counts, and then it is over until the next try. */
static void take_complaint(struct poll *p, struct answer *answer, struct arena *arena)
{
	struct poll_api *api = p->api;

	reconnect_useless(stream_reconnect(p->stream));
	stream_close(p->stream);
	api->last = true;
	poll_api_keep_course(p);
	p->bad_class = api->step.why;
	p->bad_detail = api->step.detail ? xstrdup(api->step.detail) : NULL;
	p->bad_end = api->step.next == COURSE_LIMITED ? POLL_END_LIMITED : POLL_END_FAILED;
	p->report.answered = true;
	poll_take(p, answer, arena, true);
}

void poll_api_read(struct poll *p, struct answer *answer, struct arena *arena, const char *class_name, const char *why)
{
	struct poll_api *api = p->api;
	bool good = api->answer.status >= 200 && api->answer.status < 300;

	if (answer && answer->status == ANSWER_OK)
		note_facts(p, answer);
	if (answer)
		p->report.passed_over += answer->passed_over;
	if (good && (!answer || answer->status != ANSWER_OK)) { /* it should have been one that can be read */
		api->step = (struct course_step){.next = COURSE_BROKEN};
		if (platform_says_so(platform_of(p)->limits->errors,
				     why ? why : "")) { /* … but words, and they ask for patience */
			api->step = (struct course_step){.next = COURSE_LIMITED,
							 .wait_ms = platform_of(p)->limits->wait_ms};
			class_name = "limited";
		}
		poll_api_fail(p, api->step.next, class_name, why);
		arena_free(arena);
		return;
	}
	api->unread = false;
	if (api->frame && answer)
		api->course.cursor = api->frame;
	course_step(&api->course, platform_of(p), &api->answer, poll_texts(p), &api->step);
	if (api->step.next == COURSE_PAGE &&
	    api->step.wait_ms > API_PAUSE_MAX_MS) { /* the rest comes with the next poll */
		course_halt(&api->course, platform_of(p), &api->step);
	}
	if (api->step.next != COURSE_PAGE && api->step.next != COURSE_DONE) {
		if (p->stream && good) {
			take_complaint(p, answer, arena);
			return;
		}
		arena_free(arena);
		if (api->step.next == COURSE_TOKEN)
			poll_api_renew(p);
		else
			end_badly(p);
		return;
	}
	api->last = api->step.next == COURSE_DONE;
	if (api->last && answer && poll_stream_goes_on(p, answer)) {
		arena_free(arena);
		return;
	}
	if (api->last)
		poll_api_keep_course(p);
	else /* whatever ends it from here on: what this page holds is known then, and must stop nobody from going on behind it */
		api->progress.behind = true;
	poll_take(p, answer, arena, api->last);
}
