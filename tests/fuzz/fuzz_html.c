/* HTML to text and character references: whatever the bytes, what comes out is clean, and text that was read once holds no
 * more white space to fold. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "parse/html.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = BUF_INIT(3 * size + 1), plain = BUF_INIT(3 * size + 1);

	html_to_text((const char *)data, size, &text);
	html_unescape((const char *)data, size, &plain);
	if (text.full || plain.full || !utf8_valid_text(buf_str(&text), text.len) ||
	    !utf8_valid_text(buf_str(&plain), plain.len))
		abort();
	if (strstr(buf_str(&text), "\n\n") || strstr(buf_str(&text), "  ") || strpbrk(buf_str(&text), "\t\r\f"))
		abort();
	buf_done(&text);
	buf_done(&plain);
	return 0;
}
