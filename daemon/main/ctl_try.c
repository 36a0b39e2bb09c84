/* try: one request of a source as the daemon would make it, shown and not kept. */
#include "main/ctl_try.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/log.h"
#include "base/suggest.h"
#include "fetch/fetch.h"
#include "loop/loop.h"
#include "main/config.h"
#include "main/ctl_command.h"
#include "main/ctl_output.h"
#include "main/ctl_settings.h"
#include "main/platform_map.h"
#include "mention/map.h"
#include "platform/params.h"
#include "platform/platform.h"
#include "pool/pool.h"
#include "source/config.h"

enum {
	STATE_MAX_BYTES = 16 * 1024 * 1024,
	NURSERIES_MAX = 3, /* that fall before rules are there, until it is given up */
	SOURCE_NAMES_MAX = 4096,
	ORIGIN_MAX_BYTES = 1024,
};

struct values {
	bool all;
};

struct trial {
	const struct ctl *ctl;
	const struct config *config;
	const struct source_config *source;
	bool all;
	struct loop *loop;
	struct fetch *fetch;
	struct pool *pool;
	char *origin;      /* of a platform: where it is asked; NULL: nowhere */
	struct poll *poll; /* NULL: it has not begun, or has ended */
	struct source_state kept;
	struct arena *kept_arena;
	const struct answer *answer; /* of the arena; NULL: none came */
	struct arena *answer_arena;
	unsigned fallen;
	int status; /* of the command */
};

/* --- the log, which is told nothing --- */

static void answer_load(void *arg)
{
	struct trial *t = arg;

	poll_loaded(t->poll, 0, &t->kept, NULL, 0, TAKE(t->kept_arena));
}

static void load(void *arg, const char *name, struct poll *poll)
{
	struct trial *t = arg;

	(void)name;
	(void)poll; /* poll_start() has not returned it yet */
	loop_defer(t->loop, answer_load, t);
}

static void answer_commit(void *arg)
{
	struct trial *t = arg;

	poll_committed(t->poll, 0, &(struct poll_result){.n_entered = 0});
}

static void commit(void *arg, const struct poll_outcome *outcome, struct arena *arena, struct poll *poll)
{
	struct trial *t = arg;

	(void)poll;
	if (outcome->answer) {
		arena_free(t->answer_arena);
		t->answer = outcome->answer;
		t->answer_arena = arena;
	}
	loop_defer(t->loop, answer_commit, t);
}

static const struct source_ops ops = {.load = load, .commit = commit};

/* --- the poll --- */

static void on_end(void *arg, const struct poll_report *report)
{
	struct trial *t = arg;
	const struct try_result result = {
		.ctl = t->ctl, .source = t->source, .report = report, .answer = t->answer, .all = t->all};

	t->poll = NULL;
	t->status = report->end == POLL_END_OK ? CTL_DONE : CTL_NO;
	if (t->ctl->json)
		try_print_json(&result);
	else
		try_print(&result);
	loop_stop(t->loop);
}

static void on_ready(void *arg, uint64_t generation, const struct diag *warnings, const char *catalogue, size_t len)
{
	struct trial *t = arg;
	const struct poll_env env = {
		.loop = t->loop, .fetch = t->fetch, .pool = t->pool, .ops = &ops, .ops_arg = t, .trial = true};
	const struct poll_target target = {
		.name = t->source->name,
		.url = t->source->params ? t->origin : t->source->url,
		.config = t->source,
		.at_once = true,
		.due = true,
	};

	(void)generation;
	(void)warnings;
	(void)catalogue;
	(void)len;
	if (!t->poll) /* else a nursery fell and came back */
		t->poll = poll_start(&env, &target, on_end, t);
}

static void on_failed(void *arg, uint64_t generation, const struct diag *findings)
{
	struct trial *t = arg;

	(void)generation;
	diag_print(findings, stderr, t->ctl->lang);
	t->status = CTL_CONFIG;
	loop_stop(t->loop);
}

static void on_event(void *arg, const struct pool_event *event)
{
	struct trial *t = arg;

	if ((event->kind != POOL_NURSERY_DIED && event->kind != POOL_NURSERY_LATE) || ++t->fallen < NURSERIES_MAX)
		return;
	CTL_COMPLAIN(t->ctl, TEXT_CTL_READER_FAILED, event->why ? event->why : "-");
	t->status = CTL_NO;
	loop_stop(t->loop);
}

/* --- the engine around it --- */

