#include "match/rule_file.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/yaml.h"
#include "match/fields.h"
#include "match/ruleset.h"

const char *const rule_role_names[] = {"brand", "competitor", "industry", NULL};
static const char *const alerts_names[] = {"default", "none", NULL};

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

/* --- rules and tests --- */

static const struct schema_row name_item = {.type = SCHEMA_NAME};

#define NAMES(owner, key_, field, max_)                                                                                \
	{                                                                                                              \
		.key = key_, .type = SCHEMA_LIST, .at = offsetof(owner, field), .n_at = offsetof(owner, n_##field),    \
		.item = &name_item, .one_or_list = true, .max = max_, .node_at = SCHEMA_AT(owner, field##_node)        \
	}
#define RULE_ROWS                                                                                                      \
	{.key = "name",                                                                                                \
	 .type = SCHEMA_NAME,                                                                                          \
	 .at = offsetof(struct rule_def, name),                                                                        \
	 .node_at = SCHEMA_AT(struct rule_def, name_node),                                                             \
	 .required = true},                                                                                            \
		{.key = "when",                                                                                        \
		 .type = SCHEMA_STRING,                                                                                \
		 .at = offsetof(struct rule_def, when),                                                                \
		 .node_at = SCHEMA_AT(struct rule_def, when_node),                                                     \
		 .required = true},                                                                                    \
		NAMES(struct rule_def, "tags", tags, RULESET_TAGS_MAX),                                                \
		NAMES(struct rule_def, "intents", intents, RULESET_TAGS_MAX)

static const struct schema_row rule_rows[] = {RULE_ROWS};
static const struct schema_table rule_table =
	SCHEMA_TABLE(struct rule_def, rule_rows, .name_at = SCHEMA_AT(struct rule_def, name));
static const struct schema_row rule_item = {.type = SCHEMA_OBJECT, .table = &rule_table};

static const struct schema_row pack_rule_rows[] = {
	RULE_ROWS,
	{.key = "with",
	 .type = SCHEMA_NAME,
	 .at = offsetof(struct rule_def, with),
	 .node_at = SCHEMA_AT(struct rule_def, with_node)},
};
static const struct schema_table pack_rule_table =
	SCHEMA_TABLE(struct rule_def, pack_rule_rows, .name_at = SCHEMA_AT(struct rule_def, name));
static const struct schema_row pack_rule_item = {.type = SCHEMA_OBJECT, .table = &pack_rule_table};

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

#define TEST_NAMES(name)                                                                                               \
	{                                                                                                              \
		.key = #name, .type = SCHEMA_LIST, .at = offsetof(struct test_def, name.v),                            \
		.n_at = offsetof(struct test_def, name.n), .node_at = SCHEMA_AT(struct test_def, name.node),           \
		.item = &name_item, .one_or_list = true                                                                \
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
	TEST_TEXT(version),
	TEST_TEXT(repeats),
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
	TEST_NAMES(tags),
	TEST_NAMES(intents),
};
static const char *const test_later[] = {"sentiment", NULL};

static bool check_test(struct schema_run *run, const struct yaml_node *node, void *object)
{
	const struct test_def *test = object;

	if (!test->text && !test->title)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_MATCH_TEST_EMPTY);
	if (test->site && test->url)
		return SCHEMA_FAIL(run, test->site_node, "site", NULL, TEXT_MATCH_TEST_SITE);
	if (test->tags.node && test->hits.none)
		return SCHEMA_FAIL(run, test->tags.node, "tags", NULL, TEXT_MATCH_TEST_NONE);
	if (test->intents.node && test->hits.none)
		return SCHEMA_FAIL(run, test->intents.node, "intents", NULL, TEXT_MATCH_TEST_NONE);
	return true;
}

static const struct schema_table test_table =
	SCHEMA_TABLE(struct test_def, test_rows, .pos_at = SCHEMA_AT(struct test_def, pos), .later = test_later,
		     .check = check_test);
static const struct schema_row test_item = {.type = SCHEMA_OBJECT, .table = &test_table};

/* --- the file --- */

static const struct schema_row own_item = {
	.type = SCHEMA_CUSTOM, .decode = decode_own, .item_size = sizeof(struct own_def)};

#define PATTERNS_ROW                                                                                                   \
	{                                                                                                              \
		.key = "patterns", .type = SCHEMA_NAMED, .at = offsetof(struct topic_def, patterns),                   \
		.n_at = offsetof(struct topic_def, n_patterns), .item = &rule_pattern_item                             \
	}
#define FILES_ROW                                                                                                      \
	{                                                                                                              \
		.key = "files", .type = SCHEMA_LIST, .at = offsetof(struct topic_def, files),                          \
		.n_at = offsetof(struct topic_def, n_files), .item = &path_item, .one_or_list = true,                  \
		.max = RULE_FILE_FILES_MAX, .node_at = SCHEMA_AT(struct topic_def, files_node)                         \
	}
#define RULES_ROW(item_)                                                                                               \
	{                                                                                                              \
		.key = "rules", .type = SCHEMA_LIST, .at = offsetof(struct topic_def, rules),                          \
		.n_at = offsetof(struct topic_def, n_rules), .item = &item_                                            \
	}
#define TESTS_ROW                                                                                                      \
	{                                                                                                              \
		.key = "tests", .type = SCHEMA_LIST, .at = offsetof(struct topic_def, tests),                          \
		.n_at = offsetof(struct topic_def, n_tests), .item = &test_item, .max = RULESET_TESTS_MAX              \
	}
static const struct schema_row path_item = {.type = SCHEMA_PATH};

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
	{.key = "alerts", .type = SCHEMA_ENUM, .at = offsetof(struct topic_def, alerts), .names = alerts_names},
	{.key = "own",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct topic_def, own),
	 .n_at = offsetof(struct topic_def, n_own),
	 .item = &own_item,
	 .one_or_list = true,
	 .max = RULESET_OWN_MAX},
	PATTERNS_ROW,
	FILES_ROW,
	NAMES(struct topic_def, "include", include, RULE_FILE_INCLUDE_MAX),
	{.key = "about",
	 .type = SCHEMA_STRING,
	 .at = offsetof(struct topic_def, about),
	 .node_at = SCHEMA_AT(struct topic_def, about_node)},
	RULES_ROW(rule_item),
	TESTS_ROW,
};
static const char *const topic_later[] = {"tone", NULL};
const struct schema_table rule_file_table = SCHEMA_TABLE(struct topic_def, topic_rows, .later = topic_later);

