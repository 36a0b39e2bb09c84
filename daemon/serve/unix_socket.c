#include "serve/unix_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/mem.h"

static int address_of(const char *path, struct sockaddr_un *ret)
{
	size_t len = strlen(path);

	_Static_assert(UNIX_SOCKET_PATH_MAX < sizeof(ret->sun_path), "a NUL must fit behind the path");
	if (len == 0 || len > UNIX_SOCKET_PATH_MAX)
		return UNIX_SOCKET_E_PATH;
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(ret->sun_path, path, len);
	return 0;
}

/* Frees the path for us. Who listens is asked by connecting: a full queue (EAGAIN) is a live process too. */
static int replace_stale(const char *path, const struct sockaddr_un *address)
{
	cleanup(closep) int fd = -1;
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return UNIX_SOCKET_E_PATH;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 || errno == EAGAIN)
		return UNIX_SOCKET_E_BUSY;
	if (errno != ECONNREFUSED && errno != ENOENT)
		return -errno; /* EACCES: somebody else's */
	return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

int unix_socket_listen(const char *path, mode_t mode, struct unix_socket *ret, int *ret_fd)
{
	cleanup(closep) int fd = -1;
	struct sockaddr_un address;
	struct stat st;
	int r;

	r = address_of(path, &address);
	if (r == 0)
		r = replace_stale(path, &address);
	if (r)
		return r; /* their outcomes are ours */
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* On Linux bind() gives the file the descriptor's mode, less the umask: never wider than asked for, not for an
	 * instant, and without touching the umask that other threads share. */
	if (fchmod(fd, mode) < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return errno == EADDRINUSE ? UNIX_SOCKET_E_BUSY : -errno; /* someone was faster */
	if (chmod(path, mode) < 0 || listen(fd, UNIX_SOCKET_BACKLOG) < 0 || lstat(path, &st) < 0) {
		r = -errno;
		(void)unlink(path);
		return r;
	}
	*ret = (struct unix_socket){.path = xstrdup(path), .dev = st.st_dev, .ino = st.st_ino, .ctime = st.st_ctim};
	*ret_fd = fd;
	fd = -1;
	return 0;
}

int unix_socket_adopt(int fd, const char *path, struct unix_socket *ret)
{
	struct sockaddr_un wanted, found = {.sun_family = AF_UNSPEC};
	socklen_t len = sizeof(found) - 1, size = sizeof(int); /* less one: a NUL stays behind the path */
	int listens = 0, type = 0, flags, r = address_of(path, &wanted);

	if (r)
		return r;
	if (getsockname(fd, (struct sockaddr *)&found, &len) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0)
		return errno == ENOTSOCK ? UNIX_SOCKET_E_PATH : -errno;
	if (found.sun_family != AF_UNIX || type != SOCK_STREAM || !listens ||
	    strcmp(found.sun_path, wanted.sun_path) != 0)
		return UNIX_SOCKET_E_PATH;
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return -errno;
	*ret = (struct unix_socket){.path = NULL};
	return 0;
}

void unix_socket_remove(struct unix_socket *s)
{
	struct stat st;

	if (s->path && lstat(s->path, &st) == 0 && st.st_dev == s->dev && st.st_ino == s->ino &&
	    st.st_ctim.tv_sec == s->ctime.tv_sec && st.st_ctim.tv_nsec == s->ctime.tv_nsec)
		(void)unlink(s->path);
	free(s->path);
	s->path = NULL;
}
