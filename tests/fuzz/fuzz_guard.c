/* Networks as users write them, addresses in text, and header values that become times: whatever the bytes, an answer that
 * keeps its word. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "fetch/fetch.h"
#include "fetch/guard.h"
#include "fetch/http_value.h"

#define NOW INT64_C(1795341600000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup(freep) char *text = xstrndup((const char *)data, size);
	struct cidr net = {.bytes = 0};
	int64_t ms = 0, wait_ms = http_retry_after(text, NOW, FETCH_RETRY_AFTER_MAX_MS);

	if (wait_ms < 0 || wait_ms > FETCH_RETRY_AFTER_MAX_MS)
		abort();
	if (http_date_parse(text, NOW, &ms) == 0 && (ms < -12219292800000 || ms > INT64_C(253402300800000)))
		abort();
	if (cidr_parse(text, &net) == 0) {
		if ((net.bytes != 4 && net.bytes != 16) || net.prefix_bits > net.bytes * 8)
			abort();
		text[strcspn(text, "/")] = '\0'; /* a network holds its own first address */
		if (!guard_allows_text(text, &net, 1))
			abort();
	}
	(void)guard_allows_text(text, NULL, 0);
	return 0;
}
