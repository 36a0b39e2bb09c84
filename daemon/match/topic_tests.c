#include <string.h>

#include "base/arena.h"
#include "base/suggest.h"
#include "base/yaml.h"
#include "match/topic_compile.h"

/* A path that a rule file names is taken from the file's own folder. */
static const char *path_of(struct compile *c, const char *named)
{
	const char *file = c->def->doc->file, *slash = strrchr(file, '/');

	if (*named == '/' || !slash)
		return named;
	return arena_printf(c->rs->arena, "%.*s/%s", (int)(slash - file), file, named);
}

static struct diag_pos pos_of(const struct compile *c, size_t at)
{
	return yaml_pos_at(c->def->doc, c->node, at);
}

static void warn_never(struct compile *c, const struct expr_value *v, const char *guess, enum text_id text,
		       const char *field)
{
	diag_warning(c->d, pos_of(c, v->at), c->key, guess, text, v->text, field);
}

/* --- words --- */

static void words_bind(struct compile *c, struct expr_test *test)
{
	const char **words = ARENA_ARRAY(c->rs->arena, const char *, test->n_values);
	size_t i;

	for (i = 0; i < test->n_values; i++) {
		const struct expr_value *v = &test->values[i];
		const char *guess;

		words[i] = field_normal(test->field, v->text, strlen(v->text), c->rs->arena);
		if (!field_possible(test->field, words[i], c->rs->arena, &guess))
			warn_never(c, v, guess, TEXT_EXPR_NEVER, field_text(test->field));
	}
	set_make(words, test->n_values, &test->set);
}

static void file_bind(struct compile *c, struct expr_test *test)
{
	if (set_read(test->field, path_of(c, test->file), pos_of(c, test->file_at), c->key, c->rs->arena, c->d,
		     &test->set))
		c->t->broken = true;
}

/* --- what rules carry --- */

const char *const *topic_carried(const struct topic_rule *rule, enum field_name field, size_t *ret_n)
{
	*ret_n = field == FACT_TAGS ? rule->n_tags : rule->n_intents;
	return field == FACT_TAGS ? rule->tags : rule->intents;
}

static bool carries(const struct topic_rule *rule, const struct expr_test *test)
{
	size_t n, i;
	const char *const *names = topic_carried(rule, test->field, &n);

	for (i = 0; i < n; i++)
		if (!test->n_values || set_has(&test->set, names[i], strlen(names[i])))
			return true;
	return false;
}

/* The topic's own rules, and those of its packs behind them. */
static size_t rules_of(const struct compile *c)
{
	return c->t->n_rules + c->t->n_included;
}

static uint32_t rule_of(const struct compile *c, size_t i)
{
	return i < c->t->n_rules ? c->t->rules + (uint32_t)i : c->t->included[i - c->t->n_rules];
}

/* Whether any rule of the topic carries the value; else warns, with the nearest that one does. */
static void carried_check(struct compile *c, const struct expr_test *test, const struct expr_value *v,
			  const char *value)
{
	const char *guess = NULL;
	size_t i, k, n;

	for (i = 0; i < rules_of(c); i++) {
		const char *const *names = topic_carried(&c->rs->rules[rule_of(c, i)], test->field, &n);

		for (k = 0; k < n; k++)
			if (!strcmp(names[k], value))
				return;
		if (n && !guess)
			guess = suggest(value, names, n, sizeof(*names));
	}
	warn_never(c, v, guess, TEXT_EXPR_NEVER_CARRIED, NULL);
}

static void carried_bind(struct compile *c, struct expr_test *test)
{
	uint32_t *numbers = ARENA_ARRAY(c->rs->arena, uint32_t, rules_of(c) + 1);
	size_t i;

	words_bind(c, test);
	for (i = 0; i < test->n_values; i++)
		carried_check(
			c, test, &test->values[i],
			field_normal(test->field, test->values[i].text, strlen(test->values[i].text), c->rs->arena));
	for (i = 0; i < rules_of(c); i++)
		if (carries(&c->rs->rules[rule_of(c, i)], test))
			numbers[test->n_rules++] = rule_of(c, i);
	test->rules = numbers;
}

void topic_tests_bind(struct compile *c, struct expr *e)
{
	size_t i;

	for (i = 0; i < e->n; i++) {
		struct expr_test *test = e->nodes[i].test;

		if (!test || e->nodes[i].kind == EXPR_COUNT)
			continue;
		if (field_type(test->field) == FACT_CARRIED)
			carried_bind(c, test);
		else if (e->nodes[i].kind == EXPR_FIELD && test->file)
			file_bind(c, test);
		else if (e->nodes[i].kind == EXPR_FIELD && field_type(test->field) == FACT_WORD)
			words_bind(c, test);
	}
}
