/* Who follows a link of a message, to /a/LINK. The link itself says who they are and what they may do, so they need no token. To look is to do
 * nothing: previews of mails and chats follow links too (FAULTS A7). Nothing of the link may leave by a Referer, a cache or a frame. */
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "serve/inside.h"

enum { ROUTE_LEN = sizeof(SERVE_ANSWER_ROUTE) - 1 };

bool link_is(const char *path, size_t len)
{
	return len > ROUTE_LEN && memcmp(path, SERVE_ANSWER_ROUTE, ROUTE_LEN) == 0;
}

static bool is_link(const char *text, size_t len)
{
	return len <= SERVE_LINK_MAX_BYTES &&
	       strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") >= len;
}

static void put_headers(struct evhttp_request *req)
{
	static const char *const headers[][2] = {
		{"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
					    "frame-ancestors 'none'; base-uri 'none'"},
		{"Referrer-Policy", "no-referrer"},
		{"Cache-Control", "no-store"},
		{"X-Content-Type-Options", "nosniff"},
		{"X-Robots-Tag", "noindex, nofollow"},
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(headers); i++)
		(void)evhttp_add_header(evhttp_request_get_output_headers(req), headers[i][0], headers[i][1]);
}

static bool is_form(struct evhttp_request *req)
{
	static const char form[] = "application/x-www-form-urlencoded";
	const char *type = gate_only_header(req, "Content-Type");
	size_t n = sizeof(form) - 1;

	return type && strncasecmp(type, form, n) == 0 && (type[n] == '\0' || type[n] == ';' || type[n] == ' ');
}

/* NULL: not said, empty, or not text. */
static const char *field(const struct evkeyvalq *form, const char *name)
{
	const char *value = evhttp_find_header(form, name);

	return value && *value && utf8_valid(value, strlen(value)) ? value : NULL;
}

static void press(struct serve *s, struct evhttp_request *req, struct serve_answer *ask, struct reply *r)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(req);
	cleanup(freep) char *text = xstrndup(evbuffer_get_length(body) ? (const char *)evbuffer_pullup(body, -1) : "",
					     evbuffer_get_length(body));
	struct evkeyvalq form;

	TAILQ_INIT(&form);
	if (*text && evhttp_parse_query_str(text, &form) != 0) {
		reply_error(r, 400, "form", text_raw(s->config.lang, TEXT_SERVE_PATH));
	} else {
		ask->post = true;
		ask->note = field(&form, "note");
		ask->to = field(&form, "to");
		s->ops.answer(s->arg, ask, r);
	}
	evhttp_clear_headers(&form);
}

void link_request(struct conn *c, struct evhttp_request *req, const char *path, size_t len, struct reply *r)
{
	cleanup(freep) char *link = xstrndup(path + ROUTE_LEN, len - ROUTE_LEN);
	enum evhttp_cmd_type method = evhttp_request_get_command(req);
	struct serve_answer ask = {.link = link};
	struct serve *s = c->serve;

	r->route = SERVE_ANSWER_ROUTE;
	put_headers(req);
	if (!s->ops.answer || !is_link(link, len - ROUTE_LEN)) {
		reply_error(r, 404, "path", text_raw(s->config.lang, TEXT_SERVE_PATH));
	} else if (method != EVHTTP_REQ_POST && method != EVHTTP_REQ_GET) {
		cleanup(freep) char *message = TEXT(s->config.lang, TEXT_SERVE_METHOD, "POST");

		(void)evhttp_add_header(evhttp_request_get_output_headers(req), "Allow", "GET, POST");
		reply_error(r, 405, "method", message);
	} else if (evbuffer_get_length(evhttp_request_get_input_buffer(req)) > SERVE_FORM_MAX_BYTES) {
		reply_error(r, 413, "large", text_raw(s->config.lang, TEXT_SERVE_LARGE));
	} else if (method == EVHTTP_REQ_POST && !is_form(req)) {
		reply_error(r, 415, "content_type", text_raw(s->config.lang, TEXT_SERVE_CONTENT_TYPE));
	} else if (method == EVHTTP_REQ_POST) {
		press(s, req, &ask, r);
	} else {
		s->ops.answer(s->arg, &ask, r);
	}
}
