#pragma once
/*
 * serve/throttle: how often an address may fail: THROTTLE_FAILURES at once, and then one each THROTTLE_REGAIN_MS, which is
 * ten a minute (FAULTS A6).
 *
 * An address is an IPv4 one, or the first half of an IPv6 one (whoever has one of those has them all). Pure: the time is
 * the caller's. Bound: THROTTLE_ADDRESSES are known; a further one takes the place of the one that failed least lately.
 */
#include <stddef.h>
#include <stdint.h>

struct sockaddr;

enum { THROTTLE_ADDRESSES = 1024, THROTTLE_FAILURES = 10, THROTTLE_REGAIN_MS = 6000 };

struct throttle {
	struct {
		uint8_t address[8]; /* IPv4: behind 4 bytes of 0xff, which begin no IPv6 address in use */
		int64_t until_ms;   /* when all is forgiven */
	} v[THROTTLE_ADDRESSES];
	size_t n;
};

/* How long it has to wait before it may try again; 0: it may now. Sockets that are no IP ones may always. */
int64_t throttle_wait_ms(const struct throttle *t, const struct sockaddr *from, int64_t now_ms);
void throttle_fail(struct throttle *t, const struct sockaddr *from, int64_t now_ms);
