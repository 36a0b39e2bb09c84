#include "main/app_metrics.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "alert/notices.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/metrics.h"
#include "main/app_inside.h"
#include "main/app_quiet.h"
#include "mention/answer.h"
#include "pool/pool.h"
#include "queue/queue.h"
#include "serve/serve.h"
#include "source/sources.h"
#include "store/store.h"

enum { READY_MAX_BYTES = 4096, LAG_EVERY_MS = 1000 };

struct app_metrics {
	struct app *app;
	struct metrics *all;
	struct loop_timer *lag_timer;
	int64_t lag_us, busy_us; /* since they were last asked for */
	bool log_fails;          /* the last write did */
	bool recreated;          /* counted */

	struct metric *polls, *failures, *poll_seconds, *items, *passed_over, *mentions, *hits, *answers, *lag, *busy;
	struct metric *source_ok, *source_deaf, *deaf, *quiet, *lacking, *token_end, *budget_left, *paused, *sources,
		*readers, *restarts, *jobs, *set_aside, *waiting;
	struct metric *log_mentions, *log_hits, *log_bytes, *log_set_aside, *log_up, *search_lag, *log_corrupt,
		*log_inspected;
	struct metric *outbox_rows, *outbox_oldest, *queue_up, *queue_sent, *ready;
	struct metric *changes_rows, *changes_oldest, *changes_up, *changes_sent; /* the same, of incidents */
	struct metric *notices, *notices_waiting, *limits, *webhooks;
	struct metric *reload_ok, *reload_time, *topics, *start, *cpu, *memory;
};

/* --- the families --- */

