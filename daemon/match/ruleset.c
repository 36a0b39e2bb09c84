#include "match/ruleset.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/diag.h"
#include "match/index.h"
#include "match/lint.h"
#include "match/matcher.h"
#include "match/packs.h"
#include "match/pattern.h"
#include "match/prefilter.h"
#include "match/sieve.h"
#include "match/rule_test.h"
#include "match/topic.h"
#include "mention/catalogue.h"

enum { ARENA_MAX_BYTES = 1024 * 1024 * 1024 }; /* never reached: files are bounded, and so is their number */

/* What is read of all files: definitions point into the ruleset's arena. */
struct load {
	struct ruleset *rs;
	struct diag *d;
	const struct ruleset_how *how;
	char **files;
	size_t n_files, cap_files;
	struct topic_def *defs;
	bool *wrong; /* of each def */
	size_t n_defs;
	bool failed;
};

static void fail(struct load *l, struct diag_pos pos, const char *key, enum text_id text, const char *const args[])
{
	l->failed = true;
	diag_add(l->d, DIAG_ERROR, pos, key, NULL, text, args);
}
#define FAIL(l, pos, key, text, ...) fail((l), (pos), (key), (text), TEXT_ARGS(__VA_ARGS__))

static void fail_max(struct load *l, struct diag_pos pos, const char *key, enum text_id text, size_t max)
{
	char number[24];

	snprintf(number, sizeof(number), "%zu", max);
	FAIL(l, pos, key, text, number);
}

/* --- which files --- */

static bool ends_in(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n > m && !strcmp(name + n - m, end);
}

static void file_add(struct load *l, const char *path)
{
	l->files = GROW(l->files, l->n_files, &l->cap_files);
	l->files[l->n_files++] = xstrdup(path);
}

static void folder_add(struct load *l, const char *folder)
{
	struct dirent **entries = NULL;
	int n = scandir(folder, &entries, NULL, alphasort), i;
	bool slash = ends_in(folder, "/");

	if (n < 0) {
		FAIL(l, (struct diag_pos){.file = folder}, NULL, text_of_errno(errno), strerrordesc_np(errno));
		return;
	}
	for (i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;
		cleanup(freep) char *path = xasprintf("%s%s%s", folder, slash ? "" : "/", name);
		struct stat st;

		if (name[0] != '.' && ends_in(name, ".yaml") && (stat(path, &st) || !S_ISDIR(st.st_mode)))
			file_add(l, path);
		else if (name[0] != '.' && ends_in(name, ".yml"))
			diag_warning(l->d, (struct diag_pos){.file = path}, NULL, NULL, TEXT_MATCH_YML);
		free(entries[i]);
	}
	free(entries);
}

static void files_find(struct load *l, const char *const *paths, size_t n_paths)
{
	size_t i;

	for (i = 0; i < n_paths; i++) {
		struct diag_pos pos = {.file = paths[i]};
		struct stat st;

		if (stat(paths[i], &st))
			FAIL(l, pos, NULL, text_of_errno(errno), strerrordesc_np(errno));
		else if (S_ISDIR(st.st_mode))
			folder_add(l, paths[i]);
		else
			file_add(l, paths[i]);
	}
	if (!l->n_files && !l->failed)
		FAIL(l, (struct diag_pos){.file = n_paths ? paths[0] : NULL}, NULL, TEXT_MATCH_NO_FILES);
	if (l->n_files > RULESET_FILES_MAX)
		fail_max(l, (struct diag_pos){.file = n_paths ? paths[0] : NULL}, NULL, TEXT_MATCH_FILES_MANY,
			 RULESET_FILES_MAX);
}

/* --- what they say --- */

static int files_read(struct load *l)
{
	size_t i, n = l->n_files < RULESET_FILES_MAX ? l->n_files : RULESET_FILES_MAX;

	l->defs = xcalloc(n + 1, sizeof(*l->defs));
	l->wrong = xcalloc(n + 1, sizeof(*l->wrong));
	for (i = 0; i < n; i++) {
		int r = rule_file_read(l->files[i], RULE_FILE_TOPIC, l->rs->arena, l->d, &l->defs[l->n_defs]);

		if (r < 0)
			return r;
		l->wrong[l->n_defs] = r != 0;
		l->failed |= r != 0;
		l->n_defs += r != RULE_FILE_E_UNREADABLE;
	}
	return 0;
}

static void topics_unique(struct load *l)
{
	size_t i, k;

	for (i = 0; i < l->n_defs; i++) {
		const struct topic_def *def = &l->defs[i];

		for (k = 0; k < i && def->name; k++) {
			if (!l->defs[k].name || strcmp(l->defs[k].name, def->name) != 0)
				continue;
			FAIL(l, def->name_node->pos, "topic", TEXT_MATCH_TOPIC_TWICE, def->name, l->defs[k].doc->file);
			break;
		}
	}
}

