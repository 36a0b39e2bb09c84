#include "mention/tone_model.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/hash.h"

static const char MAGIC[] = "escuchad tone model 1";

static const double SEED_MAX = 1e15, SCALE_MAX = 1e6;

enum { LINE_MAX_BYTES = 256, SUM_BYTES = 32, TABLE_BYTES = TONE_SLOTS * TONE_CLASSES };

struct tone_model *tone_model_free(struct tone_model *m)
{
	free(m);
	return NULL;
}

static void table_sum(const struct tone_model *m, uint8_t ret[SUM_BYTES])
{
	hash_sha256(&(struct hash_part){m->weights, TABLE_BYTES}, 1, ret);
}

/* --- the file --- */

void tone_model_write(struct buf *b, const struct tone_model *m)
{
	char data[2 * SUM_BYTES + 1], sum[2 * SUM_BYTES + 1];
	uint8_t bytes[SUM_BYTES];
	size_t i;

	table_sum(m, bytes);
	hash_hex(bytes, SUM_BYTES, sum);
	hash_hex(m->data, SUM_BYTES, data);
	buf_printf(b, "%s\nseed %" PRIu64 "\ndata %s\nposts %" PRIu32 "\n", MAGIC, m->seed, data, m->posts);
	for (i = 0; i < m->n_languages; i++) {
		const struct tone_model_language *l = &m->languages[i];

		buf_printf(b, "lang %s %" PRIu32 " %.4f %.4f %.4f %.4f\n", l->name, l->posts, l->macro_f1,
			   l->lexicon_macro_f1, l->r, l->f);
	}
	buf_printf(b, "scale %.9g %.9g\nsum %s\n\n", m->scale, m->scale_sums, sum);
	buf_put(b, (const char *)m->weights, TABLE_BYTES);
}

struct reading {
	const char *file, *s, *end;
	struct diag *d;
	uint32_t line, taken;   /* the one that is looked at, and how many are behind */
	char v[LINE_MAX_BYTES]; /* of the line: what is behind its first word */
	bool wrong;
};

static void fail(struct reading *r, const char *expected)
{
	diag_error(r->d, ((struct diag_pos){.file = r->file, .line = r->line}), NULL, NULL, TEXT_MODEL_LINE, expected);
	r->wrong = true;
}

/* The next line if it begins with the word; false: it does not, and is not taken. */
static bool line_is(struct reading *r, const char *word)
{
	size_t len = strlen(word), left = (size_t)(r->end - r->s);
	const char *end = memchr(r->s, '\n', left < LINE_MAX_BYTES ? left : LINE_MAX_BYTES);

	r->line = r->taken + 1;
	if (!end || (size_t)(end - r->s) < len || memcmp(r->s, word, len) != 0)
		return false;
	memcpy(r->v, r->s + len, (size_t)(end - r->s) - len);
	r->v[(size_t)(end - r->s) - len] = '\0';
	if (strlen(r->v) != (size_t)(end - r->s) - len)
		return false;
	r->s = end + 1;
	r->taken++;
	return true;
}

/* What is behind the number that s begins with; NULL: it is none, or s was NULL. */
static const char *number(const char *s, double least, double most, double *ret)
{
	char *end;

	if (!s)
		return NULL;
	*ret = strtod(s, &end);
	if (end == s || (*end && *end != ' ') || !(*ret >= least && *ret <= most))
		return NULL;
	return *end == ' ' ? end + 1 : end;
}

static bool number_alone(const char *s, double most, double *ret)
{
	s = number(s, 0, most, ret);
	return s && !*s;
}

static bool language_get(const char *line, struct tone_model_language *ret)
{
	size_t len = strcspn(line, " ");
	const char *s = line[len] ? line + len + 1 : NULL;
	double posts;

	*ret = (struct tone_model_language){.posts = 0};
	if (!len || len > TONE_LANGUAGE_MAX_BYTES)
		return false;
	memcpy(ret->name, line, len);
	s = number(s, 0, UINT32_MAX, &posts);
	s = number(s, 0, 1, &ret->macro_f1);
	s = number(s, 0, 1, &ret->lexicon_macro_f1);
	s = number(s, 0, 1, &ret->r);
	s = number(s, 0, 1, &ret->f);
	if (!s || *s)
		return false;
	ret->posts = (uint32_t)posts;
	return true;
}

