#include "main/app_export.h"

#include <string.h>

#include "base/log.h"
#include "main/app_inside.h"
#include "mention/pseudonym.h"
#include "serve/serve.h"
#include "store/export.h"

enum { CURSOR_BYTES = 64 }; /* what a line has beside its mention, at most */

struct asked {
	struct app *app;
	struct reply *reply;
};

static void on_page(void *arg, int r, const struct store_export *page)
{
	cleanup(freep) struct asked *q = arg;
	size_t i;

	if (r < 0) {
		app_log_failed(q->app, "api", r);
		reply_error(q->reply, 500, "log", strerror(-r));
		return;
	}
	for (i = 0; i < page->n; i++) {
		size_t len = strlen(page->rows[i].json);

		if (len >
		    REPLY_MAX_BYTES - CURSOR_BYTES) /* no answer holds it, and the next page is to begin behind it */
			LOG_LIMITED("export.too_long", LOG_I("bytes", (int64_t)len));
		else if (!reply_hit(q->reply, page->rows[i].id, page->rows[i].json, len))
			break;
	}
	if (i == page->n && page->more) {
		cleanup(freep) char *next = xasprintf("{\"next\":\"%lld-%llu\"}", (long long)page->next.ms,
						      (unsigned long long)page->next.seq);

		(void)reply_line(q->reply, next, strlen(next));
	}
	reply_end(q->reply);
}

static struct pseudonym *pseudonyms(const struct app *a)
{
	struct pseudonym *p = pseudonym_new();
	size_t t, i;

	for (t = 0; t < a->catalogue.n_topics; t++)
		for (i = 0; i < a->catalogue.topics[t].n_own; i++)
			pseudonym_own(p, a->catalogue.topics[t].own[i]);
	return p;
}

void app_export_ask(void *app, const struct serve_export *ask, struct reply *reply)
{
	struct app *a = app;
	const struct store_export_filter filter = {.all = ask->all,
						   .since_ms = ask->since_ms,
						   .until_ms = ask->until_ms,
						   .topic = ask->topic,
						   .rule = ask->rule,
						   .sentiment = ask->sentiment,
						   .after = ask->after,
						   .limit = ask->limit};
	bool hide = ask->names == SERVE_NAMES_DEFAULT ? a->config->privacy : ask->names == SERVE_NAMES_HIDDEN;
	struct asked *q = NEW(struct asked);

	*q = (struct asked){a, reply};
	store_export(a->store, &filter, hide ? pseudonyms(a) : NULL, on_page, q);
}
