/* platforms: the places that can be listened to, and how one of them is spoken to, with a source to paste. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/json.h"
#include "base/units.h"
#include "main/ctl_command.h"
#include "main/ctl_output.h"
#include "main/ctl_settings.h"
#include "main/ctl_terminal.h"
#include "platform/platform.h"
#include "platform/platforms.h"

enum { OUT_MAX_BYTES = 1024 * 1024, ARENA_MAX_BYTES = 64 * 1024 * 1024 };

struct values {
	const char *platforms;
};

/* --- all --- */

static void put_row(const struct ctl *c, const struct platform *p, struct table *table, struct json *j)
{
	const char *title = platform_says(p->title, c->lang), *needs = platform_says(p->needs, c->lang);

	TABLE_ROW(table, p->name, title);
	json_begin_object(j, NULL);
	json_text(j, "name", p->name);
	json_text(j, "title", title);
	json_text(j, "about", platform_says(p->help, c->lang));
	json_text(j, "transport", platform_transport_names[p->transport]);
	json_text(j, "needs", *needs ? needs : NULL);
	json_end_object(j);
}

static int list(const struct ctl *c, struct platforms *all, struct diag *d)
{
	struct table *table = table_new(2);
	struct buf out = BUF_INIT(OUT_MAX_BYTES);
	struct json j = JSON_OUT(&out);
	const struct platform *p;
	const char *const *names;
	size_t n, i;

	names = platforms_names(all, d, &n);
	json_begin_array(&j, NULL);
	for (i = 0; i < n; i++) {
		if (platforms_find(all, names[i], d, &p, NULL) == 0)
			put_row(c, p, table, &j);
	}
	json_end_array(&j);
	buf_putc(&out, '\n');
	if (!c->json) {
		buf_reset(&out);
		table_print(table, &out);
	}
	fwrite(buf_str(&out), 1, out.len, stdout);
	table_free(table);
	buf_done(&out);
	return diag_count(d, DIAG_ERROR) ? CTL_NO : CTL_DONE;
}

/* --- one --- */

static void put_line(struct buf *out, char *text)
{
	text_wrap(out, text, 0, 0, terminal_width());
	free(text);
}

static void put_param(const struct ctl *c, const struct platform_param *x, struct buf *out)
{
	struct buf line = BUF_INIT(OUT_MAX_BYTES);

	buf_printf(&line, "%s: %s", x->name, platform_says(x->help, c->lang));
	if (x->required)
		buf_printf(&line, " (%s)", text_raw(c->lang, TEXT_CTL_PLATFORMS_REQUIRED));
	if (x->def) {
		cleanup(freep) char *def = TEXT(c->lang, TEXT_CTL_PLATFORMS_DEFAULT, x->def);

		buf_printf(&line, " (%s)", def);
	}
	buf_puts(out, "  ");
	text_wrap(out, buf_str(&line), 2, 4, terminal_width());
	buf_done(&line);
}

/* Single quotes, in which YAML knows no escape but the quote itself. */
static void put_quoted(struct buf *out, const char *text)
{
	buf_putc(out, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			buf_putc(out, '\'');
		buf_putc(out, *text);
	}
	buf_putc(out, '\'');
}

/* A source as it stands in escuchad.yaml: what it must say, and its pace. */
static void put_example(const struct platform *p, struct buf *out)
{
	char every[UNITS_TEXT_SIZE];
	size_t i;

	buf_printf(out, "sources:\n  - name: %s\n    platform: %s\n", p->name, p->name);
	for (i = 0; i < p->n_params; i++) {
		const struct platform_param *x = &p->params[i];

		if (!x->required)
			continue;
		buf_printf(out, "    %s: ", x->name);
		if (x->secret)
			buf_printf(out, "{credential: %s}", x->example ? x->example : x->name);
		else
			put_quoted(out, x->example ? x->example : "…");
		buf_putc(out, '\n');
	}
	if (p->cost->item_micros || p->cost->request_micros)
		buf_printf(out, "    budget: {per_month: '20 %s'}\n", p->cost->currency);
	buf_printf(out, "    every: %s\n", units_duration_text(p->every->default_ms, every));
}

static void put_cost(const struct ctl *c, const struct platform *p, struct buf *out)
{
	if (p->cost->calls_per_day) {
		cleanup(freep) char *calls = xasprintf("%lld", (long long)p->cost->calls_per_day);

		put_line(out, TEXT(c->lang, TEXT_CTL_PLATFORMS_CALLS, calls, p->cost->zone ? p->cost->zone : "UTC"));
	}
	if (p->terms)
		put_line(out, TEXT(c->lang, TEXT_CTL_PLATFORMS_TERMS, platform_says(p->terms, c->lang)));
}

