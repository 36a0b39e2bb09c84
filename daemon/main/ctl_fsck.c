/* fsck: is the log sound, and what would mend it; --repair does it. */
#include <errno.h>
#include <glob.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/units.h"
#include "main/ctl_command.h"
#include "main/ctl_log.h"
#include "main/ctl_output.h"
#include "store/repair.h"

enum { ANSWER_MAX_BYTES = 1024 * 1024 };

struct values {
	bool repair;
};

/* What was found, and what --repair does about it. */
static const struct {
	enum text_id found, cure;
} says[INSPECT_KINDS] = {
	[INSPECT_DAMAGED] = {TEXT_FSCK_DAMAGED, TEXT_FSCK_DAMAGED_CURE},
	[INSPECT_ROW_DAMAGED] = {TEXT_FSCK_ROW_DAMAGED, TEXT_FSCK_ROW_DAMAGED_CURE},
	[INSPECT_ROW_ASIDE] = {TEXT_FSCK_ROW_ASIDE, TEXT_FSCK_ROW_ASIDE_CURE},
	[INSPECT_ROW_EMPTY] = {TEXT_FSCK_ROW_EMPTY, TEXT_FSCK_ROW_EMPTY_CURE},
	[INSPECT_HIT_LOST] = {TEXT_FSCK_HIT_LOST, TEXT_FSCK_HIT_LOST_CURE},
	[INSPECT_NAMELESS] = {TEXT_FSCK_NAMELESS, TEXT_FSCK_NAMELESS_CURE},
	[INSPECT_ORPHANS] = {TEXT_FSCK_ORPHANS, TEXT_FSCK_ORPHANS_CURE},
	[INSPECT_COUNTS] = {TEXT_FSCK_COUNTS, TEXT_FSCK_COUNTS_CURE},
	[INSPECT_SEARCH] = {TEXT_FSCK_SEARCH, TEXT_FSCK_SEARCH_CURE},
	[INSPECT_EVIDENCE] = {TEXT_FSCK_EVIDENCE, TEXT_FSCK_EVIDENCE_CURE},
};

/* --- told --- */

static char *number(int64_t n)
{
	return xasprintf("%lld", (long long)n);
}

static void print_text(const struct ctl *c, const struct repair_report *report, bool repair)
{
	size_t k;

	for (k = 0; k < INSPECT_KINDS; k++) {
		cleanup(freep) char *n = number(report->before.n[k]);
		bool left = report->after.n[k] > 0;

		if (!report->before.n[k] && !left)
			continue;
		ctl_say(c, says[k].found, TEXT_ARGS(n));
		if (k == INSPECT_DAMAGED && *report->before.why) {
			struct buf b = BUF_INIT(ANSWER_MAX_BYTES);

			text_clean(&b, report->before.why, strlen(report->before.why));
			CTL_SAY(c, TEXT_FSCK_WHY, buf_str(&b));
			buf_done(&b);
		}
		if (k == INSPECT_EVIDENCE) {
			cleanup(freep) char *first = number(report->before.broken_link);

			CTL_SAY(c, TEXT_FSCK_EVIDENCE_FIRST, first);
		}
		if (repair)
			CTL_SAY(c, left ? TEXT_FSCK_LEFT : TEXT_FSCK_DONE);
		else
			ctl_say(c, says[k].cure, TEXT_ARGS(NULL));
	}
	if (report->salvaged) {
		cleanup(freep) char *rows = number(report->salvage.rows);

		CTL_SAY(c, report->salvage.torn ? TEXT_FSCK_SALVAGED_PART : TEXT_FSCK_SALVAGED, rows,
			report->kept_as ? report->kept_as : "-");
	}
}

static void print_kept(const struct ctl *c)
{
	cleanup(freep) char *pattern = xasprintf("%s/escuchad.db.corrupt-*Z", c->state);
	glob_t found;
	size_t i;

	if (glob(pattern, GLOB_NOSORT, NULL, &found) != 0)
		return;
	for (i = 0; i < found.gl_pathc; i++) {
		char size[UNITS_TEXT_SIZE];
		struct stat st;

		if (stat(found.gl_pathv[i], &st) == 0)
			CTL_SAY(c, TEXT_FSCK_KEPT, found.gl_pathv[i], units_size_text(st.st_size / 1024 * 1024, size));
	}
	globfree(&found);
}

