#include "match/rule_file.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/yaml.h"
#include "match/fields.h"
#include "match/pattern.h"
#include "match/ruleset.h"

const char *const rule_role_names[] = {"brand", "competitor", "industry", NULL};

/* --- own: ['@acme_mx', acme.example.com] --- */

static bool is_site(const char *s)
{
	size_t i, dots = 0;

	for (i = 0; s[i]; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '.' && (i == 0 || s[i - 1] == '.' || !s[i + 1]))
			return false;
		if (!isalnum(c) && c != '.' && c != '-' && c < 0x80)
			return false;
		dots += c == '.';
	}
	return dots > 0;
}

/* The site in an address, which is what people paste. */
static char *site_of(struct arena *a, const char *s)
{
	const char *host = strstr(s, "://");

	if (!host)
		return NULL;
	host += strlen("://");
	return arena_memdup0(a, host, strcspn(host, "/?#:"));
}

static bool decode_own(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	static const struct schema_row text = {.type = SCHEMA_STRING};
	struct own_def *own = ret;
	const char *s = NULL;
	char *small, *site;

	(void)row;
	if (!schema_value(run, node, &text, &s))
		return false;
	small = arena_strdup(schema_arena(run), s);
	for (char *c = small; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	if (small[0] == '@' && small[1] && !strpbrk(small, " \t/")) {
		*own = (struct own_def){true, small + 1};
		return true;
	}
	if (is_site(small)) {
		*own = (struct own_def){false, small};
		return true;
	}
	site = site_of(schema_arena(run), small);
	return SCHEMA_FAIL(run, node, NULL, site && is_site(site) ? site : NULL, TEXT_MATCH_OWN, s);
}

/* --- patterns --- */

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

static bool decode_words(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	struct pattern_def *def = ret; /* the whole of it: at is 0 in the table */
	struct word *v;
	size_t n;

	(void)row;
	if (node->kind == YAML_MAP)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_SCHEMA_WANT_LIST);
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
	bool fold, case_sensitive;
	const struct yaml_node *case_node;
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
};
static const char *const pattern_later[] = {"file", "files", "near", NULL};

static bool check_pattern(struct schema_run *run, const struct yaml_node *node, void *object)
{
	const struct pattern_map *map = object;
	bool words = map->words.node != NULL, regex = map->regex_node != NULL;

	if (words == regex)
		return SCHEMA_FAIL(run, node, NULL, NULL, words ? TEXT_MATCH_PATTERN_ONE : TEXT_MATCH_PATTERN_FORM);
	if (map->case_sensitive && map->fold)
		return SCHEMA_FAIL(run, map->case_node, "case", NULL, TEXT_MATCH_PATTERN_CASE);
	return true;
}

static const struct schema_table pattern_table =
	SCHEMA_TABLE(struct pattern_map, pattern_rows, .later = pattern_later, .check = check_pattern);

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
	for (i = 0, def->in = 0; i < map.n_in; i++)
		def->in |= 1U << map.in[i];
	return true;
}

static const struct schema_row pattern_item = {.type = SCHEMA_CUSTOM,
					       .decode = decode_pattern,
					       .item_size = sizeof(struct pattern_def),
					       .name_at = SCHEMA_AT(struct pattern_def, name),
					       .table = &pattern_table};

/* --- rules and tests --- */

static const struct schema_row name_item = {.type = SCHEMA_NAME};

static const struct schema_row rule_rows[] = {
	{.key = "name",
	 .type = SCHEMA_NAME,
	 .at = offsetof(struct rule_def, name),
	 .node_at = SCHEMA_AT(struct rule_def, name_node),
	 .required = true},
	{.key = "when",
	 .type = SCHEMA_STRING,
	 .at = offsetof(struct rule_def, when),
	 .node_at = SCHEMA_AT(struct rule_def, when_node),
	 .required = true},
	{.key = "tags",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct rule_def, tags),
	 .n_at = offsetof(struct rule_def, n_tags),
	 .item = &name_item,
	 .one_or_list = true,
	 .max = RULESET_TAGS_MAX},
};
static const struct schema_table rule_table =
	SCHEMA_TABLE(struct rule_def, rule_rows, .name_at = SCHEMA_AT(struct rule_def, name));
static const struct schema_row rule_item = {.type = SCHEMA_OBJECT, .table = &rule_table};

/* none, or a list of rules. */
static bool decode_hits(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	struct test_hits *hits = ret;
	bool right = true;
	size_t i;

	(void)row;
	hits->node = node;
	if (node->kind == YAML_TEXT && !strcmp(node->text, "none")) {
		hits->none = true;
		return true;
	}
	if (node->kind != YAML_LIST)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_MATCH_TEST_HITS);
	hits->rules = ARENA_ARRAY(schema_arena(run), const char *, node->n + 1);
	for (i = 0; i < node->n; i++)
		right &= schema_value(run, node->items[i], &name_item, &hits->rules[i]);
	hits->n = node->n;
	return right;
}

/* A fact that is a number: of the field with the row's own key. */
static bool decode_number(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	enum field_name field = field_find(row->key, strlen(row->key));
	struct test_number *number = ret;

	if (node->kind != YAML_TEXT || !field_number(field, node->text, &number->value))
		return SCHEMA_FAIL(run, node, NULL, NULL,
				   field == FACT_RATING ? TEXT_EXPR_NUMBER_RATING : TEXT_EXPR_NUMBER,
				   node->kind == YAML_TEXT ? node->text : "[]");
	number->known = true;
	return true;
}

