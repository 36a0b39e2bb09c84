#include "mention/body_job.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "base/wire.h"
#include "mention/answer.h"
#include "mention/map.h"

void job_body_put(struct buf *b, const struct job_body *job)
{
	wire_put_text(b, job->map);
	wire_put_text(b, job->program);
	wire_put_text(b, job->ctx);
	wire_put_text(b, job->document);
}

int job_body_get(const char *bytes, size_t len, struct arena *a, struct job_body *ret)
{
	struct wire_in in = WIRE_IN(bytes, len);
	struct job_body job = {.map = wire_get_text(&in, a)};

	job.program = wire_get_text(&in, a);
	job.ctx = wire_get_text(&in, a);
	job.document = wire_get_text(&in, a);
	if (!wire_done(&in) || !job.map || !job.program || !job.ctx || !job.document ||
	    strlen(job.ctx) > MAP_CTX_MAX_BYTES || strlen(job.document) > BODY_JOB_MAX_BYTES)
		return ANSWER_E_FORMAT;
	*ret = job;
	return 0;
}

void body_made_put(struct buf *b, bool made, const char *text, size_t len)
{
	wire_put_u8(b, made);
	buf_put(b, text, len);
}

int body_made_get(const char *bytes, size_t len, bool *ret_made, const char **ret_text, size_t *ret_len)
{
	size_t most = len && bytes[0] == 1 ? BODY_MADE_MAX_BYTES : BODY_WHY_MAX_BYTES;

	if (!len || (unsigned char)bytes[0] > 1 || len - 1 > most || !utf8_valid_text(bytes + 1, len - 1))
		return ANSWER_E_FORMAT;
	*ret_made = bytes[0] == 1;
	*ret_text = bytes + 1;
	*ret_len = len - 1;
	return 0;
}
