/* parse: the mentions in a recorded answer, one JSON object a line. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "main/ctl_ask.h"
#include "main/ctl_command.h"
#include "mention/job.h"
#include "pool/ask.h"

enum { FILE_MAX_BYTES = 64 * 1024 * 1024, ANSWER_MAX_BYTES = 256 * 1024 * 1024, LINE_MAX_BYTES = 8 * 1024 * 1024 };

struct values {
	const char *platform, *url, *format;
};

struct parsing {
	const struct ctl *ctl;
	const struct values *values;
	struct ask *ask;
	int64_t now_ms;
};

/* "-" is standard input. False: told. */
static bool read_file(const struct ctl *c, const char *path, struct buf *ret)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	bool done;
	char *room;
	size_t n;

	if (!f) {
		ctl_complain_errno(c, TEXT_CTL_FILE, path, errno);
		return false;
	}
	while ((room = buf_reserve(ret, 64 * 1024)) && (n = fread(room, 1, 64 * 1024, f)) > 0)
		buf_commit(ret, n);
	done = room && !ferror(f);
	if (!done)
		ctl_complain_errno(c, TEXT_CTL_FILE, path, room ? errno : EFBIG);
	if (f != stdin)
		fclose(f);
	return done;
}

static void print_mentions(const struct answer *answer)
{
	struct buf line = BUF_INIT(LINE_MAX_BYTES);
	size_t i;

	for (i = 0; i < answer->n_mentions; i++) {
		struct json j = JSON_OUT(&line);

		buf_reset(&line);
		mention_json(&j, NULL, &answer->mentions[i]);
		fwrite(buf_str(&line), 1, line.len, stdout);
		putchar('\n');
	}
	buf_done(&line);
}

static bool parse_file(const struct parsing *p, const char *path)
{
	cleanup(arena_freep) struct arena *a = arena_new(ANSWER_MAX_BYTES);
	const char *slash = strrchr(path, '/');
	struct buf body = BUF_INIT(FILE_MAX_BYTES), job = BUF_INIT(FRAME_MAX_BYTES);
	struct job_feed feed = {
		.source = slash ? slash + 1 : path,
		.platform = p->values->platform,
		.address = p->values->url,
		.format = p->values->format,
		.seen_ms = p->now_ms,
		.not_before_ms = TIME_NONE,
	};
	struct answer answer;
	bool done = read_file(p->ctl, path, &body);

	if (done) {
		feed.body = buf_str(&body);
		feed.body_len = body.len;
		job_feed_put(&job, &feed);
		done = ctl_ask(p->ctl, p->ask, FRAME_FEED, &job, path, a, &answer);
	}
	if (done && answer.status != ANSWER_OK) {
		CTL_COMPLAIN(p->ctl, TEXT_CTL_PARSE_FAILED, path, answer.why ? answer.why : "-");
		done = false;
	}
	if (done) {
		if (answer.recovered)
			CTL_COMPLAIN(p->ctl, TEXT_CTL_PARSE_SAVED, path, answer.why ? answer.why : "-");
		print_mentions(&answer);
	}
	buf_done(&body);
	buf_done(&job);
	return done;
}

static bool check(const struct ctl_call *call)
{
	const struct values *v = call->values;

	if (strcmp(v->platform, "feed") != 0) {
		CTL_COMPLAIN(call->ctl, TEXT_CTL_PLATFORM, v->platform);
		return false;
	}
	if (strcmp(v->format, "auto") != 0 && strcmp(v->format, "feed") != 0 && strcmp(v->format, "mentions") != 0) {
		CTL_COMPLAIN(call->ctl, TEXT_CTL_FORMAT, v->format);
		return false;
	}
	return true;
}

static int run(const struct ctl_call *call)
{
	struct parsing p = {.ctl = call->ctl, .values = call->values, .now_ms = clock_wall_ms()};
	bool all = true;
	int i, r;

	p.ask = ctl_ask_open(call->ctl, NULL, 0, &r);
	if (!p.ask)
		return r;
	for (i = 0; i < call->n; i++)
		all = parse_file(&p, call->args[i]) && all;
	ask_free(p.ask);
	return all ? CTL_DONE : CTL_NO;
}

static const struct values defaults = {.platform = "feed", .url = "", .format = "auto"};
static const struct ctl_option options[] = {
	{"platform", 'p', CTL_VALUE, offsetof(struct values, platform)},
	{"url", 'u', CTL_VALUE, offsetof(struct values, url)},
	{"as", 0, CTL_VALUE, offsetof(struct values, format)},
};
const struct ctl_command ctl_parse = {
	.name = "parse",
	.run = run,
	.check = check,
	.help = TEXT_CTL_HELP_PARSE,
	.min = 1,
	.max = -1,
	.options = options,
	.n_options = ARRAY_LEN(options),
	.defaults = &defaults,
	.values_bytes = sizeof(struct values),
};
