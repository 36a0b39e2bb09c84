#include "platform/request.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "platform/params.h"
#include "platform/platform.h"

struct making {
	struct arena *arena;
	const struct template_values *values;
	struct request_header *headers;
	size_t n_headers;
	bool secret;
	const char *why; /* NULL: all is well so far */
	const struct request_place *place;
	const struct platform_lookup *lookup; /* NULL: it is none */
};

static void spoil(struct making *m, const char *what)
{
	if (!m->why)
		m->why = what;
}

/* A template's text in the arena; NULL: one of its names has nothing to stand for it, or it is wrong, and said. */
static const char *text_of(struct making *m, const struct template *t, enum template_place place, const char *what)
{
	struct buf b = BUF_INIT(REQUEST_URL_MAX_BYTES);
	int r = template_put(&b, t, m->values, place, NULL);
	const char *text = r == 0 && !b.full ? arena_memdup0(m->arena, buf_str(&b), b.len) : NULL;

	if (r == TEMPLATE_E_VALUE || b.full)
		spoil(m, what);
	buf_done(&b);
	return text;
}

static void add_header(struct making *m, const char *name, const char *value)
{
	if (!value)
		return;
	if (m->n_headers == REQUEST_HEADERS_MAX)
		spoil(m, "headers");
	else
		m->headers[m->n_headers++] = (struct request_header){name, value};
}

static void add_headers(struct making *m, const struct platform_pairs *pairs)
{
	size_t i;

	for (i = 0; i < pairs->n; i++)
		add_header(m, pairs->v[i].name, text_of(m, &pairs->v[i].value, TEMPLATE_HEADER, pairs->v[i].name));
}

/* NAME=VALUE&…; a pair whose value has nothing to stand for it is left out. */
static void add_pair(struct buf *b, const char *name, const char *encoded)
{
	char last = b->len ? buf_str(b)[b->len - 1] : '\0';

	if (last && last != '?' && last != '&')
		buf_putc(b, '&');
	template_put_query(b, name);
	buf_putc(b, '=');
	buf_puts(b, encoded);
}

/* A pair that is {@ids} alone, once an id. */
static void add_each(struct making *m, struct buf *b, const struct platform_pair *pair,
		     const struct request_place *place)
{
	size_t i;

	for (i = 0; i < place->n_ids; i++) {
		const struct template_values one = {.ids = place->ids[i]}, *all = m->values;
		const char *value;

		m->values = &one;
		value = text_of(m, &pair->value, TEMPLATE_QUERY, pair->name);
		m->values = all;
		if (value)
			add_pair(b, pair->name, value);
	}
}

static bool is_each(const struct platform_pair *pair, const struct platform_lookup *by)
{
	return by && by->repeat && pair->value.n == 1 && pair->value.parts[0].what == TEMPLATE_IDS;
}

static void add_pairs(struct making *m, struct buf *b, const struct platform_pairs *pairs)
{
	size_t i;

	for (i = 0; i < pairs->n; i++) {
		const char *value;

		if (is_each(&pairs->v[i], m->lookup)) {
			add_each(m, b, &pairs->v[i], m->place);
			continue;
		}
		value = text_of(m, &pairs->v[i].value, TEMPLATE_QUERY, pairs->v[i].name);

		if (value)
			add_pair(b, pairs->v[i].name, value);
	}
}

static void begin_query(struct buf *b)
{
	if (!strchr(buf_str(b), '?'))
		buf_putc(b, '?');
}

static const char *take(struct making *m, struct buf *b, const char *what)
{
	const char *text = arena_memdup0(m->arena, buf_str(b), b->len);

	if (b->full)
		spoil(m, what);
	buf_done(b);
	return text;
}

/* --- who we are --- */

static bool gets_tokens(const struct platform_auth *a)
{
	return a->kind >= PLATFORM_AUTH_CLIENT_CREDENTIALS;
}

/* How what tells who we are is sent, given or got. */
static int sent_by(const struct platform_auth *a)
{
	return gets_tokens(a) ? a->send : a->kind;
}

static void add_auth(struct making *m, const struct platform_auth *a, const char *access, struct buf *url,
		     struct request *q)
{
	int send = sent_by(a);
	const char *value = gets_tokens(a) ? access : a->value ? text_of(m, a->value, TEMPLATE_HEADER, "auth") : NULL;

	switch (send) {
	case PLATFORM_AUTH_BEARER:
		if (value)
			add_header(m, "Authorization", arena_printf(m->arena, "Bearer %s", value));
		break;
	case PLATFORM_AUTH_HEADER:
		add_headers(m, &a->headers);
		break;
	case PLATFORM_AUTH_QUERY:
		if (value) {
			struct buf b = BUF_INIT(REQUEST_URL_MAX_BYTES);

			template_put_query(&b, value);
			begin_query(url);
			add_pair(url, a->name, buf_str(&b));
			buf_done(&b);
		}
		break;
	case PLATFORM_AUTH_BASIC:
		q->user = text_of(m, a->user, TEMPLATE_HEADER, "user");
		q->password = text_of(m, a->password, TEMPLATE_HEADER, "password");
		if (!q->user || !q->password)
			q->user = q->password = NULL;
		break;
	default:
		break;
	}
	m->secret = m->secret || value || q->user || send == PLATFORM_AUTH_HEADER;
}

