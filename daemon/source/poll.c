#include "source/poll.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/secret.h"
#include "fetch/fetch.h"
#include "fetch/place.h"
#include "loop/loop.h"
#include "mention/job.h"
#include "pool/pool.h"
#include "source/config.h"
#include "source/files.h"
#include "source/habits.h"
#include "source/recall.h"

enum {
	ARENA_MAX_BYTES = 64 * 1024 * 1024,
	FILE_MAX_BYTES = FETCH_BODY_MAX,
	BUSY_RETRY_MS = 500, /* the pool's or the loop's queue is full */
	DETAIL_MAX_BYTES = 300,
	LOG_RETRY_MS = 5 * 60 * 1000, /* after what a source stands at could not be read */
};

/* What came from a feed, beside its body. */
struct got {
	enum fetch_outcome outcome;
	const char *class_name, *detail, *etag, *last_modified, *content_type, *address;
	uint64_t signature; /* of the body */
};

struct poll {
	struct poll_env env;
	const struct source_config *config;
	void (*on_end)(void *arg, const struct poll_report *report); /* NULL: abandoned */
	void *arg;

	struct arena *arena, *texts; /* what was loaded; all other texts of this poll, NULL: none yet */
	const char *name, *url, *moved;
	bool at_once;
	bool remembered; /* state is what was remembered, and the log was not asked yet */
	int64_t ok_ms;   /* … when it was heard last */

	struct source_state state; /* as it was kept, then as it will be */
	struct health health;      /* as it was kept */
	bool reminding;            /* of what is gone: nothing is asked, and it is told again */
	const struct seen_key *seen;
	size_t n_seen;

	struct transfer *transfer; /* what it waits for: one of these, or an op of the log (owed) */
	struct loop_work *work;
	uint64_t job;
	struct loop_timer *timer;
	void (*again)(struct poll *p);
	bool owed, committing, draining;

	struct got got;
	struct buf body;
	const char *body_address, *content_type;
	struct files_list files;
	size_t file;               /* the next of them */
	struct files_known *known; /* the source's; NULL: none */
	bool skipped;              /* some of them are known, and not read again */
	uint64_t signature;    /* of all of them: kept once the last is read, so that a stop in between hides none */
	bool read, file_read;  /* one of them was; the present one was */
	const char *bad_class; /* one of them could not be read: the others are, and the poll is a failure */
	char *bad_detail;

	enum poll_end end;
	int64_t retry_after_ms, fresh_ms;
	bool lasting;
	int64_t started_ms; /* steady */
	struct poll_report report;
};

static void poll_free(struct poll *p)
{
	loop_timer_free(p->timer);
	files_list_done(&p->files);
	buf_done(&p->body);
	arena_free(p->arena);
	arena_free(p->texts);
	free(p->bad_detail);
	free(p);
}

/* For texts: most polls of a feed that stays as it was need none. */
static struct arena *texts(struct poll *p)
{
	if (!p->texts)
		p->texts = arena_new(ARENA_MAX_BYTES);
	return p->texts;
}

/* NULL stays NULL. */
static const char *copy(struct poll *p, const char *text)
{
	return text ? arena_strdup(texts(p), text) : NULL;
}

void poll_rebind(struct poll *p, const struct source_config *config)
{
	p->config = config;
}

void poll_abandon(struct poll *p)
{
	if (!p)
		return;
	fetch_cancel(p->transfer);
	if (p->work)
		loop_work_cancel(p->work);
	if (p->job)
		pool_cancel(p->env.pool, p->job);
	if (p->timer)
		loop_timer_stop(p->timer);
	p->on_end = NULL;
	if (!p->owed)
		poll_free(p);
}

bool poll_drain(struct poll *p)
{
	p->draining = true;
	return p->job || p->body.len || p->committing;
}

/* Only of what was heard well, and in full: whatever else is known of it is for the log to say. */
static bool worth_recalling(const struct poll *p)
{
	const struct source_state *s = &p->state;

	return p->url && s->address && s->baselined && !s->gone && !s->failures && !s->error && p->end == POLL_END_OK &&
	       s->ok_ms != TIME_NONE;
}

