/* The end in good order (FAULTS S1): nothing new begins, what was heard is kept, who asked is answered; then all goes. Bounded,
 * since nothing is lost by going at once: what is committed is safe, and what is not is asked for again. */
#include <string.h>

#include "alert/notices.h"
#include "base/clock.h"
#include "base/log.h"
#include "main/app_inside.h"
#include "serve/serve.h"
#include "source/sources.h"

static void look(void *arg)
{
	struct app *a = arg;
	size_t polls = sources_draining(a->sources), asked = serve_draining(a->serve);
	size_t mails = notices_sending(a->notices);

	if (polls + asked + mails && clock_steady_ms() < a->drain.until_ms) {
		loop_timer_set(a->drain.again, APP_DRAIN_LOOK_MS);
		return;
	}
	if (polls + asked + mails)
		LOG_WARN("stopping.cut", LOG_I("polls", (int64_t)polls), LOG_I("questions", (int64_t)asked),
			 LOG_I("notices", (int64_t)mails));
	app_stop(a, APP_DONE);
}

void app_drain(struct app *a, int signo)
{
	bool again = a->stopping;

	LOG_INFO("stopping", LOG_S("signal", sigabbrev_np(signo)));
	a->stopping = true;
	app_systemd_stopping(a);
	if (again || a->once || !a->serving) { /* who says it twice means it */
		app_stop(a, APP_DONE);
		return;
	}
	app_reload_done(a);
	serve_drain(a->serve);
	sources_drain(a->sources);
	a->drain.until_ms = clock_steady_ms() + APP_DRAIN_MS;
	a->drain.again = loop_timer_new(a->loop, look, a);
	look(a);
}

void app_drain_done(struct app *a)
{
	a->drain.again = loop_timer_free(a->drain.again);
}
