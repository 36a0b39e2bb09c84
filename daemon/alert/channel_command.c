#include "alert/channel_command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/queue.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alert/channel.h"
#include "alert/config.h"
#include "alert/notice_object.h"
#include "base/buf.h"
#include "base/child.h"
#include "base/log.h"
#include "base/utf8.h"
#include "loop/loop.h"

enum { SAID_MAX_BYTES = 300 };

struct run {
	LIST_ENTRY(run) entry;
	struct channel_command *command;
	pid_t pid;
	int pidfd, said;
	struct loop_watch *watch;
	struct loop_timer *timer;
	bool late;
	void (*on_sent)(void *arg, const struct channel_result *result);
	void *arg;
};

struct channel_command {
	struct loop *loop;
	char **argv;
	int64_t timeout_ms;
	LIST_HEAD(, run) runs;
	size_t n;
};

struct channel_command *channel_command_new(struct loop *l, const struct channel_config *config)
{
	struct channel_command *c = NEW(struct channel_command);
	size_t i;

	*c = (struct channel_command){.loop = l, .timeout_ms = config->timeout_ms};
	LIST_INIT(&c->runs);
	c->argv = xcalloc(config->n_command + 1, sizeof(*c->argv));
	for (i = 0; i < config->n_command; i++)
		c->argv[i] = xstrdup(config->command[i]);
	return c;
}

static void run_free(struct run *r)
{
	LIST_REMOVE(r, entry);
	r->command->n--;
	loop_watch_free(r->watch);
	loop_timer_free(r->timer);
	close(r->pidfd);
	close(r->said);
	free(r);
}

struct channel_command *channel_command_free(struct channel_command *c)
{
	struct run *r;
	size_t i;

	if (!c)
		return NULL;
	while ((r = LIST_FIRST(&c->runs))) {
		if (r->pid > 0) /* else it never began */
			kill(-r->pid, SIGKILL);
		while (r->pid > 0 && waitpid(r->pid, NULL, 0) < 0 && errno == EINTR)
			;
		run_free(r);
	}
	for (i = 0; c->argv[i]; i++)
		free(c->argv[i]);
	free(c->argv);
	free(c);
	return NULL;
}

/* --- its end --- */

/* What it said, on one line. */
static void put_said(int fd, struct buf *b)
{
	char text[COMMAND_WORDS_BYTES];
	ssize_t n = pread(fd, text, sizeof(text), 0);
	cleanup(buf_done) struct buf clean = BUF_INIT(4 * COMMAND_WORDS_BYTES);

	n = n > 0 ? (ssize_t)strnlen(text, (size_t)n) : 0; /* behind what it wrote, the file holds zeros */
	utf8_scrub(&clean, text, (size_t)n);
	notice_clean(b, buf_str(&clean), SAID_MAX_BYTES, false);
}

