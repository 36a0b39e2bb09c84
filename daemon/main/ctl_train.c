/* train: a model of tone out of posts whose tone somebody has said. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/utf8.h"
#include "main/ctl_ask.h"
#include "main/ctl_command.h"
#include "main/ctl_output.h"
#include "main/ctl_settings.h"
#include "main/labelled.h"
#include "main/train.h"
#include "mention/features.h"
#include "mention/job.h"
#include "pool/ask.h"

enum {
	BATCH_MAX = 256,
	BATCH_MAX_BYTES = 256 * 1024,
	SEED = 1,
	OUT_MAX_BYTES = 4096,
	CELL_BYTES = 32,
	FILE_MODE = 0644,
};

struct training {
	struct ctl *ctl;
	struct ask *ask;
	const char *path;
	bool many;
	struct arena *kept; /* what the posts point into */
	struct train_post *posts;
	size_t n, cap;
	char names[TONE_LANGUAGES_MAX][TONE_LANGUAGE_MAX_BYTES + 1];
	size_t n_names;
	uint8_t data[32]; /* of the lines so far */
	/* the batch */
	struct arena *arena;
	struct mention mentions[BATCH_MAX];
	uint8_t labels[BATCH_MAX];
	size_t n_batch, bytes, first_line;
};

static const uint8_t labels[EVAL_CLASSES] = {[EVAL_NEUTRAL] = 0, [EVAL_NEGATIVE] = 1, [EVAL_POSITIVE] = 2};

/* --- posts --- */

/* The place of a language, its country left off; what is not known, or one too many, is "". */
static uint8_t language_of(struct training *t, const char *lang)
{
	char name[TONE_LANGUAGE_MAX_BYTES + 1] = "";
	size_t i, len = lang ? strcspn(lang, "-_") : 0;

	if (len <= TONE_LANGUAGE_MAX_BYTES)
		memcpy(name, lang ? lang : "", len);
	for (i = 0; i < t->n_names; i++)
		if (!strcmp(t->names[i], name))
			return (uint8_t)i;
	if (t->n_names == TONE_LANGUAGES_MAX)
		return 0;
	memcpy(t->names[t->n_names], name, sizeof(name));
	return (uint8_t)t->n_names++;
}

static void post_take(struct training *t, const struct features *f, uint8_t label)
{
	uint32_t *v = ARENA_ARRAY(t->kept, uint32_t, f->n);

	memcpy(v, f->v, f->n * sizeof(*v));
	t->posts = GROW(t->posts, t->n, &t->cap);
	t->posts[t->n++] = (struct train_post){
		.v = v,
		.n = f->n,
		.label = label,
		.lexicon = f->label == FEATURES_NO_LABEL ? 0 : f->label,
		.language = language_of(t, f->lang),
	};
}

static bool send_batch(struct training *t)
{
	cleanup(arena_freep) struct arena *a = arena_new(SIZE_MAX);
	cleanup(freep) char *name = xasprintf("%s:%zu", t->path, t->first_line);
	struct buf job = BUF_INIT(FRAME_MAX_BYTES);
	struct features *v = NULL;
	struct ctl_bytes answer;
	size_t n = 0, i;
	bool done = true;

	if (t->n_batch) {
		job_match_put(&job, NULL, false, t->mentions, t->n_batch);
		done = ctl_ask_bytes(t->ctl, t->ask, FRAME_FEATURES, &job, name, &answer) &&
		       features_get(answer.bytes, answer.len, a, &v, &n) == 0 && n == t->n_batch;
	}
	for (i = 0; done && i < n; i++)
		post_take(t, &v[i], t->labels[i]);
	t->n_batch = t->bytes = 0;
	arena_free(t->arena);
	t->arena = arena_new(SIZE_MAX);
	buf_done(&job);
	return done;
}

