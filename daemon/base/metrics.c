#include "base/metrics.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

enum kind { COUNTER, GAUGE, HISTOGRAM };

enum { LABELS_MAX_BYTES = METRIC_LABELS_MAX * (2 * METRIC_VALUE_MAX_BYTES + 100) };

/* A set of texts, each with its number: open addressing, never more than half full. */
struct texts {
	char **v;        /* in the order of their numbers */
	uint32_t *slots; /* number + 1; 0: free */
	size_t n, cap, n_slots;
};

struct series {
	double value;     /* of a histogram: the sum */
	uint64_t *counts; /* of a histogram: within each bound, then beyond the last */
};

struct metric {
	enum kind kind;
	const char *name, *help;
	const char *labels[METRIC_LABELS_MAX];
	size_t n_labels;
	const double *bounds;
	size_t n_bounds;
	struct texts first; /* values of the first label */
	struct texts keys;  /* 'source="prensa",result="ok"': as it is written */
	struct series *series;
	size_t cap_series;
};

struct metrics {
	struct metric *families[METRICS_FAMILIES_MAX];
	size_t n;
};

/* --- texts --- */

static uint64_t fnv(const char *s)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
	return h ^ h >> 29;
}

/* Where it is, or where it would be. */
static uint32_t *slot_of(const struct texts *t, const char *text)
{
	size_t i = fnv(text) & (t->n_slots - 1);

	while (t->slots[i] && strcmp(t->v[t->slots[i] - 1], text) != 0)
		i = (i + 1) & (t->n_slots - 1);
	return &t->slots[i];
}

static void grow_slots(struct texts *t)
{
	size_t i;

	t->n_slots = t->n_slots ? t->n_slots * 2 : 16;
	free(t->slots);
	t->slots = xcalloc(t->n_slots, sizeof(*t->slots));
	for (i = 0; i < t->n; i++)
		*slot_of(t, t->v[i]) = (uint32_t)i + 1;
}

/* Its number; a new text gets the next one, unless there are max. SIZE_MAX: then. */
static size_t number_of(struct texts *t, const char *text, size_t max)
{
	uint32_t *slot;

	if ((t->n + 1) * 2 > t->n_slots)
		grow_slots(t);
	slot = slot_of(t, text);
	if (*slot)
		return *slot - 1;
	if (t->n >= max)
		return SIZE_MAX;
	t->v = GROW(t->v, t->n, &t->cap);
	t->v[t->n++] = xstrdup(text);
	*slot = (uint32_t)t->n;
	return t->n - 1;
}

static void texts_done(struct texts *t)
{
	while (t->n)
		free(t->v[--t->n]);
	free(t->v);
	free(t->slots);
	*t = (struct texts){.v = NULL};
}

/* --- families --- */

struct metrics *metrics_new(void)
{
	return NEW(struct metrics);
}

void metric_clear(struct metric *f)
{
	size_t i;

	for (i = 0; i < f->keys.n; i++)
		free(f->series[i].counts);
	free(f->series);
	f->series = NULL;
	f->cap_series = 0;
	texts_done(&f->keys);
	texts_done(&f->first);
}

struct metrics *metrics_free(struct metrics *m)
{
	if (!m)
		return NULL;
	while (m->n) {
		struct metric *f = m->families[--m->n];

		metric_clear(f);
		free(f);
	}
	free(m);
	return NULL;
}

static struct metric *family(struct metrics *m, enum kind kind, const char *name, const char *help,
			     const char *const labels[])
{
	struct metric *f = NEW(struct metric);

	assert(m->n < METRICS_FAMILIES_MAX);
	f->kind = kind;
	f->name = name;
	f->help = help;
	for (; labels && labels[f->n_labels]; f->n_labels++) {
		assert(f->n_labels < METRIC_LABELS_MAX);
		f->labels[f->n_labels] = labels[f->n_labels];
	}
	m->families[m->n++] = f;
	return f;
}

struct metric *metrics_counter(struct metrics *m, const char *name, const char *help, const char *const labels[])
{
	return family(m, COUNTER, name, help, labels);
}

struct metric *metrics_gauge(struct metrics *m, const char *name, const char *help, const char *const labels[])
{
	return family(m, GAUGE, name, help, labels);
}

struct metric *metrics_histogram(struct metrics *m, const char *name, const char *help, const char *const labels[],
				 const double bounds[], size_t n_bounds)
{
	struct metric *f = family(m, HISTOGRAM, name, help, labels);

	assert(n_bounds <= METRIC_BOUNDS_MAX);
	f->bounds = bounds;
	f->n_bounds = n_bounds;
	return f;
}

/* --- series --- */

static void put_escaped(struct buf *b, const char *s, size_t len, bool quoted)
{
	const char *end = s + len, *from = s;

	for (; s < end; s++) {
		const char *as = *s == '\n' ? "\\n" : *s == '\\' ? "\\\\" : *s == '"' && quoted ? "\\\"" : NULL;

		if (!as)
			continue;
		buf_put(b, from, (size_t)(s - from));
		buf_puts(b, as);
		from = s + 1;
	}
	buf_put(b, from, (size_t)(end - from));
}

