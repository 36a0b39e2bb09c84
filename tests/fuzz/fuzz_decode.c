/* A body and what its headers say of its codings, up to a line break or NUL. What comes out stays below its bound, and of an
 * error the reason is told. */
#include <stdint.h>
#include <string.h>

#include "fetch/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PLAIN_MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, '\n', size);
	size_t head = end ? (size_t)(end - data) : size;
	struct codings c = {.n = 0};
	struct buf body = BUF_INIT(16 << 20);
	char why[DECODE_WHY_MAX];
	int r;

	codings_add(&c, (const char *)data, head);
	if (strlen(c.unknown) > DECODE_NAME_MAX)
		abort();
	if (end)
		buf_put(&body, end + 1, size - head - 1);
	r = decode(&c, &body, PLAIN_MAX, why);
	if (c.n && body.len > PLAIN_MAX)
		abort();
	if ((r == 0) != (why[0] == '\0') || strlen(why) >= DECODE_WHY_MAX)
		abort();
	buf_done(&body);
	return 0;
}
