#include "main/config_people.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/schema.h"
#include "base/suggest.h"
#include "main/config.h"
#include "main/config_channel.h"
#include "main/config_oncall.h"
#include "main/config_replies.h"
#include "main/config_value.h"

enum { REACH_SHOWN_MAX_BYTES = 4096 };

/* --- channels --- */

static const char *const tls_names[] = {
	[CHANNEL_TLS_AUTO] = "auto", [CHANNEL_TLS_REQUIRED] = "required", [CHANNEL_TLS_NONE] = "none", NULL};
static const char *const mail_schemes[] = {"smtp", "smtps", NULL};

static enum text_id address_text(int r)
{
	return r == ADDRESS_E_SEVERAL   ? TEXT_PEOPLE_ADDRESS_SEVERAL
	       : r == ADDRESS_E_CONTROL ? TEXT_PEOPLE_ADDRESS_CONTROL
					: TEXT_PEOPLE_ADDRESS;
}

static bool decode_from(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	static const struct schema_row text = {.type = SCHEMA_STRING};
	const char *from;
	int r;

	(void)row;
	if (!schema_value(run, node, &text, &from))
		return false;
	r = address_check(from);
	if (r)
		return SCHEMA_FAIL(run, node, NULL, NULL, address_text(r), from);
	*(const char **)ret = from;
	return true;
}

/* A server's name and, perhaps, its port; no user, who has a key of his own, and no path. */
static bool check_url(struct schema_run *run, const struct yaml_node *node, const struct channel_config *c)
{
	const char *host = strstr(c->url, "://") + 3;

	if (strpbrk(host, "/?#@\\"))
		return SCHEMA_FAIL(run, yaml_get(node, "url"), "url", NULL, TEXT_PEOPLE_SMTP_URL);
	return true;
}

static bool check_mail(struct schema_run *run, const struct yaml_node *node, const struct channel_config *c)
{
	bool tls_wanted = c->tls != CHANNEL_TLS_NONE;

	if (!c->url || !c->from)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_CHANNEL_NEEDS, "smtp", c->url ? "from" : "url");
	if (!check_url(run, node, c))
		return false;
	if (c->user && !c->password)
		return SCHEMA_FAIL(run, yaml_get(node, "user"), "user", NULL, TEXT_CONFIG_USER_ALONE);
	if (c->password && !c->user)
		return SCHEMA_FAIL(run, yaml_get(node, "password"), "password", NULL, TEXT_CONFIG_PASSWORD_ALONE);
	if (!tls_wanted && strncasecmp(c->url, "smtps:", 6) == 0)
		return SCHEMA_FAIL(run, yaml_get(node, "tls"), "tls", NULL, TEXT_PEOPLE_TLS_SMTPS);
	if (!tls_wanted && c->password && !channel_is_local(c->url))
		return SCHEMA_FAIL(run, yaml_get(node, "tls"), "tls", NULL, TEXT_PEOPLE_TLS_PASSWORD);
	return true;
}

static bool check_channel(struct schema_run *run, const struct yaml_node *node, void *object)
{
	struct channel_config *c = object;

	if (!config_channel_keys(run, node, c))
		return false;
	return c->kind == CHANNEL_SMTP ? check_mail(run, node, c) : config_channel_check(run, node, c);
}

static const struct schema_row command_word = {.type = SCHEMA_STRING};
static const struct schema_row channel_rows[] = {
	{.key = "name", .type = SCHEMA_NAME, .at = offsetof(struct channel_config, name), .required = true},
	{.key = "kind",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct channel_config, kind),
	 .required = true,
	 .decode = config_channel_kind,
	 .item_size = sizeof(int)},
	{.key = "url",
	 .type = SCHEMA_URL,
	 .at = offsetof(struct channel_config, url),
	 .names = mail_schemes},
	{.key = "from",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct channel_config, from),
	 .decode = decode_from,
	 .item_size = sizeof(const char *)},
	{.key = "replies", .type = SCHEMA_NAME, .at = offsetof(struct channel_config, replies)},
	{.key = "user", .type = SCHEMA_STRING, .at = offsetof(struct channel_config, user)},
	{.key = "password", .type = SCHEMA_SECRET, .at = offsetof(struct channel_config, password)},
	{.key = "tls",
	 .type = SCHEMA_ENUM,
	 .at = offsetof(struct channel_config, tls),
	 .names = tls_names,
	 .def = "auto"},
	{.key = "ca_file", .type = SCHEMA_PATH, .at = offsetof(struct channel_config, ca_file)},
	{.key = "timeout",
	 .type = SCHEMA_DURATION,
	 .at = offsetof(struct channel_config, timeout_ms),
	 .min = SECOND_MS,
	 .max = 90 * SECOND_MS}, /* a test of it is answered before the API's own deadline */
	{.key = "allow_private",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct channel_config, allow_private),
	 .n_at = offsetof(struct channel_config, n_allow_private),
	 .one_or_list = true,
	 .max = 100,
	 .item = &source_network},
	{.key = "command",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct channel_config, command),
	 .n_at = offsetof(struct channel_config, n_command),
	 .one_or_list = true,
	 .max = COMMAND_MAX,
	 .item = &command_word},
};
static const struct schema_table channel_table =
	SCHEMA_TABLE(struct channel_config, channel_rows, .pos_at = SCHEMA_AT(struct channel_config, pos),
		     .name_at = SCHEMA_AT(struct channel_config, name), .other = config_channel_other, .check = check_channel);
