#pragma once
/*
 * source/inside: what the two halves of sources share, who polls (sources.c) and what lists stand for (feeds.c). Nobody else
 * includes it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source/files.h"
#include "source/health.h"
#include "source/list.h"
#include "source/recall.h"
#include "source/schedule.h"
#include "source/sources.h"
#include "source/turns.h"

struct source {
	struct schedule_item item; /* first: the schedule hands it back */
	struct turn turn;
	struct sources *all;
	const struct source_config *config; /* of a list's feed: the list's */
	struct feeds *feeds;                /* a list: its feeds come from here */
	struct files_known *known;          /* of files: which were read */
	struct feeds *of;                   /* a list's feed */
	char *name;
	char *url;   /* of a feed */
	char *moved; /* where it led for good, moves times in a row; asked instead from SOURCE_MOVES on */
	struct poll *poll;
	struct recall *recall; /* NULL: the log is asked before the feed */
	bool marked;           /* the log doesn't know yet when it was asked last (source/marks) */
	bool kept;             /* while the set is being built anew */
	bool planned; /* when it is due stands in the schedule, whose clock never jumps (FAULTS T1); before, the log says it */

	bool polled, gone;
	uint8_t moves;
	uint32_t failures;
	struct pace_wish wish;
	uint32_t items, new_mentions, hits; /* since the start: centuries of a feed */
	struct health health;
	char *error, *detail, *title;
	int64_t ok_ms, next_ms;
};

enum {
	SOURCE_MOVES = 3,          /* permanent redirects in a row that are believed (FAULTS F12) */
	SPREAD_MS = 5 * 60 * 1000, /* many that are due at once are spread over so long, or their own pace */
	LATE_MS = 30 * 1000,       /* a timer so late has slept, or stood still */
};

/* What a list stands for. */
struct feeds {
	struct source *source;
	struct list *list;
};

struct sources {
	struct loop *loop;
	struct poll_env env;
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
	struct source **v; /* by name */
	size_t n, cap;
};

/* sources.c */
struct source *source_find(const struct sources *s, const char *name); /* among those that are sorted */
/* Behind the others, until sources_sweep() sorts it in. */
struct source *source_add(struct sources *s, const char *name, const char *url, const struct source_config *config);
void source_schedule(struct source *x);
void source_keep_text(char **field, const char *text);
void source_status(const struct source *x, struct source_status *ret);
/* A look at what has no poll of its own: steps its health, which isn't kept in the log, and tells of it. */
void source_judge(struct source *x, const struct health_poll *poll, const char *why, const char *detail);
void sources_sweep(struct sources *s);  /* drops what is not kept, and sorts */
void sources_spread(struct sources *s); /* many may be due now: no herd */
/* The schedule changed: the timer follows in the next turn, so that many changes cost one. */
void sources_plan(struct sources *s);

/* feeds.c */
void feeds_open(struct source *x); /* of a list: begins to read it */
void feeds_close(struct source *x);
