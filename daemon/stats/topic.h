#pragma once
/*
 * stats/topic: the series of one topic: all of it, its negatives and positives, each intent, tag and rule. It takes what was
 * said as it is committed, closes the bins of five minutes, and answers what a window holds, what is usual, and whether the
 * last hour is a crisis (stats/judge).
 *
 * Owner:  whoever called topic_new(). Blocks: never.
 * Bounds: TOPIC_SERIES_MAX; what comes under further names is counted in all, negatives and positives alone.
 * What must survive a restart: topic_put() at the close of a bin, and the mentions since then and of the longest window, which
 * the log has.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "mention/series.h"
#include "stats/events.h"
#include "stats/judge.h"
#include "stats/share.h"
#include "stats/surprise.h"

struct buf;
struct topic;
struct wire_in;

enum {
	TOPIC_SERIES_MAX = 4096,
	TOPIC_LATE_KEPT_MS = 24 * 60 * 60 * 1000, /* so far back an hour is judged again by what comes late */
	TOPIC_HOUR_MS = 60 * 60 * 1000,
	TOPIC_UNUSUAL_BINS = 12, /* so long an alarm of the detector holds */
	TOPIC_GROWTH_BINS = 72,  /* so long a pace must have been known before one is called usual */
};

struct topic *topic_new(const char *name, bool brand) must_use;
struct topic *topic_free(struct topic *t); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct topic, topic_free)
const char *topic_name(const struct topic *t);
void topic_set_brand(struct topic *t, bool brand);
void topic_set_tone(struct topic *t, const struct share_tone *tone); /* else shares are taken as measured */
void topic_set_keep(struct topic *t, int64_t keep_ms); /* the longest window that is asked for; an hour at least */

struct said {
	int64_t at_ms; /* series_time() */
	bool late;     /* series_is_late() */
	uint64_t author, story;
	double reach;
	enum event_tone tone;
	const char *const *intents, *const *tags, *const *rules;
	size_t n_intents, n_tags, n_rules;
};
/* A mention that counts (series_counts()), as it is committed: in the window, and in the open bin unless it is late. */
void topic_say(struct topic *t, const struct said *said);
/* After a start, what the log has: in the window alone; in the open bin alone. */
void topic_remember(struct topic *t, const struct said *said);
void topic_count(struct topic *t, enum series_kind kind, const char *name, uint32_t n);

/* One that counted before and has met more meanwhile: said has what it gained alone, and at_ms is now. It is no further mention. */
void topic_gain(struct topic *t, const struct said *said);

/* Likes, shares and replies that the fastest single post gains an hour, of all and of those that are negative. Below 0: not known. */
struct topic_growth {
	double fastest, negative;
};
void topic_set_growth(struct topic *t,
		      const struct topic_growth *growth); /* as it is now; learnt at the close of each bin */
const struct topic_growth *topic_growth(const struct topic *t);

/* The bin that ends at end_ms is over; hour: of the day, 0 to 23, where people live. */
void topic_close(struct topic *t, int64_t end_ms, int hour);
void topic_skip(struct topic *t, int64_t end_ms); /* it can't be learnt from: nothing was heard in a part of it */

/* Of the last hour. late: of the hour that ends at end_ms, up to TOPIC_LATE_KEPT_MS ago, by what needs no detector. */
void topic_judge(struct topic *t, int64_t now_ms, int hour, struct judge_facts *facts, struct judge_verdict *ret);
/* The hour that ends at end_ms with what was heard late; by what is usual now. */
void topic_judge_late(struct topic *t, int64_t end_ms, int hour, struct judge_facts *facts, struct judge_verdict *ret);

/* What a window up to now_ms holds. Below 0: not known yet. */
struct topic_window {
	struct events_count count;
	double percent, percent_usual; /* of matching in mentions, 0 to 100; of negatives de-biased */
	double percent_rise; /* between the two, where `rises`; of negatives, on a topic's first days, over what is assumed */
	bool rises;
	double usual, times_usual; /* of matching, in the window's hours */
	double surprise;           /* the largest that the detector found in the window */
	double quiet_s;            /* since the last one of matching */
	bool early;                /* less than a week is known */
	bool whole;                /* false: the window reaches further back than what is there */
};
void topic_window(struct topic *t, enum series_kind kind, const char *name, int64_t now_ms, int64_t over_ms, int hour,
		  struct topic_window *ret);

/* Mentions an hour, and the negative ones of them, of the last n hours; oldest first. TOPIC_LATE_KEPT_MS back at the most. */
void topic_hours(const struct topic *t, int64_t now_ms, size_t n, uint32_t *ret_all, uint32_t *ret_negative);

/* How many of its mentions of the last hour are the other one's, too, and of how many. */
size_t topic_shared(struct topic *t, const struct topic *other, int64_t now_ms, size_t *ret_all);

/* The incident has closed: the next alarm is told again. */
void topic_rearm(struct topic *t);

/* --- topic_keep.c --- */

void topic_put(const struct topic *t, struct buf *b); /* what it has learnt, of the bins that are closed */
enum { TOPIC_E_FORMAT = 1, TOPIC_STATE_MAX_BYTES = 64 << 20 };
int topic_get(struct topic *t, struct wire_in *in) must_use; /* into a new one; TOPIC_E_FORMAT: nothing was taken */

/* By whose hours it learns: a zone's name, kept with it; NULL: nobody said. */
const char *topic_clock(const struct topic *t);
void topic_set_clock(struct topic *t, const char *zone);
void topic_turn(struct topic *t, int hours); /* its hours are others now: what was at h is at h + hours */
