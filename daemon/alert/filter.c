#include "alert/filter.h"

#include <math.h>
#include <string.h>

#include "alert/filter_inside.h"
#include "base/utf8.h"
#include "mention/mention.h"

const char *const filter_names[] = {
	[FILTER_TOPIC] = "topic",     [FILTER_ROLE] = "role",           [FILTER_RULE] = "rule",
	[FILTER_TAGS] = "tags",       [FILTER_INTENT] = "intent",       [FILTER_LANG] = "lang",
	[FILTER_COUNTRY] = "country", [FILTER_PLATFORM] = "platform",   [FILTER_SOURCE] = "source",
	[FILTER_SITE] = "site",       [FILTER_AUTHOR] = "author",       [FILTER_SENTIMENT] = "sentiment",
	[FILTER_KIND] = "kind",       [FILTER_FOLLOWERS] = "followers", [FILTER_LIKES] = "likes",
	[FILTER_SHARES] = "shares",   [FILTER_REPLIES] = "replies",     [FILTER_VIEWS] = "views",
	[FILTER_RATING] = "rating",   [FILTER_VERIFIED] = "verified",
};

/* --- the form that is compared --- */

/* Small letters of ASCII and of what Spanish and Portuguese write with accents; into to, as many as fit. */
static size_t small_letters(const char *s, size_t len, char to[FILTER_VALUE_MAX_BYTES])
{
	const char *end = s + len;
	size_t n = 0;

	while (s < end && n + 4 <= FILTER_VALUE_MAX_BYTES) {
		uint32_t cp = utf8_next(&s, end);

		if ((cp >= 'A' && cp <= 'Z') || (cp >= 0xC0 && cp <= 0xDE && cp != 0xD7))
			cp += 0x20;
		n += utf8_encode(cp, to + n);
	}
	return n;
}

/* The host of an address, or of itself, without "www.". */
static const char *host_of(const char *s, size_t *len)
{
	const char *end = s + *len, *scheme = memmem(s, *len, "://", 3), *at;

	if (scheme)
		s = scheme + 3;
	*len = (size_t)(end - s);
	for (at = s; at < end && !strchr("/?#", *at); at++)
		;
	*len = (size_t)(at - s);
	at = memchr(s, '@', *len);
	if (at) {
		*len -= (size_t)(at + 1 - s);
		s = at + 1;
	}
	at = memchr(s, ':', *len);
	*len = at ? (size_t)(at - s) : *len;
	if (*len > 4 && strncasecmp(s, "www.", 4) == 0) {
		*len -= 4;
		s += 4;
	}
	return s;
}

size_t filter_normal(enum filter_fact fact, const char *s, size_t len, char to[FILTER_VALUE_MAX_BYTES])
{
	const char *dash;

	if (fact == FILTER_SITE)
		s = host_of(s, &len);
	if (fact == FILTER_AUTHOR && len && *s == '@') {
		s++;
		len--;
	}
	dash = fact == FILTER_LANG ? memchr(s, '-', len) : NULL; /* es-MX is es */
	return small_letters(s, dash ? (size_t)(dash - s) : len, to);
}

/* --- judging --- */

/* What several names are told of: rules, tags, intents. NULL: the fact is one word, or a number. */
static const char *const *carried(enum filter_fact fact, const struct hit *h, size_t *ret_n)
{
	switch (fact) {
	case FILTER_RULE:
		*ret_n = h->n_rules;
		return h->rules;
	case FILTER_TAGS:
		*ret_n = h->n_tags;
		return h->tags;
	case FILTER_INTENT:
		*ret_n = h->n_intents;
		return h->intents;
	default:
		*ret_n = 0;
		return NULL;
	}
}

static const char *word_of(enum filter_fact fact, const struct mention *m, const struct hit *h)
{
	switch (fact) {
	case FILTER_TOPIC:
		return h->topic;
	case FILTER_ROLE:
		return h->role;
	case FILTER_LANG:
		return m->lang;
	case FILTER_COUNTRY:
		return m->country;
	case FILTER_PLATFORM:
		return m->platform;
	case FILTER_SOURCE:
		return m->source;
	case FILTER_SITE:
		return m->url;
	case FILTER_AUTHOR:
		return m->author.handle ? m->author.handle : m->author.name;
	case FILTER_SENTIMENT:
		return m->sentiment.label;
	case FILTER_KIND:
		return m->kind;
	default:
		return NULL;
	}
}

/* NaN: not known. */
static double number_of(enum filter_fact fact, const struct mention *m)
{
	const int64_t counts[] = {m->author.followers, m->counts.likes, m->counts.shares, m->counts.replies,
				  m->counts.views};

	if (fact == FILTER_RATING)
		return m->rating;
	if (fact == FILTER_VERIFIED)
		return m->author.verified == VERIFIED_UNKNOWN ? NAN : m->author.verified == VERIFIED_YES;
	return counts[fact - FILTER_FOLLOWERS] < 0 ? NAN : (double)counts[fact - FILTER_FOLLOWERS];
}

static bool is_known(enum filter_fact fact, const struct mention *m, const struct hit *h)
{
	const char *word;
	size_t n;

	if (fact >= FILTER_WORDS)
		return !isnan(number_of(fact, m));
	(void)carried(fact, h, &n);
	word = word_of(fact, m, h);
	return n || (word && *word);
}

/* word is in the form that is compared; a site has those below it. */
static bool is_value(const struct test *test, const char *word, size_t len)
{
	size_t i, n;

	for (i = 0; i < test->n_values; i++) {
		n = strlen(test->values[i]);
		if (len == n && memcmp(word, test->values[i], n) == 0)
			return true;
		if (test->fact == FILTER_SITE && len > n && word[len - n - 1] == '.' &&
		    memcmp(word + len - n, test->values[i], n) == 0)
			return true;
	}
	return false;
}

static bool has_value(const struct test *test, const struct mention *m, const struct hit *h)
{
	size_t n, i;
	const char *const *names = carried(test->fact, h, &n);
	const char *word = word_of(test->fact, m, h);
	char room[FILTER_VALUE_MAX_BYTES];

	for (i = 0; i < n; i++)
		if (is_value(test, names[i], strlen(names[i])))
			return true;
	return word && is_value(test, room, filter_normal(test->fact, word, strlen(word), room));
}

struct judged {
	const struct filter *f;
	const struct mention *m;
	const struct hit *h;
};

static bool test_holds(uint16_t number, const void *arg)
{
	const struct judged *j = arg;
	const struct test *test = &j->f->tests[number];

	if (!is_known(test->fact, j->m, j->h))
		return false;
	if (test->asks)
		return true;
	return test->fact < FILTER_WORDS ? has_value(test, j->m, j->h) == (test->sign == SIGN_EQ)
					 : sign_holds(number_of(test->fact, j->m), test->sign, test->number);
}

bool filter_holds(const struct filter *f, const struct mention *m, const struct hit *h)
{
	return condition_holds(&f->condition, f->condition.root, test_holds, &(struct judged){f, m, h});
}

const char *filter_text(const struct filter *f)
{
	return f->condition.text;
}

void filter_each(const struct filter *f, void (*on_value)(void *arg, enum filter_fact fact, const char *value),
		 void *arg)
{
	size_t i, k;

	for (i = 1; i < f->condition.n; i++)
		for (k = 0; k < f->tests[i].n_values; k++)
			on_value(arg, f->tests[i].fact, f->tests[i].values[k]);
}
