/* match/literals through its header: what a text must hold, and that it always does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "match/fold.h"
#include "match/literals.h"
#include "match/pattern.h"

enum { ARENA_BYTES = 64 * 1024 * 1024 };

static const struct {
	const char *regex, *want; /* sorted, with | between; "": none */
	bool caseless;
} cases[] = {
	{"acme", "acme", false},
	{"(?<!\\w)(?:acme\\s+mx|\\@acme\\w*|acme)(?!\\w)", "acme", false}, /* as a word list becomes */
	{"\\bacme\\b.{0,40}\\b(?:estafa|fraude)\\b", "estafa|fraude", false},
	{"a(?:b|c)d", "abd|acd", false},
	{"\\b(?:sol|luna)\\b", "luna|sol", false},
	{"acmes?", "acme", false}, /* acmes holds it */
	{"(?:super)?acme", "acme", false},
	{"x*acme+", "acme", false},
	{"(?:ab){3}", "ababab", false},
	{"(?:ab){2,}c", "abab", false},
	{"(?:ab){0,2}", "", false},
	{"(?:ab){0}cd", "cd", false},
	{"cafe[ae]s", "cafeas|cafees", false},
	{"caf[a-z]s+", "caf", false},
	{"[^a]bcd", "bcd", false},
	{"[\\d-z]bcd", "bcd", false},
	{"[]a]bcd", "]bcd|abcd", false},
	{"[[:alpha:]]bcd", "bcd", false},
	{"[[:<:]]bcd", "", false},
	{"[\\n\\.]bcd", "\nbcd|.bcd", false},
	{"\\Qa.b*\\E+c", "a.b*", false}, /* the + is of the * alone */
	{"a\\.b\\x2Dc\\x{f1}", "a.b-cñ", false},
	{"(?i)ACME", "acme", false},
	{"(?i)sEÑales", "ales", false}, /* ñ has another form, which is not known here */
	{"(?i:k)e(?-i:Ñ)", "keÑ", false},
	{"señal", "señal", false},
	{"señales", "ales", true},
	{"ſtop", "stop", false},
	{"a(?i)b|Cñd", "", false}, /* c alone is in every text */
	{"a(?i)bb|Cñdd", "abb|dd", false},
	{"(?x) ac me # and so on\n +", "acme", false},
	{"(?xx)[a b]cd", "", false},
	{"ac(?#here)me(?#twice){2}", "acmee", false},
	{"foo(?=bar)", "bar", false},
	{"(?=.*hello)(?=.*you)", "hello", false},
	{"(?!foo)bar|baz(?<!x)", "bar|baz", false},
	{"(?=foo)?ba", "ba", false},
	{"(?<*foo)ba|(?*long)er>", "foo|long", false},
	{"(?<*)dos|uno>", "dos|uno>", false},
	{"(?>foo|bar)++x", "bar|foo", false},
	{"(?|(foo)|(ba))r", "bar|foor", false},
	{"(?<n>foo)\\k<n>\\1\\g{-1}(?P=n)(?&n)(?1)bar2", "bar2", false},
	{"^\\Aacme\\z$", "acme", false},
	{"foo\\Kbar", "foobar", false},
	{"foo|", "", false},
	{"\\w+", "", false},
	{"a", "", false},
	{"@", "@", false},
	{"a{2}{2}", "aaaa", false},
	{"a{,2}bcd", "", false}, /* differs between versions of PCRE2 */
	{"foo(*ACCEPT)bar", "", false},
	{"(?(1)foo|bar)baz", "", false},
	{"\\cAfoo", "", false},
	{"\\N{U+41}foo", "", false},
};

static int by_text(const void *a, const void *b)
{
	const struct literal *x = a, *y = b;
	int order = memcmp(x->s, y->s, x->len < y->len ? x->len : y->len);

	return order ? order : (x->len > y->len) - (x->len < y->len);
}

static void shown(struct literal_set *set, struct buf *b)
{
	size_t i;

	buf_reset(b);
	if (set->n)
		qsort(set->v, set->n, sizeof(*set->v), by_text);
	for (i = 0; i < set->n; i++) {
		if (i)
			buf_putc(b, '|');
		buf_put(b, set->v[i].s, set->v[i].len);
	}
}

