#include "main/ctl_discard.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/hash.h"
#include "base/units.h"
#include "base/yaml.h"
#include "main/ctl_backtest.h"
#include "main/ctl_backtest_topics.h"
#include "main/ctl_client.h"
#include "main/ctl_command.h"
#include "main/ctl_log.h"
#include "main/ctl_output.h"
#include "store/replay.h"

enum { NAMES_MAX_BYTES = 8192, RULES_MAX_BYTES = 256 * 1024, TRIES = 4, HTTP_INVALID = 422 };

struct values {
	struct ctl_list words;
	const char *since, *topic;
	bool author, site, apply;
};

size_t discard_number(const struct discard *d, const struct mention *m)
{
	size_t i;

	for (i = 0; i < d->n_noise; i++)
		if (memcmp(d->noise[i].id, m->id, MENTION_ID_BYTES) == 0)
			return i;
	return SIZE_MAX;
}

static const struct hit *hit_in(const struct mention *m, const char *topic)
{
	size_t i;

	for (i = 0; i < m->n_hits; i++)
		if (strcmp(m->hits[i].topic, topic) == 0)
			return &m->hits[i];
	return NULL;
}

/* --- what is noise --- */

static int read_noise(struct discard *d, char **ids, size_t n)
{
	const struct ctl *c = d->ctl;
	cleanup(replay_freep) struct replay *replay = NULL;
	int r = replay_open(c->state, d->since_ms, &replay);
	size_t i;

	for (i = 0; r == 0 && i < n; i++) {
		struct mention *m = &d->noise[d->n_noise];
		uint8_t id[MENTION_ID_BYTES];

		if (hash_unhex(ids[i], id, sizeof(id)) != 0)
			r = REPLAY_E_NONE;
		else
			r = replay_find(replay, id, d->arena, m);
		if (r == REPLAY_E_NONE) {
			CTL_COMPLAIN(c, TEXT_CTL_WHY_NO_MENTION, ids[i]);
			return CTL_NO;
		}
		if (r == 0 && discard_number(d, m) == SIZE_MAX) {
			d->n_noise++;
			if (m->seen_ms < d->since_ms)
				d->since_ms = m->seen_ms;
		}
	}
	return r == 0 ? CTL_DONE : backtest_complain(c, r, c->state);
}

static bool all_are(const struct discard *d, const char *topic)
{
	size_t i;

	for (i = 0; i < d->n_noise; i++)
		if (!hit_in(&d->noise[i], topic))
			return false;
	return true;
}

static int complain_topics(const struct discard *d, const char *topics)
{
	char id[2 * MENTION_ID_BYTES + 1];
	size_t i;

	if (*topics) {
		CTL_COMPLAIN(d->ctl, TEXT_CTL_DISCARD_TOPICS, topics);
		return CTL_USAGE;
	}
	for (i = 0; i < d->n_noise; i++) {
		hash_hex(d->noise[i].id, MENTION_ID_BYTES, id);
		if (d->noise[i].n_hits == 0) {
			CTL_COMPLAIN(d->ctl, TEXT_CTL_DISCARD_NO_HIT, id);
			return CTL_NO;
		}
		if (d->topic && !hit_in(&d->noise[i], d->topic)) {
			CTL_COMPLAIN(d->ctl, TEXT_CTL_DISCARD_NOT_OF, id, d->topic);
			return CTL_NO;
		}
	}
	CTL_COMPLAIN(d->ctl, TEXT_CTL_DISCARD_NO_COMMON);
	return CTL_NO;
}

/* The one that is asked for, else the one that all have in common. */
static int pick_topic(struct discard *d)
{
	cleanup(buf_done) struct buf names = BUF_INIT(NAMES_MAX_BYTES);
	size_t found = 0, i;

	if (d->topic)
		return all_are(d, d->topic) ? CTL_DONE : complain_topics(d, "");
	for (i = 0; i < d->noise[0].n_hits; i++) {
		if (!all_are(d, d->noise[0].hits[i].topic))
			continue;
		d->topic = d->noise[0].hits[i].topic;
		buf_printf(&names, "%s%s", found++ ? ", " : "", d->topic);
	}
	if (found == 1)
		return CTL_DONE;
	d->topic = NULL;
	return complain_topics(d, buf_str(&names));
}

