#include "base/background.h"

#include <errno.h>
#include <sched.h>
#include <sys/resource.h>

void background(void)
{
	const struct sched_param param = {.sched_priority = 0};
	int saved = errno, now;

	if (sched_getscheduler(0) == SCHED_OTHER) /* else whoever started us has put us behind all others */
		(void)sched_setscheduler(0, SCHED_BATCH, &param); /* wakes without taking a core from anybody */
	errno = 0;
	now = getpriority(PRIO_PROCESS, 0);
	if (errno == 0)
		(void)setpriority(PRIO_PROCESS, 0, now + BACKGROUND_NICE);
	errno = saved;
}
