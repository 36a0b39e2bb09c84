#include "match/topic.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/suggest.h"
#include "base/yaml.h"
#include "match/pattern.h"
#include "match/ruleset.h"
#include "mention/mention.h"

enum { KEY_BYTES = 160, GUESSES_MAX = 50 }; /* a topic whose every name is wrong must not take minutes to refuse */

struct name {
	const char *name;
	enum expr_kind kind; /* EXPR_PATTERN or EXPR_RULE */
	uint32_t number;     /* in the ruleset */
	uint32_t local;      /* in the topic */
};

struct compile {
	struct ruleset *rs;
	struct topic *t;
	const struct topic_def *def;
	struct diag *d;
	struct name *names; /* by name */
	size_t n_names;
	bool *used; /* of each pattern of the topic */
	unsigned guesses;
	/* the condition being bound */
	const struct yaml_node *node;
	const char *key;
};

static void wrong(struct compile *c, struct diag_pos pos, const char *key, const char *guess, enum text_id text,
		  const char *const args[])
{
	c->t->broken = true;
	diag_add(c->d, DIAG_ERROR, pos, key, guess, text, args);
}
#define WRONG(c, pos, key, guess, text, ...) wrong((c), (pos), (key), (guess), (text), TEXT_ARGS(__VA_ARGS__))

/* --- patterns --- */

static struct diag_pos fault_pos(const struct compile *c, const struct pattern_def *def, const struct pattern_fault *f)
{
	const struct yaml_node *node = def->node;

	if (!def->words)
		return yaml_pos_at(c->def->doc, node, f->at);
	if (f->word >= def->n_words)
		return node->pos;
	if (node->kind == YAML_LIST)
		return node->items[f->word]->pos;
	return yaml_pos_at(c->def->doc, node, (size_t)(def->words[f->word].s - node->text));
}

static struct pattern *pattern_make(struct compile *c, const struct pattern_def *def)
{
	struct pattern_spec spec = {
		.words = def->words, .n_words = def->n_words, .fold = def->fold, .case_sensitive = def->case_sensitive};
	struct pattern_fault f;
	struct pattern *p = NULL;
	char key[KEY_BYTES];

	if (!def->words) {
		spec.regex = def->node->text;
		spec.regex_len = def->node->n;
	}
	if (pattern_compile(&spec, &f, &p)) {
		snprintf(key, sizeof(key), "patterns.%s", def->name);
		WRONG(c, fault_pos(c, def, &f), key, NULL, f.text, f.args[0], f.args[1]);
	}
	return p;
}

static void patterns_add(struct compile *c)
{
	struct ruleset *rs = c->rs;
	size_t i;

	c->t->patterns = (uint32_t)rs->n_patterns;
	for (i = 0; i < c->def->n_patterns; i++) {
		const struct pattern_def *def = &c->def->patterns[i];
		struct topic_pattern p = {.name = def->name, .in = def->in, .topic = (uint32_t)rs->n_topics};

		if (!def->name)
			continue;
		if (expr_reserved(def->name)) {
			const struct yaml_node *map = yaml_get(c->def->doc->root, "patterns");

			WRONG(c, map->pairs[i].key->pos, "patterns", NULL, TEXT_MATCH_NAME_RESERVED, def->name);
		}
		if (def->node)
			p.code = pattern_make(c, def);
		rs->patterns = GROW(rs->patterns, rs->n_patterns, &rs->cap_patterns);
		rs->patterns[rs->n_patterns++] = p;
	}
	c->t->n_patterns = (uint32_t)rs->n_patterns - c->t->patterns;
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

	c->names = xcalloc(t->n_patterns + t->n_rules + 1, sizeof(*c->names));
	for (i = 0; i < t->n_patterns; i++)
		c->names[c->n_names++] =
			(struct name){c->rs->patterns[t->patterns + i].name, EXPR_PATTERN, t->patterns + i, i};
	for (i = 0; i < t->n_rules; i++)
		if (c->rs->rules[t->rules + i].name)
			c->names[c->n_names++] =
				(struct name){c->rs->rules[t->rules + i].name, EXPR_RULE, t->rules + i, i};
	qsort(c->names, c->n_names, sizeof(*c->names), by_name);
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

	if (!found || (only_pattern && found->kind != EXPR_PATTERN))
		return false;
	node->kind = found->kind;
	node->number = found->number;
	if (found->kind == EXPR_PATTERN)
		c->used[found->local] = true;
	return true;
}

