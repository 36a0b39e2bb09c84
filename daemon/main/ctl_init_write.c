/* init: writes what is not there yet. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/json.h"
#include "main/ctl.h"
#include "main/ctl_init.h"

enum { REPORT_MAX_BYTES = 64 * 1024 };

enum { WRITTEN = 0, KEPT = 1 };

/* Never over what is there. KEPT, or -errno. */
static int write_new(const char *path, const struct init_file *file)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, file->secret ? 0600 : 0644),
	    error = 0;
	const char *text = file->text;
	size_t len = strlen(text);
	FILE *f;

	if (fd < 0)
		return errno == EEXIST ? KEPT : -errno;
	f = fdopen(fd, "w");
	if (!f || fwrite(text, 1, len, f) != len || fflush(f) != 0)
		error = -(errno ? errno : EIO);
	if (f)
		fclose(f);
	else
		close(fd);
	if (error)
		(void)unlink(path);
	return error ? error : WRITTEN;
}

static int make_folder(const char *path, mode_t mode)
{
	return mkdir(path, mode) == 0 || errno == EEXIST ? 0 : -errno;
}

/* The folders that the files lie in. 0 or -errno; told. */
static int make_folders(const struct ctl *c, const char *folder, const struct init_files *files)
{
	static const struct {
		const char *name;
		mode_t mode;
	} folders[] = {{"", 0755}, {"rules", 0755}, {"playbooks", 0755}, {"secrets", 0700}};
	size_t i, k;

	for (i = 0; i < ARRAY_LEN(folders); i++) {
		cleanup(freep) char *path = xasprintf("%s/%s", folder, folders[i].name);
		size_t len = strlen(folders[i].name);
		int r;

		for (k = 0; len && k < files->n && strncmp(files->v[k].path, folders[i].name, len) != 0; k++)
			;
		if (len && k == files->n)
			continue;
		r = make_folder(path, folders[i].mode);
		if (r < 0) {
			ctl_complain_errno(c, TEXT_CTL_FILE, path, -r);
			return r;
		}
	}
	return 0;
}

int init_files_write(const struct ctl *c, const char *folder, const struct init_files *files)
{
	struct buf report = BUF_INIT(REPORT_MAX_BYTES);
	struct json j = JSON_OUT(&report);
	int r = make_folders(c, folder, files), status = CTL_DONE;
	size_t i;

	json_begin_array(&j, NULL);
	for (i = 0; r >= 0 && i < files->n; i++) {
		cleanup(freep) char *path = xasprintf("%s/%s", folder, files->v[i].path);

		r = write_new(path, &files->v[i]);
		if (r < 0) {
			ctl_complain_errno(c, TEXT_CTL_FILE, path, -r);
			break;
		}
		if (r == KEPT)
			status = CTL_NO;
		json_begin_object(&j, NULL);
		json_text(&j, "file", path);
		json_bool(&j, "written", r == WRITTEN);
		json_end_object(&j);
		if (!c->json)
			ctl_say(c, r == WRITTEN ? TEXT_INIT_WRITTEN : TEXT_INIT_KEPT, TEXT_ARGS(path));
	}
	json_end_array(&j);
	if (c->json)
		printf("%s\n", buf_str(&report));
	buf_done(&report);
	return r < 0 ? CTL_NO : status;
}
