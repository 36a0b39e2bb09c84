#pragma once
/*
 * enrich/enrich: what a mention's words say beyond what its rules look for: its language, its tone and its fingerprint, set
 * between the two halves of the matcher (DESIGN §4's order).
 *
 * Language: what the source says is a prior. A text that is plainly of another language gets that one; a text that could be
 * several, or has too few letters, keeps the source's, or none. Of "es-MX" the rest stays where the text is Spanish.
 *
 * Tone: title, then text, as one, by the lexicon of its language: the user's (FOLDER/es.yaml) in the place of the shipped one.
 * A language without a lexicon has a tone only where emoji or emoticons alone decide; else the fact is absent, not neutral.
 * With a model of tone (FOLDER/tone.model, or enricher_model()'s) that decides in that language, it is by that one
 * (enrich/linear), which is told: sentiment.by_model.
 *
 * Owner:  enricher_new()'s caller; one a process, since what it reads with is used again. Languages set point into it.
 * Blocks: enricher_new() reads files and takes some 30 ms; judging never does.
 * Bounds: below. Of a longer text its beginning counts.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

struct arena;
struct catalogue;
struct diag;
struct enricher;
struct features;
struct matcher;
struct mention;

enum { ENRICH_TEXT_MAX_BYTES = 32 * 1024, ENRICH_FILES_MAX = 64 };

enum { ENRICHER_E_INVALID = 1 }; /* a lexicon or a model is wrong: all that is, is told, with its place */
/* folder: of the user's own lexicons; NULL: none. */
int enricher_new(const char *folder, struct diag *d, struct enricher **ret) must_use;
/* A model of tone, in the place of the folder's. */
int enricher_model(struct enricher *e, const char *path, struct diag *d) must_use;
struct enricher *enricher_free(struct enricher *e); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct enricher, enricher_free)

/* Sets m->lang, m->sentiment and m->print. names: the matcher whose first half judged m, for the names that count for nothing (NULL:
 * none). A struct matcher_between's judge. */
void enrich_mention(void *enricher, struct matcher *names, struct mention *m, struct arena *a);

/* Sets m->lang; what the lexicon alone says of m, and what a model would be trained with (mention/features). */
void enrich_features(struct enricher *e, struct mention *m, struct arena *a, struct features *ret);

/* Sets c->tones: how well the tone of each language is told, as its lexicon says, or the model that decides in it. Names point into the enricher. */
void enricher_tones(const struct enricher *e, struct catalogue *c);
