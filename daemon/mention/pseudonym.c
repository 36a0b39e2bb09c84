#include "mention/pseudonym.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "mention/mention.h"
#include "mention/pseudonym_inside.h"
#include "mention/voice.h"

enum {
	SAID_MAX_BYTES = 16 * MENTION_TEXT_MAX_BYTES, /* "@a" becomes fifteen bytes */
	WHO_MAX_BYTES = 2 * MENTION_FIELD_MAX_BYTES,
	SHORT_MAX_BYTES = 64,
};

/* --- names --- */

/* Letters in pairs as Unicode has them, of the scripts that our platforms' people write in. */
static uint32_t small(uint32_t c)
{
	if ((c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7) || (c >= 0x391 && c <= 0x3a9) ||
	    (c >= 0x410 && c <= 0x42f))
		return c + 0x20;
	if (c >= 0x400 && c <= 0x40f)
		return c + 0x50;
	if ((c >= 0x100 && c <= 0x137) || (c >= 0x14a && c <= 0x177))
		return c | 1;
	return c;
}

/* Marks and letters, but not what stands between words: blanks, punctuation, symbols, pictures. */
static bool is_letter(uint32_t c)
{
	if (c < 0xc0)
		return c == 0xaa || c == 0xb5 || c == 0xba;
	return c != 0xd7 && c != 0xf7 && !(c >= 0x2000 && c <= 0x2bff) && !(c >= 0x3000 && c <= 0x3003) &&
	       !(c >= 0x3008 && c <= 0x3020) && !(c >= 0xe000 && c <= 0xf8ff) && !(c >= 0xfe00 && c <= 0xfe0f) &&
	       !(c >= 0xfe30 && c <= 0xfe6b) && !(c >= 0xff00 && c <= 0xff0f) && !(c >= 0xff1a && c <= 0xff20) &&
	       c != 0xfffd && !(c >= 0x1f000 && c <= 0x1faff) && !(c >= 0xe0000 && c <= 0xe01ff);
}

