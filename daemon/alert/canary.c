#include "alert/canary.h"

#include "alert/hours.h"

const char *const canary_stage_names[] = {"reader", "match", "log", "queue", "alert", "channel", NULL};

/* Longer than what a stage takes by itself where things are only slow: a job's three strikes, a channel's timeout. */
int64_t canary_patience_ms(enum canary_stage stage)
{
	static const int64_t patience[CANARY_STAGES] = {
		[CANARY_READER] = 3 * MINUTE_MS, [CANARY_MATCH] = MINUTE_MS, [CANARY_LOG] = MINUTE_MS,
		[CANARY_QUEUE] = 5 * MINUTE_MS,  [CANARY_ALERT] = MINUTE_MS, [CANARY_CHANNEL] = 3 * MINUTE_MS};

	return patience[stage];
}

void canary_init(struct canary *c)
{
	*c = (struct canary){.last_ms = TIME_NONE, .since_ms = TIME_NONE, .told_ms = TIME_NONE};
}

static void enter(struct canary *c, enum canary_stage stage, int64_t now_ms, struct canary_action *ret)
{
	c->stage = stage;
	c->until_ms = now_ms + (c->patience_ms ? c->patience_ms : canary_patience_ms(stage));
	ret->go = true;
}

static void came_through(struct canary *c, struct canary_action *ret)
{
	c->running = false;
	ret->ended = true;
	if (c->since_ms == TIME_NONE)
		return;
	ret->say = CANARY_SAY_OVER;
	ret->since_ms = c->since_ms;
	c->since_ms = c->told_ms = TIME_NONE;
}

static void stuck(struct canary *c, int64_t wall_ms, struct canary_action *ret)
{
	bool known = c->since_ms != TIME_NONE && c->failed == c->stage;

	c->running = false;
	ret->ended = true;
	if (c->since_ms == TIME_NONE)
		c->since_ms = wall_ms;
	c->failed = c->stage;
	ret->since_ms = c->since_ms;
	if (known && wall_ms >= c->told_ms && wall_ms - c->told_ms < DAY_MS)
		return;
	ret->say = known ? CANARY_SAY_LASTS : CANARY_SAY_BEGINS;
	c->told_ms = wall_ms;
}

void canary_step(struct canary *c, const struct canary_event *e, int64_t now_ms, int64_t wall_ms,
		 struct canary_action *ret)
{
	bool here = c->running && e->stage == c->stage;

	*ret = (struct canary_action){.since_ms = TIME_NONE};
	switch (e->kind) {
	case CANARY_EV_BEGIN:
		if (c->running)
			return;
		c->running = true;
		c->last_ms = wall_ms;
		c->patience_ms = e->patience_ms;
		enter(c, CANARY_READER, now_ms, ret);
		return;
	case CANARY_EV_PASSED:
		if (here && c->stage + 1 < CANARY_STAGES)
			enter(c, c->stage + 1, now_ms, ret);
		else if (here)
			came_through(c, ret);
		return;
	case CANARY_EV_FAILED:
		if (here)
			stuck(c, wall_ms, ret);
		return;
	case CANARY_EV_DUE:
		if (!c->running || now_ms < c->until_ms)
			return;
		ret->late = true;
		stuck(c, wall_ms, ret);
		return;
	}
}

int64_t canary_next(const struct canary *c, const struct canary_config *config, const struct zone *zone,
		    int64_t started_ms)
{
	int64_t next_ms = started_ms + CANARY_FIRST_MS, due_ms;

	if (c->last_ms == TIME_NONE)
		return next_ms;
	due_ms = c->since_ms != TIME_NONE ? c->last_ms + CANARY_AGAIN_MS : hours_next(zone, c->last_ms, config->at_min);
	return due_ms > next_ms ? due_ms : next_ms;
}
