#include "serve/throttle.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

static bool key_of(const struct sockaddr *from, uint8_t key[8])
{
	const struct in6_addr *v6 = &((const struct sockaddr_in6 *)from)->sin6_addr;

	memset(key, 0xff, 8);
	if (from->sa_family == AF_INET)
		memcpy(key + 4, &((const struct sockaddr_in *)from)->sin_addr, 4);
	else if (from->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(v6))
		memcpy(key + 4, &v6->s6_addr[12], 4);
	else if (from->sa_family == AF_INET6)
		memcpy(key, v6->s6_addr, 8);
	else
		return false;
	return true;
}

static size_t find(const struct throttle *t, const uint8_t key[8])
{
	size_t i;

	for (i = 0; i < t->n && memcmp(t->v[i].address, key, 8) != 0; i++)
		;
	return i;
}

int64_t throttle_wait_ms(const struct throttle *t, const struct sockaddr *from, int64_t now_ms)
{
	uint8_t key[8];
	int64_t over;
	size_t i;

	if (!key_of(from, key) || (i = find(t, key)) == t->n)
		return 0;
	over = t->v[i].until_ms - now_ms - (THROTTLE_FAILURES - 1) * (int64_t)THROTTLE_REGAIN_MS;
	return over > 0 ? over : 0;
}

static size_t oldest(const struct throttle *t)
{
	size_t i, found = 0;

	for (i = 1; i < t->n; i++)
		if (t->v[i].until_ms < t->v[found].until_ms)
			found = i;
	return found;
}

void throttle_fail(struct throttle *t, const struct sockaddr *from, int64_t now_ms)
{
	uint8_t key[8];
	size_t i;

	if (!key_of(from, key))
		return;
	i = find(t, key);
	if (i == t->n) {
		i = t->n < THROTTLE_ADDRESSES ? t->n++ : oldest(t);
		memcpy(t->v[i].address, key, 8);
		t->v[i].until_ms = now_ms;
	}
	if (t->v[i].until_ms < now_ms)
		t->v[i].until_ms = now_ms;
	t->v[i].until_ms += THROTTLE_REGAIN_MS;
}
