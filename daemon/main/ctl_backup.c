/* backup: a copy of the log, with the daemon running or not. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/units.h"
#include "main/ctl_command.h"
#include "main/ctl_log.h"
#include "store/backup.h"

enum { ANSWER_MAX_BYTES = 64 * 1024 };

static void print_json(const char *file, const struct backup_made *made, int64_t took_ms)
{
	struct buf b = BUF_INIT(ANSWER_MAX_BYTES);
	struct json j = JSON_OUT(&b);

	json_begin_object(&j, NULL);
	json_text(&j, "file", file);
	json_int(&j, "bytes", made->bytes);
	json_int(&j, "mentions", made->mentions);
	json_int(&j, "hits", made->hits);
	json_int(&j, "took_ms", took_ms);
	json_end_object(&j);
	printf("%s\n", buf_str(&b));
	buf_done(&b);
}

static void print_text(const struct ctl *c, const char *file, const struct backup_made *made, int64_t took_ms)
{
	cleanup(freep) char *mentions = xasprintf("%lld", (long long)made->mentions);
	cleanup(freep) char *hits = xasprintf("%lld", (long long)made->hits);
	char size[UNITS_TEXT_SIZE], took[UNITS_TEXT_SIZE];

	CTL_SAY(c, TEXT_CTL_BACKUP_DONE, file, mentions, hits, units_size_text(made->bytes / 1024 * 1024, size),
		units_duration_text(took_ms >= SECOND_MS ? took_ms / SECOND_MS * SECOND_MS : took_ms, took));
}

static int run(const struct ctl_call *call)
{
	const struct ctl *c = call->ctl;
	const char *file = call->args[0], *path;
	int64_t from_ms = clock_steady_ms(), took_ms;
	struct backup_made made;
	int r;

	if (!ctl_log_quiet(c))
		return CTL_NO;
	r = backup_make(c->state, file, &made, &path);
	took_ms = clock_steady_ms() - from_ms;
	if (r == 0 && c->json)
		print_json(file, &made, took_ms);
	else if (r == 0)
		print_text(c, file, &made, took_ms);
	else if (r == BACKUP_E_THERE)
		CTL_COMPLAIN(c, TEXT_CTL_BACKUP_THERE, file);
	else if (r == BACKUP_E_NONE)
		CTL_COMPLAIN(c, TEXT_CTL_BACKUP_NONE, c->state);
	else if (r == BACKUP_E_CORRUPT)
		CTL_COMPLAIN(c, TEXT_CTL_BACKUP_CORRUPT, c->state);
	else if (r == -ENOENT && path)
		CTL_COMPLAIN(c, TEXT_CTL_BACKUP_NO_FOLDER, file);
	else if (r == -EACCES && !path)
		CTL_COMPLAIN(c, TEXT_CTL_STATE_FORBIDDEN, c->state);
	else
		ctl_complain_errno(c, TEXT_CTL_FILE, path ? path : c->state, -r);
	return r == 0 ? CTL_DONE : CTL_NO;
}

const struct ctl_command ctl_backup = {
	.name = "backup",
	.run = run,
	.help = TEXT_CTL_HELP_BACKUP,
	.needs = CTL_NEEDS_SETTINGS,
	.min = 1,
	.max = 1,
};
