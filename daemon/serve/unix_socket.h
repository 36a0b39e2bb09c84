#pragma once
/*
 * serve/unix_socket: a listening Unix socket at a path, whoever left something there.
 *
 * Blocks: never (a path on a dead network file system aside). Positive outcomes: below.
 */
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "base/err.h"

enum { UNIX_SOCKET_PATH_MAX = 107, UNIX_SOCKET_BACKLOG = 128 };

enum {
	UNIX_SOCKET_E_BUSY = 1, /* a live process listens there */
	UNIX_SOCKET_E_PATH,     /* empty, longer than UNIX_SOCKET_PATH_MAX, or something there that is no socket */
};

struct unix_socket {
	char *path;
	dev_t dev; /* of the file that was made, so that another's is never removed */
	ino_t ino;
	struct timespec ctime; /* inode numbers are used again at once */
};

/* Listens at path, non-blocking and close-on-exec, its file with exactly this mode. What a dead process left is replaced. */
int unix_socket_listen(const char *path, mode_t mode, struct unix_socket *ret, int *ret_fd) must_use;
/* Takes a descriptor that listens already (systemd's), if it does so at path. Its file is whose who made it: never removed. */
int unix_socket_adopt(int fd, const char *path, struct unix_socket *ret) must_use;
void unix_socket_remove(struct unix_socket *s); /* the file, if it still is ours */
