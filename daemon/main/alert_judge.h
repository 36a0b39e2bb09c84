#pragma once
/*
 * main/alert_judge: what is judged of a topic at an instant, as events of an incident (alert/incident): the alerts that every
 * topic has, and those of the configuration. Pure. The daemon judges by it as mentions come (app_crisis_judge), backtest over
 * the log.
 *
 * Blocks: never.
 */
#include <stdbool.h>
#include <stdint.h>

struct catalogue;
struct config;
struct incident_event;
struct judge_verdict;
struct topic;

#define CRISIS_DEFAULT_ALERT                                                                                           \
	"@default" /* of the alerts that every topic has; no alert of the configuration is called so */

/* A topic at an instant. */
struct alert_judging {
	const struct config *config;
	const struct catalogue *catalogue;
	struct topic *topic;
	int64_t now_ms;  /* the end of the hour that is judged */
	int64_t wall_ms; /* the same, but where it is late */
	int hour;        /* of the day, where people live */
	int64_t day;     /* the same: days since 1970-01-01; read where the configuration has plans */
	bool late;       /* it is not the last hour */
	void *arg;
	/* Once for each alert of the topic that can be judged. reasons: bits 1 << enum judge_reason, of the default alerts. */
	void (*on_judged)(void *arg, const struct incident_event *e, uint32_t reasons);
};
void alert_judge(const struct alert_judging *j, const struct judge_verdict *verdict);
