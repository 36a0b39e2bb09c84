#include "main/fixture.h"

#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/yaml.h"
#include "mention/mention.h"

struct comparing {
	const struct yaml_doc *doc;
	const struct fixture_names *names;
	struct diag *d;
};

static const char *const unknowable[] = {"seen", "source", "platform", "own", "hits", "date_suspect"};

/* Of the member of a map, whose value is the one given. What has no date has that of its reading. */
static bool known(const char *key, const json_t *value)
{
	size_t i;

	if (strcmp(key, "published") == 0 && json_is_true(json_object_get(value, "date_suspect")))
		return false;
	for (i = 0; i < ARRAY_LEN(unknowable); i++) {
		if (strcmp(key, unknowable[i]) == 0)
			return false;
	}
	return true;
}

/* --- how values are told --- */

static char *cut(char *text)
{
	size_t i, n = 0;

	for (i = 0; text[i] && n <= FIXTURE_SHOWN_MAX; i++) {
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
		if (n > FIXTURE_SHOWN_MAX)
			text[i--] = 0;
	}
	return text;
}

/* As people would write it in the file: texts as they are, all else as JSON. */
static char *shown(const json_t *value)
{
	char *text, *ret;

	if (json_is_string(value))
		return cut(xstrdup(json_string_value(value)));
	text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	ret = cut(xstrdup(text ? text : ""));
	free(text);
	return ret;
}

static char *wanted(const struct comparing *c, const struct yaml_node *node)
{
	return cut(node->kind == YAML_TEXT ? xstrdup(node->text)
					   : xstrndup(c->doc->source + node->from, node->to - node->from));
}

static void tell_value(struct comparing *c, const struct yaml_node *node, const char *key, const json_t *value)
{
	cleanup(freep) char *want = wanted(c, node), *found = value ? shown(value) : NULL;

	if (found)
		diag_error(c->d, node->pos, key, NULL, TEXT_PLATFORM_FIXTURE_VALUE, c->names->platform, found,
			   c->names->answer, want);
	else
		diag_error(c->d, node->pos, key, NULL, TEXT_PLATFORM_FIXTURE_MISSING, c->names->platform,
			   c->names->answer, want);
}

static void tell_more(struct comparing *c, const struct yaml_node *node, const char *key, const json_t *value)
{
	cleanup(freep) char *found = shown(value);

	diag_error(c->d, node->pos, key, NULL, TEXT_PLATFORM_FIXTURE_MORE, c->names->platform, found, c->names->answer);
}

/* --- one mention --- */

static void compare(struct comparing *c, const struct yaml_node *node, const char *key, const json_t *value);

static void compare_map(struct comparing *c, const struct yaml_node *node, const char *key, const json_t *value)
{
	const char *name;
	json_t *member;
	size_t i;

	for (i = 0; i < node->n; i++) {
		name = node->pairs[i].key->text;
		if (known(name, value)) {
			cleanup(freep) char *path = xasprintf("%s.%s", key, name);

			compare(c, node->pairs[i].value, path, json_object_get(value, name));
		}
	}
	json_object_foreach((json_t *)value, name, member)
	{
		if (known(name, value) && !yaml_get(node, name)) {
			cleanup(freep) char *path = xasprintf("%s.%s", key, name);

			tell_more(c, node, path, member);
		}
	}
}

static void compare_list(struct comparing *c, const struct yaml_node *node, const char *key, const json_t *value)
{
	size_t i, n = json_array_size(value);

	for (i = 0; i < node->n || i < n; i++) {
		cleanup(freep) char *path = xasprintf("%s[%zu]", key, i);

		if (i < node->n)
			compare(c, node->items[i], path, json_array_get(value, i));
		else
			tell_more(c, node, path, json_array_get(value, i));
	}
}

static void compare(struct comparing *c, const struct yaml_node *node, const char *key, const json_t *value)
{
	if (node->kind == YAML_MAP && json_is_object(value)) {
		compare_map(c, node, key, value);
	} else if (node->kind == YAML_LIST && json_is_array(value)) {
		compare_list(c, node, key, value);
	} else {
		cleanup(freep) char *found = value && node->kind == YAML_TEXT ? shown(value) : NULL;
		cleanup(freep) char *want = wanted(c, node);

		/* what is cut is compared whole, as far as it is a text */
		if (found && json_is_string(value) ? strcmp(json_string_value(value), node->text) == 0
						   : found && strcmp(found, want) == 0)
			return;
		tell_value(c, node, key, value);
	}
}

static json_t *json_of(const struct mention *m)
{
	struct buf line = BUF_INIT(FIXTURE_MENTION_MAX_BYTES);
	struct json j = JSON_OUT(&line);
	json_t *value;

	mention_json(&j, NULL, m);
	value = line.full ? NULL : json_loadb(buf_str(&line), line.len, 0, NULL);
	buf_done(&line);
	return value ? value : json_object();
}

void fixture_compare(const struct yaml_doc *expected, const struct mention *v, size_t n,
		     const struct fixture_names *names, struct diag *d)
{
	struct comparing c = {.doc = expected, .names = names, .d = d};
	const struct yaml_node *root = expected->root;
	size_t i;

	if (root->kind != YAML_LIST) {
		diag_error(d, root->pos, NULL, NULL, TEXT_PLATFORM_FIXTURE_LIST);
		return;
	}
	if (root->n != n) {
		cleanup(freep) char *found = xasprintf("%zu", n), *want = xasprintf("%zu", root->n);

		diag_error(d, root->pos, NULL, NULL, TEXT_PLATFORM_FIXTURE_COUNT, names->platform, found, names->answer,
			   want);
	}
	for (i = 0; i < root->n && i < n; i++) {
		cleanup(freep) char *key = xasprintf("[%zu]", i);
		json_t *value = json_of(&v[i]);

		compare(&c, root->items[i], key, value);
		json_decref(value);
	}
}
