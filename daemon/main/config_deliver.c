#include "main/config_deliver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alert/deliver.h"
#include "alert/filter.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/schema.h"
#include "base/suggest.h"
#include "main/config.h"
#include "main/config_oncall.h"
#include "mention/catalogue.h"

enum { KNOWN_MAX_BYTES = 1024 }; /* of a message that lists names */

enum { DEFAULT_AT_MIN = 9 * 60 };

/* --- values --- */

static bool decode_filter(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	static const struct schema_row text = {.type = SCHEMA_STRING};
	struct condition_fault fault;
	struct filter *filter;
	const char *value;

	(void)row;
	if (!schema_value(run, node, &text, &value))
		return false;
	if (filter_parse(value, schema_arena(run), &fault, &filter) != 0)
		return schema_fail_at(run, yaml_pos_at(schema_doc(run), node, fault.at), NULL, fault.guess, fault.text,
				      TEXT_ARGS(fault.found));
	*(const struct filter **)ret = filter;
	return true;
}

bool config_decode_time(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	static const struct schema_row text = {.type = SCHEMA_STRING};
	const char *value;
	int hour, minute, n = 0;

	(void)row;
	if (!schema_value(run, node, &text, &value))
		return false;
	if (sscanf(value, "%2d:%2d%n", &hour, &minute, &n) != 2 || value[n] || n < 4 || hour < 0 || hour > 23 ||
	    minute < 0 || minute > 59)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_DELIVER_TIME, value);
	*(int *)ret = hour * 60 + minute;
	return true;
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static bool check_deliver(struct schema_run *run, const struct yaml_node *node, void *object)
{
	static const char *const of_digests[] = {"at", "days"}, *const of_cards[] = {"cap", "gather"};
	struct deliver_config *v = object;
	const char *const *wrong = v->every == DELIVER_NOW ? of_digests : of_cards;
	size_t i;

	for (i = 0; i < ARRAY_LEN(of_digests); i++)
		if (yaml_get(node, wrong[i]))
			return SCHEMA_FAIL(run, yaml_get(node, wrong[i]), wrong[i], NULL,
					   v->every == DELIVER_NOW ? TEXT_DELIVER_OF_DIGEST : TEXT_DELIVER_OF_CARDS);
	if (!v->days)
		v->days = HOURS_EVERY_DAY;
	if (v->every == DELIVER_DAILY && !v->n_at) {
		int *at = ARENA_NEW(schema_arena(run), int);

		*at = DEFAULT_AT_MIN;
		v->at_min = at;
		v->n_at = 1;
	}
	if (v->n_at)
		qsort((int *)v->at_min, v->n_at, sizeof(*v->at_min), by_number);
	return true;
}

static const char *const every_names[] = {[DELIVER_NOW] = "now", [DELIVER_DAILY] = "daily", NULL};
static const struct schema_row time_item = {.type = SCHEMA_CUSTOM, .decode = config_decode_time, .item_size = sizeof(int)};
static const struct schema_row deliver_rows[] = {
	{.key = "name", .type = SCHEMA_NAME, .at = offsetof(struct deliver_config, name), .required = true},
	{.key = "when",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct deliver_config, when),
	 .decode = decode_filter,
	 .item_size = sizeof(const struct filter *),
	 .pos_at = SCHEMA_AT(struct deliver_config, when_pos)},
	{.key = "to",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct deliver_config, to),
	 .n_at = offsetof(struct deliver_config, n_to),
	 .required = true,
	 .one_or_list = true,
	 .min = 1,
	 .max = DELIVER_TO_MAX,
	 .item = &who_item},
	{.key = "every",
	 .type = SCHEMA_ENUM,
	 .at = offsetof(struct deliver_config, every),
	 .required = true,
	 .names = every_names},
	{.key = "at",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct deliver_config, at_min),
	 .n_at = offsetof(struct deliver_config, n_at),
	 .one_or_list = true,
	 .min = 1,
	 .max = DELIVER_TIMES_MAX,
	 .item = &time_item},
	{.key = "days",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct deliver_config, days),
	 .decode = config_decode_days,
	 .item_size = sizeof(uint8_t)},
	{.key = "cap",
	 .type = SCHEMA_INT,
	 .at = offsetof(struct deliver_config, cap),
	 .min = 1,
	 .max = DELIVER_CAP_MAX,
	 .def = "10"},
	{.key = "gather",
	 .type = SCHEMA_DURATION,
	 .at = offsetof(struct deliver_config, gather_ms),
	 .max = HOUR_MS,
	 .def = "20s"},
};
static const struct schema_table deliver_table =
	SCHEMA_TABLE(struct deliver_config, deliver_rows, .pos_at = SCHEMA_AT(struct deliver_config, pos),
		     .name_at = SCHEMA_AT(struct deliver_config, name), .check = check_deliver);
const struct schema_row deliver_item = {.type = SCHEMA_OBJECT, .table = &deliver_table};

/* --- who gets it --- */

