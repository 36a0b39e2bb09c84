/* Addresses: base and reference in two lines. What is normalised once stays so, and what is resolved is whole. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "parse/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup(freep) char *base = xstrndup((const char *)data, size);
	char *newline = strchr(base, '\n'), *ref = newline ? newline + 1 : base;
	struct buf made = BUF_INIT(1 << 17), again = BUF_INIT(1 << 17), site = BUF_INIT(1 << 17);

	if (newline)
		*newline = '\0';
	if (url_resolve(newline ? base : NULL, ref, &made) == 0 && made.len == 0)
		abort();
	buf_reset(&made);
	if (url_normalise(ref, &made) == 0 && made.len < URL_MAX_BYTES &&
	    (url_normalise(made.data, &again) != 0 || strcmp(buf_str(&made), buf_str(&again)) != 0))
		abort();
	if (url_is_http(ref) != (url_site(ref, &site) == 0))
		abort();
	(void)url_is_absolute_uri(ref);
	buf_done(&made);
	buf_done(&again);
	buf_done(&site);
	return 0;
}
