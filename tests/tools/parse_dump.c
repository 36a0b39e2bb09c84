/*
 * What feed_parse() makes of a recorded feed on its first fetch: one mention_json() a line, as the tests compare it.
 *
 * Usage: parse_dump ADDRESS [FORMAT] < FILE
 * Exit:  the answer's status (0: a feed); its why is on standard error.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "mention/job.h"
#include "parse/feed.h"
#include "parse/parse.h"

enum { FILE_MAX_BYTES = 64 * 1024 * 1024, ARENA_MAX_BYTES = 512 * 1024 * 1024 };

static void read_all(struct buf *body)
{
	char *to;

	while ((to = buf_reserve(body, 65536))) {
		size_t n = fread(to, 1, 65536, stdin);

		buf_commit(body, n);
		if (n < 65536)
			return;
	}
}

int main(int argc, char **argv)
{
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_MAX_BYTES);
	cleanup(buf_done) struct buf body = BUF_INIT(FILE_MAX_BYTES), line = BUF_INIT(FILE_MAX_BYTES);
	struct json j = JSON_OUT(&line);
	struct job_feed job = {.source = "dump", .platform = "feed", .first = true, .not_before_ms = TIME_NONE};
	struct answer answer;
	size_t i;

	if (argc < 2) {
		fputs("usage: parse_dump ADDRESS [FORMAT] < FILE\n", stderr);
		return EXIT_FAILURE;
	}
	parse_init();
	read_all(&body);
	job.address = argv[1];
	job.format = argc > 2 ? argv[2] : "auto";
	job.seen_ms = clock_wall_ms();
	job.body = buf_str(&body);
	job.body_len = body.len;
	feed_parse(&job, a, &answer);
	for (i = 0; i < answer.n_mentions; i++) {
		buf_reset(&line);
		j.comma = false;
		mention_json(&j, NULL, &answer.mentions[i]);
		puts(buf_str(&line));
	}
	if (answer.why)
		fprintf(stderr, "%s\n", answer.why);
	return (int)answer.status;
}
