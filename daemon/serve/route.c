#include "serve/inside.h"

#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/units.h"
#include "serve/body.h"
#include "serve/query.h"

struct request {
	struct query query;
	const char *body; /* of a POST; lives as long as the evhttp_request */
	size_t body_len;
	const char *id; /* of a path that ends in one */
	enum http_role role; /* of who asks */
	struct diag *diag;
};

/* Who may ask. */
enum { ANYBODY = -1, READ = HTTP_READ, ACK = HTTP_ACK, ADMIN = HTTP_ADMIN };

/* Each answers r, or hands it to an op. QUERY_E_INVALID: not yet, since the request is wrong. */
static int on_health(struct serve *s, const struct request *rq, struct reply *r)
{
	static const char alive[] = "{\"alive\":true}";

	(void)s;
	(void)rq;
	reply_json(r, 200, alive, sizeof(alive) - 1);
	return 0;
}

static int on_ready(struct serve *s, const struct request *rq, struct reply *r)
{
	(void)rq;
	s->ops.ready(s->arg, r);
	return 0;
}

static int on_metrics(struct serve *s, const struct request *rq, struct reply *r)
{
	(void)rq;
	s->ops.metrics(s->arg, r);
	return 0;
}

static int on_status(struct serve *s, const struct request *rq, struct reply *r)
{
	(void)rq;
	s->ops.status(s->arg, r);
	return 0;
}

static int on_sources(struct serve *s, const struct request *rq, struct reply *r)
{
	struct serve_page page = {.limit = SERVE_LIMIT_MAX};

	if (query_number(&rq->query, "limit", SERVE_LIMIT_MAX, rq->diag, &page.limit) ||
	    query_name(&rq->query, "state", rq->diag, &page.state))
		return QUERY_E_INVALID;
	page.after = query_text(&rq->query, "after");
	page.name = query_text(&rq->query, "name");
	s->ops.sources(s->arg, &page, r);
	return 0;
}

static int on_coverage(struct serve *s, const struct request *rq, struct reply *r)
{
	const char *since = query_text(&rq->query, "since");
	struct serve_coverage coverage = {.back_ms = TIME_NONE, .limit = SERVE_LIMIT_MAX};
	bool given;

	if (query_number(&rq->query, "limit", SERVE_LIMIT_MAX, rq->diag, &coverage.limit) ||
	    query_cursor(&rq->query, "after", rq->diag, &given, &coverage.after))
		return QUERY_E_INVALID;
	if (since && units_duration(since, &coverage.back_ms) != 0) {
		diag_error(rq->diag, (struct diag_pos){0}, "since", NULL, TEXT_SERVE_EXPECTS_DURATION);
		return QUERY_E_INVALID;
	}
	coverage.source = query_text(&rq->query, "source");
	s->ops.coverage(s->arg, &coverage, r);
	return 0;
}

static int on_topics(struct serve *s, const struct request *rq, struct reply *r)
{
	(void)rq;
	s->ops.topics(s->arg, r);
	return 0;
}

static int on_incidents(struct serve *s, const struct request *rq, struct reply *r)
{
	size_t limit = SERVE_LIMIT_DEFAULT;
	bool open = false;

	if (query_number(&rq->query, "limit", SERVE_LIMIT_MAX, rq->diag, &limit) ||
	    query_flag(&rq->query, "open", rq->diag, &open))
		return QUERY_E_INVALID;
	s->ops.incidents(s->arg, open, limit, r);
	return 0;
}

static int incident_number(const struct request *rq, uint64_t *ret)
{
	if (strlen(rq->id) > 18 || strspn(rq->id, "0123456789") != strlen(rq->id)) {
		diag_error(rq->diag, (struct diag_pos){0}, NULL, NULL, TEXT_SERVE_EXPECTS_INCIDENT);
		return QUERY_E_INVALID;
	}
	*ret = strtoull(rq->id, NULL, 10);
	return 0;
}

static int on_incident(struct serve *s, const struct request *rq, struct reply *r)
{
	uint64_t id;

	if (incident_number(rq, &id))
		return QUERY_E_INVALID;
	s->ops.incident(s->arg, id, r);
	return 0;
}

static int on_dossier(struct serve *s, const struct request *rq, struct reply *r)
{
	uint64_t id;

	if (incident_number(rq, &id))
		return QUERY_E_INVALID;
	s->ops.dossier(s->arg, id, r);
	return 0;
}

