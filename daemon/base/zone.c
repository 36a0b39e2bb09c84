#include "base/zone.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"

enum { TYPES_MAX = 256, RULE_MAX_BYTES = 128, HEADER_BYTES = 44, DAY_S = 86400 };

struct local_type {
	int32_t offset_s;
	char abbreviation[ZONE_ABBREVIATION_SIZE];
};

/* A day of the year on which the clock is set: Mm.w.d, Jn or n, and the hour. */
struct change {
	char kind; /* 'M', 'J', or '0' */
	int month, week, day;
	int32_t at_s;
};

/* What holds behind the last transition. */
struct rule {
	bool there, summer;
	struct local_type standard, daylight;
	struct change begins, ends;
};

struct zone {
	size_t n, n_types;
	int64_t *at_s;  /* transitions, ascending */
	uint8_t *types; /* from each of them on */
	struct local_type type[TYPES_MAX];
	struct rule rule;
};

/* --- the rule in POSIX' notation --- */

static bool take_number(const char **s, int max, int *ret)
{
	int n = 0;
	const char *from = *s;

	while (**s >= '0' && **s <= '9' && n <= max)
		n = n * 10 + *(*s)++ - '0';
	*ret = n;
	return *s > from && n <= max;
}

/* "6", "-5:30", "26:00:30": seconds. */
static bool take_time(const char **s, int32_t *ret)
{
	int part[3] = {0}, sign = 1, i;

	if (**s == '-' || **s == '+')
		sign = *(*s)++ == '-' ? -1 : 1;
	for (i = 0; i < 3; i++) {
		if (!take_number(s, i ? 59 : 167, &part[i]))
			return false;
		if (**s != ':')
			break;
		++*s;
	}
	*ret = sign * (part[0] * 3600 + part[1] * 60 + part[2]);
	return true;
}

/* "CST", "<-05>" */
static bool take_name(const char **s, char ret[ZONE_ABBREVIATION_SIZE])
{
	bool quoted = **s == '<';
	size_t n = 0;

	*s += quoted;
	while (**s && (quoted ? **s != '>' : (**s >= 'A' && **s <= 'Z') || (**s >= 'a' && **s <= 'z'))) {
		if (n + 1 == ZONE_ABBREVIATION_SIZE)
			return false;
		ret[n++] = *(*s)++;
	}
	ret[n] = '\0';
	if (quoted && *(*s)++ != '>')
		return false;
	return n > 0;
}

/* ",M3.2.0/2" */
static bool take_change(const char **s, struct change *ret)
{
	if (*(*s)++ != ',')
		return false;
	*ret = (struct change){.kind = '0', .at_s = 2 * 3600};
	if (**s == 'M' || **s == 'J')
		ret->kind = *(*s)++;
	if (ret->kind == 'M') {
		if (!take_number(s, 12, &ret->month) || ret->month < 1 || *(*s)++ != '.' ||
		    !take_number(s, 5, &ret->week) || ret->week < 1 || *(*s)++ != '.' || !take_number(s, 6, &ret->day))
			return false;
	} else if (!take_number(s, 365, &ret->day)) {
		return false;
	}
	if (**s != '/')
		return true;
	++*s;
	return take_time(s, &ret->at_s);
}

static bool parse_rule(const char *s, struct rule *ret)
{
	int32_t west_s;

	*ret = (struct rule){.there = true};
	if (!take_name(&s, ret->standard.abbreviation) || !take_time(&s, &west_s))
		return false;
	ret->standard.offset_s = -west_s;
	if (!*s)
		return true;
	ret->summer = true;
	ret->daylight.offset_s = ret->standard.offset_s + 3600;
	if (!take_name(&s, ret->daylight.abbreviation))
		return false;
	if (*s != ',') {
		if (!take_time(&s, &west_s))
			return false;
		ret->daylight.offset_s = -west_s;
	}
	return take_change(&s, &ret->begins) && take_change(&s, &ret->ends) && !*s;
}