static int complain_id(const struct discard *d, size_t i, enum text_id text)
{
	char id[2 * MENTION_ID_BYTES + 1];

	hash_hex(d->noise[i].id, MENTION_ID_BYTES, id);
	CTL_COMPLAIN(d->ctl, text, id, d->noise[i].source, d->topic);
	return CTL_NO;
}

/* What its source makes a hit no condition of the topic excludes. */
static int check_sources(const struct discard *d)
{
	size_t i;

	for (i = 0; i < d->n_noise; i++) {
		const char *topic = source_topic_of(d->sources, &d->noise[i]);

		if (topic && strcmp(topic, d->topic) == 0 && !source_topic_by_hand(&d->noise[i]))
			return complain_id(d, i, TEXT_CTL_DISCARD_SOURCE);
	}
	return CTL_DONE;
}

static int find_file(struct discard *d)
{
	const struct ctl *c = d->ctl;
	int r = rule_files_find((const char *const *)c->rules, c->n_rules, &d->files);

	if (r < 0) {
		ctl_complain_errno(c, TEXT_CTL_FILE, c->rules[0], -r);
		return CTL_CONFIG;
	}
	d->file = rule_files_topic(&d->files, d->topic, d->arena, &d->doc);
	if (d->file != SIZE_MAX)
		return CTL_DONE;
	CTL_COMPLAIN(c, TEXT_CTL_DISCARD_NO_FILE, d->topic);
	return CTL_NO;
}

/* --- what it is that is excluded --- */

static int judge_candidates(struct discard *d, struct stage *stage, const struct values *v)
{
	struct buf rules = BUF_INIT(RULES_MAX_BYTES);
	const char *path;
	size_t i;
	int r;

	for (i = 0; i < v->words.n; i++)
		candidates_add(d->candidates, EXCLUDE_WORDS, v->words.v[i], 0);
	for (i = 0; i < d->n_noise; i++)
		candidates_take(d->candidates, &d->noise[i], d->topic);
	candidates_rules(d->candidates, &rules);
	r = rules.full ? -EFBIG : stage_alone(stage, CANDIDATES_TOPIC ".yaml", buf_str(&rules), &path);
	buf_done(&rules);
	if (r < 0) {
		ctl_complain_errno(d->ctl, TEXT_CTL_FILE, stage_place(), -r);
		return CTL_NO;
	}
	return discard_judge_candidates(d, path);
}

static void take_chosen(struct discard *d, enum exclusion_kind kind, const struct chosen *chosen)
{
	size_t i;

	d->exclusion = (struct exclusion){.kind = kind, .n = chosen->n};
	for (i = 0; i < chosen->n; i++)
		d->exclusion.values[i] = d->candidates->v[chosen->v[i]].value;
}

/* Words, if they cost nothing; an author or a site that all of several have in common says more than a word for each. */
static bool choose(struct discard *d, const struct values *v, const bool tried[CANDIDATES_MAX], struct chosen *ret)
{
	const bool asked = v->author || v->site;
	struct chosen best = {.n = 0}, one;
	enum exclusion_kind kind, best_kind = EXCLUDE_WORDS;

	for (kind = EXCLUDE_WORDS; kind <= EXCLUDE_SITES; kind++) {
		if (asked && !(v->author && kind == EXCLUDE_AUTHORS) && !(v->site && kind == EXCLUDE_SITES))
			continue;
		if (!candidates_choose(d->candidates, kind, d->hits, tried, &one) || (!asked && one.others))
			continue;
		if (best.n && one.n >= best.n)
			continue;
		best = one;
		best_kind = kind;
	}
	if (best.n)
		take_chosen(d, best_kind, &best);
	*ret = best;
	return best.n > 0;
}

static int complain_layout(const struct discard *d)
{
	struct buf condition = BUF_INIT(NAMES_MAX_BYTES);

	(void)!discard_condition(&d->exclusion, text_raw(d->ctl->lang, TEXT_CTL_DISCARD_PATTERN), &condition);
	CTL_COMPLAIN(d->ctl, TEXT_CTL_DISCARD_LAYOUT, d->files.v[d->file], buf_str(&condition));
	buf_done(&condition);
	return CTL_NO;
}

/* Nobody says who wrote one of them, or where it stands. */
static bool lacks(const struct discard *d, enum exclusion_kind kind)
{
	uint64_t have = 0;
	size_t i;

	for (i = 0; i < d->candidates->n; i++)
		if (d->candidates->v[i].kind == kind)
			have |= d->candidates->v[i].noise;
	return (d->hits & ~have) != 0;
}

