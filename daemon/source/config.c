#include "source/config.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/units.h"
#include "platform/params.h"
#include "platform/platform.h"
#include "source/config_platform.h"

const char *const source_platform_names[] = {
	[SOURCE_FEED] = "feed", [SOURCE_OPML] = "opml", [SOURCE_FILE] = "file", NULL};

const char *source_platform_name(const struct source_config *s)
{
	return s->params ? s->params->platform->name : source_platform_names[s->platform];
}

bool source_sifts(const struct source_config *s)
{
	return s->params && s->params->platform->stream->filter && s->filter && !s->topic;
}

/* A text, before a decoder of ours looks at it. */
static const char *text_of(struct schema_run *run, const struct yaml_node *node)
{
	static const struct schema_row text = {.type = SCHEMA_STRING};
	const char *s = NULL;

	return schema_value(run, node, &text, &s) ? s : NULL;
}

static bool decode_backfill(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row,
			    void *ret)
{
	const char *text = text_of(run, node);

	(void)row;
	if (!text)
		return false;
	if (strcmp(text, "all") == 0)
		*(int64_t *)ret = SOURCE_BACKFILL_ALL;
	else if (units_duration(text, ret) != 0)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_CONFIG_WANT_BACKFILL, text);
	return true;
}

/* A tag of BCP 47 as far as it is used: es, pt-BR, zh-Hant. */
static bool is_language(const char *tag)
{
	size_t len = 0;

	while (isalpha((unsigned char)tag[len]))
		len++;
	if (len < 2 || len > 3)
		return false;
	for (tag += len; *tag == '-'; tag += len + 1) {
		for (len = 0; isalnum((unsigned char)tag[1 + len]); len++)
			;
		if (len < 2 || len > 8)
			return false;
	}
	return !*tag;
}

static bool decode_lang(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	const char *text = text_of(run, node);

	(void)row;
	if (!text)
		return false;
	if (!is_language(text))
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_CONFIG_WANT_LANG, text);
	*(const char **)ret = text;
	return true;
}

static bool decode_format(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	const struct schema_row format = {.type = SCHEMA_ENUM, .names = row->names};
	int i;

	if (!schema_value(run, node, &format, &i))
		return false;
	*(const char **)ret = row->names[i];
	return true;
}

static bool decode_network(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row,
			   void *ret)
{
	const char *text = text_of(run, node);
	size_t slash;
	int r;

	(void)row;
	if (!text)
		return false;
	r = cidr_parse(text, ret);
	slash = strcspn(text, "/");
	if (r == CIDR_E_HOST_BITS) /* so there is one */
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_CONFIG_NETWORK_BITS, text, text + slash + 1);
	if (r)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_CONFIG_WANT_NETWORK, text);
	return true;
}

/* --- which keys go with which platform --- */

static const struct {
	const char *key;
	unsigned takes; /* bits by enum source_platform */
	unsigned needs;
} uses[] = {
	{"url", 1 << SOURCE_FEED, 1 << SOURCE_FEED},
	{"file", 1 << SOURCE_OPML, 1 << SOURCE_OPML},
	{"path", 1 << SOURCE_FILE, 1 << SOURCE_FILE},
	{"slowest", 1 << SOURCE_FEED | 1 << SOURCE_OPML, 0},
	{"as", 1 << SOURCE_FILE, 0},
	{"allow_private", 1 << SOURCE_FEED | 1 << SOURCE_OPML | 1 << SOURCE_API, 0},
	{"budget", 1 << SOURCE_API, 0},
	{"recheck", 1 << SOURCE_API, 0},
	{"filter", 1 << SOURCE_API, 0},
	{"user", 1 << SOURCE_FEED, 0}, /* of a list no: its feeds are many hosts' */
	{"password", 1 << SOURCE_FEED, 0},
};

static bool check_uses(struct schema_run *run, const struct yaml_node *node, const struct source_config *s)
{
	const char *platform = source_platform_name(s);
	bool right = true;
	size_t i;

	for (i = 0; i < ARRAY_LEN(uses); i++) {
		const struct yaml_node *value = yaml_get(node, uses[i].key);

		if (value && s->params &&
		    platform_param_find(s->params->platform, uses[i].key, strlen(uses[i].key)) >= 0)
			continue; /* its own */
		if (value && !(uses[i].takes >> s->platform & 1))
			right = SCHEMA_FAIL(run, value, uses[i].key, NULL, TEXT_CONFIG_SOURCE_NOT_FOR, platform);
		else if (!value && uses[i].needs >> s->platform & 1)
			right = SCHEMA_FAIL(run, node, NULL, NULL, TEXT_CONFIG_SOURCE_NEEDS, platform, uses[i].key);
	}
	return right;
}

