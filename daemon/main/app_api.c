/* What escuchactl asks, answered from what runs and from the log. */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "main/app_answers.h"
#include "main/app_mutes.h"
#include "main/app_canary.h"
#include "main/app_crisis.h"
#include "main/app_deliver.h"
#include "main/app_export.h"
#include "main/app_inside.h"
#include "main/app_means.h"
#include "main/app_outbox.h"
#include "main/app_people.h"
#include "main/app_metrics.h"
#include "main/app_quiet.h"
#include "main/app_series.h"
#include "main/app_webhook.h"
#include "mention/build.h"
#include "mention/job.h"
#include "pool/pool.h"
#include "queue/queue.h"
#include "serve/serve.h"
#include "source/sources.h"
#include "store/store.h"

enum { ANSWER_MAX_BYTES = 8 * 1024 * 1024, ARENA_MAX_BYTES = 16 * 1024 * 1024, DEAF_MAX = 20 };

static void fail(struct app *a, struct reply *reply, int r)
{
	app_log_failed(a, "api", r);
	reply_error(reply, 500, "log", strerror(-r));
}

/* A question on its way. */
struct asked {
	struct app *app;
	struct reply *reply;
};

static struct asked *asked_new(struct app *a, struct reply *reply)
{
	struct asked *q = NEW(struct asked);

	*q = (struct asked){a, reply};
	return q;
}

/* --- status --- */

struct census {
	struct json *json;
	size_t all, of[SOURCE_STANDINGS], unheard, put;
};

static void count_source(void *arg, const struct source_glance *s)
{
	struct census *c = arg;

	c->all++;
	c->of[s->standing]++;
	c->unheard += s->standing == SOURCE_FAILING || s->deaf != HEALTH_WELL;
}

static bool put_deaf(void *arg, const struct source_status *s)
{
	struct census *c = arg;

	if (++c->put > DEAF_MAX)
		return false;
	json_begin_object(c->json, NULL);
	json_text(c->json, "source", s->name);
	json_time(c->json, "since", s->deaf ? s->deaf_ms : s->ok_ms, false);
	json_text(c->json, "kind", s->deaf);
	json_text(c->json, "why", s->error ? s->error : s->deaf);
	json_text(c->json, "detail", s->detail);
	json_end_object(c->json);
	return true;
}

/* What the items of a source used to have. */
static void put_missing(struct json *j, uint8_t missing, int64_t since_ms)
{
	int i;

	if (!missing)
		return;
	json_begin_array(j, "missing");
	for (i = 0; i < FIELDS; i++)
		if (missing & 1 << i)
			json_text(j, NULL, fields_name((enum fields_field)i));
	json_end_array(j);
	json_time(j, "missing_since", since_ms, false);
}

static void put_lacking(void *arg, const struct source_glance *s)
{
	struct census *c = arg;

	if (!s->missing || ++c->put > DEAF_MAX)
		return;
	json_begin_object(c->json, NULL);
	json_text(c->json, "source", s->name);
	put_missing(c->json, s->missing, s->missing_ms);
	json_end_object(c->json);
}

static void put_sources(struct json *j, const struct app *a)
{
	struct census c = {.json = j};
	int i;

	if (a->sources)
		sources_glance(a->sources, count_source, &c);
	json_begin_object(j, "sources");
	json_int(j, "all", (int64_t)c.all);
	for (i = 0; i < SOURCE_STANDINGS; i++)
		json_int(j, source_standing_name((enum source_standing)i), (int64_t)c.of[i]);
	json_end_object(j);
	json_begin_array(j, "deaf");
	if (a->sources)
		sources_unheard(a->sources, put_deaf, &c);
	json_end_array(j);
	if (c.unheard > DEAF_MAX)
		json_int(j, "deaf_more", (int64_t)(c.unheard - DEAF_MAX));
	c.put = 0;
	json_begin_array(j, "lacking");
	if (a->sources)
		sources_glance(a->sources, put_lacking, &c);
	json_end_array(j);
	app_means_status(j, a);
}

static void put_rules(struct json *j, const struct app *a)
{
	size_t i, rules = 0;

	for (i = 0; i < a->catalogue.n_topics; i++)
		rules += a->catalogue.topics[i].n_rules;
	json_begin_object(j, "rules");
	json_int(j, "topics", (int64_t)a->catalogue.n_topics);
	json_int(j, "rules", (int64_t)rules);
	if (a->rules_ms)
		json_time(j, "loaded", a->rules_ms, false);
	json_bool(j, "failed", a->reload.failed);
	app_rules_status(a, j);
	app_quiet_status(a->quiet, j);
	json_end_object(j);
}