const struct schema_row channel_item = {.type = SCHEMA_OBJECT, .table = &channel_table};

/* --- people --- */

/* One pair: the channel's name, and the address there. */
static bool decode_reach(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	static const struct schema_row name = {.type = SCHEMA_NAME}, text = {.type = SCHEMA_STRING};
	struct reach_config *reach = ret;

	(void)row;
	if (node->kind != YAML_MAP || node->n != 1)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_PEOPLE_WANT_REACH);
	reach->pos = node->pairs[0].key->pos;
	return schema_value(run, node->pairs[0].key, &name, &reach->name) &&
	       schema_value(run, node->pairs[0].value, &text, &reach->address);
}

static bool check_person(struct schema_run *run, const struct yaml_node *node, void *object)
{
	struct person_config *p = object;

	(void)run;
	if (!yaml_get(node, "language"))
		p->language = -1;
	return true;
}

static const struct schema_row reach_item = {
	.type = SCHEMA_CUSTOM, .decode = decode_reach, .item_size = sizeof(struct reach_config)};
static const struct schema_row person_rows[] = {
	{.key = "name", .type = SCHEMA_NAME, .at = offsetof(struct person_config, name), .required = true},
	{.key = "timezone",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct person_config, timezone),
	 .decode = config_decode_timezone,
	 .item_size = sizeof(const char *)},
	{.key = "language",
	 .type = SCHEMA_ENUM,
	 .at = offsetof(struct person_config, language),
	 .names = config_languages},
	{.key = "group", .type = SCHEMA_BOOL, .at = offsetof(struct person_config, group)},
	{.key = "reach",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct person_config, reach),
	 .n_at = offsetof(struct person_config, n_reach),
	 .one_or_list = true,
	 .max = REACH_MAX,
	 .item = &reach_item},
	{.key = "quiet",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct person_config, quiet),
	 .n_at = offsetof(struct person_config, n_quiet),
	 .one_or_list = true,
	 .max = QUIET_MAX,
	 .item = &quiet_item},
	{.key = "away",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct person_config, away),
	 .n_at = offsetof(struct person_config, n_away),
	 .one_or_list = true,
	 .max = AWAY_MAX,
	 .item = &away_item},
};
static const struct schema_table person_table =
	SCHEMA_TABLE(struct person_config, person_rows, .pos_at = SCHEMA_AT(struct person_config, pos),
		     .name_at = SCHEMA_AT(struct person_config, name), .check = check_person);
const struct schema_row person_item = {.type = SCHEMA_OBJECT, .table = &person_table};

/* --- operators --- */

static bool decode_operator(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row,
			    void *ret)
{
	static const struct schema_row name = {.type = SCHEMA_NAME};
	struct operator_config *o = ret;

	(void)row;
	o->pos = node->pos;
	return schema_value(run, node, &name, &o->name);
}

const struct schema_row operator_item = {
	.type = SCHEMA_CUSTOM, .decode = decode_operator, .item_size = sizeof(struct operator_config)};

static const struct schema_row notices_rows[] = {
	{.key = "gather",
	 .type = SCHEMA_DURATION,
	 .at = offsetof(struct notices_config, gather_ms),
	 .max = HOUR_MS,
	 .def = "90s"},
	{.key = "pause",
	 .type = SCHEMA_DURATION,
	 .at = offsetof(struct notices_config, pause_ms),
	 .max = DAY_MS,
	 .def = "1h"},
	{.key = "retry",
	 .type = SCHEMA_DURATION,
	 .at = offsetof(struct notices_config, retry_ms),
	 .min = SECOND_MS,
	 .max = HOUR_MS,
	 .def = "20s"},
};
const struct schema_table notices_table = SCHEMA_TABLE(struct notices_config, notices_rows);

/* --- what holds between them --- */

static const struct channel_config *find_channel(const struct config *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n_channels; i++)
		if (strcmp(c->channels[i].name, name) == 0)
			return &c->channels[i];
	return NULL;
}

const struct person_config *config_person(const struct config *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n_people; i++)
		if (strcmp(c->people[i].name, name) == 0)
			return &c->people[i];
	return NULL;
}

