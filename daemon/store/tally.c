#include "store/tally.h"

#include "store/db.h"

int tally_load(struct tally *t, struct db *db)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_TOTAL_LAST_MENTION);
	int r = query_next(&q);

	*t = (struct tally){.last_mention = r > 0 ? query_get_int(&q) : 0};
	return r < 0 ? r : 0;
}

void tally_rows(struct tally *t, int state, int64_t n)
{
	t->added[state] += n;
	t->changed = true;
}

void tally_sent(struct tally *t, int64_t id)
{
	if (id > t->last_sent)
		t->last_sent = id;
	t->changed = true;
}

int64_t tally_mention(struct tally *t)
{
	t->added[TOTAL_MENTIONS]++;
	t->changed = true;
	return ++t->last_mention;
}

static int put(struct db *db, enum sql sql, int64_t n, int64_t id)
{
	cleanup(query_end) struct query q = query_begin(db, sql);

	query_put_int(&q, n);
	query_put_int(&q, id);
	return query_run(&q);
}

static int write_uses(struct tally *t, struct db *db)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < t->n_uses; i++)
		r = put(db, SQL_NAME_USE, t->uses[i].n, t->uses[i].name);
	t->n_uses = 0;
	return r;
}

/* Those met last are the likeliest to come again: a poll is of one source, and few topics. */
int tally_use(struct tally *t, struct db *db, int64_t name)
{
	size_t i = t->n_uses;
	int r = 0;

	t->changed = true;
	while (i-- > 0) {
		if (t->uses[i].name == name) {
			t->uses[i].n++;
			return 0;
		}
	}
	if (t->n_uses == TALLY_NAMES)
		r = write_uses(t, db);
	t->uses[t->n_uses].name = name;
	t->uses[t->n_uses++].n = 1;
	return r;
}

int tally_write(struct tally *t, struct db *db)
{
	int id, r = 0;

	if (!t->changed)
		return 0;
	for (id = 0; r == 0 && id <= TOTAL_MENTIONS; id++) {
		if (t->added[id])
			r = put(db, SQL_TOTAL_ADD, t->added[id], id);
	}
	if (r == 0 && t->last_sent)
		r = put(db, SQL_TOTAL_RAISE, t->last_sent, TOTAL_LAST_SENT);
	if (r == 0 && t->added[TOTAL_MENTIONS])
		r = put(db, SQL_TOTAL_RAISE, t->last_mention, TOTAL_LAST_MENTION);
	if (r == 0)
		r = write_uses(t, db);
	*t = (struct tally){.last_mention = t->last_mention};
	return r;
}

int tally_recount(struct db *db)
{
	static const char *const steps[] = {
		"INSERT OR REPLACE INTO total (id, n) " SQL_TRUE_TOTALS,
		"INSERT OR REPLACE INTO total (id, n) SELECT 6, max(coalesce((SELECT max(id) FROM stream WHERE state = "
		"1), 0), min(coalesce((SELECT n FROM total WHERE id = 6), 0), coalesce((SELECT max(id) FROM stream), "
		"0)))",
		"INSERT OR REPLACE INTO total (id, n) SELECT 7, max(coalesce((SELECT n FROM total WHERE id = 7), 0), "
		"coalesce((SELECT max(id) FROM mention), 0))",
		"UPDATE name SET uses = 0 WHERE uses <> 0",
		"UPDATE name SET uses = u.n FROM (" SQL_TRUE_USES ") AS u WHERE u.id = name.id",
	};
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < ARRAY_LEN(steps); i++)
		r = db_exec(db, steps[i]);
	return r;
}
