#include "alert/channel_earlier.h"

#include <string.h>

#include "base/hash.h"

struct noted {
	uint64_t about; /* channel, address and matter */
	char id[NOTICE_SENT_AS_MAX_BYTES + 1];
};

struct channel_earlier {
	struct noted v[CHANNEL_EARLIER_MAX]; /* a ring */
	size_t n;                            /* that were ever noted */
};

struct channel_earlier *channel_earlier_new(void)
{
	return NEW(struct channel_earlier);
}

struct channel_earlier *channel_earlier_free(struct channel_earlier *e)
{
	free(e);
	return NULL;
}

static uint64_t about(const char *channel, const char *address, const char *matter)
{
	return hash_u64((const struct hash_part[]){{channel, strlen(channel) + 1},
						   {address, strlen(address) + 1},
						   {matter, strlen(matter)}},
			3);
}

/* CHANNEL_EARLIER_MAX: it is not there. */
static size_t find(const struct channel_earlier *e, uint64_t hash)
{
	size_t i, n = e->n < CHANNEL_EARLIER_MAX ? e->n : CHANNEL_EARLIER_MAX;

	for (i = 0; i < n; i++)
		if (e->v[i].about == hash)
			return i;
	return CHANNEL_EARLIER_MAX;
}

void channel_earlier_note(struct channel_earlier *e, const struct notice_sent_as *as)
{
	uint64_t hash = about(as->channel, as->address, as->matter);
	size_t at = find(e, hash), len = strlen(as->id);

	if (len > NOTICE_SENT_AS_MAX_BYTES)
		return;
	if (at == CHANNEL_EARLIER_MAX)
		at = e->n++ % CHANNEL_EARLIER_MAX;
	e->v[at].about = hash;
	memcpy(e->v[at].id, as->id, len + 1);
}

const char *channel_earlier_find(const struct channel_earlier *e, const char *channel, const char *address,
				 const char *matter)
{
	size_t at = matter ? find(e, about(channel, address, matter)) : CHANNEL_EARLIER_MAX;

	return at < CHANNEL_EARLIER_MAX ? e->v[at].id : NULL;
}
