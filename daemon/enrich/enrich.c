#include "enrich/enrich.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/text.h"
#include "base/utf8.h"
#include "enrich/fingerprint.h"
#include "enrich/language.h"
#include "enrich/lexicon.h"
#include "enrich/post.h"
#include "enrich/shipped.h"
#include "enrich/tone.h"
#include "match/names.h"
#include "mention/catalogue.h"
#include "mention/mention.h"
#include "mention/print.h"

struct enricher {
	struct language_model model;
	struct lexicon *lexicons[LANGUAGES]; /* of the model's languages; NULL: none */
	struct post post;
	struct fingerprinter fingerprinter;
	struct buf both; /* title and text */
};

/* --- lexicons --- */

/* The place of a language in the model; LANGUAGES: it is none of them. "es-MX" is es. */
static size_t language_number(const struct enricher *e, const char *tag)
{
	size_t i;

	for (i = 0; i < LANGUAGES - 1; i++) {
		size_t len = strlen(e->model.names[i]);

		if (!strncasecmp(tag, e->model.names[i], len) && (!tag[len] || tag[len] == '-' || tag[len] == '_'))
			return i;
	}
	return LANGUAGES;
}

static bool ends_in_yaml(const char *name)
{
	size_t len = strlen(name);

	return *name != '.' && len > strlen(".yaml") && !strcmp(name + len - strlen(".yaml"), ".yaml");
}

/* A file of the user's: es.yaml, and "lexicon: es" in it. */
static int own_file(struct enricher *e, const char *folder, const char *name, struct diag *d)
{
	cleanup(freep) char *path = xasprintf("%s/%s", folder, name);
	cleanup(freep) char *stem = xstrndup(name, strlen(name) - strlen(".yaml"));
	cleanup(lexicon_freep) struct lexicon *x = NULL;
	size_t number = language_number(e, stem);
	int r = lexicon_new(path, NULL, d, &x);

	if (r)
		return r < 0 ? r : ENRICHER_E_INVALID;
	if (number == LANGUAGES || strcmp(stem, e->model.names[number]) != 0 || strcmp(lexicon_name(x), stem) != 0) {
		diag_error(d, ((struct diag_pos){.file = path}), NULL, NULL, TEXT_LEXICON_NAME, lexicon_name(x));
		return ENRICHER_E_INVALID;
	}
	lexicon_free(e->lexicons[number]);
	e->lexicons[number] = TAKE(x);
	return 0;
}

static int own_read(struct enricher *e, const char *folder, struct diag *d)
{
	struct dirent **entries = NULL;
	int n = scandir(folder, &entries, NULL, alphasort), i, taken = 0, r = 0;

	if (n < 0) {
		diag_error(d, ((struct diag_pos){.file = folder}), NULL, NULL, text_of_errno(errno),
			   strerrordesc_np(errno));
		return ENRICHER_E_INVALID;
	}
	for (i = 0; i < n; i++) {
		if (r >= 0 && ends_in_yaml(entries[i]->d_name) && taken++ < ENRICH_FILES_MAX) {
			int one = own_file(e, folder, entries[i]->d_name, d);

			r = one ? one : r;
		}
		free(entries[i]);
	}
	free(entries);
	return r;
}

static int shipped_read(struct enricher *e, struct diag *d)
{
	size_t i;
	int r = 0;

	if (language_model_read(shipped_language_model, shipped_language_model_len, &e->model))
		return -EBADMSG; /* of this very program: a build gone wrong */
	for (i = 0; i < shipped_lexicons_n && !r; i++) {
		size_t number = language_number(e, shipped_lexicons[i].name);

		if (number < LANGUAGES && !e->lexicons[number])
			r = lexicon_new(shipped_lexicons[i].name, shipped_lexicons[i].text, d, &e->lexicons[number]);
	}
	return r;
}

int enricher_new(const char *folder, struct diag *d, struct enricher **ret)
{
	cleanup(enricher_freep) struct enricher *e = NEW(struct enricher);
	int r;

	post_init(&e->post);
	e->both = (struct buf)BUF_INIT(2 * ENRICH_TEXT_MAX_BYTES);
	r = shipped_read(e, d);
	if (!r && folder)
		r = own_read(e, folder, d);
	if (!r)
		*ret = TAKE(e);
	return r < 0 ? r : r ? ENRICHER_E_INVALID : 0;
}

struct enricher *enricher_free(struct enricher *e)
{
	size_t i;

	if (!e)
		return NULL;
	for (i = 0; i < LANGUAGES; i++)
		lexicon_free(e->lexicons[i]);
	post_done(&e->post);
	fingerprinter_done(&e->fingerprinter);
	buf_done(&e->both);
	free(e);
	return NULL;
}

/* --- one mention --- */

struct judged {
	const char *text; /* title, a line's end, text: the beginning of them */
	size_t len;
	uint32_t text_at; /* code points before the mention's text */
};

static struct judged text_of(struct enricher *e, const struct mention *m)
{
	size_t title_len = m->title ? strlen(m->title) : 0, len = m->text ? strlen(m->text) : 0;

