/* Tags and intents: names that are free, and so are never wrong, and yet nobody asks for when they are misspelt. */
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "base/yaml.h"
#include "match/lint_inside.h"

/* What alerts, notices and the packs go by. */
static const char *const known_tags[] = {"crisis"};
static const char *const known_intents[] = {"complaint", "question", "suggestion", "support", "praise", "purchase"};

/* In whose place people write their own. */
static const char *const others[][2] = {
	{"queja", "complaint"},      {"reclamo", "complaint"},     {"pregunta", "question"}, {"duda", "question"},
	{"consulta", "question"},    {"sugerencia", "suggestion"}, {"soporte", "support"},   {"ayuda", "support"},
	{"elogio", "praise"},        {"felicitacion", "praise"},   {"compra", "purchase"},   {"pergunta", "question"},
	{"reclamacao", "complaint"}, {"reclamacion", "complaint"},
};

/* The names that one key of a rule holds. */
struct names {
	const char **v;
	size_t n;
	const struct yaml_node *node;
};

static struct diag_pos pos_of(const struct names *names, size_t i)
{
	const struct yaml_node *node = names->node;

	return node->kind == YAML_LIST && i < node->n ? node->items[i]->pos : node->pos;
}

static void misspelt(struct lint *l, const struct names *names, const char *key, const char *const *known, size_t n)
{
	size_t i, k;

	for (i = 0; i < names->n; i++) {
		const char *name = names->v[i], *meant;

		for (k = 0; k < n && strcmp(name, known[k]) != 0; k++)
			;
		meant = k == n && strlen(name) > 3 ? suggest(name, known, n, sizeof(*known)) : NULL;
		if (meant)
			LINT_WARN(l, pos_of(names, i), key, TEXT_LINT_NAME_NEAR, name, meant);
	}
}

static void translated(struct lint *l, const struct names *names, const char *key)
{
	size_t i, k;

	for (i = 0; i < names->n; i++)
		for (k = 0; k < ARRAY_LEN(others); k++)
			if (!strcmp(names->v[i], others[k][0]))
				LINT_NOTE(l, pos_of(names, i), key, TEXT_LINT_INTENT_OTHER, names->v[i], others[k][1]);
}

static bool is_plural(const char *name, const char *of)
{
	size_t n = strlen(of);

	return !strncmp(name, of, n) && (!strcmp(name + n, "s") || !strcmp(name + n, "es"));
}

/* "queja" in one rule, "quejas" in another: two tags. */
static void plurals(struct lint *l, const struct names *names, const char *key)
{
	size_t i, k, m;

	for (i = 0; i < names->n; i++)
		for (k = 0; k < l->def->n_rules; k++)
			for (m = 0; m < l->def->rules[k].n_tags; m++)
				if (is_plural(names->v[i], l->def->rules[k].tags[m])) {
					LINT_NOTE(l, pos_of(names, i), key, TEXT_LINT_TAG_PLURAL, names->v[i],
						  l->def->rules[k].tags[m]);
					return;
				}
}

void lint_tags(struct lint *l)
{
	size_t i;

	for (i = 0; i < l->def->n_rules; i++) {
		const struct rule_def *rule = &l->def->rules[i];
		struct names tags = {rule->tags, rule->n_tags, rule->tags_node};
		struct names intents = {rule->intents, rule->n_intents, rule->intents_node};
		char key[LINT_KEY_BYTES];

		snprintf(key, sizeof(key), "rules[%zu].tags", i);
		if (tags.node) {
			misspelt(l, &tags, key, known_tags, ARRAY_LEN(known_tags));
			plurals(l, &tags, key);
		}
		snprintf(key, sizeof(key), "rules[%zu].intents", i);
		if (intents.node) {
			misspelt(l, &intents, key, known_intents, ARRAY_LEN(known_intents));
			translated(l, &intents, key);
		}
	}
}
