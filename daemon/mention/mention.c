#include "mention/mention.h"

#include <endian.h>
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/wire.h"
#include "mention/print.h"

/* The years 1 to 9999, which RFC 3339 can write. */
#define FIRST_MS INT64_C(-62135596800000)
#define LAST_MS  INT64_C(253402300799999)

enum {
	PUT_OWN = 1,
	PUT_SUSPECT = 2,
	PUT_BASELINE = 4,
	PUT_CUT = 8,
	PUT_VERIFIED = 16,
	PUT_UNVERIFIED = 32,
	PUT_MORE = 64,
	PUT_SENTIMENT = 128,
	/* Both, as no author is: a second byte follows, with what stands below, and says of whom both are true. So the bytes of
	 * a mention without all that are those of before, and so are checksums over them. */
	PUT_FURTHER = PUT_VERIFIED | PUT_UNVERIFIED,
	PUT_PLACE = 1,
	PUT_PRINT = 2,
	PUT_FURTHER_VERIFIED = 16,
	PUT_FURTHER_UNVERIFIED = 32,
	PUT_FURTHER_ALL = PUT_PLACE | PUT_PRINT | PUT_FURTHER_VERIFIED | PUT_FURTHER_UNVERIFIED,
};

enum { PLACE_LEADER = 1, PLACE_VIP = 2, PLACE_BY_HAND = 4, PLACE_BY_MODEL = 8, PLACE_UNCOUNTED_SHIFT = 4 };

void mention_init(struct mention *m)
{
	*m = (struct mention){
		.author.followers = COUNT_NONE,
		.published_ms = TIME_NONE,
		.seen_ms = TIME_NONE,
		.counts = {COUNT_NONE, COUNT_NONE, COUNT_NONE, COUNT_NONE},
		.rating = NAN,
	};
}

void mention_identity(const char *scope, const char *key, uint8_t ret_id[MENTION_ID_BYTES])
{
	const struct hash_part parts[] = {{scope, strlen(scope) + 1}, {key, strlen(key)}};
	uint8_t digest[32];

	hash_sha256(parts, ARRAY_LEN(parts), digest);
	memcpy(ret_id, digest, MENTION_ID_BYTES);
}

typedef uint8_t block __attribute__((vector_size(16)));

static block spaces_of(block v)
{
	return (block)(v == ' ') | (block)(v == '\t') | (block)(v == '\n') | (block)(v == '\r');
}

/* A block of s, which is not the text's first, with spaces for all white space. False: some of it stands behind other, and what
 * was written is not the words. */
static bool block_fold(char *to, const char *s)
{
	block v, before, spaces;
	uint64_t doubled[2];

	memcpy(&v, s, sizeof(v));
	memcpy(&before, s - 1, sizeof(before));
	spaces = spaces_of(v);
	before = spaces_of(before) & spaces;
	v = (v & ~spaces) | (spaces & ' ');
	memcpy(to, &v, sizeof(v));
	memcpy(doubled, &before, sizeof(doubled));
	return !(doubled[0] | doubled[1]);
}

/* The words of s, one space between them; returns where it ends. By blocks, and without a branch on what is read where white
 * space is doubled: where words end is what no processor can foresee. */
static char *fold_space(char *to, const char *s)
{
	const char *const from = s, *const end = s ? s + strlen(s) : s;
	char *const start = to;
	bool behind_space = true;

	while (s < end) {
		bool space;

		if (s > from && end - s >= (ptrdiff_t)sizeof(block) && block_fold(to, s)) {
			s += sizeof(block);
			to += sizeof(block);
			behind_space = to[-1] == ' ';
			continue;
		}
		space = (*s == ' ') | (*s == '\t') | (*s == '\n') | (*s == '\r');
		*to = space ? ' ' : *s;
		to += !(space & behind_space);
		behind_space = space;
		s++;
	}
	return to > start && behind_space ? to - 1 : to;
}

uint64_t mention_content_hash(const struct mention *m)
{
	size_t size = (m->title ? strlen(m->title) : 0) + (m->text ? strlen(m->text) : 0) + 2;
	cleanup(freep) char *folded = xmalloc(size);
	char *end = fold_space(folded, m->title);

	*end++ = '\0';
	end = fold_space(end, m->text);
	return hash_u64(&(struct hash_part){folded, (size_t)(end - folded)}, 1);
}

