/* parse: the mentions in a recorded answer, one JSON object a line. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/json.h"
#include "main/ctl_ask.h"
#include "main/ctl_command.h"
#include "main/ctl_file.h"
#include "main/platform_map.h"
#include "mention/job.h"
#include "platform/platform.h"
#include "platform/platforms.h"
#include "pool/ask.h"

enum { FILE_MAX_BYTES = 64 * 1024 * 1024, ANSWER_MAX_BYTES = 256 * 1024 * 1024, LINE_MAX_BYTES = 8 * 1024 * 1024 };

struct values {
	const char *platform, *url, *format, *ctx, *platforms;
	bool facts;
};

struct parsing {
	const struct ctl *ctl;
	const struct values *values;
	struct ask *ask;
	const struct platform *platform; /* NULL: a feed, or a map without one */
	struct map_source map;           /* its name is NULL where the platform is read without one */
	int64_t now_ms;
};

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

static void print_facts(const struct parsing *p, const char *path, const struct answer *answer)
{
	size_t i;

	for (i = 0; p->values->facts && i < answer->n_facts; i++)
		CTL_COMPLAIN(p->ctl, TEXT_CTL_PARSE_FACT, path, answer->facts[i].name, answer->facts[i].value);
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
		.format = p->map.name ? "map" : p->values->format,
		.map = p->map.name,
		.ctx = p->values->ctx,
		.unwrap = p->platform ? p->platform->map->unwrap : NULL,
		.outlet = p->platform && p->platform->map->outlet,
		.seen_ms = p->now_ms,
		.not_before_ms = TIME_NONE,
	};
	struct answer answer;
	bool done = ctl_file_read(p->ctl, path, &body);

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
		else if (answer.why && p->map.name)
			CTL_COMPLAIN(p->ctl, TEXT_CTL_PARSE_NOTED, path, answer.why);
		print_facts(p, path, &answer);
		print_mentions(&answer);
	}
	buf_done(&body);
	buf_done(&job);
	return done;
}

static bool check(const struct ctl_call *call)
{
	const struct values *v = call->values;

	if (strcmp(v->format, "auto") != 0 && strcmp(v->format, "feed") != 0 && strcmp(v->format, "mentions") != 0) {
		CTL_COMPLAIN(call->ctl, TEXT_CTL_FORMAT, v->format);
		return false;
	}
	return true;
}

/* What the platform's answers are read by: a map of its file's or of its own name, or nothing but the reader of feeds. Else
 * told. */
static int find_map(struct parsing *p, struct arena *a)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	struct platforms *all = platforms_open(p->values->platforms, a);
	const char *name = p->values->platform;
	int r;

	if (strcmp(name, "feed") == 0)
		return CTL_DONE;
	r = platforms_find(all, name, d, &p->platform, NULL);
	if (r == 0)
		(void)platform_map_source(p->platform, a, &p->map);
	else if (r == PLATFORMS_E_UNKNOWN && !platform_map_named(all, name, a, d, &p->map) &&
		 !diag_count(d, DIAG_ERROR)) {
		diag_error(d, ((struct diag_pos){.file = NULL}), NULL, platforms_guess(all, name), TEXT_CTL_PLATFORM,
			   name);
		diag_print(d, stderr, p->ctl->lang);
		return CTL_USAGE;
	}
	diag_print(d, stderr, p->ctl->lang);
	return diag_count(d, DIAG_ERROR) ? CTL_CONFIG : CTL_DONE;
}

static int run(const struct ctl_call *call)
{
	cleanup(arena_freep) struct arena *a = arena_new(ANSWER_MAX_BYTES);
	struct parsing p = {.ctl = call->ctl, .values = call->values, .now_ms = clock_wall_ms()};
	bool all = true;
	int i, r;

	r = find_map(&p, a);
	if (r != CTL_DONE)
		return r;
	p.ask = ctl_ask_open_config(call->ctl, &(struct ask_config){.maps = &p.map, .n_maps = p.map.name != NULL}, &r);
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
	{"ctx", 0, CTL_VALUE, offsetof(struct values, ctx)},
	{"platforms", 0, CTL_VALUE, offsetof(struct values, platforms)},
	{"facts", 0, CTL_FLAG, offsetof(struct values, facts)},
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
