#include "pool/border.h"

#include <string.h>

#include "base/arena.h"
#include "mention/catalogue.h"
#include "mention/job.h"

struct border {
	struct arena *arena;
	struct catalogue catalogue; /* topics by name, and so are their rules and tags */
};

/* --- the catalogue --- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int by_topic(const void *a, const void *b)
{
	return strcmp(((const struct catalogue_topic *)a)->name, ((const struct catalogue_topic *)b)->name);
}

static void sort_names(const char **v, size_t n)
{
	if (n)
		qsort(v, n, sizeof(*v), by_text);
}

struct border *border_new(const char *catalogue, size_t len)
{
	cleanup(border_freep) struct border *b = NEW(struct border);
	struct catalogue *c = &b->catalogue;
	size_t i;

	b->arena = arena_new(len);
	if (len && catalogue_get(catalogue, len, b->arena, c))
		return NULL;
	for (i = 0; i < c->n_topics; i++) {
		sort_names(c->topics[i].rules, c->topics[i].n_rules);
		sort_names(c->topics[i].tags, c->topics[i].n_tags);
		sort_names(c->topics[i].intents, c->topics[i].n_intents);
	}
	if (c->n_topics)
		qsort(c->topics, c->n_topics, sizeof(*c->topics), by_topic);
	return TAKE(b);
}

struct border *border_free(struct border *b)
{
	if (!b)
		return NULL;
	arena_free(b->arena);
	free(b);
	return NULL;
}

static bool names_known(const char *const *v, size_t n, const char **known, size_t n_known)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!n_known || !bsearch(&v[i], known, n_known, sizeof(*known), by_text))
			return false;
	return true;
}

/* NULL: no such topic. */
static const struct catalogue_topic *topic_of(const struct border *b, const char *name)
{
	const struct catalogue_topic key = {.name = name};

	return b->catalogue.n_topics ? bsearch(&key, b->catalogue.topics, b->catalogue.n_topics, sizeof(key), by_topic)
				     : NULL;
}

static const char *hits_wrong(const struct border *b, const struct mention *m)
{
	bool met[MENTION_HITS_MAX] = {false}; /* no more topics than that in a catalogue */
	size_t i;

	for (i = 0; i < m->n_hits; i++) {
		const struct hit *h = &m->hits[i];
		const struct catalogue_topic *t = topic_of(b, h->topic);

		if (!t)
			return "a hit of a topic that does not exist";
		if (met[t - b->catalogue.topics])
			return "two hits of one topic";
		met[t - b->catalogue.topics] = true;
		if (strcmp(h->role, t->role) != 0)
			return "a hit with another role than its topic's";
		if (!names_known(h->rules, h->n_rules, t->rules, t->n_rules))
			return "a hit of a rule that does not exist";
		if (!names_known(h->tags, h->n_tags, t->tags, t->n_tags))
			return "a hit with a tag that does not exist";
		if (!names_known(h->intents, h->n_intents, t->intents, t->n_intents))
			return "a hit with an intent that does not exist";
	}
	return NULL;
}

