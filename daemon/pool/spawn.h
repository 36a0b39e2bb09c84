#pragma once
/*
 * pool/spawn: starts and ends nurseries: escuchad-reader processes with one socket and nothing else of ours.
 *
 * A nursery gets a clean environment (no secret of ours can be read from it), /dev/null as standard input and output, a
 * pipe as standard error (pool/words), its socket as descriptor 3, and no other descriptor. It is a process group of its
 * own, so that a Ctrl-C meant for us leaves it serving until we have drained. It dies with the thread that started it
 * (PR_SET_PDEATHSIG): that must be the main thread.
 *
 * Blocks: for posix_spawn (under a millisecond); spawn_end() until the process is reaped.
 */
#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

struct buf;
struct diag;

struct nursery_process {
	pid_t pid;
	int pidfd; /* readable once it ended; it is reaped by nobody but spawn_reap() and spawn_end() */
	int fd;    /* our end of its socket; -1: closed */
	int said;  /* what it and its readers write on standard error, not blocking; -1: a sanitizer build, on ours */
};

/* The path of escuchad-reader, to be freed: the given one, or the first that can be run of: beside the running program,
 * in the reader/ folder beside its folder (a build tree), where it is installed. The last is returned if none can. */
char *spawn_program(const char *given) must_use;

int spawn_nursery(const char *program, struct nursery_process *ret) must_use; /* -errno */
bool spawn_reap(struct nursery_process *n, int *ret_status);                  /* false: it still runs */
int spawn_wait(struct nursery_process *n);                                    /* its status, once it ended */
void spawn_kill(const struct nursery_process *n);                             /* SIGKILL; fine if it ended */
void spawn_end(struct nursery_process *n);                                    /* kills, reaps, closes; again is fine */

#define NURSERY_PROCESS_NONE                                                                                           \
	{                                                                                                              \
		.pid = -1, .pidfd = -1, .fd = -1, .said = -1                                                           \
	}

/* A reader's socket pair: ours, and the one to be passed with FRAME_FORK. Both close-on-exec. */
int spawn_pair(int *ret_ours, int *ret_theirs) must_use;

/* "killed by signal 11 (SEGV)", "ended with status 13": short English, for logs. status as waitpid() gives it. */
void spawn_status_put(struct buf *b, int status);
/* The finding for a program that cannot be started. */
void spawn_finding(struct diag *diag, const char *program, int error);
