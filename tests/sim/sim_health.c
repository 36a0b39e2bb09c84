/* What may be said of a source's health: each deafness told once, again each day, and when it is over; and the ledger that the
 * log keeps of it: one line at a time, from when it was heard last. */
#include <stdlib.h>
#include <string.h>

#include "mention/source_state.h"
#include "sim.h"
#include "source/sources.h"

static size_t number(const struct site *x)
{
	return (size_t)(x - x->sim->sites);
}

/* A line of the ledger, on the disk. */
void health_mark(struct site *x, const struct deaf_mark *m)
{
	struct sim *s = x->sim;

	sim_trace(s, "ledger of %zu: %s from %lld to %lld", number(x), m->kind, (long long)m->from_ms,
		  (long long)m->to_ms);
	if (m->to_ms == TIME_NONE) {
		PROMISE(s, x->line_ms == TIME_NONE || x->line_ms == m->from_ms,
			"site %zu: a line from %lld begins while the one from %lld is open", number(x),
			(long long)m->from_ms, (long long)x->line_ms);
		PROMISE(s, x->clock_was_set || m->from_ms >= x->line_end_ms, "site %zu: two lines overlap", number(x));
		PROMISE(s,
			x->clock_was_set || x->line_ms != TIME_NONE || x->line_end_ms == m->from_ms ||
				x->answered_badly || strcmp(m->kind, "unreachable") != 0 ||
				x->ok_wall_ms == TIME_NONE || m->from_ms == x->ok_wall_ms ||
				m->from_ms == x->kept_ok_ms, /* a mark that was lost makes it deaf for longer */
			"site %zu: deaf from %lld, but heard last at %lld", number(x), (long long)m->from_ms,
			(long long)x->ok_wall_ms);
		x->line_ms = m->from_ms;
		return;
	}
	PROMISE(s, x->line_ms == m->from_ms, "site %zu: the line from %lld ends, and %lld is open", number(x),
		(long long)m->from_ms, (long long)x->line_ms);
	PROMISE(s, m->to_ms >= m->from_ms, "site %zu: a line that ends before it begins", number(x));
	x->line_ms = TIME_NONE;
	x->line_end_ms = x->clock_was_set ? TIME_NONE : m->to_ms;
}

void health_told(struct sim *s, const struct source_deaf *d)
{
	struct site *x = web_site(s, d->source);

	sim_trace(s, "%s is %s: %s", d->source, d->kind,
		  d->say == HEALTH_SAY_HEARD   ? "heard again"
		  : d->say == HEALTH_SAY_STILL ? "still deaf"
					       : "deaf");
	if (d->say == HEALTH_SAY_DEAF)
		PROMISE(s, x->told != TOLD, "site %zu: told twice that it is deaf", number(x));
	else
		PROMISE(s, x->told != NOT_TOLD, "site %zu: nobody was told that it was deaf", number(x));
	if (d->say == HEALTH_SAY_STILL && x->told == TOLD && !x->clock_was_set)
		PROMISE(s, d->now_ms - x->told_ms >= HEALTH_SELDOM_MS, "site %zu: told again after %lld ms", number(x),
			(long long)(d->now_ms - x->told_ms));
	if (d->say == HEALTH_SAY_HEARD && !x->jumped)
		x->clock_was_set = false;
	x->told = d->say == HEALTH_SAY_HEARD ? NOT_TOLD : TOLD;
	x->told_ms = d->now_ms;
}

struct look {
	struct site *site;
	enum poll_end end;
	uint32_t failures;
	size_t new_mentions;
	bool log_failed;
};

static void look(void *arg)
{
	struct look *l = arg;
	struct site *x = l->site;
	struct sim *s = x->sim;

	PROMISE(s, x->told == UNSURE || (x->told == TOLD) == (x->line_ms != TIME_NONE),
		"site %zu: what was told and the ledger differ", number(x));
	if (x->told == UNSURE && x->line_ms == TIME_NONE)
		x->told = NOT_TOLD;
	if (!l->log_failed && x->told != UNSURE) {
		PROMISE(s, x->told == TOLD || l->failures < HEALTH_FAILURES,
			"site %zu: failed %u times, and nobody was told", number(x), l->failures);
		PROMISE(s, x->told == TOLD || l->end != POLL_END_GONE, "site %zu: gone, and nobody was told",
			number(x));
		PROMISE(s, x->told != TOLD || l->end != POLL_END_OK || !l->new_mentions,
			"site %zu: shows something new, and is called deaf", number(x));
		PROMISE(s, x->told != TOLD || x->clock_was_set || clock_wall_ms() - x->told_ms < HEALTH_AGAIN_MS,
			"site %zu: not told again for a day", number(x));
	}
	if (l->end == POLL_END_OK && x->told == NOT_TOLD && !x->jumped)
		x->clock_was_set = false;
	free(l);
}

/* A poll has ended; what is said of it comes in the same moment. */
void health_check(struct sim *s, const struct source_status *status, const struct poll_report *r)
{
	struct look *l = NEW(struct look);

	*l = (struct look){.site = web_site(s, status->name),
			   .end = r->end,
			   .failures = r->failures,
			   .new_mentions = r->result.new_mentions,
			   .log_failed = r->error && strcmp(r->error, "log") == 0};
	sim_later(s, 0, look, l);
}

/* What was committed just before the crash may not have been told any more. */
void health_forget(struct sim *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		s->sites[i].told = UNSURE;
}
