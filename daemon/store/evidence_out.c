#include "store/evidence_out.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "store/db.h"

enum { ARENA_MAX_BYTES = 16 << 20 };

static int one(struct db *db, int64_t incident, const struct evidence_row *row,
	       int (*on_piece)(void *arg, const struct evidence_piece *piece), void *arg)
{
	struct evidence_piece piece = {.row = row};
	char *body = NULL;
	int r = evidence_body(db, incident, row->id, &body, &piece.len);

	if (r == -EBADMSG) {
		free(body);
		body = NULL;
	}
	piece.holds = r == 0;
	piece.body = body;
	if (r == 0 || r == -EBADMSG)
		r = on_piece(arg, &piece);
	free(body);
	return r;
}

static int chain_of(struct db *db, struct evidence_chain *ret)
{
	cleanup(query_end) struct query last = query_begin(db, SQL_EVIDENCE_LAST);
	int r = evidence_verify(db, &ret->broken, &ret->first);

	if (r == 0)
		r = db_number(db, "SELECT count(*) FROM evidence", &ret->links);
	if (r == 0 && ret->links) {
		r = query_next(&last);
		if (r > 0 && !evidence_hash_get(&last, ret->last))
			memset(ret->last, 0, sizeof(ret->last));
	}
	return r < 0 ? r : 0;
}

int evidence_out(const char *db_path, int64_t incident, int (*on_piece)(void *arg, const struct evidence_piece *piece),
		 void *arg, struct evidence_chain *ret)
{
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_MAX_BYTES);
	struct evidence_row *rows = ARENA_ARRAY(a, struct evidence_row, EVIDENCE_OF_ONE_MAX);
	cleanup(db_closep) struct db *db = NULL;
	size_t i;
	int r;

	*ret = (struct evidence_chain){.links = 0};
	if (access(db_path, F_OK) != 0)
		return errno == ENOENT ? EVIDENCE_OUT_E_NONE : -errno;
	r = db_open_beside(db_path, &db);
	if (r)
		return r == DB_E_CORRUPT ? EVIDENCE_OUT_E_CORRUPT : r;
	r = evidence_rows(db, incident, a, rows, &ret->pieces);
	for (i = 0; r == 0 && i < ret->pieces; i++)
		r = one(db, incident, &rows[i], on_piece, arg);
	return r == 0 ? chain_of(db, ret) : r;
}
