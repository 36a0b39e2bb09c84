/* eval: how well tone and language are told of posts whose tone somebody has said. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"
#include "main/ctl_ask.h"
#include "main/ctl_command.h"
#include "main/ctl_output.h"
#include "main/ctl_settings.h"
#include "main/eval_score.h"
#include "main/labelled.h"
#include "mention/job.h"
#include "pool/ask.h"

enum {
	BATCH_MAX = 256,
	BATCH_MAX_BYTES = 8 * 1024 * 1024,
	LANGUAGES_MAX = 64,
	OUT_MAX_BYTES = 64 * 1024,
	CELL_BYTES = 32,
};

struct language {
	char name[LABELLED_LANGUAGE_MAX_BYTES];
	struct eval_counts counts;
};

struct evaluating {
	struct ctl *ctl;
	struct ask *ask;
	const char *path;
	bool wrong;
	struct language languages[LANGUAGES_MAX]; /* in the order in which they come */
	size_t n_languages;
	/* the batch */
	struct arena *arena;
	struct mention mentions[BATCH_MAX];
	struct language *of[BATCH_MAX];
	enum eval_class labels[BATCH_MAX];
	size_t n, first_line;
};

/* --- one file --- */

static bool send_batch(struct evaluating *e)
{
	cleanup(arena_freep) struct arena *a = arena_new(SIZE_MAX);
	cleanup(freep) char *name = xasprintf("%s:%zu", e->path, e->first_line);
	struct buf job = BUF_INIT(FRAME_MAX_BYTES);
	struct answer answer;
	bool done;
	size_t i;

	job_match_put(&job, NULL, true, e->mentions, e->n);
	done = e->n == 0 || ctl_ask(e->ctl, e->ask, FRAME_MATCH, &job, name, a, &answer);
	for (i = 0; done && e->n && i < answer.n_mentions; i++) {
		const struct mention *m = &answer.mentions[i];
		enum eval_class told = m->sentiment.label ? eval_class_of(m->sentiment.label) : EVAL_NEUTRAL;

		e->of[i]->counts.told[e->labels[i]][told]++;
		e->of[i]->counts.by_model += m->sentiment.by_model;
		e->of[i]->counts.lang_right += m->lang && !strcmp(m->lang, e->of[i]->name);
	}
	e->n = 0;
	arena_free(e->arena);
	e->arena = arena_new(BATCH_MAX_BYTES);
	buf_done(&job);
	return done;
}

/* NULL: one too many. */
static struct language *language_of(struct evaluating *e, const char *name)
{
	struct language *l = e->languages, *end = l + e->n_languages;

	while (l < end && strcmp(l->name, name) != 0)
		l++;
	if (l < end)
		return l;
	if (e->n_languages == LANGUAGES_MAX)
		return NULL;
	(void)snprintf(l->name, sizeof(l->name), "%s", name);
	e->n_languages++;
	return l;
}

/* The language is what a source says of itself: a prior. */
static bool on_post(void *arg, const struct labelled *post)
{
	struct evaluating *e = arg;
	struct mention *m = &e->mentions[e->n];

	e->of[e->n] = language_of(e, post->lang);
	if (!e->of[e->n]) {
		cleanup(freep) char *number = xasprintf("%zu", post->line);

		CTL_COMPLAIN(e->ctl, TEXT_CTL_EVAL_LINE, e->path, number);
		e->wrong = true;
		return true;
	}
	e->labels[e->n] = post->label;
	if (e->n == 0)
		e->first_line = post->line;
	mention_init(m);
	m->lang = e->of[e->n]->name;
	m->text = arena_memdup0(e->arena, post->text, utf8_cut(post->text, strlen(post->text), MENTION_TEXT_MAX_BYTES));
	e->n++;
	return (e->n < BATCH_MAX && !arena_full(e->arena)) || send_batch(e);
}

static bool read_file(struct evaluating *e)
{
	int r = labelled_read(e->ctl, e->path, on_post, e);

	e->wrong |= r == LABELLED_E_LINES;
	return r != LABELLED_E_FILE && send_batch(e);
}

/* --- what came of it --- */

static void print_json(const char *language, const struct eval_counts *counts)
{
	struct buf out = BUF_INIT(OUT_MAX_BYTES);
	struct json j = JSON_OUT(&out);
	struct eval_score s;
	int i, k;

	eval_score(counts, &s);
	json_begin_object(&j, NULL);
	json_text(&j, "lang", language); /* of the whole: none */
	json_int(&j, "n", (int64_t)s.n);
	json_double(&j, "macro_f1", s.macro_f1);
	json_double(&j, "lang_right", s.lang);
	json_double(&j, "r", s.r);
	json_double(&j, "f", s.f);
	json_int(&j, "by_model", (int64_t)counts->by_model);
	json_begin_object(&j, "tones");
	for (i = 0; i < EVAL_CLASSES; i++) {
		json_begin_object(&j, eval_class_names[i]);
		json_int(&j, "n", (int64_t)s.of[i].n);
		json_double(&j, "precision", s.of[i].precision);
		json_double(&j, "recall", s.of[i].recall);
		json_double(&j, "f1", s.of[i].f1);
		json_begin_object(&j, "told");
		for (k = 0; k < EVAL_CLASSES; k++)
			json_int(&j, eval_class_names[k], (int64_t)counts->told[i][k]);
		json_end_object(&j);
		json_end_object(&j);
	}
	json_end_object(&j);
	json_end_object(&j);
	puts(buf_str(&out));
	buf_done(&out);
}

