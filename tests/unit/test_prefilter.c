/* match/prefilter, match/lookout and match/index: with them and without, the same hits, on texts and rules that chance made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "match/lookout.h"
#include "match/matcher.h"
#include "match/ruleset.h"
#include "mention/mention.h"
#include "folder_box.h"

enum { SHOWN_MAX = 1 << 20, ARENA_BYTES = 1 << 24, RULE_FILE_MAX = 1 << 16, TEXT_MAX = 4096 };

static uint32_t seed;

static uint32_t pick(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

/* --- rules --- */

/* With literals and without, folded and not, lists and expressions. */
static const char *const patterns[] = {
	"{words: [acme, acme mx, '@acme*']}",
	"'\\b(estafa\\w*|fraude|robo)\\b'",
	"{regex: '\\bACME\\b', case: true, fold: false}",
	"{regex: 'señal', fold: false}",
	"{regex: 'skip', fold: false}",
	"{regex: 'K\\w+s', case: true, fold: false}",
	"{words: exclusiva, in: title}",
	"{words: 'ana ruiz', in: [author]}",
	"{regex: '/opinion/', in: [url, text]}",
	"'\\d{3}'",
	"'[aá]ccid[eé]nte'",
	"'\\bsol\\b.{0,20}\\bluna\\b'",
	"'(?<!no )bueno(?! malo)'",
	"'(?=.*lento)(?=.*caro)\\w'",
	"'(?i)PÉSIMO|(?-i)malo'",
	"{words: ['*cola', 'super*do', niño, 'C++']}",
	"'x?y?z'",
	"'año|anio'",
	"'(uno|dos|tres) (cuatro|cinco)'",
	"'ﬁn'",
};

static void put_condition(struct buf *b, uint32_t n_patterns, uint32_t n_rules, int depth)
{
	uint32_t i, n;

	switch (pick(depth ? 9 : 3)) {
	case 0:
	case 1:
		buf_printf(b, "p%u", pick(n_patterns));
		break;
	case 2:
		if (n_rules)
			buf_printf(b, "r%u", pick(n_rules));
		else
			buf_printf(b, "p%u", pick(n_patterns));
		break;
	case 3:
		buf_puts(b, "not (");
		put_condition(b, n_patterns, n_rules, depth - 1);
		buf_puts(b, ")");
		break;
	case 4:
		buf_printf(b, "near(p%u, p%u, %u)", pick(n_patterns), pick(n_patterns), pick(6));
		break;
	case 5:
		buf_printf(b, "count(p%u) %s %u", pick(n_patterns), pick(2) ? ">=" : "<", pick(3));
		break;
	case 6:
		buf_puts(b, pick(2) ? "followers >= 100" : "known(likes)");
		break;
	default:
		n = 2 + pick(2);
		buf_puts(b, "(");
		for (i = 0; i < n; i++) {
			if (i)
				buf_puts(b, n == 2 ? " or " : " and ");
			put_condition(b, n_patterns, n_rules, depth - 1);
		}
		buf_puts(b, ")");
	}
}

static void put_topic(struct buf *b, uint32_t number)
{
	uint32_t n_patterns = 1 + pick(8), n_rules = pick(6), i;

	buf_reset(b);
	buf_printf(b, "topic: t%u\nrole: brand\n", number);
	if (pick(4) == 0)
		buf_puts(b, "own: ['@acme_mx', acme.example.com]\n");
	buf_puts(b, "patterns:\n");
	for (i = 0; i < n_patterns; i++)
		buf_printf(b, "  p%u: %s\n", i, patterns[pick(ARRAY_LEN(patterns))]);
	if (pick(2)) {
		buf_puts(b, "about: '");
		put_condition(b, n_patterns, 0, 2);
		buf_puts(b, "'\n");
	}
	if (n_rules)
		buf_puts(b, "rules:\n");
	for (i = 0; i < n_rules; i++) {
		buf_printf(b, "  - {name: r%u, tags: [x%u], when: '", i, i);
		put_condition(b, n_patterns, i, 2);
		buf_puts(b, "'}\n");
	}
}

static struct ruleset *rules_load(const char *folder)
{
	cleanup(diag_freep) struct diag *d = diag_new();
	struct ruleset *rs = NULL;
	int r = ruleset_load(&folder, 1, d, &rs);

	if (r)
		diag_print(d, stderr, TEXT_EN);
	assert_int_equal(r, 0);
	return rs;
}

/* --- mentions --- */

static const char *put_text(struct arena *a, uint32_t n)
{
	static const char *const words[] = {
		"acme",   "Acme MX",   "@acme_ayuda", "ACME",       "estafadores", "FRAUDE",  "robo",  "señal",
		"SEÑAL",  "ſkip",      "\u212Ailos",  "Kilos",      "exclusiva",   "ana",     "ruiz",  "/opinion/",
		"123",    "accidénte", "sol",         "luna",       "no bueno",    "bueno",   "lento", "caro",
		"pésimo", "malo",      "CocaCola",    "superchido", "niño",        "n\u0303", "C++",   "z",
		"año",    "an\u0303o", "uno",         "cuatro",     "ﬁn",          "fin",     "¡qué",  "mexicana",
	};
	struct buf b = BUF_INIT(TEXT_MAX);
	const char *s;

	for (n = pick(n); n; n--)
		buf_printf(&b, "%s%s", words[pick(ARRAY_LEN(words))], pick(8) ? " " : "");
	s = arena_strdup(a, buf_str(&b));
	buf_done(&b);
	return s;
}

