#include "alert/mute.h"

#include <string.h>

int mute_check(int64_t for_ms, bool is_long)
{
	if (for_ms <= 0)
		return MUTE_E_END;
	if (for_ms > MUTE_LONG_MAX_MS)
		return MUTE_E_LONGER;
	return for_ms > MUTE_MAX_MS && !is_long ? MUTE_E_LONG : 0;
}

static bool holds(const struct mute *m, enum severity severity)
{
	return severity == SEVERITY_CRITICAL ? m->critical : severity <= m->severity;
}

int64_t mutes_until(const struct mute *v, size_t n, const char *topic, enum severity severity, int64_t now_ms)
{
	int64_t until_ms = 0;
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i].until_ms > now_ms && v[i].until_ms > until_ms && strcmp(v[i].topic, topic) == 0 &&
		    holds(&v[i], severity))
			until_ms = v[i].until_ms;
	return until_ms;
}
