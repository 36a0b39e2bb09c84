#include <string.h>

#include "base/arena.h"
#include "base/yaml.h"
#include "match/pattern.h"
#include "match/topic_compile.h"
#include "match/words_file.h"

/* The words of a pattern, wherever they stand, as they are compiled. */
struct list {
	struct word *v;
	const struct diag_pos *at; /* of each; NULL: they stand in the rule file itself */
	size_t n;
};

/* False: there are none, and it is told. */
static bool list_make(struct compile *c, const struct pattern_def *def, const char *key, struct list *ret)
{
	struct arena *a = c->rs->arena;
	struct words_file f;
	size_t i;

	*ret = (struct list){.n = def->n_words};
	if (def->file) {
		if (words_file_read(def->file, def->node->pos, key, a, c->d, &f)) {
			c->t->broken = true;
			return false;
		}
		*ret = (struct list){f.v, f.at, f.n};
	} else if (def->words) {
		ret->v = ARENA_ARRAY(a, struct word, def->n_words + 1);
		memcpy(ret->v, def->words, def->n_words * sizeof(*ret->v));
	}
	for (i = 0; i < ret->n; i++)
		ret->v[i].forms = def->forms;
	return true;
}

static struct diag_pos fault_pos(const struct compile *c, const struct pattern_def *def, const struct list *list,
				 const struct pattern_fault *f)
{
	const struct yaml_node *node = def->node;

	if (!list->v)
		return yaml_pos_at(c->def->doc, node, f->at);
	if (f->word >= list->n)
		return node->pos;
	if (list->at)
		return list->at[f->word];
	if (node->kind == YAML_LIST)
		return node->items[f->word]->pos;
	return yaml_pos_at(c->def->doc, node, (size_t)(list->v[f->word].s - node->text));
}

static void pattern_make(struct compile *c, const struct pattern_def *def, struct topic_pattern *to)
{
	struct pattern_spec spec = {.fold = def->fold, .case_sensitive = def->case_sensitive};
	struct pattern_fault f;
	struct list list;
	char key[KEY_BYTES];

	snprintf(key, sizeof(key), "patterns.%s", def->name);
	if (!list_make(c, def, key, &list))
		return;
	spec.words = to->words = list.v;
	spec.n_words = to->n_words = list.n;
	if (!list.v) {
		spec.regex = def->node->text;
		spec.regex_len = def->node->n;
	}
	if (pattern_compile(&spec, &f, &to->code))
		WRONG(c, fault_pos(c, def, &list, &f), key, NULL, f.text, f.args[0], f.args[1]);
}

void topic_patterns_add(struct compile *c)
{
	const struct yaml_node *map = yaml_get(c->def->doc->root, "patterns");
	struct ruleset *rs = c->rs;
	size_t i;

	c->t->patterns = (uint32_t)rs->n_patterns;
	for (i = 0; i < c->def->n_patterns; i++) {
		const struct pattern_def *def = &c->def->patterns[i];
		struct topic_pattern p = {.name = def->name, .in = def->in, .topic = (uint32_t)rs->n_topics};

		if (!def->name)
			continue;
		p.at = map->pairs[i].key->pos;
		if (expr_reserved(def->name))
			WRONG(c, p.at, "patterns", NULL, TEXT_MATCH_NAME_RESERVED, def->name);
		if (def->node)
			pattern_make(c, def, &p);
		rs->patterns = GROW(rs->patterns, rs->n_patterns, &rs->cap_patterns);
		rs->patterns[rs->n_patterns++] = p;
	}
	c->t->n_patterns = (uint32_t)rs->n_patterns - c->t->patterns;
}
