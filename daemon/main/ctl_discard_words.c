#include "main/ctl_discard_words.h"

#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "mention/mention.h"

enum {
	WORDS_MAX = 2000, /* of one text that are looked at */
	SHORT_CP = 5,     /* a word of fewer letters says less */
	FAR = 20,         /* a text without a match */
	COST_SHORT = 6,
	COST_PHRASE = 5,
	COST_NAME = 2,      /* less: a capital in the midst of a sentence */
	COST_GENERIC = 200, /* times the part of all mentions that have it */
	PER_NOISE = CANDIDATES_MAX / 4,
};

/* Words that make sentences in Spanish, Portuguese and English, and say nothing of what one is about. */
static const char stop_words[] =
	" a al ante así aun aún bajo cada casi como cómo con contra cual cuál cuando cuándo de del desde donde dónde "
	"el él "
	"ella ellas ellos en entre era eran es esa ese eso esta está están este esto fue fueron ha hace hacia han "
	"hasta hay "
	"hoy la las le les lo los más me mi mis muy ni no nos o os otra otras otro otros para pero poco por porque "
	"pues que "
	"qué quien quién se según ser si sí sin sobre solo sólo son su sus también tan te tiene tienen todo todos tras "
	"tu un "
	"una unas uno unos va van ver y ya yo "
	"ao aos as até com da das do dos e em essa esse isso já mais mas na nas não nem nós num numa ou pela pelo "
	"quando "
	"são sem seu sua também tem um uma você "
	"about after all also an and any are at be been but by can did does for from had has have he her here his how "
	"i if "
	"in into is it its just more my new not now of off on one only or other our out over she so some than that the "
	"their them then there they this to too up us was we were what when where which who why will with would you "
	"your ";

struct word {
	const char *from;
	size_t len, cp_from, cp_to;
	bool matched, capital, stop, marked; /* marked: # or @ stands before it, and belongs to it */
	unsigned distance;
};

struct candidates *candidates_new(void)
{
	return NEW(struct candidates);
}

struct candidates *candidates_free(struct candidates *c)
{
	size_t i;

	for (i = 0; c && i < c->n; i++)
		free(c->v[i].value);
	free(c);
	return NULL;
}

static bool same_text(const char *a, const char *b)
{
	const char *a_end = a + strlen(a), *b_end = b + strlen(b);

	while (a < a_end && b < b_end)
		if (towlower((wint_t)utf8_next(&a, a_end)) != towlower((wint_t)utf8_next(&b, b_end)))
			return false;
	return a == a_end && b == b_end;
}

void candidates_add(struct candidates *c, enum exclusion_kind kind, const char *value, unsigned cost)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		if (c->v[i].kind == kind && same_text(c->v[i].value, value)) {
			if (cost < c->v[i].cost)
				c->v[i].cost = cost;
			return;
		}
	}
	if (c->n < CANDIDATES_MAX)
		c->v[c->n++] = (struct candidate){.kind = kind, .value = xstrdup(value), .cost = cost};
}

/* --- words of a text --- */

static bool is_stop(const char *s, size_t len)
{
	char word[64], *end = word;
	const char *s_end = s + len;

	if (len + 3 > sizeof(word))
		return false;
	*end++ = ' ';
	while (s < s_end) {
		char bytes[4];
		size_t n = utf8_encode((uint32_t)towlower((wint_t)utf8_next(&s, s_end)), bytes);

		if (end + n + 2 > word + sizeof(word))
			return false;
		memcpy(end, bytes, n);
		end += n;
	}
	*end++ = ' ';
	*end = '\0';
	return strstr(stop_words, word) != NULL;
}

static bool letter(uint32_t cp)
{
	return cp == '_' || iswalnum((wint_t)cp);
}

bool candidate_may_be(const char *s)
{
	const char *end = s + strlen(s);
	bool any = false;

	while (s < end) {
		const uint32_t c = utf8_next(&s, end);

		if (c < ' ' || c == 0x7F)
			return false;
		any |= letter(c) || c > 0x7F; /* an emoji, too */
	}
	return any;
}