/* What any answer may hold: names that there are. */
static const char *names_wrong(const struct border *b, const struct answer *a)
{
	const char *wrong = NULL;
	size_t i;

	for (i = 0; i < a->n_mentions && !wrong; i++)
		wrong = hits_wrong(b, &a->mentions[i]);
	for (i = 0; i < a->n_limits && !wrong; i++)
		if (!topic_of(b, a->limits[i].topic))
			wrong = "a limit in a topic that does not exist";
	return wrong;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* --- a feed --- */

static int by_id(const void *a, const void *b)
{
	return memcmp(((const struct seen_key *)a)->id, ((const struct seen_key *)b)->id, MENTION_ID_BYTES);
}

/* The job's seen keys, by id. */
static bool was_seen(const struct seen_key *v, size_t n, const uint8_t *id)
{
	struct seen_key key;

	memcpy(key.id, id, MENTION_ID_BYTES);
	return n && bsearch(&key, v, n, sizeof(*v), by_id);
}

/* As parse/identity judges. After a policy has fallen a new item may have a key that stood for another one before. */
static const char *item_wrong(const struct job_feed *job, const struct seen_key *seen, const struct answer *a,
			      const struct item_mark *item)
{
	const bool known = was_seen(seen, job->n_seen, item->key.id);

	switch (item->state) {
	case ITEM_KNOWN:
		return known || (job->first && job->not_before_ms != TIME_NONE)
			       ? NULL
			       : "an item called known that its source has never shown";
	case ITEM_NEW:
		return !known || a->identity_changed ? NULL : "an item called new that its source has shown before";
	case ITEM_EDITED:
	case ITEM_COUNTED:
		return known ? NULL : "a change of what its source has never shown";
	case ITEM_MOVED:
		return a->identity_changed && was_seen(seen, job->n_seen, item->old)
			       ? NULL
			       : "a new key for what its source has never shown";
	case ITEM_JUDGED: /* escuchad's own word, no reader's */
		break;
	}
	return "an item in no known state";
}

static const char *items_wrong(const struct job_feed *job, const struct answer *a)
{
	const size_t n = a->n_items ? job->n_seen : 0;
	cleanup(freep) struct seen_key *seen = xcalloc(n + 1, sizeof(*seen));
	const char *wrong = NULL;
	size_t i;

	if (n) {
		memcpy(seen, job->seen, n * sizeof(*seen));
		qsort(seen, n, sizeof(*seen), by_id);
	}
	for (i = 0; i < a->n_items && !wrong; i++)
		wrong = item_wrong(job, seen, a, &a->items[i]);
	return wrong;
}

static const char *origin_wrong(const struct job_feed *job, const struct mention *m)
{
	if (!same(m->source, job->source) || !same(m->platform, job->platform))
		return "a mention of another source";
	if (m->seen_ms != job->seen_ms || m->baseline != job->first)
		return "a mention of another poll";
	return NULL;
}

const char *border_feed(const struct border *b, const char *payload, size_t len, const struct answer *a)
{
	cleanup(arena_freep) struct arena *arena = arena_new(len);
	const char *wrong = NULL;
	struct job_feed job;
	size_t i;

	if (job_feed_get(payload, len, arena, &job))
		return "an answer to what is no job";
	if (a->identity_changed != (a->identity != job.identity) || a->identity < job.identity ||
	    (a->identity_changed && job.first))
		return "a policy that it can't have come to";
	if (a->status != ANSWER_OK && (a->n_items || a->identity_changed))
		return "items of what could not be read";
	if (a->n_facts && !job.map && strcmp(job.format, "page") != 0)
		return "facts of what has no map";
	if (a->passed_over && (!job.sieve || a->passed_over > job.body_len))
		return "values passed over that were to be read";
	wrong = items_wrong(&job, a);
	for (i = 0; i < a->n_mentions && !wrong; i++)
		wrong = origin_wrong(&job, &a->mentions[i]);
	return wrong ? wrong : names_wrong(b, a);
}

/* --- mentions to be matched --- */

/* Language, tone and hits may come to it; what was said, by whom and where stays. */
static bool same_mention(const struct mention *a, const struct mention *b)
{
	return memcmp(a->id, b->id, MENTION_ID_BYTES) == 0 && same(a->source, b->source) &&
	       same(a->platform, b->platform) && same(a->kind, b->kind) && same(a->guid, b->guid) &&
	       same(a->url, b->url) && same(a->title, b->title) && same(a->text, b->text) &&
	       same(a->author.name, b->author.name) && same(a->author.handle, b->author.handle) &&
	       same(a->author.url, b->author.url) && a->published_ms == b->published_ms && a->seen_ms == b->seen_ms &&
	       a->baseline == b->baseline;
}

const char *border_match(const struct border *b, const char *payload, size_t len, const struct answer *a)
{
	cleanup(arena_freep) struct arena *arena = arena_new(len);
	struct mention *asked;
	const char *topic;
	size_t n, i;
	bool every;

	if (job_match_get(payload, len, arena, &topic, &every, &asked, &n))
		return "an answer to what is no job";
	if (a->n_facts)
		return "facts of what has no map";
	if (a->status != ANSWER_OK)
		return a->n_items ? "mentions of what could not be matched" : NULL;
	if (a->n_mentions != n || a->n_items != n)
		return "more or fewer mentions than were asked about";
	for (i = 0; i < n; i++)
		if (!same_mention(&asked[i], &a->mentions[i]))
			return "a mention that was not asked about";
	return names_wrong(b, a);
}

/* --- a list of sources --- */

const char *border_opml(const struct opml_entry *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strncasecmp(v[i].url, "http://", 7) != 0 && strncasecmp(v[i].url, "https://", 8) != 0)
			return "a source that is no web address";
	return NULL;
}
