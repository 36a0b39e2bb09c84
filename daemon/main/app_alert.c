/* What operators are told, wired to the log, the configuration, the API and what is counted; and a test of a channel. */
#include <string.h>

#include "alert/channel.h"
#include "alert/facts.h"
#include "alert/notices.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "main/app_answers.h"
#include "main/app_canary.h"
#include "main/app_crisis.h"
#include "main/app_deliver.h"
#include "main/app_heartbeat.h"
#include "main/app_inside.h"
#include "main/app_mutes.h"
#include "main/app_metrics.h"
#include "main/telling.h"
#include "mention/body_job.h"
#include "pool/pool.h"
#include "serve/serve.h"
#include "store/notice.h"
#include "store/sent_as.h"
#include "store/store.h"

enum { ANSWER_MAX_BYTES = 16 * 1024 };

/* --- between notices and the log --- */

struct owed {
	struct app *app;
	struct notice_token *token;
};

static void on_kept(void *arg, int r, const char *thread)
{
	cleanup(freep) struct owed *o = arg;

	if (r < 0)
		app_log_failed(o->app, "notice.keep", r);
	notices_kept(o->token, r, thread);
}

static void keep(void *arg, const struct notice_row *row, struct notice_token *token)
{
	struct app *a = arg;
	struct owed *o = NEW(struct owed);

	*o = (struct owed){a, token};
	store_notice_put(a->store, row, on_kept, o);
}

/* --- between channels and readers --- */

static void on_made(void *arg, enum pool_outcome outcome, const char *bytes, size_t len)
{
	struct channel_making *token = arg;
	const char *text = bytes;
	bool made = false;

	if (outcome == POOL_DONE && body_made_get(bytes, len, &made, &text, &len) != 0) {
		text = "";
		len = 0;
	}
	channels_made(token, outcome != POOL_ENDED, made, text ? text : "", text ? len : 0);
}

static bool make(void *arg, const char *channel, const struct job_body *job, struct channel_making *token)
{
	struct app *a = arg;
	cleanup(freep) char *source = xasprintf("channel %s", channel);
	struct buf payload = BUF_INIT(FRAME_MAX_BYTES); /* the pool's, taken or refused */

	if (!a->pool)
		return false;
	job_body_put(&payload, job);
	return pool_submit(a->pool, FRAME_BODY, &payload, source, POOL_NOTICE, on_made, token);
}

static void on_result(void *arg, const char *channel, const char *result)
{
	struct app *a = arg;

	app_metrics_notice(a->metrics, channel ? channel : "", result);
}

static void on_found(void *arg, int r, const struct store_notices *found)
{
	struct app *a = arg;

	if (r < 0)
		app_log_failed(a, "notices", r);
	if (!a->notices) /* the end */
		return;
	if (r < 0)
		notices_found(a->notices, NULL, 0, NULL, 0, 0); /* what waits stays in the log, for the next start */
	else
		notices_found(a->notices, found->rows, found->n, found->recent_ms, found->n_recent, found->lost);
}

/* Messages about crises that a start finds on their way. */
static void on_found_messages(void *arg, int r, const struct store_notices *found)
{
	struct app *a = arg;

	if (r < 0)
		app_log_failed(a, "notices", r);
	else if (a->notices)
		notices_resume(a->notices, found->rows, found->n);
}

static void on_person(void *arg, const char *matter, const char *person, const char *channel)
{
	struct app *a = arg;

	if (!channel)
		app_tell_operators(a, &(struct telling){.kind = "undelivered",
							.subject = person,
							.state = TELLING_HAPPENED,
							.since_ms = clock_wall_ms(),
							.until_ms = TIME_NONE,
							.text = TEXT_TELL_UNDELIVERED,
							.args = TEXT_ARGS(person)});
	if (a->crisis)
		app_crisis_person(a->crisis, matter, person, channel);
}