static size_t split(const char *text, struct word *ret)
{
	const char *s = text, *end = text + strlen(text);
	uint32_t last = ' ';
	size_t n = 0, cp = 0;

	while (s < end && n < WORDS_MAX) {
		struct word *w = &ret[n];
		const char *from = s, *next;
		const uint32_t c = utf8_next(&s, end);

		cp++;
		if (!letter(c)) {
			last = c;
			continue;
		}
		*w = (struct word){.from = from, .cp_from = cp - 1, .capital = iswupper((wint_t)c) != 0};
		w->marked = last == '#' || last == '@';
		for (next = s; s < end && letter(utf8_next(&next, end)); s = next)
			cp++;
		w->len = (size_t)(s - from);
		w->cp_to = cp;
		w->stop = is_stop(from, w->len);
		last = ' ';
		n++;
	}
	return n;
}

/* How many words from the nearest match. False: there is no match in this text. */
static bool measure(struct word *v, size_t n, const struct hit *hit, enum span_in in)
{
	unsigned distance = FAR;
	bool any = false;
	size_t i, k;

	for (i = 0; i < n; i++) {
		for (k = 0; k < hit->n_spans; k++)
			v[i].matched |= hit->spans[k].in == in && v[i].cp_from < hit->spans[k].to &&
					v[i].cp_to > hit->spans[k].from;
		any |= v[i].matched;
		distance = v[i].matched ? 0 : distance + 1;
		v[i].distance = distance;
	}
	for (i = n, distance = FAR; i-- > 0;) {
		distance = v[i].matched ? 0 : distance + 1;
		if (distance < v[i].distance)
			v[i].distance = distance;
	}
	return any;
}

static bool telling(const struct word *w)
{
	const size_t letters = w->cp_to - w->cp_from;

	return !w->matched && !w->stop && letters >= 3 && letters <= CANDIDATE_WORD_CP &&
	       w->from[strspn(w->from, "0123456789")] != '\0' && strspn(w->from, "0123456789") < w->len;
}

static unsigned cost_of(const struct word *w, bool first)
{
	unsigned cost = w->distance + COST_NAME;

	if (w->cp_to - w->cp_from < SHORT_CP)
		cost += COST_SHORT;
	if (w->capital && !first)
		cost -= COST_NAME;
	return cost;
}

static void take_word(struct candidates *c, const struct word *w, bool first)
{
	const char *from = w->marked ? w->from - 1 : w->from;
	cleanup(freep) char *value = xstrndup(from, w->len + (w->marked ? 1 : 0));

	candidates_add(c, EXCLUDE_WORDS, value, cost_of(w, first));
}

/* Two words that nothing but one blank stands between. */
static void take_phrase(struct candidates *c, const struct word *a, const struct word *b, bool first)
{
	cleanup(freep) char *value = NULL;
	const struct word *main_word = telling(a) ? a : b;

	if (a->matched || b->matched || a->marked || b->marked || a->from + a->len + 1 != b->from ||
	    a->from[a->len] != ' ' || !(telling(a) || telling(b)))
		return;
	value = xstrndup(a->from, a->len + 1 + b->len);
	candidates_add(c, EXCLUDE_WORDS, value, cost_of(main_word, first) + COST_PHRASE);
}

static void take_text(struct candidates *c, const char *text, const struct hit *hit, enum span_in in, size_t most)
{
	cleanup(freep) struct word *v = xcalloc(WORDS_MAX, sizeof(*v));
	size_t n = split(text, v), i;
	const unsigned far = measure(v, n, hit, in) ? CANDIDATES_NEAR : FAR + CANDIDATES_NEAR;

	for (i = 0; i < n && c->n < most; i++)
		if (telling(&v[i]) && v[i].distance <= far)
			take_word(c, &v[i], i == 0);
	for (i = 0; i + 1 < n && c->n < most; i++)
		if (v[i].distance <= far && v[i + 1].distance <= far)
			take_phrase(c, &v[i], &v[i + 1], i == 0);
}

/* "https://www.example.com/x" is example.com. To be freed; NULL: no site. */
static char *site_of(const char *url)
{
	const char *host = url ? strstr(url, "://") : NULL;

	if (!host)
		return NULL;
	host += 3;
	if (strncmp(host, "www.", 4) == 0)
		host += 4;
	return host[strcspn(host, "/?#:@")] == '@' ? NULL : xstrndup(host, strcspn(host, "/?#:"));
}

