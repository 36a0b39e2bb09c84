#include "main/ctl_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "main/ctl.h"

enum { PIECE_BYTES = 64 * 1024 };

bool ctl_file_read(const struct ctl *c, const char *path, struct buf *ret)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	bool done;
	char *room;
	size_t n;

	if (!f) {
		ctl_complain_errno(c, TEXT_CTL_FILE, path, errno);
		return false;
	}
	while ((room = buf_reserve(ret, PIECE_BYTES)) && (n = fread(room, 1, PIECE_BYTES, f)) > 0)
		buf_commit(ret, n);
	done = room && !ferror(f);
	if (!done)
		ctl_complain_errno(c, TEXT_CTL_FILE, path, room ? errno : EFBIG);
	if (f != stdin)
		fclose(f);
	return done;
}
