#include "platform/limits.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "platform/course.h"
#include "platform/platform.h"

static const char *value_of(const char *const *names, const struct course_answer *answer, const char *name)
{
	size_t i;

	for (i = 0; name && i < COURSE_HEADERS_MAX && names[i]; i++) {
		if (strcmp(names[i], name) == 0)
			return answer->headers ? answer->headers[i] : NULL;
	}
	return NULL;
}

/* A number that a header begins with: "12", "99.0", "300, 300;w=60"; -1: none. */
static double number_of(const char *text)
{
	char *end;
	double v;

	if (!text || !isdigit((unsigned char)*text))
		return -1;
	v = strtod(text, &end);
	return v >= 0 && v < 1e15 ? v : -1;
}

/* "2026-11-22T10:00:00.123Z", in UTC. */
static int64_t iso_ms(const char *text)
{
	static const char shape[] = "dddd-dd-ddTdd:dd:dd";
	long part[6];
	size_t i;

	for (i = 0; shape[i]; i++) {
		if (shape[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] != shape[i])
			return TIME_NONE;
	}
	part[0] = strtol(text, NULL, 10);
	for (i = 1; i < 6; i++)
		part[i] = strtol(text + 2 + 3 * i, NULL, 10);
	if (part[1] < 1 || part[1] > 12 || part[2] < 1 || part[2] > 31 || part[3] > 23 || part[4] > 59 || part[5] > 60)
		return TIME_NONE;
	return clock_days_from_civil(part[0], (int)part[1], (int)part[2]) * DAY_MS + part[3] * HOUR_MS +
	       part[4] * MINUTE_MS + part[5] * SECOND_MS;
}

/* From now on, until the window is over; -1: not said. */
static int64_t reset_ms(const struct platform_limit_headers *h, const char *text, int64_t now_ms)
{
	double v;
	int64_t at;

	if (!text)
		return -1;
	if (h->as == PLATFORM_RESET_ISO) {
		at = iso_ms(text);
		return at == TIME_NONE ? -1 : at - now_ms;
	}
	v = number_of(text);
	if (v < 0)
		return -1;
	at = (int64_t)(v * 1000);
	return h->as == PLATFORM_RESET_SECONDS ? at : at - now_ms;
}

static int64_t held(int64_t ms)
{
	return ms < 0 ? 0 : ms < COURSE_WAIT_MAX_MS ? ms : COURSE_WAIT_MAX_MS;
}

static int64_t window_wait_ms(const struct platform_limit_headers *h, const char *const *names,
			      const struct course_answer *answer)
{
	double left = number_of(value_of(names, answer, h->remaining));
	int64_t reset;

	if (left < 0 || left >= 1)
		return 0;
	reset = reset_ms(h, value_of(names, answer, h->reset), answer->now_ms);
	return reset < 0 ? 0 : held(reset + SECOND_MS); /* clocks differ, and resets are told in whole seconds */
}

/* Meta's percentages, {"call_count":28,…}, or below a name each: the greatest number that a key of ours has. Told by the eye alone:
 * whatever else the text holds, it can only make us wait. */
static double usage_of(const char *text, const char *key)
{
	double most = -1, v;
	const char *p = text;

	while (p && (p = strstr(p, key))) {
		p += strlen(key);
		p += strspn(p, "\": ");
		v = number_of(p);
		if (v > most)
			most = v;
	}
	return most;
}

static int64_t usage_wait_ms(const struct platform_limits *l, const char *text)
{
	static const char *const shares[] = {"call_count", "total_time", "total_cputime"};
	double regain = text ? usage_of(text, "estimated_time_to_regain_access") : -1;
	size_t i;

	if (!text)
		return 0;
	if (regain > 0)
		return held((int64_t)(regain * (double)MINUTE_MS));
	for (i = 0; i < ARRAY_LEN(shares); i++) {
		if (usage_of(text, shares[i]) >= l->usage_most * 100)
			return held(l->window_ms);
	}
	return 0;
}

int64_t limits_wait_ms(const struct platform *p, const char *const *names, const struct course_answer *answer)
{
	const struct platform_limits *l = p->limits;
	int64_t wait = l->gap_ms, more;
	size_t i;

	if (l->headers) {
		more = window_wait_ms(l->headers, names, answer);
		wait = more > wait ? more : wait;
	}
	for (i = 0; i < l->n_usage; i++) {
		more = usage_wait_ms(l, value_of(names, answer, l->usage[i]));
		wait = more > wait ? more : wait;
	}
	return wait;
}