static void finish(struct poll *p)
{
	struct poll_report *r = &p->report;

	r->end = p->end;
	r->failures = p->state.failures;
	r->error = p->state.error;
	r->detail = p->state.error_detail;
	r->title = p->state.title;
	r->ok_ms = p->state.ok_ms;
	r->new_ms = p->state.new_ms;
	r->next_ms = p->state.next_ms;
	r->retry_after_ms = p->retry_after_ms;
	if (p->end != POLL_END_OK)
		r->moved_to = NULL;
	r->recall = worth_recalling(p) ? &p->state : NULL;
	r->took_ms = clock_steady_ms() - p->started_ms;
	p->on_end(p->arg, r);
	poll_free(p);
}

static void on_timer(void *arg)
{
	struct poll *p = arg;

	p->again(p);
}

/* Something is full just now: the same step once more, soon. */
static void try_again(struct poll *p, void (*again)(struct poll *p))
{
	p->again = again;
	if (!p->timer)
		p->timer = loop_timer_new(p->env.loop, on_timer, p);
	loop_timer_set(p->timer, BUSY_RETRY_MS);
}

static uint32_t random_u32(void)
{
	uint32_t v = 0;

	(void)getrandom(&v, sizeof(v), GRND_NONBLOCK); /* only to spread waits: zero would do */
	return v;
}

/* --- the end: what is kept --- */

static int64_t slowest(const struct poll *p)
{
	if (!p->url)
		return p->config->every_ms;
	return p->config->slowest_ms ? p->config->slowest_ms : pace_slowest_ms(p->config->every_ms);
}

/* Whether it is heard: a step, and what it means for the ledger. */
static void look_at_health(struct poll *p, struct poll_outcome *outcome, int64_t asked_ms)
{
	struct poll_report *r = &p->report;
	const struct health_poll poll = {
		.now_ms = outcome->now_ms,
		.every_ms = p->config->every_ms,
		.asked_ms = asked_ms,
		.end = p->end,
		.failures = p->state.failures,
		.answered = r->answered,
		.read = p->end == POLL_END_OK && !r->unchanged,
		.items = r->items,
		.ok_ms = p->state.ok_ms,
		.new_ms = p->state.new_ms,
		.gap_ms = r->gap_ms,
	};
	size_t i;

	r->health = p->health;
	r->say = health_step(&r->health, &poll, &r->deaf_ms);
	r->deaf_kind = (enum health_kind)(r->say == HEALTH_SAY_HEARD ? p->health.kind : r->health.kind);
	outcome->n_deaf = health_marks(&p->health, &r->health, poll.now_ms, outcome->deaf);
	for (i = 0; i < outcome->n_deaf; i++) {
		if (outcome->deaf[i].to_ms != TIME_NONE)
			continue;
		outcome->deaf[i].why = p->state.error;
		outcome->deaf[i].detail = p->state.error_detail;
	}
}

static void keep_habits(struct poll *p)
{
	struct buf b = BUF_INIT(HABITS_MAX_BYTES);

	habits_put(&b, &p->report.health, &p->report.wish);
	p->state.habits = arena_memdup0(texts(p), buf_str(&b), b.len);
	p->state.habits_len = b.len;
	buf_done(&b);
}

/* It is due so long after now, by both clocks. */
static void wait_until(struct poll *p, int64_t now, int64_t wait_ms)
{
	p->state.next_ms = now + wait_ms;
	p->report.due_ms = clock_steady_ms() + wait_ms;
}