/* Reads the packs and files that topics include, and puts them in front of the topics: what a topic rests on is compiled before
 * it, and units, which packs_read() numbers from 0, are numbers in defs and in the ruleset's topics. */
static int packs_take(struct load *l)
{
	struct packs packs;
	int r = packs_read(l->defs, l->n_defs, l->rs->arena, l->d, &packs);
	size_t n = packs.n + l->n_defs;
	struct topic_def *defs = xcalloc(n + 1, sizeof(*defs));
	bool *wrong = xcalloc(n + 1, sizeof(*wrong));

	l->failed |= r > 0;
	if (packs.n) {
		memcpy(defs, packs.v, packs.n * sizeof(*defs));
		memcpy(wrong, packs.wrong, packs.n * sizeof(*wrong));
	}
	memcpy(defs + packs.n, l->defs, l->n_defs * sizeof(*defs));
	memcpy(wrong + packs.n, l->wrong, l->n_defs * sizeof(*wrong));
	free(packs.v);
	free(packs.wrong);
	free(l->defs);
	free(l->wrong);
	l->defs = defs;
	l->wrong = wrong;
	l->n_defs = n;
	return r < 0 ? r : 0;
}

/* Whether what has been read so far keeps within the bounds of all topics together. */
static bool within_bounds(struct load *l)
{
	size_t patterns = 0, rules = 0, i;

	for (i = 0; i < l->n_defs; i++) {
		const struct topic_def *def = &l->defs[i];
		struct diag_pos pos = {.file = def->doc->file};

		patterns += def->n_patterns;
		rules += def->n_rules;
		if (patterns > RULESET_PATTERNS_MAX)
			fail_max(l, pos, "patterns", TEXT_MATCH_TOO_MANY, RULESET_PATTERNS_MAX);
		if (rules > RULESET_RULES_MAX)
			fail_max(l, pos, "rules", TEXT_MATCH_TOO_MANY, RULESET_RULES_MAX);
		if (patterns > RULESET_PATTERNS_MAX || rules > RULESET_RULES_MAX)
			return false;
	}
	return true;
}

static void topics_compile(struct load *l)
{
	size_t i;

	for (i = 0; i < l->n_defs; i++) {
		topic_compile(l->rs, &l->defs[i], l->d, l->wrong[i]);
		l->failed |= l->rs->topics[i].broken;
	}
}

/* What explodes breaks its topic, so that its tests don't run; all else is a warning. */
static void topics_lint(struct load *l)
{
	cleanup(pattern_room_freep) struct pattern_room *room = pattern_room_new();
	struct lint_all all = {
		.room = room,
		.slow_left = LINT_SLOW_MAX,
		.left_ns = (l->how->trials_ms ? l->how->trials_ms : LINT_TRIALS_MS) * 1000000,
		.tried = l->how->tried,
	};
	size_t i;

	for (i = 0; i < l->n_defs; i++) {
		struct topic *t = &l->rs->topics[i];

		if (l->defs[i].shipped)
			continue;
		t->broken = t->broken || !lint_topic(&all, l->rs, t, &l->defs[i], l->d);
		l->failed |= t->broken;
	}
}

static void tests_run(struct load *l)
{
	cleanup(matcher_freep) struct matcher *x = matcher_new(l->rs);
	size_t i;

	matcher_between(x, l->how->between);
	for (i = 0; i < l->n_defs; i++)
		if (!l->rs->topics[i].broken && !l->defs[i].shipped &&
		    rule_tests_run(l->rs, &l->rs->topics[i], x, &l->defs[i], l->d))
			l->failed = true;
}

/* --- the catalogue --- */

/* The names that rules of the topic and of its packs have, by what is asked for: each once. */
struct names {
	const char **v;
	size_t n, cap;
};

static void name_add(struct names *names, const char *name)
{
	size_t i;

	for (i = 0; i < names->n; i++)
		if (!strcmp(names->v[i], name))
			return;
	if (names->n == CATALOGUE_NAMES_MAX)
		return;
	names->v = GROW(names->v, names->n, &names->cap);
	names->v[names->n++] = name;
}

static void carried_add(struct names *tags, struct names *intents, const struct topic_rule *rule)
{
	size_t i;

	for (i = 0; i < rule->n_tags; i++)
		name_add(tags, rule->tags[i]);
	for (i = 0; i < rule->n_intents; i++)
		name_add(intents, rule->intents[i]);
}

static const char **names_take(struct arena *a, struct names *names, size_t *ret_n)
{
	const char **v = ARENA_ARRAY(a, const char *, names->n + 1);

	if (names->n)
		memcpy(v, names->v, names->n * sizeof(*v));
	*ret_n = names->n;
	free(names->v);
	return v;
}

