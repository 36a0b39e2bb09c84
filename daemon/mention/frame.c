#include "mention/frame.h"

#include "base/buf.h"
#include "base/wire.h"

void frame_header_put(struct buf *b, enum frame_type type, uint64_t number, size_t len)
{
	if (len > FRAME_MAX_BYTES) {
		b->full = true;
		return;
	}
	wire_put_u32(b, (uint32_t)len);
	wire_put_u32(b, type);
	wire_put_u64(b, number);
}

void frame_put(struct buf *b, enum frame_type type, uint64_t number, const char *bytes, size_t len)
{
	frame_header_put(b, type, number, len);
	buf_put(b, bytes, len);
}

int frame_get(const char *bytes, size_t len, struct frame *ret, size_t *ret_len)
{
	struct wire_in in = WIRE_IN(bytes, len);
	size_t body;

	if (len < FRAME_HEADER_BYTES)
		return FRAME_E_MORE;
	body = wire_get_u32(&in);
	if (body > FRAME_MAX_BYTES)
		return FRAME_E_BROKEN;
	if (len - FRAME_HEADER_BYTES < body)
		return FRAME_E_MORE;
	ret->type = wire_get_u32(&in);
	ret->number = wire_get_u64(&in);
	ret->bytes = in.p;
	ret->len = body;
	*ret_len = FRAME_HEADER_BYTES + body;
	return 0;
}
