#pragma once
/*
 * alert/channel_earlier: what services called the first message about a matter to an address, so that later ones can answer or
 * change it. Pure.
 *
 * Owner:  whoever called channel_earlier_new(). Blocks: never.
 * Bounds: CHANNEL_EARLIER_MAX over all channels; of more, the oldest are forgotten, and what follows them begins anew.
 */
#include "base/err.h"
#include "base/mem.h"
#include "mention/notice_row.h"

struct channel_earlier;

enum { CHANNEL_EARLIER_MAX = 1024 };

struct channel_earlier *channel_earlier_new(void) must_use;
struct channel_earlier *channel_earlier_free(struct channel_earlier *e); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct channel_earlier, channel_earlier_free)

/* In the place of what was noted of the same channel, address and matter. An id beyond NOTICE_SENT_AS_MAX_BYTES is not noted. */
void channel_earlier_note(struct channel_earlier *e, const struct notice_sent_as *as);
/* Borrowed until the next note; NULL: nothing is known. matter may be NULL. */
const char *channel_earlier_find(const struct channel_earlier *e, const char *channel, const char *address,
				 const char *matter);
