#include "main/config_alerts.h"

#include <string.h>

#include "alert/canary.h"
#include "alert/heartbeat.h"
#include "alert/playbook.h"
#include "alert/rota.h"
#include "alert/when.h"
#include "base/arena.h"
#include "base/schema.h"
#include "base/secret.h"
#include "base/suggest.h"
#include "main/config.h"
#include "main/config_deliver.h"
#include "main/config_oncall.h"
#include "main/config_value.h"
#include "mention/catalogue.h"
#include "source/config.h"

/* --- values --- */

static bool decode_when(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	static const struct schema_row text = {.type = SCHEMA_STRING};
	struct condition_fault fault;
	struct when *when;
	const char *value;

	(void)row;
	if (!schema_value(run, node, &text, &value))
		return false;
	if (when_parse(value, schema_arena(run), &fault, &when) != 0)
		return schema_fail_at(run, yaml_pos_at(schema_doc(run), node, fault.at), NULL, fault.guess, fault.text,
				      TEXT_ARGS(fault.found));
	*(const struct when **)ret = when;
	return true;
}

/* The file is read here: --check finds what is wrong in it, and a crisis needs no disk. */
static bool decode_playbook(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row,
			    void *ret)
{
	static const struct schema_row path_row = {.type = SCHEMA_PATH};
	static const enum text_id texts[] = {[PLAYBOOK_E_LONG] = TEXT_PLAYBOOK_LONG,
					     [PLAYBOOK_E_TEXT] = TEXT_PLAYBOOK_TEXT,
					     [PLAYBOOK_E_NO_STEPS] = TEXT_PLAYBOOK_NO_STEPS,
					     [PLAYBOOK_E_STEPS] = TEXT_PLAYBOOK_STEPS,
					     [PLAYBOOK_E_TWICE] = TEXT_PLAYBOOK_TWICE};
	cleanup(freep) char *steps = xasprintf("%d", PLAYBOOK_STEPS_MAX),
			    *kilobytes = xasprintf("%d", PLAYBOOK_MAX_BYTES / 1024);
	struct playbook *playbook;
	const char *path;
	int r;

	(void)row;
	if (!schema_value(run, node, &path_row, &path))
		return false;
	r = playbook_read(path, schema_arena(run), &playbook);
	if (r < 0)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_PLAYBOOK_UNREADABLE, path);
	if (r > 0)
		return SCHEMA_FAIL(run, node, NULL, NULL, texts[r], path, r == PLAYBOOK_E_LONG ? kilobytes : steps);
	*(const struct playbook **)ret = playbook;
	return true;
}
#define PLAYBOOK_ROW(type_of)                                                                                          \
	{                                                                                                              \
		.key = "playbook", .type = SCHEMA_CUSTOM, .at = offsetof(type_of, playbook),                           \
		.decode = decode_playbook, .item_size = sizeof(const struct playbook *)                                \
	}

static bool decode_topic(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	static const struct schema_row name = {.type = SCHEMA_NAME};
	struct topic_ref *topic = ret;

	(void)row;
	topic->pos = node->pos;
	return schema_value(run, node, &name, &topic->name);
}
static const struct schema_row topic_item = {
	.type = SCHEMA_CUSTOM, .decode = decode_topic, .item_size = sizeof(struct topic_ref)};

/* --- alerts --- */

static const char *const role_names[] = {[ALERT_ROLE_BRAND] = "brand",
					 [ALERT_ROLE_COMPETITOR] = "competitor",
					 [ALERT_ROLE_INDUSTRY] = "industry",
					 [ALERT_ROLE_ANY] = "any",
					 NULL};
static const char *const sensitivity_names[] = {
	[SENSITIVITY_NORMAL] = "normal", [SENSITIVITY_LOW] = "low", [SENSITIVITY_HIGH] = "high", NULL};
static const char *const expect_names[] = {[PLANNED_VOLUME] = "volume", NULL};

static const struct schema_row close_rows[] = {
	{.key = "when",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct alert_close, when),
	 .required = true,
	 .decode = decode_when,
	 .item_size = sizeof(const struct when *)},
	{.key = "for",
	 .type = SCHEMA_DURATION,
	 .at = offsetof(struct alert_close, for_ms),
	 .min = MINUTE_MS,
	 .max = 7 * DAY_MS,
	 .def = "30m"},
};
static const struct schema_table close_table = SCHEMA_TABLE(struct alert_close, close_rows);