static enum text_id why_none(const struct discard *d, const struct values *v, bool any)
{
	if (v->author && lacks(d, EXCLUDE_AUTHORS))
		return TEXT_CTL_DISCARD_NO_AUTHOR;
	if (v->site && lacks(d, EXCLUDE_SITES))
		return TEXT_CTL_DISCARD_NO_SITE;
	return any ? TEXT_CTL_DISCARD_NOT_GONE : TEXT_CTL_DISCARD_NONE;
}

/* The exclusion in the text, and that text before the readers. *ret_good: it loads, and the noise is gone. */
static int try_text(struct discard *d, bool *ret_good)
{
	const struct discard_rules rules = {text_raw(d->ctl->lang, TEXT_CTL_DISCARD_PATTERN), d->rules, d->n_rules};
	cleanup(stage_freep) struct stage *stage = NULL;
	const char *path;
	bool loads;
	int r;

	*ret_good = false;
	buf_reset(d->text);
	r = discard_rule(d->doc, &rules, &d->exclusion, d->text);
	if (r)
		return complain_layout(d);
	r = stage_new(&stage);
	if (r == 0)
		r = stage_beside(stage, d->files.v[d->file], buf_str(d->text), &path);
	if (r < 0) {
		ctl_complain_errno(d->ctl, TEXT_CTL_FILE, d->files.v[d->file], -r);
		return CTL_NO;
	}
	r = discard_judge_text(d, path, &loads);
	*ret_good = r == CTL_DONE && loads && (d->removed & d->hits) == d->hits;
	return r;
}

/* --- written --- */

/* False: the daemon refused it, told. Nobody there, or nobody who may be asked: *ret_reloaded stays false. */
static bool reload(const struct discard *d, bool *ret_reloaded)
{
	cleanup(client_freep) struct client *client = client_new(d->ctl, true);
	json_t *body, *answer;
	long status;
	bool asked;

	if (!client)
		return true;
	body = json_pack("{}");
	asked = client_post(client, "/v1/reload", body, HTTP_INVALID, &status, &answer);
	json_decref(body);
	if (!asked)
		return true;
	*ret_reloaded = status != HTTP_INVALID;
	if (!*ret_reloaded)
		findings_print(json_object_get(answer, "findings"));
	json_decref(answer);
	return *ret_reloaded;
}

static int apply(struct discard *d)
{
	const char *file = d->files.v[d->file];
	int r = rule_file_replace(file, d->doc->source, buf_str(d->text));

	if (r == RULE_FILE_E_CHANGED) {
		CTL_COMPLAIN(d->ctl, TEXT_CTL_DISCARD_CHANGED, file);
		return CTL_NO;
	}
	if (r < 0) {
		ctl_complain_errno(d->ctl, TEXT_CTL_FILE, file, -r);
		return CTL_NO;
	}
	d->applied = true;
	if (reload(d, &d->reloaded))
		return CTL_DONE;
	d->applied = false;
	r = rule_file_restore(file);
	if (r < 0)
		ctl_complain_errno(d->ctl, TEXT_CTL_FILE, file, -r);
	else
		CTL_COMPLAIN(d->ctl, TEXT_CTL_DISCARD_RESTORED, file);
	return CTL_CONFIG;
}

/* --- the course --- */

static int propose(struct discard *d, const struct values *v)
{
	bool tried[CANDIDATES_MAX] = {false}, good = false, any = false;
	struct chosen chosen;
	size_t i, times;
	int r = CTL_DONE;

	if (v->words.n) { /* somebody said what it is: that alone, whatever it costs */
		d->exclusion = (struct exclusion){.kind = EXCLUDE_WORDS, .n = v->words.n};
		memcpy(d->exclusion.values, v->words.v, v->words.n * sizeof(*v->words.v));
		r = try_text(d, &good);
		any = true;
	}
	for (times = 0; r == CTL_DONE && !v->words.n && !good && times < TRIES; times++) {
		if (!choose(d, v, tried, &chosen))
			break;
		any = true;
		r = try_text(d, &good);
		for (i = 0; i < chosen.n; i++)
			tried[chosen.v[i]] = true;
	}
	if (r != CTL_DONE)
		return r;
	if (!good) {
		d->exclusion.n = 0;
		d->text = NULL;
		discard_print_none(d, why_none(d, v, any));
		return CTL_NO;
	}
	r = v->apply ? apply(d) : CTL_DONE;
	if (r == CTL_DONE)
		discard_print(d);
	return r;
}