static void catalogue_topic_make(const struct ruleset *rs, const struct topic *t, struct catalogue_topic *to)
{
	struct names tags = {.n = 0}, intents = {.n = 0};
	size_t i;

	*to = (struct catalogue_topic){.name = t->name, .role = t->role, .no_alerts = t->no_alerts};
	to->rules = ARENA_ARRAY(rs->arena, const char *, t->n_rules + t->n_included + 1);
	for (i = 0; i < t->n_rules + t->n_included; i++) {
		const struct topic_rule *rule = &rs->rules[i < t->n_rules ? t->rules + i : t->included[i - t->n_rules]];

		to->rules[to->n_rules++] = rule->name;
		carried_add(&tags, &intents, rule);
	}
	to->own = ARENA_ARRAY(rs->arena, const char *, t->n_own + 1);
	for (i = 0; i < t->n_own; i++)
		to->own[to->n_own++] = arena_printf(rs->arena, "%s%s", t->own[i].handle ? "@" : "", t->own[i].value);
	to->tags = names_take(rs->arena, &tags, &to->n_tags);
	to->intents = names_take(rs->arena, &intents, &to->n_intents);
}

static void catalogue_make(struct ruleset *rs)
{
	struct catalogue *c = ARENA_NEW(rs->arena, struct catalogue);
	size_t i;

	c->topics = ARENA_ARRAY(rs->arena, struct catalogue_topic, rs->n_topics);
	for (i = 0; i < rs->n_topics; i++)
		if (rs->topics[i].kind == RULE_FILE_TOPIC)
			catalogue_topic_make(rs, &rs->topics[i], &c->topics[c->n_topics++]);
	rs->catalogue = c;
}

/* --- the whole --- */

static int load(struct load *l, const char *const *paths, size_t n_paths)
{
	int r;

	files_find(l, paths, n_paths);
	r = files_read(l);
	if (r)
		return r;
	topics_unique(l);
	r = packs_take(l);
	if (r)
		return r;
	if (within_bounds(l)) {
		topics_compile(l);
		topics_lint(l);
		tests_run(l);
	}
	if (l->failed)
		return RULESET_E_INVALID;
	catalogue_make(l->rs);
	return 0;
}

int ruleset_load_how(const char *const *paths, size_t n_paths, const struct ruleset_how *how, struct diag *diag,
		     struct ruleset **ret)
{
	cleanup(ruleset_freep) struct ruleset *rs = NEW(struct ruleset);
	struct load l = {.rs = rs, .d = diag, .how = how};
	size_t i;
	int r;

	rs->arena = arena_new(ARENA_MAX_BYTES);
	r = load(&l, paths, n_paths);
	for (i = 0; i < l.n_files; i++)
		free(l.files[i]);
	free(l.files);
	free(l.defs);
	free(l.wrong);
	if (!r)
		*ret = TAKE(rs);
	return r;
}

int ruleset_load_between(const char *const *paths, size_t n_paths, const struct matcher_between *between,
			 struct diag *diag, struct ruleset **ret)
{
	return ruleset_load_how(paths, n_paths, &(struct ruleset_how){.between = between}, diag, ret);
}

int ruleset_load(const char *const *paths, size_t n_paths, struct diag *diag, struct ruleset **ret)
{
	return ruleset_load_how(paths, n_paths, &(struct ruleset_how){.between = NULL}, diag, ret);
}

void ruleset_prefilter(struct ruleset *rs)
{
	const struct pattern **v = xcalloc(rs->n_patterns + 1, sizeof(*v));
	struct sieve *sieve;
	size_t i;

	for (i = 0; i < rs->n_patterns; i++)
		v[i] = rs->patterns[i].code;
	rs->prefilter = prefilter_new(v, rs->n_patterns);
	rs->index = index_new(rs, rs->prefilter);
	rs->catalogue->n_patterns = rs->n_patterns;
	for (i = 0; i < rs->n_patterns; i++)
		rs->catalogue->n_always += !prefilter_tells(rs->prefilter, (uint32_t)i);
	free(v);
	sieve = sieve_new(rs);
	rs->catalogue->whole = sieve_open(sieve);
	sieve_free(sieve);
}

struct ruleset *ruleset_free(struct ruleset *rs)
{
	size_t i;

	if (!rs)
		return NULL;
	index_free(rs->index);
	prefilter_free(rs->prefilter);
	for (i = 0; i < rs->n_patterns; i++)
		pattern_free(rs->patterns[i].code);
	free(rs->patterns);
	free(rs->rules);
	free(rs->topics);
	arena_free(rs->arena);
	free(rs);
	return NULL;
}

const struct catalogue *ruleset_catalogue(const struct ruleset *rs)
{
	return rs->catalogue;
}
