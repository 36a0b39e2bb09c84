#include "source/list.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "loop/loop.h"
#include "mention/job.h"
#include "pool/pool.h"
#include "source/files.h"

enum { ARENA_MAX_BYTES = 256 * 1024 * 1024, BUSY_RETRY_MS = 500 };

struct list {
	struct loop *loop;
	struct pool *pool;
	char *name, *path;
	const struct list_ops *ops;
	void *arg;
	struct loop_timer *timer;
	struct loop_work *work;
	uint64_t job;
	uint64_t signature, reading; /* of what was read whole last; of what is being read */
	uint64_t broken;             /* of what was read last, and was not whole */
	bool settled;
};

static void wait_for(struct list *x, int64_t ms)
{
	loop_timer_set(x->timer, ms);
}

static void fail(struct list *x, const char *class_name, const char *detail)
{
	x->settled = true;
	wait_for(x, LIST_CHECK_MS);
	x->ops->on_failed(x->arg, class_name, detail); /* last: it may free the list */
}

static void on_parsed(void *arg, enum pool_outcome outcome, const char *bytes, size_t len)
{
	cleanup(arena_freep) struct arena *arena = arena_new(ARENA_MAX_BYTES);
	struct list *x = arg;
	struct opml_entry *v;
	const char *why;
	bool whole;
	size_t n;

	x->job = 0;
	if (outcome != POOL_DONE) {
		fail(x, "set_aside", outcome == POOL_SET_ASIDE ? bytes : "");
		return;
	}
	if (opml_get(bytes, len, arena, &why, &v, &n) != 0) {
		fail(x, "bad_answer", "");
		return;
	}
	if (!n && why) {
		fail(x, "not_opml", why);
		return;
	}
	whole = !why || x->reading == x->broken;
	x->signature = whole ? x->reading : 0;
	x->broken = whole ? 0 : x->reading;
	x->settled = true;
	wait_for(x, LIST_CHECK_MS);
	x->ops->on_feeds(x->arg, TAKE(arena), v, n, whole); /* last */
}

static void on_bytes(void *arg, int r, struct buf *body)
{
	struct buf payload;
	struct list *x = arg;

	x->work = NULL;
	if (r < 0) {
		fail(x, r == -EFBIG ? "too_large" : "file", strerror(-r));
		return;
	}
	payload = *body;
	*body = (struct buf)BUF_INIT(0);
	x->job = pool_submit(x->pool, FRAME_OPML, &payload, x->name, POOL_FEED, on_parsed, x);
	if (!x->job)
		wait_for(x, BUSY_RETRY_MS); /* from the start */
}

static void on_found(void *arg, int r, struct files_list *found)
{
	struct list *x = arg;

	x->work = NULL;
	if (r < 0) {
		fail(x, "file", strerror(-r));
		return;
	}
	if (found->signature == x->signature) {
		wait_for(x, LIST_CHECK_MS);
		return;
	}
	x->reading = found->signature;
	x->work = files_read(x->loop, found->paths[0], LIST_MAX_BYTES, on_bytes, x);
	if (!x->work)
		wait_for(x, BUSY_RETRY_MS);
}

static void look(void *arg)
{
	struct list *x = arg;

	if (x->work || x->job)
		return;
	x->work = files_find(x->loop, x->path, on_found, x);
	if (!x->work)
		wait_for(x, BUSY_RETRY_MS);
}

struct list *list_new(struct loop *l, struct pool *pool, const char *name, const char *path, const struct list_ops *ops,
		      void *arg)
{
	struct list *x = NEW(struct list);

	*x = (struct list){
		.loop = l, .pool = pool, .name = xstrdup(name), .path = xstrdup(path), .ops = ops, .arg = arg};
	x->timer = loop_timer_new(l, look, x);
	wait_for(x, 0);
	return x;
}

struct list *list_free(struct list *x)
{
	if (!x)
		return NULL;
	if (x->work)
		loop_work_cancel(x->work);
	if (x->job)
		pool_cancel(x->pool, x->job);
	loop_timer_free(x->timer);
	free(x->name);
	free(x->path);
	free(x);
	return NULL;
}

bool list_settled(const struct list *x)
{
	return x->settled;
}

void list_check(struct list *x)
{
	wait_for(x, 0);
}