static bool check(struct schema_run *run, const struct yaml_node *node, void *object)
{
	struct source_config *s = object;
	bool right = true;
	char min[UNITS_TEXT_SIZE], found[UNITS_TEXT_SIZE];

	if (s->platform == SOURCE_API && !source_check_platform(run, node, s))
		return false;
	if (!check_uses(run, node, s))
		return false;
	if (s->platform == SOURCE_API)
		return true;
	if (s->platform != SOURCE_FILE && s->every_ms < MINUTE_MS)
		right = SCHEMA_FAIL(run, yaml_get(node, "every"), "every", NULL, TEXT_CONFIG_EVERY_LEAST,
				    source_platform_names[s->platform], units_duration_text(MINUTE_MS, min),
				    units_duration_text(s->every_ms, found));
	if (s->slowest_ms && s->slowest_ms < s->every_ms)
		right = SCHEMA_FAIL(run, yaml_get(node, "slowest"), "slowest", NULL, TEXT_CONFIG_SLOWEST_LEAST,
				    units_duration_text(s->every_ms, min), units_duration_text(s->slowest_ms, found));
	if (s->user && !s->password)
		right = SCHEMA_FAIL(run, yaml_get(node, "user"), "user", NULL, TEXT_CONFIG_USER_ALONE);
	if (s->password && !s->user)
		right = SCHEMA_FAIL(run, yaml_get(node, "password"), "password", NULL, TEXT_CONFIG_PASSWORD_ALONE);
	return right;
}

static const char *const platforms_meant[] = {"rss", "feed", "atom", "feed", "xml", "feed", "jsonfeed", "feed",
					      "web", "feed", "list", "opml", "csv", "file", NULL};
static const char *const formats[] = {"auto", "feed", "mentions", NULL};
const struct schema_row source_network = {
	.type = SCHEMA_CUSTOM, .decode = decode_network, .item_size = sizeof(struct cidr)};

static const struct schema_row age = {.type = SCHEMA_DURATION, .min = SECOND_MS, .max = 30 * DAY_MS};

static const struct schema_row rows[] = {
	{.key = "name", .type = SCHEMA_NAME, .at = offsetof(struct source_config, name), .required = true},
	{.key = "platform",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct source_config, platform),
	 .required = true,
	 .names = source_platform_names,
	 .meant = platforms_meant,
	 .decode = source_decode_platform,
	 .item_size = sizeof(int)},
	{.key = "url", .type = SCHEMA_URL, .at = offsetof(struct source_config, url)},
	{.key = "file", .type = SCHEMA_PATH, .at = offsetof(struct source_config, path)},
	{.key = "path", .type = SCHEMA_PATH, .at = offsetof(struct source_config, path)},
	{.key = "every",
	 .type = SCHEMA_DURATION,
	 .at = offsetof(struct source_config, every_ms),
	 .min = SECOND_MS,
	 .max = 365 * DAY_MS,
	 .def = "15m"},
	{.key = "slowest",
	 .type = SCHEMA_DURATION,
	 .at = offsetof(struct source_config, slowest_ms),
	 .min = SECOND_MS,
	 .max = 365 * DAY_MS},
	{.key = "backfill",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct source_config, backfill_ms),
	 .def = "all",
	 .decode = decode_backfill,
	 .item_size = sizeof(int64_t)},
	{.key = "topic",
	 .type = SCHEMA_NAME,
	 .at = offsetof(struct source_config, topic),
	 .pos_at = SCHEMA_AT(struct source_config, topic_pos)},
	{.key = "lang",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct source_config, lang),
	 .decode = decode_lang,
	 .item_size = sizeof(const char *)},
	{.key = "as",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct source_config, format),
	 .def = "auto",
	 .names = formats,
	 .decode = decode_format,
	 .item_size = sizeof(const char *)},
	{.key = "allow_private",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct source_config, allow_private),
	 .n_at = offsetof(struct source_config, n_allow_private),
	 .one_or_list = true,
	 .max = 100,
	 .item = &source_network},
	{.key = "budget",
	 .type = SCHEMA_OBJECT,
	 .at = offsetof(struct source_config, budget),
	 .table = &source_budget_table},
	{.key = "recheck",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct source_config, recheck),
	 .n_at = offsetof(struct source_config, n_recheck),
	 .one_or_list = true,
	 .max = SOURCE_RECHECKS_MAX,
	 .item = &age},
	{.key = "filter", .type = SCHEMA_BOOL, .at = offsetof(struct source_config, filter), .def = "true"},
	{.key = "user", .type = SCHEMA_STRING, .at = offsetof(struct source_config, user)},
	{.key = "password", .type = SCHEMA_SECRET, .at = offsetof(struct source_config, password)},
};

const struct schema_table source_table =
	SCHEMA_TABLE(struct source_config, rows, .pos_at = SCHEMA_AT(struct source_config, pos),
		     .name_at = SCHEMA_AT(struct source_config, name), .other = source_other_key, .check = check);
