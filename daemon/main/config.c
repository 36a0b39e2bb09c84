#include "main/config.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alert/deliver.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/schema.h"
#include "base/yaml.h"
#include "main/config_alerts.h"
#include "main/config_channel.h"
#include "main/config_deliver.h"
#include "main/config_oncall.h"
#include "main/config_people.h"
#include "main/platform_map.h"
#include "main/config_value.h"
#include "main/timezone.h"
#include "store/store.h"

enum { ARENA_MAX_BYTES = 64 * 1024 * 1024 }; /* what yaml's bounds let through takes less */

/* --- values of their own kind --- */

bool config_decode_timezone(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row,
			    void *ret)
{
	static const struct schema_row text = {.type = SCHEMA_STRING};
	cleanup(freep) char *guess = NULL;
	const char *name;

	(void)row;
	if (!schema_value(run, node, &text, &name))
		return false;
	if (timezone_known(name)) {
		*(const char **)ret = name;
		return true;
	}
	guess = timezone_guess(name);
	return SCHEMA_FAIL(run, node, NULL, guess, TEXT_CONFIG_WANT_TIMEZONE, name);
}

/* It stands in a header of every request: visible ASCII without parentheses, which would end the comment there. */
static bool decode_contact(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row,
			   void *ret)
{
	static const struct schema_row text = {.type = SCHEMA_STRING};
	const char *contact, *s, *at;

	(void)row;
	if (!schema_value(run, node, &text, &contact))
		return false;
	for (s = contact; *s > ' ' && *s < 0x7F && !strchr("()\\", *s); s++)
		;
	at = strchr(contact, '@');
	if (*s || (strncmp(contact, "http://", 7) != 0 && strncmp(contact, "https://", 8) != 0 &&
		   (!at || at == contact || !at[1])))
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_CONFIG_WANT_CONTACT, contact);
	*(const char **)ret = contact;
	return true;
}

/* --- what is left out --- */

/* The first folder of a variable that systemd sets ("/run/a:/run/b"); NULL: not set. */
/* `privacy: off`, as people say it; true and false are as good. */
static bool decode_privacy(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	static const struct schema_row plain = {.type = SCHEMA_BOOL};

	(void)row;
	if (node->kind != YAML_TEXT || (strcmp(node->text, "on") != 0 && strcmp(node->text, "off") != 0))
		return schema_value(run, node, &plain, ret);
	*(bool *)ret = strcmp(node->text, "on") == 0;
	return true;
}

static const char *first_folder(const char *variable, struct arena *a)
{
	const char *folders = getenv(variable);

	return folders && *folders == '/' ? arena_memdup0(a, folders, strcspn(folders, ":")) : NULL;
}

static const char *home(void)
{
	const char *folder = getenv("HOME");
	const struct passwd *user;

	if (folder && *folder == '/')
		return folder;
	user = getpwuid(geteuid());
	return user && user->pw_dir && *user->pw_dir == '/' ? user->pw_dir : NULL;
}

static bool default_state(struct schema_run *run, const struct yaml_node *node, struct config *c)
{
	struct arena *a = schema_arena(run);
	const char *folder = first_folder("STATE_DIRECTORY", a);

	if (!folder && home())
		folder = arena_printf(a, "%s/.local/state/escuchad", home());
	if (!folder)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_CONFIG_NO_HOME);
	c->state = folder;
	return true;
}

static void default_socket(struct arena *a, struct config *c)
{
	const char *folder = first_folder("RUNTIME_DIRECTORY", a);

	c->socket = arena_printf(a, "%s/escuchad.sock", folder ? folder : c->state);
}

static void default_timezone(struct arena *a, struct config *c)
{
	cleanup(freep) char *name = timezone_local();

	c->timezone = arena_strdup(a, name);
}

static bool check_socket(struct schema_run *run, const struct yaml_node *node, const struct config *c)
{
	const struct yaml_node *at = yaml_get(node, "socket");
	char max[24], found[24];

	if (strlen(c->socket) <= CONFIG_SOCKET_MAX_BYTES)
		return true;
	snprintf(max, sizeof(max), "%d", CONFIG_SOCKET_MAX_BYTES);
	snprintf(found, sizeof(found), "%zu", strlen(c->socket));
	return SCHEMA_FAIL(run, at ? at : node, "socket", NULL, TEXT_CONFIG_SOCKET_LONG, max, found);
}

static bool check(struct schema_run *run, const struct yaml_node *node, void *object)
{
	struct config *c = object;

	if (!c->state && !default_state(run, node, c))
		return false;
	if (!c->socket)
		default_socket(schema_arena(run), c);
	if (!c->timezone)
		default_timezone(schema_arena(run), c);
	if (!yaml_get(node, "language"))
		c->language = text_lang_of(NULL);
	return check_socket(run, node, c) && config_people_check(run, c) && config_oncall_check(run, c) &&
	       config_alerts_check(run, c) && config_deliver_check(run, node, c);
}

