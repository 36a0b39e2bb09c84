#include "main/ctl_discard_rule.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/yaml.h"

enum { EDITS_MAX = 300, NAME_TRIES = 100, TEXT_MAX_BYTES = 64 * 1024, INDENT = 2 };

static const char *const usual_names[] = {"ruido", "noise"};

struct edit {
	size_t from, to; /* bytes of the source that go */
	char *text;      /* what comes there */
	size_t number;   /* in the order of their making */
};

struct editor {
	const struct yaml_doc *doc;
	struct edit v[EDITS_MAX];
	size_t n;
};

static int add_edit(struct editor *e, size_t from, size_t to, const char *text)
{
	if (e->n == EDITS_MAX)
		return DISCARD_E_LAYOUT;
	e->v[e->n] = (struct edit){from, to, xstrdup(text), e->n};
	e->n++;
	return 0;
}

/* Those at one place stay in their order. */
static int by_place(const void *a, const void *b)
{
	const struct edit *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return x->number < y->number ? -1 : 1;
}

static void apply(struct editor *e, struct buf *ret)
{
	const char *source = e->doc->source;
	size_t at = 0, i;

	qsort(e->v, e->n, sizeof(e->v[0]), by_place);
	for (i = 0; i < e->n; i++) {
		buf_put(ret, source + at, e->v[i].from - at);
		buf_puts(ret, e->v[i].text);
		at = e->v[i].to;
	}
	buf_put(ret, source + at, e->doc->len - at);
}

static void editor_done(struct editor *e)
{
	size_t i;

	for (i = 0; i < e->n; i++)
		free(e->v[i].text);
}

/* --- places --- */

static size_t line_of(const char *source, size_t at)
{
	while (at > 0 && source[at - 1] != '\n')
		at--;
	return at;
}

static size_t next_line(const struct yaml_doc *doc, size_t at)
{
	const char *end = memchr(doc->source + at, '\n', doc->len - at);

	return end ? (size_t)(end - doc->source) + 1 : doc->len;
}

/* Behind the last line of the block whose key begins at `key`: what is indented deeper. Blank lines and remarks behind it
 * are not its own. */
static size_t block_end(const struct yaml_doc *doc, size_t key)
{
	const size_t column = key - line_of(doc->source, key);
	size_t at = next_line(doc, key), end = at;

	while (at < doc->len) {
		const size_t indent = strspn(doc->source + at, " ");
		const char first = doc->source[at + indent];

		if (first != '\n' && first != '\r' && first != '\0') {
			if (indent <= column && first != '#')
				break;
			if (indent > column)
				end = next_line(doc, at);
		}
		at = next_line(doc, at);
	}
	return end;
}

/* A text of whole lines at a line's beginning; the file's last line may lack its end. */
static int add_lines(struct editor *e, size_t at, const char *lines)
{
	const bool cut = at == e->doc->len && at > 0 && e->doc->source[at - 1] != '\n';
	cleanup(freep) char *text = xasprintf("%s%s", cut ? "\n" : "", lines);

	return add_edit(e, at, at, text);
}

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

/* --- conditions --- */

static bool name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* The next word of a condition outside quotes, from *at on; its length, 0 at the end. *depth: parentheses that are open. */
static size_t next_word(const char *s, size_t *at, int *depth)
{
	size_t len = 0;

	while (s[*at] && !name_char(s[*at])) {
		const char c = s[*at];
		const char *end = c == '"' || c == '\'' ? strchr(s + *at + 1, c) : NULL;

		*depth += (c == '(') - (c == ')');
		*at = end ? (size_t)(end - s) + 1 : *at + 1;
	}
	while (name_char(s[*at + len]))
		len++;
	return len;
}

static bool is_word(const char *s, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(s, word, len) == 0;
}

/* "a or b", which "and not c" would bind closer than meant. */
static bool has_or(const char *s)
{
	size_t at = 0, len;
	int depth = 0;

	for (; (len = next_word(s, &at, &depth)); at += len)
		if (depth == 0 && is_word(s + at, len, "or"))
			return true;
	return false;
}

static bool excludes(const char *s, const char *pattern)
{
	bool after_not = false;
	size_t at = 0, len;
	int depth = 0;

	for (; (len = next_word(s, &at, &depth)); at += len) {
		if (after_not && depth == 0 && is_word(s + at, len, pattern))
			return true;
		after_not = is_word(s + at, len, "not");
	}
	return false;
}

/* As it stands between the quotes of a style. */
static void put_escaped(struct buf *b, const char *s, enum yaml_style style)
{
	for (; *s; s++) {
		if (style == YAML_STYLE_SINGLE && *s == '\'')
			buf_puts(b, "''");
		else if (style == YAML_STYLE_DOUBLE && (*s == '"' || *s == '\\'))
			buf_printf(b, "\\%c", *s);
		else
			buf_putc(b, *s);
	}
}

/* A plain text that would not be one any more is put in single quotes. */
static bool stays_plain(const char *s)
{
	return !strpbrk(s, "'\"#,[]{}:&*!|>%@`");
}

