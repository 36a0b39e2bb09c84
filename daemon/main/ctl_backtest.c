/* backtest: what other rules and alerts would have made of what was heard. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alert/drill.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/suggest.h"
#include "base/units.h"
#include "main/config.h"
#include "main/config_alerts.h"
#include "main/ctl_backtest.h"
#include "main/ctl_backtest_alerts.h"
#include "main/ctl_backtest_print.h"
#include "main/ctl_backtest_run.h"
#include "main/ctl_backtest_said.h"
#include "main/ctl_backtest_topics.h"
#include "main/ctl_command.h"
#include "main/ctl_log.h"
#include "mention/catalogue.h"
#include "mention/mention.h"

enum { OUT_MAX_BYTES = 64 * 1024 * 1024, NAMES_MAX_BYTES = 4096, PROGRESS_MS = 200 };

struct values {
	struct ctl_list rules;
	const char *since, *topic, *alerts;
	bool exit_code;
};

struct backtest {
	const struct ctl *ctl;
	const struct values *values;
	struct backtest_count *count;
	struct config *config;      /* whose alerts are judged; NULL: none are */
	struct backtest_said *said; /* NULL likewise */
	const struct replay_span *down;
	size_t n_down;
	struct diag *findings;
	bool misfit; /* they name what the rules have not */
	struct backtest_report report;
	bool shown; /* some progress */
	int64_t shown_ms;
};

/* --- progress --- */

void backtest_progress(const struct ctl *c, uint64_t n, int64_t total)
{
	cleanup(freep) char *done = xasprintf("%llu", (unsigned long long)n),
			    *all = xasprintf("%lld", (long long)(total > (int64_t)n ? total : (int64_t)n)),
			    *said = TEXT(c->lang, TEXT_CTL_BACKTEST_PROGRESS, done, all);

	fprintf(stderr, "\r%s", said);
}

void backtest_progress_end(void)
{
	fputs("\r\033[K", stderr);
}

static void show_progress(struct backtest *b)
{
	int64_t now_ms;

	if (b->report.mentions % REPLAY_ROWS_MAX || b->ctl->json || !isatty(STDERR_FILENO))
		return;
	now_ms = clock_steady_ms();
	if (now_ms - b->shown_ms < PROGRESS_MS)
		return;
	b->shown = true;
	b->shown_ms = now_ms;
	backtest_progress(b->ctl, b->report.mentions, b->report.reach.mentions);
}

/* --- the run --- */

static bool known_topic(const struct ctl *c, const char *topic, const struct catalogue *const sets[BACKTEST_SETS_MAX])
{
	const char *guess = NULL;
	size_t i;

	for (i = 0; i < BACKTEST_SETS_MAX && sets[i]; i++) {
		if (catalogue_topic(sets[i], topic))
			return true;
		if (!guess && sets[i]->n_topics)
			guess = suggest(topic, &sets[i]->topics[0].name, sets[i]->n_topics, sizeof(*sets[i]->topics));
	}
	if (guess)
		CTL_COMPLAIN(c, TEXT_CTL_BACKTEST_TOPIC_GUESS, topic, guess);
	else
		CTL_COMPLAIN(c, TEXT_CTL_BACKTEST_TOPIC, topic);
	return false;
}

/* Whether the rules that are tried have what the alerts of another configuration name; today's are --check's affair. */
static bool alerts_fit(struct backtest *b, const struct catalogue *c)
{
	if (!b->values->alerts || config_alerts_topics(b->config, c, b->findings))
		return true;
	diag_print(b->findings, stderr, b->ctl->lang);
	b->misfit = true;
	return false;
}

static bool on_ready(void *arg, const struct catalogue *const sets[BACKTEST_SETS_MAX])
{
	struct backtest *b = arg;
	const struct catalogue *tried = sets[1] ? sets[1] : sets[0];

	if (b->said)
		backtest_said_begin(b->said, tried);
	return (!b->values->topic || known_topic(b->ctl, b->values->topic, sets)) && alerts_fit(b, tried);
}

