#include "source/habits.h"

#include "base/buf.h"
#include "base/wire.h"

enum { VERSION = 2, BYTES = 57, HOURS = 0xffffff, DAYS = 0x7f };

void habits_put(struct buf *b, const struct health *h, const struct pace_wish *wish)
{
	wire_put_u8(b, VERSION);
	wire_put_i64(b, h->watched_ms);
	wire_put_i64(b, h->deaf_ms);
	wire_put_i64(b, h->told_ms);
	wire_put_i64(b, h->kind_ms);
	wire_put_i64(b, h->heard_ms);
	wire_put_u32(b, h->longest_s);
	wire_put_u8(b, h->gaps);
	wire_put_u8(b, h->kind);
	wire_put_u8(b, h->items);
	wire_put_u32(b, wish->ttl_s);
	wire_put_u32(b, wish->skip_hours);
	wire_put_u8(b, wish->skip_days);
}

void habits_put_rest(struct buf *b, const struct buf *rest)
{
	buf_put(b, buf_str(rest), rest->len);
}

const char *habits_rest(const char *bytes, size_t len, size_t *ret_len)
{
	*ret_len = bytes && len > BYTES && bytes[0] == VERSION ? len - BYTES : 0;
	return *ret_len ? bytes + BYTES : NULL;
}

bool habits_get(const char *bytes, size_t len, struct health *ret_h, struct pace_wish *ret_wish)
{
	struct wire_in in = WIRE_IN(bytes, len < BYTES ? len : BYTES);
	struct pace_wish wish;
	struct health h;

	if (!bytes || wire_get_u8(&in) != VERSION)
		return false;
	h.watched_ms = wire_get_i64(&in);
	h.deaf_ms = wire_get_i64(&in);
	h.told_ms = wire_get_i64(&in);
	h.kind_ms = wire_get_i64(&in);
	h.heard_ms = wire_get_i64(&in);
	h.longest_s = wire_get_u32(&in);
	h.gaps = wire_get_u8(&in);
	h.kind = wire_get_u8(&in);
	h.items = wire_get_u8(&in);
	wish.ttl_s = wire_get_u32(&in);
	wish.skip_hours = wire_get_u32(&in) & HOURS;
	wish.skip_days = wire_get_u8(&in) & DAYS;
	if (!wire_done(&in) || h.kind >= HEALTH_KINDS || (h.told_ms && h.kind == HEALTH_WELL))
		return false;
	*ret_h = h;
	*ret_wish = wish;
	return true;
}