static void on_end(int fd, unsigned what, void *arg)
{
	struct run *r = arg;
	struct buf words = BUF_INIT(2 * SAID_MAX_BYTES);
	void (*on_sent)(void *, const struct channel_result *) = r->on_sent;
	struct channel_result result = {.result = "refused", .never = true};
	int status = 0;

	(void)fd;
	(void)what;
	if (waitpid(r->pid, &status, WNOHANG) != r->pid)
		return;
	kill(-r->pid, SIGKILL); /* what it left behind */
	if (r->late)
		buf_puts(&words, "it was not done in time");
	else if (WIFSIGNALED(status))
		buf_printf(&words, "it was ended by signal %d", WTERMSIG(status));
	else
		buf_printf(&words, "it ended with %d: ", WEXITSTATUS(status));
	if (!r->late && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		result = (struct channel_result){.taken = true, .result = "sent"};
	else if (r->late || !WIFEXITED(status) || WEXITSTATUS(status) == COMMAND_TEMPORARY)
		result = (struct channel_result){.result = "later", .maybe = r->late};
	put_said(r->said, &words);
	result.answer = buf_str(&words);
	arg = r->arg;
	run_free(r);
	on_sent(arg, &result);
	buf_done(&words);
}

static void on_late(void *arg)
{
	struct run *r = arg;

	r->late = true;
	kill(-r->pid, SIGKILL);
}

/* --- its beginning --- */

/* A file without a name that holds the text; or, text NULL, one of so many bytes that can't grow: nobody fills our memory. */
static int memory_file(const char *text, size_t len)
{
	int fd = memfd_create("notice", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -errno;
	if (text ? write(fd, text, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) != 0
		 : ftruncate(fd, (off_t)len) < 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) < 0) {
		close(fd);
		return -EIO;
	}
	return fd;
}

static int files_make(posix_spawn_file_actions_t *files, int in, int said)
{
	int r = posix_spawn_file_actions_adddup2(files, in, STDIN_FILENO);

	if (r == 0)
		r = posix_spawn_file_actions_addopen(files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(files, said, STDERR_FILENO);
	/* ours are closed by exec; what a library opened without that mark is no program's to read */
	return r ? r : posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1);
}

static int start(char **argv, int in, int said, pid_t *ret)
{
	static char path[] = "PATH=/usr/local/bin:/usr/bin:/bin", lang[] = "LANG=C.UTF-8";
	char *env[] = {path, lang, NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	int r = posix_spawn_file_actions_init(&files);

	if (r)
		return -r;
	r = posix_spawnattr_init(&attributes);
	if (r == 0) {
		r = files_make(&files, in, said);
		if (r == 0)
			r = child_attributes(&attributes);
		if (r == 0)
			r = posix_spawn(ret, argv[0], &files, &attributes, argv, env);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&files);
	return -r;
}

static void on_failed(void *arg)
{
	struct run *r = arg;
	void (*on_sent)(void *, const struct channel_result *) = r->on_sent;
	void *to = r->arg;

	run_free(r);
	on_sent(to, &(struct channel_result){.never = true,
					     .result = "failed",
					     .answer = "the program can't be started: is its path right?"});
}

/* Of a dry run. */
static void on_there(void *arg)
{
	struct run *r = arg;
	void (*on_sent)(void *, const struct channel_result *) = r->on_sent;
	void *to = r->arg;

	run_free(r);
	on_sent(to, &(struct channel_result){.taken = true, .result = "sent", .answer = "the program is there"});
}

/* Its process, watched. False: it could not be started. */
static bool watch(struct run *r)
{
	r->pidfd = pidfd_open(r->pid, 0);
	if (r->pidfd >= 0) {
		r->watch = loop_watch_new(r->command->loop, r->pidfd, on_end, r);
		if (loop_watch_set(r->watch, LOOP_READ) == 0)
			return true;
	}
	kill(-r->pid, SIGKILL);
	(void)waitpid(r->pid, NULL, 0);
	r->pid = 0;
	return false;
}

bool channel_command_send(struct channel_command *c, const struct notice_object *o,
			  void (*on_sent)(void *arg, const struct channel_result *result), void *arg)
{
	cleanup(buf_done) struct buf document = BUF_INIT(NOTICE_OBJECT_MAX_BYTES);
	struct run *r;
	int in;

	notice_object_json(o, &document);
	if (c->n == COMMAND_RUNNING_MAX || document.full)
		return false;
	in = memory_file(buf_str(&document), document.len);
	if (in < 0)
		return false;
	r = NEW(struct run);
	*r = (struct run){.command = c, .pidfd = -1, .on_sent = on_sent, .arg = arg};
	r->said = memory_file(NULL, COMMAND_WORDS_BYTES);
	LIST_INSERT_HEAD(&c->runs, r, entry);
	c->n++;
	if (o->dry) {
		r->timer = loop_timer_new(c->loop, access(c->argv[0], X_OK) == 0 ? on_there : on_failed, r);
		loop_timer_set(r->timer, 0);
	} else if (r->said >= 0 && start(c->argv, in, r->said, &r->pid) == 0 && watch(r)) {
		r->timer = loop_timer_new(c->loop, on_late, r);
		loop_timer_set(r->timer, c->timeout_ms);
	} else { /* told later, as any outcome */
		r->timer = loop_timer_new(c->loop, on_failed, r);
		loop_timer_set(r->timer, 0);
	}
	close(in);
	return true;
}
