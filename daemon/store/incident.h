#pragma once
/*
 * store/incident: incidents in the log: each as it stands, the line of what happened, and the messages about it, which are kept
 * in the same transaction as the step that asks for them.
 *
 * Owner, threads and answers are as store/store.h says. An incident is taken even while the log is full, as notices are. What it
 * is inside (kept) is a blob of whoever steps it.
 * Bounds: STORE_INCIDENTS_MAX rows and STORE_INCIDENT_LINES_MAX lines of one answer, the newest; what ended over
 * STORE_INCIDENT_KEEP_DAYS ago is dropped.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mention/notice_row.h"

struct store;

enum {
	STORE_INCIDENTS_MAX = 1000,
	STORE_INCIDENT_LINES_MAX = 2000,
	STORE_INCIDENT_KEEP_DAYS = 366,
	STORE_INCIDENT_KEPT_MAX_BYTES = 64 * 1024,
};
#define STORE_INCIDENT_NOTICES "incident" /* the kind of its messages; their matter is "NUMBER PERSON" */

struct store_incident {
	int64_t id;
	const char *topic, *alert; /* the alert that opened it */
	int state, severity, peak, end;
	bool live;                    /* something is still due */
	int64_t opened_ms, closed_ms; /* wall; TIME_NONE: it is not closed */
	const char *owner;            /* NULL: nobody */
	const void *kept;
	size_t len;
};

struct store_incident_line {
	int64_t at_ms;          /* wall */
	const char *what;       /* "opened", "told", … */
	const char *who, *text; /* NULL: none */
};

/* Adds or changes the row of that id, adds the lines and the messages. Everything is copied. notices are those that were given,
 * and have their threads if r is 0; borrowed for the call, as is everything below. */
typedef void store_incident_cb(void *arg, int r, const struct notice_row *notices, size_t n);
struct store_incident_put {
	struct store_incident row;
	const struct store_incident_line *lines;
	size_t n_lines;
	const struct notice_row *notices;
	size_t n_notices;
	bool evidence; /* what stands behind it is taken into the chain (store/evidence) */
	/* What others are told by the stream of incidents (store/change). */
	const struct store_incident_change {
		int64_t at_ms;
		const char *what, *who, *text; /* of a line */
		const char *by;
	} * changes;
	size_t n_changes;
	const char *severity, *stage; /* with changes: in words */
	const char *json;             /* and an object with something in it: how it stands then */
	bool drill;
};
void store_incident_put(struct store *s, const struct store_incident_put *put, store_incident_cb *cb, void *arg);

/* The last message to a person about one that is live. */
struct store_incident_told {
	int64_t id;
	const char *person;
	enum notice_state state;
};
struct store_incidents {
	const struct store_incident *rows; /* as they were opened */
	size_t n;
	int64_t last_id;                        /* the largest number that was given; 0: none was */
	int64_t alive_ms;                       /* wall: the last sign of life of whoever listens; TIME_NONE: none */
	const struct store_incident_told *told; /* of live ones: in the order in which they were told */
	size_t n_told;
	const struct store_incident_line *lines; /* of the one that was asked for, as they came */
	size_t n_lines;
};
typedef void store_incidents_cb(void *arg, int r, const struct store_incidents *found); /* NULL unless r is 0 */
struct store_incidents_ask {
	bool live;    /* those alone */
	int64_t id;   /* this one alone, with its lines; 0: any */
	size_t limit; /* the newest; 0: STORE_INCIDENTS_MAX */
};
void store_incidents(struct store *s, const struct store_incidents_ask *ask, store_incidents_cb *cb, void *arg);
