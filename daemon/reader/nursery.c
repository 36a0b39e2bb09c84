#include "reader/nursery.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/wire.h"
#include "enrich/enrich.h"
#include "match/matcher.h"
#include "match/ruleset.h"
#include "match/tried.h"
#include "mention/build.h"
#include "mention/catalogue.h"
#include "mention/frame_io.h"
#include "mention/job.h"
#include "parse/map.h"
#include "parse/parse.h"
#include "reader/reader.h"

enum { CONTROL_MAX_BYTES = 8 * 1024 * 1024 }; /* of a frame to or from a nursery */

struct child {
	pid_t pid;
	uint64_t number; /* of the FRAME_FORK that it came by */
};

struct nursery {
	int signals;
	struct arena *arena; /* of load */
	struct job_load load;
	struct ruleset *rules; /* NULL: none asked for */
	struct maps *maps;     /* the same */
	struct enricher *tone; /* the same */
	struct tried *tried;   /* while it loads; NULL: nobody keeps what was tried */
	struct child children[NURSERY_READERS_MAX];
	size_t n_children;
};

/* What the rules know, and how well the tone is told. */
static void catalogue_send(struct buf *b, const struct nursery *n)
{
	struct catalogue c = *ruleset_catalogue(n->rules);

	if (n->tone)
		enricher_tones(n->tone, &c);
	catalogue_put(b, &c);
}

static int findings_send(enum frame_type type, const struct diag *diag, const struct nursery *n)
{
	struct buf findings = BUF_INIT(CONTROL_MAX_BYTES), catalogue = BUF_INIT(FRAME_MAX_BYTES / 2),
		   b = BUF_INIT(FRAME_MAX_BYTES);
	int r;

	diag_write(&findings, diag);
	if (type == FRAME_READY) {
		if (n->rules)
			catalogue_send(&catalogue, n);
		ready_put(&b, &findings, &catalogue);
	} else {
		buf_put(&b, buf_str(&findings), findings.len);
	}
	r = b.full || findings.full || catalogue.full ? -EMSGSIZE
						      : frame_send(NURSERY_FD, type, 0, buf_str(&b), b.len, -1);
	buf_done(&findings);
	buf_done(&catalogue);
	buf_done(&b);
	return r;
}

/* What rules are judged with between their halves, and their own tests too. */
static int tone_load(struct nursery *n, struct diag *diag)
{
	int r = n->load.n_paths || n->load.tone ? enricher_new(n->load.lexicon, diag, &n->tone) : 0;

	return r || !n->tone || !n->load.model ? r : enricher_model(n->tone, n->load.model, diag);
}

/* 0; 1: something is wrong with them, and told; -errno. What is wrong with rules and maps is told in one go; with a lexicon
 * alone, since rules' tests that ask for tone would fail without it. */
static int rules_and_maps(struct nursery *n, struct diag *diag)
{
	struct matcher_between between = {.judge = enrich_mention};
	bool invalid;
	int r = tone_load(n, diag);

	if (r)
		return r < 0 ? r : 1;
	between.arg = n->tone;
	if (n->load.n_paths)
		r = ruleset_load_how(n->load.paths, n->load.n_paths,
				     &(struct ruleset_how){.between = &between, .tried = n->tried}, diag, &n->rules);
	invalid = r == RULESET_E_INVALID;
	if (r >= 0 && n->load.n_maps)
		r = maps_load(n->load.maps, n->load.n_maps, diag, &n->maps);
	if (r < 0)
		return r;
	if (invalid || r == MAPS_E_INVALID)
		return 1;
	if (n->rules && !n->load.no_prefilter)
		ruleset_prefilter(n->rules);
	return 0;
}

static void tried_begin(struct nursery *n)
{
	if (!n->load.tried)
		return;
	n->tried = tried_new();
	tried_read(n->tried, n->load.tried);
}

/* No reader has been forked yet: none carries it along. A disk that is full costs the next load its time, and nothing else. */
static void tried_end(struct nursery *n)
{
	int r = n->tried && n->rules ? tried_write(n->tried, n->load.tried) : 0;

	if (r < 0)
		(void)fprintf(stderr, "%s: %s\n", n->load.tried, strerror(-r));
	n->tried = tried_free(n->tried);
}

