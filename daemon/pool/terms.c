#include "pool/terms.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/sanitized.h"
#include "base/utf8.h"
#include "mention/answer.h"
#include "mention/body_job.h"
#include "mention/features.h"
#include "mention/job.h"
#include "pool/border.h"

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
	else if (job == FRAME_WHY || job == FRAME_PATTERNS) /* each part of each rule is looked at */
		ms = FEED_MAX_MS;
	else if (ms > FEED_MAX_MS)
		ms = FEED_MAX_MS;
	return ms * patience;
}

static const char *sources_wrong(const struct frame *f)
{
	cleanup(arena_freep) struct arena *a = arena_new(f->len);
	struct opml_entry *entries;
	const char *why;
	size_t n;

	if (opml_get(f->bytes, f->len, a, &why, &entries, &n))
		return "bytes that are no list of sources";
	return border_opml(entries, n);
}

/* What escuchactl asks for itself and shows, which nothing is done with: text, as any that it shows. */
static const char *reasons_wrong(const struct frame *f)
{
	return utf8_valid_text(f->bytes, f->len) ? NULL : "bytes that are no text";
}

static const char *features_wrong(const struct frame *f)
{
	cleanup(arena_freep) struct arena *a = arena_new(f->len);
	struct features *v;
	size_t n;

	return features_get(f->bytes, f->len, a, &v, &n) ? "bytes that are no features" : NULL;
}

static const char *body_wrong(const struct frame *f)
{
	const char *text;
	size_t len;
	bool made;

	return body_made_get(f->bytes, f->len, &made, &text, &len) ? "bytes that are no body" : NULL;
}

static enum frame_type answer_type(enum frame_type job)
{
	switch (job) {
	case FRAME_OPML:
		return FRAME_SOURCES;
	case FRAME_BODY:
		return FRAME_MADE;
	case FRAME_FEATURES:
		return FRAME_FEATURED;
	case FRAME_WHY:
	case FRAME_PATTERNS:
		return FRAME_REASONS;
	default:
		return FRAME_ANSWER;
	}
}

static const char *answer_wrong(const struct terms_job *job, const struct frame *f, bool *ret_suspect)
{
	cleanup(arena_freep) struct arena *a = arena_new(f->len);
	const char *payload = buf_str(job->payload), *wrong;
	struct answer answer;

	if (answer_get(f->bytes, f->len, a, &answer))
		return "bytes that are no answer";
	*ret_suspect = answer.status == ANSWER_MALFORMED || answer.status == ANSWER_REFUSED;
	wrong = job->type == FRAME_MATCH ? border_match(job->border, payload, job->payload->len, &answer)
					 : border_feed(job->border, payload, job->payload->len, &answer);
	if (!wrong && job->on_answer)
		job->on_answer(job->arg, &answer);
	return wrong;
}

const char *terms_broken(const struct terms_job *job, const struct frame *f, bool *ret_suspect)
{
	*ret_suspect = false;
	if (f->type != answer_type(job->type))
		return "a frame that was not asked for";
	if (f->type == FRAME_FEATURED) /* much more than its job: each group of letters has its number */
		return features_wrong(f);
	if (f->type == FRAME_MADE) /* has a bound of its own */
		return body_wrong(f);
	if (f->len > answer_max_bytes(job->payload->len))
		return "more than its job can have in it";
	if (f->type == FRAME_REASONS)
		return reasons_wrong(f);
	return f->type == FRAME_SOURCES ? sources_wrong(f) : answer_wrong(job, f, ret_suspect);
}
