#pragma once
/*
 * match/fields: the facts of a mention that conditions compare (`lang in [es, pt]`, `followers >= 10000`): what each is
 * called, what kind of value it has, when it is known.
 *
 * A fact may be absent; a comparison with an absent one is false, whatever its sign, and only known() asks. Values are
 * compared in one form of theirs: languages and the like in small letters, countries in capitals, authors without @ and in
 * small letters, sites as host names without "www." (a site holds the sites below it).
 *
 * Owner:  borrows the mention; what is written lies in the arena or buffer given. Blocks: never.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct mention;

enum field_name {
	FACT_LANG,
	FACT_COUNTRY,
	FACT_PLATFORM,
	FACT_SOURCE,
	FACT_SITE,
	FACT_AUTHOR,
	FACT_FOLLOWERS,
	FACT_VERIFIED,
	FACT_LIKES,
	FACT_SHARES,
	FACT_REPLIES,
	FACT_VIEWS,
	FACT_RATING,
	FACT_SENTIMENT,
	FACT_INTENT,
	FACT_TAGS,
	FACT_KIND,
	FACT_VERSION, /* of what a review speaks of */
	FACT_REPEATS, /* whom a share or a quote repeats: in an author's form */
	FACTS,
};

enum field_type {
	FACT_WORD,   /* one text */
	FACT_NUMBER, /* a whole number, or a rating's 4.5 */
	FACT_YES_NO, /* true or false */
	FACT_CARRIED, /* the names that the rules met carry: tags, intents. The matcher's to judge: no fact of the mention */
};

/* The field of that name; FACTS: there is none. */
enum field_name field_find(const char *name, size_t len);
const char *field_text(enum field_name field);
enum field_type field_type(enum field_name field);
/* Not known before `about` is judged (DESIGN §4's order), so that no `about` may ask for it. */
bool field_late(enum field_name field);

/* What a field is worth for one mention. */
struct fact_value {
	bool known;
	double number;    /* NUMBER; YES_NO: 0 or 1 */
	const char *word; /* WORD: in the form that is compared; not ended by a NUL */
	size_t len;
};
enum { FACT_WORD_MAX = 1024 }; /* bytes of a word that is compared; what is longer is cut */
/* A WORD may lie in room. CARRIED is never known here. */
void field_value(enum field_name field, const struct mention *m, char room[FACT_WORD_MAX], struct fact_value *ret);

/* The host in an address, without port and user; NULL: no address. Not ended by a NUL. */
const char *field_host(const char *url, size_t *ret_len);

/* A value as a person wrote it, in the form that is compared (a new text in the arena); NULL: no such value can be of this
 * field (an author without a letter, a site that is no host name). WORD and CARRIED alone. */
char *field_normal(enum field_name field, const char *value, size_t len, struct arena *a);
/* A number as a person writes it: digits alone, in a rating 4.5 as well. False: it is none. */
bool field_number(enum field_name field, const char *s, double *ret);
/* Whether such a value can ever be met: false for a language or country that is none, and for what is nearly a known kind
 * or platform. *ret_guess: what was meant, perhaps; NULL. value is in the normal form. WORD alone. */
bool field_possible(enum field_name field, const char *value, struct arena *a, const char **ret_guess);