static int on_incident_do(struct serve *s, const struct request *rq, struct reply *r)
{
	struct serve_incident ask;
	struct body body;

	if (body_incident(rq->body, rq->body_len, rq->diag, &body, &ask))
		return QUERY_E_INVALID;
	s->ops.incident_do(s->arg, &ask, r);
	body_done(&body);
	return 0;
}

static int on_mute(struct serve *s, const struct request *rq, struct reply *r)
{
	struct serve_mute ask;
	struct body body;

	if (body_mute(rq->body, rq->body_len, rq->diag, &body, &ask))
		return QUERY_E_INVALID;
	s->ops.mute(s->arg, &ask, r);
	body_done(&body);
	return 0;
}

static int on_pair(struct serve *s, const struct request *rq, struct reply *r)
{
	struct serve_pair ask;
	struct body body;

	if (body_pair(rq->body, rq->body_len, rq->diag, &body, &ask))
		return QUERY_E_INVALID;
	s->ops.pair(s->arg, &ask, r);
	body_done(&body);
	return 0;
}

static int on_poll(struct serve *s, const struct request *rq, struct reply *r)
{
	struct body body;
	const char *name;

	if (body_poll(rq->body, rq->body_len, rq->diag, &body, &name))
		return QUERY_E_INVALID;
	s->ops.poll(s->arg, name, r);
	body_done(&body);
	return 0;
}

static int on_reload(struct serve *s, const struct request *rq, struct reply *r)
{
	if (body_empty(rq->body, rq->body_len, rq->diag))
		return QUERY_E_INVALID;
	s->ops.reload(s->arg, r);
	return 0;
}

static int on_hits(struct serve *s, const struct request *rq, struct reply *r)
{
	struct serve_hits hits = {.limit = SERVE_LIMIT_DEFAULT};

	if (query_number(&rq->query, "limit", SERVE_LIMIT_MAX, rq->diag, &hits.limit) ||
	    query_cursor(&rq->query, "after", rq->diag, &hits.has_after, &hits.after) ||
	    query_name(&rq->query, "topic", rq->diag, &hits.topic) ||
	    query_flag(&rq->query, "follow", rq->diag, &hits.follow))
		return QUERY_E_INVALID;
	if (hits.follow && s->n_followers >= SERVE_FOLLOWERS_MAX) {
		reply_error(r, 503, "busy", text_raw(s->config.lang, TEXT_SERVE_BUSY));
		return 0;
	}
	if (hits.follow)
		r->follower = follower_new(s, &hits);
	s->ops.hits(s->arg, &hits, r);
	return 0;
}

static int on_search(struct serve *s, const struct request *rq, struct reply *r)
{
	const char *text = query_text(&rq->query, "q");
	size_t limit = SERVE_LIMIT_DEFAULT;

	if (query_number(&rq->query, "limit", SERVE_LIMIT_MAX, rq->diag, &limit))
		return QUERY_E_INVALID;
	if (!text || !*text) {
		diag_error(rq->diag, (struct diag_pos){0}, "q", NULL, TEXT_SERVE_EXPECTS_TEXT);
		return QUERY_E_INVALID;
	}
	s->ops.search(s->arg, text, limit, r);
	return 0;
}

static int on_mention(struct serve *s, const struct request *rq, struct reply *r)
{
	if (strlen(rq->id) != 32 || strspn(rq->id, "0123456789abcdef") != 32) {
		diag_error(rq->diag, (struct diag_pos){0}, NULL, NULL, TEXT_SERVE_EXPECTS_ID);
		return QUERY_E_INVALID;
	}
	s->ops.mention(s->arg, rq->id, r);
	return 0;
}

static int on_add(struct serve *s, const struct request *rq, struct reply *r)
{
	struct serve_add add;
	struct body body;

	if (body_add(rq->body, rq->body_len, rq->diag, &body, &add))
		return QUERY_E_INVALID;
	s->ops.add(s->arg, &add, r);
	body_done(&body);
	return 0;
}

static int on_outbox(struct serve *s, const struct request *rq, struct reply *r)
{
	struct stream_id after = {.ms = 0};
	size_t limit = SERVE_LIMIT_DEFAULT;
	enum outbox_stream which;
	bool given;

	if (query_number(&rq->query, "limit", SERVE_LIMIT_MAX, rq->diag, &limit) ||
	    query_cursor(&rq->query, "after", rq->diag, &given, &after) ||
	    query_outbox(&rq->query, "stream", rq->diag, &which))
		return QUERY_E_INVALID;
	s->ops.outbox(s->arg, which, after, limit, r);
	return 0;
}

