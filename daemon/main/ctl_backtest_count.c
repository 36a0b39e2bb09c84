#include "main/ctl_backtest_count.h"

#include <string.h>

#include "base/buf.h"
#include "main/ctl_backtest_run.h"
#include "mention/mention.h"

struct backtest_count {
	char *topic;               /* alone; NULL: all */
	struct backtest_row *rows; /* sorted */
	size_t n, cap, examples;
	uint64_t rows_left;
};

struct backtest_count *backtest_count_new(const char *topic)
{
	struct backtest_count *c = NEW(struct backtest_count);

	c->topic = topic ? xstrdup(topic) : NULL;
	return c;
}

struct backtest_count *backtest_count_free(struct backtest_count *c)
{
	size_t i, k;

	if (!c)
		return NULL;
	for (i = 0; i < c->n; i++) {
		for (k = 0; k < COUNT_EXAMPLES; k++) {
			backtest_example_free(c->rows[i].gains[k]);
			backtest_example_free(c->rows[i].losses[k]);
		}
		free(c->rows[i].topic);
		free(c->rows[i].rule);
	}
	free(c->rows);
	free(c->topic);
	free(c);
	return NULL;
}

const struct backtest_row *backtest_count_rows(const struct backtest_count *c, size_t *ret_n)
{
	*ret_n = c->n;
	return c->rows;
}

uint64_t backtest_count_rows_left(const struct backtest_count *c)
{
	return c->rows_left;
}

/* --- rows --- */

static int compare(const struct backtest_row *row, const char *topic, const char *rule)
{
	int order = strcmp(row->topic, topic);

	return order ? order : strcmp(row->rule ? row->rule : "", rule ? rule : "");
}

/* Made where there is none; NULL past the bound. Pointers into rows last until the next call. */
static struct backtest_row *row_of(struct backtest_count *c, const char *topic, const char *rule)
{
	size_t low = 0, high = c->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(&c->rows[middle], topic, rule);

		if (order == 0)
			return &c->rows[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (c->n == COUNT_ROWS_MAX) {
		c->rows_left++;
		return NULL;
	}
	c->rows = GROW(c->rows, c->n, &c->cap);
	memmove(c->rows + low + 1, c->rows + low, (c->n - low) * sizeof(*c->rows));
	c->rows[low] = (struct backtest_row){.topic = xstrdup(topic), .rule = rule ? xstrdup(rule) : NULL};
	c->n++;
	return &c->rows[low];
}

static void keep_example(struct backtest_count *c, struct backtest_example **examples, const struct mention *m,
			 const struct backtest_hits *hits, const char *topic)
{
	size_t i;

	for (i = 0; i < COUNT_EXAMPLES && examples[i]; i++)
		;
	if (i == COUNT_EXAMPLES || c->examples == COUNT_EXAMPLES_MAX)
		return;
	examples[i] = backtest_example_new(m, hits, topic);
	c->examples++;
}

/* --- one mention --- */

const struct hit *backtest_hit(const struct backtest_hits *hits, const char *topic)
{
	size_t i;

	for (i = 0; i < hits->n; i++)
		if (strcmp(hits->v[i].topic, topic) == 0)
			return &hits->v[i];
	return NULL;
}

static bool has_rule(const struct hit *hit, const char *rule)
{
	return hit && (!rule || mention_names_have(hit->rules, hit->n_rules, rule));
}

/* What one side has of a row, against the other side. after: the side is the later one. */
static void count_one(struct backtest_count *c, const struct mention *m, const struct backtest_hits *side,
		      const struct hit *hit, const struct hit *other, const char *rule, bool after)
{
	struct backtest_row *row = row_of(c, hit->topic, rule);

	if (!row)
		return;
	if (after)
		row->after++;
	else
		row->before++;
	if (has_rule(other, rule))
		return;
	if (after)
		row->gained++;
	else
		row->lost++;
	keep_example(c, after ? row->gains : row->losses, m, side, hit->topic);
}

static void count_side(struct backtest_count *c, const struct mention *m, const struct backtest_hits *side,
		       const struct backtest_hits *others, bool after)
{
	size_t i, k;

	for (i = 0; i < side->n; i++) {
		const struct hit *hit = &side->v[i], *other = backtest_hit(others, hit->topic);

		if (c->topic && strcmp(c->topic, hit->topic) != 0)
			continue;
		count_one(c, m, side, hit, other, NULL, after);
		for (k = 0; k < hit->n_rules; k++)
			count_one(c, m, side, hit, other, hit->rules[k], after);
	}
}

void backtest_count_add(struct backtest_count *c, const struct mention *m, const struct backtest_hits *before,
			const struct backtest_hits *after)
{
	count_side(c, m, before, after, false);
	count_side(c, m, after, before, true);
}

/* --- the log --- */

static bool same_bytes(const struct hit *a, const struct hit *b)
{
	struct buf bytes[2] = {BUF_INIT(SIZE_MAX), BUF_INIT(SIZE_MAX)};
	const struct hit *hits[2] = {a, b};
	bool same;
	size_t i;

	for (i = 0; i < 2; i++) {
		struct hit one = *hits[i];
		const struct mention m = {.hits = &one, .n_hits = 1};

		mention_hits_put(&bytes[i], &m);
		mention_intents_put(&bytes[i], &m);
		mention_limited_put(&bytes[i], &m);
	}
	same = bytes[0].len == bytes[1].len && memcmp(buf_str(&bytes[0]), buf_str(&bytes[1]), bytes[0].len) == 0;
	buf_done(&bytes[0]);
	buf_done(&bytes[1]);
	return same;
}

void backtest_log_add(struct backtest_log *log, const char *topic, const struct mention *m,
		      const struct backtest_hits *today)
{
	const struct backtest_hits logged = {.v = m->hits, .n = m->n_hits};
	size_t i;

	for (i = 0; i < m->n_hits; i++) {
		const struct hit *now = backtest_hit(today, m->hits[i].topic);

		if (topic && strcmp(topic, m->hits[i].topic) != 0)
			continue;
		log->hits++;
		if (!now)
			log->gone++;
		else if (same_bytes(&m->hits[i], now))
			log->same++;
		else
			log->otherwise++;
	}
	for (i = 0; i < today->n; i++)
		if ((!topic || strcmp(topic, today->v[i].topic) == 0) && !backtest_hit(&logged, today->v[i].topic))
			log->fresh++;
}
