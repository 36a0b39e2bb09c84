#include "platform/platform.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/suggest.h"
#include "platform/check.h"

const char *platform_says(const struct platform_says *says, enum text_lang lang)
{
	return !says ? "" : lang == TEXT_ES ? says->es : says->en;
}

int platform_param_find(const struct platform *p, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < p->n_params; i++) {
		const char *own = p->params[i].name;

		if (own && strlen(own) == len && memcmp(own, name, len) == 0)
			return (int)i;
	}
	return -1;
}

static bool matches(const char *pattern, const char *text, int flags, bool whole)
{
	regmatch_t at;
	regex_t re;
	bool is;

	if (regcomp(&re, pattern, REG_EXTENDED | flags) != 0)
		return false;
	is = regexec(&re, text, 1, &at, 0) == 0 && (!whole || (at.rm_so == 0 && !text[at.rm_eo]));
	regfree(&re);
	return is;
}

bool platform_is(const char *pattern, const char *text)
{
	return matches(pattern, text, 0, true);
}

bool platform_says_so(const char *pattern, const char *text)
{
	return pattern && text && matches(pattern, text, REG_ICASE, false);
}

int platform_read(const char *name, const char *file, const char *bytes, size_t len, struct arena *a, struct diag *d,
		  struct platform **ret)
{
	struct platform *p = ARENA_NEW(a, struct platform);
	const struct yaml_node *node;
	struct yaml_doc *doc;
	int r = yaml_parse(file, bytes, len, a, d, &doc);

	if (r == YAML_E_INVALID)
		return PLATFORM_E_INVALID;
	if (r < 0)
		return r;
	r = schema_decode_partly(doc, &platform_table, a, d, p);
	if (r < 0)
		return r;
	if (r == SCHEMA_E_INVALID)
		return PLATFORM_E_INVALID;
	p->file = doc->file;
	if (strcmp(p->name, name) != 0) {
		node = yaml_get(doc->root, "platform");
		diag_error(d, node->pos, "platform", NULL, TEXT_PLATFORM_NAME, name, p->name);
		return PLATFORM_E_INVALID;
	}
	if (!platform_check(p, d))
		return PLATFORM_E_INVALID;
	*ret = p;
	return 0;
}

bool platform_has_fact(const struct platform *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->map->facts.n; i++)
		if (p->map->facts.v[i].name && strcmp(p->map->facts.v[i].name, name) == 0)
			return true;
	return false;
}
