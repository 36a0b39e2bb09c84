/* Which addresses may be connected to (FAULTS F9), and networks as a user writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "fetch/guard.h"

static const struct {
	const char *address;
	bool allowed;
} addresses[] = {
	{"8.8.8.8", true},
	{"1.1.1.1", true},
	{"126.255.255.255", true},
	{"127.0.0.0", false},
	{"127.0.0.1", false},
	{"127.255.255.255", false},
	{"128.0.0.0", true},
	{"0.0.0.0", false},
	{"0.255.255.255", false},
	{"1.0.0.0", true},
	{"9.255.255.255", true},
	{"10.0.0.0", false},
	{"10.255.255.255", false},
	{"11.0.0.0", true},
	{"100.63.255.255", true},
	{"100.64.0.0", false},
	{"100.127.255.255", false},
	{"100.128.0.0", true},
	{"169.253.255.255", true},
	{"169.254.169.254", false},
	{"169.255.0.0", true},
	{"172.15.255.255", true},
	{"172.16.0.0", false},
	{"172.31.255.255", false},
	{"172.32.0.0", true},
	{"192.0.0.0", false},
	{"192.0.0.170", false},
	{"192.0.1.0", true},
	{"192.0.2.1", false},
	{"192.88.99.1", false},
	{"192.167.255.255", true},
	{"192.168.0.0", false},
	{"192.168.255.255", false},
	{"192.169.0.0", true},
	{"198.17.255.255", true},
	{"198.18.0.0", false},
	{"198.19.255.255", false},
	{"198.20.0.0", true},
	{"198.51.100.7", false},
	{"203.0.113.7", false},
	{"223.255.255.255", true},
	{"224.0.0.1", false},
	{"239.255.255.255", false},
	{"240.0.0.0", false},
	{"255.255.255.255", false},

	{"2606:4700::1111", true},
	{"2a00:1450:4001::1", true},
	{"2001:200::1", true},
	{"2001:4860:4860::8888", true},
	{"::", false},
	{"::1", false},
	{"::2", false},
	{"::127.0.0.1", false}, /* compatible: reaches nothing, whatever it holds */
	{"::8.8.8.8", false},
	{"::ffff:127.0.0.1", false},
	{"::ffff:10.1.2.3", false},
	{"::ffff:8.8.8.8", true}, /* mapped: is that address */
	{"::ffff:0:8.8.8.8", false},
	{"64:ff9b::7f00:1", false},
	{"64:ff9b::a9fe:a9fe", false},
	{"64:ff9b::8.8.8.8", true}, /* the only way to IPv4 where a network has none of its own (DNS64) */
	{"64:ff9b:1::8.8.8.8", false},
	{"64:ff9b:2::1", false},
	{"100::1", false},
	{"2001::1", false},
	{"2001:0:5ef5:79fb::1", false},
	{"2001:10::1", false},
	{"2001:db8::1", false},
	{"2002:808:808::1", false},
	{"2002:7f00:1::", false},
	{"3fff::1", false},
	{"fbff::1", true},
	{"fc00::1", false},
	{"fdff::1", false},
	{"fe80::1", false},
	{"fe80::1%eth0", false},
	{"febf::1", false},
	{"fec0::1", false},
	{"feff::1", false},
	{"ff02::1", false},
	{"ff0e::1", false},

	{"", false}, /* what can't be read is refused */
	{"localhost", false},
	{"8.8.8", false},
	{"8.8.8.8 ", false},
	{"8.8.8.8.8", false},
	{"2606:4700::1111:1111:1111:1111:1111:1111:1111:1111:1111:1111", false},
};

/* Through a socket address too, as the callback gets it. */
static bool allows_sockaddr(const char *text, const struct cidr *allow, size_t n)
{
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	struct sockaddr_in in = {.sin_family = AF_INET};

	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		return guard_allows((struct sockaddr *)&in, allow, n);
	if (inet_pton(AF_INET6, text, &in6.sin6_addr) == 1)
		return guard_allows((struct sockaddr *)&in6, allow, n);
	return guard_allows_text(text, allow, n);
}

static void only_public_addresses_pass(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		if (guard_allows_text(addresses[i].address, NULL, 0) != addresses[i].allowed ||
		    allows_sockaddr(addresses[i].address, NULL, 0) != addresses[i].allowed)
			fail_msg("%s", addresses[i].address);
	}
}

/* Where a password may go in the clear. */
static void this_very_machine_is_known(void **state)
{
	static const struct {
		const char *address;
		bool is;
	} cases[] = {{"127.0.0.1", true},
		     {"127.255.255.254", true},
		     {"126.255.255.255", false},
		     {"128.0.0.1", false},
		     {"0.0.0.0", false},
		     {"::1", true},
		     {"::", false},
		     {"::2", false},
		     {"fe80::1", false}};
	const struct sockaddr_un sun = {.sun_family = AF_UNIX, .sun_path = "/run/x"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
		struct sockaddr_in in = {.sin_family = AF_INET};
		bool v4 = inet_pton(AF_INET, cases[i].address, &in.sin_addr) == 1;

		assert_true(v4 || inet_pton(AF_INET6, cases[i].address, &in6.sin6_addr) == 1);
		if (guard_is_loopback(v4 ? (const struct sockaddr *)&in : (const struct sockaddr *)&in6) != cases[i].is)
			fail_msg("%s", cases[i].address);
	}
	assert_false(guard_is_loopback((const struct sockaddr *)&sun));
}

