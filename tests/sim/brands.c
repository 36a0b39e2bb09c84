/*
 * Simulated brands of 15, 100 and 1,000 mentions a day, in Spanish, judged by the code that judges real ones (stats/topic), with
 * the tone engine's own mistakes: what is found, how soon, and what is told that was nothing.
 *
 *   brands [BRANDS [FIRST]]      (30, 10001: seeds; those from 1 to 1000 are for tuning, and judge nothing)
 *
 * A brand's rate follows the day's hours, wanders (a log-normal process that forgets within hours), and so does its share of
 * negatives; it has bursts of its own that are no crisis. After four weeks each brand lives one story in a waking hour:
 *   crisis   twenty times the usual, 85 % negatives, a fifth of them with a crisis word, for six hours
 *   second   the same again, ten hours later, when the first has been closed
 *   rumour   eight posts an hour of fraud or phishing by as many people, half of which the tone engine takes for neutral
 *   good     twenty times the usual, at a share of negatives like the usual one's half
 * Fails where more is called wrongly than 0.2 warnings and 0.02 criticals a brand and week, or good news in more than one of
 * twenty, and where less is found than the floors below, which are what was found when they were written, less chance. Of fewer
 * than JUDGED_LEAST brands nothing is judged.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/mem.h"
#include "enrich/lexicon.h"
#include "enrich/shipped.h"
#include "stats/topic.h"

enum { BIN_MS = SERIES_BIN_MS };
enum {
	QUIET_DAYS = 28,
	STORY_HOURS = 6,
	WATCHED_HOURS = 8,
	BRANDS_MAX = 1000,
	JUDGED_LEAST = 10,
	JUDGES_FIRST = 10001
};

static struct share_tone spanish;                               /* as the shipped lexicon's card says */
static const double WARNINGS_MOST = 0.2, CRITICALS_MOST = 0.02; /* a week */
static const double POSITIVE_FOUND = 0.73, POSITIVE_FALSE = 0.05, WORD_FOUND = 0.8, WORD_FALSE = 0.002;

/* xorshift64*: Vigna (2014) */
struct dice {
	uint64_t state;
};

static double uniform(struct dice *d)
{
	d->state ^= d->state >> 12;
	d->state ^= d->state << 25;
	d->state ^= d->state >> 27;
	return (double)((d->state * UINT64_C(2685821657736338717)) >> 11) / 9007199254740992.0;
}

static double normal(struct dice *d)
{
	return sqrt(-2 * log(1 - uniform(d))) * cos(2 * M_PI * uniform(d));
}

static int poisson(struct dice *d, double mean)
{
	double limit = exp(-mean), product = uniform(d);
	int n;

	if (mean > 30)
		return (int)fmax(0, round(mean + sqrt(mean) * normal(d)));
	for (n = 0; product > limit; n++)
		product *= uniform(d);
	return n;
}

enum story { STORY_NONE, STORY_CRISIS, STORY_RUMOUR, STORY_GOOD, STORIES };

struct brand {
	struct dice dice;
	struct topic *topic;
	double a_day;
	double rate, tone; /* how far both have wandered, in logs */
	double burst;      /* times the usual, of a burst of its own */
	int64_t now_ms;
	uint64_t people;
};

static int hour_of(int64_t ms)
{
	return (int)(ms / HOUR_MS % 24);
}

/* Mean of a day is 1. */
static double of_hour(int hour)
{
	static const double by_hour[24] = {.5,  .3,  .2,  .15, .15, .25, .5,  .9,  1.3, 1.5, 1.5, 1.5,
					   1.5, 1.4, 1.4, 1.3, 1.3, 1.3, 1.4, 1.5, 1.4, 1.2, .9,  .65};

	return by_hour[hour] * 24 / 24.6;
}

static void wander(struct brand *b)
{
	double stay = exp(-1.0 / 36); /* three hours */

	b->rate = stay * b->rate + sqrt(1 - stay * stay) * 0.5 * normal(&b->dice);
	b->tone = stay * b->tone + sqrt(1 - stay * stay) * 0.35 * normal(&b->dice);
	b->burst = b->burst > 1.1                        ? 1 + (b->burst - 1) * 0.93
		   : uniform(&b->dice) < 1.0 / (288 * 4) ? 2 + 4 * uniform(&b->dice)
							 : 1;
}

struct kind {
	double negative, positive, word; /* how many truly are */
};

static void speak(struct brand *b, const struct kind *kind, double find)
{
	static const char *const words[] = {"crisis"};
	double is = uniform(&b->dice), seen = uniform(&b->dice);
	bool negative = is < kind->negative, positive = !negative && is < kind->negative + kind->positive;
	bool word = uniform(&b->dice) < kind->word * WORD_FOUND + (1 - kind->word) * WORD_FALSE;
	struct said said = {.at_ms = b->now_ms + (int64_t)(uniform(&b->dice) * BIN_MS),
			    .author = ++b->people,
			    .story = b->people,
			    .tags = words,
			    .n_tags = word};

	if (seen < (negative ? find : spanish.f))
		said.tone = EVENT_NEGATIVE;
	else if (seen > 1 - (positive ? POSITIVE_FOUND : POSITIVE_FALSE))
		said.tone = EVENT_POSITIVE;
	topic_say(b->topic, &said);
}

