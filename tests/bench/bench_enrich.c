/*
 * What language, tone and fingerprint cost a post of 280 characters, beside folding it once (match/fold, which the matcher needs all the
 * same); and how much longer a reader's job takes with them (reader/jobs: a feed of all posts, each of them some topic's), which may be
 * no more than they cost by themselves. Thread CPU time, by turns, the median of five rounds.
 *
 *	bench_enrich POSTS.tsv      (language, tab, label, tab, text; texts are joined until they are 280 characters long)
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/utf8.h"
#include "enrich/enrich.h"
#include "enrich/fingerprint.h"
#include "enrich/language.h"
#include "enrich/lexicon.h"
#include "enrich/post.h"
#include "enrich/shipped.h"
#include "enrich/tone.h"
#include "match/fold.h"
#include "match/matcher.h"
#include "match/ruleset.h"
#include "mention/job.h"
#include "mention/mention.h"
#include "mention/print.h"
#include "parse/parse.h"
#include "reader/jobs.h"

enum {
	ROUNDS = 5,
	TURNS = 40,
	POSTS_MAX = 1000,
	POST_CHARACTERS = 280,
	LINE_MAX_BYTES = 64 * 1024,
	FEED_MAX_BYTES = 4 * 1024 * 1024
};
static const double LANGUAGE_GOAL_US = 5, TONE_GOAL_US = 15, PRINT_GOAL_US = 20, ALL_GOAL_US = 40,
		    JOB_NOISE = 1.25 /* the answer is longer by what was found */;

enum part { FOLD, LANGUAGE, TONE, PRINT, ALL, PARTS };
static const char *const names[PARTS] = {"folding it once", "language", "tone", "fingerprint", "all (enrich_mention)"};

struct bench {
	char *posts[POSTS_MAX];
	size_t n;
	struct fold fold;
	struct post post;
	struct language_model model;
	struct lexicon *lexicon;
	struct fingerprinter maker;
	struct enricher *all;
};

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void posts_read(struct bench *b, const char *path)
{
	struct buf post = BUF_INIT(LINE_MAX_BYTES);
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t cap = 0;

	while (f && getline(&line, &cap, f) > 0 && b->n < POSTS_MAX) {
		const char *text = strrchr(line, '\t');

		if (!text)
			continue;
		buf_put(&post, text + 1, strcspn(text + 1, "\n"));
		buf_putc(&post, ' ');
		if (utf8_count(buf_str(&post), post.len) < POST_CHARACTERS)
			continue;
		b->posts[b->n++] = xstrndup(buf_str(&post), utf8_cut(buf_str(&post), post.len, POST_CHARACTERS));
		buf_reset(&post);
	}
	free(line);
	if (f)
		fclose(f);
	buf_done(&post);
}

