#include "store/stored.h"

#include <errno.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/db.h"
#include "store/mention_row.h"

int stored_mention(const char *folder, const uint8_t id[MENTION_ID_BYTES], struct arena *a, struct mention *ret)
{
	cleanup(freep) char *path = xasprintf("%s/escuchad.db", folder);
	cleanup(db_closep) struct db *db = NULL;
	struct mention_row row;
	int r;

	if (access(path, R_OK) < 0) /* db_open() would make one */
		return errno == ENOENT ? STORED_E_NONE : -errno;
	r = db_open(path, false, &db);
	if (r == 0)
		r = mention_row_find(db, id, 0, a, &row);
	else if (r > 0)
		return STORED_E_DAMAGED;
	if (r == MENTION_ROW_E_NONE)
		return STORED_E_NONE;
	if (r == MENTION_ROW_E_DAMAGED || r == -EBADMSG)
		return STORED_E_DAMAGED;
	if (r == 0)
		*ret = row.m;
	return r;
}