static void on_unknown(void *arg, const char *name, bool only_pattern, size_t at)
{
	struct compile *c = arg;
	const char *guess = NULL;

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
	if (expr_parse(node->text, node->n, c->rs->arena, &f, ret))
		WRONG(c, yaml_pos_at(c->def->doc, node, f.at), key, f.guess, f.text, f.found);
	else
		expr_bind(ret, c->rs->arena, bind, on_unknown, c);
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
			(struct topic_rule){.name = def->name, .tags = def->tags, .n_tags = def->n_tags};
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

/* --- circles --- */

enum { UNSEEN, OPEN, CLOSED };

struct walk {
	struct compile *c;
	uint8_t *state;                 /* of each rule of the topic */
	uint8_t *height;                /* how many rules stand below it */
	uint32_t path[TOPIC_CHAIN_MAX]; /* the open ones, outermost first */
	size_t depth;
};

/* "a > b > a", from the rule where the circle closes. */
static const char *circle_path(const struct walk *w, uint32_t closes)
{
	struct arena *a = w->c->rs->arena;
	const struct topic_rule *rules = &w->c->rs->rules[w->c->t->rules];
	const char *path = NULL;
	size_t i;

	for (i = 0; i < w->depth; i++) {
		if (path)
			path = arena_printf(a, "%s > %s", path, rules[w->path[i]].name);
		else if (w->path[i] == closes)
			path = rules[closes].name;
	}
	return arena_printf(a, "%s > %s", path, rules[closes].name);
}

static void circle(struct walk *w, uint32_t in, const struct expr_node *node, enum text_id text, const char *arg)
{
	struct compile *c = w->c;
	const struct yaml_node *when = c->def->rules[in].when_node;
	char key[KEY_BYTES];

	snprintf(key, sizeof(key), "rules[%u].when", in);
	WRONG(c, yaml_pos_at(c->def->doc, when, node->at), key, NULL, text, arg);
}

static void walk(struct walk *w, uint32_t i)
{
	struct compile *c = w->c;
	const struct expr *e = &c->rs->rules[c->t->rules + i].when;
	size_t k;

	w->state[i] = OPEN;
	w->path[w->depth++] = i;
	for (k = 0; k < e->n; k++) {
		const struct expr_node *node = &e->nodes[k];
		uint32_t below = node->number - c->t->rules;

		if (node->kind != EXPR_RULE)
			continue;
		if (w->state[below] == OPEN) {
			circle(w, i, node, TEXT_EXPR_CIRCLE, circle_path(w, below));
			continue;
		}
		if (w->state[below] == UNSEEN && w->depth < TOPIC_CHAIN_MAX)
			walk(w, below);
		if (w->height[below] + 1 > w->height[i])
			w->height[i] = (uint8_t)(w->height[below] + 1);
		if (w->state[below] == UNSEEN || w->height[i] >= TOPIC_CHAIN_MAX) {
			circle(w, i, node, TEXT_EXPR_CHAIN, arena_printf(c->rs->arena, "%d", TOPIC_CHAIN_MAX));
			break;
		}
	}
	w->state[i] = CLOSED;
	w->depth--;
}

static void circles_find(struct compile *c)
{
	size_t n = c->t->n_rules + 1;
	struct walk w = {.c = c, .state = xcalloc(n, 1), .height = xcalloc(n, 1)};
	uint32_t i;

	for (i = 0; i < c->t->n_rules; i++)
		if (w.state[i] == UNSEEN)
			walk(&w, i);
	free(w.state);
	free(w.height);
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
	struct topic t = {.name = def->name,
			  .role = rule_role_names[def->role],
			  .own = def->own,
			  .n_own = def->n_own,
			  .has_about = def->about != NULL,
			  .broken = broken};
	struct compile c = {.rs = rs, .t = &t, .def = def, .d = d};

	patterns_add(&c);
	rules_add(&c);
	c.used = xcalloc(t.n_patterns + 1, sizeof(*c.used));
	names_sort(&c);
	rules_bind(&c);
	circles_find(&c);
	if (def->about)
		condition(&c, def->about_node, "about", &t.about);
	if (!t.broken)
		idle_warn(&c);
	free(c.used);
	free(c.names);
	rs->topics = GROW(rs->topics, rs->n_topics, &rs->cap_topics);
	rs->topics[rs->n_topics++] = t;
}

/* --- own posts --- */

/* The host of an address: between the scheme (and a user) and the port or path. */
static const char *host_of(const char *url, size_t *ret_len)
{
	const char *host = strstr(url, "://"), *at;

	if (!host)
		return NULL;
	host += strlen("://");
	*ret_len = strcspn(host, "/?#");
	at = memchr(host, '@', *ret_len);
	if (at) {
		*ret_len -= (size_t)(at + 1 - host);
		host = at + 1;
	}
	*ret_len = strcspn(host, ":/?#");
	while (*ret_len && host[*ret_len - 1] == '.')
		(*ret_len)--;
	return host;
}

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
		host = host_of(m->url, &len);
	for (i = 0; i < t->n_own; i++) {
		const struct own_def *own = &t->own[i];

		if (own->handle ? handle && !strcasecmp(handle, own->value) : host && host_is(host, len, own->value))
			return true;
	}
	return false;
}
