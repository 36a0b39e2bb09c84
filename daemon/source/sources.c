#include "source/sources.h"

#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "loop/loop.h"
#include "mention/job.h"
#include "source/config.h"
#include "source/list.h"
#include "source/schedule.h"
#include "source/turns.h"

struct source {
	struct schedule_item item; /* first: the schedule hands it back */
	struct turn turn;
	struct sources *all;
	const struct source_config *config; /* of a list's feed: the list's */
	struct feeds *feeds;                /* a list: its feeds come from here */
	struct feeds *of;                   /* a list's feed */
	char *name;
	char *url; /* of a feed */
	struct poll *poll;
	bool kept;    /* while the set is being built anew */
	bool planned; /* when it is due stands in the schedule, whose clock never jumps (FAULTS T1); before, the log says it */

	bool polled, gone;
	uint32_t failures;
	char *error, *detail, *title;
	int64_t ok_ms, next_ms;
	uint64_t items, new_mentions, hits;
};

/* What a list stands for. */
struct feeds {
	struct source *source;
	struct list *list;
};

struct sources {
	struct loop *loop;
	struct poll_env env;
	const struct sources_ops *ops;
	void *arg;
	bool once, settled, draining;
	struct schedule *schedule;
	struct turns *turns;
	struct loop_timer *timer;
	struct source **v; /* by name */
	size_t n, cap;
};

static void plan(struct sources *s);

/* --- the record --- */

static int by_name(const void *a, const void *b)
{
	return strcmp((*(struct source *const *)a)->name, (*(struct source *const *)b)->name);
}

static struct source *find(const struct sources *s, const char *name)
{
	struct source key = {.name = (char *)name}, *k = &key, **found;

	found = s->n ? bsearch(&k, s->v, s->n, sizeof(*s->v), by_name) : NULL;
	return found ? *found : NULL;
}

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

static struct source *source_free(struct source *x)
{
	poll_abandon(x->poll);
	schedule_remove(x->all->schedule, &x->item);
	pass_on(x);
	if (x->feeds) {
		list_free(x->feeds->list);
		free(x->feeds);
	}
	free(x->error);
	free(x->detail);
	free(x->title);
	free(x->url);
	free(x->name);
	free(x);
	return NULL;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* --- polls --- */

static void keep_text(char **field, const char *text)
{
	if (same(*field, text))
		return;
	free(*field);
	*field = text ? xstrdup(text) : NULL;
}

static void status_of(const struct source *x, struct source_status *ret)
{
	*ret = (struct source_status){
		.name = x->name,
		.platform = x->of ? source_platform_names[SOURCE_FEED] : source_platform_names[x->config->platform],
		.url = x->url ? x->url : x->config->path,
		.polled = x->polled,
		.running = x->poll != NULL,
		.failing = x->error != NULL,
		.gone = x->gone,
		.failures = x->failures,
		.error = x->error,
		.detail = x->detail,
		.title = x->title,
		.ok_ms = x->ok_ms,
		.next_ms = x->next_ms,
		.items = x->items,
		.new_mentions = x->new_mentions,
		.hits = x->hits,
	};
}

static void tell(const struct source *x, const struct poll_report *r)
{
	int64_t wait_s = r->next_ms == TIME_NONE ? 0 : (r->next_ms - clock_wall_ms()) / SECOND_MS;

	if (r->end == POLL_END_OK)
		LOG_DEBUG("poll.ok", LOG_S("source", x->name), LOG_I("items", (int64_t)r->items),
			  LOG_I("new", (int64_t)r->result.new_mentions), LOG_I("hits", (int64_t)r->result.hits));
	else
		LOG_LIMITED(r->end == POLL_END_LIMITED ? "poll.limited" : r->end == POLL_END_GONE ? "poll.gone" : "poll.failed",
			    LOG_S("source", x->name), LOG_S("class", r->error), LOG_S("detail", r->detail),
			    LOG_I("failures", r->failures), LOG_I("retry_s", wait_s));
	if (r->items_left)
		LOG_LIMITED("poll.cut", LOG_S("source", x->name), LOG_I("items_left", (int64_t)r->items_left));
}

static void on_end(void *arg, const struct poll_report *r)
{
	struct source *x = arg;
	struct sources *s = x->all;
	int64_t now = clock_steady_ms(), wait = r->next_ms == TIME_NONE ? 0 : r->next_ms - clock_wall_ms();

	x->poll = NULL;
	x->planned = true;
	x->gone = r->end == POLL_END_GONE;
	x->next_ms = r->next_ms;
	x->failures = r->failures;
	if (r->ok_ms != TIME_NONE)
		x->ok_ms = r->ok_ms;
	keep_text(&x->error, r->error);
	keep_text(&x->detail, r->detail);
	if (r->title) /* else a list may have said it */
		keep_text(&x->title, r->title);
	x->items += r->items;
	x->new_mentions += r->result.new_mentions;
	x->hits += r->result.hits;
	if (s->once || r->end == POLL_END_GONE) {
		schedule_done(s->schedule, &x->item, now, INT64_MAX);
		x->next_ms = TIME_NONE;
	} else {
		schedule_done(s->schedule, &x->item, now, now + (wait > 0 ? wait : 0));
	}
	pass_on(x);
	plan(s);
	if (!r->early) {
		struct source_status status;

		x->polled = true;
		tell(x, r);
		status_of(x, &status);
		if (s->ops->on_report)
			s->ops->on_report(s->arg, &status, r);
	}
}

static void start(struct sources *s, struct source *x)
{
	const struct poll_target target = {
		.name = x->name, .url = x->url, .config = x->config, .at_once = x->item.at_once || x->planned};

	if (turns_enter(s->turns, &x->turn, x->url))
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
		if (s->v[i]->feeds && !list_settled(s->v[i]->feeds->list))
			return false;
	}
	return true;
}