static void other_families_do_not_pass(void **state)
{
	const struct sockaddr_un sun = {.sun_family = AF_UNIX, .sun_path = "/run/docker.sock"};
	const struct cidr all[] = {{{0}, 4, 0}, {{0}, 16, 0}};

	(void)state;
	assert_false(guard_allows((const struct sockaddr *)&sun, all, 2));
}

static const struct {
	const char *net, *address;
	bool allowed;
} allowances[] = {
	{"10.0.0.0/8", "10.1.2.3", true},
	{"10.0.0.0/8", "11.1.2.3", true},
	{"10.0.0.0/8", "127.0.0.1", false},
	{"10.0.0.0/8", "::ffff:10.1.2.3", true}, /* the same machine by another name */
	{"10.0.0.0/8", "64:ff9b::10.1.2.3", true},
	{"10.0.0.0/8", "::10.1.2.3", false},
	{"10.0.0.0/8", "2002:a01:203::1", false},
	{"10.1.2.3", "10.1.2.3", true},
	{"10.1.2.3", "10.1.2.4", false},
	{"10.1.2.2/31", "10.1.2.3", true},
	{"10.1.2.2/31", "10.1.2.4", false},
	{"0.0.0.0/0", "127.0.0.1", true},
	{"0.0.0.0/0", "::1", false},
	{"::/0", "::1", true},
	{"::/0", "127.0.0.1", false},
	{"::/0", "::ffff:127.0.0.1", false},
	{"64:ff9b::/96", "64:ff9b::10.1.2.3", true},
	{"64:ff9b::/96", "10.1.2.3", false},
	{"fd00::/8", "fd12::1", true},
	{"fd00::/8", "fc12::1", false},
	{"::1", "::1", true},
	{"fe80::/10", "fe80::1%eth0", true},
	{"::ffff:10.0.0.0/104", "10.1.2.3", true},
};

static void the_allow_list_wins_by_the_real_address(void **state)
{
	struct cidr net;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(allowances); i++) {
		if (cidr_parse(allowances[i].net, &net) != 0 ||
		    guard_allows_text(allowances[i].address, &net, 1) != allowances[i].allowed ||
		    allows_sockaddr(allowances[i].address, &net, 1) != allowances[i].allowed)
			fail_msg("%s in %s", allowances[i].address, allowances[i].net);
	}
}

static const struct {
	const char *text;
	int r;
} nets[] = {
	{"10.0.0.0/8", 0},
	{"10.0.0.0/32", 0},
	{"0.0.0.0/0", 0},
	{"::/0", 0},
	{"::1/128", 0},
	{"fd00::/8", 0},
	{"10.1.2.3", 0},
	{"10.1.2.3/8", CIDR_E_HOST_BITS},
	{"10.0.0.0/7", 0},
	{"10.0.0.1/31", CIDR_E_HOST_BITS},
	{"fd00::1/8", CIDR_E_HOST_BITS},
	{"10.0.0.0/33", CIDR_E_SYNTAX},
	{"::/129", CIDR_E_SYNTAX},
	{"10.0.0.0/", CIDR_E_SYNTAX},
	{"10.0.0.0/08", CIDR_E_SYNTAX},
	{"10.0.0.0/+8", CIDR_E_SYNTAX},
	{"10.0.0.0/-1", CIDR_E_SYNTAX},
	{"10.0.0.0/8 ", CIDR_E_SYNTAX},
	{"10.0.0.0/8/8", CIDR_E_SYNTAX},
	{"10.0.0.0/4294967304", CIDR_E_SYNTAX},
	{"10.0.0.0/255.0.0.0", CIDR_E_SYNTAX},
	{"10.0.0/8", CIDR_E_SYNTAX},
	{"010.0.0.0/8", CIDR_E_SYNTAX},
	{" 10.0.0.0/8", CIDR_E_SYNTAX},
	{"", CIDR_E_SYNTAX},
	{"/", CIDR_E_SYNTAX},
	{"private", CIDR_E_SYNTAX},
	{"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc/8", CIDR_E_SYNTAX},
};

static void networks_are_read_strictly(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(nets); i++) {
		struct cidr net = {.bytes = 99};
		int r = cidr_parse(nets[i].text, &net);

		if (r != nets[i].r || (r != 0 && net.bytes != 99))
			fail_msg("\"%s\": %d", nets[i].text, r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_public_addresses_pass), cmocka_unit_test(this_very_machine_is_known),
		cmocka_unit_test(other_families_do_not_pass), cmocka_unit_test(the_allow_list_wins_by_the_real_address),
		cmocka_unit_test(networks_are_read_strictly),
	};

	return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