static void make_polls(struct app_metrics *m)
{
	static const double seconds[] = {0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
	struct metrics *all = m->all;

	m->polls = metrics_counter(all, "escuchad_polls_total",
				   "Polls that ended, by source and result (ok, unchanged, failed).",
				   METRIC_LABELS("source", "result"));
	m->failures = metrics_counter(all, "escuchad_poll_failures_total",
				      "Polls that failed, by the class of the failure.", METRIC_LABELS("class"));
	m->poll_seconds = metrics_histogram(all, "escuchad_poll_duration_seconds",
					    "How long a poll took, from its turn to its commit.", NULL, seconds,
					    ARRAY_LEN(seconds));
	m->items = metrics_counter(all, "escuchad_items_total", "Items that sources showed, known or new.",
				   METRIC_LABELS("source"));
	m->passed_over =
		metrics_counter(all, "escuchad_passed_over_total",
				"Frames of a firehose in which no word of the rules stands.", METRIC_LABELS("source"));
	m->mentions = metrics_counter(all, "escuchad_mentions_total", "New mentions that were committed.",
				      METRIC_LABELS("source"));
	m->hits = metrics_counter(
		all, "escuchad_hits_total",
		"Hits that were committed, by topic and rule; one that met several rules counts for each, "
		"one that met none has an empty rule.",
		METRIC_LABELS("topic", "rule"));
	m->source_ok = metrics_gauge(
		all, "escuchad_source_last_success_timestamp_seconds",
		"When a source last answered well; of those beyond the first 1000, the one it is longest ago of.",
		METRIC_LABELS("source"));
	m->source_deaf = metrics_gauge(
		all, "escuchad_source_deaf_seconds",
		"For how long a source is deaf; only of those that are; of those beyond the first 1000, the longest.",
		METRIC_LABELS("source"));
	m->deaf = metrics_gauge(all, "escuchad_sources_deaf", "Deaf sources by kind (unreachable, silent, changed).",
				METRIC_LABELS("kind"));
	m->quiet = metrics_gauge(all, "escuchad_rules_quiet",
				 "Rules that have stopped finding anything, though their sources go on.", NULL);
	m->lacking = metrics_gauge(all, "escuchad_sources_lacking",
				   "Sources whose items lack what they used to have, by field "
				   "(author, date, text, url, counts).",
				   METRIC_LABELS("field"));
	m->token_end = metrics_gauge(all, "escuchad_source_token_end_timestamp_seconds",
				     "By when somebody has to renew what lets a source in at its platform; of the "
				     "first 1000 of those that say it.",
				     METRIC_LABELS("source"));
	m->budget_left = metrics_gauge(
		all, "escuchad_source_budget_left_ratio",
		"Of what a source may spend this day and month, the part that is left, of several bounds the least; "
		"of the first 1000 that have any.",
		METRIC_LABELS("source"));
	m->paused = metrics_gauge(all, "escuchad_polling_paused", "1: the log is full, and no source is asked.", NULL);
	m->sources = metrics_gauge(all, "escuchad_sources", "Sources by state (ok, new, failing, gone).",
				   METRIC_LABELS("state"));
}

static void make_readers(struct app_metrics *m)
{
	struct metrics *all = m->all;

	m->readers = metrics_gauge(all, "escuchad_readers", "Reader processes that serve.", NULL);
	m->restarts = metrics_counter(all, "escuchad_reader_restarts_total",
				      "Readers and nurseries that had to be replaced.", NULL);
	m->jobs = metrics_counter(all, "escuchad_reader_jobs_total", "Jobs that readers have done.", NULL);
	m->set_aside = metrics_counter(all, "escuchad_reader_jobs_set_aside_total",
				       "Jobs that cost three readers and were set aside.", NULL);
	m->limits = metrics_counter(all, "escuchad_rule_limits_total",
				    "Times that a pattern was given up on a text, by topic and pattern: what rests on "
				    "it is not known there.",
				    METRIC_LABELS("topic", "pattern"));
	m->waiting = metrics_gauge(all, "escuchad_reader_jobs_waiting", "Jobs that wait for a reader.", NULL);
}

static void make_log(struct app_metrics *m)
{
	struct metrics *all = m->all;

	m->log_up = metrics_gauge(all, "escuchad_log_up", "1: the log takes what is written and answers.", NULL);
	m->log_mentions = metrics_gauge(all, "escuchad_log_mentions", "Mentions in the log.", NULL);
	m->log_hits = metrics_gauge(all, "escuchad_log_hits", "Mentions in the log that are hits.", NULL);
	m->log_bytes = metrics_gauge(all, "escuchad_log_bytes", "Size of the log's files.", NULL);
	m->log_set_aside = metrics_gauge(all, "escuchad_log_damaged_rows",
					 "Rows of the outbox whose checksum does not hold.", NULL);
	m->log_corrupt = metrics_counter(
		all, "escuchad_db_corrupt_total",
		"Times that the log was found damaged: at a start, by the daily look, or in use.", NULL);
	metric_add(m->log_corrupt, 0, NULL);
	m->log_inspected = metrics_gauge(all, "escuchad_log_inspected_timestamp_seconds",
					 "When the whole log was last looked at; 0: not since the start.", NULL);
	metric_set(m->log_inspected, 0, NULL);
	m->search_lag = metrics_gauge(all, "escuchad_search_lag_mentions",
				      "Mentions not in the search index yet; the next search brings them.", NULL);
	m->outbox_rows = metrics_gauge(all, "escuchad_outbox_rows", "Hits that wait for Redis.", NULL);
	m->outbox_oldest = metrics_gauge(all, "escuchad_outbox_oldest_seconds",
					 "Age of the oldest hit that waits for Redis; 0: none does.", NULL);
	m->queue_up = metrics_gauge(all, "escuchad_queue_connected",
				    "1: Redis is connected and takes what is sent. 0 as well where none is configured.",
				    NULL);
	m->queue_sent = metrics_counter(all, "escuchad_queue_sent_total", "Hits that Redis has taken.", NULL);
	m->changes_rows =
		metrics_gauge(all, "escuchad_incidents_outbox_rows", "Changes of incidents that wait for Redis.", NULL);
	m->changes_oldest = metrics_gauge(all, "escuchad_incidents_outbox_oldest_seconds",
					  "Age of the oldest change of an incident that waits for Redis.", NULL);
	m->changes_up = metrics_gauge(all, "escuchad_incidents_queue_connected",
				      "1 if Redis takes what happens to incidents.", NULL);
	m->changes_sent = metrics_counter(all, "escuchad_incidents_queue_sent_total",
					  "Changes of incidents that Redis has taken.", NULL);
}

static void make_program(struct app_metrics *m)
{
	static const double seconds[] = {0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5};
	struct metrics *all = m->all;

	m->answers =
		metrics_counter(all, "escuchad_http_requests_total",
				"Requests that were answered, by route and status.", METRIC_LABELS("route", "status"));
	m->lag = metrics_histogram(all, "escuchad_loop_lag_seconds",
				   "The longest wait that the event loop imposed on its guests, each second.", NULL,
				   seconds, ARRAY_LEN(seconds));
	m->busy = metrics_histogram(all, "escuchad_loop_cpu_seconds",
				    "The most CPU time that the event loop spent on one callback, each second.", NULL,
				    seconds, ARRAY_LEN(seconds));
	m->webhooks =
		metrics_counter(all, "escuchad_webhooks_total",
				"Requests to /in/ by result (taken, repeated, empty, handshake; refused: unsigned, "
				"wrong, old, slower, full, nobody, soon, no_handshake, wrong_handshake).",
				METRIC_LABELS("result"));
	m->notices = metrics_counter(
		all, "escuchad_notices_total",
		"Tries to send a notice that ended, by channel and result (sent, later, refused, login, "
		"no_tls, away, failed); undelivered, without a channel: notices that were given up.",
		METRIC_LABELS("channel", "result"));
	metric_add(m->notices, 0, METRIC_VALUES("", "undelivered")); /* there before it first happens */
	m->notices_waiting =
		metrics_gauge(all, "escuchad_notices_waiting",
			      "Notices that nobody has yet: they wait for their time, or for a channel.", NULL);
	m->ready = metrics_gauge(all, "escuchad_ready", "1: /readyz says so.", NULL);
	m->topics = metrics_gauge(all, "escuchad_topics", "Topics that are watched.", NULL);
	m->reload_ok =
		metrics_gauge(all, "escuchad_config_last_reload_successful",
			      "1: the configuration and the rules in the files are in use; 0: they are wrong.", NULL);
	m->reload_time = metrics_gauge(all, "escuchad_config_last_reload_success_timestamp_seconds",
				       "When a configuration was last taken into use.", NULL);
	m->start = metrics_gauge(all, "process_start_time_seconds", "When escuchad was started.", NULL);
	m->cpu = metrics_counter(all, "process_cpu_seconds_total",
				 "CPU time of escuchad and of its readers that have ended.", NULL);
	m->memory = metrics_gauge(all, "process_resident_memory_bytes",
				  "Resident memory of escuchad, without its readers.", NULL);
	metric_set(metrics_gauge(all, "escuchad_build_info", "1, for the version that runs.", METRIC_LABELS("version")),
		   1, METRIC_VALUES(ESCUCHAD_VERSION));
}

static void on_lag(void *arg)
{
	struct app_metrics *m = arg;
	int64_t us = loop_lag_us(m->app->loop), busy_us = loop_busy_us(m->app->loop);

	m->lag_us = us > m->lag_us ? us : m->lag_us;
	m->busy_us = busy_us > m->busy_us ? busy_us : m->busy_us;
	metric_observe(m->lag, (double)us / 1e6, NULL);
	metric_observe(m->busy, (double)busy_us / 1e6, NULL);
	loop_timer_set(m->lag_timer, LAG_EVERY_MS);
}

int64_t app_metrics_lag_us(struct app_metrics *m)
{
	int64_t us = m->lag_us;

	m->lag_us = 0;
	return us;
}

int64_t app_metrics_busy_us(struct app_metrics *m)
{
	int64_t us = m->busy_us;

	m->busy_us = 0;
	return us;
}

struct app_metrics *app_metrics_new(struct app *a)
{
	struct app_metrics *m = NEW(struct app_metrics);

	m->app = a;
	m->all = metrics_new();
	make_program(m);
	make_polls(m);
	make_readers(m);
	make_log(m);
	metric_set(m->start, (double)a->started_ms / 1e3, NULL);
	m->lag_timer = loop_timer_new(a->loop, on_lag, m);
	loop_timer_set(m->lag_timer, LAG_EVERY_MS);
	return m;
}

struct app_metrics *app_metrics_free(struct app_metrics *m)
{
	if (!m)
		return NULL;
	loop_timer_free(m->lag_timer);
	metrics_free(m->all);
	free(m);
	return NULL;
}

/* --- what happens --- */

void app_metrics_poll(struct app_metrics *m, const struct source_status *source, const struct poll_report *r)
{
	bool failed = r->end == POLL_END_FAILED || r->end == POLL_END_LIMITED || r->end == POLL_END_GONE;

	metric_add(m->polls, 1, METRIC_VALUES(source->name, failed ? "failed" : r->unchanged ? "unchanged" : "ok"));
	if (failed)
		metric_add(m->failures, 1, METRIC_VALUES(r->error ? r->error : "gone"));
	metric_observe(m->poll_seconds, (double)r->took_ms / 1e3, NULL);
	if (r->items)
		metric_add(m->items, (double)r->items, METRIC_VALUES(source->name));
	if (r->passed_over)
		metric_add(m->passed_over, (double)r->passed_over, METRIC_VALUES(source->name));
	if (r->result.new_mentions)
		metric_add(m->mentions, (double)r->result.new_mentions, METRIC_VALUES(source->name));
}

void app_metrics_hits(struct app_metrics *m, const struct poll_result *committed)
{
	size_t i, k, n;

	for (i = 0; i < committed->n_entered; i++) {
		const struct mention *mention = committed->entered[i];

		for (k = 0; k < mention->n_hits; k++) {
			const struct hit *h = &mention->hits[k];

			if (!h->n_rules)
				metric_add(m->hits, 1, METRIC_VALUES(h->topic, ""));
			for (n = 0; n < h->n_rules; n++)
				metric_add(m->hits, 1, METRIC_VALUES(h->topic, h->rules[n]));
		}
	}
}

void app_metrics_notice(struct app_metrics *m, const char *channel, const char *result)
{
	metric_add(m->notices, 1, METRIC_VALUES(channel, result));
}

void app_metrics_webhook(struct app_metrics *m, const char *result)
{
	metric_add(m->webhooks, 1, METRIC_VALUES(result));
}

void app_metrics_limit(struct app_metrics *m, const struct answer_limit *limit)
{
	metric_add(m->limits, limit->count, METRIC_VALUES(limit->topic, limit->pattern));
}

void app_metrics_reload(struct app_metrics *m, bool done)
{
	metric_set(m->reload_ok, done, NULL);
	if (done)
		metric_set(m->reload_time, (double)clock_wall_ms() / 1e3, NULL);
}

void app_metrics_inspected(struct app_metrics *m, bool damaged)
{
	metric_set(m->log_inspected, (double)clock_wall_ms() / 1e3, NULL);
	metric_add(m->log_corrupt, damaged, NULL);
}

void app_metrics_log(struct app_metrics *m, int r)
{
	/* a record past its bounds, a question that took too long, the end: the log itself is well */
	if (r != -EINVAL && r != -ETIMEDOUT && r != -ECANCELED)
		m->log_fails = r < 0;
}

void app_metrics_answer(void *arg, const char *route, int status)
{
	struct app *a = arg;
	char text[12];

	snprintf(text, sizeof(text), "%d", status);
	metric_add(a->metrics->answers, 1, METRIC_VALUES(route, text));
}

/* --- ready --- */

enum reason { READY_RULES, READY_LOG, READY_QUEUE, READY_STOPPING, REASONS };

static unsigned reasons_against(const struct app *a)
{
	unsigned found = 0;
	struct queue_status queue;

	if (!a->serving)
		found |= 1u << READY_RULES;
	if (a->metrics->log_fails)
		found |= 1u << READY_LOG;
	if (a->config->queue && a->serving) {
		app_queues_status(a, &queue);
		found |= queue.connected ? 0 : 1u << READY_QUEUE;
	}
	if (a->stopping)
		found |= 1u << READY_STOPPING;
	return found;
}

void app_metrics_ready(void *arg, struct reply *reply)
{
	static const struct {
		const char *code;
		enum text_id text;
	} says[REASONS] = {[READY_RULES] = {"rules", TEXT_READY_RULES},
			   [READY_LOG] = {"log", TEXT_READY_LOG},
			   [READY_QUEUE] = {"queue", TEXT_READY_QUEUE},
			   [READY_STOPPING] = {"stopping", TEXT_MAIN_STOPPING}};
	struct app *a = arg;
	unsigned reasons = reasons_against(a);
	struct buf b = BUF_INIT(READY_MAX_BYTES);
	struct json j = JSON_OUT(&b);
	size_t i;

	json_begin_object(&j, NULL);
	json_bool(&j, "ready", !reasons);
	if (reasons)
		json_begin_array(&j, "reasons");
	for (i = 0; i < REASONS; i++) {
		if (!(reasons & 1u << i))
			continue;
		json_begin_object(&j, NULL);
		json_text(&j, "reason", says[i].code);
		json_text(&j, "message", text_raw(app_lang(a), says[i].text));
		json_end_object(&j);
	}
	if (reasons)
		json_end_array(&j);
	json_end_object(&j);
	reply_json(reply, reasons ? 503 : 200, buf_str(&b), b.len);
	buf_done(&b);
}

/* --- a scrape --- */

struct census {
	struct app_metrics *m;
	size_t n, of[SOURCE_STANDINGS];
	int64_t oldest_ms; /* of those past the cap */
	size_t n_means, n_deaf, of_kind[HEALTH_KINDS], lacking[FIELDS];
	int64_t deaf_longest_ms; /* of those past the cap */
};

static void count_deaf(struct census *c, const struct source_glance *s)
{
	int64_t ms = clock_wall_ms() - s->deaf_ms;

	ms = ms > 0 ? ms : 0;
	c->of_kind[s->deaf]++;
	if (c->n_deaf++ < METRIC_VALUES_MAX)
		metric_set(c->m->source_deaf, (double)ms / 1e3, METRIC_VALUES(s->name));
	else if (ms > c->deaf_longest_ms)
		c->deaf_longest_ms = ms;
}

/* Of platforms alone, of which nobody has thousands. */
static void show_means(struct census *c, const struct source_glance *s)
{
	struct means now;

	if (!s->means || c->n_means++ >= METRIC_VALUES_MAX)
		return;
	now = means_at(s->means, clock_wall_ms());
	if (now.token_until_ms != TIME_NONE)
		metric_set(c->m->token_end, (double)now.token_until_ms / 1e3, METRIC_VALUES(s->name));
	if (means_bounded(&now))
		metric_set(c->m->budget_left, means_left(&now), METRIC_VALUES(s->name));
}

static void count_source(void *arg, const struct source_glance *s)
{
	struct census *c = arg;
	int i;

	c->of[s->standing]++;
	if (s->deaf != HEALTH_WELL)
		count_deaf(c, s);
	show_means(c, s);
	for (i = 0; i < FIELDS && s->missing; i++)
		c->lacking[i] += s->missing >> i & 1;
	if (s->ok_ms == TIME_NONE)
		return;
	if (c->n++ < METRIC_VALUES_MAX)
		metric_set(c->m->source_ok, (double)s->ok_ms / 1e3, METRIC_VALUES(s->name));
	else if (c->oldest_ms == TIME_NONE || s->ok_ms < c->oldest_ms)
		c->oldest_ms = s->ok_ms;
}

static void read_sources(struct app_metrics *m)
{
	struct census c = {.m = m, .oldest_ms = TIME_NONE};
	int i;

	metric_clear(m->source_ok);
	metric_clear(m->source_deaf);
	metric_clear(m->token_end);
	metric_clear(m->budget_left);
	if (m->app->sources)
		sources_glance(m->app->sources, count_source, &c);
	for (i = 0; i < SOURCE_STANDINGS; i++)
		metric_set(m->sources, (double)c.of[i], METRIC_VALUES(source_standing_name((enum source_standing)i)));
	for (i = HEALTH_WELL + 1; i < HEALTH_KINDS; i++)
		metric_set(m->deaf, (double)c.of_kind[i], METRIC_VALUES(health_name((enum health_kind)i)));
	for (i = 0; i < FIELDS; i++)
		metric_set(m->lacking, (double)c.lacking[i], METRIC_VALUES(fields_name((enum fields_field)i)));
	metric_set(m->quiet, (double)app_quiet_count(m->app->quiet), NULL);
	metric_set(m->paused, m->app->log_full, NULL);
	if (c.n_deaf > METRIC_VALUES_MAX)
		metric_set(m->source_deaf, (double)c.deaf_longest_ms / 1e3, METRIC_VALUES(METRIC_OTHER));
	if (c.oldest_ms != TIME_NONE)
		metric_set(m->source_ok, (double)c.oldest_ms / 1e3, METRIC_VALUES(METRIC_OTHER));
}

static void read_pool(struct app_metrics *m)
{
	struct pool_status pool = {.readers = 0};

	if (m->app->pool)
		pool_status(m->app->pool, &pool);
	metric_set(m->readers, pool.readers, NULL);
	metric_set(m->restarts, (double)(pool.reader_deaths + pool.nursery_restarts), NULL);
	metric_set(m->jobs, (double)pool.done, NULL);
	metric_set(m->set_aside, (double)pool.set_aside, NULL);
	metric_set(m->waiting, (double)pool.waiting, NULL);
}

static void read_queue(struct app_metrics *m)
{
	struct queue_status hits = {.connected = false}, incidents = {.connected = false};

	if (app_queues_on(m->app)) {
		queue_status(m->app->queues[OUTBOX_HITS].queue, &hits);
		queue_status(m->app->queues[OUTBOX_INCIDENTS].queue, &incidents);
	}
	metric_set(m->queue_up, hits.connected, NULL);
	metric_set(m->queue_sent, (double)hits.sent, NULL);
	metric_set(m->changes_up, incidents.connected, NULL);
	metric_set(m->changes_sent, (double)incidents.sent, NULL);
}

static void read_log(struct app_metrics *m, const struct store_status *log)
{
	int64_t age_ms = log->pending ? clock_wall_ms() - log->oldest_pending.ms : 0;
	int64_t changes_ms = log->incidents.pending ? clock_wall_ms() - log->incidents.oldest_pending.ms : 0;

	if (log->recreated && !m->recreated) /* by this start, for it was damaged */
		metric_add(m->log_corrupt, 1, NULL);
	m->recreated = log->recreated;
	metric_set(m->log_mentions, (double)log->mentions, NULL);
	metric_set(m->log_hits, (double)log->hits, NULL);
	metric_set(m->log_bytes, (double)(log->db_bytes + log->wal_bytes), NULL);
	metric_set(m->log_set_aside, (double)log->set_aside, NULL);
	metric_set(m->search_lag, (double)log->search_lag, NULL);
	metric_set(m->outbox_rows, (double)log->pending, NULL);
	metric_set(m->changes_rows, (double)log->incidents.pending, NULL);
	metric_set(m->changes_oldest, changes_ms > 0 ? (double)changes_ms / 1e3 : 0, NULL);
	metric_set(m->outbox_oldest, age_ms > 0 ? (double)age_ms / 1e3 : 0, NULL);
}

static void read_notices(struct app_metrics *m)
{
	struct notices_status s = {.waiting = 0};

	if (m->app->notices)
		notices_status(m->app->notices, &s);
	metric_set(m->notices_waiting, (double)s.waiting, NULL);
}

static double seconds_of(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void read_process(struct app_metrics *m)
{
	FILE *f = fopen("/proc/self/statm", "re"); /* memory, not a disk: the loop does not wait */
	struct rusage self, ended;
	unsigned long pages = 0;

	if (getrusage(RUSAGE_SELF, &self) == 0 && getrusage(RUSAGE_CHILDREN, &ended) == 0)
		metric_set(m->cpu,
			   seconds_of(self.ru_utime) + seconds_of(self.ru_stime) + seconds_of(ended.ru_utime) +
				   seconds_of(ended.ru_stime),
			   NULL);
	if (!f)
		return;
	if (fscanf(f, "%*u %lu", &pages) == 1)
		metric_set(m->memory, (double)pages * (double)sysconf(_SC_PAGESIZE), NULL);
	fclose(f);
}

struct scrape {
	struct app *app;
	struct reply *reply;
};

static void on_log(void *arg, int r, const struct store_status *log)
{
	cleanup(freep) struct scrape *s = arg;
	struct app_metrics *m = s->app->metrics;
	struct buf b = BUF_INIT(REPLY_MAX_BYTES);

	if (r == 0)
		read_log(m, log);
	metric_set(m->log_up, r == 0 && !m->log_fails, NULL);
	metric_set(m->ready, !reasons_against(s->app), NULL);
	metric_set(m->topics, (double)s->app->catalogue.n_topics, NULL);
	read_sources(m);
	read_pool(m);
	read_queue(m);
	read_notices(m);
	read_process(m);
	metrics_write(m->all, &b);
	reply_text(s->reply, 200, "text/plain; version=0.0.4; charset=utf-8", buf_str(&b), b.len);
	buf_done(&b);
}

void app_metrics_ask(void *arg, struct reply *reply)
{
	struct scrape *s = NEW(struct scrape);
	struct app *a = arg;

	*s = (struct scrape){a, reply};
	store_status(a->store, on_log, s);
}