/* How it went, and when it goes on. */
static void judge(struct poll *p, int64_t now)
{
	struct pace_ask ask;

	p->state.polled_ms = now;
	if (p->end == POLL_END_FAILED || p->end == POLL_END_LIMITED)
		p->state.failures++;
	else
		p->state.failures = 0;
	if (p->end == POLL_END_OK) {
		p->state.ok_ms = now;
		p->state.error = p->state.error_detail = NULL;
	}
	p->state.gone = p->end == POLL_END_GONE;
	ask = (struct pace_ask){.every_ms = p->config->every_ms,
				.slowest_ms = slowest(p),
				.now_ms = now,
				.end = p->end,
				.failures = p->state.failures,
				.retry_after_ms = p->retry_after_ms,
				.lasting = p->lasting,
				.random = random_u32()};
	if (p->url) {
		ask.fresh_ms = p->fresh_ms;
		ask.wish = p->report.wish;
		ask.quiet_ms = p->state.new_ms != TIME_NONE && p->state.new_ms < now ? now - p->state.new_ms : 0;
	}
	wait_until(p, now, pace_wait_ms(&ask));
}

static void commit(struct poll *p, const struct answer *answer, struct arena *answer_arena)
{
	bool last = p->file >= p->files.n;
	struct poll_outcome outcome = {.answer = answer, .now_ms = clock_wall_ms(), .more = !last || p->skipped};
	int64_t asked_ms = p->state.polled_ms;

	if (last && !p->reminding)
		judge(p, outcome.now_ms);
	if (last) {
		look_at_health(p, &outcome, asked_ms);
		keep_habits(p);
	}
	outcome.state = p->state;
	p->owed = p->committing = true;
	p->env.ops->commit(p->env.ops_arg, &outcome, answer_arena, p);
}

/* class and detail are copied. */
static void fail(struct poll *p, enum poll_end end, const char *class_name, const char *detail)
{
	p->end = end;
	p->state.error = copy(p, class_name);
	p->state.error_detail =
		detail && *detail ? arena_memdup0(texts(p), detail, strnlen(detail, DETAIL_MAX_BYTES)) : NULL;
	commit(p, NULL, NULL);
}

static void load(struct poll *p)
{
	p->owed = true;
	p->env.ops->load(p->env.ops_arg, p->name, p);
}

/* A body could not be read. class_name is a literal. */
static void fail_body(struct poll *p, const char *class_name, const char *detail)
{
	p->state.etag = p->state.last_modified = NULL; /* they would hide what was never read */
	p->state.body_hash = 0;
	p->report.answered = true;
	if (!p->files.n) {
		fail(p, POLL_END_FAILED, class_name, detail);
		return;
	}
	free(p->bad_detail);
	p->bad_class = class_name;
	p->bad_detail = xasprintf("%s: %.*s", p->files.paths[p->file - 1], DETAIL_MAX_BYTES, detail ? detail : "");
	if (p->file < p->files.n) {
		load(p);
		return;
	}
	p->state.baselined = p->state.baselined || p->read; /* or a bad last file would make every poll the first */
	fail(p, POLL_END_FAILED, p->bad_class, p->bad_detail);
}

/* The log can't say or keep anything: it will be asked again as if this poll had not been. */
static void fail_log(struct poll *p, int r)
{
	int64_t wait;

	p->report.health = p->health; /* not the source's doing */
	p->report.say = HEALTH_SAY_NOTHING;
	if (p->reminding) { /* it stays gone, and people are reminded tomorrow */
		finish(p);
		return;
	}
	p->end = POLL_END_FAILED;
	p->state.error = "log";
	p->state.error_detail = strerror(-r);
	p->state.failures++;
	wait = p->config->every_ms;
	if (!p->report.loaded && wait > LOG_RETRY_MS) /* nobody was asked: it costs nothing to try again soon */
		wait = LOG_RETRY_MS;
	wait_until(p, clock_wall_ms(), p->retry_after_ms > wait ? p->retry_after_ms : wait);
	finish(p);
}