uint64_t mention_counts_hash(const struct mention_counts *c)
{
	if (c->likes < 0 && c->shares < 0 && c->replies < 0 && c->views < 0)
		return 0;
	return hash_u64(&(struct hash_part){c, sizeof(*c)}, 1);
}

static void names_json(struct json *j, const char *key, const char *const *v, size_t n)
{
	size_t i;

	json_begin_array(j, key);
	for (i = 0; i < n; i++)
		json_text(j, NULL, v[i]);
	json_end_array(j);
}

void mention_hits_json(struct json *j, const char *key, const struct mention *m)
{
	static const char *const where[] = {"title", "text", "author", "url"};
	size_t i, k;

	json_begin_array(j, key);
	for (i = 0; i < m->n_hits; i++) {
		const struct hit *h = &m->hits[i];

		json_begin_object(j, NULL);
		json_text(j, "topic", h->topic);
		json_text(j, "role", h->role);
		names_json(j, "rules", h->rules, h->n_rules);
		names_json(j, "tags", h->tags, h->n_tags);
		json_begin_array(j, "spans");
		for (k = 0; k < h->n_spans; k++) {
			json_begin_object(j, NULL);
			json_text(j, "in", where[h->spans[k].in]);
			json_begin_array(j, "at");
			json_int(j, NULL, h->spans[k].from);
			json_int(j, NULL, h->spans[k].to);
			json_end_array(j);
			json_text(j, "pattern", h->spans[k].pattern);
			json_end_object(j);
		}
		json_end_array(j);
		if (h->n_limited)
			names_json(j, "limited", h->limited, h->n_limited);
		json_end_object(j);
	}
	json_end_array(j);
}

bool mention_names_have(const char *const *v, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(v[i], name))
			return true;
	return false;
}

size_t mention_intents(const struct mention *m, const char *ret[MENTION_NAMES_MAX])
{
	size_t n = 0, i, k;

	for (i = 0; i < m->n_hits; i++)
		for (k = 0; k < m->hits[i].n_intents && n < MENTION_NAMES_MAX; k++)
			if (!mention_names_have(ret, n, m->hits[i].intents[k]))
				ret[n++] = m->hits[i].intents[k];
	return n;
}

static void intents_json(struct json *j, const struct mention *m)
{
	const char *v[MENTION_NAMES_MAX];
	size_t n = mention_intents(m, v);

	if (n)
		names_json(j, "intents", v, n);
}

void mention_sentiment_json(struct json *j, const char *key, const struct mention_sentiment *s)
{
	if (!s->label)
		return;
	json_begin_object(j, key);
	json_text(j, "label", s->label);
	json_double(j, "score", s->score);
	names_json(j, "words", s->words, s->n_words);
	if (s->by_hand)
		json_text(j, "by", "hand");
	else if (s->by_model)
		json_text(j, "by", "model");
	json_end_object(j);
}

const char *uncounted_name(enum uncounted u)
{
	static const char *const names[] = {NULL, "repeat", "syndicated", "ignored"};

	return names[u];
}

static void place_json(struct json *j, const struct mention_place *p)
{
	const uint64_t number = htobe64(p->story);
	char story[2 * sizeof(number) + 1];

	if (!p->story)
		return;
	hash_hex((const uint8_t *)&number, sizeof(number), story);
	json_text(j, "story", story);
	json_text(j, "uncounted", uncounted_name(p->uncounted));
	if (p->vip)
		json_bool(j, "vip", true);
}

static void count_json(struct json *j, const char *key, int64_t count)
{
	if (count >= 0)
		json_int(j, key, count);
}

