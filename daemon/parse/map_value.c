#include "parse/map_value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "mention/mention.h"
#include "parse/date.h"

#define EXACT_MAX 9007199254740992.0 /* 2^53: what is larger came as a text */

enum { NUMBER_MAX_BYTES = 40 };

const char *map_text(jv v, size_t *ret_len)
{
	*ret_len = (size_t)jv_string_length_bytes(jv_copy(v));
	return jv_string_value(v);
}

bool map_is_nothing(jv v)
{
	return jv_get_kind(v) == JV_KIND_NULL || (jv_get_kind(v) == JV_KIND_STRING && !*jv_string_value(v));
}

/* Without NUL and other controls, cut at max. */
static const char *scrubbed(const char *s, size_t len, struct arena *a, size_t max)
{
	struct buf b = BUF_INIT(max + 4);
	const char *clean;

	utf8_scrub(&b, s, utf8_cut(s, len, max));
	clean = b.len ? arena_memdup0(a, buf_str(&b), utf8_cut(buf_str(&b), b.len, max)) : NULL;
	buf_done(&b);
	return clean;
}

static const char *digits_of(double d, struct arena *a)
{
	if (!isfinite(d))
		return NULL;
	if (floor(d) == d && fabs(d) <= EXACT_MAX)
		return arena_printf(a, "%.0f", d);
	return arena_printf(a, "%.17g", d);
}

const char *map_scalar(jv v, struct arena *a, size_t max)
{
	const char *s;
	size_t len;

	switch (jv_get_kind(v)) {
	case JV_KIND_STRING:
		s = map_text(v, &len);
		return scrubbed(s, len, a, max);
	case JV_KIND_NUMBER:
		return digits_of(jv_number_value(v), a);
	case JV_KIND_TRUE:
		return "true";
	default:
		return NULL;
	}
}

/* A number, or a text that is one. */
bool map_number(jv v, double *ret)
{
	char room[NUMBER_MAX_BYTES], *end;
	const char *s;
	size_t len;

	if (jv_get_kind(v) == JV_KIND_NUMBER) {
		*ret = jv_number_value(v);
		return isfinite(*ret);
	}
	if (jv_get_kind(v) != JV_KIND_STRING)
		return false;
	s = map_text(v, &len);
	if (len >= sizeof(room) || strspn(s, "0123456789+-.eE") != len)
		return false;
	memcpy(room, s, len + 1);
	*ret = strtod(room, &end); /* no locale is ever set */
	return end != room && !*end && isfinite(*ret);
}

/* Of what has no sign, such as likes: less than none is not known. */
bool map_count(jv v, int64_t *ret)
{
	double d;

	if (!map_number(v, &d))
		return false;
	*ret = d < 0 ? COUNT_NONE : mention_count(d < (double)MENTION_COUNT_MAX ? (int64_t)d : MENTION_COUNT_MAX);
	return true;
}

/* Seconds; what is too large for that is milliseconds, micro- or nanoseconds. */
static bool time_of_number(double d, int64_t *ret_ms)
{
	double ms = d * 1000;

	if (d > 1e17)
		ms = d / 1e6;
	else if (d > 1e14)
		ms = d / 1e3;
	else if (d > 1e11)
		ms = d;
	if (!(ms > 0) || ms > 253402300799999.0)
		return false;
	*ret_ms = llround(ms);
	return true;
}

bool map_time(jv v, int64_t *ret_ms)
{
	const char *s;
	double d;
	size_t len;

	if (jv_get_kind(v) == JV_KIND_NUMBER)
		return time_of_number(jv_number_value(v), ret_ms);
	if (jv_get_kind(v) != JV_KIND_STRING)
		return false;
	s = map_text(v, &len);
	return date_parse(s, len, ret_ms) == 0 || (map_number(v, &d) && time_of_number(d, ret_ms));
}
