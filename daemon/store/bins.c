#include "store/bins.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "mention/mention.h"
#include "mention/series.h"
#include "store/db.h"

enum { HOUR_MINUTES = 60, DAY_MINUTES = 24 * 60, KEPT_NOTES = 65536 };

struct note {
	int64_t series, at_ms;
};

struct bins {
	struct note *notes;
	size_t n, cap;
	struct name {
		char *topic, *name; /* one piece of memory; NULL: none is remembered here */
		int kind;
		int64_t id;
	} names[BINS_NAMES];
};

struct bins *bins_new(void)
{
	return NEW(struct bins);
}

static void forget_names(struct bins *b)
{
	size_t i;

	for (i = 0; i < BINS_NAMES; i++) {
		free(b->names[i].topic);
		b->names[i].topic = NULL;
	}
}

struct bins *bins_free(struct bins *b)
{
	if (!b)
		return NULL;
	forget_names(b);
	free(b->notes);
	free(b);
	return NULL;
}

static int find_in_log(struct db *db, enum sql sql, const char *topic, int kind, const char *name, int64_t *ret)
{
	cleanup(query_end) struct query q = query_begin(db, sql);
	int r;

	query_put_text(&q, topic);
	query_put_int(&q, kind);
	query_put_text(&q, name);
	r = query_next(&q);
	if (r > 0) {
		*ret = query_get_int(&q);
		r = query_next(&q); /* a statement that changes is done when it has said so */
		return r < 0 ? r : 1;
	}
	return r;
}

/* FNV-1a: only spreads names over the slots. */
static uint32_t spread(uint32_t h, const char *s)
{
	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h;
}

static void remember(struct name *at, const char *topic, int kind, const char *name, int64_t id)
{
	size_t len = strlen(topic) + 1;

	free(at->topic);
	at->topic = xmalloc(len + strlen(name) + 1);
	at->name = at->topic + len;
	memcpy(at->topic, topic, len);
	memcpy(at->name, name, strlen(name) + 1);
	at->kind = kind;
	at->id = id;
}

static int find_series(struct bins *b, struct db *db, const char *topic, int kind, const char *name, int64_t *ret)
{
	struct name *at = &b->names[spread(spread(2166136261u ^ (unsigned)kind, topic), name) % BINS_NAMES];
	int r;

	if (at->topic && at->kind == kind && strcmp(at->name, name) == 0 && strcmp(at->topic, topic) == 0) {
		*ret = at->id;
		return 0;
	}
	r = find_in_log(db, SQL_SERIES_FIND, topic, kind, name, ret);
	if (r == 0)
		r = find_in_log(db, SQL_SERIES_ADD, topic, kind, name, ret);
	if (r <= 0)
		return r;
	remember(at, topic, kind, name, *ret);
	return 0;
}

static int note(struct bins *b, struct db *db, const char *topic, enum series_kind kind, const char *name,
		int64_t at_ms)
{
	int64_t series;
	int r = find_series(b, db, topic, (int)kind, name, &series);

	if (r < 0)
		return r;
	b->notes = GROW(b->notes, b->n, &b->cap);
	b->notes[b->n++] = (struct note){series, at_ms - (at_ms % SERIES_BIN_MS + SERIES_BIN_MS) % SERIES_BIN_MS};
	return 0;
}

/* Those of v that `before` has not. */
static int note_names(struct bins *b, struct db *db, const char *topic, enum series_kind kind, const char **v, size_t n,
		      const char **before, size_t n_before, int64_t at_ms)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < n; i++)
		if (!mention_names_have(before, n_before, v[i]))
			r = note(b, db, topic, kind, v[i], at_ms);
	return r;
}

static int note_hit(struct bins *b, struct db *db, const struct hit *h, const struct hit *before, enum series_kind tone,
		    int64_t at_ms)
{
	static const struct hit none = {.topic = NULL};
	int r = 0;

	if (!before) {
		before = &none;
		r = note(b, db, h->topic, SERIES_ALL, "", at_ms);
		if (r == 0 && tone != SERIES_ALL)
			r = note(b, db, h->topic, tone, "", at_ms);
	}
	if (r == 0)
		r = note_names(b, db, h->topic, SERIES_INTENT, h->intents, h->n_intents, before->intents,
			       before->n_intents, at_ms);
	if (r == 0)
		r = note_names(b, db, h->topic, SERIES_TAG, h->tags, h->n_tags, before->tags, before->n_tags, at_ms);
	return r < 0 ? r
		     : note_names(b, db, h->topic, SERIES_RULE, h->rules, h->n_rules, before->rules, before->n_rules,
				  at_ms);
}

