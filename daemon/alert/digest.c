#include "alert/digest.h"

#include <stdlib.h>
#include <string.h>

#include "alert/deliver.h"
#include "alert/digest_inside.h"
#include "alert/filter.h"
#include "base/utf8.h"
#include "mention/mention.h"
#include "mention/series.h"

struct digest *digest_new(const struct filter *when, const char *topic)
{
	struct digest *d = NEW(struct digest);

	d->when = when;
	d->only = topic ? xstrdup(topic) : NULL;
	return d;
}

static void drop_saying(struct saying *s)
{
	free(s->text);
	free(s->url);
	free(s->who);
	free(s->source);
	free(s->topic);
	*s = (struct saying){.text = NULL};
}

struct digest *digest_free(struct digest *d)
{
	size_t i;

	if (!d)
		return NULL;
	for (i = 0; i < d->n_topics; i++) {
		free(d->topics[i].name);
		free(d->topics[i].role);
	}
	for (i = 0; i < d->n_stories; i++)
		drop_saying(&d->stories[i].first);
	for (i = 0; i < d->n_asked; i++)
		drop_saying(&d->asked[i]);
	drop_saying(&d->loudest);
	drop_saying(&d->first);
	free(d->stories);
	free(d->only);
	free(d);
	return NULL;
}

void digest_rebind(struct digest *d, const struct filter *when)
{
	d->when = when;
}

/* --- topics --- */

static struct digest_topic *topic_of(struct digest *d, const char *name, const char *role)
{
	size_t i;

	for (i = 0; i < d->n_topics; i++)
		if (strcmp(d->topics[i].name, name) == 0)
			return &d->topics[i];
	if (d->n_topics == DIGEST_TOPICS_MAX)
		return NULL;
	d->topics[i] = (struct digest_topic){.name = xstrdup(name), .role = xstrdup(role), .usual = -1};
	d->n_topics++;
	return &d->topics[i];
}

void digest_topic(struct digest *d, const char *topic, const char *role, double usual)
{
	struct digest_topic *t = d->only && strcmp(d->only, topic) != 0 ? NULL : topic_of(d, topic, role);

	if (t)
		t->usual = usual;
}

/* --- what was said --- */

static char *copy(const char *s)
{
	size_t len = s ? strlen(s) : 0;

	return len ? xstrndup(s, utf8_cut(s, len, DIGEST_TEXT_MAX_BYTES)) : NULL;
}

static void note(struct saying *s, const struct mention *m, const struct hit *h)
{
	const char *name = m->author.name && *m->author.name ? m->author.name : m->author.handle;

	drop_saying(s);
	*s = (struct saying){.text = copy(m->title && *m->title ? m->title : m->text),
			     .url = m->url ? xstrdup(m->url) : NULL,
			     .who = copy(name),
			     .source = copy(m->source),
			     .topic = copy(h->topic),
			     .reach = m->author.followers > 0 ? (double)m->author.followers : 0,
			     .at_ms = m->seen_ms,
			     .story = m->place.story,
			     .negative = series_tone(m) == SERIES_NEGATIVE};
}

/* Who was told once only makes room: what many tell is what is looked for. */
static void make_room(struct digest *d)
{
	size_t i, n = 0;

	for (i = 0; i < d->n_stories; i++) {
		if (d->stories[i].times > 1)
			d->stories[n++] = d->stories[i];
		else
			drop_saying(&d->stories[i].first);
	}
	d->n_stories = n;
}

static void add_story(struct digest *d, const struct mention *m, const struct hit *h)
{
	size_t i;

	if (!m->place.story)
		return;
	for (i = d->n_stories; i-- > 0;) /* the last are the likeliest */
		if (d->stories[i].story == m->place.story) {
			d->stories[i].times++;
			return;
		}
	if (d->n_stories == DIGEST_STORIES_MAX)
		make_room(d);
	if (d->n_stories == DIGEST_STORIES_MAX)
		return;
	d->stories = GROW(d->stories, d->n_stories, &d->stories_cap);
	d->stories[d->n_stories] = (struct digest_story){.story = m->place.story, .times = 1};
	note(&d->stories[d->n_stories++].first, m, h);
}

