#include "store/stored.h"

#include <errno.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/db.h"
#include "store/mention_row.h"
#include "store/sources.h"

/* db_open() would make a log where there is none. */
static int open_log(const char *folder, int (*open)(const char *path, struct db **ret), struct db **ret)
{
	cleanup(freep) char *path = xasprintf("%s/escuchad.db", folder);
	int r;

	if (access(path, R_OK) < 0)
		return errno == ENOENT ? STORED_E_NONE : -errno;
	r = open(path, ret);
	return r > 0 ? STORED_E_DAMAGED : r;
}

static int open_reader(const char *path, struct db **ret)
{
	return db_open(path, false, ret);
}

int stored_mention(const char *folder, const uint8_t id[MENTION_ID_BYTES], struct arena *a, struct mention *ret)
{
	cleanup(db_closep) struct db *db = NULL;
	struct mention_row row;
	int r = open_log(folder, open_reader, &db);

	if (r)
		return r;
	r = mention_row_find(db, id, 0, a, &row);
	if (r == MENTION_ROW_E_NONE)
		return STORED_E_NONE;
	if (r == MENTION_ROW_E_DAMAGED || r == -EBADMSG)
		return STORED_E_DAMAGED;
	if (r == 0)
		*ret = row.m;
	return r;
}

int stored_source(const char *folder, const char *name, struct arena *a, struct source_state *ret)
{
	cleanup(db_closep) struct db *db = NULL;
	int64_t id;
	int r = open_log(folder, db_open_beside, &db);

	if (r)
		return r;
	r = source_read(db, name, a, ret, &id);
	if (r == -EBADMSG)
		return STORED_E_DAMAGED;
	return r < 0 ? r : r ? 0 : STORED_E_NONE;
}
