#include "pool/terms.h"

#include "base/arena.h"
#include "base/sanitized.h"
#include "mention/answer.h"
#include "mention/job.h"

enum {
	FEED_MS = 2000, /* a body takes a millisecond or two; what takes this long would take for ever */
	FEED_MAX_MS = 30 * 1000,
	FEED_BYTES_A_MS = 1024,
	OPML_MS = 60 * 1000,
};

unsigned terms_patience(unsigned asked)
{
	return asked ? asked : BUILT_SANITIZED ? 5 : 1;
}

int64_t terms_time_ms(enum frame_type job, size_t len, unsigned patience)
{
	int64_t ms = FEED_MS + (int64_t)(len / FEED_BYTES_A_MS);

	if (job == FRAME_OPML)
		ms = OPML_MS;
	else if (ms > FEED_MAX_MS)
		ms = FEED_MAX_MS;
	return ms * patience;
}

bool terms_met(enum frame_type job, const struct frame *f)
{
	cleanup(arena_freep) struct arena *a = arena_new(FRAME_MAX_BYTES);
	struct opml_entry *entries;
	struct answer answer;
	const char *why;
	size_t n;

	if (f->type != (job == FRAME_OPML ? FRAME_SOURCES : FRAME_ANSWER))
		return false;
	if (f->type == FRAME_SOURCES)
		return opml_get(f->bytes, f->len, a, &why, &entries, &n) == 0;
	return answer_get(f->bytes, f->len, a, &answer) == 0;
}