static int on_requeue(struct serve *s, const struct request *rq, struct reply *r)
{
	enum outbox_stream which;
	int64_t back_ms;

	if (body_requeue(rq->body, rq->body_len, rq->diag, &which, &back_ms))
		return QUERY_E_INVALID;
	s->ops.requeue(s->arg, which, back_ms, r);
	return 0;
}

static int on_drop(struct serve *s, const struct request *rq, struct reply *r)
{
	cleanup(freep) struct stream_id *ids = NULL;
	enum outbox_stream which;
	size_t n;

	if (body_ids(rq->body, rq->body_len, rq->diag, &which, &ids, &n))
		return QUERY_E_INVALID;
	s->ops.drop(s->arg, which, ids, n, r);
	return 0;
}

static int on_test_channel(struct serve *s, const struct request *rq, struct reply *r)
{
	const char *channel, *person;
	struct body body;

	if (body_test_channel(rq->body, rq->body_len, rq->diag, &body, &channel, &person))
		return QUERY_E_INVALID;
	s->ops.test_channel(s->arg, channel, person, r);
	body_done(&body);
	return 0;
}

static int on_canary(struct serve *s, const struct request *rq, struct reply *r)
{
	int64_t ms;

	if (body_canary(rq->body, rq->body_len, rq->diag, &ms))
		return QUERY_E_INVALID;
	s->ops.canary(s->arg, ms, r);
	return 0;
}

static int ledger_of(const struct request *rq, bool topic, struct serve_ledger *ret)
{
	const char *since = query_text(&rq->query, "since");

	*ret = (struct serve_ledger){.back_ms = TIME_NONE, .limit = SERVE_LIMIT_DEFAULT};
	if (query_number(&rq->query, "limit", SERVE_LIMIT_MAX, rq->diag, &ret->limit) ||
	    (topic && query_name(&rq->query, "topic", rq->diag, &ret->topic)))
		return QUERY_E_INVALID;
	if (since && units_duration(since, &ret->back_ms) != 0) {
		diag_error(rq->diag, (struct diag_pos){0}, "since", NULL, TEXT_SERVE_EXPECTS_DURATION);
		return QUERY_E_INVALID;
	}
	return 0;
}

static int on_digest(struct serve *s, const struct request *rq, struct reply *r)
{
	const char *since = query_text(&rq->query, "since"), *of = NULL;
	int64_t back_ms = TIME_NONE;

	if (query_name(&rq->query, "of", rq->diag, &of))
		return QUERY_E_INVALID;
	if (!of) {
		diag_error(rq->diag, (struct diag_pos){0}, "of", NULL, TEXT_SERVE_DIGEST_OF);
		return QUERY_E_INVALID;
	}
	if (since && (units_duration(since, &back_ms) != 0 || back_ms <= 0 || back_ms > SERVE_DIGEST_MAX_MS)) {
		diag_error(rq->diag, (struct diag_pos){0}, "since", NULL, TEXT_SERVE_EXPECTS_DURATION);
		return QUERY_E_INVALID;
	}
	s->ops.digest(s->arg, of, back_ms, r);
	return 0;
}

static int on_stories(struct serve *s, const struct request *rq, struct reply *r)
{
	struct serve_ledger ledger;

	if (ledger_of(rq, false, &ledger))
		return QUERY_E_INVALID;
	s->ops.stories(s->arg, &ledger, r);
	return 0;
}

static int on_authors(struct serve *s, const struct request *rq, struct reply *r)
{
	struct serve_ledger ledger;

	if (ledger_of(rq, true, &ledger))
		return QUERY_E_INVALID;
	s->ops.authors(s->arg, &ledger, r);
	return 0;
}

static int on_forget(struct serve *s, const struct request *rq, struct reply *r)
{
	enum serve_forget what;
	struct body body;
	const char *who;

	if (body_forget(rq->body, rq->body_len, rq->diag, &body, &who, &what))
		return QUERY_E_INVALID;
	s->ops.forget(s->arg, who, what, r);
	body_done(&body);
	return 0;
}

static int on_tone(struct serve *s, const struct request *rq, struct reply *r)
{
	const char *id, *label;
	struct body body;

	if (body_tone(rq->body, rq->body_len, rq->diag, &body, &id, &label))
		return QUERY_E_INVALID;
	s->ops.tone(s->arg, id, label, r);
	body_done(&body);
	return 0;
}