static void put_readers(struct json *j, const struct app *a)
{
	struct pool_status pool;

	pool_status(a->pool, &pool);
	json_begin_object(j, "readers");
	json_int(j, "alive", pool.readers);
	json_int(j, "busy", pool.busy);
	json_int(j, "waiting", (int64_t)pool.waiting);
	json_int(j, "generation", (int64_t)pool.generation);
	json_int(j, "jobs", (int64_t)pool.done);
	json_int(j, "set_aside", (int64_t)pool.set_aside);
	json_int(j, "restarts", (int64_t)(pool.reader_deaths + pool.nursery_restarts));
	json_end_object(j);
}

static void put_stream(struct json *j, const char *stream, const struct queue_status *queue, int64_t pending,
		       int64_t set_aside, int64_t erasing)
{
	size_t i;

	json_bool(j, "connected", queue->connected);
	json_text(j, "stream", stream);
	json_int(j, "pending", pending);
	json_int(j, "set_aside", set_aside);
	json_text(j, "why", queue->error);
	json_bool(j, "high_water", queue->high_water);
	json_int(j, "trimmed", (int64_t)queue->trimmed);
	json_int(j, "erasing", erasing);
	json_int(j, "erased", (int64_t)queue->erased);
	json_begin_array(j, "behind");
	for (i = 0; i < queue->n_behind && i < QUEUE_BEHIND_SHOWN_MAX; i++) {
		json_begin_object(j, NULL);
		json_text(j, "group", queue->behind[i].group);
		json_time(j, "oldest", queue->behind[i].oldest_ms, false);
		json_end_object(j);
	}
	json_end_array(j);
}

static void put_queue(struct json *j, const struct app *a, const struct store_status *log)
{
	struct queue_status queue;

	if (!app_queues_on(a))
		return;
	queue_status(a->queues[OUTBOX_HITS].queue, &queue);
	json_begin_object(j, "queue");
	json_text(j, "address", a->config->queue->redis.shown);
	put_stream(j, a->config->queue->stream, &queue, log->pending, log->set_aside, log->erasing);
	json_begin_object(j, "incidents");
	queue_status(a->queues[OUTBOX_INCIDENTS].queue, &queue);
	put_stream(j, a->config->queue->incidents, &queue, log->incidents.pending, log->incidents.set_aside,
		   log->incidents.erasing);
	json_end_object(j);
	json_end_object(j);
}

static void put_log(struct json *j, const struct store_status *log)
{
	json_begin_object(j, "log");
	json_int(j, "mentions", log->mentions);
	json_int(j, "hits", log->hits);
	json_int(j, "bytes", log->db_bytes + log->wal_bytes);
	json_int(j, "search_lag", log->search_lag);
	json_int(j, "set_aside", log->set_aside);
	json_time(j, "oldest", log->oldest_mention_ms, false);
	json_end_object(j);
}

static void on_status(void *arg, int r, const struct store_status *log)
{
	cleanup(freep) struct asked *q = arg;
	struct buf b = BUF_INIT(ANSWER_MAX_BYTES);
	struct json j = JSON_OUT(&b);
	struct app *a = q->app;

	if (r < 0) {
		fail(a, q->reply, r);
		return;
	}
	json_begin_object(&j, NULL);
	json_text(&j, "version", ESCUCHAD_VERSION);
	json_text(&j, "build", build_id());
	json_int(&j, "pid", getpid());
	json_time(&j, "started", a->started_ms, false);
	json_text(&j, "config", a->config->file);
	json_text(&j, "state", a->config->state);
	json_text(&j, "timezone", a->config->timezone);
	json_int(&j, "loop_lag_us", app_metrics_lag_us(a->metrics));
	json_int(&j, "loop_cpu_us", app_metrics_busy_us(a->metrics));
	if (a->pool) {
		put_sources(&j, a);
		put_rules(&j, a);
		put_readers(&j, a);
	}
	app_coverage_status(a, &j);
	put_log(&j, log);
	put_queue(&j, a, log);
	app_alert_status(a, &j);
	app_mutes_status(a, &j);
	app_canary_status(a, &j);
	app_answers_status(a, &j);
	json_end_object(&j);
	reply_json(q->reply, 200, buf_str(&b), b.len);
	buf_done(&b);
}

static void ask_status(void *arg, struct reply *reply)
{
	struct app *a = arg;

	store_status(a->store, on_status, asked_new(a, reply));
}

/* --- sources --- */

struct page {
	struct reply *reply;
	const char *state, *name;
	size_t left;
};

/* Of a list: all its feeds, too. */
static bool is_or_is_of(const char *source, const char *name)
{
	size_t n = strlen(name);

	return strncmp(source, name, n) == 0 && (source[n] == '\0' || source[n] == '/');
}

