#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "match/explain.h"
#include "match/explain_node.h"
#include "match/literals.h"
#include "match/pattern.h"
#include "match/prefilter.h"
#include "match/topic.h"
#include "mention/job.h"

static void put_where(struct json *j, unsigned in)
{
	static const struct {
		unsigned in;
		const char *name;
	} where[] = {{PATTERN_IN_TITLE, "title"},
		     {PATTERN_IN_TEXT, "text"},
		     {PATTERN_IN_AUTHOR, "author"},
		     {PATTERN_IN_URL, "url"}};
	size_t i;

	json_begin_array(j, "in");
	for (i = 0; i < ARRAY_LEN(where); i++)
		if (in & where[i].in)
			json_text(j, NULL, where[i].name);
	json_end_array(j);
}

static bool always(const struct ruleset *rs, uint32_t number)
{
	return !rs->prefilter || !prefilter_tells(rs->prefilter, number);
}

static void put_literals(struct json *j, const struct pattern *p)
{
	cleanup(arena_freep) struct arena *a = arena_new(EXPLAIN_PATTERNS_BYTES);
	struct literal_set literals;
	size_t i;

	pattern_literals(p, a, &literals);
	json_begin_array(j, "literals");
	for (i = 0; i < literals.n; i++)
		json_text_n(j, NULL, literals.v[i].s, literals.v[i].len);
	json_end_array(j);
}

static void put_pattern(struct json *j, const struct ruleset *rs, uint32_t number)
{
	const struct topic_pattern *p = &rs->patterns[number];
	const struct topic *t = &rs->topics[p->topic];

	json_begin_object(j, NULL);
	if (t->kind == RULE_FILE_PACK)
		json_text(j, "pack", t->name + strlen("pack "));
	else if (t->kind == RULE_FILE_TOPIC)
		json_text(j, "topic", t->name);
	json_text(j, "pattern", p->name);
	explain_place(j, p->at);
	put_where(j, p->in);
	json_bool(j, "fold", pattern_fold(p->code));
	if (p->words)
		json_int(j, "words", (int64_t)p->n_words);
	json_text(j, "regex", pattern_shown(p->code));
	if (!always(rs, number))
		put_literals(j, p->code);
	json_bool(j, "always", always(rs, number));
	json_end_object(j);
}

/* A pack's pattern is called "complaints.es", and found as "es", too. */
static bool is_called(const char *name, const char *asked)
{
	const char *dot = strchr(name, '.');

	return !strcmp(name, asked) || (dot && !strcmp(dot + 1, asked));
}

static bool names(const struct expr *e, uint32_t number)
{
	size_t i;

	for (i = 0; i < e->n; i++)
		if (e->nodes[i].kind == EXPR_PATTERN && e->nodes[i].number == number)
			return true;
	return false;
}

/* Whether the topic has it, or judges by it: of a pack or a file of patterns that it includes. */
static bool has_pattern(const struct ruleset *rs, const struct topic *t, uint32_t number)
{
	size_t i;

	if (&rs->topics[rs->patterns[number].topic] == t || (t->has_about && names(&t->about, number)))
		return true;
	for (i = 0; i < t->n_rules; i++)
		if (names(&rs->rules[t->rules + i].when, number))
			return true;
	for (i = 0; i < t->n_included; i++)
		if (names(&rs->rules[t->included[i]].when, number))
			return true;
	return false;
}

static const struct topic *topic_of(const struct ruleset *rs, const char *name)
{
	size_t i;

	for (i = 0; i < rs->n_topics && name; i++)
		if (!strcmp(rs->topics[i].name, name))
			return &rs->topics[i];
	return NULL;
}

void explain_patterns(const struct ruleset *rs, const struct job_patterns *job, struct buf *out)
{
	const struct topic *t = topic_of(rs, job->topic);
	struct json j = JSON_OUT(out);
	uint32_t i;

	json_begin_object(&j, NULL);
	json_begin_array(&j, "patterns");
	for (i = job->from; i < rs->n_patterns && out->len < EXPLAIN_PATTERNS_BYTES; i++)
		if ((!job->topic || (t && has_pattern(rs, t, i))) &&
		    (!job->pattern || is_called(rs->patterns[i].name, job->pattern)))
			put_pattern(&j, rs, i);
	json_end_array(&j);
	if (i < rs->n_patterns)
		json_int(&j, "next", i);
	json_end_object(&j);
}
