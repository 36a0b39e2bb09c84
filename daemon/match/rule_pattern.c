#include "match/rule_pattern.h"

#include <string.h>

#include "base/arena.h"
#include "base/yaml.h"
#include "match/pattern.h"

/* Without the | behind "words:", YAML makes one line of the lines. */
static bool lines_are_joined(struct schema_run *run, const struct yaml_node *node)
{
	if (node->style == YAML_STYLE_FOLDED)
		return true;
	return node->style != YAML_STYLE_LITERAL && node->to > node->from &&
	       memchr(schema_doc(run)->source + node->from, '\n', node->to - node->from);
}

static bool words_of_list(struct schema_run *run, const struct yaml_node *node, struct word *v)
{
	static const struct schema_row text = {.type = SCHEMA_STRING, .may_be_empty = true};
	bool right = true;
	size_t i;

	for (i = 0; i < node->n; i++) {
		const char *s = NULL;

		if (schema_value(run, node->items[i], &text, &s))
			v[i] = (struct word){s, node->items[i]->n};
		else
			right = false;
	}
	return right;
}

/* A block holds words alone: "- acme" and "\"acme\"" would be looked for as they stand, and be found nowhere. */
static bool lines_are_words(struct schema_run *run, const struct yaml_node *node, const struct word *v, size_t n)
{
	bool right = true;
	size_t i;

	for (i = 0; i < n; i++) {
		const char *s = v[i].s;
		size_t len = v[i].len, offset = (size_t)(s - node->text);
		struct diag_pos pos = yaml_pos_at(schema_doc(run), node, offset);
		enum text_id text = TEXT_MATCH_WORD_DASH;

		if (len < 2 || !(s[0] == '-' && s[1] == ' ')) {
			if (len < 2 || (*s != '"' && *s != '\'') || s[len - 1] != *s)
				continue;
			text = TEXT_MATCH_WORD_QUOTES;
		}
		right = schema_fail_at(run, pos, NULL, NULL, text, TEXT_ARGS(NULL));
	}
	return right;
}

/* {file: lists/words.txt}: read once the file that names it is. */
static const struct schema_row file_rows[] = {
	{.key = "file", .type = SCHEMA_PATH, .at = offsetof(struct pattern_def, file), .required = true},
};
static const struct schema_table file_table = SCHEMA_TABLE(struct pattern_def, file_rows);

static bool decode_words(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	struct pattern_def *def = ret; /* the whole of it: at is 0 in the table */
	struct word *v;
	size_t n;

	(void)row;
	if (node->kind == YAML_MAP) {
		if (!schema_object(run, node, &file_table, def))
			return false;
		def->node = node;
		return true;
	}
	if (node->kind == YAML_TEXT && lines_are_joined(run, node))
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_MATCH_WORDS_JOINED);
	n = node->kind == YAML_LIST ? node->n : words_lines(node->text, node->n, NULL, 0);
	v = ARENA_ARRAY(schema_arena(run), struct word, n + 1);
	if (node->kind == YAML_LIST && !words_of_list(run, node, v))
		return false;
	if (node->kind == YAML_TEXT)
		words_lines(node->text, node->n, v, n);
	if (node->kind == YAML_TEXT && !lines_are_words(run, node, v, n))
		return false;
	def->words = v;
	def->n_words = n;
	def->node = node;
	return true;
}

struct pattern_map {
	struct pattern_def words; /* of "words" */
	const char *regex;
	const struct yaml_node *regex_node;
	int *in;
	size_t n_in;
	bool fold, case_sensitive, forms;
	const struct yaml_node *case_node, *forms_node;
};

static const char *const in_names[] = {"title", "text", "author", "url", NULL}; /* in the order of PATTERN_IN_… */
static const struct schema_row in_item = {.type = SCHEMA_ENUM, .names = in_names};

