/* mention/tone_model and enrich/linear: the file is read as it was written, what is no such file is told with its line, and a
 * model decides where it says that it does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "enrich/enrich.h"
#include "enrich/tone.h"
#include "mention/catalogue.h"
#include "mention/features.h"
#include "mention/mention.h"
#include "mention/tone_model.h"
#include "folder_box.h"

enum { ARENA_BYTES = 1 << 22 };

static const char TEXT[] = "El banco abre a las nueve y cierra a las cinco";

static struct enricher *opened(const char *folder)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	struct enricher *e = NULL;

	if (enricher_new(folder, d, &e)) {
		diag_print(d, stderr, TEXT_EN);
		fail_msg("it does not load");
	}
	return e;
}

/* All that TEXT has speaks for the label, as a trainer that saw nothing else would find. */
static struct tone_model *model_for(const char *lang, enum tone_label label, int8_t weight)
{
	cleanup(enricher_freep) struct enricher *e = opened(NULL);
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	struct tone_model *m = NEW(struct tone_model);
	struct features f;
	struct mention x;
	size_t i;

	mention_init(&x);
	x.text = TEXT;
	enrich_features(e, &x, a, &f);
	assert_string_equal(f.lang, "es");
	assert_int_equal(f.label, TONE_NEUTRAL);
	m->seed = 1;
	for (i = 0; i < f.n; i++)
		if ((f.v[i] & (TONE_SLOTS - 1)) >= TONE_SUMS)
			m->weights[(f.v[i] & (TONE_SLOTS - 1)) * TONE_CLASSES + label] = weight;
	m->posts = 700;
	m->scale = 0.5;
	m->scale_sums = 0.25;
	m->languages[0] = (struct tone_model_language){
		.posts = 700, .macro_f1 = 0.75, .lexicon_macro_f1 = 0.5, .r = 0.75, .f = 0.125};
	memcpy(m->languages[0].name, lang, strlen(lang));
	m->n_languages = 1;
	return m;
}

static void model_save(const char *path, const struct tone_model *m)
{
	struct buf b = BUF_INIT(TONE_MODEL_MAX_BYTES);
	FILE *f = fopen(path, "w");

	tone_model_write(&b, m);
	assert_non_null(f);
	assert_int_equal(fwrite(b.data, 1, b.len, f), b.len);
	assert_int_equal(fclose(f), 0);
	buf_done(&b);
}

static void a_file_is_read_as_it_was_written(void **state)
{
	cleanup(tone_model_freep) struct tone_model *m = model_for("es", TONE_NEGATIVE, 100), *got = NULL;
	cleanup(diag_freep) struct diag *d = diag_new();
	struct buf b = BUF_INIT(TONE_MODEL_MAX_BYTES);

	(void)state;
	m->data[0] = 0xab;
	tone_model_write(&b, m);
	assert_int_equal(tone_model_read("f", b.data, b.len, d, &got), 0);
	assert_memory_equal(got, m, sizeof(*m));
	assert_ptr_equal(tone_model_language(got, "es-MX"), &got->languages[0]);
	assert_null(tone_model_language(got, "e"));
	assert_null(tone_model_language(got, NULL));
	buf_done(&b);
}

/* What a file that was written well becomes, and what is said of it. */
static const struct {
	const char *was, *is, *said;
} mistakes[] = {
	{"model 1", "model 2", "f:1: error: expected \"escuchad tone model 1\""},
	{"seed 1", "seed x", "f:2: error: expected \"seed NUMBER\""},
	{"data 0", "data g", "expected \"data SHA-256\""},
	{"posts 700", "posts -7", "expected \"posts NUMBER\""},
	{"lang es ", "lang spa", "f:5: error: expected \"lang NAME"},
	{"0.7500", "7.7500", "f:5: error: expected \"lang NAME"},
	{"scale 0.5", "scale xx5", "f:6: error: expected \"scale"},
	{"scale 0.5", "scale nan", "f:6: error: expected \"scale"},
	{"sum ", "som ", "expected \"sum SHA-256\""},
	{"sum ", "sum", "expected \"sum SHA-256\""},
};

static char *said_of(const char *bytes, size_t len)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	struct buf b = BUF_INIT(4096);
	struct tone_model *m = NULL;

	assert_int_equal(tone_model_read("f", bytes, len, d, &m), TONE_MODEL_E_INVALID);
	assert_null(m);
	assert_int_equal(diag_len(d), 1);
	diag_render(&b, diag_at(d, 0), TEXT_EN);
	return buf_steal(&b);
}

