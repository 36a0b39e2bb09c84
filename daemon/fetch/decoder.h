#pragma once
/*
 * fetch/decoder: decode() on threads of its own, so that a bomb costs others a place in a queue and never the loop's time;
 * and so that a name server or a disk that hangs, for which other threads wait, keeps no body from being read.
 *
 * Owner:  fetch, which frees it before the loop. A decoding is dead once its callback was entered, or after cancel.
 * Blocks: never.
 * Bounds: DECODER_THREADS run at once, which bounds memory, too; LOOP_WORK_MAX wait.
 */
#include <stdbool.h>

#include "fetch/decode.h"

struct decoder;
struct decoding;
struct loop;

enum { DECODER_THREADS = 2 };

int decoder_new(struct loop *l, struct decoder **ret) must_use;
struct decoder *decoder_free(struct decoder *d); /* drops what is being decoded; NULL is fine; returns NULL */
DEFINE_CLEANUP(struct decoder, decoder_free)

struct decoder_job {
	struct codings codings;
	struct buf *body; /* taken, if a decoding is returned */
	size_t max_bytes;
	bool part; /* what came out before an error is wanted, too; else its megabytes are freed on the thread */
};
/* What decode() says comes on the loop, never from within decoder_start(). The callback's body lasts for its length, and may
 * be taken. NULL: no thread can be started. */
typedef void (*decoder_done)(int r, struct buf *body, const char *why, void *arg);
struct decoding *decoder_start(struct decoder *d, const struct decoder_job *job, decoder_done on_decoded,
			       void *arg) must_use;
void decoder_cancel(struct decoding *k); /* not in or after its callback; NULL is fine */
