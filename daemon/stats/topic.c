#include "stats/topic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "stats/topic_inside.h"

static const char CRISIS_TAG[] = "crisis";
static const double LEAST = SURPRISE_HIGH; /* whoever asks for more has the number to compare */

enum { KEEP_MARGIN_MS = 2 * SERIES_BIN_MS };

/* What is many times the usual pace hardly enters it. */
static const double GROWTH_CLIP_TIMES = 3, GROWTH_CLIP_MORE = 20;
enum { GROWTH_WEEK = 2016 };

static void series_add(struct topic *t, enum series_kind kind, const char *name)
{
	t->series = GROW(t->series, t->n_series, &t->cap_series);
	t->series[t->n_series] = t->blank;
	t->series[t->n_series].kind = kind;
	t->series[t->n_series].name = name ? xstrdup(name) : NULL;
	t->n_series++;
}

struct topic *topic_new(const char *name, bool brand)
{
	struct topic *t = NEW(struct topic);
	int kind;

	t->name = xstrdup(name);
	t->brand = brand;
	t->tone = (struct share_tone){.r = 1};
	t->growth = (struct topic_growth){.fastest = -1, .negative = -1};
	t->keep_ms = TOPIC_LATE_KEPT_MS + TOPIC_HOUR_MS;
	t->events = events_new();
	surprise_scale(&t->scale, SERIES_BIN_MS / 1000);
	surprise_init(&t->blank.detector);
	seasonal_init(&t->blank.usual);
	share_init(&t->share);
	for (kind = SERIES_ALL; kind < FIXED; kind++)
		series_add(t, (enum series_kind)kind, NULL);
	return t;
}

struct topic *topic_free(struct topic *t)
{
	size_t i;

	if (!t)
		return NULL;
	for (i = 0; i < t->n_series; i++)
		free(t->series[i].name);
	free(t->series);
	free(t->order);
	events_free(t->events);
	free(t->clock);
	free(t->name);
	free(t);
	return NULL;
}

const char *topic_name(const struct topic *t)
{
	return t->name;
}

void topic_set_brand(struct topic *t, bool brand)
{
	t->brand = brand;
}

void topic_set_tone(struct topic *t, const struct share_tone *tone)
{
	t->tone = *tone;
}

void topic_set_keep(struct topic *t, int64_t keep_ms)
{
	int64_t least = TOPIC_LATE_KEPT_MS + TOPIC_HOUR_MS;

	t->keep_ms = keep_ms < least ? least : keep_ms;
}

/* Where a series of this kind and name stands in order, or would. */
static bool order_find(const struct topic *t, enum series_kind kind, const char *name, size_t *ret)
{
	size_t lo = 0, hi = t->n_order;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		const struct series *s = &t->series[t->order[mid]];
		int c = (s->kind > kind) - (s->kind < kind);

		c = c ? c : strcmp(s->name, name);
		if (!c) {
			*ret = mid;
			return true;
		}
		*(c < 0 ? &lo : &hi) = c < 0 ? mid + 1 : mid;
	}
	*ret = lo;
	return false;
}

int topic_series_find(struct topic *t, enum series_kind kind, const char *name, bool add)
{
	size_t at;

	if (kind < FIXED)
		return (int)kind;
	if (order_find(t, kind, name, &at))
		return t->order[at];
	if (!add || t->n_series == TOPIC_SERIES_MAX)
		return -1;
	series_add(t, kind, name);
	t->order = GROW(t->order, t->n_order, &t->cap_order);
	memmove(&t->order[at + 1], &t->order[at], (t->n_order - at) * sizeof(*t->order));
	t->n_order++;
	t->order[at] = (uint16_t)(t->n_series - 1);
	return t->order[at];
}

struct names {
	uint16_t v[EVENT_NAMES_MAX];
	size_t n;
};

static void names_add(struct topic *t, struct names *names, enum series_kind kind, const char *const *v, size_t n)
{
	size_t i;

	for (i = 0; i < n && names->n < EVENT_NAMES_MAX; i++) {
		int at = topic_series_find(t, kind, v[i], true);

		if (at >= 0)
			names->v[names->n++] = (uint16_t)at;
	}
}

static void names_of(struct topic *t, const struct said *said, struct names *ret)
{
	ret->n = 0;
	names_add(t, ret, SERIES_INTENT, said->intents, said->n_intents);
	names_add(t, ret, SERIES_TAG, said->tags, said->n_tags);
	names_add(t, ret, SERIES_RULE, said->rules, said->n_rules);
}

