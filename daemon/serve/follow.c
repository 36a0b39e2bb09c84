#include "serve/inside.h"

#include <event2/buffer.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"

/* A hit that came while the op was still reading older ones: it may be among those. */
struct held {
	struct stream_id id;
	char *json;
	size_t len;
};

struct follower {
	LIST_ENTRY(follower) link;
	struct serve *serve;
	struct conn *conn;          /* NULL: not started */
	struct evhttp_request *req; /* with conn */
	char *topic;                /* NULL: any */
	size_t page; /* after=CURSOR: so many lines mean that there may be more in the log; 0: no matter */
	struct stream_id last;
	bool has_last, overrun;
	struct held *held;
	size_t n_held, cap_held, held_bytes;
	int64_t sent_ms;
};

struct follower *follower_new(struct serve *s, const struct serve_hits *hits)
{
	struct follower *f = NEW(struct follower);

	f->serve = s;
	f->topic = hits->topic ? xstrdup(hits->topic) : NULL;
	f->page = hits->has_after ? hits->limit : 0;
	f->has_last = hits->has_after;
	f->last = hits->after;
	LIST_INSERT_HEAD(&s->followers, f, link);
	s->n_followers++;
	return f;
}

static void drop_held(struct follower *f)
{
	while (f->n_held)
		free(f->held[--f->n_held].json);
	free(f->held);
	f->held = NULL;
	f->cap_held = f->held_bytes = 0;
}

void follower_free(struct follower *f)
{
	if (!f)
		return;
	if (f->conn)
		f->conn->follower = NULL;
	LIST_REMOVE(f, link);
	f->serve->n_followers--;
	drop_held(f);
	free(f->topic);
	free(f);
}

void follower_orphan(struct follower *f)
{
	if (!evhttp_request_get_connection(f->req))
		evhttp_request_free(f->req);
	follower_free(f);
}

static void send_line(struct follower *f, struct evbuffer *line)
{
	evbuffer_add(line, "\n", 1);
	evhttp_send_reply_chunk(f->req, line);
	evbuffer_free(line);
	f->sent_ms = clock_steady_ms();
	if (conn_waiting(f->conn) > SERVE_FOLLOWER_MAX_BYTES)
		conn_cut(f->conn, "follower too slow");
}

static void send_hit(struct follower *f, struct stream_id id, const char *json, size_t len)
{
	struct evbuffer *line;

	if (f->conn->cut || (f->has_last && stream_id_cmp(id, f->last) <= 0))
		return;
	line = evbuffer_new();
	evbuffer_add_printf(line, "{\"cursor\":\"%lld-%llu\",", (long long)id.ms, (unsigned long long)id.seq);
	evbuffer_add(line, json + 1, len - 1);
	f->last = id;
	f->has_last = true;
	send_line(f, line);
}

static void send_heartbeat(struct follower *f)
{
	struct evbuffer *line = evbuffer_new();
	char now[CLOCK_RFC3339_SIZE];

	evbuffer_add_printf(line, "{\"heartbeat\":\"%s\"}", clock_rfc3339(clock_wall_ms(), 0, now));
	send_line(f, line);
}

/* The op could not give all that came before, so that going on would leave a hole: the client asks again, after the
 * last that it got. */
static void end_with_more(struct follower *f)
{
	struct evbuffer *line = evbuffer_new();
	struct evhttp_request *req = f->req;

	evbuffer_add_printf(line, "{\"more\":true}");
	send_line(f, line);
	conn_enter(f->conn, CONN_WRITING);
	follower_free(f);
	evhttp_send_reply_end(req);
}

void follower_start(struct follower *f, struct reply *r)
{
	size_t i;

	f->conn = r->conn;
	f->req = r->req;
	f->conn->follower = f;
	if (r->has_last) {
		f->last = r->last;
		f->has_last = true;
	}
	conn_enter(f->conn, CONN_FOLLOWING);
	evhttp_send_reply_start(f->req, 200, NULL);
	if (r->lines)
		evhttp_send_reply_chunk(f->req, r->lines);
	if (r->full || f->overrun || (f->page && r->n_lines >= f->page)) {
		end_with_more(f);
		return;
	}
	for (i = 0; i < f->n_held; i++)
		send_hit(f, f->held[i].id, f->held[i].json, f->held[i].len);
	drop_held(f);
	send_heartbeat(f); /* what follows is live */
}

void follower_tick(struct follower *f, int64_t now_ms)
{
	if (now_ms - f->sent_ms >= f->serve->config.heartbeat_ms)
		send_heartbeat(f);
}

static bool is_among(const char *topics, const char *topic)
{
	size_t len = strlen(topic);

	while (*topics) {
		size_t n = strcspn(topics, ",");

		if (n == len && memcmp(topics, topic, n) == 0)
			return true;
		topics += n + (topics[n] == ',');
	}
	return false;
}

static void hold(struct follower *f, struct stream_id id, const char *json, size_t len)
{
	if (f->overrun || len > SERVE_FOLLOWER_MAX_BYTES - f->held_bytes) {
		f->overrun = true;
		return;
	}
	f->held = GROW(f->held, f->n_held, &f->cap_held);
	f->held[f->n_held++] = (struct held){.id = id, .json = xstrndup(json, len), .len = len};
	f->held_bytes += len;
}

void serve_hit(struct serve *s, struct stream_id id, const char *topics, const char *json, size_t len)
{
	struct follower *f;

	if (len < 3)
		return;
	LIST_FOREACH(f, &s->followers, link)
	{
		if (f->topic && !is_among(topics, f->topic))
			continue;
		if (f->conn)
			send_hit(f, id, json, len);
		else
			hold(f, id, json, len);
	}
}

size_t serve_followers(const struct serve *s)
{
	return s->n_followers;
}
