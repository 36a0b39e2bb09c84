/* A model of tone as a file of the user's: whatever the bytes, told or taken, and what is taken judges any features.
 *
 * The weights' checksum would keep every input out, so that what follows the head is made here: weights whose sum stands in it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/diag.h"
#include "mention/tone_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void one(const char *bytes, size_t len)
{
	static const uint32_t features[] = {0, TONE_SUMS, (TONE_SLOTS - 1) | TONE_FEATURE_PART};
	cleanup(diag_freep) struct diag *d = diag_new();
	cleanup(tone_model_freep) struct tone_model *m = NULL;
	double score[TONE_CLASSES];

	if (tone_model_read("tone.model", bytes, len, d, &m)) {
		if (!diag_len(d) || m)
			abort();
		return;
	}
	tone_model_score(m, features, 3, score);
	if (m->n_languages > TONE_LANGUAGES_MAX || !isfinite(score[0]))
		abort();
	(void)tone_model_language(m, "es-MX");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char sum[] = "sum 599c1bb5ffd4b87229a81958f33f1060821cd01cd7aa7ccafa0d862f4522f3f6\n\n";
	struct buf b = BUF_INIT(TONE_MODEL_MAX_BYTES + TONE_MODEL_HEAD_MAX_BYTES);
	char *room;

	one((const char *)data, size);
	if (size <= TONE_MODEL_HEAD_MAX_BYTES) {
		buf_put(&b, (const char *)data, size);
		buf_puts(&b, sum);
		room = buf_reserve(&b, TONE_SLOTS * TONE_CLASSES);
		if (room) {
			memset(room, 0, TONE_SLOTS * TONE_CLASSES);
			buf_commit(&b, TONE_SLOTS * TONE_CLASSES);
			one(buf_str(&b), b.len);
		}
	}
	buf_done(&b);
	return 0;
}
