#include "store/raise.h"

#include <string.h>

#include "base/arena.h"
#include "mention/mention.h"
#include "store/bins.h"
#include "store/mention_row.h"
#include "store/stream_id.h"
#include "store/stream_move.h"
#include "store/take.h"
#include "store/writer.h"

/* Adds the names that are not there yet, as far as there is room. Returns how many. */
static size_t join_names(const char ***v, size_t *n, const char **from, size_t n_from, struct arena *a)
{
	const char **joined = ARENA_ARRAY(a, const char *, *n + n_from);
	size_t k = *n, i;

	if (k)
		memcpy(joined, *v, k * sizeof(*joined));
	for (i = 0; i < n_from && k < MENTION_NAMES_MAX; i++)
		if (!mention_names_have(joined, k, from[i]))
			joined[k++] = from[i];
	i = k - *n;
	*v = joined;
	*n = k;
	return i;
}

static bool join_hit(struct hit *to, const struct hit *from, struct arena *a)
{
	size_t n = join_names(&to->rules, &to->n_rules, from->rules, from->n_rules, a);

	n += join_names(&to->tags, &to->n_tags, from->tags, from->n_tags, a);
	n += join_names(&to->intents, &to->n_intents, from->intents, from->n_intents, a);
	return n > 0;
}

/* Whether `to` gained anything. */
static bool join(struct mention *to, const struct mention *from, struct arena *a)
{
	struct hit *v = ARENA_ARRAY(a, struct hit, to->n_hits + from->n_hits);
	size_t i, k, n = to->n_hits;
	bool gained = false;

	if (n)
		memcpy(v, to->hits, n * sizeof(*v));
	for (i = 0; i < from->n_hits; i++) {
		for (k = 0; k < n && strcmp(v[k].topic, from->hits[i].topic) != 0; k++)
			;
		if (k < n) {
			gained |= join_hit(&v[k], &from->hits[i], a);
		} else if (n < MENTION_HITS_MAX) {
			v[n++] = from->hits[i];
			gained = true;
		}
	}
	to->hits = v;
	to->n_hits = n;
	return gained;
}

/* Those of v that `before` has not. */
static const char **names_less(const char **v, size_t n, const char **before, size_t n_before, struct arena *a,
			       size_t *ret_n)
{
	const char **left = ARENA_ARRAY(a, const char *, n);
	size_t i;

	*ret_n = 0;
	for (i = 0; i < n; i++)
		if (!mention_names_have(before, n_before, v[i]))
			left[(*ret_n)++] = v[i];
	return left;
}

static const struct hit *hit_of(const struct mention *m, const char *topic)
{
	size_t i;

	for (i = 0; i < m->n_hits; i++)
		if (strcmp(m->hits[i].topic, topic) == 0)
			return &m->hits[i];
	return NULL;
}

/* now, without the names that before has. False: there are none. */
static bool hit_gained(const struct hit *now, const struct hit *before, struct arena *a, struct hit *ret)
{
	*ret = *now;
	ret->rules = names_less(now->rules, now->n_rules, before->rules, before->n_rules, a, &ret->n_rules);
	ret->tags = names_less(now->tags, now->n_tags, before->tags, before->n_tags, a, &ret->n_tags);
	ret->intents = names_less(now->intents, now->n_intents, before->intents, before->n_intents, a, &ret->n_intents);
	return ret->n_rules + ret->n_tags + ret->n_intents > 0;
}

/* For who counts as it comes: what it gained, of m, which is there until the request goes; before is the row's, which is not. */
static void note_gained(const struct mention *m, const struct mention *before, struct poll_result *result)
{
	struct mention *gained = ARENA_NEW(result->arena, struct mention);
	struct hit *v = ARENA_ARRAY(result->arena, struct hit, m->n_hits);
	size_t i, n = 0, n_new;

	for (i = 0; i < m->n_hits; i++)
		if (!hit_of(before, m->hits[i].topic))
			v[n++] = m->hits[i];
	n_new = n;
	for (i = 0; i < m->n_hits; i++) {
		const struct hit *was = hit_of(before, m->hits[i].topic);

		n += was && hit_gained(&m->hits[i], was, result->arena, &v[n]);
	}
	*gained = *m;
	gained->hits = v;
	gained->n_hits = n;
	gained->seen_ms = before->seen_ms;
	gained->published_ms = before->published_ms;
	gained->baseline = before->baseline;
	gained->own = before->own;
	gained->place = before->place;
	result->gained[result->n_gained++] = (struct poll_gain){.m = gained, .n_new = n_new};
}

/* Its row of the stream moves to the end of it. */
static int enter_again(struct writer *w, struct mention_row *row, const struct mention *m, const struct mention *before,
		       int64_t now_ms, struct poll_result *result)
{
	int64_t old = row->stream;
	int r;

	row->stream = writer_next_stream(w, now_ms);
	r = mention_row_set(w->db, row);
	if (r == 0)
		r = stream_move(w, old, &row->m, row->stream);
	if (r == 0)
		r = take_index_hits(w, row);
	if (r == 0)
		r = bins_count_gained(w->bins, w->db, &row->m, before, now_ms);
	if (r < 0)
		return r;
	result->raised++;
	note_gained(m, before, result);
	result->last = stream_id_unpack(row->stream);
	return 0;
}

int raise_mention(struct writer *w, const struct mention *m, int64_t source, int64_t now_ms, struct poll_result *result)
{
	cleanup(arena_freep) struct arena *a = arena_new(MENTION_TEXT_MAX_BYTES);
	struct mention before;
	struct mention_row row;
	int r = stream_rows_flush(&w->stream_rows, w->db);

	if (r == 0)
		r = take_judged_counts(w, m->id, source, &m->counts, now_ms);
	if (r == 0)
		r = take_find(w, m->id, a, &row);
	if (r != 0)
		return r < 0 ? r : 0;
	before = row.m;
	if (row.source != source || !join(&row.m, m, a))
		return 0;
	row.m.print = m->print;
	if (row.stream)
		return enter_again(w, &row, m, &before, now_ms, result);
	return take_put_changed(w, &row, &row.m, now_ms, result);
}
