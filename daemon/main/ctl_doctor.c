/* doctor: looks at everything that an installation needs, and says what to do. */
#include "main/ctl_doctor.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "main/config.h"
#include "main/ctl_command.h"
#include "main/ctl_output.h"
#include "main/ctl_settings.h"
#include "main/ctl_terminal.h"

enum { OUT_MAX_BYTES = 4 * 1024 * 1024, TEXT_MAX_BYTES = 16 * 1024 };

static const char *const level_names[] = {[DOCTOR_OK] = "ok", [DOCTOR_WARN] = "warn", [DOCTOR_BAD] = "bad"};
static const enum text_id level_texts[] = {
	[DOCTOR_OK] = TEXT_DOCTOR_OK, [DOCTOR_WARN] = TEXT_DOCTOR_WARN, [DOCTOR_BAD] = TEXT_DOCTOR_BAD};

static const struct {
	const char *name;
	doctor_check_fn *look;
} checks[] = {
	{"configuration", doctor_configuration},
	{"rules", doctor_rules},
	{"state", doctor_state},
	{"daemon", doctor_daemon},
	{"sources", doctor_sources},
	{"log", doctor_log},
	{"notices", doctor_notices},
	{"redis", doctor_redis},
	{"certificates", doctor_certificates},
	{"names", doctor_names},
	{"clock", doctor_clock},
	{"descriptors", doctor_descriptors},
	{"unit", doctor_unit},
};

struct doctor_line {
	const char *check;
	enum doctor_level level;
	char *what, *cure; /* cure NULL: nothing to do */
};

static void add(struct doctor *d, enum doctor_level level, char *what, char *cure) /* takes both */
{
	if (d->n == DOCTOR_LINES_MAX) {
		free(what);
		free(cure);
		return;
	}
	d->lines = GROW(d->lines, d->n, &d->cap);
	d->lines[d->n++] = (struct doctor_line){d->check, level, what, cure};
	d->n_bad += level == DOCTOR_BAD;
	d->n_warn += level == DOCTOR_WARN;
}

void doctor_say(struct doctor *d, enum doctor_level level, enum text_id what, enum text_id cure,
		const char *const args[])
{
	enum text_lang lang = d->ctl->lang;

	add(d, level, text_make(lang, what, args), cure == TEXT_IDS ? NULL : text_make(lang, cure, args));
}

void doctor_say_text(struct doctor *d, enum doctor_level level, const char *what)
{
	add(d, level, xstrdup(what), NULL);
}

/* --- told --- */

static char *cleaned(const char *text)
{
	struct buf b = BUF_INIT(TEXT_MAX_BYTES);

	text_clean(&b, text, strlen(text));
	return buf_steal(&b);
}

static const char *colour_of(const struct ctl *c, enum doctor_level level)
{
	static const char *const colours[] = {
		[DOCTOR_OK] = "\033[32m", [DOCTOR_WARN] = "\033[1;33m", [DOCTOR_BAD] = "\033[1;31m"};

	return c->colour ? colours[level] : "";
}

/* "ok        what", or on a narrow terminal what below it. */
static void print_line(const struct ctl *c, const struct doctor_line *l, size_t label, size_t width, struct buf *out)
{
	const char *name = text_raw(c->lang, level_texts[l->level]);
	cleanup(freep) char *what = cleaned(l->what), *cure = l->cure ? cleaned(l->cure) : NULL;
	size_t i;

	buf_printf(out, "%s%s%s", colour_of(c, l->level), name, c->colour ? "\033[0m" : "");
	for (i = text_width(name); i < label; i++)
		buf_putc(out, ' ');
	text_wrap(out, what, label, label, width);
	if (!cure)
		return;
	for (i = 0; i < label; i++)
		buf_putc(out, ' ');
	buf_puts(out, "→ ");
	text_wrap(out, cure, label + 2, label + 2, width);
}

static void print_text(const struct doctor *d)
{
	const struct ctl *c = d->ctl;
	struct buf out = BUF_INIT(OUT_MAX_BYTES);
	cleanup(freep) char *bad = xasprintf("%zu", d->n_bad), *warn = xasprintf("%zu", d->n_warn), *sum = NULL;
	size_t width = terminal_width(), label = 0, i;

	for (i = 0; i < ARRAY_LEN(level_texts); i++) {
		size_t wide = text_width(text_raw(c->lang, level_texts[i])) + 2;

		label = wide > label ? wide : label;
	}
	for (i = 0; i < d->n; i++)
		print_line(c, &d->lines[i], label, width, &out);
	buf_putc(&out, '\n');
	sum = d->n_bad    ? TEXT(c->lang, TEXT_DOCTOR_SUM_BAD, bad, warn)
	      : d->n_warn ? TEXT(c->lang, TEXT_DOCTOR_SUM_WARN, warn)
			  : TEXT(c->lang, TEXT_DOCTOR_SUM_OK);
	text_wrap(&out, sum, 0, 0, width);
	fwrite(buf_str(&out), 1, out.len, stdout);
	buf_done(&out);
}

static void print_json(const struct doctor *d)
{
	json_t *all = json_array(), *whole = json_pack("{s:b, s:o}", "ok", d->n_bad == 0, "checks", all);
	size_t i;

	for (i = 0; i < d->n; i++) {
		const struct doctor_line *l = &d->lines[i];
		cleanup(freep) char *what = cleaned(l->what), *cure = l->cure ? cleaned(l->cure) : NULL;

		(void)json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:s*}", "check", l->check, "level",
							   level_names[l->level], "what", what, "cure", cure));
	}
	json_print(whole);
	json_decref(whole);
}

static void done(struct doctor *d)
{
	size_t i;

	for (i = 0; i < d->n; i++) {
		free(d->lines[i].what);
		free(d->lines[i].cure);
	}
	free(d->lines);
	config_free(d->config);
	json_decref(d->status);
}

static int run(const struct ctl_call *call)
{
	struct doctor d = {.ctl = call->ctl};
	size_t i;
	int r;

	if (!ctl_settings_read(call->ctl, false)) /* told; and a finding, but no reason to look at nothing else */
		d.unreadable = true;
	local_zone(call->ctl);
	for (i = 0; i < ARRAY_LEN(checks); i++) {
		d.check = checks[i].name;
		checks[i].look(&d);
	}
	if (call->ctl->json)
		print_json(&d);
	else
		print_text(&d);
	r = d.n_bad ? CTL_NO : CTL_DONE;
	done(&d);
	return r;
}

const struct ctl_command ctl_doctor = {
	.name = "doctor",
	.run = run,
	.help = TEXT_CTL_HELP_DOCTOR,
};
