#pragma once
/*
 * queue/lookup: a name to addresses, on one of the loop's threads: hiredis would look it up on the loop, and hold it for
 * as long as a dead name server does (FAULTS §0.7).
 *
 * Owner:  whoever called lookup_start(); on_found comes once, never from within, unless lookup_cancel() came first.
 * Blocks: never.
 */
#include <stdint.h>

#include "base/err.h"

struct addrinfo;
struct lookup;
struct loop;

/* list is taken (freeaddrinfo()), NULL: why says why, a literal or libc's. */
typedef void lookup_cb(void *arg, struct addrinfo *list, const char *why);
enum { LOOKUP_E_BUSY = 1 /* too much waits for the loop's threads */ };
int lookup_start(struct loop *l, const char *host, uint16_t port, lookup_cb *on_found, void *arg,
		 struct lookup **ret) must_use;
void lookup_cancel(struct lookup *k); /* NULL is fine */
