#include "base/secret.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"

struct secret {
	bool exposed;
	char value[];
};

static struct secret *keep(const char *value, size_t len, bool exposed, struct arena *a)
{
	struct secret *s = arena_alloc(a, sizeof(*s) + len + 1);

	s->exposed = exposed;
	memcpy(s->value, value, len);
	return s;
}

struct secret *secret_make(const char *value, struct arena *a)
{
	return keep(value, strlen(value), false, a);
}

static int accept(const char *value, size_t len, bool exposed, struct arena *a, struct secret **ret)
{
	if (len && value[len - 1] == '\n')
		len--;
	if (len && value[len - 1] == '\r')
		len--;
	if (len > SECRET_MAX_BYTES)
		return SECRET_E_LONG;
	if (!len)
		return SECRET_E_EMPTY;
	if (memchr(value, '\0', len))
		return SECRET_E_BYTES;
	*ret = keep(value, len, exposed, a);
	return 0;
}

static int read_file(const char *path, struct arena *a, struct secret **ret)
{
	struct buf b = BUF_INIT(SECRET_MAX_BYTES + 2); /* and a line end */
	mode_t mode = 0;
	int r = file_read(path, &b, &mode);

	if (r < 0)
		r = r == -ENOENT || r == -ENOTDIR ? SECRET_E_ABSENT : SECRET_E_UNREADABLE;
	else
		r = b.full ? SECRET_E_LONG : accept(buf_str(&b), b.len, mode & S_IROTH, a, ret);
	if (b.data)
		explicit_bzero(b.data, b.cap);
	buf_done(&b);
	return r;
}

static bool is_variable(const char *name)
{
	size_t i;

	for (i = 0; isalnum((unsigned char)name[i]) || name[i] == '_'; i++)
		;
	return i && !name[i] && !isdigit((unsigned char)name[0]);
}

/* systemd.exec(5): what may be a file name, and no dot at its beginning. */
static bool is_credential(const char *name)
{
	return *name && *name != '.' && !strchr(name, '/') && strlen(name) <= 255;
}

static int read_variable(const char *name, struct arena *a, struct secret **ret)
{
	const char *value;

	if (!is_variable(name))
		return SECRET_E_NAME;
	value = getenv(name);
	return value ? accept(value, strlen(value), false, a, ret) : SECRET_E_ABSENT;
}

const char *secret_folder(void)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");

	return folder && *folder ? folder : SECRET_FOLDER;
}

static int read_credential(const char *name, struct arena *a, struct secret **ret)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	cleanup(freep) char *path = NULL, *of_folder = NULL;
	int r;

	if (!is_credential(name))
		return SECRET_E_NAME;
	path = xasprintf("%s/%s", secret_folder(), name);
	r = read_file(path, a, ret);
	if (r != SECRET_E_ABSENT || !folder || !*folder)
		return r;
	of_folder = xasprintf("%s/" SECRET_PREFIX "%s", folder, name);
	return read_file(of_folder, a, ret);
}

int secret_read(enum secret_kind kind, const char *name, struct arena *a, struct secret **ret)
{
	switch (kind) {
	case SECRET_ENV:
		return read_variable(name, a, ret);
	case SECRET_FILE:
		return read_file(name, a, ret);
	case SECRET_CREDENTIAL:
		return read_credential(name, a, ret);
	}
	return -EINVAL;
}

const char *secret_value(const struct secret *s)
{
	return s ? s->value : NULL;
}

void secret_wipe(struct secret *s)
{
	explicit_bzero(s->value, strlen(s->value));
}

bool secret_exposed(const struct secret *s)
{
	return s->exposed;
}
