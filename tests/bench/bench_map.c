/*
 * An answer of Mastodon's shape, 100 items in 159 kB, to mentions: map_parse() with the shipped map, as a reader runs it, to a bare
 * libjq program that parses the same page and makes 12 fields of each item. CPU time, interleaved, medians of five.
 *
 * Usage: bench_map MAP.jq
 */
#include <jq.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/file.h"
#include "mention/job.h"
#include "parse/map.h"
#include "parse/parse.h"

enum { ITEMS = 100, PAGES = 60, ROUNDS = 5 };

static const char bare[] =
	".[] | {id: .uri, url, text: .content, author: .account.acct, author_name: .account.display_name, "
	"author_url: .account.url, followers: .account.followers_count, published: .created_at, lang: .language, "
	"likes: .favourites_count, shares: .reblogs_count, replies: .replies_count}";

static double cpu_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void put_item(struct buf *b, unsigned i)
{
	buf_printf(b,
		   "{\"id\":\"1153%010u\",\"created_at\":\"2026-11-%02uT10:%02u:00.000Z\",\"in_reply_to_id\":%s,"
		   "\"in_reply_to_account_id\":null,\"sensitive\":false,\"spoiler_text\":\"\",\"visibility\":"
		   "\"public\",\"language\":\"es\","
		   "\"uri\":\"https://toot.example/users/vecina%u/statuses/1153%010u\",\"url\":\"https://toot.example/"
		   "@vecina%u/1153%010u\","
		   "\"replies_count\":%u,\"reblogs_count\":%u,\"favourites_count\":%u,\"edited_at\":null,"
		   "\"content\":\"\\u003cp\\u003eHoy el molino de la esquina %u volvi\\u00f3 a cerrar \\u0026amp; "
		   "nadie avis\\u00f3 nada a los "
		   "vecinos que esperaban desde temprano \\u003ca href=\\\"https://toot.example/tags/andino\\\" "
		   "class=\\\"mention hashtag\\\" "
		   "rel=\\\"tag\\\"\\u003e#\\u003cspan\\u003eandino\\u003c/span\\u003e\\u003c/a\\u003e\\u003c/"
		   "p\\u003e\",\"reblog\":null,"
		   "\"application\":{\"name\":\"Web\",\"website\":null},",
		   i, 1 + i % 20, i % 60, i % 3 ? "null" : "\"1153\"", i, i, i, i, i % 7, i % 5, i % 90, i);
	buf_printf(b,
		   "\"account\":{\"id\":\"9%u\",\"username\":\"vecina%u\",\"acct\":\"vecina%u\",\"display_name\":"
		   "\"Vecina %u\",\"locked\":false,"
		   "\"bot\":false,\"discoverable\":true,\"group\":false,\"created_at\":\"2023-01-01T00:00:00.000Z\","
		   "\"note\":\"\\u003cp\\u003eVivo "
		   "cerca del puerto y me gusta el "
		   "pan\\u003c/p\\u003e\",\"url\":\"https://toot.example/@vecina%u\",\"avatar\":\"https://files.toot"
		   ".example/accounts/avatars/000/%u/original/0a1b2c3d4e5f.png\",\"header\":\"https://"
		   "files.toot.example/accounts/headers/%u.png\","
		   "\"followers_count\":%u,\"following_count\":12,\"statuses_count\":345,\"last_status_at\":\"2026-11-"
		   "20\",\"emojis\":[],"
		   "\"fields\":[]},\"media_attachments\":[],\"mentions\":[],\"tags\":[{\"name\":\"andino\",\"url\":"
		   "\"https://toot.example/tags/"
		   "andino\"}],\"emojis\":[],\"card\":null,\"poll\":null}",
		   i, i, i, i, i, i, i, i * 3);
}

static void put_page(struct buf *b)
{
	unsigned i;

	buf_putc(b, '[');
	for (i = 0; i < ITEMS; i++) {
		if (i)
			buf_putc(b, ',');
		put_item(b, i);
	}
	buf_putc(b, ']');
}

static double ours(struct maps *maps, const struct buf *page)
{
	const struct job_feed job = {.source = "toots",
				     .platform = "mastodon",
				     .address = "https://toot.example/",
				     .format = "map",
				     .map = "mastodon",
				     .seen_ms = INT64_C(1795600000000),
				     .not_before_ms = TIME_NONE,
				     .body = page->data,
				     .body_len = page->len};
	double from = cpu_s();
	size_t i;

	for (i = 0; i < PAGES; i++) {
		cleanup(arena_freep) struct arena *a = arena_new(1 << 26);
		struct answer answer;

		map_parse(maps, &job, NULL, a, &answer);
		if (answer.n_mentions != ITEMS || answer.why)
			abort();
	}
	return cpu_s() - from;
}

static double bare_jq(jq_state *jq, const struct buf *page)
{
	double from = cpu_s();
	size_t i, n = 0;

	for (i = 0; i < PAGES; i++) {
		jv output;

		jq_start(jq, jv_parse_sized(page->data, (int)page->len), 0);
		for (; jv_is_valid(output = jq_next(jq)); n++)
			jv_free(output);
		jv_free(output);
	}
	if (n != (size_t)PAGES * ITEMS)
		abort();
	return cpu_s() - from;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v)
{
	qsort(v, ROUNDS, sizeof(*v), by_size);
	return v[ROUNDS / 2];
}

int main(int argc, char **argv)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	cleanup(maps_freep) struct maps *maps = NULL;
	cleanup(buf_done) struct buf text = BUF_INIT(1 << 20), page = BUF_INIT(1 << 20);
	double mine[ROUNDS], theirs[ROUNDS], ratios[ROUNDS], rate, ratio, from;
	struct map_program program = {.name = "mentions", .file = argc > 1 ? argv[1] : ""};
	const struct map_source source = {.name = "mastodon", .programs = &program, .n_programs = 1};
	jq_state *jq = jq_init();
	size_t i;

	if (argc != 2 || file_read(argv[1], &text, NULL) != 0) {
		(void)fprintf(stderr, "usage: bench_map MAP.jq\n");
		return 2;
	}
	program.text = buf_str(&text);
	parse_init();
	from = cpu_s();
	if (maps_load(&source, 1, d, &maps) != 0 || !jq_compile(jq, bare))
		return 1;
	printf("map: %.0f ms to compile\n", (cpu_s() - from) * 500); /* two of them */
	put_page(&page);
	for (i = 0; i < ROUNDS; i++) {
		mine[i] = ours(maps, &page);
		theirs[i] = bare_jq(jq, &page);
		ratios[i] = theirs[i] / mine[i];
	}
	jq_teardown(&jq);
	ratio = median(ratios);
	rate = ITEMS * PAGES / median(mine);
	printf("map: %zu bytes a page, %.0f items a second and reader, %.1f us an item; bare libjq %.0f; %.2f of it\n",
	       page.len, rate, 1e6 / rate, ITEMS * PAGES / median(theirs), ratio);
	if (rate < 15000)
		printf("map: MISSED: 15000 items a second\n");
	if (ratio < 0.8)
		printf("map: MISSED: 0.8 of bare libjq\n");
	return rate < 15000 || ratio < 0.8;
}
