#include "queue/water.h"

enum water_change water_note(struct water *w, int64_t rows, int64_t mark)
{
	if (!w->high && rows >= mark) {
		w->high = true;
		return WATER_HIGH;
	}
	if (w->high && rows <= mark / 2) {
		w->high = false;
		return WATER_WELL;
	}
	return WATER_SAME;
}
