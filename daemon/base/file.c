#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"

enum { STEP_BYTES = 16 * 1024 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

int file_read(const char *path, struct buf *b, mode_t *ret_mode)
{
	cleanup(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	for (;;) {
		size_t room = least(b->max - b->len, STEP_BYTES);
		char spare, *to = room ? buf_reserve(b, room) : &spare; /* full to the brim: is there a byte more? */
		ssize_t n = read(fd, to, room ? room : 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		if (!room) {
			b->full = true;
			break;
		}
		buf_commit(b, (size_t)n);
	}
	if (ret_mode)
		*ret_mode = st.st_mode;
	return 0;
}
