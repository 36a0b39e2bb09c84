/* base/schema: single values. */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/schema_run.h"
#include "base/secret.h"
#include "base/suggest.h"
#include "base/units.h"
#include "base/utf8.h"

enum { FOUND_MAX_BYTES = 60 }; /* of a value in a finding */

/* A value as a finding shows it. */
static const char *shown(struct schema_run *run, const struct yaml_node *node)
{
	size_t len = utf8_cut(node->text, node->n, FOUND_MAX_BYTES);

	return len < node->n ? arena_printf(run->arena, "%.*s…", (int)len, node->text) : node->text;
}

static bool fail_found(struct schema_run *run, const struct yaml_node *node, const char *guess, enum text_id text)
{
	return SCHEMA_FAIL(run, node, NULL, guess, text, shown(run, node));
}

/* --- text --- */

static bool value_string(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	if (!node->n && !row->may_be_empty)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_SCHEMA_EMPTY);
	*(const char **)ret = node->text;
	return true;
}

static bool is_name_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static bool is_name(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len && is_name_letter(text[i]); i++)
		;
	return len && i == len && len <= SCHEMA_NAME_MAX;
}

static bool value_name(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	char *near_name;
	size_t i;

	(void)row;
	if (is_name(node->text, node->n)) {
		*(const char **)ret = node->text;
		return true;
	}
	near_name = arena_memdup0(run->arena, node->text, node->n);
	for (i = 0; i < node->n; i++) {
		near_name[i] = (char)tolower((unsigned char)near_name[i]);
		if (near_name[i] == ' ' || near_name[i] == '.')
			near_name[i] = '-';
	}
	return fail_found(run, node, is_name(near_name, node->n) ? near_name : NULL, TEXT_SCHEMA_WANT_NAME);
}

static bool value_bool(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	static const char *const yes[] = {"yes", "on", "y", "1", "si", "sí", "true"};
	static const char *const no[] = {"no", "off", "n", "0", "false"};
	const char *guess = NULL;
	size_t i;

	(void)row;
	if (strcmp(node->text, "true") == 0 || strcmp(node->text, "false") == 0) {
		*(bool *)ret = *node->text == 't';
		return true;
	}
	for (i = 0; i < ARRAY_LEN(yes); i++)
		guess = strcasecmp(node->text, yes[i]) == 0 ? "true" : guess;
	for (i = 0; i < ARRAY_LEN(no); i++)
		guess = strcasecmp(node->text, no[i]) == 0 ? "false" : guess;
	return fail_found(run, node, guess, TEXT_SCHEMA_WANT_BOOL);
}

/* --- numbers --- */

static const char *number_text(const struct schema_row *row, int64_t n, char out[UNITS_TEXT_SIZE])
{
	if (row->type == SCHEMA_DURATION)
		return units_duration_text(n, out);
	if (row->type == SCHEMA_SIZE)
		return units_size_text(n, out);
	snprintf(out, UNITS_TEXT_SIZE, "%lld", (long long)n);
	return out;
}

static bool out_of_range(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row)
{
	char min[UNITS_TEXT_SIZE], max[UNITS_TEXT_SIZE];

	number_text(row, row->min, min);
	number_text(row, row->max, max);
	if (row->min && row->max)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_SCHEMA_BETWEEN, min, max, shown(run, node));
	if (row->max)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_SCHEMA_MOST, max, shown(run, node));
	return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_SCHEMA_LEAST, min, shown(run, node));
}

/* A number without its unit: the one that stands for the range. None where any could be meant. */
static const char *with_unit(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row)
{
	const char *unit = row->type == SCHEMA_PART ? "%" : row->min >= 60 * 1000 ? "m" : NULL;

	return unit && node->n < 10 ? arena_printf(run->arena, "%s%s", node->text, unit) : NULL;
}

/* "7 días", "5min", "2 GB": a number, and a unit in words or letters of its own. A month (mes, month) is no minute. */
static const char *with_unit_shortened(struct schema_run *run, const struct yaml_node *node,
				       const struct schema_row *row)
{
	const char *units = row->type == SCHEMA_DURATION ? "smhd" : row->type == SCHEMA_SIZE ? "kMGT" : "";
	size_t digits = strspn(node->text, "0123456789");
	const char *word = node->text + digits, *unit;

	word += strspn(word, " ");
	for (unit = units; *unit && tolower((unsigned char)*unit) != tolower((unsigned char)*word); unit++)
		;
	if (!digits || digits > 6 || !*unit || (*unit == 'm' && word[1] && tolower((unsigned char)word[1]) != 'i'))
		return NULL;
	return arena_printf(run->arena, "%.*s%c", (int)digits, node->text, *unit);
}

