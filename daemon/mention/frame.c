#include "mention/frame.h"

#include <endian.h>
#include <string.h>

#include "base/buf.h"
#include "base/wire.h"

void frame_header(char out[FRAME_HEADER_BYTES], enum frame_type type, uint64_t number, size_t len)
{
	const uint32_t words[] = {htole32((uint32_t)len), htole32((uint32_t)type)};
	const uint64_t job = htole64(number);

	memcpy(out, words, sizeof(words));
	memcpy(out + sizeof(words), &job, sizeof(job));
}

void frame_put(struct buf *b, enum frame_type type, uint64_t number, const char *bytes, size_t len)
{
	char header[FRAME_HEADER_BYTES];

	if (len > FRAME_MAX_BYTES) {
		b->full = true;
		return;
	}
	frame_header(header, type, number, len);
	buf_put(b, header, sizeof(header));
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
