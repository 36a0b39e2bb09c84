#include "mention/series.h"

#include <string.h>

#include "base/clock.h"
#include "mention/mention.h"

const char *const series_kind_names[] = {"all", "negative", "positive", "intent", "tag", "rule", NULL};

bool series_is_late(const struct mention *m)
{
	return m->published_ms != TIME_NONE && !m->date_suspect && m->seen_ms - m->published_ms > SERIES_LATE_MS;
}

int64_t series_time(const struct mention *m)
{
	return series_is_late(m) ? m->published_ms : m->seen_ms;
}

bool series_counts(const struct mention *m)
{
	return !m->baseline && !m->own && m->place.uncounted == UNCOUNTED_NOT;
}

enum series_kind series_tone(const struct mention *m)
{
	const char *label = m->sentiment.label;

	if (!label)
		return SERIES_ALL;
	return strcmp(label, "negative") == 0   ? SERIES_NEGATIVE
	       : strcmp(label, "positive") == 0 ? SERIES_POSITIVE
						: SERIES_ALL;
}
