#include "pool/ask.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/wire.h"
#include "mention/build.h"
#include "mention/frame_io.h"
#include "mention/job.h"
#include "pool/border.h"
#include "pool/plan.h" /* its times */
#include "pool/spawn.h"
#include "pool/terms.h"
#include "pool/words.h"

enum { CONTROL_MAX_BYTES = 64 * 1024 };

struct ask {
	char *program;
	unsigned patience;
	struct nursery_process nursery;
	struct buf ready, control, answer; /* the last frame of each kind */
	const char *catalogue;
	size_t catalogue_len;
	struct border *border;
	int reader; /* our end of its socket; -1: there is none */
	uint32_t reader_pid;
	uint64_t number;
};

struct ask *ask_free(struct ask *a)
{
	if (!a)
		return NULL;
	closep(&a->reader);
	words_tell(a->nursery.said, a->nursery.pid);
	spawn_end(&a->nursery);
	buf_done(&a->ready);
	buf_done(&a->control);
	buf_done(&a->answer);
	border_free(a->border);
	free(a->program);
	free(a);
	return NULL;
}

const char *ask_catalogue(const struct ask *a, size_t *ret_len)
{
	*ret_len = a->catalogue_len;
	return a->catalogue;
}

static const struct diag_pos nowhere = {.file = NULL};

static int64_t in_time_ms(const struct ask *a, int64_t ms)
{
	return clock_steady_ms() + ms * a->patience;
}

/* What there is to say of a nursery that said nothing itself. */
static int nursery_lost(struct ask *a, int r, struct diag *diag)
{
	struct buf why = BUF_INIT(256);
	char seconds[32];
	int status;

	if (r == FRAME_E_LATE) {
		(void)snprintf(seconds, sizeof(seconds), "%u", PLAN_LOAD_MS / 1000 * a->patience);
		diag_error(diag, nowhere, NULL, NULL, TEXT_POOL_RULES_LATE, seconds);
		return ASK_E_RULES;
	}
	if (r == FRAME_E_BROKEN)
		spawn_kill(&a->nursery);
	status = spawn_wait(&a->nursery);
	spawn_status_put(&why, status);
	diag_error(diag, nowhere, NULL, NULL, TEXT_POOL_RULES_DIED, buf_str(&why));
	buf_done(&why);
	return ASK_E_PROGRAM;
}

static int load(struct ask *a, const struct ask_config *config, struct diag *diag)
{
	const struct job_load job = {.paths = config->rules,
				     .n_paths = config->n_rules,
				     .maps = config->maps,
				     .n_maps = config->n_maps,
				     .lexicon = config->lexicon,
				     .model = config->model,
				     .tone = config->tone,
				     .reader_memory_bytes = config->reader_memory_bytes,
				     .no_prefilter = config->no_prefilter};
	const int64_t deadline_ms = in_time_ms(a, PLAN_LOAD_MS);
	struct buf b = BUF_INIT(FRAME_MAX_BYTES);
	const char *findings;
	struct frame f;
	size_t len;
	int r;

	job_load_put(&b, &job);
	r = frame_send(a->nursery.fd, FRAME_LOAD, 0, buf_str(&b), b.len, -1);
	buf_done(&b);
	if (r == 0)
		r = frame_recv(a->nursery.fd, &a->ready, deadline_ms, &f, NULL);
	if (r == 0 && !(f.type == FRAME_BUILD && build_is_ours(f.bytes, f.len))) {
		diag_error(diag, nowhere, NULL, NULL, TEXT_POOL_OTHER_PROGRAM, a->program);
		return ASK_E_PROGRAM;
	}
	if (r == 0)
		r = frame_recv(a->nursery.fd, &a->ready, deadline_ms, &f, NULL);
	if (r)
		return nursery_lost(a, r, diag);
	if (f.type == FRAME_FAILED && diag_read(diag, f.bytes, f.len) == 0)
		return ASK_E_RULES;
	if (f.type == FRAME_READY &&
	    ready_get(f.bytes, f.len, &findings, &len, &a->catalogue, &a->catalogue_len) == 0 &&
	    diag_read(diag, findings, len) == 0) {
		a->border = border_new(a->catalogue, a->catalogue_len);
		if (a->border)
			return 0;
	}
	return nursery_lost(a, FRAME_E_BROKEN, diag);
}

