#pragma once
/*
 * pool/terms: what is agreed of a job: how long it may take, and what its answer must look like.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mention/frame.h"

/* How many times as long all deadlines are: what was asked for, or by default 1, in sanitizer builds 5. */
unsigned terms_patience(unsigned asked);

/* FRAME_FEED, FRAME_MATCH: two seconds and one a MB, at most 30 s; FRAME_WHY, FRAME_PATTERNS: 30 s; FRAME_OPML: 60 s. patience times as
 * long. */
int64_t terms_time_ms(enum frame_type job, size_t len, unsigned patience);

struct answer;
struct border;
struct buf;

struct terms_job {
	enum frame_type type;
	const struct buf *payload;
	const struct border *border; /* what the answer may name */
	/* told of an answer that is one, FRAME_FEED's or FRAME_MATCH's; NULL: nobody asks */
	void (*on_answer)(void *arg, const struct answer *answer);
	void *arg;
};
/* NULL where the frame is an answer to that job; else what is wrong with it, short English, for logs. Foreign content went
 * through its reader and may have made it its own, so that every length and number in it is looked at, and then what it
 * claims (pool/border). *ret_suspect: what the reader had in its hands was malformed or hostile. */
const char *terms_broken(const struct terms_job *job, const struct frame *answer, bool *ret_suspect);
