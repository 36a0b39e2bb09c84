#include "match/lint.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "base/yaml.h"
#include "match/adversary.h"
#include "match/lint_inside.h"
#include "match/pattern.h"
#include "match/tried.h"

void lint_say(struct lint *l, enum diag_severity severity, struct diag_pos pos, const char *key, enum text_id text,
	      const char *const args[])
{
	if (severity != DIAG_ERROR && l->said++ >= LINT_SAID_MAX)
		return;
	diag_add(l->d, severity, pos, key, NULL, text, args);
}

struct diag_pos lint_word_pos(const struct lint *l, const struct pattern_def *def, size_t i)
{
	const struct yaml_node *node = def->node;
	const char *s = def->words[i].s;

	if (node->kind == YAML_LIST)
		return i < node->n ? node->items[i]->pos : node->pos;
	if (node->kind == YAML_TEXT && s >= node->text && s < node->text + node->n)
		return yaml_pos_at(l->def->doc, node, (size_t)(s - node->text));
	return node->pos; /* of a file of its own */
}

void lint_shown(char to[LINT_SHOWN_BYTES], const char *s, size_t len)
{
	len = utf8_cut(s, len, LINT_SHOWN_BYTES - 1);
	memcpy(to, s, len);
	to[len] = '\0';
}

/* --- patterns --- */

static bool explodes(struct lint *l, const struct lint_pattern *p, const char *source, size_t len, struct diag_pos pos)
{
	char repeated[ADVERSARY_RUN_BYTES + 1];
	bool slow = l->all->slow_left > 0;
	struct tried *tried = l->all->tried;
	uint8_t key[TRIED_KEY_BYTES];
	int r;

	if (tried) {
		tried_key(p->compiled->code, source, len, key);
		if (tried_knows(tried, key))
			return false;
	}
	if (l->all->left_ns <= 0) {
		if (!l->all->untried)
			LINT_NOTE(l, pos, p->key, TEXT_LINT_UNTRIED);
		l->all->untried = true;
		return false;
	}
	l->all->slow_left -= slow;
	pattern_room_budget(l->all->room, l->all->left_ns);
	r = adversary_try(p->compiled->code, l->all->room, source, len, slow, repeated);
	l->all->left_ns -= pattern_room_spent(l->all->room);
	if (r == ADVERSARY_E_EXPLODES)
		lint_say(l, DIAG_ERROR, pos, p->key, TEXT_LINT_EXPLODES, TEXT_ARGS(repeated));
	else if (r == ADVERSARY_E_SLOW)
		LINT_WARN(l, pos, p->key, TEXT_LINT_SLOW, repeated);
	else if (tried && l->all->left_ns > 0) /* to its end */
		tried_keep(tried, key);
	return r == ADVERSARY_E_EXPLODES;
}

static size_t stars(const struct word *w)
{
	size_t n = 0, i;

	for (i = 0; i < w->len; i++)
		n += w->s[i] == '*';
	return n;
}

/* Whether no text is known that it can't bear. Of word lists, only one with several * can be a danger. */
static bool safe(struct lint *l, const struct lint_pattern *p)
{
	const struct pattern_def *def = p->def;
	bool right = true;
	size_t i;

	if (!def->words)
		return !adversary_worth(p->compiled->code, l->all->slow_left > 0) ||
		       !explodes(l, p, def->node->text, def->node->n, def->node->pos);
	for (i = 0; i < def->n_words; i++)
		if (stars(&def->words[i]) > 2)
			right &= !explodes(l, p, def->words[i].s, def->words[i].len, lint_word_pos(l, def, i));
	return right;
}

static bool patterns(struct lint *l)
{
	const struct topic_def *def = l->def;
	uint32_t number = l->t->patterns;
	bool right = true;
	size_t i;

	for (i = 0; i < def->n_patterns && number < l->t->patterns + l->t->n_patterns; i++) {
		char key[LINT_KEY_BYTES];
		struct lint_pattern p = {.def = &def->patterns[i], .compiled = &l->rs->patterns[number], .key = key};

		if (!p.def->name || strcmp(p.def->name, p.compiled->name) != 0)
			continue;
		snprintf(key, sizeof(key), "patterns.%s", p.def->name);
		if (p.def->node && p.compiled->code) {
			p.alone = def->role != ROLE_INDUSTRY && lint_alone(l, number);
			if (safe(l, &p))
				lint_always(l, &p);
			else
				right = false;
			if (p.def->words)
				lint_words(l, &p);
			else
				lint_regex(l, &p);
		}
		number++;
	}
	return right;
}

/* --- the topic --- */

size_t lint_entity(const char *s, size_t len, size_t *ret_at)
{
	size_t i, n;

	for (i = 0; i < len; i++) {
		if (s[i] != '&')
			continue;
		for (n = 1; i + n < len && ((s[i + n] | 0x20) >= 'a' && (s[i + n] | 0x20) <= 'z'); n++)
			;
		if (n > 2 && i + n < len && s[i + n] == ';') {
			*ret_at = i;
			return n + 1;
		}
	}
	return 0;
}

static void topic(struct lint *l)
{
	const struct topic_def *def = l->def;

	if (!def->n_tests && def->kind != RULE_FILE_PATTERNS)
		LINT_NOTE(l, def->name_node->pos, "tests", TEXT_LINT_NO_TESTS, def->name);
	if (def->kind == RULE_FILE_TOPIC && def->role == ROLE_BRAND && !def->n_own)
		LINT_NOTE(l, def->name_node->pos, "own", TEXT_LINT_NO_OWN, def->name);
}

bool lint_topic(struct lint_all *all, const struct ruleset *rs, const struct topic *t, const struct topic_def *def,
		struct diag *d)
{
	struct lint l = {.all = all, .rs = rs, .t = t, .def = def, .d = d};
	bool right;

	topic(&l);
	right = patterns(&l);
	lint_conditions(&l);
	lint_tags(&l);
	return right;
}
