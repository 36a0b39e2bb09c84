/* What strangers send to /in/NAME. Who they are shows in what they send, which the op judges: so they need no token, and may call us
 * by whatever name their platform knows us by. */
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <netinet/in.h>
#include <string.h>

#include "base/diag.h"
#include "serve/inside.h"
#include "serve/query.h"

static const char ROUTE[] = "/in/";
enum { ROUTE_LEN = sizeof(ROUTE) - 1 };

/* As it came, as all paths (FAULTS A5). */
bool webhook_is(const char *path, size_t len)
{
	return len > ROUTE_LEN && memcmp(path, ROUTE, ROUTE_LEN) == 0;
}

struct request {
	struct evhttp_request *req;
	struct evkeyvalq query;
};

static const char *header_of(const void *request, const char *name)
{
	const struct request *rq = request;

	return gate_only_header(rq->req, name);
}

static const char *query_of(const void *request, const char *name)
{
	const struct request *rq = request;
	const struct evkeyval *v;
	const char *found = NULL;
	size_t n = 0;

	TAILQ_FOREACH(v, &rq->query, next)
	{
		if (strcmp(v->key, name) != 0)
			continue;
		found = v->value;
		n++;
	}
	return n == 1 ? found : NULL;
}

static void hand_over(struct conn *c, struct evhttp_request *req, const char *name, const char *query, struct reply *r)
{
	struct serve *s = c->serve;
	struct evbuffer *body = evhttp_request_get_input_buffer(req);
	struct request rq = {.req = req};
	char peer[INET6_ADDRSTRLEN];
	struct serve_hook hook = {.source = name,
				  .post = evhttp_request_get_command(req) == EVHTTP_REQ_POST,
				  .len = evbuffer_get_length(body),
				  .from = gate_peer(c, peer, sizeof(peer)),
				  .header = header_of,
				  .query = query_of,
				  .request = &rq};

	TAILQ_INIT(&rq.query);
	hook.body = hook.len ? (const char *)evbuffer_pullup(body, -1) : "";
	if (query && evhttp_parse_query_str(query, &rq.query) != 0)
		reply_error(r, 400, "query", text_raw(s->config.lang, TEXT_SERVE_PATH));
	else
		s->ops.hook(s->arg, &hook, r);
	evhttp_clear_headers(&rq.query);
}

void webhook_request(struct conn *c, struct evhttp_request *req, const char *path, size_t len, struct reply *r)
{
	cleanup(freep) char *name = xstrndup(path + ROUTE_LEN, len - ROUTE_LEN);
	enum evhttp_cmd_type method = evhttp_request_get_command(req);
	struct serve *s = c->serve;

	r->route = ROUTE;
	if (!s->ops.hook || !name_is_valid(name)) {
		reply_error(r, 404, "path", text_raw(s->config.lang, TEXT_SERVE_PATH));
	} else if (method != EVHTTP_REQ_POST && method != EVHTTP_REQ_GET) {
		cleanup(freep) char *message = TEXT(s->config.lang, TEXT_SERVE_METHOD, "POST");

		(void)evhttp_add_header(evhttp_request_get_output_headers(req), "Allow", "GET, POST");
		reply_error(r, 405, "method", message);
	} else {
		hand_over(c, req, name, path[len] == '?' ? path + len + 1 : NULL, r);
	}
}