int bins_count(struct bins *b, struct db *db, const struct mention *m)
{
	size_t i;
	int r = 0;

	if (!series_counts(m))
		return 0;
	for (i = 0; r == 0 && i < m->n_hits; i++)
		r = note_hit(b, db, &m->hits[i], NULL, series_tone(m), series_time(m));
	return r;
}

static const struct hit *hit_of(const struct mention *m, const char *topic)
{
	size_t i;

	for (i = 0; i < m->n_hits; i++)
		if (strcmp(m->hits[i].topic, topic) == 0)
			return &m->hits[i];
	return NULL;
}

int bins_count_gained(struct bins *b, struct db *db, const struct mention *m, const struct mention *before,
		      int64_t now_ms)
{
	size_t i;
	int r = 0;

	if (!series_counts(m))
		return 0;
	for (i = 0; r == 0 && i < m->n_hits; i++)
		r = note_hit(b, db, &m->hits[i], hit_of(before, m->hits[i].topic), series_tone(m), now_ms);
	return r;
}

size_t bins_mark(const struct bins *b)
{
	return b->n;
}

void bins_undo(struct bins *b, size_t mark)
{
	if (b->n > mark)
		b->n = mark;
	forget_names(b);
}

static int by_series_and_time(const void *a, const void *b)
{
	const struct note *x = a, *y = b;

	if (x->series != y->series)
		return x->series < y->series ? -1 : 1;
	return (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

static int add(struct db *db, const struct note *note, size_t n)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_BIN_ADD);

	query_put_int(&q, note->series);
	query_put_int(&q, SERIES_BIN_MINUTES);
	query_put_int(&q, note->at_ms);
	query_put_int(&q, (int64_t)n);
	return query_run(&q);
}

int bins_write(struct bins *b, struct db *db)
{
	size_t i, from = 0;
	int r = 0;

	if (!b->n)
		return 0;
	qsort(b->notes, b->n, sizeof(*b->notes), by_series_and_time);
	for (i = 1; r == 0 && i <= b->n; i++) {
		if (i < b->n && by_series_and_time(&b->notes[i], &b->notes[from]) == 0)
			continue;
		r = add(db, &b->notes[from], i - from);
		from = i;
	}
	b->n = 0;
	if (b->cap > KEPT_NOTES) {
		free(b->notes);
		b->notes = NULL;
		b->cap = 0;
	}
	return r;
}

static int drop(struct db *db, int minutes, int64_t before_ms)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_BIN_DROP);

	query_put_int(&q, minutes);
	query_put_int(&q, before_ms);
	return query_run(&q);
}

/* before_ms: up to a whole day, so that no larger bin is made of half of its parts. */
static int fold(struct db *db, int from, int to, int64_t before_ms)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_BIN_FOLD);
	int r;

	query_put_int(&q, to);
	query_put_int(&q, from);
	query_put_int(&q, before_ms);
	r = query_run(&q);
	return r < 0 ? r : drop(db, from, before_ms);
}

static int run(struct db *db, enum sql sql, const int64_t *value)
{
	cleanup(query_end) struct query q = query_begin(db, sql);

	if (value)
		query_put_int(&q, *value);
	return query_run(&q);
}

int bins_sweep(struct bins *b, struct db *db, int64_t now_ms)
{
	int64_t today = now_ms / DAY_MS * DAY_MS, oldest = today - BINS_DAYS * DAY_MS;
	int r = fold(db, SERIES_BIN_MINUTES, HOUR_MINUTES, today - BINS_FINE_DAYS * DAY_MS);

	if (r == 0)
		r = fold(db, HOUR_MINUTES, DAY_MINUTES, today - BINS_HOURS_DAYS * DAY_MS);
	if (r == 0)
		r = drop(db, DAY_MINUTES, oldest);
	if (r == 0)
		r = run(db, SQL_SERIES_DROP, NULL);
	if (r == 0)
		r = run(db, SQL_TOPIC_STATE_OLD, &oldest);
	forget_names(b);
	return r;
}
