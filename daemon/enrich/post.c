#include "enrich/post.h"

#include <string.h>
#include <utf8proc.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "enrich/emoticon.h"

#define HASH_START UINT64_C(0xcbf29ce484222325) /* FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv */
#define HASH_PRIME UINT64_C(0x100000001b3)

enum {
	SKIN_FIRST = 0x1F3FB, /* EMOJI MODIFIER FITZPATRICK TYPE-1-2 … */
	SKIN_LAST = 0x1F3FF,
	TYPOGRAPHIC_APOSTROPHE = 0x2019,
};

void post_init(struct post *p)
{
	*p = (struct post){.n = 0};
	fold_init(&p->fold);
}

void post_done(struct post *p)
{
	fold_done(&p->fold);
	free(p->v);
	*p = (struct post){.n = 0};
}

static uint64_t mixed(uint64_t hash)
{
	hash ^= hash >> 32;
	hash *= UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

static uint64_t hash_bytes(enum token_kind kind, const char *s, size_t len)
{
	uint64_t hash = HASH_START ^ (uint64_t)kind;
	size_t i;

	for (i = 0; i < len; i++)
		hash = (hash ^ (uint8_t)s[i]) * HASH_PRIME;
	return mixed(hash);
}

uint64_t post_phrase(uint64_t before, uint64_t word)
{
	return mixed(before * HASH_PRIME + word);
}

static struct token *token_add(struct post *p, enum token_kind kind, const char *from, const char *to)
{
	struct token *t;

	p->v = GROW(p->v, p->n, &p->cap);
	t = &p->v[p->n++];
	*t = (struct token){
		.kind = kind, .from = (uint32_t)(from - p->fold.bytes), .to = (uint32_t)(to - p->fold.bytes)};
	return t;
}

/* --- words --- */

static bool ascii_letter(uint32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool in_word(uint32_t c)
{
	if (c < 0x80)
		return ascii_letter(c);
	switch (utf8proc_category((utf8proc_int32_t)c)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ND:
		return true;
	default:
		return false;
	}
}

/* Whether a word is hashed as it stands: short, of ASCII, nothing in it stretched. Most are. */
static bool is_plain(const char *s, size_t len)
{
	size_t i;

	if (len > POST_WORD_MAX_BYTES)
		return false;
	for (i = 0; i < len; i++)
		if ((uint8_t)s[i] >= 0x80 || (i >= 2 && s[i] == s[i - 1] && s[i] == s[i - 2]))
			return false;
	return true;
}

/* The word with an ASCII apostrophe, and of what was stretched `kept` letters. False: nothing was. */
static bool word_short(const char *s, const char *end, size_t kept, uint64_t *ret)
{
	char word[POST_WORD_MAX_BYTES + 4];
	size_t n = 0, run = 0, last = 0; /* last: where the character before begins */
	bool stretched = false;

	while (s < end && n < POST_WORD_MAX_BYTES) {
		const char *from = s;
		uint32_t c = utf8_next(&s, end);
		size_t len = (size_t)(s - from);

		if (c == TYPOGRAPHIC_APOSTROPHE) {
			from = "'";
			len = 1;
		}
		run = n && n - last == len && !memcmp(word + last, from, len) && !(c >= '0' && c <= '9') ? run + 1 : 1;
		if (run == 3) {
			stretched = true;
			n -= (2 - kept) * len;
			last = n - len;
		}
		if (run >= 3)
			continue;
		last = n;
		memcpy(word + n, from, len);
		n += len;
	}
	*ret = hash_bytes(TOKEN_WORD, word, n);
	return stretched;
}

/* A word longer than POST_WORD_MAX_BYTES is hashed by its beginning: no list has such a one. */
static void word_add(struct post *p, const char *s, const char *end)
{
	struct token *t = token_add(p, TOKEN_WORD, s, end);

	if (is_plain(s, (size_t)(end - s)))
		t->hash = hash_bytes(TOKEN_WORD, s, (size_t)(end - s));
	else if ((t->stretched = word_short(s, end, 1, &t->hash)))
		(void)word_short(s, end, 2, &t->doubled);
}

static const char *word_end(const char *s, const char *end)
{
	while (s < end) {
		const char *next = s;
		uint32_t c;

		if (ascii_letter((uint8_t)*s)) {
			s++;
			continue;
		}
		c = utf8_next(&next, end);
		if (c == '\'' || c == TYPOGRAPHIC_APOSTROPHE) {
			const char *behind = next;

			if (behind == end || !in_word(utf8_next(&behind, end)))
				break;
		} else if (!in_word(c)) {
			break;
		}
		s = next;
	}
	return s;
}

/* --- what is no word --- */

static const char *blank_end(const char *s, const char *end)
{
	while (s < end && *s != ' ' && *s != '\n')
		s++;
	return s;
}

static bool begins(const char *s, const char *end, const char *with)
{
	size_t len = strlen(with);

	return (size_t)(end - s) >= len && !memcmp(s, with, len);
}

/* The end of what is written and not said: an address, a handle; s: nothing of the kind. */
static const char *skipped(struct post *p, const char *s, const char *end)
{
	if (begins(s, end, "http://") || begins(s, end, "https://") || begins(s, end, "www.")) {
		p->linked = true;
		return blank_end(s, end);
	}
	if (*s != '@')
		return s;
	for (s++; s < end && (ascii_letter((uint8_t)*s) || strchr("_.-", *s)); s++)
		;
	return s;
}

static bool is_picture(uint32_t c)
{
	utf8proc_category_t category;

	if (c < 0x203C || (c >= SKIN_FIRST && c <= SKIN_LAST))
		return false;
	category = utf8proc_category((utf8proc_int32_t)c);
	return category == UTF8PROC_CATEGORY_SO || category == UTF8PROC_CATEGORY_SK;
}

static void sign(struct post *p, uint32_t c, const char *from, const char *to)
{
	if (c == '!' || c == 0xA1)
		token_add(p, TOKEN_SHOUT, from, to);
	else if (c == '?' || c == 0xBF)
		token_add(p, TOKEN_ASK, from, to);
	else if (is_picture(c))
		token_add(p, TOKEN_PICTURE, from, to)->hash = hash_bytes(TOKEN_PICTURE, from, (size_t)(to - from));
	else if (c == '\n' || (c < 0x80 && strchr(",;.:()", (int)c)) || c == 0x2026 || c == 0x2014)
		token_add(p, TOKEN_BREAK, from, to);
}

/* --- hashtags --- */

/* Capitals are gone from the folded text: they are looked up in the original, which is read once along with it. */
struct original {
	const char *s, *end;
	uint32_t n; /* code points before s */
};

static bool is_capital(struct post *p, struct original *o, const char *at)
{
	size_t byte = (size_t)(at - p->fold.bytes);
	uint32_t from, to, c = 0;

	fold_span(&p->fold, byte, byte + 1, &from, &to);
	for (; o->s < o->end && o->n <= from; o->n++)
		c = utf8_next(&o->s, o->end);
	return utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_LU;
}

/* #NoMeGusta is three words: one begins at each capital behind a small letter, and at the last of several before a small one
 * (#TVLibre). */
static void hashtag_read(struct post *p, struct original *o, const char *s, const char *end)
{
	const char *word = s, *before = s;
	bool capital = true, row = true; /* the letter before, and the one before that */

	while (s < end) {
		const char *from = s;
		bool is = is_capital(p, o, s);

		(void)utf8_next(&s, end);
		if (is && !capital) {
			word_add(p, word, from);
			word = from;
		} else if (!is && capital && row && before > word) {
			word_add(p, word, before);
			word = before;
		}
		row = capital && from > word;
		capital = is;
		before = from;
	}
	word_add(p, word, end);
}

/* A word, or those of a hashtag, from s on; its end, or s: none begins there. */
static const char *words_read(struct post *p, struct original *o, const char *s, const char *end)
{
	const char *to = word_end(s, end);

	if (to == s)
		return s;
	if (s > p->fold.bytes && s[-1] == '#')
		hashtag_read(p, o, s, to);
	else
		word_add(p, s, to);
	return to;
}

static const char *sign_read(struct post *p, const char *s, const char *end)
{
	const char *from = s;
	struct emoticon face;
	uint32_t c;

	if (emoticon_at(s > p->fold.bytes ? s[-1] : ' ', s, end, &face)) {
		token_add(p, TOKEN_EMOTICON, s, face.end)->hash = hash_bytes(TOKEN_EMOTICON, face.form, face.len);
		return face.end;
	}
	c = utf8_next(&s, end);
	sign(p, c, from, s);
	return s;
}

void post_read(struct post *p, const char *text, size_t len)
{
	struct original o = {text, text + len, 0};
	const char *s, *end;

	p->n = 0;
	p->linked = false;
	fold_text(&p->fold, text, len);
	s = p->fold.bytes;
	end = s + p->fold.len;
	while (s < end && p->n < POST_TOKENS_MAX) {
		const char *from = s;

		if (*s == ' ')
			s++;
		else if ((s = skipped(p, s, end)) == from && (s = words_read(p, &o, s, end)) == from)
			s = sign_read(p, s, end);
	}
}
