#pragma once
/*
 * serve/inside: what the files of serve/ share, and nobody else sees.
 *
 *   serve.c    start and end: socket, listener, evhttp
 *   conn.c     one connection: deadlines, the cap, what evhttp lacks (FAULTS §3.4)
 *   route.c    which request is whose, and what must hold of it
 *   reply.c    one answer, owed by an op
 *   follow.c   an answer that goes on: hits as they come
 */
#include <event2/http.h>
#include <sys/queue.h>

#include "serve/serve.h"
#include "serve/unix_socket.h"

struct bufferevent;
struct evbuffer;
struct evbuffer_cb_entry;
struct evconnlistener;
struct evhttp;
struct loop_timer;

enum conn_state {
	CONN_READING, /* a request, or nothing yet: SERVE_REQUEST_MS */
	CONN_ANSWERING, /* an op owes the answer: SERVE_ANSWER_MS. evhttp doesn't read, so that a client's going is not seen */
	CONN_WRITING,   /* the answer: SERVE_WRITE_MS without progress, SERVE_ANSWER_MS in all */
	CONN_FOLLOWING, /* lines as they come: SERVE_WRITE_MS without progress */
};

struct conn {
	LIST_ENTRY(conn) link;
	struct serve *serve;
	struct bufferevent *bev; /* a reference of our own: evhttp frees its one when it likes */
	struct evbuffer_cb_entry *watch;
	enum conn_state state;
	int64_t since_ms, progress_ms; /* steady: when the state began; when bytes last left */
	struct reply *reply;           /* ANSWERING */
	struct follower *follower;     /* FOLLOWING */
	bool cut;
};

struct reply {
	LIST_ENTRY(reply) link;
	struct serve *serve;        /* NULL: gone; the op doesn't know yet */
	struct conn *conn;          /* NULL: the client is gone, or was told that it is too late */
	struct evhttp_request *req; /* with conn */
	struct evbuffer *lines;     /* NULL: none yet */
	size_t n_lines;
	bool full;
	struct stream_id last; /* of reply_hit() */
	bool has_last;
	struct follower *follower; /* follow=1: what comes in while the op is at work waits there */
};

struct serve {
	LIST_ENTRY(serve) link;
	struct loop *loop;
	struct serve_config config;
	struct serve_ops ops;
	void *arg;
	struct evhttp *http;
	struct evconnlistener *listener; /* evhttp's */
	struct unix_socket socket;
	struct loop_timer *sweep, *accept_again;
	LIST_HEAD(, conn) conns;
	LIST_HEAD(, reply) replies;
	LIST_HEAD(, follower) followers;
	size_t n_conns, n_followers;
	bool paused; /* the listener: too many connections, or no descriptors */
};

/* conn.c */
struct bufferevent *conn_accept(struct event_base *base, void *serve); /* evhttp_set_bevcb's callback */
struct conn *conn_of(struct serve *s, struct evhttp_request *req);
void conn_enter(struct conn *c, enum conn_state state);
void conn_cut(struct conn *c, const char *why); /* the socket goes; what hangs on it follows in the next turn */
size_t conn_waiting(const struct conn *c);      /* bytes that the client has not taken */
void conn_sweep(void *serve);                   /* the timer's: deadlines, the dead, the cap */
void conn_free(struct conn *c);

/* route.c */
void route_request(struct evhttp_request *req, void *serve); /* evhttp_set_gencb's callback */

/* reply.c */
struct reply *reply_new(struct serve *s, struct conn *c, struct evhttp_request *req);
void reply_late(struct reply *r);                             /* answers 504 for an op that has not */
void reply_orphan(struct reply *r);                           /* its connection is going down */
void reply_abandon(struct reply *r);                          /* serve is going down */
void reply_invalid(struct reply *r, const struct diag *diag); /* 400; takes the reply */

/* follow.c */
struct follower *follower_new(struct serve *s, const struct serve_hits *hits);
void follower_start(struct follower *f, struct reply *r); /* the op's lines are in r, which stays the caller's */
void follower_tick(struct follower *f, int64_t now_ms);
void follower_orphan(struct follower *f); /* its connection is going down; frees it */
void follower_free(struct follower *f);   /* without a word to the client; NULL is fine */