void poll_committed(struct poll *p, int r, const struct poll_result *result)
{
	p->owed = p->committing = false;
	if (!p->on_end) {
		poll_free(p);
		return;
	}
	if (r < 0) {
		fail_log(p, r);
		return;
	}
	if (p->files.n && p->known && p->file_read)
		files_known_add(p->known, p->files.signatures[p->file - 1]);
	p->report.result.new_mentions += result->new_mentions;
	p->report.result.edited += result->edited;
	p->report.result.hits += result->hits;
	p->report.result.doubles += result->doubles;
	if (p->file < p->files.n && !p->draining)
		load(p); /* the next file is read with what this one has shown */
	else
		finish(p);
}

/* --- reading --- */

static void showed_new(struct poll *p)
{
	int64_t now = clock_wall_ms();

	if (p->url && p->state.new_ms != TIME_NONE && p->state.new_ms < now)
		p->report.gap_ms = now - p->state.new_ms;
	p->state.new_ms = now;
}

static void on_read(void *arg, enum pool_outcome outcome, const char *bytes, size_t len)
{
	static const char *const classes[] = {
		[ANSWER_NOT_A_FEED] = "not_a_feed", [ANSWER_MALFORMED] = "malformed", [ANSWER_REFUSED] = "refused"};
	struct poll *p = arg;
	cleanup(arena_freep) struct arena *arena = NULL;
	bool last = p->file >= p->files.n;
	struct answer *answer;
	size_t i;

	p->job = 0;
	buf_done(&p->body);
	if (outcome == POOL_SET_ASIDE) {
		fail_body(p, "set_aside", bytes);
		return;
	}
	if (outcome == POOL_ENDED) {
		fail_body(p, "ended", NULL);
		return;
	}
	arena = arena_new(ARENA_MAX_BYTES);
	answer = ARENA_NEW(arena, struct answer);
	if (answer_get(bytes, len, arena, answer) != 0) {
		fail_body(p, "bad_answer", NULL);
		return;
	}
	if (answer->status != ANSWER_OK) {
		fail_body(p, classes[answer->status], answer->why);
		return;
	}
	if (answer->identity_changed)
		LOG_WARN("source.identity", LOG_S("source", p->name), LOG_I("policy", answer->identity),
			 LOG_S("why", answer->why));
	else if (answer->why)
		LOG_LIMITED("source.mended", LOG_S("source", p->name), LOG_S("why", answer->why));
	if (answer->recovered) /* cut off, perhaps on its way: validators would keep the whole of it away */
		p->state.etag = p->state.last_modified = NULL;
	for (i = 0; i < answer->n_limits; i++) /* never silently "no match" */
		LOG_LIMITED("rule.limit", LOG_S("pattern", answer->limits[i].pattern),
			    LOG_S("topic", answer->limits[i].topic), LOG_S("source", p->name),
			    LOG_I("times", answer->limits[i].count));
	p->state.identity = answer->identity;
	p->report.wish = (struct pace_wish){answer->feed.ttl_s, answer->feed.skip_hours, answer->feed.skip_days};
	if (answer->feed.title)
		p->state.title = copy(p, answer->feed.title);
	p->report.first = p->report.first || !p->state.baselined;
	p->read = p->file_read = true;
	if (last)
		p->state.baselined = true;
	if (p->files.n)
		p->state.body_hash = last && !p->bad_class ? p->signature : 0;
	p->report.items += answer->n_items;
	p->report.items_left += answer->items_left;
	if (answer->n_mentions)
		showed_new(p);
	p->end = last && p->bad_class ? POLL_END_FAILED : POLL_END_OK;
	if (p->end == POLL_END_FAILED) {
		p->state.error = copy(p, p->bad_class);
		p->state.error_detail = copy(p, p->bad_detail);
	}
	commit(p, answer, TAKE(arena));
}