	if (!title_len)
		return (struct judged){m->text ? m->text : "", len ? utf8_cut(m->text, len, ENRICH_TEXT_MAX_BYTES) : 0,
				       0};
	title_len = utf8_cut(m->title, title_len, ENRICH_TEXT_MAX_BYTES);
	buf_reset(&e->both);
	buf_put(&e->both, m->title, title_len);
	buf_putc(&e->both, '\n');
	if (len)
		buf_put(&e->both, m->text, utf8_cut(m->text, len, ENRICH_TEXT_MAX_BYTES - title_len));
	return (struct judged){buf_str(&e->both), e->both.len, (uint32_t)utf8_count(m->title, title_len) + 1};
}

/* What the text says, else what the source does. */
static const char *language_tell(const struct enricher *e, const char *said, const struct judged *t)
{
	const char *und = e->model.names[LANGUAGES - 1], *found;
	size_t number = said ? language_number(e, said) : LANGUAGES;

	/* one that the model does not know is among what it calls "und" */
	found = language_of(&e->model, t->text, t->len, said && number == LANGUAGES ? und : said);
	if (found == und || (number < LANGUAGES && found == e->model.names[number]))
		return said;
	return found;
}

/* Without a lexicon of its language only the signs count, which are the same in all. */
static void words_drop(struct post *p)
{
	size_t i, n = 0;

	for (i = 0; i < p->n; i++)
		if (p->v[i].kind != TOKEN_WORD)
			p->v[n++] = p->v[i];
	p->n = n;
}

static size_t names_of(struct matcher *names, const struct judged *t, struct tone_place v[TONE_NAMES_MAX])
{
	struct place places[TONE_NAMES_MAX];
	size_t n_title, n, i;

	if (!names)
		return 0;
	n_title = matcher_names(names, NAMES_IN_TITLE, places, TONE_NAMES_MAX);
	n = n_title + matcher_names(names, NAMES_IN_TEXT, places + n_title, TONE_NAMES_MAX - n_title);
	for (i = 0; i < n; i++) {
		uint32_t before = i < n_title ? 0 : t->text_at;

		v[i] = (struct tone_place){places[i].from + before, places[i].to + before};
	}
	return n;
}

/* The words that decided, each once, as they were written. */
static void words_tell(const struct judged *t, const struct tone *tone, struct arena *a, struct mention_sentiment *ret)
{
	const char *s = t->text, *end = t->text + t->len;
	uint32_t at = 0;
	size_t i;

	ret->words = ARENA_ARRAY(a, const char *, tone->n_words);
	for (i = 0; i < tone->n_words; i++) {
		const char *from, *word;

		for (; at < tone->words[i].from && s < end; at++)
			utf8_next(&s, end);
		for (from = s; at < tone->words[i].to && s < end; at++)
			utf8_next(&s, end);
		word = arena_memdup0(a, from, utf8_cut(from, (size_t)(s - from), MENTION_TONE_WORD_MAX_BYTES));
		if (*word && !mention_names_have(ret->words, ret->n_words, word))
			ret->words[ret->n_words++] = word;
	}
}

/* NULL: nothing in it says what it is. */
static const struct print *print_of(struct enricher *e, struct arena *a)
{
	struct print *p = ARENA_NEW(a, struct print);

	fingerprint_make(&e->fingerprinter, &e->post, p);
	return p->exact ? p : NULL;
}

void enrich_mention(void *enricher, struct matcher *names, struct mention *m, struct arena *a)
{
	struct enricher *e = enricher;
	struct judged t = text_of(e, m);
	struct tone_place places[TONE_NAMES_MAX];
	const struct lexicon *x = NULL;
	struct tone tone;
	size_t number;
	bool own;

	m->sentiment = (struct mention_sentiment){.label = NULL};
	m->lang = language_tell(e, m->lang, &t);
	number = m->lang ? language_number(e, m->lang) : LANGUAGES;
	own = number < LANGUAGES && e->lexicons[number];
	for (number = own ? number : 0; number < LANGUAGES && !x; number++)
		x = e->lexicons[number];
	post_read(&e->post, t.text, t.len);
	m->print = print_of(e, a);
	if (!own)
		words_drop(&e->post);
	if (!x || !e->post.n)
		return;
	tone_judge(x, &e->post, places, names_of(names, &t, places), &tone);
	if (!own && !tone.n_words)
		return;
	m->sentiment.label = tone_label_name(tone.label);
	m->sentiment.score = round(tone.score * 100) / 100 + 0.0; /* no -0 */
	words_tell(&t, &tone, a, &m->sentiment);
}

void enricher_tones(const struct enricher *e, struct catalogue *c)
{
	size_t i;

	c->n_tones = 0;
	for (i = 0; i < LANGUAGES && c->n_tones < CATALOGUE_TONES_MAX; i++) {
		struct lexicon_measured m = {.known = false};

		if (e->lexicons[i])
			m = lexicon_measured(e->lexicons[i]);
		if (m.known)
			c->tones[c->n_tones++] = (struct catalogue_tone){e->model.names[i], m.r, m.f};
	}
}
