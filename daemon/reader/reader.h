#pragma once
/*
 * reader/reader: one reader's life: from the nursery's fork to its last job.
 *
 * It keeps nothing between jobs, and lives until escuchad closes its socket or ends it. Whatever goes wrong here ends the
 * process: escuchad sees that, starts another and tries the job again.
 */
#include <sys/types.h>

struct enricher;
struct job_load;
struct maps;
struct ruleset;

enum { /* how a reader ends by itself; the nursery passes it on */
       READER_EXIT_DONE = 0,
       READER_EXIT_ORPHAN = 10,  /* its nursery was gone before it began */
       READER_EXIT_SANDBOX = 11, /* the sandbox does not close on this machine */
       READER_EXIT_SOCKET = 12,
       READER_EXIT_JOB = 13, /* what came was no job */
};

/* In the child of a fork. fd is the reader's end of its socket pair; every other descriptor above standard error is
 * closed. rules, maps and tone may be NULL. Never returns. */
_Noreturn void reader_run(int fd, pid_t nursery, const struct ruleset *rules, struct maps *maps, struct enricher *tone,
			  const struct job_load *load);
