#include "enrich/enrich_inside.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "enrich/lexicon.h"
#include "enrich/tone.h"
#include "match/names.h"
#include "mention/features.h"
#include "mention/mention.h"
#include "mention/print.h"
#include "mention/tone_model.h"

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
	size_t number = said ? enricher_language(e, said) : LANGUAGES;

	/* one that the model does not know is among what it calls "und" */
	found = language_of(&e->model, t->text, t->len, said && number == LANGUAGES ? und : said);
	if (found == und || (number < LANGUAGES && found == e->model.names[number]))
		return said;
	return found;
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

/* One mention, read and judged by the lexicon. */
struct lexical {
	struct judged text;
	struct tone_place names[TONE_NAMES_MAX];
	size_t n_names;
	const char *lang; /* as which it is judged; NULL: not known */
	bool own;         /* there is a lexicon of that language; else signs alone count */
	bool known;       /* tone says something */
	struct tone tone;
};

/* Without a lexicon of its language only the signs count, which are the same in all: words have a kind that none looks up,
 * as long as it takes. */
static void signs_judge(struct enricher *e, const struct lexicon *x, struct lexical *ret)
{
	struct post *p = &e->post;
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->v[i].kind == TOKEN_WORD)
			p->v[i].kind = TOKEN_FOREIGN;
	tone_judge(x, p, ret->names, ret->n_names, &ret->tone);
	for (i = 0; i < p->n; i++)
		if (p->v[i].kind == TOKEN_FOREIGN)
			p->v[i].kind = TOKEN_WORD;
}

/* In which country it is said: by the mention itself, by its language ("es-MX", "es_MX"), by the topics that it is of. Two
 * letters, or NULL. */
static const char *country_of(const struct mention *m, const struct matcher *names)
{
	const char *region = m->lang ? strpbrk(m->lang, "-_") : NULL;

	if (m->country)
		return m->country;
	if (region && strlen(region + 1) == 2)
		return region + 1;
	return names ? matcher_country(names) : NULL;
}

/* Whose lexicon judges: the language's, else that of the one which the source says that it speaks, where what was told is
 * nothing, or Galician or Catalan, for which a short post in its sister languages is easily taken. LANGUAGES: nobody's. */
static size_t lexicon_number(const struct enricher *e, const char *said, const char *told)
{
	size_t number = told ? enricher_language(e, told) : LANGUAGES;

	if (number < LANGUAGES && e->lexicons[number])
		return number;
	if (said && (!told || !strcmp(told, "gl") || !strcmp(told, "ca")))
		number = enricher_language(e, said);
	return number < LANGUAGES && e->lexicons[number] ? number : LANGUAGES;
}

static void lexicon_judge(struct enricher *e, struct matcher *names, struct mention *m, struct lexical *ret)
{
	const char *country = country_of(m, names);
	const char *said = m->lang;
	const struct lexicon *x = NULL;
	size_t number;

	ret->text = text_of(e, m);
	m->lang = language_tell(e, said, &ret->text);
	number = lexicon_number(e, said, m->lang);
	ret->own = number < LANGUAGES;
	ret->lang = ret->own ? e->model.names[number] : m->lang;
	for (number = ret->own ? number : 0; number < LANGUAGES && !x; number++)
		x = e->lexicons[number];
	post_read(&e->post, ret->text.text, ret->text.len);
	ret->n_names = names_of(names, &ret->text, ret->names);
	ret->known = false;
	ret->tone = (struct tone){.label = TONE_NEUTRAL};
	if (!x || !e->post.n)
		return;
	if (ret->own)
		tone_judge(lexicon_of_country(x, country), &e->post, ret->names, ret->n_names, &ret->tone);
	else
		signs_judge(e, x, ret);
	ret->known = ret->own || ret->tone.n_words;
}

/* False: there is no model, or it doesn't decide in that language. */
static bool model_judge(struct enricher *e, struct lexical *x)
{
	if (!e->linear || !e->post.n || !tone_model_language(e->linear, x->lang))
		return false;
	linear_read(&e->features, &e->post, &x->tone, x->lang, x->names, x->n_names);
	linear_judge(&e->features, e->linear, &e->post, x->names, x->n_names, &x->tone);
	return true;
}

void enrich_mention(void *enricher, struct matcher *names, struct mention *m, struct arena *a)
{
	struct enricher *e = enricher;
	struct lexical x;
	bool by_model;

	m->sentiment = (struct mention_sentiment){.label = NULL};
	lexicon_judge(e, names, m, &x);
	m->print = print_of(e, a);
	by_model = model_judge(e, &x);
	if (!x.known && !by_model)
		return;
	m->sentiment.label = tone_label_name(x.tone.label);
	m->sentiment.by_model = by_model;
	m->sentiment.score = round(x.tone.score * 100) / 100 + 0.0; /* no -0 */
	words_tell(&x.text, &x.tone, a, &m->sentiment);
}

void enrich_features(struct enricher *e, struct mention *m, struct arena *a, struct features *ret)
{
	struct linear *l = &e->features;
	struct lexical x;
	uint32_t *v;

	lexicon_judge(e, NULL, m, &x);
	linear_read(l, &e->post, &x.tone, x.lang, NULL, 0);
	v = ARENA_ARRAY(a, uint32_t, l->n);
	memcpy(v, l->v, l->n * sizeof(*v));
	*ret = (struct features){
		.lang = x.lang,
		.label = x.known ? (uint8_t)x.tone.label : FEATURES_NO_LABEL,
		.v = v,
		.n = l->n,
	};
}
