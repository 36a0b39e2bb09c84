#include "main/config_oncall.h"

#include <string.h>

#include "base/clock.h"
#include "base/schema.h"
#include "main/config.h"
#include "main/config_value.h"

/* --- hours, days, dates --- */

static bool decode_hours(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	static const struct schema_row text = {.type = SCHEMA_STRING};
	const char *value;
	int r;

	(void)row;
	if (!schema_value(run, node, &text, &value))
		return false;
	r = hours_parse(value, ret);
	return r == 0 || SCHEMA_FAIL(run, node, NULL, NULL,
				     r == HOURS_E_EMPTY ? TEXT_ONCALL_HOURS_EMPTY : TEXT_ONCALL_WANT_HOURS, value);
}

bool config_decode_days(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	static const struct schema_row text = {.type = SCHEMA_STRING};
	uint8_t days = 0, more;
	const char *value;
	size_t i, n = node->kind == YAML_LIST ? node->n : 1;

	(void)row;
	for (i = 0; i < n; i++) {
		const struct yaml_node *item = node->kind == YAML_LIST ? node->items[i] : node;

		if (!schema_value(run, item, &text, &value))
			return false;
		if (hours_days(value, &more) != 0)
			return SCHEMA_FAIL(run, item, NULL, NULL, TEXT_ONCALL_WANT_DAYS, value);
		days |= more;
	}
	*(uint8_t *)ret = days;
	return true;
}

bool config_decode_date(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	static const struct schema_row text = {.type = SCHEMA_STRING};
	const char *value;

	(void)row;
	if (!schema_value(run, node, &text, &value))
		return false;
	return hours_date(value, ret) == 0 || SCHEMA_FAIL(run, node, NULL, NULL, TEXT_ONCALL_WANT_DATE, value);
}

static void fill_hours(struct hours *h)
{
	if (!h->days)
		h->days = HOURS_EVERY_DAY;
	if (!h->to_min)
		h->to_min = HOURS_DAY_MIN;
}

#define HOURS_ROWS(owner, where)                                                                                       \
	{.key = "days",                                                                                                \
	 .type = SCHEMA_CUSTOM,                                                                                        \
	 .at = offsetof(owner, where) + offsetof(struct hours, days),                                                  \
	 .decode = config_decode_days,                                                                                        \
	 .item_size = sizeof(uint8_t)},                                                                                \
	{                                                                                                              \
		.key = "hours", .type = SCHEMA_CUSTOM, .at = offsetof(owner, where), .decode = decode_hours,           \
		.item_size = sizeof(struct hours)                                                                      \
	}

/* '22:00-07:00', or days and hours of them. */
struct quiet {
	struct hours hours;
};
static const struct schema_row quiet_rows[] = {HOURS_ROWS(struct quiet, hours)};
static const struct schema_table quiet_table = SCHEMA_TABLE(struct quiet, quiet_rows);

static bool decode_quiet(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	struct quiet q = {.hours = {0}};

	if (node->kind == YAML_MAP ? !schema_object(run, node, &quiet_table, &q)
				   : !decode_hours(run, node, row, &q.hours))
		return false;
	fill_hours(&q.hours);
	*(struct hours *)ret = q.hours;
	return true;
}
const struct schema_row quiet_item = {
	.type = SCHEMA_CUSTOM, .decode = decode_quiet, .item_size = sizeof(struct hours), .table = &quiet_table};

/* --- absences --- */

static bool check_away(struct schema_run *run, const struct yaml_node *node, void *object)
{
	const struct away_config *a = object;

	return a->from_day <= a->to_day ||
	       SCHEMA_FAIL(run, yaml_get(node, "to"), "to", NULL, TEXT_ONCALL_AWAY_BACKWARDS);
}

static const struct schema_row away_rows[] = {
	{.key = "from",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct away_config, from_day),
	 .required = true,
	 .decode = config_decode_date,
	 .item_size = sizeof(int64_t)},
	{.key = "to",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct away_config, to_day),
	 .required = true,
	 .decode = config_decode_date,
	 .item_size = sizeof(int64_t)},
	{.key = "instead", .type = SCHEMA_NAME, .at = offsetof(struct away_config, instead)},
};
static const struct schema_table away_table =
	SCHEMA_TABLE(struct away_config, away_rows, .pos_at = SCHEMA_AT(struct away_config, pos), .check = check_away);
const struct schema_row away_item = {.type = SCHEMA_OBJECT, .table = &away_table};

/* --- rotas --- */

static bool decode_who(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	static const struct schema_row text = {.type = SCHEMA_STRING};
	struct who_config *who = ret;

	(void)row;
	who->pos = node->pos;
	return schema_value(run, node, &text, &who->name);
}
const struct schema_row who_item = {
	.type = SCHEMA_CUSTOM, .decode = decode_who, .item_size = sizeof(struct who_config)};

static const char *const rotate_names[] = {[ROTATE_NEVER] = "never",     [ROTATE_DAILY] = "daily",
					   [ROTATE_WEEKLY] = "weekly",   [ROTATE_FORTNIGHTLY] = "fortnightly",
					   [ROTATE_MONTHLY] = "monthly", NULL};

static bool check_shift(struct schema_run *run, const struct yaml_node *node, void *object)
{
	struct shift_config *s = object;

	(void)run;
	fill_hours(&s->hours);
	if (!yaml_get(node, "since"))
		s->since_day = 4; /* 1970-01-05, a Monday */
	return true;
}