static void on_mention(void *arg, const struct mention *m, const struct backtest_hits got[BACKTEST_SETS_MAX])
{
	struct backtest *b = arg;
	const struct backtest_hits logged = {.v = m->hits, .n = m->n_hits};
	const bool two = b->values->rules.n > 0;

	if (b->said)
		backtest_said_add(b->said, m, &got[two]);
	if (m->seen_ms < b->report.since_ms) /* for what is usual alone */
		return;
	b->report.mentions++;
	show_progress(b);
	if (got[0].unknown || (two && got[1].unknown)) {
		b->report.unknown++;
		return;
	}
	backtest_log_add(&b->report.log, b->values->topic, m, &got[0]);
	backtest_count_add(b->count, m, two ? &got[0] : &logged, two ? &got[1] : &got[0]);
}

static void on_limit(void *arg, size_t set, const char *topic, const char *pattern, size_t times)
{
	struct backtest_report *r = &((struct backtest *)arg)->report;
	size_t i;

	for (i = 0; i < r->n_limits; i++)
		if (r->limits[i].set == set && strcmp(r->limits[i].topic, topic) == 0 &&
		    strcmp(r->limits[i].pattern, pattern) == 0)
			break;
	if (i == BACKTEST_LIMITS_MAX)
		return;
	if (i == r->n_limits)
		r->limits[r->n_limits++] =
			(struct backtest_limit){.topic = xstrdup(topic), .pattern = xstrdup(pattern), .set = set};
	r->limits[i].times += times;
}

int backtest_complain(const struct ctl *c, int r, const char *path)
{
	switch (r) {
	case REPLAY_E_NONE:
		CTL_COMPLAIN(c, TEXT_CTL_BACKUP_NONE, path);
		break;
	case REPLAY_E_CORRUPT:
		CTL_COMPLAIN(c, TEXT_CTL_BACKTEST_CORRUPT, path);
		break;
	case REPLAY_E_NEWER:
		CTL_COMPLAIN(c, TEXT_STORE_NEWER);
		break;
	case REPLAY_E_OLDER:
		CTL_COMPLAIN(c, TEXT_CTL_BACKTEST_OLDER);
		break;
	case -EACCES:
		CTL_COMPLAIN(c, TEXT_CTL_STATE_FORBIDDEN, path);
		break;
	default:
		ctl_complain_errno(c, TEXT_CTL_FILE, path, -r);
	}
	return CTL_NO;
}

int backtest_told(const struct ctl *c, int r, size_t n_sets, size_t set, const struct diag *diag)
{
	if (r == BACKTEST_E_RULES) {
		diag_print(diag, stderr, c->lang);
		if (n_sets > 1 && set == 0)
			CTL_COMPLAIN(c, TEXT_CTL_BACKTEST_TODAY_WRONG);
		return CTL_CONFIG;
	}
	if (r == BACKTEST_E_CORRUPT)
		return backtest_complain(c, REPLAY_E_CORRUPT, c->state);
	if (r < 0)
		ctl_complain_errno(c, TEXT_CTL_READER_FAILED, NULL, -r);
	return r == 0 ? CTL_DONE : CTL_NO;
}

int backtest_run_told(const struct ctl *c, const struct backtest_run *run)
{
	cleanup(diag_freep) struct diag *diag = diag_new();
	size_t set = 0;
	int r = backtest_run(run, diag, &set);

	return backtest_told(c, r, run->n_sets, set, diag);
}

/* What a drill opened never happened. */
static int real_incidents(struct replay *p, struct arena *a, struct backtest_alerts_report *alerts)
{
	const struct replay_incident *all;
	struct replay_incident *real;
	size_t i, n = 0, n_all;
	int r = replay_incidents(p, a, &all, &n_all);

	if (r != 0)
		return r;
	real = ARENA_ARRAY(a, struct replay_incident, n_all + 1);
	for (i = 0; i < n_all; i++)
		if (strcmp(all[i].alert, DRILL_ALERT) != 0)
			real[n++] = all[i];
	alerts->happened = real;
	alerts->n_happened = n;
	return 0;
}