static const struct schema_row pattern_rows[] = {
	{.key = "words",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct pattern_map, words),
	 .decode = decode_words,
	 .item_size = sizeof(struct pattern_def)},
	{.key = "regex",
	 .type = SCHEMA_STRING,
	 .at = offsetof(struct pattern_map, regex),
	 .node_at = SCHEMA_AT(struct pattern_map, regex_node)},
	{.key = "in",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct pattern_map, in),
	 .n_at = offsetof(struct pattern_map, n_in),
	 .item = &in_item,
	 .one_or_list = true,
	 .min = 1,
	 .def = "[title, text]"},
	{.key = "case",
	 .type = SCHEMA_BOOL,
	 .at = offsetof(struct pattern_map, case_sensitive),
	 .node_at = SCHEMA_AT(struct pattern_map, case_node)},
	{.key = "fold", .type = SCHEMA_BOOL, .at = offsetof(struct pattern_map, fold), .def = "true"},
	{.key = "forms",
	 .type = SCHEMA_BOOL,
	 .at = offsetof(struct pattern_map, forms),
	 .node_at = SCHEMA_AT(struct pattern_map, forms_node)},
};

static bool check_pattern(struct schema_run *run, const struct yaml_node *node, void *object)
{
	const struct pattern_map *map = object;
	bool words = map->words.node != NULL, regex = map->regex_node != NULL;

	if (words == regex)
		return SCHEMA_FAIL(run, node, NULL, NULL, words ? TEXT_MATCH_PATTERN_ONE : TEXT_MATCH_PATTERN_FORM);
	if (map->case_sensitive && map->fold)
		return SCHEMA_FAIL(run, map->case_node, "case", NULL, TEXT_MATCH_PATTERN_CASE);
	if (map->forms && !words)
		return SCHEMA_FAIL(run, map->forms_node, "forms", NULL, TEXT_MATCH_FORMS_WORDS);
	if (map->forms && !map->fold)
		return SCHEMA_FAIL(run, map->forms_node, "forms", NULL, TEXT_MATCH_FORMS_FOLD);
	return true;
}

static const struct schema_table pattern_table = SCHEMA_TABLE(struct pattern_map, pattern_rows, .check = check_pattern);

/* "andino, café andino" is one expression, commas and all, and is found nowhere. */
static bool looks_like_a_list(const char *s)
{
	return strstr(s, ", ") && !strpbrk(s, "\\^$.|?*+()[]{}");
}

static void warn_of_list(struct schema_run *run, const struct yaml_node *node, const char *s)
{
	schema_warn(run, node, NULL, TEXT_MATCH_PATTERN_COMMAS, TEXT_ARGS(s));
}

/* An expression, a list of words, or a map that says which. */
static bool decode_pattern(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row,
			   void *ret)
{
	static const struct schema_row text = {.type = SCHEMA_STRING};
	struct pattern_def *def = ret;
	struct pattern_map map = {.fold = true};
	const char *s, *name = def->name;
	size_t i;

	(void)row;
	def->in = PATTERN_IN_TITLE | PATTERN_IN_TEXT;
	def->fold = true;
	if (node->kind == YAML_LIST)
		return decode_words(run, node, NULL, def);
	if (node->kind == YAML_TEXT) {
		if (!schema_value(run, node, &text, &s))
			return false;
		if (looks_like_a_list(s))
			warn_of_list(run, node, s);
		def->node = node;
		return true;
	}
	if (!schema_object(run, node, &pattern_table, &map))
		return false;
	if (map.words.node)
		*def = map.words;
	else
		def->node = map.regex_node;
	def->name = name;
	def->fold = map.fold;
	def->case_sensitive = map.case_sensitive;
	def->forms = map.forms;
	for (i = 0, def->in = 0; i < map.n_in; i++)
		def->in |= 1U << map.in[i];
	return true;
}

const struct schema_row rule_pattern_item = {.type = SCHEMA_CUSTOM,
					     .decode = decode_pattern,
					     .item_size = sizeof(struct pattern_def),
					     .name_at = SCHEMA_AT(struct pattern_def, name),
					     .table = &pattern_table};