static void languages_get(struct reading *r, struct tone_model *m)
{
	while (!r->wrong && line_is(r, "lang ")) {
		if (m->n_languages == TONE_LANGUAGES_MAX || !language_get(r->v, &m->languages[m->n_languages]))
			fail(r, "lang NAME POSTS MACRO-F1 LEXICON R F");
		m->n_languages += !r->wrong;
	}
}

static void scales_get(struct reading *r, struct tone_model *m)
{
	const char *s;

	if (r->wrong)
		return;
	s = line_is(r, "scale ") ? r->v : NULL;
	s = number(s, 0, SCALE_MAX, &m->scale);
	s = number(s, 0, SCALE_MAX, &m->scale_sums);
	if (!s || *s)
		fail(r, "scale NUMBER NUMBER");
}

static void head_get(struct reading *r, struct tone_model *m, uint8_t sum[SUM_BYTES])
{
	double posts = 0, seed = 0;

	if (!line_is(r, MAGIC) || r->v[0])
		fail(r, MAGIC);
	else if (!line_is(r, "seed ") || !number_alone(r->v, SEED_MAX, &seed))
		fail(r, "seed NUMBER");
	else if (!line_is(r, "data ") || hash_unhex(r->v, m->data, SUM_BYTES))
		fail(r, "data SHA-256");
	else if (!line_is(r, "posts ") || !number_alone(r->v, UINT32_MAX, &posts))
		fail(r, "posts NUMBER");
	if (r->wrong)
		return;
	m->seed = (uint64_t)seed;
	m->posts = (uint32_t)posts;
	languages_get(r, m);
	scales_get(r, m);
	if (!r->wrong && (!line_is(r, "sum ") || hash_unhex(r->v, sum, SUM_BYTES)))
		fail(r, "sum SHA-256");
	else if (!r->wrong && (!line_is(r, "") || r->v[0]))
		fail(r, "an empty line");
}

int tone_model_read(const char *file, const char *bytes, size_t len, struct diag *d, struct tone_model **ret)
{
	cleanup(tone_model_freep) struct tone_model *m = NEW(struct tone_model);
	struct reading r = {.file = file, .s = bytes, .end = bytes + len, .d = d};
	uint8_t said[SUM_BYTES], found[SUM_BYTES];
	char left[32];

	head_get(&r, m, said);
	if (r.wrong)
		return TONE_MODEL_E_INVALID;
	if (r.end - r.s != TABLE_BYTES) {
		(void)snprintf(left, sizeof(left), "%td", r.end - r.s);
		diag_error(d, ((struct diag_pos){.file = file, .line = r.line}), NULL, NULL, TEXT_MODEL_CUT, "786432",
			   left);
		return TONE_MODEL_E_INVALID;
	}
	memcpy(m->weights, r.s, TABLE_BYTES);
	table_sum(m, found);
	if (memcmp(said, found, SUM_BYTES) != 0) {
		diag_error(d, ((struct diag_pos){.file = file, .line = r.line - 1}), NULL, NULL, TEXT_MODEL_SUM);
		return TONE_MODEL_E_INVALID;
	}
	*ret = TAKE(m);
	return 0;
}

/* --- judging --- */

const struct tone_model_language *tone_model_language(const struct tone_model *m, const char *lang)
{
	size_t i, len = lang ? strcspn(lang, "-_") : 0;

	for (i = 0; i < m->n_languages; i++)
		if (strlen(m->languages[i].name) == len && !memcmp(m->languages[i].name, lang, len))
			return &m->languages[i];
	return NULL;
}

void tone_model_score(const struct tone_model *m, const uint32_t *features, size_t n, double ret[TONE_CLASSES])
{
	int32_t sum[3][TONE_CLASSES] = {0}; /* of words, of parts, of what is not hashed */
	size_t of[3] = {0}, i;
	double length;
	int k;

	for (i = 0; i < n; i++) {
		uint32_t slot = features[i] & (TONE_SLOTS - 1);
		int kind = slot < TONE_SUMS ? 2 : (features[i] & TONE_FEATURE_PART) != 0;

		of[kind]++;
		for (k = 0; k < TONE_CLASSES; k++)
			sum[kind][k] += m->weights[slot * TONE_CLASSES + (uint32_t)k];
	}
	length = sqrt((double)of[0] + TONE_PART * TONE_PART * (double)of[1]);
	for (k = 0; k < TONE_CLASSES; k++)
		ret[k] = m->scale * (sum[0][k] + TONE_PART * sum[1][k]) / (length > 0 ? length : 1) +
			 m->scale_sums * sum[2][k];
}
