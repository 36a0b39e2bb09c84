#pragma once
/*
 * serve/inside: what the files of serve/ share, and nobody else sees.
 *
 *   serve.c    start and end, and another configuration
 *   door.c     what listens: the Unix socket, a TCP port; the cap of its connections
 *   conn.c     one connection: deadlines, what evhttp lacks (FAULTS §3.4)
 *   gate.c     who may come in by TCP: Host, token, role
 *   route.c    which request is whose, and what must hold of it
 *   webhook.c  what strangers send to /in/NAME
 *   link.c     who follows a link of a message, to /a/LINK
 *   reply.c    one answer, owed by an op
 *   follow.c   an answer that goes on: hits as they come
 */
#include <event2/http.h>
#include <sys/queue.h>

#include "serve/config.h"
#include "serve/serve.h"
#include "serve/throttle.h"
#include "serve/unix_socket.h"

struct bufferevent;
struct evbuffer;
struct evbuffer_cb_entry;
struct evconnlistener;
struct evhttp;
struct evhttp_bound_socket;
struct loop_timer;

enum conn_state {
	CONN_READING, /* a request, or nothing yet: SERVE_REQUEST_MS */
	CONN_ANSWERING, /* an op owes the answer: SERVE_ANSWER_MS. evhttp doesn't read, so that a client's going is not seen */
	CONN_WRITING,   /* the answer: SERVE_WRITE_MS without progress, SERVE_ANSWER_MS in all */
	CONN_FOLLOWING, /* lines as they come: SERVE_WRITE_MS without progress */
};

/* Whatever listens. Each has its own connections, so that strangers at one can't shut the other. */
struct door {
	LIST_ENTRY(door) link; /* of serve */
	LIST_ENTRY(door) of_all;
	struct serve *serve;
	bool tcp; /* strangers: the gate asks who they are */
	struct evhttp *http;
	struct evhttp_bound_socket *bound; /* NULL: closed; it goes with its last connection */
	struct evconnlistener *listener;   /* bound's */
	size_t n_conns;                    /* those that were cut don't count */
	bool paused;                       /* too many connections, or no descriptors: nobody is let in */
	struct loop_timer *again;
};

struct conn {
	LIST_ENTRY(conn) link;
	struct serve *serve;
	struct door *door;
	struct bufferevent *bev; /* a reference of our own: evhttp frees its one when it likes */
	struct evbuffer_cb_entry *watch;
	enum conn_state state;
	int64_t since_ms, progress_ms; /* steady: when the state began; when bytes last left */
	struct reply *reply;           /* ANSWERING */
	struct follower *follower;     /* FOLLOWING */
	bool cut;                      /* the door counts it no more */
};

struct reply {
	LIST_ENTRY(reply) link;
	struct serve *serve;        /* NULL: gone; the op doesn't know yet */
	struct conn *conn;          /* NULL: the client is gone, or was told that it is too late */
	struct evhttp_request *req; /* with conn */
	const char *route;          /* as it is counted */
	struct evbuffer *lines;     /* NULL: none yet */
	size_t n_lines;
	bool full;
	struct stream_id last; /* of reply_hit() */
	bool has_last;
	struct follower *follower; /* follow=1: what comes in while the op is at work waits there */
};

struct serve {
	struct loop *loop;
	struct serve_config config;
	struct serve_ops ops;
	void *arg;
	LIST_HEAD(, door) doors;
	struct door *tcp; /* one of them; NULL: none */
	struct unix_socket socket;
	struct throttle throttle;
	struct loop_timer *sweep;
	bool sweep_soon;
	LIST_HEAD(, conn) conns;
	LIST_HEAD(, reply) replies;
	LIST_HEAD(, follower) followers;
	size_t n_followers;
	bool draining; /* the end is near: doors stay shut */
};

/* door.c */
int door_open(struct serve *s, int fd, bool tcp, struct door **ret); /* takes fd, in any case */
void door_close(struct door *d); /* lets nobody in any more, those inside have their answers */
void door_rest(struct door *d); /* lets nobody in any more, and stays */
void door_free(struct door *d);
void door_let_in(struct door *d, struct conn *c); /* it was accepted: the cap */
void door_look(struct door *d);                   /* the sweep's: whether it may open, or go */

/* conn.c */
struct bufferevent *conn_accept(struct event_base *base, void *door); /* evhttp_set_bevcb's callback */
struct conn *conn_of(struct serve *s, struct evhttp_request *req);
void conn_enter(struct conn *c, enum conn_state state);
void conn_cut(struct conn *c, const char *why); /* the socket goes; what hangs on it follows in the next turn */
void conn_left(struct conn *c);                 /* it ended by itself: its place is free */
bool conn_is_dead(const struct conn *c);   /* evhttp has let go of it; not to be asked while it is being accepted */
size_t conn_waiting(const struct conn *c); /* bytes that the client has not taken */
void conn_sweep(void *serve);              /* the timer's: deadlines, the dead, the cap */
void conn_free(struct conn *c);

/* gate.c */
bool gate_host(struct conn *c, struct evhttp_request *req, struct reply *r);                      /* false: answered */
bool gate_role(struct conn *c, struct evhttp_request *req, struct reply *r, enum http_role *ret); /* false: answered */
const char *gate_peer(const struct conn *c, char *out, size_t size);                              /* for the log */

const char *gate_only_header(struct evhttp_request *req, const char *name);

/* webhook.c */
bool webhook_is(const char *path, size_t len);
void webhook_request(struct conn *c, struct evhttp_request *req, const char *path, size_t len, struct reply *r);

/* link.c */
bool link_is(const char *path, size_t len);
void link_request(struct conn *c, struct evhttp_request *req, const char *path, size_t len, struct reply *r);

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
