/* escuchactl tone: a tone that was wrong is set right, and those that were are examples to learn from. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "main/ctl_client.h"
#include "main/ctl_command.h"
#include "main/ctl_output.h"

enum { PAGE = 1000, ID_DIGITS = 32, LINE_MAX_BYTES = 1 << 20 };

struct values {
	bool export_all;
};

static bool is_label(const char *s)
{
	return strcmp(s, "negative") == 0 || strcmp(s, "neutral") == 0 || strcmp(s, "positive") == 0;
}

static bool check(const struct ctl_call *call)
{
	const struct values *v = call->values;

	if (call->n == (v->export_all ? 0 : 2) && (v->export_all || is_label(call->args[1])))
		return true;
	CTL_COMPLAIN(call->ctl, TEXT_CTL_TONE_WHICH);
	return false;
}

static int set(const struct ctl_call *call)
{
	const struct ctl *c = call->ctl;
	const char *label = call->args[1], *was;
	json_t *body = json_pack("{s:s,s:s}", "id", call->args[0], "label", label), *answer = NULL;
	long status;
	bool done;

	if (!body) {
		CTL_COMPLAIN(c, TEXT_CTL_NOT_UTF8);
		return CTL_USAGE;
	}
	done = client_post(call->client, "/v1/tone", body, 0, &status, &answer);
	was = said_in(answer, "was");
	if (done && c->json)
		json_print(answer);
	else if (done)
		CTL_SAY(c, TEXT_CTL_TONE_SET, text_raw(c->lang, tone_text(label)),
			was ? text_raw(c->lang, tone_text(was)) : "-");
	json_decref(body);
	json_decref(answer);
	return done ? CTL_DONE : CTL_NO;
}

/* --- examples --- */

struct examples {
	const struct ctl *ctl;
	char last[ID_DIGITS + 1];
	size_t n;
};

static bool in_handle(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("_.-", c));
}

/* In one line. Whom it names is nobody's business who learns from it: a handle is @u, unless privacy is off. */
static void put_text(struct buf *b, const struct ctl *c, const char *s)
{
	char before = ' ';

	for (; s && *s; s++) {
		bool starts = *s == '@' && !in_handle(before) && in_handle(s[1]);

		before = *s;
		if (*s == '\t' || *s == '\n' || *s == '\r') {
			buf_putc(b, ' ');
		} else if (starts && !c->names) {
			buf_puts(b, "@u");
			while (in_handle(s[1]))
				s++;
		} else {
			buf_putc(b, *s);
		}
	}
}

static bool on_example(void *arg, json_t *line, const char *bytes, size_t len)
{
	struct examples *x = arg;
	const char *id = said_in(line, "id"), *title = said_in(line, "title"), *lang = said_in(line, "lang");
	struct buf b = BUF_INIT(LINE_MAX_BYTES);

	(void)bytes;
	(void)len;
	if (!id || strlen(id) != ID_DIGITS || !said_in(line, "label"))
		return true;
	memcpy(x->last, id, sizeof(x->last));
	x->n++;
	put_text(&b, x->ctl, title);
	if (title && said_in(line, "text"))
		buf_putc(&b, ' ');
	put_text(&b, x->ctl, said_in(line, "text"));
	if (!b.full)
		printf("%.*s\t%s\t%s\n", lang ? (int)strcspn(lang, "-_") : 3, lang ? lang : "und",
		       said_in(line, "label"), buf_str(&b));
	buf_done(&b);
	return true;
}

static int export_all(const struct ctl_call *call)
{
	struct examples x = {.ctl = call->ctl};
	size_t before;

	do {
		cleanup(freep) char *target = xasprintf("/v1/tones?limit=%d%s%s", PAGE, x.n ? "&after=" : "", x.last);

		before = x.n;
		if (client_lines(call->client, target, false, on_example, &x) != CLIENT_WHOLE)
			return CTL_NO;
	} while (x.n > before);
	return x.n ? CTL_DONE : CTL_NO;
}

static int run(const struct ctl_call *call)
{
	const struct values *v = call->values;

	return v->export_all ? export_all(call) : set(call);
}

static const struct ctl_option options[] = {{"export", 0, CTL_FLAG, offsetof(struct values, export_all)}};
const struct ctl_command ctl_tone = {
	.name = "tone",
	.run = run,
	.check = check,
	.help = TEXT_CTL_HELP_TONE,
	.needs = CTL_NEEDS_DAEMON,
	.max = 2,
	.options = options,
	.n_options = ARRAY_LEN(options),
	.values_bytes = sizeof(struct values),
};
