#include "match/rule_file.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/yaml.h"
#include "match/fields.h"
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
	 .item = &rule_pattern_item},
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