static void put_label(struct buf *b, const char *label, const char *value)
{
	size_t len = utf8_cut(value, strlen(value), METRIC_VALUE_MAX_BYTES);

	buf_puts(b, b->len ? "," : ""); /* not by printf: this is done at every poll */
	buf_puts(b, label);
	buf_puts(b, "=\"");
	if (utf8_valid(value, len)) /* the format is UTF-8 alone */
		put_escaped(b, value, len, true);
	buf_putc(b, '"');
}

static size_t find_or_add(struct metric *f, const char *const values[], size_t max)
{
	struct buf key = BUF_INIT(LABELS_MAX_BYTES);
	size_t i, known = f->keys.n, n;

	for (i = 0; i < f->n_labels; i++)
		put_label(&key, f->labels[i], values[i]);
	n = number_of(&f->keys, buf_str(&key), max);
	buf_done(&key);
	if (f->keys.n == known)
		return n;
	f->series = GROW(f->series, n, &f->cap_series);
	f->series[n] = (struct series){.value = 0};
	if (f->kind == HISTOGRAM)
		f->series[n].counts = xcalloc(f->n_bounds + 1, sizeof(uint64_t));
	return n;
}

static struct series *series_of(struct metric *f, const char *const values[])
{
	const char *v[METRIC_LABELS_MAX];
	size_t i, n;

	for (i = 0; i < f->n_labels; i++)
		v[i] = values && values[i] ? values[i] : "";
	if (f->n_labels && number_of(&f->first, v[0], METRIC_VALUES_MAX) == SIZE_MAX)
		v[0] = METRIC_OTHER;
	n = find_or_add(f, v, METRIC_SERIES_MAX - 1);
	if (n == SIZE_MAX) {
		for (i = 0; i < f->n_labels; i++)
			v[i] = METRIC_OTHER;
		n = find_or_add(f, v, METRIC_SERIES_MAX);
	}
	return &f->series[n];
}

void metric_add(struct metric *f, double n, const char *const values[])
{
	series_of(f, values)->value += n;
}

void metric_set(struct metric *f, double value, const char *const values[])
{
	series_of(f, values)->value = value;
}

void metric_observe(struct metric *f, double value, const char *const values[])
{
	struct series *s = series_of(f, values);
	size_t i = 0;

	while (i < f->n_bounds && !(value <= f->bounds[i]))
		i++;
	s->counts[i]++;
	s->value += value;
}

size_t metric_series(const struct metric *f)
{
	return f->keys.n;
}

/* --- the text --- */

/* The shortest that reads back as the same. */
static void put_number(struct buf *b, double v)
{
	char text[40];
	int digits;

	if (isnan(v)) {
		buf_puts(b, "NaN");
		return;
	}
	if (isinf(v)) {
		buf_puts(b, v > 0 ? "+Inf" : "-Inf");
		return;
	}
	for (digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, v);
		if (strtod(text, NULL) == v)
			break;
	}
	buf_puts(b, text);
}

/* NAME_SUFFIX{labels,le="0.5"} VALUE */
static void put_line(struct buf *b, const struct metric *f, const char *suffix, const char *labels, const double *le,
		     double value)
{
	buf_puts(b, f->name);
	buf_puts(b, suffix);
	if (*labels || le)
		buf_printf(b, "{%s%s", labels, *labels && le ? "," : "");
	if (le) {
		buf_puts(b, "le=\"");
		put_number(b, *le);
		buf_putc(b, '"');
	}
	if (*labels || le)
		buf_putc(b, '}');
	buf_putc(b, ' ');
	put_number(b, value);
	buf_putc(b, '\n');
}

static void put_histogram(struct buf *b, const struct metric *f, const char *labels, const struct series *s)
{
	const double beyond = INFINITY;
	uint64_t n = 0;
	size_t i;

	for (i = 0; i <= f->n_bounds; i++) {
		n += s->counts ? s->counts[i] : 0;
		put_line(b, f, "_bucket", labels, i < f->n_bounds ? &f->bounds[i] : &beyond, (double)n);
	}
	put_line(b, f, "_sum", labels, NULL, s->value);
	put_line(b, f, "_count", labels, NULL, (double)n);
}

static void put_series(struct buf *b, const struct metric *f, const char *labels, const struct series *s)
{
	if (f->kind == HISTOGRAM)
		put_histogram(b, f, labels, s);
	else
		put_line(b, f, "", labels, NULL, s->value);
}

void metrics_write(const struct metrics *m, struct buf *b)
{
	static const char *const kinds[] = {[COUNTER] = "counter", [GAUGE] = "gauge", [HISTOGRAM] = "histogram"};
	static const struct series none = {.value = 0};
	size_t i, k;

	for (i = 0; i < m->n; i++) {
		const struct metric *f = m->families[i];

		if (!f->keys.n && f->n_labels)
			continue;
		buf_printf(b, "# HELP %s ", f->name);
		put_escaped(b, f->help, strlen(f->help), false);
		buf_printf(b, "\n# TYPE %s %s\n", f->name, kinds[f->kind]);
		if (!f->keys.n)
			put_series(b, f, "", &none);
		for (k = 0; k < f->keys.n; k++)
			put_series(b, f, f->keys.v[k], &f->series[k]);
	}
}
