#include "match/topic.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/suggest.h"
#include "base/yaml.h"
#include "match/pattern.h"
#include "match/ruleset.h"
#include "match/topic_compile.h"
#include "mention/mention.h"

enum { GUESSES_MAX = 50 }; /* a topic whose every name is wrong must not take minutes to refuse */

void topic_wrong(struct compile *c, struct diag_pos pos, const char *key, const char *guess, enum text_id text,
		 const char *const args[])
{
	c->t->broken = true;
	diag_add(c->d, DIAG_ERROR, pos, key, guess, text, args);
}

/* --- names --- */

static int by_name(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->kind > y->kind) - (x->kind < y->kind);
}

static void names_sort(struct compile *c)
{
	const struct topic *t = c->t;
	uint32_t i;

	c->names = xcalloc(t->n_patterns + t->n_rules + topic_units_names(c) + 1, sizeof(*c->names));
	for (i = 0; i < t->n_patterns; i++)
		c->names[c->n_names++] =
			(struct name){c->rs->patterns[t->patterns + i].name, EXPR_PATTERN, t->patterns + i, i};
	for (i = 0; i < t->n_rules; i++)
		if (c->rs->rules[t->rules + i].name)
			c->names[c->n_names++] =
				(struct name){c->rs->rules[t->rules + i].name, EXPR_RULE, t->rules + i, i};
	topic_units_add(c);
	qsort(c->names, c->n_names, sizeof(*c->names), by_name);
	topic_units_check(c);
}

static int name_is(const void *key, const void *item)
{
	return strcmp(key, ((const struct name *)item)->name);
}

static const struct name *name_find(const struct compile *c, const char *name)
{
	return bsearch(name, c->names, c->n_names, sizeof(*c->names), name_is);
}

/* --- conditions --- */

static bool bind(void *arg, const char *name, bool only_pattern, struct expr_node *node)
{
	struct compile *c = arg;
	const struct name *found = name_find(c, name);

	if (!found || (only_pattern && found->kind != EXPR_PATTERN) || (topic_of_pack(found) && c->in_about))
		return false;
	node->kind = found->kind;
	node->number = found->number;
	if (found->local == NAME_BORROWED)
		c->t->borrows |= c->in_about || !c->t->has_about;
	else if (found->kind == EXPR_PATTERN)
		c->used[found->local] = true;
	return true;
}

static void on_unknown(void *arg, const char *name, bool only_pattern, size_t at)
{
	struct compile *c = arg;
	const struct name *found = name_find(c, name);
	const char *guess = NULL;

	if (found && topic_of_pack(found) && !only_pattern) {
		WRONG(c, yaml_pos_at(c->def->doc, c->node, at), c->key, NULL, TEXT_PACK_ABOUT, name);
		return;
	}
	if (c->n_names && c->guesses++ < GUESSES_MAX)
		guess = suggest(name, &c->names[0].name, c->n_names, sizeof(*c->names));
	WRONG(c, yaml_pos_at(c->def->doc, c->node, at), c->key, guess,
	      only_pattern ? TEXT_EXPR_WANT_PATTERN : TEXT_EXPR_UNKNOWN, name);
}

/* Parses and binds what stands at node; an expression of no nodes where it is wrong. */
static void condition(struct compile *c, const struct yaml_node *node, const char *key, struct expr *ret)
{
	struct expr_fault f;

	c->node = node;
	c->key = key;
	if (expr_parse(node->text, node->n, c->rs->arena, &f, ret)) {
		WRONG(c, yaml_pos_at(c->def->doc, node, f.at), key, f.guess, f.text, f.found);
		return;
	}
	expr_bind(ret, c->rs->arena, bind, on_unknown, c);
	topic_tests_bind(c, ret);
}

/* --- rules --- */

static void rules_add(struct compile *c)
{
	struct ruleset *rs = c->rs;
	size_t i;

	c->t->rules = (uint32_t)rs->n_rules;
	for (i = 0; i < c->def->n_rules; i++) {
		const struct rule_def *def = &c->def->rules[i];

		rs->rules = GROW(rs->rules, rs->n_rules, &rs->cap_rules);
		rs->rules[rs->n_rules++] =
			(struct topic_rule){.name = def->name,
					    .at = def->name ? def->name_node->pos : (struct diag_pos){.line = 0},
					    .tags = def->tags,
					    .n_tags = def->n_tags,
					    .intents = def->intents,
					    .n_intents = def->n_intents,
					    .with = def->with};
	}
	c->t->n_rules = (uint32_t)rs->n_rules - c->t->rules;
}