static bool put_source(void *arg, const struct source_status *s)
{
	struct page *p = arg;
	struct buf b = BUF_INIT(ANSWER_MAX_BYTES);
	struct json j = JSON_OUT(&b);
	bool room;

	if (p->state && strcmp(p->state, source_standing_name(s->standing)) != 0)
		return true;
	if (p->name && !is_or_is_of(s->name, p->name))
		return true;
	json_begin_object(&j, NULL);
	json_text(&j, "name", s->name);
	json_text(&j, "platform", s->platform);
	json_text(&j, "state", source_standing_name(s->standing));
	json_text(&j, "title", s->title);
	json_time(&j, "last", s->ok_ms, false);
	json_time(&j, "next", s->next_ms, false);
	json_bool(&j, "running", s->running);
	json_int(&j, "failures", s->failures);
	json_text(&j, "deaf", s->deaf);
	json_time(&j, "deaf_since", s->deaf_ms, false);
	json_time(&j, "connected", s->connected_ms, false);
	json_text(&j, "why", s->error ? s->error : s->deaf);
	json_text(&j, "detail", s->detail);
	put_missing(&j, s->missing, s->missing_ms);
	app_means_put(&j, s->means);
	json_int(&j, "items", (int64_t)s->items);
	json_int(&j, "new", (int64_t)s->new_mentions);
	json_int(&j, "hits", (int64_t)s->hits);
	if (s->sifts)
		json_int(&j, "passed_over", (int64_t)s->passed_over);
	if (s->textless)
		json_int(&j, "textless", (int64_t)s->textless);
	json_end_object(&j);
	room = reply_line(p->reply, buf_str(&b), b.len);
	buf_done(&b);
	return room && --p->left;
}

static void ask_sources(void *arg, const struct serve_page *page, struct reply *reply)
{
	struct page p = {.reply = reply, .state = page->state, .name = page->name, .left = page->limit};
	struct app *a = arg;

	if (a->sources)
		sources_each(a->sources, page->after, put_source, &p);
	reply_end(reply);
}

static void ask_poll(void *arg, const char *name, struct reply *reply)
{
	struct app *a = arg;
	size_t n = a->sources ? sources_poll(a->sources, name) : 0;
	struct buf b = BUF_INIT(256);

	if (!n && name) {
		cleanup(freep) char *message = TEXT(app_lang(a), TEXT_MAIN_NO_SOURCE, name);

		reply_error(reply, 404, "not_found", message);
		return;
	}
	buf_printf(&b, "{\"polled\":%zu}", n);
	reply_json(reply, 200, buf_str(&b), b.len);
	buf_done(&b);
}

static void ask_reload(void *arg, struct reply *reply)
{
	app_reload(arg, reply);
}

/* --- hits and mentions --- */

static void on_rows(void *arg, int r, const struct store_row *rows, size_t n)
{
	cleanup(freep) struct asked *q = arg;
	size_t i;

	if (r < 0) {
		fail(q->app, q->reply, r);
		return;
	}
	for (i = 0; i < n && reply_hit(q->reply, rows[i].id, rows[i].json, strlen(rows[i].json)); i++)
		;
	reply_end(q->reply);
}

static void ask_hits(void *arg, const struct serve_hits *hits, struct reply *reply)
{
	const struct store_hits_filter filter = {
		.since = hits->has_after, .after = hits->after, .topic = hits->topic, .limit = hits->limit};
	struct app *a = arg;

	store_hits(a->store, &filter, on_rows, asked_new(a, reply));
}

static void ask_search(void *arg, const char *text, size_t limit, struct reply *reply)
{
	struct app *a = arg;

	store_search(a->store, text, limit, on_rows, asked_new(a, reply));
}

static void on_mention(void *arg, int r, const struct store_row *rows, size_t n)
{
	cleanup(freep) struct asked *q = arg;

	if (r < 0)
		fail(q->app, q->reply, r);
	else if (!n)
		reply_error(q->reply, 404, "not_found", text_raw(app_lang(q->app), TEXT_MAIN_NO_MENTION));
	else
		reply_json(q->reply, 200, rows[0].json, strlen(rows[0].json));
}

static void ask_mention(void *arg, const char *id, struct reply *reply)
{
	uint8_t key[MENTION_ID_BYTES];
	struct app *a = arg;

	if (hash_unhex(id, key, sizeof(key)) != 0) {
		reply_error(reply, 404, "not_found", text_raw(app_lang(a), TEXT_MAIN_NO_MENTION));
		return;
	}
	store_mention(a->store, key, on_mention, asked_new(a, reply));
}

/* --- a mention made by hand: matched by a reader like any other, then committed --- */

struct adding {
	struct app *app;
	struct reply *reply;                     /* NULL: … */
	void (*on_added)(void *arg, bool added); /* … it was no request */
	void *arg;
	struct arena *arena;
	struct mention mention;
};