static void is_found(void **state)
{
	struct buf b = BUF_INIT(4096);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
		struct literal_set set;

		literals_find(cases[i].regex, strlen(cases[i].regex), cases[i].caseless, a, &set);
		shown(&set, &b);
		if (strcmp(buf_str(&b), cases[i].want) != 0)
			fail_msg("%s: %s, not %s", cases[i].regex, buf_str(&b), cases[i].want);
	}
	buf_done(&b);
}

/* Bounds: past each there are fewer literals, or none. */
static void bounds_are_kept(void **state)
{
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	struct buf b = BUF_INIT(1024 * 1024);
	struct literal_set set;
	size_t i;

	(void)state;
	for (i = 0; i < 2 * LITERAL_MAX_BYTES; i++)
		buf_putc(&b, 'x');
	literals_find(buf_str(&b), b.len, false, a, &set);
	assert_int_equal(set.n, 1);
	assert_int_equal(set.v[0].len, LITERAL_MAX_BYTES);

	buf_reset(&b);
	for (i = 0; i < LITERALS_MAX; i++)
		buf_printf(&b, "%sw%zu", i ? "|" : "", i);
	literals_find(buf_str(&b), b.len, false, a, &set);
	assert_int_equal(set.n, LITERALS_MAX);
	buf_puts(&b, "|more");
	literals_find(buf_str(&b), b.len, false, a, &set);
	assert_int_equal(set.n, 0);

	literals_find("[0-7]x[ab]y", 11, false, a, &set); /* 8 times 2 */
	assert_int_equal(set.n, LITERALS_CROSS_MAX);
	literals_find("[0-7]x[abc]y", 12, false, a, &set);
	assert_int_equal(set.n, 3);
	literals_find("[0-8]xyz", 8, false, a, &set); /* 9 members */
	assert_int_equal(set.n, 1);

	buf_reset(&b);
	for (i = 0; i <= LITERALS_DEPTH_MAX; i++)
		buf_putc(&b, '(');
	buf_puts(&b, "acme");
	for (i = 0; i <= LITERALS_DEPTH_MAX; i++)
		buf_putc(&b, ')');
	literals_find(buf_str(&b) + 2, b.len - 4, false, a, &set);
	assert_int_equal(set.n, 1);
	literals_find(buf_str(&b), b.len, false, a, &set);
	assert_int_equal(set.n, 0);
	buf_done(&b);
}

/* --- random expressions on random texts --- */

static uint32_t seed;

