#include "source/sources.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/log.h"
#include "loop/loop.h"
#include "source/config.h"
#include "source/inside.h"
#include "source/marks.h"
#include "platform/params.h"
#include "platform/platform.h"
#include "source/stream.h"

/* --- the record --- */

/* It leaves its host's turn to the next. */
static void pass_on(struct source *x)
{
	struct turn *turn = turns_leave(x->all->turns, &x->turn);
	struct source *next = turn ? (struct source *)(void *)((char *)turn - offsetof(struct source, turn)) : NULL;
	bool at_once = next && next->item.at_once;

	if (!next || next->item.place)
		return;
	schedule_add(x->all->schedule, &next->item, clock_steady_ms());
	next->item.at_once = at_once;
}

struct source *source_free(struct source *x)
{
	poll_abandon(x->poll);
	stream_free(x->stream);
	schedule_remove(x->all->schedule, &x->item);
	pass_on(x);
	feeds_close(x);
	if (x->known)
		files_known_done(x->known);
	free(x->known);
	marks_drop(x);
	recall_put(&x->recall, NULL);
	free(x->means);
	free(x->error);
	free(x->detail);
	free(x->title);
	free(x->moved);
	free(x->url);
	free(x->name);
	free(x);
	return NULL;
}

void source_abandon(struct source *x)
{
	poll_abandon(x->poll);
	x->poll = NULL;
	x->stream = stream_free(x->stream);
	schedule_remove(x->all->schedule, &x->item);
	pass_on(x);
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* --- polls --- */

void source_keep_text(char **field, const char *text)
{
	if (same(*field, text))
		return;
	free(*field);
	*field = text ? xstrdup(text) : NULL;
}

const char *source_standing_name(enum source_standing standing)
{
	static const char *const names[] = {
		[SOURCE_OK] = "ok", [SOURCE_NEW] = "new", [SOURCE_FAILING] = "failing", [SOURCE_GONE] = "gone"};

	return names[standing];
}

enum source_standing source_stands(const struct source *x)
{
	if (x->gone)
		return SOURCE_GONE;
	if (x->error)
		return SOURCE_FAILING;
	return x->polled || x->ok_ms != TIME_NONE ? SOURCE_OK : SOURCE_NEW;
}

void source_status(const struct source *x, struct source_status *ret)
{
	*ret = (struct source_status){
		.name = x->name,
		.platform = x->of ? source_platform_names[SOURCE_FEED] : source_platform_name(x->config),
		.url = x->url ? x->url : x->config->path,
		.polled = x->polled,
		.running = x->poll != NULL,
		.standing = source_stands(x),
		.failures = x->failures,
		.error = x->error,
		.detail = x->detail,
		.title = x->title,
		.ok_ms = x->ok_ms,
		.next_ms = x->next_ms,
		.items = x->items,
		.new_mentions = x->new_mentions,
		.hits = x->hits,
		.sifts = poll_streams(x->config) && source_sifts(x->config),
		.passed_over = x->passed_over,
		.textless = x->textless,
		.deaf = x->health.told_ms ? health_name((enum health_kind)x->health.kind) : NULL,
		.deaf_ms = x->health.told_ms ? x->health.deaf_ms : TIME_NONE,
		.missing = x->missing,
		.missing_ms = x->missing ? x->missing_ms : TIME_NONE,
		.means = x->means,
		.connected_ms = x->stream ? stream_since_ms(x->stream) : TIME_NONE,
	};
}

static int64_t span_of(const struct schedule_item *item)
{
	const struct source *x = (const struct source *)item;

	return x->config->every_ms < SPREAD_MS ? x->config->every_ms : SPREAD_MS;
}

int64_t source_spread_ms(const struct source *x)
{
	return (int64_t)(random() % 1000) * span_of(&x->item) / 1000;
}

void sources_spread(struct sources *s, size_t most)
{
	if (!s->once)
		schedule_spread(s->schedule, clock_steady_ms(), most, span_of, (uint32_t)clock_wall_ms());
}

/* A password goes to the host that it was given for, and what was safe on its way stays so. */
static bool may_move(const struct source *x, const char *to)
{
	bool safe = strncasecmp(x->url, "https:", 6) == 0, safe_there = strncasecmp(to, "https:", 6) == 0;

	return !x->config->user && (safe_there || !safe) && !same(to, x->url);
}

/* Permanent redirects: believed when they have led to the same place several times in a row, until that place fails. */
static void follow_moves(struct source *x, const struct poll_report *r)
{
	if (r->asked_moved && (r->end == POLL_END_OK || r->end == POLL_END_LIMITED))
		return;
	if (r->asked_moved || (r->end == POLL_END_OK && !r->moved_to)) {
		source_keep_text(&x->moved, NULL);
		x->moves = 0;
	}
	if (r->end != POLL_END_OK || !r->moved_to || !may_move(x, r->moved_to))
		return;
	if (!same(x->moved, r->moved_to))
		x->moves = 0;
	source_keep_text(&x->moved, r->moved_to);
	if (++x->moves == SOURCE_MOVES)
		LOG_WARN("source.moved", LOG_S("source", x->name), LOG_S("to", x->moved));
}

/* What is to be told of its health. marks: lines of the ledger that are not in the log yet. */
static void tell_health(struct source *x, const struct source_deaf *d)
{
	const struct sources_ops *ops = x->all->ops;
	int64_t s = (d->now_ms - d->since_ms) / SECOND_MS;

	if (d->left)
		LOG_INFO("source.left", LOG_S("source", x->name), LOG_S("kind", d->kind), LOG_I("deaf_s", s));
	else if (d->say == HEALTH_SAY_HEARD)
		LOG_INFO("source.heard", LOG_S("source", x->name), LOG_S("kind", d->kind), LOG_I("deaf_s", s));
	else if (d->say != HEALTH_SAY_NOTHING)
		LOG_WARN("source.deaf", LOG_S("source", x->name), LOG_S("kind", d->kind), LOG_I("deaf_s", s),
			 LOG_S("class", d->why), LOG_S("detail", d->detail),
			 LOG_I("again", d->say == HEALTH_SAY_STILL));
	if (ops->on_deaf && (d->say != HEALTH_SAY_NOTHING || d->n_marks))
		ops->on_deaf(x->all->arg, d);
}

static void check_health(struct source *x, const struct poll_report *r)
{
	const struct source_deaf d = {.source = x->name,
				      .title = x->title,
				      .kind = health_name(r->deaf_kind),
				      .say = r->say,
				      .since_ms = r->deaf_ms,
				      .now_ms = clock_wall_ms(),
				      .why = r->error,
				      .detail = r->detail};

	if (!r->loaded) /* the log could not say what was known of it */
		return;
	x->health = r->health;
	x->wish = r->wish;
	if (r->say != HEALTH_SAY_NOTHING)
		tell_health(x, &d);
}

static void tell_fields(struct source *x, const struct source_fields *f)
{
	const struct sources_ops *ops = x->all->ops;
	char names[FIELDS_NAMES_MAX_BYTES];
	int64_t s = (f->now_ms - f->since_ms) / SECOND_MS;

	if (f->say == FIELDS_SAY_BACK)
		LOG_INFO("source.fields_back", LOG_S("source", x->name), LOG_I("missing_s", s));
	else
		LOG_WARN("source.fields_missing", LOG_S("source", x->name),
			 LOG_S("fields", fields_names(f->missing, names)), LOG_I("missing_s", s),
			 LOG_I("again", f->say == FIELDS_SAY_STILL));
	if (ops->on_fields)
		ops->on_fields(x->all->arg, f);
}

static void check_fields(struct source *x, const struct poll_report *r)
{
	const struct source_fields f = {.source = x->name,
					.title = x->title,
					.say = r->fields_say,
					.missing = r->missing,
					.since_ms = r->fields_ms,
					.now_ms = clock_wall_ms()};

	if (!r->loaded)
		return;
	x->missing = r->missing;
	x->missing_ms = r->missing_ms;
	if (f.say != FIELDS_SAY_NOTHING)
		tell_fields(x, &f);
}

void source_judge(struct source *x, const struct health_poll *poll, const char *why, const char *detail)
{
	struct health before = x->health;
	struct source_deaf d = {.source = x->name, .now_ms = poll->now_ms, .why = why, .detail = detail};
	size_t i;

	d.say = health_step(&x->health, poll, &d.since_ms);
	d.kind = health_name((enum health_kind)(d.say == HEALTH_SAY_HEARD ? before.kind : x->health.kind));
	d.n_marks = health_marks(&before, &x->health, poll->now_ms, d.marks);
	for (i = 0; i < d.n_marks; i++) {
		if (d.marks[i].to_ms != TIME_NONE)
			continue;
		d.marks[i].why = why;
		d.marks[i].detail = detail;
	}
	tell_health(x, &d);
}

void source_end_deafness(struct source *x)
{
	const struct health heard = {.told_ms = 0};
	struct source_deaf d = {.source = x->name,
				.title = x->title,
				.kind = health_name((enum health_kind)x->health.kind),
				.say = HEALTH_SAY_HEARD,
				.left = true,
				.since_ms = x->health.deaf_ms,
				.now_ms = clock_wall_ms()};

	d.n_marks = health_marks(&x->health, &heard, d.now_ms, d.marks);
	if (d.n_marks)
		tell_health(x, &d);
	if (x->missing)
		tell_fields(x, &(struct source_fields){.source = x->name,
						       .title = x->title,
						       .say = FIELDS_SAY_BACK,
						       .since_ms = x->missing_ms,
						       .now_ms = d.now_ms,
						       .mark = &(struct deaf_mark){.kind = "field",
										   .from_ms = x->missing_ms,
										   .to_ms = d.now_ms}});
}

static void tell(const struct source *x, const struct poll_report *r)
{
	int64_t wait_s = r->next_ms == TIME_NONE ? 0 : (r->next_ms - clock_wall_ms()) / SECOND_MS;
	/* What was answered is quoted behind it, for who asks about the source; it may name people, and logs don't. */
	cleanup(freep) char *unquoted = r->detail ? xstrndup(r->detail, strcspn(r->detail, "\"")) : NULL;

	if (r->end == POLL_END_OK)
		LOG_DEBUG("poll.ok", LOG_S("source", x->name), LOG_I("items", (int64_t)r->items),
			  LOG_I("new", (int64_t)r->result.new_mentions), LOG_I("hits", (int64_t)r->result.hits));
	else
		LOG_LIMITED(r->end == POLL_END_LIMITED ? "poll.limited"
			    : r->end == POLL_END_GONE  ? "poll.gone"
						       : "poll.failed",
			    LOG_S("source", x->name), LOG_S("class", r->error), LOG_S("detail", unquoted),
			    LOG_I("failures", r->failures), LOG_I("retry_s", wait_s));
	if (r->items_left)
		LOG_LIMITED("poll.cut", LOG_S("source", x->name), LOG_I("items_left", (int64_t)r->items_left));
}

static void check_certificate(struct source *x, const struct poll_report *r)
{
	static const char *const states[] = {
		[CERT_SAY_ENDS] = "ends", [CERT_SAY_STILL] = "ends", [CERT_SAY_RENEWED] = "renewed"};
	const struct sources_ops *ops = x->all->ops;
	struct source_cert c = {
		.source = x->name, .host = r->cert_host, .until_ms = r->cert_until_ms, .now_ms = clock_wall_ms()};

	c.say = certs_step(x->all->certs, c.host, c.until_ms, c.now_ms);
	if (c.say == CERT_SAY_NOTHING)
		return;
	LOG_WARN("source.cert", LOG_S("source", c.source), LOG_S("host", c.host), LOG_S("state", states[c.say]),
		 LOG_I("left_s", (c.until_ms - c.now_ms) / SECOND_MS));
	if (ops->on_cert)
		ops->on_cert(x->all->arg, &c);
}

/* As of a certificate: it ends, and silence begins that day. */
static void check_token(struct source *x, const struct poll_report *r)
{
	const struct sources_ops *ops = x->all->ops;
	cleanup(freep) char *key = xasprintf("token %s", x->name); /* no host has a space */
	struct source_cert c = {.source = x->name, .until_ms = r->token_until_ms, .now_ms = clock_wall_ms()};

	c.say = certs_step(x->all->certs, key, c.until_ms, c.now_ms);
	if (c.say == CERT_SAY_NOTHING)
		return;
	LOG_WARN("source.token_ends", LOG_S("source", c.source), LOG_I("left_s", (c.until_ms - c.now_ms) / SECOND_MS));
	if (ops->on_cert)
		ops->on_cert(x->all->arg, &c);
}

/* --- those apart --- */

/* Some polls wait long for what may come: they take no place among those that may run at once, or at their host. */
static bool goes_apart(const struct source *x)
{
	return x->config->params &&
	       (poll_streams(x->config) || x->config->params->platform->transport == PLATFORM_LONGPOLL);
}

static void on_news(void *arg)
{
	struct source *x = arg;
	struct sources *s = x->all;

	if (s->draining || x->left || (x->poll && poll_stream_news(x->poll)))
		return;
	if (!s->once)
		schedule_at_once(s->schedule, &x->item, clock_steady_ms());
	sources_plan(s);
}

static void note_means(struct source *x, const struct means *means)
{
	if (!means)
		return;
	if (!x->means)
		x->means = NEW(struct means);
	*x->means = *means;
}

static void on_end(void *arg, const struct poll_report *r)
{
	struct source *x = arg;
	struct sources *s = x->all;
	int64_t now = clock_steady_ms();

	x->poll = NULL;
	x->planned |= r->loaded; /* until then the log still has to say whether it is due, or gone */
	x->gone = r->end == POLL_END_GONE;
	x->next_ms = r->next_ms;
	x->failures = r->failures;
	if (r->ok_ms != TIME_NONE)
		x->ok_ms = r->ok_ms;
	recall_put(&x->recall, r->loaded ? r->recall : NULL);
	if (r->unkept)
		marks_note(x);
	else if (r->loaded && !r->early)
		marks_drop(x);
	if (!r->early && !r->api)
		follow_moves(x, r);
	if (!r->early && r->end == POLL_END_LIMITED && r->retry_after_ms > 0 && x->url &&
	    !r->own_limit) /* it speaks for its host */
		turns_hold(s->turns, x->url, now + r->retry_after_ms, now);
	note_means(x, r->means);
	source_keep_text(&x->error, r->error);
	source_keep_text(&x->detail, r->detail);
	if (r->title) /* else a list may have said it */
		source_keep_text(&x->title, r->title);
	x->items += (uint32_t)r->items;
	x->new_mentions += (uint32_t)r->result.new_mentions;
	x->hits += (uint32_t)r->result.hits;
	x->passed_over += r->passed_over;
	x->textless += r->textless;
	if (s->once || r->end == POLL_END_GONE) { /* the log is asked each day whether somebody is to be told again */
		schedule_done(s->schedule, &x->item, now, s->once ? INT64_MAX : now + HEALTH_AGAIN_MS);
		x->planned = false;
		x->next_ms = TIME_NONE;
	} else {
		schedule_done(s->schedule, &x->item, now, r->due_ms > now ? r->due_ms : now);
	}
	pass_on(x);
	sources_plan(s);
	if (!r->early) {
		struct source_status status;

		x->polled = true;
		tell(x, r);
		source_status(x, &status);
		if (s->ops->on_report)
			s->ops->on_report(s->arg, &status, r);
	}
	check_health(x, r);
	check_fields(x, r);
	if (r->cert_host)
		check_certificate(x, r);
	if (r->token_until_ms)
		check_token(x, r);
}

/* Its host asked for patience: it comes after that, and not with all the others of the host at once. */
static bool held_back(struct sources *s, struct source *x)
{
	int64_t now = clock_steady_ms(), held = turns_held_ms(s->turns, x->url, now);

	if (!held)
		return false;
	held += source_spread_ms(x);
	schedule_done(s->schedule, &x->item, now, now + held);
	x->next_ms = clock_wall_ms() + held;
	pass_on(x);
	return true;
}

/* NULL: it keeps no connection. */
static struct stream *stream_of(struct source *x)
{
	struct sources *s = x->all;

	if (poll_streams(x->config) && !x->stream)
		x->stream = stream_new(s->loop, s->env.fetch, x->config->params->platform, x->name, on_news, x);
	return x->stream;
}

static void start(struct sources *s, struct source *x)
{
	struct poll_target target = {.name = x->name,
				     .url = x->url,
				     .moved = x->moves >= SOURCE_MOVES ? x->moved : NULL,
				     .wish = x->wish,
				     .config = x->config,
				     .at_once = x->item.at_once,
				     .posted = x->posted,
				     .due = x->planned,
				     .recall = x->planned ? x->recall : NULL,
				     .health = x->health,
				     .ok_ms = x->ok_ms,
				     .known = x->known};

	if (x->left) {
		schedule_remove(s->schedule, &x->item);
		return;
	}
	if (!x->item.at_once && held_back(s, x))
		return;
	if (goes_apart(x)) {
		schedule_apart(s->schedule, &x->item);
		target.stream = stream_of(x);
		target.asked = &x->asked;
		x->poll = poll_start(&s->env, &target, on_end, x);
	} else if (turns_enter(s->turns, &x->turn, x->url))
		x->poll = poll_start(&s->env, &target, on_end, x);
	else
		schedule_remove(s->schedule, &x->item); /* until another of its host ends: pass_on() */
}

/* Everything was asked once: lists are read, and nothing runs or waits for its turn. */
static bool all_asked(const struct sources *s)
{
	size_t i;

	if (schedule_running(s->schedule) || schedule_wake_ms(s->schedule) != INT64_MAX)
		return false;
	for (i = 0; i < s->n; i++) {
		if (s->v[i]->feeds && !feeds_settled(s->v[i]->feeds))
			return false;
	}
	return true;
}

static void on_timer(void *arg)
{
	struct sources *s = arg;
	struct schedule_item *item;
	size_t n;

	if (s->wake_ms != INT64_MAX && clock_steady_ms() - s->wake_ms > LATE_MS)
		sources_spread(s, STARTS_A_TURN);
	s->wake_ms = INT64_MAX;
	if (s->paused &&
	    !s->once) /* sources_pause(false) plans anew; --once asks all the same, and tells what failed */
		return;
	for (n = 0; n < STARTS_A_TURN && (item = schedule_start(s->schedule, clock_steady_ms())); n++)
		start(s, (struct source *)item);
	if (s->once && !s->settled && all_asked(s)) {
		s->settled = true;
		s->ops->on_settled(s->arg);
		return;
	}
	s->wake_ms = schedule_wake_ms(s->schedule);
	if (s->wake_ms != INT64_MAX)
		loop_timer_set(s->timer, s->wake_ms - clock_steady_ms());
}

void sources_plan(struct sources *s)
{
	int64_t now = clock_steady_ms();

	if (s->draining || (s->wake_ms <= now && loop_timer_is_set(s->timer)))
		return;
	s->wake_ms = s->wake_ms < now ? s->wake_ms : now; /* a sleep isn't overlooked */
	loop_timer_set(s->timer, 0);
}

void sources_pause(struct sources *s, bool paused)
{
	s->paused = paused;
	if (!paused)
		sources_plan(s);
}

/* --- what is asked for --- */

void source_schedule(struct source *x, int64_t wait_ms)
{
	struct sources *s = x->all;

	schedule_add(s->schedule, &x->item, clock_steady_ms() + wait_ms);
	if (s->once)
		schedule_at_once(s->schedule, &x->item, clock_steady_ms());
}

static void ask_by_hand(struct source *x)
{
	x->posted = false;
	schedule_at_once(x->all->schedule, &x->item, clock_steady_ms());
}

size_t sources_poll(struct sources *s, const char *name)
{
	const struct source *only = name ? source_find(s, name) : NULL;
	size_t i, n = 0;

	for (i = 0; i < s->n; i++) {
		struct source *x = s->v[i];

		if (only ? x != only && !(only->feeds && x->of == only->feeds) : name != NULL)
			continue;
		if (x->feeds)
			list_check(x->feeds->list);
		else
			ask_by_hand(x);
		n++;
	}
	sources_plan(s);
	return n;
}

void sources_posted(struct sources *s, const char *name)
{
	struct source *x = source_find(s, name);

	if (!x || x->feeds)
		return;
	x->posted = true;
	schedule_at_once(s->schedule, &x->item, clock_steady_ms());
	sources_plan(s);
}

void sources_drain(struct sources *s)
{
	size_t i;

	s->draining = true;
	loop_timer_stop(s->timer);
	for (i = 0; i < s->n; i++) {
		struct source *x = s->v[i];

		if (x->poll && !poll_drain(x->poll)) {
			poll_abandon(x->poll);
			x->poll = NULL;
		}
		if (x->stream)
			stream_close(x->stream);
	}
	marks_write(s);
}

size_t sources_draining(const struct sources *s)
{
	size_t i, n = 0;

	for (i = 0; i < s->n; i++)
		n += s->v[i]->poll != NULL;
	return n;
}

struct sources *sources_new(struct loop *loop, struct fetch *fetch, struct pool *pool, bool once,
			    const struct sources_ops *ops, void *arg)
{
	struct sources *s = NEW(struct sources);

	*s = (struct sources){.wake_ms = INT64_MAX, .loop = loop, .ops = ops, .arg = arg, .once = once};
	s->env = (struct poll_env){.loop = loop,
				   .fetch = fetch,
				   .pool = pool,
				   .ops = &ops->log,
				   .ops_arg = arg,
				   .chance = &s->chance,
				   .once = once};
	(void)getrandom(&s->chance, sizeof(s->chance), GRND_NONBLOCK); /* of an old kernel not yet: zero would do */
	s->schedule = schedule_new(SOURCES_RUNNING_MAX);
	s->env.turns = s->turns = turns_new();
	s->certs = certs_new();
	s->timer = loop_timer_new(loop, on_timer, s);
	set_open(s);
	marks_open(s);
	return s;
}

struct sources *sources_free(struct sources *s)
{
	if (!s)
		return NULL;
	set_close(s);
	loop_timer_free(s->timer);
	marks_close(s);
	schedule_free(s->schedule);
	turns_free(s->turns);
	certs_free(s->certs);
	free(s);
	return NULL;
}
