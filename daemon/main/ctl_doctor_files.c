/* doctor: what lies on the disk. */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/units.h"
#include "main/config.h"
#include "main/ctl_doctor.h"
#include "mention/answer.h"
#include "mention/job.h"
#include "pool/ask.h"

enum { ARENA_MAX_BYTES = 1 << 20, ANSWER_MAX_BYTES = 1 << 20 };

#define SPACE_LEAST_BYTES (INT64_C(64) << 20) /* below it nothing goes on for long */
#define ROUGHLY_BYTES     (INT64_C(10) << 30) /* from here on nobody counts the megabytes */

static const char bundle[] = "/etc/ssl/certs/ca-certificates.crt";

/* Each finding as escuchad --check says it. */
static void say_findings(struct doctor *d, const struct diag *diag)
{
	size_t i;

	for (i = 0; i < diag_len(diag); i++) {
		const struct finding *f = diag_at(diag, i);
		cleanup(buf_done) struct buf b = BUF_INIT(ANSWER_MAX_BYTES);

		diag_render(&b, f, d->ctl->lang);
		doctor_say_text(d, f->severity == DIAG_ERROR ? DOCTOR_BAD : DOCTOR_WARN, buf_str(&b));
	}
}

void doctor_configuration(struct doctor *d)
{
	cleanup(diag_freep) struct diag *diag = diag_new();
	const char *path = d->ctl->config;
	cleanup(freep) char *sources = NULL;
	int r;

	if (!path) {
		DOCTOR_COMPLAINS(d, TEXT_DOCTOR_NO_CONFIG, TEXT_DOCTOR_NO_CONFIG_CURE);
		return;
	}
	r = config_load(path, diag, &d->config);
	say_findings(d, diag);
	if (r == 0) {
		sources = xasprintf("%zu", d->config->n_sources);
		DOCTOR_FINE(d, TEXT_DOCTOR_CONFIG, path, sources);
	} else if (!d->unreadable && geteuid() != 0) {
		DOCTOR_WARNS(d, TEXT_DOCTOR_NOT_ROOT, TEXT_DOCTOR_NOT_ROOT_CURE);
	}
}

/* --- the reader, and the rules as it sees them --- */

/* A made-up feed through its sandbox. */
static bool reads_a_feed(struct ask *reader)
{
	static const char feed[] = "<rss version=\"2.0\"><channel><item><title>escuchad</title></item></channel></rss>";
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_MAX_BYTES);
	cleanup(buf_done) struct buf job = BUF_INIT(ANSWER_MAX_BYTES);
	const struct job_feed what = {.source = "doctor",
				      .platform = "feed",
				      .address = "",
				      .format = "feed",
				      .not_before_ms = TIME_NONE,
				      .body = feed,
				      .body_len = sizeof(feed) - 1};
	struct answer answer;
	const char *bytes;
	size_t len;

	job_feed_put(&job, &what);
	return ask(reader, FRAME_FEED, &job, &bytes, &len) == 0 && answer_get(bytes, len, a, &answer) == 0 &&
	       answer.status == ANSWER_OK && answer.n_mentions == 1;
}

void doctor_rules(struct doctor *d)
{
	const struct ask_config config = {.rules = d->config ? d->config->rules : NULL,
					  .n_rules = d->config ? d->config->n_rules : 0,
					  .lexicon = d->config ? d->config->lexicon : NULL};
	cleanup(diag_freep) struct diag *diag = diag_new();
	cleanup(ask_freep) struct ask *reader = NULL;
	int r = ask_open(&config, diag, &reader);

	say_findings(d, diag);
	if (r != 0 && !diag_len(diag))
		DOCTOR_COMPLAINS(d, TEXT_DOCTOR_NO_READER, TEXT_DOCTOR_NO_READER_CURE);
	else if (r == 0 && !reads_a_feed(reader))
		DOCTOR_COMPLAINS(d, TEXT_DOCTOR_READER_FAILS, TEXT_DOCTOR_READER_FAILS_CURE);
	else if (r == 0)
		DOCTOR_FINE(d, d->config ? TEXT_DOCTOR_READER : TEXT_DOCTOR_READER_ALONE);
}

/* --- the state folder --- */

static void say_space(struct doctor *d, const char *folder)
{
	char room[UNITS_TEXT_SIZE], wanted[UNITS_TEXT_SIZE];
	int64_t bytes, keep = d->config->keep->size_bytes;
	struct statvfs fs;

	if (statvfs(folder, &fs) < 0)
		return;
	bytes = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
	units_size_text(bytes >= ROUGHLY_BYTES ? bytes >> 30 << 30 : bytes >> 20 << 20, room);
	units_size_text(keep, wanted);
	if (bytes < SPACE_LEAST_BYTES)
		DOCTOR_COMPLAINS(d, TEXT_DOCTOR_SPACE, TEXT_DOCTOR_SPACE_CURE, folder, room, wanted);
	else if (bytes < keep)
		DOCTOR_WARNS(d, TEXT_DOCTOR_SPACE, TEXT_DOCTOR_SPACE_CURE, folder, room, wanted);
	else
		DOCTOR_FINE(d, TEXT_DOCTOR_SPACE_FINE, folder, room);
}

void doctor_state(struct doctor *d)
{
	const char *folder = d->config ? d->config->state : NULL;
	const struct passwd *owner;
	struct stat st;

	if (!folder)
		return;
	if (stat(folder, &st) < 0) {
		if (errno == ENOENT)
			DOCTOR_WARNS(d, TEXT_DOCTOR_STATE_ABSENT, TEXT_DOCTOR_STATE_ABSENT_CURE, folder);
		else
			DOCTOR_WARNS(d, TEXT_DOCTOR_NOT_ROOT, TEXT_DOCTOR_NOT_ROOT_CURE);
		return;
	}
	owner = getpwuid(st.st_uid);
	if (!S_ISDIR(st.st_mode))
		DOCTOR_COMPLAINS(d, TEXT_DOCTOR_STATE_FILE, TEXT_DOCTOR_STATE_FILE_CURE, folder);
	else if (st.st_mode & S_IWOTH)
		DOCTOR_COMPLAINS(d, TEXT_DOCTOR_STATE_OPEN, TEXT_DOCTOR_STATE_OPEN_CURE, folder);
	else if (st.st_mode & (S_IROTH | S_IXOTH))
		DOCTOR_WARNS(d, TEXT_DOCTOR_STATE_OPEN, TEXT_DOCTOR_STATE_OPEN_CURE, folder);
	else
		DOCTOR_FINE(d, TEXT_DOCTOR_STATE, folder, owner ? owner->pw_name : "?");
	if (S_ISDIR(st.st_mode))
		say_space(d, folder);
}

void doctor_certificates(struct doctor *d)
{
	size_t i;

	for (i = 0; d->config && i < d->config->n_sources; i++)
		if (d->config->sources[i].url && strncmp(d->config->sources[i].url, "https:", 6) == 0)
			break;
	if (!d->config || (i == d->config->n_sources && access(bundle, R_OK) < 0))
		return;
	if (access(bundle, R_OK) < 0)
		DOCTOR_COMPLAINS(d, TEXT_DOCTOR_NO_BUNDLE, TEXT_DOCTOR_NO_BUNDLE_CURE, bundle);
	else
		DOCTOR_FINE(d, TEXT_DOCTOR_BUNDLE);
}