/* Everything, read before the first mention is judged: what is asked of the log, and what it says of itself. */
static int open_log(struct backtest *b, struct arena *a, struct replay **ret)
{
	struct backtest_report *report = &b->report;
	struct backtest_alerts_report *alerts = &report->alerts;
	int64_t learn_ms = report->since_ms - BACKTEST_LEARN_MS;
	int r = replay_open(b->ctl->state, report->since_ms, ret);

	if (r == 0)
		r = replay_reach(*ret, &report->reach);
	if (r == 0)
		r = replay_deaf(*ret, report->now_ms, a, &report->deaf);
	if (r == 0 && b->said) {
		replay_begin_at(*ret, learn_ms);
		r = replay_down(*ret, learn_ms, report->now_ms, a, &b->down, &b->n_down);
	}
	if (r == 0 && b->said)
		r = real_incidents(*ret, a, alerts);
	return r == 0 ? CTL_DONE : backtest_complain(b->ctl, r, b->ctl->state);
}

/* --- alerts --- */

/* A configuration that --alerts names has to be right; today's may be past reading for who runs this, and the rules are told
 * of nevertheless. */
static int load_alerts(struct backtest *b)
{
	const struct ctl *c = b->ctl;
	const char *file = b->values->alerts ? b->values->alerts : c->config;
	cleanup(diag_freep) struct diag *d = diag_new();

	if (!file)
		return CTL_DONE;
	if (config_load(file, d, &b->config) != 0) {
		diag_forget_notes(d);
		if (b->values->alerts)
			diag_print(d, stderr, c->lang);
		return b->values->alerts ? CTL_CONFIG : CTL_DONE;
	}
	b->said = backtest_said_new(BACKTEST_SAID_MAX, BACKTEST_SAID_NAMES_MAX);
	return CTL_DONE;
}

static struct backtest_alerts *judge_alerts(struct backtest *b, struct arena *a)
{
	struct backtest_alerts_report *r = &b->report.alerts;
	size_t *again = ARENA_ARRAY(a, size_t, r->n_happened + 1);
	struct backtest_alerts *alerts;

	backtest_said_sort(b->said);
	alerts = backtest_alerts_run(&(struct backtest_alerts_ask){.config = b->config,
								   .said = b->said,
								   .down = b->down,
								   .n_down = b->n_down,
								   .plain_ms = b->report.reach.plain_first_ms,
								   .since_ms = b->report.since_ms,
								   .until_ms = b->report.now_ms});
	backtest_alerts_match(alerts, r->happened, r->n_happened, again);
	r->again = again;
	r->alerts = alerts;
	r->config = b->config;
	r->cut_ms = backtest_said_cut_ms(b->said);
	return alerts;
}

static void tell(const struct ctl *c, const struct backtest_report *report)
{
	struct buf out = BUF_INIT(OUT_MAX_BYTES);

	if (c->json)
		backtest_json(report, &out);
	else
		backtest_print(c, report, &out);
	fwrite(buf_str(&out), 1, out.len, stdout);
	buf_done(&out);
}

