/* Bytes in any encoding, the Content-Type in front of the first newline: UTF-8 without controls comes out, or nothing. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "parse/charset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data, *newline = memchr(data, '\n', size), *name = NULL;
	size_t head = newline ? (size_t)(newline - bytes) : 0;
	cleanup(freep) char *type = xstrndup(bytes, head);
	struct buf out = BUF_INIT(4096);
	int r = charset_to_utf8(bytes + head, size - head, newline ? type : NULL, &out, &name);

	if (r == 0 ? !name : out.len)
		abort();
	if (!utf8_valid_text(buf_str(&out), out.len) || strpbrk(buf_str(&out), "\x01\x08\x0B\x0C\x1B\x1F"))
		abort();
	buf_done(&out);
	return 0;
}
