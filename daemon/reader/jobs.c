#include "reader/jobs.h"

#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/sanitized.h"
#include "enrich/enrich.h"
#include "match/explain.h"
#include "match/matcher.h"
#include "mention/answer.h"
#include "mention/body_job.h"
#include "mention/features.h"
#include "mention/job.h"
#include "mention/print.h"
#include "parse/feed.h"
#include "parse/map.h"
#include "parse/map_body.h"
#include "parse/opml.h"
#include "parse/page.h"
#include "parse/url.h"

/* DESIGN §4's order: patterns, about, then (in between, of what some topic is about) language and tone, then the rules. */
/* The one of two fingerprints that a reader of addresses adds to: where an article stands. */
static void link_note(struct mention *m, struct arena *a)
{
	struct buf b = BUF_INIT(URL_MAX_BYTES);
	struct print *p;

	if (m->print && m->url && m->kind && (!strcmp(m->kind, "article") || !strcmp(m->kind, "news")) &&
	    url_of_story(m->url, &b) == 0) {
		p = ARENA_NEW(a, struct print);
		*p = *m->print;
		p->link = hash_u64(&(struct hash_part){b.data, b.len}, 1);
		m->print = p;
	}
	buf_done(&b);
}

static void match_all(struct matcher *matcher, struct answer *answer, const char *topic, struct arena *a)
{
	size_t i;

	if (!matcher)
		return;
	matcher_job(matcher);
	matcher_hurry(matcher,
		      MATCHER_HURRY_MS * (BUILT_SANITIZED ? 5 : 1)); /* as patient as the deadline (pool/terms) */
	for (i = 0; i < answer->n_mentions; i++) {
		struct mention *m = &answer->mentions[i];

		(void)matcher_match(matcher, m, topic, a);
		if (m->n_hits)
			link_note(m, a);
		else
			m->print = NULL; /* the log finds stories among hits */
	}
}

static void limits_note(const struct matcher *matcher, struct answer *answer, struct arena *a)
{
	struct matcher_limit limit;
	size_t n;

	if (!matcher)
		return;
	answer->limits = ARENA_ARRAY(a, struct answer_limit, ANSWER_LIMITS_MAX);
	for (n = 0; n < ANSWER_LIMITS_MAX && matcher_limits(matcher, n, &limit); n++)
		answer->limits[n] = (struct answer_limit){
			.topic = limit.topic,
			.pattern = limit.pattern,
			.count = limit.times < UINT32_MAX ? (uint32_t)limit.times : UINT32_MAX,
		};
	answer->n_limits = n;
}

static void answer_write(struct buf *out, const struct answer *answer, const struct frame *job)
{
	answer_put(out, answer);
	if (!out->full && out->len <= answer_max_bytes(job->len))
		return;
	/* More than is taken. Nothing of it is kept, so that the next poll sees all of it again. */
	buf_reset(out);
	answer_put(out, &(struct answer){.status = ANSWER_REFUSED,
					 .why = "its mentions are larger than an answer may be",
					 .identity = answer->identity});
}

static bool could_pass(void *matcher, const char *texts, size_t len)
{
	return matcher_could(matcher, texts, len);
}

static int feed_do(struct matcher *matcher, struct maps *maps, const struct frame *job, struct arena *a,
		   struct buf *out)
{
	const struct map_sieve sieve = {could_pass, matcher};
	struct answer answer = {.status = ANSWER_OK};
	struct job_feed feed;
	bool sifts;

	if (job_feed_get(job->bytes, job->len, a, &feed))
		return JOB_E_FORMAT;
	/* what is all of one topic is none of the rules' to pass over */
	sifts = matcher && feed.sieve && !feed.topic && matcher_sifts(matcher);
	if (strcmp(feed.format, "map") == 0 || strcmp(feed.format, "mails") == 0)
		map_parse(maps, &feed, sifts ? &sieve : NULL, a, &answer);
	else if (strcmp(feed.format, "page") == 0)
		page_parse(&feed, a, &answer);
	else
		feed_parse(&feed, a, &answer);
	match_all(matcher, &answer, feed.topic, a);
	limits_note(matcher, &answer, a);
	answer_write(out, &answer, job);
	return 0;
}

/* Language and tone of what is no topic's. */
static void rest_enrich(struct enricher *tone, struct answer *answer, struct arena *a)
{
	size_t i;

	for (i = 0; i < answer->n_mentions; i++)
		if (!answer->mentions[i].n_hits) {
			enrich_mention(tone, NULL, &answer->mentions[i], a);
			answer->mentions[i].print = NULL;
		}
}

static int match_do(struct matcher *matcher, struct enricher *tone, const struct frame *job, struct arena *a,
		    struct buf *out)
{
	struct answer answer = {.status = ANSWER_OK};
	const char *topic;
	bool every;
	size_t i;

