#include "main/ctl_discard_rule.h"

#include <string.h>

#include "base/buf.h"
#include "base/yaml.h"
#include "main/ctl_discard_edit.h"

enum { NAME_TRIES = 100, TEXT_MAX_BYTES = EDIT_TEXT_MAX_BYTES, INDENT = 2 };

static const char *const usual_names[] = {"ruido", "noise"};

/* --- values in expressions --- */

static bool plain_value(const char *s)
{
	return *s && s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")] == '\0' &&
	       *s != '-';
}

static int put_value(struct buf *b, const char *s)
{
	const char *quote = plain_value(s) ? "" : strchr(s, '"') ? "'" : "\"";

	if (*quote && strchr(s, *quote))
		return DISCARD_E_VALUE;
	buf_puts(b, quote);
	buf_puts(b, s);
	buf_puts(b, quote);
	return 0;
}

int discard_condition(const struct exclusion *what, const char *pattern, struct buf *ret)
{
	const char *field = what->kind == EXCLUDE_AUTHORS ? "author" : "site";
	size_t i;
	int r = 0;

	if (what->kind == EXCLUDE_WORDS) {
		buf_printf(ret, "not %s", pattern);
		return 0;
	}
	buf_printf(ret, what->n == 1 ? "not (%s == " : "not (%s in [", field);
	for (i = 0; r == 0 && i < what->n; i++) {
		buf_puts(ret, i ? ", " : "");
		r = put_value(ret, what->values[i]);
	}
	buf_puts(ret, what->n == 1 ? ")" : "])");
	return r;
}

/* --- the file's parts --- */

static const struct yaml_pair *pair_of(const struct yaml_node *map, const char *key)
{
	size_t i;

	for (i = 0; map && map->kind == YAML_MAP && i < map->n; i++)
		if (strcmp(map->pairs[i].key->text, key) == 0)
			return &map->pairs[i];
	return NULL;
}

static bool named(const char *const *v, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(v[i], name) == 0)
			return true;
	return false;
}

/* The condition of the rule of that name; NULL: it is a pack's. */
static const struct yaml_pair *rule_when(const struct yaml_doc *doc, const char *name)
{
	const struct yaml_node *rules = yaml_get(doc->root, "rules");
	size_t i;

	for (i = 0; rules && rules->kind == YAML_LIST && i < rules->n; i++) {
		const struct yaml_node *is = yaml_get(rules->items[i], "name");

		if (is && is->kind == YAML_TEXT && strcmp(is->text, name) == 0)
			return pair_of(rules->items[i], "when");
	}
	return NULL;
}

static bool no_rules(const struct yaml_doc *doc)
{
	const struct yaml_node *rules = yaml_get(doc->root, "rules");

	return !rules || rules->n == 0;
}

static bool name_taken(const struct yaml_doc *doc, const char *name)
{
	const struct yaml_node *rules = yaml_get(doc->root, "rules");
	const char *const one[] = {name};
	size_t i;

	if (pair_of(yaml_get(doc->root, "patterns"), name))
		return true;
	for (i = 0; rules && rules->kind == YAML_LIST && i < rules->n; i++) {
		const struct yaml_node *is = yaml_get(rules->items[i], "name");

		if (is && is->kind == YAML_TEXT && named(one, 1, is->text))
			return true;
	}
	return false;
}

/* All conditions that change, each with its key; *ret_n 0: an `about` is to be written. Without one a mention is what meets a
 * rule of the file's own: what a pack says beside that stays as it is. */
static int conditions_of(const struct yaml_doc *doc, const struct discard_rules *rules,
			 const struct yaml_pair *ret[EDITS_MAX], size_t *ret_n)
{
	const struct yaml_pair *about = pair_of(doc->root, "about");
	size_t i;

	*ret_n = 0;
	if (about) {
		ret[(*ret_n)++] = about;
		return 0;
	}
	if (no_rules(doc))
		return 0;
	for (i = 0; i < rules->n_rules && *ret_n < EDITS_MAX; i++) {
		ret[*ret_n] = rule_when(doc, rules->rules[i]);
		if (ret[*ret_n])
			(*ret_n)++;
	}
	return *ret_n ? 0 : DISCARD_E_LAYOUT;
}