static const struct schema_row shift_rows[] = {
	HOURS_ROWS(struct shift_config, hours),
	{.key = "who",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct shift_config, who),
	 .n_at = offsetof(struct shift_config, n_who),
	 .required = true,
	 .one_or_list = true,
	 .min = 1,
	 .max = WHO_MAX,
	 .item = &who_item},
	{.key = "rotate",
	 .type = SCHEMA_ENUM,
	 .at = offsetof(struct shift_config, rotate),
	 .names = rotate_names,
	 .def = "never"},
	{.key = "since",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct shift_config, since_day),
	 .decode = config_decode_date,
	 .item_size = sizeof(int64_t)},
};
static const struct schema_table shift_table = SCHEMA_TABLE(
	struct shift_config, shift_rows, .pos_at = SCHEMA_AT(struct shift_config, pos), .check = check_shift);
static const struct schema_row shift_item = {.type = SCHEMA_OBJECT, .table = &shift_table};

static bool check_rota(struct schema_run *run, const struct yaml_node *node, void *object)
{
	struct rota_config *rota = object;

	(void)run;
	(void)node;
	rota->nobody = rota->n_otherwise == 1 && strcmp(rota->otherwise[0].name, "nobody") == 0;
	if (rota->nobody)
		rota->n_otherwise = 0;
	return true;
}

static const struct schema_row rota_rows[] = {
	{.key = "name", .type = SCHEMA_NAME, .at = offsetof(struct rota_config, name), .required = true},
	{.key = "timezone",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct rota_config, timezone),
	 .decode = config_decode_timezone,
	 .item_size = sizeof(const char *)},
	{.key = "shifts",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct rota_config, shifts),
	 .n_at = offsetof(struct rota_config, n_shifts),
	 .max = SHIFTS_MAX,
	 .item = &shift_item},
	{.key = "otherwise",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct rota_config, otherwise),
	 .n_at = offsetof(struct rota_config, n_otherwise),
	 .one_or_list = true,
	 .min = 1,
	 .max = WHO_MAX,
	 .item = &who_item},
};
static const struct schema_table rota_table =
	SCHEMA_TABLE(struct rota_config, rota_rows, .pos_at = SCHEMA_AT(struct rota_config, pos),
		     .name_at = SCHEMA_AT(struct rota_config, name), .check = check_rota);
const struct schema_row rota_item = {.type = SCHEMA_OBJECT, .table = &rota_table};

/* --- escalations --- */

static const struct schema_row step_rows[] = {
	{.key = "after",
	 .type = SCHEMA_DURATION,
	 .at = offsetof(struct step_config, after_ms),
	 .max = DAY_MS,
	 .def = "0s"},
	{.key = "notify",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct step_config, notify),
	 .n_at = offsetof(struct step_config, n_notify),
	 .required = true,
	 .one_or_list = true,
	 .min = 1,
	 .max = WHO_MAX,
	 .item = &who_item},
};
static const struct schema_table step_table =
	SCHEMA_TABLE(struct step_config, step_rows, .pos_at = SCHEMA_AT(struct step_config, pos));
static const struct schema_row step_item = {.type = SCHEMA_OBJECT, .table = &step_table};

static bool check_escalation(struct schema_run *run, const struct yaml_node *node, void *object)
{
	const struct escalation_config *e = object;
	size_t i, level;

	for (level = 0; level < SEVERITIES; level++)
		for (i = 1; i < e->levels[level].n; i++)
			if (e->levels[level].steps[i].after_ms < e->levels[level].steps[i - 1].after_ms)
				return schema_fail(run, yaml_get(node, severity_names[level])->items[i],
						   severity_names[level], NULL, TEXT_ONCALL_STEP_ORDER, TEXT_ARGS());
	return true;
}

#define LEVEL_ROW(level_name, level)                                                                                   \
	{                                                                                                              \
		.key = level_name, .type = SCHEMA_LIST, .at = offsetof(struct escalation_config, levels[level].steps), \
		.n_at = offsetof(struct escalation_config, levels[level].n), .max = STEPS_MAX, .item = &step_item,     \
		.required = (level) == SEVERITY_CRITICAL, .min = (level) == SEVERITY_CRITICAL                          \
	}
static const struct schema_row escalation_rows[] = {
	{.key = "name", .type = SCHEMA_NAME, .at = offsetof(struct escalation_config, name), .required = true},
	LEVEL_ROW("info", SEVERITY_INFO),
	LEVEL_ROW("warning", SEVERITY_WARNING),
	LEVEL_ROW("critical", SEVERITY_CRITICAL),
	{.key = "repeat",
	 .type = SCHEMA_DURATION,
	 .at = offsetof(struct escalation_config, repeat_ms),
	 .min = 0,
	 .max = DAY_MS,
	 .def = "30m"},
};
static const struct schema_table escalation_table =
	SCHEMA_TABLE(struct escalation_config, escalation_rows, .pos_at = SCHEMA_AT(struct escalation_config, pos),
		     .name_at = SCHEMA_AT(struct escalation_config, name), .check = check_escalation);
const struct schema_row escalation_item = {.type = SCHEMA_OBJECT, .table = &escalation_table};
