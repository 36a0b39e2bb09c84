#pragma once
/*
 * source/poll_inside: what the files of source/poll share; nobody else includes it. A poll is in one of them at a time:
 *
 *   poll.c        begins it, loads what is known, ends it in silence
 *   poll_feed.c   asks a feed, and looks whether it stayed as it was
 *   poll_files.c  finds and reads files
 *   poll_inbox.c  reads what was sent to us
 *   poll_hydrate.c asks for what was sent as an id alone
 *   poll_stream.c takes what a connection gathered, and opens it
 *   poll_read.c   gives a body to a reader, and takes its answer
 *   poll_api.c    asks a platform, page by page (source/poll_api.h)
 *   poll_page.c   one of them
 *   poll_recheck.c then asks it for the counts of hits once more (source/poll_recheck.h)
 *   poll_lookup.c by the hits' ids
 *   poll_judge.c  and judges the hits by them
 *   poll_mailbox.c reads a mailbox (source/poll_mailbox.h)
 *   poll_mails.c  question by question
 *   poll_means.c  says what a platform's source lives on (source/means.h)
 *   poll_end.c    judges, commits and reports
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "fetch/fetch.h"
#include "source/files.h"
#include "source/health.h"
#include "source/poll.h"

struct loop_timer;
struct loop_work;
struct reconnect;

enum {
	POLL_TEXTS_MAX_BYTES = 64 * 1024 * 1024,
	POLL_FILE_MAX_BYTES = FETCH_BODY_MAX,
};
#define STREAM_KEEP_MS INT64_C(5000) /* a firehose of which nothing is kept: so long until where it stands is */

/* What came from a feed, beside its body. */
struct got {
	enum fetch_outcome outcome;
	const char *class_name, *detail, *etag, *last_modified, *content_type, *address;
	uint64_t signature; /* of the body */
};

struct poll {
	struct poll_env env;
	const struct source_config *config;
	void (*on_end)(void *arg, const struct poll_report *report); /* NULL: abandoned */
	void *arg;

	struct arena *arena, *texts; /* what was loaded; all other texts of this poll, NULL: none yet */
	const char *name, *url, *moved;
	bool at_once, due;
	bool remembered; /* state is what was remembered, and the log was not asked yet */
	int64_t ok_ms;   /* … when it was heard last */

	struct source_state state; /* as it was kept, then as it will be */
	struct health health;      /* as it was kept */
	struct fields fields;      /* of a platform's: as they were kept, then as they will be */
	struct fields_seen shown;  /* … by this poll, so far */
	char missing[FIELDS_NAMES_MAX_BYTES];
	bool reminding; /* of what is gone: nothing is asked, and it is told again */
	const struct seen_key *seen;
	size_t n_seen;

	struct transfer *transfer; /* what it waits for: one of these, or an op of the log (owed) */
	struct loop_work *work;
	uint64_t job;
	struct loop_timer *timer;
	void (*again)(struct poll *p);
	bool owed, committing, draining;

	struct got got;
	struct poll_api *api;         /* of a platform's source; NULL: another */
	struct poll_mailbox *mailbox; /* of a mailbox that is open; NULL: none */
	struct buf body;
	struct poll_recheck *recheck; /* its counts are read again, behind all else; NULL: they are not, or not yet */
	const char *body_address, *content_type;
	int64_t inbox;                /* the row whose body is being read; 0: none */
	int64_t inbox_ms;             /* wall: when it came */
	struct poll_hydrate *hydrate; /* some of it came as an id alone; NULL: none */
	bool posted;
	bool inbox_read;                    /* one was, in this poll */
	struct stream *stream, *own_stream; /* NULL: none */
	struct reconnect *asked;            /* NULL: nobody counts */
	bool listening;                     /* it waits for what the connection says */
	bool sifted;                        /* batches were read, and nothing of them is kept yet */
	int64_t unheard_ms;                 /* wall: when that was cut; 0: it wasn't */
	struct files_list files;
	size_t file;               /* the next of them */
	struct files_known *known; /* the source's; NULL: none */
	bool skipped;              /* some of them are known, and not read again */
	uint64_t signature;    /* of all of them: kept once the last is read, so that a stop in between hides none */
	bool read, file_read;  /* one of them was; the present one was */
	const char *bad_class; /* one of them could not be read: the others are, and the poll is a failure */
	char *bad_detail;
	enum poll_end bad_end; /* with bad_class */