/* What channels call messages that later ones follow. */
static void on_named(void *arg, int r)
{
	if (r < 0)
		app_log_failed(arg, "notice.sent_as", r);
}

static void on_sent_as(void *arg, const struct notice_sent_as *as)
{
	struct app *a = arg;

	store_sent_as_put(a->store, as, on_named, a);
}

static void on_found_names(void *arg, int r, const struct notice_sent_as *v, size_t n)
{
	struct app *a = arg;
	size_t i;

	on_named(a, r);
	for (i = 0; a->notices && i < n; i++)
		notices_sent_as(a->notices, &v[i]);
}

void app_alert_configure(struct app *a)
{
	const struct config *c = a->config;

	if (!a->notices)
		return;
	notices_configure(a->notices, &(struct notices_setup){.channels = c->channels,
							      .n_channels = c->n_channels,
							      .operators = c->operators,
							      .n_operators = c->n_operators,
							      .people = c->people,
							      .n_people = c->n_people,
							      .pace = c->notices,
							      .lang = app_lang(a),
							      .timezone = c->timezone});
	if (a->crisis)
		app_crisis_configure(a->crisis);
	if (a->deliver)
		app_deliver_configure(a->deliver);
	if (a->heartbeat)
		app_heartbeat_configure(a->heartbeat);
	if (a->canary)
		app_canary_configure(a->canary);
}

/* How people may answer is known, so that messages that are due at once can say it. */
static void read_log(struct app *a)
{
	store_sent_as(a->store, on_found_names, a);
	app_dossier_resume(a);
	app_crisis_read(a->crisis); /* before its messages: what becomes of them is told to it */
	store_notices(a->store, NOTICES_TO_PERSON, on_found_messages, a);
	a->deliver = app_deliver_new(a);
	store_notices(a->store, NOTICES_DELIVERY, on_found_messages, a);
	store_notices(a->store, NOTICES_KIND, on_found, a);
}

void app_alert_start(struct app *a)
{
	static const struct notices_ops ops = {
		.keep = keep, .on_result = on_result, .on_person = on_person, .paired = app_answers_paired, .make = make, .on_sent_as = on_sent_as};

	if (a->once)
		return;
	a->notices = notices_new(a->loop, a->fetch, &ops, a);
	app_alert_configure(a);
	a->crisis = app_crisis_new(a, app_follow_known);
	a->heartbeat = app_heartbeat_new(a);
	a->canary = app_canary_new(a);
	a->mutes = app_mutes_new(a); /* read before what it holds */
	a->answers = app_answers_new(a, read_log);
}

/* --- news --- */

void app_alert_tell(struct app *a, const struct telling *t)
{
	static const enum fact_state states[] = {[TELLING_BEGINS] = FACT_BEGINS,
						 [TELLING_LASTS] = FACT_LASTS,
						 [TELLING_OVER] = FACT_OVER,
						 [TELLING_HAPPENED] = FACT_HAPPENED};
	char *text[TEXT_LANGS];
	struct fact fact = {.kind = t->kind,
			    .subject = t->subject,
			    .why = t->why,
			    .state = states[t->state],
			    .since_ms = t->since_ms,
			    .until_ms = t->until_ms};
	int lang;

	if (!a->notices)
		return;
	for (lang = 0; lang < TEXT_LANGS; lang++)
		fact.text[lang] = text[lang] = telling_text(t, (enum text_lang)lang);
	notices_tell(a->notices, &fact);
	for (lang = 0; lang < TEXT_LANGS; lang++)
		free(text[lang]);
}

/* --- what the API says --- */

void app_alert_status(const struct app *a, struct json *j)
{
	struct notices_status s;

	if (!a->notices)
		return;
	notices_status(a->notices, &s);
	json_begin_object(j, "notices");
	json_int(j, "operators", (int64_t)a->config->n_operators);
	json_int(j, "waiting", (int64_t)s.waiting);
	json_int(j, "failing", (int64_t)s.failing);
	json_int(j, "undelivered", (int64_t)s.undelivered);
	json_time(j, "since", s.since_ms, false);
	json_text(j, "why", s.why);
	json_end_object(j);
}

