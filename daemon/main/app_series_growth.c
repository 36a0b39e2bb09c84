/* How fast the fastest posts of each topic gain likes, shares and replies: asked of the log, a topic after the other, when counts
 * were read again, and as long as a pace is known, which grows old. */
#include <stdlib.h>

#include "base/clock.h"
#include "main/app_series_inside.h"
#include "store/growth.h"

enum { SOON_MS = 1000, ROUND_MS = 60 * 1000 /* from one round to the next */ };

static void on_growth(void *arg, int r, const struct growth *growth);

static void ask_next(struct app_series *s)
{
	if (s->growth.next < s->n) {
		s->growth.topic = xstrdup(topic_name(s->v[s->growth.next++].topic));
		store_growth(s->app->store, s->growth.topic, clock_wall_ms() - HOUR_MS, on_growth, s);
		return;
	}
	s->growth.asking = false;
	if (s->growth.again)
		series_growth_counted(s);
}

static void on_growth(void *arg, int r, const struct growth *growth)
{
	struct app_series *s = arg;
	cleanup(freep) char *name = TAKE(s->growth.topic);
	struct one *one = series_find(s, name);

	if (s->stopped)
		return;
	if (r < 0)
		app_log_failed(s->app, "series.growth", r);
	if (r == 0 && one) { /* not that it went with other rules meanwhile */
		double before = topic_growth(one->topic)->negative;

		topic_set_growth(one->topic, &(struct topic_growth){growth->per_hour, growth->negative});
		if (growth->per_hour >= 0 || before >= 0)
			series_judge_soon(s, one);
	}
	ask_next(s);
}

static void on_round(void *arg)
{
	struct app_series *s = arg;

	s->growth.asking = true;
	s->growth.again = false;
	s->growth.next = 0;
	s->growth.asked_ms = clock_steady_ms();
	ask_next(s);
}

void series_growth_counted(struct app_series *s)
{
	int64_t wait_ms = s->growth.asked_ms == TIME_NONE ? 0 : s->growth.asked_ms + ROUND_MS - clock_steady_ms();

	if (s->growth.asking)
		s->growth.again = true;
	else if (!loop_timer_is_set(s->growth.timer))
		loop_timer_set(s->growth.timer, wait_ms > SOON_MS ? wait_ms : SOON_MS);
}

void series_growth_bin(struct app_series *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (topic_growth(s->v[i].topic)->fastest >= 0) {
			series_growth_counted(s);
			return;
		}
}

void series_growth_init(struct app_series *s)
{
	s->growth.asked_ms = TIME_NONE;
	s->growth.timer = loop_timer_new(s->app->loop, on_round, s);
}

void series_growth_done(struct app_series *s)
{
	loop_timer_free(s->growth.timer);
	free(s->growth.topic);
}
