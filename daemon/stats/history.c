#include "stats/history.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "stats/surprise.h"

enum { DIGITS_MAX = 16, EPOCH_MS_FROM = 12 /* digits: so many are milliseconds */, ERRORS_MAX = 20 };

/* --- a time --- */

struct text {
	const char *s, *end;
};

/* Exactly n digits. */
static bool number(struct text *t, int n, int64_t *ret)
{
	int64_t value = 0;

	for (; n; n--, t->s++) {
		if (t->s == t->end || !isdigit((unsigned char)*t->s))
			return false;
		value = 10 * value + (*t->s - '0');
	}
	*ret = value;
	return true;
}

static bool sign(struct text *t, const char *any)
{
	if (t->s == t->end || !strchr(any, *t->s))
		return false;
	t->s++;
	return true;
}

static void fraction(struct text *t)
{
	if (!sign(t, ".,"))
		return;
	while (t->s < t->end && isdigit((unsigned char)*t->s))
		t->s++;
}

/* Z, +05:00, -0600 or nothing, in seconds to take away. */
static bool offset(struct text *t, int64_t *ret)
{
	int64_t hours, minutes = 0;
	bool minus;

	*ret = 0;
	while (t->s < t->end && *t->s == ' ')
		t->s++;
	if (t->s == t->end || (sign(t, "Zz") && t->s == t->end))
		return true;
	minus = *t->s == '-';
	if (!sign(t, "+-") || !number(t, 2, &hours))
		return false;
	(void)sign(t, ":");
	if (t->s < t->end && !number(t, 2, &minutes))
		return false;
	*ret = (minus ? -1 : 1) * (hours * 3600 + minutes * 60);
	return t->s == t->end && hours < 24 && minutes < 60;
}

static bool civil(struct text t, struct history_row *row)
{
	int64_t year, month, day, hour, minute, second = 0, away;

	if (!number(&t, 4, &year) || !sign(&t, "-/") || !number(&t, 2, &month) || !sign(&t, "-/") ||
	    !number(&t, 2, &day) || !sign(&t, " Tt") || !number(&t, 2, &hour) || !sign(&t, ":") ||
	    !number(&t, 2, &minute))
		return false;
	if (sign(&t, ":")) {
		if (!number(&t, 2, &second))
			return false;
		fraction(&t);
	}
	if (!offset(&t, &away) || !year || !month || month > 12 || !day || day > 31 || hour > 23 || minute > 59 ||
	    second > 60)
		return false;
	row->at_s = clock_days_from_civil(year, (int)month, (int)day) * (DAY_MS / SECOND_MS) + hour * 3600 +
		    minute * 60 + second - away;
	row->hour = (int)hour;
	return true;
}

static bool epoch(struct text t, struct history_row *row)
{
	size_t digits = strspn(t.s, "0123456789");
	int64_t value;

	if (!digits || digits > DIGITS_MAX || !number(&t, (int)digits, &value))
		return false;
	fraction(&t);
	row->at_s = digits >= EPOCH_MS_FROM ? value / SECOND_MS : value;
	row->hour = (int)(row->at_s % (DAY_MS / SECOND_MS) / 3600);
	return t.s == t.end;
}

/* --- a line --- */

static struct text trimmed(const char *s, const char *end)
{
	while (s < end && strchr(" \t\r\"", *s))
		s++;
	while (end > s && strchr(" \t\r\"", end[-1]))
		end--;
	return (struct text){s, end};
}

static bool count_read(struct text t, double *ret)
{
	char room[DIGITS_MAX + 16];
	char *end;
	size_t len = (size_t)(t.end - t.s);

	if (!len || len >= sizeof(room) || strspn(t.s, "0123456789.eE+") < len)
		return false;
	memcpy(room, t.s, len);
	room[len] = '\0';
	*ret = strtod(room, &end);
	return !*end && *ret >= 0 && *ret <= HISTORY_COUNT_MAX;
}

struct reading {
	struct history *h;
	struct diag *d;
	const char *file;
	size_t cap, errors;
	uint32_t line;
};

