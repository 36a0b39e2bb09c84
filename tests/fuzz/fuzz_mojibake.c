/* Mojibake: what comes out is valid, never longer, and has no no-break space left. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "parse/mojibake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf in = BUF_INIT(3 * size + 1), out;

	utf8_scrub(&in, (const char *)data, size);
	buf_init(&out, in.len);
	mojibake_repair(buf_str(&in), in.len, &out);
	if (out.full || !utf8_valid_text(buf_str(&out), out.len) || strstr(buf_str(&out), "\xC2\xA0"))
		abort();
	buf_done(&in);
	buf_done(&out);
	return 0;
}