static bool asks(const struct hit *h)
{
	static const char *const intents[] = {"complaint", "support", "question"};
	size_t i;

	for (i = 0; i < ARRAY_LEN(intents); i++)
		if (mention_names_have((const char *const *)h->intents, h->n_intents, intents[i]))
			return true;
	return false;
}

/* Those whom most people hear, by name; else the newest. */
static void add_asked(struct digest *d, const struct mention *m, const struct hit *h)
{
	double reach = m->author.followers > 0 ? (double)m->author.followers : 0;
	size_t i, at = 0;

	d->n_all_asked++;
	if (d->n_asked < DIGEST_ASKED_MAX) {
		note(&d->asked[d->n_asked++], m, h);
		return;
	}
	for (i = 1; i < d->n_asked; i++)
		if (d->asked[i].reach < d->asked[at].reach)
			at = i;
	if (reach < d->asked[at].reach)
		return;
	drop_saying(&d->asked[at]);
	memmove(&d->asked[at], &d->asked[at + 1], (d->n_asked - at - 1) * sizeof(d->asked[0]));
	d->asked[d->n_asked - 1] = (struct saying){.text = NULL};
	note(&d->asked[d->n_asked - 1], m, h);
}

/* The most telling ones are of the brand, where it is spoken of, and negative, where anything is. */
static bool tells_more(const struct saying *old, const struct mention *m, double value, double old_value)
{
	bool negative = series_tone(m) == SERIES_NEGATIVE;

	if (!old->text || negative != old->negative)
		return !old->text || negative;
	return value > old_value;
}

static void add_hit(struct digest *d, const struct mention *m, const struct hit *h, bool is_first)
{
	struct digest_topic *t = topic_of(d, h->topic, h->role);
	double reach = m->author.followers > 0 ? (double)m->author.followers : 0;

	if (t && series_counts(m)) {
		t->n++;
		t->negative += series_tone(m) == SERIES_NEGATIVE;
		t->positive += series_tone(m) == SERIES_POSITIVE;
	}
	if (!is_first) /* what follows is of the mention */
		return;
	d->n_mentions += series_counts(m);
	add_story(d, m, h);
	if (strcmp(h->role, "brand") == 0 && asks(h))
		add_asked(d, m, h);
	if (strcmp(h->role, "brand") != 0 && !d->only && !d->when)
		return;
	if (reach > 0 && tells_more(&d->loudest, m, reach, d->loudest.reach))
		note(&d->loudest, m, h);
	if (tells_more(&d->first, m, -(double)m->seen_ms, -(double)d->first.at_ms))
		note(&d->first, m, h);
}

static bool is_of(const struct digest *d, const struct mention *m, const struct hit *h)
{
	return (!d->only || strcmp(d->only, h->topic) == 0) && (!d->when || filter_holds(d->when, m, h));
}

bool digest_is_of(const struct digest *d, const struct mention *m)
{
	size_t i;

	for (i = 0; i < m->n_hits && !is_of(d, m, &m->hits[i]); i++)
		;
	return i < m->n_hits && deliver_is_news(m);
}

void digest_add(struct digest *d, const struct mention *m)
{
	bool is_first = true, brand = false;
	size_t i;

	if (!deliver_is_news(m))
		return;
	for (i = 0; i < m->n_hits; i++) {
		const struct hit *h = &m->hits[i];

		if (!is_of(d, m, h))
			continue;
		add_hit(d, m, h, is_first);
		is_first = false;
		brand = brand || d->only || strcmp(h->role, "brand") == 0;
	}
	d->n_brand += brand && series_counts(m);
}

uint64_t digest_mentions(const struct digest *d)
{
	return d->n_mentions;
}
