#pragma once
/*
 * mention/series: what is counted of a topic over time, as the log keeps it and stats/topic learns it.
 */
#include <stdbool.h>
#include <stdint.h>

enum series_kind { SERIES_ALL, SERIES_NEGATIVE, SERIES_POSITIVE, SERIES_INTENT, SERIES_TAG, SERIES_RULE };
extern const char *const series_kind_names[]; /* "all", "negative", "positive", "intent", "tag", "rule"; NULL at the end */

enum { SERIES_BIN_MINUTES = 5, SERIES_BIN_MS = SERIES_BIN_MINUTES * 60 * 1000 };

/* Published so long before it was seen it belongs to its own time. */
enum { SERIES_LATE_MS = 60 * 60 * 1000 };

struct series_row {
	const char *topic;
	enum series_kind kind;
	const char *name; /* of an intent, a tag, a rule; "" of the others */
	int64_t at_ms;    /* when its bin begins */
	int minutes;      /* how long that is: SERIES_BIN_MINUTES, an hour, a day */
	int64_t n;
};

struct mention;
/* When a hit counts: when it was seen, or published if it comes late. */
int64_t series_time(const struct mention *m);
bool series_is_late(const struct mention *m);
bool series_counts(const struct mention *m); /* no baseline, no own post, nothing that the log says not to count */
enum series_kind series_tone(const struct mention *m); /* SERIES_ALL: neither negative nor positive */
