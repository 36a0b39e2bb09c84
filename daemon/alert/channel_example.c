#include "alert/channel_example.h"

#include <jansson.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/utf8.h"
#include "mention/job.h"
#include "platform/params.h"

enum { FORM_VALUE_MAX_BYTES = REQUEST_BODY_MAX_BYTES };

/* --- what is asked --- */

/* False: the file names a parameter that the kind does not have. */
static bool give(struct params *p, const struct platform_program *with, struct arena *a)
{
	int at = platform_param_find(p->platform, with->name, strlen(with->name));

	if (at < 0)
		return false;
	if (p->platform->params[at].secret)
		p->secrets[at] = secret_make(with->text, a);
	else
		p->values[at] = with->text;
	return true;
}

static const char *text_of(const json_t *notice, const char *name, struct arena *a)
{
	return arena_strdup(a, json_string_value(json_object_get(notice, name)));
}

int channel_example_read(const struct channel_kind *k, const struct channel_fixture *f, const char *text, size_t len,
			 struct arena *a, struct channel_example *ret, const char **ret_why)
{
	cleanup(buf_done) struct buf ctx = BUF_INIT(MAP_CTX_MAX_BYTES);
	json_t *notice = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	struct params *p = params_new(&k->base, a);
	size_t i;

	if (!json_is_object(notice)) {
		json_decref(notice);
		*ret_why = "the notice is no JSON object";
		return CHANNEL_EXAMPLE_E_WRONG;
	}
	for (i = 0; i < k->base.n_params; i++)
		p->values[i] = k->base.params[i].secret ? NULL : k->base.params[i].def;
	ret->call = (struct channel_call){.to = text_of(notice, "to", a),
					  .id = text_of(notice, "earlier", a),
					  .key = text_of(notice, "key", a),
					  .matter = text_of(notice, "matter", a),
					  .now_ms = CHANNEL_EXAMPLE_MS};
	ret->call.way = channel_way_for(k, ret->call.matter != NULL, ret->call.id != NULL,
					json_is_true(json_object_get(notice, "quiet")),
					json_is_true(json_object_get(notice, "ended")));
	json_decref(notice);
	for (i = 0; i < f->with.n; i++)
		if (!give(p, &f->with.v[i], a)) {
			*ret_why = arena_printf(a, "\"with\" names \"%s\", which is no parameter", f->with.v[i].name);
			return CHANNEL_EXAMPLE_E_WRONG;
		}
	params_json(&ctx, p, NULL);
	ret->kind = k;
	ret->params = p;
	ret->ctx = arena_strdup(a, buf_str(&ctx));
	ret->document = arena_memdup0(a, text, len);
	return 0;
}

/* --- the request as JSON --- */

static void put_decoded(struct buf *b, const char *text, size_t len)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t i;

	for (i = 0; i < len; i++) {
		const char *high = text[i] == '%' && i + 2 < len ? strchr(digits, text[i + 1]) : NULL;
		const char *low = high ? strchr(digits, text[i + 2]) : NULL;

		if (low) {
			buf_putc(b, (char)((high - digits) * 16 + (low - digits)));
			i += 2;
		} else {
			buf_putc(b, text[i] == '+' ? ' ' : text[i]);
		}
	}
}

/* A form's pairs, by name. */
static json_t *form_of(const char *body)
{
	json_t *form = json_object();

	while (*body) {
		size_t len = strcspn(body, "&"), name_len = strcspn(body, "=&");
		cleanup(buf_done) struct buf name = BUF_INIT(FORM_VALUE_MAX_BYTES),
					     value = BUF_INIT(FORM_VALUE_MAX_BYTES);

		put_decoded(&name, body, name_len);
		if (name_len < len)
			put_decoded(&value, body + name_len + 1, len - name_len - 1);
		json_object_set_new(form, buf_str(&name), json_stringn(buf_str(&value), value.len));
		body += len + (body[len] == '&');
	}
	return form;
}