static const struct schema_row alert_rows[] = {
	{.key = "name", .type = SCHEMA_NAME, .at = offsetof(struct alert_config, name), .required = true},
	{.key = "topics",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct alert_config, topics),
	 .n_at = offsetof(struct alert_config, n_topics),
	 .one_or_list = true,
	 .max = ALERT_TOPICS_MAX,
	 .item = &topic_item},
	{.key = "role",
	 .type = SCHEMA_ENUM,
	 .at = offsetof(struct alert_config, role),
	 .names = role_names,
	 .def = "brand"},
	{.key = "of",
	 .type = SCHEMA_NAME,
	 .at = offsetof(struct alert_config, of),
	 .def = "all",
	 .pos_at = SCHEMA_AT(struct alert_config, of_pos)},
	{.key = "over",
	 .type = SCHEMA_DURATION,
	 .at = offsetof(struct alert_config, over_ms),
	 .min = 5 * MINUTE_MS,
	 .max = 7 * DAY_MS,
	 .def = "1h"},
	{.key = "when",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct alert_config, when),
	 .required = true,
	 .decode = decode_when,
	 .item_size = sizeof(const struct when *)},
	{.key = "severity",
	 .type = SCHEMA_ENUM,
	 .at = offsetof(struct alert_config, severity),
	 .names = severity_names,
	 .def = "warning"},
	{.key = "sensitivity",
	 .type = SCHEMA_ENUM,
	 .at = offsetof(struct alert_config, sensitivity),
	 .names = sensitivity_names,
	 .def = "normal"},
	{.key = "close", .type = SCHEMA_OBJECT, .at = offsetof(struct alert_config, close), .table = &close_table},
	PLAYBOOK_ROW(struct alert_config),
	{.key = "escalation",
	 .type = SCHEMA_NAME,
	 .at = offsetof(struct alert_config, escalation_name),
	 .pos_at = SCHEMA_AT(struct alert_config, escalation_pos)},
};
static const struct schema_table alert_table =
	SCHEMA_TABLE(struct alert_config, alert_rows, .pos_at = SCHEMA_AT(struct alert_config, pos),
		     .name_at = SCHEMA_AT(struct alert_config, name));
const struct schema_row alert_item = {.type = SCHEMA_OBJECT, .table = &alert_table};

static const struct schema_row defaults_rows[] = {
	{.key = "escalation",
	 .type = SCHEMA_NAME,
	 .at = offsetof(struct defaults_config, escalation_name),
	 .required = true,
	 .pos_at = SCHEMA_AT(struct defaults_config, escalation_pos)},
	PLAYBOOK_ROW(struct defaults_config),
};
const struct schema_table defaults_table = SCHEMA_TABLE(struct defaults_config, defaults_rows);

static bool check_planned(struct schema_run *run, const struct yaml_node *node, void *object)
{
	const struct planned_config *p = object;

	return p->from_day <= p->to_day || SCHEMA_FAIL(run, yaml_get(node, "to"), "to", NULL, TEXT_PLANNED_BACKWARDS);
}

static const struct schema_row planned_rows[] = {
	{.key = "name", .type = SCHEMA_NAME, .at = offsetof(struct planned_config, name), .required = true},
	{.key = "topics",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct planned_config, topics),
	 .n_at = offsetof(struct planned_config, n_topics),
	 .one_or_list = true,
	 .max = ALERT_TOPICS_MAX,
	 .item = &topic_item},
	{.key = "from",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct planned_config, from_day),
	 .required = true,
	 .decode = config_decode_date,
	 .item_size = sizeof(int64_t)},
	{.key = "to",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct planned_config, to_day),
	 .required = true,
	 .decode = config_decode_date,
	 .item_size = sizeof(int64_t)},
	{.key = "expect",
	 .type = SCHEMA_ENUM,
	 .at = offsetof(struct planned_config, expect),
	 .names = expect_names,
	 .def = "volume"},
};
static const struct schema_table planned_table =
	SCHEMA_TABLE(struct planned_config, planned_rows, .pos_at = SCHEMA_AT(struct planned_config, pos),
		     .name_at = SCHEMA_AT(struct planned_config, name), .check = check_planned);
const struct schema_row planned_item = {.type = SCHEMA_OBJECT, .table = &planned_table};

/* --- a sign of life --- */

/* What a secret holds is never shown, not even as a guess at what was meant. */
static bool is_web_address(const char *text)
{
	const char *host = strncmp(text, "https://", 8) == 0  ? text + 8
			   : strncmp(text, "http://", 7) == 0 ? text + 7
							      : "";

	return *host && !strpbrk(text, " \t\r\n") && !strchr("/?#:", *host);
}

/* An address as it stands, or a secret that holds one: whoever knows it can send signs of life in our place. */
static bool decode_heartbeat_url(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row,
				 void *ret)
{
	static const struct schema_row plain = {.type = SCHEMA_URL}, secret = {.type = SCHEMA_SECRET};
	struct heartbeat_url *url = ret;
	struct secret *held = NULL;

	(void)row;
	if (node->kind == YAML_TEXT)
		return schema_value(run, node, &plain, &url->text);
	if (!schema_value(run, node, &secret, &held))
		return false;
	if (!is_web_address(secret_value(held)))
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_HEARTBEAT_URL_SECRET);
	*url = (struct heartbeat_url){.text = secret_value(held), .secret = true};
	return true;
}