static void do_part(struct bench *b, enum part part, const char *text)
{
	size_t len = strlen(text);
	struct print print;
	struct tone tone;

	if (part == FOLD) {
		fold_text(&b->fold, text, len);
	} else if (part == LANGUAGE) {
		(void)language_of(&b->model, text, len, NULL);
	} else if (part == TONE) {
		post_read(&b->post, text, len);
		tone_judge(b->lexicon, &b->post, NULL, 0, &tone);
	} else if (part == PRINT) { /* alone: beside tone the post is read already */
		post_read(&b->post, text, len);
		fingerprint_make(&b->maker, &b->post, &print);
	} else {
		cleanup(arena_freep) struct arena *a = arena_new(1 << 16);
		struct mention m;

		mention_init(&m);
		m.text = text;
		enrich_mention(b->all, NULL, &m, a);
	}
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure(struct bench *b, double ret_us[PARTS])
{
	double us[PARTS][ROUNDS];
	size_t round, turn, i;
	int part;

	for (round = 0; round < ROUNDS; round++) {
		for (part = 0; part < PARTS; part++)
			us[part][round] = 0;
		for (turn = 0; turn < TURNS; turn++) {
			for (part = 0; part < PARTS; part++) {
				double from = now_us();

				for (i = 0; i < b->n; i++)
					do_part(b, (enum part)part, b->posts[i]);
				us[part][round] += now_us() - from;
			}
		}
	}
	for (part = 0; part < PARTS; part++) {
		qsort(us[part], ROUNDS, sizeof(us[part][0]), by_size);
		ret_us[part] = us[part][ROUNDS / 2] / (double)(TURNS * b->n);
	}
}

/* --- a reader's job --- */

static struct ruleset *rules_load(struct diag *d)
{
	char path[] = "/tmp/bench-enrich-XXXXXX.yaml";
	const char *const paths[] = {path};
	struct ruleset *rules = NULL;
	int fd = mkostemps(path, 5, O_CLOEXEC);

	if (fd < 0)
		return NULL;
	dprintf(fd, "topic: acme\nrole: brand\npatterns:\n  name: '\\bacme\\b'\n  bad: '(estafa|fraude)\\w*'\n"
		    "rules:\n  - {name: queja, when: 'name and bad'}\n");
	close(fd);
	if (ruleset_load(paths, 1, d, &rules))
		diag_print(d, stderr, text_lang_of("en"));
	else
		ruleset_prefilter(rules);
	unlink(path);
	return rules;
}

static void feed_write(const struct bench *b, struct buf *feed)
{
	size_t i;
	const char *s;

	buf_puts(feed, "<rss version=\"2.0\"><channel><title>posts</title>\n");
	for (i = 0; i < b->n; i++) {
		buf_printf(feed, "<item><guid>%zu</guid><link>https://example.com/%zu</link><description>", i, i);
		for (s = b->posts[i]; *s; s++)
			if (*s == '<' || *s == '&' || *s == '>')
				buf_printf(feed, "&#%d;", *s);
			else
				buf_putc(feed, *s);
		buf_puts(feed, "</description></item>\n");
	}
	buf_puts(feed, "</channel></rss>\n");
}

static bool job_time(struct matcher *matcher, struct enricher *tone, const struct frame *job, double *us)
{
	struct buf out = BUF_INIT(FEED_MAX_BYTES);
	struct arena *a = arena_new(JOB_ARENA_MAX_BYTES);
	enum frame_type type;
	double from = now_us();
	bool done = job_do(matcher, NULL, tone, job, a, &type, &out) == 0;

	*us += now_us() - from;
	done = done && type == FRAME_ANSWER;
	arena_free(a);
	buf_done(&out);
	return done;
}

/* Microseconds a post without what this folder does, and with it. */
static bool jobs_measure(struct bench *b, struct diag *d, double ret_us[2])
{
	struct buf feed = BUF_INIT(FEED_MAX_BYTES), in = BUF_INIT(FEED_MAX_BYTES);
	struct ruleset *rules = rules_load(d);
	struct matcher *matchers[2];
	struct frame job = {.type = FRAME_FEED};
	double us[2][ROUNDS] = {{0}};
	bool done = rules != NULL;
	int round, turn, with;

	if (!done)
		return false;
	parse_init();
	feed_write(b, &feed);
	job_feed_put(&in, &(struct job_feed){.source = "prensa",
					     .platform = "feed",
					     .topic = "acme",
					     .address = "https://example.com/feed",
					     .format = "auto",
					     .seen_ms = 1709208000000,
					     .not_before_ms = TIME_NONE,
					     .body = buf_str(&feed),
					     .body_len = feed.len});
	job.bytes = in.data;
	job.len = in.len;
	for (with = 0; with < 2; with++)
		matchers[with] = matcher_new(rules);
	matcher_between(matchers[1], &(struct matcher_between){enrich_mention, b->all});
	for (round = 0; round < ROUNDS && done; round++)
		for (turn = 0; turn < TURNS && done; turn++)
			for (with = 0; with < 2 && done; with++)
				done = job_time(matchers[with], with ? b->all : NULL, &job, &us[with][round]);
	for (with = 0; with < 2; with++) {
		qsort(us[with], ROUNDS, sizeof(us[with][0]), by_size);
		ret_us[with] = us[with][ROUNDS / 2] / (double)(TURNS * b->n);
		matcher_free(matchers[with]);
	}
	ruleset_free(rules);
	buf_done(&feed);
	buf_done(&in);
	return done;
}

int main(int argc, char **argv)
{
	struct bench b = {.n = 0};
	struct diag *d = diag_new();
	double us[PARTS], job_us[2];
	size_t i;
	int part;

	if (argc != 2)
		return 2;
	posts_read(&b, argv[1]);
	fold_init(&b.fold);
	post_init(&b.post);
	for (i = 0; i < shipped_lexicons_n && strcmp(shipped_lexicons[i].name, "es") != 0; i++)
		;
	if (!b.n || language_model_read(shipped_language_model, shipped_language_model_len, &b.model) ||
	    lexicon_new("es", shipped_lexicons[i].text, d, &b.lexicon) || enricher_new(NULL, d, &b.all))
		return 2;
	measure(&b, us);
	if (!jobs_measure(&b, d, job_us))
		return 2;
	for (part = 0; part < PARTS; part++)
		printf("%s: %.2f us a post of %d bytes, %.2f of folding\n", names[part], us[part], POST_CHARACTERS,
		       us[part] / us[FOLD]);
	printf("a reader's job: %.2f us a post without, %.2f with: %.2f times, %.2f more; by themselves %.2f\n",
	       job_us[0], job_us[1], job_us[1] / job_us[0], job_us[1] - job_us[0], us[ALL]);
	for (i = 0; i < b.n; i++)
		free(b.posts[i]);
	fold_done(&b.fold);
	post_done(&b.post);
	fingerprinter_done(&b.maker);
	lexicon_free(b.lexicon);
	enricher_free(b.all);
	diag_free(d);
	return us[LANGUAGE] > LANGUAGE_GOAL_US || us[TONE] > TONE_GOAL_US || us[PRINT] > PRINT_GOAL_US ||
	       us[ALL] > ALL_GOAL_US || job_us[1] - job_us[0] > us[ALL] * JOB_NOISE;
}
