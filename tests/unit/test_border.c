/* What a reader that foreign bytes took over may not say. Each case is an honest answer with one lie in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "mention/catalogue.h"
#include "mention/job.h"
#include "pool/border.h"
#include "pool/terms.h"

enum { SEEN = 3, ITEMS = 3, SEEN_MS = 1709208000 };

/* A job that knows keys 1 to 3, and an answer: 1 is known, 4 is new, 2 was edited. */
struct scene {
	struct border *border;
	struct arena *arena;
	struct buf payload;
	struct job_feed job;
	struct seen_key seen[SEEN];
	struct answer answer;
	struct item_mark items[ITEMS];
	struct mention mentions[2];
	struct hit hits[2];
	const char *rules[1], *tags[1];
};

static void id_of(uint8_t key, uint8_t ret[MENTION_ID_BYTES])
{
	memset(ret, key, MENTION_ID_BYTES);
}

static struct border *known(void)
{
	static const char *rules[] = {"zeta", "fraude"}, *tags[] = {"legal", "crisis"}, *other[] = {"rebaja"};
	static struct catalogue_topic topics[] = {
		{.name = "rival", .role = "competitor", .rules = other, .n_rules = 1},
		{.name = "acme", .role = "brand", .rules = rules, .n_rules = 2, .tags = tags, .n_tags = 2},
	};
	const struct catalogue c = {.topics = topics, .n_topics = 2};
	struct buf b = BUF_INIT(4096);
	struct border *border;

	catalogue_put(&b, &c);
	border = border_new(b.data, b.len);
	assert_non_null(border);
	buf_done(&b);
	return border;
}

static void job_write(struct scene *s)
{
	buf_reset(&s->payload);
	job_feed_put(&s->payload, &s->job);
}

static int set_up(void **state)
{
	struct scene *s = NEW(struct scene);
	size_t i;

	s->border = known();
	s->arena = arena_new(1 << 20);
	buf_init(&s->payload, 1 << 20);
	for (i = 0; i < SEEN; i++)
		id_of((uint8_t)(SEEN - i), s->seen[i].id); /* in no order */
	s->job = (struct job_feed){.source = "prensa",
				   .platform = "feed",
				   .address = "https://example.com/feed",
				   .format = "auto",
				   .seen_ms = SEEN_MS,
				   .not_before_ms = TIME_NONE,
				   .seen = s->seen,
				   .n_seen = SEEN};
	job_write(s);
	id_of(1, s->items[0].key.id);
	s->items[0].state = ITEM_KNOWN;
	id_of(4, s->items[1].key.id);
	s->items[1].state = ITEM_NEW;
	id_of(2, s->items[2].key.id);
	s->items[2].state = ITEM_EDITED;
	for (i = 0; i < 2; i++) {
		struct mention *m = &s->mentions[i];

		mention_init(m);
		id_of(i ? 2 : 4, m->id);
		m->source = "prensa";
		m->platform = "feed";
		m->text = "Acme";
		m->seen_ms = SEEN_MS;
	}
	s->rules[0] = "fraude";
	s->tags[0] = "legal";
	s->hits[0] = (struct hit){
		.topic = "acme", .role = "brand", .rules = s->rules, .n_rules = 1, .tags = s->tags, .n_tags = 1};
	s->hits[1] = (struct hit){.topic = "rival", .role = "competitor"};
	s->mentions[0].hits = s->hits;
	s->mentions[0].n_hits = 2;
	s->answer = (struct answer){.items = s->items, .n_items = ITEMS, .mentions = s->mentions, .n_mentions = 2};
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *s = *state;

	border_free(s->border);
	arena_free(s->arena);
	buf_done(&s->payload);
	free(s);
	return 0;
}

static const char *judge(const struct scene *s)
{
	return border_feed(s->border, s->payload.data, s->payload.len, &s->answer);
}

static void an_honest_answer_is_one(void **state)
{
	struct scene *s = *state;

	assert_null(judge(s));
	s->items[2].state = ITEM_COUNTED;
	s->answer.n_mentions = 1;
	assert_null(judge(s));
}

