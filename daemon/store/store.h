#pragma once
/*
 * store/store: the log: the one door to durable state, and the only room that sees SQLite.
 *
 * Owner:   whoever called store_open(), on whose thread every other function here is called.
 * Blocks:  store_open() (migrates the database, and reads the whole of it after an end that wasn't store_close(): seconds
 *          on a large one) and store_close() (does what waits).
 *          Everything else only queues: one writer thread takes all that waits into one transaction (group commit), one
 *          reader thread answers the questions, those of people (the last section below) after all others. When answers
 *          wait, wake(arg) is called, from one of these threads or, for a request that was refused, from the owner's own
 *          (it may do no more than wake the owner's loop), and the owner calls store_dispatch(), which runs the
 *          callbacks: never before the call that asked has returned.
 * Answers: every request is answered by its callback, once: r is 0 or -errno: -ENOSPC disk full, -EIO the disk fails
 *          (what was promised before stays; the process should end and start anew), -EBADMSG the database is damaged,
 *          -EINVAL a record past its bounds, -ENOBUFS more than STORE_QUEUE_MAX waiting, -ETIMEDOUT a question took
 *          over STORE_QUERY_MAX_MS, -ECANCELED asked of a store that closes. What a callback is given is borrowed for
 *          the call, unless said otherwise. A write that was answered with 0 is on the disk, and every question asked
 *          from then on sees it. A write that fails leaves nothing, and its neighbours in the group stand.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "mention/outbox_row.h"
#include "mention/source_state.h"
#include "mention/voice.h"

struct arena;
struct diag;
struct mention;
struct store;

enum {
	STORE_QUEUE_MAX = 65536, /* requests waiting for a thread */
	STORE_GROUP_ROWS = 4096, /* rows, about, of one transaction of the writer: more than that waits for the next */
	STORE_GROUP_MS = 50,     /* no further request enters a transaction that has run for so long */
	STORE_GATHER_MS = 20,    /* polls wait so long behind the last transaction for others, to share the next … */
	STORE_GATHER_ROWS =
		768, /* … or until there are so many rows, about 250 hits: then a transaction is worth its sync */
	STORE_QUERY_MAX_MS = 10000,     /* of one question */
	STORE_ROWS_MAX = 1000,          /* rows of one answer, whatever was asked for */
	STORE_ROWS_MAX_BYTES = 8 << 20, /* and bytes, but always the first row whole */
	STORE_SEARCH_MAX_BYTES = 1024,  /* of a search text; what is longer is cut */
	STORE_SEARCH_MAX_WORDS = 32,
	STORE_SEEN_MAX = 20000, /* seen keys of one source; those gone for longest are dropped first */
	STORE_ID_AHEAD_DAYS = 366,
	STORE_SEEN_DAYS = 30,   /* a key stays while its source shows it, and so long after */
	STORE_SOURCE_DAYS = 90, /* a source that isn't asked any more is forgotten after so long: state, keys, name */
	STORE_PAST_DAYS =
		366, /* keys of let-go hits of a source with more than STORE_SEEN_MAX, after their last showing */
	STORE_VERSIONS_MAX = 20,    /* former texts of one mention: the first, and the newest */
	STORE_DEAF_DAYS = 366,      /* the coverage ledger: a line goes so long after its end … */
	STORE_DEAF_MAX = 200000,    /* … or as one of the oldest, past so many that are over */
	STORE_DEAF_LOST_DAYS = 2,   /* a line of a source that wasn't asked for so long, while others were, is over */
	STORE_DEAF_RULE_DAYS = 100, /* one of a rule (main/rule_quiet), which nobody asks, after so long */
	STORE_DOWN_MS = 2 * 60 * 1000, /* escuchad stood still if it gave no sign of life for longer */
	STORE_COUNTS_MAX = 1000,       /* changes of one mention's counts; past that every second one is dropped */
};

/* What becomes of a damaged database: nothing is done and nothing opened, or it is set aside and a new one begun, with
 * the sources of the old one and the hits that were not sent yet, as far as they could be read. */
enum store_on_corrupt { STORE_REFUSE, STORE_RECREATE };

struct store_config {
	int64_t keep_mentions_ms; /* mentions without a hit; 0: for ever */
	int64_t keep_hits_ms;     /* mentions with one, from when they entered the stream; 0: for ever */
	int64_t keep_evidence_ms; /* answers behind an incident, from when they were taken (store/evidence); 0: for ever */
	bool outbox;              /* hits are to be sent. false (no queue configured): they are kept in the log alone */
	enum store_on_corrupt on_corrupt; /* when it is opened */
	struct voice_names vip, ignore;   /* who is marked; who is kept and does not count. Copied */
	int64_t size_bytes;               /* of what is kept; past it the oldest go that aren't pending. 0: no bound */
};

