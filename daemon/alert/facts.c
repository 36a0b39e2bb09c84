#include "alert/facts.h"

#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/utf8.h"

struct facts {
	struct fact v[FACTS_MAX];
	size_t n, more;
};

static const char *const state_names[] = {
	[FACT_BEGINS] = "begins", [FACT_LASTS] = "lasts", [FACT_OVER] = "over", [FACT_HAPPENED] = "happened"};
static const char *const text_keys[TEXT_LANGS] = {[TEXT_EN] = "en", [TEXT_ES] = "es"};

struct facts *facts_new(void)
{
	return NEW(struct facts);
}

static void fact_done(struct fact *f)
{
	size_t i;

	free((char *)f->kind);
	free((char *)f->subject);
	free((char *)f->why);
	for (i = 0; i < TEXT_LANGS; i++)
		free((char *)f->text[i]);
}

struct facts *facts_free(struct facts *f)
{
	if (!f)
		return NULL;
	while (f->n)
		fact_done(&f->v[--f->n]);
	free(f);
	return NULL;
}

static char *copy(const char *s)
{
	return s ? xstrndup(s, utf8_cut(s, strlen(s), FACT_TEXT_MAX_BYTES)) : NULL;
}

static struct fact fact_copy(const struct fact *f)
{
	struct fact c = *f;
	size_t i;

	c.kind = copy(f->kind);
	c.subject = copy(f->subject);
	c.why = copy(f->why);
	for (i = 0; i < TEXT_LANGS; i++)
		c.text[i] = copy(f->text[i]);
	return c;
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Where the same trouble stands already; NULL: nowhere. What merely happened has no later state. */
static struct fact *find(struct facts *f, const struct fact *fact)
{
	size_t i;

	for (i = 0; i < f->n && fact->state != FACT_HAPPENED; i++)
		if (f->v[i].state != FACT_HAPPENED && strcmp(f->v[i].kind, fact->kind) == 0 &&
		    same(f->v[i].subject, fact->subject))
			return &f->v[i];
	return NULL;
}

void facts_add(struct facts *f, const struct fact *fact)
{
	struct fact *old = find(f, fact), added = *fact;

	if (!old && f->n == FACTS_MAX) {
		f->more++;
		return;
	}
	if (old && fact->state == FACT_LASTS && old->state == FACT_BEGINS)
		added.state = FACT_BEGINS; /* both are news to who reads it */
	if (old && old->since_ms != TIME_NONE && fact->state != FACT_BEGINS)
		added.since_ms = old->since_ms;
	added = fact_copy(&added);
	if (old) {
		fact_done(old);
		*old = added;
	} else {
		f->v[f->n++] = added;
	}
}

size_t facts_len(const struct facts *f)
{
	return f->n;
}

size_t facts_more(const struct facts *f)
{
	return f->more;
}

const struct fact *facts_at(const struct facts *f, size_t i)
{
	return &f->v[i];
}

/* --- as JSON --- */

void facts_json(const struct facts *f, struct buf *b)
{
	struct json j = JSON_OUT(b);
	size_t i, k;

	json_begin_object(&j, NULL);
	json_int(&j, "more", (int64_t)f->more);
	json_begin_array(&j, "facts");
	for (i = 0; i < f->n; i++) {
		const struct fact *x = &f->v[i];

		json_begin_object(&j, NULL);
		json_text(&j, "kind", x->kind);
		json_text(&j, "subject", x->subject);
		json_text(&j, "why", x->why);
		json_text(&j, "state", state_names[x->state]);
		if (x->since_ms != TIME_NONE)
			json_int(&j, "since", x->since_ms);
		if (x->until_ms != TIME_NONE)
			json_int(&j, "until", x->until_ms);
		for (k = 0; k < TEXT_LANGS; k++)
			json_text(&j, text_keys[k], x->text[k]);
		json_end_object(&j);
	}
	json_end_array(&j);
	json_end_object(&j);
}

static int64_t time_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_integer(value) ? json_integer_value(value) : TIME_NONE;
}

static bool parse_fact(const json_t *object, struct fact *ret)
{
	const char *state = json_string_value(json_object_get(object, "state"));
	size_t i;

	*ret = (struct fact){
		.kind = json_string_value(json_object_get(object, "kind")),
		.subject = json_string_value(json_object_get(object, "subject")),
		.why = json_string_value(json_object_get(object, "why")),
		.since_ms = time_of(object, "since"),
		.until_ms = time_of(object, "until"),
	};
	for (i = 0; i < TEXT_LANGS; i++) {
		ret->text[i] = json_string_value(json_object_get(object, text_keys[i]));
		if (!ret->text[i])
			return false;
	}
	for (i = 0; state && i < ARRAY_LEN(state_names); i++)
		if (strcmp(state_names[i], state) == 0) {
			ret->state = (enum fact_state)i;
			return ret->kind != NULL;
		}
	return false;
}

int facts_parse(const char *json, struct facts **ret)
{
	cleanup(facts_freep) struct facts *f = facts_new();
	json_t *root = json_loads(json, 0, NULL), *list = json_object_get(root, "facts"), *one;
	bool right = json_is_array(list);
	struct fact fact;
	size_t i;

	json_array_foreach(list, i, one)
	{
		right = right && parse_fact(one, &fact);
		if (right)
			facts_add(f, &fact);
	}
	f->more = right ? f->more + (size_t)json_integer_value(json_object_get(root, "more")) : 0;
	json_decref(root);
	if (!right)
		return FACTS_E_FORMAT;
	*ret = TAKE(f);
	return 0;
}
