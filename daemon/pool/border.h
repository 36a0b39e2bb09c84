#pragma once
/*
 * pool/border: whether an answer is one that its job can have. Here is what escuchad trusts its readers with.
 *
 * A reader takes foreign bytes apart, and must be thought of as theirs: whoever found a hole in a parser says what it
 * answers, to this job and to those that it gets after it. The aim: a reader that was taken over can do no more than the
 * bytes of its own source could have done through an honest one. For each thing that it could try:
 *
 *  - mentions of its own source that nobody wrote, or none of those that somebody did: can't be told from what the source
 *    may say, and so is not prevented;
 *  - mentions of another source: the job's source, platform, times and baseline are asked for, and the log goes by the name
 *    that it polled, not by the answer's;
 *  - changing what another source showed: an item can be known, edited, counted or moved only where the job's seen keys have
 *    it. An id says nothing of who may use it (SHA-256 of an address that anybody can name: recomputing it would prove
 *    nothing), so that store/take has the last word: text and counts are changed by their first source alone, and what
 *    another says in other words is a mention of its own;
 *  - topics, roles, rules and tags that do not exist, which would make series, alerts and label values: all are held against
 *    the catalogue that the reader's own nursery was ready with;
 *  - a hand-made mention that comes back with other words: compared with the job's;
 *  - filling the memory: no longer than answer_max_bytes() of its job, seen in the frame's header before any of it is
 *    read; counts, depths and texts are bounded by answer_get();
 *  - standing still: the job's deadline (pool/plan), and rlimits on CPU and memory that the kernel keeps (reader/sandbox);
 *  - telling what it read before, of a source that is not public: it has no network, and escuchad asks for no address that
 *    an answer names, but for those of a list of sources; a list goes to a reader that has read nothing else (PLAN_SUBMIT's
 *    fresh). How long an answer takes tells nobody outside more than a poll's rhythm;
 *  - staying: who answers otherwise than agreed is killed, who found a body malformed or hostile or took long is replaced
 *    after the job, and everybody after PLAN_READER_JOBS_MAX jobs.
 *
 * Owner:  whoever called border_new(). Blocks: no; n log n in names, items and seen keys.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"
#include "mention/frame.h"

struct answer;
struct border;
struct opml_entry;

/* What an answer may name; of no bytes, which a nursery without rules is ready with: nothing. NULL: they are no catalogue. */
struct border *border_new(const char *catalogue, size_t len) must_use;
struct border *border_free(struct border *b); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct border, border_free)

/* NULL where it is one; else what is wrong with it: short English, for logs. payload is the job's (job_feed_put(),
 * job_match_put()). */
const char *border_feed(const struct border *b, const char *payload, size_t len, const struct answer *a);
const char *border_match(const struct border *b, const char *payload, size_t len, const struct answer *a);
const char *border_opml(const struct opml_entry *v, size_t n);
