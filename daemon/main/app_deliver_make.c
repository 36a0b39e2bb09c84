/* A message of a delivery: its mentions are asked for one by one, or its days read hit by hit, and put into words for who gets it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "alert/digest.h"
#include "alert/notice_text.h"
#include "alert/notices.h"
#include "alert/page.h"
#include "alert/ready.h"
#include "alert/rose.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/zone.h"
#include "main/app_deliver_inside.h"
#include "main/app_mutes.h"
#include "main/config_people.h"
#include "main/app_series.h"
#include "mention/catalogue.h"
#include "serve/serve.h"
#include "source/sources.h"
#include "stats/topic.h"
#include "store/series.h"
#include "store/store.h"

enum {
	BEFORE_TIMES = 3 /* as long before is read to know which words are new */,
	READ_ROWS = 500,
	DEAF_MAX = 100,
	SUBJECT_MAX_BYTES = 120,
	NUMBER_SIZE = 32,
	ANSWER_MAX_BYTES = 2 << 20
};

/* --- who reads it --- */

struct reader {
	struct notice_reader to;
	struct zone *zone;
};

static struct reader reader_of(const struct app *a, const struct person_config *p)
{
	struct reader r = {.to = {.lang = p && p->language >= 0 ? (enum text_lang)p->language : app_lang(a),
				  .zone_name = p && p->timezone ? p->timezone : a->config->timezone}};

	if (zone_load(r.to.zone_name, &r.zone) != 0)
		r.zone = NULL;
	r.to.zone = r.zone;
	return r;
}

static void reader_done(struct reader *r)
{
	zone_free(r->zone);
}

/* --- what is kept --- */

static void make_row(struct deliver_job *job, const struct notice_object *o)
{
	cleanup(buf_done) struct buf facts = BUF_INIT(NOTICE_FACTS_MAX_BYTES);
	char key[NOTICE_KEY_SIZE];

	ready_json(o, &facts);
	notices_key(key);
	job->has_row = true;
	job->row = (struct notice_row){.key = arena_strdup(job->arena, key),
				       .kind = NOTICES_DELIVERY,
				       .matter = arena_printf(job->arena, "%s %s %s", job->delivery, job->person, key),
				       .facts = arena_strdup(job->arena, buf_str(&facts)),
				       .person = job->person,
				       .state = NOTICE_NEW,
				       .created_ms = clock_wall_ms(),
				       .next_ms = clock_wall_ms(),
				       .ended_ms = TIME_NONE};
}

/* --- cards --- */

static void line_of(struct page *p, enum text_lang lang, enum text_id id, uint64_t n)
{
	char number[NUMBER_SIZE];
	cleanup(freep) char *words = NULL;

	if (!n)
		return;
	snprintf(number, sizeof(number), "%llu", (unsigned long long)n);
	words = TEXT(lang, id, number);
	page_line(p, words);
}

static void put_why_late(const struct deliver_job *job, enum text_lang lang, struct page *p)
{
	static const struct {
		uint32_t bit;
		enum text_id text;
	} texts[] = {{DELIVER_BY_AWAY, TEXT_CARD_HELD_AWAY},
		     {DELIVER_BY_QUIET, TEXT_CARD_HELD_QUIET},
		     {DELIVER_BY_CAP, TEXT_CARD_HELD_CAP}};
	size_t i;

	for (i = 0; i < ARRAY_LEN(texts); i++)
		if (job->send.held & texts[i].bit) {
			page_note(p, text_raw(lang, texts[i].text));
			return;
		}
}

static char *subject_of(const struct deliver_job *job, enum text_lang lang)
{
	uint64_t n = job->n_cards + job->send.more + job->lost;
	char number[NUMBER_SIZE];
	cleanup(buf_done) struct buf text = BUF_INIT(2 * SUBJECT_MAX_BYTES);

	if (n == 1 && job->n_cards == 1) {
		notice_clean(&text, job->cards[0].text, SUBJECT_MAX_BYTES, false);
		return TEXT(lang, TEXT_CARD_SUBJECT_ONE, job->delivery, buf_str(&text));
	}
	snprintf(number, sizeof(number), "%llu", (unsigned long long)n);
	return TEXT(lang, TEXT_CARD_SUBJECT, job->delivery, number);
}

