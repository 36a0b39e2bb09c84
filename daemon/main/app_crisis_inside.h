#pragma once
/*
 * main/app_crisis_inside: what the files of app_crisis share. Nobody else includes it.
 */
#include "alert/crisis.h"
#include "alert/incident_text.h"
#include "alert/playbook.h"
#include "main/alert_judge.h"
#include "main/app_crisis.h"
#include "main/app_inside.h"

struct examples;
struct lately;
struct rotas;
struct store_incident;
struct store_incident_line;

#define CRISIS_BY_ITSELF "escuchad" /* who changed an incident, where no person did */

enum { CRISIS_LOOK_MS = 30 * 1000, CRISIS_KEEP_MS = 60 * 1000, CRISIS_JUMP_MS = 2000, CRISIS_DEAF_MAX = 50 };

/* One incident, until nothing is due any more. */
struct one_crisis {
	struct crisis crisis;
	char alert[INCIDENT_NAME_SIZE]; /* that opened it */
	uint32_t reasons;               /* bits 1 << enum judge_reason: why the default alerts were met last */
	uint32_t opened_by;             /* the same, when it was opened */
	bool deaf;                      /* as it was told last */
	struct app_crisis_late late;    /* what came late of it */
	struct playbook_done done;      /* steps of its playbook */
	int64_t drill_ms;               /* of a drill: so long it lasts; 0: it is none */
	int64_t opened_ms; /* wall, as it was when it opened: messages about it are known by it, whatever the clock does */
	int64_t kept_ms; /* steady; TIME_NONE: the log did not take it */
	int64_t kept_due_ms;
};

struct said_of {
	char *topic;
	struct examples *examples;
	struct lately *lately;
	int64_t late_ms; /* wall: hours up to this one were told as late; 0: none */
};

struct crisis_waiter {
	crisis_said_cb *cb;
	void *arg;
};

struct app_crisis {
	struct app *app;
	void (*on_known)(struct app *a);
	bool known;
	struct one_crisis *v[CRISES_MAX];
	size_t n;
	uint64_t last_id;
	struct rotas *rotas;
	struct said_of *said; /* by topic, as the catalogue has them */
	size_t n_said;
	struct loop_timer *timer;
	int64_t ahead_ms;            /* of the wall clock, before the steady one */
	char *deaf[CRISIS_DEAF_MAX]; /* sources that are not heard, as of … */
	size_t n_deaf;
	int64_t deaf_ms;               /* steady */
	int64_t dropped_ms;            /* steady: when it was told last that there was no room; TIME_NONE: never */
	int64_t today, today_until_ms; /* the day where people live, as far as plans need it; wall */
	struct crisis_waiter waiter;   /* for the step under way to be kept; .cb NULL: nobody */
};

/* app_crisis.c */
/* That is not closed, and no drill; NULL. */
struct one_crisis *crisis_of_topic(struct app_crisis *k, const char *topic);
bool crisis_is_drill(const struct one_crisis *x);
struct one_crisis *crisis_of_id(struct app_crisis *k, uint64_t id);
struct escalation_by crisis_by(struct app_crisis *k, const char *alert, const char *topic); /* borrowed */
struct said_of *crisis_said_of(struct app_crisis *k, const char *topic);                    /* NULL: no such topic */
/* NULL: there is no room. The first line is of its opening: who, what. late: NULL: it is now. */
struct one_crisis *crisis_begin(struct app_crisis *k, const char *topic, const struct incident_event *first,
				uint32_t reasons, const struct app_crisis_late *late, const char *who);
/* The same, of a drill that lasts so long. */
struct one_crisis *crisis_begin_drill(struct app_crisis *k, const char *topic, int64_t drill_ms, const char *who);
/* line: what happens beside what the step itself decides; NULL: nothing. */
void crisis_do(struct app_crisis *k, struct one_crisis *x, const struct crisis_event *e,
	       const struct store_incident_line *line);
/* from goes over to into. */
void crisis_join(struct app_crisis *k, struct one_crisis *into, struct one_crisis *from,
		 const struct store_incident_line *line);
bool crisis_is_deaf(struct app_crisis *k,
		    const char *topic); /* half of what was said came from sources that are deaf now */

/* app_crisis_keep.c */
struct crisis_before {
	enum incident_state state;
	enum severity severity;
	char owner[INCIDENT_NAME_SIZE];
	size_t n_facets;
	bool is_new;
};
struct crisis_before crisis_before(const struct one_crisis *x);
void crisis_keep(struct app_crisis *k, struct one_crisis *x, const struct crisis_before *before,
		 const struct crisis_actions *actions, const struct store_incident_line *line);
int crisis_unkeep(struct one_crisis *x, const void *kept, size_t len, int64_t ahead_ms, int64_t now_ms,
		  int64_t down_ms) must_use;

/* app_crisis_ask.c */
char *crisis_row_json(const struct app *a,
		      const struct store_incident *row) must_use; /* as the API shows it. To be freed */
char *crisis_answer(const struct one_crisis *x) must_use;         /* how it stands, as JSON. To be freed */

/* app_crisis_keep.c */
#define CRISIS_LINE_STEP   "step" /* a step of the playbook is done; text: its words */
#define CRISIS_LINE_UNSTEP "unstep"
/* Who ticked it off last, and when; NULL: it is not done. Borrowed. */
const struct store_incident_line *crisis_step_line(const char *words, const struct store_incident_line *lines,
						   size_t n);

/* app_crisis_sector.c */
/* What the same hour did to competitors and the industry, and which other brands the same is said of. */
void crisis_put_others(const struct app_crisis *k, const char *topic, struct incident_news *n);

/* app_crisis_judge.c */
void crisis_forget_alerts(struct app_crisis *k); /* those that the configuration no longer has are over */
