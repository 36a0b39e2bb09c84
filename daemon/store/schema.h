#pragma once
/*
 * store/schema: brings a log to the version of this program, migration by migration (store/migrations).
 *
 * Blocks: schema_migrate() on the disk, each migration in a transaction of its own.
 */
#include "base/err.h"

struct db;

enum { SCHEMA_E_NEWER = 1 }; /* the database was written by a newer program */
int schema_migrate(struct db *db) must_use;
enum {
	SCHEMA_BY_MARK = 6,          /* since then a row of the stream that was sent says so by the mark, */
	SCHEMA_STORY_BY_LEADER = 12, /* and a story has the number of its leader's mention */
};
int schema_version(void); /* of a log that is up to date: its user_version */