static int discard(struct discard *d, const struct ctl_call *call)
{
	const struct values *v = call->values;
	cleanup(stage_freep) struct stage *stage = NULL;
	int r = read_noise(d, call->args, (size_t)call->n), error;

	if (r == CTL_DONE)
		r = pick_topic(d);
	if (r == CTL_DONE)
		r = check_sources(d);
	if (r == CTL_DONE)
		r = find_file(d);
	if (r != CTL_DONE)
		return r;
	error = stage_new(&stage);
	if (error < 0) {
		ctl_complain_errno(d->ctl, TEXT_CTL_FILE, stage_place(), -error);
		return CTL_NO;
	}
	r = judge_candidates(d, stage, v);
	if (r == CTL_DONE && !d->hits) {
		CTL_COMPLAIN(d->ctl, TEXT_CTL_DISCARD_ALREADY, d->topic);
		return CTL_NO;
	}
	if (r == CTL_DONE && d->by_hand)
		return complain_id(d, (size_t)__builtin_ctzll(d->by_hand), TEXT_CTL_DISCARD_BY_HAND);
	return r == CTL_DONE ? propose(d, v) : r;
}

static int run(const struct ctl_call *call)
{
	const struct values *v = call->values;
	cleanup(buf_done) struct buf text = BUF_INIT(YAML_FILE_MAX_BYTES);
	cleanup(arena_freep) struct arena *a = arena_new(SIZE_MAX);
	struct discard *d;
	int64_t back_ms;
	int r;

	r = ctl_log_judged(call->ctl, v->since, &back_ms);
	if (r != CTL_DONE)
		return r;
	d = NEW(struct discard);
	*d = (struct discard){.ctl = call->ctl,
			      .since = v->since,
			      .topic = v->topic,
			      .since_ms = clock_wall_ms() - back_ms,
			      .arena = a,
			      .text = &text,
			      .candidates = candidates_new(),
			      .sources = source_topics_read(call->ctl)};
	r = discard(d, call);
	candidates_free(d->candidates);
	source_topics_free(d->sources);
	backtest_count_free(d->count);
	rule_files_done(&d->files);
	free(d);
	return r;
}

static bool check(const struct ctl_call *call)
{
	const struct values *v = call->values;
	const struct ctl *c = call->ctl;
	uint8_t id[MENTION_ID_BYTES];
	size_t k;
	int i;

	if (!backtest_since_check(c, v->since))
		return false;
	if (call->n > DISCARD_NOISE_MAX || v->words.n > DISCARD_VALUES_MAX) {
		CTL_COMPLAIN(c, TEXT_CTL_ARGUMENT_MANY, "discard");
		return false;
	}
	if ((v->words.n > 0) + v->author + v->site > 1) {
		CTL_COMPLAIN(c, TEXT_CTL_DISCARD_ONE_WAY);
		return false;
	}
	for (k = 0; k < v->words.n; k++) {
		if (candidate_may_be(v->words.v[k]))
			continue;
		CTL_COMPLAIN(c, TEXT_CTL_DISCARD_NO_WORD, v->words.v[k]);
		return false;
	}
	for (i = 0; i < call->n; i++) {
		if (hash_unhex(call->args[i], id, sizeof(id)) == 0)
			continue;
		CTL_COMPLAIN(c, TEXT_CTL_DISCARD_ID, call->args[i]);
		return false;
	}
	return true;
}

static const struct ctl_option options[] = {
	{"words", 'w', CTL_MANY, offsetof(struct values, words)},
	{"author", 0, CTL_FLAG, offsetof(struct values, author)},
	{"site", 0, CTL_FLAG, offsetof(struct values, site)},
	{"apply", 0, CTL_FLAG, offsetof(struct values, apply)},
	{"since", 0, CTL_VALUE, offsetof(struct values, since)},
	{"topic", 't', CTL_VALUE, offsetof(struct values, topic)},
};
static const struct values defaults = {.since = "30d"};
const struct ctl_command ctl_discard = {
	.name = "discard",
	.run = run,
	.check = check,
	.help = TEXT_CTL_HELP_DISCARD,
	.needs = CTL_NEEDS_SETTINGS,
	.min = 1,
	.max = -1,
	.options = options,
	.n_options = ARRAY_LEN(options),
	.defaults = &defaults,
	.values_bytes = sizeof(struct values),
};