/* --- words --- */

static void put_quoted(struct buf *b, const char *s)
{
	buf_putc(b, '\'');
	escaped_put(b, s, YAML_STYLE_SINGLE);
	buf_putc(b, '\'');
}

/* Of an earlier time: a pattern of that name, excluded by all conditions, whose words are lines or a list in brackets. */
static bool may_go_on(const struct yaml_doc *doc, const char *name, const struct yaml_pair *const *conditions, size_t n)
{
	const struct yaml_pair *pattern = pair_of(yaml_get(doc->root, "patterns"), name);
	const struct yaml_node *words = pattern ? yaml_get(pattern->value, "words") : NULL;
	size_t i;

	for (i = 0; i < n; i++)
		if (conditions[i]->value->kind != YAML_TEXT || condition_has_or(conditions[i]->value->text) ||
		    !condition_excludes(conditions[i]->value->text, name))
			return false;
	if (!words && pattern && pattern->value->kind == YAML_LIST)
		words = pattern->value;
	if (!words || n == 0 || words->from < pattern->key->from || words->n == 0)
		return false;
	return words->kind == YAML_TEXT ? words->style == YAML_STYLE_LITERAL
					: words->kind == YAML_LIST && words->style == YAML_STYLE_FLOW;
}

static int go_on(struct editor *e, const char *name, const struct exclusion *what)
{
	const struct yaml_pair *pattern = pair_of(yaml_get(e->doc->root, "patterns"), name);
	const struct yaml_pair *pair = pair_of(pattern->value, "words");
	const struct yaml_node *words = pair ? pair->value : pattern->value;
	struct buf b = BUF_INIT(TEXT_MAX_BYTES);
	size_t at, i;
	int r;

	if (words->kind == YAML_TEXT) {
		const size_t first = editor_next_line(e->doc, words->from);
		const int indent = (int)strspn(e->doc->source + first, " ");

		at = editor_block_end(e->doc, pair->key->from);
		for (i = 0; i < what->n; i++)
			buf_printf(&b, "%*s%s\n", indent, "", what->values[i]);
		r = editor_add_lines(e, at, buf_str(&b));
	} else {
		at = words->items[words->n - 1]->to;
		for (i = 0; i < what->n; i++) {
			buf_puts(&b, ", ");
			put_quoted(&b, what->values[i]);
		}
		r = editor_add(e, at, at, buf_str(&b));
	}
	buf_done(&b);
	return r;
}

/* The pattern in the order of the file's own: behind the last one. */
static int add_pattern(struct editor *e, const char *name, const struct exclusion *what)
{
	const struct yaml_pair *patterns = pair_of(e->doc->root, "patterns");
	struct buf b = BUF_INIT(TEXT_MAX_BYTES);
	size_t at, i;
	int indent = INDENT, r;

	if (patterns && (patterns->value->kind != YAML_MAP || patterns->value->from < patterns->key->from))
		return DISCARD_E_LAYOUT;
	if (patterns && patterns->value->style == YAML_STYLE_FLOW) {
		at = patterns->value->from + 1;
		buf_printf(&b, "%s: [", name);
		for (i = 0; i < what->n; i++) {
			buf_puts(&b, i ? ", " : "");
			put_quoted(&b, what->values[i]);
		}
		buf_puts(&b, patterns->value->n ? "], " : "]");
		r = editor_add(e, at, at, buf_str(&b));
	} else {
		if (patterns && patterns->value->n) {
			const size_t first = patterns->value->pairs[0].key->from;

			indent = (int)(first - editor_line(e->doc->source, first));
			at = editor_block_end(e->doc, patterns->key->from);
		} else {
			const struct yaml_pair *before = pair_of(e->doc->root, "about");

			if (!before)
				before = pair_of(e->doc->root, "rules");
			at = before ? editor_line(e->doc->source, before->key->from) : e->doc->len;
			buf_puts(&b, "patterns:\n");
		}
		buf_printf(&b, "%*s%s:\n%*swords: |\n", indent, "", name, indent + INDENT, "");
		for (i = 0; i < what->n; i++)
			buf_printf(&b, "%*s%s\n", indent + 2 * INDENT, "", what->values[i]);
		r = editor_add_lines(e, at, buf_str(&b));
	}
	buf_done(&b);
	return r;
}

