#include "source/recall.h"

#include <string.h>

#include "mention/source_state.h"

const char *recall_etag(const struct recall *r)
{
	return r->etag_len ? r->texts : NULL;
}

const char *recall_last_modified(const struct recall *r)
{
	return r->modified_len ? r->texts + r->etag_len : NULL;
}

static size_t size_of(const char *text)
{
	size_t size = text ? strlen(text) + 1 : 0;

	return size <= UINT16_MAX ? size : 0; /* no validator is as long */
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

void recall_put(struct recall **slot, const struct source_state *state)
{
	struct recall *r = *slot;
	size_t etag_len, modified_len;

	if (!state) {
		free(r);
		*slot = NULL;
		return;
	}
	if (!r || !same(recall_etag(r), state->etag) || !same(recall_last_modified(r), state->last_modified)) {
		etag_len = size_of(state->etag);
		modified_len = size_of(state->last_modified);
		r = xmalloc(sizeof(*r) + etag_len + modified_len);
		r->etag_len = (uint16_t)etag_len;
		r->modified_len = (uint16_t)modified_len;
		if (etag_len)
			memcpy(r->texts, state->etag, etag_len);
		if (modified_len)
			memcpy(r->texts + etag_len, state->last_modified, modified_len);
		free(*slot);
		*slot = r;
	}
	r->new_ms = state->new_ms;
	r->body_hash = state->body_hash;
}
