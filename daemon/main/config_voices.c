#include "main/config_voices.h"

#include <string.h>

#include "base/arena.h"
#include "base/schema.h"
#include "base/yaml.h"

/* '@ana', diario.example, or an address there. */
static bool decode_voice(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	static const struct schema_row text = {.type = SCHEMA_STRING};
	const char *s = NULL;

	(void)row;
	if (!schema_value(run, node, &text, &s))
		return false;
	if (voice_name_read(arena_strdup(schema_arena(run), s), ret))
		return true;
	return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_CONFIG_VOICE, s);
}

static const struct schema_row voice_item = {
	.type = SCHEMA_CUSTOM, .decode = decode_voice, .item_size = sizeof(struct voice_name)};
static const struct schema_row rows[] = {
	{.key = "vip",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct voices_config, vip.v),
	 .n_at = offsetof(struct voices_config, vip.n),
	 .one_or_list = true,
	 .max = VOICE_NAMES_MAX,
	 .item = &voice_item},
	{.key = "ignore",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct voices_config, ignore.v),
	 .n_at = offsetof(struct voices_config, ignore.n),
	 .one_or_list = true,
	 .max = VOICE_NAMES_MAX,
	 .item = &voice_item},
};
const struct schema_table voices_table = SCHEMA_TABLE(struct voices_config, rows);
