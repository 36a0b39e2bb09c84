#include "pool/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/child.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/sanitized.h"

enum { CHILD_FD = 3, ENVIRONMENT_MAX = 8, PATH_BYTES = 4096 };

static const char name[] = "escuchad-reader";

char *spawn_program(const char *given)
{
	static const char *const beside[] = {"", "../reader/"};
	char self[PATH_BYTES];
	ssize_t len;
	char *slash;
	size_t i;

	if (given)
		return xstrdup(given);
	len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	self[len > 0 ? len : 0] = '\0';
	slash = strrchr(self, '/');
	for (i = 0; slash && i < ARRAY_LEN(beside); i++) {
		char *path = xasprintf("%.*s/%s%s", (int)(slash - self), self, beside[i], name);

		if (access(path, X_OK) == 0)
			return path;
		free(path);
	}
	return xasprintf("%s/%s", LIBEXECDIR, name);
}

/* Nothing of ours but what a sanitizer needs to say what it found. */
static void environment_make(char *env[ENVIRONMENT_MAX])
{
	static const char *const sanitizers[] = {"ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS"};
	size_t i, n = 0;

	env[n++] = xstrdup("TZ=UTC");
	env[n++] = xstrdup("LC_ALL=C.UTF-8");
	for (i = 0; BUILT_SANITIZED && i < ARRAY_LEN(sanitizers); i++)
		if (getenv(sanitizers[i]))
			env[n++] = xasprintf("%s=%s", sanitizers[i], getenv(sanitizers[i]));
	env[n] = NULL;
}

static void environment_free(char *env[ENVIRONMENT_MAX])
{
	size_t i;

	for (i = 0; env[i]; i++)
		free(env[i]);
}

/* The order matters: our end may stand where /dev/null is going to. */
static int files_make(posix_spawn_file_actions_t *files, int fd, int said)
{
	int r;

	r = posix_spawn_file_actions_adddup2(files, fd, CHILD_FD);
	if (r == 0)
		r = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (r == 0)
		r = posix_spawn_file_actions_addopen(files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	if (r == 0 && said >= 0)
		r = posix_spawn_file_actions_adddup2(files, said, STDERR_FILENO);
	if (r == 0)
		r = posix_spawn_file_actions_addclosefrom_np(files, CHILD_FD + 1);
	return r;
}

static int start(const char *program, int fd, int said, pid_t *ret)
{
	char *const argv[] = {(char *)(uintptr_t)name, NULL};
	char *env[ENVIRONMENT_MAX];
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	int r;

	r = posix_spawn_file_actions_init(&files);
	if (r)
		return -r;
	r = posix_spawnattr_init(&attributes);
	if (r) {
		posix_spawn_file_actions_destroy(&files);
		return -r;
	}
	environment_make(env);
	r = files_make(&files, fd, said);
	if (r == 0)
		r = child_attributes(&attributes);
	if (r == 0)
		r = posix_spawn(ret, program, &files, &attributes, argv, env);
	environment_free(env);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return -r;
}

/* Our end and theirs, which stands above what the child's descriptors are made of. */
static int words_pipe(int *ret_ours, int *ret_theirs)
{
	int v[2], high, r = 0;

	if (BUILT_SANITIZED)
		return 0;
	if (pipe2(v, O_CLOEXEC) < 0)
		return -errno;
	high = fcntl(v[1], F_DUPFD_CLOEXEC, CHILD_FD + 1);
	if (high < 0 || fcntl(v[0], F_SETFL, O_NONBLOCK) < 0)
		r = -errno;
	close(v[1]);
	*ret_ours = v[0];
	*ret_theirs = high;
	return r;
}

int spawn_nursery(const char *program, struct nursery_process *ret)
{
	struct nursery_process n = NURSERY_PROCESS_NONE;
	int theirs, said = -1, r;

	r = spawn_pair(&n.fd, &theirs);
	if (r < 0)
		return r;
	r = words_pipe(&n.said, &said);
	if (r == 0)
		r = start(program, theirs, said, &n.pid);
	close(theirs);
	closep(&said);
	if (r == 0) {
		n.pidfd = pidfd_open(n.pid, 0);
		if (n.pidfd < 0)
			r = -errno;
	}
	if (r < 0) {
		spawn_end(&n);
		return r;
	}
	*ret = n;
	return 0;
}

bool spawn_reap(struct nursery_process *n, int *ret_status)
{
	if (n->pid < 0 || waitpid(n->pid, ret_status, WNOHANG) != n->pid)
		return false;
	n->pid = -1; /* from here on the number may be another's */
	return true;
}

int spawn_wait(struct nursery_process *n)
{
	int status = -1;

	while (n->pid > 0 && waitpid(n->pid, &status, 0) < 0 && errno == EINTR)
		;
	n->pid = -1;
	return status;
}

void spawn_kill(const struct nursery_process *n)
{
	if (n->pid > 0)
		(void)kill(n->pid, SIGKILL);
}

void spawn_end(struct nursery_process *n)
{
	spawn_kill(n);
	(void)spawn_wait(n);
	closep(&n->pidfd);
	closep(&n->fd);
	closep(&n->said);
	*n = (struct nursery_process)NURSERY_PROCESS_NONE;
}

int spawn_pair(int *ret_ours, int *ret_theirs)
{
	int v[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, v) < 0)
		return -errno;
	*ret_ours = v[0];
	*ret_theirs = v[1];
	return 0;
}

void spawn_status_put(struct buf *b, int status)
{
	if (status == -1)
		buf_puts(b, "could not be started");
	else if (WIFSIGNALED(status))
		buf_printf(b, "killed by signal %d (%s)", WTERMSIG(status), sigabbrev_np(WTERMSIG(status)) ?: "?");
	else
		buf_printf(b, "ended with status %d", WEXITSTATUS(status));
}

void spawn_finding(struct diag *diag, const char *program, int error)
{
	diag_error(diag, (struct diag_pos){.file = NULL}, NULL, NULL, TEXT_POOL_PROGRAM_MISSING, program,
		   strerror(-error));
}
