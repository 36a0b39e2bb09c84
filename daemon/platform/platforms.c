#include "platform/platforms.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/suggest.h"
#include "base/utf8.h"
#include "platform/platform.h"
#include "platform/shipped.h"

struct found {
	struct found *next;
	const char *name, *file;
	const struct platform *platform; /* NULL: it is wrong, and told */
};

struct platforms {
	struct arena *arena;
	const char *folder;
	struct found *found;
	const char **names;
	size_t n_names;
};

struct platforms *platforms_open(const char *folder, struct arena *a)
{
	struct platforms *c = ARENA_NEW(a, struct platforms);

	c->arena = a;
	c->folder = arena_strdup(a, folder);
	return c;
}

static const struct shipped_file *shipped(const struct shipped_file *v, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcmp(v[i].name, name) == 0)
			return &v[i];
	}
	return NULL;
}

const struct shipped_file *shipped_platform(const char *name)
{
	return shipped(shipped_platforms, shipped_platforms_n, name);
}

const struct shipped_file *shipped_map(const char *name)
{
	return shipped(shipped_maps, shipped_maps_n, name);
}

/* A name that goes into a path: of the kind that schema's NAME is. */
static bool fits(const char *name)
{
	return *name && strlen(name) <= SCHEMA_NAME_MAX &&
	       !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-")];
}

/* The user's file, if there is one. 0: bytes are in b; PLATFORMS_E_UNKNOWN: none is there; PLATFORMS_E_INVALID: told. */
static int read_own(const struct platforms *c, const char *file, size_t max, struct buf *b, struct diag *d)
{
	struct diag_pos pos = {.file = file};
	int r;

	if (!c->folder)
		return PLATFORMS_E_UNKNOWN;
	buf_init(b, max);
	r = file_read(file, b, NULL);
	if (r == -ENOENT || r == -ENOTDIR) {
		buf_done(b);
		return PLATFORMS_E_UNKNOWN;
	}
	if (r < 0 || b->full) {
		cleanup(freep) char *why = text_errno(TEXT_EN, r < 0 ? -r : EFBIG);

		diag_error(d, pos, NULL, NULL, TEXT_PLATFORM_FILE, why);
		buf_done(b);
		return PLATFORMS_E_INVALID;
	}
	return 0;
}

/* As the program's own comment has it (mention/map); else its name. */
static const char *scope_of(const struct platforms *c, const struct platform_map *map)
{
	static const char mark[] = "# scope: ";
	const char *line = map->program, *text;

	for (; line && *line == '#'; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		if (strncmp(line, mark, strlen(mark)) != 0)
			continue;
		text = line + strlen(mark);
		return arena_memdup0(c->arena, text, strcspn(text, " \n"));
	}
	return map->name;
}

/* Its program for mentions. False: told. */
static bool load_map(struct platforms *c, struct platform *p, struct diag *d)
{
	struct platform_map *map = p->map;
	int r;

	if (!map->name) /* a feed's: read without one */
		return true;
	r = platforms_map(c, map->name, d, &map->program, &map->program_file);

	if (r == 0 && !map->scope)
		map->scope = scope_of(c, map);
	if (r == PLATFORMS_E_UNKNOWN)
		diag_error(d, map->pos, "map.use", NULL, TEXT_PLATFORM_MAP_UNKNOWN, map->name);
	return r == 0;
}

/* From bytes; NULL: told. */
static const struct platform *read_platform(struct platforms *c, const struct found *f, const char *bytes, size_t len,
					    struct diag *d)
{
	struct platform *p;

	return platform_read(f->name, f->file, bytes, len, c->arena, d, &p) == 0 && load_map(c, p, d) ? p : NULL;
}

static void load(struct platforms *c, struct found *f, struct diag *d)
{
	const struct shipped_file *own = shipped_platform(f->name);
	char *file = arena_printf(c->arena, "%s/%s.yaml", c->folder ? c->folder : "", f->name);
	struct buf b = BUF_INIT(YAML_FILE_MAX_BYTES);
	int r = read_own(c, file, YAML_FILE_MAX_BYTES, &b, d);

	f->file = file;
	if (r == 0) {
		f->platform = read_platform(c, f, buf_str(&b), b.len, d);
		buf_done(&b);
	} else if (r == PLATFORMS_E_UNKNOWN && own) {
		f->file = arena_printf(c->arena, "(%s.yaml)", f->name);
		f->platform = read_platform(c, f, own->text, own->len, d);
	} else if (r == PLATFORMS_E_UNKNOWN) {
		f->file = NULL;
	}
}

