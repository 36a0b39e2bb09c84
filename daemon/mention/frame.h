#pragma once
/*
 * mention/frame: the frames between escuchad and escuchad-reader, over a stream socket pair.
 *
 *   u32 length of what follows the header | u32 type | u64 number of the job | bytes
 *
 * Bounded: a longer length is a broken peer, which is killed. All integers are little-endian.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf;

enum {
	FRAME_HEADER_BYTES = 16,
	FRAME_MAX_BYTES = 72 * 1024 * 1024, /* an OPML of 64 MB, its seen keys and some */
};

enum frame_type {
	/* escuchad to the nursery */
	FRAME_FORK = 1, /* with one descriptor (SCM_RIGHTS): the new reader's end of its socket pair */
	FRAME_KILL,     /* u32 pid of a reader that this nursery forked; any other is ignored */
	FRAME_LOAD,     /* job_load_put(): the first frame that a nursery gets */
	/* the nursery to escuchad. The first one has this number in every build, and the header this form: all that two builds
	 * need to have in common to find out that they are two */
	FRAME_BUILD = 8,  /* build_id(): before anything else */
	FRAME_READY = 16, /* ready_put(): the warnings, then the catalogue */
	FRAME_FAILED,     /* diag_write() */
	FRAME_FORKED,     /* u32 pid, 0: it could not; the number is FRAME_FORK's */
	FRAME_EXITED,     /* u32 pid, u32 wait status; the number is FRAME_FORK's */
	/* escuchad to a reader; each is answered by one FRAME_ANSWER or FRAME_SOURCES with its number */
	FRAME_FEED = 32, /* struct job_feed: parse and match */
	FRAME_OPML,      /* bytes: a list of sources */
	FRAME_MATCH,     /* mentions, to be matched (hand-made ones, escuchactl match) */
	FRAME_OFF,       /* off_put(): a pattern that is not to be tried any more; not answered */
	FRAME_WHY,       /* why_put(): a mention, to be explained (escuchactl why); answered by FRAME_REASONS */
	FRAME_FEATURES,  /* job_match_put(): mentions, as a model of tone sees them (escuchactl train); answered by FRAME_FEATURED */
	FRAME_PATTERNS,  /* patterns_put(): what patterns became; answered by FRAME_REASONS */
	FRAME_BODY,      /* job_body_put(): a notice, of which a request's body is made; answered by FRAME_MADE */
	/* a reader to escuchad */
	FRAME_UP = 63,     /* its sandbox is closed: it waits for jobs */
	FRAME_ANSWER = 64, /* answer_put(), to FRAME_FEED and FRAME_MATCH */
	FRAME_SOURCES,     /* to FRAME_OPML: opml_put() */
	FRAME_REASONS,     /* to FRAME_WHY and FRAME_PATTERNS: JSON (match/explain) */
	FRAME_FEATURED,    /* to FRAME_FEATURES: features_put() */
	FRAME_MADE,        /* to FRAME_BODY: body_made_put() */
};

struct frame {
	enum frame_type type;
	uint64_t number;
	const char *bytes;
	size_t len;
};

/* The header alone, for a writer that sends the bytes from where they are. */
void frame_header(char out[FRAME_HEADER_BYTES], enum frame_type type, uint64_t number, size_t len);
void frame_put(struct buf *b, enum frame_type type, uint64_t number, const char *bytes, size_t len);

enum {
	FRAME_E_MORE = 1, /* not all there yet */
	FRAME_E_BROKEN,   /* no frame of ours */
};
/* The first frame in bytes, borrowed from them; *ret_len is how many bytes it takes. */
int frame_get(const char *bytes, size_t len, struct frame *ret, size_t *ret_len) must_use;
