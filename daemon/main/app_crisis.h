#pragma once
/*
 * main/app_crisis: crises, from what the series say of a topic to the messages that people get: one state a topic (alert/crisis),
 * stepped by what is judged, by its waits and by what people say; kept with its messages in one transaction; only then are they
 * sent (alert/notices).
 *
 *   app_crisis         the states: a start, a reload, steps, waits
 *   app_crisis_judge   the default alerts and the user's, judged
 *   app_crisis_keep    what a step changed: the line of events, the messages, the log
 *   app_crisis_ask     the API
 *
 * Owner:  app; NULL with --once. Freed before the log and behind notices. Blocks: app_crisis_configure() reads files of time zones.
 * Bounds: CRISES_MAX at once; further alerts open none, and operators are told, once a day.
 */
#include <stdbool.h>

#include "base/err.h"
#include "main/crisis_place.h"
#include "serve/serve.h"

struct app;
struct app_crisis;
struct judge_facts;
struct judge_verdict;
struct mention;
struct topic;

enum { APP_CRISIS_SOURCES_SIZE = 256 };

/* on_known(): what the log has was learnt, which app_crisis_read() asks for: nothing is judged before. */
struct app_crisis *app_crisis_new(struct app *a, void (*on_known)(struct app *a)) must_use;
void app_crisis_read(struct app_crisis *k);
struct app_crisis *app_crisis_free(struct app_crisis *k); /* NULL is fine; returns NULL */
bool app_crisis_known(const struct app_crisis *k);
void app_crisis_configure(struct app_crisis *k); /* a->config or the topics are others */

void app_crisis_said(struct app_crisis *k, const char *topic, const struct mention *m); /* it counts */
void app_crisis_forget_examples(struct app_crisis *k); /* somebody is forgotten, who may be among those who were quoted */
/* A topic was judged: at most once a second, and at the end of each bin. */
void app_crisis_judged(struct app_crisis *k, struct topic *t, const struct judge_verdict *verdict, int hour);
/* What came late: when it happened, and whose silence it was. */
struct app_crisis_late {
	int64_t from_ms, to_ms;                /* wall; both 0: nothing */
	char sources[APP_CRISIS_SOURCES_SIZE]; /* by name, comma-joined, as many as there is room for */
};
void app_crisis_late_add(struct app_crisis_late *late, int64_t at_ms, const char *source);
/* A topic's hour that is long over, since something of it came late: it ends at end_ms. */
void app_crisis_judged_late(struct app_crisis *k, struct topic *t, const struct judge_verdict *verdict, int64_t end_ms,
			    int hour, const struct app_crisis_late *late);
/* notices_ops.on_person */
void app_crisis_person(struct app_crisis *k, const char *matter, const char *person, const char *channel);

/* What a person says to a crisis, and what became of it: once, now or when the log has it. Texts are borrowed for the call. */
enum crisis_outcome {
	CRISIS_SAID_DONE,      /* json: how it stands by that; id, owner, open */
	CRISIS_SAID_UNKNOWN,   /* id */
	CRISIS_SAID_CLOSED,    /* id */
	CRISIS_SAID_NO_TOPIC,  /* name */
	CRISIS_SAID_IS_OPEN,   /* name, id: of the one that there is */
	CRISIS_SAID_NO_PERSON, /* name */
	CRISIS_SAID_SAME,      /* id: into itself */
	CRISIS_SAID_NO_BRAND,  /* there is no topic for a drill */
	CRISIS_SAID_NO_STEP,   /* id; steps: how many its playbook has, 0: it has none */
	CRISIS_SAID_BUSY,      /* not now */
	CRISIS_SAID_FAILED,    /* error: the log's */
};
struct crisis_said {
	enum crisis_outcome outcome;
	int error;
	uint64_t id;
	const char *name, *json, *topic, *owner; /* owner "": nobody */
	const char *state;                       /* incident_state_names[] */
	size_t steps;
};
typedef void crisis_said_cb(void *arg, const struct crisis_said *how);
/* by_message: they know of it what they were told, and no more. */
void app_crisis_say(struct app *a, const struct serve_incident *said, bool by_message, crisis_said_cb *cb, void *arg);

/* How one stands that is not closed: CRISIS_SAID_DONE without json, borrowed until the next step. False: there is none. k may be NULL. */
bool app_crisis_look(const struct app_crisis *k, uint64_t id, struct crisis_said *ret);
/* The numbers of those that are not closed: at most max; returns how many there are. */
size_t app_crisis_open(const struct app_crisis *k, uint64_t *ids, size_t max);

void app_crisis_look_again(struct app_crisis *k); /* what holds messages back is no more, or is another */

/* By what an escalation of now is stepped, for whoever only tries one; borrowed. False: it is not known yet. */
struct escalation_by;
bool app_crisis_by(struct app_crisis *k, const char *topic, struct escalation_by *ret);

/* Ops of serve. */
void app_crisis_list(void *arg, bool open, size_t limit, struct reply *reply);
void app_crisis_show(void *arg, uint64_t id, struct reply *reply);
void app_crisis_do(void *arg, const struct serve_incident *ask, struct reply *reply);
