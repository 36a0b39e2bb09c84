#pragma once
/*
 * enrich/lexicon: what the words of one language weigh: conf/lexicon/NAME.yaml, or a file of the user's in its place.
 *
 *   entries: 5000          # at least so many lines and signs follow, else the file was cut short; may be left out
 *   lexicon: es
 *   measured: {r: 57%, f: 3%, on: what}      # lexicon_measured()
 *   forms: true            # of Spanish words their plurals, feminines and verb forms too (match/forms)
 *   negators: |            # turn what follows round: no, nunca
 *   stronger: |            # make what follows more: muy
 *   weaker: |              # make it less: algo
 *   turns: |               # what comes behind counts more than what came before: pero
 *   terms:                 # words and phrases by weight, -4 to 4; 0 for what only looks like praise or blame
 *     '-3': |
 *       mala atención
 *   emoji: {'2': '😀 👍'}
 *   emoticons: {'2': ':) ;)'}
 *   countries:             # what weighs something else there, or is only said there
 *     mx: {terms: {'2': qué padre}}
 *
 * Owner:  lexicon_new()'s caller. Looking up neither blocks nor allocates. A word is known by 64 bits of hash: of a million
 * words of foreign text one in ten million millions would be taken for another.
 * Bounds: below; a finding past each.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

struct diag;
struct lexicon;
struct post;

enum {
	LEXICON_TERMS_MAX = 50 * 1000,   /* lines of the file */
	LEXICON_FORMS_MAX = 1000 * 1000, /* what they become */
	LEXICON_PHRASE_MAX = 8,          /* words */
	LEXICON_WEIGHT_MAX = 4,
	LEXICON_COUNTRIES_MAX = 32,
};

enum lexicon_kind { LEXICON_NONE, LEXICON_TERM, LEXICON_NEGATOR, LEXICON_STRONGER, LEXICON_WEAKER, LEXICON_TURN };

enum { LEXICON_E_INVALID = 1 };
/* text NULL: the file is read. Every mistake is told with its place. */
int lexicon_new(const char *file, const char *text, struct diag *d, struct lexicon **ret) must_use;
struct lexicon *lexicon_free(struct lexicon *x); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct lexicon, lexicon_free)

/* The lexicon as the language is spoken in a country (two letters of ISO 3166, either case; NULL: not known), whose own words
 * come before the others of as many words. x itself where the file has nothing of that country. Lives as long as x. */
const struct lexicon *lexicon_of_country(const struct lexicon *x, const char *country);

const char *lexicon_name(const struct lexicon *x);
size_t
lexicon_terms(const struct lexicon *x); /* as the file has them, those of countries among them: no forms, no helpers */

/* How it does with negatives, as the file says that escuchactl eval told: r of them it finds, f of the others it takes for one.
 * By both shares are corrected. */
struct lexicon_measured {
	bool known;
	double r, f;
};
struct lexicon_measured lexicon_measured(const struct lexicon *x);

struct lexicon_found {
	enum lexicon_kind kind;
	int weight;   /* of a TERM */
	size_t words; /* how many tokens it is */
};
/* The longest that begins at token i of the post; kind NONE: nothing does. */
struct lexicon_found lexicon_find(const struct lexicon *x, const struct post *p, size_t i);