static void speak_many(struct brand *b, double mean, const struct kind *kind, double find)
{
	int n = poisson(&b->dice, mean);

	for (; n > 0; n--)
		speak(b, kind, find);
}

/* Five minutes of a brand, and what they are judged. */
static enum judge_severity live(struct brand *b, enum story story, struct judge_verdict *v)
{
	double share = 1 / (1 + exp(1.5 - b->tone)), usual = b->a_day / 288; /* 18 % */
	struct kind ordinary = {.negative = share, .positive = 0.3 * (1 - share)};
	static const struct kind crisis = {.negative = 0.85, .positive = 0.03, .word = 0.2},
				 rumour = {.negative = 1, .word = 1}, good = {.negative = 0.09, .positive = 0.6};
	struct judge_facts facts;

	wander(b);
	speak_many(b, usual * of_hour(hour_of(b->now_ms)) * exp(b->rate - 0.125) * b->burst, &ordinary, spanish.r);
	if (story == STORY_CRISIS)
		speak_many(b, usual * 20, &crisis, spanish.r);
	else if (story == STORY_RUMOUR)
		speak_many(b, 8.0 / 12, &rumour, 0.5);
	else if (story == STORY_GOOD)
		speak_many(b, usual * 20, &good, spanish.r);
	b->now_ms += BIN_MS;
	topic_judge(b->topic, b->now_ms - 1, hour_of(b->now_ms - 1), &facts, v);
	topic_close(b->topic, b->now_ms, hour_of(b->now_ms - 1));
	return v->severity;
}

struct tally {
	int tried, warned, critical, second; /* within an hour */
	int warning_minutes[BRANDS_MAX], critical_minutes[BRANDS_MAX];
	double weeks, false_warnings, false_criticals;
	int bad; /* good news that were called more than info */
	int reasons[JUDGE_REASONS];
};

/* What is told: a rise of severity, once until two hours are quiet. A warning that nobody takes for half an hour is critical. */
struct telling {
	enum judge_severity told;
	int64_t quiet_since_ms, warned_ms;
};

static enum judge_severity tell(struct telling *t, enum judge_severity severity, int64_t now_ms)
{
	enum judge_severity rise = JUDGE_NONE;

	if (severity >= JUDGE_WARNING) {
		t->quiet_since_ms = now_ms;
		if (severity > t->told) {
			rise = t->told = severity;
			if (severity == JUDGE_WARNING)
				t->warned_ms = now_ms;
		}
	} else if (now_ms - t->quiet_since_ms > 2 * HOUR_MS) {
		t->told = JUDGE_NONE;
	}
	return rise;
}

static void usual_weeks(struct brand *b, struct tally *tally)
{
	struct telling telling = {0};
	struct judge_verdict v;
	int64_t end_ms = b->now_ms + QUIET_DAYS * (int64_t)DAY_MS, judged_ms = b->now_ms + 2 * (int64_t)DAY_MS;
	int i;

	while (b->now_ms < end_ms) {
		enum judge_severity rise = tell(&telling, live(b, STORY_NONE, &v), b->now_ms);

		if (b->now_ms < judged_ms)
			continue;
		tally->false_warnings += rise == JUDGE_WARNING;
		tally->false_criticals += rise == JUDGE_CRITICAL;
		for (i = 0; rise && i < JUDGE_REASONS; i++)
			tally->reasons[i] += v.by[i] == rise;
	}
	tally->weeks += (QUIET_DAYS - 2) / 7.0;
}

/* From the story's beginning to the first word of this severity or above, in minutes; -1: none. A warning that nobody took for
 * half an hour counts as critical. */
static void live_story(struct brand *b, enum story story, int minutes[4])
{
	struct telling telling = {0};
	struct judge_verdict v;
	int64_t from_ms = b->now_ms;
	int s;

	minutes[1] = minutes[2] = minutes[3] = -1;
	while (b->now_ms < from_ms + WATCHED_HOURS * (int64_t)HOUR_MS) {
		bool lasts = b->now_ms < from_ms + STORY_HOURS * (int64_t)HOUR_MS;
		enum judge_severity severity = live(b, lasts ? story : STORY_NONE, &v);
		int minute = (int)((b->now_ms - from_ms) / MINUTE_MS);

		tell(&telling, severity, b->now_ms);
		for (s = JUDGE_INFO; s <= (int)severity; s++)
			if (minutes[s] < 0)
				minutes[s] = minute;
		if (telling.told == JUDGE_WARNING && b->now_ms - telling.warned_ms >= 30 * MINUTE_MS && minutes[3] < 0)
			minutes[3] = minute;
	}
}

static void count_story(struct tally *t, enum story story, const int minutes[4])
{
	t->warning_minutes[t->tried] = minutes[2];
	t->critical_minutes[t->tried] = minutes[3];
	t->tried++;
	t->warned += minutes[2] >= 0 && minutes[2] <= 60;
	t->critical += minutes[3] >= 0 && minutes[3] <= 60;
	t->bad += story == STORY_GOOD && minutes[JUDGE_WARNING] >= 0;
}