static void mention_make(struct arena *a, struct mention *m)
{
	mention_init(m);
	m->title = pick(3) ? put_text(a, 5) : NULL;
	m->text = pick(8) ? put_text(a, 16) : NULL;
	m->author.name = pick(3) ? NULL : put_text(a, 3);
	m->author.handle = pick(8) ? NULL : "@acme_mx";
	m->url = pick(4) ? NULL : "https://example.com/opinion/acme";
	if (pick(3) == 0)
		m->author.followers = pick(300);
}

static char *show(const struct mention *m)
{
	struct buf b = BUF_INIT(SHOWN_MAX);
	size_t i, k;

	for (i = 0; i < m->n_hits; i++) {
		const struct hit *h = &m->hits[i];

		buf_printf(&b, "%s(", h->topic);
		for (k = 0; k < h->n_rules; k++)
			buf_printf(&b, "%s ", h->rules[k]);
		for (k = 0; k < h->n_tags; k++)
			buf_printf(&b, "%s ", h->tags[k]);
		for (k = 0; k < h->n_spans; k++)
			buf_printf(&b, "%d:%u-%u=%s ", h->spans[k].in, h->spans[k].from, h->spans[k].to,
				   h->spans[k].pattern);
		buf_puts(&b, ")");
	}
	buf_puts(&b, m->own ? "own" : "");
	return buf_steal(&b);
}

static size_t compare(struct matcher *plain, struct matcher *fast, uint32_t times)
{
	size_t hits = 0;

	while (times--) {
		cleanup(arena_freep) struct arena *a = arena_new(ARENA_BYTES);
		cleanup(freep) char *want = NULL, *got = NULL;
		const char *topic = pick(8) ? NULL : "t1";
		struct mention m;

		mention_make(a, &m);
		assert_int_equal(matcher_about(plain, &m, topic), matcher_about(fast, &m, topic));
		matcher_match(plain, &m, topic, a);
		hits += m.n_hits;
		want = show(&m);
		matcher_match(fast, &m, topic, a);
		got = show(&m);
		if (strcmp(want, got) != 0)
			fail_msg("%s, not %s: \"%s\" \"%s\"", got, want, m.title, m.text);
	}
	return hits;
}

static void same_hits_with_and_without(void **state)
{
	struct buf b = BUF_INIT(RULE_FILE_MAX);
	size_t hits = 0;
	uint32_t round, i;

	(void)state;
	for (round = 0; round < 60; round++) {
		char folder[] = "/tmp/test_prefilter.XXXXXX";
		struct ruleset *plain, *fast;
		struct matcher *x, *y;

		seed = round;
		assert_non_null(mkdtemp(folder));
		for (i = 0; i < 6; i++) {
			cleanup(freep) char *path = xasprintf("%s/%u.yaml", folder, i);

			put_topic(&b, i);
			file_write(path, buf_str(&b));
		}
		plain = rules_load(folder);
		fast = rules_load(folder);
		ruleset_prefilter(fast);
		x = matcher_new(plain);
		y = matcher_new(fast);
		hits += compare(x, y, 200);
		matcher_free(x);
		matcher_free(y);
		ruleset_free(plain);
		ruleset_free(fast);
		assert_int_equal(folder_remove(folder), 0);
	}
	buf_done(&b);
	assert_true(hits > 5000);
}

/* --- the lookout --- */

enum { LITERALS_TRIED = 300, LOOKED_IN = 250 };

static void on_literal(void *arg, uint32_t literal)
{
	((bool *)arg)[literal] = true;
}

/* Every length, few and many, common letters and rare ones, found at the very beginning and end. */
static void every_literal_is_seen(void **state)
{
	static const char letters[] = "askipueobcdf  \xC3\xA9";
	size_t i, k, planted = 0;

	(void)state;
	for (seed = 1; planted < 20000; seed++) {
		char bytes[LITERALS_TRIED][LITERAL_MAX_BYTES], text[LOOKED_IN];
		struct literal v[LITERALS_TRIED];
		size_t n = 1 + pick(pick(4) ? 8 : LITERALS_TRIED), len = pick(LOOKED_IN + 1);
		bool seen[LITERALS_TRIED] = {false};
		cleanup(lookout_freep) struct lookout *l = NULL;

		for (i = 0; i < n; i++) {
			v[i] = (struct literal){bytes[i], 1 + pick(pick(4) ? 6 : LITERAL_MAX_BYTES)};
			for (k = 0; k < v[i].len; k++)
				bytes[i][k] = letters[pick(sizeof(letters) - 1)];
		}
		l = lookout_new(v, n);
		for (i = 0; i < len; i++)
			text[i] = (char)(' ' + pick(95));
		for (i = 0; i < 3; i++) {
			const struct literal *one = &v[pick((uint32_t)n)];
			static const uint32_t places[] = {0, 50, 100}; /* of a hundred: the ends, and between */

			if (one->len <= len)
				memcpy(text + (len - one->len) * places[i] / 100, one->s, one->len);
		}
		lookout_scan(l, text, len, on_literal, seen);
		for (i = 0; i < n; i++) {
			bool there = memmem(text, len, v[i].s, v[i].len) != NULL;

			assert_int_equal(seen[i], there);
			planted += there;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_literal_is_seen),
		cmocka_unit_test(same_hits_with_and_without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