void candidates_take(struct candidates *c, const struct mention *noise, const char *topic)
{
	static const struct hit nothing = {.topic = NULL};
	const struct hit *hit = &nothing;
	cleanup(freep) char *site = site_of(noise->url);
	const char *author = noise->author.handle ? noise->author.handle : noise->author.name;
	const size_t most = c->n + PER_NOISE < CANDIDATES_MAX ? c->n + PER_NOISE : CANDIDATES_MAX;
	size_t i;

	for (i = 0; i < noise->n_hits; i++)
		if (strcmp(noise->hits[i].topic, topic) == 0)
			hit = &noise->hits[i];
	if (author && *author)
		candidates_add(c, EXCLUDE_AUTHORS, author, 0);
	if (site && *site)
		candidates_add(c, EXCLUDE_SITES, site, 0);
	if (noise->title)
		take_text(c, noise->title, hit, SPAN_TITLE, most);
	if (noise->text)
		take_text(c, noise->text, hit, SPAN_TEXT, most);
}

/* --- as rules --- */

static void put_quoted(struct buf *out, const char *s)
{
	buf_putc(out, '\'');
	for (; *s; s++) {
		if (*s == '\'')
			buf_putc(out, '\'');
		buf_putc(out, *s == '\n' ? ' ' : *s);
	}
	buf_putc(out, '\'');
}

void candidates_rules(const struct candidates *c, struct buf *out)
{
	size_t i;

	buf_puts(out, "topic: " CANDIDATES_TOPIC "\nrole: industry\npatterns:\n  p: ['escuchactl discard']\n");
	for (i = 0; i < c->n; i++) {
		if (c->v[i].kind != EXCLUDE_WORDS)
			continue;
		buf_printf(out, "  p%zu: [", i);
		put_quoted(out, c->v[i].value);
		buf_puts(out, "]\n");
	}
	buf_puts(out, "rules:\n  - {name: c, when: p}\n");
	for (i = 0; i < c->n; i++) {
		const struct exclusion one = {.kind = c->v[i].kind, .values = {c->v[i].value}, .n = 1};
		struct buf when = BUF_INIT(4096);

		buf_printf(out, "  - name: c%zu\n    when: ", i);
		if (one.kind == EXCLUDE_WORDS)
			buf_printf(out, "p%zu\n", i);
		else if (discard_condition(&one, NULL, &when) == 0 && !when.full)
			put_quoted(out, buf_str(&when) + strlen("not "));
		else
			buf_puts(out, "p");
		buf_putc(out, '\n');
		buf_done(&when);
	}
}

size_t candidates_number(const struct candidates *c, const char *rule)
{
	char *end;
	unsigned long n;

	if (rule[0] != 'c' || rule[1] < '0' || rule[1] > '9')
		return SIZE_MAX;
	n = strtoul(rule + 1, &end, 10);
	return *end || n >= c->n ? SIZE_MAX : n;
}

/* --- choosing --- */

static uint64_t looks(const struct candidates *c, const struct candidate *x)
{
	return x->cost + (c->mentions ? x->anywhere * COST_GENERIC / c->mentions : 0);
}

/* a before b: fewer other hits, more of the noise that is left, better looks. */
static bool better(const struct candidates *c, const struct candidate *a, const struct candidate *b, uint64_t left)
{
	const int more_a = __builtin_popcountll(a->noise & left), more_b = __builtin_popcountll(b->noise & left);

	if (a->others != b->others)
		return a->others < b->others;
	if (more_a != more_b)
		return more_a > more_b;
	return looks(c, a) < looks(c, b);
}

bool candidates_choose(const struct candidates *c, enum exclusion_kind kind, uint64_t noise,
		       const bool tried[CANDIDATES_MAX], struct chosen *ret)
{
	uint64_t left = noise;
	size_t i;

	*ret = (struct chosen){.n = 0};
	while (left && ret->n < DISCARD_VALUES_MAX) {
		const struct candidate *best = NULL;

		for (i = 0; i < c->n; i++) {
			const struct candidate *x = &c->v[i];

			if (x->kind == kind && !tried[i] && (x->noise & left) && (!best || better(c, x, best, left)))
				best = x;
		}
		if (!best)
			return false;
		ret->v[ret->n++] = (size_t)(best - c->v);
		ret->others += best->others;
		left &= ~best->noise;
	}
	return noise && left == 0;
}

size_t candidates_best(const struct candidates *c, uint64_t noise, size_t ret[], size_t max)
{
	size_t n = 0, i, k;

	for (i = 0; i < c->n; i++) {
		if ((c->v[i].noise & noise) != noise)
			continue;
		for (k = n; k > 0 && better(c, &c->v[i], &c->v[ret[k - 1]], noise); k--)
			if (k < max)
				ret[k] = ret[k - 1];
		if (k < max)
			ret[k] = i;
		if (n < max)
			n++;
	}
	return n;
}