static bool check_reach(struct schema_run *run, const struct config *c, struct reach_config *reach, const char *key)
{
	const char *guess;
	int r;

	reach->channel = find_channel(c, reach->name);
	if (!reach->channel) {
		guess = c->n_channels ? suggest(reach->name, &c->channels[0].name, c->n_channels, sizeof(*c->channels))
				      : NULL;
		return schema_fail_at(run, reach->pos, key, guess, TEXT_PEOPLE_NO_CHANNEL, TEXT_ARGS(reach->name));
	}
	if (reach->channel->kind != CHANNEL_SMTP)
		return config_channel_address(run, reach, key);
	r = address_check(reach->address);
	return r == 0 || schema_fail_at(run, reach->pos, key, NULL, address_text(r), TEXT_ARGS(reach->address));
}

bool config_people_check(struct schema_run *run, struct config *c)
{
	struct operator_config *operators =
		(struct operator_config *)c->operators; /* of our own arena, still being made */
	bool right;
	size_t i, k;

	right = config_replies(run, c);
	for (i = 0; i < c->n_people; i++) {
		struct reach_config *reach = (struct reach_config *)c->people[i].reach;

		for (k = 0; k < c->people[i].n_reach; k++) {
			cleanup(freep) char *key = xasprintf("people[%zu].reach[%zu]", i, k);

			right = check_reach(run, c, &reach[k], key) && right;
		}
	}
	for (i = 0; i < c->n_operators; i++) {
		cleanup(freep) char *key = xasprintf("operators[%zu]", i);
		const char *guess;

		operators[i].person = config_person(c, operators[i].name);
		if (operators[i].person)
			continue;
		guess = c->n_people ? suggest(operators[i].name, &c->people[0].name, c->n_people, sizeof(*c->people))
				    : NULL;
		right = schema_fail_at(run, operators[i].pos, key, guess, TEXT_PEOPLE_NO_PERSON,
				       TEXT_ARGS(operators[i].name));
	}
	return right;
}

/* --- who is told --- */

static void tell_operator(const struct operator_config *o, struct diag *d)
{
	const struct person_config *p = o->person;
	cleanup(buf_done) struct buf by = BUF_INIT(REACH_SHOWN_MAX_BYTES);
	size_t i;

	if (!p->n_reach) {
		diag_warning(d, o->pos, "operators", NULL, TEXT_PEOPLE_NO_REACH, o->name);
		return;
	}
	for (i = 0; i < p->n_reach; i++)
		buf_printf(&by, "%s%s (%s)", i ? ", " : "", p->reach[i].name, p->reach[i].address);
	diag_note(d, o->pos, "operators", NULL, TEXT_PEOPLE_REACHED_BY, o->name, buf_str(&by));
}

/* How they can answer from where they are. */
static void tell_answers(const struct config *c, const struct person_config *p, struct diag *d)
{
	cleanup(buf_done) struct buf ways = BUF_INIT(REACH_SHOWN_MAX_BYTES);
	const enum text_lang lang = (enum text_lang)c->language;
	size_t i;

	if (c->http && c->http->public_url)
		buf_puts(&ways, text_raw(lang, TEXT_PEOPLE_WAY_LINKS));
	for (i = 0; i < p->n_reach; i++) {
		const struct channel_config *channel = p->reach[i].channel;
		cleanup(freep) char *way = NULL;

		if (!channel->replies)
			continue;
		way = TEXT(lang, TEXT_PEOPLE_WAY_REPLIES, channel->name, channel->replies);
		buf_printf(&ways, "%s%s", ways.len ? ", " : "", way);
	}
	if (ways.len)
		diag_note(d, p->pos, "people", NULL, TEXT_PEOPLE_ANSWERS, p->name, buf_str(&ways));
	else
		diag_note(d, p->pos, "people", NULL, TEXT_PEOPLE_ANSWERS_NONE, p->name);
}

/* What only the person can do. */
static void tell_pairs(const struct person_config *p, struct diag *d)
{
	size_t i;

	for (i = 0; i < p->n_reach; i++)
		if (strcmp(p->reach[i].address, REACH_PAIRED) == 0)
			diag_note(d, p->reach[i].pos, "people", NULL, TEXT_PEOPLE_MUST_PAIR, p->name,
				  p->reach[i].name);
}

void config_people_tell(const struct config *c, struct diag *d)
{
	size_t i;

	for (i = 0; i < c->n_people; i++) {
		if (c->people[i].n_reach && c->n_escalations)
			tell_answers(c, &c->people[i], d);
		tell_pairs(&c->people[i], d);
	}
	for (i = 0; i < c->n_operators; i++)
		tell_operator(&c->operators[i], d);
	if (!c->n_operators && (c->n_people || c->n_channels))
		diag_warning(d, (struct diag_pos){.file = c->file}, "operators", NULL, TEXT_PEOPLE_NO_OPERATORS);
}
