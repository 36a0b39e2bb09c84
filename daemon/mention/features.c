#include "mention/features.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/wire.h"
#include "mention/answer.h"
#include "mention/tone_model.h"

enum { ITEM_MIN_BYTES = 9 };

void features_put(struct buf *b, const struct features *v, size_t n)
{
	size_t i, k;

	wire_put_u32(b, (uint32_t)n);
	for (i = 0; i < n; i++) {
		wire_put_text(b, v[i].lang);
		wire_put_u8(b, v[i].label);
		wire_put_u32(b, (uint32_t)v[i].n);
		for (k = 0; k < v[i].n; k++)
			wire_put_u32(b, v[i].v[k]);
	}
}

static void item_get(struct wire_in *in, struct arena *a, struct features *ret)
{
	uint32_t *v;
	size_t k;

	ret->lang = wire_get_text(in, a);
	ret->label = wire_get_u8(in);
	ret->n = wire_get_count(in, sizeof(uint32_t));
	if (ret->label > FEATURES_NO_LABEL || ret->n > TONE_FEATURES_MAX || in->bad) {
		in->bad = true;
		return;
	}
	v = ARENA_ARRAY(a, uint32_t, ret->n);
	for (k = 0; k < ret->n; k++) {
		v[k] = wire_get_u32(in);
		if (v[k] & ~(TONE_FEATURE_PART | (TONE_SLOTS - 1)))
			in->bad = true;
	}
	ret->v = v;
}

int features_get(const char *bytes, size_t len, struct arena *a, struct features **ret, size_t *ret_n)
{
	struct wire_in in = WIRE_IN(bytes, len);
	size_t n = wire_get_count(&in, ITEM_MIN_BYTES), i;
	struct features *v;

	if (n > ANSWER_ITEMS_MAX)
		return FEATURES_E_FORMAT;
	v = ARENA_ARRAY(a, struct features, n);
	for (i = 0; i < n && !in.bad; i++)
		item_get(&in, a, &v[i]);
	if (!wire_done(&in))
		return FEATURES_E_FORMAT;
	*ret = v;
	*ret_n = n;
	return 0;
}