static void remember(struct topic *t, const struct said *said, const struct names *names, bool again)
{
	events_add(t->events, &(struct event){.at_ms = said->at_ms,
					      .author = said->author,
					      .story = said->story,
					      .reach = said->reach,
					      .tone = said->tone,
					      .again = again,
					      .names = names->v,
					      .n_names = names->n});
}

void topic_remember(struct topic *t, const struct said *said)
{
	struct names names;

	names_of(t, said, &names);
	remember(t, said, &names, false);
}

void topic_say(struct topic *t, const struct said *said)
{
	struct names names;
	size_t i;

	names_of(t, said, &names);
	remember(t, said, &names, false);
	if (said->late)
		return;
	t->series[SERIES_ALL].open++;
	if (said->tone != EVENT_NEUTRAL)
		t->series[said->tone == EVENT_NEGATIVE ? SERIES_NEGATIVE : SERIES_POSITIVE].open++;
	for (i = 0; i < names.n; i++)
		t->series[names.v[i]].open++;
}

void topic_gain(struct topic *t, const struct said *said)
{
	struct names names;
	size_t i;

	names_of(t, said, &names);
	remember(t, said, &names, true);
	for (i = 0; i < names.n; i++)
		t->series[names.v[i]].open++;
}

void topic_set_growth(struct topic *t, const struct topic_growth *growth)
{
	t->growth = *growth;
}

const struct topic_growth *topic_growth(const struct topic *t)
{
	return &t->growth;
}

void topic_count(struct topic *t, enum series_kind kind, const char *name, uint32_t n)
{
	int at = topic_series_find(t, kind, name, true);

	if (at >= 0)
		t->series[at].open += n;
}

static void series_close(struct series *s, const struct surprise_scale *scale, int hour)
{
	struct surprise_step step;

	surprise_step(&s->detector, scale, LEAST, s->open, hour, &step);
	seasonal_close(&s->usual, s->open, hour);
	if (step.alarm > 0)
		s->unusual = TOPIC_UNUSUAL_BINS + 1;
	s->unusual -= s->unusual > 0;
	s->surprise = s->unusual ? (float)fmax(s->surprise, step.surprise) : 0;
	s->open = 0;
}

static void learn_growth(struct topic *t)
{
	double most = GROWTH_CLIP_TIMES * t->growth_usual + GROWTH_CLIP_MORE, step;

	if (t->growth.fastest < 0)
		return;
	t->growth_bins += t->growth_bins < UINT32_MAX;
	step = fmax(1.0 / t->growth_bins, 1.0 / GROWTH_WEEK);
	t->growth_usual += (float)(step * (fmin(t->growth.fastest, most) - t->growth_usual));
}

static void forget(struct topic *t, int64_t end_ms)
{
	events_forget(t->events, end_ms - t->keep_ms - KEEP_MARGIN_MS);
}

void topic_close(struct topic *t, int64_t end_ms, int hour)
{
	size_t i;

	share_close(&t->share, &t->tone, t->series[SERIES_ALL].open, t->series[SERIES_NEGATIVE].open);
	for (i = 0; i < t->n_series; i++)
		series_close(&t->series[i], &t->scale, hour);
	series_close(&t->blank, &t->scale, hour);
	learn_growth(t);
	t->bins += t->bins < UINT32_MAX;
	forget(t, end_ms);
}

void topic_skip(struct topic *t, int64_t end_ms)
{
	size_t i;

	for (i = 0; i < t->n_series; i++)
		t->series[i].open = 0;
	forget(t, end_ms);
}

static void hour_facts(struct topic *t, int64_t end_ms, int hour, struct judge_facts *ret)
{
	int words = topic_series_find(t, SERIES_TAG, CRISIS_TAG, false);
	int64_t from_ms = end_ms - TOPIC_HOUR_MS;
	struct events_count negatives, positives;

	events_count(t->events, EVENTS_NEGATIVE, from_ms, end_ms, &negatives);
	events_count(t->events, EVENTS_POSITIVE, from_ms, end_ms, &positives);
	*ret = (struct judge_facts){.brand = t->brand,
				    .known = t->bins >= (uint32_t)t->scale.day,
				    .negative_authors = (double)negatives.authors,
				    .positives = (double)positives.matching,
				    .growth = -1,
				    .growth_usual = -1};
	share_test(&t->share, &t->tone, (double)negatives.mentions, (double)negatives.matching, &ret->share);
	if (ret->known)
		ret->negatives_usual = seasonal_hour(&t->series[SERIES_NEGATIVE].usual, hour);
	if (words >= 0) {
		struct events_count count;

		events_count(t->events, words, from_ms, end_ms, &count);
		ret->words = (double)count.matching;
		ret->words_authors = (double)count.authors;
		if (ret->known) {
			double all = seasonal_mean(&t->series[SERIES_ALL].usual);

			ret->words_usual = seasonal_hour(&t->series[words].usual, hour);
			ret->words_share = all > 0 ? seasonal_mean(&t->series[words].usual) / all : 0;
		}
	}
}

