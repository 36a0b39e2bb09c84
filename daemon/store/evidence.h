#pragma once
/*
 * store/evidence: what came from a source, kept raw: of late answers in which something was a hit of a topic, for a while; of those
 * that stand behind an incident, as evidence in a chain of hashes (store/evidence_pack).
 *
 *   note     an answer with hits is kept, compressed: EVIDENCE_LATE_MS, at most EVIDENCE_LATE_ROWS and EVIDENCE_LATE_BYTES of them
 *   take     an incident opens, or gets worse: the late answers with hits of its topic, the newest EVIDENCE_TAKEN_MAX, become
 *            evidence, a link each; so do those that come within EVIDENCE_AFTER_MS of its opening, unless it is a drill (@drill)
 *   let go   keep.evidence after it was taken, or as the oldest past EVIDENCE_HELD_BYTES, the bytes go; the links stay for ever (a
 *            quarter of a kilobyte each), so that the chain can be followed from its beginning
 *   forget   answers that name a person lose their bytes and what is known of them; their links stay, so that nothing else breaks
 *
 * A link proves what it is of by two hashes, of the bytes and of what is known of them, so that either may go. Who cuts off the end of
 * the chain is found out by the last link that a dossier shows, since people have that.
 *
 * Owner, threads and answers are as store/store.h says. evidence_answer_prepare() is any thread's: it takes a millisecond for a
 * hundred kilobytes.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mention/mention.h"
#include "store/evidence_pack.h"

struct buf;
struct store;
struct writer;

enum {
	EVIDENCE_LATE_ROWS = 4096,
	EVIDENCE_LATE_BYTES = 64 << 20, /* compressed */
	EVIDENCE_TAKEN_MAX = 100,       /* of one incident at one time; and … */
	EVIDENCE_OF_ONE_MAX = 500,      /* … in all */
	EVIDENCE_HELD_BYTES = 256 << 20,
	EVIDENCE_HITS_MAX = 256,  /* of one answer that are noted */
	EVIDENCE_LOOK_EVERY = 16, /* so often the bounds of what is late are looked at: so many may be above them */
};
#define EVIDENCE_LATE_MS  (6 * HOUR_MS)
#define EVIDENCE_AFTER_MS (10 * MINUTE_MS)

/* --- what came --- */

struct evidence_answer;
/* body is taken (and is empty then), what about points to is copied. */
struct evidence_answer *evidence_answer_new(const struct evidence_about *about, struct buf *body) must_use;
struct evidence_answer *evidence_answer_free(struct evidence_answer *a); /* NULL is fine; returns NULL */
void evidence_answer_add(struct evidence_answer *a, const char *topic, const uint8_t key[MENTION_ID_BYTES]);
void evidence_answer_prepare(struct evidence_answer *a);

typedef void store_evidence_done_cb(void *arg, int r);
/* a was prepared, and is taken. */
void store_evidence_note(struct store *s, struct evidence_answer *a, store_evidence_done_cb *cb, void *arg);

/* --- what there is --- */

enum evidence_state { EVIDENCE_KEPT, EVIDENCE_TOO_LONG, EVIDENCE_FORGOTTEN, EVIDENCE_GONE };
struct evidence_row {
	int64_t id; /* of the link: over all incidents, from 1 on */
	int64_t taken_ms, size;
	enum evidence_state state;
	struct evidence_about about; /* KEPT, TOO_LONG */
	uint8_t body[EVIDENCE_HASH_BYTES], link[EVIDENCE_HASH_BYTES];
};
typedef void store_evidence_cb(void *arg, int r, const struct evidence_row *rows, size_t n);
void store_evidence(struct store *s, int64_t incident, store_evidence_cb *cb, void *arg); /* as they were taken */

/* The bytes of one link; body NULL: they are not there any more. -ENOENT: no such link of this incident. -EBADMSG: they are not
 * what was taken. */
typedef void store_evidence_body_cb(void *arg, int r, const void *body, size_t len);
void store_evidence_body(struct store *s, int64_t incident, int64_t id, store_evidence_body_cb *cb, void *arg);

/* --- within the room: on the writer's thread, inside a transaction --- */

int evidence_take(struct writer *w, int64_t incident, const char *topic, int64_t now_ms) must_use;
int evidence_sweep(struct writer *w, int64_t now_ms) must_use;
/* A mention that is to be forgotten: every answer that it came in. */
int evidence_forget_mention(struct writer *w, int64_t mention) must_use;
/* Answers behind *after that name them, some of them; *ret_more: there are further ones. */
int evidence_forget_named(struct writer *w, const char *who, int64_t *after, bool *ret_more) must_use;

struct arena;
struct db;
struct query;
bool evidence_hash_get(struct query *q, uint8_t ret[EVIDENCE_HASH_BYTES]); /* false: the column holds none */
/* Of one incident, as they were taken. Texts go to the arena. */
int evidence_rows(struct db *db, int64_t incident, struct arena *a, struct evidence_row rows[EVIDENCE_OF_ONE_MAX],
		  size_t *ret_n) must_use;
/* As store_evidence_body(); *ret is to be freed, whatever is returned. */
int evidence_body(struct db *db, int64_t incident, int64_t id, char **ret, size_t *ret_len) must_use;
/* Follows the chain from its beginning: how many links are broken, and the first (0: none). */
int evidence_verify(struct db *db, int64_t *ret_broken, int64_t *ret_first) must_use;
