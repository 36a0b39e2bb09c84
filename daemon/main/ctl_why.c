/* why: what a mention, or a text, is to the rules, and for what reason. */
#include "main/ctl_why.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/suggest.h"
#include "main/ctl_ask.h"
#include "main/ctl_command.h"
#include "main/ctl_output.h"
#include "main/ctl_settings.h"
#include "main/ctl_terminal.h"
#include "mention/catalogue.h"
#include "pool/ask.h"

enum { OUT_MAX_BYTES = 64 * 1024 * 1024, TEXT_OF_MAX_BYTES = 32 * 1024 * 1024 };

struct values {
	struct ctl_list rules;
	const char *topic;
	bool patterns;
};

/* --- what is asked --- */

static bool check(const struct ctl_call *call)
{
	const struct values *v = call->values;

	if (!v->patterns && call->n == 0) {
		CTL_COMPLAIN(call->ctl, TEXT_CTL_WHY_WHAT);
		return false;
	}
	if (!v->patterns && call->n > 2) {
		CTL_COMPLAIN(call->ctl, TEXT_CTL_WHY_QUOTES);
		return false;
	}
	if (v->patterns && call->n > 1) {
		CTL_COMPLAIN(call->ctl, TEXT_CTL_ARGUMENT_MANY, "why --patterns");
		return false;
	}
	return true;
}

/* Asks back for a name that does not exist. */
static bool unknown(const struct ctl *c, enum text_id plain, enum text_id guessing, const char *name, const char *guess)
{
	if (guess)
		CTL_COMPLAIN(c, guessing, name, guess);
	else
		CTL_COMPLAIN(c, plain, name);
	return false;
}

static bool topic_known(const struct ctl *c, const struct catalogue *all, const char *topic)
{
	if (!topic || catalogue_topic(all, topic))
		return true;
	return unknown(c, TEXT_CTL_WHY_NO_TOPIC, TEXT_CTL_WHY_NO_TOPIC_GUESS, topic,
		       all->n_topics ? suggest(topic, &all->topics[0].name, all->n_topics, sizeof(*all->topics))
				     : NULL);
}

static bool rule_known(const struct ctl *c, const struct catalogue *all, const char *topic, const char *rule)
{
	const char *guess = NULL;
	size_t i;

	for (i = 0; rule && i < all->n_topics; i++) {
		const struct catalogue_topic *t = &all->topics[i];

		if (topic && strcmp(topic, t->name) != 0)
			continue;
		if (mention_names_have(t->rules, t->n_rules, rule))
			return true;
		if (!guess && t->n_rules)
			guess = suggest(rule, t->rules, t->n_rules, sizeof(*t->rules));
	}
	return !rule || unknown(c, TEXT_CTL_WHY_NO_RULE, TEXT_CTL_WHY_NO_RULE_GUESS, rule, guess);
}

static bool names_known(const struct ctl *c, const struct ask *ask, const char *topic, const char *rule)
{
	cleanup(arena_freep) struct arena *a = arena_new(SIZE_MAX);
	struct catalogue all;
	const char *bytes;
	size_t len;

	bytes = ask_catalogue(ask, &len);
	if (catalogue_get(bytes, len, a, &all))
		return true; /* then the answer shows it */
	return topic_known(c, &all, topic) && rule_known(c, &all, topic, rule);
}

json_t *why_ask(const struct ctl *c, struct ask *ask, enum frame_type type, const struct buf *job)
{
	struct ctl_bytes answer;
	json_t *json;

	if (!ctl_ask_bytes(c, ask, type, job, "why", &answer))
		return NULL;
	json = json_loadb(answer.bytes, answer.len, 0, NULL);
	if (!json)
		CTL_COMPLAIN(c, TEXT_CTL_WHY_LARGE);
	return json;
}

/* --- what comes of it --- */

/* Whether a hit of the log met the rules that are met now, no more and no fewer. */
static bool same_rules(const json_t *stored, const json_t *topic)
{
	json_t *name, *rule;
	size_t met = 0, i, k;

	json_array_foreach(json_object_get(topic, "rules"), i, rule)
	{
		bool there = false;

		if (!json_is_true(json_object_get(rule, "met")))
			continue;
		met++;
		json_array_foreach(json_object_get(stored, "rules"), k, name) there |=
			json_equal(name, json_object_get(rule, "rule"));
		if (!there)
			return false;
	}
	return met == json_array_size(json_object_get(stored, "rules"));
}

/* Whether the mention is judged as it was when it came. */
static bool as_it_was(const json_t *stored, const json_t *reasons)
{
	const json_t *hits = json_object_get(stored, "hits");
	size_t held = 0, i, k;
	json_t *topic, *hit;

	json_array_foreach(json_object_get(reasons, "topics"), i, topic)
	{
		bool same = false;

		if (!json_is_true(json_object_get(topic, "held")))
			continue;
		held++;
		json_array_foreach(hits, k, hit) same |=
			json_equal(json_object_get(hit, "topic"), json_object_get(topic, "topic")) &&
			same_rules(hit, topic);
		if (!same)
			return false;
	}
	return held == json_array_size(hits);
}