static void data_add(struct training *t, const char *lang, const char *text, uint8_t label)
{
	hash_sha256(
		(struct hash_part[]){
			{t->data, sizeof(t->data)}, {lang, strlen(lang) + 1}, {&label, 1}, {text, strlen(text) + 1}},
		4, t->data);
}

static bool on_post(void *arg, const struct labelled *post)
{
	struct training *t = arg;
	struct mention *m = &t->mentions[t->n_batch];
	size_t len = utf8_cut(post->text, strlen(post->text), MENTION_TEXT_MAX_BYTES);

	if (t->n + t->n_batch == TRAIN_POSTS_MAX) {
		t->many = true;
		return true;
	}
	if (t->n_batch == 0)
		t->first_line = post->line;
	mention_init(m);
	m->lang = arena_memdup0(t->arena, post->lang, strlen(post->lang));
	m->text = arena_memdup0(t->arena, post->text, len);
	t->labels[t->n_batch++] = labels[post->label];
	t->bytes += len;
	data_add(t, m->lang, m->text, labels[post->label]);
	return (t->n_batch < BATCH_MAX && t->bytes < BATCH_MAX_BYTES) || send_batch(t);
}

static void many_tell(const struct training *t)
{
	cleanup(freep) char *most = xasprintf("%d", TRAIN_POSTS_MAX);

	if (t->many)
		CTL_COMPLAIN(t->ctl, TEXT_CTL_TRAIN_MANY, t->path, most);
}

/* --- what came of it --- */

static void print_json(const struct tone_model_language *l, enum train_verdict verdict)
{
	static const char *const names[] = {"better", "no better", "too few"};
	struct buf out = BUF_INIT(OUT_MAX_BYTES);
	struct json j = JSON_OUT(&out);

	json_begin_object(&j, NULL);
	json_text(&j, "lang", *l->name ? l->name : NULL);
	json_int(&j, "n", l->posts);
	json_double(&j, "macro_f1", l->macro_f1);
	json_double(&j, "lexicon_macro_f1", l->lexicon_macro_f1);
	json_double(&j, "r", l->r);
	json_double(&j, "f", l->f);
	json_text(&j, "verdict", names[verdict]);
	json_end_object(&j);
	puts(buf_str(&out));
	buf_done(&out);
}

static void print_words(const struct ctl *c, const struct tone_model_language *l, enum train_verdict verdict)
{
	static const enum text_id texts[] = {TEXT_CTL_TRAIN_BETTER, TEXT_CTL_TRAIN_NO_BETTER, TEXT_CTL_TRAIN_TOO_FEW};
	char n[CELL_BYTES], model[CELL_BYTES], lexicon[CELL_BYTES];

	(void)snprintf(n, sizeof(n), "%u", l->posts);
	(void)snprintf(model, sizeof(model), "%.3f", l->macro_f1);
	(void)snprintf(lexicon, sizeof(lexicon), "%.3f", l->lexicon_macro_f1);
	CTL_SAY(c, TEXT_CTL_TRAIN_LANG, *l->name ? l->name : "?", n, model, lexicon, text_raw(c->lang, texts[verdict]));
}

/* Beside, then in its place: a reload in between reads the old one or the new. */
static bool file_write(const struct ctl *c, const char *path, const struct tone_model *m)
{
	cleanup(freep) char *beside = xasprintf("%s.new", path);
	struct buf b = BUF_INIT(TONE_MODEL_MAX_BYTES);
	int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
	int error = fd < 0 ? errno : 0;
	ssize_t n;
	size_t at;

	tone_model_write(&b, m);
	for (at = 0; !error && at < b.len; at += (size_t)n) {
		n = write(fd, b.data + at, b.len - at);
		if (n < 0)
			error = errno;
	}
	if (fd >= 0 && fsync(fd) < 0 && !error)
		error = errno;
	if (fd >= 0 && close(fd) < 0 && !error)
		error = errno;
	if (!error && rename(beside, path) < 0)
		error = errno;
	if (error) {
		(void)unlink(beside);
		ctl_complain_errno(c, TEXT_CTL_FILE, path, error);
	}
	buf_done(&b);
	return !error;
}