static int open_engine(struct trial *t)
{
	static const struct pool_ops pool_ops = {.on_ready = on_ready, .on_failed = on_failed, .on_event = on_event};
	const struct fetch_config fetch = {.contact = t->config->contact};
	struct map_source map;
	struct pool_config pool = {.rules = t->config->rules,
				   .n_rules = t->config->n_rules,
				   .maps = &map,
				   .no_prefilter = !t->config->prefilter};
	int r = loop_new(&t->loop);

	if (t->source->params && platform_map_source(t->source->params->platform, t->config->arena, &map))
		pool.n_maps = 1;
	if (r == 0)
		r = fetch_new(t->loop, &fetch, &t->fetch);
	if (r == 0)
		r = pool_new(t->loop, &pool, &pool_ops, t, &t->pool);
	return r;
}

static int run_trial(struct trial *t)
{
	int r = open_engine(t);

	if (r < 0) {
		ctl_complain_errno(t->ctl, TEXT_CTL_READER_FAILED, NULL, -r);
		t->status = CTL_NO;
	} else {
		loop_run(t->loop);
	}
	poll_abandon(t->poll);
	pool_free(t->pool);
	fetch_free(t->fetch);
	loop_free(t->loop);
	arena_free(t->kept_arena);
	arena_free(t->answer_arena);
	free(t->origin);
	return t->status;
}

/* --- the source --- */

static const struct source_config *find_source(const struct ctl *c, const struct config *config, const char *name)
{
	const char *names[SOURCE_NAMES_MAX], *guess;
	size_t i, n = 0;

	for (i = 0; i < config->n_sources; i++) {
		if (strcmp(config->sources[i].name, name) == 0)
			return &config->sources[i];
		if (n < SOURCE_NAMES_MAX)
			names[n++] = config->sources[i].name;
	}
	guess = suggest(name, names, n, sizeof(names[0]));
	if (guess)
		CTL_COMPLAIN(c, TEXT_CTL_TRY_UNKNOWN_GUESS, name, config->file, guess);
	else
		CTL_COMPLAIN(c, TEXT_CTL_TRY_UNKNOWN, name, config->file);
	return NULL;
}

static char *origin_of(const struct params *params)
{
	struct buf b = BUF_INIT(ORIGIN_MAX_BYTES);
	char *origin = params && params_origin(&b, params) ? buf_steal(&b) : NULL;

	buf_done(&b);
	return origin;
}

/* False: told; there is nothing to ask, or it would do harm. */
static bool may_be_asked(struct trial *t)
{
	const struct source_config *s = t->source;
	enum try_kept kept;

	if (s->platform == SOURCE_FILE || s->platform == SOURCE_OPML) {
		ctl_complain(t->ctl, s->platform == SOURCE_FILE ? TEXT_CTL_TRY_FILE : TEXT_CTL_TRY_LIST,
			     TEXT_ARGS(s->name, s->path));
		return false;
	}
	if (s->params && s->params->platform->transport == PLATFORM_WEBHOOK) { /* what is sent to us */
		CTL_COMPLAIN(t->ctl, TEXT_CTL_TRY_TRANSPORT, s->name,
			     platform_transport_names[s->params->platform->transport]);
		return false;
	}
	kept = try_kept(t->config->state, s, t->kept_arena, &t->kept);
	if (kept == TRY_KEPT_TOKEN_DUE)
		CTL_COMPLAIN(t->ctl, TEXT_CTL_TRY_TOKEN_DUE, s->name);
	if (kept == TRY_KEPT_UNREADABLE)
		CTL_COMPLAIN(t->ctl, TEXT_CTL_TRY_LOG, t->config->state);
	return kept != TRY_KEPT_TOKEN_DUE;
}

static int run(const struct ctl_call *call)
{
	cleanup(config_freep) struct config *config = NULL;
	const struct values *v = call->values;
	const struct ctl *c = call->ctl;
	struct trial t = {.ctl = c, .all = v->all, .status = CTL_NO};
	int r = ctl_config_load(c, &config);

	if (r != CTL_DONE)
		return r;
	t.config = config;
	t.source = find_source(c, config, call->args[0]);
	if (!t.source)
		return CTL_USAGE;
	t.kept_arena = arena_new(STATE_MAX_BYTES);
	t.origin = origin_of(t.source->params);
	if (!may_be_asked(&t)) {
		arena_free(t.kept_arena);
		free(t.origin);
		return CTL_NO;
	}
	local_zone(c);
	log_threshold(LOG_LEVEL_ERROR); /* what matters is said here in words */
	return run_trial(&t);
}

static const struct ctl_option options[] = {{"all", 'a', CTL_FLAG, offsetof(struct values, all)}};
const struct ctl_command ctl_try = {
	.name = "try",
	.run = run,
	.help = TEXT_CTL_HELP_TRY,
	.needs = CTL_NEEDS_SETTINGS,
	.min = 1,
	.max = 1,
	.options = options,
	.n_options = ARRAY_LEN(options),
	.values_bytes = sizeof(struct values),
};
