#include "match/list_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/utf8.h"

#define BOM "\xEF\xBB\xBF"

bool list_file_read(const char *path, struct diag_pos pos, const char *key, struct diag *d, struct buf *b)
{
	int r = file_read(path, b, NULL);
	char max[24];

	if (r == -ENOENT) {
		diag_error(d, pos, key, NULL, TEXT_SET_MISSING, path);
	} else if (r < 0) {
		diag_error(d, pos, key, NULL, TEXT_SET_UNREADABLE, path, strerrordesc_np(-r));
	} else if (b->full) {
		size_t k = b->max / 1024;

		snprintf(max, sizeof(max), "%zu%s", k % 1024 ? k : k / 1024, k % 1024 ? "k" : "M");
		diag_error(d, pos, key, NULL, TEXT_SET_LARGE, path, max);
	} else if (!utf8_valid_text(b->data, b->len)) {
		diag_error(d, pos, key, NULL, TEXT_SET_ENCODING, path);
	} else {
		if (b->len >= strlen(BOM) && !memcmp(b->data, BOM, strlen(BOM)))
			buf_drop(b, strlen(BOM));
		return true;
	}
	return false;
}