static void what_is_no_model_is_told_with_its_line(void **state)
{
	cleanup(tone_model_freep) struct tone_model *m = model_for("es", TONE_NEGATIVE, 100);
	struct buf b = BUF_INIT(TONE_MODEL_MAX_BYTES);
	size_t i, len;

	(void)state;
	tone_model_write(&b, m);
	for (i = 0; i < ARRAY_LEN(mistakes); i++) {
		cleanup(freep) char *bytes = xmalloc(b.len + 1), *said = NULL;
		char *at;

		memcpy(bytes, b.data, b.len);
		bytes[b.len] = '\0';
		at = strstr(bytes, mistakes[i].was);
		assert_non_null(at);
		memcpy(at, mistakes[i].is, strlen(mistakes[i].is));
		if (strlen(mistakes[i].is) < strlen(mistakes[i].was))
			at[strlen(mistakes[i].is)] = 'z';
		said = said_of(bytes, b.len);
		if (!strstr(said, mistakes[i].said))
			fail_msg("%zu: %s", i, said);
	}
	for (len = 0; len < b.len; len += len < 512 ? 1 : 65536) { /* cut anywhere */
		cleanup(freep) char *said = said_of(b.data, len);

		assert_true(len < 512 || strstr(said, "was not copied whole"));
	}
	((char *)b.data)[b.len - 1] ^= 1;
	cleanup(freep) char *said = said_of(b.data, b.len);

	assert_non_null(strstr(said, "f:7: error: its weights are not those"));
	buf_done(&b);
}

static void eleven_languages_are_too_many(void **state)
{
	cleanup(tone_model_freep) struct tone_model *m = model_for("es", TONE_NEGATIVE, 100);
	struct buf b = BUF_INIT(2 * TONE_MODEL_MAX_BYTES), more = BUF_INIT(2 * TONE_MODEL_MAX_BYTES);
	cleanup(freep) char *said = NULL;
	const char *scale;

	(void)state;
	for (; m->n_languages < TONE_LANGUAGES_MAX; m->n_languages++)
		m->languages[m->n_languages] = m->languages[0];
	tone_model_write(&b, m);
	scale = strstr(buf_str(&b), "scale ");
	buf_put(&more, b.data, (size_t)(scale - buf_str(&b)));
	buf_puts(&more, "lang xx 1 0 0 0 0\n");
	buf_puts(&more, scale);
	said = said_of(more.data, more.len);
	assert_non_null(strstr(said, "f:15: error: expected \"lang NAME"));
	buf_done(&b);
	buf_done(&more);
}

static void judged(struct enricher *e, struct arena *a, const char *text, struct mention *ret)
{
	mention_init(ret);
	ret->text = text;
	enrich_mention(e, NULL, ret, a);
}

static void the_folder_s_model_decides_in_its_languages(void **state)
{
	cleanup(tone_model_freep) struct tone_model *m = model_for("es", TONE_NEGATIVE, 100);
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	cleanup(enricher_freep) struct enricher *e = NULL, *without = opened(NULL);
	struct catalogue c = {.n_tones = 0};
	struct mention x;
	size_t i;

	(void)state;
	assert_int_equal(mkdir("own", 0755), 0);
	model_save("own/tone.model", m);
	e = opened("own");
	judged(without, a, TEXT, &x);
	assert_string_equal(x.sentiment.label, "neutral");
	assert_false(x.sentiment.by_model);
	judged(e, a, TEXT, &x);
	assert_string_equal(x.sentiment.label, "negative");
	assert_true(x.sentiment.by_model && x.sentiment.score < 0 && x.sentiment.n_words == MENTION_TONE_WORDS_MAX);
	judged(e, a, "The office opens at nine in the morning and it is wonderful", &x);
	assert_string_equal(x.sentiment.label, "positive");
	assert_false(x.sentiment.by_model);
	judged(e, a, "", &x);
	assert_null(x.sentiment.label);
	enricher_tones(e, &c); /* shares are corrected by what the model says of itself */
	assert_int_equal(c.n_tones, 3);
	for (i = 0; i < c.n_tones; i++)
		assert_int_equal(c.tones[i].r == 0.75 && c.tones[i].f == 0.125, !strcmp(c.tones[i].lang, "es"));
}

