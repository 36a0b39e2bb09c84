#include "parse/json_names.h"

#include <stdint.h>
#include <string.h>

struct json_names {
	size_t mask, n;
	struct name {
		char *s; /* NULL: an empty slot */
		size_t len;
		uint32_t hash;
	} * slots;
};

enum { NAMES_FIRST = 64 };

/* FNV-1a. Nobody can choose what is in the set, so nobody can make it slow. */
static uint32_t hash_of(const char *s, size_t len)
{
	uint32_t h = 2166136261U;
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619U;
	return h;
}

struct json_names *json_names_new(void)
{
	struct json_names *names = NEW(struct json_names);

	names->mask = NAMES_FIRST - 1;
	names->slots = xcalloc(NAMES_FIRST, sizeof(*names->slots));
	return names;
}

struct json_names *json_names_free(struct json_names *names)
{
	size_t i;

	if (!names)
		return NULL;
	for (i = 0; i <= names->mask; i++)
		free(names->slots[i].s);
	free(names->slots);
	free(names);
	return NULL;
}

/* Its slot, or the empty one where it belongs. */
static struct name *slot_of(const struct json_names *names, const char *s, size_t len, uint32_t hash)
{
	size_t i = hash;
	struct name *slot;

	while ((slot = &names->slots[i++ & names->mask])->s)
		if (slot->hash == hash && slot->len == len && memcmp(slot->s, s, len) == 0)
			break;
	return slot;
}

static void grow(struct json_names *names)
{
	struct json_names old = *names;
	size_t i;

	names->mask = 2 * old.mask + 1;
	names->slots = xcalloc(names->mask + 1, sizeof(*names->slots));
	for (i = 0; i <= old.mask; i++)
		if (old.slots[i].s)
			*slot_of(names, old.slots[i].s, old.slots[i].len, old.slots[i].hash) = old.slots[i];
	free(old.slots);
}

void json_names_add(struct json_names *names, const char *s, size_t len)
{
	uint32_t hash = hash_of(s, len);
	struct name *slot;

	if (json_names_have(names, s, len))
		return;
	if (2 * ++names->n > names->mask)
		grow(names);
	slot = slot_of(names, s, len, hash);
	slot->s = xmalloc(len + 1);
	memcpy(slot->s, s, len);
	slot->s[len] = '\0';
	slot->len = len;
	slot->hash = hash;
}

bool json_names_have(const struct json_names *names, const char *s, size_t len)
{
	return slot_of(names, s, len, hash_of(s, len))->s != NULL;
}
