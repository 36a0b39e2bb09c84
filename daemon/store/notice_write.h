#pragma once
/*
 * store/notice_write: a notice within somebody else's transaction. Blocks: as store/writer. For this room alone.
 */
#include "base/err.h"
#include "mention/notice_row.h"

struct arena;
struct writer;

/* Adds or changes it; *ret_thread (of a; NULL: none) is the key that its matter began with. */
int notice_write(struct writer *w, const struct notice_row *row, struct arena *a, const char **ret_thread) must_use;
/* Every text into the arena. */
struct notice_row notice_copy(const struct notice_row *row, struct arena *a);