static void a_wrong_model_is_told_and_the_old_one_stays(void **state)
{
	cleanup(tone_model_freep) struct tone_model *m = model_for("es", TONE_POSITIVE, 100);
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	cleanup(diag_freep) struct diag *d = diag_new();
	cleanup(enricher_freep) struct enricher *e = opened(NULL);
	cleanup(freep) char *long_text = xcalloc(1, TONE_MODEL_MAX_BYTES + 2);
	struct enricher *none = NULL;
	struct mention x;

	(void)state;
	model_save("good", m);
	file_write("bad", "escuchad tone model 1\nseed 1\n");
	memset(long_text, 'x', TONE_MODEL_MAX_BYTES + 1);
	file_write("long", long_text);
	assert_int_equal(enricher_model(e, "good", d), 0);
	assert_int_equal(enricher_model(e, "bad", d), ENRICHER_E_INVALID);
	assert_int_equal(enricher_model(e, "nowhere", d), ENRICHER_E_INVALID);
	assert_int_equal(enricher_model(e, "long", d), ENRICHER_E_INVALID);
	assert_int_equal(diag_len(d), 3);
	judged(e, a, TEXT, &x);
	assert_string_equal(x.sentiment.label, "positive");
	assert_int_equal(mkdir("own", 0755), 0);
	file_write("own/tone.model", "");
	assert_int_equal(enricher_new("own", d, &none), ENRICHER_E_INVALID);
	assert_null(none);
}

/* Of a text of 32 KiB that is one endless word, and of one with more groups of letters than are taken. */
static void features_are_bounded_and_each_is_there_once(void **state)
{
	cleanup(enricher_freep) struct enricher *e = opened(NULL);
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	cleanup(freep) uint8_t *seen = xcalloc(TONE_SLOTS, 1);
	cleanup(freep) char *text = xmalloc(ENRICH_TEXT_MAX_BYTES + 1);
	struct features f, again;
	uint32_t random = 1;
	struct mention m;
	size_t i;

	(void)state;
	for (i = 0; i < ENRICH_TEXT_MAX_BYTES; i++) {
		random = random * 1664525 + 1013904223;
		text[i] = i % 9 == 8 ? ' ' : (char)('a' + (random >> 20) % 26);
	}
	text[ENRICH_TEXT_MAX_BYTES] = '\0';
	mention_init(&m);
	m.text = text;
	enrich_features(e, &m, a, &f);
	assert_int_equal(f.n, TONE_FEATURES_MAX);
	for (i = 0; i < f.n; i++)
		assert_int_equal(seen[f.v[i] & (TONE_SLOTS - 1)]++, 0);
	m.text = TEXT;
	enrich_features(e, &m, a, &f);
	enrich_features(e, &m, a, &again);
	assert_true(f.n == again.n && f.n > 50 && !memcmp(f.v, again.v, f.n * sizeof(*f.v)));
}

static void features_cross_the_border_and_only_whole(void **state)
{
	static const uint32_t v[] = {3, TONE_SLOTS - 1, 7 | TONE_FEATURE_PART}, wrong = TONE_SLOTS;
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	struct features out[] = {{.lang = "es", .label = 1, .v = v, .n = 3}, {.label = FEATURES_NO_LABEL}}, *got;
	struct buf b = BUF_INIT(4096);
	size_t n, len;

	(void)state;
	features_put(&b, out, 2);
	assert_int_equal(features_get(b.data, b.len, a, &got, &n), 0);
	assert_int_equal(n, 2);
	assert_string_equal(got[0].lang, "es");
	assert_memory_equal(got[0].v, v, sizeof(v));
	assert_true(!got[1].lang && got[1].label == FEATURES_NO_LABEL && got[1].n == 0);
	for (len = 0; len < b.len; len++)
		assert_int_equal(features_get(b.data, len, a, &got, &n), FEATURES_E_FORMAT);
	buf_reset(&b);
	out[1] = (struct features){.label = 0, .v = &wrong, .n = 1};
	features_put(&b, out, 2);
	assert_int_equal(features_get(b.data, b.len, a, &got, &n), FEATURES_E_FORMAT);
	buf_reset(&b);
	out[1] = (struct features){.label = FEATURES_NO_LABEL + 1};
	features_put(&b, out, 2);
	assert_int_equal(features_get(b.data, b.len, a, &got, &n), FEATURES_E_FORMAT);
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_read_as_it_was_written),
		cmocka_unit_test(what_is_no_model_is_told_with_its_line),
		cmocka_unit_test(eleven_languages_are_too_many),
		cmocka_unit_test_setup_teardown(the_folder_s_model_decides_in_its_languages, folder_make, folder_drop),
		cmocka_unit_test_setup_teardown(a_wrong_model_is_told_and_the_old_one_stays, folder_make, folder_drop),
		cmocka_unit_test(features_are_bounded_and_each_is_there_once),
		cmocka_unit_test(features_cross_the_border_and_only_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
