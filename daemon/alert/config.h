#pragma once
/*
 * alert/config: what the configuration says of channels (how a notice travels), people (who is reached, by which of them,
 * and when not) and operators (who is told what concerns escuchad itself); of who is on call, and of who is told one after
 * another. main/config_people and main/config_oncall read it.
 *
 * Owner: the configuration's arena.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/hours.h"
#include "base/diag.h"

struct channel_kind;
struct cidr;
struct params;
struct playbook;
struct secret;
struct when;

/* CHANNEL_WEB: by a file of conf/channels (alert/channel_kind). */
enum channel_by { CHANNEL_SMTP, CHANNEL_COMMAND, CHANNEL_WEB };
extern const char *const channel_by_names[]; /* by enum channel_by, but for the last; NULL at the end */

/* CHANNEL_TLS_AUTO: needed, but to a server on this very machine. */
enum channel_tls { CHANNEL_TLS_AUTO, CHANNEL_TLS_REQUIRED, CHANNEL_TLS_NONE };

enum {
	CHANNELS_MAX = 50,
	PEOPLE_MAX = 1000,
	REACH_MAX = 10, /* channels of one person */
	OPERATORS_MAX = 20,
	QUIET_MAX = 10, /* of one person */
	AWAY_MAX = 50,  /* the same */
	ROTAS_MAX = 50,
	SHIFTS_MAX = 100, /* of one rota */
	WHO_MAX = 50,     /* of one shift, or one step */
	ESCALATIONS_MAX = 50,
	STEPS_MAX = 20, /* of one level */
	COMMAND_MAX = 32, /* words of a channel's command */
};

struct channel_config {
	struct diag_pos pos;
	const char *name;
	int kind;        /* enum channel_by */
	const struct channel_kind *as; /* web: its file, and … */
	struct params *params;         /* … what is said to it */
	const struct cidr *allow_private;
	size_t n_allow_private;
	const char *const *command; /* command: a program and its arguments */
	size_t n_command;
	const char *url; /* smtp: smtp://host[:port], smtps://host[:port] */
	const char *from;
	const char *replies; /* the source that what is answered comes to; NULL: nobody reads it */
	bool own_replies;    /* that source is there for this alone: nothing of it is a mention */
	const char *user;
	const struct secret *password;
	int tls;             /* enum channel_tls */
	const char *ca_file; /* whom to trust beside nobody else; NULL: whom this machine trusts */
	int64_t timeout_ms;
};

/* An address that its person says themselves, by a code (alert/pair). */
#define REACH_PAIRED "paired"

struct reach_config {
	struct diag_pos pos;
	const char *name; /* of the channel */
	const char *address;
	const struct channel_config *channel;
};

struct away_config {
	struct diag_pos pos;
	int64_t from_day, to_day; /* both included, by the person's clock; days since 1970-01-01 */
	const char *instead;      /* NULL: nobody stands in */
	const struct person_config *stand_in;
};

struct person_config {
	struct diag_pos pos;
	const char *name;
	const char *timezone;             /* NULL: the configuration's */
	int language;                     /* enum text_lang; -1: the configuration's */
	bool group;                       /* several read it */
	const struct reach_config *reach; /* in the order in which they are tried */
	size_t n_reach;
	const struct hours *quiet; /* what is not critical waits for their end */
	size_t n_quiet;
	const struct away_config *away;
	size_t n_away;
};

/* Somebody who is meant: a person, or (where that is allowed) whoever is on call: 'oncall:cm'. */
struct who_config {
	struct diag_pos pos;
	const char *name; /* as it is written */
	const struct person_config *person;
	const struct rota_config *rota; /* one of the two is NULL */
};

/* ROTATE_NEVER: all of them at once. */
enum rotate { ROTATE_NEVER, ROTATE_DAILY, ROTATE_WEEKLY, ROTATE_FORTNIGHTLY, ROTATE_MONTHLY };

struct shift_config {
	struct diag_pos pos;
	struct hours hours;
	const struct who_config *who;
	size_t n_who;
	int rotate;        /* enum rotate */
	int64_t since_day; /* the first of who has the turn that holds this day; turns change on its weekday */
};

