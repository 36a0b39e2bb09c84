#include "main/ctl_log.h"

#include <sys/resource.h>

#include "base/log.h"
#include "base/units.h"
#include "main/ctl_output.h"

enum { NICE = 10 };

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

int ctl_log_judged(const struct ctl *c, const char *back, int64_t *ret_back_ms)
{
	if (!ctl_log_quiet(c) || units_duration(back, ret_back_ms) != 0)
		return CTL_NO;
	if (!c->n_rules) {
		CTL_COMPLAIN(c, TEXT_CTL_BACKTEST_NO_RULES);
		return CTL_USAGE;
	}
	local_zone(c);
	(void)setpriority(PRIO_PROCESS, 0, NICE);
	return CTL_DONE;
}
