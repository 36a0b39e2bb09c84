#include "alert/heartbeat.h"

const char *heartbeat_held_by(const struct heartbeat_facts *f, int64_t wall_ms)
{
	if (!f->serving)
		return "starting";
	if (!f->log_read)
		return "log";
	if (f->log_full)
		return "log_full";
	if (f->sources && f->deaf == f->sources)
		return "deaf";
	if (f->oldest_ms != TIME_NONE && wall_ms - f->oldest_ms > HEARTBEAT_WAITS_MS)
		return "outbox";
	if (f->canary)
		return "canary";
	return NULL;
}
