#include "source/config_platform.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/suggest.h"
#include "base/units.h"
#include "platform/decode.h"
#include "platform/params.h"
#include "platform/platform.h"
#include "platform/platforms.h"
#include "source/config.h"

/* The platforms of this configuration: its folder's, and those that came with the program. */
static struct platforms *platforms_of(struct schema_run *run)
{
	static const struct schema_row path = {.type = SCHEMA_PATH};
	const struct yaml_node *node = yaml_get(schema_doc(run)->root, "platforms");
	const char *folder = NULL;
	void **slot = schema_slot(run, 0);

	if (!*slot) {
		if (node && (node->kind != YAML_TEXT || !schema_value(run, node, &path, &folder)))
			folder = NULL; /* told by its own key */
		*slot = platforms_open(folder, schema_arena(run));
	}
	return *slot;
}

static const char *guess(struct schema_run *run, const char *name, const char *const *own, const char *const *meant)
{
	size_t n;

	for (; meant && *meant; meant += 2) {
		if (strcasecmp(meant[0], name) == 0)
			return meant[1];
	}
	for (n = 0; own[n]; n++)
		;
	return suggest(name, own, n, sizeof(*own)) ? suggest(name, own, n, sizeof(*own))
						   : platforms_guess(platforms_of(run), name);
}

bool source_decode_platform(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row,
			    void *ret)
{
	static const struct schema_row text = {.type = SCHEMA_STRING};
	const struct platform *platform;
	const char *name, *file;
	int i, r;

	if (!schema_value(run, node, &text, &name))
		return false;
	for (i = 0; row->names[i]; i++) {
		if (strcmp(row->names[i], name) == 0) {
			*(int *)ret = i;
			return true;
		}
	}
	r = platforms_find(platforms_of(run), name, schema_diag(run), &platform, &file);
	if (r == PLATFORMS_E_INVALID)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_PLATFORM_FILE_WRONG, name, file);
	if (r)
		return SCHEMA_FAIL(run, node, NULL, guess(run, name, row->names, row->meant), TEXT_PLATFORM_UNKNOWN,
				   name);
	*(int *)ret = SOURCE_API;
	return true;
}

const struct platform *source_platform(struct schema_run *run, const char *name)
{
	const struct platform *p;

	return platforms_find(platforms_of(run), name, schema_diag(run), &p, NULL) == 0 ? p : NULL;
}

/* The platform that a source names; NULL: none of a file, or one that is told by its own key. */
static const struct platform *platform_of(struct schema_run *run, const struct yaml_node *map)
{
	const struct yaml_node *node = yaml_get(map, "platform");
	int i;

	if (!node || node->kind != YAML_TEXT || node->wrong)
		return NULL;
	for (i = 0; source_platform_names[i]; i++) {
		if (strcmp(source_platform_names[i], node->text) == 0)
			return NULL;
	}
	return source_platform(run, node->text);
}

static bool names_none_of_ours(const struct yaml_node *map)
{
	const struct yaml_node *node = yaml_get(map, "platform");
	int i;

	for (i = 0; node && node->kind == YAML_TEXT && source_platform_names[i]; i++) {
		if (strcmp(source_platform_names[i], node->text) == 0)
			return false;
	}
	return node != NULL;
}

bool source_other_key(struct schema_run *run, const struct yaml_node *map, const struct yaml_pair *pair, void *object)
{
	const struct platform *p = platform_of(run, map);
	struct source_config *s = object;

	if (!p) /* the platform is what has to be mended first: nobody knows what it takes */
		return names_none_of_ours(map);
	if (!s->params)
		s->params = params_new(p, schema_arena(run));
	if (params_read(run, pair, s->params) == PARAMS_UNKNOWN)
		SCHEMA_FAIL(run, pair->key, NULL, params_guess(s->params, pair->key->text), TEXT_PLATFORM_PARAM_UNKNOWN,
			    p->name);
	return true;
}

static int by_age(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void sort_ages(int64_t *v, size_t n)
{
	if (n)
		qsort(v, n, sizeof(*v), by_age);
}

/* --- what it may spend --- */

/* "20 USD": millionths of the currency that the platform asks its price in. */
static bool decode_money(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	static const struct schema_row text = {.type = SCHEMA_STRING};
	struct source_money *money = ret;
	const char *s;
	size_t n;

	(void)row;
	if (!schema_value(run, node, &text, &s))
		return false;
	n = strcspn(s, " ");
	if (!micros_parse(s, n, &money->micros) || !s[n] || !money->micros)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_PLATFORM_WANT_MONEY, s);
	money->currency = s + n + strspn(s + n, " ");
	money->pos = node->pos;
	return true;
}

