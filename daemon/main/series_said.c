#include "main/series_said.h"

#include "mention/mention.h"
#include "mention/voice.h"

static enum event_tone tone_of(const struct mention *m)
{
	enum series_kind kind = series_tone(m);

	return kind == SERIES_NEGATIVE ? EVENT_NEGATIVE : kind == SERIES_POSITIVE ? EVENT_POSITIVE : EVENT_NEUTRAL;
}

struct said series_said(const struct mention *m)
{
	return (struct said){.at_ms = series_time(m),
			     .late = series_is_late(m),
			     .author = voice_in_story(m),
			     .story = m->place.story,
			     .reach = m->author.followers > 0 ? (double)m->author.followers : 0,
			     .tone = tone_of(m)};
}

void series_said_names(struct said *said, const struct hit *h)
{
	said->intents = h->intents;
	said->n_intents = h->n_intents;
	said->tags = h->tags;
	said->n_tags = h->n_tags;
	said->rules = h->rules;
	said->n_rules = h->n_rules;
}

int64_t series_bin_end(int64_t at_ms)
{
	return (at_ms / SERIES_BIN_MS + 1) * SERIES_BIN_MS;
}

bool series_late_add(struct series_late *late, int64_t at_ms, int64_t now_ms)
{
	int64_t end_ms = series_bin_end(at_ms);
	size_t i;

	if (now_ms - at_ms > TOPIC_LATE_KEPT_MS)
		return false;
	for (i = 0; i < late->n && late->bins[i] != end_ms; i++)
		;
	if (i == late->n && late->n < SERIES_LATE_BINS_MAX)
		late->bins[late->n++] = end_ms;
	return true;
}
