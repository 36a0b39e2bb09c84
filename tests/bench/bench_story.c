/*
 * How many copies are known for one story, and how many strangers are taken for one: a generator of posts and of articles
 * (words of a vocabulary of 20,000, as often as words are; a brand's name in each), of their copies (reposts, quotes,
 * truncated, retouched, rewritten ones), and of an index with all originals. The seed is fixed. Texts of people, one a line,
 * may be given, and are then originals, too: they say more of strangers than words drawn by lot.
 *
 *	bench_story [--small] [POSTS [ARTICLES]]
 *
 * And what it costs: a question to an index of 50,000, thread CPU time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "enrich/fingerprint.h"
#include "enrich/post.h"
#include "mention/print.h"
#include "store/story_index.h"

enum { VOCABULARY = 20000, TEXT_MAX_BYTES = 64 * 1024, ORIGINALS_MAX = 6000, COST_LEADERS = 50000, WORDS_MAX = 600 };
static const double POSTS_GOAL = 0.93, ARTICLES_GOAL = 0.90, STRANGERS_GOAL = 2e-6;

/* --- chance --- */

static uint64_t seed = 20260101;

static uint32_t chance(uint32_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((seed >> 33) % below);
}

static bool percent(uint32_t p)
{
	return chance(100) < p;
}

/* --- words --- */

static const char *const common[] = {
	"de",  "la",  "que",     "el",  "en",    "y",     "a",    "los",  "se",    "del",    "las",  "un",   "por",
	"con", "no",  "una",     "su",  "para",  "es",    "al",   "lo",   "como",  "más",    "o",    "pero", "sus",
	"le",  "ha",  "me",      "si",  "sin",   "sobre", "este", "ya",   "entre", "cuando", "todo", "esta", "ser",
	"son", "dos", "también", "fue", "había", "era",   "muy",  "años", "hasta", "desde",  "está", "mi",   "porque"};
static char vocabulary[VOCABULARY][24];

static void vocabulary_make(void)
{
	static const char *const onsets[] = {"b", "c", "d", "f", "g",  "l",  "m",  "n",  "p",
					     "r", "s", "t", "v", "ch", "tr", "pl", "br", "ll"};
	static const char *const rhymes[] = {"a", "e", "i", "o", "u", "an", "en", "or", "es", "al", "ia", "ue"};
	size_t i;

	for (i = 0; i < VOCABULARY; i++) {
		struct buf b = BUF_INIT(sizeof(vocabulary[i]));
		uint32_t syllables = 2 + chance(3);

		if (i < sizeof(common) / sizeof(*common))
			buf_puts(&b, common[i]);
		else
			while (syllables-- > 0)
				buf_printf(&b, "%s%s", onsets[chance(18)], rhymes[chance(12)]);
		snprintf(vocabulary[i], sizeof(vocabulary[i]), "%s", buf_str(&b));
		buf_done(&b);
	}
}

/* The n-th word as often as 1/n: Zipf. */
static const char *word(void)
{
	double u = (double)chance(1 << 30) / (1 << 30), rank = 1;
	const double spread = 9.9; /* ln VOCABULARY */

	for (u *= spread; u > 1; u -= 1)
		rank *= 2.718281828;
	rank *= 1 + 1.718281828 * u;
	return vocabulary[rank < VOCABULARY ? (size_t)rank - 1 : chance(VOCABULARY)];
}

struct text {
	char *words[WORDS_MAX];
	size_t n;
};

static void text_add(struct text *t, const char *s, size_t len)
{
	if (t->n < WORDS_MAX && len)
		t->words[t->n++] = strndup(s, len);
}

static void text_done(struct text *t)
{
	while (t->n)
		free(t->words[--t->n]);
}

static struct text text_of(const char *line)
{
	struct text t = {.n = 0};

	while (*line && *line != '\n') {
		size_t len = strcspn(line, " \t\n");

		text_add(&t, line, len);
		line += len + strspn(line + len, " \t");
	}
	return t;
}

