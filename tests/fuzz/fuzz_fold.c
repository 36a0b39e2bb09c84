/* Any bytes, folded: valid text, bounded growth, the same as letter by letter, and every place in it leads to a place in the
 * original, in order. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "match/fold.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
	if (!holds)
		abort();
}

/* Many bytes at a time or one letter: it is the same text. */
static void same_by_letters(const char *text, size_t size, const struct fold *whole)
{
	const char *s = text, *end = text + size;
	size_t len = 0;
	struct fold f;

	fold_init(&f);
	while (s < end) {
		size_t n = fold_cluster_len(s, end);

		fold_text(&f, s, n);
		demand(f.len <= whole->len - len && !memcmp(f.bytes, whole->bytes + len, f.len));
		len += f.len;
		s += n;
	}
	demand(len == whole->len);
	fold_done(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *end = text + size, *s;
	cleanup(freep) char *folded = NULL;
	uint32_t count = 0, from, to, last = 0;
	size_t i, len, clusters = 0;
	struct fold f;

	for (s = text; s < end; count++)
		utf8_next(&s, end);
	for (s = text; s < end; clusters++)
		s += fold_cluster_len(s, end);
	demand(clusters <= count && s == end);
	fold_init(&f);
	fold_text(&f, text, size);
	len = f.len;
	demand(utf8_valid(f.bytes, len) && f.bytes[len] == '\0' && len <= FOLD_GROWTH_MAX * size);
	same_by_letters(text, size, &f);
	folded = xmalloc(len + 1);
	memcpy(folded, f.bytes, len + 1);
	for (i = 0; i < len; i++) {
		fold_span(&f, i, i + 1, &from, &to);
		demand(from >= last && from < to && to <= count);
		last = from;
	}
	fold_span(&f, len, len, &from, &to);
	demand(from == to && to <= count);
	demand(f.len == len && memcmp(folded, f.bytes, len + 1) == 0); /* the map is of the same text */
	fold_done(&f);
	return 0;
}
