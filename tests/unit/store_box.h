#pragma once
/*
 * A log of a test's own in a temporary folder, and its requests as calls that wait for their answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <ftw.h>
#include <poll.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/hash.h"
#include "mention/mention.h"
#include "store/store.h"

enum { BOX_WAIT_MS = 20000, BOX_ROWS = 64 };
#define BOX_START_MS INT64_C(1790000000000) /* the test's clock begins in September 2026 */

struct box {
	char dir[64];
	int woken;
	struct store *store;
	struct store_config config;
};

static _Atomic int64_t box_wall_ms, box_steady_ms;

static int64_t box_wall(void)
{
	return box_wall_ms;
}

static int64_t box_steady(void)
{
	return box_steady_ms;
}

static void box_wake(void *arg)
{
	const struct box *b = arg;

	assert_int_equal(eventfd_write(b->woken, 1), 0);
}

static inline int box_try_open(struct box *b, struct diag *diag)
{
	return store_open(b->dir, &b->config, box_wake, b, diag, &b->store);
}

static inline void box_open(struct box *b)
{
	assert_int_equal(box_try_open(b, NULL), 0);
}

/* A new folder and an open log, with a clock that stands. */
static inline void box_init(struct box *b)
{
	static const struct clock_source standing = {.wall_ms = box_wall, .steady_ms = box_steady};

	*b = (struct box){.config = {.keep_mentions_ms = 7 * DAY_MS, .keep_hits_ms = 90 * DAY_MS, .outbox = true}};
	box_wall_ms = BOX_START_MS;
	box_steady_ms = 1;
	clock_replace(&standing);
	snprintf(b->dir, sizeof(b->dir), "%s", "/tmp/escuchad-store-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	b->woken = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	assert_true(b->woken >= 0);
	box_open(b);
}

static inline int box_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void box_done(struct box *b)
{
	store_close(b->store);
	close(b->woken);
	clock_replace(NULL);
	assert_int_equal(nftw(b->dir, box_remove, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static inline void box_reopen(struct box *b)
{
	b->store = store_close(b->store);
	box_open(b);
}

static inline const char *box_path(const struct box *b, const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", b->dir, name);
	return path;
}

/* Answers until *done. */
static inline void box_wait(struct box *b, const bool *done)
{
	struct pollfd fd = {.fd = b->woken, .events = POLLIN};
	eventfd_t n;

	while (!*done) {
		assert_int_equal(poll(&fd, 1, BOX_WAIT_MS), 1);
		(void)eventfd_read(b->woken, &n);
		store_dispatch(b->store);
	}
}

/* --- what a poll found --- */

struct found {
	struct arena *arena;
	struct answer answer;
};

static inline struct found found_new(void)
{
	struct found f = {.arena = arena_new(1 << 20)};

	f.answer.items = ARENA_ARRAY(f.arena, struct item_mark, BOX_ROWS);
	f.answer.mentions = ARENA_ARRAY(f.arena, struct mention, BOX_ROWS);
	return f;
}

static inline struct hit *found_hit(struct arena *a, const char *topic)
{
	struct hit *h = ARENA_NEW(a, struct hit);
	static const char *rules[] = {"loud", "near"}, *tags[] = {"crisis"};
	static struct span span = {.in = SPAN_TEXT, .from = 0, .to = 2, .pattern = "name"};

	*h = (struct hit){.topic = arena_strdup(a, topic),
			  .role = "brand",
			  .rules = rules,
			  .n_rules = 2,
			  .tags = tags,
			  .n_tags = 1,
			  .spans = &span,
			  .n_spans = 1};
	return h;
}

/* An item and, if it is new or edited, its mention. topic NULL: no hit. */
static inline struct mention *found_item(struct found *f, enum item_state state, const char *key, const char *text,
					 const char *topic)
{
	struct item_mark *item = &f->answer.items[f->answer.n_items++];
	struct mention *m;

	assert_true(f->answer.n_items <= BOX_ROWS);
	*item = (struct item_mark){.state = state, .counts = {COUNT_NONE, COUNT_NONE, COUNT_NONE, COUNT_NONE}};
	mention_identity("test", key, item->key.id);
	if (state != ITEM_NEW && state != ITEM_EDITED)
		return NULL;
	m = &f->answer.mentions[f->answer.n_mentions++];
	mention_init(m);
	memcpy(m->id, item->key.id, sizeof(m->id));
	m->platform = "feed";
	m->guid = m->url = arena_printf(f->arena, "https://example.com/%s", key);
	m->title = "T";
	m->text = arena_strdup(f->arena, text);
	m->seen_ms = box_wall_ms;
	m->published_ms = box_wall_ms - 5000;
	if (topic) {
		m->hits = found_hit(f->arena, topic);
		m->n_hits = 1;
	}
	item->key.content = mention_content_hash(m);
	return m;
}

struct poll_got {
	bool done;
	int r;
	struct poll_result result;
};

static inline void on_poll(void *arg, int r, const struct poll_result *result)
{
	struct poll_got *got = arg;

	got->r = r;
	assert_true((r == 0) == (result != NULL));
	if (result)
		got->result = *result;
	got->done = true;
}

static inline struct poll_outcome box_outcome(const char *source, const struct found *f)
{
	return (struct poll_outcome){
		.state = {.name = source,
			  .platform = "feed",
			  .baselined = true,
			  .polled_ms = box_wall_ms,
			  .ok_ms = box_wall_ms,
			  .new_ms = TIME_NONE,
			  .next_ms = box_wall_ms + 300000},
		.answer = f ? &f->answer : NULL,
		.now_ms = box_wall_ms,
	};
}

static inline void box_post(struct box *b, const char *source, struct found *f, struct poll_got *got)
{
	struct poll_outcome o = box_outcome(source, f);

	store_poll(b->store, &o, f ? f->arena : NULL, on_poll, got);
}

/* f is used up. */
static inline struct poll_result box_poll(struct box *b, const char *source, struct found f)
{
	struct poll_got got = {.done = false};

	box_post(b, source, &f, &got);
	box_wait(b, &got.done);
	assert_int_equal(got.r, 0);
	return got.result;
}

/* --- rows, copied --- */

struct rows {
	bool done;
	int r;
	size_t n;
	struct stream_id id[STORE_ROWS_MAX];
	char *json[STORE_ROWS_MAX];
	char *names[STORE_ROWS_MAX]; /* topics; outbox: topics|rules|tags|published|mention */
};

static inline void rows_done(struct rows *rows)
{
	size_t i;

	for (i = 0; i < rows->n; i++) {
		free(rows->json[i]);
		free(rows->names[i]);
	}
	*rows = (struct rows){.n = 0};
}

static inline void on_rows(void *arg, int r, const struct store_row *v, size_t n)
{
	struct rows *rows = arg;

	for (rows->n = 0; rows->n < n; rows->n++) {
		rows->id[rows->n] = v[rows->n].id;
		rows->json[rows->n] = xstrdup(v[rows->n].json);
		rows->names[rows->n] = xstrdup(v[rows->n].topics);
	}
	rows->r = r;
	rows->done = true;
}

static inline void on_outbox(void *arg, int r, const struct outbox_row *v, size_t n)
{
	struct rows *rows = arg;

	for (rows->n = 0; rows->n < n; rows->n++) {
		const struct outbox_row *o = &v[rows->n];

		rows->id[rows->n] = o->id;
		rows->json[rows->n] = xstrdup(o->json);
		rows->names[rows->n] = xasprintf("%s|%s|%s|%s|%s", o->topics, o->rules, o->tags,
						 o->published ? o->published : "-", o->mention);
	}
	rows->r = r;
	rows->done = true;
}

static inline void on_done(void *arg, int r)
{
	struct poll_got *got = arg;

	got->r = r;
	got->done = true;
}

static inline void box_outbox(struct box *b, struct stream_id after, struct rows *rows)
{
	rows_done(rows);
	store_outbox_read(b->store, OUTBOX_HITS, after, STORE_ROWS_MAX, on_outbox, rows);
	box_wait(b, &rows->done);
	assert_int_equal(rows->r, 0);
}

static inline void box_sent(struct box *b, const struct stream_id *ids, size_t n)
{
	struct poll_got got = {.done = false};

	store_outbox_sent(b->store, OUTBOX_HITS, ids, n, on_done, &got);
	box_wait(b, &got.done);
	assert_int_equal(got.r, 0);
}

static inline void box_mention(struct box *b, const char *key, struct rows *rows)
{
	uint8_t id[MENTION_ID_BYTES];

	rows_done(rows);
	mention_identity("test", key, id);
	store_mention(b->store, id, on_rows, rows);
	box_wait(b, &rows->done);
	assert_int_equal(rows->r, 0);
}

static inline void box_hits(struct box *b, struct store_hits_filter filter, struct rows *rows)
{
	rows_done(rows);
	store_hits(b->store, &filter, on_rows, rows);
	box_wait(b, &rows->done);
	assert_int_equal(rows->r, 0);
}

static inline void box_search(struct box *b, const char *text, struct rows *rows)
{
	rows_done(rows);
	store_search(b->store, text, 0, on_rows, rows);
	box_wait(b, &rows->done);
	assert_int_equal(rows->r, 0);
}

struct status_got {
	bool done;
	struct store_status status;
};

static inline void on_status(void *arg, int r, const struct store_status *status)
{
	struct status_got *got = arg;

	assert_int_equal(r, 0);
	got->status = *status;
	got->done = true;
}

static inline struct store_status box_status(struct box *b)
{
	struct status_got got = {.done = false};

	store_status(b->store, on_status, &got);
	box_wait(b, &got.done);
	return got.status;
}

/* What a statement of one row and one column says, asked as by another program. */
static inline int64_t box_number(const struct box *b, const char *sql)
{
	sqlite3_stmt *stmt;
	sqlite3 *db;
	int64_t n;

	assert_int_equal(sqlite3_open(box_path(b, "escuchad.db"), &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	n = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return n;
}

/* The totals that are kept are those that are. */
static inline void box_check_totals(struct box *b)
{
	struct store_status st = box_status(b);

	assert_int_equal(st.mentions, box_number(b, "SELECT count(*) FROM mention"));
	assert_int_equal(
		box_number(b, "SELECT n >= (SELECT coalesce(max(id), 0) FROM mention) FROM total WHERE id = 7"), 1);
	assert_int_equal(st.sources, box_number(b, "SELECT count(*) FROM source"));
	assert_int_equal(st.hits, box_number(b, "SELECT count(*) FROM stream"));
	assert_int_equal(st.pending, box_number(b, "SELECT count(*) FROM outbox WHERE state = 0"));
	assert_int_equal(st.set_aside, box_number(b, "SELECT count(*) FROM outbox WHERE state = 3"));
	assert_int_equal(box_number(b, "SELECT count(*) FROM name WHERE uses <> (SELECT count(*) FROM (SELECT id FROM "
				       "source UNION ALL SELECT source FROM mention UNION ALL SELECT source FROM "
				       "sighting UNION ALL SELECT topic FROM hit UNION ALL SELECT source FROM deaf) AS "
				       "u WHERE u.id = name.id)"),
			 0);
}

/* Until what is done behind has made it so: *field* == want, with a deadline. */
#define box_until(b, field, want)                                                                                      \
	do {                                                                                                           \
		int tries_ = BOX_WAIT_MS / 20;                                                                         \
		while (box_status(b).field != (want) && tries_-- > 0)                                                  \
			poll(NULL, 0, 20);                                                                             \
		assert_int_equal(box_status(b).field, (want));                                                         \
	} while (0)

/* Somebody has asked: the index has all that is in the log. */
static inline void box_fill_search(struct box *b)
{
	struct rows rows = {.n = 0};

	box_search(b, "nada", &rows);
	rows_done(&rows);
	assert_int_equal(box_status(b).search_lag, 0);
}