	enum poll_end end;
	int64_t retry_after_ms, fresh_ms;
	bool lasting;
	int64_t started_ms; /* steady */
	struct means means; /* of a platform's */
	struct poll_report report;
};

/* poll.c */
void poll_free(struct poll *p);
struct arena *poll_texts(struct poll *p);
const char *poll_copy(struct poll *p, const char *text);
void poll_try_again(struct poll *p, void (*again)(struct poll *p));
void poll_pause(struct poll *p, int64_t ms, void (*again)(struct poll *p));
void poll_load(struct poll *p);
const char *poll_platform(const struct poll *p);

/* poll_end.c */
void poll_finish(struct poll *p);
uint32_t poll_chance(const struct poll *p);
int64_t poll_slowest_ms(const struct poll *p);
void poll_wait(struct poll *p, int64_t now, int64_t wait_ms);
void poll_commit(struct poll *p, const struct answer *answer, struct arena *answer_arena);
void poll_fail(struct poll *p, enum poll_end end, const char *class_name, const char *detail);
void poll_fail_body(struct poll *p, const char *class_name, const char *detail);
void poll_fail_log(struct poll *p, int r);
bool poll_read_before(struct poll *p, uint64_t signature);
void poll_unchanged(struct poll *p);

/* poll_read.c */
void poll_submit(struct poll *p);
void poll_take(struct poll *p, struct answer *answer, struct arena *arena, bool last);

/* poll_feed.c */
void poll_digest(struct poll *p);
void poll_note_certificate(struct poll *p, const struct fetch_result *f);
void poll_note_answer(struct poll *p, const struct fetch_result *f);
void poll_ask(struct poll *p);

/* poll_files.c */
void poll_next_file(struct poll *p);
void poll_find(struct poll *p);

/* poll_inbox.c */
bool poll_is_inbox(const struct poll *p);
void poll_inbox_begin(struct poll *p);
void poll_inbox_committed(struct poll *p);
void poll_inbox_fail(struct poll *p, const char *class_name, const char *detail);

/* poll_hydrate.c */
void poll_hydrate_begin(struct poll *p);      /* before the first body */
bool poll_hydrate_wants(struct poll *p);      /* the body at hand is asked for what it holds as ids */
bool poll_hydrate_asks(const struct poll *p); /* what is being read is an answer to that */
bool poll_hydrate_read(struct poll *p, struct answer *answer,
		       struct arena **arena); /* false: it holds none; else it took it */
void poll_hydrate_fail(struct poll *p, const char *class_name, const char *detail);
bool poll_hydrate_committed(struct poll *p);      /* false: it has nothing to go on with */
int64_t poll_hydrate_after(const struct poll *p); /* rows up to this one stay for later */
bool poll_hydrate_end(struct poll *p);            /* false: nothing stays; else it ends the poll */
bool poll_hydrate_ends(const struct poll *p);     /* whether the commit at hand may say how the poll went */
const struct progress *poll_hydrate_progress(const struct poll *p); /* NULL: none */
void poll_hydrate_free(struct poll_hydrate *h);

/* poll_means.c */
void poll_means_note(struct poll *p); /* for the report */

/* poll_recheck.c */
bool poll_recheck_begin(struct poll *p); /* false: there is nothing to do, and never was */
void poll_recheck_committed(struct poll *p);
void poll_recheck_free(struct poll_recheck *recheck);

/* poll_stream.c */
struct deaf_mark;
struct request;
void poll_stream_begin(struct poll *p);
void poll_stream_step(struct poll *p);
void poll_stream_open(struct poll *p, const struct request *q);
void poll_stream_abandon(struct poll *p);
bool poll_stream_sifts(
	const struct poll *p); /* of its frames only those are read that the rules may have something to say of */
/* A batch of which nothing is to be kept but where it ends: whether that can wait for a later one's commit. If so, p goes on. */
bool poll_stream_goes_on(struct poll *p, const struct answer *answer);
bool poll_stream_gap(const struct poll *p, struct deaf_mark *ret); /* what was not heard between two connections */