static struct text text_made(uint32_t least, uint32_t more)
{
	static const char *const brands[] = {"Banco Andino", "Acme", "Café Sierra Clara", "Telefonía Austral"};
	struct text t = {.n = 0}, brand = text_of(brands[chance(4)]);
	uint32_t words = least + chance(more), at = chance(words), i;
	size_t k;

	for (i = 0; i < words; i++) {
		const char *w = word();

		for (k = 0; i == at && k < brand.n; k++)
			text_add(&t, brand.words[k], strlen(brand.words[k]));
		if (percent(3)) {
			char number[16];

			text_add(&t, number, (size_t)snprintf(number, sizeof(number), "%u", chance(300)));
		} else {
			text_add(&t, w, strlen(w));
		}
	}
	text_done(&brand);
	return t;
}

/* --- copies --- */

enum copy { REPOST, QUOTE, TRUNCATED, RETOUCHED, REWRITTEN, COPIES };
static const char *const copy_names[COPIES] = {"reposts", "quotes", "truncated", "retouched", "rewritten"};

static void put_words(struct buf *b, const struct text *t, size_t from, size_t to)
{
	size_t i;

	for (i = from; i < to && i < t->n; i++)
		buf_printf(b, "%s%s", b->len ? " " : "", t->words[i]);
}

static void put_made(struct buf *b, uint32_t words)
{
	while (words-- > 0)
		buf_printf(b, "%s%s", b->len ? " " : "", word());
}

/* Each word is another one, with that chance; numbers stay, as who copies leaves them. */
static void put_changed(struct buf *b, const struct text *t, uint32_t p)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		bool number = strpbrk(t->words[i], "0123456789") != NULL;

		if (!number && percent(p)) {
			if (percent(70))
				buf_printf(b, " %s", word());
		} else {
			buf_printf(b, " %s", t->words[i]);
		}
	}
}

static void copy_make(struct buf *b, const struct text *t, enum copy copy, bool article)
{
	buf_reset(b);
	switch (copy) {
	case REPOST:
		buf_printf(b, article ? "(Agencias)" : "RT @quien%u:", chance(1000));
		put_words(b, t, 0, t->n);
		if (percent(50))
			buf_printf(b, " https://corto.example/%u", chance(1000000));
		break;
	case QUOTE:
		put_made(b, article ? 20 + chance(20) : 1 + chance(t->n < 15 ? 3 : 6));
		put_words(b, t, 0, t->n);
		break;
	case TRUNCATED:
		put_words(b, t, 0, article ? t->n * (25 + chance(50)) / 100 : t->n * (65 + chance(30)) / 100);
		buf_puts(b, "… seguir leyendo");
		break;
	case RETOUCHED:
		put_changed(b, t, 4);
		buf_puts(b, " 🔥 #ahora @medio");
		break;
	default:
		put_changed(b, t, article ? 14 : 10);
		break;
	}
}

/* --- the measure --- */

struct bench {
	struct post post;
	struct fingerprinter maker;
	struct print *prints;
	size_t n;
};

static struct print print_of(struct bench *b, const char *s, size_t len)
{
	struct print p;

	post_read(&b->post, s, len);
	fingerprint_make(&b->maker, &b->post, &p);
	return p;
}

static void add(struct story_index *x, int64_t id, const struct print *p)
{
	story_index_add(x, &(struct story_leader){.story = (uint64_t)id, .id = id, .print = *p});
}

/* Originals that people wrote, as far as a file has any, and then some that are made. */
static size_t originals(struct text *v, size_t max, const char *path, bool article)
{
	FILE *f = path ? fopen(path, "re") : NULL;
	char *line = NULL;
	size_t cap = 0, n = 0;

	while (f && n < max / 2 && getline(&line, &cap, f) > 0) {
		const char *tab = strrchr(line, '\t');
		struct text t = text_of(tab ? tab + 1 : line);

		if (t.n >= (article ? 60 : 8))
			v[n++] = t;
		else
			text_done(&t);
	}
	free(line);
	if (f)
		fclose(f);
	while (n < max)
		v[n++] = article ? text_made(80, 220) : text_made(8, 38);
	return n;
}

