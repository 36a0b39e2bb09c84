#include "alert/lately.h"

#include <stdlib.h>
#include <string.h>

#include "alert/rose.h"
#include "base/utf8.h"
#include "mention/mention.h"

struct text {
	int64_t at_ms;
	char *words;
};

struct lately {
	struct text now[LATELY_NOW_MAX], before[LATELY_BEFORE_MAX];
	size_t n_now, n_before;
	uint64_t lots;
};

struct lately *lately_new(void)
{
	return NEW(struct lately);
}

struct lately *lately_free(struct lately *r)
{
	size_t i;

	for (i = 0; r && i < r->n_now; i++)
		free(r->now[i].words);
	for (i = 0; r && i < r->n_before; i++)
		free(r->before[i].words);
	free(r);
	return NULL;
}

/* A multiplicative generator (Knuth): which text goes is nobody's secret. */
static size_t lot(struct lately *r, size_t n)
{
	r->lots = r->lots * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (size_t)((r->lots >> 33) % n);
}

/* Takes t. */
static void put(struct lately *r, struct text *v, size_t *n, size_t max, struct text t)
{
	size_t i = *n < max ? (*n)++ : lot(r, max);

	free(v[i].words);
	v[i] = t;
}

/* What is older than an hour, by the newest. */
static void age(struct lately *r, int64_t before_ms, bool crisis)
{
	size_t i = 0;

	while (i < r->n_now) {
		struct text t = r->now[i];

		if (t.at_ms >= before_ms) {
			i++;
			continue;
		}
		r->now[i] = r->now[--r->n_now];
		r->now[r->n_now] = (struct text){.words = NULL};
		if (crisis)
			free(t.words);
		else
			put(r, r->before, &r->n_before, LATELY_BEFORE_MAX, t);
	}
}

static char *words_of(const struct mention *m)
{
	const char *title = m->title ? m->title : "", *text = m->text ? m->text : "";
	size_t n = utf8_cut(title, strlen(title), LATELY_TEXT_MAX_BYTES),
	       left = utf8_cut(text, strlen(text), LATELY_TEXT_MAX_BYTES - n);

	return xasprintf("%.*s\n%.*s", (int)n, title, (int)left, text);
}

void lately_add(struct lately *r, const struct mention *m, int64_t at_ms, bool crisis)
{
	age(r, at_ms - LATELY_NOW_MS, crisis);
	put(r, r->now, &r->n_now, LATELY_NOW_MAX, (struct text){at_ms, words_of(m)});
}

static void add(struct rose *rose, const struct text *v, size_t n, int64_t from_ms)
{
	size_t i;

	for (i = 0; i < n; i++)
		rose_add(rose, &(struct mention){.text = v[i].words}, v[i].at_ms >= from_ms);
}

struct rose *lately_rose(const struct lately *r, int64_t from_ms)
{
	struct rose *rose = rose_new();

	add(rose, r->now, r->n_now, from_ms);
	add(rose, r->before, r->n_before, from_ms);
	return rose;
}
