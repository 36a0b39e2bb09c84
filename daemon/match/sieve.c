#include "match/sieve.h"

#include <ctype.h>
#include <string.h>

#include "match/expr.h"
#include "match/fold.h"
#include "match/index.h"
#include "match/lookout.h"
#include "match/pattern.h"
#include "match/prefilter.h"
#include "match/rule_file.h"
#include "match/topic.h"

struct sieve {
	const char *open; /* a topic's name; NULL */
	struct prefilter *prefilter;
	struct prefilter_room *room;
	struct lookout *own; /* NULL: nobody's */
	struct fold fold;
	bool folds, originals; /* which forms of text some literal is looked for in */
	bool found;
};

/* --- what matters --- */

/* The patterns that can make a topic hold: those that stand under no `not`, or under two. */
struct walk {
	const struct ruleset *rs;
	bool *matters;  /* of each pattern */
	bool *seen[2];  /* of each rule: looked at, as it stands, and under a `not` */
	bool addresses; /* one of them looks into addresses */
};

static void rule_walk(struct walk *w, uint32_t number, bool under_not);

static void pattern_walk(struct walk *w, uint32_t number)
{
	w->matters[number] = true;
	w->addresses = w->addresses || (w->rs->patterns[number].in & PATTERN_IN_URL);
}

static void expr_walk(struct walk *w, const struct expr *e, uint16_t i, bool under_not)
{
	const struct expr_node *node = &e->nodes[i];
	uint16_t child = node->child;
	size_t k;

	if (node->kind == EXPR_RULE) {
		rule_walk(w, node->number, under_not);
	} else if (node->kind == EXPR_PATTERN) {
		if (!under_not)
			pattern_walk(w, node->number);
	} else if ((node->kind == EXPR_FIELD || node->kind == EXPR_KNOWN) && node->test) {
		for (k = 0; k < node->test->n_rules; k++) { /* tags and intents: whichever way they are compared */
			rule_walk(w, node->test->rules[k], false);
			rule_walk(w, node->test->rules[k], true);
		}
	}
	for (; child != EXPR_NONE; child = e->nodes[child].next)
		expr_walk(w, e, child, under_not != (node->kind == EXPR_NOT));
}

static void rule_walk(struct walk *w, uint32_t number, bool under_not)
{
	const struct expr *e = &w->rs->rules[number].when;

	if (w->seen[under_not][number])
		return;
	w->seen[under_not][number] = true;
	if (e->n)
		expr_walk(w, e, e->root, under_not);
}

static void topic_walk(struct walk *w, const struct topic *t)
{
	uint32_t i;

	if (t->has_about)
		expr_walk(w, &t->about, t->about.root, false);
	for (i = 0; i < t->n_rules && !t->has_about; i++)
		rule_walk(w, t->rules + i, false);
	for (i = 0; i < t->n_patterns && !t->has_about && !t->n_rules; i++)
		pattern_walk(w, t->patterns + i);
}

static void all_walk(struct sieve *s, struct walk *w)
{
	size_t i;

	for (i = 0; i < w->rs->n_topics && !s->open; i++) {
		const struct topic *t = &w->rs->topics[i];

		if (t->broken || t->kind != RULE_FILE_TOPIC)
			continue;
		w->addresses = false;
		memset(w->seen[0], 0, w->rs->n_rules); /* another topic's rules may have led to addresses, too */
		memset(w->seen[1], 0, w->rs->n_rules);
		topic_walk(w, t);
		if (w->addresses || index_wordless(w->rs->index, (uint32_t)i))
			s->open = t->name;
	}
}

/* --- making --- */

static void prefilter_make(struct sieve *s, const struct ruleset *rs, const bool *matters)
{
	const struct pattern **v = xcalloc(rs->n_patterns + 1, sizeof(*v));
	size_t i;

	for (i = 0; i < rs->n_patterns; i++) {
		v[i] = matters[i] ? rs->patterns[i].code : NULL;
		if (v[i] && pattern_fold(v[i]))
			s->folds = true;
		else if (v[i])
			s->originals = true;
	}
	s->prefilter = prefilter_new(v, rs->n_patterns);
	s->room = prefilter_room_new(s->prefilter);
	free(v);
}

static bool is_new(const struct literal *v, size_t n, const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i].len == len && !memcmp(v[i].s, s, len))
			return false;
	return true;
}

/* Handles and sites, as they stand in folded text. */
static void own_make(struct sieve *s, const struct ruleset *rs)
{
	struct literal *v = NULL;
	size_t n = 0, cap = 0, i, k;
	struct fold fold;

	fold_init(&fold);
	for (i = 0; i < rs->n_topics; i++)
		for (k = 0; k < rs->topics[i].n_own; k++) {
			const char *value = rs->topics[i].own[k].value;
			size_t len;

			if (!value)
				continue;
			fold_text(&fold, value, strlen(value));
			len = fold.len < LITERAL_MAX_BYTES ? fold.len : LITERAL_MAX_BYTES;
			if (!len || !is_new(v, n, fold.bytes, len))
				continue;
			v = GROW(v, n, &cap);
			v[n++] = (struct literal){.s = xstrndup(fold.bytes, len), .len = len};
		}
	if (n) {
		s->own = lookout_new(v, n);
		s->folds = true;
	}
	for (i = 0; i < n; i++)
		free((char *)v[i].s);
	free(v);
	fold_done(&fold);
}

struct sieve *sieve_new(const struct ruleset *rs)
{
	struct sieve *s = NEW(struct sieve);
	struct walk w = {.rs = rs,
			 .matters = xcalloc(rs->n_patterns + 1, sizeof(bool)),
			 .seen = {xcalloc(rs->n_rules + 1, sizeof(bool)), xcalloc(rs->n_rules + 1, sizeof(bool))}};

	fold_init(&s->fold);
	all_walk(s, &w);
	if (!s->open) {
		prefilter_make(s, rs, w.matters);
		own_make(s, rs);
	}
	free(w.matters);
	free(w.seen[0]);
	free(w.seen[1]);
	return s;
}

struct sieve *sieve_free(struct sieve *s)
{
	if (!s)
		return NULL;
	prefilter_room_free(s->room);
	prefilter_free(s->prefilter);
	lookout_free(s->own);
	fold_done(&s->fold);
	free(s);
	return NULL;
}

const char *sieve_open(const struct sieve *s)
{
	return s->open;
}

/* --- what passes --- */

static void on_own(void *arg, uint32_t literal)
{
	struct sieve *s = arg;

	(void)literal;
	s->found = true;
}

bool sieve_passes(struct sieve *s, const char *texts, size_t len)
{
	const uint32_t *candidates;

	if (s->open)
		return true;
	prefilter_begin(s->room);
	if (s->originals)
		prefilter_scan(s->room, false, texts, len, 1);
	s->found = prefilter_candidates(s->room, &candidates) > 0;
	if (s->found || !s->folds)
		return s->found;
	fold_text(&s->fold, texts, len);
	prefilter_scan(s->room, true, s->fold.bytes, s->fold.len, 1);
	s->found = prefilter_candidates(s->room, &candidates) > 0;
	if (!s->found && s->own)
		lookout_scan(s->own, s->fold.bytes, s->fold.len, on_own, s);
	return s->found;
}