size_t name_char(const char *s, const char *end)
{
	const char *at = s;

	if (s >= end)
		return 0;
	if ((unsigned char)*s < 0x80)
		return (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9') || *s == '_';
	return is_letter(utf8_next(&at, end)) ? (size_t)(at - s) : 0;
}

void pseudonym_put(const struct pseudonym *p, const char *kind, const char *who, size_t len, struct buf *b)
{
	cleanup(buf_done) struct buf said = BUF_INIT(WHO_MAX_BYTES);
	char hex[PSEUDONYM_DIGITS + 1];
	const char *end = who + len;
	uint8_t digest[32];

	if (len && *who == '@')
		who++;
	if (memchr(who, '@', (size_t)(end - who)))
		end = memchr(who, '@', (size_t)(end - who));
	buf_put(&said, kind, strlen(kind) + 1);
	while (who < end && !said.full)
		utf8_put(&said, small(utf8_next(&who, end)));
	hash_hmac(p->key, sizeof(p->key), said.data, said.len, digest);
	hash_hex(digest, PSEUDONYM_DIGITS / 2, hex);
	buf_puts(b, "u-");
	buf_put(b, hex, PSEUDONYM_DIGITS);
}

/* --- what is one's own --- */

struct pseudonym *pseudonym_new(void)
{
	return NEW(struct pseudonym);
}

static char **names_free(char **v, size_t n)
{
	while (n)
		free(v[--n]);
	free(v);
	return NULL;
}

struct pseudonym *pseudonym_free(struct pseudonym *p)
{
	if (!p)
		return NULL;
	p->handles = names_free(p->handles, p->n_handles);
	p->sites = names_free(p->sites, p->n_sites);
	explicit_bzero(p->key, sizeof(p->key));
	free(p);
	return NULL;
}

static int compare(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

static char *in_small_letters(const char *s, size_t len)
{
	struct buf b = BUF_INIT(WHO_MAX_BYTES);
	const char *end = s + len;

	while (s < end && !b.full)
		utf8_put(&b, small(utf8_next(&s, end)));
	return buf_steal(&b);
}

void pseudonym_key(struct pseudonym *p, const uint8_t key[PSEUDONYM_KEY_BYTES])
{
	memcpy(p->key, key, PSEUDONYM_KEY_BYTES);
	if (p->n_handles)
		qsort(p->handles, p->n_handles, sizeof(*p->handles), compare);
}

void pseudonym_own(struct pseudonym *p, const char *own)
{
	if (*own == '@') {
		p->handles = GROW(p->handles, p->n_handles, &p->cap_handles);
		p->handles[p->n_handles++] = in_small_letters(own + 1, strlen(own + 1));
	} else {
		p->sites = GROW(p->sites, p->n_sites, &p->cap_sites);
		p->sites[p->n_sites++] = in_small_letters(own, strlen(own));
	}
}

bool pseudonym_is_own(const struct pseudonym *p, const char *handle, size_t len)
{
	cleanup(freep) char *who = NULL;
	char *server;

	if (len && *handle == '@') {
		handle++;
		len--;
	}
	if (!p->n_handles || !len)
		return false;
	who = in_small_letters(handle, len);
	if (bsearch(&(const char *){who}, p->handles, p->n_handles, sizeof(*p->handles), compare))
		return true;
	server = strchr(who, '@');
	if (!server)
		return false;
	*server = '\0';
	return bsearch(&(const char *){who}, p->handles, p->n_handles, sizeof(*p->handles), compare) != NULL;
}

bool pseudonym_is_own_site(const struct pseudonym *p, const char *host, size_t len)
{
	size_t i, n;

	for (i = 0; i < p->n_sites; i++) {
		n = strlen(p->sites[i]);
		if (len >= n && !strncasecmp(host + len - n, p->sites[i], n) && (len == n || host[len - n - 1] == '.'))
			return true;
	}
	return false;
}

/* --- a mention --- */

static char *without_names(const struct pseudonym *p, struct arena *a, const char *text,
			   const struct text_author *author, struct text_edits *edits)
{
	cleanup(buf_done) struct buf b = BUF_INIT(SAID_MAX_BYTES);

	if (!text)
		return NULL;
	text_without_names(p, text, author, &b, edits);
	return arena_memdup0(a, buf_str(&b), b.len);
}

/* Where a place of the old text is in the new one: the begin of what was replaced, or its end, for one within. */
static uint32_t moved(const struct text_edits *e, uint32_t at, bool end)
{
	size_t low = 0, high = e->n;
	const struct text_edit *last;

	while (low < high) { /* how many begin before it */
		size_t middle = (low + high) / 2;

		if (end ? e->v[middle].from < at : e->v[middle].from <= at)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return at;
	last = &e->v[low - 1];
	if (at < last->to)
		return (uint32_t)(last->at + (end ? last->len : 0));
	return (uint32_t)(at - last->to + last->at + last->len);
}

static void move_spans(struct arena *a, struct mention *m, const struct text_edits *title,
		       const struct text_edits *text, bool named)
{
	struct hit *hits = ARENA_ARRAY(a, struct hit, m->n_hits);
	size_t h, i;

	for (h = 0; h < m->n_hits; h++) {
		struct hit *to = &hits[h];

		*to = m->hits[h];
		to->spans = ARENA_ARRAY(a, struct span, to->n_spans);
		to->n_spans = 0;
		for (i = 0; i < m->hits[h].n_spans; i++) {
			struct span s = m->hits[h].spans[i];
			const struct text_edits *e = s.in == SPAN_TITLE ? title : s.in == SPAN_TEXT ? text : NULL;

			if (!e && !named)
				continue; /* it speaks of what is not told */
			s.from = e ? moved(e, s.from, false) : s.from;
			s.to = e ? moved(e, s.to, true) : s.to;
			to->spans[to->n_spans++] = s;
		}
	}
	m->hits = hits;
}

static const char *who_of(const struct pseudonym *p, struct arena *a, const char *kind, const char *who)
{
	struct buf b = BUF_INIT(SHORT_MAX_BYTES);
	const char *name;

	pseudonym_put(p, kind, who, strlen(who), &b);
	name = arena_memdup0(a, b.data, b.len);
	buf_done(&b);
	return name;
}

static void hide_author(const struct pseudonym *p, struct arena *a, struct mention_author *who)
{
	if (who->handle && *who->handle)
		who->handle = who->name = who_of(p, a, "handle", who->handle);
	else if (who->url && *who->url)
		who->name = who_of(p, a, "page", who->url);
	else if (who->name && *who->name)
		who->name = who_of(p, a, "name", who->name);
	who->url = NULL;
}

/* An address as it may be told; NULL: it may not. */
static const char *address_told(const struct pseudonym *p, struct arena *a, const char *url, const char *author)
{
	struct address at;

	if (!url)
		return NULL;
	at = address_look(p, url, strlen(url), author);
	if (at.kind == ADDRESS_POST)
		return arena_printf(a, ADDRESS_POST_BEGIN "%.*s", (int)at.len, url + at.from);
	return at.kind == ADDRESS_PLAIN ? url : NULL;
}

/* A platform's own id: a number, some letters, or an address. What has anything else in it may be made of who it was. */
static const char *id_told(const struct pseudonym *p, struct arena *a, const char *id, const char *author)
{
	if (!id || strncasecmp(id, "http://", 7) == 0 || strncasecmp(id, "https://", 8) == 0)
		return address_told(p, a, id, author);
	if (id[strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:-")] ||
	    strncmp(id, "did:", 4) == 0)
		return NULL;
	return author && strcasestr(id, author) ? NULL : id;
}

static void hide_words(const struct pseudonym *p, struct arena *a, struct mention_sentiment *s,
		       const struct text_author *author)
{
	const char **words = ARENA_ARRAY(a, const char *, s->n_words);
	size_t i;

	for (i = 0; i < s->n_words; i++)
		words[i] = without_names(p, a, s->words[i], author, NULL);
	s->words = words;
}

void pseudonym_mention(const struct pseudonym *p, struct arena *a, struct mention *m)
{
	const char *handle = voice_handle(m);
	bool own = m->own || (handle && pseudonym_is_own(p, handle, strlen(handle)));
	const struct text_author author = {.handle = own ? NULL : handle, .name = own ? NULL : m->author.name};
	struct text_edits title = {NULL}, text = {NULL};

	m->title = without_names(p, a, m->title, &author, &title);
	m->text = without_names(p, a, m->text, &author, &text);
	move_spans(a, m, &title, &text, own);
	free(title.v);
	free(text.v);
	hide_words(p, a, &m->sentiment, &author);
	m->source = without_names(p, a, m->source, &author, NULL);
	if (m->repeats && !pseudonym_is_own(p, m->repeats, strlen(m->repeats)))
		m->repeats = who_of(p, a, "handle", m->repeats);
	m->parent = id_told(p, a, m->parent, author.handle);
	if (own)
		return;
	m->guid = id_told(p, a, m->guid, author.handle);
	m->url = address_told(p, a, m->url, author.handle);
	hide_author(p, a, &m->author);
}