static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* The day of a year on which the clock is set, in days since 1970. */
static int64_t change_day(const struct change *c, int64_t year)
{
	int64_t first = clock_days_from_civil(year, c->kind == 'M' ? c->month : 1, 1), next;
	int weekday;

	if (c->kind == '0')
		return first + c->day;
	if (c->kind == 'J') /* 29 February is never counted */
		return first + c->day - 1 + (c->day >= 60 && is_leap(year));
	weekday = (int)(((first + 4) % 7 + 7) % 7);
	first += (c->day - weekday + 7) % 7;
	next = clock_days_from_civil(c->month == 12 ? year + 1 : year, c->month % 12 + 1, 1);
	first += (c->week - 1) * INT64_C(7);
	return first >= next ? first - 7 : first; /* week 5 is the last one */
}

static const struct local_type *rule_type(const struct rule *r, int64_t s)
{
	int64_t year, begins_s, ends_s;
	int month, day;

	if (!r->summer)
		return &r->standard;
	clock_civil_from_days((s + r->standard.offset_s - (((s + r->standard.offset_s) % DAY_S) + DAY_S) % DAY_S) /
				      DAY_S,
			      &year, &month, &day);
	begins_s = change_day(&r->begins, year) * DAY_S + r->begins.at_s - r->standard.offset_s;
	ends_s = change_day(&r->ends, year) * DAY_S + r->ends.at_s - r->daylight.offset_s;
	if (begins_s < ends_s)
		return s >= begins_s && s < ends_s ? &r->daylight : &r->standard;
	return s >= begins_s || s < ends_s ? &r->daylight : &r->standard; /* in the south */
}

/* --- the file --- */

static int64_t big_endian(const unsigned char *p, size_t len)
{
	uint64_t v = *p & 0x80 ? UINT64_MAX : 0;

	while (len--)
		v = v << 8 | *p++;
	return (int64_t)v;
}

/* What a header counts: UT and standard indicators, leap seconds, transitions, types, bytes of names. */
struct counts {
	size_t ut, standard, leap, times, types, chars;
};

static bool read_header(const unsigned char *p, size_t len, int *ret_version, struct counts *ret)
{
	size_t v[6], i;

	if (len < HEADER_BYTES || memcmp(p, "TZif", 4) != 0)
		return false;
	for (i = 0; i < 6; i++) {
		int64_t n = big_endian(p + 20 + 4 * i, 4);

		if (n < 0 || n > ZONE_FILE_MAX_BYTES)
			return false;
		v[i] = (size_t)n;
	}
	*ret_version = p[4] ? p[4] - '0' : 1;
	*ret = (struct counts){v[0], v[1], v[2], v[3], v[4], v[5]};
	return ret->types >= 1 && ret->types <= TYPES_MAX;
}

static size_t body_bytes(const struct counts *c, size_t time_bytes)
{
	return c->times * (time_bytes + 1) + c->types * 6 + c->chars + c->leap * (time_bytes + 4) + c->standard + c->ut;
}

static bool read_body(struct zone *z, const unsigned char *p, const struct counts *c, size_t time_bytes)
{
	const unsigned char *types = p + c->times * time_bytes, *infos = types + c->times,
			    *names = infos + c->types * 6;
	size_t i, at;

	z->n = c->times;
	z->n_types = c->types;
	z->at_s = xreallocarray(NULL, c->times + 1, sizeof(*z->at_s));
	z->types = xmalloc(c->times + 1);
	for (i = 0; i < c->times; i++) {
		z->at_s[i] = big_endian(p + i * time_bytes, time_bytes);
		z->types[i] = types[i];
		if (types[i] >= c->types || (i && z->at_s[i] <= z->at_s[i - 1]))
			return false;
	}
	for (i = 0; i < c->types; i++) {
		at = infos[i * 6 + 5];
		if (at >= c->chars || !memchr(names + at, '\0', c->chars - at))
			return false;
		z->type[i].offset_s = (int32_t)big_endian(infos + i * 6, 4);
		snprintf(z->type[i].abbreviation, ZONE_ABBREVIATION_SIZE, "%s", (const char *)names + at);
	}
	return true;
}

