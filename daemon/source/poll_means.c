/* source/poll_api: what a source may spend, and what is to be told of it and of what lets it in. */
#include "base/clock.h"
#include "base/zone.h"
#include "platform/auth.h"
#include "platform/params.h"
#include "platform/platform.h"
#include "platform/progress.h"
#include "source/config.h"
#include "source/habits.h"
#include "source/poll_api.h"
#include "source/poll_inside.h"

static int64_t share_of(int64_t most, int64_t sharing)
{
	if (!most)
		return 0;
	return most / sharing > 1 ? most / sharing : 1;
}

static int64_t lesser(int64_t a, int64_t b)
{
	return !a || (b && b < a) ? b : a;
}

/* The platform's own bounds are shared by those who are the same to it; what the source itself may spend is its own. */
struct budget poll_api_budget(const struct source_config *config, const struct zone *zone)
{
	const struct platform_cost *cost = config->params->platform->cost;
	const struct source_budget *own = config->budget;
	int64_t sharing = config->sharing ? config->sharing : 1;
	struct budget b = {.calls_day = share_of(cost->calls_per_day, sharing),
			   .calls_month = share_of(cost->calls_per_month, sharing),
			   .request_micros = cost->request_micros,
			   .item_micros = cost->item_micros,
			   .page_items = cost->page_items,
			   .zone = zone};

	if (!own)
		return b;
	b.calls_day = lesser(b.calls_day, own->calls_day);
	b.calls_month = lesser(b.calls_month, own->calls_month);
	b.micros_day = own->day.micros;
	b.micros_month = own->month.micros;
	return b;
}

void poll_means_note(struct poll *p)
{
	const struct params *params = p->config->params;
	struct progress progress;
	struct zone *zone = NULL;
	struct budget b;
	const char *kept;
	size_t len;

	if (!params || !p->report.loaded)
		return;
	if (p->api) {
		progress = p->api->progress;
	} else { /* it wasn't asked: what the log says of the poll before */
		kept = habits_rest(p->state.habits, p->state.habits_len, &len);
		(void)progress_get(params, kept, len, poll_texts(p), &progress);
	}
	p->means = (struct means){.token_until_ms = auth_until_ms(params, &progress.token),
				  .token_warn_ms = auth_warn_ms(params, &progress.token)};
	if (params->platform->cost->zone && zone_load(params->platform->cost->zone, &zone) != 0)
		zone = NULL; /* told when it was asked */
	b = poll_api_budget(p->config, zone);
	budget_stand(&b, &progress.spent, clock_wall_ms(), p->config->every_ms, params->platform->pages->max_pages,
		     &p->means.budget);
	zone_free(zone);
	p->report.means = &p->means;
}
