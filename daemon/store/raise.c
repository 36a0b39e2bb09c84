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

/* Its row of the stream moves to the end of it. */
static int enter_again(struct writer *w, struct mention_row *row, const struct mention *before, int64_t now_ms,
		       struct poll_result *result)
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
		return enter_again(w, &row, &before, now_ms, result);
	return take_put_changed(w, &row, &row.m, now_ms, result);
}