	if (job_match_get(job->bytes, job->len, a, &topic, &every, &answer.mentions, &answer.n_mentions))
		return JOB_E_FORMAT;
	answer.n_items = answer.n_mentions;
	answer.items = ARENA_ARRAY(a, struct item_mark, answer.n_items);
	for (i = 0; i < answer.n_items; i++) {
		const struct mention *m = &answer.mentions[i];

		answer.items[i].state = ITEM_NEW;
		answer.items[i].key.content = mention_content_hash(m);
		answer.items[i].key.counts = mention_counts_hash(&m->counts);
		answer.items[i].counts = m->counts;
		memcpy(answer.items[i].key.id, m->id, sizeof(m->id));
	}
	match_all(matcher, &answer, topic, a);
	if (every && tone)
		rest_enrich(tone, &answer, a);
	limits_note(matcher, &answer, a);
	answer_write(out, &answer, job);
	return 0;
}

static int features_do(struct enricher *tone, const struct frame *job, struct arena *a, struct buf *out)
{
	const char *topic;
	struct mention *v;
	struct features *features;
	size_t n, i;
	bool every;

	if (!tone || job_match_get(job->bytes, job->len, a, &topic, &every, &v, &n))
		return JOB_E_FORMAT;
	features = ARENA_ARRAY(a, struct features, n);
	for (i = 0; i < n; i++)
		enrich_features(tone, &v[i], a, &features[i]);
	features_put(out, features, n);
	return 0;
}

static void opml_do(const struct frame *job, struct arena *a, struct buf *out)
{
	struct opml_entry *entries;
	const char *why;
	size_t n;

	opml_parse(job->bytes, job->len, a, &why, &entries, &n);
	opml_put(out, why, entries, n);
	if (out->full || out->len > answer_max_bytes(job->len)) {
		buf_reset(out);
		opml_put(out, "its entries are larger than an answer may be", NULL, 0);
	}
}

static int why_do(struct matcher *matcher, const struct frame *job, struct arena *a, struct buf *out)
{
	struct job_why *why = ARENA_NEW(a, struct job_why);

	if (!matcher || why_get(job->bytes, job->len, a, why))
		return JOB_E_FORMAT;
	explain_mention(matcher, why, a, out);
	return 0;
}

static int patterns_do(const struct matcher *matcher, const struct frame *job, struct arena *a, struct buf *out)
{
	struct job_patterns patterns;

	if (!matcher || patterns_get(job->bytes, job->len, a, &patterns))
		return JOB_E_FORMAT;
	explain_patterns(matcher_rules(matcher), &patterns, out);
	return 0;
}

static int body_do(struct maps *maps, const struct frame *job, struct arena *a, struct buf *out)
{
	cleanup(buf_done) struct buf made = BUF_INIT(BODY_MADE_MAX_BYTES + 1);
	struct job_body body;
	const char *why = "";

	if (job_body_get(job->bytes, job->len, a, &body))
		return JOB_E_FORMAT;
	if (map_body(maps, &body, a, &made, &why) == 0)
		body_made_put(out, true, buf_str(&made), made.len);
	else
		body_made_put(out, false, why, strlen(why));
	return 0;
}

/* Past what is taken it is no JSON any more: nothing, then, which escuchactl says in words. */
static int reasons_bound(const struct frame *job, struct buf *out, int r)
{
	if (r == 0 && (out->full || out->len > answer_max_bytes(job->len)))
		buf_reset(out);
	return r;
}

int job_off(struct matcher *matcher, const struct frame *off, struct arena *a)
{
	const char *topic, *pattern;

	if (off_get(off->bytes, off->len, a, &topic, &pattern))
		return JOB_E_FORMAT;
	if (matcher)
		matcher_off(matcher, topic, pattern);
	return 0;
}

int job_do(struct matcher *matcher, struct maps *maps, struct enricher *tone, const struct frame *job, struct arena *a,
	   enum frame_type *ret_type, struct buf *out)
{
	*ret_type = FRAME_ANSWER;
	switch (job->type) {
	case FRAME_FEED:
		return feed_do(matcher, maps, job, a, out);
	case FRAME_MATCH:
		return match_do(matcher, tone, job, a, out);
	case FRAME_FEATURES:
		*ret_type = FRAME_FEATURED;
		return features_do(tone, job, a, out);
	case FRAME_OPML:
		*ret_type = FRAME_SOURCES;
		opml_do(job, a, out);
		return 0;
	case FRAME_BODY:
		*ret_type = FRAME_MADE;
		return body_do(maps, job, a, out);
	case FRAME_WHY:
		*ret_type = FRAME_REASONS;
		return reasons_bound(job, out, why_do(matcher, job, a, out));
	case FRAME_PATTERNS:
		*ret_type = FRAME_REASONS;
		return reasons_bound(job, out, patterns_do(matcher, job, a, out));
	default:
		return JOB_E_FORMAT;
	}
}