static int result_tell(const struct training *t, struct train_result *result, const char *output, bool apart)
{
	const struct ctl *c = t->ctl;
	size_t i;

	for (i = 0; i < t->n_names; i++)
		if (c->json)
			print_json(&result->languages[i], result->verdicts[i]);
		else
			print_words(c, &result->languages[i], result->verdicts[i]);
	if (!result->model->n_languages) {
		CTL_COMPLAIN(c, TEXT_CTL_TRAIN_NONE);
		return CTL_NO;
	}
	memcpy(result->model->data, t->data, sizeof(t->data));
	if (!file_write(c, output, result->model))
		return CTL_NO;
	if (!c->json)
		ctl_say(c, apart ? TEXT_CTL_TRAIN_WRITTEN_APART : TEXT_CTL_TRAIN_WRITTEN, TEXT_ARGS(output));
	return CTL_DONE;
}

static int learn(struct training *t, const char *output, bool apart)
{
	struct train_result result = {.model = NULL};
	int read = labelled_read(t->ctl, t->path, on_post, t), r;

	if (read == LABELLED_E_FILE || !send_batch(t))
		return CTL_NO;
	many_tell(t);
	if (train(t->posts, t->n, t->names, t->n_names, SEED, &result)) {
		cleanup(freep) char *n = xasprintf("%zu", t->n), *least = xasprintf("%d", TRAIN_POSTS_LEAST);

		CTL_COMPLAIN(t->ctl, TEXT_CTL_TRAIN_FEW, n, least);
		return CTL_NO;
	}
	r = result_tell(t, &result, output, apart);
	tone_model_free(result.model);
	return read == LABELLED_E_LINES || t->many ? CTL_NO : r;
}

struct values {
	const char *lexicon, *output;
};

/* Where the model goes; NULL: nobody says. */
static char *output_of(const struct ctl *c, const struct values *v)
{
	const char *folder = v->lexicon ? v->lexicon : c->lexicon;

	if (v->output)
		return xstrdup(v->output);
	return folder ? xasprintf("%s/tone.model", folder) : NULL;
}

static int run(const struct ctl_call *call)
{
	const struct values *v = call->values;
	struct ask_config config = {.lexicon = v->lexicon, .tone = true, .reader_memory_bytes = 0};
	cleanup(freep) char *output = NULL;
	struct training *t;
	int r;

	if (!v->lexicon && !ctl_settings_read(call->ctl, false))
		return CTL_CONFIG;
	if (!v->lexicon)
		config.lexicon = call->ctl->lexicon;
	output = output_of(call->ctl, v);
	if (!output) {
		CTL_COMPLAIN(call->ctl, TEXT_CTL_TRAIN_WHERE);
		return CTL_USAGE;
	}
	t = NEW(struct training);
	t->ctl = call->ctl;
	t->path = call->args[0];
	t->ask = ctl_ask_open_config(call->ctl, &config, &r);
	if (t->ask) {
		t->kept = arena_new(SIZE_MAX);
		t->arena = arena_new(SIZE_MAX);
		r = learn(t, output, v->output != NULL);
		free(t->posts);
		arena_free(t->arena);
		arena_free(t->kept);
		ask_free(t->ask);
	}
	free(t);
	return r;
}

static const struct ctl_option options[] = {
	{"lexicon", 'l', CTL_VALUE, offsetof(struct values, lexicon)},
	{"output", 'o', CTL_VALUE, offsetof(struct values, output)},
};
const struct ctl_command ctl_train = {
	.name = "train",
	.run = run,
	.help = TEXT_CTL_HELP_TRAIN,
	.min = 1,
	.max = 1,
	.options = options,
	.n_options = ARRAY_LEN(options),
	.values_bytes = sizeof(struct values),
};
