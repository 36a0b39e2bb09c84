#include "main/ctl_discard_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/yaml.h"

enum { OPEN_FILES = 16 };
#define MARK "\xEF\xBB\xBF"

/* --- which files there are --- */

static int add_file(struct rule_files *files, char *path) /* takes it */
{
	if (files->n == RULE_FILES_MAX) {
		free(path);
		return -E2BIG;
	}
	files->v[files->n++] = path;
	return 0;
}

static int is_rule_file(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return entry->d_name[0] != '.' && dot && strcmp(dot, ".yaml") == 0;
}

static int add_folder(struct rule_files *files, const char *folder)
{
	struct dirent **entries;
	int n = scandir(folder, &entries, is_rule_file, alphasort), r = 0, i;
	const size_t len = strlen(folder);

	if (n < 0)
		return -errno;
	for (i = 0; i < n; i++) {
		const char *slash = len && folder[len - 1] == '/' ? "" : "/";

		if (r == 0)
			r = add_file(files, xasprintf("%s%s%s", folder, slash, entries[i]->d_name));
		free(entries[i]);
	}
	free(entries);
	return r;
}

int rule_files_find(const char *const *paths, size_t n_paths, struct rule_files *ret)
{
	size_t i;
	int r = 0;

	*ret = (struct rule_files){.n = 0};
	for (i = 0; r == 0 && i < n_paths; i++) {
		struct stat st;

		if (stat(paths[i], &st) < 0)
			r = -errno;
		else if (S_ISDIR(st.st_mode))
			r = add_folder(ret, paths[i]);
		else
			r = add_file(ret, xstrdup(paths[i]));
	}
	return r;
}

void rule_files_done(struct rule_files *files)
{
	while (files->n)
		free(files->v[--files->n]);
}

size_t rule_files_topic(const struct rule_files *files, const char *topic, struct arena *a, struct yaml_doc **ret_doc)
{
	cleanup(diag_freep) struct diag *unheeded = diag_new();
	size_t i;

	for (i = 0; i < files->n; i++) {
		struct yaml_doc *doc;
		const struct yaml_node *is;

		if (yaml_read(files->v[i], a, unheeded, &doc) != 0)
			continue;
		is = yaml_get(doc->root, "topic");
		if (is && is->kind == YAML_TEXT && strcmp(is->text, topic) == 0) {
			*ret_doc = doc;
			return i;
		}
	}
	return SIZE_MAX;
}

/* --- a stage --- */

struct stage {
	char *folder;
	char *paths[2]; /* of what lies in it */
	size_t n_paths;
};

const char *stage_place(void)
{
	const char *tmp = getenv("TMPDIR");

	return tmp && *tmp ? tmp : "/tmp";
}

int stage_new(struct stage **ret)
{
	cleanup(freep) char *folder = xasprintf("%s/escuchactl-XXXXXX", stage_place());

	if (!mkdtemp(folder))
		return -errno;
	*ret = NEW(struct stage);
	(*ret)->folder = TAKE(folder);
	return 0;
}

static int drop(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	(void)remove(path);
	return 0;
}

struct stage *stage_free(struct stage *s)
{
	if (!s)
		return NULL;
	(void)nftw(s->folder, drop, OPEN_FILES, FTW_DEPTH | FTW_PHYS); /* links themselves, never what they lead to */
	while (s->n_paths)
		free(s->paths[--s->n_paths]);
	free(s->folder);
	free(s);
	return NULL;
}

static int write_whole(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		ssize_t n = write(fd, text, left);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			text += n;
			left -= (size_t)n;
		}
	}
	return 0;
}

static int write_new(const char *path, const char *text)
{
	cleanup(closep) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	return fd < 0 ? -errno : write_whole(fd, text);
}

static int put(struct stage *s, char *path, const char *text, const char **ret) /* takes path */
{
	int r = s->n_paths < ARRAY_LEN(s->paths) ? write_new(path, text) : -E2BIG;

	if (r < 0) {
		free(path);
		return r;
	}
	s->paths[s->n_paths++] = path;
	*ret = path;
	return 0;
}

int stage_alone(struct stage *s, const char *name, const char *text, const char **ret)
{
	return put(s, xasprintf("%s/%s", s->folder, name), text, ret);
}