void mention_json(struct json *j, const char *key, const struct mention *m)
{
	const struct mention_author *a = &m->author;
	char id[2 * MENTION_ID_BYTES + 1];

	hash_hex(m->id, MENTION_ID_BYTES, id);
	json_begin_object(j, key);
	json_text(j, "id", id);
	json_text(j, "source", m->source);
	json_text(j, "platform", m->platform);
	json_text(j, "kind", m->kind);
	json_text(j, "guid", m->guid);
	json_text(j, "url", m->url);
	json_text(j, "title", m->title);
	json_text(j, "text", m->text);
	json_text(j, "lang", m->lang);
	json_text(j, "country", m->country);
	if (a->name || a->handle || a->url || a->followers >= 0 || a->verified) {
		json_begin_object(j, "author");
		json_text(j, "name", a->name);
		json_text(j, "handle", a->handle);
		json_text(j, "url", a->url);
		count_json(j, "followers", a->followers);
		if (a->verified)
			json_bool(j, "verified", a->verified == VERIFIED_YES);
		json_end_object(j);
	}
	json_time(j, "published", m->published_ms, m->published_ms % 1000 != 0);
	json_time(j, "seen", m->seen_ms, true);
	if (m->date_suspect)
		json_bool(j, "date_suspect", true);
	if (m->baseline)
		json_bool(j, "baseline", true);
	if (m->cut)
		json_bool(j, "cut", true);
	count_json(j, "likes", m->counts.likes);
	count_json(j, "shares", m->counts.shares);
	count_json(j, "replies", m->counts.replies);
	count_json(j, "views", m->counts.views);
	json_double(j, "rating", m->rating);
	json_text(j, "version", m->version);
	json_text(j, "parent", m->parent);
	json_text(j, "repeats", m->repeats);
	json_bool(j, "own", m->own);
	mention_sentiment_json(j, "sentiment", &m->sentiment);
	intents_json(j, m);
	place_json(j, &m->place);
	mention_hits_json(j, "hits", m);
	json_end_object(j);
}

static void names_put(struct buf *b, const char *const *v, size_t n)
{
	size_t i;

	wire_put_u32(b, (uint32_t)n);
	for (i = 0; i < n; i++)
		wire_put_text(b, v[i]);
}

static void hit_put(struct buf *b, const struct hit *h)
{
	size_t i;

	wire_put_text(b, h->topic);
	wire_put_text(b, h->role);
	names_put(b, h->rules, h->n_rules);
	names_put(b, h->tags, h->n_tags);
	wire_put_u32(b, (uint32_t)h->n_spans);
	for (i = 0; i < h->n_spans; i++) {
		wire_put_u8(b, (uint8_t)h->spans[i].in);
		wire_put_u32(b, h->spans[i].from);
		wire_put_u32(b, h->spans[i].to);
		wire_put_text(b, h->spans[i].pattern);
	}
}

void mention_hits_put(struct buf *b, const struct mention *m)
{
	size_t i;

	wire_put_u32(b, (uint32_t)m->n_hits);
	for (i = 0; i < m->n_hits; i++)
		hit_put(b, &m->hits[i]);
}

void mention_intents_put(struct buf *b, const struct mention *m)
{
	size_t i;

	for (i = 0; i < m->n_hits; i++)
		names_put(b, m->hits[i].intents, m->hits[i].n_intents);
}

void mention_limited_put(struct buf *b, const struct mention *m)
{
	size_t i;

	for (i = 0; i < m->n_hits; i++)
		names_put(b, m->hits[i].limited, m->hits[i].n_limited);
}

/* The second byte; 0: there is none. */
static uint8_t further_of(const struct mention *m)
{
	unsigned further = (mention_has_place(m) ? PUT_PLACE : 0) | (m->print ? PUT_PRINT : 0);

	if (further && m->author.verified)
		further |= m->author.verified == VERIFIED_YES ? PUT_FURTHER_VERIFIED : PUT_FURTHER_UNVERIFIED;
	return (uint8_t)further;
}

static uint8_t flags_of(const struct mention *m)
{
	unsigned flags =
		m->own * PUT_OWN | m->date_suspect * PUT_SUSPECT | m->baseline * PUT_BASELINE | m->cut * PUT_CUT;

	if (further_of(m))
		flags |= PUT_FURTHER;
	else if (m->author.verified)
		flags |= m->author.verified == VERIFIED_YES ? PUT_VERIFIED : PUT_UNVERIFIED;
	if (mention_has_more(m))
		flags |= PUT_MORE;
	if (m->sentiment.label)
		flags |= PUT_SENTIMENT;
	return (uint8_t)flags;
}

