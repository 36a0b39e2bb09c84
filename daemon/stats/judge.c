#include "stats/judge.h"

#include <math.h>
#include <stddef.h>

const char *const judge_severity_names[] = {"none", "info", "warning", "critical", NULL};
const char *const judge_reason_names[] = {"volume",        "turned", "negatives", "half",   "words",
					  "words_by_many", "few",    "few_far",   "growth", NULL};

/* Tried on simulated brands of 15 to 1,000 mentions a day (tests/brands). */
static const double HALF = 0.5, CRITICAL_SIGMA = 5, RARE = 8e-4, /* an hour in some weeks */ WORDS_RARE = 1e-3,
		    VERY_RARE = 3e-5, USUAL_LEAST = 0.05 /* an hour: nobody knows a topic better than that */,
		    POSITIVES_WEIGH = 2, NEGATIVES_AHEAD = 2, GROWTH_TIMES = 5, GROWTH_LEAST = 100;

double judge_tail(double count, double usual)
{
	double p = JUDGE_SPREAD / (JUDGE_SPREAD + usual), term = pow(p, JUDGE_SPREAD), below = 0;
	int i;

	for (i = 0; i < count; i++) {
		below += term;
		term *= (1 - p) * (i + JUDGE_SPREAD) / (i + 1);
	}
	return fmax(1 - below, 1e-15);
}

static double rarity(double count, double usual)
{
	return judge_tail(count, fmax(usual, USUAL_LEAST));
}

static void call(struct judge_verdict *v, enum judge_reason reason, enum judge_severity severity)
{
	v->by[reason] = severity;
	if (severity > v->severity)
		v->severity = severity;
}

static void judge_share(const struct judge_facts *f, struct judge_verdict *v)
{
	bool half = f->share.now >= HALF && f->share.z >= CRITICAL_SIGMA && f->share.negatives >= JUDGE_HALF_LEAST;

	if (f->share.turned)
		call(v, JUDGE_TURNED, JUDGE_WARNING);
	if (f->share.turned && f->negatives_unusual && f->share.z >= CRITICAL_SIGMA)
		call(v, JUDGE_NEGATIVES, JUDGE_CRITICAL);
	if (half && f->negative_authors >= JUDGE_HALF_AUTHORS)
		call(v, JUDGE_HALF, JUDGE_CRITICAL);
}

static void judge_words(const struct judge_facts *f, struct judge_verdict *v)
{
	double usual = fmax(f->words_usual, f->words_share * f->share.mentions);

	if (f->words_authors >= JUDGE_WORDS_MANY)
		call(v, JUDGE_WORDS_BY_MANY, JUDGE_CRITICAL);
	if (f->words_authors >= JUDGE_WORDS_LEAST && rarity(f->words_authors, usual) <= WORDS_RARE)
		call(v, JUDGE_WORDS, JUDGE_WARNING);
}

/* A brand of fifteen mentions a day has no share within an hour; but three people who complain at once, and hardly anybody
 * who does not, are something that it has not seen in months. */
static void judge_few(const struct judge_facts *f, struct judge_verdict *v)
{
	double rare;

	if (f->share.mentions >= SHARE_LEAST || f->negative_authors < JUDGE_FEW_LEAST || f->share.now < HALF ||
	    f->negative_authors - POSITIVES_WEIGH * f->positives < NEGATIVES_AHEAD)
		return;
	rare = rarity(f->negative_authors, f->negatives_usual);
	if (rare <= RARE)
		call(v, JUDGE_FEW, JUDGE_WARNING);
	if (f->negative_authors >= JUDGE_FEW_MANY && rare <= VERY_RARE)
		call(v, JUDGE_FEW_FAR, JUDGE_CRITICAL);
}

void judge(const struct judge_facts *f, struct judge_verdict *ret)
{
	int i;

	*ret = (struct judge_verdict){0};
	if (f->volume_unusual)
		call(ret, JUDGE_VOLUME, JUDGE_INFO);
	judge_share(f, ret);
	judge_words(f, ret);
	if (f->known)
		judge_few(f, ret);
	if (f->growth >= GROWTH_LEAST && f->growth_usual >= 0 && f->growth >= GROWTH_TIMES * f->growth_usual)
		call(ret, JUDGE_GROWTH, JUDGE_WARNING);
	if (f->brand)
		return;
	for (i = 0; i < JUDGE_REASONS; i++) /* another's crisis is news, and wakes nobody */
		ret->by[i] = ret->by[i] ? JUDGE_INFO : JUDGE_NONE;
	ret->severity = ret->severity ? JUDGE_INFO : JUDGE_NONE;
}