/* What store_open() may return; diag says it in words for a person. */
enum {
	STORE_E_BUSY = 1, /* another process owns this folder (its pid is told) */
	STORE_E_CORRUPT,  /* the database is damaged, or no database, and on_corrupt refuses it */
	STORE_E_NEWER,    /* written by a newer escuchad */
};

/* path is a folder; it is made (0700) if it isn't there. */
int store_open(const char *path, const struct store_config *config, void (*wake)(void *arg), void *arg,
	       struct diag *diag, struct store **ret) must_use;
void store_dispatch(struct store *s);
/* Does everything that was asked, calls every callback, and ends. Not from a callback. NULL is fine; returns NULL. */
struct store *store_close(struct store *s);
DEFINE_CLEANUP(struct store, store_close)

void store_configure(struct store *s, const struct store_config *config);
size_t store_waiting(struct store *s); /* writes not yet answered: who makes more of them may slow down by it */

/* Somebody found damage: that it is closed well says nothing, and the next start looks at the whole of it. */
void store_suspect(struct store *s);

/* The log is full: the disk is, or size_bytes is reached and all of it is pending. Polls and store_add() get -ENOSPC until
 * there is room again, which it finds out by itself; everything else goes on. Called by store_dispatch() at each change:
 * who polls rests meanwhile. */
void store_on_full(struct store *s, void (*cb)(void *arg, bool full), void *arg);

typedef void store_done_cb(void *arg, int r);

/* --- sources --- */

/* One source as it stood at its last committed poll. The callback may keep it: by taking arena (TAKE(s->arena)), which
 * then is its own to free and holds every text and key. */
struct store_source {
	struct source_state state; /* a source not known: all unset, but its name, and the times TIME_NONE */
	bool known;
	struct seen_key *seen; /* by id, ascending */
	size_t n_seen;
	struct arena *arena;
};
typedef void store_source_cb(void *arg, int r, struct store_source *source);
void store_source_load(struct store *s, const char *name, store_source_cb *cb, void *arg);

/* All sources that were ever polled, by name, without address, etag and last_modified (one row a source, nothing else is
 * read: 100,000 of them take a few tenths of a second of the reader thread). The texts are in *arena, which the callback may take as
 * above; v itself is borrowed. */
typedef void store_sources_cb(void *arg, int r, const struct source_state *v, size_t n, struct arena **arena);
void store_sources(struct store *s, store_sources_cb *cb, void *arg);

/* One poll's outcome, in one transaction: the state, the keys, new mentions, edits as versions, counts with their time,
 * hits into the outbox. Texts of the state are copied; answer_arena (NULL without an answer) holds the answer and is
 * taken over. result is NULL unless r is 0; result->hits counts mentions that entered the stream, so more than 0 means
 * that the outbox has new rows. */
typedef void store_poll_cb(void *arg, int r, const struct poll_result *result);
void store_poll(struct store *s, const struct poll_outcome *outcome, struct arena *answer_arena, store_poll_cb *cb,
		void *arg);

/* Polls that found nothing: when they were, and when the next are due, all in one transaction. Copied; sources that the log
 * doesn't know are passed over. */
void store_marks(struct store *s, const struct source_mark *v, size_t n, store_done_cb *cb, void *arg);

/* A hand-made mention, with its hits (copied). Known already: result->doubles or ->edited, as in a poll. */
void store_add(struct store *s, const struct mention *m, store_poll_cb *cb, void *arg);

/* --- the coverage ledger: what was not heard, and when; a poll's own lines come with it (poll_outcome.deaf) --- */

/* Who listens says so: first when it begins to, then at least once a minute, last when it ends. first: escuchad stood still
 * since the last sign of life, if that lies over STORE_DOWN_MS back: a line "down", which *gap is. What an earlier process
 * left open of escuchad itself ("paused") ended with it, unless it still is so. */
struct store_gap {
	int64_t from_ms, to_ms; /* equal: none */
};
typedef void store_alive_cb(void *arg, int r, const struct store_gap *gap);
void store_alive(struct store *s, bool first, store_alive_cb *cb, void *arg);

/* source NULL: nothing at all was heard. Copied. */
void store_deaf_put(struct store *s, const char *source, const struct deaf_mark *mark, store_done_cb *cb, void *arg);

/* Which of these sources were deaf at any time from from_ms to to_ms, as they began. Lines of escuchad itself, in which
 * nothing was heard, are among them whatever is asked for. Sources that are gone are as good as others. */
struct store_deaf_filter {
	int64_t from_ms, to_ms;     /* TIME_NONE: no bound */
	const char *const *sources; /* NULL: all; with a name that ends in "/", those that begin with it (a list's) */
	size_t n_sources;           /* 0 with sources: escuchad's own lines alone */
	struct stream_id after;     /* the cursor of the last one that is known; {0, 0}: from the first */
	size_t limit;               /* 0: STORE_ROWS_MAX */
};
struct store_deaf {
	struct stream_id cursor;
	const char *source; /* NULL: nothing at all */
	const char *title;  /* what it calls itself; NULL: not known, or the source is gone */
	struct deaf_mark mark;
};
/* more: there may be others behind the last one. */
typedef void store_deaf_cb(void *arg, int r, const struct store_deaf *v, size_t n, bool more);
void store_deaf(struct store *s, const struct store_deaf_filter *filter, store_deaf_cb *cb,
		void *arg); /* filter: copied */

