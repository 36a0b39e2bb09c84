#pragma once
/*
 * source/poll: one poll of one source, from the state that was kept to the state that is kept: load, ask, read, commit.
 *
 *   load → fetch → (304, an equal body: nothing to read) → reader → commit
 *   fetch → (304, an equal body: nothing to keep but when it was), else load → reader → commit: of a feed that is remembered
 *   load → the files of a pattern, one after another: read → reader → commit → load …
 *   load → what was sent to us, one body after another: inbox → reader → commit, which takes it out → load …
 *
 * Owner:  source/sources. A poll ends by itself and calls on_end once, last; poll_abandon() ends it silently.
 * Blocks: never; files are read by the loop's threads.
 * What it needs of the log comes by callbacks (struct source_ops), since the log stands on a higher floor.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mention/source_state.h"
#include "source/fields.h"
#include "source/health.h"
#include "source/means.h"
#include "source/pace.h"

struct again_ask;
struct again_due;
struct answer;
struct arena;
struct buf;
struct fetch;
struct files_known;
struct loop;
struct mention;
struct poll;
struct pool;
struct recall;
struct reconnect;
struct stream;
struct source_config;
struct turns;

/* One answer with news, as it came. Borrowed for the call. */
struct poll_came {
	const char *source, *url; /* url: with the secrets that it has */
	int status;               /* 0: no answer of HTTP */
	const char *content_type, *etag, *last_modified;
	const struct answer *answer;
	struct buf *body;
};

/* What main gives; each is answered by the function named, once, never from within. */
struct source_ops {
	/* → poll_loaded() */
	void (*load)(void *arg, const char *name, struct poll *poll);
	/* → poll_committed(). answer (may be NULL) is taken; what outcome points to is borrowed for the call. */
	void (*commit)(void *arg, const struct poll_outcome *outcome, struct arena *answer, struct poll *poll);
	/* Of polls that were not committed, since they found nothing: no answer. All is borrowed for the call. */
	void (*marks)(void *arg, const struct source_mark *v, size_t n);
	/* → poll_due_again(): of its hits those whose counts are to be read again. Only of those that ask for it; copied. */
	void (*again)(void *arg, const struct again_ask *ask, struct poll *poll);
	/* A reader found these mentions in a body; it may be taken, for whoever keeps what came as it came. May be NULL. */
	void (*came)(void *arg, const struct poll_came *came);
	/* Whether this is an answer to a message of ours, and no mention: then nothing is kept of it. news: not of a first poll. Borrowed for the
	 * call. May be NULL. */
	bool (*reply)(void *arg, const char *source, const struct mention *m, bool news);
	/* → poll_posted(): the oldest of what was sent to this source and waits, behind the row after (0: of all). Only of those whose
	 * platform sends by itself. */
	void (*inbox)(void *arg, const char *name, int64_t after, struct poll *poll);
};

struct poll_env {
	struct loop *loop;
	struct fetch *fetch;
	struct pool *pool;
	const struct source_ops *ops;
	void *ops_arg;
	uint64_t *chance;          /* what waits are spread by, a number that changes with each; NULL: they aren't */
	const struct turns *turns; /* which hosts have asked for patience; NULL: nobody knows */
	bool once;  /* of a connection that is kept: the first that comes is all, within STREAM_LISTEN_MS */
	bool trial; /* one page, and no token that was refused is renewed: nothing of it will be kept */
};

#define STREAM_LISTEN_MS INT64_C(10000)

struct poll_target {
	const char *name;
	const char *url; /* of a feed; NULL: the files of config->path */
	const struct source_config *config;
	bool at_once; /* asked for: whether it is due or not, and though it be gone */
	bool due;     /* by the schedule, whatever the log says */
	bool posted;  /* something was sent to it: nobody asked for what was refused lately (source/poll_hydrate) */
	const char *moved;     /* where url has moved for good: asked instead; NULL: it hasn't */
	struct pace_wish wish; /* what the feed is known to ask for */
	/* What is remembered of the feed: only if it is due, and its last poll ended well, at ok_ms. NULL: the log is asked. */
	const struct recall *recall;
	struct health health; /* with recall */
	int64_t ok_ms;
	/* Of a source of files: stays until the poll ends. NULL: all are read when one changes. */
	struct files_known *known;
	struct stream *stream;   /* of a source that keeps a connection; NULL: the poll makes one of its own */
	struct reconnect *asked; /* of a long poll: how often it was asked for nothing; NULL: nobody counts */
};

