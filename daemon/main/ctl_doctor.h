#pragma once
/*
 * main/ctl_doctor: what is wrong with this installation. Each check looks at one thing and says one line, or more.
 *
 *   ctl_doctor.c           the table of checks, and how they are told
 *   ctl_doctor_files.c     what lies on the disk: configuration, state folder, rules, certificates
 *   ctl_doctor_machine.c   clock, zone, names of hosts, descriptors, the unit
 *   ctl_doctor_daemon.c    the daemon that runs, and what it says of itself
 *   ctl_doctor_redis.c     Redis, asked without the daemon
 *
 * Only what the configuration names is asked for over the network. Blocks: some seconds a host that does not answer.
 */
#include <stdbool.h>
#include <stddef.h>

#include "main/ctl.h"

struct config;
struct json_t;

enum doctor_level { DOCTOR_OK, DOCTOR_WARN, DOCTOR_BAD };
enum { DOCTOR_HOSTS_MAX = 5, DOCTOR_SHOWN_MAX = 5, DOCTOR_WAIT_MS = 3000, DOCTOR_LINES_MAX = 200 };

struct doctor {
	const struct ctl *ctl;
	struct config *config; /* NULL: it could not be read */
	struct json_t *status; /* what the daemon says; NULL: none answers */
	bool unreadable;       /* the file isn't even YAML */
	const char *check;     /* whose turn it is */
	struct doctor_line *lines;
	size_t n, cap, n_bad, n_warn;
};

/* what: how it is; cure: what to do, TEXT_IDS: nothing. Both are filled from the same arguments. */
void doctor_say(struct doctor *d, enum doctor_level level, enum text_id what, enum text_id cure,
		const char *const args[]);
#define DOCTOR_FINE(d, what, ...)            doctor_say((d), DOCTOR_OK, (what), TEXT_IDS, TEXT_ARGS(__VA_ARGS__))
#define DOCTOR_WARNS(d, what, cure, ...)     doctor_say((d), DOCTOR_WARN, (what), (cure), TEXT_ARGS(__VA_ARGS__))
#define DOCTOR_COMPLAINS(d, what, cure, ...) doctor_say((d), DOCTOR_BAD, (what), (cure), TEXT_ARGS(__VA_ARGS__))
void doctor_say_text(struct doctor *d, enum doctor_level level, const char *what); /* in words that others have found */

typedef void doctor_check_fn(struct doctor *d);
doctor_check_fn doctor_configuration, doctor_rules, doctor_state,
	doctor_certificates; /* in this order: it is what the next need */
doctor_check_fn doctor_daemon, doctor_sources, doctor_log, doctor_notices;
doctor_check_fn doctor_redis;
doctor_check_fn doctor_clock, doctor_names, doctor_descriptors, doctor_unit;
