#pragma once
/*
 * source/habits: what is learnt of a source and kept with its state (mention/source_state), as bytes that nobody else reads:
 * how it is heard, what its items hold, and what it asks of those who poll it.
 */
#include <stdbool.h>
#include <stddef.h>

#include "source/fields.h"
#include "source/health.h"
#include "source/pace.h"

struct buf;

enum { HABITS_MAX_BYTES = 64 + FIELDS_MAX_BYTES };

/* fields NULL: it is no platform's. */
void habits_put(struct buf *b, const struct health *h, const struct pace_wish *wish, const struct fields *fields);
/* Behind them, of a platform's source: how far it has come (platform/progress). NULL: nothing is there. */
void habits_put_rest(struct buf *b, const struct buf *rest);
const char *habits_rest(const char *bytes, size_t len, size_t *ret_len);
/* False: they are not there, of another version or damaged: it is learnt anew. Then all are left alone, and so are fields
 * that were not kept. */
bool habits_get(const char *bytes, size_t len, struct health *ret_h, struct pace_wish *ret_wish,
		struct fields *ret_fields);
