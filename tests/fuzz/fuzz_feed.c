/*
 * Any bytes through feed_parse() and opml_parse(): what leaves is valid UTF-8, within its bounds, and is let over the border
 * between the two programs, on a first fetch, on a second and on those of the same feed cut off and with other guids.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "mention/job.h"
#include "parse/feed.h"
#include "parse/opml.h"
#include "parse/parse.h"
#include "pool/border.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *s, size_t max)
{
	if (s && (strlen(s) > max || !utf8_valid_text(s, strlen(s))))
		abort();
}

static void check_mention(const struct mention *m)
{
	check(m->title, MENTION_TEXT_MAX_BYTES);
	check(m->text, MENTION_TEXT_MAX_BYTES);
	check(m->guid, MENTION_FIELD_MAX_BYTES);
	check(m->url, MENTION_FIELD_MAX_BYTES);
	check(m->author.name, MENTION_FIELD_MAX_BYTES);
	check(m->author.url, MENTION_FIELD_MAX_BYTES);
	check(m->lang, MENTION_FIELD_MAX_BYTES);
	if (m->n_hits || m->own || m->published_ms == TIME_NONE)
		abort();
}

/* An honest reader's answer is never refused. */
static void check_border(const struct job_feed *job, const struct answer *answer)
{
	cleanup(border_freep) struct border *border = border_new("\0\0\0\0", 4);
	struct buf payload = BUF_INIT(1 << 28);
	const char *wrong;

	job_feed_put(&payload, job);
	wrong = border_feed(border, payload.data, payload.len, answer);
	if (wrong) {
		(void)fprintf(stderr, "%s\n", wrong);
		abort();
	}
	buf_done(&payload);
}

/* The same feed in another state: whatever it shows now, it may. */
static void check_changed(const struct job_feed *seen, const char *body, size_t len)
{
	struct arena *a = arena_new(1 << 28);
	struct job_feed job = *seen;
	struct answer answer;

	job.body = body;
	job.body_len = len;
	feed_parse(&job, a, &answer);
	check_border(&job, &answer);
	arena_free(a);
}

/* Each digit is another one: guids and links drift, and the words stay. */
static void check_drifted(const struct job_feed *job)
{
	cleanup(freep) char *body = malloc(job->body_len + 1);
	size_t i;

	if (!body)
		abort();
	for (i = 0; i < job->body_len; i++)
		body[i] = job->body[i] >= '0' && job->body[i] < '9' ? (char)(job->body[i] + 1) : job->body[i];
	check_changed(job, body, job->body_len);
}

/* The second fetch of the same bytes shows nothing new. */
static void check_again(struct job_feed *job, const struct answer *first)
{
	struct arena *a = arena_new(1 << 28);
	struct seen_key *seen = calloc(first->n_items + 1, sizeof(*seen));
	struct answer again;
	size_t i;

	if (!seen)
		abort();
	for (i = 0; i < first->n_items; i++)
		seen[i] = first->items[i].key;
	job->seen = seen;
	job->n_seen = first->n_items;
	job->first = false;
	feed_parse(job, a, &again);
	if (again.n_items != first->n_items || again.n_mentions != 0)
		abort();
	check_border(job, &again);
	check_changed(job, job->body, job->body_len / 2);
	check_drifted(job);
	free(seen);
	arena_free(a);
}

static void check_answer(const struct answer *answer, struct arena *a)
{
	struct buf wire = BUF_INIT(1 << 28);
	struct answer copy;
	size_t i;

	if (answer->n_items > ANSWER_ITEMS_MAX || (answer->status != ANSWER_OK && answer->n_items))
		abort();
	check(answer->why, ANSWER_WHY_MAX - 1);
	check(answer->feed.title, MENTION_FIELD_MAX_BYTES);
	for (i = 0; i < answer->n_mentions; i++)
		check_mention(&answer->mentions[i]);
	answer_put(&wire, answer);
	if (answer_get(buf_str(&wire), wire.len, a, &copy) != 0 || copy.n_mentions != answer->n_mentions)
		abort();
	buf_done(&wire);
}

static void run(const char *format, const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(1 << 28);
	struct job_feed job = {.source = "s",
			       .platform = "feed",
			       .address = "https://feed.example/d/f.xml",
			       .format = format,
			       .first = true,
			       .not_before_ms = TIME_NONE,
			       .seen_ms = INT64_C(1795600000000),
			       .body = (const char *)data,
			       .body_len = size};
	struct answer answer;

	feed_parse(&job, a, &answer);
	check_answer(&answer, a);
	check_border(&job, &answer);
	if (answer.status == ANSWER_OK)
		check_again(&job, &answer);
	arena_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(1 << 28);
	struct opml_entry *v;
	const char *why;
	size_t n, i;

	parse_init();
	run("auto", data, size);
	run("mentions", data, size);
	opml_parse((const char *)data, size, a, &why, &v, &n);
	for (i = 0; i < n; i++) {
		if (strncmp(v[i].url, "http", 4) != 0 || !utf8_valid_text(v[i].url, strlen(v[i].url)))
			abort();
		check(v[i].title, MENTION_FIELD_MAX_BYTES);
	}
	arena_free(a);
	return 0;
}
