#pragma once
/*
 * platform/mailbox: which mailbox a source listens to (transport imap), from its platform's templates and its own parameters. Pure.
 *
 * Owner: the arena given. The password and the token are in it.
 */
#include <stdbool.h>

#include "base/err.h"

struct arena;
struct params;

enum mailbox_security { MAILBOX_TLS, MAILBOX_STARTTLS, MAILBOX_NONE };

struct mailbox {
	const char *server; /* "imap.example.com", perhaps with a port */
	enum mailbox_security security;
	const char *folder;
	const char *user;
	const char *password; /* NULL: a token is sent in its place */
	const char *ca_file;  /* NULL: none of its own */
};

enum { MAILBOX_E_VALUE = 1 }; /* *ret_why names what can't be said to a server */
int mailbox_make(const struct params *params, struct arena *a, struct mailbox *ret, const char **ret_why) must_use;
