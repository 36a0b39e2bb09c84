#include "queue/trim.h"

struct stream_id trim_keep_from(int64_t now_ms, int64_t keep_ms)
{
	return (struct stream_id){.ms = now_ms > keep_ms ? now_ms - keep_ms : 0};
}

bool trim_behind(const struct trim_group *g, struct stream_id keep_from)
{
	return g->needs_any && stream_id_cmp(g->needs, keep_from) < 0;
}

struct trim_verdict trim_decide(const struct trim_group *groups, size_t n, struct stream_id keep_from)
{
	struct trim_verdict v = {.min = keep_from};
	size_t i;

	for (i = 0; i < n; i++) {
		v.n_behind += trim_behind(&groups[i], keep_from);
		if (groups[i].needs_any && stream_id_cmp(groups[i].needs, v.min) < 0)
			v.min = groups[i].needs;
	}
	v.trim = v.min.ms > 0 || v.min.seq > 1; /* the first id that there can be is 0-1 */
	return v;
}

struct stream_id trim_after(struct stream_id id)
{
	if (id.seq < UINT64_MAX)
		return (struct stream_id){.ms = id.ms, .seq = id.seq + 1};
	return (struct stream_id){.ms = id.ms < INT64_MAX ? id.ms + 1 : INT64_MAX};
}
