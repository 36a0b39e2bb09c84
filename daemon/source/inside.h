#pragma once
/*
 * source/inside: what the parts of sources share: who polls (sources.c), which there are (set.c) and what lists stand for
 * (feeds.c). Nobody else includes it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source/files.h"
#include "source/health.h"
#include "source/list.h"
#include "source/recall.h"
#include "source/reconnect.h"
#include "source/schedule.h"
#include "source/sources.h"
#include "source/turns.h"

struct source {
	struct schedule_item item;          /* first: the schedule hands it back */
	const struct source_config *config; /* of a list's feed: the list's */
	struct feeds *feeds;                /* a list: its feeds come from here */
	struct feeds *of;                   /* a list's feed, … */
	uint32_t round;                     /* … and the round in which the list named it last */
	bool kept;                          /* while the set is being built anew */
	bool left;                          /* it is not listened to any more, and only waits to be freed */
	bool marked;                        /* the log doesn't know yet when it was asked last (source/marks) */
	bool planned; /* when it is due stands in the schedule, whose clock never jumps (FAULTS T1); before, the log says it */
	bool polled, gone;
	bool posted; /* … and is asked because something was sent to it */
	struct poll *poll;
	struct stream *stream;  /* NULL: it keeps no connection */
	struct reconnect asked; /* of a long poll */
	char *error;
	int64_t ok_ms;
	char *name;
	char *url; /* of a feed */
	struct health health;
	/* --- up to here: what is looked at in all of them at once, together, since memory is what very many wait for --- */

	struct turn turn;
	struct sources *all;
	struct files_known *known; /* of files: which were read */
	char *moved;               /* where it led for good, moves times in a row; asked instead from SOURCE_MOVES on */
	struct recall *recall;     /* NULL: the log is asked before the feed */
	uint8_t moves;
	uint32_t failures;
	struct pace_wish wish;
	uint32_t items, new_mentions, hits; /* since the start: centuries of a feed */
	uint64_t passed_over, textless;
	char *detail, *title;
	int64_t next_ms;
	int64_t missing_ms;  /* since when its items lack what they used to have */
	uint8_t missing;     /* a bit of each (source/fields) */
	struct means *means; /* of a platform's, as of its last poll; NULL: unknown */
};

enum {
	SOURCE_MOVES = 3,          /* permanent redirects in a row that are believed (FAULTS F12) */
	SPREAD_MS = 5 * 60 * 1000, /* many that are due at once are spread over so long, or their own pace */
	LATE_MS = 30 * 1000,       /* a timer so late has slept, or stood still */
	STARTS_A_TURN = 32,        /* polls that begin in one turn of the loop */
	SET_SLICE = 256,           /* sources that come or go in one turn of the loop */
};

/* What a list stands for. */
struct feeds {
	struct source *source;
	struct list *list;
	struct loop_timer *timer;
	struct arena *arena; /* what the list names now is being taken in, a slice a turn; NULL: it is */
	const struct opml_entry *v;
	size_t n, at, added;
	bool whole;
	uint32_t round; /* the how many-th time that the list is taken in */
};

struct sources {
	struct loop *loop;
	struct poll_env env;
	uint64_t chance;
	const struct sources_ops *ops;
	void *arg;
	bool once, settled, draining, paused;
	struct schedule *schedule;
	struct turns *turns;
	struct certs *certs;
	struct loop_timer *marks_timer;
	size_t marked;
	struct loop_timer *timer;
	int64_t wake_ms;   /* steady: what it is set to; INT64_MAX: nothing is due */
	struct source **v; /* by name, but for those behind sorted, which sources_merge() sorts in */
	size_t n, sorted, cap;
	struct source **left; /* those that are gone */
	size_t n_left, cap_left;
	struct loop_timer *left_timer;
	uint64_t changes; /* sources that came or went */
};

/* sources.c */
void source_schedule(struct source *x, int64_t wait_ms); /* with once: now */
int64_t source_spread_ms(const struct source *x);        /* anywhere in its span: it came with very many others */
void source_keep_text(char **field, const char *text);
enum source_standing source_stands(const struct source *x);
void source_status(const struct source *x, struct source_status *ret);
/* A look at what has no poll of its own: steps its health, which isn't kept in the log, and tells of it. */
void source_judge(struct source *x, const struct health_poll *poll, const char *why, const char *detail);
/* It is not listened to any more: what the ledger has of it is over, and nobody has to mend it. */
void source_end_deafness(struct source *x);
void source_abandon(struct source *x); /* its poll, which runs */
struct source *source_free(struct source *x);
/* If more than most are due now: no herd. Who configures many wants to see them at work, and gets as many as may run. */
void sources_spread(struct sources *s, size_t most);
/* The schedule changed: the timer follows in the next turn, so that many changes cost one. */
void sources_plan(struct sources *s);

/* set.c */
void set_open(struct sources *s);
void set_close(struct sources *s);                                     /* frees them all */
struct source *source_find(const struct sources *s, const char *name); /* among those that are sorted */
/* Behind the others, until sources_merge() sorts it in. */
struct source *source_add(struct sources *s, const char *name, const char *url, const struct source_config *config);
void sources_merge(struct sources *s);
void sources_sweep(
	struct sources *s); /* sorts, and drops what is not kept: at once from all that look, from memory in turns */

/* feeds.c */
void feeds_open(struct source *x); /* of a list: begins to read it */
void feeds_close(struct source *x);
bool feeds_settled(const struct feeds *f); /* the list was read, or could not be, and is taken in */