bool mention_has_more(const struct mention *m)
{
	return m->version || m->repeats;
}

void mention_more_put(struct buf *b, const struct mention *m)
{
	wire_put_text(b, m->version);
	wire_put_text(b, m->repeats);
}

void mention_sentiment_put(struct buf *b, const struct mention_sentiment *s)
{
	wire_put_text(b, s->label);
	wire_put_f64(b, s->score);
	names_put(b, s->words, s->n_words);
}

bool mention_has_place(const struct mention *m)
{
	return m->place.story || (m->sentiment.label && (m->sentiment.by_hand || m->sentiment.by_model));
}

void mention_place_put(struct buf *b, const struct mention *m)
{
	const struct mention_place *p = &m->place;

	wire_put_u64(b, p->story);
	wire_put_u8(b, (uint8_t)((p->leader ? PLACE_LEADER : 0) | (p->vip ? PLACE_VIP : 0) |
				 (m->sentiment.by_hand ? PLACE_BY_HAND : 0) |
				 (m->sentiment.by_model ? PLACE_BY_MODEL : 0) |
				 (unsigned)p->uncounted << PLACE_UNCOUNTED_SHIFT));
}

void mention_put(struct buf *b, const struct mention *m)
{
	const char *const texts[] = {m->source,        m->platform,   m->kind,  m->guid,    m->url,
				     m->title,         m->text,       m->lang,  m->country, m->author.name,
				     m->author.handle, m->author.url, m->parent};
	const int64_t numbers[] = {mention_count(m->author.followers),
				   m->published_ms,
				   m->seen_ms,
				   mention_count(m->counts.likes),
				   mention_count(m->counts.shares),
				   mention_count(m->counts.replies),
				   mention_count(m->counts.views)};
	size_t i;

	buf_put(b, m->id, sizeof(m->id));
	for (i = 0; i < ARRAY_LEN(texts); i++)
		wire_put_text(b, texts[i]);
	for (i = 0; i < ARRAY_LEN(numbers); i++)
		wire_put_i64(b, numbers[i]);
	wire_put_f64(b, isinf(m->rating) ? (double)NAN : m->rating);
	wire_put_u8(b, flags_of(m));
	if (further_of(m))
		wire_put_u8(b, further_of(m));
	mention_hits_put(b, m);
	mention_intents_put(b, m);
	mention_limited_put(b, m);
	if (mention_has_more(m)) /* else the bytes are those of before, and so are checksums over them */
		mention_more_put(b, m);
	if (m->sentiment.label)
		mention_sentiment_put(b, &m->sentiment);
	if (mention_has_place(m))
		mention_place_put(b, m);
	if (m->print)
		print_put(b, m->print);
}

int64_t mention_count(int64_t count)
{
	if (count < 0)
		return COUNT_NONE;
	return count < MENTION_COUNT_MAX ? count : MENTION_COUNT_MAX;
}

/* A text of at most max bytes; needed ones may not be NULL. */
static const char *text_get(struct wire_in *in, struct arena *a, size_t max, bool needed)
{
	const char *s = wire_get_text(in, a);

	if ((!s && needed) || (s && strlen(s) > max))
		in->bad = true;
	return s;
}

int64_t mention_count_get(struct wire_in *in)
{
	int64_t count = wire_get_i64(in);

	if (count != mention_count(count))
		in->bad = true;
	return count;
}

/* A name: a text that is there and isn't empty. */
static const char *name_get(struct wire_in *in, struct arena *a)
{
	const char *s = text_get(in, a, MENTION_FIELD_MAX_BYTES, true);

	if (s && !*s)
		in->bad = true;
	return s;
}

