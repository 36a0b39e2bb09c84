#include "main/ctl_discard_edit.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

int editor_add(struct editor *e, size_t from, size_t to, const char *text)
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

void editor_apply(struct editor *e, struct buf *ret)
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

void editor_done(struct editor *e)
{
	size_t i;

	for (i = 0; i < e->n; i++)
		free(e->v[i].text);
}

/* --- places --- */

size_t editor_line(const char *source, size_t at)
{
	while (at > 0 && source[at - 1] != '\n')
		at--;
	return at;
}

size_t editor_next_line(const struct yaml_doc *doc, size_t at)
{
	const char *end = memchr(doc->source + at, '\n', doc->len - at);

	return end ? (size_t)(end - doc->source) + 1 : doc->len;
}

size_t editor_block_end(const struct yaml_doc *doc, size_t key)
{
	const size_t column = key - editor_line(doc->source, key);
	size_t at = editor_next_line(doc, key), end = at;

	while (at < doc->len) {
		const size_t indent = strspn(doc->source + at, " ");
		const char first = doc->source[at + indent];

		if (first != '\n' && first != '\r' && first != '\0') {
			if (indent <= column && first != '#')
				break;
			if (indent > column)
				end = editor_next_line(doc, at);
		}
		at = editor_next_line(doc, at);
	}
	return end;
}

/* As Windows' editors end a line, where the file's first line ends so. */
static bool ends_with_return(const struct yaml_doc *doc)
{
	const size_t next = editor_next_line(doc, 0);

	return next >= 2 && doc->source[next - 1] == '\n' && doc->source[next - 2] == '\r';
}

int editor_add_lines(struct editor *e, size_t at, const char *lines)
{
	const bool cut = at == e->doc->len && at > 0 && e->doc->source[at - 1] != '\n';
	const char *end = ends_with_return(e->doc) ? "\r\n" : "\n";
	struct buf b = BUF_INIT(EDIT_TEXT_MAX_BYTES);
	int r;

	buf_puts(&b, cut ? end : "");
	for (; *lines; lines++) {
		if (*lines == '\n')
			buf_puts(&b, end);
		else
			buf_putc(&b, *lines);
	}
	r = b.full ? DISCARD_E_LAYOUT : editor_add(e, at, at, buf_str(&b));
	buf_done(&b);
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

bool condition_has_or(const char *s)
{
	size_t at = 0, len;
	int depth = 0;

	for (; (len = next_word(s, &at, &depth)); at += len)
		if (depth == 0 && is_word(s + at, len, "or"))
			return true;
	return false;
}

bool condition_excludes(const char *s, const char *pattern)
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

void escaped_put(struct buf *b, const char *s, enum yaml_style style)
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
	struct buf b = BUF_INIT(EDIT_TEXT_MAX_BYTES);
	int r;

	buf_puts(&b, grouped ? "'(" : "'");
	escaped_put(&b, node->text, YAML_STYLE_SINGLE);
	buf_puts(&b, grouped ? ") and " : " and ");
	escaped_put(&b, added, YAML_STYLE_SINGLE);
	buf_putc(&b, '\'');
	r = b.full ? DISCARD_E_LAYOUT : editor_add(e, node->from, node->to, buf_str(&b));
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
		from = editor_next_line(e->doc, from);
		to = editor_block_end(e->doc, key);
		from += strspn(s + from, " \n\r");
	}
	while (to > from && strchr(" \r\n", s[to - 1]))
		to--;
	*ret_from = from;
	*ret_to = to;
}

int editor_extend(struct editor *e, const struct yaml_node *node, size_t key, const char *added)
{
	const bool grouped = condition_has_or(node->text);
	struct buf b = BUF_INIT(EDIT_TEXT_MAX_BYTES);
	size_t from, to;
	int r = 0;

	if (node->kind != YAML_TEXT || node->from < key || e->doc->source[node->from] == '&')
		return DISCARD_E_LAYOUT; /* an alias, or an anchor: what stands there may be meant for others too */
	if (node->style == YAML_STYLE_PLAIN && !stays_plain(added))
		return quote_plain(e, node, grouped, added);
	inside(e, node, key, &from, &to);
	buf_puts(&b, grouped ? ") and " : " and ");
	escaped_put(&b, added, node->style);
	if (grouped)
		r = editor_add(e, from, from, "(");
	if (r == 0)
		r = b.full ? DISCARD_E_LAYOUT : editor_add(e, to, to, buf_str(&b));
	buf_done(&b);
	return r;
}
