#pragma once
/*
 * main/ctl_backtest_alerts: which incidents the alerts of a configuration would have opened over what the log has. The daemon's
 * own pieces (series_said, stats/topic, alert_judge, crisis_place, alert/incident) under a clock that goes from one mention, end
 * of a bin and wait to the next. Nobody is told, and nobody takes, mutes or closes anything: an incident lasts until it ends by
 * itself. What an escalation does by time (a warning that nobody took is critical) is people's affair, too, and left out.
 *
 * What was said before since_ms teaches what is usual, as it does live: a topic is known from its first hit on, or from where
 * the log has all mentions, and what comes within its first day is judged as on a first day. Bins in which nothing was heard teach
 * nothing. How fast a post spreads is not known: the log keeps no looks at its counts for long.
 *
 * Owner:  backtest_alerts_free(). Blocks: reads the file of a time zone. Pure else.
 * Bounds: CRISES_MAX open at once, as live; BACKTEST_OPENED_MAX that are told of, of more those that come first.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/incident.h"
#include "base/mem.h"

struct backtest_alerts;
struct backtest_said;
struct config;
struct replay_incident;
struct replay_span;

enum { BACKTEST_OPENED_MAX = 1000 };
#define BACKTEST_LEARN_MS (28 * DAY_MS) /* before what is asked for, as far as the log has it */
#define BACKTEST_SAME_MS                                                                                               \
	(15 * MINUTE_MS) /* two incidents of a topic are the same one where so little is between them */

struct backtest_opened {
	char topic[INCIDENT_NAME_SIZE];
	char alerts[INCIDENT_FACETS_MAX][FACET_NAME_SIZE]; /* that were met, the one that opened it first */
	size_t n_alerts;
	uint32_t reasons;       /* bits 1 << enum judge_reason: of the default alerts, when it opened or got worse */
	enum severity severity; /* the worst */
	int64_t opened_ms, closed_ms; /* TIME_NONE: it would be open still */
	uint64_t mentions;            /* of its topic: in the hour before it opened, and until it closed */
	bool late;                    /* it was over when it was heard */
	int64_t was;                  /* the incident that there really was, or the first of several; 0: none */
	bool false_alarm;             /* somebody said so of one of them */
};

struct backtest_alerts_ask {
	const struct config *config;
	const struct backtest_said *said; /* sorted */
	const struct replay_span *down;   /* when nothing was heard, ascending */
	size_t n_down;
	int64_t plain_ms; /* from when on the log has mentions without a hit, too; TIME_NONE: never */
	int64_t since_ms, until_ms;
};
struct backtest_alerts *backtest_alerts_run(const struct backtest_alerts_ask *ask) must_use;
struct backtest_alerts *backtest_alerts_free(struct backtest_alerts *a); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct backtest_alerts, backtest_alerts_free)

/* Those that were not over by since_ms, as they open. */
const struct backtest_opened *backtest_alerts_opened(const struct backtest_alerts *a, size_t *ret_n);
uint64_t backtest_alerts_left(const struct backtest_alerts *a); /* that are not told of */
int64_t
backtest_alerts_learnt_ms(const struct backtest_alerts *a); /* since when the first topic is known; TIME_NONE: none */

/* Holds them against those that there really were. ret_again: of each of these, the number of the one that would have opened,
 * from 1; 0: none. */
void backtest_alerts_match(struct backtest_alerts *a, const struct replay_incident *v, size_t n, size_t *ret_again);
