#include "base/units.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

struct unit {
	const char *name;
	int64_t factor;
};

/* Largest first, so that the first that divides is the shortest writing. */
static const struct unit durations[] = {{"d", DAY_MS}, {"h", HOUR_MS}, {"m", MINUTE_MS}, {"s", SECOND_MS}};
static const struct unit sizes[] = {
	{"T", INT64_C(1) << 40}, {"G", 1 << 30}, {"M", 1 << 20}, {"k", 1 << 10}, {"", 1},
};

/* Digits without a sign; *end behind them. UNITS_E_RANGE past 10^18. */
static int digits(const char *text, const char **end, int64_t *ret)
{
	int64_t n = 0;

	*end = text + strspn(text, "0123456789");
	if (*end == text || (*text == '0' && *end - text > 1))
		return UNITS_E_SYNTAX;
	for (; text < *end; text++) {
		if (n >= INT64_C(100000000000000000))
			return UNITS_E_RANGE;
		n = n * 10 + (*text - '0');
	}
	*ret = n;
	return 0;
}

static int with_unit(const char *text, const struct unit *units, size_t n, int64_t max, int64_t *ret)
{
	const char *end;
	int64_t number;
	int r = digits(text, &end, &number);
	size_t i;

	if (r)
		return r;
	for (i = 0; i < n && strcmp(end, units[i].name) != 0; i++)
		;
	if (i == n && *end)
		return UNITS_E_SYNTAX;
	if (i == n && number)
		return UNITS_E_UNIT;
	if (number && number > max / units[i].factor)
		return UNITS_E_RANGE;
	*ret = number ? number * units[i].factor : 0;
	return 0;
}

int units_duration(const char *text, int64_t *ret_ms)
{
	return with_unit(text, durations, ARRAY_LEN(durations), UNITS_DURATION_MAX_MS, ret_ms);
}

int units_size(const char *text, int64_t *ret_bytes)
{
	return with_unit(text, sizes, ARRAY_LEN(sizes), UNITS_SIZE_MAX, ret_bytes);
}

int units_part(const char *text, double *ret_part)
{
	const char *end, *behind;
	int64_t whole;
	double part, scale = 1;
	int r = digits(text, &end, &whole);

	if (r)
		return r;
	part = (double)whole;
	if (*end == '.') {
		behind = end + 1 + strspn(end + 1, "0123456789");
		if (behind == end + 1 || behind - end > 7)
			return UNITS_E_SYNTAX;
		for (end++; end < behind; end++) {
			scale *= 10;
			part = part * 10 + (*end - '0');
		}
	}
	if (*end == '\0')
		return UNITS_E_UNIT;
	if (strcmp(end, "%") != 0)
		return UNITS_E_SYNTAX;
	if (part > 100 * scale)
		return UNITS_E_RANGE;
	*ret_part = part / (100 * scale);
	return 0;
}

int units_int(const char *text, int64_t *ret)
{
	bool negative = *text == '-';
	const char *end;
	int64_t n;
	int r = digits(text + negative, &end, &n);

	if (r)
		return r;
	if (*end || (negative && !n))
		return UNITS_E_SYNTAX;
	*ret = negative ? -n : n;
	return 0;
}

char *units_duration_text(int64_t ms, char out[UNITS_TEXT_SIZE])
{
	size_t i = 0;

	if (ms == 0 || ms % SECOND_MS) {
		snprintf(out, UNITS_TEXT_SIZE, ms ? "%gs" : "0s", (double)ms / SECOND_MS);
		return out;
	}
	while (ms % durations[i].factor)
		i++;
	snprintf(out, UNITS_TEXT_SIZE, "%" PRId64 "%s", ms / durations[i].factor, durations[i].name);
	return out;
}

char *units_size_text(int64_t bytes, char out[UNITS_TEXT_SIZE])
{
	size_t i = 0;

	while (bytes == 0 ? *sizes[i].name : bytes % sizes[i].factor)
		i++;
	snprintf(out, UNITS_TEXT_SIZE, "%" PRId64 "%s", bytes / sizes[i].factor, sizes[i].name);
	return out;
}
