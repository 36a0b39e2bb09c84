#include "source/reconnect.h"

static int64_t longer(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void reconnect_opens(struct reconnect *r, int64_t now_ms)
{
	r->spent_ms = longer(r->spent_ms, now_ms) + RECONNECT_EACH_MS;
}

void reconnect_proved(struct reconnect *r)
{
	r->doubtful = false;
}

void reconnect_useless(struct reconnect *r)
{
	r->doubtful = true;
}

/* Many that wait for it were opened by one event: they don't come back as one herd. */
int64_t reconnect_room_ms(const struct reconnect *r, uint32_t random, int64_t now_ms)
{
	int64_t wait = r->spent_ms - now_ms - (RECONNECT_BURST - INT64_C(1)) * RECONNECT_EACH_MS;

	return wait <= 0 ? 0 : wait + random % RECONNECT_EACH_MS;
}

int64_t reconnect_empty_ms(struct reconnect *r, uint32_t random, int64_t now_ms)
{
	reconnect_opens(r, now_ms);
	return reconnect_room_ms(r, random, now_ms);
}

/* Some time around the platform's own pause, so that many who were cut don't come back as one herd. */
static int64_t around(int64_t pause_ms, uint32_t random)
{
	return pause_ms / 2 + pause_ms * (uint16_t)random / UINT16_MAX;
}

enum reconnect_do reconnect_step(struct reconnect *r, bool opened, bool served, int64_t pause_ms, uint32_t random,
				 int64_t now_ms, int64_t *ret_wait_ms)
{
	*ret_wait_ms = reconnect_room_ms(r, random, now_ms);
	if (!served) {
		r->doubtful = r->doubtful || opened;
		return RECONNECT_FAILED;
	}
	r->doubtful = false;
	*ret_wait_ms = longer(*ret_wait_ms, around(pause_ms, random));
	return RECONNECT_AGAIN;
}
