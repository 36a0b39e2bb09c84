#include "source/habits.h"

#include "base/buf.h"
#include "base/wire.h"

enum { VERSION = 3, BEFORE = 2 /* without fields */, BYTES = 57, HOURS = 0xffffff, DAYS = 0x7f };

void habits_put(struct buf *b, const struct health *h, const struct pace_wish *wish, const struct fields *fields)
{
	wire_put_u8(b, VERSION);
	wire_put_i64(b, h->watched_ms);
	wire_put_i64(b, h->deaf_ms);
	wire_put_i64(b, h->told_ms);
	wire_put_i64(b, h->kind_ms);
	wire_put_i64(b, h->heard_ms);
	wire_put_u32(b, h->rhythm.longest_s);
	wire_put_u8(b, h->rhythm.gaps);
	wire_put_u8(b, h->kind);
	wire_put_u8(b, h->items);
	wire_put_u32(b, wish->ttl_s);
	wire_put_u32(b, wish->skip_hours);
	wire_put_u8(b, wish->skip_days);
	wire_put_u8(b, fields != NULL);
	if (fields)
		fields_put(b, fields);
}

void habits_put_rest(struct buf *b, const struct buf *rest)
{
	buf_put(b, buf_str(rest), rest->len);
}

/* How many bytes are ours; 0: none are. */
static size_t own_bytes(const char *bytes, size_t len)
{
	if (!bytes || len < BYTES)
		return 0;
	if (bytes[0] == BEFORE)
		return BYTES;
	if (bytes[0] != VERSION || len == BYTES)
		return 0;
	return BYTES + 1 + (bytes[BYTES] ? FIELDS_MAX_BYTES : 0);
}

const char *habits_rest(const char *bytes, size_t len, size_t *ret_len)
{
	size_t own = own_bytes(bytes, len);

	*ret_len = own && len > own ? len - own : 0;
	return *ret_len ? bytes + own : NULL;
}

bool habits_get(const char *bytes, size_t len, struct health *ret_h, struct pace_wish *ret_wish,
		struct fields *ret_fields)
{
	size_t own = own_bytes(bytes, len);
	struct wire_in in = WIRE_IN(bytes, own);
	struct pace_wish wish;
	struct fields fields;
	struct health h;
	bool has_fields;

	if (!own || own > len)
		return false;
	(void)wire_get_u8(&in);
	h.watched_ms = wire_get_i64(&in);
	h.deaf_ms = wire_get_i64(&in);
	h.told_ms = wire_get_i64(&in);
	h.kind_ms = wire_get_i64(&in);
	h.heard_ms = wire_get_i64(&in);
	h.rhythm.longest_s = wire_get_u32(&in);
	h.rhythm.gaps = wire_get_u8(&in);
	h.kind = wire_get_u8(&in);
	h.items = wire_get_u8(&in);
	wish.ttl_s = wire_get_u32(&in);
	wish.skip_hours = wire_get_u32(&in) & HOURS;
	wish.skip_days = wire_get_u8(&in) & DAYS;
	has_fields = own > BYTES && wire_get_u8(&in);
	if (has_fields && !fields_get(&in, &fields))
		return false;
	if (!wire_done(&in) || h.kind >= HEALTH_KINDS || (h.told_ms && h.kind == HEALTH_WELL))
		return false;
	*ret_h = h;
	*ret_wish = wish;
	if (has_fields)
		*ret_fields = fields;
	return true;
}