static const char *topic_get(struct wire_in *in, struct arena *a)
{
	const char *s = name_get(in, a);

	if (s && s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_-")])
		in->bad = true;
	return s;
}

static const char *role_get(struct wire_in *in, struct arena *a)
{
	const char *s = name_get(in, a);

	if (s && strcmp(s, "brand") != 0 && strcmp(s, "competitor") != 0 && strcmp(s, "industry") != 0)
		in->bad = true;
	return s;
}

static int64_t time_get(struct wire_in *in)
{
	int64_t ms = wire_get_i64(in);

	if (ms != TIME_NONE && (ms < FIRST_MS || ms > LAST_MS))
		in->bad = true;
	return ms;
}

static size_t count_get(struct wire_in *in, size_t min_bytes, size_t max)
{
	size_t n = wire_get_count(in, min_bytes);

	if (n > max) {
		in->bad = true;
		return 0;
	}
	return n;
}

static const char **names_get(struct wire_in *in, struct arena *a, size_t *ret_n)
{
	size_t n = count_get(in, 4, MENTION_NAMES_MAX), i;
	const char **v = ARENA_ARRAY(a, const char *, n);

	for (i = 0; i < n; i++)
		v[i] = name_get(in, a);
	*ret_n = n;
	return v;
}

static void hit_get(struct wire_in *in, struct arena *a, struct hit *h)
{
	size_t i;

	h->topic = topic_get(in, a);
	h->role = role_get(in, a);
	h->rules = names_get(in, a, &h->n_rules);
	h->tags = names_get(in, a, &h->n_tags);
	h->n_spans = count_get(in, 13, MENTION_SPANS_MAX);
	h->spans = ARENA_ARRAY(a, struct span, h->n_spans);
	for (i = 0; i < h->n_spans; i++) {
		unsigned where = wire_get_u8(in);

		h->spans[i].in = where;
		h->spans[i].from = wire_get_u32(in);
		h->spans[i].to = wire_get_u32(in);
		h->spans[i].pattern = name_get(in, a);
		if (where > SPAN_URL || h->spans[i].from > h->spans[i].to || h->spans[i].to > MENTION_TEXT_MAX_BYTES)
			in->bad = true;
	}
}

void mention_hits_get(struct wire_in *in, struct arena *a, struct mention *ret)
{
	size_t i;

	ret->n_hits = count_get(in, 20, MENTION_HITS_MAX);
	ret->hits = ARENA_ARRAY(a, struct hit, ret->n_hits);
	for (i = 0; i < ret->n_hits && !in->bad; i++)
		hit_get(in, a, &ret->hits[i]);
}

void mention_intents_get(struct wire_in *in, struct arena *a, struct mention *ret)
{
	size_t i;

	for (i = 0; i < ret->n_hits && !in->bad; i++)
		ret->hits[i].intents = names_get(in, a, &ret->hits[i].n_intents);
}

void mention_limited_get(struct wire_in *in, struct arena *a, struct mention *ret)
{
	size_t i;

	for (i = 0; i < ret->n_hits && !in->bad; i++) {
		struct hit *h = &ret->hits[i];

		h->limited = names_get(in, a, &h->n_limited);
		if (h->n_limited > MENTION_LIMITED_MAX)
			in->bad = true;
	}
}

void mention_more_get(struct wire_in *in, struct arena *a, struct mention *ret)
{
	ret->version = text_get(in, a, MENTION_FIELD_MAX_BYTES, false);
	ret->repeats = text_get(in, a, MENTION_FIELD_MAX_BYTES, false);
	if (!mention_has_more(ret))
		in->bad = true;
}

void mention_sentiment_get(struct wire_in *in, struct arena *a, struct mention_sentiment *ret)
{
	size_t i;

	ret->label = name_get(in, a);
	ret->score = wire_get_f64(in);
	ret->words = names_get(in, a, &ret->n_words);
	if (!ret->label || (strcmp(ret->label, "negative") != 0 && strcmp(ret->label, "neutral") != 0 &&
			    strcmp(ret->label, "positive") != 0))
		in->bad = true;
	if (!(ret->score >= -1 && ret->score <= 1) || ret->n_words > MENTION_TONE_WORDS_MAX)
		in->bad = true;
	for (i = 0; i < ret->n_words; i++)
		if (!ret->words[i] || strlen(ret->words[i]) > MENTION_TONE_WORD_MAX_BYTES)
			in->bad = true;
}

void mention_place_get(struct wire_in *in, struct mention *ret)
{
	struct mention_place *p = &ret->place;
	unsigned flags, uncounted;

	p->story = wire_get_u64(in);
	flags = wire_get_u8(in);
	uncounted = flags >> PLACE_UNCOUNTED_SHIFT;
	ret->sentiment.by_hand = flags & PLACE_BY_HAND;
	ret->sentiment.by_model = flags & PLACE_BY_MODEL;
	if (uncounted > UNCOUNTED_IGNORED || !mention_has_place(ret) ||
	    (ret->sentiment.by_model && (ret->sentiment.by_hand || !ret->sentiment.label))) {
		in->bad = true;
		return;
	}
	p->leader = flags & PLACE_LEADER;
	p->vip = flags & PLACE_VIP;
	p->uncounted = (enum uncounted)uncounted;
}

/* Of the first byte of flags, and of the second where it is there. */
static unsigned further_get(struct wire_in *in, unsigned flags, enum verified *ret)
{
	unsigned further = 0, yes = flags & PUT_VERIFIED, no = flags & PUT_UNVERIFIED;

	if (yes && no) {
		further = wire_get_u8(in);
		yes = further & PUT_FURTHER_VERIFIED;
		no = further & PUT_FURTHER_UNVERIFIED;
		if ((yes && no) || further & ~(unsigned)PUT_FURTHER_ALL || !(further & (PUT_PLACE | PUT_PRINT)))
			in->bad = true;
	}
	if (yes || no)
		*ret = yes ? VERIFIED_YES : VERIFIED_NO;
	return further;
}

void mention_get(struct wire_in *in, struct arena *a, struct mention *ret)
{
	const struct {
		const char **text;
		size_t max;
	} texts[] = {
		{&ret->source, MENTION_FIELD_MAX_BYTES},        {&ret->platform, MENTION_FIELD_MAX_BYTES},
		{&ret->kind, MENTION_FIELD_MAX_BYTES},          {&ret->guid, MENTION_FIELD_MAX_BYTES},
		{&ret->url, MENTION_FIELD_MAX_BYTES},           {&ret->title, MENTION_TEXT_MAX_BYTES},
		{&ret->text, MENTION_TEXT_MAX_BYTES},           {&ret->lang, MENTION_FIELD_MAX_BYTES},
		{&ret->country, MENTION_FIELD_MAX_BYTES},       {&ret->author.name, MENTION_FIELD_MAX_BYTES},
		{&ret->author.handle, MENTION_FIELD_MAX_BYTES}, {&ret->author.url, MENTION_FIELD_MAX_BYTES},
		{&ret->parent, MENTION_FIELD_MAX_BYTES},
	};
	const char *id = wire_get_raw(in, MENTION_ID_BYTES);
	unsigned flags, further;
	size_t i;

	mention_init(ret);
	if (id)
		memcpy(ret->id, id, MENTION_ID_BYTES);
	for (i = 0; i < ARRAY_LEN(texts); i++)
		*texts[i].text = text_get(in, a, texts[i].max, false);
	ret->author.followers = mention_count_get(in);
	ret->published_ms = time_get(in);
	ret->seen_ms = time_get(in);
	ret->counts.likes = mention_count_get(in);
	ret->counts.shares = mention_count_get(in);
	ret->counts.replies = mention_count_get(in);
	ret->counts.views = mention_count_get(in);
	ret->rating = wire_get_f64(in);
	if (isinf(ret->rating))
		in->bad = true;
	flags = wire_get_u8(in);
	ret->own = flags & PUT_OWN;
	ret->date_suspect = flags & PUT_SUSPECT;
	ret->baseline = flags & PUT_BASELINE;
	ret->cut = flags & PUT_CUT;
	further = further_get(in, flags, &ret->author.verified);
	mention_hits_get(in, a, ret);
	mention_intents_get(in, a, ret);
	mention_limited_get(in, a, ret);
	if (flags & PUT_MORE)
		mention_more_get(in, a, ret);
	if (flags & PUT_SENTIMENT)
		mention_sentiment_get(in, a, &ret->sentiment);
	if (further & PUT_PLACE)
		mention_place_get(in, ret);
	if (further & PUT_PRINT)
		ret->print = print_get(in, a);
}
