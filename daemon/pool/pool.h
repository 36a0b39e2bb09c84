#pragma once
/*
 * pool/pool: the readers, seen from escuchad: foreign bytes go in as jobs, what they hold comes back as frames.
 *
 * A pool has one nursery a generation of rules, and at least two readers forked by it. A reader that dies, hangs or
 * answers rubbish is replaced, its job tried again (with twice the time each try) and set aside at the third strike. A
 * reload is a new nursery: the old readers serve until it is ready, and go on if it fails. What is decided stands in
 * pool/plan; here it is done.
 *
 * Owner:  whoever called pool_new(), on the loop's thread: readers are told to die with the thread that made them.
 * Blocks: never, but for posix_spawn (under a millisecond) at a start, a reload or a restart.
 * Bounds: POOL_JOBS_MAX and POOL_WAITING_MAX_BYTES of jobs; a frame of FRAME_MAX_BYTES each way.
 * Calls:  callbacks come from the loop, never from within pool_submit(), pool_reload() or pool_cancel(). They may call
 *         all of these, but not pool_free(): that is for loop_defer().
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/mem.h"
#include "mention/frame.h"

struct answer;
struct buf;
struct diag;
struct loop;
struct map_source;
struct pool;

enum {
	POOL_READERS_MIN = 2,
	POOL_READERS_MAX = 16,
	POOL_JOBS_MAX = 4096,                       /* waiting and running */
	POOL_WAITING_MAX_BYTES = 512 * 1024 * 1024, /* of their payloads */
	POOL_OFF_MAX = 64,                          /* patterns of a generation that are switched off */
};

struct pool_config {
	const char *program;      /* escuchad-reader; NULL: spawn_program() finds it */
	const char *const *rules; /* rule files and folders, copied */
	size_t n_rules;
	const struct map_source *maps; /* those that sources use (mention/map.h), copied */
	size_t n_maps;
	const char *lexicon;          /* a folder of the user's own lexicons, copied; NULL: none */
	const char *tried;            /* a file that nurseries keep for their next ones (match/tried), copied; NULL: none */
	unsigned readers;             /* 0: POOL_READERS_MIN; held to MIN and MAX */
	unsigned patience;            /* deadlines are this many times as long; 0: 1, in sanitizer builds 5 */
	uint64_t reader_memory_bytes; /* 0: the reader's own 512 MB */
	bool no_prefilter;            /* every pattern is tried on every text */
};

enum pool_event_kind {
	POOL_READER_DIED,   /* by itself; job_source is whose job it held, if any */
	POOL_READER_LATE,   /* killed: its deadline passed */
	POOL_READER_BROKEN, /* killed: it answered rubbish */
	POOL_JOB_SET_ASIDE, /* third strike */
	POOL_NURSERY_DIED,  /* and is started again, by and by slower */
	POOL_NURSERY_LATE,  /* killed: it did not load, or answer, in its time */
	POOL_EVENT_KINDS,
};
const char *pool_event_name(enum pool_event_kind kind); /* "reader.died" */

struct pool_event {
	enum pool_event_kind kind;
	const char *source; /* whose job it was; NULL: none */
	const char *why;    /* "killed by signal 11", short English, for logs */
	unsigned strikes;   /* of the job by now */
};

struct pool_ops {
	/* A nursery of this generation is ready. false refuses its rules as if they had not loaded, with what was added to
	 * findings: what else the configuration wants of them is checked before anything changes. A generation that served
	 * comes again when its nursery had to be started anew, also while a later one is asked for. May be NULL. */
	bool (*accept)(void *arg, uint64_t generation, const char *catalogue, size_t len, struct diag *findings);
	/* The rules of this generation serve from now on. catalogue is what catalogue_get() reads, checked by nobody yet.
	 * Comes again for the same generation when its nursery had to be started anew. */
	void (*on_ready)(void *arg, uint64_t generation, const struct diag *warnings, const char *catalogue,
			 size_t len);
	/* They could not be loaded: diag says why. The generation before, if there was one, goes on. */
	void (*on_failed)(void *arg, uint64_t generation, const struct diag *findings);
	/* Told already in the log; for counters, status and operators. May be NULL. */
	void (*on_event)(void *arg, const struct pool_event *event);
	/* A reader of this generation has answered a job of that source as agreed; before the job's own callback. The answer is
	 * borrowed. For who counts limits. May be NULL. */
	void (*on_judged)(void *arg, uint64_t generation, const char *source, const struct answer *answer);
};

/* Starts loading generation 1 at once. < 0 where not even a first process could be started (-ENOENT: no program). */
int pool_new(struct loop *loop, const struct pool_config *config, const struct pool_ops *ops, void *arg,
	     struct pool **ret) must_use;
struct pool *pool_free(struct pool *p); /* every job ends with POOL_ENDED; NULL is fine; returns NULL */
DEFINE_CLEANUP(struct pool, pool_free)

enum pool_priority { POOL_NOTICE, POOL_FEED, POOL_PRIORITIES }; /* the bodies of notices go before feeds */

enum pool_outcome {
	POOL_DONE, /* bytes are the answer's frame: answer_get() for FRAME_FEED and FRAME_MATCH, opml_get() for FRAME_OPML */
	POOL_SET_ASIDE, /* it cost three readers; bytes are why, short English with a NUL behind */
	POOL_ENDED,     /* pool_free() */
};
typedef void pool_fn(void *arg, enum pool_outcome outcome, const char *bytes, size_t len);

/* type is FRAME_FEED, FRAME_OPML or FRAME_MATCH; payload (job_feed_put() …) is taken, even when the job is refused.
 * Returns the job's number, or 0 where a bound is reached: then fn is never called, ask again later. */
uint64_t pool_submit(struct pool *p, enum frame_type type, struct buf *payload, const char *source,
		     enum pool_priority priority, pool_fn *fn, void *arg) must_use;
void pool_cancel(struct pool *p, uint64_t job); /* fn is not called any more; a number that is done with is ignored */

/* Loads these rules in a new nursery. Returns their generation. While one loads, only the last of those asked for
 * meanwhile follows it; the answer for a generation is the answer for all before it. */
uint64_t pool_reload(struct pool *p, const char *const *rules, size_t n_rules);
/* The maps of the generations that are asked for from now on; copied. One that does not compile fails its generation, as a
 * rule does. */
void pool_maps(struct pool *p, const struct map_source *v, size_t n);
/* The same of the folder of the user's own lexicons; NULL: none. */
void pool_lexicon(struct pool *p, const char *folder);

/* That pattern is tried no more by the readers of that generation, those to come too, while it serves; from their next job
 * on. false: POOL_OFF_MAX, names too long, or another generation serves by now. */
bool pool_off(struct pool *p, uint64_t generation, const char *topic, const char *pattern);

struct pool_status {
	unsigned readers, busy; /* that serve; of these with a job */
	size_t waiting;         /* jobs */
	uint64_t waiting_bytes;
	uint64_t generation; /* that serves; 0: none yet */
	bool loading;
	uint64_t done, set_aside, strikes;
	uint64_t reader_deaths, nursery_restarts;
	pid_t nursery;
};
void pool_status(const struct pool *p, struct pool_status *ret);
