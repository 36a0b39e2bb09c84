#pragma once
/*
 * fetch/upgrade: how a connection becomes a WebSocket (RFC 6455, 4.1 and 4.2.2): what is asked, and whether the answer is one to it.
 *
 * Pure but for upgrade_key(), which takes random bytes of the kernel.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct buf;

enum {
	UPGRADE_KEY_SIZE = 25,    /* 16 bytes in base64, and the NUL */
	UPGRADE_ACCEPT_SIZE = 29, /* 20 bytes */
};

void upgrade_key(char out[UPGRADE_KEY_SIZE]);
/* What a server that has read the key answers. */
void upgrade_accept(const char *key, char out[UPGRADE_ACCEPT_SIZE]);

struct upgrade {
	const char *url; /* http or https */
	const char *key;
	const char *user_agent;
	const char *user, *password; /* HTTP Basic; NULL: none */
	const char *const *lines;    /* "Name: value", of the request's own, … */
	size_t n_lines;
};
enum { UPGRADE_E_URL = 1 };
int upgrade_request(struct buf *b, const struct upgrade *u) must_use;

/* The bytes of an answer's head, its empty line included; 0: it isn't whole. */
size_t upgrade_head(const char *bytes, size_t len);
int upgrade_status(const char *head, size_t len); /* 0: no HTTP */
/* The length of the body that follows, as the head says; -1: it doesn't. */
long long upgrade_body(const char *head, size_t len);
/* What is wrong with an answer of status 101; NULL: nothing. protocol: one was asked for (Sec-WebSocket-Protocol). */
const char *upgrade_wrong(const char *head, size_t len, const char *key, bool protocol);