void topic_judge(struct topic *t, int64_t now_ms, int hour, struct judge_facts *facts, struct judge_verdict *ret)
{
	hour_facts(t, now_ms + 1, hour, facts);
	facts->volume_unusual = t->series[SERIES_ALL].surprise >= (float)SURPRISE_NORMAL;
	facts->negatives_unusual = t->series[SERIES_NEGATIVE].surprise >= (float)SURPRISE_NORMAL;
	facts->growth = t->growth.negative;
	facts->growth_usual = t->growth_bins >= TOPIC_GROWTH_BINS ? t->growth_usual : -1;
	judge(facts, ret);
}

void topic_judge_late(struct topic *t, int64_t end_ms, int hour, struct judge_facts *facts, struct judge_verdict *ret)
{
	hour_facts(t, end_ms, hour, facts);
	judge(facts, ret);
}

static int events_of(enum series_kind kind, int series)
{
	return kind == SERIES_ALL        ? EVENTS_ALL
	       : kind == SERIES_NEGATIVE ? EVENTS_NEGATIVE
	       : kind == SERIES_POSITIVE ? EVENTS_POSITIVE
					 : series;
}

/* Percents of an hour's share, of negatives as they truly are. */
static void window_percents(const struct topic *t, enum series_kind kind, double usual_all, struct topic_window *ret)
{
	const struct events_count *c = &ret->count;
	struct share_verdict share;

	ret->percent = c->mentions ? 100.0 * (double)c->matching / (double)c->mentions : -1;
	if (kind == SERIES_NEGATIVE) {
		share_test(&t->share, &t->tone, (double)c->mentions, (double)c->matching, &share);
		ret->percent = c->mentions ? 100 * share.now : -1;
		/* against what is assumed of any brand, as long as nothing is known of this one; but nobody is told that
		 * this is its usual */
		ret->percent_rise = 100 * share.rise;
		ret->percent_usual = usual_all >= 0 && share_is_known(&t->share) ? 100 * share.usual : -1;
		ret->rises = c->mentions > 0;
		return;
	}
	ret->percent_usual = usual_all > 0 && ret->usual >= 0 ? fmin(100 * ret->usual / usual_all, 100) : -1;
	ret->rises = ret->percent >= 0 && ret->percent_usual >= 0;
	ret->percent_rise = ret->rises ? ret->percent - ret->percent_usual : 0;
}

void topic_window(struct topic *t, enum series_kind kind, const char *name, int64_t now_ms, int64_t over_ms, int hour,
		  struct topic_window *ret)
{
	int at = topic_series_find(t, kind, name, false);
	const struct series *s = at >= 0 ? &t->series[at] : &t->blank;
	bool known = t->bins >= (uint32_t)t->scale.day;
	double bins = (double)over_ms / SERIES_BIN_MS, usual_all;

	*ret = (struct topic_window){
		.surprise = s->surprise, .early = t->bins < (uint32_t)t->scale.week, .whole = (double)t->bins >= bins};
	/* a name that nothing was ever counted under matches nothing */
	events_count(t->events, events_of(kind, at >= 0 ? at : UINT16_MAX), now_ms + 1 - over_ms, now_ms + 1,
		     &ret->count);
	ret->usual = known ? seasonal_usual(&s->usual, hour, bins) : -1;
	usual_all = known ? seasonal_usual(&t->series[SERIES_ALL].usual, hour, bins) : -1;
	ret->times_usual = ret->usual > 0 ? (double)ret->count.matching / ret->usual : -1;
	ret->quiet_s = ret->count.last_ms == INT64_MIN ? -1 : (double)(now_ms - ret->count.last_ms) / 1000;
	window_percents(t, kind, usual_all, ret);
}

void topic_hours(const struct topic *t, int64_t now_ms, size_t n, uint32_t *ret_all, uint32_t *ret_negative)
{
	events_steps(t->events, now_ms + 1, TOPIC_HOUR_MS, n, ret_all, ret_negative);
}

size_t topic_shared(struct topic *t, const struct topic *other, int64_t now_ms, size_t *ret_all)
{
	return events_shared(t->events, other->events, now_ms + 1 - TOPIC_HOUR_MS, now_ms + 1, ret_all);
}

void topic_rearm(struct topic *t)
{
	size_t i;

	for (i = 0; i < t->n_series; i++) {
		surprise_rearm(&t->series[i].detector);
		t->series[i].unusual = 0;
		t->series[i].surprise = 0;
	}
}