/* --- a pack --- */

static const struct schema_row pack_rows[] = {
	{.key = "pack",
	 .type = SCHEMA_NAME,
	 .at = offsetof(struct topic_def, name),
	 .node_at = SCHEMA_AT(struct topic_def, name_node),
	 .required = true},
	{.key = "intents",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct topic_def, intents),
	 .n_at = offsetof(struct topic_def, n_intents),
	 .item = &name_item,
	 .one_or_list = true,
	 .max = RULESET_TAGS_MAX},
	{.key = "tags",
	 .type = SCHEMA_LIST,
	 .at = offsetof(struct topic_def, tags),
	 .n_at = offsetof(struct topic_def, n_tags),
	 .item = &name_item,
	 .one_or_list = true,
	 .max = RULESET_TAGS_MAX},
	PATTERNS_ROW,
	RULES_ROW(pack_rule_item),
	TESTS_ROW,
};
const struct schema_table rule_pack_table = SCHEMA_TABLE(struct topic_def, pack_rows);

/* --- shared patterns --- */

static const struct schema_row patterns_rows[] = {PATTERNS_ROW};
const struct schema_table rule_patterns_table = SCHEMA_TABLE(struct topic_def, patterns_rows);

/* --- reading --- */

static int decode(const struct yaml_doc *doc, enum rule_file_kind kind, struct arena *a, struct diag *d,
		  struct topic_def *ret)
{
	static const struct schema_table *const tables[] = {&rule_file_table, &rule_pack_table, &rule_patterns_table};
	int r = schema_decode_partly(doc, tables[kind], a, d, ret);
	size_t i;

	ret->doc = doc;
	ret->kind = kind;
	for (i = 0; i < ret->n_rules && kind == RULE_FILE_PACK; i++) {
		struct rule_def *rule = &ret->rules[i];

		if (!rule->tags_node) {
			rule->tags = ret->tags;
			rule->n_tags = ret->n_tags;
		}
		if (!rule->intents_node) {
			rule->intents = ret->intents;
			rule->n_intents = ret->n_intents;
		}
	}
	return r ? RULE_FILE_E_INVALID : 0;
}

int rule_file_read(const char *path, enum rule_file_kind kind, struct arena *a, struct diag *d, struct topic_def *ret)
{
	struct yaml_doc *doc;
	int r = yaml_read(path, a, d, &doc);

	*ret = (struct topic_def){.kind = kind};
	if (r < 0)
		return r;
	return r ? RULE_FILE_E_UNREADABLE : decode(doc, kind, a, d, ret);
}

int rule_pack_parse(const char *file, const char *text, struct arena *a, struct diag *d, struct topic_def *ret)
{
	struct yaml_doc *doc;
	int r = yaml_parse(file, text, strlen(text), a, d, &doc);

	*ret = (struct topic_def){.kind = RULE_FILE_PACK};
	if (r < 0)
		return r;
	return r ? RULE_FILE_E_UNREADABLE : decode(doc, RULE_FILE_PACK, a, d, ret);
}
