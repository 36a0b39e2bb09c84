#include "main/config_channel.h"

#include <string.h>

#include "alert/channel_kind.h"
#include "alert/config.h"
#include "base/arena.h"
#include "base/suggest.h"
#include "base/buf.h"
#include "base/clock.h"
#include "main/config.h"
#include "mention/map.h"
#include "platform/params.h"

enum { NAMES_MAX_BYTES = 2000, KINDS_SLOT = 1 };
#define MAIL_TIMEOUT_MS (60 * SECOND_MS)
#define WEB_TIMEOUT_MS  (15 * SECOND_MS)

const char *config_channel_folder(const char *file, struct arena *a)
{
	const char *slash = strrchr(file, '/');

	return slash ? arena_printf(a, "%.*s/channels", (int)(slash - file), file) : "channels";
}

static struct channel_kinds *kinds_of(struct schema_run *run)
{
	void **slot = schema_slot(run, KINDS_SLOT);

	if (!*slot)
		*slot = channel_kinds_open(config_channel_folder(schema_doc(run)->file, schema_arena(run)),
					   schema_arena(run));
	return *slot;
}

static bool fail_unknown(struct schema_run *run, const struct yaml_node *node, const char *name)
{
	cleanup(buf_done) struct buf names = BUF_INIT(NAMES_MAX_BYTES);
	size_t n, k;
	int i;
	const char *const *v = channel_kinds_names(kinds_of(run), &n), *guess = channel_kinds_guess(name);

	for (i = 0; channel_by_names[i]; i++)
		buf_printf(&names, "%s%s", i ? ", " : "", channel_by_names[i]);
	for (k = 0; k < n; k++)
		buf_printf(&names, ", %s", v[k]);
	if (!guess && i)
		guess = suggest(name, channel_by_names, (size_t)i, sizeof(*channel_by_names));
	return SCHEMA_FAIL(run, node, NULL, guess, TEXT_CHANNEL_KIND_UNKNOWN, name, buf_str(&names));
}

bool config_channel_kind(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	static const struct schema_row text = {.type = SCHEMA_STRING};
	const struct channel_kind *kind;
	const char *name;
	int i, r;

	(void)row;
	if (!schema_value(run, node, &text, &name))
		return false;
	for (i = 0; channel_by_names[i]; i++)
		if (strcmp(channel_by_names[i], name) == 0) {
			*(int *)ret = i;
			return true;
		}
	r = channel_kinds_find(kinds_of(run), name, schema_diag(run), &kind);
	if (r == CHANNEL_KINDS_E_INVALID)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_CHANNEL_KIND_WRONG, name);
	if (r)
		return fail_unknown(run, node, name);
	*(int *)ret = CHANNEL_WEB;
	return true;
}

/* NULL: it is built in, or told by its own key. */
static const struct channel_kind *kind_of(struct schema_run *run, const struct yaml_node *map)
{
	const struct yaml_node *node = yaml_get(map, "kind");
	const struct channel_kind *kind;
	int i;

	if (!node || node->kind != YAML_TEXT || node->wrong)
		return NULL;
	for (i = 0; channel_by_names[i]; i++)
		if (strcmp(channel_by_names[i], node->text) == 0)
			return NULL;
	return channel_kinds_find(kinds_of(run), node->text, schema_diag(run), &kind) == 0 ? kind : NULL;
}

bool config_channel_other(struct schema_run *run, const struct yaml_node *map, const struct yaml_pair *pair,
			  void *object)
{
	const struct channel_kind *kind = kind_of(run, map);
	const struct yaml_node *node = yaml_get(map, "kind");
	struct channel_config *c = object;
	int i;

	if (!kind) {
		for (i = 0; node && node->kind == YAML_TEXT && channel_by_names[i]; i++)
			if (strcmp(channel_by_names[i], node->text) == 0)
				return false;
		return node != NULL; /* the kind is what has to be mended first */
	}
	if (!c->params)
		c->params = params_new(&kind->base, schema_arena(run));
	if (*pair->key->text == '@' || params_read(run, pair, c->params) == PARAMS_UNKNOWN)
		SCHEMA_FAIL(run, pair->key, NULL, params_guess(c->params, pair->key->text), TEXT_CHANNEL_PARAM_UNKNOWN,
			    kind->base.name);
	return true;
}

