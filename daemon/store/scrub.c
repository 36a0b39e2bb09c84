#include "store/scrub.h"

#include <errno.h>

#include "store/writer.h"

/* What is next, as the mark has it. */
enum { SCRUB_NOTHING, SCRUB_SEARCH, SCRUB_SEARCH_ON, SCRUB_PAGES, SCRUB_LOG };

static int next(struct writer *w, int64_t *ret)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_SCRUB);
	int r = query_next(&q);

	*ret = r > 0 ? query_get_int(&q) : SCRUB_NOTHING;
	return r < 0 ? r : 0;
}

static int set(struct writer *w, int64_t what)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_SCRUB_SET);

	query_put_int(&q, what);
	return query_run(&q);
}

int scrub_ask(struct writer *w)
{
	return set(w, SCRUB_SEARCH);
}

/* FTS5: below 0, all segments are to become one; then it goes on with that until a step changes less than two rows. */
static int merge(struct writer *w, bool begin, bool *ret_done)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_SEARCH_MERGE);
	int64_t before = db_total_changes(w->db);
	int r;

	query_put_int(&q, begin ? -SCRUB_MERGE_PAGES : SCRUB_MERGE_PAGES);
	r = query_run(&q);
	*ret_done = r == 0 && db_total_changes(w->db) - before < 2;
	return r;
}

static int free_pages(struct writer *w, bool *ret_done)
{
	int64_t left = 0;
	int r = db_run(w->db, SQL_VACUUM);

	if (r == 0)
		r = db_number(w->db, "PRAGMA freelist_count", &left);
	*ret_done = r == 0 && left == 0;
	return r;
}

int scrub_step(struct writer *w, bool *ret_more)
{
	bool done = false;
	int64_t what;
	int r = next(w, &what);

	*ret_more = r == 0 && what != SCRUB_NOTHING && what != SCRUB_LOG;
	if (!*ret_more)
		return r;
	if (what == SCRUB_PAGES)
		r = free_pages(w, &done);
	else
		r = merge(w, what == SCRUB_SEARCH, &done);
	if (r == 0 && done)
		r = set(w, what == SCRUB_PAGES ? SCRUB_LOG : SCRUB_PAGES);
	else if (r == 0 && what == SCRUB_SEARCH)
		r = set(w, SCRUB_SEARCH_ON);
	return r;
}

/* That it is done goes into a log that is empty. Lost, the mark is: it is done once more. */
int scrub_log(struct writer *w)
{
	int64_t what;
	int r = next(w, &what);

	if (r < 0 || what != SCRUB_LOG)
		return r;
	r = db_empty_log(w->db);
	if (r == 0)
		r = db_run(w->db, SQL_SCRUB_DONE);
	return r == -EBUSY ? 0 : r; /* somebody reads there: at the next rest */
}
