/* Patterns that are tried on every text, since no letters are known that must stand in it (match/literals): they serve, and cost. */
#include <string.h>

#include "base/arena.h"
#include "base/yaml.h"
#include "match/lint_inside.h"
#include "match/literals.h"
#include "match/pattern.h"

enum { ARENA_BYTES = 16 * 1024 * 1024 };

static bool has_literals(const struct pattern *p)
{
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	struct literal_set set;

	pattern_literals(p, a, &set);
	return set.n > 0;
}

/* Of a list, the word that is the reason; its number of words: none alone is. */
static size_t word_without(const struct pattern_def *def)
{
	size_t i;

	for (i = 0; i < def->n_words; i++) {
		struct pattern_spec spec = {.words = &def->words[i], .n_words = 1, .fold = def->fold};
		cleanup(pattern_freep) struct pattern *p = NULL;
		struct pattern_fault fault;

		if (!pattern_compile(&spec, &fault, &p) && !has_literals(p))
			break;
	}
	return i;
}

void lint_always(struct lint *l, const struct lint_pattern *p)
{
	const struct pattern_def *def = p->def;
	char word[LINT_SHOWN_BYTES];
	size_t i;

	if (has_literals(p->compiled->code))
		return;
	if (!def->words) {
		LINT_WARN(l, def->node->pos, p->key, TEXT_LINT_TRIED_ALWAYS);
		return;
	}
	i = word_without(def);
	if (i == def->n_words) {
		LINT_WARN(l, def->node->pos, p->key, TEXT_LINT_LIST_ALWAYS);
		return;
	}
	lint_shown(word, def->words[i].s, def->words[i].len);
	LINT_WARN(l, lint_word_pos(l, def, i), p->key, TEXT_LINT_WORD_ALWAYS, word);
}