static void rules_bind(struct compile *c)
{
	size_t i;

	for (i = 0; i < c->def->n_rules; i++) {
		const struct rule_def *def = &c->def->rules[i];
		struct topic_rule *rule = &c->rs->rules[c->t->rules + i];
		char key[KEY_BYTES];
		const struct name *first;

		snprintf(key, sizeof(key), "rules[%zu].name", i);
		first = def->name ? name_find(c, def->name) : NULL;
		if (def->name && expr_reserved(def->name))
			WRONG(c, def->name_node->pos, key, NULL, TEXT_MATCH_NAME_RESERVED, def->name);
		/* bsearch may land on the rule itself: its pattern stands beside it */
		if (first && (first->kind == EXPR_PATTERN || (first > c->names && !strcmp(first[-1].name, def->name) &&
							      first[-1].kind == EXPR_PATTERN)))
			WRONG(c, def->name_node->pos, key, NULL, TEXT_MATCH_NAME_TAKEN, def->name);
		if (!def->when)
			continue;
		snprintf(key, sizeof(key), "rules[%zu].when", i);
		condition(c, def->when_node, key, &rule->when);
	}
}

/* --- the whole --- */

/* What does nothing is mostly a mistake, and never one that can be seen from outside. */
static void idle_warn(struct compile *c)
{
	const struct topic *t = c->t;
	const struct yaml_node *map = yaml_get(c->def->doc->root, "patterns");
	uint32_t i;

	if (!t->n_patterns && !t->n_rules)
		diag_warning(c->d, c->def->name_node->pos, "topic", NULL, TEXT_MATCH_TOPIC_BARE, t->name);
	if (!t->has_about && !t->n_rules)
		return; /* every pattern counts */
	for (i = 0; i < t->n_patterns; i++)
		if (!c->used[i])
			diag_warning(c->d, map->pairs[i].key->pos, "patterns", NULL, TEXT_MATCH_PATTERN_UNUSED,
				     c->rs->patterns[t->patterns + i].name);
}

void topic_compile(struct ruleset *rs, const struct topic_def *def, struct diag *d, bool broken)
{
	struct topic t = {.kind = def->kind,
			  .name = def->name,
			  .role = rule_role_names[def->role],
			  .no_alerts = def->alerts == RULE_ALERTS_NONE,
			  .own = def->own,
			  .n_own = def->n_own,
			  .at = def->name_node ? def->name_node->pos : (struct diag_pos){.file = def->doc->file},
			  .about_at = def->about ? def->about_node->pos : (struct diag_pos){.line = 0},
			  .has_about = def->about != NULL,
			  .broken = broken};
	struct compile c = {.rs = rs, .t = &t, .def = def, .d = d};

	topic_patterns_add(&c);
	rules_add(&c);
	c.used = xcalloc(t.n_patterns + 1, sizeof(*c.used));
	names_sort(&c);
	rules_bind(&c);
	c.in_about = true;
	if (def->about)
		condition(&c, def->about_node, "about", &t.about);
	topic_order_check(&c);
	if (!t.broken && t.kind != RULE_FILE_PATTERNS)
		idle_warn(&c);
	topic_unit_done(&c);
	free(c.used);
	free(c.names);
	rs->topics = GROW(rs->topics, rs->n_topics, &rs->cap_topics);
	rs->topics[rs->n_topics++] = t;
}

/* --- own posts --- */

static bool host_is(const char *host, size_t len, const char *site)
{
	size_t n = strlen(site);

	if (len < n || strncasecmp(host + len - n, site, n) != 0)
		return false;
	return len == n || host[len - n - 1] == '.';
}

bool topic_own(const struct topic *t, const struct mention *m)
{
	const char *handle = m->author.handle, *host = NULL;
	size_t len = 0, i;

	if (!t->n_own)
		return false;
	if (handle && *handle == '@')
		handle++;
	if (m->url)
		host = field_host(m->url, &len);
	for (i = 0; i < t->n_own; i++) {
		const struct own_def *own = &t->own[i];

		if (own->handle ? handle && !strcasecmp(handle, own->value) : host && host_is(host, len, own->value))
			return true;
	}
	return false;
}
