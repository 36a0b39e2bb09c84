/* What is asked about those who speak, and for them. */
#include "main/app_people.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "main/app_crisis.h"
#include "main/app_inside.h"
#include "mention/mention.h"
#include "queue/queue.h"
#include "store/forget.h"
#include "store/ledger.h"
#include "store/toned.h"

enum { ANSWER_MAX_BYTES = 1024 * 1024 };

struct asked {
	struct app *app;
	struct reply *reply;
};

static struct asked *ask(struct app *a, struct reply *reply)
{
	struct asked *q = NEW(struct asked);

	*q = (struct asked){a, reply};
	return q;
}

static void fail(struct asked *q, int r)
{
	app_log_failed(q->app, "api", r);
	reply_error(q->reply, 500, "log", strerror(-r));
}

/* --- lines --- */

static void on_rows(void *arg, int r, const struct store_row *rows, size_t n)
{
	cleanup(freep) struct asked *q = arg;
	size_t i;

	if (r < 0) {
		fail(q, r);
		return;
	}
	for (i = 0; i < n && reply_line(q->reply, rows[i].json, strlen(rows[i].json)); i++)
		;
	reply_end(q->reply);
}

static struct store_ledger_filter filter_of(const struct app *a, const struct serve_ledger *ledger)
{
	return (struct store_ledger_filter){
		.since_ms = ledger->back_ms == TIME_NONE ? TIME_NONE : clock_wall_ms() - ledger->back_ms,
		.topic = ledger->topic,
		.limit = ledger->limit,
		.vip = a->config->voices->vip,
		.ignore = a->config->voices->ignore,
	};
}

void app_people_stories(void *app, const struct serve_ledger *ledger, struct reply *reply)
{
	struct app *a = app;
	const struct store_ledger_filter filter = filter_of(a, ledger);

	store_stories(a->store, &filter, on_rows, ask(a, reply));
}

void app_people_authors(void *app, const struct serve_ledger *ledger, struct reply *reply)
{
	struct app *a = app;
	const struct store_ledger_filter filter = filter_of(a, ledger);

	store_authors(a->store, &filter, on_rows, ask(a, reply));
}

/* --- to be forgotten --- */

struct forgetting {
	struct asked asked;
	bool really;
};

static void answer_json(struct json *j, const struct forgotten *f, const char *stream)
{
	json_begin_object(j, NULL);
	json_int(j, "mentions", f->mentions);
	json_int(j, "hits", f->hits);
	json_int(j, "waiting", f->waiting);
	json_int(j, "versions", f->versions);
	json_int(j, "authors", f->authors);
	json_int(j, "stories", f->stories);
	json_int(j, "tones", f->tones);
	json_int(j, "sent", f->sent);
	json_text(j, "stream", stream);
	json_end_object(j);
}

static void on_forgotten(void *arg, int r, const struct forgotten *f)
{
	cleanup(freep) struct forgetting *x = arg;
	struct app *a = x->asked.app;
	struct buf b = BUF_INIT(ANSWER_MAX_BYTES);
	struct json j = JSON_OUT(&b);

	if (r == -EINVAL) {
		reply_error(x->asked.reply, 400, "invalid", text_raw(app_lang(a), TEXT_FORGET_WHO));
		return;
	}
	if (r < 0) {
		fail(&x->asked, r);
		return;
	}
	if (x->really) {
		/* who it was is no longer anybody's business */
		LOG_INFO("author.forgotten", LOG_I("mentions", f->mentions), LOG_I("hits", f->hits),
			 LOG_I("authors", f->authors), LOG_I("sent", f->sent));
		app_crisis_forget_examples(a->crisis);
		app_queues_erase(a);
	}
	answer_json(&j, f, a->config->queue ? a->config->queue->stream : NULL);
	reply_json(x->asked.reply, 200, buf_str(&b), b.len);
	buf_done(&b);
}

static void on_welcome(void *arg, int r)
{
	cleanup(freep) struct asked *q = arg;
	static const char done[] = "{\"welcome\":true}";

	if (r == -EINVAL)
		reply_error(q->reply, 400, "invalid", text_raw(app_lang(q->app), TEXT_FORGET_WHO));
	else if (r == -ENOENT)
		reply_error(q->reply, 404, "not_found", text_raw(app_lang(q->app), TEXT_FORGET_NOT));
	else if (r < 0)
		fail(q, r);
	else
		reply_json(q->reply, 200, done, sizeof(done) - 1);
}

void app_people_forget(void *app, const char *who, enum serve_forget what, struct reply *reply)
{
	struct app *a = app;
	struct forgetting *x;

	if (what == SERVE_FORGET_WELCOME) {
		store_welcome(a->store, who, on_welcome, ask(a, reply));
		return;
	}
	x = NEW(struct forgetting);
	*x = (struct forgetting){{a, reply}, what == SERVE_FORGET_REALLY};
	store_forget(a->store, who, x->really, on_forgotten, x);
}

/* --- tones --- */

static void on_toned(void *arg, int r, const char *was)
{
	cleanup(freep) struct asked *q = arg;
	struct buf b = BUF_INIT(256);
	struct json j = JSON_OUT(&b);

	if (r == -ENOENT) {
		reply_error(q->reply, 404, "not_found", text_raw(app_lang(q->app), TEXT_MAIN_NO_MENTION));
		return;
	}
	if (r < 0) {
		fail(q, r);
		return;
	}
	json_begin_object(&j, NULL);
	json_text(&j, "was", was);
	json_end_object(&j);
	reply_json(q->reply, 200, buf_str(&b), b.len);
	buf_done(&b);
}

void app_people_tone(void *app, const char *id, const char *label, struct reply *reply)
{
	struct app *a = app;
	uint8_t key[MENTION_ID_BYTES];

	if (hash_unhex(id, key, sizeof(key)) != 0) {
		reply_error(reply, 404, "not_found", text_raw(app_lang(a), TEXT_MAIN_NO_MENTION));
		return;
	}
	store_tone(a->store, key, label, on_toned, ask(a, reply));
}

void app_people_tones(void *app, const char *after, size_t limit, struct reply *reply)
{
	struct app *a = app;
	uint8_t key[MENTION_ID_BYTES];
	bool behind = after && hash_unhex(after, key, sizeof(key)) == 0;

	store_toned(a->store, behind ? key : NULL, limit, on_rows, ask(a, reply));
}