/* --- the tables --- */

static const char *const logs[] = {[CONFIG_LOG_AUTO] = "auto",
				   [CONFIG_LOG_PLAIN] = "plain",
				   [CONFIG_LOG_JSON] = "json",
				   [CONFIG_LOG_JOURNAL] = "journal",
				   NULL};
static const char *const on_corrupt[] = {[STORE_REFUSE] = "refuse", [STORE_RECREATE] = "recreate", NULL};
const char *const config_languages[] = {[TEXT_EN] = "en", [TEXT_ES] = "es", NULL};
static const char *const languages_meant[] = {"español", "es", "spanish", "es", "castellano", "es", "es-mx", "es",
					      "inglés",  "en", "ingles",  "en", "english",    "en", NULL};

static const struct schema_row keep_rows[] = {
	{.key = "mentions", .type = SCHEMA_DURATION, .at = offsetof(struct keep_config, mentions_ms), .def = "7d"},
	{.key = "hits", .type = SCHEMA_DURATION, .at = offsetof(struct keep_config, hits_ms), .def = "90d"},
	{.key = "evidence", .type = SCHEMA_DURATION, .at = offsetof(struct keep_config, evidence_ms), .def = "30d"},
	{.key = "size",
	 .type = SCHEMA_SIZE,
	 .at = offsetof(struct keep_config, size_bytes),
	 .min = CONFIG_KEEP_MIN_BYTES,
	 .max = CONFIG_KEEP_MAX_BYTES,
	 .def = "2G"},
};
static const struct schema_table keep_table = SCHEMA_TABLE(struct keep_config, keep_rows);

static const struct schema_row rule_path = {.type = SCHEMA_PATH};
static const struct schema_row source_item = {.type = SCHEMA_OBJECT, .table = &source_table};

static const struct schema_row rows[] = {
	{.key = "state",
	 .type = SCHEMA_PATH,
	 .at = offsetof(struct config, state),
	 .pos_at = SCHEMA_AT(struct config, state_pos)},
	{.key = "rules",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct config, rules),
	 .n_at = offsetof(struct config, n_rules),
	 .one_or_list = true,
	 .min = 1,
	 .max = 1000,
	 .def = "rules/",
	 .item = &rule_path,
	 .pos_at = SCHEMA_AT(struct config, rules_pos)},
	{.key = "language",
	 .type = SCHEMA_ENUM,
	 .at = offsetof(struct config, language),
	 .names = config_languages,
	 .meant = languages_meant},
	{.key = "timezone",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct config, timezone),
	 .decode = config_decode_timezone,
	 .item_size = sizeof(const char *)},
	{.key = "contact",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct config, contact),
	 .decode = decode_contact,
	 .item_size = sizeof(const char *),
	 .pos_at = SCHEMA_AT(struct config, contact_pos)},
	{.key = "socket",
	 .type = SCHEMA_PATH,
	 .at = offsetof(struct config, socket),
	 .pos_at = SCHEMA_AT(struct config, socket_pos)},
	{.key = "log", .type = SCHEMA_ENUM, .at = offsetof(struct config, log), .names = logs, .def = "auto"},
	{.key = "readers",
	 .type = SCHEMA_INT,
	 .at = offsetof(struct config, readers),
	 .min = CONFIG_READERS,
	 .max = CONFIG_READERS_MAX,
	 .def = "2",
	 .pos_at = SCHEMA_AT(struct config, readers_pos)},
	{.key = "prefilter",
	 .type = SCHEMA_BOOL,
	 .at = offsetof(struct config, prefilter),
	 .def = "true",
	 .pos_at = SCHEMA_AT(struct config, prefilter_pos)},
	{.key = "keep", .type = SCHEMA_OBJECT, .at = offsetof(struct config, keep), .def = "{}", .table = &keep_table},
	{.key = "on_corrupt",
	 .type = SCHEMA_ENUM,
	 .at = offsetof(struct config, on_corrupt),
	 .names = on_corrupt,
	 .def = "recreate"},
	{.key = "queue", .type = SCHEMA_OBJECT, .at = offsetof(struct config, queue), .table = &queue_table},
	{.key = "http", .type = SCHEMA_OBJECT, .at = offsetof(struct config, http), .table = &http_table},
	{.key = "platforms", .type = SCHEMA_PATH, .at = offsetof(struct config, platforms)},
	{.key = "lexicon", .type = SCHEMA_PATH, .at = offsetof(struct config, lexicon)},
	{.key = "sources",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct config, sources),
	 .n_at = offsetof(struct config, n_sources),
	 .item = &source_item},
	{.key = "channels",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct config, channels),
	 .n_at = offsetof(struct config, n_channels),
	 .max = CHANNELS_MAX,
	 .item = &channel_item},
	{.key = "people",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct config, people),
	 .n_at = offsetof(struct config, n_people),
	 .max = PEOPLE_MAX,
	 .item = &person_item},
	{.key = "operators",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct config, operators),
	 .n_at = offsetof(struct config, n_operators),
	 .one_or_list = true,
	 .max = OPERATORS_MAX,
	 .item = &operator_item},
	{.key = "oncall",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct config, rotas),
	 .n_at = offsetof(struct config, n_rotas),
	 .max = ROTAS_MAX,
	 .item = &rota_item},
	{.key = "escalations",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct config, escalations),
	 .n_at = offsetof(struct config, n_escalations),
	 .max = ESCALATIONS_MAX,
	 .item = &escalation_item},
	{.key = "defaults", .type = SCHEMA_OBJECT, .at = offsetof(struct config, defaults), .table = &defaults_table},
	{.key = "alerts",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct config, alerts),
	 .n_at = offsetof(struct config, n_alerts),
	 .max = ALERTS_MAX,
	 .item = &alert_item},
	{.key = "planned",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct config, planned),
	 .n_at = offsetof(struct config, n_planned),
	 .max = PLANNED_MAX,
	 .item = &planned_item},
	{.key = "deliver",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct config, deliver),
	 .n_at = offsetof(struct config, n_deliver),
	 .max = DELIVERIES_MAX,
	 .item = &deliver_item},
	{.key = "notices",
	 .type = SCHEMA_OBJECT,
	 .at = offsetof(struct config, notices),
	 .def = "{}",
	 .table = &notices_table},
	{.key = "heartbeat",
	 .type = SCHEMA_OBJECT,
	 .at = offsetof(struct config, heartbeat),
	 .table = &heartbeat_table},
	{.key = "canary", .type = SCHEMA_OBJECT, .at = offsetof(struct config, canary), .def = "{}", .table = &canary_table},
	{.key = "voices", .type = SCHEMA_OBJECT, .at = offsetof(struct config, voices), .def = "{}", .table = &voices_table},
	{.key = "privacy",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct config, privacy),
	 .decode = decode_privacy,
	 .def = "on"},
	{.key = "allow_commands", .type = SCHEMA_BOOL, .at = offsetof(struct config, allow_commands)},
};