static const struct schema_row budget_rows[] = {
	{.key = "per_day",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct source_budget, day),
	 .decode = decode_money,
	 .item_size = sizeof(struct source_money)},
	{.key = "per_month",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct source_budget, month),
	 .decode = decode_money,
	 .item_size = sizeof(struct source_money)},
	{.key = "calls_per_day", .type = SCHEMA_INT, .at = offsetof(struct source_budget, calls_day), .min = 1},
	{.key = "calls_per_month", .type = SCHEMA_INT, .at = offsetof(struct source_budget, calls_month), .min = 1},
};
const struct schema_table source_budget_table =
	SCHEMA_TABLE(struct source_budget, budget_rows, .pos_at = SCHEMA_AT(struct source_budget, pos));

static bool check_money(struct schema_run *run, const struct platform *p, const struct source_money *money)
{
	const char *own = p->cost->currency;

	if (!money->currency || (own && strcmp(own, money->currency) == 0))
		return true;
	if (!own)
		return schema_fail_at(run, money->pos, "budget", NULL, TEXT_PLATFORM_NO_PRICE, TEXT_ARGS(p->name));
	return schema_fail_at(run, money->pos, "budget", NULL, TEXT_PLATFORM_OTHER_CURRENCY,
			      TEXT_ARGS(p->name, own, money->currency));
}

static int by_account(const void *a, const void *b)
{
	uint64_t x = (*(struct source_config *const *)a)->account, y = (*(struct source_config *const *)b)->account;

	return (x > y) - (x < y);
}

void source_share(struct source_config *v, size_t n)
{
	cleanup(freep) struct source_config **order = xcalloc(n + 1, sizeof(struct source_config *));
	size_t i, first = 0, k, m = 0;

	for (i = 0; i < n; i++) {
		if (!v[i].params)
			continue;
		v[i].account = params_account(v[i].params);
		order[m++] = &v[i];
	}
	qsort(order, m, sizeof(struct source_config *), by_account);
	for (i = 1; i <= m; i++) {
		if (i < m && order[i]->account == order[first]->account)
			continue;
		for (k = first; k < i; k++)
			order[k]->sharing = (int64_t)(i - first);
		first = i;
	}
}

/* Keys that sources have anyway, and this platform, too: it gets what was read. */
static void share(const struct source_config *s)
{
	int user = platform_param_find(s->params->platform, "user", strlen("user"));
	int password = platform_param_find(s->params->platform, "password", strlen("password"));

	if (user >= 0)
		s->params->values[user] = s->user;
	if (password >= 0)
		s->params->secrets[password] = s->password;
}

bool source_check_platform(struct schema_run *run, const struct yaml_node *node, struct source_config *s)
{
	const struct platform *p = platform_of(run, node);
	const struct yaml_node *every = yaml_get(node, "every"), *filter = yaml_get(node, "filter");
	char least[UNITS_TEXT_SIZE], found[UNITS_TEXT_SIZE];

	if (!p)
		return false;
	if (!s->params)
		s->params = params_new(p, schema_arena(run));
	share(s);
	if (filter && !p->stream->filter)
		return SCHEMA_FAIL(run, filter, "filter", NULL, TEXT_CONFIG_SOURCE_NOT_FOR, p->name);
	if (!every)
		s->every_ms = p->every->default_ms;
	else if (s->every_ms < p->every->least_ms)
		return SCHEMA_FAIL(run, every, "every", NULL, TEXT_PLATFORM_EVERY_LEAST,
				   units_duration_text(p->every->least_ms, least),
				   units_duration_text(s->every_ms, found));
	if (s->budget && (!check_money(run, p, &s->budget->day) || !check_money(run, p, &s->budget->month)))
		return false;
	if (s->n_recheck && !p->lookup)
		return SCHEMA_FAIL(run, yaml_get(node, "recheck"), "recheck", NULL, TEXT_PLATFORM_RECHECK_NOT, p->name);
	sort_ages((int64_t *)s->recheck, s->n_recheck);
	return params_check(run, node, s->params);
}
