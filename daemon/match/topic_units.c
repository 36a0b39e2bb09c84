#include <string.h>

#include "base/arena.h"
#include "base/yaml.h"
#include "match/topic_compile.h"

static const struct topic *unit_of(const struct compile *c, size_t i)
{
	return &c->rs->topics[c->def->units[i]];
}

bool topic_of_pack(const struct name *name)
{
	return name->local == NAME_BORROWED && name->kind == EXPR_RULE;
}

size_t topic_units_names(const struct compile *c)
{
	size_t n = 0, i;

	for (i = 0; i < c->def->n_units; i++)
		n += unit_of(c, i)->kind == RULE_FILE_PACK ? unit_of(c, i)->n_rules : unit_of(c, i)->n_patterns;
	return n;
}

static bool includes(const struct topic_def *def, const char *pack)
{
	size_t i;

	for (i = 0; i < def->n_include; i++)
		if (!strcmp(def->include[i], pack))
			return true;
	return false;
}

static void name_add(struct compile *c, const char *name, enum expr_kind kind, uint32_t number)
{
	c->names[c->n_names++] = (struct name){name, kind, number, NAME_BORROWED};
}

static void pack_add(struct compile *c, const struct topic *unit)
{
	uint32_t i;

	for (i = unit->rules; i < unit->rules + unit->n_rules; i++) {
		const struct topic_rule *rule = &c->rs->rules[i];

		if (!rule->name || (rule->with && !includes(c->def, rule->with)))
			continue;
		c->t->included[c->t->n_included++] = i;
		name_add(c, rule->name, EXPR_RULE, i);
	}
}

/* Packs of countries are called as ISO 3166 has them, and no other has two letters. */
static const char *country_of(const struct topic_def *def)
{
	const char *found = NULL;
	size_t i;

	for (i = 0; i < def->n_include; i++) {
		if (strlen(def->include[i]) != 2)
			continue;
		if (found && strcmp(found, def->include[i]) != 0)
			return NULL;
		found = def->include[i];
	}
	return found;
}

void topic_units_add(struct compile *c)
{
	const char *country = country_of(c->def);
	size_t i;
	uint32_t k;

	if (country)
		c->t->country = arena_strdup(c->rs->arena, country);
	c->t->included = ARENA_ARRAY(c->rs->arena, uint32_t, topic_units_names(c) + 1);
	for (i = 0; i < c->def->n_units; i++) {
		struct topic *unit = &c->rs->topics[c->def->units[i]];

		if (unit->borrower == 0)
			unit->borrower = (uint32_t)c->rs->n_topics;
		c->t->broken |= unit->broken;
		if (unit->kind == RULE_FILE_PACK)
			pack_add(c, unit);
		for (k = unit->patterns; unit->kind == RULE_FILE_PATTERNS && k < unit->patterns + unit->n_patterns; k++)
			name_add(c, c->rs->patterns[k].name, EXPR_PATTERN, k);
	}
}

/* Where the topic itself has the name, or else where it says what it includes. */
static struct diag_pos pos_of(const struct compile *c, const char *name, bool pattern)
{
	const struct yaml_node *map = yaml_get(c->def->doc->root, "patterns");
	size_t i;

	for (i = 0; i < c->def->n_rules; i++)
		if (c->def->rules[i].name && !strcmp(c->def->rules[i].name, name))
			return c->def->rules[i].name_node->pos;
	for (i = 0; pattern && map && map->kind == YAML_MAP && i < map->n; i++)
		if (!strcmp(map->pairs[i].key->text, name))
			return map->pairs[i].key->pos;
	return (pattern ? c->def->files_node : c->def->include_node)->pos;
}

void topic_units_check(struct compile *c)
{
	struct name *v = c->names;
	size_t i, n = 0;

	for (i = 0; i < c->n_names; i++) {
		const struct name *before = n ? &v[n - 1] : NULL;
		bool same = before && !strcmp(before->name, v[i].name);

		/* "complaint" is a good name for a pattern: it hides the pack's rule from conditions, and nothing else */
		if (same && topic_of_pack(&v[i]) && before->kind == EXPR_PATTERN)
			continue;
		/* two packs, two files, an own rule and a pack's; a rule with a pattern's name is told by topic.c */
		if (same && before->kind == v[i].kind &&
		    (v[i].local == NAME_BORROWED || before->local == NAME_BORROWED))
			WRONG(c, pos_of(c, v[i].name, v[i].kind == EXPR_PATTERN),
			      v[i].kind == EXPR_RULE ? "include" : "files", NULL, TEXT_PACK_NAME_TWICE, v[i].name);
		v[n++] = v[i];
	}
	c->n_names = n;
}

void topic_unit_done(struct compile *c)
{
	struct arena *a = c->rs->arena;
	uint32_t i;

	if (c->t->kind != RULE_FILE_PACK)
		return;
	for (i = c->t->patterns; i < c->t->patterns + c->t->n_patterns; i++)
		c->rs->patterns[i].name = arena_printf(a, "%s.%s", c->def->name, c->rs->patterns[i].name);
	c->t->name = arena_printf(a, "pack %s", c->def->name);
}
