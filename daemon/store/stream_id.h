#pragma once
/*
 * store/stream_id: a stream id <ms>-<seq> as the one integer that the log keeps: ms << 20 | seq. It holds until the year
 * 2248, and a million ids a millisecond; what is beyond (a foreign stream's) is cut to the nearest that fits, which
 * keeps the order.
 *
 * The clock is what keeps ids apart over a restored old copy of the log, which remembers smaller ones: what is given then
 * is later than all that was given before. Where a clock went back as well, the stream refuses the id, and the row gets
 * one above the stream's last (store_outbox_new_id()). An old copy's row that the stream has is known again by its mention.
 */
#include <stdint.h>

#include "mention/outbox_row.h"

enum { STREAM_SEQ_BITS = 20 };
#define STREAM_SEQ_MAX ((UINT64_C(1) << STREAM_SEQ_BITS) - 1)
#define STREAM_MS_MAX  (INT64_MAX >> STREAM_SEQ_BITS)

static inline int64_t stream_id_pack(struct stream_id id)
{
	if (id.ms < 0)
		return 0;
	if (id.ms > STREAM_MS_MAX)
		return INT64_MAX;
	return id.ms << STREAM_SEQ_BITS | (int64_t)(id.seq < STREAM_SEQ_MAX ? id.seq : STREAM_SEQ_MAX);
}

static inline struct stream_id stream_id_unpack(int64_t packed)
{
	return (struct stream_id){.ms = packed >> STREAM_SEQ_BITS, .seq = (uint64_t)packed & STREAM_SEQ_MAX};
}

/* The one after last at now_ms: time may go back, ids never do. */
static inline int64_t stream_id_next(int64_t last, int64_t now_ms)
{
	int64_t now = stream_id_pack((struct stream_id){.ms = now_ms > 0 ? now_ms : 1, .seq = 0});

	return now > last ? now : last + 1; /* a full millisecond runs over into the next */
}
