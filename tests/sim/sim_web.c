/* Sites: what they show, how they misbehave, and when they must have been asked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fetch/fetch.h"
#include "fetch/imap.h"
#include "mention/source_state.h"
#include "sim.h"
#include "sim_keep.h"
#include "source/config.h"
#include "source/sources.h"
#include "source/turns.h"

enum {
	HOSTS_MAX = 64,
	TIMEOUT_MS = 60 * 1000,    /* fetch/ gives up whoever hangs */
	SLACK_MS = 15 * 60 * 1000, /* a poll's own length: a log that stalls, three readers that die of it */
	ON_ITS_WAY_MS = 60 * 1000, /* what the log still loads when its host asks for patience */
	SPREAD_MS = 5 * 60 * 1000, /* what was due at once is spread over so much */
	HERD = 48,                 /* polls a second while that lasts; SOURCES_RUNNING_MAX would be a herd */
	MANY = 2 * SOURCES_RUNNING_MAX,
};
static const int64_t paces[] = {MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS};

struct transfer {
	struct site *site;
	void (*on_fetched)(struct fetch_result *result, void *arg);
	void *arg;
	bool known; /* what it shows now is what the question named */
	enum site_mode mode;
	int64_t retry_after_ms;
	size_t n; /* items, as it was asked */
	struct sim_event event;
};

