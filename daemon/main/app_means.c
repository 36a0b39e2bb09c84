#include "main/app_means.h"

#include "base/clock.h"
#include "base/json.h"
#include "main/app_inside.h"
#include "source/means.h"
#include "source/sources.h"

#define MICROS 1e6

static void put_calls(struct json *j, const char *key, const char *of_key, int64_t spent, int64_t most)
{
	if (!most)
		return;
	json_int(j, key, spent);
	json_int(j, of_key, most);
}

static void put_money(struct json *j, const char *key, const char *of_key, int64_t micros, int64_t most)
{
	if (!most)
		return;
	json_double(j, key, (double)micros / MICROS);
	json_double(j, of_key, (double)most / MICROS);
}

void app_means_put(struct json *j, const struct means *means)
{
	const int64_t now = clock_wall_ms();
	struct means m;
	bool daily;

	if (!means)
		return;
	m = means_at(means, now);
	if (m.token_until_ms != TIME_NONE) {
		json_time(j, "token_ends", m.token_until_ms, false);
		json_bool(j, "token_renew", now >= m.token_warn_ms);
	}
	daily = m.budget.calls_day || m.budget.micros_day;
	if (!means_bounded(&m))
		return;
	json_begin_object(j, "budget");
	put_calls(j, "calls_day", "calls_day_of", m.budget.spent.calls_day, m.budget.calls_day);
	put_calls(j, "calls_month", "calls_month_of", m.budget.spent.calls_month, m.budget.calls_month);
	put_money(j, "usd_day", "usd_day_of", m.budget.spent.micros_day, m.budget.micros_day);
	put_money(j, "usd_month", "usd_month_of", m.budget.spent.micros_month, m.budget.micros_month);
	json_time(j, "ends", m.budget.ends_ms, false);
	json_time(j, "resets", daily ? m.budget.day_ends_ms : m.budget.month_ends_ms, false);
	json_end_object(j);
}

struct shorts {
	struct json *json;
	size_t put;
};

static void put_short(void *arg, const struct source_glance *s)
{
	const int64_t now = clock_wall_ms();
	struct shorts *x = arg;
	struct means m;

	if (!s->means || x->put == APP_MEANS_MAX)
		return;
	m = means_at(s->means, now);
	if (means_short(&m, now) == MEANS_ENOUGH)
		return;
	x->put++;
	json_begin_object(x->json, NULL);
	json_text(x->json, "source", s->name);
	json_text(x->json, "platform", s->platform);
	app_means_put(x->json, s->means);
	json_end_object(x->json);
}

void app_means_status(struct json *j, const struct app *a)
{
	struct shorts x = {.json = j};

	json_begin_array(j, "short");
	if (a->sources)
		sources_glance(a->sources, put_short, &x);
	json_end_array(j);
}
