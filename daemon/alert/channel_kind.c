#include "alert/channel_kind.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/schema.h"
#include "base/suggest.h"
#include "mention/map.h"
#include "platform/decode.h"

const char *const channel_way_names[] = {
	[CHANNEL_NEW] = "new", [CHANNEL_FOLLOW] = "follow", [CHANNEL_EDIT] = "edit", [CHANNEL_CLOSE] = "close",
	[CHANNEL_PRESSED] = "pressed", NULL};
const char *const channel_method_names[] = {
	[CHANNEL_POST] = "POST", [CHANNEL_PUT] = "PUT", [CHANNEL_PATCH] = "PATCH", NULL};
static const char *const as_names[] = {[CHANNEL_JSON] = "json", [CHANNEL_FORM] = "form", NULL};

/* --- the keys --- */

#define ROW(key_, kind, type_, member, ...)                                                                            \
	{                                                                                                              \
		.key = (key_), .type = (kind), .at = offsetof(type_, member), __VA_ARGS__                              \
	}
#define CUSTOM(key_, type_, member, decode_, ...)                                                                      \
	ROW(key_, SCHEMA_CUSTOM, type_, member, .decode = (decode_), .item_size = sizeof(((type_ *)0)->member),        \
	    __VA_ARGS__)
#define OBJECT(key_, type_, member, table_, ...)                                                                       \
	ROW(key_, SCHEMA_OBJECT, type_, member, .table = &(table_), __VA_ARGS__)
