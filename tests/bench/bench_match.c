/*
 * The matcher over 200,000 made mentions, with rule sets of 10 to 10,000 mixed patterns: beside a naive loop of PCRE2 with JIT
 * over the same patterns (on a part of the mentions, on text that is folded already), and beside bare anchors: the patterns'
 * literals in a Vectorscan database, and PCRE2 where one is found, without folding, conditions or places.
 *
 *   bench_match [--whole]      --whole: compiles all 10,000 patterns with Vectorscan too (over a minute), else 1,000
 *   bench_match --size N       that many rules alone: to look closer
 *   bench_match --own N        the matcher alone, with that many rules: for a profiler
 *   bench_match --packs        what the shipped packs cost a mention alone
 *
 * All of one run, one side after the other in each round, CPU time, the median of five.
 */
#include <hs.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "match/fold.h"
#include "match/literals.h"
#include "match/matcher.h"
#include "match/pattern.h"
#include "match/ruleset.h"
#include "mention/catalogue.h"
#include "mention/mention.h"

enum {
	MENTIONS = 200 * 1000,
	ROUNDS = 5,
	WORDS = 20 * 1000,
	BRANDS = 20 * 1000,
	WORD_BYTES = 32,
	PATTERN_BYTES = 256,
	TOPICS = 50,
	RULES_MAX = 10 * 1000,
	NAIVE_PAIRS = 1000 * 1000, /* patterns tried in a round of the naive loop */
	ARENA_BYTES = 64 * 1024 * 1024,
};

static const size_t sizes[] = {10, 100, 1000, 10000};

/* --- the made world --- */

static uint64_t state = 20261122;

static uint32_t pick(uint32_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)((state >> 16) % n);
}

/* The lower, the more often: about 1/k. */
static uint32_t zipf(uint32_t n)
{
	uint32_t bits = 0;

	while ((n - 1) >> bits)
		bits++;
	bits = pick(bits + 1);
	return (((uint32_t)1 << bits) - 1 + pick((uint32_t)1 << bits)) % n;
}

static char (*words)[WORD_BYTES], (*brands)[WORD_BYTES];

static void word_make(char *to, bool accents, uint32_t parts)
{
	static const char *const syllables[] = {"ca",  "lo",   "mi", "ter", "san", "que", "ra", "do",  "in",
						"pre", "ción", "bo", "lle", "ma",  "tu",  "es", "con", "pa",
						"sí",  "ne",   "gá", "the", "ing", "re",  "vi", "ño",  "fu",
						"cha", "zu",   "já", "er",  "al",  "on",  "be", "li",  "trans"};
	size_t len = 0;

	to[0] = '\0';
	while (parts--) {
		const char *s = syllables[pick(ARRAY_LEN(syllables))];

		if (!accents && ((unsigned char)s[1] >= 0x80 || (unsigned char)s[2] >= 0x80 || strlen(s) > 3))
			s = "ne";
		memcpy(to + len, s, strlen(s) + 1);
		len += strlen(s);
	}
}

static void world_make(void)
{
	static const char *const ends[] = {"tex", "nox", "zer", "dyn", "vox"};
	size_t i;

	words = xcalloc(WORDS, sizeof(*words));
	brands = xcalloc(BRANDS, sizeof(*brands));
	for (i = 0; i < WORDS; i++)
		word_make(words[i], true, i < 200 ? 1 : 1 + pick(4));
	for (i = 0; i < BRANDS; i++) {
		const char *end = ends[pick(ARRAY_LEN(ends))]; /* what no word ends in, as a brand is no word */

		word_make(brands[i], false, 3 + pick(2));
		memcpy(brands[i] + strlen(brands[i]), end, strlen(end) + 1);
	}
}

static void put_word(struct buf *b, const char *word)
{
	buf_puts(b, word);
	if (pick(12) == 0)
		buf_puts(b, ",");
	buf_puts(b, " ");
}

static char *mention_text(void)
{
	struct buf b = BUF_INIT(4096);
	size_t want = 80 + pick(321);
	uint32_t brand = pick(100) < 12 ? pick((uint32_t)want) : UINT32_MAX;

	while (b.len < want) {
		if (b.len >= brand) {
			brand = UINT32_MAX;
			put_word(&b, brands[zipf(BRANDS)]);
		}
		put_word(&b, words[zipf(WORDS)]);
	}
	b.data[0] = b.data[0] >= 'a' && b.data[0] <= 'z' ? (char)(b.data[0] - 32) : b.data[0];
	return buf_steal(&b);
}

