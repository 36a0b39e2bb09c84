#include "main/ctl_ask.h"

#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "mention/answer.h"
#include "pool/ask.h"

struct ask *ctl_ask_open(const struct ctl *c, const char *const *rules, size_t n_rules, int *ret_status)
{
	return ctl_ask_open_config(c, &(struct ask_config){.rules = rules, .n_rules = n_rules, .lexicon = c->lexicon},
				   ret_status);
}

struct ask *ctl_ask_open_config(const struct ctl *c, const struct ask_config *config, int *ret_status)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	struct ask *ask = NULL;
	int r = ask_open(config, d, &ask);

	diag_forget_notes(d);
	diag_print(d, stderr, c->lang);
	if (r == 0)
		return ask;
	if (r < 0)
		ctl_complain_errno(c, TEXT_CTL_READER_FAILED, NULL, -r);
	*ret_status = r == ASK_E_RULES ? CTL_CONFIG : CTL_NO;
	return NULL;
}

static enum text_id failure_of(int r)
{
	switch (r) {
	case ASK_E_DIED:
		return TEXT_CTL_READER_DIED;
	case ASK_E_LATE:
		return TEXT_CTL_READER_LATE;
	default:
		return TEXT_CTL_READER_BROKEN;
	}
}

static bool told(const struct ctl *c, const char *name, int r)
{
	if (r < 0)
		ctl_complain_errno(c, TEXT_CTL_READER_FAILED, NULL, -r);
	else if (r > 0)
		ctl_complain(c, failure_of(r), TEXT_ARGS(name));
	return r == 0;
}

bool ctl_ask_bytes(const struct ctl *c, struct ask *a, enum frame_type type, const struct buf *job, const char *name,
		   struct ctl_bytes *ret)
{
	return told(c, name, ask(a, type, job, &ret->bytes, &ret->len));
}

bool ctl_ask(const struct ctl *c, struct ask *a, enum frame_type type, const struct buf *job, const char *name,
	     struct arena *arena, struct answer *ret)
{
	const char *bytes;
	size_t len, i;
	int r = ask(a, type, job, &bytes, &len);

	if (r == 0 && answer_get(bytes, len, arena, ret) != 0)
		r = ASK_E_BROKEN;
	if (!told(c, name, r))
		return false;
	for (i = 0; i < ret->n_limits; i++) /* never silently "no match" */
		CTL_COMPLAIN(c, TEXT_CTL_LIMIT, name, ret->limits[i].topic, ret->limits[i].pattern);
	return true;
}