bool config_channel_keys(struct schema_run *run, const struct yaml_node *node, struct channel_config *c)
{
	static const struct {
		const char *key;
		unsigned takes; /* bits by enum channel_by */
	} uses[] = {
		{"url", 1 << CHANNEL_SMTP},      {"from", 1 << CHANNEL_SMTP},       {"user", 1 << CHANNEL_SMTP},
		{"password", 1 << CHANNEL_SMTP}, {"tls", 1 << CHANNEL_SMTP},        {"ca_file", 1 << CHANNEL_SMTP},
		{"replies", 1 << CHANNEL_SMTP | 1 << CHANNEL_WEB},  {"command", 1 << CHANNEL_COMMAND}, {"allow_private", 1 << CHANNEL_WEB},
	};
	const struct channel_kind *kind = kind_of(run, node);
	const char *name = kind ? kind->base.name : channel_by_names[c->kind];
	bool right = true;
	size_t i;

	if (!c->timeout_ms)
		c->timeout_ms = c->kind == CHANNEL_SMTP ? MAIL_TIMEOUT_MS : WEB_TIMEOUT_MS;
	for (i = 0; i < ARRAY_LEN(uses); i++) {
		const struct yaml_node *value = yaml_get(node, uses[i].key);

		if (value && !(uses[i].takes >> c->kind & 1))
			right = SCHEMA_FAIL(run, value, uses[i].key, NULL, TEXT_CHANNEL_NOT_FOR, name);
	}
	return right;
}

static bool commands_allowed(struct schema_run *run)
{
	const struct yaml_node *node = yaml_get(schema_doc(run)->root, "allow_commands");

	return node && node->kind == YAML_TEXT && strcmp(node->text, "true") == 0;
}

bool config_channel_check(struct schema_run *run, const struct yaml_node *node, struct channel_config *c)
{
	const struct channel_kind *kind = kind_of(run, node);

	if (c->kind == CHANNEL_COMMAND) {
		if (!commands_allowed(run))
			return SCHEMA_FAIL(run, yaml_get(node, "kind"), "kind", NULL, TEXT_CHANNEL_COMMAND_OFF);
		if (!c->n_command)
			return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_CHANNEL_NEEDS, "command", "command");
		return c->command[0][0] == '/' || SCHEMA_FAIL(run, yaml_get(node, "command"), "command", NULL,
							      TEXT_CHANNEL_COMMAND_PATH, c->command[0]);
	}
	if (!kind)
		return false;
	c->as = kind;
	if (!c->params)
		c->params = params_new(&kind->base, schema_arena(run));
	return params_check(run, node, c->params);
}

bool config_channel_address(struct schema_run *run, const struct reach_config *reach, const char *key)
{
	const struct channel_kind *kind = reach->channel->as;
	const struct channel_address *a = kind ? kind->address : NULL;

	if (strcmp(reach->address, REACH_PAIRED) == 0 && (!kind || kind->replies))
		return (kind && reach->channel->replies) ||
		       schema_fail_at(run, reach->pos, key, NULL, TEXT_PEOPLE_PAIRED_DEAF, TEXT_ARGS(reach->name));
	if (!a || !a->pattern || platform_is(a->pattern, reach->address))
		return true;
	return schema_fail_at(run, reach->pos, key, NULL, TEXT_CHANNEL_ADDRESS,
			      TEXT_ARGS(kind->base.name, a->example, reach->address));
}

void config_channel_maps(struct config *c)
{
	struct map_source *v = ARENA_ARRAY(c->arena, struct map_source, MAPS_MAX);
	size_t n = c->n_maps, i, k;

	if (n)
		memcpy(v, c->maps, n * sizeof(*v));
	for (i = 0; i < c->n_channels && n < MAPS_MAX; i++) {
		for (k = 0; k < i && c->channels[k].as != c->channels[i].as; k++)
			;
		if (c->channels[i].as && k == i)
			channel_kind_source(c->channels[i].as, c->arena, &v[n++]);
	}
	c->maps = v;
	c->n_maps = n;
}