static int judge_log(struct backtest *b)
{
	const struct ctl *c = b->ctl;
	const struct values *v = b->values;
	cleanup(source_topics_freep) struct source_topics *topics = source_topics_read(c);
	cleanup(replay_freep) struct replay *replay = NULL;
	cleanup(arena_freep) struct arena *a = arena_new(SIZE_MAX);
	cleanup(backtest_alerts_freep) struct backtest_alerts *alerts = NULL;
	struct backtest_run run = {.topics = topics,
				   .sets = {{(const char *const *)c->rules, c->n_rules}, {v->rules.v, v->rules.n}},
				   .n_sets = v->rules.n ? 2 : 1,
				   .lexicon = c->lexicon,
				   .arg = b,
				   .on_ready = on_ready,
				   .on_mention = on_mention,
				   .on_limit = on_limit};
	int r = open_log(b, a, &replay);

	if (r != CTL_DONE)
		return r;
	run.replay = replay;
	r = backtest_run_told(c, &run);
	if (b->misfit)
		r = CTL_CONFIG;
	if (b->shown)
		backtest_progress_end();
	b->report.damaged = replay_damaged(replay);
	if (r == CTL_DONE && b->said)
		alerts = judge_alerts(b, a);
	if (r == CTL_DONE)
		tell(c, &b->report);
	if (r == CTL_DONE && v->exit_code && backtest_changes(&b->report))
		return CTL_NO;
	return r;
}

/* What --rules names, with a comma between. */
static char *joined(const struct ctl_list *rules)
{
	struct buf b = BUF_INIT(NAMES_MAX_BYTES);
	size_t i;

	for (i = 0; i < rules->n; i++) {
		buf_puts(&b, i ? ", " : "");
		text_clean(&b, rules->v[i], strlen(rules->v[i]));
	}
	return buf_steal(&b);
}

static int run(const struct ctl_call *call)
{
	const struct values *v = call->values;
	cleanup(freep) char *rules = v->rules.n ? joined(&v->rules) : NULL;
	struct backtest b = {.ctl = call->ctl, .values = v};
	int64_t back_ms;
	size_t i;
	int r;

	r = ctl_log_judged(call->ctl, v->since, &back_ms);
	if (r != CTL_DONE)
		return r;
	b.findings = diag_new();
	b.count = backtest_count_new(v->topic);
	b.report.rules = rules;
	b.report.since = v->since;
	b.report.now_ms = clock_wall_ms();
	b.report.since_ms = b.report.now_ms - back_ms;
	b.report.count = b.count;
	b.report.alerts = (struct backtest_alerts_report){
		.file = v->alerts, .topic = v->topic, .since_ms = b.report.since_ms, .cut_ms = TIME_NONE};
	r = load_alerts(&b);
	if (r == CTL_DONE)
		r = judge_log(&b);
	for (i = 0; i < b.report.n_limits; i++) {
		free(b.report.limits[i].topic);
		free(b.report.limits[i].pattern);
	}
	backtest_count_free(b.count);
	backtest_said_free(b.said);
	config_free(b.config);
	diag_free(b.findings);
	return r;
}

bool backtest_since_check(const struct ctl *c, const char *since)
{
	int64_t ms;

	if (units_duration(since, &ms) == 0 && ms > 0)
		return true;
	CTL_COMPLAIN(c, TEXT_CTL_COVERAGE_SINCE_WRONG, since);
	return false;
}

static bool check(const struct ctl_call *call)
{
	return backtest_since_check(call->ctl, ((const struct values *)call->values)->since);
}

static const struct ctl_option options[] = {
	{"rules", 'r', CTL_MANY, offsetof(struct values, rules)},
	{"alerts", 0, CTL_VALUE, offsetof(struct values, alerts)},
	{"since", 0, CTL_VALUE, offsetof(struct values, since)},
	{"topic", 't', CTL_VALUE, offsetof(struct values, topic)},
	{"exit-code", 0, CTL_FLAG, offsetof(struct values, exit_code)},
};
static const struct values defaults = {.since = "30d"};
const struct ctl_command ctl_backtest = {
	.name = "backtest",
	.run = run,
	.check = check,
	.help = TEXT_CTL_HELP_BACKTEST,
	.needs = CTL_NEEDS_SETTINGS,
	.options = options,
	.n_options = ARRAY_LEN(options),
	.defaults = &defaults,
	.values_bytes = sizeof(struct values),
};
