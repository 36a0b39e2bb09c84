#pragma once
/*
 * base/metrics: what is counted, in Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/,
 * version 0.0.4).
 *
 *   polls = metrics_counter(m, "escuchad_polls_total", "Polls that ended.", METRIC_LABELS("source", "result"));
 *   metric_add(polls, 1, METRIC_VALUES("prensa", "ok"));
 *   metrics_write(m, &b);
 *
 * A family has a name, a help text and at most METRIC_LABELS_MAX labels, fixed when it is made. What a label's value is
 * comes from outside, and so it is escaped, cut at METRIC_VALUE_MAX_BYTES, and counted: past METRIC_VALUES_MAX values of
 * the first label, and past METRIC_SERIES_MAX series, what is new goes to "other", so that neither memory nor a scrape
 * grows with what is listened to.
 *
 * Owner:  whoever called metrics_new(); families live as long. Blocks: never. Thread: one.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

struct buf;
struct metric;
struct metrics;

enum {
	METRIC_LABELS_MAX = 3,
	METRIC_VALUES_MAX = 1000,  /* of a family's first label; further ones are "other" */
	METRIC_SERIES_MAX = 10000, /* of a family, whatever its labels: then all of a series' labels are "other" */
	METRIC_VALUE_MAX_BYTES = 200,
	METRIC_BOUNDS_MAX = 20, /* of a histogram, without +Inf */
	METRICS_FAMILIES_MAX = 100,
};
#define METRIC_OTHER "other"

/* Of a family and of a series; NULL-terminated, in the same order. A family without labels: NULL. */
#define METRIC_LABELS(...)                                                                                             \
	(const char *const[])                                                                                          \
	{                                                                                                              \
		__VA_ARGS__, NULL                                                                                      \
	}
#define METRIC_VALUES(...)                                                                                             \
	(const char *const[])                                                                                          \
	{                                                                                                              \
		__VA_ARGS__, NULL                                                                                      \
	}

struct metrics *metrics_new(void) must_use;
struct metrics *metrics_free(struct metrics *m); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct metrics, metrics_free)

/* name, help, labels and bounds are borrowed for good: they are the program's own texts. A counter's name ends in _total,
 * as the format wants it. bounds ascend. */
struct metric *metrics_counter(struct metrics *m, const char *name, const char *help, const char *const labels[]);
struct metric *metrics_gauge(struct metrics *m, const char *name, const char *help, const char *const labels[]);
struct metric *metrics_histogram(struct metrics *m, const char *name, const char *help, const char *const labels[],
				 const double bounds[], size_t n_bounds);

void metric_add(struct metric *f, double n, const char *const values[]);     /* counter, gauge */
void metric_set(struct metric *f, double value, const char *const values[]); /* gauge, or a counter kept elsewhere */
void metric_observe(struct metric *f, double value, const char *const values[]); /* histogram */
void metric_clear(struct metric *f); /* no series any more: of what is counted anew at each scrape */
size_t metric_series(const struct metric *f);

/* Every family, in the order in which they were made; one without series is left out, unless it has no labels: then it
 * is 0. */
void metrics_write(const struct metrics *m, struct buf *b);
