#include "enrich/enrich_inside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/file.h"
#include "base/text.h"
#include "enrich/lexicon.h"
#include "enrich/shipped.h"
#include "mention/catalogue.h"
#include "mention/tone_model.h"

static const char MODEL_NAME[] = "tone.model";

size_t enricher_language(const struct enricher *e, const char *tag)
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
	size_t number = enricher_language(e, stem);
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
		size_t number = enricher_language(e, shipped_lexicons[i].name);

		if (number < LANGUAGES && !e->lexicons[number])
			r = lexicon_new(shipped_lexicons[i].name, shipped_lexicons[i].text, d, &e->lexicons[number]);
	}
	return r;
}

int enricher_model(struct enricher *e, const char *path, struct diag *d)
{
	struct buf b = BUF_INIT(TONE_MODEL_MAX_BYTES);
	struct tone_model *m = NULL;
	int r = file_read(path, &b, NULL);

	if (r < 0) {
		diag_error(d, ((struct diag_pos){.file = path}), NULL, NULL, text_of_errno(-r), strerrordesc_np(-r));
		r = ENRICHER_E_INVALID;
	} else if (b.full) {
		diag_error(d, ((struct diag_pos){.file = path}), NULL, NULL, TEXT_MODEL_LONG);
		r = ENRICHER_E_INVALID;
	} else {
		r = tone_model_read(path, buf_str(&b), b.len, d, &m) ? ENRICHER_E_INVALID : 0;
	}
	if (r == 0) {
		tone_model_free(e->linear);
		e->linear = m;
	}
	buf_done(&b);
	return r;
}

/* The folder's, where it has one. */
static int own_model(struct enricher *e, const char *folder, struct diag *d)
{
	cleanup(freep) char *path = xasprintf("%s/%s", folder, MODEL_NAME);

	return faccessat(AT_FDCWD, path, F_OK, 0) == 0 ? enricher_model(e, path, d) : 0;
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
	if (!r && folder)
		r = own_model(e, folder, d);
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
	tone_model_free(e->linear);
	post_done(&e->post);
	fingerprinter_done(&e->fingerprinter);
	buf_done(&e->both);
	free(e);
	return NULL;
}

void enricher_tones(const struct enricher *e, struct catalogue *c)
{
	size_t i;

	c->n_tones = 0;
	for (i = 0; i < LANGUAGES && c->n_tones < CATALOGUE_TONES_MAX; i++) {
		const struct tone_model_language *l =
			e->linear ? tone_model_language(e->linear, e->model.names[i]) : NULL;
		struct lexicon_measured m = {.known = false};

		if (l)
			m = (struct lexicon_measured){true, l->r, l->f};
		else if (e->lexicons[i])
			m = lexicon_measured(e->lexicons[i]);
		if (m.known)
			c->tones[c->n_tones++] = (struct catalogue_tone){e->model.names[i], m.r, m.f};
	}
}