static void on_timer(void *arg)
{
	struct sources *s = arg;
	struct schedule_item *item;

	while ((item = schedule_start(s->schedule, clock_steady_ms())))
		start(s, (struct source *)item);
	if (s->once && !s->settled && all_asked(s)) {
		s->settled = true;
		s->ops->on_settled(s->arg);
		return;
	}
	if (schedule_wake_ms(s->schedule) != INT64_MAX)
		loop_timer_set(s->timer, schedule_wake_ms(s->schedule) - clock_steady_ms());
}

/* The schedule changed: the timer follows in the next turn, so that many changes cost one. */
static void plan(struct sources *s)
{
	if (!s->draining)
		loop_timer_set(s->timer, 0);
}

/* --- the set --- */

static struct source *add(struct sources *s, const char *name, const char *url, const struct source_config *config)
{
	struct source *x = NEW(struct source);

	x->all = s;
	x->name = xstrdup(name);
	x->url = url ? xstrdup(url) : NULL;
	x->config = config;
	x->ok_ms = x->next_ms = TIME_NONE;
	x->kept = true;
	s->v = GROW(s->v, s->n, &s->cap);
	s->v[s->n++] = x;
	return x;
}

static void add_to_schedule(struct sources *s, struct source *x)
{
	schedule_add(s->schedule, &x->item, clock_steady_ms());
	if (s->once)
		schedule_at_once(s->schedule, &x->item, clock_steady_ms());
}

/* The same source as it is configured now. */
static void rebind(struct sources *s, struct source *x, const struct source_config *config)
{
	bool paced_anew = x->config->every_ms != config->every_ms;

	x->config = config;
	if (x->poll) {
		poll_rebind(x->poll, config);
	} else if (paced_anew && x->item.place && !x->gone && !s->once) { /* the log says when it was polled last */
		schedule_remove(s->schedule, &x->item);
		x->planned = false;
		add_to_schedule(s, x);
	}
}

/* Drops what is not kept, and sorts. */
static void sweep(struct sources *s)
{
	size_t i, n = 0;

	for (i = 0; i < s->n; i++) {
		if (s->v[i]->kept)
			s->v[n++] = s->v[i];
		else
			source_free(s->v[i]);
	}
	s->n = n;
	if (n)
		qsort(s->v, n, sizeof(*s->v), by_name);
	plan(s);
}

/* LIST/ and 16 hex digits of the address's SHA-256: the same feed keeps its name wherever it stands in the list. */
static char *feed_name(const char *list, const char *url)
{
	uint8_t digest[32];
	char hex[17];

	hash_sha256(&(struct hash_part){url, strlen(url)}, 1, digest);
	hash_hex(digest, 8, hex);
	return xasprintf("%s/%s", list, hex);
}

static void on_feeds(void *arg, const struct opml_entry *v, size_t n)
{
	struct source *of = arg, *x;
	struct sources *s = of->all;
	size_t i, old = s->n, added = 0;

	for (i = 0; i < s->n; i++)
		s->v[i]->kept = s->v[i]->of != of->feeds;
	of->polled = true;
	of->failures = 0;
	of->ok_ms = clock_wall_ms();
	keep_text(&of->error, NULL);
	keep_text(&of->detail, NULL);
	for (i = 0; i < n; i++) {
		cleanup(freep) char *name = feed_name(of->name, v[i].url);
		size_t all = s->n;

		s->n = old; /* what is new stands unsorted behind */
		x = find(s, name);
		s->n = all;
		if (x) {
			x->kept = true;
			continue;
		}
		x = add(s, name, v[i].url, of->config);
		x->of = of->feeds;
		keep_text(&x->title, v[i].title);
		add_to_schedule(s, x);
		added++;
	}
	LOG_INFO("list.read", LOG_S("source", of->name), LOG_I("feeds", (int64_t)n), LOG_I("added", (int64_t)added));
	sweep(s);
}

