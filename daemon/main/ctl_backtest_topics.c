#include "main/ctl_backtest_topics.h"

#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/yaml.h"
#include "main/ctl.h"
#include "mention/mention.h"

static const char by_hand[] = "manual";

struct entry {
	const char *name, *topic;
	size_t len; /* of name */
	bool list;  /* its feeds are called NAME/… */
};

struct source_topics {
	struct arena *arena;
	struct entry *v;
	size_t n;
};

static const char *text_of(const struct yaml_node *map, const char *key)
{
	const struct yaml_node *node = yaml_get(map, key);

	return node && node->kind == YAML_TEXT && node->n ? node->text : NULL;
}

static void take(struct source_topics *t, const struct yaml_node *source)
{
	const char *name = text_of(source, "name"), *topic = text_of(source, "topic"),
		   *platform = text_of(source, "platform");

	if (name && topic)
		t->v[t->n++] = (struct entry){name, topic, strlen(name), platform && strcmp(platform, "opml") == 0};
}

struct source_topics *source_topics_read(const struct ctl *c)
{
	cleanup(diag_freep) struct diag *unheeded = diag_new();
	struct source_topics *t = NEW(struct source_topics);
	const struct yaml_node *sources;
	struct yaml_doc *doc;
	size_t i;

	t->arena = arena_new(SIZE_MAX);
	if (!c->config || yaml_read(c->config, t->arena, unheeded, &doc) != 0)
		return t;
	sources = yaml_get(doc->root, "sources");
	if (!sources || sources->kind != YAML_LIST)
		return t;
	t->v = ARENA_ARRAY(t->arena, struct entry, sources->n);
	for (i = 0; i < sources->n; i++)
		take(t, sources->items[i]);
	return t;
}

struct source_topics *source_topics_free(struct source_topics *t)
{
	if (!t)
		return NULL;
	arena_free(t->arena);
	free(t);
	return NULL;
}

bool source_topic_by_hand(const struct mention *m)
{
	return strcmp(m->source, by_hand) == 0;
}

const char *source_topic_of(const struct source_topics *t, const struct mention *m)
{
	size_t i;

	if (source_topic_by_hand(m))
		return m->n_hits ? m->hits[0].topic : NULL;
	for (i = 0; i < t->n; i++) {
		const struct entry *e = &t->v[i];

		if (strncmp(m->source, e->name, e->len) == 0 &&
		    (m->source[e->len] == '\0' || (e->list && m->source[e->len] == '/')))
			return e->topic;
	}
	return NULL;
}
