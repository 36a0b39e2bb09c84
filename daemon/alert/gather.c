#include "alert/gather.h"

int64_t gather_due(const struct gather *g, int64_t first_ms, int64_t gather_ms, int64_t pause_ms)
{
	int64_t gathered_ms = first_ms + gather_ms, free_ms = g->paid_until_ms - (GATHER_FIRST - 1) * pause_ms;

	return gathered_ms > free_ms ? gathered_ms : free_ms;
}

void gather_left(struct gather *g, int64_t now_ms, int64_t pause_ms)
{
	g->paid_until_ms = (g->paid_until_ms > now_ms ? g->paid_until_ms : now_ms) + pause_ms;
}