static bool value_number(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	enum text_id want = TEXT_SCHEMA_WANT_INT;
	int64_t n = 0;
	int r;

	if (row->type == SCHEMA_DURATION) {
		r = units_duration(node->text, &n);
		want = TEXT_SCHEMA_WANT_DURATION;
	} else if (row->type == SCHEMA_SIZE) {
		r = units_size(node->text, &n);
		want = TEXT_SCHEMA_WANT_SIZE;
	} else {
		r = units_int(node->text, &n);
	}
	if (r == UNITS_E_SYNTAX || r == UNITS_E_UNIT)
		return fail_found(run, node,
				  r == UNITS_E_UNIT ? with_unit(run, node, row) : with_unit_shortened(run, node, row),
				  want);
	if (r == UNITS_E_RANGE && !row->max)
		return fail_found(run, node, NULL, want);
	if (r == UNITS_E_RANGE || n < row->min || (row->max && n > row->max))
		return out_of_range(run, node, row);
	*(int64_t *)ret = n;
	return true;
}

static bool value_part(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	int r = units_part(node->text, ret);

	if (r)
		return fail_found(run, node,
				  r == UNITS_E_UNIT && !strchr(node->text, '.') ? with_unit(run, node, row) : NULL,
				  TEXT_SCHEMA_WANT_PART);
	return true;
}

/* --- one of some words --- */

static const char *join(struct schema_run *run, const char *const *names, const char *behind)
{
	struct buf b = BUF_INIT(1024);
	const char *joined;
	size_t i;

	for (i = 0; names[i]; i++)
		buf_printf(&b, "%s%s%s", i ? ", " : "", names[i], behind);
	joined = arena_memdup0(run->arena, buf_str(&b), b.len);
	buf_done(&b);
	return joined;
}

static size_t count(const char *const *names)
{
	size_t n = 0;

	while (names[n])
		n++;
	return n;
}

static bool value_enum(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	const char *guess = NULL;
	int i;

	for (i = 0; row->names[i]; i++) {
		if (strcmp(row->names[i], node->text) == 0) {
			*(int *)ret = i;
			return true;
		}
	}
	for (i = 0; row->meant && row->meant[i]; i += 2)
		guess = strcasecmp(row->meant[i], node->text) == 0 ? row->meant[i + 1] : guess;
	return SCHEMA_FAIL(run, node, NULL,
			   guess ? guess : suggest(node->text, row->names, count(row->names), sizeof(*row->names)),
			   TEXT_SCHEMA_WANT_ONE_OF, join(run, row->names, ""), shown(run, node));
}

/* --- addresses and paths --- */

static const char *scheme_end(const char *text, const char *const *names)
{
	size_t i;

	for (i = 0; names[i]; i++) {
		size_t len = strlen(names[i]);

		if (strncasecmp(text, names[i], len) == 0 && strncmp(text + len, "://", 3) == 0)
			return text + len + 3;
	}
	return NULL;
}

/* "example.com/rss", "www.example.com" and "//example.com" lack nothing else; NULL: no host at all. */
static const char *web_guess(struct schema_run *run, const char *text)
{
	size_t len, i;

	text += strspn(text, "/");
	len = strcspn(text, "/?#:");
	for (i = 0; i < len && (isalnum((unsigned char)text[i]) || (text[i] & 0x80) || strchr(".-", text[i])); i++)
		;
	if (i < len || !memchr(text, '.', len) || text[0] == '.' || text[len - 1] == '.' || strpbrk(text, " \t\n") ||
	    text[len] == ':')
		return NULL;
	return arena_printf(run->arena, "https://%s", text);
}

static bool value_url(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	static const char *const web[] = {"http", "https", NULL};
	const char *const *names = row->names ? row->names : web;
	const char *host = scheme_end(node->text, names), *at;

	if (!host || !*host || strpbrk(node->text, " \t\n"))
		return SCHEMA_FAIL(run, node, NULL, names == web ? web_guess(run, node->text) : NULL,
				   TEXT_SCHEMA_WANT_URL, join(run, names, "://…"));
	at = memchr(host, '@', strcspn(host, "/?#"));
	if (at && memchr(host, ':', (size_t)(at - host)))
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_SCHEMA_URL_PASSWORD);
	if (at == host || (names == web && strchr("/?#:", at ? at[1] : *host)))
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_SCHEMA_WANT_URL, join(run, names, "://…"));
	*(const char **)ret = node->text;
	return true;
}