static int on_tones(struct serve *s, const struct request *rq, struct reply *r)
{
	const char *after = query_text(&rq->query, "after");
	size_t limit = SERVE_LIMIT_MAX;

	if (query_number(&rq->query, "limit", SERVE_LIMIT_MAX, rq->diag, &limit))
		return QUERY_E_INVALID;
	if (after && (strlen(after) != 32 || strspn(after, "0123456789abcdef") != 32)) {
		diag_error(rq->diag, (struct diag_pos){0}, "after", NULL, TEXT_SERVE_EXPECTS_ID);
		return QUERY_E_INVALID;
	}
	s->ops.tones(s->arg, after, limit, r);
	return 0;
}

static void refuse_role(struct serve *s, int wanted, struct reply *r);

/* "7d" back from now, or milliseconds since 1970, so that all pages of one export have the same bounds. */
static int time_of(const struct request *rq, const char *name, int64_t *ret)
{
	const char *s = query_text(&rq->query, name);
	int64_t back_ms;

	if (!s)
		return 0;
	if (*s && strlen(s) <= SERVE_MS_DIGITS && s[strspn(s, "0123456789")] == '\0') {
		*ret = strtoll(s, NULL, 10);
		return 0;
	}
	if (units_duration(s, &back_ms) != 0) {
		diag_error(rq->diag, (struct diag_pos){0}, name, NULL, TEXT_SERVE_EXPECTS_TIME);
		return QUERY_E_INVALID;
	}
	*ret = clock_wall_ms() - back_ms;
	return 0;
}

static int on_export(struct serve *s, const struct request *rq, struct reply *r)
{
	struct serve_export e = {.since_ms = TIME_NONE, .until_ms = TIME_NONE, .limit = SERVE_LIMIT_MAX};
	bool given, names = false;

	if (query_number(&rq->query, "limit", SERVE_LIMIT_MAX, rq->diag, &e.limit) ||
	    query_cursor(&rq->query, "after", rq->diag, &given, &e.after) ||
	    query_name(&rq->query, "topic", rq->diag, &e.topic) || query_name(&rq->query, "rule", rq->diag, &e.rule) ||
	    query_flag(&rq->query, "all", rq->diag, &e.all) || query_flag(&rq->query, "names", rq->diag, &names) ||
	    time_of(rq, "since", &e.since_ms) || time_of(rq, "until", &e.until_ms))
		return QUERY_E_INVALID;
	e.sentiment = query_text(&rq->query, "sentiment");
	if (e.sentiment && strcmp(e.sentiment, "negative") != 0 && strcmp(e.sentiment, "neutral") != 0 &&
	    strcmp(e.sentiment, "positive") != 0) {
		diag_error(rq->diag, (struct diag_pos){0}, "sentiment", NULL, TEXT_SERVE_EXPECTS_LABEL);
		return QUERY_E_INVALID;
	}
	e.names = !query_text(&rq->query, "names") ? SERVE_NAMES_DEFAULT : names ? SERVE_NAMES_KEPT : SERVE_NAMES_HIDDEN;
	if (names && rq->role < HTTP_ADMIN)
		refuse_role(s, HTTP_ADMIN, r);
	else
		s->ops.export(s->arg, &e, r);
	return 0;
}