static const struct schema_row heartbeat_rows[] = {
	{.key = "url",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct heartbeat_config, url),
	 .required = true,
	 .decode = decode_heartbeat_url,
	 .item_size = sizeof(struct heartbeat_url)},
	{.key = "every",
	 .type = SCHEMA_DURATION,
	 .at = offsetof(struct heartbeat_config, every_ms),
	 .min = HEARTBEAT_MIN_MS,
	 .max = HEARTBEAT_MAX_MS,
	 .def = "5m"},
	{.key = "allow_private",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct heartbeat_config, allow_private),
	 .n_at = offsetof(struct heartbeat_config, n_allow_private),
	 .one_or_list = true,
	 .max = HEARTBEAT_NETWORKS_MAX,
	 .item = &source_network},
};
const struct schema_table heartbeat_table = SCHEMA_TABLE(struct heartbeat_config, heartbeat_rows);

/* --- the mention that nobody wrote --- */

static const struct schema_row canary_rows[] = {
	{.key = "enabled", .type = SCHEMA_BOOL, .at = offsetof(struct canary_config, enabled), .def = "true"},
	{.key = "at",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct canary_config, at_min),
	 .decode = config_decode_time,
	 .item_size = sizeof(int),
	 .def = "07:30"},
};
const struct schema_table canary_table = SCHEMA_TABLE(struct canary_config, canary_rows);

/* --- who is told --- */

static bool find_escalation(struct schema_run *run, const struct config *c, const char *name, struct diag_pos pos,
			    const char *key, const struct escalation_config **ret)
{
	const char *guess;
	size_t i;

	for (i = 0; i < c->n_escalations; i++)
		if (strcmp(c->escalations[i].name, name) == 0) {
			*ret = &c->escalations[i];
			return true;
		}
	guess = c->n_escalations ? suggest(name, &c->escalations[0].name, c->n_escalations, sizeof(*c->escalations))
				 : NULL;
	return schema_fail_at(run, pos, key, guess, TEXT_ALERT_NO_ESCALATION, TEXT_ARGS(name));
}

static bool check_alert(struct schema_run *run, const struct config *c, struct alert_config *a, size_t number)
{
	cleanup(freep) char *key = xasprintf("alerts[%zu].escalation", number);

	if (a->escalation_name && !find_escalation(run, c, a->escalation_name, a->escalation_pos, key, &a->escalation))
		return false;
	if (!a->escalation && c->defaults)
		a->escalation = c->defaults->escalation;
	if (!a->escalation)
		return schema_fail_at(run, a->pos, key, NULL, TEXT_ALERT_TO_NOBODY, TEXT_ARGS());
	if (!a->escalation->levels[a->severity].n)
		return schema_fail_at(run, a->pos, key, NULL, TEXT_ALERT_NO_LEVEL,
				      TEXT_ARGS(a->escalation->name, severity_names[a->severity]));
	return true;
}

/* The alerts that every brand has without asking begin as a warning, which only once delivered becomes critical by time. */
static bool check_defaults(struct schema_run *run, const struct config *c, struct defaults_config *d)
{
	static const char key[] = "defaults.escalation";

	if (!find_escalation(run, c, d->escalation_name, d->escalation_pos, key, &d->escalation))
		return false;
	return d->escalation->levels[SEVERITY_WARNING].n ||
	       schema_fail_at(run, d->escalation_pos, key, NULL, TEXT_DEFAULTS_NO_LEVEL,
			      TEXT_ARGS(d->escalation->name, severity_names[SEVERITY_WARNING]));
}

/* What was decoded into our own arena is still being made: so it may be written. */
bool config_alerts_check(struct schema_run *run, struct config *c)
{
	struct defaults_config *defaults = (struct defaults_config *)c->defaults;
	struct alert_config *alerts = (struct alert_config *)c->alerts;
	bool right = true;
	size_t i;

	if (defaults && !check_defaults(run, c, defaults))
		return false;
	for (i = 0; i < c->n_alerts; i++)
		right = check_alert(run, c, &alerts[i], i) && right;
	return right;
}

/* --- what it speaks of --- */

static bool check_topics(const struct catalogue *catalogue, const struct topic_ref *v, size_t n, const char *key,
			 struct diag *d)
{
	bool right = true;
	size_t i;