/* Everybody who can be reached, at nine. */
static void deliver_to_all(struct schema_run *run, struct config *c)
{
	struct deliver_config *v = ARENA_NEW(schema_arena(run), struct deliver_config);
	struct who_config *to = ARENA_ARRAY(schema_arena(run), struct who_config, c->n_people + 1);
	int *at = ARENA_NEW(schema_arena(run), int);
	size_t i;

	*at = DEFAULT_AT_MIN;
	*v = (struct deliver_config){.name = DELIVER_DEFAULT,
				     .to = to,
				     .every = DELIVER_DAILY,
				     .at_min = at,
				     .n_at = 1,
				     .days = HOURS_EVERY_DAY};
	for (i = 0; i < c->n_people; i++)
		if (c->people[i].n_reach)
			to[v->n_to++] = (struct who_config){
				.pos = c->people[i].pos, .name = c->people[i].name, .person = &c->people[i]};
	c->deliver = v;
	c->n_deliver = v->n_to > 0;
}

bool config_deliver_check(struct schema_run *run, const struct yaml_node *node, struct config *c)
{
	const struct yaml_node *list = yaml_get(node, "deliver");
	bool right = true;
	size_t i, k, lanes = 0;

	if (!list) {
		deliver_to_all(run, c);
		return true;
	}
	for (i = 0; i < c->n_deliver; i++) {
		const struct deliver_config *v = &c->deliver[i];
		cleanup(freep) char *key = xasprintf("deliver[%zu].to", i);

		right = config_who_find(run, c, v->to, v->n_to, v->every == DELIVER_NOW, key) && right;
		for (k = 0; k < v->n_to; k++)
			if (v->to[k].person && !v->to[k].person->n_reach)
				schema_warn(run, list, key, TEXT_PEOPLE_NO_REACH, TEXT_ARGS(v->to[k].name));
		lanes += v->n_to;
	}
	if (lanes > DELIVER_LANES_MAX) {
		char max[24];

		snprintf(max, sizeof(max), "%d", DELIVER_LANES_MAX);
		return SCHEMA_FAIL(run, list, "deliver", NULL, TEXT_DELIVER_MANY, max);
	}
	return right;
}

/* --- what its conditions speak of --- */

struct looked {
	const struct catalogue *catalogue;
	const struct deliver_config *v;
	struct diag *d;
	bool right;
};

static bool is_among(const char *const *v, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n && strcmp(v[i], name) != 0; i++)
		;
	return i < n;
}

static bool topic_has(const struct catalogue_topic *t, enum filter_fact fact, const char *value)
{
	switch (fact) {
	case FILTER_RULE:
		return is_among(t->rules, t->n_rules, value);
	case FILTER_TAGS:
		return is_among(t->tags, t->n_tags, value);
	case FILTER_INTENT:
		return is_among(t->intents, t->n_intents, value);
	default:
		return strcmp(t->name, value) == 0;
	}
}

/* What the rules know of that kind, each once; the nearest to value, or NULL. */
static const char *known_values(const struct catalogue *c, enum filter_fact fact, const char *value, struct buf *ret)
{
	const char *guess = NULL;
	size_t i, k;

	for (i = 0; i < c->n_topics; i++) {
		const struct catalogue_topic *t = &c->topics[i];
		const char *const *v = fact == FILTER_RULE ? t->rules : fact == FILTER_TAGS ? t->tags : t->intents;
		size_t n = fact == FILTER_RULE ? t->n_rules : fact == FILTER_TAGS ? t->n_tags : t->n_intents;

		if (fact == FILTER_TOPIC) {
			v = &t->name;
			n = 1;
		}
		for (k = 0; k < n; k++) {
			size_t before = 0;

			while (before < i && !topic_has(&c->topics[before], fact, v[k]))
				before++;
			if (before == i)
				buf_printf(ret, "%s%s", ret->len ? ", " : "", v[k]);
		}
		if (!guess && n)
			guess = suggest(value, v, n, sizeof(*v));
	}
	return guess;
}

static void check_value(void *arg, enum filter_fact fact, const char *value)
{
	static const char *const roles[] = {"brand", "competitor", "industry"}, *const tones[] = {"negative", "neutral",
												  "positive"};
	cleanup(buf_done) struct buf known = BUF_INIT(KNOWN_MAX_BYTES);
	struct looked *l = arg;
	const struct catalogue *c = l->catalogue;
	const char *guess = NULL;
	size_t i;

	if (fact == FILTER_ROLE || fact == FILTER_SENTIMENT) {
		const char *const *names = fact == FILTER_ROLE ? roles : tones;

		if (is_among(names, ARRAY_LEN(roles), value))
			return;
		guess = suggest(value, names, ARRAY_LEN(roles), sizeof(*names));
	} else if (fact > FILTER_INTENT) {
		return; /* anything may be there */
	}
	for (i = 0; fact != FILTER_ROLE && fact != FILTER_SENTIMENT && i < c->n_topics; i++)
		if (topic_has(&c->topics[i], fact, value))
			return;
	if (fact == FILTER_ROLE || fact == FILTER_SENTIMENT)
		buf_puts(&known, fact == FILTER_ROLE ? "brand, competitor, industry" : "negative, neutral, positive");
	else
		guess = known_values(c, fact, value, &known);
	diag_error(l->d, l->v->when_pos, "deliver", guess, TEXT_DELIVER_UNKNOWN, filter_names[fact], value,
		   known.full || !known.len ? "…" : buf_str(&known));
	l->right = false;
}

bool config_deliver_topics(const struct config *c, const struct catalogue *catalogue, struct diag *d)
{
	struct looked l = {.catalogue = catalogue, .d = d, .right = true};
	size_t i;

	for (i = 0; i < c->n_deliver; i++) {
		l.v = &c->deliver[i];
		if (l.v->when)
			filter_each(l.v->when, check_value, &l);
	}
	return l.right;
}
