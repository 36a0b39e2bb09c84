#include "parse/feed_item.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "mention/job.h"
#include "parse/date.h"
#include "parse/feed_text.h"
#include "parse/html.h"
#include "parse/mojibake.h"
#include "parse/url.h"

void collector_init(struct collector *c, const struct job_feed *job, struct arena *a)
{
	*c = (struct collector){.job = job, .a = a};
	buf_init(&c->markup, MENTION_TEXT_MAX_BYTES);
	buf_init(&c->text, MENTION_TEXT_MAX_BYTES);
}

void collector_done(struct collector *c)
{
	free(c->items);
	buf_done(&c->markup);
	buf_done(&c->text);
}

void raw_item_init(struct raw_item *raw)
{
	*raw = (struct raw_item){
		.published_ms = TIME_NONE,
		.updated_ms = TIME_NONE,
		.created_ms = TIME_NONE,
		.followers = COUNT_NONE,
		.counts = {COUNT_NONE, COUNT_NONE, COUNT_NONE, COUNT_NONE},
		.rating = NAN,
	};
}

/* HTML to text; once more where the markup itself had been escaped twice: no tag in the source, tags in its text. */
static void clean_html(struct collector *c, const struct raw_text *raw)
{
	html_to_text(raw->s, raw->len, &c->text);
	if (memchr(raw->s, '<', raw->len) || !text_looks_like_html(buf_str(&c->text), c->text.len))
		return;
	buf_reset(&c->markup);
	html_to_text(buf_str(&c->text), c->text.len, &c->markup);
	buf_reset(&c->text);
	buf_put(&c->text, buf_str(&c->markup), c->markup.len);
}

const char *text_clean(struct collector *c, const struct raw_text *raw, size_t max_bytes, bool *ret_cut)
{
	const struct buf *clean = &c->markup;
	bool cut = raw->cut;
	size_t len;

	if (!raw->s || raw->len == 0)
		return NULL;
	buf_reset(&c->text);
	c->text.max = max_bytes;
	if (raw->kind == TEXT_HTML || (raw->kind == TEXT_GUESS && text_looks_like_html(raw->s, raw->len)))
		clean_html(c, raw);
	else if (raw->kind == TEXT_MARKUP)
		html_to_text(raw->s, raw->len, &c->text);
	else
		text_fold(raw->s, raw->len, &c->text);
	cut = cut || c->text.full;
	buf_reset(&c->markup);
	if (mojibake_repair(buf_str(&c->text), c->text.len, &c->markup)) {
		buf_reset(&c->text);
		text_fold(buf_str(&c->markup), c->markup.len, &c->text);
		clean = &c->text;
	}
	*ret_cut = *ret_cut || cut;
	len = utf8_cut(buf_str(clean), clean->len, max_bytes);
	return len ? arena_memdup0(c->a, buf_str(clean), len) : NULL;
}

static const char *clean_line(struct collector *c, const char *s)
{
	struct raw_text raw = {.s = s, .len = s ? strlen(s) : 0, .kind = TEXT_GUESS};
	bool cut = false;
	char *line;
	const char *clean = text_clean(c, &raw, MENTION_FIELD_MAX_BYTES, &cut);

	if (!clean)
		return NULL;
	line = arena_strdup(c->a, clean);
	for (char *p = line; *p; p++) {
		if (*p == '\n')
			*p = ' ';
	}
	return line;
}

static bool is_mail(char ch)
{
	return isalnum((unsigned char)ch) || (ch && strchr(".-_+%", ch)) || (unsigned char)ch >= 0x80;
}

/* Takes what was left around the mail away: brackets, "mailto:", space. */
static const char *name_trim(struct arena *a, const char *s, size_t len)
{
	while (len > 0 && strchr(" \t\n\r()<>[],;:\"", s[0])) {
		s++;
		len--;
	}
	while (len > 0 && strchr(" \t\n\r()<>[],;:\"", s[len - 1]))
		len--;
	return len ? arena_memdup0(a, s, len) : NULL;
}

