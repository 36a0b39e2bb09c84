#include "main/ctl_settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/yaml.h"
#include "main/config.h"

enum { LINES_MAX_BYTES = 16 * 1024 };

static const char SOCKET_NAME[] = "escuchad.sock";

static char *beside(const char *file, const char *path)
{
	const char *slash = strrchr(file, '/');

	if (path[0] == '/' || !slash)
		return xstrdup(path);
	return xasprintf("%.*s/%s", (int)(slash - file), file, path);
}

static void may_listen_at(struct ctl *c, char *path) /* takes it */
{
	if (path && c->n_sockets < CTL_SOCKETS_MAX)
		c->sockets[c->n_sockets++] = path;
	else
		free(path);
}

static char *in_folder(const char *folder)
{
	return folder && *folder ? xasprintf("%s/%s", folder, SOCKET_NAME) : NULL;
}

static const char *text_at(const struct yaml_node *root, const char *key)
{
	const struct yaml_node *node = root ? yaml_get(root, key) : NULL;

	return node && node->kind == YAML_TEXT && node->n ? node->text : NULL;
}

/* The daemon's own order (config), less what only its environment knows: a unit's folder is tried as well. */
static void find_sockets(struct ctl *c, const struct yaml_node *root)
{
	const char *given = text_at(root, "socket"), *state = text_at(root, "state"), *home = getenv("HOME");

	if (c->socket_given) {
		may_listen_at(c, xstrdup(c->socket_given));
		return;
	}
	if (given) {
		may_listen_at(c, beside(c->config, given));
		return;
	}
	may_listen_at(c, in_folder(getenv("RUNTIME_DIRECTORY")));
	if (state) {
		cleanup(freep) char *folder = beside(c->config, state);

		may_listen_at(c, in_folder(folder));
	} else if (getenv("STATE_DIRECTORY")) {
		may_listen_at(c, in_folder(getenv("STATE_DIRECTORY")));
	} else if (home) {
		may_listen_at(c, xasprintf("%s/.local/state/escuchad/%s", home, SOCKET_NAME));
	}
	may_listen_at(c, xasprintf("/run/escuchad/%s", SOCKET_NAME));
}

static bool has_log(const char *folder)
{
	cleanup(freep) char *path = xasprintf("%s/escuchad.db", folder);

	return access(path, F_OK) == 0 || errno == EACCES; /* what we may not look into is not "nothing there" */
}

/* The daemon's own order (config), less what only its environment knows: a unit's folder is tried as well. */
static void find_state(struct ctl *c, const struct yaml_node *root)
{
	static const char of_unit[] = "/var/lib/escuchad";
	const char *given = text_at(root, "state"), *set = getenv("STATE_DIRECTORY"), *home = getenv("HOME");
	cleanup(freep) char *own = home ? xasprintf("%s/.local/state/escuchad", home) : NULL;

	if (given)
		c->state = beside(c->config, given);
	else if (set && *set)
		c->state = xstrndup(set, strcspn(set, ":"));
	else if (own && has_log(own))
		c->state = TAKE(own);
	else if (has_log(of_unit))
		c->state = xstrdup(of_unit);
	else
		c->state = TAKE(own);
}

static void take_rules(struct ctl *c, const struct yaml_node *root)
{
	const struct yaml_node *rules = root ? yaml_get(root, "rules") : NULL;
	size_t i, n = !rules ? 0 : rules->kind == YAML_TEXT ? 1 : rules->kind == YAML_LIST ? rules->n : 0;

	c->rules = xcalloc(n + 1, sizeof(*c->rules));
	for (i = 0; i < n; i++) {
		const struct yaml_node *item = rules->kind == YAML_TEXT ? rules : rules->items[i];

		if (item->kind == YAML_TEXT && item->n)
			c->rules[c->n_rules++] = beside(c->config, item->text);
	}
}

/* Of a file that is no YAML: its lines one by one, of which those that begin with one of these keys are YAML of their own. */
static const struct yaml_node *read_lines(const char *path, struct arena *a)
{
	static const char *const keys[] = {"socket:", "state:", "timezone:"};
	cleanup(diag_freep) struct diag *unheeded = diag_new();
	cleanup(freep) char *line = NULL;
	struct buf kept = BUF_INIT(LINES_MAX_BYTES);
	const struct yaml_node *root = NULL;
	FILE *f = fopen(path, "re");
	struct yaml_doc *doc;
	size_t cap = 0, i;

	while (f && getline(&line, &cap, f) > 0) {
		for (i = 0; i < ARRAY_LEN(keys); i++) {
			if (strncmp(line, keys[i], strlen(keys[i])) == 0)
				buf_puts(&kept, line);
		}
	}
	if (f)
		fclose(f);
	if (kept.len && !kept.full && yaml_parse(path, buf_str(&kept), kept.len, a, unheeded, &doc) == 0)
		root = doc->root;
	buf_done(&kept);
	return root;
}

bool ctl_settings_read(struct ctl *c, bool past_mistakes)
{
	cleanup(arena_freep) struct arena *a = arena_new(SIZE_MAX);
	cleanup(diag_freep) struct diag *d = diag_new();
	const struct yaml_node *root = NULL;
	struct yaml_doc *doc;
	const char *usual = c->config_given ? c->config_given : config_find();

	c->config = usual ? xstrdup(usual) : NULL;
	if (c->config)
		c->lang = config_language(c->config);
	if (c->config && yaml_read(c->config, a, d, &doc) == 0)
		root = doc->root;
	if (c->config && !root &&
	    (c->config_given ? !c->socket_given : access(c->config, R_OK) == 0 && !c->socket_given)) {
		diag_print(d, stderr, c->lang);
		if (!past_mistakes || access(c->config, R_OK) < 0)
			return false;
		CTL_COMPLAIN(c, TEXT_CTL_CONFIG_BROKEN, c->config);
		root = read_lines(c->config, a);
	}
	if (text_at(root, "timezone"))
		c->timezone = xstrdup(text_at(root, "timezone"));
	if (text_at(root, "platforms"))
		c->platforms = beside(c->config, text_at(root, "platforms"));
	if (text_at(root, "lexicon"))
		c->lexicon = beside(c->config, text_at(root, "lexicon"));
	c->names = text_at(root, "privacy") &&
		   (!strcmp(text_at(root, "privacy"), "off") || !strcmp(text_at(root, "privacy"), "false"));
	find_sockets(c, root);
	find_state(c, root);
	take_rules(c, root);
	return true;
}

void ctl_settings_done(struct ctl *c)
{
	size_t i;

	for (i = 0; i < c->n_sockets; i++)
		free(c->sockets[i]);
	for (i = 0; i < c->n_rules; i++)
		free(c->rules[i]);
	free(c->rules);
	free(c->config);
	free(c->timezone);
	free(c->state);
	free(c->platforms);
	free(c->lexicon);
	c->n_sockets = c->n_rules = 0;
	c->rules = NULL;
	c->config = c->timezone = c->state = c->platforms = c->lexicon = NULL;
}

int ctl_config_load(const struct ctl *c, struct config **ret)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	int r;

	if (!c->config) {
		CTL_COMPLAIN(c, TEXT_MAIN_NO_CONFIG);
		return CTL_CONFIG;
	}
	r = config_load(c->config, d, ret);
	diag_forget_notes(d);
	diag_print(d, stderr, c->lang);
	return r == 0 ? CTL_DONE : CTL_CONFIG;
}