/* "\n…\n" at the end of all but the first version; none where nothing is known. */
static bool read_footer(struct zone *z, const unsigned char *p, size_t len)
{
	char text[RULE_MAX_BYTES];
	const unsigned char *end;

	if (len < 2 || *p != '\n' || !(end = memchr(p + 1, '\n', len - 1)) || (size_t)(end - p) > sizeof(text))
		return false;
	memcpy(text, p + 1, (size_t)(end - p) - 1);
	text[end - p - 1] = '\0';
	return !*text || parse_rule(text, &z->rule);
}

static bool parse(struct zone *z, const unsigned char *p, size_t len)
{
	struct counts c;
	size_t time_bytes = 4;
	int version;

	if (!read_header(p, len, &version, &c) || len - HEADER_BYTES < body_bytes(&c, time_bytes))
		return false;
	if (version >= 2) { /* the same again, with times of 64 bits */
		size_t skip = HEADER_BYTES + body_bytes(&c, time_bytes);

		time_bytes = 8;
		p += skip;
		len -= skip;
		if (!read_header(p, len, &version, &c) || len - HEADER_BYTES < body_bytes(&c, time_bytes))
			return false;
	}
	p += HEADER_BYTES;
	len -= HEADER_BYTES;
	return read_body(z, p, &c, time_bytes) &&
	       (time_bytes == 4 || read_footer(z, p + body_bytes(&c, time_bytes), len - body_bytes(&c, time_bytes)));
}

int zone_load(const char *name, struct zone **ret)
{
	const char *folder = getenv("TZDIR");
	cleanup(freep) char *path = NULL;
	cleanup(buf_done) struct buf b = BUF_INIT(ZONE_FILE_MAX_BYTES);
	cleanup(zone_freep) struct zone *z = NULL;
	int r;

	if (!*name || *name == '/' || strstr(name, "..") || strlen(name) > ZONE_NAME_MAX_BYTES)
		return ZONE_E_NAME;
	path = xasprintf("%s/%s", folder && *folder == '/' ? folder : "/usr/share/zoneinfo", name);
	r = file_read(path, &b, NULL);
	if (r < 0)
		return r;
	z = NEW(struct zone);
	if (r > 0 || b.full || !parse(z, (const unsigned char *)buf_str(&b), b.len))
		return ZONE_E_FORMAT;
	*ret = TAKE(z);
	return 0;
}

struct zone *zone_free(struct zone *z)
{
	if (!z)
		return NULL;
	free(z->at_s);
	free(z->types);
	free(z);
	return NULL;
}

/* --- a time --- */

static const struct local_type *type_at(const struct zone *z, int64_t s)
{
	size_t from = 0, to = z->n;

	if (!z->n || s < z->at_s[0])
		return z->n || !z->rule.there ? &z->type[0] : rule_type(&z->rule, s);
	while (to - from > 1) {
		size_t middle = from + (to - from) / 2;

		if (z->at_s[middle] <= s)
			from = middle;
		else
			to = middle;
	}
	return from + 1 == z->n && z->rule.there ? rule_type(&z->rule, s) : &z->type[z->types[from]];
}

void zone_local(const struct zone *z, int64_t wall_ms, struct zone_time *ret)
{
	static const struct local_type utc = {0, "UTC"};
	int64_t s = wall_ms / SECOND_MS - (wall_ms % SECOND_MS < 0), days, rest;
	const struct local_type *type = z ? type_at(z, s) : &utc;

	s += type->offset_s;
	rest = (s % DAY_S + DAY_S) % DAY_S;
	days = (s - rest) / DAY_S;
	*ret = (struct zone_time){
		.hour = (int)(rest / 3600),
		.minute = (int)(rest / 60 % 60),
		.second = (int)(rest % 60),
		.weekday = (int)(((days + 4) % 7 + 7) % 7),
		.offset_s = type->offset_s,
	};
	clock_civil_from_days(days, &ret->year, &ret->month, &ret->day);
	memcpy(ret->abbreviation, type->abbreviation, sizeof(ret->abbreviation));
}
