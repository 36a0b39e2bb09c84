#pragma once
/*
 * main/ctl_record: one mention as JSON (DESIGN §5) back into the record. A file of its own: base/json and jansson, which
 * reads, both call a function json_object.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct mention;

enum {
	RECORD_E_JSON = 1, /* *ret_why says where; borrowed until the next call */
	RECORD_E_TEXT,     /* no object, or without "text", "title" and "id" */
};
/* What the object leaves out is absent; texts live in the arena, cut where they pass a mention's bounds. now_ms is the
 * time of what has none. ret was mention_init()ed. */
int record_read(const char *json, size_t len, int64_t now_ms, struct arena *a, struct mention *ret,
		const char **ret_why) must_use;
