#include "fetch/guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

struct address {
	uint8_t b[16];
	uint8_t bytes;
};

/* Not globally reachable, or not to be reached by a fetch. */
static const struct cidr refused_v4[] = {
	{{0}, 4, 8},             /* this host */
	{{10}, 4, 8},            /* private */
	{{100, 64}, 4, 10},      /* shared between a provider and its customers */
	{{127}, 4, 8},           /* loopback */
	{{169, 254}, 4, 16},     /* link-local, and the clouds' metadata */
	{{172, 16}, 4, 12},      /* private */
	{{192, 0, 0}, 4, 24},    /* protocol assignments */
	{{192, 0, 2}, 4, 24},    /* documentation */
	{{192, 88, 99}, 4, 24},  /* 6to4 relays */
	{{192, 168}, 4, 16},     /* private */
	{{198, 18}, 4, 15},      /* benchmarking */
	{{198, 51, 100}, 4, 24}, /* documentation */
	{{203, 0, 113}, 4, 24},  /* documentation */
	{{224}, 4, 4},           /* multicast */
	{{240}, 4, 4},           /* reserved, and broadcast */
};

static const struct cidr refused_v6[] = {
	{{0}, 16, 8},                             /* ::, ::1, compatible, and all else that isn't unicast */
	{{0x00, 0x64, 0xff, 0x9b, 0, 1}, 16, 48}, /* NAT64 of a site's own */
	{{0x01, 0x00}, 16, 64},                   /* discard */
	{{0x20, 0x01}, 16, 23},                   /* protocol assignments: Teredo, ORCHID, benchmarking */
	{{0x20, 0x01, 0x0d, 0xb8}, 16, 32},       /* documentation */
	{{0x20, 0x02}, 16, 16},                   /* 6to4 */
	{{0x3f, 0xff}, 16, 20},                   /* documentation */
	{{0x5f, 0x00}, 16, 16},                   /* segment routing */
	{{0xfc}, 16, 7},                          /* unique local */
	{{0xfe, 0x80}, 16, 10},                   /* link-local */
	{{0xfe, 0xc0}, 16, 10},                   /* site-local */
	{{0xff}, 16, 8},                          /* multicast */
};

static const struct cidr mapped = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 16, 96};
static const struct cidr nat64 = {{0x00, 0x64, 0xff, 0x9b}, 16, 96};

static bool within(const struct address *a, const struct cidr *net)
{
	size_t whole = net->prefix_bits / 8, rest = net->prefix_bits % 8;

	if (a->bytes != net->bytes || memcmp(a->b, net->address, whole) != 0)
		return false;
	return rest == 0 || (a->b[whole] ^ net->address[whole]) >> (8 - rest) == 0;
}

static bool within_any(const struct address *a, const struct cidr *nets, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (within(a, &nets[i]))
			return true;
	return false;
}

/* The address that a packet would reach. */
static struct address real_address(struct address a)
{
	if (within(&a, &mapped) || within(&a, &nat64)) {
		memmove(a.b, a.b + 12, 4);
		a.bytes = 4;
	}
	return a;
}

static bool allows(const struct address *given, const struct cidr *allow, size_t n_allow)
{
	struct address a = real_address(*given);

	if (within_any(&a, allow, n_allow))
		return true;
	if (within(given, &nat64) && within_any(given, allow, n_allow)) /* someone wrote 64:ff9b::/96 and meant it */
		return true;
	return a.bytes == 4 ? !within_any(&a, refused_v4, ARRAY_LEN(refused_v4))
			    : !within_any(&a, refused_v6, ARRAY_LEN(refused_v6));
}

/* False: of another family. */
static bool address_of(const struct sockaddr *sa, struct address *ret)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	/* copied, since sa may point into a buffer that is aligned for struct sockaddr alone */
	if (sa->sa_family == AF_INET) {
		memcpy(&in, sa, sizeof(in));
		memcpy(ret->b, &in.sin_addr, ret->bytes = 4);
	} else if (sa->sa_family == AF_INET6) {
		memcpy(&in6, sa, sizeof(in6));
		memcpy(ret->b, &in6.sin6_addr, ret->bytes = 16);
	} else {
		return false;
	}
	return true;
}

bool guard_allows(const struct sockaddr *sa, const struct cidr *allow, size_t n_allow)
{
	struct address a = {.bytes = 0};

	return address_of(sa, &a) && allows(&a, allow, n_allow);
}

bool guard_is_loopback(const struct sockaddr *sa)
{
	struct address a = {.bytes = 0};

	if (!address_of(sa, &a))
		return false;
	return a.bytes == 4 ? a.b[0] == 127 : memcmp(a.b, &in6addr_loopback, sizeof(in6addr_loopback)) == 0;
}

/* The part of text before any of stop, as an address. */
static bool address_parse(const char *text, const char *stop, struct address *ret)
{
	size_t len = strcspn(text, stop);
	char copy[INET6_ADDRSTRLEN];

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	memset(ret, 0, sizeof(*ret));
	ret->bytes = strchr(copy, ':') ? 16 : 4;
	return inet_pton(ret->bytes == 16 ? AF_INET6 : AF_INET, copy, ret->b) == 1;
}

bool guard_allows_text(const char *address, const struct cidr *allow, size_t n_allow)
{
	struct address a;

	return address_parse(address, "%", &a) && allows(&a, allow, n_allow);
}

/* Digits alone, no leading zero: "8", not "08", "+8" or "". */
static bool prefix_parse(const char *text, unsigned max, uint8_t *ret)
{
	unsigned value = 0;
	size_t i;

	for (i = 0; text[i] >= '0' && text[i] <= '9' && i < 3; i++)
		value = value * 10 + (unsigned)(text[i] - '0');
	if (i == 0 || text[i] || value > max || (text[0] == '0' && i > 1))
		return false;
	*ret = (uint8_t)value;
	return true;
}

/* ::ffff:10.0.0.0/104 means 10.0.0.0/8: addresses are judged in that form. */
static void unmap(struct cidr *net)
{
	struct address a = {.bytes = 16};

	memcpy(a.b, net->address, sizeof(a.b));
	if (net->bytes == 4 || net->prefix_bits < 96 || !within(&a, &mapped))
		return;
	memmove(net->address, net->address + 12, 4);
	memset(net->address + 4, 0, 12);
	net->bytes = 4;
	net->prefix_bits -= 96;
}

int cidr_parse(const char *text, struct cidr *ret)
{
	const char *slash = strchr(text, '/');
	struct cidr net = {.bytes = 0};
	struct address a;
	unsigned bit;

	if (!address_parse(text, "/", &a))
		return CIDR_E_SYNTAX;
	memcpy(net.address, a.b, sizeof(net.address));
	net.bytes = a.bytes;
	net.prefix_bits = (uint8_t)(a.bytes * 8);
	if (slash && !prefix_parse(slash + 1, net.bytes * 8u, &net.prefix_bits))
		return CIDR_E_SYNTAX;
	for (bit = net.prefix_bits; bit < net.bytes * 8u; bit++)
		if (net.address[bit / 8] & 0x80 >> bit % 8)
			return CIDR_E_HOST_BITS;
	unmap(&net);
	*ret = net;
	return 0;
}
