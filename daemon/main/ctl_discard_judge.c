#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/diag.h"
#include "main/ctl.h"
#include "main/ctl_backtest.h"
#include "main/ctl_backtest_run.h"
#include "main/ctl_discard.h"
#include "store/replay.h"

enum { PROGRESS_MS = 200 };

static void show_progress(struct discard *d)
{
	const int64_t now_ms = clock_steady_ms();

	d->looked++;
	if (d->looked % REPLAY_ROWS_MAX || d->ctl->json || !isatty(STDERR_FILENO) || now_ms - d->shown_ms < PROGRESS_MS)
		return;
	d->shown = true;
	d->shown_ms = now_ms;
	backtest_progress(d->ctl, d->looked, d->total);
}

/* --- with the candidates --- */

/* The rules that the noise met, for a topic without `about`; each once. */
static void note_rules(struct discard *d, const struct hit *hit)
{
	size_t i;

	for (i = 0; i < hit->n_rules && d->n_rules < MENTION_NAMES_MAX; i++)
		if (!mention_names_have(d->rules, d->n_rules, hit->rules[i]))
			d->rules[d->n_rules++] = arena_strdup(d->arena, hit->rules[i]);
}

static void on_candidates(void *arg, const struct mention *m, const struct backtest_hits got[BACKTEST_SETS_MAX])
{
	struct discard *d = arg;
	const struct hit *today = backtest_hit(&got[0], d->topic), *found = backtest_hit(&got[1], CANDIDATES_TOPIC);
	const size_t noise = discard_number(d, m);
	size_t i, n;

	show_progress(d);
	d->candidates->mentions++;
	if (today && noise == SIZE_MAX)
		d->others++;
	if (today && noise != SIZE_MAX) {
		d->hits |= UINT64_C(1) << noise;
		d->by_hand |= (uint64_t)got[0].by_hand << noise;
		note_rules(d, today);
	}
	for (i = 0; found && i < found->n_rules; i++) {
		n = candidates_number(d->candidates, found->rules[i]);
		if (n == SIZE_MAX)
			continue;
		d->candidates->v[n].anywhere++;
		if (noise != SIZE_MAX)
			d->candidates->v[n].noise |= UINT64_C(1) << noise;
		else if (today)
			d->candidates->v[n].others++;
	}
}

/* --- with the text --- */

static void on_text(void *arg, const struct mention *m, const struct backtest_hits got[BACKTEST_SETS_MAX])
{
	struct discard *d = arg;
	const bool before = backtest_hit(&got[0], d->topic), after = backtest_hit(&got[1], d->topic);
	const size_t noise = discard_number(d, m);

	show_progress(d);
	if (got[0].unknown || got[1].unknown)
		return;
	if (noise == SIZE_MAX) {
		backtest_count_add(d->count, m, &got[0], &got[1]);
		d->lost += before && !after;
	} else if (before && !after) {
		d->removed |= UINT64_C(1) << noise;
	}
}

/* --- both --- */

static int judge(struct discard *d, struct backtest_run *run, bool *ret_loads)
{
	const struct ctl *c = d->ctl;
	cleanup(replay_freep) struct replay *replay = NULL;
	cleanup(diag_freep) struct diag *diag = diag_new();
	struct replay_reach reach;
	size_t set = 0;
	int r = replay_open(c->state, d->since_ms, &replay);

	if (r == 0)
		r = replay_reach(replay, &reach);
	if (r != 0)
		return backtest_complain(c, r, c->state);
	d->total = reach.mentions;
	d->looked = 0;
	run->replay = replay;
	run->topics = d->sources;
	run->arg = d;
	if (ret_loads) {
		r = backtest_run(run, diag, &set);
		*ret_loads = !(r == BACKTEST_E_RULES && set == 1);
		r = *ret_loads ? backtest_told(c, r, run->n_sets, set, diag) : CTL_DONE;
	} else {
		r = backtest_run_told(c, run);
	}
	if (d->shown)
		backtest_progress_end();
	d->shown = false;
	return r;
}

int discard_judge_candidates(struct discard *d, const char *rules)
{
	const char *const paths[] = {rules};
	struct backtest_run run = {
		.sets = {{(const char *const *)d->ctl->rules, d->ctl->n_rules}, {paths, 1}},
		.n_sets = 2,
		.lexicon = d->ctl->lexicon,
		.on_mention = on_candidates,
	};

	return judge(d, &run, NULL);
}

int discard_judge_text(struct discard *d, const char *file, bool *ret_loads)
{
	const char *paths[RULE_FILES_MAX];
	struct backtest_run run = {
		.sets = {{(const char *const *)d->ctl->rules, d->ctl->n_rules}, {paths, d->files.n}},
		.n_sets = 2,
		.lexicon = d->ctl->lexicon,
		.on_mention = on_text,
	};
	size_t i;

	for (i = 0; i < d->files.n; i++)
		paths[i] = i == d->file ? file : d->files.v[i];
	d->removed = d->lost = 0;
	backtest_count_free(d->count);
	d->count = backtest_count_new(d->topic);
	return judge(d, &run, ret_loads);
}
