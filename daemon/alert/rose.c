#include "alert/rose.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"
#include "mention/mention.h"

enum { SLOTS = 2 * ROSE_WORDS_MAX, SWEEP_MENTIONS = 1024 /* a sweep costs as much as some hundreds of them */ };

struct word {
	char *text; /* NULL: the slot is free */
	uint32_t now, before;
	uint64_t last; /* the mention that it was in last */
};

struct rose {
	struct word v[SLOTS]; /* by hash, open */
	size_t n;
	uint64_t mentions, words_now, words_before;
	uint64_t swept; /* at this mention */
};

struct rose *rose_new(void)
{
	return NEW(struct rose);
}

struct rose *rose_free(struct rose *r)
{
	size_t i;

	for (i = 0; r && i < SLOTS; i++)
		free(r->v[i].text);
	free(r);
	return NULL;
}

/* FNV-1a: nobody gains by words that share a slot but a search of a few more. */
static size_t slot_of(const char *word, size_t len)
{
	uint64_t h = UINT64_C(14695981039346656037);
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)word[i]) * UINT64_C(1099511628211);
	return (size_t)(h % SLOTS);
}

static struct word *find(struct rose *r, const char *word, size_t len)
{
	size_t i = slot_of(word, len);

	while (r->v[i].text && (strncmp(r->v[i].text, word, len) != 0 || r->v[i].text[len]))
		i = (i + 1) % SLOTS;
	return &r->v[i];
}

/* Words that were heard once tell nothing yet. If all were heard more often, what comes new is not counted. */
static void make_room(struct rose *r)
{
	struct word *old = xcalloc(SLOTS, sizeof(*old));
	size_t i;

	memcpy(old, r->v, sizeof(r->v));
	memset(r->v, 0, sizeof(r->v));
	r->n = 0;
	for (i = 0; i < SLOTS; i++) {
		if (!old[i].text)
			continue;
		if (old[i].now + old[i].before < 2) {
			free(old[i].text);
			continue;
		}
		*find(r, old[i].text, strlen(old[i].text)) = old[i];
		r->n++;
	}
	free(old);
}

static void add_word(struct rose *r, const char *word, size_t len, bool now)
{
	struct word *w = find(r, word, len);

	if (!w->text && r->n == ROSE_WORDS_MAX && r->mentions - r->swept >= SWEEP_MENTIONS) {
		r->swept = r->mentions;
		make_room(r);
		w = find(r, word, len);
	}
	if (!w->text && r->n == ROSE_WORDS_MAX)
		return;
	if (!w->text) {
		w->text = xstrndup(word, len);
		r->n++;
	} else if (w->last == r->mentions) {
		return;
	}
	w->last = r->mentions;
	w->now += now;
	w->before += !now;
	r->words_now += now;
	r->words_before += !now;
}

/* Letters of what is written in the languages that are spoken of here; digits. */
static bool is_letter(uint32_t cp)
{
	return (cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9') ||
	       (cp >= 0xC0 && cp != 0xD7 && cp != 0xF7 && cp < 0x2000) || (cp >= 0x2E80 && cp < 0xE000);
}

static uint32_t small(uint32_t cp)
{
	return (cp >= 'A' && cp <= 'Z') || (cp >= 0xC0 && cp <= 0xDE && cp != 0xD7) ? cp + 0x20 : cp;
}

static void add_text(struct rose *r, const char *text, bool now)
{
	size_t len = strlen(text), n = 0, letters = 0;
	const char *end = text + utf8_cut(text, len, ROSE_TEXT_MAX_BYTES);
	char word[ROSE_WORD_MAX_BYTES + 4];
	bool address = false;

	for (;;) {
		uint32_t cp = text < end ? small(utf8_next(&text, end)) : ' ';

		if (is_letter(cp)) {
			letters++;
			if (n + 4 <= sizeof(word))
				n += utf8_encode(cp, word + n);
			continue;
		}
		address = address || cp == '@' || (cp == ':' && n >= 4 && memcmp(word, "http", 4) == 0);
		if (letters >= ROSE_WORD_MIN && n <= ROSE_WORD_MAX_BYTES && !address)
			add_word(r, word, n, now);
		address = address && cp != ' ' && cp != '\n';
		n = letters = 0;
		if (cp == ' ' && text >= end)
			return;
	}
}

void rose_add(struct rose *r, const struct mention *m, bool now)
{
	r->mentions++;
	if (m->title)
		add_text(r, m->title, now);
	if (m->text)
		add_text(r, m->text, now);
}

/* The log-likelihood ratio of two rates against one; 0: it did not rise. */
static double risen(const struct rose *r, const struct word *w)
{
	double n_now = (double)r->words_now, n_before = (double)r->words_before;
	double rate = (w->now + w->before) / (n_now + n_before);

	if (w->now / n_now <= w->before / n_before)
		return 0;
	return 2 * (w->now * log(w->now / (n_now * rate)) +
		    (w->before ? w->before * log(w->before / (n_before * rate)) : 0));
}

size_t rose_pick(struct rose *r, const char *ret[ROSE_MAX])
{
	double best[ROSE_MAX];
	size_t i, k, n = 0;

	if (!r->words_before)
		return 0;
	for (i = 0; i < SLOTS; i++) {
		const struct word *w = &r->v[i];
		double value = w->text && w->now >= ROSE_LEAST ? risen(r, w) : 0;

		if (value < ROSE_LEAST_RATIO)
			continue;
		for (k = n < ROSE_MAX ? n : ROSE_MAX; k > 0 && best[k - 1] < value; k--)
			if (k < ROSE_MAX) {
				best[k] = best[k - 1];
				ret[k] = ret[k - 1];
			}
		if (k < ROSE_MAX) {
			best[k] = value;
			ret[k] = w->text;
			n += n < ROSE_MAX;
		}
	}
	return n;
}