struct poll_report {
	bool api;       /* a platform was asked */
	bool own_limit; /* limited by what it may spend itself: its host has asked for nothing */
	bool early;     /* it was not due yet: nothing was asked */
	enum poll_end end;
	uint32_t failures;      /* in a row */
	const char *error;      /* class; NULL: none */
	const char *detail;     /* NULL: none */
	const char *title;      /* what the source calls itself; NULL: unknown */
	int64_t ok_ms, next_ms; /* wall */
	int64_t due_ms;         /* steady: next_ms, whatever is done to the wall clock meanwhile (FAULTS T1) */
	int64_t new_ms;         /* when it last showed something new; TIME_NONE: never */
	int64_t retry_after_ms; /* its host asked for so much patience; 0: not */
	int64_t gap_ms; /* it showed something new, so long after the last time; 0: it didn't, or it was the first */
	bool answered;  /* a failure: something came, but it could not be read */
	const char *moved_to; /* where a chain of permanent redirects from url led, which answered well; NULL */
	bool asked_moved;     /* target's moved was asked, not its url */
	int status;           /* of the last answer; 0: none came */
	int64_t answer_ms;    /* … how long it took */
	uint64_t answer_bytes;
	const char *const *headers; /* … of a platform's: the values of course_headers(), in its order; NULL: none */
	bool cut;                   /* there is more, which was not asked for */
	struct pace_wish wish;
	const char *cert_host; /* it showed a certificate, good until then; NULL: no TLS */
	int64_t cert_until_ms;
	int64_t token_until_ms; /* what lets us in at its platform has to be renewed by then; 0: nothing is to be told */
	const struct means *means;  /* a platform's: what it lives on; NULL: nobody knows */
	bool loaded;                /* the log said what was known of the source: health and wish are its own */
	struct health health;       /* after this poll */
	enum health_say say;        /* what is to be told of it now */
	enum health_kind deaf_kind; /* with anything to say: what it is, or was, deaf of, … */
	int64_t deaf_ms;            /* … and since when */
	uint8_t missing;            /* fields that used to be there (source/fields), … */
	int64_t missing_ms;         /* … since when; none: 0 */
	enum fields_say fields_say; /* what is to be told of them now, … */
	int64_t fields_ms;          /* … and since when they are, or were, gone */
	bool first;                 /* the baseline */
	bool unchanged;             /* 304, or the same body again */
	bool unkept; /* … and the log was not told; ok_ms and next_ms are to be marked there some time */
	const struct source_state *recall; /* what is to be remembered of the feed; NULL: nothing, the log is asked */
	size_t items, items_left;
	size_t passed_over; /* frames that the filter stopped */
	size_t textless; /* bodies that are kept as they came: what their ids stand for could not be had within a day */
	int64_t took_ms; /* from its turn to its end */
	struct poll_result result;
};

/* config, and what target points to, must stay until the poll ends. report is borrowed for the call. */
struct poll *poll_start(const struct poll_env *env, const struct poll_target *target,
			void (*on_end)(void *arg, const struct poll_report *report), void *arg);
void poll_abandon(struct poll *p); /* NULL is fine. Answers still owed to it are awaited, and go nowhere */

/* Whether a source of this kind is to have a struct stream, and its connection has something to say. False: the poll doesn't wait for
 * that; another one is wanted. */
bool poll_streams(const struct source_config *config);
bool poll_stream_news(struct poll *p);

/* The end is near. False: it waits for what was not heard yet, and is to be abandoned; true: it goes on to its end, which is
 * soon, but for files that it has not begun. */
bool poll_drain(struct poll *p);

void poll_rebind(struct poll *p, const struct source_config *config); /* the same source in a new configuration */

/* r < 0: the log could not say. state and keys live in arena, which is taken; state NULL: never polled. */
void poll_loaded(struct poll *p, int r, const struct source_state *state, const struct seen_key *seen, size_t n_seen,
		 struct arena *arena);
void poll_committed(struct poll *p, int r, const struct poll_result *result);
/* due lives in arena, which is taken. */
void poll_due_again(struct poll *p, int r, const struct again_due *due, struct arena *arena);
/* at_ms: wall, when it came. body is borrowed for the call; NULL: nothing waits. */
void poll_posted(struct poll *p, int r, int64_t id, int64_t at_ms, const void *body, size_t len);
