/* source/feeds: what a list stands for: its feeds, which come and go with it. */
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "loop/loop.h"
#include "mention/job.h"
#include "source/config.h"
#include "source/inside.h"

/* LIST/ and 16 hex digits of the address's SHA-256: the same feed keeps its name wherever it stands in the list. */
static char *feed_name(const char *list, const char *url)
{
	uint8_t digest[32];
	char hex[17];

	hash_sha256(&(struct hash_part){url, strlen(url)}, 1, digest);
	hash_hex(digest, 8, hex);
	return xasprintf("%s/%s", list, hex);
}

/* Whether the list itself is heard of: while it isn't, its feeds are those that it named before, or none. */
static void look(struct source *of, enum poll_end end, const char *why, const char *detail)
{
	const struct health_poll poll = {.now_ms = clock_wall_ms(),
					 .asked_ms = TIME_NONE,
					 .end = end,
					 .failures = of->failures,
					 .ok_ms = of->ok_ms,
					 .new_ms = TIME_NONE};

	source_judge(of, &poll, why, detail);
}

/* Of a feed that the list names: known, or new. */
static void take(struct feeds *f, const struct opml_entry *entry)
{
	struct source *of = f->source, *x;
	cleanup(freep) char *name = feed_name(of->name, entry->url);

	x = source_find(of->all, name);
	if (!x) {
		x = source_add(of->all, name, entry->url, of->config);
		x->of = f;
		source_keep_text(&x->title, entry->title);
		source_schedule(x, f->n > SOURCES_RUNNING_MAX ? source_spread_ms(x) : 0);
		f->added++;
	}
	x->round = f->round;
}

/* Everything that the list names is there. What it doesn't name goes, if nothing of it can be missing. */
static void taken(struct feeds *f)
{
	struct sources *s = f->source->all;
	size_t i;

	for (i = 0; i < s->n; i++)
		s->v[i]->kept = !f->whole || s->v[i]->of != f || s->v[i]->round == f->round;
	LOG_INFO("list.read", LOG_S("source", f->source->name), LOG_I("feeds", (int64_t)f->n),
		 LOG_I("added", (int64_t)f->added), LOG_I("whole", f->whole));
	f->arena = arena_free(f->arena);
	sources_spread(s, SOURCES_RUNNING_MAX);
	sources_sweep(s);
}

/* So many a turn: of a hundred thousand each guest of the loop would wait a quarter of a second. */
static void on_slice(void *arg)
{
	struct feeds *f = arg;
	struct sources *s = f->source->all;
	size_t end = f->n - f->at < SET_SLICE ? f->n : f->at + SET_SLICE;

	for (; f->at < end; f->at++)
		take(f, &f->v[f->at]);
	sources_merge(s);
	if (f->at < f->n)
		loop_timer_set(f->timer, 0);
	else
		taken(f);
	sources_plan(s);
}

static void on_feeds(void *arg, struct arena *arena, const struct opml_entry *v, size_t n, bool whole)
{
	struct source *of = arg;
	struct feeds *f = of->feeds;

	of->polled = true;
	of->failures = 0;
	of->ok_ms = clock_wall_ms();
	source_keep_text(&of->error, NULL);
	source_keep_text(&of->detail, NULL);
	look(of, POLL_END_OK, NULL, NULL);
	arena_free(f->arena); /* it changed again meanwhile */
	f->arena = arena;
	f->v = v;
	f->n = n;
	f->at = f->added = 0;
	f->whole = whole;
	f->round++;
	on_slice(f);
}

static void on_list_failed(void *arg, const char *class_name, const char *detail)
{
	struct source *of = arg;
	struct sources *s = of->all;
	bool told = of->failures > 0;

	of->polled = true;
	of->failures++;
	source_keep_text(&of->error, class_name);
	source_keep_text(&of->detail, detail);
	LOG_LIMITED("list.failed", LOG_S("source", of->name), LOG_S("class", class_name), LOG_S("detail", detail));
	look(of, POLL_END_FAILED, class_name, detail);
	if (!told && s->ops->on_report) { /* once: it is tried often */
		const struct poll_report report = {.end = POLL_END_FAILED,
						   .failures = 1,
						   .error = class_name,
						   .detail = detail,
						   .ok_ms = of->ok_ms,
						   .next_ms = TIME_NONE};
		struct source_status status;

		source_status(of, &status);
		s->ops->on_report(s->arg, &status, &report);
	}
	sources_plan(s);
}

void feeds_open(struct source *x)
{
	static const struct list_ops ops = {on_feeds, on_list_failed};

	x->feeds = NEW(struct feeds);
	x->feeds->source = x;
	x->feeds->timer = loop_timer_new(x->all->loop, on_slice, x->feeds);
	x->feeds->list = list_new(x->all->loop, x->all->env.pool, x->name, x->config->path, &ops, x);
}

void feeds_close(struct source *x)
{
	if (!x->feeds)
		return;
	list_free(x->feeds->list);
	loop_timer_free(x->feeds->timer);
	arena_free(x->feeds->arena);
	free(x->feeds);
	x->feeds = NULL;
}

bool feeds_settled(const struct feeds *f)
{
	return list_settled(f->list) && !f->arena;
}
