#include "store/stream_rows.h"

#include "store/db.h"

static void put_row(struct query *q, const struct stream_row *row)
{
	query_put_int(q, row->id);
	query_put_int(q, row->mention);
	query_put_int(q, row->state);
	query_put_int(q, row->crc);
}

static int write_row(struct db *db, const struct stream_row *row)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_STREAM_ADD);

	put_row(&q, row);
	return query_run(&q);
}

static int write_rows(struct stream_rows *s, struct db *db)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_STREAM_ADD_BATCH);
	size_t i;

	for (i = 0; i < STREAM_ROWS_BATCH; i++)
		put_row(&q, &s->rows[i]);
	s->n_rows = 0;
	return query_run(&q);
}

static int write_hit(struct db *db, int64_t topic, int64_t stream)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_HIT_ADD);

	query_put_int(&q, topic);
	query_put_int(&q, stream);
	return query_run(&q);
}

static int write_hits(struct stream_rows *s, struct db *db)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_HIT_ADD_BATCH);
	size_t i;

	for (i = 0; i < STREAM_ROWS_BATCH; i++) {
		query_put_int(&q, s->hits[i].topic);
		query_put_int(&q, s->hits[i].stream);
	}
	s->n_hits = 0;
	return query_run(&q);
}

int stream_rows_add(struct stream_rows *s, struct db *db, const struct stream_row *row)
{
	s->rows[s->n_rows++] = *row;
	return s->n_rows < STREAM_ROWS_BATCH ? 0 : write_rows(s, db);
}

int stream_rows_add_hit(struct stream_rows *s, struct db *db, int64_t topic, int64_t stream)
{
	s->hits[s->n_hits].topic = topic;
	s->hits[s->n_hits++].stream = stream;
	return s->n_hits < STREAM_ROWS_BATCH ? 0 : write_hits(s, db);
}

int stream_rows_flush(struct stream_rows *s, struct db *db)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < s->n_rows; i++)
		r = write_row(db, &s->rows[i]);
	for (i = 0; r == 0 && i < s->n_hits; i++)
		r = write_hit(db, s->hits[i].topic, s->hits[i].stream);
	s->n_rows = s->n_hits = 0;
	return r;
}
