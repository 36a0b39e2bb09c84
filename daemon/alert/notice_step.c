#include "alert/notice_step.h"

static int64_t round_pause(const struct notice *n, const struct notice_pace *pace)
{
	int64_t ms = pace->retry_ms * NOTICE_ROUND_RETRIES;
	uint32_t i;

	for (i = 1; i < n->rounds && ms < NOTICE_ROUND_MAX_MS; i++)
		ms *= 2;
	return ms < NOTICE_ROUND_MAX_MS ? ms : NOTICE_ROUND_MAX_MS;
}

static enum notice_action wait(struct notice *n, int64_t until_ms)
{
	n->state = NOTICE_NEW;
	n->due_ms = until_ms;
	return NOTICE_WAIT;
}

/* Everybody was tried. */
static enum notice_action next_round(struct notice *n, const struct notice_pace *pace, int64_t now_ms)
{
	n->route = 0;
	n->tries_here = 0;
	n->rounds++;
	if (n->rounds < NOTICE_ROUNDS_MAX)
		return wait(n, now_ms + round_pause(n, pace));
	n->state = NOTICE_GIVEN_UP;
	return NOTICE_END;
}

static enum notice_action next_route(struct notice *n, size_t n_routes, const struct notice_pace *pace, int64_t now_ms)
{
	n->route++;
	n->tries_here = 0;
	return n->route < n_routes ? wait(n, now_ms) : next_round(n, pace, now_ms);
}

static enum notice_action on_due(struct notice *n, const struct notice_event *e, const struct notice_pace *pace,
				 int64_t now_ms)
{
	if (n->state != NOTICE_NEW || now_ms < n->due_ms)
		return NOTICE_NOTHING;
	if (n->route >= e->n_routes)
		n->route = 0;
	if (e->n_routes == 0) /* nobody is there at present */
		return next_round(n, pace, now_ms);
	n->state = NOTICE_TRYING;
	n->tries++;
	n->tries_here++;
	return NOTICE_TRY;
}

static enum notice_action on_failed(struct notice *n, const struct notice_event *e, const struct notice_pace *pace,
				    int64_t now_ms)
{
	if (n->state != NOTICE_TRYING)
		return NOTICE_NOTHING;
	n->maybe = n->maybe || e->maybe;
	if (e->kind == NOTICE_EV_LATER && n->tries_here < NOTICE_TRIES_HERE &&
	    (e->wait_ms <= pace->retry_ms || e->n_routes < 2)) /* else who is next is told sooner */
		return wait(n, now_ms + (e->wait_ms > pace->retry_ms ? e->wait_ms : pace->retry_ms));
	return next_route(n, e->n_routes, pace, now_ms);
}

/* due_ms is what the log says, which a clock that was set may have made absurd (FAULTS T1). */
static enum notice_action on_found(struct notice *n, int64_t now_ms)
{
	if (n->state == NOTICE_TRYING) {
		n->maybe = true;
		return wait(n, now_ms);
	}
	if (n->due_ms > now_ms + NOTICE_ROUND_MAX_MS)
		n->due_ms = now_ms + NOTICE_ROUND_MAX_MS;
	return NOTICE_NOTHING;
}

enum notice_action notice_step(struct notice *n, const struct notice_event *e, const struct notice_pace *pace,
			       int64_t now_ms)
{
	switch (e->kind) {
	case NOTICE_EV_FOUND:
		return on_found(n, now_ms);
	case NOTICE_EV_DUE:
		return on_due(n, e, pace, now_ms);
	case NOTICE_EV_UNKEPT:
		if (n->state != NOTICE_TRYING)
			return NOTICE_NOTHING;
		n->tries--;
		n->tries_here--;
		return wait(n, now_ms + pace->retry_ms);
	case NOTICE_EV_TAKEN:
		if (n->state != NOTICE_TRYING)
			return NOTICE_NOTHING;
		n->state = NOTICE_SENT;
		return NOTICE_END;
	case NOTICE_EV_LATER:
	case NOTICE_EV_NEVER:
		return on_failed(n, e, pace, now_ms);
	case NOTICE_EV_ROUTES:
		n->route = 0;
		n->tries_here = 0;
		if (n->state != NOTICE_NEW || !(n->tries || n->rounds)) /* under way, or its news are being gathered */
			return NOTICE_NOTHING;
		n->rounds -= n->rounds > 0; /* the next one comes before its time */
		return wait(n, now_ms);
	}
	return NOTICE_NOTHING;
}