static void submit(struct poll *p)
{
	struct job_feed job = {
		.source = p->name,
		.platform = p->url ? "feed" : "file",
		.topic = p->config->topic,
		.address = p->body_address,
		.content_type = p->content_type,
		.lang = p->config->lang,
		.format = p->url ? "auto" : p->config->format,
		.seen_ms = clock_wall_ms(),
		.identity = p->state.identity,
		.first = !p->state.baselined,
		.not_before_ms = TIME_NONE,
		.seen = p->seen,
		.n_seen = p->n_seen,
		.body = buf_str(&p->body),
		.body_len = p->body.len,
	};
	struct buf payload = BUF_INIT(FRAME_MAX_BYTES);

	if (job.first && p->config->backfill_ms != SOURCE_BACKFILL_ALL)
		job.not_before_ms = p->config->backfill_ms ? job.seen_ms - p->config->backfill_ms : INT64_MAX;
	job_feed_put(&payload, &job);
	if (payload.full) {
		buf_done(&payload);
		buf_done(&p->body);
		fail_body(p, "too_large", NULL);
		return;
	}
	p->job = pool_submit(p->env.pool, FRAME_FEED, &payload, p->name, POOL_FEED, on_read, p);
	if (!p->job)
		try_again(p, submit);
}

/* --- a feed --- */

/* A body that was read before in this very form needs no reader. */
static bool read_before(struct poll *p, uint64_t signature)
{
	bool same = signature == p->state.body_hash && p->state.baselined;

	p->state.body_hash = signature;
	return same;
}

/* The log has nothing to learn of it, and nobody else: it can go on being remembered. */
static bool all_quiet(struct poll *p)
{
	struct poll_outcome outcome = {.now_ms = clock_wall_ms()};

	judge(p, outcome.now_ms);
	look_at_health(p, &outcome, p->ok_ms);
	return p->report.say == HEALTH_SAY_NOTHING && !outcome.n_deaf && health_same(&p->health, &p->report.health);
}

static void unchanged(struct poll *p)
{
	p->report.unchanged = true;
	p->end = POLL_END_OK;
	if (!p->remembered) {
		commit(p, NULL, NULL);
	} else if (all_quiet(p)) {
		p->report.unkept = true;
		finish(p);
	} else {
		load(p);
	}
}

/* Trying again soon doesn't mend it. */
static bool lasts(enum fetch_outcome o)
{
	return o == FETCH_TLS || o == FETCH_TLS_EXPIRED || o == FETCH_TLS_HOST || o == FETCH_TLS_UNTRUSTED;
}

static void note_certificate(struct poll *p, const struct fetch_result *f)
{
	struct place place;
	const char *why;

	p->report.cert_until_ms = f->cert_until_ms;
	if (f->cert_until_ms == TIME_NONE || place_of(f->effective_url, &place, &why) != 0)
		return;
	p->report.cert_host = copy(p, place.name ? place.name : place.key);
	place_done(&place);
}

static void digest_failure(struct poll *p)
{
	const struct got *g = &p->got;
	enum poll_end end = g->outcome == FETCH_LIMITED ? POLL_END_LIMITED : POLL_END_FAILED;

	if (g->outcome == FETCH_GONE && !p->moved) { /* else the configuration's address has the last word */
		p->state.address = p->url;
		end = POLL_END_GONE;
	}
	fail(p, end, g->class_name, g->detail);
}

/* What came, against what is known: all of it, or, of a feed that is remembered, enough to see that it stayed as it was. If it
 * didn't, the rest is loaded, and this is done once more. */
static void digest(struct poll *p)
{
	const struct got *g = &p->got;

	if (g->outcome == FETCH_NOT_MODIFIED) {
		unchanged(p);
		return;
	}
	if (p->remembered && (g->outcome != FETCH_OK || g->signature != p->state.body_hash)) {
		load(p);
		return;
	}
	if (g->outcome != FETCH_OK) {
		digest_failure(p);
		return;
	}
	p->state.address = p->url; /* the validators are this address's */
	p->state.etag = g->etag;
	p->state.last_modified = g->last_modified;
	if (read_before(p, g->signature)) {
		unchanged(p);
		return;
	}
	p->body_address = g->address ? g->address : p->url;
	p->content_type = g->content_type;
	submit(p);
}