struct rota_config {
	struct diag_pos pos;
	const char *name;
	const char *timezone; /* NULL: the configuration's */
	const struct shift_config *shifts;
	size_t n_shifts;
	const struct who_config *otherwise; /* outside of all shifts, and where who is on shift is away */
	size_t n_otherwise;
	bool nobody; /* otherwise: nobody: a gap that is meant */
};

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_CRITICAL, SEVERITIES };
extern const char *const severity_names[]; /* by enum severity; NULL at the end */

struct step_config {
	struct diag_pos pos;
	int64_t after_ms; /* from the first step's beginning */
	const struct who_config *notify;
	size_t n_notify;
};

struct level_config {
	const struct step_config *steps; /* ascending by after_ms */
	size_t n;
};

struct escalation_config {
	struct diag_pos pos;
	const char *name;
	struct level_config levels[SEVERITIES];
	int64_t repeat_ms; /* from the last step on, until it is acknowledged; 0: never */
};

struct operator_config {
	struct diag_pos pos;
	const char *name;
	const struct person_config *person;
};

enum { ALERTS_MAX = 200, ALERT_TOPICS_MAX = 100, PLANNED_MAX = 200 };

enum sensitivity { SENSITIVITY_NORMAL, SENSITIVITY_LOW, SENSITIVITY_HIGH };

struct topic_ref {
	struct diag_pos pos;
	const char *name;
};

/* Its own closing condition: what `when` says, for so long. */
struct alert_close {
	const struct when *when;
	int64_t for_ms;
};

struct alert_config {
	struct diag_pos pos, of_pos;
	const char *name;
	const struct topic_ref *topics; /* none: all of role */
	size_t n_topics;
	int role;        /* ALERT_ROLE_… */
	const char *of;  /* "all", "negative", or an intent's, a tag's or a rule's name */
	int64_t over_ms; /* the window */
	const struct when *when;
	int severity;                    /* enum severity */
	int sensitivity;                 /* enum sensitivity, of `unusual` */
	const struct alert_close *close; /* NULL: once it has not been met for INCIDENT_DOWN_MS */
	const struct playbook *playbook; /* NULL: that of the defaults; then none */
	const char *escalation_name;     /* NULL: that of the defaults */
	const struct escalation_config *escalation;
	struct diag_pos escalation_pos;
};
enum { ALERT_ROLE_BRAND, ALERT_ROLE_COMPETITOR, ALERT_ROLE_INDUSTRY, ALERT_ROLE_ANY };

/* Of the alerts that every topic has without any being written. */
struct defaults_config {
	struct diag_pos escalation_pos;
	const char *escalation_name;
	const struct escalation_config *escalation;
	const struct playbook *playbook; /* of alerts without their own, and of what was opened by hand; NULL: none */
};

/* A peak that is expected: it lifts volume alone. */
struct planned_config {
	struct diag_pos pos;
	const char *name;
	const struct topic_ref *topics; /* none: all */
	size_t n_topics;
	int64_t from_day, to_day; /* both included, by the configuration's clock; days since 1970-01-01 */
	int expect;               /* PLANNED_VOLUME: there is no other yet */
};
enum { PLANNED_VOLUME };

/* How what operators are told is put together (alert/gather). */
struct notices_config {
	int64_t gather_ms; /* from the first news to its message: what comes meanwhile goes with it */
	int64_t pause_ms;  /* between two messages, but for the first few */
	int64_t retry_ms;  /* from a try that failed to the next by the same channel */
};

/* One address, as it stands in an envelope: ana@example.com. What could end a line of SMTP, or make two of it, is none
 * (FAULTS O1: libcurl lets it through). */
enum {
	ADDRESS_E_SYNTAX = 1,
	ADDRESS_E_SEVERAL, /* a@example.com, b@example.com */
	ADDRESS_E_CONTROL, /* a line break, or something else that can't be seen */
};
enum { ADDRESS_LOCAL_MAX_BYTES = 64, ADDRESS_MAX_BYTES = 254 /* RFC 5321 §4.5.3.1 */ };
int address_check(const char *address) must_use;

bool channel_is_local(const char *url); /* its host is this machine, by name or address */