/* Nothing but patterns: all of them count, and the new one must not. */
static int write_about(struct editor *e, const char *added)
{
	const struct yaml_pair *patterns = pair_of(e->doc->root, "patterns");
	struct buf b = BUF_INIT(TEXT_MAX_BYTES);
	size_t i;
	int r;

	if (!patterns || patterns->value->kind != YAML_MAP || patterns->value->n == 0)
		return DISCARD_E_LAYOUT;
	buf_puts(&b, patterns->value->n > 1 ? "about: '(" : "about: '");
	for (i = 0; i < patterns->value->n; i++)
		buf_printf(&b, "%s%s", i ? " or " : "", patterns->value->pairs[i].key->text);
	buf_puts(&b, patterns->value->n > 1 ? ") and " : " and ");
	escaped_put(&b, added, YAML_STYLE_SINGLE);
	buf_puts(&b, "'\n");
	r = b.full ? DISCARD_E_LAYOUT : editor_add_lines(e, editor_block_end(e->doc, patterns->key->from), buf_str(&b));
	buf_done(&b);
	return r;
}

/* The name to go on with, else a new one. *ret is to be freed. */
static bool pick_name(const struct yaml_doc *doc, const char *wanted, const struct yaml_pair *const *conditions,
		      size_t n, char **ret)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(usual_names); i++) {
		if (may_go_on(doc, usual_names[i], conditions, n)) {
			*ret = xstrdup(usual_names[i]);
			return true;
		}
	}
	*ret = xstrdup(wanted);
	for (i = 2; i < NAME_TRIES && name_taken(doc, *ret); i++) {
		free(*ret);
		*ret = xasprintf("%s-%zu", wanted, i);
	}
	return false;
}

static int edit_file(struct editor *e, const struct discard_rules *rules, const struct exclusion *what)
{
	const struct yaml_pair *conditions[EDITS_MAX];
	struct buf added = BUF_INIT(TEXT_MAX_BYTES);
	cleanup(freep) char *name = NULL;
	size_t n, i;
	int r = conditions_of(e->doc, rules, conditions, &n);

	if (r)
		return r;
	if (pick_name(e->doc, rules->pattern, conditions, n, &name) && what->kind == EXCLUDE_WORDS)
		return go_on(e, name, what);
	r = discard_condition(what, name, &added);
	if (r == 0 && what->kind == EXCLUDE_WORDS)
		r = add_pattern(e, name, what);
	for (i = 0; r == 0 && i < n; i++)
		r = editor_extend(e, conditions[i]->value, conditions[i]->key->from, buf_str(&added));
	if (r == 0 && n == 0)
		r = write_about(e, buf_str(&added));
	buf_done(&added);
	return r;
}

int discard_rule(const struct yaml_doc *doc, const struct discard_rules *rules, const struct exclusion *what,
		 struct buf *ret)
{
	struct editor e = {.doc = doc};
	int r = DISCARD_E_LAYOUT;

	if (doc->root->kind == YAML_MAP && doc->root->style != YAML_STYLE_FLOW && what->n > 0)
		r = edit_file(&e, rules, what);
	if (r == 0)
		editor_apply(&e, ret);
	editor_done(&e);
	return r == 0 && ret->full ? DISCARD_E_LAYOUT : r;
}
