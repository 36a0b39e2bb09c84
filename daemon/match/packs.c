#include "match/packs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/shipped.h"
#include "base/suggest.h"
#include "base/yaml.h"

struct reading {
	struct packs *packs;
	struct arena *a;
	struct diag *d;
	const char **paths; /* of each: what tells it from the others */
	size_t cap, cap_wrong, cap_paths;
	bool failed;
};

static const char *shipped(const char *name)
{
	size_t i;

	for (i = 0; i < shipped_packs_n; i++)
		if (!strcmp(shipped_packs[i].name, name))
			return shipped_packs[i].text;
	return NULL;
}

/* packs/NAME.yaml beside the file; NULL: there is none. */
static const char *own_pack(struct arena *a, const char *file, const char *name)
{
	const char *slash = strrchr(file, '/');
	const char *path = arena_printf(a, "%.*spacks/%s.yaml", slash ? (int)(slash + 1 - file) : 0, file, name);

	return access(path, F_OK) == 0 ? path : NULL;
}

/* The number of what stands at path; packs->n: it was not read yet. */
static size_t known(const struct reading *r, const char *path)
{
	size_t i;

	for (i = 0; i < r->packs->n && strcmp(r->paths[i], path) != 0; i++)
		;
	return i;
}

static void fail(struct reading *r, struct diag_pos pos, const char *key, const char *guess, enum text_id text,
		 const char *arg)
{
	r->failed = true;
	diag_error(r->d, pos, key, guess, text, arg);
}

/* --- one of them --- */

/* A pack's file is called as the pack is, or nobody would know which is which. */
static void name_check(struct reading *r, const struct topic_def *def, const char *name)
{
	if (def->name && strcmp(def->name, name) != 0)
		fail(r, def->name_node->pos, "pack", name, TEXT_PACK_NAME, name);
}

/* A rule that counts with a pack that there isn't never counts. */
static void with_check(struct reading *r, const struct topic_def *def)
{
	size_t i;

	for (i = 0; i < def->n_rules; i++) {
		const char *with = def->rules[i].with;

		if (!with || shipped(with) || own_pack(r->a, arena_printf(r->a, "%s/../x", def->doc->file), with))
			continue;
		fail(r, def->rules[i].with_node->pos, "rules.with",
		     suggest(with, &shipped_packs[0].name, shipped_packs_n, sizeof(*shipped_packs)), TEXT_PACK_UNKNOWN,
		     with);
	}
}

/* Adds what was read; returns its number. */
static size_t unit_add(struct reading *r, const char *path, const struct topic_def *def, bool wrong)
{
	struct packs *packs = r->packs;
	size_t n = packs->n;

	packs->v = GROW(packs->v, n, &r->cap);
	packs->wrong = GROW(packs->wrong, n, &r->cap_wrong);
	r->paths = GROW(r->paths, n, &r->cap_paths);
	packs->v[n] = *def;
	packs->wrong[n] = wrong;
	r->paths[n] = path;
	packs->n++;
	r->failed |= wrong;
	return n;
}

/* text: what came with the program; NULL: a file. */
static int unit_read(struct reading *r, const char *path, const char *text, enum rule_file_kind kind, const char *name,
		     size_t *ret)
{
	struct topic_def def;
	int error = text ? rule_pack_parse(path, text, r->a, r->d, &def) : rule_file_read(path, kind, r->a, r->d, &def);

	if (error < 0)
		return error;
	if (error == RULE_FILE_E_UNREADABLE) {
		r->failed = true;
		*ret = SIZE_MAX;
		return 0;
	}
	def.shipped = text != NULL;
	if (kind == RULE_FILE_PATTERNS)
		def.name = path;
	else
		name_check(r, &def, name);
	if (!text)
		with_check(r, &def);
	*ret = unit_add(r, path, &def, error != 0);
	return 0;
}

/* --- what a topic asks for --- */

static struct diag_pos item_pos(const struct yaml_node *node, size_t i)
{
	return node->kind == YAML_LIST ? node->items[i]->pos : node->pos;
}

static bool has_room(struct reading *r, struct diag_pos pos, const char *key)
{
	if (r->packs->n < PACKS_MAX)
		return true;
	fail(r, pos, key, NULL, TEXT_PACK_MANY, "500");
	return false;
}

static void unit_use(struct topic_def *def, size_t number)
{
	size_t i;

	for (i = 0; i < def->n_units; i++)
		if (def->units[i] == number)
			return; /* written twice */
	def->units[def->n_units++] = (uint32_t)number;
}

static int pack_take(struct reading *r, struct topic_def *def, size_t i)
{
	const char *name = def->include[i], *path = own_pack(r->a, def->doc->file, name), *text = NULL;
	struct diag_pos pos = item_pos(def->include_node, i);
	size_t number;
	int error;

	if (!path) {
		text = shipped(name);
		path = arena_printf(r->a, "%s.yaml (shipped)", name);
	}
	number = known(r, path);
	if (number == r->packs->n) {
		if (!text && access(path, F_OK)) {
			fail(r, pos, "include",
			     suggest(name, &shipped_packs[0].name, shipped_packs_n, sizeof(*shipped_packs)),
			     TEXT_PACK_UNKNOWN, name);
			return 0;
		}
		if (!has_room(r, pos, "include"))
			return 0;
		error = unit_read(r, path, text, RULE_FILE_PACK, name, &number);
		if (error)
			return error;
	}
	if (number != SIZE_MAX)
		unit_use(def, number);
	return 0;
}

static int file_take(struct reading *r, struct topic_def *def, size_t i)
{
	const char *path = def->files[i];
	size_t number = known(r, path);
	int error;

	if (number == r->packs->n) {
		if (!has_room(r, item_pos(def->files_node, i), "files"))
			return 0;
		if (access(path, F_OK)) {
			fail(r, item_pos(def->files_node, i), "files", NULL, TEXT_SET_MISSING, path);
			return 0;
		}
		error = unit_read(r, path, NULL, RULE_FILE_PATTERNS, NULL, &number);
		if (error)
			return error;
	}
	if (number != SIZE_MAX)
		unit_use(def, number);
	return 0;
}

static int topic_read(struct reading *r, struct topic_def *def)
{
	size_t i;
	int error = 0;

	def->units = ARENA_ARRAY(r->a, uint32_t, def->n_files + def->n_include + 1);
	for (i = 0; i < def->n_files && !error; i++)
		if (def->files[i])
			error = file_take(r, def, i);
	for (i = 0; i < def->n_include && !error; i++)
		if (def->include[i])
			error = pack_take(r, def, i);
	return error;
}

int packs_read(struct topic_def *defs, size_t n, struct arena *a, struct diag *d, struct packs *ret)
{
	struct reading r = {.packs = ret, .a = a, .d = d};
	int error = 0;
	size_t i;

	*ret = (struct packs){.n = 0};
	for (i = 0; i < n && !error; i++)
		error = topic_read(&r, &defs[i]);
	free(r.paths);
	return error ? error : r.failed ? PACKS_E_INVALID : 0;
}
