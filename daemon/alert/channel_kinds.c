/* alert/channel_kind: the kinds by name: files of the user's folder, then those that came with the program. */
#include <errno.h>
#include <string.h>

#include "alert/channel_kind.h"
#include "alert/shipped.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/schema.h"
#include "base/suggest.h"
#include "platform/platforms.h"

struct found {
	struct found *next;
	const char *name;
	const struct channel_kind *kind; /* NULL: it is wrong, and told */
	bool there;
};

struct channel_kinds {
	struct arena *arena;
	const char *folder;
	struct found *found;
};

struct channel_kinds *channel_kinds_open(const char *folder, struct arena *a)
{
	struct channel_kinds *c = ARENA_NEW(a, struct channel_kinds);

	c->arena = a;
	c->folder = arena_strdup(a, folder);
	return c;
}

static const struct shipped_file *shipped(const struct shipped_file *v, size_t n, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strlen(v[i].name) == len && memcmp(v[i].name, name, len) == 0)
			return &v[i];
	return NULL;
}

/* The user's file. CHANNEL_KINDS_E_UNKNOWN: none is there. */
static int read_own(const struct channel_kinds *c, const char *file, size_t max, struct buf *b, struct diag *d)
{
	int r = c->folder ? file_read(file, b, NULL) : -ENOENT;

	if (r == -ENOENT || r == -ENOTDIR)
		return CHANNEL_KINDS_E_UNKNOWN;
	if (r < 0 || b->full || b->len > max) {
		cleanup(freep) char *why = text_errno(TEXT_EN, r < 0 ? -r : EFBIG);

		diag_error(d, ((struct diag_pos){.file = file}), NULL, NULL, TEXT_PLATFORM_FILE, why);
		return CHANNEL_KINDS_E_INVALID;
	}
	return 0;
}

static void load(struct channel_kinds *c, struct found *f, struct diag *d)
{
	const struct shipped_file *own = shipped(shipped_channels, shipped_channels_n, f->name, strlen(f->name));
	cleanup(buf_done) struct buf b = BUF_INIT(YAML_FILE_MAX_BYTES);
	const char *file = arena_printf(c->arena, "%s/%s.yaml", c->folder ? c->folder : "", f->name), *bytes;
	struct channel_kind *kind;
	size_t len;
	int r = read_own(c, file, YAML_FILE_MAX_BYTES, &b, d);

	f->there = r != CHANNEL_KINDS_E_UNKNOWN || own;
	if (r == CHANNEL_KINDS_E_INVALID || !f->there)
		return;
	bytes = r == 0 ? buf_str(&b) : own->text;
	len = r == 0 ? b.len : own->len;
	if (r)
		file = arena_printf(c->arena, "(%s.yaml)", f->name);
	if (channel_kind_read(f->name, file, bytes, len, c->arena, d, &kind) == 0)
		f->kind = kind;
}

int channel_kinds_find(struct channel_kinds *c, const char *name, struct diag *d, const struct channel_kind **ret)
{
	struct found *f;

	if (!*name || strlen(name) > SCHEMA_NAME_MAX || name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-")])
		return CHANNEL_KINDS_E_UNKNOWN;
	for (f = c->found; f && strcmp(f->name, name) != 0; f = f->next)
		;
	if (!f) {
		f = ARENA_NEW(c->arena, struct found);
		f->name = arena_strdup(c->arena, name);
		f->next = c->found;
		c->found = f;
		load(c, f, d);
	}
	*ret = f->kind;
	return f->kind ? 0 : f->there ? CHANNEL_KINDS_E_INVALID : CHANNEL_KINDS_E_UNKNOWN;
}

int channel_kinds_fixture(struct channel_kinds *c, const char *name, struct diag *d, const char **ret_text,
			  size_t *ret_len, const char **ret_file)
{
	const char *file = arena_printf(c->arena, "%s/fixtures/%s", c->folder ? c->folder : "", name);
	const char *dot = strrchr(name, '.');
	cleanup(buf_done) struct buf b = BUF_INIT(CHANNEL_FIXTURE_MAX_BYTES);
	const struct shipped_file *own;
	int r;

	if (!platforms_fixture_name(name))
		return CHANNEL_KINDS_E_UNKNOWN;
	r = read_own(c, file, CHANNEL_FIXTURE_MAX_BYTES, &b, d);
	if (r == CHANNEL_KINDS_E_INVALID)
		return r;
	if (r == 0) {
		*ret_text = arena_memdup0(c->arena, buf_str(&b), b.len);
		*ret_len = b.len;
		*ret_file = file;
		return 0;
	}
	own = shipped(shipped_channel_fixtures, shipped_channel_fixtures_n, name,
		      dot ? (size_t)(dot - name) : strlen(name));
	if (!own)
		return r;
	*ret_text = own->text;
	*ret_len = own->len;
	*ret_file = arena_printf(c->arena, "(%s)", name);
	return 0;
}

const char *const *channel_kinds_names(struct channel_kinds *c, size_t *ret_n)
{
	const char **names = ARENA_ARRAY(c->arena, const char *, shipped_channels_n + 1);
	size_t i;

	for (i = 0; i < shipped_channels_n; i++)
		names[i] = shipped_channels[i].name;
	*ret_n = shipped_channels_n;
	return names;
}

const char *channel_kinds_guess(const char *name)
{
	return suggest(name, &shipped_channels[0].name, shipped_channels_n, sizeof(shipped_channels[0]));
}
