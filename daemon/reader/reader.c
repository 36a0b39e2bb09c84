#include "reader/reader.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "enrich/enrich.h"
#include "match/matcher.h"
#include "mention/frame_io.h"
#include "mention/job.h"
#include "reader/jobs.h"
#include "reader/sandbox.h"

enum { BUFFER_KEEP_BYTES = 1024 * 1024 }; /* what a buffer may hold on to between jobs */

/* A fork inherits what the nursery blocks, watches and holds; none of that is a reader's. */
static void leave_nursery(int fd, pid_t nursery)
{
	sigset_t none;

	sigemptyset(&none);
	(void)prctl(PR_SET_NAME, "reader");
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != nursery) /* it may have died before it was watched */
		_exit(READER_EXIT_ORPHAN);
	if (dup2(fd, SANDBOX_FD) < 0 || close_range(SANDBOX_FD + 1, ~0U, 0) < 0 ||
	    sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		_exit(READER_EXIT_SOCKET);
}

static void trim(struct buf *b)
{
	if (b->cap > BUFFER_KEEP_BYTES)
		buf_done(b);
	else
		buf_reset(b);
}

static void serve(struct matcher *matcher, struct maps *maps, struct enricher *tone, const struct job_load *load)
{
	struct buf in = BUF_INIT(FRAME_HEADER_BYTES + FRAME_MAX_BYTES), out = BUF_INIT(FRAME_MAX_BYTES);
	struct frame job;
	int r;

	while ((r = frame_recv(SANDBOX_FD, &in, TIME_NONE, &job, NULL)) == 0) {
		struct arena *arena = arena_new(JOB_ARENA_MAX_BYTES);
		enum frame_type type;

		if (job.type == FRAME_OFF
			    ? job_off(matcher, &job, arena)
			    : sandbox_job(load->job_cpu_s) < 0 || job_do(matcher, maps, tone, &job, arena, &type, &out))
			_exit(READER_EXIT_JOB);
		if (job.type != FRAME_OFF && frame_send(SANDBOX_FD, type, job.number, buf_str(&out), out.len, -1) < 0)
			_exit(READER_EXIT_SOCKET);
		arena_free(arena);
		trim(&in);
		trim(&out);
	}
	_exit(r == FRAME_E_END ? READER_EXIT_DONE : READER_EXIT_SOCKET);
}

void reader_run(int fd, pid_t nursery, const struct ruleset *rules, struct maps *maps, struct enricher *tone,
		const struct job_load *load)
{
	struct matcher *matcher;

	leave_nursery(fd, nursery);
	matcher = rules ? matcher_new(rules) : NULL;
	if (matcher && tone)
		matcher_between(matcher, &(struct matcher_between){enrich_mention, tone});
	if (sandbox_enter(load->reader_memory_bytes) < 0)
		_exit(READER_EXIT_SANDBOX);
	if (frame_send(SANDBOX_FD, FRAME_UP, 0, NULL, 0, -1) < 0)
		_exit(READER_EXIT_SOCKET);
	serve(matcher, maps, tone, load);
	_exit(READER_EXIT_DONE); /* never exit(): the nursery's atexit functions are not ours, nor is a search for leaks */
}