static void brand_lives(uint64_t seed, double a_day, struct tally tally[STORIES])
{
	enum story story;

	for (story = STORY_CRISIS; story < STORIES; story++) {
		struct brand b = {.dice = {.state = seed * UINT64_C(0x9e3779b97f4a7c15) + story},
				  .a_day = a_day,
				  .now_ms = 20000 * (int64_t)DAY_MS};
		int minutes[4], begins;

		b.burst = 1;
		b.topic = topic_new("acme", true);
		topic_set_tone(b.topic, &spanish);
		usual_weeks(&b, &tally[STORY_NONE]);
		begins = 9 + (int)(uniform(&b.dice) * 9);
		while (hour_of(b.now_ms) != begins) {
			struct judge_verdict v;

			live(&b, STORY_NONE, &v);
		}
		live_story(&b, story, minutes);
		count_story(&tally[story], story, minutes);
		if (story == STORY_CRISIS) { /* it is closed, and a second one comes on the same day */
			topic_rearm(b.topic);
			live_story(&b, story, minutes);
			tally[story].second += minutes[3] >= 0 && minutes[3] <= 60;
		}
		topic_free(b.topic);
	}
}

static int by_minutes(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	x = x < 0 ? 100000 : x;
	y = y < 0 ? 100000 : y;
	return (x > y) - (x < y);
}

static int median(int *v, int n)
{
	qsort(v, (size_t)n, sizeof(*v), by_minutes);
	return v[n / 2];
}

static bool at_least(int n, int of, double share)
{
	return n >= share * of;
}

static bool at_most(int n, int of, double share)
{
	return n <= share * of;
}

static bool print_size(double a_day, struct tally tally[STORIES])
{
	struct tally *usual = &tally[STORY_NONE], *crisis = &tally[STORY_CRISIS], *rumour = &tally[STORY_RUMOUR];
	struct tally *good = &tally[STORY_GOOD];
	double warnings = usual->false_warnings / usual->weeks, criticals = usual->false_criticals / usual->weeks;
	int i;

	printf("%.0f mentions a day\n", a_day);
	printf("  crisis     critical within 60 min: %d of %d, median %d min; the day's second: %d of %d\n",
	       crisis->critical, crisis->tried, median(crisis->critical_minutes, crisis->tried), crisis->second,
	       crisis->tried);
	printf("  rumour     a warning within 60 min: %d of %d, median %d min\n", rumour->warned, rumour->tried,
	       median(rumour->warning_minutes, rumour->tried));
	printf("  good news  called more than info: %d of %d\n", good->bad, good->tried);
	printf("  usual      %.3f warnings, %.3f criticals a week, of %.0f weeks:", warnings, criticals, usual->weeks);
	for (i = 0; i < JUDGE_REASONS; i++)
		if (usual->reasons[i])
			printf(" %s %d", judge_reason_names[i], usual->reasons[i]);
	printf("\n");
	return warnings <= WARNINGS_MOST && criticals <= CRITICALS_MOST && at_most(good->bad, good->tried, 0.05) &&
	       at_least(rumour->warned, rumour->tried, 0.75) &&
	       at_least(crisis->critical, crisis->tried, a_day < 50 ? 0.6 : 0.9) &&
	       at_least(crisis->second, crisis->tried, a_day < 50 ? 0.6 : 0.9);
}

/* What `escuchactl eval` said of the shipped Spanish lexicon on posts that nobody tuned it with. */
static bool card_read(struct share_tone *ret)
{
	struct lexicon_measured card = {.known = false};
	cleanup(diag_freep) struct diag *d = diag_new();
	struct lexicon *x = NULL;
	size_t i;

	for (i = 0; i < shipped_lexicons_n && strcmp(shipped_lexicons[i].name, "es") != 0; i++)
		;
	if (i < shipped_lexicons_n && lexicon_new("es", shipped_lexicons[i].text, d, &x) == 0)
		card = lexicon_measured(x);
	lexicon_free(x);
	*ret = (struct share_tone){.r = card.r, .f = card.f};
	return card.known;
}

int main(int argc, char **argv)
{
	static const double sizes[] = {15, 100, 1000};
	long brands = argc > 1 ? strtol(argv[1], NULL, 10) : 30,
	     first = argc > 2 ? strtol(argv[2], NULL, 10) : JUDGES_FIRST, i;
	bool good = true;
	size_t s;

	if (brands < 1 || brands > BRANDS_MAX) {
		fprintf(stderr, "brands: 1 to %d of them\n", BRANDS_MAX);
		return 2;
	}
	if (!card_read(&spanish)) {
		fprintf(stderr, "brands: the Spanish lexicon has no card\n");
		return 2;
	}
	for (s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
		static struct tally tally[STORIES];

		memset(tally, 0, sizeof(tally));
		for (i = 0; i < brands; i++)
			brand_lives((uint64_t)(first + i), sizes[s], tally);
		good &= print_size(sizes[s], tally);
	}
	return good || brands < JUDGED_LEAST ? 0 : 1;
}
