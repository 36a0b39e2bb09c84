/* Dates: whatever the bytes, a time of the years 1 to 9999 (a day around them, for the zones), the same again when it is
 * written in RFC 3339, or none. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "parse/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int64_t ms = TIME_NONE, again, least = clock_days_from_civil(1, 1, 1) * DAY_MS,
		most = clock_days_from_civil(10000, 1, 1) * DAY_MS;
	char text[CLOCK_RFC3339_SIZE];

	if (date_parse((const char *)data, size, &ms) != 0) {
		if (ms != TIME_NONE)
			abort();
		return 0;
	}
	if (ms < least - DAY_MS || ms > most + DAY_MS)
		abort();
	if (ms >= least && ms < most) {
		clock_rfc3339(ms, 1, text);
		if (date_parse(text, strlen(text), &again) != 0 || again != ms)
			abort();
	}
	return 0;
}