/* 35 % lists of two words, 15 % accent classes, 10 % handles, 10 % prefixes, 20 % gaps, 10 % lookarounds. */
static void pattern_text(char *to, size_t i)
{
	const char *a = brands[i % BRANDS], *b = brands[pick(BRANDS)], *w = words[pick(WORDS)];
	uint32_t kind = pick(100);

	if (kind < 35)
		snprintf(to, PATTERN_BYTES, "\\b(%s|%s)\\b", a, b);
	else if (kind < 50)
		snprintf(to, PATTERN_BYTES, "\\b%.3s[aá]?%s[oó]?\\b", a, a + 3);
	else if (kind < 60)
		snprintf(to, PATTERN_BYTES, "[#@]%s\\w*", a);
	else if (kind < 70)
		snprintf(to, PATTERN_BYTES, "\\b(?:super|mega)?%s\\b", a);
	else if (kind < 90)
		snprintf(to, PATTERN_BYTES, "\\b%s\\b.{0,40}\\b(%s|%s)\\b", a, b, w);
	else
		snprintf(to, PATTERN_BYTES, "(?<!no )\\b%s\\b(?! %s)", a, w);
}

/* --- one rule set --- */

struct sides {
	size_t n;
	char (*regexes)[PATTERN_BYTES];
	struct pattern **patterns;
	struct ruleset *rules;
	struct matcher *matcher;
	struct pattern_room *room;
	hs_database_t *db;
	hs_scratch_t *scratch;
	uint32_t *starts, *owners; /* of each literal: its patterns */
	uint32_t *tried;           /* of each pattern: the mention it was tried for last */
};

struct text {
	const char *s, *folded;
	size_t folded_len;
};

static struct text *texts;

static double cpu_s(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static long resident_kb(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	char line[256];
	long kb = 0;

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "VmRSS:", 6))
			kb = strtol(line + 6, NULL, 10);
	if (f)
		fclose(f);
	return kb;
}

static void fatal(const char *why)
{
	fprintf(stderr, "bench_match: %s\n", why);
	exit(EXIT_FAILURE);
}

static void rules_write(const struct sides *s, const char *folder)
{
	size_t topics = s->n < TOPICS ? 1 : TOPICS, t, i;

	for (t = 0; t < topics; t++) {
		cleanup(freep) char *path = xasprintf("%s/%zu.yaml", folder, t);
		FILE *f = fopen(path, "we");

		if (!f)
			fatal("can't write the rules");
		fprintf(f, "topic: t%zu\nrole: brand\npatterns:\n", t);
		for (i = t; i < s->n; i += topics)
			fprintf(f, "  p%zu: '%s'\n", i, s->regexes[i]);
		fprintf(f, "rules:\n");
		for (i = t; i < s->n; i += topics)
			fprintf(f, "  - {name: r%zu, when: 'p%zu and not (rating >= 9)'}\n", i, i);
		fclose(f);
	}
}

static void rules_load(struct sides *s, const char *folder)
{
	cleanup(diag_freep) struct diag *d = diag_new();

	if (ruleset_load(&folder, 1, d, &s->rules)) {
		diag_print(d, stderr, TEXT_EN);
		fatal("the rules do not load");
	}
	ruleset_prefilter(s->rules);
	s->matcher = matcher_new(s->rules);
}

static void folder_remove(const char *folder)
{
	size_t t;

	for (t = 0; t < TOPICS; t++) {
		cleanup(freep) char *path = xasprintf("%s/%zu.yaml", folder, t);

		unlink(path);
	}
	rmdir(folder);
}

static void patterns_compile(struct sides *s)
{
	size_t i;

	s->patterns = xcalloc(s->n, sizeof(struct pattern *));
	s->tried = xcalloc(s->n, sizeof(*s->tried));
	s->room = pattern_room_new();
	for (i = 0; i < s->n; i++) {
		struct pattern_spec spec = {.regex = s->regexes[i], .regex_len = strlen(s->regexes[i]), .fold = true};
		struct pattern_fault fault;

		if (pattern_compile(&spec, &fault, &s->patterns[i]))
			fatal(s->regexes[i]);
	}
}

