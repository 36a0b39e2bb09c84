#include "mention/catalogue.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/wire.h"

enum { TEXT_MIN_BYTES = 4, TOPIC_MIN_BYTES = 6 * TEXT_MIN_BYTES + 1, TONE_MIN_BYTES = TEXT_MIN_BYTES + 2 * 8 };

static void names_put(struct buf *b, const char *const *v, size_t n)
{
	size_t i;

	wire_put_u32(b, (uint32_t)n);
	for (i = 0; i < n; i++)
		wire_put_text(b, v[i]);
}

void catalogue_put(struct buf *b, const struct catalogue *c)
{
	size_t i;

	wire_put_u32(b, (uint32_t)c->n_topics);
	for (i = 0; i < c->n_topics; i++) {
		const struct catalogue_topic *t = &c->topics[i];

		wire_put_text(b, t->name);
		wire_put_text(b, t->role);
		names_put(b, t->rules, t->n_rules);
		names_put(b, t->tags, t->n_tags);
		names_put(b, t->intents, t->n_intents);
		names_put(b, t->own, t->n_own);
		wire_put_u8(b, t->no_alerts);
	}
	wire_put_u32(b, (uint32_t)c->n_patterns);
	wire_put_u32(b, (uint32_t)c->n_always);
	wire_put_text(b, c->whole);
	wire_put_u32(b, (uint32_t)c->n_tones);
	for (i = 0; i < c->n_tones; i++) {
		wire_put_text(b, c->tones[i].lang);
		wire_put_f64(b, c->tones[i].r);
		wire_put_f64(b, c->tones[i].f);
	}
}

/* A text that must be there. */
static const char *name_get(struct wire_in *in, struct arena *a)
{
	const char *s = wire_get_text(in, a);

	if (!s)
		in->bad = true;
	return s;
}

static const char **names_get(struct wire_in *in, struct arena *a, size_t *ret_n)
{
	size_t n = wire_get_count(in, TEXT_MIN_BYTES), i;
	const char **v;

	*ret_n = 0;
	if (n > CATALOGUE_NAMES_MAX)
		in->bad = true;
	if (in->bad)
		return NULL;
	v = ARENA_ARRAY(a, const char *, n);
	for (i = 0; i < n; i++)
		v[i] = name_get(in, a);
	*ret_n = n;
	return v;
}

static bool is_part(double part)
{
	return part >= 0 && part <= 1;
}

static void tones_get(struct wire_in *in, struct arena *a, struct catalogue *ret)
{
	size_t n = wire_get_count(in, TONE_MIN_BYTES);

	in->bad |= n > CATALOGUE_TONES_MAX;
	while (!in->bad && ret->n_tones < n) {
		struct catalogue_tone *tone = &ret->tones[ret->n_tones++];

		tone->lang = name_get(in, a);
		tone->r = wire_get_f64(in);
		tone->f = wire_get_f64(in);
		in->bad |= !is_part(tone->r) || !is_part(tone->f);
	}
}

int catalogue_get(const char *bytes, size_t len, struct arena *a, struct catalogue *ret)
{
	struct wire_in in = WIRE_IN(bytes, len);
	struct catalogue c = {.n_topics = wire_get_count(&in, TOPIC_MIN_BYTES)};
	size_t i;

	if (in.bad || c.n_topics > MENTION_HITS_MAX)
		return CATALOGUE_E_FORMAT;
	c.topics = ARENA_ARRAY(a, struct catalogue_topic, c.n_topics);
	for (i = 0; i < c.n_topics && !in.bad; i++) {
		struct catalogue_topic *t = &c.topics[i];

		t->name = name_get(&in, a);
		t->role = name_get(&in, a);
		t->rules = names_get(&in, a, &t->n_rules);
		t->tags = names_get(&in, a, &t->n_tags);
		t->intents = names_get(&in, a, &t->n_intents);
		t->own = names_get(&in, a, &t->n_own);
		t->no_alerts = wire_get_u8(&in) != 0;
	}
	c.n_patterns = wire_get_u32(&in);
	c.n_always = wire_get_u32(&in);
	c.whole = wire_get_text(&in, a);
	tones_get(&in, a, &c);
	if (!wire_done(&in) || c.n_always > c.n_patterns)
		return CATALOGUE_E_FORMAT;
	*ret = c;
	return 0;
}

const struct catalogue_topic *catalogue_topic(const struct catalogue *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n_topics; i++)
		if (!strcmp(c->topics[i].name, name))
			return &c->topics[i];
	return NULL;
}

const struct catalogue_tone *catalogue_tone(const struct catalogue *c, const char *lang)
{
	size_t i;

	for (i = 0; i < c->n_tones; i++)
		if (!strcmp(c->tones[i].lang, lang))
			return &c->tones[i];
	return NULL;
}