static void explain(const struct ctl *c, const struct platform *p, struct buf *out)
{
	char usual[UNITS_TEXT_SIZE], least[UNITS_TEXT_SIZE];
	size_t i;

	put_line(out, xasprintf("%s: %s", p->name, platform_says(p->title, c->lang)));
	put_line(out, xstrdup(platform_says(p->help, c->lang)));
	if (p->needs)
		put_line(out, TEXT(c->lang, TEXT_CTL_PLATFORMS_NEEDS, platform_says(p->needs, c->lang)));
	put_line(out, TEXT(c->lang, TEXT_CTL_PLATFORMS_EVERY, units_duration_text(p->every->default_ms, usual),
			   units_duration_text(p->every->least_ms, least)));
	put_cost(c, p, out);
	if (p->n_params)
		buf_printf(out, "\n%s\n", text_raw(c->lang, TEXT_CTL_PLATFORMS_PARAMS));
	for (i = 0; i < p->n_params; i++)
		put_param(c, &p->params[i], out);
	buf_printf(out, "\n%s\n", text_raw(c->lang, TEXT_CTL_PLATFORMS_EXAMPLE));
	put_example(p, out);
}

static void explain_json(const struct ctl *c, const struct platform *p, struct buf *out)
{
	struct buf example = BUF_INIT(OUT_MAX_BYTES);
	struct json j = JSON_OUT(out);
	size_t i;

	put_example(p, &example);
	json_begin_object(&j, NULL);
	json_text(&j, "name", p->name);
	json_text(&j, "title", platform_says(p->title, c->lang));
	json_text(&j, "about", platform_says(p->help, c->lang));
	json_text(&j, "transport", platform_transport_names[p->transport]);
	json_begin_array(&j, "params");
	for (i = 0; i < p->n_params; i++) {
		const struct platform_param *x = &p->params[i];

		json_begin_object(&j, NULL);
		json_text(&j, "name", x->name);
		json_bool(&j, "required", x->required);
		json_bool(&j, "secret", x->secret);
		json_text(&j, "default", x->def);
		json_text(&j, "help", platform_says(x->help, c->lang));
		json_end_object(&j);
	}
	json_end_array(&j);
	json_text(&j, "example", buf_str(&example));
	json_end_object(&j);
	buf_putc(out, '\n');
	buf_done(&example);
}

static int show(const struct ctl *c, struct platforms *all, struct diag *d, const char *name)
{
	struct buf out = BUF_INIT(OUT_MAX_BYTES);
	const struct platform *p;
	const char *guess;
	int r = platforms_find(all, name, d, &p, NULL);

	if (r == PLATFORMS_E_INVALID)
		return CTL_NO; /* told in d */
	if (r != 0) {
		guess = platforms_guess(all, name);
		if (guess)
			CTL_COMPLAIN(c, TEXT_CTL_PLATFORMS_UNKNOWN_GUESS, name, guess);
		else
			CTL_COMPLAIN(c, TEXT_PLATFORM_UNKNOWN, name);
		return CTL_NO;
	}
	if (c->json)
		explain_json(c, p, &out);
	else
		explain(c, p, &out);
	fwrite(buf_str(&out), 1, out.len, stdout);
	buf_done(&out);
	return CTL_DONE;
}

static int run(const struct ctl_call *call)
{
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_MAX_BYTES);
	cleanup(diag_freep) struct diag *d = diag_new();
	const struct values *v = call->values;
	enum text_lang lang = call->ctl->lang;
	struct platforms *all;
	int r;

	if (!ctl_settings_read(call->ctl, true))
		return CTL_CONFIG;
	if (!call->ctl->config_given) /* it needs none: one that happens to be there is no word on who reads this */
		call->ctl->lang = lang;
	all = platforms_open(v->platforms ? v->platforms : call->ctl->platforms, a);
	r = call->n ? show(call->ctl, all, d, call->args[0]) : list(call->ctl, all, d);

	fflush(stdout);
	diag_print(d, stderr, call->ctl->lang);
	return r;
}

static const struct values defaults = {.platforms = NULL};
static const struct ctl_option options[] = {
	{"platforms", 0, CTL_VALUE, offsetof(struct values, platforms)},
};
const struct ctl_command ctl_platforms = {
	.name = "platforms",
	.run = run,
	.help = TEXT_CTL_HELP_PLATFORMS,
	.max = 1,
	.options = options,
	.n_options = ARRAY_LEN(options),
	.defaults = &defaults,
	.values_bytes = sizeof(struct values),
};
