/* source/poll: the files of a pattern, one after another. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "source/config.h"
#include "source/poll_inside.h"

static void on_file(void *arg, int r, struct buf *body)
{
	struct poll *p = arg;

	p->work = NULL;
	if (r < 0) {
		poll_fail_body(p, r == -EFBIG ? "too_large" : "file", strerror(-r));
		return;
	}
	p->body = *body;
	*body = (struct buf)BUF_INIT(0);
	poll_submit(p);
}

void poll_next_file(struct poll *p)
{
	const char *path = p->files.paths[p->file];

	p->file_read = false;
	p->body_address = arena_printf(poll_texts(p), "file:%s",
				       p->config->path); /* the scope of weak ids: the source, not a file */
	p->work = files_read(p->env.loop, path, POLL_FILE_MAX_BYTES, on_file, p);
	if (p->work)
		p->file++;
	else
		poll_try_again(p, poll_next_file);
}

static void on_found(void *arg, int r, struct files_list *list)
{
	struct poll *p = arg;

	p->work = NULL;
	if (r < 0) {
		poll_fail(p, POLL_END_FAILED, "file", strerror(-r));
		return;
	}
	if (poll_read_before(p, list->signature)) {
		poll_unchanged(p);
		return;
	}
	if (p->known && !p->state.baselined) /* nothing of them is in the log */
		files_known_done(p->known);
	p->skipped = p->known && files_known_skip(p->known, list);
	if (!list->n) { /* some went, none came */
		poll_unchanged(p);
		return;
	}
	p->signature = list->signature;
	p->files = *list;
	*list = (struct files_list){.n = 0};
	poll_next_file(p);
}

void poll_find(struct poll *p)
{
	p->work = files_find(p->env.loop, p->config->path, on_found, p);
	if (!p->work)
		poll_try_again(p, poll_find);
}
