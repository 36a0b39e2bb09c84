#include "platform/params.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/suggest.h"
#include "platform/platform.h"

enum { URL_MAX_BYTES = 8192, NAMES_MAX_BYTES = 4096 };

struct params *params_new(const struct platform *p, struct arena *a)
{
	struct params *params = ARENA_NEW(a, struct params);

	params->platform = p;
	params->values = ARENA_ARRAY(a, const char *, p->n_params + 1);
	params->secrets = ARENA_ARRAY(a, const struct secret *, p->n_params + 1);
	return params;
}

/* --- reading --- */

static bool is_choice(const struct platform_param *x, const char *text)
{
	size_t i;

	for (i = 0; i < x->n_choices && strcmp(x->choices[i], text) != 0; i++)
		;
	return !x->n_choices || i < x->n_choices;
}

static bool is_host(const char *text)
{
	return !text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.:[]_")];
}

static bool fail_choice(struct schema_run *run, const struct yaml_node *node, const struct platform_param *x,
			const char *text)
{
	struct buf names = BUF_INIT(NAMES_MAX_BYTES);
	size_t i;

	for (i = 0; i < x->n_choices; i++)
		buf_printf(&names, "%s%s", i ? ", " : "", x->choices[i]);
	SCHEMA_FAIL(run, node, NULL, suggest(text, x->choices, x->n_choices, sizeof(*x->choices)),
		    TEXT_PLATFORM_PARAM_CHOICE, buf_str(&names), text);
	buf_done(&names);
	return false;
}

static bool check_value(struct schema_run *run, const struct yaml_node *node, const struct platform *p,
			const struct platform_param *x, const char *text)
{
	static const struct schema_row url = {.type = SCHEMA_URL};
	char max[24];

	if (strlen(text) > PLATFORM_VALUE_MAX_BYTES) {
		snprintf(max, sizeof(max), "%d", PLATFORM_VALUE_MAX_BYTES);
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_PLATFORM_PARAM_LONG, max);
	}
	if (x->kind == PLATFORM_PARAM_HOST && !is_host(text))
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_PLATFORM_PARAM_HOST, text);
	if (x->kind == PLATFORM_PARAM_NUMBER && text[strspn(text, "0123456789")])
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_PLATFORM_PARAM_NUMBER, text);
	if (x->kind == PLATFORM_PARAM_URL && !schema_value(run, node, &url, &text))
		return false;
	if (!is_choice(x, text))
		return fail_choice(run, node, x, text);
	if (x->pattern && !platform_is(x->pattern, text))
		return SCHEMA_FAIL(run, node, NULL, NULL, TEXT_PLATFORM_PARAM_PATTERN, p->name,
				   x->example ? x->example : x->pattern);
	return true;
}

enum params_read params_read(struct schema_run *run, const struct yaml_pair *pair, struct params *params)
{
	static const struct schema_row secret = {.type = SCHEMA_SECRET}, text = {.type = SCHEMA_STRING},
				       path = {.type = SCHEMA_PATH};
	const struct platform *p = params->platform;
	int i = platform_param_find(p, pair->key->text, pair->key->n);
	const struct platform_param *x;
	const char *value;

	if (i < 0)
		return PARAMS_UNKNOWN;
	x = &p->params[i];
	if (x->secret && pair->value->kind == YAML_TEXT && !yaml_empty(pair->value)) {
		SCHEMA_FAIL(run, pair->value, NULL, NULL, TEXT_PLATFORM_PARAM_PLAIN);
		return PARAMS_WRONG;
	}
	if (x->secret)
		return schema_value(run, pair->value, &secret, &params->secrets[i]) ? PARAMS_READ : PARAMS_WRONG;
	if (x->kind == PLATFORM_PARAM_PATH && schema_value(run, pair->value, &path, &value)) {
		params->values[i] = value;
		return PARAMS_READ;
	}
	if (x->kind == PLATFORM_PARAM_PATH || !schema_value(run, pair->value, &text, &value) ||
	    !check_value(run, pair->value, p, x, value))
		return PARAMS_WRONG;
	params->values[i] = value;
	return PARAMS_READ;
}

const char *params_guess(const struct params *params, const char *key)
{
	const struct platform *p = params->platform;

	return p->n_params ? suggest(key, &p->params[0].name, p->n_params, sizeof(*p->params)) : NULL;
}

