#pragma once
/*
 * alert/measure: what an alert's condition may speak of, measured over its window.
 *
 * The values come from outside (series, authors, stories); one that is not known is absent, and a comparison with it is false.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum measure {
	MEASURE_MENTIONS,        /* all of the topic in the window */
	MEASURE_MATCHING,        /* those of `of` */
	MEASURE_PERCENT,         /* a part: of matching in mentions, de-biased */
	MEASURE_PERCENT_RISE,    /* a part: over the usual one; may be below 0 */
	MEASURE_TIMES_USUAL,     /* matching, to what is usual for the hour */
	MEASURE_UNUSUAL,         /* 0 or 1: the detector's word, at the alert's sensitivity */
	MEASURE_AUTHORS,         /* distinct, of matching */
	MEASURE_STORIES,         /* the same */
	MEASURE_POTENTIAL_REACH, /* followers of those authors, each once */
	MEASURE_GROWTH,          /* interactions an hour of the fastest single post */
	MEASURE_QUIET_FOR,       /* milliseconds since the last of matching */
	MEASURES,
};

enum measure_unit { MEASURE_NUMBER, MEASURE_PART, MEASURE_TIMES, MEASURE_YES_NO, MEASURE_DURATION };

extern const char *const measure_names[]; /* by enum measure; NULL at the end */
enum measure_unit measure_unit(enum measure m);

struct measured {
	uint32_t known; /* bit 1 << enum measure */
	double v[MEASURES];
};
static inline bool measure_known(const struct measured *m, enum measure of)
{
	return m->known >> of & 1;
}
static inline void measure_set(struct measured *m, enum measure of, double value)
{
	m->v[of] = value;
	m->known |= UINT32_C(1) << of;
}

/* "14 %", "37", "2.5", "yes", "6h". Returns out. */
enum { MEASURE_TEXT_SIZE = 48 };
char *measure_text(enum measure m, double value, enum text_lang lang, char out[MEASURE_TEXT_SIZE]);