static void adding_end(struct adding *x)
{
	arena_free(x->arena);
	free(x);
}

/* status 0: the log's. */
static void adding_failed(struct adding *x, int status, const char *code, const char *why, int r)
{
	if (!x->reply)
		x->on_added(x->arg, false);
	else if (status)
		reply_error(x->reply, status, code, why);
	else
		fail(x->app, x->reply, r);
	adding_end(x);
}

static void on_added(void *arg, int r, const struct poll_result *result)
{
	struct adding *x = arg;
	struct app *a = x->app;
	struct buf b = BUF_INIT(ANSWER_MAX_BYTES);
	struct json j = JSON_OUT(&b);

	if (r < 0) {
		adding_failed(x, 0, NULL, NULL, r);
		return;
	}
	app_log_committed(a, NULL, result);
	if (result->hits)
		app_queue_poke(a, OUTBOX_HITS);
	if (result->hits)
		app_follow_poke(a, result->last);
	if (result->n_entered)
		x->mention.place = result->entered[0]->place;
	mention_json(&j, NULL, &x->mention);
	if (x->reply)
		reply_json(x->reply, 201, buf_str(&b), b.len);
	else
		x->on_added(x->arg, true);
	buf_done(&b);
	adding_end(x);
}

static void on_matched(void *arg, enum pool_outcome outcome, const char *bytes, size_t len)
{
	struct adding *x = arg;
	struct answer answer;

	if (outcome != POOL_DONE || answer_get(bytes, len, x->arena, &answer) != 0 || answer.n_mentions != 1) {
		adding_failed(x, 500, "reader", outcome == POOL_SET_ASIDE ? bytes : "reader", 0);
		return;
	}
	x->mention = answer.mentions[0];
	store_add(x->app->store, &x->mention, on_added, x);
}

static void add_mention(struct app *a, const struct serve_add *add, const struct adding *asked)
{
	struct adding *x = NEW(struct adding);
	struct buf payload = BUF_INIT(FRAME_MAX_BYTES);
	struct mention *m = &x->mention;
	char *key;

	*x = *asked;
	x->app = a;
	x->arena = arena_new(ARENA_MAX_BYTES);
	mention_init(m);
	m->source = m->platform = "manual";
	m->kind = "note";
	m->text = arena_strdup(x->arena, add->text);
	m->title = arena_strdup(x->arena, add->title);
	m->url = arena_strdup(x->arena, add->url);
	m->author.name = arena_strdup(x->arena, add->author);
	m->seen_ms = m->published_ms = clock_wall_ms();
	key = arena_printf(x->arena, "%" PRId64 " %s", m->seen_ms,
			   m->text); /* two calls that said the same are two mentions */
	mention_identity("manual", key, m->id);
	job_match_put(&payload, add->topic, false, m, 1);
	if (!pool_submit(a->pool, FRAME_MATCH, &payload, "manual", POOL_NOTICE, on_matched, x))
		adding_failed(x, 503, "busy", text_raw(app_lang(a), TEXT_MAIN_RELOAD_BUSY), 0);
}

static void ask_add(void *arg, const struct serve_add *add, struct reply *reply)
{
	add_mention(arg, add, &(struct adding){.reply = reply});
}

void app_api_add(struct app *a, const struct serve_add *add, void (*on_added_by)(void *arg, bool added), void *arg)
{
	add_mention(a, add, &(struct adding){.on_added = on_added_by, .arg = arg});
}

const struct serve_ops app_serve_ops = {
	.status = ask_status,
	.sources = ask_sources,
	.coverage = app_coverage_ask,
	.topics = app_series_ask,
	.poll = ask_poll,
	.reload = ask_reload,
	.hits = ask_hits,
	.search = ask_search,
	.export = app_export_ask,
	.mention = ask_mention,
	.add = ask_add,
	.incidents = app_crisis_list,
	.incident = app_crisis_show,
	.dossier = app_dossier_ask,
	.incident_do = app_crisis_do,
	.digest = app_deliver_ask,
	.stories = app_people_stories,
	.authors = app_people_authors,
	.forget = app_people_forget,
	.tone = app_people_tone,
	.tones = app_people_tones,
	.outbox = app_outbox_list,
	.requeue = app_outbox_requeue,
	.drop = app_outbox_drop,
	.test_channel = app_alert_test,
	.canary = app_canary_ask,
	.hook = app_webhook_take,
	.answer = app_answers_page,
	.mute = app_mutes_ask,
	.pair = app_answers_pair,
	.ready = app_metrics_ready,
	.metrics = app_metrics_ask,
	.on_answer = app_metrics_answer,
};