/* The address as a poll would make it, with something in place of what only a poll knows. */
static bool check_address(struct schema_run *run, const struct yaml_node *source, const struct params *params)
{
	const struct platform *p = params->platform;
	const char *values[PLATFORM_PARAMS_MAX];
	struct template_values v = {
		.params = values, .cursor = "0", .page = "0", .auth = "-", .since_ms = 0, .until_ms = 0};
	struct buf b = BUF_INIT(URL_MAX_BYTES);
	const struct template_part *part = NULL;
	bool right = true;

	params_fill(params, values);
	if (p->request && p->request->url.n && p->request->url.parts[0].what == TEMPLATE_AUTH)
		v.auth = "https://localhost"; /* the whole address is a secret */
	if (p->request && template_put(&b, &p->request->url, &v, TEMPLATE_URL, &part) == TEMPLATE_E_VALUE) {
		const struct platform_param *x = &p->params[part->param];
		const struct yaml_node *node = yaml_get(source, x->name);

		right = SCHEMA_FAIL(run, node ? node : source, x->name, NULL, TEXT_PLATFORM_PARAM_PLACE,
				    values[part->param]);
	}
	buf_done(&b);
	return right;
}

bool params_check(struct schema_run *run, const struct yaml_node *source, struct params *params)
{
	const struct platform *p = params->platform;
	bool right = true;
	size_t i;

	for (i = 0; i < p->n_params; i++) {
		const struct platform_param *x = &p->params[i];
		bool given = params->values[i] || params->secrets[i];

		if (x->required && !given)
			right = SCHEMA_FAIL(run, source, NULL, NULL, TEXT_PLATFORM_PARAM_MISSING, p->name, x->name);
		else if (!given)
			params->values[i] = x->def;
	}
	return right && check_address(run, source, params);
}

/* --- writing --- */

void params_fill(const struct params *params, const char **values)
{
	size_t i;

	for (i = 0; i < params->platform->n_params; i++)
		values[i] = params->secrets[i] ? secret_value(params->secrets[i]) : params->values[i];
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool params_same(const struct params *a, const struct params *b)
{
	size_t i;

	if (!a || !b || strcmp(a->platform->name, b->platform->name) != 0 ||
	    a->platform->n_params != b->platform->n_params)
		return a == b;
	for (i = 0; i < a->platform->n_params; i++) {
		if (!same(a->values[i], b->values[i]) ||
		    !same(secret_value(a->secrets[i]), secret_value(b->secrets[i])))
			return false;
	}
	return true;
}

void params_json(struct buf *b, const struct params *params, const char *also)
{
	const struct platform *p = params->platform;
	struct json j = JSON_OUT(b);
	size_t i;

	json_begin_object(&j, NULL);
	for (i = 0; i < p->n_params; i++)
		json_text(&j, p->params[i].name, params->values[i]);
	if (also)
		json_bool(&j, also, true);
	json_end_object(&j);
}

uint64_t params_signature(const struct params *params)
{
	const struct platform *p = params->platform;
	struct hash_part parts[1 + 2 * PLATFORM_PARAMS_MAX];
	size_t i, n = 0;

	parts[n++] = (struct hash_part){p->name, strlen(p->name) + 1};
	for (i = 0; i < p->n_params; i++) {
		if (!params->values[i])
			continue;
		parts[n++] = (struct hash_part){p->params[i].name, strlen(p->params[i].name) + 1};
		parts[n++] = (struct hash_part){params->values[i], strlen(params->values[i]) + 1};
	}
	return hash_u64(parts, n);
}

uint64_t params_account(const struct params *params)
{
	const struct platform *p = params->platform;
	struct hash_part parts[1 + 2 * PLATFORM_PARAMS_MAX];
	size_t i, n = 0;

	parts[n++] = (struct hash_part){p->name, strlen(p->name) + 1};
	for (i = 0; i < p->n_params; i++) {
		const char *value = secret_value(params->secrets[i]);

		if (!value)
			continue;
		parts[n++] = (struct hash_part){p->params[i].name, strlen(p->params[i].name) + 1};
		parts[n++] = (struct hash_part){value, strlen(value) + 1};
	}
	return hash_u64(parts, n);
}

void params_text(struct buf *b, const struct params *params)
{
	const struct platform *p = params->platform;
	bool first = true;
	size_t i;

	for (i = 0; i < p->n_params; i++) {
		if (!params->values[i] || params->values[i] == p->params[i].def)
			continue;
		buf_printf(b, "%s%s=%s", first ? "" : ", ", p->params[i].name, params->values[i]);
		first = false;
	}
}

bool params_origin(struct buf *b, const struct params *params)
{
	const char *values[PLATFORM_PARAMS_MAX], *host;
	struct template_values v = {
		.params = values, .cursor = "0", .page = "0", .auth = "-", .since_ms = 0, .until_ms = 0};
	struct buf url = BUF_INIT(URL_MAX_BYTES);
	bool made;

	params_fill(params, values);
	made = params->platform->request &&
	       template_put(&url, &params->platform->request->url, &v, TEMPLATE_URL, NULL) == 0;
	host = made ? strstr(buf_str(&url), "://") : NULL;
	if (host) {
		buf_put(b, buf_str(&url), (size_t)(host - buf_str(&url)) + 3 + strcspn(host + 3, "/?#"));
		buf_putc(b, '/');
	}
	buf_done(&url);
	return host != NULL;
}