/* The first frame: what to load. 0: loaded and told; 1: there is no going on. */
static int load(struct nursery *n)
{
	cleanup(diag_freep) struct diag *diag = diag_new();
	struct buf b = BUF_INIT(CONTROL_MAX_BYTES);
	struct frame f;
	int r;

	r = frame_send(NURSERY_FD, FRAME_BUILD, 0, build_id(), strlen(build_id()), -1);
	if (r == 0)
		r = frame_recv(NURSERY_FD, &b, TIME_NONE, &f, NULL);
	if (r == 0 && (f.type != FRAME_LOAD || job_load_get(f.bytes, f.len, n->arena, &n->load)))
		r = FRAME_E_BROKEN;
	buf_done(&b);
	if (r)
		return 1;
	parse_init();
	tried_begin(n);
	r = rules_and_maps(n, diag);
	if (r == 1)
		(void)findings_send(FRAME_FAILED, diag, n); /* escuchad is gone if it fails: then all is said */
	if (r)
		return 1;
	if (findings_send(FRAME_READY, diag, n) < 0)
		return 1;
	tried_end(n);
	return 0;
}

static int pid_send(enum frame_type type, const struct child *c, const int *status)
{
	struct buf b = BUF_INIT(16);
	int r;

	wire_put_u32(&b, (uint32_t)c->pid);
	if (status)
		wire_put_u32(&b, (uint32_t)*status);
	r = frame_send(NURSERY_FD, type, c->number, buf_str(&b), b.len, -1);
	buf_done(&b);
	return r;
}

static int fork_reader(struct nursery *n, uint64_t number, int fd)
{
	struct child c = {.number = number};
	const pid_t self = getpid();
	pid_t pid = -1;

	if (fd >= 0 && n->n_children < NURSERY_READERS_MAX)
		pid = fork();
	if (pid == 0)
		reader_run(fd, self, n->rules, n->maps, n->tone, &n->load);
	if (pid > 0) {
		c.pid = pid;
		n->children[n->n_children++] = c;
	}
	return pid_send(FRAME_FORKED, &c, NULL); /* 0: it could not */
}

/* Only a child that was not reaped yet: nobody else can have its number. */
static void kill_reader(const struct nursery *n, const struct frame *f)
{
	struct wire_in in = WIRE_IN(f->bytes, f->len);
	pid_t pid = (pid_t)wire_get_u32(&in);
	size_t i;

	for (i = 0; i < n->n_children; i++)
		if (n->children[i].pid == pid)
			(void)kill(pid, SIGKILL);
}

/* 0; 1: it is over. */
static int obey(struct nursery *n)
{
	struct buf b = BUF_INIT(CONTROL_MAX_BYTES);
	struct frame f;
	int fd = -1, r;

	r = frame_recv(NURSERY_FD, &b, TIME_NONE, &f, &fd);
	if (r == 0 && f.type == FRAME_FORK)
		r = fork_reader(n, f.number, fd);
	else if (r == 0 && f.type == FRAME_KILL)
		kill_reader(n, &f);
	else
		r = 1;
	closep(&fd);
	buf_done(&b);
	return r != 0;
}

static int reap(struct nursery *n)
{
	struct signalfd_siginfo info;
	int status, r = 0;
	pid_t pid;

	if (read(n->signals, &info, sizeof(info)) < 0 && errno != EAGAIN && errno != EINTR)
		return 1;
	while (r == 0 && (pid = waitpid(-1, &status, WNOHANG)) > 0) { /* one signal may stand for several */
		size_t i;

		for (i = 0; i < n->n_children && n->children[i].pid != pid; i++)
			;
		if (i == n->n_children)
			continue;
		r = pid_send(FRAME_EXITED, &n->children[i], &status);
		n->children[i] = n->children[--n->n_children];
	}
	return r != 0;
}

static int serve(struct nursery *n)
{
	struct pollfd p[] = {{.fd = NURSERY_FD, .events = POLLIN}, {.fd = n->signals, .events = POLLIN}};

	for (;;) {
		if (poll(p, ARRAY_LEN(p), -1) < 0) {
			if (errno == EINTR)
				continue;
			return EXIT_FAILURE;
		}
		if (p[1].revents && reap(n))
			return EXIT_FAILURE;
		if (p[0].revents && obey(n))
			return EXIT_SUCCESS; /* escuchad closed its end, or is gone */
	}
}

int nursery_run(void)
{
	struct nursery n = {.arena = arena_new(CONTROL_MAX_BYTES), .signals = -1};
	int status = EXIT_FAILURE;
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == 0)
		n.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (n.signals >= 0)
		status = load(&n) ? EXIT_SUCCESS : serve(&n);
	for (i = 0; i < n.n_children; i++)
		(void)kill(n.children[i].pid, SIGKILL);
	closep(&n.signals);
	maps_free(n.maps);
	ruleset_free(n.rules);
	enricher_free(n.tone);
	tried_free(n.tried);
	arena_free(n.arena);
	return status;
}
