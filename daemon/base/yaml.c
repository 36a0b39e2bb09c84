#include "base/yaml.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/units.h"
#include "base/yaml_source.h"
#include "base/yaml_tree.h"

static int too_long(const char *file, struct diag *d)
{
	char max[UNITS_TEXT_SIZE];

	diag_error(d, (struct diag_pos){.file = file}, NULL, NULL, TEXT_YAML_TOO_LONG,
		   units_size_text(YAML_FILE_MAX_BYTES, max));
	return YAML_E_INVALID;
}

int yaml_read(const char *path, struct arena *a, struct diag *d, struct yaml_doc **ret)
{
	struct buf b = BUF_INIT(YAML_FILE_MAX_BYTES);
	int r = file_read(path, &b, NULL);

	if (r < 0) {
		diag_error(d, (struct diag_pos){.file = path}, NULL, NULL, text_of_errno(-r), strerrordesc_np(-r));
		r = YAML_E_INVALID;
	} else if (b.full) {
		r = too_long(path, d);
	} else {
		r = yaml_parse(path, buf_str(&b), b.len, a, d, ret);
	}
	buf_done(&b);
	return r;
}

int yaml_parse(const char *file, const char *bytes, size_t len, struct arena *a, struct diag *d, struct yaml_doc **ret)
{
	struct yaml_doc *doc;
	int r;

	if (len > YAML_FILE_MAX_BYTES)
		return too_long(file, d);
	if (len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) { /* libyaml would count it as a column */
		bytes += 3;
		len -= 3;
	}
	doc = ARENA_NEW(a, struct yaml_doc);
	doc->file = arena_strdup(a, file);
	doc->source = arena_memdup0(a, bytes, len);
	doc->len = len;
	r = yaml_tree_read(doc, a, d);
	if (r)
		return r;
	*ret = doc;
	return 0;
}

const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key)
{
	size_t i;

	for (i = 0; map && map->kind == YAML_MAP && i < map->n; i++) {
		if (strcmp(map->pairs[i].key->text, key) == 0)
			return map->pairs[i].value;
	}
	return NULL;
}

bool yaml_empty(const struct yaml_node *node)
{
	return node->kind == YAML_TEXT && node->style == YAML_STYLE_PLAIN && node->n == 0;
}

/* In a literal text the lines stand as they are, but for their indentation. */
static size_t byte_in_literal(const struct yaml_source *s, const struct yaml_node *node, size_t offset)
{
	size_t lines = 1, line = 0, at = node->from, i;

	for (i = 0; i < offset; i++) {
		if (node->text[i] == '\n') {
			lines++;
			line = i + 1;
		}
	}
	while (lines--) {
		at = yaml_line_end(s, at);
		at += s->text[at] == '\r' && s->text[at + 1] == '\n' ? 2 : s->text[at] != '\0';
	}
	at += strspn(s->text + at, " ") - strspn(node->text + line, " ") + (offset - line);
	return at < node->to ? at : node->from;
}

/* Source and text side by side, as long as they say the same. */
static size_t byte_in_quotes(const struct yaml_source *s, const struct yaml_node *node, size_t offset)
{
	size_t at = node->from, i;

	if (node->style != YAML_STYLE_PLAIN)
		at++;
	for (i = 0; i < offset; i++, at++) {
		if (at >= node->to || s->text[at] != node->text[i])
			return node->from; /* an escape, or a folded line */
		if (node->style == YAML_STYLE_SINGLE && s->text[at] == '\'')
			at++;
	}
	return at;
}

struct diag_pos yaml_pos_at(const struct yaml_doc *doc, const struct yaml_node *text, size_t offset)
{
	struct yaml_source s = {.file = doc->file, .text = doc->source, .len = doc->len};
	size_t at;

	if (text->kind != YAML_TEXT || text->to > doc->len || text->wrong || offset > text->n)
		return text->pos;
	if (text->style == YAML_STYLE_FOLDED)
		return text->pos;
	at = text->style == YAML_STYLE_LITERAL ? byte_in_literal(&s, text, offset) : byte_in_quotes(&s, text, offset);
	return at == text->from ? text->pos : yaml_pos_of(&s, at);
}
