#pragma once
/*
 * store/logkey: keys of this log, made by it and told to nobody.
 *
 * Owner: the caller, inside a transaction on the thread of its connection. Blocks: on the disk.
 */
#include <stdint.h>

#include "base/err.h"

struct db;

enum { LOGKEY_BYTES = 32 };
enum { LOGKEY_E_NONE = 1 };
int logkey_read(struct db *db, const char *name, uint8_t ret[LOGKEY_BYTES]) must_use; /* LOGKEY_E_NONE: not made yet */
int logkey_make(struct db *db, const char *name) must_use; /* where there is one, that stays */
