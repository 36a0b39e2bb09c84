/* An expression (the first line) and a text (the rest), both valid UTF-8 as everything behind the borders is: folding and
 * compiling end, mistakes have a place in the expression, matches lie inside the text between characters. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "match/fold.h"
#include "match/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static bool between_characters(const char *s, size_t len, size_t at)
{
	return at <= len && (at == len || ((unsigned char)s[at] & 0xC0) != 0x80);
}

static void find(const struct pattern *p, const char *s, size_t len)
{
	cleanup(pattern_room_freep) struct pattern_room *room = pattern_room_new();
	size_t start = 0, from, to, n = 0;

	while (n++ < 8 && pattern_find(p, room, s, len, start, &from, &to) == 0) {
		demand(from <= to && between_characters(s, len, from) && between_characters(s, len, to));
		if (to <= start)
			return;
		start = to;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *regex = (const char *)data, *newline = size ? memchr(regex, '\n', size) : NULL;
	size_t len = newline ? (size_t)(newline - regex) : size, rest = newline ? size - len - 1 : 0;
	struct fold f;
	int fold;

	if (!utf8_valid_text(regex, size))
		return 0;
	fold_init(&f);
	fold_text(&f, newline ? newline + 1 : "", rest);
	for (fold = 0; fold < 2; fold++) {
		struct pattern_spec spec = {.regex = regex, .regex_len = len, .fold = fold};
		cleanup(pattern_freep) struct pattern *p = NULL;
		struct pattern_fault fault;

		if (pattern_compile(&spec, &fault, &p))
			demand(fault.at <= len && !p && utf8_valid(fault.args[1], strlen(fault.args[1])));
		else if (fold)
			find(p, f.bytes, f.len);
		else
			find(p, newline ? newline + 1 : "", rest);
	}
	fold_done(&f);
	return 0;
}