/* Every literal as an expression of its own, which may stand there twice: the bare program doesn't bother. */
static void anchors_compile(struct sides *s)
{
	struct arena *a = arena_new(SIZE_MAX);
	const char **v = xcalloc(s->n * 64, sizeof(*v));
	size_t *lens = xcalloc(s->n * 64, sizeof(*lens)), n = 0, i, k;
	unsigned *flags = xcalloc(s->n * 64, sizeof(*flags)), *ids = xcalloc(s->n * 64, sizeof(*ids));
	hs_compile_error_t *error = NULL;

	for (i = 0; i < s->n; i++) {
		struct literal_set set;

		pattern_literals(s->patterns[i], a, &set);
		if (!set.n || set.n > 64)
			fatal("a pattern without literals");
		for (k = 0; k < set.n; k++) {
			v[n] = set.v[k].s;
			lens[n] = set.v[k].len;
			flags[n] = HS_FLAG_SINGLEMATCH;
			ids[n++] = (unsigned)i;
		}
	}
	if (hs_compile_lit_multi(v, flags, ids, lens, (unsigned)n, HS_MODE_BLOCK, NULL, &s->db, &error) != HS_SUCCESS ||
	    hs_alloc_scratch(s->db, &s->scratch) != HS_SUCCESS)
		fatal("Vectorscan does not compile");
	free(v);
	free(lens);
	free(flags);
	free(ids);
	arena_free(a);
}

/* --- the sides; each returns how many patterns were found --- */

static uint64_t naive_run(const struct sides *s, size_t n)
{
	uint64_t found = 0;
	size_t i, k, from, to;

	for (i = 0; i < n; i++)
		for (k = 0; k < s->n; k++)
			found += pattern_find(s->patterns[k], s->room, texts[i].folded, texts[i].folded_len, 0, &from,
					      &to) == 0;
	return found;
}

struct confirm {
	const struct sides *s;
	const struct text *t;
	uint32_t turn;
	uint64_t found;
};

static int on_anchor(unsigned id, unsigned long long begin, unsigned long long end, unsigned flags, void *arg)
{
	struct confirm *c = arg;
	size_t from, to;

	(void)begin, (void)end, (void)flags;
	if (c->s->tried[id] == c->turn)
		return 0;
	c->s->tried[id] = c->turn;
	c->found += pattern_find(c->s->patterns[id], c->s->room, c->t->folded, c->t->folded_len, 0, &from, &to) == 0;
	return 0;
}

static uint64_t bare_run(const struct sides *s, size_t n)
{
	static uint32_t turn;
	struct confirm c = {.s = s};
	size_t i;

	for (i = 0; i < n; i++) {
		c.t = &texts[i];
		c.turn = ++turn;
		if (hs_scan(s->db, texts[i].folded, (unsigned)texts[i].folded_len, 0, s->scratch, on_anchor, &c) !=
		    HS_SUCCESS)
			fatal("Vectorscan does not scan");
	}
	return c.found;
}

static uint64_t own_run(const struct sides *s, size_t n)
{
	struct arena *a = arena_new(ARENA_BYTES);
	uint64_t found = 0;
	size_t i, k;

	for (i = 0; i < n; i++) {
		struct mention m;

		mention_init(&m);
		m.text = texts[i].s;
		matcher_match(s->matcher, &m, NULL, a);
		for (k = 0; k < m.n_hits; k++)
			found += m.hits[k].n_rules;
		if (i % 1000 == 999) { /* a job's */
			arena_free(a);
			a = arena_new(ARENA_BYTES);
		}
	}
	arena_free(a);
	return found;
}

/* --- measuring --- */

static int by_number(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v)
{
	qsort(v, ROUNDS, sizeof(*v), by_number);
	return v[ROUNDS / 2];
}

typedef uint64_t run_fn(const struct sides *s, size_t n);

/* Mentions a CPU second. */
static double rate(run_fn *run, const struct sides *s, size_t n, uint64_t *ret_found)
{
	double before = cpu_s();

	*ret_found = run(s, n);
	return (double)n / (cpu_s() - before);
}

struct measured {
	double own, to_naive, to_bare, load_s, first_s;
	long load_kb;
	bool same;
};

