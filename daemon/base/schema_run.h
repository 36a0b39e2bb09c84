#pragma once
/*
 * base/schema_run: what schema.c (maps and lists) and schema_value.c (single values) share. Inside base/ only.
 */
#include <stdbool.h>

#include "base/buf.h"
#include "base/schema.h"

enum { SCHEMA_PATH_MAX_BYTES = 4096 }; /* of the key in a finding; a longer one is cut */

struct schema_run {
	const struct yaml_doc *doc;
	struct arena *arena;
	struct diag *diag;
	struct buf path; /* of the key being decoded */
	void *slots[SCHEMA_SLOTS]; /* schema_slot() */
	bool wrong;
	size_t n_findings; /* past DIAG_MAX no near miss is searched */
};

size_t schema_size(const struct schema_row *row); /* bytes of a value, as the item of a list */
