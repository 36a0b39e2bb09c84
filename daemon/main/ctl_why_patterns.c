#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "main/ctl_output.h"
#include "main/ctl_terminal.h"
#include "main/ctl_why.h"

enum {
	OUT_MAX_BYTES = 64 * 1024 * 1024,
	JOB_MAX_BYTES = 4096,
	LINE_MAX_BYTES = 256 * 1024,
	STEP = 2,
	LITERALS_SHOWN = 12
};

/* "acme: name (acme.yaml:4): 3 words and phrases" */
static void put_head(const struct why_view *v, const json_t *pattern)
{
	const char *topic = said_in(pattern, "topic");
	cleanup(freep) char *words =
		xasprintf("%lld", (long long)json_integer_value(json_object_get(pattern, "words")));
	cleanup(freep) char *what = json_object_get(pattern, "words") ? TEXT(v->c->lang, TEXT_CTL_WHY_WORDS, words)
								      : TEXT(v->c->lang, TEXT_CTL_WHY_EXPRESSION);
	cleanup(freep) char *place = why_place(pattern);
	cleanup(freep) char *line = xasprintf("%s%s%s (%s): %s", topic ? topic : "", topic ? ": " : "",
					      said_in(pattern, "pattern"), place ? place : "-", what);

	why_line(v, 0, STEP, line);
}

/* What it waits for, the first of them. To be freed. */
static char *literals_of(const struct why_view *v, const json_t *pattern)
{
	const json_t *literals = json_object_get(pattern, "literals"), *literal;
	struct buf b = BUF_INIT(LINE_MAX_BYTES);
	size_t i;

	json_array_foreach(literals, i, literal)
	{
		struct buf clean = BUF_INIT(LINE_MAX_BYTES);
		cleanup(freep) char *quoted = NULL;

		if (i < LITERALS_SHOWN) {
			text_clean(&clean, json_string_value(literal), json_string_length(literal));
			quoted = TEXT(v->c->lang, TEXT_CTL_WHY_QUOTED, buf_str(&clean));
			buf_printf(&b, "%s%s", i ? ", " : "", quoted);
		}
		buf_done(&clean);
	}
	if (json_array_size(literals) > LITERALS_SHOWN)
		buf_puts(&b, " …");
	return buf_steal(&b);
}

static void put_pattern(const struct why_view *v, const json_t *pattern)
{
	bool fold = json_is_true(json_object_get(pattern, "fold")),
	     always = json_is_true(json_object_get(pattern, "always"));
	cleanup(freep) char *literals = literals_of(v, pattern),
			    *waits = always ? TEXT(v->c->lang, TEXT_CTL_WHY_ALWAYS)
					    : TEXT(v->c->lang, TEXT_CTL_WHY_WAITS, literals);

	put_head(v, pattern);
	/* as it is, for whoever copies it: not wrapped */
	buf_printf(v->out, "%*s", STEP, "");
	text_clean(v->out, said_in(pattern, "regex"), strlen(said_in(pattern, "regex")));
	buf_putc(v->out, '\n');
	if (!fold)
		why_line(v, STEP, STEP, text_raw(v->c->lang, TEXT_CTL_WHY_UNFOLDED));
	why_line(v, STEP, STEP, waits);
}

static bool complete(const json_t *pattern)
{
	return said_in(pattern, "pattern") && said_in(pattern, "regex");
}

/* One page of them, from job->from on, which is then where the next begins; UINT32_MAX: that was all. False: told. */
static bool page(const struct ctl *c, struct ask *ask, struct job_patterns *job, json_t *all)
{
	struct buf b = BUF_INIT(JOB_MAX_BYTES);
	json_t *answer, *pattern, *next;
	size_t i;

	patterns_put(&b, job);
	answer = why_ask(c, ask, FRAME_PATTERNS, &b);
	buf_done(&b);
	if (!answer)
		return false;
	json_array_foreach(json_object_get(answer, "patterns"), i, pattern) if (complete(pattern))
		json_array_append(all, pattern);
	next = json_object_get(answer, "next");
	/* past where it began, or it would never end */
	job->from = next && json_integer_value(next) > job->from ? (uint32_t)json_integer_value(next) : UINT32_MAX;
	json_decref(answer);
	return true;
}

static void print(const struct ctl *c, const json_t *all)
{
	struct buf out = BUF_INIT(OUT_MAX_BYTES);
	const struct why_view v = {.c = c, .out = &out, .width = terminal_width()};
	json_t *pattern;
	size_t i;

	json_array_foreach(all, i, pattern)
	{
		buf_reset(&out);
		if (i)
			buf_putc(&out, '\n');
		put_pattern(&v, pattern);
		fwrite(buf_str(&out), 1, out.len, stdout);
	}
	buf_done(&out);
}

int why_patterns(const struct ctl *c, struct ask *ask, const char *topic, const char *pattern)
{
	struct job_patterns job = {.topic = topic, .pattern = pattern};
	json_t *all = json_array();
	int r = CTL_DONE;

	while (r == CTL_DONE && job.from != UINT32_MAX)
		r = page(c, ask, &job, all) ? CTL_DONE : CTL_NO;
	if (r == CTL_DONE && pattern && !json_array_size(all)) {
		CTL_COMPLAIN(c, TEXT_CTL_WHY_NO_PATTERN, pattern);
		r = CTL_USAGE;
	} else if (r == CTL_DONE && c->json) {
		json_print(all);
	} else if (r == CTL_DONE) {
		print(c, all);
	}
	json_decref(all);
	return r;
}