/* A tone that a person has set right stands beside what the words say. NULL: nobody has. */
static char *set_by_hand(const struct ctl *c, const json_t *stored)
{
	const json_t *tone = json_object_get(stored, "sentiment");
	const char *label = json_string_value(json_object_get(tone, "label"));

	if (!label || !why_is(tone, "by", "hand"))
		return NULL;
	return TEXT(c->lang, TEXT_CTL_WHY_TONE_HAND, text_raw(c->lang, tone_text(label)));
}

static void print(struct ctl *c, const struct why_asked *a, const json_t *reasons)
{
	struct buf out = BUF_INIT(OUT_MAX_BYTES);
	struct why_view v = {.c = c,
			     .m = &a->job.mention,
			     .out = &out,
			     .width = terminal_width(),
			     .full = a->job.rule || a->job.topic};

	cleanup(freep) char *hand = set_by_hand(c, a->stored);

	if (a->stored) {
		local_zone(c);
		hit_print(c, a->stored, &out);
		buf_putc(&out, '\n');
	}
	why_print(&v, reasons, a->job.rule != NULL);
	if (hand)
		why_line(&v, 0, 0, hand);
	if (a->stored && !a->job.rule && !a->job.topic && !as_it_was(a->stored, reasons)) {
		buf_putc(&out, '\n');
		why_line(&v, 0, 0, text_raw(c->lang, TEXT_CTL_WHY_CHANGED));
	}
	fwrite(buf_str(&out), 1, out.len, stdout);
	buf_done(&out);
}

static void print_json(const struct why_asked *a, json_t *reasons)
{
	struct buf b = BUF_INIT(TEXT_OF_MAX_BYTES);
	struct json j = JSON_OUT(&b);
	json_t *mention;

	mention_json(&j, NULL, &a->job.mention);
	mention = a->stored ? json_incref(a->stored) : json_loadb(buf_str(&b), b.len, 0, NULL);
	if (mention)
		json_object_set_new(reasons, "mention", mention);
	json_print(reasons);
	buf_done(&b);
}

/* Of what was asked about: the rule, or else any topic. */
static bool is_hit(const struct job_why *job, const json_t *reasons)
{
	json_t *topic, *rule;
	size_t i, k;

	json_array_foreach(json_object_get(reasons, "topics"), i, topic)
	{
		if (!job->rule && json_is_true(json_object_get(topic, "held")))
			return true;
		json_array_foreach(json_object_get(topic, "rules"), k,
				   rule) if (job->rule && !json_object_get(rule, "of") &&
					     json_is_true(json_object_get(rule, "met"))) return true;
	}
	return false;
}

static int explain(struct ctl *c, struct ask *ask, const struct why_asked *a)
{
	struct buf job = BUF_INIT(FRAME_MAX_BYTES);
	json_t *reasons;
	int r;

	why_put(&job, &a->job);
	reasons = why_ask(c, ask, FRAME_WHY, &job);
	buf_done(&job);
	if (!reasons)
		return CTL_NO;
	r = is_hit(&a->job, reasons) ? CTL_DONE : CTL_NO;
	if (c->json)
		print_json(a, reasons);
	else
		print(c, a, reasons);
	json_decref(reasons);
	return r;
}

/* --- the command --- */

static int with_rules(const struct ctl_call *call, struct ask *ask)
{
	const struct values *v = call->values;
	const char *rule = v->patterns || call->n < 2 ? NULL : call->args[1];
	struct why_asked asked;
	int r;

	if (!names_known(call->ctl, ask, v->topic, rule))
		return CTL_USAGE;
	if (v->patterns)
		return why_patterns(call->ctl, ask, v->topic, call->n ? call->args[0] : NULL);
	if (!why_mention(call->ctl, call->args[0], &asked, &r))
		return r;
	asked.job.topic = v->topic;
	asked.job.rule = rule;
	r = explain(call->ctl, ask, &asked);
	why_asked_done(&asked);
	return r;
}

static int run(const struct ctl_call *call)
{
	const struct values *v = call->values;
	struct ctl *c = call->ctl;
	const char *const *rules = v->rules.v;
	size_t n_rules = v->rules.n;
	struct ask *ask;
	int r;

	if (!ctl_settings_read(c, false) &&
	    !n_rules) /* the log, the zone, a source's topic; with --rules, what there is */
		return CTL_CONFIG;
	if (!n_rules) {
		rules = (const char *const *)c->rules;
		n_rules = c->n_rules;
	}
	if (!n_rules) {
		CTL_COMPLAIN(c, TEXT_CTL_MATCH_NO_RULES);
		return CTL_USAGE;
	}
	ask = ctl_ask_open(c, rules, n_rules, &r);
	if (!ask)
		return r;
	r = with_rules(call, ask);
	ask_free(ask);
	return r;
}

static const struct ctl_option options[] = {
	{"rules", 'r', CTL_MANY, offsetof(struct values, rules)},
	{"topic", 't', CTL_VALUE, offsetof(struct values, topic)},
	{"patterns", 'p', CTL_FLAG, offsetof(struct values, patterns)},
};
const struct ctl_command ctl_why = {
	.name = "why",
	.run = run,
	.check = check,
	.help = TEXT_CTL_HELP_WHY,
	.max = -1,
	.options = options,
	.n_options = ARRAY_LEN(options),
	.values_bytes = sizeof(struct values),
};
