#include "store/writer.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "store/author.h"
#include "store/ballast.h"
#include "store/bins.h"
#include "store/entry.h"
#include "store/story_index.h"
#include "store/stream_id.h"

struct voice_names writer_names_copy(struct arena *a, const struct voice_names *from)
{
	struct voice_name *v = ARENA_ARRAY(a, struct voice_name, from->n);
	size_t i;

	for (i = 0; i < from->n; i++)
		v[i] = (struct voice_name){from->v[i].handle, arena_strdup(a, from->v[i].value)};
	return (struct voice_names){v, from->n};
}

void writer_configure(struct writer *w, const struct store_config *config)
{
	struct arena *a = arena_new(WRITER_NAMES_MAX_BYTES);

	w->vip = writer_names_copy(a, &config->vip);
	w->ignore = writer_names_copy(a, &config->ignore);
	arena_free(w->names_arena);
	w->names_arena = a;
	w->config = *config;
}

int writer_init(struct writer *w, const char *path, const struct store_config *config)
{
	int r;

	*w = (struct writer){.scratch = BUF_INIT(ENTRY_MAX_BYTES),
			     .searched_at_ms = clock_steady_ms(),
			     .stories = story_index_new(),
			     .bins = bins_new(),
			     .authors = authors_new()};
	writer_configure(w, config);
	w->ballast_path = xasprintf("%s.ballast", path);
	r = db_open(path, true, &w->db);
	return r;
}

void writer_forget_names(struct writer *w)
{
	size_t i;

	for (i = 0; i < WRITER_NAMES; i++) {
		free(w->names[i].name);
		w->names[i].name = NULL;
	}
}

void writer_done(struct writer *w)
{
	writer_forget_names(w);
	w->db = db_close(w->db);
	buf_done(&w->scratch);
	free(w->ballast_path);
	w->ballast_path = NULL;
	w->stories = story_index_free(w->stories);
	w->bins = bins_free(w->bins);
	w->authors = authors_free(w->authors);
	arena_free(w->names_arena);
	w->names_arena = NULL;
}

void writer_set_full(struct writer *w, bool disk_full, bool size_full)
{
	bool full = disk_full || size_full;

	if (disk_full && !w->disk_full)
		ballast_drop(w->ballast_path);
	if (full && !w->full)
		LOG_ERROR("store.full",
			  LOG_S("why", disk_full ? "the disk is full"
						 : "keep.size is reached, and all of it waits for Redis"));
	if (!full && w->full)
		LOG_INFO("store.room_again");
	w->disk_full = disk_full;
	w->size_full = size_full;
	w->full = full;
}

static int load(struct writer *w, enum sql sql, int64_t *ret)
{
	cleanup(query_end) struct query q = query_begin(w->db, sql);
	int r = query_next(&q);

	if (r > 0)
		*ret = query_get_int(&q);
	return r < 0 ? r : 0;
}

/* sent: that row may be gone, and below the mark a new one would count as sent. */
static void last_of(int64_t *last, int64_t row, int64_t sent)
{
	if (row > *last)
		*last = row;
	if (sent > *last)
		*last = sent;
}

int writer_reset(struct writer *w)
{
	int64_t last = 0, last_change = 0;
	int r;

	writer_forget_names(w);
	w->stream_rows = (struct stream_rows){.n_rows = 0};
	w->plain_mark = 0;
	w->search_settled = false;
	r = load(w, SQL_STREAM_LAST, &last);
	if (r == 0)
		r = load(w, SQL_SEARCH_MARK, &w->search_mark);
	if (r == 0)
		r = tally_load(&w->tally, w->db);
	if (r == 0)
		r = load(w, SQL_ALIAS_ANY, &w->aliases);
	if (r == 0)
		r = load(w, SQL_PAST_ANY, &w->past);
	if (r == 0)
		r = load(w, SQL_FORGOTTEN_ANY, &w->forgotten);
	if (r == 0)
		r = load(w, SQL_CHANGE_LAST, &last_change);
	/* one that was given and rolled back is not given again: nobody has to know */
	last_of(&w->last_stream, last, w->tally.sent[OUTBOX_HITS]);
	last_of(&w->last_change, last_change, w->tally.sent[OUTBOX_INCIDENTS]);
	return r;
}

/* FNV-1a: only spreads names over the slots. */
static size_t slot_of(const char *name)
{
	uint32_t h = 2166136261u;

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 16777619u;
	return h % WRITER_NAMES;
}

static int find_or_add(struct writer *w, const char *name, int64_t *ret)
{
	cleanup(query_end) struct query find = query_begin(w->db, SQL_NAME_FIND);
	cleanup(query_end) struct query add = query_begin(w->db, SQL_NAME_ADD);
	int r;

	query_put_text(&find, name);
	r = query_next(&find);
	if (r < 0)
		return r;
	if (r > 0) {
		*ret = query_get_int(&find);
		return 0;
	}
	query_put_text(&add, name);
	r = query_run(&add);
	if (r == 0)
		*ret = db_last_id(w->db);
	return r;
}

int writer_name(struct writer *w, const char *name, int64_t *ret)
{
	size_t slot = slot_of(name);
	int64_t id = 0;
	int r;

	if (w->names[slot].name && strcmp(w->names[slot].name, name) == 0) {
		*ret = w->names[slot].id;
		return 0;
	}
	r = find_or_add(w, name, &id);
	if (r < 0)
		return r;
	free(w->names[slot].name);
	w->names[slot].name = xstrdup(name);
	w->names[slot].id = id;
	w->names[slot].digest = 0;
	*ret = id;
	return 0;
}

uint64_t writer_name_digest(struct writer *w, const char *name)
{
	size_t slot = slot_of(name);
	bool remembered = w->names[slot].name && strcmp(w->names[slot].name, name) == 0;
	uint64_t digest;

	if (remembered && w->names[slot].digest)
		return w->names[slot].digest;
	digest = hash_u64(&(struct hash_part){name, strlen(name)}, 1);
	if (remembered)
		w->names[slot].digest = digest;
	return digest;
}

int writer_stored_pending(const struct writer *w, enum outbox_stream which, int64_t stream)
{
	return stream > w->tally.sent[which] ? STREAM_BY_MARK : STREAM_AGAIN;
}

int64_t writer_next_stream(struct writer *w, int64_t now_ms)
{
	return writer_next_id(w, OUTBOX_HITS, now_ms);
}

int64_t *writer_last_id(struct writer *w, enum outbox_stream which)
{
	return which == OUTBOX_HITS ? &w->last_stream : &w->last_change;
}

int64_t writer_next_id(struct writer *w, enum outbox_stream which, int64_t now_ms)
{
	int64_t *last = writer_last_id(w, which);
	int64_t id = stream_id_next(*last, now_ms);

	if (stream_id_unpack(id).ms > now_ms + HOUR_MS)
		LOG_LIMITED("store.clock_behind", LOG_I("behind_s", (stream_id_unpack(id).ms - now_ms) / SECOND_MS));
	*last = id;
	return id;
}