static int64_t longer(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t shorter(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* --- items --- */

void keep_item_id(size_t site, size_t item, uint8_t id[MENTION_ID_BYTES])
{
	memset(id, 0, MENTION_ID_BYTES);
	memcpy(id, &item, sizeof(item));
	memcpy(id + sizeof(item), &site, sizeof(site));
}

size_t keep_item_of(const uint8_t id[MENTION_ID_BYTES])
{
	size_t item;

	memcpy(&item, id, sizeof(item));
	return item;
}

struct site *web_site(struct sim *s, const char *source)
{
	return &s->sites[strtoul(source + 1, NULL, 10)];
}

static size_t number(const struct site *x)
{
	return (size_t)(x - x->sim->sites);
}

static void show(struct site *x)
{
	size_t old = x->cap;

	x->committed = GROW(x->committed, x->n, &x->cap);
	if (x->cap > old)
		memset(x->committed + old, 0, x->cap - old);
	x->n++;
}

static void on_news(void *arg)
{
	struct site *x = arg;
	struct sim *s = x->sim;
	size_t i, n = 1 + sim_roll(s, 3);

	for (i = 0; i < n; i++)
		show(x);
	sim_at(s, &x->news, x->rhythm_ms / 2 + (int64_t)sim_roll(s, (uint64_t)x->rhythm_ms));
}

static void change(void *arg)
{
	static const int64_t lengths[] = {MINUTE_MS, 20 * MINUTE_MS, 5 * HOUR_MS, 60 * HOUR_MS};
	struct site *x = arg;
	struct sim *s = x->sim;

	x->mode = sim_one_in(s, 3)   ? (enum site_mode)sim_roll(s, SITE_MODES)
		  : sim_one_in(s, 4) ? SITE_NO_TAG
				     : SITE_WELL;
	if (x->mode == SITE_GONE && !sim_one_in(s, 5)) /* the others would soon be all gone */
		x->mode = SITE_500;
	x->retry_after_ms = sim_one_in(s, 3) ? 0 : (int64_t)(1 + sim_roll(s, 20)) * 10 * MINUTE_MS;
	sim_trace(s, "site %zu becomes %d", number(x), x->mode);
	sim_at(s, &x->change, lengths[sim_roll(s, ARRAY_LEN(lengths))] / 2 + (int64_t)sim_roll(s, (uint64_t)HOUR_MS));
}

/* --- what is promised --- */

void keep_promises(struct sim *s, struct site *x, const struct source_state *state)
{
	int64_t every = x->config->every_ms, slowest = x->config->slowest_ms, wait = every;
	uint32_t i;

	for (i = 0; i < state->failures && wait < DAY_MS; i++)
		wait *= 2;
	wait = state->failures ? longer(shorter(wait, DAY_MS), shorter(x->answered_retry_ms, DAY_MS)) : slowest;
	x->failures = state->failures;
	x->kept_ok_ms = state->ok_ms; /* with what no mark had said before */
	x->gone = state->gone;
	x->allowed_ms = state->gone ? INT64_MAX / 4 : wait + wait / 10;
	x->ask_by_ms = s->clock.steady_ms + x->allowed_ms + x->queue_ms;
	x->kept_not_before_ms = x->not_before_ms = longer(x->asked_ms + every - every / 10, x->retry_ms);
	x->jumped = false;
	x->answered_badly = x->answered_badly || (state->failures && x->answered);
	if (!state->failures && !state->gone) {
		x->ok_wall_ms = state->ok_ms;
		x->answered_badly = false;
	}
}

/* Until the daemon dies it knows as well as if it had been committed. */
void web_unkept(struct site *x, int64_t ok_ms)
{
	struct sim *s = x->sim;
	int64_t every = x->config->every_ms;

	x->unkept.asked_ms = x->asked_ms;
	x->unkept.sets = s->clock.sets;
	x->ok_wall_ms = ok_ms;
	x->not_before_ms = x->asked_ms + every - every / 10;
	x->ask_by_ms = s->clock.steady_ms + x->allowed_ms + x->queue_ms;
}

void web_woke(struct sim *s, bool restarted)
{
	struct sim_web *w = &s->web;
	size_t i;

	w->woke_ms = s->clock.steady_ms;
	if (restarted) { /* hosts' patience and slots were kept by heart */
		w->started_ms = s->clock.steady_ms;
		memset(w->held_ms, 0, sizeof(w->held_ms));
		memset(w->transfers, 0, sizeof(w->transfers));
	}
	for (i = 0; i < s->n; i++) {
		struct site *x = &s->sites[i];
		int64_t span = SPREAD_MS + (restarted && x->jumped ? x->allowed_ms : 0);

		if (restarted) {
			x->not_before_ms = x->kept_not_before_ms;
			x->ok_wall_ms = x->kept_ok_ms;
		}
		if (x->ask_by_ms < INT64_MAX / 8)
			x->ask_by_ms = longer(x->ask_by_ms, s->clock.steady_ms + span + x->queue_ms);
	}
}

/* Who was not loaded yet in this life is due by the log's wall times, which are another clock's now. */
void web_clock_was_set(struct sim *s)
{
	bool young = s->clock.steady_ms - s->web.started_ms < 2 * SPREAD_MS;
	size_t i;

	for (i = 0; i < s->n; i++) {
		struct site *x = &s->sites[i];

		x->jumped = x->clock_was_set = true;
		x->line_end_ms = TIME_NONE;
		if (young && x->ask_by_ms < INT64_MAX / 8)
			x->ask_by_ms = longer(x->ask_by_ms, s->clock.steady_ms + x->allowed_ms + x->queue_ms);
	}
}

/* It asked for patience, and speaks for its host. */
void web_limited(struct site *x, int64_t retry_after_ms)
{
	struct sim *s = x->sim;

	if (s->web.held_ms[x->host] < s->clock.steady_ms)
		s->web.held_from_ms[x->host] = s->clock.steady_ms;
	s->web.held_ms[x->host] = longer(s->web.held_ms[x->host], s->clock.steady_ms + retry_after_ms);
}

/* What delays all of them. */
static int64_t excused_ms(const struct sim *s, const struct site *x)
{
	int64_t until = longer(s->log.stalls_until_ms, longer(s->log.fails_until_ms, (int64_t)s->pool.sick_until_ms));

	until = longer(until + x->config->every_ms + x->config->every_ms / 10, s->web.held_ms[x->host] + SPREAD_MS);
	if (x->jumped && x->asked_ms < s->web.started_ms) /* what is known of it is still another clock's */
		until = longer(until, s->web.woke_ms + SPREAD_MS) + x->allowed_ms;
	return until + x->queue_ms;
}

static void check_not_starved(struct sim *s, struct site *x)
{
	PROMISE(s, s->clock.steady_ms <= longer(x->ask_by_ms, excused_ms(s, x)),
		"site %zu starves: last asked at %lld, was to be asked by %lld (failures %u, every %lld)", number(x),
		(long long)x->asked_ms, (long long)x->ask_by_ms, x->failures, (long long)x->config->every_ms);
}

void web_check(struct sim *s)
{
	size_t i;

	for (i = 0; s->sources && i < s->n; i++)
		check_not_starved(s, &s->sites[i]);
}

/* Of many that were due at once, few a second begin. */
static void check_no_herd(struct sim *s)
{
	struct sim_web *w = &s->web;
	int64_t now = s->clock.steady_ms;

	if (now / SECOND_MS != w->second_ms / SECOND_MS)
		w->in_second = 0;
	w->second_ms = now;
	w->in_second++;
	PROMISE(s, s->n < MANY || now - w->woke_ms > SPREAD_MS || w->in_second <= HERD,
		"a herd: %u in one second, %lld ms after it woke", w->in_second, (long long)(now - w->woke_ms));
}

static void check_question(struct sim *s, struct site *x)
{
	int64_t now = s->clock.steady_ms;

	check_not_starved(s, x);
	check_no_herd(s);
	PROMISE(s, s->web.transfers[x->host] < TURNS_PER_HOST, "host %u is asked too much at once", x->host);
	if (x->asked_for)
		return;
	PROMISE(s, !x->gone, "site %zu is gone, and asked again", number(x));
	PROMISE(s, x->jumped || now >= x->not_before_ms, "site %zu is asked %lld ms too soon", number(x),
		(long long)(x->not_before_ms - now));
	PROMISE(s, now >= s->web.held_ms[x->host] || now - s->web.held_from_ms[x->host] < ON_ITS_WAY_MS,
		"host %u asked for patience until %lld", x->host, (long long)s->web.held_ms[x->host]);
}

/* --- fetch/ --- */

static void transfer_done(struct transfer *t)
{
	t->site->sim->web.transfers[t->site->host]--;
	sim_not(t->site->sim, &t->event);
	free(t);
}

static void fill_body(const struct transfer *t, struct buf *body)
{
	size_t i;

	if (t->mode == SITE_NO_FEED || t->mode == SITE_POISON)
		buf_puts(body, t->mode == SITE_POISON ? "die\n" : "bad\n");
	for (i = t->n > SHOWN ? t->n - SHOWN : 0; i < t->n; i++)
		buf_printf(body, "%zu\n", i);
}

static void on_answer(void *arg)
{
	static const struct {
		enum fetch_outcome outcome;
		const char *class_name;
	} answers[SITE_MODES] = {
		[SITE_WELL] = {FETCH_OK, "ok"},
		[SITE_NO_TAG] = {FETCH_OK, "ok"},
		[SITE_HANGS] = {FETCH_TIMEOUT, "timeout"},
		[SITE_500] = {FETCH_HTTP, "http_500"},
		[SITE_LIMITS] = {FETCH_LIMITED, "limited"},
		[SITE_GONE] = {FETCH_GONE, "gone"},
		[SITE_VANISHED] = {FETCH_DNS, "dns"},
		[SITE_NO_FEED] = {FETCH_OK, "ok"},
		[SITE_POISON] = {FETCH_OK, "ok"},
	};
	struct transfer *t = arg;
	struct sim *s = t->site->sim;
	struct fetch_result r = {.outcome = answers[t->mode].outcome,
				 .class_name = answers[t->mode].class_name,
				 .body = BUF_INIT(1 << 16),
				 .cert_until_ms = TIME_NONE,
				 .detail = ""};
	char etag[32];

	snprintf(etag, sizeof(etag), "n%zu", t->n);
	if (r.outcome == FETCH_OK && t->mode == SITE_WELL)
		r.etag = etag;
	if (t->known)
		r.outcome = FETCH_NOT_MODIFIED;
	else if (r.outcome == FETCH_OK)
		fill_body(t, &r.body);
	if (r.outcome == FETCH_LIMITED)
		r.retry_after_ms = t->retry_after_ms;
	sim_trace(s, "site %zu answers %s, %zu items%s", number(t->site), r.class_name, t->n,
		  t->known ? ", the same" : "");
	s->web.answered++;
	t->site->answered = r.outcome == FETCH_OK;
	t->site->answered_retry_ms = r.retry_after_ms;
	t->site->retry_ms = INT64_MIN;
	t->on_fetched(&r, t->arg);
	if (t->mode == SITE_LIMITS && t->retry_after_ms) { /* obeyed even while the log can't keep it */
		t->site->retry_ms = s->clock.steady_ms + t->retry_after_ms;
		t->site->not_before_ms = longer(t->site->not_before_ms, t->site->retry_ms);
		t->site->ask_by_ms = longer(t->site->ask_by_ms, s->clock.steady_ms + t->retry_after_ms +
									t->retry_after_ms / 10 + t->site->queue_ms);
	}
	buf_done(&r.body);
	transfer_done(t);
}

/* Nobody here has a mailbox. */
struct imap *imap_open(struct fetch *f, const struct imap_request *request,
		       void (*on_done)(void *arg, const struct imap_result *result), void *arg)
{
	(void)f;
	(void)request;
	(void)on_done;
	(void)arg;
	return NULL;
}

struct imap *imap_close(struct imap *s)
{
	return s;
}

void imap_search(struct imap *s, const struct imap_search *search)
{
	(void)s;
	(void)search;
}

void imap_sizes(struct imap *s, const uint32_t *uids, size_t n)
{
	(void)s;
	(void)uids;
	(void)n;
}

void imap_fetch(struct imap *s, const uint32_t *uids, size_t n)
{
	imap_sizes(s, uids, n);
}

struct transfer *fetch_start(struct fetch *f, const struct fetch_request *request,
			     void (*on_fetched)(struct fetch_result *result, void *arg), void *arg)
{
	struct sim *s = (struct sim *)f;
	struct transfer *t = NEW(struct transfer);
	struct site *x = web_site(s, strrchr(request->url, '/'));
	char etag[32];

	sim_trace(s, "site %zu is asked", number(x));
	check_question(s, x);
	snprintf(etag, sizeof(etag), "n%zu", x->n);
	*t = (struct transfer){.site = x,
			       .on_fetched = on_fetched,
			       .arg = arg,
			       .mode = x->mode,
			       .retry_after_ms = x->retry_after_ms,
			       .n = x->n,
			       .known = x->mode == SITE_WELL && request->etag && strcmp(request->etag, etag) == 0,
			       .event = {.fn = on_answer, .arg = t}};
	x->asked_ms = s->clock.steady_ms;
	x->asked_for = false;
	x->ask_by_ms = longer(x->ask_by_ms, s->clock.steady_ms + x->config->every_ms + SLACK_MS + x->queue_ms);
	s->web.transfers[x->host]++;
	s->web.asked++;
	sim_at(s, &t->event,
	       x->mode == SITE_HANGS ? TIMEOUT_MS : 5 + (int64_t)sim_roll(s, sim_one_in(s, 50) ? 20000 : 300));
	return t;
}

void fetch_resume(struct transfer *t)
{
	(void)t; /* nothing here answers without end */
}

void fetch_cancel(struct transfer *t)
{
	if (t)
		transfer_done(t);
}

/* --- the set --- */

static struct source_config *configure(struct sim *s, size_t i)
{
	struct source_config *c = &s->configs[i];

	*c = (struct source_config){
		.name = xasprintf("s%zu", i),
		.platform = SOURCE_FEED,
		.url = xasprintf("http://h%u.example/%zu", s->sites[i].host, i),
		.every_ms = s->n >= MANY ? paces[1 + sim_roll(s, 3)] : paces[sim_roll(s, ARRAY_LEN(paces))],
		.backfill_ms = SOURCE_BACKFILL_ALL,
		.format = "auto",
	};
	c->slowest_ms = sim_one_in(s, 2) ? c->every_ms : pace_slowest_ms(c->every_ms);
	return c;
}

void web_init(struct sim *s)
{
	unsigned of_host[HOSTS_MAX] = {0};
	size_t i;

	s->web.hosts = 1 + (unsigned)sim_roll(s, HOSTS_MAX);
	s->configs = xcalloc(s->n, sizeof(*s->configs));
	for (i = 0; i < s->n; i++) {
		struct site *x = &s->sites[i];

		*x = (struct site){.sim = s, .host = (unsigned)sim_roll(s, s->web.hosts), .asked_ms = TIME_NONE};
		if (sim_one_in(s, 3)) /* some hosts have many */
			x->host = 0;
		of_host[x->host]++;
		x->config = configure(s, i);
		x->rhythm_ms = (int64_t)(1 + sim_roll(s, 40)) * 20 * MINUTE_MS;
		x->line_ms = x->line_end_ms = x->ok_wall_ms = x->kept_ok_ms = TIME_NONE;
		x->not_before_ms = x->kept_not_before_ms = x->retry_ms = INT64_MIN;
		x->news = (struct sim_event){.fn = on_news, .arg = x};
		x->change = (struct sim_event){.fn = change, .arg = x};
		show(x);
		on_news(x);
		sim_at(s, &x->change, (int64_t)sim_roll(s, (uint64_t)DAY_MS));
	}
	for (i = 0; i < s->n; i++) { /* all that hang, of its host and of all */
		struct site *x = &s->sites[i];

		x->queue_ms = SLACK_MS + (int64_t)(of_host[x->host] / TURNS_PER_HOST + s->n / SOURCES_RUNNING_MAX) *
						 (TIMEOUT_MS + MINUTE_MS);
		x->allowed_ms = x->config->slowest_ms;
	}
}

void web_mend(struct sim *s)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		struct site *x = &s->sites[i];

		sim_not(s, &x->change);
		sim_not(s, &x->news);
		x->mode = sim_one_in(s, 4) ? SITE_NO_TAG : SITE_WELL;
	}
}

void web_done(struct sim *s)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		free(s->sites[i].committed);
		free((char *)s->configs[i].name);
		free((char *)s->configs[i].url);
	}
	free(s->configs);
}