static void fail(struct reading *r, enum text_id text, const char *arg)
{
	if (r->errors++ < ERRORS_MAX)
		diag_error(r->d, ((struct diag_pos){r->file, r->line, 1}), NULL, NULL, text, arg);
}

static void line_read(struct reading *r, const char *s, const char *end)
{
	const char *comma = memchr(s, ',', (size_t)(end - s));
	struct text time, n;
	struct history_row row = {.before = 0};

	if (!comma)
		comma = memchr(s, ';', (size_t)(end - s));
	if (!comma) {
		fail(r, TEXT_HISTORY_LINE, NULL);
		return;
	}
	time = trimmed(s, comma);
	n = trimmed(comma + 1, end);
	if (r->line == 1 && !memchr("0123456789", *time.s, 10) && !count_read(n, &row.count))
		return; /* the header */
	if (!civil(time, &row) && !epoch(time, &row)) {
		fail(r, TEXT_HISTORY_TIME, NULL);
	} else if (!count_read(n, &row.count)) {
		fail(r, TEXT_HISTORY_COUNT, NULL);
	} else if (r->h->n && row.at_s <= r->h->v[r->h->n - 1].at_s) {
		fail(r, TEXT_HISTORY_ORDER, NULL);
	} else if (r->h->n == HISTORY_ROWS_MAX) {
		fail(r, TEXT_HISTORY_MANY, "10000000");
	} else {
		row.time = time.s;
		row.time_len = (size_t)(time.end - time.s);
		row.number = n.s;
		row.number_len = (size_t)(n.end - n.s);
		r->h->v = GROW(r->h->v, r->h->n, &r->cap);
		r->h->v[r->h->n++] = row;
	}
}

/* --- the bins --- */

static int shorter(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* What most lines are apart: the median, since a missing line makes one distance longer and none shorter. */
static int64_t bin_of(const struct history *h)
{
	int64_t *apart, bin;
	size_t i;

	if (h->n < 2)
		return SURPRISE_BIN_S;
	apart = xreallocarray(NULL, h->n - 1, sizeof(*apart));
	for (i = 1; i < h->n; i++)
		apart[i - 1] = h->v[i].at_s - h->v[i - 1].at_s;
	qsort(apart, h->n - 1, sizeof(*apart), shorter);
	bin = apart[(h->n - 2) / 2];
	free(apart);
	return bin;
}

static void bins_set(struct reading *r)
{
	struct history *h = r->h;
	size_t i;

	h->bin_s = bin_of(h);
	if (h->bin_s < SURPRISE_BIN_MIN_S || h->bin_s > SURPRISE_BIN_MAX_S) {
		r->line = 0;
		fail(r, TEXT_HISTORY_BIN, NULL);
		return;
	}
	for (i = 1; i < h->n; i++) {
		int64_t apart = (h->v[i].at_s - h->v[i - 1].at_s + h->bin_s / 2) / h->bin_s;

		h->v[i].before = apart < 1 ? 0 : apart > HISTORY_GAP_MAX ? HISTORY_GAP_MAX : (size_t)apart - 1;
	}
}

int history_read(const char *file, const char *bytes, size_t len, struct diag *d, struct history **ret)
{
	struct reading r = {.h = NEW(struct history), .d = d, .file = file};
	const char *s = bytes, *end = bytes + len, *eol;

	if (len >= 3 && !memcmp(s, "\xEF\xBB\xBF", 3))
		s += 3;
	for (; s < end; s = eol + 1) {
		struct text line;

		eol = memchr(s, '\n', (size_t)(end - s));
		if (!eol)
			eol = end;
		r.line++;
		line = trimmed(s, eol);
		if (line.s < line.end)
			line_read(&r, s, eol);
	}
	if (!r.errors && !r.h->n)
		fail(&r, TEXT_HISTORY_EMPTY, NULL);
	if (!r.errors)
		bins_set(&r);
	if (r.errors) {
		history_free(r.h);
		return HISTORY_E_INVALID;
	}
	*ret = r.h;
	return 0;
}

struct history *history_free(struct history *h)
{
	if (h) {
		free(h->v);
		free(h);
	}
	return NULL;
}
