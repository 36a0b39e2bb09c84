#include "serve/inside.h"

#include <event2/buffer.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/json.h"

enum { ERROR_MAX_BYTES = 256 * 1024 };

static const char TYPE_JSON[] = "application/json", TYPE_LINES[] = "application/x-ndjson";

/* The connection is going down. evhttp has let go of a request that we still owe an answer to (its connection is NULL),
 * and frees all others itself. */
static void let_go(struct evhttp_request *req)
{
	if (!evhttp_request_get_connection(req))
		evhttp_request_free(req);
}

static void on_close(struct evhttp_connection *connection, void *arg)
{
	struct conn *c = arg;

	(void)connection;
	if (c->reply)
		reply_orphan(c->reply);
	if (c->follower)
		follower_orphan(c->follower);
	conn_left(c);
}

static void on_sent(struct evhttp_request *req, void *arg)
{
	(void)req;
	conn_enter(arg, CONN_READING); /* the connection stays open for the next request */
}

struct reply *reply_new(struct serve *s, struct conn *c, struct evhttp_request *req)
{
	struct reply *r = NEW(struct reply);

	r->serve = s;
	r->conn = c;
	r->req = req;
	r->route = "-";
	c->reply = r;
	conn_enter(c, CONN_ANSWERING);
	evhttp_connection_set_closecb(evhttp_request_get_connection(req), on_close, c);
	evhttp_request_set_on_complete_cb(req, on_sent, c);
	LIST_INSERT_HEAD(&s->replies, r, link);
	return r;
}

static void detach(struct reply *r)
{
	if (r->conn)
		r->conn->reply = NULL;
	r->conn = NULL;
	r->req = NULL;
	follower_free(TAKE(r->follower));
}

static void reply_done(struct reply *r)
{
	detach(r);
	if (r->serve)
		LIST_REMOVE(r, link);
	if (r->lines)
		evbuffer_free(r->lines);
	free(r);
}

void reply_orphan(struct reply *r)
{
	let_go(r->req);
	detach(r);
}

void reply_abandon(struct reply *r)
{
	detach(r); /* evhttp_free() frees the request */
	LIST_REMOVE(r, link);
	r->serve = NULL;
}

static void count(const struct reply *r, int status)
{
	if (r->serve && r->serve->ops.on_answer)
		r->serve->ops.on_answer(r->serve->arg, r->route, status);
}

static void put_headers(struct evhttp_request *req, const char *type)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(req);

	(void)evhttp_add_header(headers, "Content-Type", type);
	(void)evhttp_add_header(headers, "Cache-Control", "no-store");
	(void)evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
}

static void send_body(struct reply *r, int status, const char *type, struct evbuffer *body)
{
	if (!r->conn)
		return;
	count(r, status);
	conn_enter(r->conn, CONN_WRITING);
	put_headers(r->req, type);
	evhttp_send_reply(r->req, status, NULL, body);
}

static void send_bytes(struct reply *r, int status, const char *bytes, size_t len)
{
	struct evbuffer *body = evbuffer_new();

	evbuffer_add(body, bytes, len);
	evbuffer_add(body, "\n", 1);
	send_body(r, status, TYPE_JSON, body);
	evbuffer_free(body);
}

void reply_json(struct reply *r, int status, const char *json, size_t len)
{
	send_bytes(r, status, json, len);
	reply_done(r);
}

void reply_text(struct reply *r, int status, const char *type, const char *text, size_t len)
{
	struct evbuffer *body = evbuffer_new();

	evbuffer_add(body, text, len);
	send_body(r, status, type, body);
	evbuffer_free(body);
	reply_done(r);
}

static void send_error(struct reply *r, int status, const char *code, const char *message, const struct diag *diag)
{
	struct buf b = BUF_INIT(ERROR_MAX_BYTES), findings = BUF_INIT(ERROR_MAX_BYTES);
	struct json j = JSON_OUT(&b);

	json_begin_object(&j, NULL);
	json_text(&j, "error", code);
	json_text(&j, "message", message);
	if (diag) {
		diag_json(&findings, diag, r->serve ? r->serve->config.lang : TEXT_EN);
		json_raw(&j, "findings", findings.full ? "[]" : buf_str(&findings));
	}
	json_end_object(&j);
	send_bytes(r, status, buf_str(&b), b.len);
	buf_done(&findings);
	buf_done(&b);
}

void reply_error(struct reply *r, int status, const char *code, const char *message)
{
	send_error(r, status, code, message, NULL);
	reply_done(r);
}

void reply_invalid(struct reply *r, const struct diag *diag)
{
	struct buf b = BUF_INIT(ERROR_MAX_BYTES);

	if (diag_len(diag))
		diag_render(&b, diag_at(diag, 0), r->serve->config.lang);
	send_error(r, 400, "invalid", buf_str(&b), diag);
	buf_done(&b);
	reply_done(r);
}

void reply_findings(struct reply *r, int status, const struct diag *diag)
{
	struct buf b = BUF_INIT(REPLY_MAX_BYTES);

	buf_puts(&b, "{\"findings\":");
	diag_json(&b, diag, r->serve ? r->serve->config.lang : TEXT_EN);
	buf_puts(&b, "}");
	send_bytes(r, status, buf_str(&b), b.len);
	buf_done(&b);
	reply_done(r);
}

void reply_late(struct reply *r)
{
	send_error(r, 504, "late", text_raw(r->serve->config.lang, TEXT_SERVE_LATE), NULL);
	detach(r); /* the op still owes it, and may answer into the void */
}

static bool has_room(struct reply *r, size_t len)
{
	if (!r->conn)
		return false;
	if (!r->lines)
		r->lines = evbuffer_new();
	if (r->full || len + 1 > REPLY_MAX_BYTES - evbuffer_get_length(r->lines))
		r->full = true;
	return !r->full;
}

bool reply_line(struct reply *r, const char *json, size_t len)
{
	if (!has_room(r, len))
		return false;
	evbuffer_add(r->lines, json, len);
	evbuffer_add(r->lines, "\n", 1);
	r->n_lines++;
	return true;
}

bool reply_hit(struct reply *r, struct stream_id id, const char *json, size_t len)
{
	char *line;
	bool added;
	int n;

	if (len < 3)
		return true; /* "{}" is no hit */
	n = asprintf(&line, "{\"cursor\":\"%lld-%llu\",%.*s", (long long)id.ms, (unsigned long long)id.seq,
		     (int)len - 1, json + 1);
	if (n < 0)
		memory_out();
	added = reply_line(r, line, (size_t)n);
	if (added) {
		r->last = id;
		r->has_last = true;
	}
	free(line);
	return added;
}

void reply_end(struct reply *r)
{
	static const char more[] = "{\"more\":true}\n";
	struct follower *f;

	if (r->conn && r->follower) {
		count(r, 200);
		put_headers(r->req, TYPE_LINES);
		f = TAKE(r->follower);
		follower_start(f, r);
	} else if (r->conn) {
		if (!r->lines)
			r->lines = evbuffer_new();
		if (r->full)
			evbuffer_add(r->lines, more, sizeof(more) - 1);
		send_body(r, 200, TYPE_LINES, r->lines);
	}
	reply_done(r);
}
