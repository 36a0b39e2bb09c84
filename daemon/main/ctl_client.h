#pragma once
/*
 * main/ctl_client: asks the daemon, by HTTP over its Unix socket.
 *
 * Owner:  the command. Blocks: until the answer, CLIENT_ANSWER_S at most; client_lines() with follow until it is cut.
 * Every failure is told here, in words that say what to do; callers pass the exit status on.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"
#include "main/ctl.h"

struct json_t;
struct client;

enum {
	CLIENT_CONNECT_S = 5,
	CLIENT_ANSWER_S = 150,
	CLIENT_SILENCE_S = 60, /* of a stream, which has a heartbeat every 15 s */
	CLIENT_ANSWER_MAX_BYTES = 32 * 1024 * 1024,
	CLIENT_LINE_MAX_BYTES = 8 * 1024 * 1024,
};

/* Finds the socket that somebody listens on. NULL: nobody does (told, unless quiet). */
struct client *client_new(const struct ctl *c, bool quiet) must_use;
struct client *client_free(struct client *k); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct client, client_free)

/* "a b&c" becomes "a%20b%26c". To be freed. */
char *client_escape(const char *text) must_use;

/* *ret_status is HTTP's, *ret_json the answer, to be freed by json_decref(). False: told. An error of the API (status
 * from 400) is told as well and gives false, except for those statuses that the command handles: pass one, or 0. */
bool client_get(struct client *k, const char *target, long handled, long *ret_status,
		struct json_t **ret_json) must_use;
bool client_post(struct client *k, const char *target, const struct json_t *body, long handled, long *ret_status,
		 struct json_t **ret_json) must_use;

/* Posts body, which it takes (NULL: words that are no UTF-8, told), and prints the answer's message. The exit status. */
int client_post_said(struct client *k, const char *target, struct json_t *body);

enum client_end {
	CLIENT_WHOLE,   /* the answer is over */
	CLIENT_STOPPED, /* on_line said so */
	CLIENT_CUT,     /* the connection broke (quiet: the caller may come back) */
	CLIENT_REFUSED, /* an error of the API: told */
};
/* Each line as it comes; on_line returns false to stop. Lines that are no JSON objects are skipped. */
enum client_end client_lines(struct client *k, const char *target, bool follow,
			     bool (*on_line)(void *arg, struct json_t *line, const char *bytes, size_t len),
			     void *arg) must_use;