static bool decode_verified(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row,
			    void *ret)
{
	static const struct schema_row yes_no = {.type = SCHEMA_BOOL};
	struct test_number *number = ret;
	bool verified;

	(void)row;
	if (!schema_value(run, node, &yes_no, &verified))
		return false;
	*number = (struct test_number){true, verified};
	return true;
}

#define TEST_TEXT(name)                                                                                                \
	{                                                                                                              \
		.key = #name, .type = SCHEMA_STRING, .at = offsetof(struct test_def, name)                             \
	}
#define TEST_NUMBER(name)                                                                                              \
	{                                                                                                              \
		.key = #name, .type = SCHEMA_CUSTOM, .at = offsetof(struct test_def, name), .decode = decode_number,   \
		.item_size = sizeof(struct test_number)                                                                \
	}

static const struct schema_row test_rows[] = {
	TEST_TEXT(text),
	TEST_TEXT(title),
	TEST_TEXT(author),
	TEST_TEXT(url),
	{.key = "site",
	 .type = SCHEMA_STRING,
	 .at = offsetof(struct test_def, site),
	 .node_at = SCHEMA_AT(struct test_def, site_node)},
	TEST_TEXT(lang),
	TEST_TEXT(country),
	TEST_TEXT(platform),
	TEST_TEXT(source),
	TEST_TEXT(kind),
	TEST_NUMBER(followers),
	TEST_NUMBER(likes),
	TEST_NUMBER(shares),
	TEST_NUMBER(replies),
	TEST_NUMBER(views),
	TEST_NUMBER(rating),
	{.key = "verified",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct test_def, verified),
	 .decode = decode_verified,
	 .item_size = sizeof(struct test_number)},
	{.key = "hits",
	 .type = SCHEMA_CUSTOM,
	 .at = offsetof(struct test_def, hits),
	 .decode = decode_hits,
	 .item_size = sizeof(struct test_hits),
	 .required = true},
	{.key = "tags",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct test_def, tags.v),
	 .n_at = offsetof(struct test_def, tags.n),
	 .node_at = SCHEMA_AT(struct test_def, tags.node),
	 .item = &name_item,
	 .one_or_list = true},
};
static const char *const test_later[] = {"sentiment", "intents", NULL};

static bool check_test(struct schema_run *run, const struct yaml_node *node, void *object)
{
	const struct test_def *test = object;

	if (!test->text && !test->title)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_MATCH_TEST_EMPTY);
	if (test->site && test->url)
		return SCHEMA_FAIL(run, test->site_node, "site", NULL, TEXT_MATCH_TEST_SITE);
	if (test->tags.node && test->hits.none)
		return SCHEMA_FAIL(run, test->tags.node, "tags", NULL, TEXT_MATCH_TEST_NONE);
	return true;
}

static const struct schema_table test_table =
	SCHEMA_TABLE(struct test_def, test_rows, .pos_at = SCHEMA_AT(struct test_def, pos), .later = test_later,
		     .check = check_test);
static const struct schema_row test_item = {.type = SCHEMA_OBJECT, .table = &test_table};

/* --- the file --- */

static const struct schema_row own_item = {
	.type = SCHEMA_CUSTOM, .decode = decode_own, .item_size = sizeof(struct own_def)};

static const struct schema_row topic_rows[] = {
	{.key = "topic",
	 .type = SCHEMA_NAME,
	 .at = offsetof(struct topic_def, name),
	 .node_at = SCHEMA_AT(struct topic_def, name_node),
	 .required = true},
	{.key = "role",
	 .type = SCHEMA_ENUM,
	 .at = offsetof(struct topic_def, role),
	 .names = rule_role_names,
	 .required = true},
	{.key = "own",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct topic_def, own),
	 .n_at = offsetof(struct topic_def, n_own),
	 .item = &own_item,
	 .one_or_list = true,
	 .max = RULESET_OWN_MAX},
	{.key = "patterns",
	 .type = SCHEMA_NAMED,
	 .at = offsetof(struct topic_def, patterns),
	 .n_at = offsetof(struct topic_def, n_patterns),
	 .item = &pattern_item},
	{.key = "about",
	 .type = SCHEMA_STRING,
	 .at = offsetof(struct topic_def, about),
	 .node_at = SCHEMA_AT(struct topic_def, about_node)},
	{.key = "rules",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct topic_def, rules),
	 .n_at = offsetof(struct topic_def, n_rules),
	 .item = &rule_item},
	{.key = "tests",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct topic_def, tests),
	 .n_at = offsetof(struct topic_def, n_tests),
	 .item = &test_item,
	 .max = RULESET_TESTS_MAX},
};
static const char *const topic_later[] = {"include", "files", "intents", "tone", NULL};
const struct schema_table rule_file_table = SCHEMA_TABLE(struct topic_def, topic_rows, .later = topic_later);

int rule_file_read(const char *path, struct arena *a, struct diag *d, struct topic_def *ret)
{
	struct yaml_doc *doc;
	int r = yaml_read(path, a, d, &doc);

	*ret = (struct topic_def){.doc = NULL};
	if (r < 0)
		return r;
	if (r)
		return RULE_FILE_E_UNREADABLE;
	r = schema_decode_partly(doc, &rule_file_table, a, d, ret);
	ret->doc = doc;
	return r ? RULE_FILE_E_INVALID : 0;
}
