#pragma once
/*
 * store/export: the log's hits, or all its mentions, page by page and oldest first, to be shared: pseudonymised on the reader's thread
 * (mention/pseudonym) by a key that this log makes the first time and keeps. A page is a question of its own, so that neither the
 * writer nor other questions wait for the whole.
 *
 * Owner, threads and answers are as store/store.h says.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

struct pseudonym;

enum {
	STORE_EXPORT_LOOKS_MAX = 1000,         /* rows that are looked at for one page, whether they are told or not */
	STORE_EXPORT_ROWS_MAX_BYTES = 3 << 20, /* of one page, about: so that it fits an answer */
};

struct store_export_filter {
	bool all;                   /* what is no hit, too */
	int64_t since_ms, until_ms; /* seen from then, and before then; TIME_NONE: no bound */
	const char *topic, *rule;   /* NULL: any. With both, the rule in that topic */
	const char *sentiment;      /* a label; NULL: any, and none */
	struct stream_id after;     /* the cursor of the last one that is known; {0, 0}: from the first */
	size_t limit;               /* 0: STORE_EXPORT_LOOKS_MAX */
};
/* next: where the next page begins, if there is more. A row's id is its cursor. Borrowed for the call. */
struct store_export {
	const struct store_row *rows;
	size_t n;
	bool more;
	struct stream_id next;
};
/* page NULL: r < 0. */
typedef void store_export_cb(void *arg, int r, const struct store_export *page);

/* filter is copied; names is taken, and NULL gives everybody's name. */
void store_export(struct store *s, const struct store_export_filter *filter, struct pseudonym *names,
		  store_export_cb *cb, void *arg);