static void put_cards(struct deliver_job *job)
{
	struct reader r = reader_of(job->app, job->send.person);
	struct notice_mention mentions[DELIVER_CARDS_MAX];
	cleanup(freep) char *subject = subject_of(job, r.to.lang), *foot = NULL;
	struct page p;
	size_t i;

	page_begin(&p, r.to.lang == TEXT_ES ? "es" : "en", NULL);
	put_why_late(job, r.to.lang, &p);
	for (i = 0; i < job->n_cards; i++) {
		const struct card *c = &job->cards[i];

		card_put(c, r.to.lang, &p);
		mentions[i] = (struct notice_mention){c->text, c->url, c->author, c->source,
						      c->followers > 0 ? c->followers : 0};
	}
	line_of(&p, r.to.lang, TEXT_CARD_MORE, job->send.more);
	line_of(&p, r.to.lang, TEXT_CARD_AGAIN, job->send.again);
	line_of(&p, r.to.lang, TEXT_CARD_GONE, job->lost);
	foot = TEXT(r.to.lang, TEXT_CARD_FOOT, job->delivery);
	page_note(&p, foot);
	make_row(job, &(struct notice_object){.kind = NOTICE_CARD,
					      .subject = subject,
					      .text = page_text(&p),
					      .html = page_html(&p),
					      .mentions = mentions,
					      .n_mentions = job->n_cards});
	page_done(&p);
	reader_done(&r);
}

static void ask_next(struct deliver_job *job);

/* What the log no longer has is counted: it was let go, or somebody asked to be forgotten. */
static void on_mention(void *arg, int r, const struct store_row *rows, size_t n)
{
	struct deliver_job *job = arg;

	if (job->all->stopped)
		return;
	if (r == 0 && n && card_parse(rows[0].json, job->arena, &job->cards[job->n_cards]) == 0)
		job->cards[job->n_cards++].times = job->send.items[job->asked].times;
	else
		job->lost++;
	job->asked++;
	ask_next(job);
}

static void ask_next(struct deliver_job *job)
{
	if (job->asked < job->send.n) {
		store_mention(job->app->store, job->send.items[job->asked].id, on_mention, job);
		return;
	}
	if (!job->gone && (job->n_cards || job->send.more || job->send.again))
		put_cards(job);
	deliver_made(job);
}

/* --- a digest --- */

struct deaf {
	char *v[DEAF_MAX];
	size_t n;
};

static void note_deaf(void *arg, const struct source_glance *s)
{
	struct deaf *d = arg;

	if (s->deaf != HEALTH_WELL && d->n < DEAF_MAX)
		d->v[d->n++] = xstrdup(s->name);
}

/* What is watched, and how much is usual in such a time. */
static void put_topics(struct deliver_job *job)
{
	const struct catalogue *c = &job->app->catalogue;
	int64_t now_ms = clock_wall_ms();
	size_t i;

	for (i = 0; i < c->n_topics; i++) {
		struct topic_window w = {.usual = -1};
		int hour = 0;
		struct topic *t =
			job->app->series ? app_series_topic(job->app->series, c->topics[i].name, &hour) : NULL;

		if (t)
			topic_window(t, SERIES_ALL, NULL, now_ms, job->send.to_ms - job->send.from_ms, hour, &w);
		digest_topic(job->digest, c->topics[i].name, c->topics[i].role, w.usual);
	}
}

static void answer(struct deliver_job *job, const struct notice_object *o)
{
	struct buf b = BUF_INIT(ANSWER_MAX_BYTES);
	struct json j = JSON_OUT(&b);

	json_begin_object(&j, NULL);
	json_text(&j, "subject", o->subject);
	json_text(&j, "text", o->text);
	json_text(&j, "html", o->html);
	json_end_object(&j);
	reply_json(job->reply, 200, buf_str(&b), b.len);
	buf_done(&b);
}

static void put_digest(struct deliver_job *job)
{
	struct reader r = reader_of(job->app, job->send.person);
	cleanup(freep) char *unheard = unheard_names(&job->app->coverage.unheard, r.to.lang), *subject = NULL;
	struct digest_facts f = {.from_ms = job->send.from_ms,
				 .to_ms = job->send.to_ms,
				 .delivery = strcmp(job->delivery, DELIVER_DEFAULT) == 0 ? NULL : job->delivery,
				 .unheard = unheard};
	const char *rose[ROSE_MAX];
	struct deaf deaf = {.n = 0};
	struct notice_object o = {.kind = NOTICE_DIGEST, .topic = job->topic};
	struct page p;

	put_topics(job);
	if (job->app->sources)
		sources_glance(job->app->sources, note_deaf, &deaf);
	f.deaf = (const char *const *)deaf.v;
	f.n_deaf = deaf.n;
	f.muted = app_mutes_held(job->app, &f.n_muted);
	f.rose = rose;
	f.n_rose = rose_pick(job->rose, rose);
	subject = digest_put(job->digest, &f, &r.to, &p);
	o.subject = subject;
	o.text = page_text(&p);
	o.html = page_html(&p);
	if (job->reply)
		answer(job, &o);
	else
		make_row(job, &o);
	page_done(&p);
	reader_done(&r);
	while (deaf.n)
		free(deaf.v[--deaf.n]);
}