/* --- the outboxes: hits, and what happened to incidents, each on their way to their stream; see mention/outbox_row.h --- */

/* The oldest rows behind `after` that are not sent, at most max (and STORE_ROWS_MAX). Rows whose checksum doesn't hold
 * are told, set aside and left out. */
typedef void store_outbox_cb(void *arg, int r, const struct outbox_row *rows, size_t n);
void store_outbox_read(struct store *s, enum outbox_stream which, struct stream_id after, size_t max,
		       store_outbox_cb *cb, void *arg);
void store_outbox_sent(struct store *s, enum outbox_stream which, const struct stream_id *ids, size_t n,
		       store_done_cb *cb, void *arg); /* in any order */

/* The row gets a new id, the largest of all, and all that come later get larger ones. It is larger than `above` too, unless
 * that lies more than STORE_ID_AHEAD_DAYS in the future: then a clock went wrong, which ours need not follow. The callback
 * has it once it is committed. -ENOENT: there is no such row. */
typedef void store_id_cb(void *arg, int r, struct stream_id id);
void store_outbox_new_id(struct store *s, enum outbox_stream which, struct stream_id old, struct stream_id above,
			 store_id_cb *cb, void *arg);

/* Rows that were not sent never will be, and stay in the log. n: how many there were. */
typedef void store_count_cb(void *arg, int r, size_t n);
void store_outbox_drop(struct store *s, enum outbox_stream which, const struct stream_id *ids, size_t n,
		       store_count_cb *cb, void *arg);

/* Rows behind `to` that were sent are to be sent again, but for those older than not_before_ms, which are counted. */
typedef void store_rewind_cb(void *arg, int r, size_t set_back, size_t left_before);
void store_outbox_rewind(struct store *s, enum outbox_stream which, struct stream_id to, int64_t not_before_ms,
			 store_rewind_cb *cb, void *arg);

/* --- questions --- */

/* id: where it stands in the stream, {0, 0} if it never entered; json: mention_json(); topics: those that it is a hit of,
 * comma-joined, "" for none. */
struct store_row {
	struct stream_id id;
	const char *json, *topics;
};
typedef void store_rows_cb(void *arg, int r, const struct store_row *rows, size_t n);

struct store_hits_filter {
	bool since; /* the first ones behind `after`, as they came; else the newest */
	struct stream_id after;
	const char *topic; /* NULL: any */
	size_t limit;      /* 0: STORE_ROWS_MAX */
};
void store_hits(struct store *s, const struct store_hits_filter *filter, store_rows_cb *cb,
		void *arg); /* oldest first */

/* Mentions with all these words in title, text or author, newest first. Case and accents don't count, but ñ is no n.
 * "…" holds words together, a * at the end of a word stands for any ending; nothing else has a meaning, so that no text
 * is an error. All that was committed before is looked through, but where the disk is full or the index
 * is being made anew. */
void store_search(struct store *s, const char *text, size_t limit, store_rows_cb *cb, void *arg);

/* One mention, no row if it isn't there: {"mention":{…},"also":["source"],"versions":[{"until":…,"title":…,"text":…}],
 * "counts":[{"at":…,"likes":…}]}: where else it was seen, its former texts, each change of its counts; oldest first. */
void store_mention(struct store *s, const uint8_t id[MENTION_ID_BYTES], store_rows_cb *cb, void *arg);

struct store_status {
	int64_t sources, mentions, hits; /* rows; hits: mentions that entered the stream */
	int64_t pending, set_aside;      /* of the outbox of hits */
	int64_t erasing;                 /* entries that are still to go from the stream (store/erase) */
	struct stream_id oldest_pending, last_sent, last; /* {0, 0}: none */
	struct store_outbox_status {
		int64_t pending, set_aside, erasing;
		struct stream_id oldest_pending; /* {0, 0}: none */
	} incidents;                             /* the same, of the outbox of incidents */
	int64_t oldest_mention_ms;               /* how far back the log sees; TIME_NONE: empty */
	int64_t search_lag; /* mentions that are not in the search index yet: the next question brings them */
	bool full;          /* see store_on_full() */
	bool recreated;     /* the database was damaged when this start opened it, and is a new one */
	int64_t db_bytes, wal_bytes, free_bytes; /* free: pages of the database to be used again */
};
typedef void store_status_cb(void *arg, int r, const struct store_status *status);
void store_status(struct store *s, store_status_cb *cb, void *arg);
