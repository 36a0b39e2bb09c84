/* How an expression is compared (a digit: bit 0 folded, bit 1 with case), the expression (the rest of the first line), and texts (a line
 * each): wherever PCRE2 finds the expression, the prefilter says that it can be found. The expression itself, and what is left of
 * it without its signs, are texts too, as these are found more often than what chance makes. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "match/fold.h"
#include "match/pattern.h"
#include "match/prefilter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FIELD = 1 << 2, TEXTS_MAX = 16, SHOWN_BYTES = 1 << 20 };

struct target {
	const struct pattern *p;
	struct pattern_room *room;
	struct prefilter_room *candidates;
	struct fold fold;
};

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static void text_try(struct target *t, const char *s, size_t len)
{
	bool folded = pattern_fold(t->p), candidate;
	size_t from, to;

	if (folded) {
		fold_text(&t->fold, s, len);
		s = t->fold.bytes;
		len = t->fold.len;
	}
	prefilter_begin(t->candidates);
	prefilter_scan(t->candidates, folded, s, len, FIELD);
	candidate = prefilter_fields(t->candidates, 0) == FIELD;
	demand(candidate || prefilter_fields(t->candidates, 0) == 0);
	demand(candidate || pattern_find(t->p, t->room, s, len, 0, &from, &to) != 0);
}

static void without_signs_try(struct target *t, const char *regex, size_t len)
{
	struct buf b = BUF_INIT(SHOWN_BYTES);
	size_t i;

	for (i = 0; i < len; i++)
		if (!strchr("()[]{}*+?|\\^$.", regex[i]))
			buf_putc(&b, regex[i]);
	text_try(t, buf_str(&b), b.len);
	buf_done(&b);
}

static void texts_try(struct target *t, const char *s, const char *end)
{
	const char *newline;
	size_t n;

	for (n = 0; s < end && n < TEXTS_MAX; n++, s = newline + (newline < end)) {
		newline = memchr(s, '\n', (size_t)(end - s));
		if (!newline)
			newline = end;
		text_try(t, s, (size_t)(newline - s));
	}
}

static void pattern_try(const struct pattern *p, const char *regex, size_t len, const char *end)
{
	cleanup(prefilter_freep) struct prefilter *f = prefilter_new(&p, 1);
	cleanup(pattern_room_freep) struct pattern_room *room = pattern_room_new();
	cleanup(prefilter_room_freep) struct prefilter_room *candidates = prefilter_room_new(f);
	struct target t = {.p = p, .room = room, .candidates = candidates};

	if (!prefilter_tells(f, 0)) /* always a candidate */
		return;
	fold_init(&t.fold);
	text_try(&t, regex, len);
	without_signs_try(&t, regex, len);
	texts_try(&t, regex + len, end);
	fold_done(&t.fold);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data, *newline = size ? memchr(s, '\n', size) : NULL;
	size_t len = newline ? (size_t)(newline - s) : size;
	struct pattern_fault fault;
	struct pattern_spec spec;
	cleanup(pattern_freep) struct pattern *p = NULL;

	if (!len || !utf8_valid_text(s, size))
		return 0;
	spec = (struct pattern_spec){
		.regex = s + 1, .regex_len = len - 1, .fold = *s & 1, .case_sensitive = (*s & 3) == 2};
	if (utf8_valid(s + 1, len - 1) && !pattern_compile(&spec, &fault, &p))
		pattern_try(p, spec.regex, spec.regex_len, s + size);
	return 0;
}
