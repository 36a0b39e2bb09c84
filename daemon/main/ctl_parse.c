/* parse: the mentions in a recorded answer, one JSON object a line. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "main/ctl_ask.h"
#include "main/ctl_options.h"
#include "mention/job.h"
#include "pool/ask.h"

enum { FILE_MAX_BYTES = 64 * 1024 * 1024, ANSWER_MAX_BYTES = 256 * 1024 * 1024, LINE_MAX_BYTES = 8 * 1024 * 1024 };

struct parsing {
	struct ctl *ctl;
	struct ask *ask;
	const char *platform, *url, *format;
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
		.platform = p->platform,
		.address = p->url,
		.format = p->format,
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

int ctl_parse(struct ctl *c, int argc, char **argv)
{
	struct parsing p = {.ctl = c, .platform = "feed", .format = "auto", .url = "", .now_ms = clock_wall_ms()};
	const struct ctl_option options[] = {{"platform", 'p', CTL_VALUE, &p.platform},
					     {"url", 'u', CTL_VALUE, &p.url},
					     {"as", 0, CTL_VALUE, &p.format}};
	bool all = true;
	int i, r;

	if (!ctl_arguments(c, TEXT_CTL_HELP_PARSE, options, ARRAY_LEN(options), 1, -1, &argc, argv, &r))
		return r;
	if (strcmp(p.platform, "feed") != 0) {
		CTL_COMPLAIN(c, TEXT_CTL_PLATFORM, p.platform);
		return CTL_USAGE;
	}
	if (strcmp(p.format, "auto") != 0 && strcmp(p.format, "feed") != 0 && strcmp(p.format, "mentions") != 0) {
		CTL_COMPLAIN(c, TEXT_CTL_FORMAT, p.format);
		return CTL_USAGE;
	}
	p.ask = ctl_ask_open(c, NULL, 0, &r);
	if (!p.ask)
		return r;
	for (i = 1; i < argc; i++)
		all = parse_file(&p, argv[i]) && all;
	ask_free(p.ask);
	return all ? CTL_DONE : CTL_NO;
}
