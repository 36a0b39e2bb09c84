#pragma once
/*
 * main/app_series_inside: what the files of app_series share. Nobody else includes it.
 */
#include "loop/loop.h"
#include "main/app_crisis.h"
#include "main/app_inside.h"
#include "main/app_series.h"
#include "main/series_said.h"
#include "mention/series.h"
#include "stats/topic.h"

enum {
	SERIES_KEEP_BINS = 12,    /* what was learnt is kept once so many bins */
	SERIES_REPLAY_HOURS = 48, /* and learnt anew from the log as far back as that */
	SERIES_ANSWER_MAX_BYTES = 16 << 20,
};

struct one {
	struct topic *topic;
	int64_t kept_ms; /* up to there it was learnt, by the log */
	enum judge_severity severity;
	bool said;              /* since it was judged */
	bool is_new;            /* since a reload; the log is asked whether it knows it */
	struct late_said *late; /* what came late since it was judged; NULL: nothing */
};

struct late_said {
	struct app_crisis_late news;
	struct series_late hours;
};

struct app_series {
	struct app *app;
	void (*on_known)(struct app *a);
	bool known;
	struct one *v;
	size_t n;
	struct zone *zone;
	char *zone_name;
	struct loop_timer *bin, *judge;
	int64_t end_ms;             /* of the open bin */
	unsigned to_keep;           /* bins until what was learnt is kept */
	bool whole;                 /* the open bin was heard from its beginning */
	bool stopped;               /* what the log still answers is nobody's */
	int64_t learn_ms, heard_ms; /* a start: the end of the bin that is learnt, the last one with anything in it */
	struct stream_id read;
	struct {
		bool asking, again;
		size_t next;      /* of v */
		char *topic;      /* that is asked for */
		int64_t asked_ms; /* steady: the last round */
		struct loop_timer *timer;
	} growth;
};

/* app_series.c */
struct one *series_find(const struct app_series *s, const char *name); /* NULL: no such topic */
int series_hour(const struct app_series *s, int64_t at_ms);            /* of the day, where people live */
/* Calls say() for each topic that a mention counts in. */
typedef void series_say(struct one *one, const struct mention *m, const struct said *said);
void series_each_topic(struct app_series *s, const struct mention *m, series_say *say);
void series_judge_soon(struct app_series *s, struct one *one);
void series_begin(struct app_series *s); /* all is learnt: bins close, what is said is judged */
int64_t series_longest_window(const struct config *c);

/* app_series_learn.c */
void series_ask_states(struct app_series *s);       /* a start */
void series_ask_states_again(struct app_series *s); /* a topic is there (again) */
void series_take_zone(struct app_series *s, const char *name);
void series_take_clock(struct app_series *s, struct topic *t); /* what it learnt by another zone's hours is turned */

/* app_series_growth.c */
void series_growth_init(struct app_series *s);
void series_growth_done(struct app_series *s);
void series_growth_counted(struct app_series *s); /* counts were read again */
void series_growth_bin(struct app_series *s);     /* a bin closed: what is known of a pace grows old */