int ask_open(const struct ask_config *config, struct diag *diag, struct ask **ret)
{
	cleanup(ask_freep) struct ask *a = NEW(struct ask);
	int r;

	a->reader = -1;
	a->patience = terms_patience(config->patience);
	a->program = spawn_program(config->program);
	a->nursery = (struct nursery_process)NURSERY_PROCESS_NONE;
	buf_init(&a->ready, FRAME_HEADER_BYTES + FRAME_MAX_BYTES);
	buf_init(&a->control, FRAME_HEADER_BYTES + CONTROL_MAX_BYTES);
	buf_init(&a->answer, FRAME_HEADER_BYTES + FRAME_MAX_BYTES);
	r = spawn_nursery(a->program, &a->nursery);
	if (r < 0) {
		spawn_finding(diag, a->program, r);
		return ASK_E_PROGRAM;
	}
	r = load(a, config, diag);
	if (r)
		return r;
	*ret = TAKE(a);
	return 0;
}

/* The nursery's word on the reader just asked for. FRAME_EXITED of one before it is passed over. */
static bool forked(struct ask *a, int64_t deadline_ms)
{
	struct frame f;

	do {
		if (frame_recv(a->nursery.fd, &a->control, deadline_ms, &f, NULL))
			return false;
	} while (f.type == FRAME_EXITED);
	if (f.type == FRAME_FORKED && f.number == a->number) {
		struct wire_in in = WIRE_IN(f.bytes, f.len);

		a->reader_pid = wire_get_u32(&in);
		return wire_done(&in) && a->reader_pid;
	}
	return false;
}

static bool reader_start(struct ask *a)
{
	const int64_t deadline_ms = in_time_ms(a, PLAN_REPLY_MS);
	struct frame f;
	int theirs, r;

	if (spawn_pair(&a->reader, &theirs) < 0)
		return false;
	r = frame_send(a->nursery.fd, FRAME_FORK, ++a->number, NULL, 0, theirs);
	close(theirs);
	return r == 0 && forked(a, deadline_ms) && frame_recv(a->reader, &a->answer, deadline_ms, &f, NULL) == 0 &&
	       f.type == FRAME_UP;
}

/* Its nursery does it: it alone can't hit another process that came by the same number. */
static void reader_end(struct ask *a)
{
	struct buf b = BUF_INIT(16);

	closep(&a->reader);
	a->reader = -1;
	if (a->reader_pid) {
		wire_put_u32(&b, a->reader_pid);
		(void)!frame_send(a->nursery.fd, FRAME_KILL, 0, buf_str(&b), b.len, -1);
		buf_done(&b);
	}
	a->reader_pid = 0;
}

static int send_job(struct ask *a, enum frame_type type, const struct buf *payload, int64_t ms)
{
	const struct timeval most = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000}; /* one that doesn't read */

	if (setsockopt(a->reader, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof(most)) < 0)
		return -errno;
	return frame_send(a->reader, type, ++a->number, buf_str(payload), payload->len, -1);
}

int ask(struct ask *a, enum frame_type type, const struct buf *payload, const char **ret_bytes, size_t *ret_len)
{
	const int64_t ms = terms_time_ms(type, payload->len, a->patience);
	const struct terms_job terms = {.type = type, .payload = payload, .border = a->border};
	int64_t deadline_ms;
	struct frame f;
	bool suspect;
	int r;

	if (a->reader < 0 && !reader_start(a)) {
		reader_end(a);
		return ASK_E_DIED;
	}
	deadline_ms = clock_steady_ms() + ms;
	r = send_job(a, type, payload, ms);
	if (r == 0)
		r = frame_recv(a->reader, &a->answer, deadline_ms, &f, NULL);
	words_tell(a->nursery.said, a->nursery.pid);
	if (r == 0 && f.number == a->number && !terms_broken(&terms, &f, &suspect)) {
		*ret_bytes = f.bytes;
		*ret_len = f.len;
		return 0;
	}
	reader_end(a);
	if (r == FRAME_E_LATE || r == -EAGAIN)
		return ASK_E_LATE;
	return r == 0 || r == FRAME_E_BROKEN ? ASK_E_BROKEN : ASK_E_DIED;
}
