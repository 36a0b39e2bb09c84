/*
 * What comes over the border between the two programs. The first byte says which reader the rest goes to. Whatever a reader
 * takes is written again, and what was written must be taken and written the same once more: no form in, another out.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "mention/answer.h"
#include "mention/catalogue.h"
#include "mention/frame.h"
#include "mention/job.h"

enum { ARENA_BYTES = 64 << 20, OUT_BYTES = 64 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads bytes and writes what it read into out; false: refused. */
typedef bool again_fn(const char *bytes, size_t len, struct arena *a, struct buf *out);

static bool frame_again(const char *bytes, size_t len, struct arena *a, struct buf *out)
{
	struct frame f;
	size_t taken;

	(void)a;
	if (frame_get(bytes, len, &f, &taken))
		return false;
	if (taken > len || f.bytes + f.len != bytes + taken)
		abort();
	frame_put(out, f.type, f.number, f.bytes, f.len);
	return true;
}

static bool answer_again(const char *bytes, size_t len, struct arena *a, struct buf *out)
{
	struct answer answer;

	if (answer_get(bytes, len, a, &answer))
		return false;
	answer_put(out, &answer);
	return true;
}

static bool feed_again(const char *bytes, size_t len, struct arena *a, struct buf *out)
{
	struct job_feed job;

	if (job_feed_get(bytes, len, a, &job))
		return false;
	job_feed_put(out, &job);
	return true;
}

static bool match_again(const char *bytes, size_t len, struct arena *a, struct buf *out)
{
	struct mention *v;
	const char *topic;
	bool every;
	size_t n;

	if (job_match_get(bytes, len, a, &topic, &every, &v, &n))
		return false;
	job_match_put(out, topic, every, v, n);
	return true;
}

static bool opml_again(const char *bytes, size_t len, struct arena *a, struct buf *out)
{
	struct opml_entry *v;
	const char *why;
	size_t n;

	if (opml_get(bytes, len, a, &why, &v, &n))
		return false;
	opml_put(out, why, v, n);
	return true;
}

static bool diag_again(const char *bytes, size_t len, struct arena *a, struct buf *out)
{
	cleanup(diag_freep) struct diag *diag = diag_new();
	struct buf told = BUF_INIT(OUT_BYTES);
	size_t i;

	(void)a;
	if (diag_read(diag, bytes, len))
		return false;
	for (i = 0; i < diag_len(diag); i++) /* a person will see it */
		diag_render(&told, diag_at(diag, i), text_lang_of("es"));
	buf_done(&told);
	diag_write(out, diag);
	return true;
}

static bool load_again(const char *bytes, size_t len, struct arena *a, struct buf *out)
{
	struct job_load load;

	if (job_load_get(bytes, len, a, &load))
		return false;
	job_load_put(out, &load);
	return true;
}

static bool catalogue_again(const char *bytes, size_t len, struct arena *a, struct buf *out)
{
	struct catalogue c;

	if (catalogue_get(bytes, len, a, &c))
		return false;
	catalogue_put(out, &c);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static again_fn *const readers[] = {frame_again, answer_again, feed_again, match_again,
					    opml_again,  diag_again,   load_again, catalogue_again};
	struct buf once = BUF_INIT(OUT_BYTES), twice = BUF_INIT(OUT_BYTES);
	struct arena *a;
	again_fn *again;

	if (size < 1)
		return 0;
	a = arena_new(ARENA_BYTES);
	again = readers[data[0] % ARRAY_LEN(readers)];
	if (again((const char *)data + 1, size - 1, a, &once) && !once.full) {
		if (!again(buf_str(&once), once.len, a, &twice))
			abort();
		if (once.len != twice.len || memcmp(buf_str(&once), buf_str(&twice), once.len) != 0)
			abort();
	}
	arena_free(a);
	buf_done(&once);
	buf_done(&twice);
	return 0;
}