/* One path stands once for each method that it understands. */
static const struct route {
	const char *path;
	bool id; /* what stands behind the path, without "/", is an id */
	enum evhttp_cmd_type method;
	int role;
	int (*handle)(struct serve *s, const struct request *rq, struct reply *r);
	const char *parameters[QUERY_PARAMETERS_MAX];
} routes[] = {
	{"/healthz", false, EVHTTP_REQ_GET, ANYBODY, on_health, {NULL}},
	{"/readyz", false, EVHTTP_REQ_GET, ANYBODY, on_ready, {NULL}},
	{"/metrics", false, EVHTTP_REQ_GET, READ, on_metrics, {NULL}},
	{"/v1/status", false, EVHTTP_REQ_GET, READ, on_status, {NULL}},
	{"/v1/sources", false, EVHTTP_REQ_GET, READ, on_sources, {"limit", "after", "state", "name"}},
	{"/v1/coverage", false, EVHTTP_REQ_GET, READ, on_coverage, {"since", "source", "after", "limit"}},
	{"/v1/topics", false, EVHTTP_REQ_GET, READ, on_topics, {NULL}},
	{"/v1/incidents", false, EVHTTP_REQ_GET, READ, on_incidents, {"open", "limit"}},
	{"/v1/incidents", false, EVHTTP_REQ_POST, ACK, on_incident_do, {NULL}},
	{"/v1/incidents/", true, EVHTTP_REQ_GET, READ, on_incident, {NULL}},
	{"/v1/dossiers/", true, EVHTTP_REQ_GET, READ, on_dossier, {NULL}},
	{"/v1/mutes", false, EVHTTP_REQ_POST, ACK, on_mute, {NULL}},
	{"/v1/pairs", false, EVHTTP_REQ_POST, ADMIN, on_pair, {NULL}},
	{"/v1/sources/poll", false, EVHTTP_REQ_POST, ADMIN, on_poll, {NULL}},
	{"/v1/reload", false, EVHTTP_REQ_POST, ADMIN, on_reload, {NULL}},
	{"/v1/hits", false, EVHTTP_REQ_GET, READ, on_hits, {"limit", "after", "topic", "follow"}},
	{"/v1/search", false, EVHTTP_REQ_GET, READ, on_search, {"q", "limit"}},
	/* clang-format off */
	{"/v1/export", false, EVHTTP_REQ_GET, READ, on_export, {"topic", "rule", "sentiment", "since", "until", "all", "names", "after", "limit"}},
	/* clang-format on */
	{"/v1/digest", false, EVHTTP_REQ_GET, READ, on_digest, {"of", "since"}},
	{"/v1/stories", false, EVHTTP_REQ_GET, READ, on_stories, {"since", "limit"}},
	{"/v1/authors", false, EVHTTP_REQ_GET, READ, on_authors, {"since", "topic", "limit"}},
	{"/v1/forget", false, EVHTTP_REQ_POST, ADMIN, on_forget, {NULL}},
	{"/v1/tone", false, EVHTTP_REQ_POST, ACK, on_tone, {NULL}},
	{"/v1/tones", false, EVHTTP_REQ_GET, READ, on_tones, {"after", "limit"}},
	{"/v1/outbox", false, EVHTTP_REQ_GET, READ, on_outbox, {"limit", "after", "stream"}},
	{"/v1/outbox/requeue", false, EVHTTP_REQ_POST, ADMIN, on_requeue, {NULL}},
	{"/v1/outbox/drop", false, EVHTTP_REQ_POST, ADMIN, on_drop, {NULL}},
	{"/v1/channels/test", false, EVHTTP_REQ_POST, ADMIN, on_test_channel, {NULL}},
	{"/v1/canary", false, EVHTTP_REQ_POST, ADMIN, on_canary, {NULL}},
	{"/v1/mentions", false, EVHTTP_REQ_POST, ACK, on_add, {NULL}},
	{"/v1/mentions/", true, EVHTTP_REQ_GET, READ, on_mention, {NULL}},
};

/* The path is compared as it came: "%2e", "//evil", "/../" and whole addresses are other paths (FAULTS A5). */
static bool is_for(const struct route *route, const char *path, size_t len)
{
	size_t n = strlen(route->path);

	if (len < n || memcmp(route->path, path, n) != 0)
		return false;
	return route->id ? len > n && !memchr(path + n, '/', len - n) : len == n;
}

static const struct route *find(const char *path, size_t len, enum evhttp_cmd_type method, const char **ret_allowed)
{
	size_t i;

	*ret_allowed = NULL;
	for (i = 0; i < ARRAY_LEN(routes); i++) {
		if (!is_for(&routes[i], path, len))
			continue;
		if (routes[i].method == method)
			return &routes[i];
		*ret_allowed = routes[i].method == EVHTTP_REQ_GET ? "GET" : "POST";
	}
	return NULL;
}

/* evhttp takes the first of two Content-Lengths, and ignores one beside Transfer-Encoding: what another reader of the
 * same bytes could see otherwise is refused (FAULTS A4). So is a body where none has a meaning. */
static bool lengths_are_plain(struct evhttp_request *req)
{
	const struct evkeyvalq *headers = evhttp_request_get_input_headers(req);
	const struct evkeyval *h;
	size_t n = 0;
	bool body = false;

	TAILQ_FOREACH(h, headers, next)
	{
		if (strcasecmp(h->key, "Content-Length") == 0) {
			n++;
			body = body || strcmp(h->value, "0") != 0;
		} else if (strcasecmp(h->key, "Transfer-Encoding") == 0) {
			n++;
			body = true;
		}
	}
	return n <= 1 && (!body || evhttp_request_get_command(req) == EVHTTP_REQ_POST);
}

