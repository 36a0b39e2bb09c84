/* Hits as they are committed, for those who watch: followers of the API, the terminal of --once. The log is read behind
 * its own mark, so that a watcher sees each hit once, in the stream's order, whoever committed it. */
#include <string.h>

#include "main/app_deliver.h"
#include "main/app_inside.h"
#include "serve/serve.h"
#include "store/store.h"

enum { FOLLOW_ROWS = 200, LAST_ROWS = 10 /* one would do, but for rows that are damaged */ };

static void read_on(struct app *a);

static void on_rows(void *arg, int r, const struct store_row *rows, size_t n)
{
	struct app *a = arg;
	size_t i;

	a->follow.reading = false;
	if (r < 0) {
		app_log_failed(a, "follow", r);
		return;
	}
	for (i = 0; i < n; i++) {
		a->follow.last = rows[i].id;
		if (a->once)
			app_once_hit(a, rows[i].json);
		if (a->serve)
			serve_hit(a->serve, rows[i].id, rows[i].topics, rows[i].json, strlen(rows[i].json));
	}
	if (a->follow.again || n > 0) /* an answer ends at its bound of bytes, too */
		read_on(a);
	else if (a->once)
		app_once_look(a);
}

static void read_on(struct app *a)
{
	const struct store_hits_filter filter = {.since = true, .after = a->follow.last, .limit = FOLLOW_ROWS};

	if (!a->follow.known)
		return;
	if (a->follow.reading) {
		a->follow.again = true;
		return;
	}
	a->follow.reading = true;
	a->follow.again = false;
	store_hits(a->store, &filter, on_rows, a);
}

static void on_last(void *arg, int r, const struct store_row *rows, size_t n)
{
	struct app *a = arg;

	if (r < 0) { /* nothing would ever be served */
		app_log_failed(a, "follow", r);
		app_stop(a, APP_TEMPORARY);
		return;
	}
	if (n)
		a->follow.last = rows[n - 1].id;
	a->follow.known = true;
	app_follow_known(a);
}

void app_follow_start(struct app *a)
{
	const struct store_hits_filter newest = {.limit = LAST_ROWS};

	store_hits(a->store, &newest, on_last, a);
}

void app_follow_poke(struct app *a, struct stream_id last)
{
	app_deliver_poke(a->deliver, last);
	if (a->once || (a->serve && serve_followers(a->serve)))
		read_on(a);
	else if (!a->follow.reading && stream_id_cmp(last, a->follow.last) > 0)
		a->follow.last = last; /* nobody watches: who comes later is not told of it */
}
