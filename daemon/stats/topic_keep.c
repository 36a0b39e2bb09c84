/* What a topic has learnt, as bytes, and by whose hours. */
#include "stats/topic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/wire.h"
#include "stats/topic_inside.h"

enum {
	FORMAT_FIRST = 1,
	FORMAT = 2, /* and the clock, and what pace is usual */
	SERIES_LEAST_BYTES = 17 + sizeof(struct surprise) + sizeof(struct seasonal)
};

static void series_put(const struct series *s, struct buf *b)
{
	wire_put_u8(b, (uint8_t)s->kind);
	wire_put_text(b, s->name);
	wire_put_u32(b, s->unusual);
	wire_put_f64(b, s->surprise);
	wire_put_bytes(b, &s->detector, sizeof(s->detector));
	wire_put_bytes(b, &s->usual, sizeof(s->usual));
}

/* Numbers lie as this machine has them: a log does not change its machine without a new start of what was learnt. */
void topic_put(const struct topic *t, struct buf *b)
{
	size_t i;

	wire_put_u8(b, FORMAT);
	wire_put_u32(b, t->bins);
	wire_put_text(b, t->clock);
	wire_put_f64(b, t->growth_usual);
	wire_put_u32(b, t->growth_bins);
	wire_put_bytes(b, &t->share, sizeof(t->share));
	wire_put_u32(b, (uint32_t)t->n_series + 1);
	series_put(&t->blank, b);
	for (i = 0; i < t->n_series; i++)
		series_put(&t->series[i], b);
}

static bool series_get(struct wire_in *in, struct arena *a, struct series *ret)
{
	size_t detector_len, usual_len;
	const char *detector, *usual;

	*ret = (struct series){.kind = (enum series_kind)wire_get_u8(in)};
	ret->name = (char *)(uintptr_t)wire_get_text(in, a);
	ret->unusual = wire_get_u32(in);
	ret->surprise = (float)wire_get_f64(in);
	detector = wire_get_bytes(in, &detector_len);
	usual = wire_get_bytes(in, &usual_len);
	if (in->bad || ret->kind > SERIES_RULE || detector_len != sizeof(ret->detector) ||
	    usual_len != sizeof(ret->usual))
		return false;
	memcpy(&ret->detector, detector, detector_len);
	memcpy(&ret->usual, usual, usual_len);
	return isfinite(ret->detector.level) && isfinite(ret->detector.var) && isfinite(ret->surprise);
}

/* Counts what is open into what was learnt. */
static void series_take(struct topic *t, const struct series *from)
{
	int at = from->kind < FIXED || from->name ? topic_series_find(t, from->kind, from->name, true) : -1;
	struct series *to;

	if (at < 0)
		return;
	to = &t->series[at];
	to->detector = from->detector;
	to->usual = from->usual;
	to->unusual = from->unusual;
	to->surprise = from->surprise;
}

/* The head of what was kept, into t, which is not the topic itself. */
static bool head_get(struct wire_in *in, struct arena *a, struct topic *t)
{
	uint8_t format = wire_get_u8(in);
	size_t len;
	const char *share;

	t->bins = wire_get_u32(in);
	if (format == FORMAT) {
		t->clock = (char *)(uintptr_t)wire_get_text(in, a);
		t->growth_usual = (float)wire_get_f64(in);
		t->growth_bins = wire_get_u32(in);
	}
	share = wire_get_bytes(in, &len);
	if (in->bad || format < FORMAT_FIRST || format > FORMAT || len != sizeof(t->share) ||
	    !isfinite(t->growth_usual) || t->growth_usual < 0)
		return false;
	memcpy(&t->share, share, len);
	return true;
}

int topic_get(struct topic *t, struct wire_in *in)
{
	cleanup(arena_freep) struct arena *a = arena_new(TOPIC_STATE_MAX_BYTES);
	struct topic head = {.bins = 0};
	struct series *v;
	size_t n, i;

	if (!head_get(in, a, &head))
		return TOPIC_E_FORMAT;
	n = wire_get_count(in, SERIES_LEAST_BYTES);
	if (in->bad || !n || n > TOPIC_SERIES_MAX + 1)
		return TOPIC_E_FORMAT;
	v = ARENA_ARRAY(a, struct series, n);
	for (i = 0; i < n; i++)
		if (!series_get(in, a, &v[i]))
			return TOPIC_E_FORMAT;
	t->bins = head.bins;
	t->growth_usual = head.growth_usual;
	t->growth_bins = head.growth_bins;
	t->share = head.share;
	topic_set_clock(t, head.clock);
	t->blank.detector = v[0].detector;
	t->blank.usual = v[0].usual;
	for (i = 1; i < n; i++)
		series_take(t, &v[i]);
	return 0;
}

/* --- by whose hours --- */

const char *topic_clock(const struct topic *t)
{
	return t->clock;
}

void topic_set_clock(struct topic *t, const char *zone)
{
	char *clock = zone ? xstrdup(zone) : NULL;

	free(t->clock);
	t->clock = clock;
}

void topic_turn(struct topic *t, int hours)
{
	size_t i;

	surprise_turn(&t->blank.detector, hours);
	seasonal_turn(&t->blank.usual, hours);
	for (i = 0; i < t->n_series; i++) {
		surprise_turn(&t->series[i].detector, hours);
		seasonal_turn(&t->series[i].usual, hours);
	}
}
