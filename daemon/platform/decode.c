#include "platform/decode.h"

#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "platform/platform.h"

static bool text_of(struct schema_run *run, const struct yaml_node *node, const char **ret)
{
	static const struct schema_row text = {.type = SCHEMA_STRING};

	return schema_value(run, node, &text, ret);
}

static bool too_many(struct schema_run *run, const struct yaml_node *node, size_t n, size_t max)
{
	char most[24], found[24];

	if (n <= max)
		return false;
	snprintf(most, sizeof(most), "%zu", max);
	snprintf(found, sizeof(found), "%zu", n);
	SCHEMA_FAIL(run, node, NULL, NULL, TEXT_SCHEMA_ITEMS_MOST, most, found);
	return true;
}

static bool decode_pair(struct schema_run *run, const struct yaml_node *key, const struct yaml_node *value,
			struct platform_pair *ret)
{
	ret->pos = key->pos;
	ret->name = key->text;
	if (value->kind != YAML_TEXT)
		return SCHEMA_FAIL(run, value, key->text, NULL, TEXT_SCHEMA_WANT_TEXT);
	return template_decode(run, value, NULL, &ret->value);
}

/* A map of names and templates, in the file's order; a list of templates is one name several times. */
bool decode_pairs(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	struct platform_pairs *pairs = ret;
	struct platform_pair *v;
	size_t i, k, n = 0;
	bool right = true;

	(void)row;
	if (node->kind != YAML_MAP)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_SCHEMA_WANT_MAP);
	for (i = 0; i < node->n; i++)
		n += node->pairs[i].value->kind == YAML_LIST ? node->pairs[i].value->n : 1;
	if (too_many(run, node, n, PLATFORM_PAIRS_MAX))
		return false;
	v = ARENA_ARRAY(schema_arena(run), struct platform_pair, n + 1);
	for (i = n = 0; i < node->n; i++) {
		const struct yaml_node *key = node->pairs[i].key, *value = node->pairs[i].value;

		for (k = 0; value->kind == YAML_LIST && k < value->n; k++)
			right &= decode_pair(run, key, value->items[k], &v[n++]);
		if (value->kind != YAML_LIST)
			right &= decode_pair(run, key, value, &v[n++]);
	}
	pairs->v = v;
	pairs->n = n;
	return right;
}

/* A map of names and jq programs. */
bool decode_programs(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	static const struct schema_row name_row = {.type = SCHEMA_NAME};
	struct platform_programs *programs = ret;
	struct platform_program *v;
	bool right = true;
	size_t i;

	(void)row;
	if (node->kind != YAML_MAP)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_SCHEMA_WANT_MAP);
	if (too_many(run, node, node->n, PLATFORM_FACTS_MAX))
		return false;
	v = ARENA_ARRAY(schema_arena(run), struct platform_program, node->n + 1);
	for (i = 0; i < node->n; i++) {
		const struct yaml_node *value = node->pairs[i].value;

		right &=
			schema_value(run, node->pairs[i].key, &name_row, &v[i].name) && text_of(run, value, &v[i].text);
		v[i].pos = value->kind == YAML_TEXT ? yaml_pos_at(schema_doc(run), value, 0) : value->pos;
	}
	programs->v = v;
	programs->n = node->n;
	return right;
}

bool decode_expression(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	const char *text;
	char why[128];
	regex_t re;
	int r;

	(void)row;
	if (!text_of(run, node, &text))
		return false;
	r = regcomp(&re, text, REG_EXTENDED | REG_NOSUB);
	if (r) {
		regerror(r, &re, why, sizeof(why));
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_PLATFORM_EXPRESSION, why);
	}
	regfree(&re);
	*(const char **)ret = text;
	return true;
}

bool decode_template_ref(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	struct template *t = ARENA_NEW(schema_arena(run), struct template);

	*(const struct template **)ret = t;
	return template_decode(run, node, row, t);
}

bool micros_parse(const char *text, size_t len, int64_t *ret)
{
	enum { WHOLE_DIGITS = 9, FRACTION_DIGITS = 6 };
	int64_t v = 0;
	size_t i = 0, whole = 0, fraction = 0;

	for (; i < len && text[i] >= '0' && text[i] <= '9'; i++, whole++)
		v = v * 10 + (text[i] - '0');
	if (!whole || whole > WHOLE_DIGITS)
		return false;
	if (i < len && text[i] == '.') {
		for (i++; i < len && text[i] >= '0' && text[i] <= '9' && fraction < FRACTION_DIGITS; i++, fraction++)
			v = v * 10 + (text[i] - '0');
		if (!fraction)
			return false;
	}
	for (; fraction < FRACTION_DIGITS; fraction++)
		v *= 10;
	if (i != len)
		return false;
	*ret = v;
	return true;
}

bool decode_micros(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	const char *text;

	(void)row;
	if (!text_of(run, node, &text))
		return false;
	if (!micros_parse(text, strlen(text), ret))
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_PLATFORM_WANT_PRICE, text);
	return true;
}
