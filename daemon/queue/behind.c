#include "queue/behind.h"

#include <string.h>

#include "base/log.h"
#include "queue/exchange.h"
#include "queue/queue.h"

struct behind {
	size_t n;
	struct behind_group {
		char name[TRIM_NAME_MAX_BYTES + 1];
		char shown[EXCHANGE_WHY_MAX + 1]; /* fit for a log and for JSON */
		int64_t oldest_ms, told_ms;
	} groups[TRIM_GROUPS_MAX];
};

struct behind *behind_new(void)
{
	return xcalloc(1, sizeof(struct behind));
}

struct behind *behind_free(struct behind *b)
{
	free(b);
	return NULL;
}

static struct behind_group *find(struct behind_group *groups, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcmp(groups[i].name, name) == 0)
			return &groups[i];
	}
	return NULL;
}

static void tell(const char *event, const char *stream, const struct behind_group *g, const char *why)
{
	LOG_WARN(event, LOG_S("stream", stream), LOG_S("group", g->shown), LOG_I("oldest_ms", g->oldest_ms),
		 LOG_S("why", why));
}

void behind_note(struct behind *b, const char *stream, const struct trim_group *groups, size_t n,
		 struct stream_id keep_from, int64_t now_ms)
{
	struct behind *before = NEW(struct behind);
	size_t i;

	*before = *b;
	b->n = 0;
	for (i = 0; i < n && i < TRIM_GROUPS_MAX; i++) {
		const struct behind_group *old = find(before->groups, before->n, groups[i].name);
		struct behind_group *g = &b->groups[b->n];

		if (!trim_behind(&groups[i], keep_from))
			continue;
		memcpy(g->name, groups[i].name, sizeof(g->name));
		exchange_why(g->shown, g->name, strlen(g->name));
		g->oldest_ms = groups[i].needs.ms;
		g->told_ms = old && now_ms - old->told_ms < QUEUE_BEHIND_AGAIN_MS ? old->told_ms : now_ms;
		if (!old || g->told_ms == now_ms)
			tell("queue.group_behind", stream, g,
			     "it has not read or acknowledged what is older than queue.keep, which therefore stays");
		b->n++;
	}
	for (i = 0; i < before->n; i++) {
		if (!find(b->groups, b->n, before->groups[i].name))
			tell("queue.group_caught_up", stream, &before->groups[i], "it holds nothing back any more");
	}
	free(before);
}

size_t behind_list(const struct behind *b, struct queue_behind *ret, size_t max)
{
	size_t i;

	for (i = 0; i < b->n && i < max; i++)
		ret[i] = (struct queue_behind){b->groups[i].shown, b->groups[i].oldest_ms};
	return b->n;
}