static void on_list_failed(void *arg, const char *class_name, const char *detail)
{
	struct source *of = arg;
	struct sources *s = of->all;
	bool told = of->failures > 0;

	of->polled = true;
	of->failures++;
	keep_text(&of->error, class_name);
	keep_text(&of->detail, detail);
	LOG_LIMITED("list.failed", LOG_S("source", of->name), LOG_S("class", class_name), LOG_S("detail", detail));
	if (!told && s->ops->on_report) { /* once: it is tried often */
		const struct poll_report report = {.end = POLL_END_FAILED, .failures = 1, .error = class_name, .detail = detail,
						   .ok_ms = of->ok_ms, .next_ms = TIME_NONE};
		struct source_status status;

		status_of(of, &status);
		s->ops->on_report(s->arg, &status, &report);
	}
	plan(s);
}

static void configure_list(struct sources *s, struct source *x)
{
	static const struct list_ops ops = {on_feeds, on_list_failed};

	x->feeds = NEW(struct feeds);
	x->feeds->source = x;
	x->feeds->list = list_new(s->loop, s->env.pool, x->name, x->config->path, &ops, x);
}

/* Whether a poll of the old may go on as one of the new. */
static bool same_place(const struct source_config *a, const struct source_config *b)
{
	return a->platform == b->platform && same(a->url, b->url) && same(a->path, b->path);
}

void sources_configure(struct sources *s, const struct source_config *v, size_t n)
{
	size_t i, old = s->n;

	for (i = 0; i < old; i++)
		s->v[i]->kept = false;
	for (i = 0; i < n; i++) {
		size_t all = s->n;
		struct source *x;
		bool moved;

		s->n = old;
		x = find(s, v[i].name);
		s->n = all;
		moved = x && !same_place(x->config, &v[i]);
		if (x && !moved) {
			x->kept = true;
			rebind(s, x, &v[i]);
			continue;
		}
		x = add(s, v[i].name, v[i].url, &v[i]);
		if (v[i].platform == SOURCE_OPML)
			configure_list(s, x);
		else
			add_to_schedule(s, x);
		if (moved && x->item.place) /* who mends an address wants to see it work */
			schedule_at_once(s->schedule, &x->item, clock_steady_ms());
	}
	for (i = 0; i < old; i++) { /* a list's feeds stay and go with their list */
		struct source *x = s->v[i];

		if (!x->of)
			continue;
		x->kept = x->of->source->kept;
		if (x->kept)
			rebind(s, x, x->of->source->config);
	}
	sweep(s);
}

size_t sources_poll(struct sources *s, const char *name)
{
	const struct source *only = name ? find(s, name) : NULL;
	size_t i, n = 0;

	for (i = 0; i < s->n; i++) {
		struct source *x = s->v[i];

		if (only ? x != only && !(only->feeds && x->of == only->feeds) : name != NULL)
			continue;
		if (x->feeds)
			list_check(x->feeds->list);
		else
			schedule_at_once(s->schedule, &x->item, clock_steady_ms());
		n++;
	}
	plan(s);
	return n;
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
	}
}

size_t sources_draining(const struct sources *s)
{
	size_t i, n = 0;

	for (i = 0; i < s->n; i++)
		n += s->v[i]->poll != NULL;
	return n;
}

size_t sources_count(const struct sources *s)
{
	return s->n;
}

void sources_each(const struct sources *s, const char *after, bool (*on_source)(void *arg, const struct source_status *status),
		  void *arg)
{
	size_t low = 0, high = s->n;
	struct source_status status;

	while (after && low < high) { /* the first name behind after */
		size_t middle = low + (high - low) / 2;

		if (strcmp(s->v[middle]->name, after) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < s->n; low++) {
		status_of(s->v[low], &status);
		if (!on_source(arg, &status))
			return;
	}
}

struct sources *sources_new(struct loop *loop, struct fetch *fetch, struct pool *pool, bool once, const struct sources_ops *ops,
			    void *arg)
{
	struct sources *s = NEW(struct sources);

	*s = (struct sources){.loop = loop, .ops = ops, .arg = arg, .once = once};
	s->env = (struct poll_env){.loop = loop, .fetch = fetch, .pool = pool, .ops = &ops->log, .ops_arg = arg};
	s->schedule = schedule_new(SOURCES_RUNNING_MAX);
	s->turns = turns_new();
	s->timer = loop_timer_new(loop, on_timer, s);
	return s;
}

struct sources *sources_free(struct sources *s)
{
	size_t i;

	if (!s)
		return NULL;
	for (i = 0; i < s->n; i++)
		source_free(s->v[i]);
	free(s->v);
	loop_timer_free(s->timer);
	schedule_free(s->schedule);
	turns_free(s->turns);
	free(s);
	return NULL;
}