const struct schema_table config_table = SCHEMA_TABLE(struct config, rows, .check = check);

/* --- the whole --- */

int config_load(const char *path, struct diag *d, struct config **ret)
{
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_MAX_BYTES);
	struct config *c = ARENA_NEW(a, struct config);
	struct yaml_doc *doc;
	int r = yaml_read(path, a, d, &doc);

	if (r == YAML_E_INVALID)
		return CONFIG_E_INVALID;
	if (r < 0)
		return r;
	r = schema_decode(doc, &config_table, a, d, c);
	diag_sort(d);
	if (r == SCHEMA_E_INVALID)
		return CONFIG_E_INVALID;
	if (r < 0)
		return r;
	if (c->n_sources == c->n_own_sources)
		diag_warning(d, ((struct diag_pos){.file = path}), NULL, NULL, TEXT_CONFIG_NO_SOURCES);
	source_share((struct source_config *)c->sources, c->n_sources);
	c->file = doc->file;
	c->arena = TAKE(a);
	platform_maps(c);
	config_channel_maps(c);
	*ret = c;
	return 0;
}

struct config *config_free(struct config *c)
{
	if (c)
		arena_free(c->arena);
	return NULL;
}

const char *config_find(void)
{
	static const char *const places[] = {"/etc/escuchad/escuchad.yaml", "./escuchad.yaml"};
	size_t i;

	for (i = 0; i < ARRAY_LEN(places); i++) {
		if (access(places[i], F_OK) == 0)
			return places[i];
	}
	return NULL;
}

/* What stands behind "language:" at a line's beginning, up to a blank; NULL: no such line. To be freed. */
static char *language_line(const char *text)
{
	static const char key[] = "language:";

	while (text && strncmp(text, key, strlen(key)) != 0) {
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	if (!text)
		return NULL;
	text += strlen(key);
	text += strspn(text, " '\"");
	return xstrndup(text, strcspn(text, " '\"#\r\n"));
}

enum text_lang config_language(const char *path)
{
	struct buf b = BUF_INIT(YAML_FILE_MAX_BYTES);
	cleanup(freep) char *tag = file_read(path, &b, NULL) == 0 && !b.full ? language_line(buf_str(&b)) : NULL;
	const char *known = NULL;
	size_t i;

	buf_done(&b);
	for (i = 0; tag && config_languages[i]; i++)
		known = strcmp(tag, config_languages[i]) == 0 ? config_languages[i] : known;
	for (i = 0; tag && languages_meant[i]; i += 2) /* wrong, and told in the language that was meant */
		known = strcasecmp(tag, languages_meant[i]) == 0 ? languages_meant[i + 1] : known;
	return text_lang_of(known);
}
