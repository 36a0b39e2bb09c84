#include "main/ctl_log.h"

#include "base/log.h"

static bool swallow(const struct log_entry *entry)
{
	(void)entry;
	return true;
}

bool ctl_log_quiet(const struct ctl *c)
{
	if (!c->state) {
		CTL_COMPLAIN(c, TEXT_CTL_LOG_NOWHERE);
		return false;
	}
	log_sink(swallow);
	return true;
}
