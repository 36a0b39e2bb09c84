#pragma once
/*
 * stats/judge: whether what is said of a topic within the last hour is a crisis, and why: the alerts that every topic has
 * without any being written. Pure.
 *
 * A topic of role brand
 *   info      volume alone: never more than that
 *   warning   the share of negatives has turned (stats/share); or crisis words by JUDGE_WORDS_LEAST people, unusual for the topic;
 *             or, where an hour is too little for a share, negatives by JUDGE_FEW_LEAST people, unusual and most of what is said; or
 *             one negative post that spreads far beyond the usual
 *   critical  the share has turned and negatives are unusual; or half are negatives (de-biased), JUDGE_HALF_LEAST of them by
 *             JUDGE_HALF_AUTHORS people; or crisis words by JUDGE_WORDS_MANY people; or few but far beyond the usual
 * Of others (competitor, industry) whatever it is is info.
 *
 * That a warning which nobody took becomes critical is the incident's affair (alert/incident).
 */
#include <stdbool.h>
#include <stdint.h>

#include "stats/share.h"

enum {
	JUDGE_WORDS_LEAST = 3,
	JUDGE_WORDS_MANY = 10,
	JUDGE_HALF_LEAST = 20,
	JUDGE_HALF_AUTHORS = 15,
	JUDGE_FEW_LEAST = 3,
	JUDGE_FEW_MANY = 4,
};

enum judge_severity { JUDGE_NONE, JUDGE_INFO, JUDGE_WARNING, JUDGE_CRITICAL };
extern const char *const judge_severity_names[]; /* "none", "info", "warning", "critical" */

enum judge_reason {
	JUDGE_VOLUME,       /* more is said than usual */
	JUDGE_TURNED,       /* the share of negatives rose */
	JUDGE_NEGATIVES,    /* unusually many negatives */
	JUDGE_HALF,         /* half and more are negatives */
	JUDGE_WORDS,        /* crisis words by several people */
	JUDGE_WORDS_BY_MANY,
	JUDGE_FEW,          /* negatives by a few, where hardly anything is said */
	JUDGE_FEW_FAR,      /* the same, far beyond the usual */
	JUDGE_GROWTH,       /* one negative post spreads */
	JUDGE_REASONS,
};
extern const char *const judge_reason_names[]; /* "volume", "turned", … */

/* Of the last hour. Usual: what such an hour has, 0 where nothing is known yet. */
struct judge_facts {
	bool brand;
	bool known; /* a day of the topic is known: before, only what needs no usual counts */
	struct share_verdict share;
	bool volume_unusual, negatives_unusual; /* by the detector (stats/surprise) */
	double negative_authors, positives, negatives_usual;
	double words, words_authors, words_usual; /* tagged `crisis` */
	double words_share; /* of the mentions, usually, as far as it is known: where more is said, more such words are */
	double growth, growth_usual;              /* interactions an hour of the fastest negative post; below 0: not known */
};

struct judge_verdict {
	enum judge_severity severity;
	enum judge_severity by[JUDGE_REASONS]; /* what each reason alone calls for */
};
void judge(const struct judge_facts *facts, struct judge_verdict *ret);

/* The probability of so many or more where `usual` are expected and people are no dice: negative binomial, whose variance is
 * usual + usual² / JUDGE_SPREAD. */
#define JUDGE_SPREAD 2.0
double judge_tail(double count, double usual);
