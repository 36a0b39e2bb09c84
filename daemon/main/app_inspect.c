/* The daily look at the whole log, on a thread and a connection of its own (store/inspect); at once where a statement met
 * damage. FAULTS D8. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "base/background.h"
#include "base/clock.h"
#include "base/log.h"
#include "main/app_inside.h"
#include "main/app_inspect.h"
#include "main/app_metrics.h"
#include "main/telling.h"
#include "store/inspect.h"
#include "store/store.h"

struct app_inspect {
	struct app *app;
	struct loop_timer *timer;
	struct loop_wakeup *done;
	struct inspect *look; /* NULL: none is under way */
	pthread_t thread;
	int64_t began_ms;  /* steady */
	int64_t since_ms;  /* wall: since when damage is known; 0: none is */
	bool asked, fresh; /* again after this one; damage was met since the last look */
	/* the thread's, until it has poked */
	int r;
	struct inspect_found found;
};

static void *look_main(void *arg)
{
	struct app_inspect *i = arg;

	background();
	i->r = inspect_run(i->look, &i->found);
	loop_wakeup_poke(i->done);
	return NULL;
}

static void begin(struct app_inspect *i)
{
	cleanup(freep) char *path = xasprintf("%s/escuchad.db", i->app->config->state);
	sigset_t all, before;
	int r;

	i->look = inspect_new(path, true);
	i->began_ms = clock_steady_ms();
	i->asked = false;
	sigfillset(&all); /* signals are the loop's */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&i->thread, NULL, look_main, i);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r != 0) {
		LOG_WARN("store.not_inspected", LOG_S("why", strerror(r)));
		i->look = inspect_free(i->look);
		loop_timer_set(i->timer, APP_INSPECT_EVERY_MS);
	}
}

static void tell(struct app_inspect *i, bool damaged)
{
	const struct telling t = {
		.kind = "log_damaged",
		.state = !damaged      ? TELLING_OVER
			 : i->since_ms ? TELLING_LASTS
				       : TELLING_BEGINS,
		.since_ms = i->since_ms ? i->since_ms : clock_wall_ms(),
		.until_ms = damaged ? TIME_NONE : clock_wall_ms(),
		.text = damaged ? TEXT_TELL_LOG_FAULTY : TEXT_TELL_LOG_SOUND,
	};

	app_tell_operators(i->app, &t);
	i->since_ms = damaged ? t.since_ms : 0;
}

/* What is wrong in itself: counts that do not agree are for fsck, and no reason to wake anybody. */
static int64_t damage_of(const struct inspect_found *f)
{
	return f->n[INSPECT_DAMAGED] + f->n[INSPECT_ROW_DAMAGED] + f->n[INSPECT_HIT_LOST] + f->n[INSPECT_NAMELESS] +
	       f->n[INSPECT_EVIDENCE];
}

static void judge(struct app_inspect *i)
{
	const struct inspect_found *f = &i->found;
	int64_t damage = damage_of(f);
	size_t k;

	LOG_INFO("store.inspected", LOG_I("ms", clock_steady_ms() - i->began_ms), LOG_I("mentions", f->mentions),
		 LOG_I("hits", f->hits), LOG_I("damage", damage));
	for (k = 0; k < INSPECT_KINDS; k++)
		if (f->n[k])
			LOG_ERROR("store.fault", LOG_S("kind", inspect_name(k)), LOG_I("n", f->n[k]),
				  LOG_S("why", k == INSPECT_DAMAGED && *f->why ? f->why : "escuchactl fsck says more"));
	app_metrics_inspected(i->app->metrics, damage > 0 && (i->fresh || !i->since_ms));
	i->fresh = false;
	if (damage > 0)
		store_suspect(i->app->store); /* a clean end is no proof for the next start */
	if (damage > 0 || i->since_ms)
		tell(i, damage > 0);
}

static void on_done(void *arg)
{
	struct app_inspect *i = arg;

	if (!i->look)
		return;
	pthread_join(i->thread, NULL);
	i->look = inspect_free(i->look);
	if (i->r < 0)
		LOG_WARN("store.not_inspected", LOG_S("why", strerror(-i->r)));
	else
		judge(i);
	loop_timer_set(i->timer, i->asked ? APP_INSPECT_AGAIN_MS : APP_INSPECT_EVERY_MS);
}

static void on_timer(void *arg)
{
	struct app_inspect *i = arg;

	if (!i->look)
		begin(i);
}

int app_inspect_new(struct app *a, struct app_inspect **ret)
{
	struct app_inspect *i = NEW(struct app_inspect);
	int r;

	i->app = a;
	r = loop_wakeup_new(a->loop, on_done, i, &i->done);
	if (r < 0) {
		free(i);
		return r;
	}
	i->timer = loop_timer_new(a->loop, on_timer, i);
	loop_timer_set(i->timer, APP_INSPECT_FIRST_MS);
	*ret = i;
	return 0;
}

void app_inspect_met_damage(struct app_inspect *i)
{
	i->fresh = true;
	if (i->look)
		i->asked = true;
	else if (!i->since_ms) /* what is known is looked at daily */
		loop_timer_set(i->timer, 0);
}

struct app_inspect *app_inspect_free(struct app_inspect *i)
{
	if (!i)
		return NULL;
	if (i->look) {
		inspect_stop(i->look);
		pthread_join(i->thread, NULL);
		inspect_free(i->look);
	}
	loop_timer_free(i->timer);
	loop_wakeup_free(i->done);
	free(i);
	return NULL;
}