int platforms_find(struct platforms *c, const char *name, struct diag *d, const struct platform **ret,
		   const char **ret_file)
{
	struct found *f;

	if (!fits(name))
		return PLATFORMS_E_UNKNOWN;
	for (f = c->found; f && strcmp(f->name, name) != 0; f = f->next)
		;
	if (!f) {
		f = ARENA_NEW(c->arena, struct found);
		f->name = arena_strdup(c->arena, name);
		f->next = c->found;
		c->found = f;
		load(c, f, d);
	}
	if (ret_file)
		*ret_file = f->file;
	if (!f->platform)
		return f->file ? PLATFORMS_E_INVALID : PLATFORMS_E_UNKNOWN;
	*ret = f->platform;
	return 0;
}

int platforms_map(struct platforms *c, const char *name, struct diag *d, const char **ret_text, const char **ret_file)
{
	const struct shipped_file *own = shipped_map(name);
	struct buf b = BUF_INIT(PLATFORMS_MAP_MAX_BYTES);
	char *file;
	int r;

	if (!fits(name))
		return PLATFORMS_E_UNKNOWN;
	file = arena_printf(c->arena, "%s/maps/%s.jq", c->folder ? c->folder : "", name);
	r = read_own(c, file, PLATFORMS_MAP_MAX_BYTES, &b, d);
	if (r == PLATFORMS_E_INVALID)
		return r;
	if (r == 0 && !utf8_valid_text(buf_str(&b), b.len)) {
		diag_error(d, (struct diag_pos){.file = file}, NULL, NULL, TEXT_YAML_BYTES);
		buf_done(&b);
		return PLATFORMS_E_INVALID;
	}
	if (r == 0) {
		*ret_text = arena_memdup0(c->arena, buf_str(&b), b.len);
		*ret_file = file;
		buf_done(&b);
		return 0;
	}
	if (!own)
		return PLATFORMS_E_UNKNOWN;
	*ret_text = own->text;
	*ret_file = arena_printf(c->arena, "(%s.jq)", name);
	return 0;
}

bool platforms_fixture_name(const char *name)
{
	static const char fit[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

	return *name && *name != '.' && strlen(name) <= SCHEMA_NAME_MAX && !name[strspn(name, fit)];
}

int platforms_fixture(struct platforms *c, const char *name, struct diag *d, const char **ret_text, size_t *ret_len,
		      const char **ret_file)
{
	const char *file = arena_printf(c->arena, "%s/fixtures/%s", c->folder ? c->folder : "", name);
	const char *dot = strrchr(name, '.');
	const struct shipped_file *own;
	struct buf b;
	int r;

	if (!platforms_fixture_name(name))
		return PLATFORMS_E_UNKNOWN;
	r = read_own(c, file, PLATFORMS_FIXTURE_MAX_BYTES, &b, d);
	if (r == 0) {
		*ret_text = arena_memdup0(c->arena, buf_str(&b), b.len);
		*ret_len = b.len;
		*ret_file = file;
		buf_done(&b);
	}
	if (r != PLATFORMS_E_UNKNOWN)
		return r;
	own = shipped(shipped_fixtures, shipped_fixtures_n,
		      dot ? arena_memdup0(c->arena, name, (size_t)(dot - name)) : name);
	if (!own)
		return PLATFORMS_E_UNKNOWN;
	*ret_text = own->text;
	*ret_len = own->len;
	*ret_file = arena_printf(c->arena, "(%s)", name);
	return 0;
}

/* --- all of them --- */

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void read_folder(struct platforms *c, struct diag *d)
{
	DIR *dir = opendir(c->folder);
	const struct dirent *entry;

	if (!dir) {
		cleanup(freep) char *why = text_errno(TEXT_EN, errno);

		diag_error(d, (struct diag_pos){.file = c->folder}, NULL, NULL, TEXT_PLATFORM_FOLDER, why);
		return;
	}
	while (c->n_names < PLATFORMS_NAMES_MAX + shipped_platforms_n && (entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);
		char *name;

		if (len <= 5 || strcmp(entry->d_name + len - 5, ".yaml") != 0)
			continue;
		name = arena_memdup0(c->arena, entry->d_name, len - 5);
		if (fits(name) && !shipped_platform(name))
			c->names[c->n_names++] = name;
	}
	closedir(dir);
}

const char *const *platforms_names(struct platforms *c, struct diag *d, size_t *ret_n)
{
	size_t i;

	if (!c->names) {
		c->names = ARENA_ARRAY(c->arena, const char *, PLATFORMS_NAMES_MAX + shipped_platforms_n + 1);
		for (i = 0; i < shipped_platforms_n; i++)
			c->names[c->n_names++] = shipped_platforms[i].name;
		if (c->folder)
			read_folder(c, d);
		qsort(c->names, c->n_names, sizeof(*c->names), by_name);
	}
	*ret_n = c->n_names;
	return c->names;
}

const char *platforms_guess(struct platforms *c, const char *name)
{
	size_t n;
	const char *const *names = platforms_names(c, NULL, &n);

	return n ? suggest(name, names, n, sizeof(*names)) : NULL;
}