static uint32_t pick(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static void put_expression(struct buf *b, int depth);

static void put_atom(struct buf *b, int depth)
{
	static const char *const atoms[] = {
		"a",         "b",      "c",    "A",       "k",    "s",     "S",    "ñ",      "Ñ",           "é",
		"ſ",         "\u212A", "á",    " ",       "-",    ".",     "\\w",  "\\d",    "\\b",         "\\s",
		"\\B",       "^",      "$",    "[ab]",    "[^a]", "[a-c]", "[kS]", "[ñb]",   "[[:alpha:]]", "[\\wñ]",
		"\\Qa+b\\E", "\\x61",  "\\.",  "(?#x)",   "ab",   "bca",   "sk",   "(?i)",   "(?-i)",       "(?x)",
		"(?-x)",     "\\1",    "\\K",  "\\x{f1}", "\\E",  "[]b]",  "[b-]", "[\\]c]", "#",           "\\R",
		"\\X",       "{",      "(?s)", "\n",      "(?1)",
	};
	static const char *const groups[] = {"(",    "(?:", "(?=",   "(?!",  "(?<=", "(?<!", "(?>",
					     "(?i:", "(?|", "(?<n>", "(?x:", "(?^:", "(?-i:"};

	if (depth && pick(4) == 0) {
		buf_puts(b, groups[pick(ARRAY_LEN(groups))]);
		put_expression(b, depth - 1);
		buf_putc(b, ')');
	} else {
		buf_puts(b, atoms[pick(ARRAY_LEN(atoms))]);
	}
}

static void put_expression(struct buf *b, int depth)
{
	static const char *const quantifiers[] = {"?",     "*",    "+",  "{2}", "{0}", "{1,2}",
						  "{0,1}", "{2,}", "??", "++",  "*?"};
	uint32_t n = 1 + pick(4);

	while (n--) {
		put_atom(b, depth);
		if (pick(4) == 0)
			buf_puts(b, quantifiers[pick(ARRAY_LEN(quantifiers))]);
		if (pick(6) == 0)
			buf_putc(b, '|');
	}
}

static void put_text(struct buf *b)
{
	static const char *const pieces[] = {"a",      "b",  "c",   "A",   "B",  "k", "K", "s", "S", "ſ",
					     "\u212A", "ñ",  "Ñ",   "é",   "á",  " ", "-", "+", "1", ".",
					     "\n",     "ab", "abc", "bca", "sk", "#", "{", "]"};
	uint32_t n = pick(12);

	buf_reset(b);
	while (n--)
		buf_puts(b, pieces[pick(ARRAY_LEN(pieces))]);
}

static bool has_one(const struct literal_set *set, const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		if (memmem(s, len, set->v[i].s, set->v[i].len))
			return true;
	return false;
}

/* Text in the scanned form, by other means than the prefilter's. */
static void scanned(const char *s, struct buf *b)
{
	buf_reset(b);
	while (*s) {
		if (!strncmp(s, "ſ", 2)) {
			buf_putc(b, 's');
			s += 2;
		} else if (!strncmp(s, "\u212A", 3)) {
			buf_putc(b, 'k');
			s += 3;
		} else {
			buf_putc(b, *s >= 'A' && *s <= 'Z' ? (char)(*s - 'A' + 'a') : *s);
			s++;
		}
	}
}

struct tried {
	size_t compiled, known, matches;
};

static void try(const struct pattern *p, const char *regex, struct tried *n)
{
	cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
	cleanup(pattern_room_freep) struct pattern_room *room = pattern_room_new();
	struct buf text = BUF_INIT(4096), form = BUF_INIT(4096);
	struct literal_set set;
	struct fold f;
	int i;

	n->compiled++;
	pattern_literals(p, a, &set);
	n->known += set.n > 0;
	fold_init(&f);
	for (i = 0; i < 40 && set.n; i++) {
		size_t from, to;

		put_text(&text);
		fold_text(&f, buf_str(&text), text.len);
		if (pattern_fold(p) ? pattern_find(p, room, f.bytes, f.len, 0, &from, &to)
				    : pattern_find(p, room, buf_str(&text), text.len, 0, &from, &to))
			continue;
		n->matches++;
		scanned(pattern_fold(p) ? f.bytes : buf_str(&text), &form);
		if (!has_one(&set, buf_str(&form), form.len))
			fail_msg("%s is found in \"%s\", which has none of its literals (fold %d)", regex,
				 buf_str(&text), pattern_fold(p));
	}
	fold_done(&f);
	buf_done(&text);
	buf_done(&form);
}

static void every_match_holds_one(void **state)
{
	struct buf regex = BUF_INIT(64 * 1024);
	struct tried n = {0};
	uint32_t i;

	(void)state;
	for (i = 0; i < 30000; i++) {
		struct pattern_spec spec = {.fold = i % 2, .case_sensitive = i % 4 == 0};
		struct pattern *p = NULL;
		struct pattern_fault fault;

		seed = i;
		buf_reset(&regex);
		put_expression(&regex, 3);
		spec.regex = buf_str(&regex);
		spec.regex_len = regex.len;
		if (pattern_compile(&spec, &fault, &p))
			continue;
		try(p, buf_str(&regex), &n);
		pattern_free(p);
	}
	buf_done(&regex);
	/* enough of each, else nothing was tried */
	assert_true(n.compiled > 8000);
	assert_true(n.known > n.compiled / 8);
	assert_true(n.matches > 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_found),
		cmocka_unit_test(bounds_are_kept),
		cmocka_unit_test(every_match_holds_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