/* In `to` a link to each of what is in `from`, but for one. */
static int link_all(const char *from, const char *to, const char *but)
{
	DIR *dir = opendir(from);
	struct dirent *entry;
	size_t n = 0;
	int r = 0;

	if (!dir)
		return errno == EACCES ? 0 : -errno; /* a folder above that we may not look into */
	while (r == 0 && (entry = readdir(dir)) && n++ < STAGE_LINKS_MAX) {
		cleanup(freep) char *there = xasprintf("%s/%s", from, entry->d_name),
				    *here = xasprintf("%s/%s", to, entry->d_name);

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    strcmp(entry->d_name, but) == 0)
			continue;
		if (symlink(there, here) < 0 && errno != EEXIST)
			r = -errno;
	}
	closedir(dir);
	return r;
}

/* The file's own folder, and the one above it, for "../lists/x.txt". */
int stage_beside(struct stage *s, const char *file, const char *text, const char **ret)
{
	const char *slash = strrchr(file, '/');
	const char *name = slash ? slash + 1 : file;
	cleanup(freep) char *given = slash ? xstrndup(file, (size_t)(slash - file) + 1) : xstrdup("."),
			    *folder = realpath(given, NULL), *above = NULL, *here = NULL;
	const char *folder_name;
	int r;

	if (!folder)
		return -errno;
	folder_name = strrchr(folder, '/') + 1;
	above = xstrndup(folder, (size_t)(folder_name - folder));
	here = xasprintf("%s/above/%s", s->folder, *folder_name ? folder_name : "root");
	{
		cleanup(freep) char *above_here = xasprintf("%s/above", s->folder);

		if (mkdir(above_here, 0700) < 0 || mkdir(here, 0700) < 0)
			return -errno;
		r = link_all(above, above_here, *folder_name ? folder_name : "root");
	}
	if (r == 0)
		r = link_all(folder, here, name);
	return r < 0 ? r : put(s, xasprintf("%s/%s", here, name), text, ret);
}

/* --- written --- */

static int sync_folder(const char *path)
{
	cleanup(freep) char *folder = xstrndup(path, (size_t)(strrchr(path, '/') - path) + 1);
	cleanup(closep) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

/* Under a name that is no rule file's; then it takes its own. */
static int write_as(const char *path, const char *text, const struct stat *like)
{
	cleanup(freep) char *part = xasprintf("%s.XXXXXX", path);
	cleanup(closep) int fd = mkostemp(part, O_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	r = write_whole(fd, text);
	if (r == 0 && fchown(fd, like->st_uid, like->st_gid) < 0 && geteuid() == 0)
		r = -errno; /* who isn't root keeps it as his own, as an editor does */
	if (r == 0 && (fchmod(fd, like->st_mode & 07777) < 0 || fsync(fd) < 0))
		r = -errno;
	if (r == 0 && rename(part, path) < 0)
		r = -errno;
	if (r < 0)
		(void)unlink(part);
	return r;
}

static int read_file(const char *path, struct buf *ret)
{
	int r = file_read(path, ret, NULL);

	return r < 0 ? r : ret->full ? -EFBIG : 0;
}

/* Of the mark that some editors put before UTF-8: base/yaml reads past it, and it stays in the file. */
static size_t mark_bytes(const struct buf *b)
{
	return b->len >= strlen(MARK) && memcmp(buf_str(b), MARK, strlen(MARK)) == 0 ? strlen(MARK) : 0;
}

int rule_file_replace(const char *file, const char *before, const char *after)
{
	cleanup(freep) char *path = realpath(file, NULL), *kept = path ? xasprintf("%s~", path) : NULL, *whole = NULL;
	cleanup(buf_done) struct buf now = BUF_INIT(YAML_FILE_MAX_BYTES);
	struct stat st;
	size_t mark;
	int r;

	if (!path || stat(path, &st) < 0)
		return -errno;
	r = read_file(path, &now);
	if (r < 0)
		return r;
	mark = mark_bytes(&now);
	if (strlen(before) != now.len - mark || memcmp(buf_str(&now) + mark, before, now.len - mark) != 0)
		return RULE_FILE_E_CHANGED;
	whole = xasprintf("%s%s", mark ? MARK : "", after);
	r = write_as(kept, buf_str(&now), &st);
	if (r == 0)
		r = write_as(path, whole, &st);
	return r < 0 ? r : sync_folder(path);
}

int rule_file_restore(const char *file)
{
	cleanup(freep) char *path = realpath(file, NULL), *kept = path ? xasprintf("%s~", path) : NULL;

	if (!path || rename(kept, path) < 0)
		return -errno;
	return sync_folder(path);
}
