#pragma once
/*
 * enrich/enrich_inside: what an enricher is, for its two halves: enricher.c makes it of files, enrich.c judges with it.
 */
#include "base/buf.h"
#include "enrich/enrich.h"
#include "enrich/fingerprint.h"
#include "enrich/language.h"
#include "enrich/linear.h"
#include "enrich/post.h"

struct lexicon;
struct tone_model;

struct enricher {
	struct language_model model;
	struct tone_model *linear; /* NULL: the lexicons decide alone */
	struct linear features;
	struct lexicon *lexicons[LANGUAGES]; /* of the model's languages; NULL: none */
	struct post post;
	struct fingerprinter fingerprinter;
	struct buf both; /* title and text */
};

/* The place of a language in the model; LANGUAGES: it is none of them. "es-MX" is es. */
size_t enricher_language(const struct enricher *e, const char *tag);
