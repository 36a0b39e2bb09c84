#include "store/author.h"

#include <string.h>

#include "mention/mention.h"
#include "mention/voice.h"
#include "store/writer.h"

static const char *const labels[] = {"negative", "neutral", "positive"};

/* Each label as 1 or 0. */
static void put_label(struct query *q, const char *label)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(labels); i++)
		query_put_int(q, label && strcmp(label, labels[i]) == 0);
}

static int64_t interactions(const struct mention_counts *c)
{
	const int64_t v[] = {c->likes, c->shares, c->replies};
	int64_t sum = 0;
	size_t i;

	for (i = 0; i < ARRAY_LEN(v); i++)
		sum += v[i] > 0 ? v[i] : 0;
	return sum;
}

static void put_voice(struct query *q, uint64_t voice, const struct mention *m)
{
	query_put_int(q, (int64_t)voice);
	query_put_text(q, m->platform);
	query_put_text(q, voice_handle(m));
	query_put_text(q, m->author.name);
	query_put_text(q, m->author.url);
}

int author_known(struct writer *w, const struct mention *m, int64_t now_ms)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_AUTHOR_KNOWN);
	uint64_t voice = voice_of(m);

	if (!voice)
		return 0;
	put_voice(&q, voice, m);
	query_put_int(&q, now_ms);
	return query_run(&q);
}

int author_said(struct writer *w, const struct mention *m, int64_t now_ms)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_AUTHOR_SAID);
	uint64_t voice = voice_of(m);

	if (!voice)
		return 0;
	put_voice(&q, voice, m);
	query_put_count(&q, m->author.verified ? m->author.verified == VERIFIED_YES : COUNT_NONE);
	put_label(&q, m->sentiment.label);
	query_put_count(&q, m->author.followers);
	query_put_int(&q, interactions(&m->counts));
	query_put_int(&q, now_ms);
	return query_run(&q);
}

int author_moved(struct writer *w, const struct mention *m, const struct mention_counts *from,
		 const struct mention_counts *to)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_AUTHOR_MOVED);
	int64_t more = interactions(to) - interactions(from);
	uint64_t voice = voice_of(m);

	if (!voice || !more)
		return 0;
	query_put_int(&q, (int64_t)voice);
	query_put_int(&q, more);
	return query_run(&q);
}

int author_toned(struct writer *w, const struct mention *m, const char *from, const char *to)
{
	cleanup(query_end) struct query q = query_begin(w->db, SQL_AUTHOR_TONED);
	uint64_t voice = voice_of(m);
	size_t i;

	if (!voice)
		return 0;
	query_put_int(&q, (int64_t)voice);
	for (i = 0; i < ARRAY_LEN(labels); i++)
		query_put_int(&q, (to && strcmp(to, labels[i]) == 0) - (from && strcmp(from, labels[i]) == 0));
	return query_run(&q);
}