static void measure(struct sides *s, struct measured *m)
{
	size_t part = NAIVE_PAIRS / s->n < MENTIONS ? NAIVE_PAIRS / s->n : MENTIONS;
	double own[ROUNDS], naive[ROUNDS], bare[ROUNDS];
	uint64_t found[3], of_part;
	size_t r;

	of_part = own_run(s, part);
	bare_run(s, part);
	for (r = 0; r < ROUNDS; r++) {
		double o, n, b;

		n = rate(naive_run, s, part, &found[0]);
		o = rate(own_run, s, MENTIONS, &found[1]);
		b = rate(bare_run, s, MENTIONS, &found[2]);
		own[r] = o;
		naive[r] = o / n;
		bare[r] = o / b;
		m->same = found[0] == of_part;
	}
	m->own = median(own);
	m->to_naive = median(naive);
	m->to_bare = median(bare);
	printf("rules=%zu mentions_per_cpu_s=%.0f to_naive=%.0f to_bare=%.2f load_cpu_s=%.2f load_mb=%.1f found=%llu "
	       "naive_on_part=%llu own_on_part=%llu bare=%llu\n",
	       s->n, m->own, m->to_naive, m->to_bare, m->load_s, (double)m->load_kb / 1024,
	       (unsigned long long)found[1], (unsigned long long)found[0], (unsigned long long)of_part,
	       (unsigned long long)found[2]);
	fflush(stdout);
}

static void sides_make(size_t n, struct sides *s, struct measured *m)
{
	char folder[] = "/tmp/bench_match.XXXXXX";
	double before;
	long kb;
	size_t i;

	*s = (struct sides){.n = n, .regexes = xcalloc(n, PATTERN_BYTES)};
	state = 7;
	for (i = 0; i < n; i++)
		pattern_text(s->regexes[i], i);
	if (!mkdtemp(folder))
		fatal("no folder");
	rules_write(s, folder);
	kb = resident_kb();
	before = cpu_s();
	rules_load(s, folder);
	m->load_s = cpu_s() - before;
	m->load_kb = resident_kb() - kb;
	folder_remove(folder);
}

static void own_alone(size_t n, struct measured *m)
{
	struct sides s;
	uint64_t found;
	size_t r;

	sides_make(n, &s, m);
	for (r = 0; r < 2 * ROUNDS; r++)
		printf("own_ns=%.0f\n", 1e9 / rate(own_run, &s, MENTIONS, &found));
	fflush(stdout);
}

static void one_size(size_t n, struct measured *m)
{
	struct sides s;

	sides_make(n, &s, m);
	patterns_compile(&s);
	anchors_compile(&s);
	measure(&s, m);
}

/* Vectorscan on the whole patterns, as they are after folding: in prefilter mode, without which most are refused. */
static void whole_size(size_t n, struct measured *m)
{
	struct sides s = {.n = n, .regexes = xcalloc(n, PATTERN_BYTES)};
	const char **v = xcalloc(n, sizeof(*v));
	unsigned *flags = xcalloc(n, sizeof(*flags)), *ids = xcalloc(n, sizeof(*ids));
	hs_compile_error_t *error = NULL;
	struct rusage u;
	double before;
	long kb;
	size_t i;

	state = 7;
	for (i = 0; i < n; i++)
		pattern_text(s.regexes[i], i);
	kb = resident_kb();
	before = cpu_s();
	patterns_compile(&s);
	for (i = 0; i < n; i++) {
		v[i] = pattern_shown(s.patterns[i]);
		flags[i] = HS_FLAG_SINGLEMATCH | HS_FLAG_UTF8 | HS_FLAG_UCP | HS_FLAG_PREFILTER;
		ids[i] = (unsigned)i;
	}
	if (hs_compile_multi(v, flags, ids, (unsigned)n, HS_MODE_BLOCK, NULL, &s.db, &error) != HS_SUCCESS)
		fatal(error ? error->message : "Vectorscan does not compile");
	m->load_s = cpu_s() - before;
	getrusage(RUSAGE_SELF, &u);
	m->load_kb = u.ru_maxrss - kb;
	printf("whole_patterns=%zu compile_cpu_s=%.2f peak_mb=%.1f\n", n, m->load_s, (double)m->load_kb / 1024);
	fflush(stdout);
}

/* In a process of its own, so that each begins with the same memory. */
static void apart(void (*fn)(size_t n, struct measured *m), size_t n, struct measured *ret)
{
	int fd[2], status;
	pid_t pid;

	fflush(stdout);
	if (pipe(fd) < 0 || (pid = fork()) < 0)
		fatal("no process");
	if (pid == 0) {
		struct measured m = {0};

		fn(n, &m);
		_exit(write(fd[1], &m, sizeof(m)) == sizeof(m) ? 0 : 1);
	}
	close(fd[1]);
	if (read(fd[0], ret, sizeof(*ret)) != sizeof(*ret) || waitpid(pid, &status, 0) < 0 || status)
		fatal("a part failed");
	close(fd[0]);
}

/* --- what packs cost --- */

