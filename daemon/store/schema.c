#include "store/schema.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

#include "store/db.h"
#include "store/migrations.h"

static int migrate_one(struct db *db, size_t to, const char *sql)
{
	char version[64];
	int r = db_exec(db, "BEGIN IMMEDIATE");

	if (r < 0)
		return r;
	snprintf(version, sizeof(version), "PRAGMA user_version = %zu; COMMIT", to);
	r = db_exec(db, sql);
	if (r == 0)
		r = db_exec(db, version);
	if (r < 0 && db_in_transaction(db) && db_exec(db, "ROLLBACK") < 0)
		return r;
	return r;
}

int schema_version(void)
{
	return (int)migrations_count();
}

int schema_migrate(struct db *db)
{
	int64_t version;
	int r = db_number(db, "PRAGMA user_version", &version);

	while (r == 0 && version >= 0 && version < (int64_t)migrations_count()) {
		r = migrate_one(db, (size_t)version + 1, migration_sql((size_t)version));
		version++;
	}
	if (r == 0 && (version < 0 || version > (int64_t)migrations_count()))
		return SCHEMA_E_NEWER;
	return r;
}