static void print_json(const struct ctl *c, const struct repair_report *report)
{
	struct buf b = BUF_INIT(ANSWER_MAX_BYTES);
	struct json j = JSON_OUT(&b);
	size_t k;

	json_begin_object(&j, NULL);
	json_bool(&j, "clean", inspect_clean(&report->after));
	json_int(&j, "mentions", report->after.mentions);
	json_int(&j, "hits", report->after.hits);
	json_begin_array(&j, "findings");
	for (k = 0; k < INSPECT_KINDS; k++) {
		cleanup(freep) char *n = number(report->before.n[k]), *said = TEXT(c->lang, says[k].found, n);

		if (!report->before.n[k] && !report->after.n[k])
			continue;
		json_begin_object(&j, NULL);
		json_text(&j, "kind", inspect_name(k));
		json_int(&j, "n", report->before.n[k]);
		json_text(&j, "message", said);
		if (k == INSPECT_EVIDENCE)
			json_int(&j, "first", report->before.broken_link);
		json_bool(&j, "left", report->after.n[k] > 0);
		json_end_object(&j);
	}
	json_end_array(&j);
	json_text(&j, "kept_as", report->kept_as);
	if (report->salvaged)
		json_int(&j, "salvaged_rows", report->salvage.rows);
	json_end_object(&j);
	printf("%s\n", buf_str(&b));
	buf_done(&b);
}

static int tell(const struct ctl *c, const struct repair_report *report, bool repair)
{
	bool clean = inspect_clean(&report->after);
	cleanup(freep) char *mentions = number(report->after.mentions), *hits = number(report->after.hits);

	if (c->json) {
		print_json(c, report);
		return clean ? CTL_DONE : CTL_NO;
	}
	print_text(c, report, repair);
	if (clean)
		CTL_SAY(c, TEXT_FSCK_CLEAN, mentions, hits);
	else if (!repair)
		CTL_SAY(c, TEXT_FSCK_REPAIR);
	print_kept(c);
	return clean ? CTL_DONE : CTL_NO;
}

/* --- done --- */

/* Root's files in a service's folder would keep the service out: whatever is made there is its owner's. */
static int become_owner(const char *folder)
{
	struct stat st;

	if (geteuid() != 0 || stat(folder, &st) < 0 || st.st_uid == 0)
		return 0;
	if (setgroups(0, NULL) < 0 || setresgid(st.st_gid, st.st_gid, st.st_gid) < 0 ||
	    setresuid(st.st_uid, st.st_uid, st.st_uid) < 0)
		return -errno;
	return 0;
}

/* While a daemon runs: a look from beside it. */
static int look_beside(const char *state, struct repair_report *ret)
{
	cleanup(freep) char *path = xasprintf("%s/escuchad.db", state);
	cleanup(inspect_freep) struct inspect *i = inspect_new(path, false);
	int r = inspect_run(i, &ret->before);

	ret->after = ret->before;
	return r;
}

static int complain(const struct ctl *c, int r, const struct repair_report *report)
{
	cleanup(freep) char *pid = number(report->pid);

	switch (r) {
	case REPAIR_E_BUSY:
		CTL_COMPLAIN(c, TEXT_FSCK_BUSY, pid);
		return CTL_BUSY;
	case REPAIR_E_NONE:
		CTL_COMPLAIN(c, TEXT_CTL_BACKUP_NONE, c->state);
		return CTL_NO;
	case REPAIR_E_NEWER:
		CTL_COMPLAIN(c, TEXT_STORE_NEWER);
		return CTL_NO;
	case REPAIR_E_OLDER:
		CTL_COMPLAIN(c, TEXT_FSCK_OLDER);
		return CTL_NO;
	case -EACCES:
		CTL_COMPLAIN(c, TEXT_CTL_STATE_FORBIDDEN, c->state);
		return CTL_NO;
	default:
		ctl_complain_errno(c, TEXT_CTL_FILE, c->state, -r);
		return CTL_NO;
	}
}

static int run(const struct ctl_call *call)
{
	const struct values *v = call->values;
	const struct ctl *c = call->ctl;
	struct repair_report report;
	int r;

	if (!ctl_log_quiet(c))
		return CTL_NO;
	r = become_owner(c->state);
	if (r < 0) {
		ctl_complain_errno(c, TEXT_CTL_FILE, c->state, -r);
		return CTL_NO;
	}
	r = repair_run(c->state, v->repair, &report);
	if (r == REPAIR_E_BUSY && !v->repair)
		r = look_beside(c->state, &report);
	r = r == 0 ? tell(c, &report, v->repair) : complain(c, r, &report);
	free(report.kept_as);
	return r;
}

static const struct ctl_option options[] = {{"repair", 0, CTL_FLAG, offsetof(struct values, repair)}};
const struct ctl_command ctl_fsck = {
	.name = "fsck",
	.run = run,
	.help = TEXT_CTL_HELP_FSCK,
	.needs = CTL_NEEDS_SETTINGS,
	.options = options,
	.n_options = ARRAY_LEN(options),
	.values_bytes = sizeof(struct values),
};