struct cell {
	char text[CELL_BYTES];
};

static const char *share(struct cell *c, double value)
{
	(void)snprintf(c->text, sizeof(c->text), "%.3f", value);
	return c->text;
}

static const char *count(struct cell *c, uint64_t value)
{
	(void)snprintf(c->text, sizeof(c->text), "%llu", (unsigned long long)value);
	return c->text;
}

static void print_words(const struct ctl *c, const char *language, const struct eval_counts *counts)
{
	struct table *t = table_new(8);
	struct buf out = BUF_INIT(OUT_MAX_BYTES);
	struct cell v[7];
	struct eval_score s;
	int i;

	eval_score(counts, &s);
	CTL_SAY(c, TEXT_CTL_EVAL_HEAD, language ? language : text_raw(c->lang, TEXT_CTL_EVAL_ALL), count(&v[0], s.n),
		share(&v[1], s.macro_f1), share(&v[2], s.lang));
	TABLE_ROW(t, text_raw(c->lang, TEXT_CTL_EVAL_TONE), text_raw(c->lang, TEXT_CTL_EVAL_POSTS),
		  text_raw(c->lang, TEXT_CTL_EVAL_PRECISION), text_raw(c->lang, TEXT_CTL_EVAL_RECALL), "F1",
		  text_raw(c->lang, TEXT_CTL_EVAL_AS_NEGATIVE), text_raw(c->lang, TEXT_CTL_EVAL_AS_NEUTRAL),
		  text_raw(c->lang, TEXT_CTL_EVAL_AS_POSITIVE));
	for (i = 0; i < EVAL_CLASSES; i++)
		TABLE_ROW(t, text_raw(c->lang, tone_text(eval_class_names[i])), count(&v[0], s.of[i].n),
			  share(&v[1], s.of[i].precision), share(&v[2], s.of[i].recall), share(&v[3], s.of[i].f1),
			  count(&v[4], counts->told[i][EVAL_NEGATIVE]), count(&v[5], counts->told[i][EVAL_NEUTRAL]),
			  count(&v[6], counts->told[i][EVAL_POSITIVE]));
	table_print(t, &out);
	fputs(buf_str(&out), stdout);
	CTL_SAY(c, TEXT_CTL_EVAL_NEGATIVES, share(&v[0], s.r), share(&v[1], s.f));
	if (counts->by_model)
		CTL_SAY(c, TEXT_CTL_EVAL_MODEL, count(&v[0], counts->by_model), count(&v[1], s.n));
	table_free(t);
	buf_done(&out);
}

static void print(const struct evaluating *e)
{
	struct eval_counts all = {.lang_right = 0};
	size_t i;

	for (i = 0; i < e->n_languages; i++) {
		eval_add(&all, &e->languages[i].counts);
		if (e->ctl->json)
			print_json(e->languages[i].name, &e->languages[i].counts);
		else
			print_words(e->ctl, e->languages[i].name, &e->languages[i].counts);
	}
	if (e->n_languages > 1 && e->ctl->json)
		print_json(NULL, &all);
	else if (e->n_languages > 1)
		print_words(e->ctl, NULL, &all);
}

struct values {
	const char *lexicon, *model;
};

static int run(const struct ctl_call *call)
{
	const struct values *v = call->values;
	struct ask_config config = {.lexicon = v->lexicon, .model = v->model, .tone = true};
	struct evaluating *e;
	int r;

	if (!v->lexicon && !ctl_settings_read(call->ctl, false))
		return CTL_CONFIG;
	if (!v->lexicon)
		config.lexicon = call->ctl->lexicon;
	e = NEW(struct evaluating);
	e->ctl = call->ctl;
	e->path = call->args[0];
	e->ask = ctl_ask_open_config(call->ctl, &config, &r);
	if (e->ask) {
		e->arena = arena_new(BATCH_MAX_BYTES);
		r = read_file(e) ? CTL_DONE : CTL_NO;
		if (r == CTL_DONE)
			print(e);
		if (e->wrong || !e->n_languages)
			r = CTL_NO;
		arena_free(e->arena);
		ask_free(e->ask);
	}
	free(e);
	return r;
}

static const struct ctl_option options[] = {
	{"lexicon", 'l', CTL_VALUE, offsetof(struct values, lexicon)},
	{"model", 'm', CTL_VALUE, offsetof(struct values, model)},
};
const struct ctl_command ctl_eval = {
	.name = "eval",
	.run = run,
	.help = TEXT_CTL_HELP_EVAL,
	.min = 1,
	.max = 1,
	.options = options,
	.n_options = ARRAY_LEN(options),
	.values_bytes = sizeof(struct values),
};
