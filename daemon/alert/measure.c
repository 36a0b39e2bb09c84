#include "alert/measure.h"

#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/units.h"

const char *const measure_names[] = {
	[MEASURE_MENTIONS] = "mentions",
	[MEASURE_MATCHING] = "matching",
	[MEASURE_PERCENT] = "percent",
	[MEASURE_PERCENT_RISE] = "percent_rise",
	[MEASURE_TIMES_USUAL] = "times_usual",
	[MEASURE_UNUSUAL] = "unusual",
	[MEASURE_AUTHORS] = "authors",
	[MEASURE_STORIES] = "stories",
	[MEASURE_POTENTIAL_REACH] = "potential_reach",
	[MEASURE_GROWTH] = "growth",
	[MEASURE_QUIET_FOR] = "quiet_for",
	NULL,
};

enum measure_unit measure_unit(enum measure m)
{
	switch (m) {
	case MEASURE_PERCENT:
	case MEASURE_PERCENT_RISE:
		return MEASURE_PART;
	case MEASURE_TIMES_USUAL:
		return MEASURE_TIMES;
	case MEASURE_UNUSUAL:
		return MEASURE_YES_NO;
	case MEASURE_QUIET_FOR:
		return MEASURE_DURATION;
	default:
		return MEASURE_NUMBER;
	}
}

/* As much of a duration as a person wants to know: hours and days to the minute. */
static char *duration_text(double ms, char out[MEASURE_TEXT_SIZE])
{
	char text[UNITS_TEXT_SIZE];
	int64_t step = ms >= (double)HOUR_MS ? MINUTE_MS : SECOND_MS;
	double most = (double)UNITS_DURATION_MAX_MS;
	int64_t whole = ms > 0 ? (int64_t)(ms < most ? ms : most) : 0;

	snprintf(out, MEASURE_TEXT_SIZE, "%s", units_duration_text(whole / step * step, text));
	return out;
}

/* Rounded to a tenth, and no tenth where there is none. */
static char *number_text(double value, const char *unit, char out[MEASURE_TEXT_SIZE])
{
	double tenths = round(value * 10) / 10;

	snprintf(out, MEASURE_TEXT_SIZE, "%.*f%s", tenths == round(tenths) ? 0 : 1, tenths == 0 ? 0.0 : tenths, unit);
	return out;
}

char *measure_text(enum measure m, double value, enum text_lang lang, char out[MEASURE_TEXT_SIZE])
{
	switch (measure_unit(m)) {
	case MEASURE_PART:
		return number_text(value * 100, " %", out);
	case MEASURE_YES_NO:
		snprintf(out, MEASURE_TEXT_SIZE, "%s", text_raw(lang, value > 0 ? TEXT_WHEN_YES : TEXT_WHEN_NO));
		return out;
	case MEASURE_DURATION:
		return duration_text(value, out);
	default:
		return number_text(value, "", out);
	}
}
