/* platform/template: JSON out of YAML, with templates as texts. */
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/schema.h"
#include "platform/template.h"

enum { TEXT_MAX_BYTES = 64 * 1024 };

/* As JSON has it: -12, 0.5, 1e9. */
static bool is_number(const char *s)
{
	size_t n;

	s += *s == '-';
	n = strspn(s, "0123456789");
	if (!n || (n > 1 && *s == '0'))
		return false;
	s += n;
	if (*s == '.') {
		n = strspn(++s, "0123456789");
		if (!n)
			return false;
		s += n;
	}
	if (*s == 'e' || *s == 'E') {
		s++;
		s += *s == '-' || *s == '+';
		n = strspn(s, "0123456789");
		if (!n)
			return false;
		s += n;
	}
	return !*s;
}

static bool is_plain(const struct yaml_node *node)
{
	const char *s = node->text;

	return node->style == YAML_STYLE_PLAIN &&
	       (strcmp(s, "true") == 0 || strcmp(s, "false") == 0 || strcmp(s, "null") == 0 || is_number(s));
}

static bool decode(struct schema_run *run, const struct yaml_node *node, struct template_json *ret)
{
	bool right = true;
	size_t i;

	switch (node->kind) {
	case YAML_TEXT:
		if (is_plain(node)) {
			ret->kind = TEMPLATE_JSON_PLAIN;
			ret->plain = node->text;
			return true;
		}
		ret->kind = TEMPLATE_JSON_TEXT;
		return template_decode(run, node, NULL, &ret->text);
	case YAML_LIST:
		ret->kind = TEMPLATE_JSON_LIST;
		break;
	default:
		ret->kind = TEMPLATE_JSON_MAP;
	}
	ret->n = node->n;
	ret->v = ARENA_ARRAY(schema_arena(run), struct template_json, node->n + 1);
	for (i = 0; i < node->n; i++) {
		const struct yaml_node *value = node->kind == YAML_LIST ? node->items[i] : node->pairs[i].value;

		if (node->kind == YAML_MAP)
			ret->v[i].key = node->pairs[i].key->text;
		right &= decode(run, value, &ret->v[i]);
	}
	return right;
}

bool template_json_decode(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	struct template_json *t = ARENA_NEW(schema_arena(run), struct template_json);

	(void)row;
	*(const struct template_json **)ret = t;
	return decode(run, node, t);
}

static void put_text(struct json *j, const struct template_json *t, const struct template_values *v)
{
	bool bare = t->text.n == 1 && t->text.parts[0].what != TEMPLATE_LITERAL &&
		    t->text.parts[0].format != TEMPLATE_TEXT && t->text.parts[0].format <= TEMPLATE_EPOCH_MS;
	struct buf b = BUF_INIT(TEXT_MAX_BYTES);

	if (template_put(&b, &t->text, v, TEMPLATE_RAW, NULL) == 0) {
		if (bare && is_number(buf_str(&b)))
			json_raw(j, t->key, buf_str(&b));
		else
			json_text(j, t->key, buf_str(&b));
	}
	buf_done(&b);
}

static void put(struct json *j, const struct template_json *t, const struct template_values *v)
{
	size_t i;

	switch (t->kind) {
	case TEMPLATE_JSON_TEXT:
		put_text(j, t, v);
		return;
	case TEMPLATE_JSON_PLAIN:
		json_raw(j, t->key, t->plain);
		return;
	case TEMPLATE_JSON_LIST:
		json_begin_array(j, t->key);
		break;
	default:
		json_begin_object(j, t->key);
	}
	for (i = 0; i < t->n; i++)
		put(j, &t->v[i], v);
	if (t->kind == TEMPLATE_JSON_LIST)
		json_end_array(j);
	else
		json_end_object(j);
}

void template_json_put(struct buf *b, const struct template_json *t, const struct template_values *v)
{
	struct json j = JSON_OUT(b);

	put(&j, t, v);
}

void template_json_each(const struct template_json *t, void (*on_template)(void *arg, const struct template *t),
			void *arg)
{
	size_t i;

	if (!t)
		return;
	if (t->kind == TEMPLATE_JSON_TEXT)
		on_template(arg, &t->text);
	for (i = 0; i < t->n; i++)
		template_json_each(&t->v[i], on_template, arg);
}
