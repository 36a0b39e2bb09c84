#include "alert/notices.h"

#include <string.h>

#include "alert/channel.h"
#include "alert/facts.h"
#include "alert/notices_inside.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/zone.h"
#include "loop/loop.h"

enum { MATTER_MAX_BYTES = 200 };

/* --- steps --- */

/* A person has it, or (once a round) none of their channels took it. */
static void tell_outcome(const struct notice_item *x, bool has)
{
	if (x->to && !x->ready && x->all->ops.on_person)
		x->all->ops.on_person(x->all->arg, x->matter, x->to, has ? x->channel : NULL);
}

void notices_event(struct notice_item *x, struct notice_event e)
{
	struct notices *n = x->all;
	uint32_t rounds = x->notice.rounds;

	e.n_routes = notices_ways(x);
	switch (notice_step(&x->notice, &e, &n->pace, clock_steady_ms())) {
	case NOTICE_NOTHING:
		return;
	case NOTICE_TRY:
		if (n->open != x)
			break;
		n->open = NULL;
		gather_left(&n->gather, clock_steady_ms(), n->setup.pace->pause_ms);
		break;
	case NOTICE_WAIT:
		if (n->open == x) /* nobody was there when it was due: from now on its rounds say when */
			n->open = NULL;
		break;
	case NOTICE_END:
		if (x->notice.state != NOTICE_GIVEN_UP) {
			tell_outcome(x, true);
			break;
		}
		n->lost++;
		n->ops.on_result(n->arg, NULL, "undelivered");
		LOG_ERROR("notice.undelivered", LOG_S("key", x->key), LOG_S("about", x->matter),
			  LOG_I("tries", x->notice.tries), LOG_S("why", x->why));
		break;
	}
	notices_keep(x);
	if (x->notice.rounds > rounds)
		tell_outcome(x, false);
}

/* Of what is still being gathered. */
static int64_t open_due(const struct notices *n)
{
	return gather_due(&n->gather, n->open->first_ms, n->setup.pace->gather_ms, n->setup.pace->pause_ms);
}

/* What is due is tried; the timer is set to what comes next. */
void notices_look(struct notices *n)
{
	int64_t now_ms = clock_steady_ms(), next_ms = INT64_MAX;
	struct notice_item *x;

	if (!n->found)
		return;
	if (n->open)
		n->open->notice.due_ms = open_due(n);
	TAILQ_FOREACH(x, &n->items, entry)
	{
		if (x->notice.state == NOTICE_NEW && x->notice.due_ms <= now_ms)
			notices_event(x, (struct notice_event){.kind = NOTICE_EV_DUE});
		if (x->notice.state == NOTICE_NEW && x->notice.due_ms < next_ms)
			next_ms = x->notice.due_ms;
	}
	if (next_ms != INT64_MAX)
		loop_timer_set(n->timer, next_ms - now_ms);
	else
		loop_timer_stop(n->timer);
}

static void on_timer(void *arg)
{
	notices_look(arg);
}

/* --- what others see --- */

struct notices *notices_new(struct loop *l, struct fetch *fetch, const struct notices_ops *ops, void *arg)
{
	struct notices *n = NEW(struct notices);

	n->loop = l;
	n->ops = *ops;
	n->arg = arg;
	n->channel_ops.make = ops->make;
	n->channel_ops.on_sent_as = ops->on_sent_as;
	n->channels = channels_new(l, fetch, &n->channel_ops, arg);
	TAILQ_INIT(&n->items);
	n->timer = loop_timer_new(l, on_timer, n);
	return n;
}

static void drop_routes(struct notices *n)
{
	while (n->n_routes)
		zone_free(n->routes[--n->n_routes].zone);
}

struct notices *notices_free(struct notices *n)
{
	struct notice_token *t;

	if (!n)
		return NULL;
	channels_free(n->channels);
	for (t = n->tokens; t; t = t->next)
		t->all = NULL;
	while (!TAILQ_EMPTY(&n->items))
		notices_item_free(TAILQ_FIRST(&n->items));
	drop_routes(n);
	loop_timer_free(n->timer);
	free(n);
	return NULL;
}

void notices_configure(struct notices *n, const struct notices_setup *setup)
{
	struct notice_item *x;
	size_t i, k;

	n->setup = *setup;
	n->pace.retry_ms = setup->pace->retry_ms;
	channels_configure(n->channels, setup->channels, setup->n_channels);
	drop_routes(n);
	for (i = 0; i < setup->n_operators; i++) {
		const struct person_config *p = setup->operators[i].person;

		for (k = 0; k < p->n_reach && n->n_routes < ROUTES_MAX; k++)
			n->routes[n->n_routes++] = (struct notice_route){
				p, &p->reach[k], notices_zone(p->timezone ? p->timezone : setup->timezone)};
	}
	TAILQ_FOREACH(x, &n->items, entry)
	notices_event(x, (struct notice_event){.kind = NOTICE_EV_ROUTES});
	notices_look(n);
}

/* Where news go: with what is gathered; a message of their own; or, past the bound, with the last that waits. */
static struct notice_item *item_for(struct notices *n, const struct fact *fact)
{
	struct notice_item *x = n->open;

	if (!x && n->n_items == NOTICES_MAX)
		TAILQ_FOREACH_REVERSE(x, &n->items, notice_items, entry)
	if (!x->to && x->notice.state == NOTICE_NEW)
		return x;
	if (x || n->n_items == NOTICES_MAX)
		return x;
	x = n->open = notices_item(n);
	notices_key(x->key);
	x->matter =
		fact->subject ? xasprintf("%s %.*s", fact->kind, MATTER_MAX_BYTES, fact->subject) : xstrdup(fact->kind);
	x->facts = facts_new();
	return x;
}

void notices_tell(struct notices *n, const struct fact *fact)
{
	struct notice_item *x;

	if (!n->n_routes)
		return;
	x = item_for(n, fact);
	if (!x) {
		LOG_ERROR("notice.dropped", LOG_S("kind", fact->kind), LOG_S("subject", fact->subject));
		return;
	}
	facts_add(x->facts, fact);
	if (x == n->open)
		x->notice.due_ms = open_due(n);
	notices_keep(x);
	notices_look(n);
}

void notices_status(const struct notices *n, struct notices_status *ret)
{
	const struct notice_item *x;

	*ret = (struct notices_status){.undelivered = n->lost, .since_ms = TIME_NONE};
	TAILQ_FOREACH(x, &n->items, entry)
	{
		if (x->notice.state != NOTICE_NEW && x->notice.state != NOTICE_TRYING)
			continue;
		ret->waiting++;
		if (!x->why)
			continue;
		ret->failing++;
		if (ret->since_ms == TIME_NONE || x->created_ms < ret->since_ms) {
			ret->since_ms = x->created_ms;
			ret->why = x->why;
		}
	}
}

void notices_sent_as(struct notices *n, const struct notice_sent_as *as)
{
	channels_sent_as(n->channels, as);
}

size_t notices_sending(const struct notices *n)
{
	return n ? channels_sending(n->channels) : 0;
}
