#pragma once
/*
 * fetch/guard: which addresses may be connected to.
 *
 * What a URL says is worthless here: 127.1, 0x7f000001 and, in a UTF-8 locale, ①②⑦.0.0.1 all are 127.0.0.1, and a name may
 * mean another address a minute later. So the address itself is judged, where the socket is made.
 *
 * Refused is what the IANA special-purpose registries (RFC 6890 and its successors) don't call globally reachable: this
 * host, loopback, private, shared (100.64/10), link-local, protocol assignments, documentation, benchmarking, multicast,
 * reserved, broadcast; in IPv6 moreover all of ::/8, unique-local, site-local, discard-only, 6to4 and Teredo. An IPv4
 * address inside an IPv6 one that reaches it (mapped, NAT64's 64:ff9b::/96) is judged as that IPv4 address.
 *
 * Pure: no state, no allocation, never blocks.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct sockaddr;

/* A network such as 10.0.0.0/8 or fd00::/8; a lone address is a network of one. */
struct cidr {
	uint8_t address[16];
	uint8_t bytes; /* 4 or 16 */
	uint8_t prefix_bits;
};

enum {
	CIDR_E_SYNTAX = 1, /* no address, or a prefix that isn't 0 to 32 (128) in plain digits */
	CIDR_E_HOST_BITS,  /* 10.1.2.3/8: bits behind the prefix, so that one of the two is a slip */
};
int cidr_parse(const char *text, struct cidr *ret) must_use;

/* The allow list wins, judged by the same real address; any other family than IPv4 and IPv6 is refused. */
bool guard_allows(const struct sockaddr *sa, const struct cidr *allow, size_t n_allow);

/* This very machine: 127.0.0.0/8, ::1. */
bool guard_is_loopback(const struct sockaddr *sa);

/* The same for an address in text, as libcurl tells that of a connection ("fe80::1%eth0" too); what is none is refused. */
bool guard_allows_text(const char *address, const struct cidr *allow, size_t n_allow);