static void on_fetched(struct fetch_result *f, void *arg)
{
	struct poll *p = arg;

	p->transfer = NULL;
	p->retry_after_ms = f->retry_after_ms;
	p->fresh_ms = f->fresh_ms;
	p->lasting = lasts(f->outcome);
	note_certificate(p, f);
	p->report.moved_to = p->moved ? NULL : copy(p, f->permanent_url);
	p->got = (struct got){.outcome = f->outcome};
	if (f->outcome == FETCH_OK) {
		p->got.etag = copy(p, f->etag);
		p->got.last_modified = copy(p, f->last_modified);
		p->got.content_type = copy(p, f->content_type);
		p->got.address = copy(p, f->effective_url);
		p->got.signature = hash_u64(&(struct hash_part){buf_str(&f->body), f->body.len}, 1);
		p->body = f->body;
		f->body = (struct buf)BUF_INIT(0);
	} else if (f->outcome != FETCH_NOT_MODIFIED) {
		p->got.class_name = copy(p, f->class_name);
		p->got.detail = copy(p, f->detail);
	}
	digest(p);
}

static void ask(struct poll *p)
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
		try_again(p, ask);
}

/* --- files --- */

static void on_file(void *arg, int r, struct buf *body)
{
	struct poll *p = arg;

	p->work = NULL;
	if (r < 0) {
		fail_body(p, r == -EFBIG ? "too_large" : "file", strerror(-r));
		return;
	}
	p->body = *body;
	*body = (struct buf)BUF_INIT(0);
	submit(p);
}

static void read_next_file(struct poll *p)
{
	const char *path = p->files.paths[p->file];

	p->file_read = false;
	p->body_address =
		arena_printf(texts(p), "file:%s", p->config->path); /* the scope of weak ids: the source, not a file */
	p->work = files_read(p->env.loop, path, FILE_MAX_BYTES, on_file, p);
	if (p->work)
		p->file++;
	else
		try_again(p, read_next_file);
}

static void on_found(void *arg, int r, struct files_list *list)
{
	struct poll *p = arg;

	p->work = NULL;
	if (r < 0) {
		fail(p, POLL_END_FAILED, "file", strerror(-r));
		return;
	}
	if (read_before(p, list->signature)) {
		unchanged(p);
		return;
	}
	if (p->known && !p->state.baselined) /* nothing of them is in the log */
		files_known_done(p->known);
	p->skipped = p->known && files_known_skip(p->known, list);
	if (!list->n) { /* some went, none came */
		unchanged(p);
		return;
	}
	p->signature = list->signature;
	p->files = *list;
	*list = (struct files_list){.n = 0};
	read_next_file(p);
}

static void find(struct poll *p)
{
	p->work = files_find(p->env.loop, p->config->path, on_found, p);
	if (!p->work)
		try_again(p, find);
}

/* --- the beginning --- */

/* What was learnt of it comes back with its state, also after a restart. */
static void recall_habits(struct poll *p)
{
	(void)habits_get(p->state.habits, p->state.habits_len, &p->health, &p->report.wish);
	p->report.health = p->health;
	p->report.loaded = true;
}

/* It said that it is gone, and is not asked any more. Whoever could mend that is reminded once a day. */
static void stay_gone(struct poll *p)
{
	struct health health = p->health;
	const struct health_poll poll = {.now_ms = clock_wall_ms(),
					 .asked_ms = TIME_NONE,
					 .end = POLL_END_GONE,
					 .ok_ms = p->state.ok_ms,
					 .new_ms = p->state.new_ms};
	int64_t since_ms;

	p->report.early = true;
	p->end = POLL_END_GONE;
	if (health_step(&health, &poll, &since_ms) == HEALTH_SAY_NOTHING) {
		finish(p);
		return;
	}
	p->reminding = true;
	commit(p, NULL, NULL);
}

/* The configuration names another place than the one that was heard last: it is due now, and the old one's validators would
 * hide it. What was shown there stays known: most feeds that move show the same. */