/* --- the body --- */

static void put_graphql(struct buf *b, const struct platform_body *body, const struct template_values *v)
{
	struct json j = JSON_OUT(b);
	struct buf variables = BUF_INIT(REQUEST_BODY_MAX_BYTES);

	json_begin_object(&j, NULL);
	json_text(&j, "query", body->graphql);
	if (body->variables) {
		template_json_put(&variables, body->variables, v);
		json_raw(&j, "variables", buf_str(&variables));
	}
	json_end_object(&j);
	buf_done(&variables);
}

static void make_body(struct making *m, const struct template_json *json, const struct platform_pairs *form,
		      const struct platform_body *body, struct request *q)
{
	struct buf b = BUF_INIT(REQUEST_BODY_MAX_BYTES);

	if (json)
		template_json_put(&b, json, m->values);
	else if (body && body->graphql)
		put_graphql(&b, body, m->values);
	else if (form->n)
		add_pairs(m, &b, form);
	else
		return;
	add_header(m, "Content-Type", form->n && !json ? "application/x-www-form-urlencoded" : "application/json");
	q->body_len = b.len;
	q->body = take(m, &b, "body");
}

static int finish(struct making *m, struct buf *url, struct request *q, struct request *ret, const char **ret_why)
{
	q->url = take(m, url, "address");
	q->headers = m->headers;
	q->n_headers = m->n_headers;
	q->secret = m->secret;
	if (m->why) {
		*ret_why = m->why;
		return REQUEST_E_VALUE;
	}
	*ret = *q;
	return 0;
}

/* An id that could be taken for two is none. */
static const char *join_ids(struct making *m)
{
	struct buf b = BUF_INIT(REQUEST_URL_MAX_BYTES);
	size_t i;

	for (i = 0; i < m->place->n_ids; i++) {
		if (!m->lookup->repeat && strstr(m->place->ids[i], m->lookup->join))
			continue;
		if (b.len)
			buf_puts(&b, m->lookup->join);
		buf_puts(&b, m->place->ids[i]);
	}
	return b.len ? take(m, &b, "ids") : NULL;
}

int request_make(const struct params *params, const struct request_place *place, struct arena *a, struct request *ret,
		 const char **ret_why)
{
	const struct platform *p = params->platform;
	const char *values[PLATFORM_PARAMS_MAX];
	struct template_values v = {.params = values,
				    .cursor = place->cursor,
				    .page = place->page,
				    .token = place->access,
				    .since_ms = place->since_ms,
				    .until_ms = place->until_ms};
	struct making m = {.arena = a, .values = &v, .place = place, .lookup = place->ids ? p->lookup : NULL};
	const struct platform_request *as = m.lookup ? m.lookup->request : p->request;
	struct buf url = BUF_INIT(REQUEST_URL_MAX_BYTES);
	struct request q = {.post = as->method == PLATFORM_POST};

	m.headers = ARENA_ARRAY(a, struct request_header, REQUEST_HEADERS_MAX);
	if (m.lookup)
		v.ids = join_ids(&m);
	params_fill(params, values);
	if (p->auth->kind == PLATFORM_AUTH_PATH)
		v.auth = text_of(&m, p->auth->value, TEMPLATE_RAW, "auth");
	m.secret = v.auth != NULL;
	if (place->url) {
		buf_puts(&url, place->url); /* it has the query within, and perhaps the token, too */
	} else {
		if (template_put(&url, &as->url, &v, TEMPLATE_URL, NULL) != 0)
			spoil(&m, "address");
		if (as->query.n)
			begin_query(&url);
		add_pairs(&m, &url, &as->query);
	}
	add_headers(&m, &as->headers);
	if (place->url && sent_by(p->auth) == PLATFORM_AUTH_QUERY)
		m.secret = true;
	else
		add_auth(&m, p->auth, place->access, &url, &q);
	if (as->body)
		make_body(&m, as->body->json, &as->body->form, as->body, &q);
	return finish(&m, &url, &q, ret, ret_why);
}

int request_make_token(const struct platform_token_request *t, const struct template_values *v, struct arena *a,
		       struct request *ret, const char **ret_why)
{
	struct making m = {.arena = a, .values = v, .secret = true};
	struct buf url = BUF_INIT(REQUEST_URL_MAX_BYTES);
	struct request q = {.post = t->method == PLATFORM_POST};

	m.headers = ARENA_ARRAY(a, struct request_header, REQUEST_HEADERS_MAX);
	if (template_put(&url, &t->url, v, TEMPLATE_URL, NULL) != 0)
		spoil(&m, "address");
	if (t->query.n)
		begin_query(&url);
	add_pairs(&m, &url, &t->query);
	add_headers(&m, &t->headers);
	if (t->user)
		q.user = text_of(&m, t->user, TEMPLATE_HEADER, "user");
	if (t->password)
		q.password = text_of(&m, t->password, TEMPLATE_HEADER, "password");
	make_body(&m, t->json, &t->form, NULL, &q);
	return finish(&m, &url, &q, ret, ret_why);
}