#define LIE(change)                                                                                                    \
	do {                                                                                                           \
		struct scene was = *s;                                                                                 \
                                                                                                                       \
		assert_null(judge(s));                                                                                 \
		change;                                                                                                \
		if (!judge(s))                                                                                         \
			fail_msg("taken: %s", #change);                                                                \
		was.payload = s->payload;                                                                              \
		*s = was;                                                                                              \
	} while (0)

static void names_that_do_not_exist_are_refused(void **state)
{
	struct scene *s = *state;
	struct answer_limit limit = {.topic = "acme", .pattern = "name", .count = 1};

	LIE(s->hits[0].topic = "nadie");
	LIE(s->hits[0].role = "industry");
	LIE(s->hits[1] = s->hits[0]); /* counted twice */
	LIE(s->rules[0] = "rebaja");  /* another topic's */
	LIE(s->rules[0] = "legal");
	LIE(s->tags[0] = "fraude");
	LIE((s->hits[0].intents = s->tags, s->hits[0].n_intents = 1)); /* a tag is no intent */
	LIE((s->hits[1].tags = s->tags, s->hits[1].n_tags = 1));       /* of a topic that has none */
	s->answer.limits = &limit;
	s->answer.n_limits = 1;
	LIE(limit.topic = "nadie");
}

static void another_source_is_refused(void **state)
{
	struct scene *s = *state;

	LIE(s->mentions[1].source = "otra");
	LIE(s->mentions[0].source = NULL);
	LIE(s->mentions[0].platform = "mastodon");
	LIE(s->mentions[0].platform = NULL);
	LIE(s->mentions[0].seen_ms++);
	LIE(s->mentions[0].baseline = true);
}

static void what_its_source_never_showed_is_not_its_own_to_change(void **state)
{
	struct scene *s = *state;

	LIE(id_of(9, s->items[0].key.id)); /* known: it would never be told */
	LIE(id_of(9, s->items[2].key.id)); /* edited */
	LIE((s->items[2].state = ITEM_COUNTED, id_of(9, s->items[2].key.id)));
	LIE(id_of(3, s->items[1].key.id));                                /* new: told again */
	LIE((s->items[0].state = ITEM_MOVED, id_of(1, s->items[0].old))); /* no policy has fallen */
	s->answer.identity = IDENTITY_LINK;
	s->answer.identity_changed = true;
	s->items[0].state = ITEM_MOVED;
	id_of(5, s->items[0].key.id);
	id_of(1, s->items[0].old);
	LIE(id_of(9, s->items[0].old));
}

static void a_policy_only_falls(void **state)
{
	struct scene *s = *state;

	s->job.identity = IDENTITY_LINK;
	s->answer.identity = IDENTITY_LINK;
	job_write(s);
	LIE(s->answer.identity = IDENTITY_GUID);
	LIE(s->answer.identity = IDENTITY_HASH); /* and does not say so */
	LIE(s->answer.identity_changed = true);
	s->job.first = s->mentions[0].baseline = s->mentions[1].baseline = true;
	job_write(s);
	LIE((s->answer.identity = IDENTITY_HASH,
	     s->answer.identity_changed = true)); /* of a source never heard before */
}

/* A first poll with a backfill calls known what is too old for it. */
static void what_is_too_old_may_be_known_from_the_first(void **state)
{
	struct scene *s = *state;

	s->job.n_seen = 0;
	s->job.first = s->mentions[0].baseline = s->mentions[1].baseline = true;
	s->job.not_before_ms = SEEN_MS;
	s->items[2].state = ITEM_NEW;
	job_write(s);
	assert_null(judge(s));
	s->job.not_before_ms = TIME_NONE;
	job_write(s);
	assert_non_null(judge(s));
}

static void a_refusal_says_nothing_else(void **state)
{
	struct scene *s = *state;

	s->answer = (struct answer){.status = ANSWER_REFUSED};
	LIE((s->answer.items = s->items, s->answer.n_items = 1));
	LIE((s->answer.identity = IDENTITY_LINK, s->answer.identity_changed = true));
}

static void what_was_asked_about_comes_back_as_it_was(void **state)
{
	struct scene *s = *state;
	struct buf payload = BUF_INIT(1 << 20);
	struct mention *m = &s->mentions[0], was;

	job_match_put(&payload, NULL, false, m, 1);
	s->answer.n_items = s->answer.n_mentions = 1;
	s->answer.items = &s->items[1];
#define MATCH border_match(s->border, payload.data, payload.len, &s->answer)
	assert_null(MATCH);
	was = *m;
	m->lang = "es"; /* found out */
	assert_null(MATCH);
	m->text = "otra cosa";
	assert_non_null(MATCH);
	*m = was;
	m->url = "https://mala.example";
	assert_non_null(MATCH);
	*m = was;
	m->source = "otra";
	assert_non_null(MATCH);
	*m = was;
	s->rules[0] = "no-such";
	assert_non_null(MATCH);
	s->rules[0] = "fraude";
	s->answer.n_items = s->answer.n_mentions = 0;
	assert_non_null(MATCH);
	s->answer.status = ANSWER_REFUSED; /* too large an answer */
	assert_null(MATCH);
	buf_done(&payload);
}

static void a_list_names_web_addresses_alone(void **state)
{
	const struct opml_entry good[] = {{.url = "https://a.example/"}, {.url = "http://b.example/"}},
				bad[] = {{.url = "https://a.example/"}, {.url = "file:///etc/passwd"}};

	(void)state;
	assert_null(border_opml(good, 2));
	assert_non_null(border_opml(bad, 2));
	assert_null(border_opml(NULL, 0));
}

static void without_rules_there_are_no_hits(void **state)
{
	cleanup(border_freep) struct border *none = border_new("", 0);
	struct scene *s = *state;

	assert_non_null(none);
	assert_non_null(border_feed(none, s->payload.data, s->payload.len, &s->answer));
	s->mentions[0].n_hits = 0;
	assert_null(border_feed(none, s->payload.data, s->payload.len, &s->answer));
}

/* The frame as a whole: type, length, form, and then what it claims. */
static void an_answer_is_bounded_by_its_job(void **state)
{
	struct scene *s = *state;
	struct buf out = BUF_INIT(FRAME_MAX_BYTES);
	const struct terms_job job = {.type = FRAME_FEED, .payload = &s->payload, .border = s->border};
	const size_t most = answer_max_bytes(s->payload.len);
	struct frame f = {.type = FRAME_ANSWER};
	bool suspect;

	assert_int_equal(most, ANSWER_BASE_BYTES + ANSWER_GROWTH * s->payload.len);
	assert_int_equal(answer_max_bytes(FRAME_MAX_BYTES), FRAME_MAX_BYTES);
	assert_int_equal(answer_max_bytes((FRAME_MAX_BYTES - ANSWER_BASE_BYTES) / ANSWER_GROWTH), FRAME_MAX_BYTES);
	answer_put(&out, &s->answer);
	f.bytes = out.data;
	f.len = out.len;
	assert_null(terms_broken(&job, &f, &suspect));
	assert_false(suspect);
	f.len--;
	assert_non_null(terms_broken(&job, &f, &suspect));
	f.len = most + 1;
	assert_string_equal(terms_broken(&job, &f, &suspect), "more than its job can have in it");
	f.len = out.len;
	f.type = FRAME_SOURCES;
	assert_non_null(terms_broken(&job, &f, &suspect));
	buf_reset(&out);
	answer_put(&out, &(struct answer){.status = ANSWER_MALFORMED});
	f = (struct frame){.type = FRAME_ANSWER, .bytes = out.data, .len = out.len};
	assert_null(terms_broken(&job, &f, &suspect));
	assert_true(suspect);
	buf_done(&out);
}

/* Only what is asked to sift may pass over, and no more than could be in the job. */
static void nothing_is_passed_over_unasked(void **state)
{
	struct scene *s = *state;

	LIE(s->answer.passed_over = 1);
	s->job.sieve = true;
	job_write(s);
	LIE(s->answer.passed_over = s->job.body_len + 1);
}

/* What escuchactl shows: text, to the jobs that ask for it, and to no other. */
static void reasons_are_text(void **state)
{
	struct scene *s = *state;
	static const enum frame_type jobs[] = {FRAME_WHY, FRAME_PATTERNS};
	bool suspect;
	size_t i;

	for (i = 0; i < ARRAY_LEN(jobs); i++) {
		const struct terms_job job = {.type = jobs[i], .payload = &s->payload, .border = s->border};
		struct frame f = {.type = FRAME_REASONS, .bytes = "{}", .len = 2};

		assert_null(terms_broken(&job, &f, &suspect));
		f.len = answer_max_bytes(s->payload.len) + 1;
		assert_non_null(terms_broken(&job, &f, &suspect));
		f = (struct frame){.type = FRAME_REASONS, .bytes = "{\377}", .len = 3};
		assert_non_null(terms_broken(&job, &f, &suspect));
		f = (struct frame){.type = FRAME_ANSWER, .bytes = "{}", .len = 2};
		assert_non_null(terms_broken(&job, &f, &suspect));
	}
}

static void what_is_no_catalogue_makes_no_border(void **state)
{
	(void)state;
	assert_null(border_new("\0\0\0", 3));
	assert_null(border_new("\377\377\377\377", 4));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(an_honest_answer_is_one),
		TEST(reasons_are_text),
		TEST(names_that_do_not_exist_are_refused),
		TEST(another_source_is_refused),
		TEST(what_its_source_never_showed_is_not_its_own_to_change),
		TEST(a_policy_only_falls),
		TEST(what_is_too_old_may_be_known_from_the_first),
		TEST(a_refusal_says_nothing_else),
		TEST(what_was_asked_about_comes_back_as_it_was),
		TEST(a_list_names_web_addresses_alone),
		TEST(an_answer_is_bounded_by_its_job),
		TEST(nothing_is_passed_over_unasked),
		TEST(what_is_no_catalogue_makes_no_border),
		TEST(without_rules_there_are_no_hits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