struct asked {
	struct app *app;
	struct reply *reply;
	char *channel, *person, *address;
};

static void on_tested(void *arg, const struct channel_result *r)
{
	struct asked *q = arg;
	struct buf b = BUF_INIT(ANSWER_MAX_BYTES);
	struct json j = JSON_OUT(&b);

	app_metrics_notice(q->app->metrics, q->channel, r->result);
	json_begin_object(&j, NULL);
	json_bool(&j, "sent", r->taken);
	json_text(&j, "channel", q->channel);
	json_text(&j, "person", q->person);
	json_text(&j, "address", q->address);
	json_text(&j, "result", r->result);
	if (r->code)
		json_int(&j, "code", r->code);
	json_text(&j, "answer", r->answer);
	json_end_object(&j);
	reply_json(q->reply, 200, buf_str(&b), b.len);
	buf_done(&b);
	free(q->channel);
	free(q->person);
	free(q->address);
	free(q);
}

static const struct reach_config *reach_by(const struct person_config *p, const char *channel)
{
	size_t i;

	for (i = 0; i < p->n_reach; i++)
		if (strcmp(p->reach[i].name, channel) == 0)
			return &p->reach[i];
	return NULL;
}

/* Who was named; else the first operator, else the first person, whom the channel reaches. */
static const struct person_config *whom(const struct config *c, const char *channel, const char *person)
{
	size_t i;

	for (i = 0; !person && i < c->n_operators; i++)
		if (reach_by(c->operators[i].person, channel))
			return c->operators[i].person;
	for (i = 0; i < c->n_people; i++)
		if (person ? strcmp(c->people[i].name, person) == 0 : reach_by(&c->people[i], channel) != NULL)
			return &c->people[i];
	return NULL;
}

static bool is_channel(const struct config *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n_channels; i++)
		if (strcmp(c->channels[i].name, name) == 0)
			return true;
	return false;
}

static void refuse(struct app *a, struct reply *reply, enum text_id id, const char *const args[])
{
	cleanup(freep) char *message = text_make(app_lang(a), id, args);

	reply_error(reply, 404, "not_found", message);
}

void app_alert_test(void *arg, const char *channel, const char *person, struct reply *reply)
{
	struct app *a = arg;
	const struct person_config *p = whom(a->config, channel, person);
	const struct reach_config *reach = p ? reach_by(p, channel) : NULL;
	const char *address = reach ? reach->address : NULL;
	struct asked *q;

	if (!is_channel(a->config, channel)) {
		refuse(a, reply, TEXT_PEOPLE_NO_CHANNEL, TEXT_ARGS(channel));
		return;
	}
	if (person && !p) {
		refuse(a, reply, TEXT_PEOPLE_NO_PERSON, TEXT_ARGS(person));
		return;
	}
	if (reach && strcmp(reach->address, REACH_PAIRED) == 0)
		address = app_answers_paired(a, reach->name, p->name);
	if (!reach) {
		refuse(a, reply, person ? TEXT_PEOPLE_NOT_BY : TEXT_PEOPLE_NOBODY_BY,
		       person ? TEXT_ARGS(person, channel) : TEXT_ARGS(channel));
		return;
	}
	if (!address) {
		refuse(a, reply, TEXT_PAIR_NOT_YET, TEXT_ARGS(p->name));
		return;
	}
	q = NEW(struct asked);
	*q = (struct asked){a, reply, xstrdup(channel), xstrdup(p->name), xstrdup(address)};
	if (a->notices && notices_test(a->notices, channel, p, address, on_tested, q))
		return;
	reply_error(reply, 503, "busy", text_raw(app_lang(a), TEXT_MAIN_RELOAD_BUSY));
	free(q->channel);
	free(q->person);
	free(q->address);
	free(q);
}
