#pragma once
/*
 * source/health: whether a source is heard, and when people must be told that it isn't. Pure: one step a poll.
 *
 * A source is deaf when it can't be reached, when it answers something else than it used to, or when it answers well and
 * shows nothing new for much longer than it ever did. Each is told once when it is certain, again each day while it lasts,
 * and once when it is over. One deafness may change its kind and stays one.
 *
 * A source's own rhythm is source/rhythm. struct health is kept over restarts (source/habits), so that a restart neither tells again nor forgets.
 *
 * The coverage ledger follows from two such states, before and after a step: health_marks(). While a deafness is told one
 * of its lines is open; a kind that becomes another ends its line where the other's begins. So the lines of a source never
 * overlap, and together cover what was told as deaf (unless the wall clock goes back).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mention/source_state.h"
#include "source/pace.h"
#include "source/rhythm.h"

enum {
	HEALTH_FAILURES = 3, /* in a row: until then it may be an accident */
	HEALTH_ITEMS = 3,    /* a feed that showed so many, and now none, has changed */
};
#define HEALTH_SILENT_MS  (12 * INT64_C(3600000))     /* what is too long by its rhythm, but never less than this … */
#define HEALTH_LEARN_MS   (8 * 24 * INT64_C(3600000)) /* … and, before a week with its weekend was seen, … */
#define HEALTH_NOVICE_MS  (3 * 24 * INT64_C(3600000)) /* … never less than this */
#define HEALTH_AGAIN_MS   (24 * INT64_C(3600000)) /* but of what is asked once a day, a tenth sooner or later, … */
#define HEALTH_SELDOM_MS  (20 * INT64_C(3600000)) /* … each time: after so long, if nothing asked in between */
#define HEALTH_CERTAIN_MS (30 * INT64_C(60000))   /* a feed may be empty for so long while its site is rebuilt */

enum health_kind {
	HEALTH_WELL,
	HEALTH_UNREACHABLE,
	HEALTH_SILENT,  /* answers well, and shows nothing new */
	HEALTH_CHANGED, /* answers, but no feed, or an empty one */
	HEALTH_KINDS,
};
const char *health_name(enum health_kind kind); /* "well", "unreachable", "silent", "changed" */

/* Zeroed at first. */
struct health {
	int64_t watched_ms, deaf_ms, told_ms; /* since when it is watched; deaf; told last. 0: not */
	int64_t kind_ms;  /* since when it is deaf in this kind: where its line of the ledger begins */
	int64_t heard_ms; /* where the deafness before ended: no line begins before that; 0: there was none */
	struct rhythm rhythm;
	uint8_t kind, items; /* enum health_kind; usual items, up to 255 */
};

bool health_same(const struct health *a, const struct health *b);

struct health_poll {
	int64_t now_ms, every_ms;
	int64_t asked_ms; /* the poll before; 0, TIME_NONE: none */
	enum poll_end end;
	uint32_t failures;
	bool answered; /* a failure: something came, but it could not be read */
	bool read;     /* a body was read; else a good end says that it is the same as before */
	uint64_t items;
	int64_t ok_ms, new_ms; /* this poll included; TIME_NONE: never */
	int64_t gap_ms;        /* it showed something new, after so long a silence; 0: it didn't */
};

enum health_say { HEALTH_SAY_NOTHING, HEALTH_SAY_DEAF, HEALTH_SAY_STILL, HEALTH_SAY_HEARD };

/* *ret_since_ms: since when it is, or was, deaf; with anything to say. */
enum health_say health_step(struct health *h, const struct health_poll *p, int64_t *ret_since_ms);

/* The lines of the ledger that a step from before to after begins, ends or says again. Returns how many; why and detail are
 * left to the caller. */
size_t health_marks(const struct health *before, const struct health *after, int64_t now_ms,
		    struct deaf_mark v[DEAF_MARKS_MAX]);