/* A relative path is taken from the folder of the file that names it. */
static const char *path_from_file(struct schema_run *run, const char *path)
{
	const char *file = run->doc->file, *slash = file ? strrchr(file, '/') : NULL;

	if (*path == '/' || !slash)
		return path;
	return arena_printf(run->arena, "%.*s%s", (int)(slash + 1 - file), file, path);
}

static bool value_path(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	const char *path;

	(void)row;
	if (!node->n)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_SCHEMA_EMPTY);
	path = path_from_file(run, node->text);
	if (strlen(path) >= PATH_MAX) {
		char max[16];

		snprintf(max, sizeof(max), "%d", PATH_MAX - 1);
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_SCHEMA_PATH_LONG, max);
	}
	*(const char **)ret = path;
	return true;
}

/* --- secrets: no finding may hold a value --- */

static bool fail_secret(struct schema_run *run, const struct yaml_node *node, enum secret_kind kind, int why,
			const char *name)
{
	char max[UNITS_TEXT_SIZE];

	switch (why) {
	case SECRET_E_ABSENT:
		if (kind == SECRET_CREDENTIAL)
			return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_SECRET_CREDENTIAL_ABSENT, name, secret_folder());
		return SCHEMA_FAIL(run, node, NULL, NULL,
				   kind == SECRET_ENV ? TEXT_SECRET_VARIABLE_ABSENT : TEXT_SECRET_ABSENT, name);
	case SECRET_E_EMPTY:
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_SECRET_EMPTY, name);
	case SECRET_E_LONG:
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_SECRET_LONG, name,
				   units_size_text(SECRET_MAX_BYTES, max));
	case SECRET_E_BYTES:
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_SECRET_BYTES, name);
	case SECRET_E_NAME:
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_SECRET_NAME);
	default:
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_SECRET_UNREADABLE, name);
	}
}

static bool value_secret(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	static const char *const kinds[] = {
		[SECRET_ENV] = "env", [SECRET_FILE] = "file", [SECRET_CREDENTIAL] = "credential"};
	const struct yaml_node *key, *value;
	const char *name;
	size_t kind;
	int r;

	(void)row;
	if (node->kind != YAML_MAP || node->n != 1 || node->pairs[0].value->kind != YAML_TEXT ||
	    !node->pairs[0].value->n)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_SECRET_WANT);
	key = node->pairs[0].key;
	value = node->pairs[0].value;
	for (kind = 0; kind < ARRAY_LEN(kinds) && strcmp(kinds[kind], key->text) != 0; kind++)
		;
	if (kind == ARRAY_LEN(kinds))
		return SCHEMA_FAIL(run, key, NULL, suggest(key->text, kinds, ARRAY_LEN(kinds), sizeof(*kinds)),
				   TEXT_SECRET_WANT);
	name = kind == SECRET_FILE ? path_from_file(run, value->text) : value->text;
	r = secret_read((enum secret_kind)kind, name, run->arena, ret);
	if (r)
		return fail_secret(run, value, (enum secret_kind)kind, r, name);
	if (secret_exposed(*(struct secret **)ret))
		diag_warning(run->diag, value->pos, schema_key(run), NULL, TEXT_SECRET_EXPOSED, name);
	return true;
}

/* --- all of them --- */

bool schema_value(struct schema_run *run, const struct yaml_node *node, const struct schema_row *row, void *ret)
{
	static schema_decode_fn *const texts[] = {
		[SCHEMA_STRING] = value_string,   [SCHEMA_NAME] = value_name,   [SCHEMA_BOOL] = value_bool,
		[SCHEMA_INT] = value_number,      [SCHEMA_SIZE] = value_number, [SCHEMA_PART] = value_part,
		[SCHEMA_DURATION] = value_number, [SCHEMA_ENUM] = value_enum,   [SCHEMA_URL] = value_url,
		[SCHEMA_PATH] = value_path,
	};

	if (row->type == SCHEMA_NODE) {
		*(const struct yaml_node **)ret = node;
		return true;
	}
	if (node->wrong) {
		run->wrong = true;
		return false;
	}
	if (yaml_empty(node))
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_SCHEMA_NO_VALUE);
	if (row->type == SCHEMA_SECRET)
		return value_secret(run, node, row, ret);
	if (row->type == SCHEMA_CUSTOM)
		return row->decode(run, node, row, ret);
	if (row->type >= ARRAY_LEN(texts) || !texts[row->type])
		abort(); /* a list in a list: no table of ours */
	if (node->kind != YAML_TEXT)
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_SCHEMA_WANT_TEXT);
	return texts[row->type](run, node, row, ret);
}
