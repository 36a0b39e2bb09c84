/*
 * What the loop pays when a bin of five minutes closes: topics of as many names as they may have, until there are 10,000 series,
 * with a count in each; each topic is closed, judged, and put down as it is kept. Thread CPU time, median of five bins, after a
 * day of them.
 *
 *	bench_topics [--small]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "stats/topic.h"

enum { SERIES = 10000, SMALL = 1000, TOPICS = 3, ROUNDS = 5, DAY_BINS = 288, STATE_MAX_BYTES = 8 << 20 };
static const double GOAL_MS = 20;

static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void say(struct topic *t, size_t names, uint32_t n)
{
	char name[32];
	size_t i;

	for (i = 0; i < names; i++) {
		snprintf(name, sizeof(name), "rule-%zu", i);
		topic_count(t, SERIES_RULE, name, n);
	}
}

static void close_all(struct topic **v, int64_t end_ms, int hour)
{
	struct judge_verdict verdict;
	struct judge_facts facts;
	size_t i;

	for (i = 0; i < TOPICS; i++) {
		topic_close(v[i], end_ms, hour);
		topic_judge(v[i], end_ms, hour, &facts, &verdict);
	}
}

static size_t put_all(struct topic **v)
{
	size_t i, bytes = 0;

	for (i = 0; i < TOPICS; i++) {
		struct buf b = BUF_INIT(STATE_MAX_BYTES);

		topic_put(v[i], &b);
		bytes += b.full ? 0 : b.len;
		buf_done(&b);
	}
	return bytes;
}

int main(int argc, char **argv)
{
	const size_t series = argc > 1 && strcmp(argv[1], "--small") == 0 ? SMALL : SERIES, names = series / TOPICS;
	double closing[ROUNDS], putting[ROUNDS];
	int64_t end_ms = INT64_C(1790000000000) / SERIES_BIN_MS * SERIES_BIN_MS;
	struct topic *v[TOPICS];
	size_t i, bytes = 0;
	int bin;

	for (i = 0; i < TOPICS; i++)
		v[i] = topic_new("acme", true);
	for (bin = 0; bin < DAY_BINS + ROUNDS; bin++, end_ms += SERIES_BIN_MS) {
		double from;
		int nth = bin - DAY_BINS;

		for (i = 0; i < TOPICS; i++)
			say(v[i], names, (uint32_t)(bin % 3));
		from = cpu_ms();
		close_all(v, end_ms, bin / 12 % 24);
		if (nth < 0)
			continue;
		closing[nth] = cpu_ms() - from;
		from = cpu_ms();
		bytes = put_all(v);
		putting[nth] = cpu_ms() - from;
	}
	qsort(closing, ROUNDS, sizeof(*closing), by_value);
	qsort(putting, ROUNDS, sizeof(*putting), by_value);
	printf("%zu series: a bin closes in %.2f ms (goal %.0f); what was learnt is %zu bytes, put down in %.2f ms\n",
	       series, closing[ROUNDS / 2], GOAL_MS, bytes, putting[ROUNDS / 2]);
	for (i = 0; i < TOPICS; i++)
		topic_free(v[i]);
	return closing[ROUNDS / 2] > GOAL_MS || !bytes;
}
