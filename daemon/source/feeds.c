/* source/feeds: what a list stands for: its feeds, which come and go with it. */
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
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

static void on_feeds(void *arg, const struct opml_entry *v, size_t n, bool whole)
{
	struct source *of = arg, *x;
	struct sources *s = of->all;
	size_t i, old = s->n, added = 0;

	for (i = 0; i < s->n; i++)
		s->v[i]->kept = !whole || s->v[i]->of != of->feeds;
	of->polled = true;
	of->failures = 0;
	of->ok_ms = clock_wall_ms();
	source_keep_text(&of->error, NULL);
	source_keep_text(&of->detail, NULL);
	look(of, POLL_END_OK, NULL, NULL);
	for (i = 0; i < n; i++) {
		cleanup(freep) char *name = feed_name(of->name, v[i].url);
		size_t all = s->n;

		s->n = old; /* what is new stands unsorted behind */
		x = source_find(s, name);
		s->n = all;
		if (x) {
			x->kept = true;
			continue;
		}
		x = source_add(s, name, v[i].url, of->config);
		x->of = of->feeds;
		source_keep_text(&x->title, v[i].title);
		source_schedule(x);
		added++;
	}
	LOG_INFO("list.read", LOG_S("source", of->name), LOG_I("feeds", (int64_t)n), LOG_I("added", (int64_t)added),
		 LOG_I("whole", whole));
	sources_spread(s);
	sources_sweep(s);
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
	x->feeds->list = list_new(x->all->loop, x->all->env.pool, x->name, x->config->path, &ops, x);
}

void feeds_close(struct source *x)
{
	if (!x->feeds)
		return;
	list_free(x->feeds->list);
	free(x->feeds);
	x->feeds = NULL;
}
