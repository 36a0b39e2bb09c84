/*
 * Any bytes as the answer of a platform, through maps that yield what the bytes say: records to the letter, facts, and members by
 * name. What leaves is valid UTF-8, within its bounds, survives the wire and is let over the border between the two programs; a
 * second fetch of the same shows nothing new; a map that looks at named keys yields what it does without saying so.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/utf8.h"
#include "mention/job.h"
#include "parse/map.h"
#include "parse/parse.h"
#include "pool/border.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define RECORDS                                                                                                        \
	".[]? | each({id, url, title, title_format, text, text_format, author, author_name, author_url, followers, "   \
	"verified, published, lang, country, likes, shares, rating, version, parent, repeats, kind, scope})"

static const struct map_program whole[] = {{.name = "mentions", .text = "if type == \"array\" then .[] else . end"},
					   {.name = "ids", .text = ".[]? | .id?"},
					   {.name = "next", .text = ".next"}},
				taken[] = {{.name = "mentions", .text = "# scope: p\n" RECORDS}},
				named[] = {{.name = "mentions", .text = "# scope: p\n# looks at named keys\n" RECORDS}};
static const struct map_source sources[] = {
	{.name = "whole", .programs = whole, .n_programs = 3},
	{.name = "taken", .programs = taken, .n_programs = 1},
	{.name = "named", .programs = named, .n_programs = 1},
};

static struct maps *maps;

static void check(const char *s, size_t max)
{
	if (s && (strlen(s) > max || !utf8_valid_text(s, strlen(s))))
		abort();
}

static void check_answer(const struct job_feed *job, const struct answer *answer, struct arena *a)
{
	cleanup(border_freep) struct border *border = border_new("\0\0\0\0", 4);
	struct buf payload = BUF_INIT(1 << 28), wire = BUF_INIT(1 << 28);
	struct answer copy;
	const char *wrong;
	size_t i;

	check(answer->why, ANSWER_WHY_MAX - 1);
	for (i = 0; i < answer->n_facts; i++)
		check(answer->facts[i].value, MENTION_FIELD_MAX_BYTES);
	answer_put(&wire, answer);
	if (answer_get(buf_str(&wire), wire.len, a, &copy))
		abort();
	job_feed_put(&payload, job);
	wrong = border_feed(border, buf_str(&payload), payload.len, answer);
	if (wrong) {
		(void)fprintf(stderr, "%s\n", wrong);
		abort();
	}
	buf_done(&payload);
	buf_done(&wire);
}

/* The second fetch of the same bytes. */
static void check_again(struct job_feed job, const struct answer *first, struct arena *a)
{
	struct seen_key *seen = ARENA_ARRAY(a, struct seen_key, first->n_items);
	struct answer again;
	size_t i;

	for (i = 0; i < first->n_items; i++)
		seen[i] = first->items[i].key;
	job.seen = seen;
	job.n_seen = first->n_items;
	job.first = false;
	map_parse(maps, &job, NULL, a, &again);
	if (again.n_items != first->n_items || again.n_mentions != 0)
		abort();
	check_answer(&job, &again, a);
}

static void check_same(const struct answer *a, const struct answer *b)
{
	size_t i;

	if (a->status != b->status || a->n_mentions != b->n_mentions)
		abort();
	for (i = 0; i < a->n_mentions; i++)
		if (memcmp(a->mentions[i].id, b->mentions[i].id, MENTION_ID_BYTES) != 0 ||
		    mention_content_hash(&a->mentions[i]) != mention_content_hash(&b->mentions[i]))
			abort();
}

/* Whether "named" must yield what "taken" does: what it passes over unread need not be JSON, nor be few brackets deep, and a list of
 * members is not a list of items. */
static bool comparable(const uint8_t *data, size_t size, const struct answer *answer)
{
	return size && data[0] == '[' && answer->status == ANSWER_OK && !answer->why;
}

static bool half_passes(void *arg, const char *texts, size_t len)
{
	(void)arg;
	if (!utf8_valid(texts, len)) /* it was, before */
		abort();
	return len & 1;
}

/* Some of its lines are passed over: nothing comes that would not have come. */
static void check_sifted(struct job_feed job, const struct answer *all, struct arena *a)
{
	static const struct map_sieve sieve = {.passes = half_passes};
	struct answer some;

	job.sieve = true;
	map_parse(maps, &job, &sieve, a, &some);
	check_answer(&job, &some, a);
	if (all->status == ANSWER_OK && some.status == ANSWER_OK && some.n_mentions > all->n_mentions &&
	    !all->items_left)
		abort();
}

/* libjq holds on to its stack by the stack's end: a search for leaks would not find who owns it. */
static void done(void)
{
	maps = maps_free(maps);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(1 << 28);
	struct answer answers[3];
	struct job_feed job = {.source = "s",
			       .platform = "p",
			       .address = "https://api.example/",
			       .format = "map",
			       .first = true,
			       .seen_ms = INT64_C(1763805600000),
			       .not_before_ms = TIME_NONE,
			       .body = size ? (const char *)data : "",
			       .body_len = size};
	size_t i;

	parse_init();
	if (!maps && (maps_load(sources, ARRAY_LEN(sources), NULL, &maps) != 0 || atexit(done) != 0))
		abort();
	for (i = 0; i < ARRAY_LEN(sources); i++) {
		job.map = sources[i].name;
		map_parse(maps, &job, NULL, a, &answers[i]);
		check_answer(&job, &answers[i], a);
		check_again(job, &answers[i], a);
		check_sifted(job, &answers[i], a);
	}
	if (comparable(data, size, &answers[1]))
		check_same(&answers[1], &answers[2]);
	arena_free(a);
	return 0;
}