static json_t *json_of(const struct channel_kind *k, const struct channel_call *call, const struct request *q)
{
	json_t *all = json_object(), *headers = json_object();
	size_t i;

	json_object_set_new(all, "method", json_string(channel_method_names[k->ways[call->way]->method]));
	json_object_set_new(all, "url", json_string(q->url));
	for (i = 0; i < q->n_headers; i++)
		json_object_set_new(headers, q->headers[i].name, json_string(q->headers[i].value));
	json_object_set_new(all, "headers", headers);
	if (q->user)
		json_object_set_new(all, "user", json_string(q->user));
	if (q->password)
		json_object_set_new(all, "password", json_string(q->password));
	json_object_set_new(all, "body",
			    k->body->as == CHANNEL_FORM ? form_of(q->body)
							: json_loadb(q->body, q->body_len, JSON_DECODE_ANY, NULL));
	return all;
}

/* --- what differs --- */

static const char *shown(const json_t *v, struct arena *a)
{
	char *text = v ? json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
	size_t i, n = 0;
	const char *ret;

	for (i = 0; text && text[i] && n < CHANNEL_EXAMPLE_SHOWN_MAX; i++)
		n += ((unsigned char)text[i + 1] & 0xC0) != 0x80;
	ret = text ? arena_memdup0(a, text, i) : "-";
	free(text);
	return ret;
}

static bool differ(const json_t *want, const json_t *got, const char *at, struct arena *a,
		   struct channel_difference *ret);

static const char *inside(const char *at, const char *name, struct arena *a)
{
	return *at ? arena_printf(a, "%s.%s", at, name) : name;
}

static bool members_differ(const json_t *want, const json_t *got, const char *at, struct arena *a,
			   struct channel_difference *ret)
{
	const char *name;
	const json_t *v;

	json_object_foreach((json_t *)want, name, v)
	{
		if (differ(v, json_object_get(got, name), inside(at, name, a), a, ret))
			return true;
	}
	json_object_foreach((json_t *)got, name, v)
	{
		if (!json_object_get(want, name) && differ(NULL, v, inside(at, name, a), a, ret))
			return true;
	}
	return false;
}

static bool items_differ(const json_t *want, const json_t *got, const char *at, struct arena *a,
			 struct channel_difference *ret)
{
	size_t i;

	for (i = 0; i < json_array_size(want) || i < json_array_size(got); i++)
		if (differ(json_array_get(want, i), json_array_get(got, i), arena_printf(a, "%s[%zu]", at, i), a, ret))
			return true;
	return false;
}

/* The first place; NULL: nothing is there. */
static bool differ(const json_t *want, const json_t *got, const char *at, struct arena *a,
		   struct channel_difference *ret)
{
	if (json_is_object(want) && json_is_object(got))
		return members_differ(want, got, at, a, ret);
	if (json_is_array(want) && json_is_array(got))
		return items_differ(want, got, at, a, ret);
	if (want && got && json_equal(want, got))
		return false;
	*ret = (struct channel_difference){
		.at = arena_strdup(a, at), .expected = shown(want, a), .found = shown(got, a)};
	return true;
}

static int wrong(struct channel_difference *ret, const char *why)
{
	*ret = (struct channel_difference){.why = why};
	return CHANNEL_EXAMPLE_E_WRONG;
}

int channel_example_compare(const struct channel_example *e, const char *made, size_t made_len, const char *want,
			    size_t want_len, struct arena *a, struct channel_difference *ret)
{
	struct channel_call call = e->call;
	const char *why = "";
	struct request q;
	json_t *expected, *found;
	bool differs;

	call.made = made;
	call.made_len = made_len;
	if (channel_request_make(e->kind, e->params, &call, a, &q, &why) != 0)
		return wrong(ret, arena_printf(a, "its request can't be made: %s", why));
	expected = json_loadb(want, want_len, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(expected)) {
		json_decref(expected);
		return wrong(ret, "the request is no JSON object");
	}
	found = json_of(e->kind, &call, &q);
	differs = differ(expected, found, "", a, ret);
	json_decref(expected);
	json_decref(found);
	return differs ? CHANNEL_EXAMPLE_E_DIFFERS : 0;
}