void author_split(struct arena *a, const char *s, struct raw_author *ret)
{
	const char *at = strchr(s, '@'), *from = at, *to = at ? at + 1 : NULL, *before, *behind;

	while (at && from > s && is_mail(from[-1]))
		from--;
	while (at && is_mail(*to))
		to++;
	if (!at || from == at || !memchr(at, '.', (size_t)(to - at))) {
		ret->name = *s ? arena_strdup(a, s) : NULL;
		return;
	}
	while (to > at && to[-1] == '.')
		to--;
	ret->email = arena_memdup0(a, from, (size_t)(to - from));
	if (from - s >= 7 && strncasecmp(from - 7, "mailto:", 7) == 0)
		from -= 7;
	before = name_trim(a, s, (size_t)(from - s));
	behind = name_trim(a, to, strlen(to));
	ret->name = before ? before : behind;
}

const char *lang_primary(struct arena *a, const char *tag)
{
	char *lang;
	size_t len = 0, i;

	while (tag && isalpha((unsigned char)tag[len]))
		len++;
	if (len < 2 || len > 3 || (tag[len] != '\0' && tag[len] != '-' && tag[len] != '_'))
		return NULL;
	lang = arena_memdup0(a, tag, len);
	for (i = 0; i < len; i++)
		lang[i] = (char)tolower((unsigned char)lang[i]);
	return strcmp(lang, "und") == 0 ? NULL : lang;
}

/* A fact's text; what is longer than its bound is cut, and for addresses, which are then none, left out. */
static const char *field(struct collector *c, const char *s)
{
	size_t len = s ? strlen(s) : 0;

	if (len <= MENTION_FIELD_MAX_BYTES)
		return len ? s : NULL;
	return arena_memdup0(c->a, s, utf8_cut(s, len, MENTION_FIELD_MAX_BYTES));
}

static const char *address(const char *url)
{
	return url && strlen(url) <= MENTION_FIELD_MAX_BYTES && url_is_http(url) ? url : NULL;
}

static void set_author(struct collector *c, const struct raw_author *raw, struct mention_author *ret)
{
	ret->name = clean_line(c, raw->name ? raw->name : raw->email);
	ret->url = address(raw->uri);
	if (!ret->handle && ret->name && ret->name[0] == '@' && ret->name[1] && !strchr(ret->name, ' '))
		ret->handle = ret->name + 1;
}

static void set_texts(struct collector *c, const struct raw_item *raw, struct mention *m)
{
	const struct raw_text *const texts[] = {&raw->content, &raw->second, &raw->summary, &raw->caption};
	char *title;
	size_t i;

	m->title = text_clean(c, &raw->title, MENTION_TEXT_MAX_BYTES, &m->cut);
	if (m->title && strchr(m->title, '\n')) {
		m->title = title = arena_strdup(c->a, m->title);
		for (; *title; title++) {
			if (*title == '\n')
				*title = ' ';
		}
	}
	for (i = 0; i < ARRAY_LEN(texts) && !m->text; i++)
		m->text = text_clean(c, texts[i], MENTION_TEXT_MAX_BYTES, &m->cut);
}

/* "Suben los precios - El Diario" without the last words, where El Diario is who wrote it. */
static void drop_outlet(struct collector *c, struct mention *m)
{
	static const char dash[] = " - ";
	size_t title = m->title ? strlen(m->title) : 0, name = m->author.name ? strlen(m->author.name) : 0;
	size_t tail = name + strlen(dash);

	if (name && title > tail && strcmp(m->title + title - name, m->author.name) == 0 &&
	    strncmp(m->title + title - tail, dash, strlen(dash)) == 0)
		m->title = arena_memdup0(c->a, m->title, title - tail);
}

/* The article's own address in a link that leads over a searcher's page; NULL: there is none. */
static const char *unwrapped(struct collector *c, const char *link)
{
	cleanup(buf_done) struct buf target = BUF_INIT(URL_MAX_BYTES);

	if (!link || !c->job->unwrap || url_parameter(link, c->job->unwrap, &target) != 0 ||
	    !url_is_http(buf_str(&target)))
		return NULL;
	return arena_strdup(c->a, buf_str(&target));
}

static void set_identity(const struct raw_item *raw, struct feed_item *it)
{
	it->identity = (struct identity_item){
		.guid = raw->guid,
		.link = raw->link_original ? raw->link_original : raw->link,
		.empty = !it->m.title && !it->m.text,
		.given = raw->given,
		.published_ms = it->m.published_ms,
		.key.content = mention_content_hash(&it->m),
		.key.counts = mention_counts_hash(&it->m.counts),
	};
	if (it->identity.link && !url_is_http(it->identity.link))
		it->identity.link = NULL;
	if (raw->given)
		memcpy(it->identity.key.id, raw->id, MENTION_ID_BYTES);
}

