#pragma once
/*
 * reader/jobs: what a reader does: a job's frame in, its answer's bytes out. All foreign bytes are read here.
 *
 * Owner:  nothing outlives a job: its arena is the caller's, and goes with it.
 * Blocks: never; CPU alone. Bounded by the sandbox, and by escuchad's deadline.
 */
#include <stddef.h>

#include "base/err.h"
#include "mention/frame.h"

struct arena;
struct buf;
struct enricher;
struct maps;
struct matcher;

enum {
	JOB_ARENA_MAX_BYTES = 256 * 1024 * 1024, /* of one job; the sandbox's memory bounds all together */
};

enum { JOB_E_FORMAT = 1 /* not a job, or not as job_*_put() writes it */ };
/* matcher NULL: no rules, mentions get no hits. What does not fit into out becomes an answer that says so. */
/* FRAME_OFF: what a job is judged without, from now on; it has no answer. */
int job_off(struct matcher *matcher, const struct frame *off, struct arena *a) must_use;
/* maps NULL: a job that asks for one is refused. tone NULL: neither language nor tone is told. */
int job_do(struct matcher *matcher, struct maps *maps, struct enricher *tone, const struct frame *job, struct arena *a,
	   enum frame_type *ret_type, struct buf *out) must_use;