#define WORDS(member)                                                                                                  \
	CUSTOM(#member, struct channel_reply, member, decode_expression,                                               \
	       .pos_at = SCHEMA_AT(struct channel_reply, member##_pos))
#define POS(type_) .pos_at = SCHEMA_AT(type_, pos)

static const struct schema_row way_rows[] = {
	CUSTOM("url", struct channel_way, request.url, template_decode, .required = true),
	CUSTOM("query", struct channel_way, request.query, decode_pairs),
	CUSTOM("headers", struct channel_way, request.headers, decode_pairs),
	ROW("method", SCHEMA_ENUM, struct channel_way, method, .names = channel_method_names),
};
static const struct schema_table way_table =
	SCHEMA_TABLE(struct channel_way, way_rows, .pos_at = SCHEMA_AT(struct channel_way, request.pos));

static const struct schema_row body_rows[] = {
	ROW("as", SCHEMA_ENUM, struct channel_body, as, .names = as_names),
	CUSTOM("programs", struct channel_body, programs, decode_programs, .required = true),
	CUSTOM("put", struct channel_body, put, decode_pairs),
};
static const struct schema_table body_table = SCHEMA_TABLE(struct channel_body, body_rows, POS(struct channel_body));

static const struct schema_row address_rows[] = {
	CUSTOM("pattern", struct channel_address, pattern, decode_expression,
	       .pos_at = SCHEMA_AT(struct channel_address, pattern_pos)),
	ROW("example", SCHEMA_STRING, struct channel_address, example, .required = true),
	OBJECT("help", struct channel_address, help, platform_says_table, .required = true),
};
static const struct schema_table address_table =
	SCHEMA_TABLE(struct channel_address, address_rows, POS(struct channel_address));

static const struct schema_row reply_rows[] = {
	ROW("ok", SCHEMA_STRING, struct channel_reply, ok),
	ROW("id", SCHEMA_STRING, struct channel_reply, id),
	ROW("error", SCHEMA_STRING, struct channel_reply, error),
	ROW("wait", SCHEMA_STRING, struct channel_reply, wait),
	WORDS(later),
	WORDS(never),
	WORDS(same),
	WORDS(gone),
};
static const struct schema_table reply_table =
	SCHEMA_TABLE(struct channel_reply, reply_rows, POS(struct channel_reply));

static const struct schema_row pace_rows[] = {
	ROW("gap", SCHEMA_DURATION, struct channel_pace, gap_ms, .max = MINUTE_MS),
};
static const struct schema_table pace_table = SCHEMA_TABLE(struct channel_pace, pace_rows, POS(struct channel_pace));

static const struct schema_row sign_rows[] = {
	ROW("header", SCHEMA_STRING, struct channel_sign, header, .required = true),
	CUSTOM("secret", struct channel_sign, secret, decode_template_ref, .required = true),
};
static const struct schema_table sign_table = SCHEMA_TABLE(struct channel_sign, sign_rows, POS(struct channel_sign));

static const struct schema_row fixture_rows[] = {
	ROW("notice", SCHEMA_STRING, struct channel_fixture, notice, .required = true,
	    .pos_at = SCHEMA_AT(struct channel_fixture, notice_pos)),
	ROW("request", SCHEMA_STRING, struct channel_fixture, request, .required = true,
	    .pos_at = SCHEMA_AT(struct channel_fixture, request_pos)),
	CUSTOM("with", struct channel_fixture, with, decode_programs),
};
static const struct schema_table fixture_table =
	SCHEMA_TABLE(struct channel_fixture, fixture_rows, POS(struct channel_fixture));
static const struct schema_row fixture_item = {.type = SCHEMA_OBJECT, .table = &fixture_table};

static const struct schema_row rows[] = {
	ROW("channel", SCHEMA_NAME, struct channel_kind, base.name, .required = true),
	OBJECT("title", struct channel_kind, base.title, platform_says_table, .required = true),
	OBJECT("help", struct channel_kind, base.help, platform_says_table, .required = true),
	ROW("params", SCHEMA_NAMED, struct channel_kind, base.params,
	    .n_at = offsetof(struct channel_kind, base.n_params), .max = PLATFORM_PARAMS_MAX - 4,
	    .item = &platform_param_item),
	OBJECT("address", struct channel_kind, address, address_table, .required = true),
	OBJECT("auth", struct channel_kind, base.auth, platform_auth_table, .def = "{kind: none}"),
	OBJECT("new", struct channel_kind, ways[CHANNEL_NEW], way_table, .required = true),
	OBJECT("follow", struct channel_kind, ways[CHANNEL_FOLLOW], way_table),
	OBJECT("edit", struct channel_kind, ways[CHANNEL_EDIT], way_table),
	OBJECT("close", struct channel_kind, ways[CHANNEL_CLOSE], way_table),
	OBJECT("pressed", struct channel_kind, ways[CHANNEL_PRESSED], way_table),
	ROW("replies", SCHEMA_NAME, struct channel_kind, replies, .pos_at = SCHEMA_AT(struct channel_kind, replies_pos)),
	OBJECT("body", struct channel_kind, body, body_table, .required = true),
	OBJECT("answer", struct channel_kind, answer, reply_table, .def = "{}"),
	OBJECT("limits", struct channel_kind, limits, pace_table, .def = "{}"),
	OBJECT("sign", struct channel_kind, sign, sign_table),
	OBJECT("needs", struct channel_kind, base.needs, platform_says_table),
	OBJECT("terms", struct channel_kind, base.terms, platform_says_table),
	ROW("fixtures", SCHEMA_LIST, struct channel_kind, fixtures, .n_at = offsetof(struct channel_kind, n_fixtures),
	    .max = CHANNEL_FIXTURES_MAX, .item = &fixture_item),
};
const struct schema_table channel_kind_table =
	SCHEMA_TABLE(struct channel_kind, rows, .pos_at = SCHEMA_AT(struct channel_kind, base.pos));

/* --- what holds between them --- */

struct checking {
	const struct platform *p;
	struct diag *d;
	const char *key;
	bool address, secret; /* {@auth} may stand there; a secret may */
	bool right;
};

static void check_part(struct checking *c, struct template_part *part)
{
	cleanup(freep) char *name = part->text ? xstrndup(part->text, part->len) : NULL;

	if (part->what == TEMPLATE_LITERAL || (part->what == TEMPLATE_AUTH && c->address))
		return;
	if (part->what != TEMPLATE_PARAM) {
		diag_error(c->d, part->pos, c->key, NULL, TEXT_PLATFORM_TEMPLATE_PLACE, name);
		c->right = false;
		return;
	}
	part->param = platform_param_find(c->p, part->text, part->len);
	if (part->param < 0)
		diag_error(c->d, part->pos, c->key,
			   suggest(name, &c->p->params[0].name, c->p->n_params, sizeof(*c->p->params)),
			   TEXT_PLATFORM_TEMPLATE_UNKNOWN, name);
	else if (c->p->params[part->param].secret && !c->secret)
		diag_error(c->d, part->pos, c->key, NULL, TEXT_PLATFORM_TEMPLATE_SECRET, name);
	else
		return;
	c->right = false;
}

static void check_template(struct checking *c, const char *key, const struct template *t)
{
	size_t i;

	c->key = key;
	for (i = 0; t && i < t->n; i++)
		check_part(c, &t->parts[i]);
}

static void check_pairs(struct checking *c, const char *key, const struct platform_pairs *pairs)
{
	size_t i;

	for (i = 0; i < pairs->n; i++)
		check_template(c, key, &pairs->v[i].value);
}

/* A request without a program would have no body, a program without a request nowhere to go. */
static void check_ways(struct checking *c, const struct channel_kind *k)
{
	const struct platform_programs *programs = &k->body->programs;
	size_t i, w;

	for (w = 0; w < CHANNEL_WAYS; w++) {
		for (i = 0; i < programs->n && strcmp(programs->v[i].name, channel_way_names[w]) != 0; i++)
			;
		if (k->ways[w] && i == programs->n) {
			diag_error(c->d, k->body->pos, "body.programs", NULL, TEXT_CHANNEL_NO_PROGRAM,
				   channel_way_names[w]);
			c->right = false;
		}
		if (!k->ways[w])
			continue;
		c->address = true;
		check_template(c, channel_way_names[w], &k->ways[w]->request.url);
		c->address = false;
		check_pairs(c, channel_way_names[w], &k->ways[w]->request.query);
		check_pairs(c, channel_way_names[w], &k->ways[w]->request.headers);
	}
}

static bool check(const struct channel_kind *k, struct diag *d)
{
	struct checking c = {.p = &k->base, .d = d, .right = true};
	const struct platform_auth *a = k->base.auth;

	check_ways(&c, k);
	c.secret = true;
	check_template(&c, "auth", a->value);
	check_template(&c, "auth", a->user);
	check_template(&c, "auth", a->password);
	check_pairs(&c, "auth", &a->headers);
	check_pairs(&c, "body.put", &k->body->put);
	if (k->sign)
		check_template(&c, "sign", k->sign->secret);
	if (a->kind >= PLATFORM_AUTH_CLIENT_CREDENTIALS) {
		diag_error(d, a->pos, "auth", NULL, TEXT_CHANNEL_AUTH_KIND, platform_auth_names[a->kind]);
		c.right = false;
	}
	return c.right;
}

/* What a message has beside what the configuration says, as parameters that only we fill in. */
static void add_own_params(struct channel_kind *k, struct arena *a)
{
	static const char *const names[] = {"@to", "@id", "@key", "@matter"};
	struct platform *p = &k->base;
	struct platform_param *v = ARENA_ARRAY(a, struct platform_param, p->n_params + ARRAY_LEN(names));
	size_t i;

	if (p->n_params)
		memcpy(v, p->params, p->n_params * sizeof(*v));
	for (i = 0; i < ARRAY_LEN(names); i++)
		v[p->n_params + i].name = names[i];
	k->to = (int)p->n_params;
	k->id = k->to + 1;
	k->key = k->to + 2;
	k->matter = k->to + 3;
	p->params = v;
	p->n_params += ARRAY_LEN(names);
}

int channel_kind_read(const char *name, const char *file, const char *bytes, size_t len, struct arena *a,
		      struct diag *d, struct channel_kind **ret)
{
	struct channel_kind *k = ARENA_NEW(a, struct channel_kind);
	struct yaml_doc *doc;
	int r = yaml_parse(file, bytes, len, a, d, &doc);

	if (r == YAML_E_INVALID)
		return CHANNEL_KIND_E_INVALID;
	if (r == 0)
		r = schema_decode(doc, &channel_kind_table, a, d, k);
	if (r < 0)
		return r;
	if (r == SCHEMA_E_INVALID)
		return CHANNEL_KIND_E_INVALID;
	k->base.file = doc->file;
	k->bytes = arena_memdup0(a, bytes, len);
	k->len = len;
	k->base.request = &k->ways[CHANNEL_NEW]->request;
	if (strcmp(k->base.name, name) != 0) {
		diag_error(d, yaml_get(doc->root, "channel")->pos, "channel", NULL, TEXT_PLATFORM_NAME, name,
			   k->base.name);
		return CHANNEL_KIND_E_INVALID;
	}
	add_own_params(k, a);
	if (!check(k, d))
		return CHANNEL_KIND_E_INVALID;
	*ret = k;
	return 0;
}

void channel_kind_source(const struct channel_kind *k, struct arena *a, struct map_source *ret)
{
	const struct platform_programs *programs = &k->body->programs;
	struct map_program *v = ARENA_ARRAY(a, struct map_program, programs->n);
	size_t i;

	for (i = 0; i < programs->n; i++)
		v[i] = (struct map_program){.name = programs->v[i].name,
					    .text = programs->v[i].text,
					    .file = programs->v[i].pos.file,
					    .line = programs->v[i].pos.line,
					    .column = programs->v[i].pos.column};
	*ret = (struct map_source){.name = arena_printf(a, CHANNEL_MAP_PREFIX "%s", k->base.name),
				   .programs = v,
				   .n_programs = programs->n};
}