static double us_a_mention(const struct sides *s)
{
	uint64_t found;

	return 1e6 / rate(own_run, s, MENTIONS, &found);
}

static void topic_write(const char *folder, const char *include)
{
	cleanup(freep) char *path = xasprintf("%s/0.yaml", folder);
	FILE *f = fopen(path, "we");

	if (!f)
		fatal("can't write the rules");
	fprintf(f,
		"topic: t0\nrole: brand\npatterns:\n  name: '\\b(%s|%s)\\b'\nabout: name\n%srules:\n  - {name: r, "
		"when: name}\n",
		brands[0], brands[1], include);
	fclose(f);
}

/* One topic, of which 1 to 2 in a hundred mentions are, alone and with all the packs that are shipped. */
static void packs_cost(size_t n, struct measured *m)
{
	static const char all[] =
		"include: [complaints, questions, suggestions, support, praise, purchase, fraud, phishing, "
		"legal, safety, boycott, insults, impostors, mx, ar, co, cl, pe, es]\n";
	struct sides with = {.n = n}, without = {.n = n};
	double us[2][ROUNDS];
	char folder[] = "/tmp/bench_match.XXXXXX";
	size_t r;

	if (!mkdtemp(folder))
		fatal("no folder");
	topic_write(folder, "");
	rules_load(&without, folder);
	topic_write(folder, all);
	rules_load(&with, folder);
	folder_remove(folder);
	for (r = 0; r < ROUNDS; r++) {
		us[0][r] = us_a_mention(&without);
		us[1][r] = us_a_mention(&with);
	}
	m->own = median(us[1]);
	printf("topic_us=%.2f topic_with_all_packs_us=%.2f patterns_of_packs=%zu\n", median(us[0]), m->own,
	       ruleset_catalogue(with.rules)->n_patterns - 1);
	fflush(stdout);
}

static bool goal(const char *what, double got, bool at_most, double want)
{
	bool met = at_most ? got <= want : got >= want;

	printf("%s %s: %.3g (goal %s %.3g)\n", met ? "met" : "MISSED", what, got, at_most ? "<=" : ">=", want);
	return met;
}

static void texts_make(void)
{
	struct fold f;
	size_t i;

	texts = xcalloc(MENTIONS, sizeof(*texts));
	fold_init(&f);
	for (i = 0; i < MENTIONS; i++) {
		texts[i].s = mention_text();
		fold_text(&f, texts[i].s, strlen(texts[i].s));
		texts[i].folded = xstrndup(f.bytes, f.len);
		texts[i].folded_len = f.len;
	}
	fold_done(&f);
}

int main(int argc, char **argv)
{
	size_t whole_n = argc > 1 && !strcmp(argv[1], "--whole") ? 10000 : 1000, i;
	struct measured m[ARRAY_LEN(sizes)], whole;
	bool all = true;

	world_make();
	texts_make();
	if (argc > 2 && !strcmp(argv[1], "--size")) {
		apart(one_size, strtoul(argv[2], NULL, 10), &m[0]);
		return goal("the same hits as the naive loop", m[0].same, false, 1) ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	if (argc > 2 && !strcmp(argv[1], "--own")) {
		apart(own_alone, strtoul(argv[2], NULL, 10), &m[0]);
		return EXIT_SUCCESS;
	}
	apart(packs_cost, 1, &whole);
	if (argc > 1 && !strcmp(argv[1], "--packs"))
		return EXIT_SUCCESS;
	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		apart(one_size, sizes[i], &m[i]);
		all &= goal("the same hits as the naive loop", m[i].same, false, 1);
	}
	apart(whole_size, whole_n, &whole);
	i = whole_n == 10000 ? 3 : 2;
	all &= goal("1,000 rules: to the naive loop", m[2].to_naive, false, 500);
	all &= goal("1,000 rules: to bare anchors and confirmation", m[2].to_bare, false, 0.4);
	all &= goal("10,000 rules: to 1,000", m[3].own / m[2].own, false, 0.4);
	all &= goal("load, to Vectorscan on whole patterns", m[i].load_s / whole.load_s, true, 0.15);
	all &= goal("its memory, to the same", (double)m[i].load_kb / (double)whole.load_kb, true, 0.35);
	all &= goal("10,000 rules: MB loaded", (double)m[3].load_kb / 1024, true, 150);
	all &= goal("10,000 rules: CPU s to load", m[3].load_s, true, 2);
	return all ? EXIT_SUCCESS : EXIT_FAILURE;
}