/* Returns the recall; strangers: pairs of originals that are taken for one story. */
static double measure(struct bench *b, const struct text *v, size_t n, bool article)
{
	cleanup(story_index_freep) struct story_index *x = story_index_new();
	cleanup(buf_done) struct buf text = BUF_INIT(TEXT_MAX_BYTES);
	size_t i, found[COPIES] = {0}, all = 0, wrong = 0;
	int copy;

	for (i = 0; i < n; i++) {
		struct print p;

		buf_reset(&text);
		put_words(&text, &v[i], 0, v[i].n);
		p = print_of(b, buf_str(&text), text.len);
		b->prints[i] = p;
		add(x, (int64_t)i, &p);
	}
	for (i = 0; i < n; i++) {
		for (copy = 0; copy < COPIES; copy++) {
			const struct story_leader *leader;
			struct print p;

			copy_make(&text, &v[i], (enum copy)copy, article);
			p = print_of(b, buf_str(&text), text.len);
			leader = story_index_find(x, &p, &(struct story_topics){.n = 0}, 0);
			found[copy] += leader && leader->id == (int64_t)i;
			wrong += leader && leader->id != (int64_t)i;
		}
	}
	printf("%s, %zu originals:", article ? "articles" : "posts", n);
	for (copy = 0; copy < COPIES; copy++) {
		printf(" %s %.1f %%,", copy_names[copy], 100.0 * (double)found[copy] / (double)n);
		all += found[copy];
	}
	printf(" in another's story %zu of %zu\n", wrong, n * COPIES);
	return (double)all / (double)(n * COPIES);
}

static double strangers(const struct bench *b, size_t n)
{
	size_t i, k, alike = 0;

	for (i = 0; i < n; i++)
		for (k = 0; k < i; k++)
			alike += print_alike(&b->prints[i], &b->prints[k]) > 0;
	return (double)alike / ((double)n * (double)(n - 1) / 2);
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void cost(struct bench *b)
{
	cleanup(story_index_freep) struct story_index *x = story_index_new();
	cleanup(buf_done) struct buf text = BUF_INIT(TEXT_MAX_BYTES);
	double us = 0;
	size_t i;

	for (i = 0; i < COST_LEADERS; i++) {
		struct text t = text_made(8, 38);
		struct print p;

		buf_reset(&text);
		put_words(&text, &t, 0, t.n);
		p = print_of(b, buf_str(&text), text.len);
		text_done(&t);
		if (i >= COST_LEADERS - 2000) {
			us -= now_us();
			(void)story_index_find(x, &p, &(struct story_topics){.n = 0}, 0);
			us += now_us();
		}
		add(x, (int64_t)i, &p);
	}
	printf("a question to %u leaders: %.1f us\n", COST_LEADERS, us / 2000);
}

int main(int argc, char **argv)
{
	bool small = argc > 1 && strcmp(argv[1], "--small") == 0, missed;
	struct bench b = {.n = 0};
	size_t n = small ? 1500 : ORIGINALS_MAX, i;
	struct text *v = calloc(n, sizeof(*v));
	double recall, false_pairs;
	int article;

	argv += small;
	argc -= small;
	b.prints = calloc(n, sizeof(*b.prints));
	post_init(&b.post);
	vocabulary_make();
	for (article = 0, missed = false; article < 2; article++) {
		(void)originals(v, n, argc > 1 + article ? argv[1 + article] : NULL, article);
		recall = measure(&b, v, n, article);
		false_pairs = strangers(&b, n);
		printf("  recall %.2f %% (goal %.0f), strangers taken for one story %.2g (goal %.0e) of %zu pairs\n",
		       100 * recall, 100 * (article ? ARTICLES_GOAL : POSTS_GOAL), false_pairs, STRANGERS_GOAL,
		       n * (n - 1) / 2);
		missed |= recall < (article ? ARTICLES_GOAL : POSTS_GOAL) || false_pairs > STRANGERS_GOAL;
		for (i = 0; i < n; i++)
			text_done(&v[i]);
	}
	if (!small)
		cost(&b);
	fingerprinter_done(&b.maker);
	post_done(&b.post);
	free(b.prints);
	free(v);
	return missed;
}