static bool is_json(struct evhttp_request *req)
{
	static const char json[] = "application/json";
	const char *type = evhttp_find_header(evhttp_request_get_input_headers(req), "Content-Type");
	size_t n = sizeof(json) - 1;

	return type && strncasecmp(type, json, n) == 0 && (type[n] == '\0' || type[n] == ';' || type[n] == ' ');
}

static size_t waiting_of_all(const struct serve *s)
{
	const struct conn *c;
	size_t n = 0;

	LIST_FOREACH(c, &s->conns, link)
	n += conn_waiting(c);
	return n;
}

static void handle(struct serve *s, struct evhttp_request *req, const struct route *route, const char *path, size_t len,
		   enum http_role role, struct reply *r)
{
	cleanup(diag_freep) struct diag *diag = diag_new();
	cleanup(freep) char *id = NULL;
	struct evbuffer *body = evhttp_request_get_input_buffer(req);
	struct request rq = {.diag = diag, .role = role};

	if (query_parse(path[len] == '?' ? path + len + 1 : NULL, route->parameters, diag, &rq.query)) {
		reply_invalid(r, diag);
		return;
	}
	rq.body_len = evbuffer_get_length(body);
	rq.body = rq.body_len ? (const char *)evbuffer_pullup(body, -1) : "";
	if (route->id)
		rq.id = id = xstrndup(path + strlen(route->path), len - strlen(route->path));
	if (route->handle(s, &rq, r) != 0)
		reply_invalid(r, diag);
	query_done(&rq.query);
}

/* Nothing is there, or nothing that understands this method. */
static void refuse(struct serve *s, struct evhttp_request *req, const char *allowed, struct reply *r)
{
	if (allowed) {
		cleanup(freep) char *message = TEXT(s->config.lang, TEXT_SERVE_METHOD, allowed);

		(void)evhttp_add_header(evhttp_request_get_output_headers(req), "Allow", allowed);
		reply_error(r, 405, "method", message);
	} else {
		reply_error(r, 404, "path", text_raw(s->config.lang, TEXT_SERVE_PATH));
	}
}

static void refuse_role(struct serve *s, int wanted, struct reply *r)
{
	cleanup(freep) char *message = TEXT(s->config.lang, TEXT_HTTP_ROLE, http_role_name((enum http_role)wanted));

	reply_error(r, 403, "role", message);
}

/* Strangers learn of nothing but that they are strangers. */
static void admit(struct serve *s, struct conn *c, struct evhttp_request *req, struct reply *r)
{
	const char *path = evhttp_request_get_uri(req), *allowed;
	size_t len = strcspn(path, "?");
	const struct route *route = find(path, len, evhttp_request_get_command(req), &allowed);
	enum http_role role = HTTP_ADMIN;

	if (webhook_is(path, len)) {
		webhook_request(c, req, path, len, r);
		return;
	}
	if (!gate_host(c, req, r))
		return;
	if (link_is(path, len)) {
		link_request(c, req, path, len, r);
		return;
	}
	if ((!route || route->role != ANYBODY) && !gate_role(c, req, r, &role))
		return;
	if (!route) {
		refuse(s, req, allowed, r);
		return;
	}
	r->route = route->path;
	if (evbuffer_get_length(evhttp_request_get_input_buffer(req)) > SERVE_BODY_MAX_BYTES)
		reply_error(r, 413, "large", text_raw(s->config.lang, TEXT_SERVE_LARGE));
	else if (route->role > (int)role)
		refuse_role(s, route->role, r);
	else if (route->method == EVHTTP_REQ_POST && !is_json(req)) /* what a foreign page can't send unasked (A6) */
		reply_error(r, 415, "content_type", text_raw(s->config.lang, TEXT_SERVE_CONTENT_TYPE));
	else if (waiting_of_all(s) > SERVE_WAITING_MAX_BYTES)
		reply_error(r, 503, "busy", text_raw(s->config.lang, TEXT_SERVE_BUSY));
	else
		handle(s, req, route, path, len, role, r);
}

void route_request(struct evhttp_request *req, void *serve)
{
	struct serve *s = serve;
	struct conn *c = conn_of(s, req);
	struct reply *r;

	if (!c) { /* memory was out when it was accepted: without deadlines no service */
		evhttp_send_error(req, 503, NULL);
		return;
	}
	r = reply_new(s, c, req);
	if (!lengths_are_plain(req)) {
		(void)evhttp_add_header(evhttp_request_get_output_headers(req), "Connection", "close");
		reply_error(r, 400, "lengths", text_raw(s->config.lang, TEXT_SERVE_LENGTHS));
		return;
	}
	admit(s, c, req, r);
}