	for (i = 0; i < n; i++) {
		if (catalogue_topic(catalogue, v[i].name))
			continue;
		diag_error(d, v[i].pos, key,
			   catalogue->n_topics ? suggest(v[i].name, &catalogue->topics[0].name, catalogue->n_topics,
							 sizeof(*catalogue->topics))
					       : NULL,
			   TEXT_ALERT_NO_TOPIC, v[i].name);
		right = false;
	}
	return right;
}

static bool is_among(const char *name, const char *const *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(v[i], name) == 0)
			return true;
	return false;
}

bool config_alert_is_of(const struct alert_config *a, const struct catalogue_topic *t)
{
	size_t i;

	for (i = 0; i < a->n_topics; i++)
		if (strcmp(a->topics[i].name, t->name) == 0)
			return true;
	return !a->n_topics && (a->role == ALERT_ROLE_ANY || strcmp(role_names[a->role], t->role) == 0);
}

/* What an alert counts must be there in some topic of its own. */
/* The nearest of what the alert's topics know. */
static const char *of_guess(const struct alert_config *a, const struct catalogue *catalogue)
{
	static const char *const always[] = {"all", "negative"};
	const char *guess = suggest(a->of, always, ARRAY_LEN(always), sizeof(*always));
	size_t i, k;

	for (i = 0; !guess && i < catalogue->n_topics; i++) {
		const struct catalogue_topic *t = &catalogue->topics[i];
		const struct {
			const char *const *v;
			size_t n;
		} names[] = {{t->intents, t->n_intents}, {t->tags, t->n_tags}, {t->rules, t->n_rules}};

		for (k = 0; !guess && config_alert_is_of(a, t) && k < ARRAY_LEN(names); k++)
			guess = names[k].n ? suggest(a->of, names[k].v, names[k].n, sizeof(*names[k].v)) : NULL;
	}
	return guess;
}

static bool check_of(const struct catalogue *catalogue, const struct alert_config *a, struct diag *d)
{
	bool any = false;
	size_t i;

	if (strcmp(a->of, "all") == 0 || strcmp(a->of, "negative") == 0)
		return true;
	for (i = 0; i < catalogue->n_topics; i++) {
		const struct catalogue_topic *t = &catalogue->topics[i];

		if (!config_alert_is_of(a, t))
			continue;
		any = true;
		if (is_among(a->of, t->rules, t->n_rules) || is_among(a->of, t->tags, t->n_tags) ||
		    is_among(a->of, t->intents, t->n_intents))
			return true;
	}
	if (any) /* else it is the topics that are wrong, or none has that role yet */
		diag_error(d, a->of_pos, "alerts", of_guess(a, catalogue), TEXT_ALERT_OF_UNKNOWN, a->of);
	return !any;
}

bool config_alerts_topics(const struct config *c, const struct catalogue *catalogue, struct diag *d)
{
	bool right = true;
	size_t i;

	for (i = 0; i < c->n_alerts; i++) {
		const struct alert_config *a = &c->alerts[i];

		right = check_topics(catalogue, a->topics, a->n_topics, "alerts", d) && check_of(catalogue, a, d) &&
			right;
	}
	for (i = 0; i < c->n_planned; i++)
		right = check_topics(catalogue, c->planned[i].topics, c->planned[i].n_topics, "planned", d) && right;
	return right;
}

/* --- whether they can be woken --- */

/* The default alerts may be critical, and a warning that nobody takes becomes so. */
static bool may_wake(const struct config *c, const struct escalation_config *e)
{
	size_t i;

	if (c->defaults && c->defaults->escalation == e)
		return true;
	for (i = 0; i < c->n_alerts; i++)
		if (c->alerts[i].escalation == e && c->alerts[i].severity >= SEVERITY_WARNING)
			return true;
	return false;
}

const struct playbook *config_playbook(const struct config *c, const char *alert)
{
	size_t i;

	for (i = 0; i < c->n_alerts; i++)
		if (strcmp(c->alerts[i].name, alert) == 0 && c->alerts[i].playbook)
			return c->alerts[i].playbook;
	return c->defaults ? c->defaults->playbook : NULL;
}

void config_alerts_tell(const struct config *c, struct diag *d, int64_t wall_ms)
{
	cleanup(rotas_freep) struct rotas *r = config_rotas(c);
	struct rota_gap gap;
	size_t i;

	for (i = 0; i < c->n_escalations; i++) {
		const struct escalation_config *e = &c->escalations[i];
		cleanup(freep) char *from = NULL, *to = NULL;

		if (!may_wake(c, e) ||
		    !rotas_gap(r, &e->levels[SEVERITY_CRITICAL], wall_ms, wall_ms + ONCALL_AHEAD_DAYS * DAY_MS, &gap))
			continue;
		from = config_time(c, NULL, gap.from_ms);
		to = config_time(c, NULL, gap.to_ms);
		diag_error(d, e->pos, "escalations", NULL, TEXT_ALERT_UNREACHED, from, to, e->name);
	}
}