static void follow_address(struct poll *p)
{
	struct source_state *s = &p->state;

	if (!p->url || !s->address || strcmp(s->address, p->url) == 0)
		return;
	s->address = p->url;
	s->etag = s->last_modified = NULL;
	s->body_hash = 0;
	s->gone = false;
	s->failures = 0;
	s->next_ms = TIME_NONE;
}

/* Of a source that the log doesn't know. */
static const struct source_state blank = {
	.polled_ms = TIME_NONE, .ok_ms = TIME_NONE, .new_ms = TIME_NONE, .next_ms = TIME_NONE};

/* The log says all of what was remembered in part, as it was when it was told last. */
static void go_on(struct poll *p, const struct source_state *remembered, bool known)
{
	p->remembered = false;
	if (!known) { /* the log has lost it: nothing that came since is worth anything to it */
		buf_done(&p->body);
		ask(p);
		return;
	}
	p->state.polled_ms = p->state.ok_ms = p->ok_ms;
	p->state.address = p->url;
	p->state.etag = remembered->etag;
	p->state.last_modified = remembered->last_modified;
	p->state.body_hash = remembered->body_hash;
	digest(p);
}

/* Whether it is due, and then its first step. */
static void begin(struct poll *p)
{
	int64_t now, due;

	recall_habits(p);
	follow_address(p);
	if (!p->at_once && p->state.gone && p->url && p->state.address) {
		stay_gone(p);
		return;
	}
	now = clock_wall_ms();
	due = pace_resume_ms(p->state.polled_ms, p->state.next_ms, p->state.failures, now, p->config->every_ms,
			     slowest(p));
	if (!p->at_once && due > now) {
		p->report.early = true;
		wait_until(p, now, due - now);
		finish(p);
		return;
	}
	if (p->url)
		ask(p);
	else
		find(p);
}

void poll_loaded(struct poll *p, int r, const struct source_state *state, const struct seen_key *seen, size_t n_seen,
		 struct arena *arena)
{
	const struct source_state before = p->state;

	p->owed = false;
	if (!p->on_end || r < 0) {
		arena_free(arena);
		if (p->on_end)
			fail_log(p, r);
		else
			poll_free(p);
		return;
	}
	arena_free(p->arena);
	p->arena = arena;
	p->state = state ? *state : blank;
	p->state.name = p->name;
	p->state.platform = p->url ? "feed" : "file";
	p->seen = seen;
	p->n_seen = n_seen;
	if (p->file > 0)
		read_next_file(p);
	else if (p->remembered)
		go_on(p, &before, state && state->baselined);
	else
		begin(p);
}

/* What was remembered stands for the state, until something comes that needs all of it. */
static void remember(struct poll *p, const struct poll_target *target)
{
	const struct recall *r = target->recall;

	p->remembered = true;
	p->ok_ms = target->ok_ms;
	p->health = p->report.health = target->health;
	p->report.loaded = true;
	p->state.platform = "feed";
	p->state.address = p->url;
	p->state.baselined = true;
	p->state.polled_ms = p->state.ok_ms = target->ok_ms;
	p->state.new_ms = r->new_ms;
	p->state.body_hash = r->body_hash;
	p->state.etag = recall_etag(r);
	p->state.last_modified = recall_last_modified(r);
}

struct poll *poll_start(const struct poll_env *env, const struct poll_target *target,
			void (*on_end)(void *arg, const struct poll_report *report), void *arg)
{
	struct poll *p = NEW(struct poll);

	p->env = *env;
	p->config = target->config;
	p->on_end = on_end;
	p->arg = arg;
	p->at_once = target->at_once;
	p->known = target->known;
	p->started_ms = clock_steady_ms();
	p->name = target->name;
	p->url = target->url;
	p->moved = target->moved;
	p->report.asked_moved = target->moved != NULL;
	p->report.wish = target->wish;
	p->body = (struct buf)BUF_INIT(FILE_MAX_BYTES);
	p->state = blank;
	p->state.name = p->name;
	if (target->recall && p->url) {
		remember(p, target);
		ask(p);
	} else {
		load(p);
	}
	return p;
}