static int quote_plain(struct editor *e, const struct yaml_node *node, bool grouped, const char *added)
{
	struct buf b = BUF_INIT(TEXT_MAX_BYTES);
	int r;

	buf_puts(&b, grouped ? "'(" : "'");
	put_escaped(&b, node->text, YAML_STYLE_SINGLE);
	buf_puts(&b, grouped ? ") and " : " and ");
	put_escaped(&b, added, YAML_STYLE_SINGLE);
	buf_putc(&b, '\'');
	r = b.full ? DISCARD_E_LAYOUT : add_edit(e, node->from, node->to, buf_str(&b));
	buf_done(&b);
	return r;
}

/* Where the condition itself stands: without quotes, without the line of | or >. */
static void inside(const struct editor *e, const struct yaml_node *node, size_t key, size_t *ret_from, size_t *ret_to)
{
	const char *s = e->doc->source;
	size_t from = node->from, to = node->to;

	if (node->style == YAML_STYLE_SINGLE || node->style == YAML_STYLE_DOUBLE) {
		from++;
		to--;
	} else if (node->style != YAML_STYLE_PLAIN) {
		from = next_line(e->doc, from);
		to = block_end(e->doc, key);
		from += strspn(s + from, " \n\r");
	}
	while (to > from && strchr(" \r\n", s[to - 1]))
		to--;
	*ret_from = from;
	*ret_to = to;
}

/* key: where the key of the condition begins. */
static int extend(struct editor *e, const struct yaml_node *node, size_t key, const char *added)
{
	const bool grouped = has_or(node->text);
	struct buf b = BUF_INIT(TEXT_MAX_BYTES);
	size_t from, to;
	int r = 0;

	if (node->kind != YAML_TEXT || node->from < key)
		return DISCARD_E_LAYOUT; /* an alias: its anchor may be meant for others too */
	if (node->style == YAML_STYLE_PLAIN && !stays_plain(added))
		return quote_plain(e, node, grouped, added);
	inside(e, node, key, &from, &to);
	buf_puts(&b, grouped ? ") and " : " and ");
	put_escaped(&b, added, node->style);
	if (grouped)
		r = add_edit(e, from, from, "(");
	if (r == 0)
		r = b.full ? DISCARD_E_LAYOUT : add_edit(e, to, to, buf_str(&b));
	buf_done(&b);
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
	put_escaped(b, s, YAML_STYLE_SINGLE);
	buf_putc(b, '\'');
}

/* Of an earlier time: a pattern of that name, excluded by all conditions, whose words are lines or a list in brackets. */
static bool may_go_on(const struct yaml_doc *doc, const char *name, const struct yaml_pair *const *conditions, size_t n)
{
	const struct yaml_pair *pattern = pair_of(yaml_get(doc->root, "patterns"), name);
	const struct yaml_node *words = pattern ? yaml_get(pattern->value, "words") : NULL;
	size_t i;

	for (i = 0; i < n; i++)
		if (conditions[i]->value->kind != YAML_TEXT || has_or(conditions[i]->value->text) ||
		    !excludes(conditions[i]->value->text, name))
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
		const size_t first = next_line(e->doc, words->from);
		const int indent = (int)strspn(e->doc->source + first, " ");

		at = block_end(e->doc, pair->key->from);
		for (i = 0; i < what->n; i++)
			buf_printf(&b, "%*s%s\n", indent, "", what->values[i]);
		r = add_lines(e, at, buf_str(&b));
	} else {
		at = words->items[words->n - 1]->to;
		for (i = 0; i < what->n; i++) {
			buf_puts(&b, ", ");
			put_quoted(&b, what->values[i]);
		}
		r = add_edit(e, at, at, buf_str(&b));
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
		r = add_edit(e, at, at, buf_str(&b));
	} else {
		if (patterns && patterns->value->n) {
			const size_t first = patterns->value->pairs[0].key->from;

			indent = (int)(first - line_of(e->doc->source, first));
			at = block_end(e->doc, patterns->key->from);
		} else {
			const struct yaml_pair *before = pair_of(e->doc->root, "about");

			if (!before)
				before = pair_of(e->doc->root, "rules");
			at = before ? line_of(e->doc->source, before->key->from) : e->doc->len;
			buf_puts(&b, "patterns:\n");
		}
		buf_printf(&b, "%*s%s:\n%*swords: |\n", indent, "", name, indent + INDENT, "");
		for (i = 0; i < what->n; i++)
			buf_printf(&b, "%*s%s\n", indent + 2 * INDENT, "", what->values[i]);
		r = add_lines(e, at, buf_str(&b));
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
	put_escaped(&b, added, YAML_STYLE_SINGLE);
	buf_puts(&b, "'\n");
	r = b.full ? DISCARD_E_LAYOUT : add_lines(e, block_end(e->doc, patterns->key->from), buf_str(&b));
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
		r = extend(e, conditions[i]->value, conditions[i]->key->from, buf_str(&added));
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
		apply(&e, ret);
	editor_done(&e);
	return r == 0 && ret->full ? DISCARD_E_LAYOUT : r;
}
