#pragma once
/*
 * alert/filter: the condition of a delivery (DESIGN §4): which hits it is about.
 *
 *   intent in [complaint, support] and not (followers < 100)
 *   role == brand or topic == 'acme-mx'
 *
 * It is the language of the rules' conditions, as far as it speaks of facts: those of the mention, what its rules told (rule,
 * tags, intent), and topic and role. Patterns are the rules' own. How parts are joined is alert/condition's; a
 * comparison with an absent fact is false; known(followers) asks. Words are compared without their case; an author without @; a
 * site has the sites below it.
 *
 * Owner:  the arena given, which keeps a copy of the text. Blocks: never. What is judged allocates nothing.
 * Bounds: those of alert/condition; FILTER_VALUES_MAX values of one list, each of FILTER_VALUE_MAX_BYTES.
 */
#include <stdbool.h>
#include <stddef.h>

#include "alert/condition.h"
#include "base/err.h"

struct arena;
struct filter;
struct hit;
struct mention;

enum {
	FILTER_VALUES_MAX = 100,
	FILTER_VALUE_MAX_BYTES = 200,
};

enum filter_fact {
	FILTER_TOPIC,
	FILTER_ROLE,
	FILTER_RULE,
	FILTER_TAGS,
	FILTER_INTENT,
	FILTER_LANG,
	FILTER_COUNTRY,
	FILTER_PLATFORM,
	FILTER_SOURCE,
	FILTER_SITE,
	FILTER_AUTHOR,
	FILTER_SENTIMENT,
	FILTER_KIND,
	FILTER_WORDS, /* the facts before it are words, those behind it numbers */
	FILTER_FOLLOWERS = FILTER_WORDS,
	FILTER_LIKES,
	FILTER_SHARES,
	FILTER_REPLIES,
	FILTER_VIEWS,
	FILTER_RATING,
	FILTER_VERIFIED, /* true or false */
	FILTER_FACTS,
};
extern const char *const filter_names[]; /* by enum filter_fact */

/* CONDITION_E_INVALID: *ret_fault says why. */
int filter_parse(const char *text, struct arena *a, struct condition_fault *ret_fault, struct filter **ret) must_use;

bool filter_holds(const struct filter *f, const struct mention *m, const struct hit *h);
const char *filter_text(const struct filter *f); /* as it was written */

/* Each value that a word is compared with, in small letters. */
void filter_each(const struct filter *f, void (*on_value)(void *arg, enum filter_fact fact, const char *value),
		 void *arg);
