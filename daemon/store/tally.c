#include "store/tally.h"

#include "store/db.h"

static int load_sent(struct db *db, enum sql sql, int64_t *ret)
{
	cleanup(query_end) struct query q = query_begin(db, sql);
	int r = query_next(&q);

	if (r > 0)
		*ret = query_get_int(&q);
	return r < 0 ? r : 0;
}

int tally_load(struct tally *t, struct db *db)
{
	cleanup(query_end) struct query mention = query_begin(db, SQL_TOTAL_LAST_MENTION);
	int r = query_next(&mention);

	*t = (struct tally){.last_mention = r > 0 ? query_get_int(&mention) : 0};
	if (r >= 0)
		r = load_sent(db, SQL_STREAM_MARK, &t->sent[OUTBOX_HITS]);
	return r < 0 ? r : load_sent(db, SQL_CHANGE_MARK, &t->sent[OUTBOX_INCIDENTS]);
}

void tally_rows(struct tally *t, int state, int64_t n)
{
	t->added[state] += n;
	t->changed = true;
}

void tally_set_sent(struct tally *t, enum outbox_stream which, int64_t id)
{
	t->sent[which] = id;
	t->sent_moved[which] = t->changed = true;
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

static int write_sent(const struct tally *t, struct db *db)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_MARK_SENT);
	int r = put(db, SQL_TOTAL_SET, t->sent[OUTBOX_HITS], TOTAL_LAST_SENT);

	query_put_int(&q, t->sent[OUTBOX_HITS]);
	return r < 0 ? r : query_run(&q);
}

static int write_changes_sent(const struct tally *t, struct db *db)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_CHANGE_MARK_SET);

	query_put_int(&q, t->sent[OUTBOX_INCIDENTS]);
	return query_run(&q);
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
	if (r == 0 && t->sent_moved[OUTBOX_HITS])
		r = write_sent(t, db);
	if (r == 0 && t->sent_moved[OUTBOX_INCIDENTS])
		r = write_changes_sent(t, db);
	if (r == 0 && t->added[TOTAL_MENTIONS])
		r = put(db, SQL_TOTAL_SET, t->last_mention, TOTAL_LAST_MENTION);
	if (r == 0)
		r = write_uses(t, db);
	*t = (struct tally){.last_mention = t->last_mention, .sent = {t->sent[OUTBOX_HITS], t->sent[OUTBOX_INCIDENTS]}};
	return r;
}

int tally_recount(struct db *db)
{
	static const char *const steps[] = {
		/* The mark first: it says what was sent. Where its two copies differ, the smaller: what the stream has all
		 * the same is known there again, what it has not would be lost. */
		"INSERT OR REPLACE INTO total (id, n) SELECT 6, max(0, coalesce(min(t.n, m.at, s.last), min(t.n, "
		"s.last), "
		"min(m.at, s.last), 0)) FROM (SELECT max(id) AS last FROM stream) AS s LEFT JOIN total t ON t.id = 6 "
		"LEFT "
		"JOIN mark m ON m.name = 'sent'",
		"INSERT OR REPLACE INTO mark (name, at) SELECT 'sent', n FROM total WHERE id = 6",
		"UPDATE stream SET state = 0 WHERE state = 4 AND id > (SELECT n FROM total WHERE id = 6)",
		"INSERT OR REPLACE INTO total (id, n) " SQL_TRUE_TOTALS,
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