static void end_look(struct deliver_job *job)
{
	struct app_deliver *k = job->all;
	size_t i;

	for (i = 0; i < k->n_looks && k->looks[i] != job; i++)
		;
	k->looks[i] = k->looks[--k->n_looks];
	deliver_job_free(job);
}

static void end_digest(struct deliver_job *job)
{
	if (job->reply) {
		put_digest(job);
		end_look(job);
		return;
	}
	if (!job->gone)
		put_digest(job);
	deliver_made(job);
}

static void on_said(void *arg, int r, const struct mention *const *v, size_t n, struct stream_id last)
{
	struct deliver_job *job = arg;
	bool over = r < 0 || stream_id_cmp(last, job->at) == 0 || last.ms > job->send.to_ms;
	size_t i;

	if (job->all->stopped) {
		if (job->reply) {
			reply_error(job->reply, 503, "stopping", strerror(ECANCELED));
			end_look(job);
		}
		return;
	}
	if (r < 0)
		app_log_failed(job->app, "deliver.digest", r);
	for (i = 0; i < n; i++) {
		bool now = v[i]->seen_ms >= job->send.from_ms;

		if (digest_is_of(job->digest, v[i]))
			rose_add(job->rose, v[i], now);
		if (now)
			digest_add(job->digest, v[i]);
	}
	job->at = last;
	if (over)
		end_digest(job);
	else
		store_said(job->app->store, job->at, READ_ROWS, on_said, job);
}

static void read_days(struct deliver_job *job, const struct filter *when)
{
	job->digest = digest_new(when, job->topic);
	job->rose = rose_new();
	job->at = (struct stream_id){.ms = job->send.from_ms - BEFORE_TIMES * (job->send.to_ms - job->send.from_ms)};
	store_said(job->app->store, job->at, READ_ROWS, on_said, job);
}

void deliver_make(struct deliver_job *job)
{
	if (job->send.kind == DELIVER_DIGEST)
		read_days(job, job->send.delivery->when);
	else
		ask_next(job);
}

/* --- its life --- */

void deliver_job_free(struct deliver_job *job)
{
	digest_free(job->digest);
	rose_free(job->rose);
	arena_free(job->arena);
	free(job->topic);
	free(job);
}

static const struct deliver_config *delivery_of(const struct config *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n_deliver; i++)
		if (strcmp(c->deliver[i].name, name) == 0)
			return &c->deliver[i];
	return NULL;
}

void deliver_job_configure(struct deliver_job *job)
{
	job->send.delivery = delivery_of(job->app->config, job->delivery);
	job->send.person = config_person(job->app->config, job->person);
	job->gone = !job->send.delivery || !job->send.person;
	if (job->digest)
		digest_rebind(job->digest, job->send.delivery ? job->send.delivery->when : NULL);
}

/* --- a look at one --- */

/* The digest that is written for this person; else the one that everybody gets. */
static const struct deliver_config *digest_of(const struct config *c, const struct person_config *p)
{
	size_t i, k;

	for (i = 0; p && i < c->n_deliver; i++)
		for (k = 0; c->deliver[i].every == DELIVER_DAILY && k < c->deliver[i].n_to; k++)
			if (c->deliver[i].to[k].person == p)
				return &c->deliver[i];
	return NULL;
}

void app_deliver_ask(void *arg, const char *name, int64_t back_ms, struct reply *reply)
{
	struct app *a = arg;
	const struct person_config *p = config_person(a->config, name);
	const struct deliver_config *v = digest_of(a->config, p);
	struct deliver_job *job;

	if (!p && !catalogue_topic(&a->catalogue, name)) {
		cleanup(freep) char *message = TEXT(app_lang(a), TEXT_DIGEST_NOBODY, name);

		reply_error(reply, 404, "not_found", message);
		return;
	}
	if (a->deliver->n_looks == APP_DELIVER_ASKED_MAX) {
		reply_error(reply, 503, "busy", text_raw(app_lang(a), TEXT_MAIN_RELOAD_BUSY));
		return;
	}
	job = a->deliver->looks[a->deliver->n_looks++] = NEW(struct deliver_job);
	job->app = a;
	job->all = a->deliver;
	job->reply = reply;
	job->arena = arena_new(1 << 20);
	job->topic = p ? NULL : xstrdup(name);
	snprintf(job->delivery, sizeof(job->delivery), "%s", v ? v->name : DELIVER_DEFAULT);
	snprintf(job->person, sizeof(job->person), "%s", p ? name : "");
	job->send = (struct deliver_send){.kind = DELIVER_DIGEST,
					  .person = p,
					  .from_ms = clock_wall_ms() - (back_ms == TIME_NONE ? DAY_MS : back_ms),
					  .to_ms = clock_wall_ms()};
	read_days(job, v ? v->when : NULL);
}