void collector_add(struct collector *c, const struct raw_item *raw)
{
	struct feed_item *it;
	struct mention *m;
	int64_t published = raw->published_ms;
	const char *own;
	bool outlet;

	if (c->n == ANSWER_ITEMS_MAX || arena_full(c->a)) {
		c->left++;
		return;
	}
	c->items = GROW(c->items, c->n, &c->cap);
	it = &c->items[c->n];
	m = &it->m;
	mention_init(m);
	m->source = c->job->source;
	m->platform = c->job->platform;
	m->seen_ms = c->job->seen_ms;
	m->baseline = c->job->first;
	m->kind = raw->kind ? field(c, raw->kind) : "article";
	m->guid = field(c, raw->guid);
	own = unwrapped(c, raw->link);
	m->url = address(own ? own : raw->link);
	set_texts(c, raw, m);
	if (!m->title && !m->text && !m->guid && !m->url)
		return;
	m->lang = lang_primary(c->a, raw->lang);
	m->country = field(c, raw->country);
	m->version = field(c, raw->version);
	m->parent = field(c, raw->parent);
	m->repeats = field(c, raw->repeats);
	m->author.handle = field(c, raw->handle);
	m->author.followers = raw->followers;
	m->author.verified = raw->verified;
	outlet = c->job->outlet && raw->outlet.name;
	set_author(c, outlet ? &raw->outlet : &raw->author, &m->author);
	if (outlet)
		drop_outlet(c, m);
	if (published == TIME_NONE)
		published = raw->updated_ms != TIME_NONE ? raw->updated_ms : raw->created_ms;
	m->published_ms = date_judge(published, m->seen_ms, &m->date_suspect);
	m->counts = raw->counts;
	m->rating = raw->rating;
	set_identity(raw, it);
	if (own) { /* the searcher's id is of its search: the article has its own */
		it->identity.guid = NULL;
		it->identity.link = own;
	}
	c->n++;
}

static void inherit(struct collector *c)
{
	const char *lang = lang_primary(c->a, c->facts.lang);
	struct mention_author author = {.followers = COUNT_NONE};
	size_t i;

	set_author(c, &c->author, &author);
	for (i = 0; i < c->n; i++) {
		struct mention *m = &c->items[i].m;

		if (!m->lang)
			m->lang = lang ? lang : c->job->lang;
		if (!m->author.name && !m->author.handle && !m->author.url)
			m->author = author;
	}
}

static void put_item(struct feed_item *it, struct answer *ret)
{
	struct item_mark *mark = &ret->items[ret->n_items++];

	mark->key = it->identity.key;
	mark->state = it->identity.state;
	mark->counts = it->m.counts;
	memcpy(mark->old, it->identity.old, sizeof(mark->old));
	memcpy(it->m.id, it->identity.key.id, MENTION_ID_BYTES);
	if (mark->state == ITEM_NEW || mark->state == ITEM_EDITED)
		ret->mentions[ret->n_mentions++] = it->m;
}

void collector_answer(struct collector *c, struct answer *ret)
{
	cleanup(freep) struct identity_item *ids = xcalloc(c->n + 1, sizeof(*ids));
	size_t i;

	inherit(c);
	for (i = 0; i < c->n; i++)
		ids[i] = c->items[i].identity;
	ret->identity = identity_assign(c->job, ids, c->n);
	ret->identity_changed = ret->identity != c->job->identity;
	ret->feed = c->facts;
	ret->feed.lang = field(c, c->facts.lang);
	ret->feed.link = address(c->facts.link);
	ret->feed.hub = address(c->facts.hub);
	ret->items_left = c->left;
	ret->items = ARENA_ARRAY(c->a, struct item_mark, c->n);
	ret->mentions = ARENA_ARRAY(c->a, struct mention, c->n);
	for (i = 0; i < c->n; i++) {
		c->items[i].identity = ids[i];
		if (!ids[i].twin)
			put_item(&c->items[i], ret);
	}
}
