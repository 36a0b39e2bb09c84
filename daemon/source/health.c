#include "source/health.h"

#include "base/clock.h"

const char *health_name(enum health_kind kind)
{
	static const char *const names[] = {[HEALTH_WELL] = "well",
					    [HEALTH_UNREACHABLE] = "unreachable",
					    [HEALTH_SILENT] = "silent",
					    [HEALTH_CHANGED] = "changed"};

	return names[kind];
}

bool health_same(const struct health *a, const struct health *b)
{
	return a->watched_ms == b->watched_ms && a->deaf_ms == b->deaf_ms && a->told_ms == b->told_ms &&
	       a->kind_ms == b->kind_ms && a->heard_ms == b->heard_ms && a->rhythm.longest_s == b->rhythm.longest_s &&
	       a->rhythm.gaps == b->rhythm.gaps && a->kind == b->kind && a->items == b->items;
}

static int64_t longer(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* What this poll teaches of the source's habits. What came after an outage of its own teaches nothing. */
static void learn(struct health *h, const struct health_poll *p)
{
	if (!h->watched_ms)
		h->watched_ms = p->now_ms;
	if (p->end != POLL_END_OK)
		return;
	if (p->read && p->items)
		h->items = p->items < UINT8_MAX ? (uint8_t)p->items : UINT8_MAX;
	if (p->gap_ms <= 0 || h->kind == HEALTH_UNREACHABLE || h->kind == HEALTH_CHANGED)
		return;
	rhythm_learn(&h->rhythm, p->gap_ms);
}

static bool too_silent(const struct health *h, const struct health_poll *p)
{
	bool novice = p->now_ms - h->watched_ms < HEALTH_LEARN_MS;

	return p->new_ms != TIME_NONE &&
	       rhythm_broken(&h->rhythm, p->now_ms - p->new_ms, novice ? HEALTH_NOVICE_MS : HEALTH_SILENT_MS);
}

static enum health_kind look(const struct health *h, const struct health_poll *p)
{
	if (p->end != POLL_END_OK)
		return p->answered ? HEALTH_CHANGED : HEALTH_UNREACHABLE;
	if (p->read ? !p->items && h->items >= HEALTH_ITEMS : h->kind == HEALTH_CHANGED)
		return HEALTH_CHANGED;
	return too_silent(h, p) ? HEALTH_SILENT : HEALTH_WELL;
}

/* From when on it heard nothing. */
static int64_t since(const struct health *h, const struct health_poll *p, enum health_kind kind)
{
	int64_t from = kind == HEALTH_SILENT ? p->new_ms : kind == HEALTH_UNREACHABLE ? p->ok_ms : p->now_ms;

	if (h->heard_ms) /* it was silent while it could not be reached, too: that was told */
		from = longer(from, h->heard_ms);
	return from == TIME_NONE || from > p->now_ms ? p->now_ms : from;
}

static bool certain(const struct health *h, const struct health_poll *p)
{
	if (p->end == POLL_END_GONE || h->kind == HEALTH_SILENT)
		return true;
	if (p->end != POLL_END_OK)
		return p->failures >= HEALTH_FAILURES;
	return p->now_ms - h->deaf_ms >= longer(HEALTH_CERTAIN_MS, 2 * p->every_ms);
}

static bool time_to_say_again(const struct health *h, const struct health_poll *p)
{
	bool seldom = p->asked_ms > 0 && p->now_ms - p->asked_ms >= HEALTH_SELDOM_MS;

	return p->now_ms - h->told_ms >= (seldom ? HEALTH_SELDOM_MS : HEALTH_AGAIN_MS);
}

/* Until it is told a deafness may be of any kind; from then on each kind has its own time. */
static void turn_deaf(struct health *h, const struct health_poll *p, enum health_kind kind)
{
	if (!h->deaf_ms)
		h->deaf_ms = since(h, p, kind);
	if (!h->told_ms)
		h->kind_ms = h->deaf_ms;
	else if (h->kind != kind)
		h->kind_ms = longer(p->now_ms, h->kind_ms);
	h->kind = (uint8_t)kind;
	if (h->told_ms > p->now_ms) /* the clock was set back */
		h->told_ms = p->now_ms;
}

enum health_say health_step(struct health *h, const struct health_poll *p, int64_t *ret_since_ms)
{
	enum health_kind kind;
	bool told = h->told_ms != 0;

	if (h->heard_ms > p->now_ms) /* the clock was set back */
		h->heard_ms = 0;
	learn(h, p);
	kind = look(h, p);
	if (kind == HEALTH_WELL) {
		if (told) {
			*ret_since_ms = h->deaf_ms;
			h->heard_ms = p->now_ms;
		}
		h->kind = HEALTH_WELL;
		h->deaf_ms = h->told_ms = h->kind_ms = 0;
		return told ? HEALTH_SAY_HEARD : HEALTH_SAY_NOTHING;
	}
	turn_deaf(h, p, kind);
	if (told ? !time_to_say_again(h, p) : !certain(h, p))
		return HEALTH_SAY_NOTHING;
	h->told_ms = p->now_ms;
	*ret_since_ms = h->deaf_ms;
	return told ? HEALTH_SAY_STILL : HEALTH_SAY_DEAF;
}

size_t health_marks(const struct health *before, const struct health *after, int64_t now_ms,
		    struct deaf_mark v[DEAF_MARKS_MAX])
{
	bool was = before->told_ms != 0, is = after->told_ms != 0;
	bool another = before->kind != after->kind || before->kind_ms != after->kind_ms;
	int64_t end_ms = longer(is ? after->kind_ms : now_ms, before->kind_ms);
	size_t n = 0;

	if (was && (!is || another))
		v[n++] = (struct deaf_mark){.kind = health_name((enum health_kind)before->kind),
					    .from_ms = before->kind_ms,
					    .to_ms = end_ms};
	if (is && (!was || another || before->told_ms != after->told_ms))
		v[n++] = (struct deaf_mark){.kind = health_name((enum health_kind)after->kind),
					    .from_ms = after->kind_ms,
					    .to_ms = TIME_NONE};
	return n;
}
