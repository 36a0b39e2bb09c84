#pragma once
/*
 * source/fields: what of a platform's items used to be there and is gone: their author, date, text, address or counts. The platform
 * answers, a map reads it, and mentions come; only nobody knows any more who wrote them, since a field has another name now.
 *
 * A field is gone when it stood in over FIELDS_PERCENT of hundreds of items and then in none of FIELDS_MISSING in a row. Told
 * once, when another one is gone, too, and again each day while it lasts; over when all are there again, or when a field has
 * been gone for FIELDS_FORGET_MS: then that is usual now, and learnt anew. Pure: one step a poll.
 *
 * struct fields is kept over restarts (source/habits). In the coverage ledger it is one line, of the kind "field".
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct answer;
struct deaf_mark;
struct buf;
struct wire_in;

enum fields_field { FIELD_AUTHOR, FIELD_DATE, FIELD_TEXT, FIELD_ADDRESS, FIELD_COUNTS, FIELDS };

enum {
	FIELDS_LEARN = 200, /* items, before anything is known of a field; of 1,000 the older half is forgotten */
	FIELDS_MEMORY = 1000,
	FIELDS_PERCENT = 90,
	FIELDS_MISSING = 30,
	FIELDS_NAMES_MAX_BYTES = 64,
	FIELDS_MAX_BYTES = FIELDS * 13 + 17,
};
#define FIELDS_AGAIN_MS  (24 * INT64_C(3600000))
#define FIELDS_FORGET_MS (14 * 24 * INT64_C(3600000))

/* Zeroed at first. */
struct fields {
	struct field_known {
		int64_t since_ms; /* wall: the first poll of those in a row that lacked it */
		uint16_t all,
			had;     /* items, and those that had it; those that lack it in a row are not among them yet */
		uint8_t missing; /* so many in a row; up to 255 */
	} v[FIELDS];
	uint8_t gone;             /* a bit of each that was told */
	int64_t told_ms, line_ms; /* told last; where its line of the ledger begins. 0: none is gone */
};

/* What a poll has shown. Zeroed at first. */
struct fields_seen {
	size_t items, had[FIELDS];
};
void fields_count(struct fields_seen *seen, const struct answer *answer); /* its mentions, which are new or edited */

enum fields_say { FIELDS_SAY_NOTHING, FIELDS_SAY_GONE, FIELDS_SAY_STILL, FIELDS_SAY_BACK };

/* *ret_since_ms: since when the one that is gone for longest is, or was; with anything to say. */
enum fields_say fields_step(struct fields *f, const struct fields_seen *seen, int64_t now_ms, int64_t *ret_since_ms);
/* The line of the ledger that a step from before to after begins, says again or ends. False: none. names (of after) becomes its
 * detail. */
bool fields_mark(const struct fields *before, const struct fields *after, int64_t now_ms,
		 char names[FIELDS_NAMES_MAX_BYTES], struct deaf_mark *ret);

const char *fields_name(enum fields_field field); /* "author", "date", "text", "url", "counts" */
const char *fields_names(uint8_t gone, char names[FIELDS_NAMES_MAX_BYTES]); /* "author,counts"; returns names */

void fields_put(struct buf *b, const struct fields *f);
/* False: damaged; *ret is left alone. */
bool fields_get(struct wire_in *in, struct fields *ret);
