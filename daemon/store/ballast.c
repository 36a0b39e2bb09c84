#include "store/ballast.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

int ballast_make(const char *path)
{
	cleanup(closep) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct stat st;
	int r;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && st.st_size >= BALLAST_BYTES)
		return 0;
	r = posix_fallocate(fd, 0, BALLAST_BYTES);
	if (r != 0)
		(void)unlink(path); /* half of it would only be in the way */
	return -r;
}

void ballast_drop(const char *path)
{
	(void)unlink(path);
}
