#include "store/logkey.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "store/db.h"

int logkey_read(struct db *db, const char *name, uint8_t ret[LOGKEY_BYTES])
{
	cleanup(query_end) struct query q = query_begin(db, SQL_SECRET);
	const void *bytes;
	size_t len;
	int r;

	query_put_text(&q, name);
	r = query_next(&q);
	if (r <= 0)
		return r < 0 ? r : LOGKEY_E_NONE;
	bytes = query_get_blob(&q, &len);
	if (len != LOGKEY_BYTES)
		return -EBADMSG;
	memcpy(ret, bytes, LOGKEY_BYTES);
	return 0;
}

int logkey_make(struct db *db, const char *name)
{
	cleanup(query_end) struct query q = query_begin(db, SQL_SECRET_ADD);
	uint8_t fresh[LOGKEY_BYTES];

	if (getrandom(fresh, sizeof(fresh), 0) != sizeof(fresh))
		return -EIO;
	query_put_text(&q, name);
	query_put_blob(&q, fresh, sizeof(fresh));
	return query_run(&q);
}
