/* doctor: the daemon that runs, and what it says of itself. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "main/config.h"
#include "main/ctl_client.h"
#include "main/ctl_doctor.h"
#include "main/ctl_means.h"
#include "main/ctl_output.h"
#include "mention/build.h"

enum { LINK_BYTES = 4096 };

static char *number_of(const json_t *object, const char *key)
{
	return xasprintf("%lld", (long long)json_integer_value(json_object_get(object, key)));
}

/* Its program was replaced since it started: an upgrade without a restart. */
static bool is_replaced(const char *pid)
{
	static const char gone[] = " (deleted)";
	cleanup(freep) char *link = xasprintf("/proc/%s/exe", pid);
	char path[LINK_BYTES];
	ssize_t len = readlink(link, path, sizeof(path) - 1);

	path[len > 0 ? len : 0] = '\0';
	return (size_t)(len > 0 ? len : 0) > strlen(gone) && strcmp(path + len - strlen(gone), gone) == 0;
}

static void say_running(struct doctor *d)
{
	const char *version = said_in(d->status, "version"), *build = said_in(d->status, "build");
	cleanup(freep) char *pid = number_of(d->status, "pid"),
			    *since = local_time(d->ctl, said_in(d->status, "started"));

	if (version && strcmp(version, ESCUCHAD_VERSION) != 0)
		DOCTOR_WARNS(d, TEXT_DOCTOR_VERSION, TEXT_DOCTOR_RESTART_CURE, version, ESCUCHAD_VERSION);
	else if (is_replaced(pid) || (build && strcmp(build, build_id()) != 0))
		DOCTOR_WARNS(d, TEXT_DOCTOR_REPLACED, TEXT_DOCTOR_RESTART_CURE);
	DOCTOR_FINE(d, TEXT_DOCTOR_RUNS, version ? version : "?", pid, since);
	if (json_is_true(json_object_get(json_object_get(d->status, "rules"), "failed")))
		DOCTOR_WARNS(d, TEXT_DOCTOR_RELOAD, TEXT_DOCTOR_RELOAD_CURE);
}

void doctor_daemon(struct doctor *d)
{
	cleanup(client_freep) struct client *k = client_new(d->ctl, true);
	const char *config = d->ctl->config ? d->ctl->config : "escuchad.yaml";
	size_t i;
	long status;

	if (k && client_get(k, "/v1/status", 0, &status, &d->status)) {
		say_running(d);
		return;
	}
	for (i = 0; i < d->ctl->n_sockets; i++) {
		if (access(d->ctl->sockets[i], F_OK) == 0 && access(d->ctl->sockets[i], W_OK) < 0) {
			DOCTOR_COMPLAINS(d, TEXT_DOCTOR_FORBIDDEN, TEXT_DOCTOR_FORBIDDEN_CURE, d->ctl->sockets[i]);
			return;
		}
	}
	DOCTOR_COMPLAINS(d, TEXT_DOCTOR_NOT_RUNNING, TEXT_DOCTOR_NOT_RUNNING_CURE, config);
}

static void say_short(struct doctor *d)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(d->status, "short"), i, one)
	{
		cleanup(freep) char *words = means_words(d->ctl, one);

		if (i == DOCTOR_SHOWN_MAX)
			break;
		if (words)
			DOCTOR_WARNS(d, TEXT_DOCTOR_SHORT, TEXT_IDS, said_in(one, "source"), words);
	}
}

void doctor_sources(struct doctor *d)
{
	const json_t *sources = json_object_get(d->status, "sources"), *one;
	cleanup(freep) char *all = number_of(sources, "all");
	size_t i, shown = 0;
	int64_t n = (int64_t)json_array_size(json_object_get(d->status, "deaf")) +
		    json_integer_value(json_object_get(d->status, "deaf_more"));

	if (!d->status)
		return;
	json_array_foreach(json_object_get(d->status, "deaf"), i, one)
	{
		cleanup(freep) char *said = deaf_words(d->ctl, one);

		if (i == DOCTOR_SHOWN_MAX)
			break;
		DOCTOR_WARNS(d, TEXT_DOCTOR_DEAF, TEXT_IDS, said);
		shown++;
	}
	if (n > (int64_t)shown) {
		cleanup(freep) char *more = xasprintf("%lld", (long long)n - (long long)shown);

		DOCTOR_WARNS(d, TEXT_DOCTOR_DEAF_MORE, TEXT_DOCTOR_DEAF_MORE_CURE, more);
	}
	if (n == 0)
		DOCTOR_FINE(d, TEXT_DOCTOR_SOURCES, all);
	say_short(d);
}

void doctor_log(struct doctor *d)
{
	const json_t *log = json_object_get(d->status, "log");
	cleanup(freep) char *mentions = number_of(log, "mentions"), *aside = number_of(log, "set_aside");
	int64_t bytes = json_integer_value(json_object_get(log, "bytes"));
	char size[UNITS_TEXT_SIZE], keep[UNITS_TEXT_SIZE];

	if (!log || !d->config)
		return;
	units_size_text(bytes >> 10 << 10, size);
	units_size_text(d->config->keep->size_bytes, keep);
	if (strcmp(aside, "0") != 0)
		DOCTOR_COMPLAINS(d, TEXT_FSCK_ROW_ASIDE, TEXT_DOCTOR_FSCK_CURE, aside);
	if (bytes / 4 > d->config->keep->size_bytes / 4 * 5 / 4)
		DOCTOR_WARNS(d, TEXT_DOCTOR_LOG_LARGE, TEXT_DOCTOR_LOG_LARGE_CURE, size, keep);
	else
		DOCTOR_FINE(d, TEXT_DOCTOR_LOG, mentions, size, keep);
}

static void say_unpaired(struct doctor *d)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(d->status, "unpaired"), i, one)
	{
		if (i == DOCTOR_SHOWN_MAX)
			break;
		DOCTOR_WARNS(d, TEXT_DOCTOR_UNPAIRED, TEXT_DOCTOR_UNPAIRED_CURE, said_in(one, "person"),
			     said_in(one, "channel"));
	}
}

/* Whether somebody learns of all this who does not ask. */
void doctor_notices(struct doctor *d)
{
	const json_t *notices = json_object_get(d->status, "notices");
	cleanup(freep) char *failing = number_of(notices, "failing"), *lost = number_of(notices, "undelivered"),
			    *since = local_time(d->ctl, said_in(notices, "since"));

	if (!notices)
		return;
	say_unpaired(d);
	if (json_integer_value(json_object_get(notices, "operators")) == 0) {
		DOCTOR_WARNS(d, TEXT_CTL_STATUS_NOTICES_NOBODY, TEXT_IDS);
		return;
	}
	if (strcmp(failing, "0") != 0)
		DOCTOR_COMPLAINS(d, TEXT_CTL_STATUS_NOTICES_FAILING, TEXT_DOCTOR_NOTICES_CURE, failing, since,
				 said_in(notices, "why"));
	if (strcmp(lost, "0") != 0)
		DOCTOR_WARNS(d, TEXT_CTL_STATUS_NOTICES_LOST, TEXT_DOCTOR_NOTICES_CURE, lost);
	if (strcmp(failing, "0") == 0 && strcmp(lost, "0") == 0)
		DOCTOR_FINE(d, TEXT_DOCTOR_NOTICES);
}
